"""What samples say about a generator: collapse, the modes to blame, and what packing would do about it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import count
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.brackets import Bracket
from modecollapse.layout import aligned
from modecollapse.packing import packed_tv, packed_tv_bracket
from modecollapse.region import Region, RegionBracket
from modecollapse.samples.counts import ModeCounts
from modecollapse.samples.scores import ScoreCounts
from modecollapse.theorems.band import tv_band

PACKED_WIDTH = 1e-6
"""Width of the numerical brackets of packed distances: far below what sampling leaves open."""

WORST_SHOWN = 10
"""So many modes are printed; `Diagnosis.modes` has all."""

USUAL_EPS = (0.0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
"""Points of the (ε,δ) curve."""


class CollapsePoint(NamedTuple):
    """The greatest δ with (ε,δ)-mode collapse: in the plug-in region, and its interval."""

    eps: float
    delta: float
    interval: Bracket


class ModeReport(NamedTuple):
    """One mode: its shares, their simultaneous intervals, and the ratio generated/real.

    The ratio is NaN for a mode seen in neither sample, infinite for one that only the generator shows; the
    upper end of its interval is infinite where no real share above 0 is certain.
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
        """Real samples show it, generated ones do not. Its generated share is at most `generated.upper`."""
        return self.generated_count == 0 and self.real_count > 0

    @property
    def is_depleted(self) -> bool:
        """Whether the generator gives this mode less than its share, with confidence."""
        return self.ratio_interval.upper < 1


class PackedReport(NamedTuple):
    """The packed distance at one m: plug-in, interval, and place in the range of Theorem 3 at the plug-in τ.

    The position is 0 at the bottom of the range (neither collapse nor augmentation) and 1 at the top (either,
    or both); None where the range is a point: at m = 1, and at τ = 0 or 1.
    """

    m: int
    tv: float
    interval: Bracket
    theory: Bracket
    position: float | None


@dataclass(frozen=True, eq=False)
class Diagnosis:
    """What `diagnose` found. All intervals and the band hold together with probability ≥ `level`.

    Attributes
    ----------
    sizes : (int, int)
        Numbers of real and of generated samples.
    level : float
        The confidence level.
    region : Region
        The plug-in region.
    band : RegionBracket
        The confidence band. Its inner region lies inside the region of the pair itself: what it shows is
        there. Its outer region is about the counted, or scored, pair only.
    noise_floor : float
        The total variation that samples of these sizes would show on average if P = Q.
    collapse : tuple of CollapsePoint
        The (ε,δ) curve.
    modes : tuple of ModeReport
        Worst first: by the upper end of the ratio's interval, then by the real share. Empty for scores.
    packed : tuple of PackedReport
        The packed distances.
    doubling_degree : int or None
        The least m at which the plug-in packed distance is at least twice the unpacked one; None where the
        latter is 0, or 1/2 or more.
    """

    sizes: tuple[int, int]
    level: float
    region: Region
    band: RegionBracket
    noise_floor: float
    collapse: tuple[CollapsePoint, ...]
    modes: tuple[ModeReport, ...]
    packed: tuple[PackedReport, ...]
    doubling_degree: int | None

    @property
    def tv_interval(self) -> Bracket:
        """The interval of the distance: its lower end for P and Q, its upper end for the counted pair."""
        return self.band.divergence("tv")

    @property
    def missing(self) -> tuple[ModeReport, ...]:
        """The modes that real samples show and generated ones do not."""
        return tuple(mode for mode in self.modes if mode.is_missing)

    def to_dict(self) -> dict[str, Any]:
        """Plain lists and numbers, fit for JSON: regions by their vertices; infinite and NaN become None."""
        return _plain(
            {
                "sizes": {"real": self.sizes[0], "generated": self.sizes[1]},
                "level": self.level,
                "total_variation": {
                    "plug_in": self.region.total_variation,
                    "interval": self.tv_interval,
                    "noise_floor": self.noise_floor,
                },
                "region": self.region.vertices.tolist(),
                "band": {name: getattr(self.band, name).vertices.tolist() for name in ("inner", "outer")},
                "collapse": [point._asdict() for point in self.collapse],
                "modes": [
                    {**mode._asdict(), "is_missing": mode.is_missing, "is_depleted": mode.is_depleted}
                    for mode in self.modes
                ],
                "packed": [row._asdict() for row in self.packed],
                "doubling_degree": self.doubling_degree,
            }
        )

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
            for mode in self.modes[:WORST_SHOWN]
        ]
        header = ("mode", "real", "gen.", "real share", "generated share", "ratio", "interval", "")
        more = len(self.modes) - len(rows)
        title = f"Modes, worst first, {more} more not shown" if more else "Modes, worst first"
        return f"{title}\n{aligned([header, *rows], left=1)}"


def diagnose(
    evidence: ModeCounts | ScoreCounts,
    level: float = 0.95,
    m: ArrayLike = tuple(range(1, 11)),
    eps: ArrayLike = USUAL_EPS,
) -> Diagnosis:
    """What samples say about a generator.

    Parameters
    ----------
    evidence : ModeCounts or ScoreCounts
        From `from_counts`, `from_labels`, `from_centres`, `from_features`, `from_scores` or `cross_fit`.
    level : float, default 0.95
        All intervals hold together with at least this probability.
    m : array_like of int, default 1, …, 10
        Packing degrees of the table.
    eps : array_like, default 0, .01, .02, .05, .1, .2, .5
        Points of the (ε,δ) curve.

    Returns
    -------
    Diagnosis
        Print it, or take `Diagnosis.to_dict` for JSON.

    Raises
    ------
    ValueError
        If the evidence is none, or the level, a packing degree or an ε out of range.

    Notes
    -----
    Packed distances grow with the region (docs/theory.md §1), so those of the inner and of the outer region
    enclose the true one.

    Examples
    --------
    >>> from modecollapse.samples import from_counts
    >>> names = ["north", "east", "south", "west"]
    >>> found = diagnose(from_counts([240, 260, 250, 250], [330, 0, 340, 330], names))
    >>> [mode.name for mode in found.missing], found.doubling_degree
    (['east'], 3)
    >>> worst = found.modes[0]
    >>> worst.ratio, round(worst.ratio_interval.upper, 3)
    (0.0, 0.029)
    >>> [(row.m, round(row.tv, 3), round(row.position, 2)) for row in found.packed[1:3]]
    [(2, 0.452, 1.0), (3, 0.595, 1.0)]
    """
    if not isinstance(evidence, ModeCounts | ScoreCounts):
        raise ValueError(
            f"evidence must be ModeCounts or ScoreCounts, got {type(evidence).__name__}; "
            "from_centres, from_labels, from_features and from_scores make them of samples"
        )
    level = validation.level(level)
    degrees = np.atleast_1d(validation.degrees(m)).ravel()
    at = np.atleast_1d(validation.probabilities("eps", eps)).ravel()
    region, band = evidence.region, evidence.band(level)
    heights = [np.atleast_1d(one.boundary(at)) for one in (region, *band)]
    return Diagnosis(
        sizes=evidence.sizes,
        level=level,
        region=region,
        band=band,
        noise_floor=evidence.noise_floor(),
        collapse=tuple(
            CollapsePoint(float(x), float(y), Bracket(float(low), float(high)))
            for x, y, low, high in zip(at, *heights, strict=True)
        ),
        modes=_mode_reports(evidence, level) if isinstance(evidence, ModeCounts) else (),
        packed=_packed_reports(region, band, [int(degree) for degree in degrees]),
        doubling_degree=doubling_degree(region),
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
    """The packed distance: to rounding where that is quick, else as closely as sampling deserves."""
    if np.count_nonzero((region.p > 0) & (region.q > 0)) <= 3:
        value = packed_tv(region, m)
        return Bracket(value, value)
    return packed_tv_bracket(region, m, PACKED_WIDTH)


def _position(value: float, theory: Bracket) -> float | None:
    # a range this narrow is a point, up to the rounding of its ends
    return (value - theory.lower) / theory.width if theory.width > 1e-9 else None


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


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value
