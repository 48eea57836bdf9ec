"""The compiled half of `boundaries`.

It is loaded when it is first needed, so that bad input is refused without a compiler.
"""

from __future__ import annotations

import math

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.kernels import kernel

X, Y, RIGHT, ABOVE, RISE = range(5)
"""Columns of corners, as in `boundaries`."""


@kernel
def of_letters(p: FloatArray, q: FloatArray, difference: FloatArray, vertices: FloatArray) -> FloatArray:
    """The boundary of a region with these letters and vertices."""
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


@kernel
def rise_at(boundary: FloatArray, x: float) -> float:
    """g(x) − x."""
    for i in range(1, len(boundary)):
        if x < boundary[i, X]:
            start = boundary[i - 1]
            steepness = (boundary[i, RISE] - start[RISE]) / (boundary[i, X] - start[X])
            return start[RISE] + steepness * (x - start[X])
    return boundary[-1, RISE]


@kernel
def lies_below(inner: FloatArray, outer: FloatArray, relative: float, absolute: float) -> bool:
    """Whether one region lies in another, as `boundaries.lies_below` says."""
    for v in range(len(inner)):
        rise = inner[v, RISE]
        if not rise_at(outer, inner[v, X]) >= rise - max(relative * rise, absolute):
            return False
    return True


@kernel
def run(first: FloatArray, second: FloatArray) -> float:
    """x of the second corner less x of the first, from whichever side keeps the digits."""
    return second[X] - first[X] if first[X] <= 0.5 else first[RIGHT] - second[RIGHT]


@kernel
def climb(first: FloatArray, second: FloatArray) -> float:
    """y of the second corner less y of the first, from whichever side keeps the digits."""
    return second[Y] - first[Y] if first[Y] <= 0.5 else first[ABOVE] - second[ABOVE]


@kernel
def edges(boundaries: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The climb and run of the edges of N boundaries."""
    count, n, _ = boundaries.shape
    climbs, runs = np.empty((count, n - 1)), np.empty((count, n - 1))
    for i in range(count):
        for v in range(n - 1):
            climbs[i, v] = climb(boundaries[i, v], boundaries[i, v + 1])
            runs[i, v] = run(boundaries[i, v], boundaries[i, v + 1])
    return climbs, runs


@kernel
def tangents(boundary: FloatArray, points: FloatArray) -> tuple[IntArray, IntArray, FloatArray]:
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


@kernel
def raised(boundary: FloatArray, points: FloatArray) -> FloatArray:
    """The least boundary above another one and each of N points."""
    n = len(boundary)
    left, right, slopes = tangents(boundary, points)
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


@kernel
def below_lines(boundary: FloatArray, points: FloatArray, excess: FloatArray) -> FloatArray:
    """A boundary cut by lines through k points, N times."""
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
            cut(before[:size], over[:size], lower[i, : size + 1])
    return lower


@kernel
def cut(boundary: FloatArray, over: FloatArray, into: FloatArray) -> None:
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
    cross(boundary, over, first - 1, first, into[first])
    for v in range(first + 1, last + 2):
        cross(boundary, over, last + 1, last, into[v])
    into[last + 2 :] = boundary[last + 1 :]


@kernel
def cross(boundary: FloatArray, over: FloatArray, inner: int, outer: int, into: FloatArray) -> None:
    """Where the edge from a corner below the line to one above it meets the line."""
    low, high = -over[inner], over[outer]
    share = low / (low + high) if low > 0.0 and high > 0.0 else 0.0
    into[:] = boundary[inner] + share * (boundary[outer] - boundary[inner])


@kernel
def walks(points: FloatArray, origin: FloatArray) -> tuple[IntArray, IntArray]:
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
