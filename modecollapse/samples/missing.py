"""Tests of single modes: does a mode get less than a tenth of its share?

Intervals for all modes at once are too wide to say so of a rare mode. An exact test of each mode, with Holm's
correction for their number, is not.
"""

from __future__ import annotations

import math

import numpy as np

from modecollapse.arrays import BoolArray, FloatArray
from modecollapse.samples.confidence import MassBox
from modecollapse.samples.laws import Law, Sampled
from modecollapse.samples.units import Units

TENTH = 0.1
"""A mode is missing under Q if its mass there is at most this share of its mass under P."""

MOST_TERMS = 10**6
"""Samples of a mode beyond which its test is left to the intervals, which are then as sharp."""


def are_short(full: Law, short: Law, full_box: MassBox, short_box: MassBox, alpha: float) -> BoolArray:
    """Which modes have under one law less than a tenth of their mass under the other, for certain.

    Parameters
    ----------
    full, short : Sampled or Known
        The law that has the mass, and the law that lacks it; at least one of them sampled.
    full_box, short_box : MassBox
        Limits of their masses.
    alpha : float
        If the limits hold, any mode is named wrongly with probability at most this.

    Returns
    -------
    ndarray of bool, shape (k,)
    """
    by_limits = short_box.upper < TENTH * full_box.lower
    return by_limits | holm(p_values(full, short, full_box.upper), alpha)


def holm(p_values: FloatArray, alpha: float) -> BoolArray:
    """The hypotheses that Holm's procedure rejects: any true one with probability at most α.

    Examples
    --------
    >>> holm(np.array([0.04, 0.01, 0.03]), 0.05).tolist()  # .01 ≤ .05/3, but .03 > .05/2
    [False, True, False]
    """
    order = np.argsort(p_values, kind="stable")
    passed = p_values[order] <= alpha / np.arange(len(order), 0, -1)
    rejected = np.zeros(len(order), dtype=np.bool_)
    rejected[order] = np.logical_and.accumulate(passed)
    return rejected


def p_values(full: Law, short: Law, full_upper: FloatArray) -> FloatArray:
    """For each mode the p-value of the hypothesis that it has at least a tenth of its mass.

    Notes
    -----
    Both laws sampled: given that x + y of the samples are in the mode, y has Fisher's noncentral
    hypergeometric law. Its odds ratio is q(1−p)/(p(1−q)). A mass q ≥ .1p makes it at least
    .1(1−p)/(1−.1p), which falls in p, so that an upper limit of p bounds it. The p-value is the probability
    of y or fewer at this odds ratio. Only one law sampled: the same with a binomial law. Units whose samples
    depend on each other, or have weights, have no such law: all p-values are 1.
    """
    from scipy.stats import binom

    if isinstance(full, Units) or isinstance(short, Units):
        return np.ones(len(full_upper))

    if not isinstance(full, Sampled):
        assert isinstance(short, Sampled)
        return np.asarray(binom.cdf(short.counts, short.size, TENTH * full.shares))
    if not isinstance(short, Sampled):
        # q ≥ .1p is p ≤ 10q: as many samples of `full` are unlikely
        return np.asarray(binom.sf(full.counts - 1, full.size, np.minimum(short.shares / TENTH, 1.0)))
    odds_ratios = TENTH * (1 - full_upper) / (1 - TENTH * full_upper)
    cases = np.column_stack([full.counts, short.counts, odds_ratios])
    different, where = np.unique(cases, axis=0, return_inverse=True)
    values = [
        _conditional_tail(int(x), full.size, int(y), short.size, odds) for x, y, odds in different.tolist()
    ]
    return np.array(values)[where.ravel()]


def _conditional_tail(x: int, n: int, y: int, size: int, odds: float) -> float:
    """The probability of at most y given x + y, where x of n and y of `size` samples are in a mode.

    It is 1 where it cannot be small: where y is not below a tenth of x, relative to the sizes.
    """
    together = x + y
    if y * n >= TENTH * x * size or together > MOST_TERMS:
        return 1.0
    if odds == 0:  # the mode may have all of the mass: then the bound says nothing
        return 1.0
    first, last = max(0, together - n), min(together, size)
    j = np.arange(first + 1, last + 1, dtype=np.float64)
    # ratios of the weights C(N, j) C(n, t − j) ωʲ of neighbours
    ratios = (size - j + 1) * (together - j + 1) * odds / (j * (n - together + j))
    logs = np.append(0.0, np.cumsum(np.log(ratios)))
    weights = np.exp(logs - logs.max())
    return math.fsum(weights[: y - first + 1]) / math.fsum(weights)
