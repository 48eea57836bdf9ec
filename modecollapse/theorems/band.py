"""The true ranges of d_TV(P^m, Q^m) at a given d_TV(P, Q): Theorems 3, 4 and 5 in every regime.

docs/theory.md §§3–5 have the statements. Where the paper's theorems hold, `paper` gives the same numbers.
Where they do not, this module is right and the printed formulas are not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Generic, TypeAlias, TypeVar, overload

import numpy as np

from modecollapse import validation
from modecollapse.arrays import BoolArray, Degree, Degrees, FloatArray, IntArray, RegionArray
from modecollapse.divergence import DivergenceName, validate_divergence
from modecollapse.errors import InfeasibleError
from modecollapse.packing.measures import PackedDivergence
from modecollapse.region import Region
from modecollapse.theorems import branch_and_bound, extremes, families, regimes
from modecollapse.theorems.branch_and_bound import Extremum
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.regimes import Interval
from modecollapse.values import Value

GAP = 1e-9
"""Default certified gap of one-parameter searches for total variation and hockey sticks."""

PLANE_GAP = 1e-8
"""Default certified gap of two-parameter searches for total variation and hockey sticks."""

MONOTONE_LINE_GAP = 1e-8
"""Default certified gap of one-parameter searches for other divergences, bounded by meets and joins."""

MONOTONE_PLANE_GAP = 1e-5
"""Default certified gap of two-parameter searches for other divergences."""


DegreesT = TypeVar("DegreesT")
ValuesT = TypeVar("ValuesT")
FlagsT = TypeVar("FlagsT")
RegionsT = TypeVar("RegionsT")


@dataclass(frozen=True, eq=False, repr=False)
class Band(Value, Generic[DegreesT, ValuesT, FlagsT, RegionsT]):
    """The range of a packed divergence over a class of pairs, for one m or for many.

    For one m every attribute is a single value (`ScalarBand`); for many it is an array of the shape of m
    (`ArrayBand`).

    Attributes
    ----------
    m : int or ndarray of int
        Packing degrees, as asked for.
    lower, upper : float or ndarray
        Infimum and supremum; ``lower <= upper`` always.
    lower_gap, upper_gap : float or ndarray
        Certificates, which include rounding: the true infimum is within lower_gap of lower, the true
        supremum within upper_gap of upper.
    lower_attained, upper_attained : bool or ndarray of bool
        Whether the witness belongs to the class. Where it does not, the value is approached along regions
        of the class that tend to the witness.
    lower_regions, upper_regions : Region or ndarray of Region
        Witnesses: their packed divergence is the value. Their total variation is τ where that is
        fixed.
    regime : str
        The case of the parameters, by name; empty for a class of pairs that is no case of Theorems 3–5.
    statement : str
        The theorem or conjecture on which the range rests.
    pairs : PairClass, optional
        The class, for the range that `band` gives.
    """

    m: DegreesT
    lower: ValuesT
    upper: ValuesT
    lower_gap: ValuesT
    upper_gap: ValuesT
    lower_attained: FlagsT
    upper_attained: FlagsT
    lower_regions: RegionsT
    upper_regions: RegionsT
    regime: str
    statement: str
    pairs: PairClass | None = None

    def __repr__(self) -> str:
        name = self.regime or "a class of pairs"
        if np.ndim(self.m) == 0:  # type: ignore[arg-type]
            return f"<Band [{self.lower:.6g}, {self.upper:.6g}] at m = {self.m}, {name}>"
        count = np.size(self.m)  # type: ignore[arg-type]
        return f"<Band of {count} {'degree' if count == 1 else 'degrees'}, {name}>"


ScalarBand: TypeAlias = Band[int, float, bool, Region]
"""The band at one packing degree."""

ArrayBand: TypeAlias = Band[IntArray, FloatArray, BoolArray, RegionArray]
"""The band at many packing degrees."""


@dataclass(frozen=True)
class Case:
    """A regime: its name, its statement, its two ends as functions of the divergence, and its class."""

    regime: str
    statement: str
    lower: Callable[[PackedDivergence], Extremum]
    upper: Callable[[PackedDivergence], Extremum]
    pairs: PairClass | None = None


@overload
def tv_band(
    tau: float,
    m: Degree,
    *,
    collapse: tuple[float, float] | None = None,
    augmentation: tuple[float, float] | None = None,
    no_collapse: tuple[float, float] | None = None,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand: ...
@overload
def tv_band(
    tau: float,
    m: Degrees,
    *,
    collapse: tuple[float, float] | None = None,
    augmentation: tuple[float, float] | None = None,
    no_collapse: tuple[float, float] | None = None,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ArrayBand: ...
@overload
def tv_band(
    tau: float,
    m: Degree | Degrees,
    *,
    collapse: tuple[float, float] | None = None,
    augmentation: tuple[float, float] | None = None,
    no_collapse: tuple[float, float] | None = None,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand | ArrayBand: ...
def tv_band(
    tau: float,
    m: Degree | Degrees,
    *,
    collapse: tuple[float, float] | None = None,
    augmentation: tuple[float, float] | None = None,
    no_collapse: tuple[float, float] | None = None,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand | ArrayBand:
    """The range of D(P^m‖Q^m) over all pairs with d_TV(P, Q) = τ and at most one more condition.

    Parameters
    ----------
    tau : float
        0 ≤ τ ≤ 1.
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    collapse : (eps, delta), optional
        Only pairs with (ε,δ)-mode collapse, 0 ≤ ε < δ ≤ 1 (Theorem 4).
    augmentation : (eps, delta), optional
        Only pairs with (ε,δ)-mode augmentation.
    no_collapse : (eps, delta), optional
        Only pairs with neither (Theorem 5).
    divergence : str, default "tv"
        The divergence of P^m from Q^m: any name known to `Region.divergence`. The extremal regions
        serve every f-divergence, since all are monotone in the region (docs/theory.md §8).
    order : float, default 1
        The order γ ≥ 0 for "hockey_stick".
    gap : float, optional
        Certified width of the searched ends, at least 1e-12, relative for values above 1. The default for
        total variation and hockey sticks is 1e-9 in one parameter, and 1e-8 in two (the upper end without
        collapse). For other divergences it is 1e-8 and 1e-5. Ends known in closed form or from breakpoints
        are exact to rounding.

    Returns
    -------
    Band
        Of numbers for one m (`ScalarBand`), of arrays of the shape of `m` for many (`ArrayBand`). At m = 1
        both ends of the total variation are τ, exactly.

    Raises
    ------
    InfeasibleError
        If no pair meets the conditions; the message names the threshold crossed. A τ within 1e-12 below a
        threshold counts as having reached it, and the values are those at the threshold.
    PrecisionError
        If `gap` cannot be certified; it carries the best bracket.
    ValueError
        If a parameter is invalid, more than one condition is given, or m is too large for the divergence.

    Examples
    --------
    >>> import modecollapse as mc
    >>> band = mc.tv_band(0.11, [1, 2, 5], collapse=(0.02, 0.1))
    >>> band.lower.round(5).tolist(), band.upper.round(5).tolist()
    ([0.11, 0.16249, 0.31931], [0.11, 0.2079, 0.44159])
    >>> mc.tv_band(0.11, [1, 2], divergence="js").upper.round(5).tolist()
    [0.07625, 0.14411]
    >>> mc.tv_band(0.11, 2)
    <Band [0.11, 0.2079] at m = 2, all pairs>
    """
    tau = validation.probability("tau", tau)
    degrees = validation.degrees(m)
    validate_divergence(divergence, order)
    validate_gap(gap)
    case = _case(tau, collapse, augmentation, no_collapse, gap)
    measures = [PackedDivergence(divergence, int(degree), float(order)) for degree in degrees.ravel()]
    return tabulate(degrees, measures, case)


def _case(
    tau: float,
    collapse: tuple[float, float] | None,
    augmentation: tuple[float, float] | None,
    no_collapse: tuple[float, float] | None,
    gap: float | None,
) -> Case:
    given = {
        name: validation.collapse_point(name, point)
        for name, point in (
            ("collapse", collapse),
            ("augmentation", augmentation),
            ("no_collapse", no_collapse),
        )
        if point is not None
    }
    if len(given) > 1:
        raise ValueError(f"at most one condition can be given, got {' and '.join(given)}")
    if "collapse" in given:
        return _with_collapse(tau, *given["collapse"], gap)
    if "augmentation" in given:
        eps, delta = given["augmentation"]
        return _with_collapse(tau, 1 - delta, 1 - eps, gap)
    if "no_collapse" in given:
        return _without_collapse(tau, *given["no_collapse"], gap)
    return _all_pairs(tau, gap)


def separating_degrees(
    tau: float,
    m: Degree | Degrees,
    *,
    collapse: tuple[float, float],
    no_collapse: tuple[float, float],
    gap: float | None = None,
) -> IntArray:
    """The packing degrees at which the packed distance alone tells H1 from H0.

    H1 holds the pairs with d_TV = τ and (ε₁,δ₁)-collapse, H0 those with neither (ε₀,δ₀)-collapse nor
    augmentation. They are separated at m where the least distance in H1 exceeds the greatest in H0.

    Parameters
    ----------
    tau, m, gap
        As for `tv_band`.
    collapse, no_collapse : (eps, delta)
        The points of H1 and H0.

    Returns
    -------
    ndarray of int
        Those of the given m, flattened, at which separation is certain: the certified lower end of H1 is
        above the certified upper end of H0.

    Raises
    ------
    InfeasibleError, PrecisionError, ValueError
        As for `tv_band`.

    Examples
    --------
    >>> import modecollapse as mc
    >>> mc.separating_degrees(0.11, range(1, 7), collapse=(0.02, 0.1), no_collapse=(0.06, 0.1)).tolist()
    [4, 5, 6]
    """
    degrees = validation.degrees(m).ravel()
    with_collapse = tv_band(tau, degrees, collapse=collapse, gap=gap)
    without = tv_band(tau, degrees, no_collapse=no_collapse, gap=gap)
    separated = with_collapse.lower - with_collapse.lower_gap > without.upper + without.upper_gap
    return degrees[separated]


# -- the cases ---------------------------------------------------------------------------------------


def _all_pairs(tau: float, gap: float | None) -> Case:
    whole = Interval(0.0, 1 - tau, (0.0, 1 - tau))
    return Case(
        regimes.ALL_PAIRS,
        "Theorem 3",
        lambda divergence: _least_triangle(divergence, tau, [whole], gap),
        lambda divergence: _farthest(divergence, tau, families.outer(tau), attained=True),
    )


def _with_collapse(tau: float, eps: float, delta: float, gap: float | None) -> Case:
    d = delta - eps
    if not regimes.collapse_is_possible(tau, eps, delta):
        raise InfeasibleError(
            f"(eps, delta)-collapse forces tau ≥ delta - eps = {d:.12g}, got tau={tau!r} with "
            f"eps={eps!r}, delta={delta!r}"
        )
    tau = max(tau, d)
    left = max(0.0, 1 - tau * (1 - eps) / d)
    right = max(left, min(eps * tau / d, 1 - tau))
    triangles = Interval(left, right, (left, right))
    hulls = [(low, high) for low, high in ((0.0, left), (right, 1 - tau)) if low < high]

    def lower(divergence: PackedDivergence) -> Extremum:
        ends = [_least_triangle(divergence, tau, [triangles], gap)]
        for low, high in hulls:
            line_gap = _line_gap(divergence, gap)
            ends.append(extremes.hull_minimum(divergence, (eps, delta), tau, low, high, line_gap))
        return _least(ends)

    return Case(
        regimes.COLLAPSE,
        "Theorem 4, with the hulls of a collapse point right of the tangent point added (docs/theory.md §4)",
        lower,
        lambda divergence: _farthest(divergence, tau, families.outer(tau), attained=True),
    )


_STATEMENTS = {
    regimes.SIDE: "Theorem 5 with tangent points beside the forbidden points added (docs/theory.md §5)",
    regimes.MIDDLE: "Theorem 5, as a supremum (docs/theory.md §5)",
    regimes.ZERO_WIDTH: (
        "Theorem 5 at ε = 0 or δ = 1: the full region is approached, never reached (docs/theory.md §5)"
    ),
}
"""The statements on which the ranges without collapse rest, by regime."""


def _without_collapse(tau: float, eps: float, delta: float, gap: float | None) -> Case:
    """Theorem 5; see `regimes` for d and u, on which alone it depends."""
    regime = regimes.without_collapse(tau, eps, delta)
    d, u, side, middle = regime.d, regime.u, regime.beside, regime.between
    if regime.name == regimes.TOO_CLOSE:
        statement = "τ < δ−ε excludes collapse and augmentation: Theorem 3"
        return replace(_all_pairs(tau, gap), regime=regime.name, statement=statement)
    if regime.name == regimes.INFEASIBLE:
        last = max(regime.thresholds.side, regime.thresholds.middle)
        raise InfeasibleError(
            "pairs without collapse and augmentation need tau < "
            f"max(d/(1-u), d/(2u+d)) = {last:.12g} with d = delta-eps = {d:.6g} and "
            f"u = min(eps, 1-delta) = {u:.6g}, got tau={tau!r}"
        )
    tau = max(tau, d)
    intervals = regime.intervals(tau)
    centre = (intervals[0].low + intervals[0].high) / 2
    inside = families.inner(1 - tau - centre, tau)

    def lower(divergence: PackedDivergence) -> Extremum:
        if divergence.is_total_variation and divergence.m == 1:
            return _farthest(divergence, tau, inside, attained=True)
        return _least_triangle(divergence, tau, intervals, gap)

    def upper(divergence: PackedDivergence) -> Extremum:
        if divergence.is_total_variation and divergence.m == 1:
            return _farthest(divergence, tau, inside, attained=True)
        if side and divergence.is_total_variation:
            return _farthest(divergence, tau, families.one_sided(tau), attained=True)
        if u == 0 or (tau <= d and not side):
            return _farthest(divergence, tau, families.outer(tau), attained=False)
        ends = []
        if side:
            ends += _side_ends(divergence, u, u + d, tau, intervals[0].high, gap)
        if middle and tau > d:
            hexagon = extremes.hexagon_maximum(divergence, u, u + d, tau, _plane_gap(divergence, gap))
            ends.append(replace(hexagon, attained=False))
        return _greatest(ends)

    return Case(regime.name, _STATEMENTS[regime.name], lower, upper)


# -- ends ---------------------------------------------------------------------------------------------


def _least_triangle(
    divergence: PackedDivergence, tau: float, intervals: list[Interval], gap: float | None
) -> Extremum:
    """The least divergence of triangles over intervals of tangent points."""
    ends = []
    for interval in intervals:
        low, high = interval.low, interval.high
        if divergence.is_total_variation:
            end = extremes.triangle_minimum(tau, divergence.m, low, high)
        else:
            end = extremes.hull_minimum(divergence, (0.0, 0.0), tau, low, high, _line_gap(divergence, gap))
        ends.append(replace(end, attained=interval.holds(*end.point)))
    return _least(ends)


def _side_ends(
    divergence: PackedDivergence, eps: float, delta: float, tau: float, high: float, gap: float | None
) -> list[Extremum]:
    """The greatest divergences with a tangent point left, and right, of both forbidden points."""

    def left(x: FloatArray) -> families.Pair:
        return families.outer_left(eps, delta, x, tau)

    def left_join(low: FloatArray, high: FloatArray) -> families.Pair:
        return families.join_of_sides(eps, delta, (low, high), tau)

    def right(x: FloatArray) -> families.Pair:
        return families.mirror(left(x))

    def right_join(low: FloatArray, high: FloatArray) -> families.Pair:
        return families.mirror(left_join(low, high))

    sides = [(left, left_join)] if divergence.is_symmetric else [(left, left_join), (right, right_join)]
    ends = []
    for pairs, joins in sides:
        end = branch_and_bound.line_maximum(divergence, pairs, joins, 0.0, high, _line_gap(divergence, gap))
        ends.append(replace(end, attained=False))
    return ends


def value_at(divergence: PackedDivergence, pair: families.Pair, attained: bool) -> Extremum:
    """The end whose extremal pair is known."""
    value = float(divergence.values(*pair))
    gap = branch_and_bound.ROUNDING * max(1.0, value) if value < math.inf else 0.0
    return Extremum(value, gap, families.region(pair), attained=attained)


def _farthest(divergence: PackedDivergence, tau: float, pair: families.Pair, attained: bool) -> Extremum:
    """The end at a pair whose packed distance is 1 − (1−τ)^m; at m = 1 that is any pair of distance τ."""
    end = value_at(divergence, pair, attained)
    if divergence.is_total_variation:
        return replace(end, value=extremes.greatest_distance(tau, divergence.m))
    return end


def _least(ends: list[Extremum]) -> Extremum:
    best = min(ends, key=lambda end: (end.value, not end.attained))
    if best.value == math.inf:
        return best
    return replace(best, gap=best.value - min(end.value - end.gap for end in ends))


def _greatest(ends: list[Extremum]) -> Extremum:
    best = max(ends, key=lambda end: end.value)
    if best.value == math.inf:
        return best
    return replace(best, gap=max(end.value + end.gap for end in ends) - best.value)


def _line_gap(divergence: PackedDivergence, gap: float | None) -> float:
    """The gap asked for, or the default of a search in one parameter."""
    return gap if gap is not None else (GAP if divergence.is_power else MONOTONE_LINE_GAP)


def _plane_gap(divergence: PackedDivergence, gap: float | None) -> float:
    """The gap asked for, or the default of a search in two parameters."""
    return gap if gap is not None else (PLANE_GAP if divergence.is_power else MONOTONE_PLANE_GAP)


def validate_gap(gap: float | None) -> None:
    """Refuse a gap that no double-precision search can certify."""
    if gap is not None and validation.number("gap", gap) < 1e-12:
        raise ValueError(f"gap must be at least 1e-12, got {gap!r}")


def tabulate(m: IntArray, measures: list[PackedDivergence], case: Case) -> ScalarBand | ArrayBand:
    """The band of a case, one m a measure: of numbers where m has no axes, else of arrays."""
    ends = [_in_order(case.lower(divergence), case.upper(divergence)) for divergence in measures]
    if m.ndim == 0:
        ((lower, upper),) = ends
        return Band(
            int(m),
            lower.value,
            upper.value,
            lower.gap,
            upper.gap,
            lower.attained,
            upper.attained,
            lower.region,
            upper.region,
            case.regime,
            case.statement,
            case.pairs,
        )
    lowers, uppers = [lower for lower, _ in ends], [upper for _, upper in ends]
    return Band(
        m,
        np.array([end.value for end in lowers]).reshape(m.shape),
        np.array([end.value for end in uppers]).reshape(m.shape),
        np.array([end.gap for end in lowers]).reshape(m.shape),
        np.array([end.gap for end in uppers]).reshape(m.shape),
        np.array([end.attained for end in lowers]).reshape(m.shape),
        np.array([end.attained for end in uppers]).reshape(m.shape),
        _regions(lowers, m.shape),
        _regions(uppers, m.shape),
        case.regime,
        case.statement,
        case.pairs,
    )


def _in_order(lower: Extremum, upper: Extremum) -> tuple[Extremum, Extremum]:
    """The two ends with lower ≤ upper.

    Where both are one number, computed in two ways, rounding can put them the wrong way round. The lower end
    then takes the value of the upper, and its certificate pays for the step.
    """
    excess = lower.value - upper.value
    if excess > 0:
        lower = replace(lower, value=upper.value, gap=lower.gap + excess)
    return lower, upper


def _regions(ends: list[Extremum], shape: tuple[int, ...]) -> RegionArray:
    regions = np.empty(len(ends), dtype=object)
    regions[:] = [end.region for end in ends]
    return regions.reshape(shape)
