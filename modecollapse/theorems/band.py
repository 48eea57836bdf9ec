"""The true ranges of d_TV(P^m, Q^m) at a given d_TV(P, Q): Theorems 3, 4 and 5 in every regime.

docs/theory.md §§3–5 have the statements. Where the paper's theorems hold, `paper` gives the same
numbers; where they do not, this module is right and the printed formulas are not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modecollapse import validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.divergence import validate_divergence
from modecollapse.errors import InfeasibleError
from modecollapse.packing.batch import PackedDivergence
from modecollapse.region import Region
from modecollapse.theorems import branch_and_bound, extremes, families, regimes
from modecollapse.theorems.regimes import Interval

GAP = 1e-9
"""Default certified gap of one-parameter searches for total variation and hockey sticks."""

PLANE_GAP = 1e-8
"""Default certified gap of two-parameter searches for total variation and hockey sticks."""

MONOTONE_LINE_GAP = 1e-8
"""Default certified gap of one-parameter searches for other divergences, bounded by meets and joins."""

MONOTONE_PLANE_GAP = 1e-5
"""Default certified gap of two-parameter searches for other divergences."""


@dataclass(frozen=True)
class Band:
    """The range of a packed divergence over a class of pairs, for each m.

    Attributes
    ----------
    m : ndarray of int
        Packing degrees, as asked for; every other array has their shape.
    lower, upper : ndarray
        Infimum and supremum.
    lower_gap, upper_gap : ndarray
        Certificates, which include rounding: the true infimum is within lower_gap of lower, the true
        supremum within upper_gap of upper.
    lower_attained, upper_attained : ndarray of bool
        Whether the witness belongs to the class. Where it does not, the value is approached along regions
        of the class that tend to the witness.
    lower_regions, upper_regions : ndarray of Region
        Witnesses: their packed divergence is the value, their total variation τ.
    regime : str
        The case of the parameters, by name.
    statement : str
        What the range rests on.
    """

    m: IntArray
    lower: FloatArray
    upper: FloatArray
    lower_gap: FloatArray
    upper_gap: FloatArray
    lower_attained: NDArray[np.bool_]
    upper_attained: NDArray[np.bool_]
    lower_regions: NDArray[np.object_]
    upper_regions: NDArray[np.object_]
    regime: str
    statement: str


class End(NamedTuple):
    """One end of the range at one m."""

    value: float
    gap: float
    attained: bool
    region: Region


class Case(NamedTuple):
    """A regime: its name, its statement, and its two ends as functions of what is measured."""

    regime: str
    statement: str
    lower: Callable[[PackedDivergence], End]
    upper: Callable[[PackedDivergence], End]


def tv_band(
    tau: float,
    m: ArrayLike,
    *,
    collapse: tuple[float, float] | None = None,
    augmentation: tuple[float, float] | None = None,
    no_collapse: tuple[float, float] | None = None,
    divergence: str = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> Band:
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
        What to measure between P^m and Q^m: any name known to `Region.divergence`. The extremal regions
        serve every f-divergence, since all are monotone in the region (docs/theory.md §8).
    order : float, default 1
        The order γ ≥ 0 for "hockey_stick".
    gap : float, optional
        Certified width of the searched ends, at least 1e-12, relative for values above 1. By default, for
        total variation and hockey sticks 1e-9 in one parameter and 1e-8 in two (the upper end without
        collapse), for other divergences 1e-8 and 1e-5. Ends known in closed form or from breakpoints are
        exact to rounding.

    Returns
    -------
    Band

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
    m: ArrayLike,
    *,
    collapse: tuple[float, float],
    no_collapse: tuple[float, float],
    gap: float | None = None,
) -> IntArray:
    """The packing degrees at which H1 and H0 are told apart by the packed distance alone.

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
    with_collapse = tv_band(tau, m, collapse=collapse, gap=gap)
    without = tv_band(tau, m, no_collapse=no_collapse, gap=gap)
    separated = with_collapse.lower - with_collapse.lower_gap > without.upper + without.upper_gap
    return np.atleast_1d(with_collapse.m)[np.atleast_1d(separated)]


# -- the cases ---------------------------------------------------------------------------------------


def _all_pairs(tau: float, gap: float | None) -> Case:
    whole = Interval(0.0, 1 - tau, (0.0, 1 - tau))
    return Case(
        regimes.ALL_PAIRS,
        "Theorem 3",
        lambda divergence: _least_triangle(divergence, tau, [whole], gap),
        lambda divergence: value_at(divergence, families.outer(tau), attained=True),
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

    def lower(divergence: PackedDivergence) -> End:
        ends = [_least_triangle(divergence, tau, [triangles], gap)]
        for low, high in hulls:
            found = extremes.hull_minimum(
                divergence, (eps, delta), tau, low, high, _line_gap(divergence, gap)
            )
            (x,) = found.point
            pair = families.hull(x, x + tau, eps, delta)
            ends.append(End(found.value, found.gap, True, families.region(pair)))
        return _least(ends)

    return Case(
        regimes.COLLAPSE,
        "Theorem 4, with the hulls of a collapse point right of the tangent point added (docs/theory.md §4)",
        lower,
        lambda divergence: value_at(divergence, families.outer(tau), attained=True),
    )


_STATEMENTS = {
    regimes.SIDE: "Theorem 5 with tangent points beside the forbidden points added (docs/theory.md §5)",
    regimes.MIDDLE: "Theorem 5, as a supremum (docs/theory.md §5)",
    regimes.ZERO_WIDTH: (
        "Theorem 5 at ε = 0 or δ = 1: the full region is approached, never reached (docs/theory.md §5)"
    ),
}
"""What the ranges without collapse rest on, by regime."""


def _without_collapse(tau: float, eps: float, delta: float, gap: float | None) -> Case:
    """Theorem 5; see `regimes` for d and u, on which alone it depends."""
    regime = regimes.without_collapse(tau, eps, delta)
    d, u, side, middle = regime.d, regime.u, regime.beside, regime.between
    if regime.name == regimes.TOO_CLOSE:
        return _all_pairs(tau, gap)._replace(
            regime=regime.name, statement="τ < δ−ε excludes collapse and augmentation: Theorem 3"
        )
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

    def lower(divergence: PackedDivergence) -> End:
        if divergence.is_total_variation and divergence.m == 1:
            return value_at(divergence, inside, attained=True)
        return _least_triangle(divergence, tau, intervals, gap)

    def upper(divergence: PackedDivergence) -> End:
        if divergence.is_total_variation and divergence.m == 1:
            return value_at(divergence, inside, attained=True)
        if side and divergence.is_total_variation:
            return value_at(divergence, families.one_sided(tau), attained=True)
        if u == 0 or (tau <= d and not side):
            return value_at(divergence, families.outer(tau), attained=False)
        ends = []
        if side:
            ends += _side_ends(divergence, u, u + d, tau, intervals[0].high, gap)
        if middle and tau > d:
            found = extremes.hexagon_maximum(divergence, u, u + d, tau, _plane_gap(divergence, gap))
            alpha, beta = found.point
            pair = families.outer1(u, u + d, alpha, beta, tau)
            ends.append(End(found.value, found.gap, False, families.region(pair)))
        return _greatest(ends)

    return Case(regime.name, _STATEMENTS[regime.name], lower, upper)


# -- ends ---------------------------------------------------------------------------------------------


def _least_triangle(
    divergence: PackedDivergence, tau: float, intervals: list[Interval], gap: float | None
) -> End:
    """The least divergence of triangles over intervals of tangent points."""
    ends = []
    for interval in intervals:
        low, high = interval.low, interval.high
        if divergence.is_total_variation:
            found = extremes.triangle_minimum(tau, divergence.m, low, high)
        else:
            found = extremes.hull_minimum(divergence, (0.0, 0.0), tau, low, high, _line_gap(divergence, gap))
        (x,) = found.point
        attained = interval.holds(x)
        ends.append(End(found.value, found.gap, attained, families.region(families.inner(1 - tau - x, tau))))
    return _least(ends)


def _side_ends(
    divergence: PackedDivergence, eps: float, delta: float, tau: float, high: float, gap: float | None
) -> list[End]:
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
        found = branch_and_bound.line_maximum(divergence, pairs, joins, 0.0, high, _line_gap(divergence, gap))
        region = families.region(pairs(np.array(found.point[0])))
        ends.append(End(found.value, found.gap, False, region))
    return ends


def value_at(divergence: PackedDivergence, pair: families.Pair, attained: bool) -> End:
    """The end whose extremal pair is known."""
    value = float(divergence.values(*pair))
    gap = branch_and_bound.ROUNDING * max(1.0, value) if value < math.inf else 0.0
    return End(value, gap, attained, families.region(pair))


def _least(ends: list[End]) -> End:
    best = min(ends, key=lambda end: (end.value, not end.attained))
    if best.value == math.inf:
        return best
    return best._replace(gap=best.value - min(end.value - end.gap for end in ends))


def _greatest(ends: list[End]) -> End:
    best = max(ends, key=lambda end: end.value)
    if best.value == math.inf:
        return best
    return best._replace(gap=max(end.value + end.gap for end in ends) - best.value)


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


def tabulate(m: IntArray, measures: list[PackedDivergence], case: Case) -> Band:
    """The band of a case, one m a measure."""
    lower = [case.lower(divergence) for divergence in measures]
    upper = [case.upper(divergence) for divergence in measures]

    def column(ends: list[End], name: str, dtype: Any) -> Any:
        array = np.empty(len(ends), dtype=dtype)
        array[:] = [getattr(end, name) for end in ends]
        return array.reshape(m.shape)

    return Band(
        m,
        column(lower, "value", float),
        column(upper, "value", float),
        column(lower, "gap", float),
        column(upper, "gap", float),
        column(lower, "attained", bool),
        column(upper, "attained", bool),
        column(lower, "region", object),
        column(upper, "region", object),
        case.regime,
        case.statement,
    )
