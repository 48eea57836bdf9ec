"""The confidence band of counts: an inner and an outer region from three statements about the masses of sets.

* *Cross-fitted sets* (inner). One fold of the samples proposes a few sets of modes, and the other folds bound
  their masses.
* *Half-planes* (outer). The greatest P(S) − γQ(S) is at most its plug-in value plus a deviation. Neither
  depends on the number of modes.
* *Boxes* (both). Intervals for the mass of every mode; they are sharp where modes are few.

docs/diagnose.md proves that the band holds.
"""

from __future__ import annotations

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.region import Region, RegionBracket
from modecollapse.samples.confidence import MassBox, box_bracket, hull_region, rounded_outwards
from modecollapse.samples.laws import Law

SETS_SHARE, HALF_PLANES_SHARE, BOXES_SHARE, MISSING_SHARE = 0.5, 0.2, 0.2, 0.1
"""Shares of the error probability α. They sum to 1.

The sets decide what is certified, so they have most. `MISSING_SHARE` is for the tests of single modes in
`modecollapse.samples.missing`: what a diagnosis says of modes holds together with its band.
"""

SET_SLOPES = np.exp2(np.arange(-4.0, 6.0))
"""Slopes γ at which a fold proposes the set with the greatest P(S) − γQ(S), from 1/16 to 32.

Each set costs a share of α, so they are few. Slopes above 1 are denser, since collapse is at steep slopes.
"""

STANDARD_ERRORS = 2.0
"""Deviations by which a proposed set should stand out: one that may be chance is not worth its share of α."""

MANY_MODES, SAMPLES_PER_MODE = 50, 20
"""More modes than this, with fewer samples of each law a mode than that, are divided into two folds.

Half of the samples are then needed to put the modes in order. Otherwise there are three folds: one proposes,
and two thirds of the samples bound. (Measured with 8 to 1000 modes; any other choice is as valid.)
"""

OUTER_SLOPES = np.array([1.0, 0.25, 0.5, 2 / 3, 1.5, 2.0, 4.0])
"""Slopes of the half-planes. The first is that of the total variation, and has half of their share of α."""


def counts_band(p: Law, q: Law, alpha: float, seed: int) -> RegionBracket:
    """A bracket of the region of two laws on the same modes that holds with probability ≥ 1 − α.

    Its inner region lies in the plug-in region, and that lies in the outer one.

    Parameters
    ----------
    p, q : Law
        Target and generator on the same k modes, at least one of them sampled.
    alpha : float
        Probability of error in (0, 1). `MISSING_SHARE` of it is left to what is said of single modes.
    seed : int
        Seed of the division into folds.
    """
    boxes = box_bracket(*mass_boxes(p, q, alpha))
    outer = boxes.outer & half_planes(p, q, HALF_PLANES_SHARE * alpha)
    inner = boxes.inner | cross_fitted(p, q, SETS_SHARE * alpha, seed)
    shown = plug_in(p, q)
    # sets may by chance promise more than all samples show; a smaller inner region is as valid. A meet is
    # rounded, and would take a corner from an edge of the square, so that there is none without need
    return RegionBracket(inner if inner <= shown else inner & shown, rounded_outwards(outer, len(p.shares)))


def plug_in(p: Law, q: Law) -> Region:
    """The region of the shares."""
    return Region.from_pmfs(p.shares, q.shares)


def mass_boxes(p: Law, q: Law, alpha: float) -> tuple[MassBox, MassBox]:
    """Limits of the masses of both laws that `counts_band` uses at the same α."""
    each = BOXES_SHARE * alpha / _sampled(p, q)
    return p.box(each), q.box(each)


def cross_fitted(p: Law, q: Law, alpha: float, seed: int, slopes: FloatArray = SET_SLOPES) -> Region:
    """A region inside that of the pair, with probability ≥ 1 − α, from sets that folds propose.

    Parameters
    ----------
    p, q, alpha, seed
        As for `counts_band`; all of α is spent here.
    slopes : ndarray
        Slopes at which each fold proposes a set.

    Notes
    -----
    Given a fold, the R sets that it proposes are fixed. The other folds give an upper limit of Q(S) and a
    lower limit of P(S), each at α/(2KR) for K folds, or at α/(KR) where one law is known. By a union bound
    all limits hold together. Then the region of the pair contains all points (upper limit of Q(S), lower
    limit of P(S)), and their hull, since it is convex.
    """
    few = _sampled(p, q) == 2 and min(p.size, q.size) < SAMPLES_PER_MODE * len(p.shares)
    folds = 2 if few and len(p.shares) > MANY_MODES else 3
    rng = np.random.default_rng(seed)
    points = [np.zeros((0, 2))]
    for (p_fold, p_rest), (q_fold, q_rest) in zip(p.divided(folds, rng), q.divided(folds, rng), strict=True):
        if min(p_fold.size, p_rest.size, q_fold.size, q_rest.size) == 0:
            continue
        order, ends = _proposed(p_fold, q_fold, p_rest, q_rest, slopes)
        if len(ends):
            each = alpha / (_sampled(p, q) * folds * len(ends))
            largest, least = q_rest.largest_masses(order, ends, each), p_rest.least_masses(order, ends, each)
            points.append(np.column_stack([largest, least]))
    return hull_region(np.vstack(points))


def slopes_at(eps: float, delta: float) -> FloatArray:
    """The slopes of `SET_SLOPES` that a supporting line at a point (ε, g(ε)) with g(ε) near δ can have.

    A concave boundary through (0, 0), (ε, δ) and (1, 1) has slopes between (1−δ)/(1−ε) and δ/ε there. So sets
    proposed at other slopes cannot help to reach the point.
    """
    return SET_SLOPES[(SET_SLOPES * (1 - eps) >= 1 - delta) & (SET_SLOPES * eps <= delta)]


def _proposed(
    p_fold: Law, q_fold: Law, p_rest: Law, q_rest: Law, slopes: FloatArray
) -> tuple[IntArray, IntArray]:
    """An order of the modes, and numbers of first modes in it: the sets that a fold proposes.

    The modes are in order of falling likelihood ratio. At each slope γ the set with the greatest P(S) − γQ(S)
    is proposed, where both masses are taken `STANDARD_ERRORS` deviations of the other samples to the worse.
    """
    order = np.argsort(-(p_fold.weights / q_fold.weights), kind="stable")
    if len(order) == 1:
        return order, order[:0]
    p_masses, q_masses = p_fold.prefix_masses(order), q_fold.prefix_masses(order)
    p_least = p_masses - STANDARD_ERRORS * p_rest.deviations(p_masses)
    q_largest = q_masses + STANDARD_ERRORS * q_rest.deviations(q_masses)
    best = [int(np.argmax(p_least - slope * q_largest)) for slope in slopes]
    return order, np.unique(best) + 1


def half_planes(p: Law, q: Law, alpha: float) -> Region:
    """A region that contains that of the pair, with probability ≥ 1 − α, whatever the number of modes.

    Notes
    -----
    The greatest P(S) − γQ(S) over sets is h = Σ(p − γq)⁺. Its plug-in value ĥ is a convex function of the
    shares, so that Eĥ ≥ h. One sample changes it by at most 1/n or γ/N. By McDiarmid's inequality
    h ≤ ĥ + √((1/n + γ²/N) log(1/a)/2) with probability 1 − a, and the region lies below the line of slope γ
    and this height. A weighted mean has no such bound: then there is no line.
    """
    shares = np.full(len(OUTER_SLOPES), alpha / (2 * (len(OUTER_SLOPES) - 1)))
    shares[0] = alpha / 2
    excess = [float(np.maximum(p.shares - slope * q.shares, 0.0).sum()) for slope in OUTER_SLOPES]
    variances = (p.influence + OUTER_SLOPES**2 * q.influence) / 2
    if not np.isfinite(variances).all():
        return Region.from_pmfs([1, 0], [0, 1])
    return below_lines(OUTER_SLOPES, np.array(excess) + np.sqrt(variances * np.log(1 / shares)))


def below_lines(slopes: FloatArray, heights: FloatArray) -> Region:
    """The region below lines y = slope·x + height, each of which passes above (1, 1)."""
    rises = slopes[:, np.newaxis] - slopes
    crossings = (heights - heights[:, np.newaxis])[rises != 0] / rises[rises != 0]
    x = np.clip(np.concatenate([[0.0], crossings, (1 - heights) / slopes]), 0.0, 1.0)
    y = (slopes * x[:, np.newaxis] + heights).min(axis=1)
    return hull_region(np.column_stack([x, y]))


def _sampled(p: Law, q: Law) -> int:
    """The number of laws that samples are known of."""
    return p.is_sampled + q.is_sampled
