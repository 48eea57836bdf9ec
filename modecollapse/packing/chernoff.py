"""Affinities Σ p^s q^{1−s} of a pair, accurate for near pairs, and the Chernoff information."""

from __future__ import annotations

import math

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.kernels import kernel
from modecollapse.packing.letters import CommonLetters
from modecollapse.packing.summation import total

NEAR = 1.0
"""Log ratios below this go through the series of e^x − 1 − x, where the plain difference would cancel."""

SERIES_TAIL = 1e-17
"""Term at which a series stops, relative to its sum: ε/20, far below a rounding of the sum."""

FLAT = 1e-9
"""Error of the place of the minimum. There the affinity is flat: its own error is below FLAT² = 1e-18."""

MOST_STEPS = 200
"""Limit on the steps of the search. Every second step halves the interval, so that 60 to 80 suffice."""


def chernoff_information(common: CommonLetters) -> float:
    """max over 0 ≤ s ≤ 1 of −log Σ p^s q^{1−s}, to which −log(O_m)/m tends; infinite without common letters.

    Accurate to about 1e-15 relative to itself, also for near pairs, where it is about Σ (p−q)²/8p.
    """
    if len(common.p) == 0:
        return math.inf
    return max(0.0, -log_affinity_at(common, least_affinity(common, 1, 0.0)))


def least_affinity(common: CommonLetters, m: int, barrier: float) -> float:
    """The s in [0, 1] where m log Σ p^s q^{1−s} − barrier · log s(1−s) is least.

    Newton's method. The function is convex, so the sign of its slope tells on which side the minimum is. A
    step that leaves the interval known so far, or that is longer than half the step before the last, is
    replaced by a bisection.
    """
    p, q = _among_themselves(common)
    gap, x = _relative(common)
    log_p, log_q = np.log(p), np.log(q)
    return float(_least_affinity(p, q, x, log_p, log_q, gap, float(m), barrier))


def log_affinity_at(common: CommonLetters, s: float) -> float:
    """log Σ p^s q^{1−s}, shares included."""
    p, q = _among_themselves(common)
    _, x = _relative(common)
    deficit, affinity = _affinity(p, q, x, np.log(p), np.log(q), s)
    moment = math.log1p(-deficit) if deficit < 0.5 else math.log(affinity)
    return s * common.log_p_share + (1 - s) * common.log_q_share + moment


def _among_themselves(common: CommonLetters) -> tuple[FloatArray, FloatArray]:
    """The common letters as pmfs."""
    return common.p / total(common.p), common.q / total(common.q)


def _relative(common: CommonLetters) -> tuple[float, FloatArray]:
    """The log ratio of the shares, and the log ratios of the letters relative to it."""
    gap = common.log_p_share - common.log_q_share
    return gap, common.log_ratio - gap


@kernel
def _least_affinity(
    p: FloatArray,
    q: FloatArray,
    x: FloatArray,
    log_p: FloatArray,
    log_q: FloatArray,
    gap: float,
    m: float,
    barrier: float,
) -> float:
    """The s of `least_affinity`, from the letters among themselves and the log ratio `gap` of the shares."""
    low, high, s = 0.0, 1.0, 0.5
    step = before = 1.0
    for _ in range(MOST_STEPS):
        mean, variance = _moments(p, q, x, log_p, log_q, s)
        # slope and curvature of m log Σ p^s q^{1−s} − barrier (log s + log(1−s))
        slope = m * (gap + mean)
        curvature = m * variance
        if barrier > 0.0:
            slope -= barrier * (1.0 - 2.0 * s) / (s * (1.0 - s))
            curvature += barrier * (1.0 / (s * s) + 1.0 / ((1.0 - s) * (1.0 - s)))
        if slope > 0.0:
            high = s
        else:
            low = s
        newton = s - slope / curvature if curvature > 0.0 else -1.0
        if not low < newton < high or abs(newton - s) > 0.5 * before:
            newton = 0.5 * (low + high)
        before, step = step, abs(newton - s)
        s = newton
        if step < FLAT * min(s, 1.0 - s, 0.1) or high - low < FLAT * FLAT:
            break
    return s


@kernel
def _moments(
    p: FloatArray, q: FloatArray, x: FloatArray, log_p: FloatArray, log_q: FloatArray, s: float
) -> tuple[float, float]:
    """Mean and variance of x = log(p/q) under the law proportional to p^s q^{1−s}.

    The mean is Σ q x e^{sx} over Σ q e^{sx}. For near pairs its first order cancels and hides the second; but
    Σ q (e^x − 1) = Σ (p − q) = 0 can be taken off. Of the two sums the one of smaller terms serves.
    """
    affinity = plain = less = square = plain_size = less_size = 0.0
    for i in range(len(p)):
        power = math.exp(s * log_p[i] + (1.0 - s) * log_q[i])
        term = power * x[i]
        affinity += power
        plain += term
        plain_size += abs(term)
        square += term * x[i]
        if abs(x[i]) < NEAR:
            term = q[i] * (x[i] * math.expm1(s * x[i]) - _exp_less(x[i]))
        else:
            term += q[i] - p[i]
        less += term
        less_size += abs(term)
    mean = (less if less_size < plain_size else plain) / affinity
    return mean, square / affinity - (plain / affinity) ** 2


@kernel
def _affinity(
    p: FloatArray, q: FloatArray, x: FloatArray, log_p: FloatArray, log_q: FloatArray, s: float
) -> tuple[float, float]:
    """1 − Σ p^s q^{1−s} as a sum of terms s p + (1−s) q − p^s q^{1−s} ≥ 0, and Σ p^s q^{1−s}.

    Both are compensated sums.
    """
    deficit = affinity = 0.0
    deficit_lost = affinity_lost = 0.0
    for i in range(len(p)):
        power = math.exp(s * log_p[i] + (1.0 - s) * log_q[i])
        if abs(x[i]) < NEAR:  # s e^x + 1 − s − e^{sx}
            term = q[i] * (s * _exp_less(x[i]) - _exp_less(s * x[i]))
        else:
            term = s * p[i] + (1.0 - s) * q[i] - power
        after = deficit + term
        deficit_lost += (deficit - after) + term if abs(deficit) >= abs(term) else (term - after) + deficit
        deficit = after
        after = affinity + power
        affinity_lost += (affinity - after) + power if affinity >= power else (power - after) + affinity
        affinity = after
    return deficit + deficit_lost, affinity + affinity_lost


@kernel
def _exp_less(x: float) -> float:
    """Return e^x − 1 − x for |x| ≤ 1, accurate relative to itself."""
    term = 0.5 * x * x
    value, j = 0.0, 2.0
    while abs(term) > SERIES_TAIL * value:
        value += term
        j += 1.0
        term *= x / j
    return value
