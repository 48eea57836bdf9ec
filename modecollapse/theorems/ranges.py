"""The range of D(P^m‖Q^m) over any class of pairs, with witnesses and certified gaps.

Every f-divergence of (P^m, Q^m) grows with the region, so the infimum of a class is that of its least regions
and the supremum that of its greatest (docs/theory.md §12). Theorems 3, 4 and 5 are three instances.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modecollapse import validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.brackets import Bracket
from modecollapse.divergence import validate_divergence
from modecollapse.errors import InfeasibleError, PrecisionError
from modecollapse.packing.measures import PackedDivergence
from modecollapse.region import Region
from modecollapse.theorems import boundaries
from modecollapse.theorems.branch_and_bound import ROUNDING
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.greatest import Supremum, supremum
from modecollapse.theorems.least import infimum
from modecollapse.theorems.members import member_with_value
from modecollapse.theorems.slopes import GreatestRegions

POWER_GAPS = (1e-9, 1e-8)
"""Default certified gaps for total variation and hockey sticks: of one parameter, and of more."""

OTHER_GAPS = (1e-8, 1e-5)
"""The same for other divergences, which are bounded by meets and joins alone."""

MOST_SOLVED = 3
"""Up to so many forbidden points that matter, the default gap is promised."""


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
    lower_regions, upper_regions : ndarray of Region
        Witnesses: their packed divergence is the value.
    lower_attained, upper_attained : ndarray of bool
        Whether the witness belongs to the class. Where it does not, the value is approached along regions
        of the class that tend to the witness.
    pairs : PairClass
        The class.
    """

    m: IntArray
    lower: FloatArray
    upper: FloatArray
    lower_gap: FloatArray
    upper_gap: FloatArray
    lower_regions: NDArray[np.object_]
    upper_regions: NDArray[np.object_]
    lower_attained: NDArray[np.bool_]
    upper_attained: NDArray[np.bool_]
    pairs: PairClass


class End(NamedTuple):
    """One end of the range at one m."""

    value: float
    gap: float
    attained: bool
    region: Region


def band(
    pairs: PairClass,
    m: ArrayLike,
    *,
    divergence: str = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> Band:
    """The range of D(P^m‖Q^m) over a class of pairs.

    Parameters
    ----------
    pairs : PairClass
        The class: conditions on the region of (P, Q).
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    divergence : str, default "tv"
        What to measure between P^m and Q^m: any name known to `Region.divergence`.
    order : float, default 1
        The order γ ≥ 0 for "hockey_stick".
    gap : float, optional
        Certified width of the searched ends, at least 1e-12, relative for values above 1. By default, for
        total variation and hockey sticks, 1e-9 in one parameter (lower ends, and upper ends with one
        forbidden point that matters) and 1e-8 in more; for other divergences 1e-8 and 1e-5. With more than
        three such points the default is not promised: the gap says how far the search came.

    Returns
    -------
    Band

    Raises
    ------
    InfeasibleError
        If no pair meets the conditions; the message says which exclude each other.
    PrecisionError
        If `gap` cannot be certified; it carries the best bracket.
    ValueError
        If a parameter is invalid, or m is too large for the divergence.

    Examples
    --------
    >>> import modecollapse as mc
    >>> from modecollapse.theorems.classes import PairClass
    >>> found = band(PairClass(tau=0.18, no_collapse=(0.5, 0.6)), 3)
    >>> float(found.lower.round(6)), float(found.upper.round(6))
    (0.355752, 0.448632)
    """
    degrees = validation.degrees(m)
    validate_divergence(divergence, order)
    validate_gap(gap)
    if pairs.why_empty is not None:
        raise InfeasibleError(pairs.why_empty)
    measures = [PackedDivergence(divergence, int(degree), float(order)) for degree in degrees.ravel()]
    lower = [least_end(pairs, measure, gap) for measure in measures]
    upper = [greatest_end(pairs, measure, gap) for measure in measures]

    def column(ends: list[End], name: str, dtype: Any) -> Any:
        array = np.empty(len(ends), dtype=dtype)
        array[:] = [getattr(end, name) for end in ends]
        return array.reshape(degrees.shape)

    return Band(
        degrees,
        column(lower, "value", float),
        column(upper, "value", float),
        column(lower, "gap", float),
        column(upper, "gap", float),
        column(lower, "region", object),
        column(upper, "region", object),
        column(lower, "attained", bool),
        column(upper, "attained", bool),
        pairs,
    )


def validate_gap(gap: float | None) -> None:
    """Refuse a gap that no double-precision search can certify."""
    if gap is not None and validation.number("gap", gap) < 1e-12:
        raise ValueError(f"gap must be at least 1e-12, got {gap!r}")


# -- ends ------------------------------------------------------------------------------------------


def least_end(pairs: PairClass, divergence: PackedDivergence, gap: float | None) -> End:
    """The infimum: the divergence of A where it has the least distance, else the least over least regions."""
    if pairs.required_touches:
        return _known(divergence, pairs.required, attained=True)
    if _measures_the_distance(pairs, divergence):
        return _known(divergence, _some_member(pairs), attained=True)
    found = infimum(pairs, divergence, gap or _default_gap(divergence, 1))
    region = boundaries.region(pairs.least_regions(np.array([found.x]))[0])
    return End(found.value, found.gap, found.attained, region)


def greatest_end(pairs: PairClass, divergence: PackedDivergence, gap: float | None) -> End:
    """The supremum: in closed form where it is known, else by the search over slopes."""
    low, high = pairs.heights
    if low == high and _measures_the_distance(pairs, divergence):
        return _known(divergence, _some_member(pairs), attained=True)
    top = _top(pairs) if divergence.is_total_variation else None
    if top is not None:
        return _known(divergence, top, attained=True)
    if not pairs.mattering:
        value = float(divergence.values(*boundaries.letters(pairs.greatest)))
        return _settled(pairs, divergence, pairs.greatest, value, _rounding(value))
    k = len(pairs.mattering)
    found = supremum(GreatestRegions(pairs), divergence, gap or _default_gap(divergence, k))
    if not found.is_exact and (gap is not None or k <= MOST_SOLVED):
        raise _too_wide(found)
    return _settled(pairs, divergence, found.boundary, found.value, found.gap)


def _settled(
    pairs: PairClass, divergence: PackedDivergence, boundary: FloatArray, value: float, gap: float
) -> End:
    """The end with a member for its witness, if one has the value."""
    member = member_with_value(pairs, divergence, boundary, value)
    return End(value, gap, member is not None, boundaries.region(boundary if member is None else member))


def _top(pairs: PairClass) -> FloatArray | None:
    """A member with the total variation of the greatest region without conditions, if a least region has it.

    A least region that touches ℓ where it starts (or ends) has no common letter of ratio above (below) 1.
    """
    if pairs.within is not None:
        return None
    highest = _at_the_highest(pairs)
    for x, allowed in ((0.0, pairs.slope <= 1), (highest.last_tangent, pairs.slope >= 1)):
        if allowed and any(interval.holds(x) for interval in highest.tangents):
            return highest.least_regions(np.array([x]))[0]
    return None


def _at_the_highest(pairs: PairClass) -> PairClass:
    """The members of the greatest distance."""
    low, high = pairs.heights
    return pairs if low == high else replace(pairs, tau=high)


def _measures_the_distance(pairs: PairClass, divergence: PackedDivergence) -> bool:
    """Whether the divergence of one sample is the distance that the class gives."""
    return divergence.m == 1 and divergence.is_power and divergence.order == pairs.slope


def _some_member(pairs: PairClass) -> FloatArray:
    if pairs.required_touches:
        return pairs.required
    interval = max(pairs.tangents, key=lambda interval: interval.high - interval.low)
    return pairs.least_regions(np.array([(interval.low + interval.high) / 2]))[0]


def _known(divergence: PackedDivergence, boundary: FloatArray, attained: bool) -> End:
    """The end whose extremal region is known."""
    value = float(divergence.values(*boundaries.letters(boundary)))
    return End(value, _rounding(value), attained, boundaries.region(boundary))


def _rounding(value: float) -> float:
    return ROUNDING * max(1.0, value) if value < math.inf else 0.0


def _default_gap(divergence: PackedDivergence, parameters: int) -> float:
    gaps = POWER_GAPS if divergence.is_power else OTHER_GAPS
    return gaps[min(parameters, 2) - 1]


def _too_wide(found: Supremum) -> PrecisionError:
    bracket = Bracket(found.value, found.value + found.gap)
    return PrecisionError(
        f"the supremum is only known to lie in [{bracket.lower:.12g}, {bracket.upper:.12g}] "
        f"(width {bracket.width:.2g}); ask for a wider gap",
        bracket,
    )
