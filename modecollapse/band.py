"""The true ranges of d_TV(P^m, Q^m) at a given d_TV(P, Q): Theorems 3, 4 and 5 in every regime.

THEORY §§3–5 have the statements. Where the paper's theorems hold, `modecollapse.paper` gives the same
numbers; where they do not, this module is right and the printed formulas are not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modecollapse import family, search, validation
from modecollapse.errors import InfeasibleError
from modecollapse.region import Region
from modecollapse.validation import FloatArray, IntArray

THRESHOLD_TOLERANCE = 1e-12
"""A τ this close below a threshold between regimes counts as having reached it."""

GAP = 1e-9
"""Default certified gap of the searches."""


@dataclass(frozen=True)
class Band:
    """The range of d_TV(P^m, Q^m) over a class of pairs, for each m.

    Attributes
    ----------
    m : ndarray of int
        Packing degrees, as asked for; every other array has their shape.
    lower, upper : ndarray
        Infimum and supremum.
    lower_gap, upper_gap : ndarray
        Certificates: the true infimum lies in [lower − lower_gap, lower + rounding], the true supremum in
        [upper − rounding, upper + upper_gap], where rounding is below 2e-13.
    lower_attained, upper_attained : ndarray of bool
        Whether a pair of the class attains the value, or only a sequence approaches it.
    lower_regions, upper_regions : ndarray of Region
        Regions with this packed distance: of the class where it is attained, limits of its regions where not.
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


class Interval(NamedTuple):
    """An interval of tangent points, and those of its ends that belong to it."""

    low: float
    high: float
    closed_ends: tuple[float, ...]


class Case(NamedTuple):
    """A regime: its name, its statement, and its two ends as functions of m."""

    regime: str
    statement: str
    lower: Callable[[int], End]
    upper: Callable[[int], End]


def tv_band(
    tau: float,
    m: ArrayLike,
    *,
    collapse: tuple[float, float] | None = None,
    augmentation: tuple[float, float] | None = None,
    no_collapse: tuple[float, float] | None = None,
    gap: float = GAP,
) -> Band:
    """The range of d_TV(P^m, Q^m) over all pairs with d_TV(P, Q) = τ and at most one more condition.

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
    gap : float, default 1e-9
        Certified width of the searched ends; ends known in closed form or from breakpoints are exact to
        rounding. At least 1e-12.

    Returns
    -------
    Band

    Raises
    ------
    InfeasibleError
        If no pair meets the conditions; the message names the threshold crossed. A τ within 1e-12 below a
        threshold counts as having reached it.
    PrecisionError
        If `gap` cannot be certified; it carries the best bracket.
    ValueError
        If a parameter is invalid, or more than one condition is given.

    Examples
    --------
    >>> import modecollapse as mc
    >>> band = mc.tv_band(0.11, [1, 2, 5], collapse=(0.02, 0.1))
    >>> band.lower.round(5).tolist(), band.upper.round(5).tolist()
    ([0.11, 0.16249, 0.31931], [0.11, 0.2079, 0.44159])
    """
    tau = validation.probability("tau", tau)
    degrees = validation.degrees(m)
    if not gap >= 1e-12:
        raise ValueError(f"gap must be at least 1e-12, got {gap!r}")
    given = {
        name: value
        for name, value in (
            ("collapse", collapse),
            ("augmentation", augmentation),
            ("no_collapse", no_collapse),
        )
        if value is not None
    }
    if len(given) > 1:
        raise ValueError(f"at most one condition can be given, got {' and '.join(given)}")
    if not given:
        return _tabulate(degrees, _all_pairs(tau))
    ((name, point),) = given.items()
    try:
        eps, delta = point
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a pair (eps, delta), got {point!r}") from None
    eps, delta = validation.collapse_point(eps, delta)
    if name == "collapse":
        return _tabulate(degrees, _with_collapse(tau, eps, delta, gap))
    if name == "augmentation":
        return _tabulate(degrees, _with_collapse(tau, 1 - delta, 1 - eps, gap))
    return _tabulate(degrees, _without_collapse(tau, eps, delta, gap))


def separating_degrees(
    tau: float,
    m: ArrayLike,
    *,
    collapse: tuple[float, float],
    no_collapse: tuple[float, float],
    gap: float = GAP,
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


def _all_pairs(tau: float) -> Case:
    return Case(
        "all pairs",
        "Theorem 3",
        lambda m: _best_triangle(tau, m, [Interval(0.0, 1 - tau, (0.0, 1 - tau))]),
        lambda m: _full(tau, m, family.region(family.outer(tau))),
    )


def _with_collapse(tau: float, eps: float, delta: float, gap: float) -> Case:
    d = delta - eps
    if tau < d - THRESHOLD_TOLERANCE:
        raise InfeasibleError(
            f"(eps, delta)-collapse forces tau ≥ delta − eps = {d:.12g}, got tau={tau!r} with "
            f"eps={eps!r}, delta={delta!r}"
        )
    tau = max(tau, d)
    left = max(0.0, 1 - tau * (1 - eps) / d)
    right = min(eps * tau / d, 1 - tau)
    triangles = Interval(left, max(left, right), (left, right))
    sides = [(low, high) for low, high in ((0.0, left), (right, 1 - tau)) if low < high]

    def lower(m: int) -> End:
        ends = [_best_triangle(tau, m, [triangles])]
        for low, high in sides:
            found = search.hull_minimum(eps, delta, tau, m, low, high, gap)
            (x,) = found.point
            pair = family.hull(x, x + tau, eps, delta)
            ends.append(End(found.value, found.gap, True, family.region(pair)))
        best = min(ends, key=lambda end: end.value)
        floor = min(end.value - end.gap for end in ends)
        return best._replace(gap=best.value - floor)

    return Case(
        "collapse",
        "Theorem 4, with the hulls whose collapse point lies right of the tangent point added (THEORY §4)",
        lower,
        lambda m: _full(tau, m, family.region(family.outer(tau))),
    )


def _without_collapse(tau: float, eps: float, delta: float, gap: float) -> Case:
    """Theorem 5 depends on d = δ−ε and u = min(ε, 1−δ) alone: the forbidden points are (u, u+d) and
    (v, v+d), v = 1−d−u."""
    d, u = delta - eps, min(eps, 1 - delta)
    if tau < d - THRESHOLD_TOLERANCE:
        return _all_pairs(tau)._replace(
            regime="too close to collapse",
            statement="τ < δ−ε excludes collapse and augmentation: Theorem 3",
        )
    side_end, middle_end = d / (1 - u), d / (2 * u + d)
    side = u > 0 and tau < side_end - THRESHOLD_TOLERANCE
    middle = tau < middle_end - THRESHOLD_TOLERANCE
    if not (side or middle):
        limit = max(side_end if u > 0 else 0.0, middle_end)
        raise InfeasibleError(
            "pairs without collapse and augmentation need tau < "
            f"max(d/(1-u), d/(2u+d)) = {limit:.12g} with d = delta-eps = {d:.6g} and "
            f"u = min(eps, 1-delta) = {u:.6g}, got tau={tau!r}"
        )
    tau = max(tau, d)
    intervals = []
    if side:
        intervals.append(Interval(0.0, 1 - tau * (1 - u) / d, (0.0,)))
    if middle:
        intervals.append(Interval(u * tau / d, 1 - tau - u * tau / d, ()))

    def lower(m: int) -> End:
        return _best_triangle(tau, m, intervals)

    if side:
        return Case(
            "side tangents",
            "Theorem 5 with the tangent points beside the forbidden points added (THEORY §5)",
            lower,
            lambda m: _full(tau, m, Region.from_pmfs([tau, 1 - tau], [0, 1])),
        )
    if u == 0:
        return Case(
            "zero-width collapse",
            "Theorem 5 with ε = 0 or δ = 1: approached by the full region, attained by none (THEORY §5)",
            lower,
            lambda m: _full(tau, m, family.region(family.outer(tau)))._replace(attained=m == 1),
        )

    def upper(m: int) -> End:
        found = search.hexagon_maximum(u, u + d, tau, m, gap)
        alpha, beta = found.point
        pair = family.outer1(u, u + d, alpha, beta, tau)
        return End(found.value, found.gap, m == 1, family.region(pair))

    return Case("middle tangents", "Theorem 5, as a supremum (THEORY §5)", lower, upper)


# -- ends ---------------------------------------------------------------------------------------------


def _full(tau: float, m: int, region: Region) -> End:
    """1 − (1−τ)^m, the greatest distance at total variation τ."""
    value = -math.expm1(m * math.log1p(-tau)) if tau < 1 else 1.0
    return End(value, search.ROUNDING, True, region)


def _best_triangle(tau: float, m: int, intervals: list[Interval]) -> End:
    """The least T over intervals of tangent points."""
    searched = [(search.triangle_minimum(tau, m, i.low, i.high), i) for i in intervals]
    found, interval = min(searched, key=lambda entry: entry[0].value)
    (x,) = found.point
    attained = m == 1 or interval.low < x < interval.high or x in interval.closed_ends
    return End(found.value, found.gap, attained, family.region(family.inner(1 - tau - x, tau)))


def _tabulate(m: IntArray, case: Case) -> Band:
    def column(values: list[Any], dtype: Any) -> Any:
        array = np.empty(len(values), dtype=dtype)
        array[:] = values
        return array.reshape(m.shape)

    lower = [case.lower(int(degree)) for degree in m.ravel()]
    upper = [case.upper(int(degree)) for degree in m.ravel()]
    return Band(
        m,
        column([end.value for end in lower], float),
        column([end.value for end in upper], float),
        column([end.gap for end in lower], float),
        column([end.gap for end in upper], float),
        column([end.attained for end in lower], bool),
        column([end.attained for end in upper], bool),
        column([end.region for end in lower], object),
        column([end.region for end in upper], object),
        case.regime,
        case.statement,
    )
