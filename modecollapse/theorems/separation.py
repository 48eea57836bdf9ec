"""The packing degrees at which the packed distance alone tells one class of pairs from another.

H1 and H0 are *separated* at m where every pair of H1 has a larger d_TV(P^m, Q^m) than every pair of H0. A
finite cover of both classes decides that: regions that lie below all pairs of H1, and regions that lie above
all pairs of H0. The same covers compare the Chernoff informations, and these decide all large m
(docs/theory.md §9).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeAlias

import numpy as np

from modecollapse import notebook, validation
from modecollapse.arrays import Degree, Degrees, FloatArray, IntArray
from modecollapse.brackets import Bracket
from modecollapse.errors import InfeasibleError, PrecisionError
from modecollapse.packing import packed_tv
from modecollapse.packing.exponents import exponents
from modecollapse.packing.measures import PackedDivergence
from modecollapse.svg import degrees_svg
from modecollapse.theorems import boundaries
from modecollapse.theorems.class_covers import CoverAbove, CoverBelow
from modecollapse.theorems.classes import SPELLING, PairClass
from modecollapse.theorems.covers import MOST_ROUNDS, Cover, End, Measure, is_greater
from modecollapse.theorems.ends import greatest_end, least_end
from modecollapse.theorems.extremum import ROUNDING
from modecollapse.values import Value

EXPONENT_ROUNDING = 1e-14
"""Allowance for the rounding of Chernoff informations, relative for values above 1."""

EXPONENT_WIDTH = 0.01
"""Width, relative to itself, to which a Chernoff information is bracketed."""

GAPS = (1e-5, 1e-7, None)
"""Certified gaps of the ends of the ranges that are tried where covers do not decide; None: `band`'s own."""

ROUNDED_UP = 1e-9
"""A degree computed from the bounds of overlaps is raised by this share, for their rounding."""

LONGEST_CHECK = 100
"""If only the degrees below this one are left, each is decided to say that none separates."""

Fact: TypeAlias = list[int] | tuple[float, ...] | bool | int | str | None
"""What `Separation.to_dict` holds."""

PROBES = 9
"""Tangent points of H1 from which a pair of H0 that dominates is sought, for each interval of them."""


@dataclass(frozen=True, eq=False, repr=False)
class Separation(Value):
    """The packing degrees that separate H1 from H0; iterating over it goes through them.

    A notebook shows the degrees on a line. `modecollapse.plotting.draw_band` draws the ranges that are
    compared, `band(h1, m)` and `band(h0, m)`.

    Attributes
    ----------
    m : ndarray of int
        The degrees asked about, flattened.
    degrees : ndarray of int
        Those of them that separate: the least distance in H1 is certainly greater than the greatest in H0.
    undecided : ndarray of int
        Those at which the two ends are as close as rounding or the searches' gaps, so that nothing is said.
    least_exponent : Bracket
        Certain bounds on the least Chernoff information in H1.
    greatest_exponent : Bracket
        Certain bounds on the greatest Chernoff information in H0.
    always : bool or None
        Whether all large m separate; None if the Chernoff informations do not decide it.
    from_degree : int or None
        The verdict on large m (`always` or `finitely`) certainly holds from this m on; None if none is known.
    never : bool or None
        True if certainly no m separates, False if some m does, None if neither is known.
    why : str or None
        If no degree asked about separates: why, in words with the numbers.
    """

    m: IntArray
    degrees: IntArray
    undecided: IntArray
    least_exponent: Bracket
    greatest_exponent: Bracket
    always: bool | None
    from_degree: int | None
    never: bool | None
    why: str | None

    @property
    def finitely(self) -> bool | None:
        """Whether at most finitely many m separate; None if the Chernoff informations do not decide it."""
        return None if self.always is None else not self.always

    @property
    def verdict(self) -> str:
        """What is known about all large m, in words."""
        if self.always:
            return f"all m ≥ {self.from_degree} separate"
        if self.finitely:
            return "no m separates" if self.never else f"no m ≥ {self.from_degree} separates"
        return "it is not known what large m do"

    def __iter__(self) -> Iterator[int]:
        return iter(self.tolist())

    def __len__(self) -> int:
        return len(self.degrees)

    def __contains__(self, m: object) -> bool:
        return m in self.tolist()

    def tolist(self) -> list[int]:
        """The separating degrees as integers."""
        listed: list[int] = self.degrees.tolist()
        return listed

    def to_dict(self) -> dict[str, Fact]:
        """All that is known, as lists, numbers and words."""
        return {
            "m": self.m.tolist(),
            "separating": self.tolist(),
            "undecided": self.undecided.tolist(),
            "always": self.always,
            "finitely": self.finitely,
            "never": self.never,
            "from_degree": self.from_degree,
            "least_exponent": tuple(self.least_exponent),
            "greatest_exponent": tuple(self.greatest_exponent),
            "why": self.why,
        }

    def _repr_html_(self) -> str:
        """The degrees, also as a picture, and what is known besides, for notebooks."""
        exponents = (self.least_exponent, self.greatest_exponent)
        of_h1, of_h0 = (f"{exponent.lower:.6g} to {exponent.upper:.6g}" for exponent in exponents)
        rows = [
            ("separating m", _runs(self.degrees) or "none"),
            ("undecided m", _runs(self.undecided) or "none"),
            ("large m", self.verdict),
            ("least Chernoff information in H1", of_h1),
            ("greatest Chernoff information in H0", of_h0),
        ]
        picture = degrees_svg(self.m, self.degrees, self.undecided)
        return notebook.table(rows) + picture + (notebook.words(self.why) if self.why else "")

    def __repr__(self) -> str:
        return f"<Separation at {len(self)} of {len(self.m)} degrees; {self.verdict}>"


def _runs(degrees: IntArray) -> str:
    """Degrees as text, runs of them by their ends.

    Examples
    --------
    >>> _runs(np.array([4, 5, 6, 9]))
    '4–6, 9'
    """
    rising = np.unique(degrees)
    runs = np.split(rising, np.flatnonzero(np.diff(rising) > 1) + 1) if rising.size else []
    return ", ".join(f"{run[0]}–{run[-1]}" if len(run) > 1 else f"{run[0]}" for run in runs)


def separating_degrees(h1: PairClass, h0: PairClass, m: Degree | Degrees) -> Separation:
    """The packing degrees m at which every pair of H1 is farther apart than every pair of H0.

    Parameters
    ----------
    h1, h0 : PairClass
        The two classes, such as the pairs with a mode collapse and those without.
    m : int or array_like of int
        Packing degrees ≥ 1.

    Returns
    -------
    Separation
        The separating degrees among the given ones, and whether all large m separate, or finitely many, or
        none. Each of these is true, false or unknown: nothing is said that is not certain.

    Raises
    ------
    InfeasibleError
        If a class is empty; the message says which, and which of its conditions exclude each other.
    ValueError
        If m is no packing degree, or too large for the regions of the classes.

    Examples
    --------
    >>> import modecollapse as mc
    >>> h1 = mc.PairClass(tau=0.11, collapse=(0.02, 0.1))
    >>> h0 = mc.PairClass(tau=0.11, no_collapse=(0.06, 0.1), no_augmentation=(0.06, 0.1))
    >>> found = mc.separating_degrees(h1, h0, range(1, 7))
    >>> found.tolist(), found.always
    ([4, 5, 6], False)
    >>> h0 = mc.PairClass(tau=0.11, no_collapse=(0.05, 0.1), no_augmentation=(0.05, 0.1))
    >>> mc.separating_degrees(h1, h0, range(1, 7)).never
    True
    """
    degrees = validation.degrees(m).ravel()
    for name, pairs in (("H1", h1), ("H0", h0)):
        validation.instance(name, pairs, PairClass, SPELLING)
        if pairs.why_empty is not None:
            raise InfeasibleError(f"{name} is empty: {pairs.why_empty}")
    return _Comparison(h1, h0).over(degrees)


# -- the two classes side by side --------------------------------------------------------------------


class _Comparison:
    """Two classes, and what is known about them at all large degrees.

    Attributes
    ----------
    least, greatest : Bracket
        The least Chernoff information in H1, and the greatest in H0.
    always : bool or None
        Whether all large m separate.
    from_degree : int or None
        The m from which on that is certain.
    nearest, farthest : ndarray, shape (n, 5)
        Boundaries of the limits of members of H1 and of H0 that decided the last degree.
    """

    def __init__(self, h1: PairClass, h0: PairClass) -> None:
        self.h1, self.h0 = h1, h0
        self.below, self.above = CoverBelow(h1), CoverAbove(h0)
        self.is_dominated = _some_pair_dominates(h1, h0)
        lowest, highest = self._exponents()
        self.nearest, self.farthest = lowest.limit, highest.limit
        self.least = _rounded_outwards(lowest.certain, lowest.value)
        self.greatest = _rounded_outwards(highest.value, highest.certain)
        self.always = self._always()
        self.from_degree = self._from_degree()

    def over(self, degrees: IntArray) -> Separation:
        """The answer for some degrees."""
        verdicts = {m: self.separates(m) for m in np.unique(degrees).tolist()}
        found = Separation(
            degrees,
            np.array([m for m in degrees.tolist() if verdicts[m]], dtype=np.int64),
            np.array([m for m in degrees.tolist() if verdicts[m] is None], dtype=np.int64),
            self.least,
            self.greatest,
            self.always,
            self.from_degree,
            never=None,
            why=None,
        )
        if len(found):
            return replace(found, never=False)
        distances = self._distances(max(verdicts))
        found = replace(found, never=self._never(verdicts))
        return replace(found, why=f"{distances}; {found.verdict}, since {self._comparison()}")

    def separates(self, m: int) -> bool | None:
        """Whether m separates; None if the ends of the ranges are too close to say."""
        if self.from_degree is not None and m >= self.from_degree:
            return self.always
        if m == 1 and self.h1.slope == self.h0.slope == 1:
            return self.h1.heights[0] > self.h0.heights[1]
        lower, upper = End(self.below, _distance(m), 1), End(self.above, _distance(m), -1)
        lower.offer(self.nearest[None])
        upper.offer(self.farthest[None])
        verdict = is_greater(lower, upper, 2 * ROUNDING)
        self.nearest, self.farthest = lower.limit, upper.limit
        return self._by_searches(m) if verdict is None else verdict

    def _by_searches(self, m: int) -> bool | None:
        """The same from the ends of the ranges, which bounds of second order close in."""
        divergence = PackedDivergence("tv", m)
        for gap in GAPS:
            try:
                lower, upper = least_end(self.h1, divergence, gap), greatest_end(self.h0, divergence, gap)
            except PrecisionError:
                return None
            self.nearest, self.farthest = (boundaries.of_region(end.region) for end in (lower, upper))
            if lower.value - lower.gap > upper.value + upper.gap:
                return True
            if lower.value < upper.value - 2 * ROUNDING:
                return False
        return None

    # -- all large degrees ---------------------------------------------------------------------------

    def _exponents(self) -> tuple[End, End]:
        """The least Chernoff information in H1, and the greatest in H0."""
        lowest, highest = End(self.below, _rate, 1), End(self.above, _rate, -1)
        for end in (lowest, highest):
            end.close_in(relative=EXPONENT_WIDTH)
        if lowest.certain <= highest.certain and lowest.value >= highest.value:
            lowest, highest = End(self.below, _rate, 1), End(self.above, _rate, -1)
            is_greater(lowest, highest, 2 * EXPONENT_ROUNDING)
        return lowest, highest

    def _always(self) -> bool | None:
        if self.is_dominated or self.least.upper < self.greatest.lower:
            return False
        return True if self.least.lower > self.greatest.upper else None

    def _from_degree(self) -> int | None:
        """An m from which on the verdict on large m holds.

        O_m ≤ exp(−mC) for the farther pairs, and O_m ≥ exp(−mC′ − σ√m) for the nearer ones. So
        √m ≥ σ/(C−C′) is enough.
        """
        if self.is_dominated or self.always is None:
            return 1 if self.is_dominated else None
        if self.always:
            rate = self.least.lower
            nearer = _cover(self.above, _rate, (rate + self.greatest.upper) / 2)
        else:
            rate, nearer = self.greatest.lower, [self.nearest[None]]
        if nearer is None:
            return None
        bounds = [exponents(*boundaries.letters(regions)) for regions in nearer]
        root = max(float((near.delay / (rate - near.rate)).max()) for near in bounds)
        return max(1, math.ceil(root**2 * (1 + ROUNDED_UP)))

    def _never(self, verdicts: dict[int, bool | None]) -> bool | None:
        """Whether no m separates; where few degrees are left, each of them is decided."""
        if self.is_dominated or self.always:
            return self.is_dominated
        if self.from_degree is None or self.from_degree > LONGEST_CHECK:
            return None
        for m in range(1, self.from_degree):
            try:
                verdict = verdicts[m] if m in verdicts else self.separates(m)
            except ValueError:  # more types than can be enumerated, at a degree that nobody asked about
                return None
            if verdict is not False:
                return False if verdict else None
        return True

    def _distances(self, m: int) -> str:
        """Two distances that show that m does not separate, in words."""
        if m == 1 and self.h1.slope == self.h0.slope == 1:
            h1, h0 = self.h1.heights[0], self.h0.heights[1]
        else:
            h1, h0 = (packed_tv(boundaries.region(limit), m) for limit in (self.nearest, self.farthest))
        return f"at m = {m} a pair of H1 has the distance {h1:.6g} and a pair of H0 the distance {h0:.6g}"

    def _comparison(self) -> str:
        """What decides about large m, in words."""
        if self.is_dominated:
            return "the region of a pair of H0 contains that of a pair of H1"
        if self.always:
            ends = f"at least {self.least.lower:.4g}", f"at most {self.greatest.upper:.4g}"
        elif self.always is False:
            ends = f"at most {self.least.upper:.4g}", f"at least {self.greatest.lower:.4g}"
        else:
            ends = (
                f"{self.least.lower:.8g} to {self.least.upper:.8g}",
                f"{self.greatest.lower:.8g} to {self.greatest.upper:.8g}",
            )
        return f"the least Chernoff information in H1 is {ends[0]}, the greatest in H0 {ends[1]}"


def _rounded_outwards(lower: float, upper: float) -> Bracket:
    """A bracket of Chernoff informations that allows for their rounding."""
    rounding = EXPONENT_ROUNDING * max(1.0, lower) if lower < math.inf else 0.0
    return Bracket(max(lower - rounding, 0.0), upper + rounding)


def _some_pair_dominates(h1: PairClass, h0: PairClass) -> bool:
    """Whether the region of a pair of H0 contains that of a pair of H1, or of a limit of such pairs."""
    if h1.required_touches:
        least = [h1.required]
    else:
        x = np.concatenate([np.linspace(i.low, i.high, PROBES) for i in h1.tangents])
        least = list(h1.least_regions(x))
    regions = map(boundaries.region, least)
    above = (region if h0.contains is None else region | h0.contains for region in regions)
    return any(not replace(h0, contains=region).is_empty for region in above)


def _cover(cover: Cover, measure: Measure, threshold: float) -> list[FloatArray] | None:
    """Regions, all of a measure below a threshold, in which all members lie; None if they are too many."""
    end, regions = End(cover, measure, -1), []
    for _ in range(MOST_ROUNDS):
        end.look()
        if not end.is_open:
            break
        dropped = end.refine(threshold)
        if len(dropped.low):
            regions.append(cover.bounds(dropped))
    return None if len(end.cells.low) else regions


def _distance(m: int) -> Measure:
    divergence = PackedDivergence("tv", m)
    return lambda regions: divergence.values(*boundaries.letters(regions))


def _rate(regions: FloatArray) -> FloatArray:
    return exponents(*boundaries.letters(regions)).rate
