"""Up to four samples of any alphabet: sorted letters, prefix sums and two pointers.

A pair of letters (i, j) speaks for P where its log ratios Lᵢ + Lⱼ add up to more than 0. With letters in
order of falling ratio, the partners j of a letter i that do so are a prefix, which shrinks as i goes on: one
pass of two pointers sums over all pairs. Three samples take one pass for each first letter; four are two
samples of the alphabet of pairs, sorted.

Differences of products come from those of the factors, d = p − q:

    pᵢpⱼ − qᵢqⱼ = pᵢdⱼ + dᵢqⱼ

so nearly equal pairs keep their digits: what rounds is at most a few units of Σ |d|, twice the distance
of one sample, and more samples have no smaller distance.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing import enumeration
from modecollapse.packing.kernels import kernel
from modecollapse.packing.letters import CommonLetters

LARGEST_ALPHABET = {1: 10**7, 2: 10**7, 3: 5_000, 4: 1_400}
"""The most letters at m samples: k steps up to m = 2, k² at 3 (.3 s), k²/2 pairs in memory at 4 (90 MB)."""

_EXPONENT_RANGE = 1020
"""For overlaps, masses of m samples are scaled by 2 to this power: these may be as small as 1e-600."""

_LEAST_OVERLAP = 1e-290
"""An overlap below this, after scaling, may have lost terms to underflow: it is summed in logarithms."""


def serves(letters: int, m: int) -> bool:
    """Whether (P^m, Q^m) is within reach of this evaluator, and of no quicker one."""
    return letters > 3 and letters <= LARGEST_ALPHABET.get(m, 0)


def total_variation(common: CommonLetters, m: int) -> float:
    """d_TV(P^m, Q^m) for m ≤ 4; accurate relative to itself."""
    letters = _letters(common, 0)
    dropped = -math.expm1(m * common.log_p_share)
    if m == 1:
        return dropped + math.fsum(letters.excess[letters.ratio > 0.0])
    if m == 4:
        letters, m = _pairs_of(letters), 2
    return dropped + float(_distance(*letters, m))


def log_overlap(common: CommonLetters, m: int) -> float:
    """log Σ min(P^m, Q^m) for m ≤ 4; the overlap is accurate relative to itself."""
    exponent = _EXPONENT_RANGE // m
    letters = _letters(common, exponent)
    if m == 1:
        overlap = math.fsum(np.minimum(letters.p, letters.q))
    elif m == 4:
        overlap = _overlap(*_pairs_of(letters), 2)
    else:
        overlap = _overlap(*letters, m)
    if overlap < _LEAST_OVERLAP:
        return enumeration.log_overlap(common, m)
    plain = math.ldexp(overlap, -m * exponent)
    return math.log(plain) if plain > _LEAST_OVERLAP else math.log(overlap) - m * exponent * math.log(2.0)


class _Letters(NamedTuple):
    """Letters, or pairs of them, in order of falling log ratio; `excess` is p − q."""

    ratio: FloatArray
    p: FloatArray
    q: FloatArray
    excess: FloatArray


def _letters(common: CommonLetters, exponent: int) -> _Letters:
    """The common letters, their masses summing to the shares, times 2 to the exponent."""
    ratio = common.log_ratio
    p = common.p * (math.ldexp(math.exp(common.log_p_share) / math.fsum(common.p), exponent))
    q = common.q * (math.ldexp(math.exp(common.log_q_share) / math.fsum(common.q), exponent))
    return _Letters(ratio, p, q, np.where(ratio > 0.0, p, -q) * -np.expm1(-np.abs(ratio)))


def _pairs_of(letters: _Letters) -> _Letters:
    """All unordered pairs as letters of their own, sorted."""
    pairs = _Letters(*_all_pairs(*letters))
    order = np.argsort(-pairs.ratio, kind="stable")
    return _Letters(*(values[order] for values in pairs))


@kernel
def _all_pairs(
    ratio: FloatArray, p: FloatArray, q: FloatArray, excess: FloatArray
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """Log ratio, P, Q and P − Q of each pair i ≤ j; pairs of different letters come in two orders."""
    k = len(p)
    size = k * (k + 1) // 2
    pair_ratio, pair_p, pair_q, pair_excess = np.empty(size), np.empty(size), np.empty(size), np.empty(size)
    at = 0
    for i in range(k):
        for j in range(i, k):
            orders = 1.0 if i == j else 2.0
            pair_ratio[at] = ratio[i] + ratio[j]
            pair_p[at] = orders * p[i] * p[j]
            pair_q[at] = orders * q[i] * q[j]
            pair_excess[at] = orders * (p[i] * excess[j] + excess[i] * q[j])
            at += 1
    return pair_ratio, pair_p, pair_q, pair_excess


@kernel
def prefix_sums(values: FloatArray) -> FloatArray:
    """Sums of the first 0, 1, … values, compensated: their errors do not add up."""
    sums = np.empty(len(values) + 1)
    sums[0] = total = lost = 0.0
    for i in range(len(values)):
        term = values[i] - lost
        raised = total + term
        lost = (raised - total) - term
        total = raised
        sums[i + 1] = total
    return sums


@kernel
def _more_likely_pairs(
    ratio: FloatArray,
    p: FloatArray,
    q: FloatArray,
    excess: FloatArray,
    q_sums: FloatArray,
    excess_sums: FloatArray,
    threshold: float,
) -> tuple[float, float]:
    """P − Q and Q of all pairs (i, j) with Lᵢ + Lⱼ > threshold, by two pointers that meet."""
    gained, q_mass = 0.0, 0.0
    j = len(p)
    for i in range(len(p)):
        if not ratio[i] + ratio[i] > threshold:
            break  # nor do the letters after i, with each other
        while j > i + 1 and not ratio[i] + ratio[j - 1] > threshold:
            j -= 1
        j = max(j, i + 1)
        # the partners of i: itself, and in either order those between the pointers
        partners_excess = excess[i] + 2.0 * (excess_sums[j] - excess_sums[i + 1])
        partners_q = q[i] + 2.0 * (q_sums[j] - q_sums[i + 1])
        gained += p[i] * partners_excess + excess[i] * partners_q
        q_mass += q[i] * partners_q
    return gained, q_mass


@kernel
def _lesser_masses(
    ratio: FloatArray, p: FloatArray, q: FloatArray, q_sums: FloatArray, p_rests: FloatArray, threshold: float
) -> tuple[float, float]:
    """Q of all pairs (i, j) with Lᵢ + Lⱼ > threshold, and P of all others."""
    q_mass, p_mass = 0.0, 0.0
    j = len(p)
    for i in range(len(p)):
        while j > 0 and not ratio[i] + ratio[j - 1] > threshold:
            j -= 1
        q_mass += q[i] * q_sums[j]
        p_mass += p[i] * p_rests[len(p) - j]
    return q_mass, p_mass


@kernel
def _distance(ratio: FloatArray, p: FloatArray, q: FloatArray, excess: FloatArray, m: int) -> float:
    """Σ (P^m − Q^m)⁺ over the letters given, for m = 2 or 3."""
    q_sums, excess_sums = prefix_sums(q), prefix_sums(excess)
    if m == 2:
        return _more_likely_pairs(ratio, p, q, excess, q_sums, excess_sums, 0.0)[0]
    total = 0.0
    for i in range(len(p)):
        gained, q_mass = _more_likely_pairs(ratio, p, q, excess, q_sums, excess_sums, -ratio[i])
        total += p[i] * gained + excess[i] * q_mass
    return total


@kernel
def _overlap(ratio: FloatArray, p: FloatArray, q: FloatArray, excess: FloatArray, m: int) -> float:
    """Σ min(P^m, Q^m) over the letters given, for m = 2 or 3: every term positive."""
    q_sums, p_rests = prefix_sums(q), prefix_sums(p[::-1])
    if m == 2:
        q_mass, p_mass = _lesser_masses(ratio, p, q, q_sums, p_rests, 0.0)
        return q_mass + p_mass
    total = 0.0
    for i in range(len(p)):
        q_mass, p_mass = _lesser_masses(ratio, p, q, q_sums, p_rests, -ratio[i])
        total += q[i] * q_mass + p[i] * p_mass
    return total
