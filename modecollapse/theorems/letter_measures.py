"""What a compiled search measures between P^m and Q^m, by number: values from letters, and bends over boxes.

Divergences of products that follow from one sample's are searched as one sample's, which adds over letters.
"""

from __future__ import annotations

import math

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing import poisson_tables
from modecollapse.packing.kernels import kernel
from modecollapse.theorems import bends
from modecollapse.theorems.bends import MOST, SECOND

POWER, JENSEN_SHANNON, HELLINGER, KL, REVERSE_KL, CHI2 = range(6)

CODES = {
    "tv": POWER,
    "hockey_stick": POWER,
    "js": JENSEN_SHANNON,
    "hellinger": HELLINGER,
    "kl": KL,
    "reverse_kl": REVERSE_KL,
    "chi2": CHI2,
}
"""The numbers by which kernels know the divergences."""


@kernel
def value(
    measure: int,
    m: int,
    order: float,
    p: FloatArray,
    q: FloatArray,
    n: int,
    alone: tuple[float, float],
    tables: FloatArray,
    counts: IntArray,
) -> float:
    """The divergence of n common letters by falling ratio and two `alone`; of one sample if that decides."""
    if measure == POWER:
        return 1.0 - max(1.0 - order, 0.0) - poisson_tables.overlap(p, q, n, alone, m, order, tables, counts)
    if measure == JENSEN_SHANNON:
        return poisson_tables.jensen_shannon(p, q, n, alone, m, tables, counts)
    total = 0.0
    if measure == HELLINGER:
        total = 0.5 * (alone[0] + alone[1])
    elif (measure != REVERSE_KL and alone[0] > 0.0) or (measure == REVERSE_KL and alone[1] > 0.0):
        return math.inf
    elif measure == CHI2:
        total = alone[1]
    for i in range(n):
        if measure == HELLINGER:
            gap = math.sqrt(p[i]) - math.sqrt(q[i])
            total += 0.5 * gap * gap
        elif measure == KL:
            total += p[i] * math.log(p[i] / q[i])
        elif measure == REVERSE_KL:
            total += q[i] * math.log(q[i] / p[i])
        else:
            total += (p[i] - q[i]) * (p[i] - q[i]) / q[i]
    return max(total, 0.0)


@kernel
def packed(measure: int, m: int, single: float) -> float:
    """The divergence of P^m and Q^m from what `value` gives; it grows with it."""
    if measure == HELLINGER:
        return 1.0 if single >= 1.0 else -math.expm1(m * math.log1p(-single))
    if measure in (KL, REVERSE_KL):
        return m * single
    if measure == CHI2:
        return math.expm1(m * math.log1p(single))
    return single


@kernel
def greatest(measure: int) -> float:
    """A value that no pair exceeds."""
    if measure == JENSEN_SHANNON:
        return math.log(2.0)
    return 1.0 if measure in (POWER, HELLINGER) else math.inf


@kernel
def _dual(measure: int, s: float) -> tuple[float, float]:
    """The a, b with D ≥ Σ (p·a − q·b) + constant, with equality where p/q = s for every letter."""
    if measure == HELLINGER:
        root = math.sqrt(s)
        return -0.5 / root if root > 0.0 else -math.inf, 0.5 * root
    if measure == KL:
        return (math.log(s) if s > 0.0 else -math.inf), s
    if measure == REVERSE_KL:
        return (-1.0 / s if s > 0.0 else -math.inf), (math.log(s) if s > 0.0 else -math.inf)
    return 2.0 * s, s * s


@kernel
def letter_bend(
    p: FloatArray, q: FloatArray, count: int, chain: IntArray, slopes: FloatArray, measure: int
) -> float:
    """Bound on −D″ along an axis for one sample's divergence, a maximum of Σ (p·a − q·b) over duals a, b.

    The duals that are best anywhere in a box belong to slopes that its edges have. The masses of either law
    sum to 1, so that duals may count from those of any one slope.
    """
    lowest, highest = math.inf, 0.0
    for v in range(count):
        if p[MOST, v] > 0.0:
            lowest, highest = min(lowest, slopes[0, chain[v]]), max(highest, slopes[1, chain[v]])
    if not highest > 0.0:
        return 0.0
    a, b = _dual(measure, math.sqrt(lowest * highest))
    total = 0.0
    for v in range(count):
        if p[MOST, v] > 0.0:
            low, high = _dual(measure, slopes[0, chain[v]]), _dual(measure, slopes[1, chain[v]])
            total += p[SECOND, v] * max(abs(low[0] - a), abs(high[0] - a))
            total += q[SECOND, v] * max(abs(low[1] - b), abs(high[1] - b))
    # where one law has a letter alone, its dual is 0, or the divergence infinite
    if p[SECOND, count] > 0.0:
        total += p[SECOND, count] * abs(a) if measure in (HELLINGER, REVERSE_KL) else math.inf
    if q[SECOND, count] > 0.0:
        total += q[SECOND, count] * abs(b) if measure != REVERSE_KL else math.inf
    return total


@kernel
def bend(
    measure: int,
    m: int,
    order: float,
    bounds: tuple[float, float],
    p: FloatArray,
    q: FloatArray,
    count: int,
    chain: IntArray,
    slopes: FloatArray,
    speeds: tuple[float, float],
) -> float:
    """Bound on −∂² along an axis where the divergence lies between two bounds."""
    if measure == POWER:
        error = max(1.0 - bounds[0] - max(1.0 - order, 0.0), 0.0)
        return bends.power_bend(p, q, count, speeds, m, order, (error, error / order))
    if measure == JENSEN_SHANNON:
        return bends.jensen_shannon_bend(p, q, count, speeds, m, bounds)
    return letter_bend(p, q, count, chain, slopes, measure)
