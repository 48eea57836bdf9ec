"""Upper boundaries of regions as arrays of corners, many at once: raise one by a point, cut it by a line.

A corner is a row (x, y, 1−x, 1−y, y−x). All five are carried, so that a corner close to the diagonal or to
(1, 1) keeps the digits of what is small about it. A boundary is an array of shape (n, 5) from (0, 0) to
(1, 1); a batch of N has shape (N, n, 5). Repeated corners are edges of no length: letters of no mass.
"""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.hull import upper_hull
from modecollapse.region import Region

X, Y, RIGHT, ABOVE, RISE = range(5)

ORIGIN = np.array([0.0, 0.0, 1.0, 1.0, 0.0])
END = np.array([1.0, 1.0, 0.0, 0.0, 0.0])

CUT_OFF = -(10**9)
"""The name of edges of no length that stand for those cut off."""

NO_MASS = 1e-15
"""Edges no longer than this in both directions are rounding errors of corners that coincide."""


def corner(x: Fraction, y: Fraction) -> FloatArray:
    """The row of an exact point, each number rounded once.

    Examples
    --------
    >>> corner(Fraction(1, 4), Fraction(3, 4)).tolist()
    [0.25, 0.75, 0.75, 0.25, 0.5]
    """
    return np.array([float(value) for value in (x, y, 1 - x, 1 - y, y - x)])


def diagonal() -> FloatArray:
    """The boundary of P = Q."""
    return np.stack([ORIGIN, END])


def everything() -> FloatArray:
    """The boundary of pairs that share no letter."""
    return np.stack([ORIGIN, np.array([0.0, 1.0, 1.0, 0.0, 1.0]), END])


def of_region(region: Region) -> FloatArray:
    """The boundary of a region; sums run from the end that is nearer to a corner."""
    rise = np.append(0.0, np.cumsum(region.difference))
    rise[-1] = 0.0
    x, y = region.vertices.T
    right, above = (np.append(np.cumsum(masses[::-1])[::-1], 0.0) for masses in (region.q, region.p))
    right, above = np.minimum(right, 1.0), np.minimum(above, 1.0)
    right[x == 0], above[y == 0] = 1.0, 1.0
    return np.column_stack([x, y, right, above, rise])


def hull(boundary: FloatArray, points: Iterable[FloatArray]) -> FloatArray:
    """The least boundary above another one and some points."""
    rows = np.vstack([boundary, *points])
    rows = rows[np.lexsort((rows[:, RISE], rows[:, X]))]
    return upper_hull(rows[:, [X, RISE, RIGHT, ABOVE, Y]])[:, [0, 4, 2, 3, 1]]


def mirror(boundary: FloatArray) -> FloatArray:
    """The boundary of (Q, P)."""
    return boundary[::-1, [ABOVE, RIGHT, Y, X, RISE]]


def rise_at(boundary: FloatArray, x: float) -> float:
    """g(x) − x."""
    start = int(np.flatnonzero(boundary[:, X] == 0)[-1])
    return float(np.interp(x, boundary[start:, X], boundary[start:, RISE]))


def heights(rows: FloatArray, slope: float, intercept: float) -> FloatArray:
    """The heights of corners above the line y = slope·x + intercept."""
    return rows[..., RISE] - intercept - (slope - 1) * rows[..., X]


def run(first: FloatArray, second: FloatArray) -> FloatArray:
    """x of the second corner less x of the first, from whichever side keeps the digits."""
    return np.where(
        first[..., X] <= 0.5, second[..., X] - first[..., X], first[..., RIGHT] - second[..., RIGHT]
    )


def climb(first: FloatArray, second: FloatArray) -> FloatArray:
    """y of the second corner less y of the first, from whichever side keeps the digits."""
    return np.where(
        first[..., Y] <= 0.5, second[..., Y] - first[..., Y], first[..., ABOVE] - second[..., ABOVE]
    )


def letters(boundaries: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The masses (P, Q) of the letters: the edges, left to right, along the last axis."""
    first, second = boundaries[..., :-1, :], boundaries[..., 1:, :]
    p, q = np.maximum(climb(first, second), 0.0), np.maximum(run(first, second), 0.0)
    empty = (p <= NO_MASS) & (q <= NO_MASS)
    return np.where(empty, 0.0, p), np.where(empty, 0.0, q)


def region(boundary: FloatArray) -> Region:
    """The Region below one boundary."""
    p, q = letters(boundary)
    return Region._from_letters(p, q, np.where((p > 0) | (q > 0), np.diff(boundary[:, RISE]), 0.0))


# -- the least boundary above a boundary and a point -----------------------------------------------


def tangents(boundary: FloatArray, points: FloatArray) -> tuple[IntArray, IntArray]:
    """The corners at which the two lines through each point touch a boundary from above.

    A point that does not lie above the boundary gets a left corner whose line is no steeper than the right's.
    """
    left_slopes, right_slopes = _excess_slopes(boundary, points)
    left = left_slopes.argmin(axis=1)
    right = len(boundary) - 1 - right_slopes[:, ::-1].argmax(axis=1)
    return left, right


def supporting_slopes(boundary: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least and greatest slope of the lines through each point that lie above a boundary."""
    left_slopes, right_slopes = _excess_slopes(boundary, points)
    return 1 + right_slopes.max(axis=1), 1 + left_slopes.min(axis=1)


def _excess_slopes(boundary: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Slopes less 1 from the corners left of each point, and to those right of it; ±inf for the others."""
    corners, points = boundary[None], points[:, None]
    before, after = run(corners, points), run(points, corners)
    rise = points[..., RISE] - corners[..., RISE]
    with np.errstate(over="ignore"):  # next to a corner of subnormal distance
        left = np.divide(rise, before, out=np.full(rise.shape, np.inf), where=before > 0)
        right = np.divide(-rise, after, out=np.full(rise.shape, -np.inf), where=after > 0)
    return left, right


def raised(boundary: FloatArray, points: FloatArray) -> FloatArray:
    """The least boundary above another one and each of N points, shape (N, n+1, 5)."""
    left_slopes, right_slopes = _excess_slopes(boundary, points)
    n = len(boundary)
    left = left_slopes.argmin(axis=1)[:, None]
    right = n - 1 - right_slopes[:, ::-1].argmax(axis=1)[:, None]
    place = np.arange(n + 1)
    index = np.where(place <= left, place, np.maximum(place - 1, right))
    outside = (left_slopes.min(axis=1) > right_slopes.max(axis=1))[:, None]
    index = np.where(outside, index, np.minimum(place, n - 1))
    is_point = outside & (place == left + 1)
    return np.where(is_point[..., None], points[:, None], boundary[index])


# -- the greatest boundary below a boundary and a line ---------------------------------------------


def below(boundary: FloatArray, slope: float, intercept: float) -> FloatArray:
    """One boundary cut by the line y = slope·x + intercept, which passes above (0, 0) and (1, 1)."""
    cut, _ = _cut(boundary[None], _no_names(boundary[None]), heights(boundary[None], slope, intercept), 0)
    return _distinct(cut[0])


def below_lines(boundary: FloatArray, points: FloatArray, excess: FloatArray) -> tuple[FloatArray, IntArray]:
    """A boundary cut by lines through k points, N times: slopes less 1 of shape (N, k).

    Returns the boundaries, shape (N, n+k, 5), and the line on which each edge lies, counted from 0. What is
    left of the edges of the boundary has the names −1, −2, … from left to right.
    """
    boundaries = np.broadcast_to(boundary, (len(excess), *boundary.shape))
    names = _no_names(boundaries)
    for line, point in enumerate(points):
        rise = boundaries[..., RISE] - point[RISE]
        over = rise - excess[:, line, None] * run(point, boundaries)
        boundaries, names = _cut(boundaries, names, over, line)
    return boundaries, names


def _no_names(boundaries: FloatArray) -> IntArray:
    return np.broadcast_to(
        -1 - np.arange(boundaries.shape[1] - 1), (len(boundaries), boundaries.shape[1] - 1)
    )


def _cut(boundaries: FloatArray, names: IntArray, over: FloatArray, line: int) -> tuple[FloatArray, IntArray]:
    """Replace the corners that lie `over` a line by the two points where the boundary crosses it."""
    n = boundaries.shape[1]
    rows = np.arange(len(boundaries))[:, None]
    outside = over > 0
    outside[:, [0, -1]] = False  # (0, 0) and (1, 1) lie below every line, but for rounding
    first = np.where(outside.any(axis=1), outside.argmax(axis=1), n)[:, None]
    last = (n - 1 - outside[:, ::-1].argmax(axis=1))[:, None]
    before, after = np.maximum(first - 1, 0), np.minimum(last + 1, n - 1)
    enter = _crossing(boundaries, over, rows, before, np.minimum(first, n - 1))
    leave = _crossing(boundaries, over, rows, after, last)
    place = np.arange(n + 1)
    index = np.where(place < first, np.minimum(place, n - 1), np.maximum(place - 1, 0))
    cut = np.take_along_axis(boundaries, index[..., None], axis=1)
    cut = np.where((place == first)[..., None], enter, cut)
    cut = np.where(((place > first) & (place <= last + 1))[..., None], leave, cut)
    edge = np.arange(n)
    kept = np.take_along_axis(
        names, np.where(edge < first, np.minimum(edge, n - 2), np.maximum(edge - 1, 0)), 1
    )
    kept = np.where((edge > first) & (edge <= last), CUT_OFF, kept)
    return cut, np.where(edge == first, line, kept)


def _crossing(
    boundaries: FloatArray, over: FloatArray, rows: IntArray, inner: IntArray, outer: IntArray
) -> FloatArray:
    """Where the edge from a corner below the line to one above it meets the line."""
    low, high = -over[rows, inner], over[rows, outer]
    share = np.divide(low, low + high, out=np.zeros_like(low), where=(low > 0) & (high > 0))[..., None]
    start, stop = boundaries[rows, inner], boundaries[rows, outer]
    return start + share * (stop - start)


def _distinct(boundary: FloatArray) -> FloatArray:
    steps = np.abs(np.diff(boundary[:, [X, Y]], axis=0)).max(axis=1)
    return boundary[np.append(True, steps > 0)]


# -- hulls of many boundaries ----------------------------------------------------------------------


def hulls(points: FloatArray) -> FloatArray:
    """The least boundaries above N sets of points, shape (N, P, 5), by walking from (0, 0) along them."""
    rows = np.arange(len(points))
    here = np.broadcast_to(ORIGIN, (len(points), 5))
    walk = [here]
    while (here[:, RIGHT] > 0).any() or (here[:, ABOVE] > 0).any():
        run_, rise = run(here[:, None], points), points[..., RISE] - here[:, None, RISE]
        slope = np.divide(rise, run_, out=np.full(rise.shape, -np.inf), where=run_ > 0)
        upwards = (run_ <= 0) & (rise > 0) & (points[..., X] == here[:, None, X]) & (here[:, None, X] == 0)
        slope = np.where(upwards, np.inf, slope)
        best = slope.max(axis=1, keepdims=True)
        # of the points on the steepest line, the farthest
        reach = np.where(slope == best, np.where(upwards, rise, run_), -np.inf)
        chosen = points[rows, reach.argmax(axis=1)]
        arrived = (best[:, 0] == -np.inf)[:, None]
        here = np.where(arrived, END, chosen)
        walk.append(here)
    return np.stack(walk, axis=1)
