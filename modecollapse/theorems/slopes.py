"""Greatest regions of a class: one slope a forbidden point.

A member that touches ℓ at t lies below a line through each forbidden point that passes above the least region
of t. So the slopes of line i run from s⁻(t) to s⁺(t), the supporting slopes of that region, and t runs over
the tangent points of the class (docs/theory.md §9). Coordinates are t and the share of the way, on a
logarithmic scale, from the least slope to the greatest: boxes all of whose points are limits of members.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries
from modecollapse.theorems.boundaries import X
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.regimes import Interval

FREEDOM = 1e-9
"""Slopes closer than this, relative to themselves, are not worth a box of their own."""


class Boxes(NamedTuple):
    """N boxes of coordinates (t, r₁, …, r_k).

    Attributes
    ----------
    low, high : ndarray, shape (N, k+1)
        Opposite corners.
    least, most : ndarray, shape (N, k)
        The slopes between which r_i is a share of the way, whatever t is.
    bound : ndarray of bool, shape (N, k)
        Whether t narrows them besides: to slopes of lines that pass above the point of ℓ at t.
    """

    low: FloatArray
    high: FloatArray
    least: FloatArray
    most: FloatArray
    bound: NDArray[np.bool_]

    def kept(self, which: NDArray[np.bool_] | IntArray) -> Boxes:
        low, high, least, most, bound = self
        return Boxes(low[which], high[which], least[which], most[which], bound[which])

    def only(self, lines: IntArray) -> Boxes:
        """The same boxes for some of the lines."""
        axes = np.append(0, lines + 1)
        low, high, least, most, bound = self
        return Boxes(low[:, axes], high[:, axes], least[:, lines], most[:, lines], bound[:, lines])

    @property
    def corners(self) -> FloatArray:
        """All corners, shape (N, 2^(k+1), k+1), those along axes without width once."""
        wide: list[bool] = np.asarray((self.high > self.low).any(axis=0)).tolist()
        ends = [(0, 1) if axis else (0,) for axis in wide]
        choice = np.array(list(product(*ends)), dtype=bool)
        return np.where(choice, self.high[:, None], self.low[:, None])


class Speeds(NamedTuple):
    """Bounds on the derivatives of each line's slope along each axis over N boxes, shape (N, k+1, k)."""

    first: FloatArray
    second: FloatArray


class GreatestRegions:
    """The greatest regions of a class whose mattering points are not all idle."""

    def __init__(self, pairs: PairClass) -> None:
        order = sorted(pairs.mattering)
        self.pairs = pairs
        self.ceiling = pairs.greatest
        self.points = np.array([point.row for point in order]).reshape(-1, 5)
        self.excess = np.array([pairs.excess(point) for point in order])
        self.least, self.most = boundaries.supporting_slopes(pairs.required, self.points)
        run, climb = (f(self.ceiling[:-1], self.ceiling[1:]) for f in (boundaries.run, boundaries.climb))
        self.edge_slopes = np.divide(climb, run, out=np.full(len(run), np.inf), where=run > 0)

    def only(self, lines: IntArray) -> GreatestRegions:
        """The larger regions that some of the lines bound."""
        fewer = copy(self)
        fewer.points, fewer.excess = self.points[lines], self.excess[lines]
        fewer.least, fewer.most = self.least[lines], self.most[lines]
        return fewer

    # -- coordinates -------------------------------------------------------------------------------

    def boxes(self) -> Iterator[Boxes]:
        """Boxes that cover the slopes of the class; the supporting slopes are smooth in t within each."""
        k = len(self.points)
        if self.pairs.required_touches:
            high = np.append(0.0, np.ones(k))[None]
            yield Boxes(
                np.zeros((1, k + 1)), high, self.least[None], self.most[None], np.zeros((1, k), dtype=bool)
            )
            return
        for interval in self.pairs.tangents:
            for start, stop in self._smooth_pieces(interval):
                yield from self._boxes_touching(start, stop)

    def _smooth_pieces(self, interval: Interval) -> list[tuple[float, float]]:
        """An interval of t cut where a supporting slope changes from one forced by A to one forced by t."""
        start, stop = interval[:2]
        with np.errstate(divide="ignore", invalid="ignore"):
            gaps = [self.excess / (end - self.pairs.slope) for end in (self.least, self.most)]
        kinks = (self.points[:, X] + gaps).ravel()
        t = np.unique([start, *kinks[(kinks > start) & (kinks < stop)], stop]).tolist()
        return list(pairwise(t)) or [(start, start)]

    def _boxes_touching(self, start: float, stop: float) -> Iterator[Boxes]:
        """Boxes of a piece of t, without superfluous coordinates.

        Some lines have more slopes the greater t is, others the less t is. Without lines of the one kind t
        stays at an end. A single line of a kind either has all its slopes at the other end already, or is as
        far as t lets it be.
        """
        k = len(self.points)
        forced, side = self._forced(np.array((start + stop) / 2))
        binds = np.where(side > 0, forced > self.least, (side < 0) & (forced < self.most))
        rising = np.flatnonzero(binds & (self.excess * side > 0))
        falling = np.flatnonzero(binds & (self.excess * side < 0))

        def boxes(first: float, last: float, stays: IntArray | None = None) -> Boxes:
            low, high = np.zeros(k), np.ones(k)
            if stays is not None:
                low[stays] = high[stays] = np.where(side[stays] > 0, 0.0, 1.0)
            corners = np.append(first, low)[None], np.append(last, high)[None]
            return Boxes(*corners, self.least[None], self.most[None], binds[None])

        if len(rising) == 0:
            yield boxes(start, start)
        elif len(falling) == 0:
            yield boxes(stop, stop)
        elif len(rising) == 1:
            yield boxes(start, start)
            yield boxes(start, stop, rising)
        elif len(falling) == 1:
            yield boxes(stop, stop)
            yield boxes(start, stop, falling)
        else:
            yield boxes(start, stop)

    def slopes(self, boxes: Boxes) -> FloatArray:
        """The slopes of the lines at the corners of boxes, shape (N, 2^(k+1), k)."""
        return self.slopes_at(boxes, boxes.corners)

    def slopes_at(self, boxes: Boxes, places: FloatArray) -> FloatArray:
        """The slopes of the lines at places (t, r₁, …, r_k) of boxes, shape (N, …, k+1) → (N, …, k)."""
        least, most = self._supporting(boxes, places[..., 0])
        share = places[..., 1:]
        return least ** (1 - share) * most**share

    def _supporting(self, boxes: Boxes, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """The slopes between which the lines run at places t of boxes, shape (N, …) → (N, …, k)."""
        shape = (len(t), *[1] * (t.ndim - 1), -1)
        least, most, bound = boxes.least.reshape(shape), boxes.most.reshape(shape), boxes.bound.reshape(shape)
        forced, side = self._forced(t)
        least = np.where(bound & (side > 0), np.maximum(least, forced), least)
        most = np.where(bound & (side < 0), np.minimum(most, forced), most)
        return np.minimum(least, most), np.maximum(least, most)  # equal at ends of X, but for rounding

    def _forced(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Slopes of the lines through the forbidden points and (t, γt+h), and the side on which t lies."""
        side = t[..., None] - self.points[:, X]
        steep = np.divide(self.excess, side, out=np.zeros_like(side), where=(side != 0) & (self.excess != 0))
        return self.pairs.slope + steep, np.where((side == 0) & (self.excess < 0), 0.0, side)

    def speeds(self, boxes: Boxes, slopes: tuple[FloatArray, FloatArray]) -> Speeds:
        """Bounds on the first and second derivatives of the slopes along each axis, over boxes."""
        n, k = len(boxes.low), len(self.points)
        first, second = np.zeros((n, k + 1, k)), np.zeros((n, k + 1, k))
        supports = [self._supporting(boxes, t) for t in (boxes.low[:, 0], boxes.high[:, 0])]
        spread = np.maximum(*(np.log(most / least) for least, most in supports))
        lines = np.arange(k)
        first[:, lines + 1, lines], second[:, lines + 1, lines] = spread, spread**2
        if not self.pairs.required_touches:
            pace, turn = self._pace_of_supports(boxes)
            first[:, 0], second[:, 0] = pace, turn + pace**2
        top = slopes[1][:, None]
        return Speeds(top * first, top * second)

    def _pace_of_supports(self, boxes: Boxes) -> tuple[FloatArray, FloatArray]:
        """Derivatives in t of the logarithm of each slope, at fixed shares."""
        middle = (boxes.low[:, 0] + boxes.high[:, 0]) / 2
        forced, side = self._forced(middle)
        active = np.where(side > 0, forced > boxes.least, (side < 0) & (forced < boxes.most)) & boxes.bound
        ends = [self._forced(t) for t in (boxes.low[:, 0], boxes.high[:, 0])]
        least = np.minimum(ends[0][0], ends[1][0])
        near = np.minimum(np.abs(ends[0][1]), np.abs(ends[1][1]))
        active &= (self.excess != 0) & (boxes.high > boxes.low)[:, :1]
        ratio = np.divide(np.abs(self.excess), least, out=np.zeros_like(least), where=active & (least > 0))
        pace = np.divide(ratio, near**2, out=np.zeros_like(near), where=active)
        turn = np.divide(2 * ratio, near**3, out=np.zeros_like(near), where=active) + pace**2
        weight = np.where(side > 0, 1 - boxes.low[:, 1:], boxes.high[:, 1:])
        return weight * pace, weight * turn

    # -- values and bounds -------------------------------------------------------------------------

    def boundary(self, slopes: FloatArray) -> FloatArray:
        """The greatest region with these slopes."""
        return boundaries.below_lines(self.ceiling, self.points, slopes[None])[0][0]

    def above(self, least: FloatArray, shares: FloatArray) -> FloatArray:
        """Slopes of lines above a least region, at shares of the way from the least to the greatest."""
        low, high = boundaries.supporting_slopes(least, self.points)
        return low ** (1 - shares) * high**shares

    def values(self, divergence: PackedDivergence, slopes: FloatArray) -> FloatArray:
        """The divergence of the greatest regions with these slopes, shape (..., k) → (...)."""
        shape = slopes.shape[:-1]
        cut, _ = boundaries.below_lines(self.ceiling, self.points, slopes.reshape(-1, slopes.shape[-1]))
        return divergence.values(*boundaries.letters(cut)).reshape(shape)

    def joins(self, divergence: PackedDivergence, low: FloatArray, high: FloatArray) -> FloatArray:
        """The divergence of regions that hold all those with slopes between two ends."""
        k = low.shape[1]
        steep = np.tri(k + 1, k, -1, dtype=bool)
        slopes = np.where(steep, high[:, None], low[:, None])
        cut, _ = boundaries.below_lines(self.ceiling, self.points, slopes.reshape(-1, k))
        hulls = boundaries.hulls(cut.reshape(len(low), -1, 5))
        return divergence.values(*boundaries.letters(hulls))

    # -- cuts ------------------------------------------------------------------------------------

    def line_to_free(self, boxes: Boxes, axis: IntArray) -> IntArray:
        """The line of each box that need not follow t to the farther end of its slopes; −1 for none.

        It is asked of boxes that are to be cut along t, or along the share of such a line.
        """
        k = len(self.points)
        narrow, _ = self._narrowest(boxes)
        whole = (boxes.low[:, 1:] == 0) & (boxes.high[:, 1:] == 1) & (boxes.high > boxes.low)[:, :1]
        free = (
            whole
            & boxes.bound
            & (boxes.least < narrow * (1 - FREEDOM))
            & (narrow * (1 + FREEDOM) < boxes.most)
        )
        free &= (axis[:, None] == 0) | (axis[:, None] == 1 + np.arange(k))
        free &= self.excess > 0
        return np.where(free.any(axis=1), free.argmax(axis=1), -1)

    def _narrowest(self, boxes: Boxes) -> tuple[FloatArray, FloatArray]:
        """The slope at which each bound line stays clear of ℓ at every t of the box, and the side of t."""
        ends = [self._forced(t) for t in (boxes.low[:, 0], boxes.high[:, 0])]
        side = ends[0][1]
        return np.where(side > 0, ends[0][0], ends[1][0]), side

    def freed(self, boxes: Boxes, line: IntArray) -> Boxes:
        """Two parts of each box: one where a line follows t, one where it is clear of ℓ whatever t is.

        Lines left of t have slopes above that through t; those right of it, slopes below.
        """
        rows = np.arange(len(line))
        narrow, side = self._narrowest(boxes)
        value, is_left = narrow[rows, line], side[rows, line] > 0
        least, most, bound = boxes.least.copy(), boxes.most.copy(), boxes.bound.copy()
        least[rows[~is_left], line[~is_left]] = value[~is_left]
        most[rows[is_left], line[is_left]] = value[is_left]
        near = boxes._replace(least=least, most=most)
        least, most = boxes.least.copy(), boxes.most.copy()
        least[rows[is_left], line[is_left]] = value[is_left]
        most[rows[~is_left], line[~is_left]] = value[~is_left]
        bound[rows, line] = False
        far = boxes._replace(least=least, most=most, bound=bound)
        return joined(near, far)


def joined(first: Boxes, second: Boxes) -> Boxes:
    low, high, least, most = (np.concatenate(pair) for pair in zip(first[:4], second[:4], strict=True))
    return Boxes(low, high, least, most, np.concatenate([first.bound, second.bound]))


def bisected(boxes: Boxes, axis: IntArray) -> Boxes:
    rows = np.arange(len(axis))
    middle = (boxes.low[rows, axis] + boxes.high[rows, axis]) / 2
    low, high = boxes.low.copy(), boxes.high.copy()
    low[rows, axis] = high[rows, axis] = middle
    return joined(boxes._replace(high=high), boxes._replace(low=low))
