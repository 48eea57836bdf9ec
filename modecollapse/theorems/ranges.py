"""The range of D(P^m‖Q^m) over any class of pairs, with witnesses and certified gaps.

Every f-divergence of (P^m, Q^m) grows with the region, so the infimum of a class is that of its least regions
and the supremum that of its greatest (docs/theory.md §9). Theorems 3, 4 and 5 are three instances.
"""

from __future__ import annotations

import math
from dataclasses import replace
from typing import overload

import numpy as np

from modecollapse import validation
from modecollapse.arrays import Degree, Degrees, FloatArray
from modecollapse.brackets import Bracket
from modecollapse.divergence import DivergenceName, validate_divergence
from modecollapse.errors import InfeasibleError, PrecisionError
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries
from modecollapse.theorems.band import (
    GAP,
    MONOTONE_LINE_GAP,
    MONOTONE_PLANE_GAP,
    PLANE_GAP,
    ArrayBand,
    Case,
    ScalarBand,
    tabulate,
    validate_gap,
)
from modecollapse.theorems.branch_and_bound import ROUNDING, Extremum
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.greatest import Supremum, supremum
from modecollapse.theorems.least import infimum
from modecollapse.theorems.members import member_with_value
from modecollapse.theorems.slopes import GreatestRegions

MOST_SOLVED = 2
"""Greatest number of forbidden points that matter with which the default gap is promised."""


@overload
def band(
    pairs: PairClass,
    m: Degree,
    *,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand: ...
@overload
def band(
    pairs: PairClass,
    m: Degrees,
    *,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ArrayBand: ...
@overload
def band(
    pairs: PairClass,
    m: Degree | Degrees,
    *,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand | ArrayBand: ...
def band(
    pairs: PairClass,
    m: Degree | Degrees,
    *,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> ScalarBand | ArrayBand:
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
        forbidden point that matters) and 1e-8 in more; for other divergences 1e-8 and 1e-5. With three
        such points or more the default is sought and not promised: the gap says how far the search came.

    Returns
    -------
    Band
        Of numbers for one m (`ScalarBand`), of arrays of the shape of `m` for many (`ArrayBand`).

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
    >>> pairs = mc.PairClass(tau=0.18, no_collapse=(0.5, 0.6))
    >>> mc.band(pairs, 3)
    <Band [0.355752, 0.448632] at m = 3, a class of pairs>
    >>> mc.band(pairs, [1, 3]).lower.round(6).tolist()
    [0.18, 0.355752]
    """
    degrees = validation.degrees(m)
    validate_divergence(divergence, order)
    validate_gap(gap)
    if pairs.why_empty is not None:
        raise InfeasibleError(pairs.why_empty)
    measures = [PackedDivergence(divergence, int(degree), float(order)) for degree in degrees.ravel()]
    case = Case(
        pairs.regime or "",
        "classes of pairs (docs/theory.md §9)",
        lambda divergence: least_end(pairs, divergence, gap),
        lambda divergence: greatest_end(pairs, divergence, gap),
        pairs,
    )
    return tabulate(degrees, measures, case)


# -- ends ------------------------------------------------------------------------------------------


def least_end(pairs: PairClass, divergence: PackedDivergence, gap: float | None) -> Extremum:
    """The infimum: the divergence of A where it has the least distance, else the least over least regions."""
    if pairs.required_touches:
        return _known(divergence, pairs.required, attained=True)
    if _measures_the_distance(pairs, divergence):
        return _known(divergence, _some_member(pairs), attained=True)
    return infimum(pairs, divergence, gap or _default_gap(divergence, 1))


def greatest_end(pairs: PairClass, divergence: PackedDivergence, gap: float | None) -> Extremum:
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
) -> Extremum:
    """The end with a member for its witness, if one has the value."""
    member = member_with_value(pairs, divergence, boundary, value)
    region = boundaries.region(boundary if member is None else member)
    return Extremum(value, gap, region, attained=member is not None)


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


def _known(divergence: PackedDivergence, boundary: FloatArray, attained: bool) -> Extremum:
    """The end whose extremal region is known."""
    value = float(divergence.values(*boundaries.letters(boundary)))
    return Extremum(value, _rounding(value), boundaries.region(boundary), attained=attained)


def _rounding(value: float) -> float:
    return ROUNDING * max(1.0, value) if value < math.inf else 0.0


def _default_gap(divergence: PackedDivergence, parameters: int) -> float:
    """The gap promised where none is asked for, of a search in one parameter or more."""
    line, plane = (GAP, PLANE_GAP) if divergence.is_power else (MONOTONE_LINE_GAP, MONOTONE_PLANE_GAP)
    return line if parameters == 1 else plane


def _too_wide(found: Supremum) -> PrecisionError:
    bracket = Bracket(found.value, found.value + found.gap)
    return PrecisionError(
        f"the supremum is only known to lie in [{bracket.lower:.12g}, {bracket.upper:.12g}] "
        f"(width {bracket.width:.2g}); ask for a wider gap",
        bracket,
    )
