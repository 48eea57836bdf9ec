"""Limits of masses that hold together, and the inner and outer regions that follow from them.

* *Intervals* (Clopper–Pearson) for the mass of every cell. They are sharp where masses are small.
* *Level sets of a score* {score > t}, for all t at once. The bound of Dvoretzky, Kiefer, Wolfowitz and
  Massart is joined with Clopper–Pearson limits at order statistics, which are sharp in the corners.

Each statement says of a set S that P(S) ≥ a and Q(S) ≤ b. Then the region contains the point (b, a), and so
the hull of all such points: the inner region. Each also says that P(S) ≤ a′ and Q(S) ≥ b′. Then the region
lies in the hull of the points (b′, a′): the outer region.
"""

from __future__ import annotations

import math
from functools import reduce
from operator import and_
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.hull import upper_hull
from modecollapse.region import TOLERANCE, Region, RegionBracket

RUNGS_PER_DOUBLING = 4
"""Number of order statistics with a limit of their own, per doubling of their distance from the ends.

More would sharpen the limits in between, but each takes its share of α.
"""

PSEUDOCOUNT = 0.5
"""Samples added to every mode where masses are only compared (Jeffreys): an empty mode is no certainty."""

UNTHINNED_POINTS = 1000
"""Number of points up to which the hull is computed without thinning first."""

THINNING_PAYS = 0.1
"""Least share of the points that a round of thinning must remove for another round to be worth its time."""

LettersAndStart = tuple[FloatArray, float]
"""The masses of letters, and the mass at which their sums start."""


class MassBox(NamedTuple):
    """Simultaneous confidence limits of the masses of k cells.

    Attributes
    ----------
    lower, upper : ndarray, shape (k,)
        Limits in [0, 1], with ``lower <= upper``.
    """

    lower: FloatArray
    upper: FloatArray


def proportion_interval(count: ArrayLike, size: int, alpha: float) -> MassBox:
    """Clopper and Pearson's exact confidence interval of a proportion.

    The true proportion lies above it with probability at most α/2, and below it with probability at most α/2.

    Parameters
    ----------
    count : array_like of int
        Successes, from 0 to `size`; any shape.
    size : int
        Trials ≥ 1.
    alpha : float
        Greatest probability that the interval misses the proportion, 0 < α < 1.

    Returns
    -------
    MassBox
        Limits of the shape of `count`.

    References
    ----------
    Clopper and Pearson, "The use of confidence or fiducial limits illustrated in the case of the binomial",
    Biometrika 26, 1934.

    Examples
    --------
    >>> interval = proportion_interval([0, 5], 10, 0.05)
    >>> interval.lower.round(4).tolist(), interval.upper.round(4).tolist()
    ([0.0, 0.1871], [0.3085, 0.8129])
    """
    return MassBox(
        least_proportion(count, size, alpha / 2),
        largest_proportion(count, size, alpha / 2),
    )


def least_proportion(count: ArrayLike, size: int, alpha: float) -> FloatArray:
    """The mass at which `count` or more successes in `size` trials have probability α; 0 for a count of 0.

    The true proportion lies below it with probability at most α.
    """
    from scipy.special import betaincinv

    count = np.asarray(count, dtype=np.float64)
    limit: FloatArray = np.where(count > 0, betaincinv(np.maximum(count, 1), size + 1 - count, alpha), 0.0)
    return limit


def largest_proportion(count: ArrayLike, size: int, alpha: float) -> FloatArray:
    """The mass at which `count` or fewer successes in `size` trials have probability α; 1 for a count of all.

    The true proportion lies above it with probability at most α.
    """
    from scipy.special import betainccinv

    count = np.asarray(count, dtype=np.float64)
    misses = np.maximum(size - count, 1)
    return np.where(count < size, betainccinv(np.minimum(count, size - 1) + 1, misses, alpha), 1.0)


def mass_box(counts: IntArray, alpha: float) -> MassBox:
    """Limits of the masses of k cells that all hold with probability ≥ 1 − α.

    They are Clopper–Pearson intervals at α/k each. Since the masses sum to 1, the limits of the other cells
    tighten those of each cell.

    Examples
    --------
    >>> box = mass_box(np.array([10]), 0.05)
    >>> box.lower.tolist(), box.upper.tolist()  # a single cell has all the mass
    ([1.0], [1.0])
    """
    different, where = np.unique(counts, return_inverse=True)  # very many modes have few different counts
    limits = proportion_interval(different, int(counts.sum()), alpha / len(counts))
    return tightened(*(ends[where] for ends in limits))


def tightened(lower: FloatArray, upper: FloatArray) -> MassBox:
    """Limits of masses that sum to 1: those of the other cells tighten those of each cell.

    Examples
    --------
    >>> box = tightened(np.array([0.0, 0.25]), np.array([0.5, 0.75]))
    >>> box.lower.tolist(), box.upper.tolist()
    ([0.25, 0.5], [0.5, 0.75])
    """
    return MassBox(
        np.maximum(lower, 1 - _sums_of_others(upper)), np.minimum(upper, 1 - _sums_of_others(lower))
    )


def _sums_of_others(masses: FloatArray) -> FloatArray:
    """The sum of all masses but one, for each.

    It is a sum of the masses before and after, and no difference from the sum of all: where another mass is
    1 it is at least 1. A limit of 0 would else become 1e-16, and a set that may lack all mass could not.
    """
    before, after = np.cumsum(masses[:-1]), np.cumsum(masses[:0:-1])[::-1]
    return np.append(0.0, before) + np.append(after, 0.0)


def box_bracket(p: MassBox, q: MassBox) -> RegionBracket:
    """Bracket of the regions of all pairs whose masses lie in a box for P and a box for Q.

    Parameters
    ----------
    p, q : MassBox
        Limits of the masses on the same k cells. Some pmf must lie within them.

    Returns
    -------
    RegionBracket
        ``inner`` is exactly the hull of the points (sup Q(S), inf P(S)) of all sets S of cells. ``outer``
        contains all points (inf Q(S), sup P(S)).

    Notes
    -----
    Since masses sum to 1, sup P(S) = min(u(S), 1 − l(Sᶜ)) and inf P(S) = max(l(S), 1 − u(Sᶜ)). Each of them
    is one of two sums over the letters of S. So there are four pairs of sums, and each gives a polygon by
    sorting letters. The inner region is the hull of four polygons (a maximum of maxima). The outer region
    is the intersection of the other four (a maximum of minima is at most the minimum of maxima).

    Examples
    --------
    >>> fair = MassBox(np.array([0.4, 0.4]), np.array([0.6, 0.6]))
    >>> biased = MassBox(np.array([0.8, 0.0]), np.array([1.0, 0.2]))
    >>> bracket = box_bracket(biased, fair)
    >>> bracket.inner.vertices.round(12).tolist()
    [[0.0, 0.0], [0.6, 0.8], [1.0, 1.0]]
    >>> bracket.outer.vertices.round(12).tolist()
    [[0.0, 0.0], [0.4, 1.0], [1.0, 1.0]]
    """
    inside = [_polyline(*a, *b) for a in _least_sums(p) for b in _greatest_sums(q)]
    outside = [_region_below(_polyline(*a, *b)) for a in _greatest_sums(p) for b in _least_sums(q)]
    return RegionBracket(hull_region(np.vstack(inside)), reduce(and_, outside))


def _least_sums(box: MassBox) -> tuple[LettersAndStart, LettersAndStart]:
    """The two sums whose maximum is inf P(S)."""
    return (box.lower, 0.0), (box.upper, min(1 - float(box.upper.sum()), 0.0))


def _greatest_sums(box: MassBox) -> tuple[LettersAndStart, LettersAndStart]:
    """The two sums whose minimum is sup P(S)."""
    return (box.upper, 0.0), (box.lower, max(1 - float(box.lower.sum()), 0.0))


def level_set_limits(count: IntArray, size: int, alpha: float) -> MassBox:
    """Limits of the masses of level sets {score > t} that hold for all t with probability ≥ 1 − α.

    Parameters
    ----------
    count : ndarray of int
        Number of samples in each level set.
    size : int
        The number of samples.
    alpha : float
        Probability of error. Half goes to Massart's bound, and half to Clopper–Pearson limits at O(log n)
        order statistics.

    References
    ----------
    Massart, "The tight constant in the Dvoretzky–Kiefer–Wolfowitz inequality", Ann. Probab. 18, 1990.

    Examples
    --------
    >>> limits = level_set_limits(np.array([0, 500, 1000]), 1000, 0.05)
    >>> limits.lower.round(3).tolist(), limits.upper.round(3).tolist()
    ([0.0, 0.453, 0.992], [0.008, 0.547, 1.0])
    """
    radius = math.sqrt(math.log(4 / alpha) / (2 * size))
    rungs = _rungs(size)
    # the mass above the i-th greatest score is a Beta(i, n+1−i) variable, which gives Clopper and Pearson's
    # limits
    limits = np.append(0.0, least_proportion(rungs, size, alpha / (4 * len(rungs))))

    def lower(count: IntArray) -> FloatArray:
        at_rung = limits[np.searchsorted(rungs, count, side="right")]
        return np.maximum(count / size - radius, at_rung)

    return MassBox(lower(count), 1 - lower(size - count))


def _rungs(size: int) -> IntArray:
    """Counts from 1 to n, dense towards both ends."""
    doublings = math.ceil(math.log2(size)) * RUNGS_PER_DOUBLING
    steps = np.unique(np.floor(2 ** (np.arange(doublings + 1) / RUNGS_PER_DOUBLING)).astype(np.int64))
    steps = np.append(0, steps[steps <= size / 2])
    rungs = np.union1d(steps, size - steps)
    return rungs[rungs > 0]


def level_set_bracket(p: MassBox, q: MassBox) -> RegionBracket:
    """A bracket of the hull of the points (Q(S), P(S)) of sets S, given limits of their masses."""
    return RegionBracket(
        hull_region(np.column_stack([q.upper, p.lower])), hull_region(np.column_stack([q.lower, p.upper]))
    )


def hull_region(points: FloatArray) -> Region:
    """The smallest region that contains the points, once clamped to the unit square."""
    inside = np.clip(points, 0.0, 1.0)
    # rounding may put a point above the diagonal: that is no difference of the laws
    useful = inside[inside[:, 1] - inside[:, 0] > TOLERANCE]
    corners = np.vstack([useful, np.zeros(2), np.ones(2)])
    order = np.lexsort((corners[:, 1], corners[:, 0]))
    return Region.from_vertices(upper_hull(_thinned(corners[order])))


def rounded_outwards(region: Region, size: int) -> Region:
    """A region that is larger by rounding: corners that lie next to the left or the upper edge lie on it.

    Collapse at ε = 0 is about the left edge alone, and augmentation about the upper one. A set that may lack
    all mass of a law would be excluded by a corner at 1e-16.

    Parameters
    ----------
    region : Region
    size : int
        How many masses were added up; each may cost a unit of rounding.

    Examples
    --------
    >>> nearly = Region.from_vertices([(0, 0), (1e-16, 0.5), (0.25, 1 - 1e-16), (1, 1)])
    >>> nearly.boundary(0), rounded_outwards(nearly, 2).vertices.tolist()
    (0.0, [[0.0, 0.0], [0.0, 0.5], [0.25, 1.0], [1.0, 1.0]])
    """
    rounding = max(TOLERANCE, 2 * size * np.finfo(np.float64).eps)
    x, y = region.vertices.T
    return hull_region(
        np.column_stack([np.where(x <= rounding, 0.0, x), np.where(y >= 1 - rounding, 1.0, y)])
    )


def _thinned(points: FloatArray) -> FloatArray:
    """Sorted points without most of those below the chord of their neighbours: saves time for millions."""
    while len(points) > UNTHINNED_POINTS:
        along, onwards = points[1:-1] - points[:-2], points[2:] - points[1:-1]
        below = along[:, 0] * onwards[:, 1] > along[:, 1] * onwards[:, 0]
        if below.sum() < THINNING_PAYS * len(points):
            break
        points = points[np.concatenate([[True], ~below, [True]])]
    return points


def _polyline(p_letters: FloatArray, p_start: float, q_letters: FloatArray, q_start: float) -> FloatArray:
    """Upper boundary of the sums over all sets of letters: from the starting point, by falling ratio."""
    order = np.argsort(-np.arctan2(p_letters, q_letters), kind="stable")
    steps = np.column_stack([q_letters[order], p_letters[order]])
    return np.cumsum(np.vstack([[q_start, p_start], steps]), axis=0)


def _region_below(polyline: FloatArray) -> Region:
    """The region below a rising concave polyline that starts left of the unit square and ends above it."""
    x, y = polyline.T
    first = int(np.searchsorted(x, 0.0, side="right")) - 1
    last = min(int(np.searchsorted(y, 1.0)), len(y) - 1)  # the end may fall short of 1 by rounding
    if first >= last:
        return Region.from_pmfs([1, 0], [0, 1])
    enters = [0.0, np.interp(0.0, x[first : first + 2], y[first : first + 2])]
    leaves = [np.interp(1.0, y[last - 1 : last + 1], x[last - 1 : last + 1]), 1.0]
    return hull_region(np.vstack([enters, polyline[first + 1 : last], leaves]))
