"""Diagnosis of a generator from samples: its collapse, the modes at fault, and the effect of packing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import notebook, validation
from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket, Estimate
from modecollapse.curves.precision_recall import f_score
from modecollapse.layout import aligned
from modecollapse.region import Region, RegionBracket
from modecollapse.samples.copies import CopyTest
from modecollapse.samples.counts import OFF_MODE, CountEvidence, ModeCounts, TargetCounts
from modecollapse.samples.evidence import Evidence, refuse_others
from modecollapse.samples.laws import Unit, View
from modecollapse.samples.packed import PackedReport, packed_reports, packed_value
from modecollapse.samples.unit_counts import UnitCounts
from modecollapse.samples.verdicts import USUAL_SEVERITY, Verdict, verdict
from modecollapse.svg import bracket_svg
from modecollapse.values import Value

SHOWN_MODES = 6
"""Greatest number of modes that a notebook shows."""

PRINTED_MODES = 10
"""Greatest number of modes that are printed. `Diagnosis.modes` has all."""

USUAL_EPS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""The ε at which the (ε,δ) curve is evaluated by default."""

RECALL_WEIGHT = 8.0
"""The weight of recall in the F-score that is called recall; its inverse makes precision."""

UPPER_ENDS: dict[View, str] = {
    "modes": "The laws may differ by more than upper ends say: those are about the modes only.",
    "score": "The laws may differ by more than upper ends say: those are about the score only.",
    "likelihood ratio": "Both ends are about the laws themselves, for the likelihood ratio hides nothing.",
}
"""The meaning of upper ends."""

Plain: TypeAlias = "float | int | str | bool | list[Plain] | dict[str, Plain] | None"
"""Values that JSON can represent."""


class CollapsePoint(NamedTuple):
    """The greatest δ with (ε,δ)-mode collapse, at one ε.

    Attributes
    ----------
    eps : float
        ε.
    delta : float
        δ of the plug-in region.
    interval : Bracket
        Confidence interval of δ.
    """

    eps: float
    delta: float
    interval: Bracket


class ModeReport(NamedTuple):
    """One mode: its shares of the samples, their simultaneous intervals, and the ratio generated/real.

    Attributes
    ----------
    name : str
        Name of the mode.
    real_count : int or None
        Number of real samples in it; None for a known target.
    generated_count : int
        Number of generated samples in it.
    real, generated : Bracket
        Confidence intervals of its mass under P, and of its mass under Q.
    ratio : float
        Generated share over real share. It is NaN for a mode seen in neither sample, and infinite for one
        seen in generated samples only.
    ratio_interval : Bracket
        Confidence interval of the ratio of masses. Its upper end is infinite where the real mass may be 0.
    is_missing : bool
        Whether its generated mass is certainly less than a tenth of its real mass.
    is_spurious : bool
        Whether its real mass is certainly less than a tenth of its generated mass.
    """

    name: str
    real_count: int | None
    generated_count: int
    real: Bracket
    generated: Bracket
    ratio: float
    ratio_interval: Bracket
    is_missing: bool
    is_spurious: bool

    @property
    def is_depleted(self) -> bool:
        """Whether its mass is smaller under Q than under P, with confidence."""
        return self.ratio_interval.upper < 1

    @property
    def word(self) -> str:
        """ "missing", "spurious", "depleted", or nothing."""
        if self.is_missing:
            return "missing"
        if self.is_spurious:
            return "spurious"
        return "depleted" if self.is_depleted else ""


@dataclass(frozen=True, eq=False)
class Diagnosis(Value):
    """Result of `diagnose`. All intervals and the confidence band hold together with probability ≥ `level`.

    `modecollapse.plotting.draw_region` draws its `region` and its `confidence_band`, `draw_packed_tv` packs.

    Attributes
    ----------
    sizes : (int or None, int)
        Numbers of real and of generated samples, or groups; None for a known target.
    units : (str, str)
        What was drawn independently of each law: "samples", "weighted samples" or "groups".
    level : float
        The confidence level.
    seed : int
        Seed of the division of the samples into folds, and of permutations.
    view : {"modes", "score", "likelihood ratio"}
        What the samples were seen through. Upper ends are about the modes, or the score, alone; through the
        likelihood ratio they are about the pair itself.
    verdict : Verdict
        What was found, in words.
    region : Region
        The plug-in region.
    confidence_band : RegionBracket
        An inner and an outer region. The inner region lies inside the region of the pair itself, so that its
        collapse is certain. The outer region contains that of the counted, or scored, pair only.
    noise_floor : float
        The total variation that samples of these sizes would show on average if P = Q.
    collapse : tuple of CollapsePoint
        The (ε,δ) curve of collapse.
    augmentation : tuple of CollapsePoint
        The (ε,δ) curve of augmentation: the greatest generated mass δ of sets with real mass ε.
    precision, recall : Estimate
        The F-scores of Sajjadi et al. (2018) with weights 1/8 and 8; see `curves.f_score`. The lower
        precision is, the more of the generated mass is where there is little real mass. The lower recall is,
        the more of the real mass is where there is little generated mass. Upper ends are about the pair
        itself, and lower ends about what was seen.
    modes : tuple of ModeReport
        The modes, worst first: by the upper end of the ratio's interval, then by the real share. Empty for
        scores.
    packed : tuple of PackedReport
        The packed distances.
    doubling_degree : int or None
        The least m at which the plug-in packed distance is at least twice τ, the plug-in distance at m = 1.
        None where τ is 0, or 1/2 or more.
    """

    sizes: tuple[int | None, int]
    units: tuple[Unit, Unit]
    level: float
    seed: int
    view: View
    verdict: Verdict
    region: Region
    confidence_band: RegionBracket
    noise_floor: float
    collapse: tuple[CollapsePoint, ...]
    augmentation: tuple[CollapsePoint, ...]
    precision: Estimate
    recall: Estimate
    modes: tuple[ModeReport, ...]
    packed: tuple[PackedReport, ...]
    doubling_degree: int | None

    @property
    def drawn(self) -> str:
        """The numbers of real and of generated samples, or groups, in words."""
        (n_real, n_generated), (real, generated) = self.sizes, self.units
        if n_real is None:
            return f"A known target, {n_generated} generated {generated}"
        return f"{n_real} real{'' if real == generated else f' {real}'}, {n_generated} generated {generated}"

    @property
    def tv_interval(self) -> Bracket:
        """Confidence interval of the total variation.

        The lower end is a lower bound for the pair itself. The upper end is an upper bound for the counted,
        or scored, pair only.
        """
        return self.confidence_band.divergence("tv")

    @property
    def missing(self) -> tuple[ModeReport, ...]:
        """The modes that certainly have less than a tenth of their share of the generated mass."""
        return tuple(mode for mode in self.modes if mode.is_missing)

    def to_dict(self) -> dict[str, Plain]:
        """The diagnosis as lists and numbers that JSON can represent.

        Regions are given by their vertices. Infinite numbers and NaN become None.
        """
        return {
            name: _plain(value)
            for name, value in {
                "sizes": {"real": self.sizes[0], "generated": self.sizes[1]},
                "units": {"real": self.units[0], "generated": self.units[1]},
                "level": self.level,
                "seed": self.seed,
                "view": self.view,
                "verdict": {
                    **self.verdict._asdict(),
                    "copies": None if self.verdict.copies is None else self.verdict.copies._asdict(),
                    "headline": self.verdict.headline,
                    "point": self.verdict.point,
                },
                "total_variation": {
                    "plug_in": self.region.total_variation,
                    "interval": self.tv_interval,
                    "noise_floor": self.noise_floor,
                },
                "region": self.region.vertices.tolist(),
                "confidence_band": {
                    name: getattr(self.confidence_band, name).vertices.tolist() for name in ("inner", "outer")
                },
                "collapse": [point._asdict() for point in self.collapse],
                "augmentation": [point._asdict() for point in self.augmentation],
                "precision": self.precision._asdict(),
                "recall": self.recall._asdict(),
                "modes": [
                    {**mode._asdict(), "is_depleted": mode.is_depleted, "word": mode.word}
                    for mode in self.modes
                ],
                "packed": [row._asdict() for row in self.packed],
                "doubling_degree": self.doubling_degree,
            }.items()
        }

    def __repr__(self) -> str:
        real, generated = self.sizes
        lower, upper = self.tv_interval
        return (
            f"<Diagnosis of {'a known target' if real is None else f'{real} real'} and {generated} generated "
            f"samples: {self.verdict.headline}; total variation in [{lower:.3g}, {upper:.3g}]>"
        )

    def _repr_html_(self) -> str:
        """The verdict, the numbers behind it and a picture of the confidence band, for notebooks."""
        real, generated = self.sizes
        rows = [
            ("samples", f"{'known target' if real is None else real} / {generated}"),
            ("level", f"{self.level:g}"),
            ("total variation", f"{self.region.total_variation:.3g} {_interval(self.tv_interval)}"),
            ("noise floor", f"{self.noise_floor:.3g}"),
            ("test of equal laws", f"p = {self.verdict.p_value:.3g}"),
        ]
        band = self.confidence_band
        title = "Two regions with the true one between them"
        picture = bracket_svg([band.inner.vertices], [band.outer.vertices], self.tv_interval, title)
        shares = ("real share", "generated share")
        modes = [
            (mode.name, _interval(mode.real), _interval(mode.generated), mode.word)
            for mode in self.modes[:SHOWN_MODES]
        ]
        parts = [notebook.table(rows), picture]
        if modes:
            parts.append(notebook.table(modes, ("worst modes", *shares, "")))
        return notebook.words(f"{self.verdict.headline}.") + notebook.beside(*parts)

    def __str__(self) -> str:
        blocks = (
            self._summary(),
            _curve("Mode collapse: sets with real mass δ and generated mass ε", self.collapse),
            _curve("Mode augmentation: sets with generated mass δ and real mass ε", self.augmentation),
            self._modes_table(),
            self._packed_table(),
            self._doubling(),
        )
        return "\n\n".join(block for block in blocks if block)

    def _summary(self) -> str:
        tau, interval = self.region.total_variation, _interval(self.tv_interval)
        (eps, delta), verdict = self.verdict.point, self.verdict
        lines = [
            f"{verdict.headline}.",
            "",
            f"{self.drawn}. All intervals hold at level {self.level:g}, by the division of seed {self.seed}.",
            UPPER_ENDS[self.view],
            "",
            f"d_TV {tau:.3g} {interval}; samples of one law would show {self.noise_floor:.3g}.",
        ]
        if verdict.p_value is not None:
            alone = ", which alone shows a difference" if verdict.by_test_alone else ""
            lines.append(f"Permutation test of equal laws: p = {verdict.p_value:.3g}{alone}.")
        if verdict.copies is not None:
            lines.append(
                f"Test for copies of training data: p = {verdict.copies.p_value:.3g}; at least "
                f"{verdict.copies.share:.3g} of the generated samples depend on it."
            )
        lines.append(
            f"Precision {_estimate(self.precision)}, recall {_estimate(self.recall)} (F-scores 1/8 and 8)."
        )
        lines.append(
            f"Collapse means a set with real mass {delta:g} or more and generated mass {eps:g} or less, "
            "spurious mass the reverse."
        )
        if verdict.excluded:
            lines.append(f"Collapse at ({eps:g}, {delta:g}) is excluded, as seen through the {self.view}.")
        return "\n".join(lines)

    def _packed_table(self) -> str:
        rows = [
            (
                str(row.m),
                f"{row.tv:.3g}",
                _interval(row.interval),
                _interval(row.theory),
                "" if row.position is None else f"{row.position:.2f}",
                "" if row.position_interval is None else _interval(row.position_interval),
            )
            for row in self.packed
        ]
        tau = self.region.total_variation
        title = (
            f"Packing: the range is that of all pairs with d_TV = {tau:.3g}. At position 1 all is collapse\n"
            "or augmentation, at 0 none is."
        )
        return (
            f"{title}\n{aligned([('m', 'd_TV', 'interval', 'range', 'position', 'interval'), *rows], left=1)}"
        )

    def _doubling(self) -> str:
        if self.doubling_degree is None:
            return ""
        return f"The packed distance is twice the unpacked one from m = {self.doubling_degree}."

    def _modes_table(self) -> str:
        if not self.modes:
            return ""
        rows = [
            (
                mode.name,
                "" if mode.real_count is None else str(mode.real_count),
                str(mode.generated_count),
                _interval(mode.real),
                _interval(mode.generated),
                "–" if math.isnan(mode.ratio) else f"{mode.ratio:.3g}",
                _interval(mode.ratio_interval),
                mode.word,
            )
            for mode in self.modes[:PRINTED_MODES]
        ]
        header = ("mode", "real", "gen.", "real share", "generated share", "ratio", "interval", "")
        more = len(self.modes) - len(rows)
        title = f"Modes, worst first, {more} more not shown" if more else "Modes, worst first"
        return f"{title}\n{aligned([header, *rows], left=1)}"


def diagnose(
    evidence: Evidence,
    level: float = 0.95,
    m: ArrayLike = tuple(range(1, 11)),
    eps: ArrayLike = USUAL_EPS,
    *,
    severity: float = USUAL_SEVERITY,
    seed: int = 0,
    copies: CopyTest | None = None,
) -> Diagnosis:
    """Diagnose mode collapse of a generator from samples.

    Parameters
    ----------
    evidence : ModeCounts, TargetCounts, UnitCounts, ScoreCounts or FoldedScores
        From `from_counts`, `from_labels`, `from_groups`, `from_weights`, `from_centres`, `from_features`,
        `from_scores` or `cross_fit`.
    level : float, default 0.95
        All intervals hold together with at least this probability, strictly between 0 and 1.
    m : array_like of int, default 1, …, 10
        Packing degrees at which distances are reported.
    eps : array_like, default 0, .01, .02, .05, .1, .2, .5
        The ε in [0, 1] at which the (ε,δ) curves are evaluated.
    severity : float, default 0.05
        The real mass δ₀ that a set must have for its loss to be called collapse, 0 < δ₀ ≤ 1; see `Verdict`.
    seed : int, default 0
        Seed of the division into folds, and of permutations. Fix it before you look.
    copies : CopyTest, optional
        Result of `copy_test`, to be told among the findings.

    Returns
    -------
    Diagnosis
        The report. Print it, or use `Diagnosis.to_dict` for JSON.

    Raises
    ------
    ValueError
        If `evidence` is of another type, or the level, a packing degree, an ε, the severity or the seed is
        out of range.

    Notes
    -----
    Packed distances grow with the region (docs/theory.md §1). So the packed distances of the inner and of the
    outer region enclose that of the counted, or scored, pair. The p-value of the verdict holds at its own
    level, apart from the intervals.

    Examples
    --------
    >>> from modecollapse.samples import from_counts
    >>> names = ["north", "east", "south", "west"]
    >>> diagnosis = diagnose(from_counts([240, 260, 250, 250], [330, 0, 340, 330], names))
    >>> [mode.name for mode in diagnosis.missing], diagnosis.doubling_degree
    (['east'], 3)
    >>> worst = diagnosis.modes[0]
    >>> worst.ratio, round(worst.ratio_interval.upper, 3)
    (0.0, 0.034)
    >>> [(row.m, round(row.tv, 3), round(row.position, 2)) for row in diagnosis.packed[1:3]]
    [(2, 0.452, 1.0), (3, 0.595, 1.0)]
    """
    refuse_others(evidence)
    level, seed = validation.level(level), validation.whole("seed", seed, 0)
    severity = validation.positive("severity", validation.probability("severity", severity))
    degrees = np.atleast_1d(validation.degrees(m)).ravel()
    masses = np.atleast_1d(validation.probabilities("eps", eps)).ravel()
    plug_in, band = evidence.region, evidence.confidence_band(level, seed)
    modes = _mode_reports(evidence, level) if isinstance(evidence, CountEvidence) else ()
    return Diagnosis(
        sizes=evidence.sizes,
        units=evidence.units,
        level=level,
        seed=seed,
        view=evidence.view,
        verdict=verdict(
            band,
            evidence.equality_p_value(seed),
            level,
            severity,
            tuple(mode.name for mode in modes if mode.is_missing and mode.name != OFF_MODE),
            tuple(mode.name for mode in modes if mode.is_spurious),
            copies,
        ),
        region=plug_in,
        confidence_band=band,
        noise_floor=evidence.noise_floor(),
        collapse=_points(masses, plug_in, band.inner, band.outer),
        augmentation=_points(masses, plug_in.mirror(), band.inner.mirror(), band.outer.mirror()),
        precision=_f_score(plug_in, band, 1 / RECALL_WEIGHT),
        recall=_f_score(plug_in, band, RECALL_WEIGHT),
        modes=modes,
        packed=packed_reports(plug_in, band, [int(degree) for degree in degrees]),
        doubling_degree=doubling_degree(plug_in),
    )


def _points(masses: FloatArray, *regions: Region) -> tuple[CollapsePoint, ...]:
    """The heights of a plug-in region, and of an inner and an outer one, at some masses."""
    heights = [np.atleast_1d(region.boundary(masses)).tolist() for region in regions]
    return tuple(
        CollapsePoint(x, y, Bracket(low, high))
        for x, y, low, high in zip(masses.tolist(), *heights, strict=True)
    )


def _f_score(plug_in: Region, band: RegionBracket, weight: float) -> Estimate:
    return Estimate(f_score(plug_in, weight), f_score(band, weight))


def doubling_degree(region: Region) -> int | None:
    """The least m with d_TV(P^m, Q^m) ≥ 2 d_TV(P, Q); None where d_TV(P, Q) is 0, or 1/2 or more.

    Examples
    --------
    >>> doubling_degree(Region.from_pmfs([0.2, 0.8], [0, 1]))  # 0.2, 0.36, 0.488
    3
    >>> doubling_degree(Region.from_pmfs([0.6, 0.4], [0.4, 0.6]))  # 0.2, 0.2, 0.296, 0.296, 0.365, ...
    7
    """
    tau = region.total_variation
    if not 0 < tau < 0.5:
        return None
    return next(m for m in count(2) if packed_value(region, m) >= 2 * tau)


def _mode_reports(counts: CountEvidence, level: float) -> tuple[ModeReport, ...]:
    boxes = counts.boxes(level)
    missing, spurious = (flags.tolist() for flags in counts.short_modes(level))
    real_limits, generated_limits = (
        [Bracket(low, high) for low, high in zip(box.lower.tolist(), box.upper.tolist(), strict=True)]
        for box in boxes
    )
    real = None if isinstance(counts, TargetCounts) else cast("ModeCounts | UnitCounts", counts).real
    real_counts = [None] * len(counts.names) if real is None else real.tolist()
    shares = (law.shares.tolist() for law in (counts.target_law, counts.generator_law))
    reports = [
        ModeReport(
            name,
            x,
            y,
            real,
            generated,
            _ratio(generated_share, real_share),
            Bracket(_ratio(generated.lower, real.upper), _ratio(generated.upper, real.lower)),
            is_missing,
            is_spurious,
        )
        for name, x, y, real, generated, real_share, generated_share, is_missing, is_spurious in zip(
            counts.names,
            real_counts,
            counts.generated.tolist(),
            real_limits,
            generated_limits,
            *shares,
            missing,
            spurious,
            strict=True,
        )
    ]
    return tuple(sorted(reports, key=lambda mode: (mode.ratio_interval.upper, -mode.real.lower)))


def _ratio(generated: float, real: float) -> float:
    if real > 0:
        return generated / real
    return math.inf if generated > 0 else math.nan


def _curve(title: str, points: tuple[CollapsePoint, ...]) -> str:
    rows = [(f"{at.eps:g}", f"{at.delta:.3g}", _interval(at.interval)) for at in points]
    return f"{title}\n{aligned([('ε', 'δ', 'interval'), *rows], left=1)}"


def _estimate(estimate: Estimate) -> str:
    return f"{estimate.value:.3g} {_interval(estimate.interval)}"


def _interval(bracket: Bracket) -> str:
    return f"[{bracket.lower:.3g}, {bracket.upper:.3g}]"


def _plain(value: object) -> Plain:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    number = float(cast("float", value))
    return number if math.isfinite(number) else None
