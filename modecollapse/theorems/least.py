"""The least packed divergence over the least regions of a class: one parameter, the tangent point.

Between finitely many tangent points the corners of A that the hull keeps stand still, and only two letters
change, at constant speed. There two bounds hold below the values at the ends of an interval (docs/theory.md
§6, §9): the meet of the least regions, and the two tests that are best at its ends.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries, extremes
from modecollapse.theorems.boundaries import RISE, X
from modecollapse.theorems.branch_and_bound import Extremum, minimise
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.regimes import Interval

PROBES = 33
"""Tangent points tried for a member that shares an infimum found at an end that does not belong."""

EQUAL = 1e-13
"""Values this close, relative for values above 1, are one value: rounding of the evaluators."""


def infimum(pairs: PairClass, divergence: PackedDivergence, gap: float) -> Extremum:
    """The least divergence over least regions that touch ℓ, for a class whose A does not touch it."""
    found = [
        (_least_between(pairs, divergence, low, high, gap), interval)
        for interval in pairs.tangents
        for low, high in _pieces(pairs, interval)
    ]
    ends = [replace(end, attained=interval.holds(*end.point)) for end, interval in found]
    best = min(ends, key=lambda end: (end.value, not end.attained))
    if best.value < np.inf:
        best = replace(best, gap=best.value - min(end.value - end.gap for end in ends))
    if not best.attained:
        best = _within(pairs, divergence, best)
    return replace(best, region=boundaries.region(pairs.least_regions(np.array(best.point))[0]))


def _within(pairs: PairClass, divergence: PackedDivergence, best: Extremum) -> Extremum:
    """The same infimum at a tangent point of the class, if one shares the value."""
    x = np.concatenate([np.linspace(i.low, i.high, PROBES + 2)[1:-1] for i in pairs.tangents])
    values = divergence.values(*boundaries.letters(pairs.least_regions(x)))
    at = int(values.argmin())
    if values[at] <= best.value + EQUAL * max(1.0, best.value):
        return replace(best, point=(float(x[at]),), attained=True)
    return best


def _pieces(pairs: PairClass, interval: Interval) -> list[tuple[float, float]]:
    """An interval cut where the hull takes up or drops a corner of A: where an edge of A points at ℓ."""
    below = boundaries.heights(pairs.required, pairs.slope, pairs.low)
    x = pairs.required[:, X]
    climb = np.diff(below)
    slanted = climb != 0
    hits = x[:-1][slanted] - below[:-1][slanted] * (np.diff(x)[slanted] / climb[slanted])
    inside = hits[(hits > interval.low) & (hits < interval.high)]
    ends = np.unique(np.concatenate([[interval.low], inside, [interval.high]])).tolist()
    return list(pairwise(ends)) or [(ends[0], ends[0])]


def _least_between(
    pairs: PairClass, divergence: PackedDivergence, low: float, high: float, gap: float
) -> Extremum:
    """The least divergence over low ≤ x ≤ high, between which the corners of A stand still."""
    three = pairs.apex(np.array([low, (low + high) / 2, high]))
    places = [int(corners[1]) for corners in boundaries.tangents(pairs.required, three)]
    if divergence.is_total_variation and pairs.slope == 1 and places == [0, len(pairs.required) - 1]:
        return extremes.triangle_minimum(pairs.low, divergence.m, low, high)  # A lies inside the triangles
    left, right = pairs.required[places]
    p, q = boundaries.letters(boundaries.raised(pairs.required, three))
    present = ((p > 0) | (q > 0)).any(axis=0)
    curvature = 2.0 * divergence.m * (divergence.m - 1) * (pairs.slope**2 + divergence.order)

    def letters(x: FloatArray) -> tuple[FloatArray, FloatArray]:
        p, q = boundaries.letters(pairs.least_regions(np.atleast_1d(x)))
        shape = (*x.shape, int(present.sum()))
        return p[:, present].reshape(shape), q[:, present].reshape(shape)

    def floor(x1: FloatArray, x2: FloatArray, f1: FloatArray, f2: FloatArray) -> FloatArray:
        meets = boundaries.raised(pairs.required, _meet(pairs.apex(x1), pairs.apex(x2), left, right))
        bound = divergence.values(*boundaries.letters(meets))
        if divergence.is_power:
            tests = extremes.two_test_bound(divergence, letters(x1), letters(x2), f1, f2)
            bound = np.maximum(bound, tests - curvature * (x2 - x1) ** 2 / 8)
        return bound

    return minimise(divergence, letters, floor, low, high, gap)


def _meet(first: FloatArray, second: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """A point in the least region of every tangent point between two, from which their meet is raised.

    The line from the first apex to the corner right of it crosses that from the corner left to the second.
    """
    forth, back = right - first, left - second
    across = second - first
    turn = forth[:, X] * back[:, RISE] - forth[:, RISE] * back[:, X]
    part = across[:, X] * back[:, RISE] - across[:, RISE] * back[:, X]
    share = np.divide(part, turn, out=np.zeros_like(part), where=turn != 0)
    return first + np.clip(share, 0.0, 1.0)[:, None] * forth
