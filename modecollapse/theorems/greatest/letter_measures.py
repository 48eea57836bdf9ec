"""What a compiled search measures between P^m and Q^m, by number: values from letters, and bends over boxes.

Divergences of products that follow from one sample's are searched as one sample's, which adds over letters.
"""

from __future__ import annotations

import math

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing import poisson_tables
from modecollapse.packing.kernels import kernel_in_place
from modecollapse.theorems.weights import Weight

POWER, JENSEN_SHANNON, HELLINGER, KL, REVERSE_KL, CHI2, RENYI = range(7)

CODES = {
    "tv": POWER,
    "hockey_stick": POWER,
    "js": JENSEN_SHANNON,
    "hellinger": HELLINGER,
    "kl": KL,
    "reverse_kl": REVERSE_KL,
    "chi2": CHI2,
    "renyi": RENYI,
}
"""The numbers by which kernels know the divergences."""


@kernel_in_place
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
    elif measure == RENYI and order < 1.0:
        total = alone[0] / (1.0 - order)
    elif (measure != REVERSE_KL and alone[0] > 0.0) or (measure == REVERSE_KL and alone[1] > 0.0):
        return math.inf
    elif measure == CHI2:
        total = alone[1]
    for i in range(n):
        if measure == HELLINGER:
            gap = math.sqrt(p[i]) - math.sqrt(q[i])
            total += 0.5 * gap * gap
        elif measure == RENYI:  # (Σ p^α q^(1−α) − 1)/(α−1)
            total += p[i] * math.expm1((order - 1.0) * math.log(p[i] / q[i])) / (order - 1.0)
        elif measure == KL:
            total += p[i] * math.log(p[i] / q[i])
        elif measure == REVERSE_KL:
            total += q[i] * math.log(q[i] / p[i])
        else:
            total += (p[i] - q[i]) * (p[i] - q[i]) / q[i]
    return max(total, 0.0)


@kernel_in_place
def packed(measure: int, m: int, order: float, single: float) -> float:
    """The divergence of P^m and Q^m from what `value` gives; it grows with it."""
    if measure == HELLINGER:
        return 1.0 if single >= 1.0 else -math.expm1(m * math.log1p(-single))
    if measure in (KL, REVERSE_KL):
        return m * single
    if measure == CHI2:
        return math.expm1(m * math.log1p(single))
    if measure == RENYI:
        gain = (order - 1.0) * single
        return math.inf if gain <= -1.0 else m * math.log1p(gain) / (order - 1.0)
    return single


@kernel_in_place
def greatest(measure: int) -> float:
    """A value that no pair exceeds."""
    if measure == JENSEN_SHANNON:
        return math.log(2.0)
    return 1.0 if measure in (POWER, HELLINGER) else math.inf


@kernel_in_place
def weight(measure: int, order: float) -> Weight:
    """φ″ of the divergence Σ q φ(p/q) of one sample that bounds what is measured.

    For packed total variation and Jensen–Shannon it is that of squared Hellinger, 1 − Σ√(pq).
    """
    if measure == KL:
        return Weight(1.0, -1.0)
    if measure == REVERSE_KL:
        return Weight(1.0, -2.0)
    if measure == CHI2:
        return Weight(2.0, 0.0)
    if measure == RENYI:
        return Weight(order, order - 2.0)
    return Weight(0.25, -1.5)


@kernel_in_place
def affinity(p: FloatArray, q: FloatArray, n: int) -> float:
    """Σ√(pq) of n letters."""
    total = 0.0
    for i in range(n):
        total += math.sqrt(p[i] * q[i])
    return total
