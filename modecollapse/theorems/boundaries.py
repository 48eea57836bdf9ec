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
    from modecollapse.theorems import boundary_kernels as kernels

    return kernels.of_letters(region.p, region.q, region.difference, region.vertices)


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
    from modecollapse.theorems import boundary_kernels as kernels

    return kernels.rise_at(np.ascontiguousarray(boundary), x)


def lies_below(inner: FloatArray, outer: FloatArray, relative: float, absolute: float) -> bool:
    """Whether one region lies in another, but for a share of the rise of its corners or an absolute excess.

    Between two corners of the inner the outer less the inner is concave, so that the corners decide.
    """
    from modecollapse.theorems import boundary_kernels as kernels

    return kernels.lies_below(np.ascontiguousarray(inner), np.ascontiguousarray(outer), relative, absolute)


def heights(rows: FloatArray, slope: float, intercept: float) -> FloatArray:
    """The heights of corners above the line y = slope·x + intercept."""
    return rows[..., RISE] - intercept - (slope - 1) * rows[..., X]


def runs_to(boundary: FloatArray, row: FloatArray) -> FloatArray:
    """x of a point less x of each corner of a boundary."""
    from modecollapse.theorems import boundary_kernels as kernels

    return np.array([kernels.run(corner, row) for corner in boundary])


def edges(boundaries: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The climb and run of the edges, left to right, along the last axis."""
    from modecollapse.theorems import boundary_kernels as kernels

    shape = boundaries.shape[:-2]
    climbs, runs = kernels.edges(np.ascontiguousarray(boundaries).reshape(-1, *boundaries.shape[-2:]))
    return climbs.reshape(*shape, -1), runs.reshape(*shape, -1)


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
    from modecollapse.theorems import boundary_kernels as kernels

    left, right, _ = kernels.tangents(np.ascontiguousarray(boundary), np.ascontiguousarray(points))
    return left, right


def supporting_slopes(boundary: FloatArray, points: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Least and greatest slope of the lines through each point that lie above a boundary."""
    from modecollapse.theorems import boundary_kernels as kernels

    _, _, slopes = kernels.tangents(np.ascontiguousarray(boundary), np.ascontiguousarray(points))
    return 1 + slopes[1], 1 + slopes[0]


def raised(boundary: FloatArray, points: FloatArray) -> FloatArray:
    """The least boundary above another one and each of N points, shape (N, n+1, 5)."""
    from modecollapse.theorems import boundary_kernels as kernels

    return kernels.raised(np.ascontiguousarray(boundary), np.ascontiguousarray(points))


# -- the greatest boundary below a boundary and a line ---------------------------------------------


def below(boundary: FloatArray, slope: float, intercept: float) -> FloatArray:
    """One boundary cut by the line y = slope·x + intercept, which passes above (0, 0) and (1, 1)."""
    from modecollapse.theorems import boundary_kernels as kernels

    cut = np.empty((len(boundary) + 1, boundary.shape[1]))
    kernels.cut(np.ascontiguousarray(boundary), heights(boundary, slope, intercept), cut)
    return _distinct(cut)


def below_lines(boundary: FloatArray, points: FloatArray, excess: FloatArray) -> FloatArray:
    """A boundary cut by lines through k points, N times: slopes less 1 of shape (N, k).

    The boundaries have the shape (N, n+k, 5).
    """
    from modecollapse.theorems import boundary_kernels as kernels

    return kernels.below_lines(*map(np.ascontiguousarray, (boundary, points, excess)))


def _distinct(boundary: FloatArray) -> FloatArray:
    steps = np.abs(np.diff(boundary[:, [X, Y]], axis=0)).max(axis=1)
    return boundary[np.append(True, steps > 0)]


# -- hulls of many boundaries ----------------------------------------------------------------------


def hulls(points: FloatArray) -> FloatArray:
    """The least boundaries above N sets of points, shape (N, P, 5), by walking from (0, 0) along them."""
    from modecollapse.theorems import boundary_kernels as kernels

    chosen, counts = kernels.walks(np.ascontiguousarray(points), ORIGIN)
    walked = np.arange(chosen.shape[1]) < counts[:, None]
    corners = np.where(walked[..., None], points[np.arange(len(points))[:, None], chosen], END)
    start, end = (np.broadcast_to(row, (len(points), 1, 5)) for row in (ORIGIN, END))
    return np.concatenate([start, corners[:, : counts.max(initial=0)], end], axis=1)
