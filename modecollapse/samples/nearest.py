"""The nearest of some centres to each of very many points.

A compiled loop runs at the speed of memory where the centres are few. With many centres and coordinates a
matrix product finds the nearest, and where rounding leaves a doubt the loop decides.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from modecollapse.arrays import BoolArray, FloatArray, IntArray
from modecollapse.packing.kernels import kernel

BLOCK = 256
"""Points of a block of the loop: their distances and coordinates stay in the first cache."""

MANY_COORDINATES, MANY_CENTRES = 32, 128
"""Coordinates and centres from which on, both together, a matrix product is quicker than the loop."""

PRODUCT_CELLS = 2**18
"""Greatest size of a block of the matrix product: 2 MiB, which stays in a cache."""

ROUNDING = float(np.finfo(np.float64).eps)

TINY = 2.0**-400
"""Distances below this are measured again: squares below 2⁻⁸⁰⁰ may have lost digits, down to all of them."""

SMALL = 2.0**300
"""Different doubles above this are farther apart than `TINY`, so that no digit of their distance is lost."""

GROW, SHRINK = 2.0**700, 2.0**-700
"""Powers of two by which rows are measured again, exactly: at these scales no square that counts is lost.

A nearest distance below `TINY` grows to at most 2³⁰⁰, and the least difference of doubles, 2⁻¹⁰⁷⁴, to 2⁻³⁷⁴.
A distance whose square overflows is at least 2⁵¹¹, divided by √d, and shrinks to at most 2³²⁵√d.
"""


class Nearest(NamedTuple):
    """The nearest centre of each point, the first of several, and its distance.

    Attributes
    ----------
    centre : ndarray of int, shape (n,)
    distance : ndarray, shape (n,)
        Euclidean.
    """

    centre: IntArray
    distance: FloatArray


def nearest_centres(points: FloatArray, centres: FloatArray) -> Nearest:
    """The nearest centre of each point, and its distance.

    Parameters
    ----------
    points, centres : ndarray, shape (n, d) and (k, d)
        Finite.

    Returns
    -------
    Nearest
        Distances are square roots of sums of squares, with the rounding of d additions, whatever the size of
        the numbers. Of centres at the same distance the first is taken.

    Examples
    --------
    >>> nearest_centres(np.array([[0.0, 0.0], [3.0, 4.0]]), np.array([[0.0, 0.0], [6.0, 8.0]]))
    Nearest(centre=array([0, 0]), distance=array([0., 5.]))
    """
    nearest = _measured(points, centres)
    _measure_again(nearest, ~np.isfinite(nearest.distance), points, centres, SHRINK)
    doubtful = nearest.distance < TINY
    doubtful[doubtful] = (np.abs(points[doubtful]) < SMALL).all(axis=1)
    _measure_again(nearest, doubtful, points, centres, GROW)
    return nearest


def _measure_again(
    nearest: Nearest, rows: BoolArray, points: FloatArray, centres: FloatArray, scale: float
) -> None:
    """Replace the nearest centres of some rows by those found at another scale."""
    if rows.any():
        with np.errstate(over="ignore", under="ignore"):
            scaled = _measured(points[rows] * scale, centres * scale)
        nearest.centre[rows] = scaled.centre
        nearest.distance[rows] = scaled.distance / scale


def _measured(points: FloatArray, centres: FloatArray) -> Nearest:
    """The nearest centres by sums of squares, which may overflow or underflow."""
    if points.shape[1] < MANY_COORDINATES or len(centres) < MANY_CENTRES:
        return _by_loop(points, centres)
    rows = max(1, PRODUCT_CELLS // max(len(centres), points.shape[1]))
    blocks = [_by_product(points[start : start + rows], centres) for start in range(0, len(points), rows)]
    return Nearest(*(np.concatenate(values) for values in zip(*blocks, strict=True)))


def _by_loop(points: FloatArray, centres: FloatArray) -> Nearest:
    centre, squared = np.empty(len(points), dtype=np.int64), np.empty(len(points))
    _nearest(np.ascontiguousarray(points), np.ascontiguousarray(centres), centre, squared)
    return Nearest(centre, np.sqrt(squared))


def _by_product(points: FloatArray, centres: FloatArray) -> Nearest:
    """The same by |x − c|² = |x|² + |c|² − 2x·c, and by the loop where two centres are too close to tell."""
    squares = np.einsum("ij,ij->i", centres, centres)
    with np.errstate(over="ignore", invalid="ignore"):
        relative = points @ (-2 * centres.T)
        relative += squares
        centre = relative.argmin(axis=1)
        # rounding of d products, whose sizes sum to at most |x||c| (Cauchy–Schwarz), and of |c|²
        lengths = np.sqrt(np.einsum("ij,ij->i", points, points)) + np.sqrt(squares.max())
        doubt = 4 * (points.shape[1] + 4) * ROUNDING * lengths**2
        limit = relative[np.arange(len(points)), centre] + 2 * doubt
        sure: BoolArray = np.count_nonzero(relative <= limit[:, np.newaxis], axis=1) == 1
        difference = points - centres[centre]
        distance = np.sqrt(np.einsum("ij,ij->i", difference, difference))
    unsure = np.flatnonzero(~sure)
    if len(unsure):
        exact = _by_loop(points[unsure], centres)
        centre[unsure], distance[unsure] = exact
    return Nearest(centre, distance)


@kernel
def _nearest(points: FloatArray, centres: FloatArray, centre: IntArray, squared: FloatArray) -> None:
    """The nearest centres and squared distances of points, block by block.

    Loops run over the points of a block, which has its coordinates in columns: so they become vector code.
    """
    n, dimension = points.shape
    columns = np.zeros((dimension, BLOCK))  # the last block need not fill them
    distance = np.empty(BLOCK)
    least = np.empty(BLOCK)
    # a float, as the distances are: vectors of both have the same number of entries
    owner = np.empty(BLOCK)
    for start in range(0, n, BLOCK):
        size = min(BLOCK, n - start)
        for i in range(size):
            for axis in range(dimension):
                columns[axis, i] = points[start + i, axis]
        least[:] = np.inf
        owner[:] = 0.0
        for number in range(len(centres)):
            distance[:] = 0.0
            for axis in range(dimension):
                place = centres[number, axis]
                for i in range(BLOCK):
                    step = columns[axis, i] - place
                    distance[i] += step * step
            for i in range(BLOCK):
                closer = distance[i] < least[i]
                least[i] = distance[i] if closer else least[i]
                owner[i] = float(number) if closer else owner[i]
        for i in range(size):
            centre[start + i] = int(owner[i])
            squared[start + i] = least[i]
