"""The range of the packed Jensen–Shannon divergence at a given one: the paper's open question.

It rests on a conjecture (docs/theory.md §8): that the greatest packed divergence belongs to a generator
that lacks one letter, and the least to a pair of two letters. First-order conditions and long searches
over pairs of three to six letters have not broken it; there is no proof.
"""

from __future__ import annotations

import math
from typing import overload

import numpy as np

from modecollapse import validation
from modecollapse.arrays import Degree, Degrees, FloatArray
from modecollapse.divergence import jensen_shannon
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import branch_and_bound, extremes, families
from modecollapse.theorems.band import ArrayBand, Case, ScalarBand, tabulate, validate_gap
from modecollapse.theorems.branch_and_bound import Extremum
from modecollapse.theorems.ends import value_at


@overload
def js_band(c: float, m: Degree, *, gap: float = 1e-6) -> ScalarBand: ...
@overload
def js_band(c: float, m: Degrees, *, gap: float = 1e-6) -> ArrayBand: ...
@overload
def js_band(c: float, m: Degree | Degrees, *, gap: float = 1e-6) -> ScalarBand | ArrayBand: ...
def js_band(c: float, m: Degree | Degrees, *, gap: float = 1e-6) -> ScalarBand | ArrayBand:
    """The conjectured range of d_JS(P^m, Q^m) over all pairs with d_JS(P, Q) = c. Not proved.

    The upper end is J(1−(1−t)^m) with J(t) = d_JS([t, 1−t], [0, 1]) and J(t) = c; the lower end is the least
    over pairs of two letters (docs/theory.md §8).

    Parameters
    ----------
    c : float
        Jensen–Shannon divergence in nats, 0 ≤ c ≤ log 2.
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    gap : float, default 1e-6
        Certified width of the search over pairs of two letters. It certifies that search,
        not the conjecture.

    Returns
    -------
    Band
        In nats: of numbers for one m, of arrays for many.

    Raises
    ------
    ValueError
        If c lies outside [0, log 2], or m is not a positive integer.
    PrecisionError
        If `gap` cannot be certified.

    Examples
    --------
    >>> import modecollapse as mc
    >>> band = mc.js_band(0.1, [1, 2, 5])
    >>> band.lower.round(5).tolist(), band.upper.round(5).tolist()
    ([0.1, 0.18121, 0.35635], [0.1, 0.19059, 0.40409])
    """
    level = validation.real_array("c", c)
    if level.ndim != 0 or not 0 <= level <= math.log(2):
        raise ValueError(f"c must be one number in [0, log 2 = {math.log(2):.6f}] (nats), got {c!r}")
    degrees = validation.degrees(m)
    validate_gap(gap)
    measures = [PackedDivergence("js", int(degree)) for degree in degrees.ravel()]
    return tabulate(degrees, measures, _conjecture(float(level), gap))


def _conjecture(c: float, gap: float) -> Case:
    share = float(_apex_height(np.zeros(()), c)) if c > 0 else 0.0
    missing = families.one_sided(share)

    def pairs(x: FloatArray) -> families.Pair:
        return families.hull(x, _apex_height(x, c), 0.0, 0.0)

    def meets(left: FloatArray, right: FloatArray) -> families.Pair:
        # triangles of equal divergence never contain each other, so their meet is inside all between
        apex = extremes.meet_of_triangles((left, _apex_height(left, c)), (right, _apex_height(right, c)))
        return families.hull(*apex, 0.0, 0.0)

    def lower(divergence: PackedDivergence) -> Extremum:
        if divergence.m == 1 or not 0 < c < math.log(2):
            return value_at(divergence, missing, attained=True)
        return branch_and_bound.line_minimum(divergence, pairs, meets, 0.0, 1 - share, gap)

    return Case(
        "fixed Jensen–Shannon divergence",
        "a conjecture (docs/theory.md §8): extremal pairs have two letters",
        lower,
        lambda divergence: value_at(divergence, missing, attained=True),
    )


def _apex_height(x: FloatArray, c: float) -> FloatArray:
    """The y > x with d_JS([y, 1−y], [x, 1−x]) = c, at most 1; by bisection to a unit of rounding."""
    low, high = np.array(x, dtype=float), np.ones_like(x, dtype=float)
    for _ in range(60):
        y = (low + high) / 2
        p, q = np.stack([y, 1 - y], axis=-1), np.stack([x, 1 - x], axis=-1)
        below = jensen_shannon(p, q, p - q).sum(axis=-1) < c
        low, high = np.where(below, y, low), np.where(below, high, y)
    return np.asarray((low + high) / 2)
