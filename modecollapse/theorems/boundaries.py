"""Upper boundaries of regions as arrays of corners, many at once: raise one by a point, cut it by a line.

A corner is a row (x, y, 1−x, 1−y, y−x). All five are carried, so that a corner close to the diagonal or to
(1, 1) keeps the digits of what is small about it. A boundary is an array of shape (n, 5) from (0, 0) to
(1, 1); a batch of N has shape (N, n, 5). Repeated corners are edges of no length: letters of no mass.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from fractions import Fraction

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.hull import upper_hull
from modecollapse.packing.kernels import kernel
from modecollapse.region import Region

X, Y, RIGHT, ABOVE, RISE = range(5)

ORIGIN = np.array([0.0, 0.0, 1.0, 1.0, 0.0])
END = np.array([1.0, 1.0, 0.0, 0.0, 0.0])

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
    return _of_letters(region.p, region.q, region.difference, region.vertices)


@kernel
def _of_letters(p: FloatArray, q: FloatArray, difference: FloatArray, vertices: FloatArray) -> FloatArray:
    n = len(p)
    boundary = np.zeros((n + 1, 5))
    boundary[:, :RIGHT] = vertices
    for v in range(n - 1):
        boundary[v + 1, RISE] = boundary[v, RISE] + difference[v]
    right = above = 0.0
    for v in range(n - 1, -1, -1):
        right, above = right + q[v], above + p[v]
        boundary[v, RIGHT] = 1.0 if vertices[v, X] == 0.0 else min(right, 1.0)
        boundary[v, ABOVE] = 1.0 if vertices[v, Y] == 0.0 else min(above, 1.0)
    return boundary


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
    return _rise_at(np.ascontiguousarray(boundary), x)


@kernel
def _rise_at(boundary: FloatArray, x: float) -> float:
    for i in range(1, len(boundary)):
        if x < boundary[i, X]:
            start = boundary[i - 1]
            steepness = (boundary[i, RISE] - start[RISE]) / (boundary[i, X] - start[X])
            return start[RISE] + steepness * (x - start[X])
    return boundary[-1, RISE]


def lies_below(inner: FloatArray, outer: FloatArray, relative: float, absolute: float) -> bool:
    """Whether one region lies in another, but for a share of the rise of its corners or an absolute excess.

    Between two corners of the inner the outer less the inner is concave, so that the corners decide.
    """
    return _lies_below(np.ascontiguousarray(inner), np.ascontiguousarray(outer), relative, absolute)


@kernel
def _lies_below(inner: FloatArray, outer: FloatArray, relative: float, absolute: float) -> bool:
    for v in range(len(inner)):
        rise = inner[v, RISE]
        if not _rise_at(outer, inner[v, X]) >= rise - max(relative * rise, absolute):
            return False
    return True


def heights(rows: FloatArray, slope: float, intercept: float) -> FloatArray:
    """The heights of corners above the line y = slope·x + intercept."""
    return rows[..., RISE] - intercept - (slope - 1) * rows[..., X]


@kernel
def run(first: FloatArray, second: FloatArray) -> float:
    """x of the second corner less x of the first, from whichever side keeps the digits."""
    return second[X] - first[X] if first[X] <= 0.5 else first[RIGHT] - second[RIGHT]


@kernel
def climb(first: FloatArray, second: FloatArray) -> float:
    """y of the second corner less y of the first, from whichever side keeps the digits."""
    return second[Y] - first[Y] if first[Y] <= 0.5 else first[ABOVE] - second[ABOVE]


def edges(boundaries: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The climb and run of the edges, left to right, along the last axis."""
    shape = boundaries.shape[:-2]
    climbs, runs = _edges(np.ascontiguousarray(boundaries).reshape(-1, *boundaries.shape[-2:]))
    return climbs.reshape(*shape, -1), runs.reshape(*shape, -1)


@kernel
def _edges(boundaries: FloatArray) -> tuple[FloatArray, FloatArray]:
    count, n, _ = boundaries.shape
    climbs, runs = np.empty((count, n - 1)), np.empty((count, n - 1))
    for i in range(count):
        for v in range(n - 1):
            climbs[i, v] = climb(boundaries[i, v], boundaries[i, v + 1])
            runs[i, v] = run(boundaries[i, v], boundaries[i, v + 1])
    return climbs, runs


def letters(boundaries: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The masses (P, Q) of the letters: the edges, left to right, along the last axis."""
    p, q = edges(boundaries)
    p[p < 0], q[q < 0] = 0.0, 0.0
    empty = (p <= NO_MASS) & (q <= NO_MASS)
    p[empty], q[empty] = 0.0, 0.0
    return p, q


def region(boundary: FloatArray) -> Region:
    """The Region below one boundary."""
    p, q = letters(boundary)
    return Region._from_letters(p, q, np.where((p > 0) | (q > 0), np.diff(boundary[:, RISE]), 0.0))


# -- the least boundary above a boundary and a point -----------------------------------------------


def tangents(boundary: FloatArray, points: FloatArray) -> tuple[IntArray, IntArray]:
    """The corners at which the two lines through each point touch a boundary from above.

    A point that does not lie above the boundary gets a left corner whose line is no steeper than the right's.
    """
    left, right, _ = _tangents(np.ascontiguousarray(boundary), np.ascontiguousarray(points))
    return left, right


def supporting_slopes(boundary: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least and greatest slope of the lines through each point that lie above a boundary."""
    _, _, slopes = _tangents(np.ascontiguousarray(boundary), np.ascontiguousarray(points))
    return 1 + slopes[1], 1 + slopes[0]


@kernel
def _tangents(boundary: FloatArray, points: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
    """For each point the corner left of it with the least slope, and that right of it with the greatest.

    The two rows of slopes less 1 follow, which are ±inf where no corner lies on that side.
    """
    n = len(boundary)
    left, right = np.zeros(len(points), np.int64), np.full(len(points), n - 1)
    slopes = np.empty((2, len(points)))
    slopes[0], slopes[1] = math.inf, -math.inf
    for i in range(len(points)):
        for v in range(n):
            before = run(boundary[v], points[i])
            if before > 0.0:
                slope = (points[i, RISE] - boundary[v, RISE]) / before
                if slope < slopes[0, i]:
                    slopes[0, i], left[i] = slope, v
        for v in range(n - 1, -1, -1):
            after = run(points[i], boundary[v])
            if after > 0.0:
                slope = (boundary[v, RISE] - points[i, RISE]) / after
                if slope > slopes[1, i]:
                    slopes[1, i], right[i] = slope, v
    return left, right, slopes


def raised(boundary: FloatArray, points: FloatArray) -> FloatArray:
    """The least boundary above another one and each of N points, shape (N, n+1, 5)."""
    return _raised(np.ascontiguousarray(boundary), np.ascontiguousarray(points))


@kernel
def _raised(boundary: FloatArray, points: FloatArray) -> FloatArray:
    n = len(boundary)
    left, right, slopes = _tangents(boundary, points)
    higher = np.empty((len(points), n + 1, boundary.shape[1]))
    for i in range(len(points)):
        if not slopes[0, i] > slopes[1, i]:  # the point lies below the boundary
            higher[i, :n] = boundary
            higher[i, n] = boundary[n - 1]
            continue
        last = left[i] + 1
        higher[i, :last] = boundary[:last]
        higher[i, last] = points[i]
        for v in range(last + 1, n + 1):
            higher[i, v] = boundary[max(v - 1, right[i])]
    return higher


# -- the greatest boundary below a boundary and a line ---------------------------------------------


def below(boundary: FloatArray, slope: float, intercept: float) -> FloatArray:
    """One boundary cut by the line y = slope·x + intercept, which passes above (0, 0) and (1, 1)."""
    cut = np.empty((len(boundary) + 1, boundary.shape[1]))
    _cut(np.ascontiguousarray(boundary), heights(boundary, slope, intercept), cut)
    return _distinct(cut)


def below_lines(boundary: FloatArray, points: FloatArray, excess: FloatArray) -> FloatArray:
    """A boundary cut by lines through k points, N times: slopes less 1 of shape (N, k).

    The boundaries have the shape (N, n+k, 5).
    """
    return _below_lines(*map(np.ascontiguousarray, (boundary, points, excess)))


@kernel
def _below_lines(boundary: FloatArray, points: FloatArray, excess: FloatArray) -> FloatArray:
    n, k = len(boundary), len(points)
    lower = np.empty((len(excess), n + k, boundary.shape[1]))
    before, over = np.empty((n + k, boundary.shape[1])), np.empty(n + k)
    for i in range(len(excess)):
        lower[i, :n] = boundary
        for line in range(k):
            size = n + line
            before[:size] = lower[i, :size]
            for v in range(size):
                over[v] = (
                    before[v, RISE] - points[line, RISE] - excess[i, line] * run(points[line], before[v])
                )
            _cut(before[:size], over[:size], lower[i, : size + 1])
    return lower


@kernel
def _cut(boundary: FloatArray, over: FloatArray, into: FloatArray) -> None:
    """Replace the corners that lie `over` a line by the two points where the boundary crosses it.

    There is one more corner then: as many as are needed are repeated. (0, 0) and (1, 1) lie below every line,
    but for rounding.
    """
    n = len(boundary)
    first = last = 0
    for v in range(1, n - 1):
        if over[v] > 0.0:
            first, last = first if first > 0 else v, v
    if first == 0:
        into[:n], into[n] = boundary, boundary[n - 1]
        return
    into[:first] = boundary[:first]
    _cross(boundary, over, first - 1, first, into[first])
    for v in range(first + 1, last + 2):
        _cross(boundary, over, last + 1, last, into[v])
    into[last + 2 :] = boundary[last + 1 :]


@kernel
def _cross(boundary: FloatArray, over: FloatArray, inner: int, outer: int, into: FloatArray) -> None:
    """Where the edge from a corner below the line to one above it meets the line."""
    low, high = -over[inner], over[outer]
    share = low / (low + high) if low > 0.0 and high > 0.0 else 0.0
    into[:] = boundary[inner] + share * (boundary[outer] - boundary[inner])


def _distinct(boundary: FloatArray) -> FloatArray:
    steps = np.abs(np.diff(boundary[:, [X, Y]], axis=0)).max(axis=1)
    return boundary[np.append(True, steps > 0)]


# -- hulls of many boundaries ----------------------------------------------------------------------


def hulls(points: FloatArray) -> FloatArray:
    """The least boundaries above N sets of points, shape (N, P, 5), by walking from (0, 0) along them."""
    chosen, counts = _walks(np.ascontiguousarray(points), ORIGIN)
    walked = np.arange(chosen.shape[1]) < counts[:, None]
    corners = np.where(walked[..., None], points[np.arange(len(points))[:, None], chosen], END)
    start, end = (np.broadcast_to(row, (len(points), 1, 5)) for row in (ORIGIN, END))
    return np.concatenate([start, corners[:, : counts.max(initial=0)], end], axis=1)


@kernel
def _walks(points: FloatArray, origin: FloatArray) -> tuple[IntArray, IntArray]:
    """The corners between (0, 0) and (1, 1) of each hull, and their number."""
    chosen, counts = np.zeros(points.shape[:2], np.int64), np.zeros(len(points), np.int64)
    for i in range(len(points)):
        here = origin
        while here[RIGHT] > 0.0 or here[ABOVE] > 0.0:
            best, reach, place = -math.inf, -math.inf, -1
            for v in range(points.shape[1]):
                across, rise = run(here, points[i, v]), points[i, v, RISE] - here[RISE]
                if across > 0.0:
                    slope, length = rise / across, across
                elif rise > 0.0 and here[X] == 0.0 and points[i, v, X] == 0.0:
                    slope, length = math.inf, rise
                else:
                    continue
                if slope > best or (slope == best and length > reach):  # the farthest on the steepest line
                    best, reach, place = slope, length, v
            if place < 0:
                break
            here = points[i, place]
            chosen[i, counts[i]] = place
            counts[i] += 1
    return chosen, counts
