"""Any alphabet, by enumerating types: the counts of each letter in a sequence of length m.

A multinomial law is k Poisson laws conditioned on their sum, so the mass of a type is a product of k
table entries over the sum of all such products. Entries are scaled to 1 at their mode: no factorial,
no logarithm, no overflow.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.kernels import kernel
from modecollapse.packing.letters import CommonLetters

MAX_TYPES = 10**7
"""Pairs of more types than this are not enumerated: each type takes 16 bytes of memory."""


LOG_OF_LEAST_MASS = -700.0
"""Masses below exp(−700) = 1e-304 lose digits in double precision, or vanish."""

NO_MASS = 1e-60
"""A type of less mass under both laws is left out of a divergence.

Its term is at most the greater mass times the log ratio, which is below 1e10 for m up to 10⁷. So all 10⁷
types together add less than 1e-43.
"""


def count_types(letters: int, m: int) -> int:
    """The number of types, C(m+k−1, k−1), exactly."""
    return math.comb(m + letters - 1, letters - 1)


def refuse_many_types(letters: int, m: int) -> None:
    """Refuse an enumeration of more than MAX_TYPES types, saying how many there are."""
    count = count_types(letters, m)
    if count > MAX_TYPES:
        raise ValueError(
            f"{letters} common letters at m={m} have {large(count)} types, more than the "
            f"{MAX_TYPES:.0e} that can be enumerated; pack_bracket and packed_tv_bracket take any number"
        )


def large(count: int) -> str:
    """A possibly enormous integer, in digits while they are few."""
    if count < 10**9:
        return str(count)
    exponent = math.floor(math.log10(count))
    return f"about {count // 10 ** (exponent - 1) / 10:.1f}e{exponent}"


@kernel
def _enumerate(
    weights: FloatArray, log_ratio: FloatArray, m: int, size: int
) -> tuple[FloatArray, FloatArray]:
    """Probability of each type under weights/Σweights, and its log likelihood ratio Σ nᵢ Lᵢ."""
    k = len(weights)
    scale = m / weights.sum()
    table = np.empty((k, m + 1))
    for i in range(k):
        rate = weights[i] * scale
        mode = min(int(rate), m)
        table[i, mode] = 1.0
        for n in range(mode, m):
            table[i, n + 1] = table[i, n] * (rate / (n + 1))
        for n in range(mode, 0, -1):
            table[i, n - 1] = table[i, n] * (n / rate)
    mass = np.empty(size)
    ratio = np.empty(size)
    counts = np.zeros(k, dtype=np.int64)  # counts of all letters but the last
    part_mass = np.ones(k)  # product over the letters before i
    part_ratio = np.zeros(k)
    rest = np.zeros(k, dtype=np.int64)  # samples left for letter i and those after it
    rest[0] = m
    level = 0
    index = 0
    while True:
        while level < k - 1:
            part_mass[level + 1] = part_mass[level] * table[level, counts[level]]
            part_ratio[level + 1] = part_ratio[level] + counts[level] * log_ratio[level]
            rest[level + 1] = rest[level] - counts[level]
            level += 1
            counts[level] = 0
        mass[index] = part_mass[level] * table[level, rest[level]]
        ratio[index] = part_ratio[level] + rest[level] * log_ratio[level]
        index += 1
        level -= 1
        while level >= 0 and counts[level] == rest[level]:
            level -= 1
        if level < 0:
            break
        counts[level] += 1
    total, lost = 0.0, 0.0  # compensated: the masses are to sum to 1 however many they are
    for i in range(size):
        term = mass[i] - lost
        raised = total + term
        lost = (raised - total) - term
        total = raised
    mass /= total
    return mass, ratio


@kernel
def _chernoff_tilt(p: FloatArray, log_ratio: FloatArray) -> float:
    """The s in [0, 1] that minimises Σ p^s q^(1−s)."""
    low, high = 0.0, 1.0
    for _ in range(40):
        s = 0.5 * (low + high)
        if (p * np.exp((s - 1.0) * log_ratio) * log_ratio).sum() > 0.0:
            high = s
        else:
            low = s
    return 0.5 * (low + high)


@kernel
def _log_overlap(p: FloatArray, log_ratio: FloatArray, log_p: float, m: int, size: int) -> float:
    s = _chernoff_tilt(p, log_ratio)
    weights = p * np.exp((s - 1.0) * log_ratio)
    mass, ratio = _enumerate(weights, log_ratio, m, size)
    total = 0.0
    for i in range(size):
        total += mass[i] * math.exp((1.0 - s) * ratio[i] if ratio[i] < 0.0 else -s * ratio[i])
    return m * (math.log(weights.sum() / p.sum()) + log_p) + math.log(total)


@kernel
def _positive_part(p: FloatArray, log_ratio: FloatArray, m: int, size: int, log_order: float) -> float:
    """Σ (P^m − γQ^m)⁺ over the types of pmf p, for the order γ."""
    mass, ratio = _enumerate(p, log_ratio, m, size)
    total = 0.0
    for i in range(size):
        if ratio[i] > log_order:
            total -= mass[i] * math.expm1(log_order - ratio[i])
    return total


def log_overlap(common: CommonLetters, m: int) -> float:
    """log Σ min(P^m, Q^m), by enumeration."""
    size = count_types(len(common.p), m)
    return _log_overlap(common.p, common.log_ratio, common.log_p_share, m, size)


def total_variation(common: CommonLetters, m: int) -> float:
    """d_TV(P^m, Q^m), by enumeration; accurate relative to itself."""
    size = count_types(len(common.p), m)
    inside = math.exp(m * common.log_p_share) * _positive_part(common.p, common.log_ratio, m, size, 0.0)
    return inside - math.expm1(m * common.log_p_share)


class Types(NamedTuple):
    """All types of common letters, as letters of the packed pair."""

    p: FloatArray
    """Masses under P^m."""
    q: FloatArray
    """Masses under Q^m."""
    log_ratio: FloatArray
    """Logarithms of the ratios of the two."""

    @property
    def excess(self) -> FloatArray:
        """P^m − Q^m, each difference from the larger of the two masses."""
        size = np.where(self.log_ratio > 0, self.p, -self.q)
        return size * -np.expm1(-np.abs(self.log_ratio))


def packed_letters(common: CommonLetters, m: int) -> Types:
    """All types of common letters, with their masses under P^m and Q^m."""
    size = count_types(len(common.p), m)
    p, ratio = _enumerate(common.p, common.log_ratio, m, size)
    q, _ = _enumerate(common.q, common.log_ratio, m, size)
    return Types(p * math.exp(m * common.log_p_share), q * math.exp(m * common.log_q_share), ratio)


@kernel
def _gather(p: FloatArray, q: FloatArray, m: int) -> tuple[FloatArray, FloatArray, float, float, int]:
    """The common letters of one pair: weights, log ratios, shares of P^m and Q^m, number of types."""
    weights = np.empty(len(p))
    ratio = np.empty(len(p))
    common = 0
    size = 1
    p_share, q_share = 0.0, 0.0
    for i in range(len(p)):
        if p[i] > 0.0 and q[i] > 0.0:
            weights[common] = p[i]
            quotient = p[i] / q[i]
            if 0.0 < quotient < math.inf:
                ratio[common] = math.log(quotient)
            else:  # one of the two is hardly a normal number
                ratio[common] = math.log(p[i]) - math.log(q[i])
            p_share += p[i]
            q_share += q[i]
            if common > 0:
                size = size * (m + common) // common
            common += 1
    p_share, q_share = (p_share / p.sum()) ** m, (q_share / q.sum()) ** m
    return weights[:common], ratio[:common], p_share, q_share, size


@kernel
def hockey_sticks(p: FloatArray, q: FloatArray, m: int, order: float) -> FloatArray:
    """Σ (P^m − γQ^m)⁺ − (1−γ)⁺ of each row of two (N, k) arrays, to about 1e-14 absolute."""
    values = np.empty(len(p))
    for row in range(len(p)):
        weights, ratio, share, _, size = _gather(p[row], q[row], m)
        values[row] = 1.0 - share - max(1.0 - order, 0.0)
        if len(weights) > 0:
            values[row] += share * _positive_part(weights, ratio, m, size, math.log(order))
    return values


@kernel
def jensen_shannons(p: FloatArray, q: FloatArray, m: int) -> FloatArray:
    """Jensen–Shannon divergence of (P^m, Q^m), in nats, of each row of two (N, k) arrays."""
    values = np.empty(len(p))
    for row in range(len(p)):
        weights, ratio, p_share, q_share, size = _gather(p[row], q[row], m)
        total = 0.0
        if len(weights) > 0:
            mass_p, score = _enumerate(weights, ratio, m, size)
            mass_q = mass_p
            # a type that P hardly ever shows can be one that Q shows: then its mass underflows under P alone
            underflows = m * math.log(weights.min() / p[row].sum()) < LOG_OF_LEAST_MASS
            if underflows:
                mass_q, _ = _enumerate(np.exp(np.log(weights) - ratio), ratio, m, size)
            for i in range(size):
                if underflows and mass_p[i] < NO_MASS and mass_q[i] < NO_MASS:
                    continue
                # log(2p/(p+q)) and log(2q/(p+q)) from the log ratio
                low = math.log1p(math.exp(-abs(score[i]))) - math.log(2.0)
                high = abs(score[i]) + low
                up, down = (low, high) if score[i] > 0.0 else (high, low)
                if underflows and score[i] < 0.0:
                    total -= q_share * mass_q[i] * (math.exp(score[i]) * up + down)
                else:
                    total -= p_share * mass_p[i] * (up + math.exp(-score[i]) * down)
        values[row] = 0.5 * (total + (2.0 - p_share - q_share) * math.log(2.0))
    return values
