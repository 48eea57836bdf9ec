"""Verdicts: what a diagnosis found, in fixed words that follow from intervals and a stated severity."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple, TypeAlias

from modecollapse.region import RegionBracket
from modecollapse.samples.copies import CopyTest

Word: TypeAlias = Literal[
    "collapse",
    "modes missing",
    "spurious mass",
    "copies of training data",
    "uneven",
    "laws differ",
    "no difference certain",
]

USUAL_SEVERITY = 0.05
"""The real mass δ₀ that a set must have for its loss to be called collapse."""

TENTH = 0.1
"""Share of its real mass that a set may keep and still count as lost: ε₀ = δ₀/10."""

NAMED = 3
"""Modes that a headline names, at most."""


class Verdict(NamedTuple):
    """What a diagnosis found.

    Attributes
    ----------
    words : tuple of str
        All that hold, worst first, of the words below.
    severity : float
        δ₀ > 0, which fixes what is called collapse.
    excluded : bool
        Whether (δ₀/10, δ₀)-collapse is excluded over these modes, or in this score.
    p_value : float or None
        That of the permutation test of equal laws, which holds at its own level. None where there is no such
        test: for weighted samples, and for groups with a known target.
    by_test_alone : bool
        Whether it is that test alone, and not the confidence band, that shows a difference.
    missing, spurious : tuple of str
        Modes that certainly have less than a tenth of their share of the generated mass, and modes that have
        less than a tenth of their generated share of the real mass.
    copies : CopyTest or None
        The test for copies of training data, if it was made. It holds at its own level.

    Notes
    -----
    ===========================  ========================================================================
    word                         it holds where
    ===========================  ========================================================================
    ``collapse``                 the inner region shows (δ₀/10, δ₀)-collapse
    ``spurious mass``            the inner region shows (δ₀/10, δ₀)-augmentation
    ``modes missing``            `missing` is not empty
    ``copies of training data``  the test `copies` rejects at its level
    ``laws differ``              the inner region has an area, or the permutation test rejects at the level
    ``uneven``                   the laws differ, with no collapse, spurious mass or missing mode
    ``no difference certain``    the laws are not certain to differ
    ===========================  ========================================================================
    """

    words: tuple[Word, ...]
    severity: float
    excluded: bool
    p_value: float | None
    by_test_alone: bool
    missing: tuple[str, ...]
    spurious: tuple[str, ...]
    copies: CopyTest | None = None

    @property
    def point(self) -> tuple[float, float]:
        """The point (ε₀, δ₀) = (δ₀/10, δ₀)."""
        return TENTH * self.severity, self.severity

    @property
    def headline(self) -> str:
        """The verdict in one line.

        Examples
        --------
        >>> Verdict(("collapse", "laws differ"), 0.05, False, 0.001, False, (), ()).headline
        'Collapse is certain at (ε, δ) = (0.005, 0.05)'
        """
        eps, delta = self.point
        point = f"(ε, δ) = ({eps:g}, {delta:g})"
        parts = []
        if "collapse" in self.words:
            parts.append(f"collapse is certain at {point}")
        if "modes missing" in self.words:
            parts.append(f"{_are(self.missing)} missing")
        if "spurious mass" in self.words:
            parts.append(f"spurious mass is certain at {point}")
        if self.copies:
            parts.append(_copied(self.copies))
        if "uneven" in self.words:
            parts.append(f"the laws differ, unevenly: no collapse at {point} is certain")
        if "no difference certain" in self.words:
            parts.append("no difference is certain")
        sentence = "; ".join(parts)
        return sentence[0].upper() + sentence[1:]


def verdict(
    band: RegionBracket,
    p_value: float | None,
    level: float,
    severity: float,
    missing: tuple[str, ...],
    spurious: tuple[str, ...],
    copies: CopyTest | None = None,
) -> Verdict:
    """The verdict that a confidence band, a permutation test and tests of modes lead to.

    Parameters
    ----------
    band : RegionBracket
        The confidence band.
    p_value : float or None
        Of the permutation test of equal laws.
    level : float
        The confidence level of all of them.
    severity : float
        δ₀ in (0, 1].
    missing, spurious : tuple of str
        Names of modes that the tests name.
    copies : CopyTest, optional
        The test for copies of training data.

    Examples
    --------
    >>> from modecollapse import Region
    >>> inner, outer = Region.from_pmfs([0.1, 0.9], [0, 1]), Region.from_pmfs([0.2, 0.8], [0, 1])
    >>> verdict(RegionBracket(inner, outer), 0.001, 0.95, 0.05, (), ()).words
    ('collapse', 'laws differ')
    """
    lost = (TENTH * severity, severity)
    certain = band.inner.total_variation > 0
    found: list[Word] = []
    if band.inner.has_collapse(*lost):
        found.append("collapse")
    if missing:
        found.append("modes missing")
    if band.inner.has_augmentation(*lost):
        found.append("spurious mass")
    certain = certain or bool(missing or spurious)
    differ = certain or (p_value is not None and p_value <= 1 - level)
    described = bool(found)
    if copies:
        found.append("copies of training data")
    if not differ:
        found.append("no difference certain")
    else:
        found += ["laws differ"] if described else ["uneven", "laws differ"]
    return Verdict(
        tuple(found),
        severity,
        not band.outer.has_collapse(*lost),
        p_value,
        differ and not certain,
        missing,
        spurious,
        copies,
    )


def _copied(copies: CopyTest) -> str:
    """The finding of a test that rejects, with its share rounded down."""
    at_least = math.floor(1000 * copies.share) / 10
    if at_least == 0:
        return "some generated samples are copies of training data"
    return f"at least {at_least:g}% of the generated samples are copies of training data"


def _are(names: tuple[str, ...]) -> str:
    """The first few names, and how many there are."""
    quoted = ", ".join(f"“{name}”" for name in names[:NAMED])
    if len(names) == 1:
        return f"mode {quoted} is"
    more = ", …" if len(names) > NAMED else ""
    return f"{len(names)} modes ({quoted}{more}) are"
