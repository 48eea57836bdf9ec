"""Diagnosis of a generator from samples: its collapse, the modes at fault, and the effect of packing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count
from typing import NamedTuple, TypeAlias, cast

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.brackets import Bracket
from modecollapse.layout import aligned
from modecollapse.packing import packed_tv, packed_tv_bracket
from modecollapse.region import Region, RegionBracket
from modecollapse.samples.counts import ModeCounts
from modecollapse.samples.scores import FoldedScores, ScoreCounts
from modecollapse.theorems.band import tv_band

PACKED_WIDTH = 1e-6
"""Width of the numerical brackets of packed distances, far below that of any confidence interval."""

QUICK_LETTERS = 3
"""Greatest number of common letters for which a packed distance is computed to rounding at once."""

POINT_WIDTH = 1e-9
"""Width below which a range of packed distances is a point, up to the rounding of its ends."""

PRINTED_MODES = 10
"""Greatest number of modes that are printed. `Diagnosis.modes` has all."""

USUAL_EPS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""The ε at which the (ε,δ) curve is evaluated by default."""

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
    real_count, generated_count : int
        Numbers of samples in it.
    real, generated : Bracket
        Confidence intervals of its mass under P, and of its mass under Q.
    ratio : float
        Generated share over real share. It is NaN for a mode seen in neither sample, and infinite for one
        seen in generated samples only.
    ratio_interval : Bracket
        Confidence interval of the ratio of masses. Its upper end is infinite where the real mass may be 0.
    """

    name: str
    real_count: int
    generated_count: int
    real: Bracket
    generated: Bracket
    ratio: float
    ratio_interval: Bracket

    @property
    def is_missing(self) -> bool:
        """Whether only real samples show it. Its mass under Q is at most `generated.upper`."""
        return self.generated_count == 0 and self.real_count > 0

    @property
    def is_depleted(self) -> bool:
        """Whether its mass is smaller under Q than under P, with confidence."""
        return self.ratio_interval.upper < 1


class PackedReport(NamedTuple):
    """The packed distance at one m.

    Attributes
    ----------
    m : int
        The packing degree.
    tv : float
        d_TV(P^m, Q^m) of the plug-in region.
    interval : Bracket
        Its confidence interval.
    theory : Bracket
        The range over all pairs with the total variation τ of the plug-in region (Theorem 3).
    position : float or None
        Position of `tv` in that range: 0 at the bottom (neither collapse nor augmentation) and 1 at the top
        (collapse, augmentation, or both). None where the range is a point: at m = 1, and at τ = 0 or 1.
    """

    m: int
    tv: float
    interval: Bracket
    theory: Bracket
    position: float | None


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """Result of `diagnose`. All intervals and the confidence band hold together with probability ≥ `level`.

    Attributes
    ----------
    sizes : (int, int)
        Numbers of real and of generated samples.
    level : float
        The confidence level.
    region : Region
        The plug-in region.
    confidence_band : RegionBracket
        An inner and an outer region. The inner region lies inside the region of the pair itself, so that its
        collapse is certain. The outer region contains that of the counted, or scored, pair only.
    noise_floor : float
        The total variation that samples of these sizes would show on average if P = Q.
    collapse : tuple of CollapsePoint
        The (ε,δ) curve.
    modes : tuple of ModeReport
        The modes, worst first: by the upper end of the ratio's interval, then by the real share. Empty for
        scores.
    packed : tuple of PackedReport
        The packed distances.
    doubling_degree : int or None
        The least m at which the plug-in packed distance is at least twice τ, the plug-in distance at m = 1.
        None where τ is 0, or 1/2 or more.
    """

    sizes: tuple[int, int]
    level: float
    region: Region
    confidence_band: RegionBracket
    noise_floor: float
    collapse: tuple[CollapsePoint, ...]
    modes: tuple[ModeReport, ...]
    packed: tuple[PackedReport, ...]
    doubling_degree: int | None

    @property
    def tv_interval(self) -> Bracket:
        """Confidence interval of the total variation.

        The lower end is a lower bound for the pair itself. The upper end is an upper bound for the counted,
        or scored, pair only.
        """
        return self.confidence_band.divergence("tv")

    @property
    def missing(self) -> tuple[ModeReport, ...]:
        """The modes that occur in the real samples and not in the generated ones."""
        return tuple(mode for mode in self.modes if mode.is_missing)

    def to_dict(self) -> dict[str, Plain]:
        """The diagnosis as lists and numbers that JSON can represent.

        Regions are given by their vertices. Infinite numbers and NaN become None.
        """
        return {
            name: _plain(value)
            for name, value in {
                "sizes": {"real": self.sizes[0], "generated": self.sizes[1]},
                "level": self.level,
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
                "modes": [
                    {**mode._asdict(), "is_missing": mode.is_missing, "is_depleted": mode.is_depleted}
                    for mode in self.modes
                ],
                "packed": [row._asdict() for row in self.packed],
                "doubling_degree": self.doubling_degree,
            }.items()
        }

    def __str__(self) -> str:
        blocks = (self._summary(), self._curve(), self._modes_table(), self._packed_table(), self._doubling())
        return "\n\n".join(block for block in blocks if block)

    def _summary(self) -> str:
        n_real, n_generated = self.sizes
        tau, interval = self.region.total_variation, _interval(self.tv_interval)
        if self.tv_interval.lower > 0:
            verdict = f"The laws differ: d_TV is at least {self.tv_interval.lower:.3g}."
        else:
            verdict = "These samples show no difference for certain. That does not prove that there is none."
        lines = (
            f"{n_real} real, {n_generated} generated samples. All intervals hold at level {self.level:g}.",
            "The laws may differ by more than upper ends say: those are about the modes, or the score, only.",
            "",
            f"d_TV {tau:.3g} {interval}; samples of one law would show {self.noise_floor:.3g}.",
            verdict,
        )
        return "\n".join(lines)

    def _curve(self) -> str:
        rows = [(f"{at.eps:g}", f"{at.delta:.3g}", _interval(at.interval)) for at in self.collapse]
        title = "Mode collapse: sets with real mass δ and generated mass ε"
        return f"{title}\n{aligned([('ε', 'δ', 'interval'), *rows], left=1)}"

    def _packed_table(self) -> str:
        rows = [
            (
                str(row.m),
                f"{row.tv:.3g}",
                _interval(row.interval),
                _interval(row.theory),
                "" if row.position is None else f"{row.position:.2f}",
            )
            for row in self.packed
        ]
        tau = self.region.total_variation
        title = (
            f"Packing: the range is that of all pairs with d_TV = {tau:.3g}. At position 1 all is collapse\n"
            "or augmentation, at 0 none is."
        )
        return f"{title}\n{aligned([('m', 'd_TV', 'interval', 'range', 'position'), *rows], left=1)}"

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
                str(mode.real_count),
                str(mode.generated_count),
                _interval(mode.real),
                _interval(mode.generated),
                "–" if math.isnan(mode.ratio) else f"{mode.ratio:.3g}",
                _interval(mode.ratio_interval),
                "missing" if mode.is_missing else "depleted" if mode.is_depleted else "",
            )
            for mode in self.modes[:PRINTED_MODES]
        ]
        header = ("mode", "real", "gen.", "real share", "generated share", "ratio", "interval", "")
        more = len(self.modes) - len(rows)
        title = f"Modes, worst first, {more} more not shown" if more else "Modes, worst first"
        return f"{title}\n{aligned([header, *rows], left=1)}"


def diagnose(
    evidence: ModeCounts | ScoreCounts | FoldedScores,
    level: float = 0.95,
    m: ArrayLike = tuple(range(1, 11)),
    eps: ArrayLike = USUAL_EPS,
) -> Diagnosis:
    """Diagnose mode collapse of a generator from samples.

    Parameters
    ----------
    evidence : ModeCounts or ScoreCounts
        From `from_counts`, `from_labels`, `from_centres`, `from_features`, `from_scores` or `cross_fit`.
    level : float, default 0.95
        All intervals hold together with at least this probability, strictly between 0 and 1.
    m : array_like of int, default 1, …, 10
        Packing degrees at which distances are reported.
    eps : array_like, default 0, .01, .02, .05, .1, .2, .5
        The ε in [0, 1] at which the (ε,δ) curve is evaluated.

    Returns
    -------
    Diagnosis
        The report. Print it, or use `Diagnosis.to_dict` for JSON.

    Raises
    ------
    ValueError
        If `evidence` is of another type, or the level, a packing degree or an ε is out of range.

    Notes
    -----
    Packed distances grow with the region (docs/theory.md §1). So the packed distances of the inner and of the
    outer region enclose that of the counted, or scored, pair.

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
    if not isinstance(evidence, ModeCounts | ScoreCounts | FoldedScores):
        raise ValueError(
            f"evidence must be ModeCounts or ScoreCounts, got {type(evidence).__name__}; "
            "from_centres, from_labels, from_features and from_scores make them of samples"
        )
    level = validation.level(level)
    degrees = np.atleast_1d(validation.degrees(m)).ravel()
    generated_masses = np.atleast_1d(validation.probabilities("eps", eps)).ravel()
    plug_in, band = evidence.region, evidence.confidence_band(level)
    boundaries = [np.atleast_1d(region.boundary(generated_masses)) for region in (plug_in, *band)]
    return Diagnosis(
        sizes=evidence.sizes,
        level=level,
        region=plug_in,
        confidence_band=band,
        noise_floor=evidence.noise_floor(),
        collapse=tuple(
            CollapsePoint(float(x), float(y), Bracket(float(low), float(high)))
            for x, y, low, high in zip(generated_masses, *boundaries, strict=True)
        ),
        modes=_mode_reports(evidence, level) if isinstance(evidence, ModeCounts) else (),
        packed=_packed_reports(plug_in, band, [int(degree) for degree in degrees]),
        doubling_degree=doubling_degree(plug_in),
    )


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
    return next(m for m in count(2) if packed_tv(region, m) >= 2 * tau)


def _packed_reports(region: Region, band: RegionBracket, degrees: list[int]) -> tuple[PackedReport, ...]:
    theory = tv_band(region.total_variation, degrees)
    values = packed_tv(region, degrees)
    rows = zip(degrees, values.tolist(), theory.lower.tolist(), theory.upper.tolist(), strict=True)
    return tuple(
        PackedReport(
            m,
            value,
            _packed_interval(band, m),
            Bracket(lower, upper),
            _position(value, Bracket(lower, upper)),
        )
        for m, value, lower, upper in rows
    )


def _packed_interval(band: RegionBracket, m: int) -> Bracket:
    return Bracket(_packed_bracket(band.inner, m).lower, _packed_bracket(band.outer, m).upper)


def _packed_bracket(region: Region, m: int) -> Bracket:
    """Bracket of the packed distance: a point for few letters, else of width at most `PACKED_WIDTH`."""
    if np.count_nonzero((region.p > 0) & (region.q > 0)) <= QUICK_LETTERS:
        value = packed_tv(region, m)
        return Bracket(value, value)
    return packed_tv_bracket(region, m, PACKED_WIDTH)


def _position(value: float, theory: Bracket) -> float | None:
    return (value - theory.lower) / theory.width if theory.width > POINT_WIDTH else None


def _mode_reports(counts: ModeCounts, level: float) -> tuple[ModeReport, ...]:
    boxes = counts.boxes(level)
    real_limits, generated_limits = (
        [Bracket(low, high) for low, high in zip(box.lower.tolist(), box.upper.tolist(), strict=True)]
        for box in boxes
    )
    n_real, n_generated = counts.sizes
    reports = [
        ModeReport(
            name,
            x,
            y,
            real,
            generated,
            _ratio(y / n_generated, x / n_real),
            Bracket(_ratio(generated.lower, real.upper), _ratio(generated.upper, real.lower)),
        )
        for name, x, y, real, generated in zip(
            counts.names,
            counts.real.tolist(),
            counts.generated.tolist(),
            real_limits,
            generated_limits,
            strict=True,
        )
    ]
    return tuple(sorted(reports, key=lambda mode: (mode.ratio_interval.upper, -mode.real_count)))


def _ratio(generated: float, real: float) -> float:
    if real > 0:
        return generated / real
    return math.inf if generated > 0 else math.nan


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
