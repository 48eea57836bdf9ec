"""Affinities Σ p^s q^{1−s} of a pair, accurate for near pairs, and the Chernoff information."""

from __future__ import annotations

import math

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.letters import CommonLetters


def chernoff_information(common: CommonLetters) -> float:
    """max over 0 ≤ s ≤ 1 of −log Σ p^s q^{1−s}, to which −log(O_m)/m tends; infinite without common letters.

    Accurate to about 1e-15 relative to itself, also for near pairs, where it is about Σ (p−q)²/8p.
    """
    if len(common.p) == 0:
        return math.inf
    return max(0.0, -log_affinity_at(common, least_affinity(common, 1, 0.0)))


def least_affinity(common: CommonLetters, m: int, barrier: float) -> float:
    """The s in [0, 1] where m log Σ p^s q^{1−s} − barrier · log s(1−s) is least.

    The slope of Σ p^s q^{1−s} is Σ q x e^{sx}, x = log(p/q). For near pairs its first order cancels and hides
    the second; but Σ q (e^x − 1) = Σ (p − q) = 0 can be taken off. Of the two sums the one of smaller terms
    serves.
    """
    p, q = _among_themselves(common)
    gap, x = _relative(common)
    near = np.abs(x) < 1
    close = np.where(near, x, 0.0)
    log_p, log_q = np.log(p), np.log(q)
    rise = np.where(near, q * -exp_less(close), q - p)
    low, high = 0.0, 1.0
    for _ in range(60):
        s = 0.5 * (low + high)
        powers = np.exp(s * log_p + (1 - s) * log_q)
        plain = powers * x
        less = np.where(near, q * close * np.expm1(s * close), plain) + rise
        terms = less if np.abs(less).sum() < np.abs(plain).sum() else plain
        slope = m * (gap + math.fsum(terms) / float(powers.sum()))
        if slope * s * (1 - s) > barrier * (1 - 2 * s):
            high = s
        else:
            low = s
    return 0.5 * (low + high)


def _among_themselves(common: CommonLetters) -> tuple[FloatArray, FloatArray]:
    """The common letters as pmfs."""
    return common.p / math.fsum(common.p), common.q / math.fsum(common.q)


def _relative(common: CommonLetters) -> tuple[float, FloatArray]:
    """The log ratio of the shares, and the log ratios of the letters relative to it."""
    gap = common.log_p_share - common.log_q_share
    return gap, common.log_ratio - gap


def log_affinity_at(common: CommonLetters, s: float) -> float:
    """log Σ p^s q^{1−s}, shares included."""
    p, q = _among_themselves(common)
    _, log_ratio = _relative(common)
    return s * common.log_p_share + (1 - s) * common.log_q_share + _log_moment(p, q, log_ratio, s)


def _log_moment(p: FloatArray, q: FloatArray, log_ratio: FloatArray, s: float) -> float:
    """log Σ p^s q^{1−s} of two pmfs, relative to itself: 1 − Σ is a sum of positive terms."""
    near = np.abs(log_ratio) < 1
    x = np.where(near, log_ratio, 0.0)
    powers = np.exp(s * np.log(p) + (1 - s) * np.log(q))
    close = q * (s * exp_less(x) - exp_less(s * x))  # s e^x + 1 − s − e^{sx}
    deficit = float(np.where(near, close, s * p + (1 - s) * q - powers).sum())
    return math.log1p(-deficit) if deficit < 0.5 else math.log(float(powers.sum()))


def exp_less(x: FloatArray) -> FloatArray:
    """e^x − 1 − x for |x| ≤ 1, relative to itself."""
    total = np.zeros_like(x)
    for j in range(19, 1, -1):
        total = (total * x + 1) / j
    return total * x * x
