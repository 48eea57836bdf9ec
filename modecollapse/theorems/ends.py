"""The two ends of a range: in closed form where one is known, else by a search.

Every f-divergence of (P^m, Q^m) grows with the region, so the infimum of a class is that of its least regions
and the supremum that of its greatest (docs/theory.md §9).
"""

from __future__ import annotations

import math

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries, triangles
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.extremum import ROUNDING, Extremum
from modecollapse.theorems.greatest.members import Members
from modecollapse.theorems.greatest.supremum import MOST_STEPS, supremum
from modecollapse.theorems.least import infimum

GAP = 1e-9
"""Default certified gap of one-parameter searches for total variation and hockey sticks."""

PLANE_GAP = 1e-8
"""Default certified gap of two-parameter searches for total variation and hockey sticks."""

MONOTONE_LINE_GAP = 1e-8
"""Default certified gap of one-parameter searches for other divergences, bounded by meets and joins."""

MONOTONE_PLANE_GAP = 1e-5
"""Default certified gap of two-parameter searches for other divergences."""

MOST_SOLVED = 3
"""Greatest number of forbidden points that matter with which the default gap is promised."""

STEPS_UNPROMISED = 4e8
"""Entries of tables after which a search for a gap that is not promised ends: a few seconds."""


def least_end(pairs: PairClass, divergence: PackedDivergence, gap: float | None) -> Extremum:
    """The infimum: the divergence of A where it has the least distance, else the least over least regions."""
    if pairs.required_touches or _is_the_distance(pairs, divergence):
        return _member_end(pairs, divergence, _some_member(pairs))
    return infimum(pairs, divergence, gap or _default_gap(divergence, 1))


def greatest_end(
    pairs: PairClass, divergence: PackedDivergence, gap: float | None, members: Members | None = None
) -> Extremum:
    """The supremum: in closed form where it is known, else by the search over slopes.

    `members` are those of the class, if they were made for another m.
    """
    members = members or Members(pairs)
    high = pairs.heights[1]
    if _is_the_distance(pairs, divergence) and not pairs.highest.is_empty:
        return _member_end(pairs.highest, divergence, _some_member(pairs.highest))
    if divergence.is_total_variation and pairs.top is not None:
        if pairs.slope == 1:
            value = triangles.greatest_distance(high, divergence.m)
        else:
            value = float(divergence.values(*pairs.top.pair))
        return Extremum(value, _rounding(value), pairs.top)
    if not pairs.mattering:
        value = _value(divergence, pairs.greatest)
        return _settled(members, divergence, pairs.greatest, value, _rounding(value))
    k = len(pairs.mattering)
    is_promised = gap is not None or k <= MOST_SOLVED
    most_steps = MOST_STEPS if is_promised else STEPS_UNPROMISED
    found = supremum(members.regions, divergence, gap or _default_gap(divergence, k), most_steps)
    if is_promised and not found.is_exact:
        raise found.precision_error()
    return _settled(members, divergence, found.boundary, found.value, found.gap)


def _settled(
    members: Members, divergence: PackedDivergence, boundary: FloatArray, value: float, gap: float
) -> Extremum:
    """The end with a member for its witness if one has the value, which may be greater within the gap."""
    witness, reached, attained = members.settled(divergence, boundary, value)
    if value < reached < math.inf:
        gap = max(gap - (reached - value), _rounding(reached))
    return Extremum(reached, gap, boundaries.region(witness), attained=attained)


def _is_the_distance(pairs: PairClass, divergence: PackedDivergence) -> bool:
    """Whether the divergence of one sample is the distance that the class gives."""
    return divergence.m == 1 and divergence.is_power and divergence.order == pairs.slope


def _some_member(pairs: PairClass) -> FloatArray:
    if pairs.required_touches:
        return pairs.required
    interval = max(pairs.tangents, key=lambda interval: interval.high - interval.low)
    return pairs.least_regions(np.array([(interval.low + interval.high) / 2]))[0]


def _member_end(pairs: PairClass, divergence: PackedDivergence, boundary: FloatArray) -> Extremum:
    """The end that a known member attains, if rounding leaves it inside a class that has hardly any room."""
    if _is_the_distance(pairs, divergence):
        value = pairs.low - max(1 - pairs.slope, 0.0)
    else:
        value = _value(divergence, boundary)
    region = boundaries.region(boundary)
    return Extremum(value, _rounding(value), region, attained=region in pairs)


def _value(divergence: PackedDivergence, boundary: FloatArray) -> float:
    return float(divergence.values(*boundaries.letters(boundary)))


def _rounding(value: float) -> float:
    return ROUNDING * max(1.0, value) if value < math.inf else 0.0


def _default_gap(divergence: PackedDivergence, parameters: int) -> float:
    """The gap promised where none is asked for, of a search in one parameter or more."""
    line, plane = (GAP, PLANE_GAP) if divergence.is_power else (MONOTONE_LINE_GAP, MONOTONE_PLANE_GAP)
    return line if parameters == 1 else plane
