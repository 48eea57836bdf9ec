"""The region of a test in the words of statistics: trade-off function, ROC curve and risk."""

from __future__ import annotations

import math

import numpy as np

from modecollapse import validation
from modecollapse.arrays import FloatArray
from modecollapse.curves.monotone import curve_of, number_of, smaller
from modecollapse.region import Region


@curve_of
def trade_off(region: Region, alpha: FloatArray) -> FloatArray:
    """The trade-off function f(a) = 1 − g(a): the least type II error of a test of Q with type I error a.

    The null hypothesis is Q and the alternative P, as in f-differential privacy (Dong, Roth and Su 2022).

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket
    alpha : float or array_like
        Type I errors in [0, 1], any shape.

    Returns
    -------
    float or ndarray, or Bracket or CurveBracket for two regions
        Of the shape of `alpha`, in [0, 1]. Errors of 1e-12 and less keep their digits, up to the rounding
        of `alpha` itself.

    Raises
    ------
    ValueError
        If an error lies outside [0, 1].

    Examples
    --------
    >>> round(trade_off(Region.from_pmfs([0.11, 0.89], [0, 1]), 0.05), 12)
    0.8455
    """
    at = validation.probabilities("alpha", alpha)
    # the errors of the tests at the corners, summed from the small end: 1 − g would lose a small error
    first = np.minimum(np.append(0.0, np.cumsum(region.q)), 1.0)
    first[-1] = 1.0
    second = np.append(np.cumsum(region.p[::-1])[::-1], 0.0)
    corner = np.minimum(np.searchsorted(first, at, side="right"), len(region.q))
    refused, mass = first[corner] - at, region.q[corner - 1]  # of the letter that is accepted in part
    share = np.divide(refused, mass, out=np.zeros_like(at), where=mass > 0)
    return np.minimum(second[corner] + np.clip(share, 0.0, 1.0) * region.p[corner - 1], 1.0)


@number_of
def auc(region: Region) -> float:
    """The area ∫g under the ROC curve of the best score, which is the likelihood ratio.

    It is the chance that the score of a sample of P exceeds that of a sample of Q, ties counted by half.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket

    Returns
    -------
    float, or Bracket for two regions
        In [½, 1], exact to rounding.

    Examples
    --------
    >>> auc(Region.from_pmfs([0.5, 0.5], [0.25, 0.75]))
    0.625
    """
    # ∫(g − x) by trapezoids: heights above the diagonal keep the digits of near pairs
    rise = np.append(0.0, np.cumsum(region.difference)[:-1])
    return min(0.5 + math.fsum(region.q * (rise + region.difference / 2)), 1.0)


@curve_of
def bayes_risk(region: Region, prior: FloatArray) -> FloatArray:
    """The least probability of error Σ min(πp, (1−π)q) of telling P from Q.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket
    prior : float or array_like
        Prior probabilities π of P in [0, 1], any shape. At ½ the risk is (1 − d_TV)/2.

    Returns
    -------
    float or ndarray, or Bracket or CurveBracket for two regions
        Of the shape of `prior`, in [0, ½], exact to rounding.

    Raises
    ------
    ValueError
        If a prior lies outside [0, 1].

    Examples
    --------
    >>> bayes_risk(Region.from_pmfs([0.2, 0.8], [0, 1]), 0.5)
    0.4
    """
    shares = validation.probabilities("prior", prior)
    return np.array([smaller(region, share, 1 - share) for share in shares.ravel().tolist()]).reshape(
        shares.shape
    )
