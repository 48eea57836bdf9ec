"""Chernoff informations of many pairs at once: the rates at which their overlaps fall, and how soon they do.

The overlap obeys, at every m and not in the limit alone (docs/theory.md §7),

    exp(−mC − σ√m) ≤ O_m ≤ exp(−mC).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.divergence import exp_less

BISECTIONS = 60
"""Halvings of [0, 1], to the last digit of s."""


class Exponents(NamedTuple):
    """The bounds of the overlaps of N pairs.

    Attributes
    ----------
    rate : ndarray, shape (N,)
        C, the greatest −log Σ p^s q^{1−s} over 0 ≤ s ≤ 1; infinite without common letters.
    delay : ndarray, shape (N,)
        σ: half of the standard deviation of log(p/q) under the law proportional to p^s q^{1−s} of the best s.
    """

    rate: FloatArray
    delay: FloatArray


def exponents(p: FloatArray, q: FloatArray) -> Exponents:
    """Rates and delays of pairs of shape (N, k), letters along the last axis.

    The error of the rate is about 1e-15, relative for values above 1.

    Examples
    --------
    >>> rate, delay = exponents(np.array([[0.2, 0.8]]), np.array([[0.0, 1.0]]))
    >>> bool(abs(rate[0] + np.log(0.8)) < 1e-15), delay.tolist()
    (True, [0.0])
    """
    common = (p > 0) & (q > 0)
    log_p, log_q = (np.log(np.where(common, side, 1.0)) for side in (p, q))
    ratio = np.where(common, log_p - log_q, 0.0)

    def powers(s: FloatArray) -> FloatArray:
        return np.where(common, np.exp(s[:, None] * log_p + (1 - s[:, None]) * log_q), 0.0)

    low, high = np.zeros(len(p)), np.ones(len(p))
    for _ in range(BISECTIONS):
        s = (low + high) / 2
        rising = (powers(s) * ratio).sum(axis=1) > 0
        low, high = np.where(rising, low, s), np.where(rising, s, high)
    s = (low + high) / 2
    weights, s_ = powers(s), s[:, None]
    total = weights.sum(axis=1)
    # 1 − Σ p^s q^{1−s} is a sum of positive terms s p + (1−s) q − p^s q^{1−s}
    near = common & (np.abs(ratio) < 1)
    close = np.where(near, ratio, 0.0)
    terms = np.where(near, q * (s_ * exp_less(close) - exp_less(s_ * close)), s_ * p + (1 - s_) * q - weights)
    deficit = np.minimum(terms.sum(axis=1), 1.0)
    with np.errstate(divide="ignore"):
        rate = np.where(deficit < 0.5, -np.log1p(-np.minimum(deficit, 0.5)), -np.log(total))
    rate = np.maximum(rate, 0.0)
    weights /= np.where(total > 0, total, 1.0)[:, None]
    mean = (weights * ratio).sum(axis=1)
    variance = (weights * (ratio - mean[:, None]) ** 2).sum(axis=1)
    return Exponents(rate, 0.5 * np.sqrt(variance))
