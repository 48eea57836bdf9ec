"""From a curve back to the region: ROC, trade-off function and privacy guarantees."""

from __future__ import annotations

import math
from functools import reduce
from operator import and_

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import alignment, validation
from modecollapse.arrays import FloatArray
from modecollapse.hull import upper_hull
from modecollapse.region import TOLERANCE, Region, RegionBracket

ROUNDING = 4.0 * float(np.finfo(np.float64).eps)
"""Bound on the rounding of the rise between two points of a curve, absolute."""


def from_roc(false_positive_rate: ArrayLike, true_positive_rate: ArrayLike) -> Region:
    """The region that the tests of an ROC curve show, with P as the positive class.

    Parameters
    ----------
    false_positive_rate, true_positive_rate : array_like, shape (n,)
        Points (Q(S), P(S)) in [0, 1]², in any order, as `sklearn.metrics.roc_curve` returns them.

    Returns
    -------
    Region
        The hull of the points with (0, 0) and (1, 1). It lies inside the region of (P, Q) if the rates are
        true rates. Rates from samples have errors: see `modecollapse.samples`.

    Raises
    ------
    ValueError
        If a rate lies outside [0, 1], or if the lists have different lengths.

    Examples
    --------
    >>> from_roc([0, 0.1, 1], [0, 0.5, 1]) == Region.from_vertices([(0, 0), (0.1, 0.5), (1, 1)])
    True
    """
    names = ("false_positive_rate", "true_positive_rate")
    alignment.same_rows(names, (false_positive_rate, true_positive_rate))
    x, y = _rates(names[0], false_positive_rate), _rates(names[1], true_positive_rate)
    validation.same_length(" and ".join(names), x, y)
    return _region_over(x, y)


def from_trade_off(alpha: ArrayLike, beta: ArrayLike) -> RegionBracket:
    """Two regions with that of a trade-off function between them, from points (a, f(a)) of it.

    Parameters
    ----------
    alpha : array_like, shape (n,)
        Type I errors in [0, 1], strictly increasing.
    beta : array_like, shape (n,)
        The trade-off function f at them: convex, and at most 1 − a.

    Returns
    -------
    RegionBracket
        ``inner`` joins the points by chords. ``outer`` extends neighbouring chords until they meet. Both hold
        for every convex f through the points.

    Raises
    ------
    ValueError
        If an error lies outside [0, 1], if `alpha` does not increase, if a point lies above 1 − a, or if the
        points are not convex.

    Examples
    --------
    >>> from scipy import stats
    >>> a = np.linspace(0, 1, 101)
    >>> gaussian = from_trade_off(a, stats.norm.cdf(stats.norm.ppf(1 - a) - 1))
    >>> d = stats.norm.cdf(0.5) - stats.norm.cdf(-0.5)
    >>> bool(gaussian.inner.total_variation <= d <= gaussian.outer.total_variation)
    True
    """
    alignment.same_rows(("alpha", "beta"), (alpha, beta))
    a, f = _rates("alpha", alpha), _rates("beta", beta)
    validation.same_length("alpha and beta", a, f)
    if (np.diff(a) <= 0).any():
        at = int(np.argmax(np.diff(a) <= 0))
        raise ValueError(f"alpha must increase, got {float(a[at])!r} followed by {float(a[at + 1])!r}")
    y = 1 - f
    if (y < a - TOLERANCE).any():
        at = int(np.argmax(y < a - TOLERANCE))
        raise ValueError(f"beta must be at most 1 − alpha, got {float(f[at])!r} at alpha = {float(a[at])!r}")
    y = np.maximum(y, a)
    inner = _region_over(a, y)
    low = np.asarray(inner.boundary(a)) > y + TOLERANCE
    if low.any():
        at = int(np.argmax(low))
        raise ValueError(
            f"beta must be convex, but {float(f[at])!r} at alpha = {float(a[at])!r} is above a chord"
        )
    return RegionBracket(inner, _extended(a, y))


def from_privacy(eps: ArrayLike, delta: ArrayLike) -> Region:
    """The greatest region of a mechanism that is (ε,δ)-differentially private at every pair given.

    Parameters
    ----------
    eps, delta : array_like, shape (n,) or single numbers
        ε ≥ 0 and δ in [0, 1]. A guarantee holds for both orders of the two data sets.

    Returns
    -------
    Region
        Its own mirror image. The region of every such mechanism lies inside it, and it keeps all guarantees
        itself (Kairouz, Oh and Viswanath 2015).

    Raises
    ------
    ValueError
        If an ε is negative, if a δ lies outside [0, 1], or if the lists have different lengths.

    Examples
    --------
    >>> from_privacy(0, 0.1).pair[0].round(12).tolist()
    [0.1, 0.9, 0.0]
    """
    alignment.same_rows(("eps", "delta"), (eps, delta))
    x = np.atleast_1d(validation.real_array("eps", eps))
    y = np.atleast_1d(validation.probabilities("delta", delta))
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"eps must be a non-empty list of numbers, got shape {x.shape}")
    if (x < 0).any():
        raise ValueError(f"eps must be at least 0, got {float(x[x < 0][0])!r}")
    validation.same_length("eps and delta", x, y)
    return reduce(and_, map(_most_private, x.tolist(), y.tolist()))


def _most_private(eps: float, delta: float) -> Region:
    """The greatest region with one guarantee: randomised response that fails with probability δ."""
    share = (1 - delta) / (1 + math.exp(-eps))
    rest = (1 - delta) * math.exp(-eps) / (1 + math.exp(-eps))
    apart = (1 - delta) * math.tanh(eps / 2)
    return Region.from_letters(
        [delta, share, rest, 0.0], [0.0, rest, share, delta], [delta, apart, -apart, -delta]
    )


def _rates(name: str, values: ArrayLike) -> FloatArray:
    rates = validation.probabilities(name, values)
    if rates.ndim != 1 or rates.size == 0:
        raise ValueError(f"{name} must be a non-empty list of rates, got shape {rates.shape}")
    return rates


def _region_over(x: FloatArray, y: FloatArray) -> Region:
    """The hull of points with (0, 0) and (1, 1)."""
    points = np.column_stack([np.concatenate([[0.0, 1.0], x]), np.concatenate([[0.0, 1.0], y])])
    return Region.from_vertices(upper_hull(points[np.lexsort((points[:, 1], points[:, 0]))]))


def _extended(x: FloatArray, y: FloatArray) -> Region:
    """The hull of all concave boundaries through some points: neighbouring chords, extended.

    Slopes of chords are off by the rounding of y over the width. That is added on the safe side.
    """
    if x[-1] < 1:
        x, y = np.append(x, 1.0), np.append(y, 1.0)
    if len(x) == 1:
        return _region_over(np.zeros(1), np.ones(1))
    width, rise = np.diff(x), np.diff(y)
    with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
        steepest, flattest = (rise + ROUNDING) / width, np.maximum((rise - ROUNDING) / width, 0.0)
        before, after = np.append(np.inf, steepest[:-1]), np.append(flattest[1:], 0.0)
        # the line of slope `before` through the left point meets that of slope `after` through the right one
        along = np.where(np.isinf(before), 0.0, (rise - after * width) / (before - after))
        along = np.clip(along, 0.0, width)
        meets = np.clip(y[1:] - after * (width - along), y[:-1], 1.0)
        along = np.where((meets == 1) & (before > 0), np.minimum(along, (1 - y[:-1]) / before), along)
    start = max(float(y[0] - flattest[0] * x[0]), 0.0)
    return _region_over(np.concatenate([[0.0], x, x[:-1] + along]), np.concatenate([[start], y, meets]))
