"""Greatest regions of a class: one slope a forbidden point, and the greatest packed divergence over them.

A member that touches ℓ at t lies below a line through each forbidden point that passes above the least region
of t. So the slopes of line i run from s⁻(t) to s⁺(t), the supporting slopes of that region, and t runs over the
tangent points of the class (docs/theory.md §12). The search is over t and the share of the way, on a
logarithmic scale, from s⁻(t) to s⁺(t): a union of boxes all of whose points are limits of members.

Two bounds over a box of slopes. *Join*: with the points in order, all its regions lie in those with the first j
lines at their greatest slopes and the rest at their least, j = 0..k. *Bend*: for a fixed test the power is a
polynomial in the letters, whose second derivatives along an axis are at least −C; then the greatest value
exceeds that at the corners by C·width²/8 an axis at most.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.batch import PackedDivergence
from modecollapse.theorems import boundaries
from modecollapse.theorems.boundaries import X
from modecollapse.theorems.branch_and_bound import ROUNDING
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.regimes import Interval

MAX_EVALUATIONS = 2_000_000
"""The search gives up after this many packed divergences, and says how far it came."""


class Boxes(NamedTuple):
    """N boxes of coordinates (t, r₁, …, r_k)."""

    low: FloatArray
    high: FloatArray

    def kept(self, which: NDArray[np.bool_] | IntArray) -> Boxes:
        return Boxes(self.low[which], self.high[which])

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


class Ends(NamedTuple):
    """The ends of each line's edge over N boxes of slopes, on one side; shape (N, k).

    Attributes
    ----------
    reach : ndarray
        The greatest distance in x from the forbidden point to the end; 0 for a line without an edge.
    gap : ndarray
        The least difference of slopes at the end; inf where the neighbour is upright.
    slope : ndarray
        The greatest slope of the neighbour; 0 where it is upright.
    neighbour : ndarray of int
        The line on which the end lies; −1 for a fixed edge.
    other_reach : ndarray
        As `reach`, for the neighbour's own forbidden point; 0 for a fixed edge.
    """

    reach: FloatArray
    gap: FloatArray
    slope: FloatArray
    neighbour: IntArray
    other_reach: FloatArray


class Supremum(NamedTuple):
    """The greatest value over the greatest regions, the boundary that has it, and how far the truth can be."""

    value: float
    boundary: FloatArray
    gap: float
    slopes: FloatArray
    is_exact: bool


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

    # -- coordinates -------------------------------------------------------------------------------

    def boxes(self) -> Iterator[Boxes]:
        """Boxes that cover the slopes of the class; the supporting slopes are smooth in t within each."""
        k = len(self.points)
        if self.pairs.required_touches:
            yield Boxes(np.zeros((1, k + 1)), np.append(0.0, np.ones(k))[None])
            return
        for interval in self.pairs.tangents:
            yield from self._boxes_touching(interval)

    def _boxes_touching(self, interval: Interval) -> Iterator[Boxes]:
        """Without superfluous coordinates: where t only widens the slopes it stays at its best end.

        Lines left of t allow lesser slopes the greater t is, lines right of it greater slopes the less t is. A
        single line on a side either crosses ℓ at t or does not bind t.
        """
        k, (start, stop) = len(self.points), interval[:2]
        left = np.flatnonzero((self.points[:, X] <= start) & (self.excess >= 0))
        right = np.flatnonzero((self.points[:, X] >= stop) & (self.excess >= 0))
        shares = np.zeros(k), np.ones(k)
        if len(left) + len(right) < k or min(len(left), len(right)) > 1:
            yield from self._box(start, stop, *shares)
        elif len(left) == 0:
            yield from self._box(start, start, *shares)
        elif len(right) == 0:
            yield from self._box(stop, stop, *shares)
        elif len(left) == 1:
            yield from self._box(start, start, *shares)
            yield from self._box(start, stop, shares[0], np.where(np.arange(k) == left[0], 0.0, 1.0))
        else:
            yield from self._box(stop, stop, *shares)
            yield from self._box(start, stop, np.where(np.arange(k) == right[0], 1.0, 0.0), shares[1])

    def _box(self, start: float, stop: float, low: FloatArray, high: FloatArray) -> Iterator[Boxes]:
        """A box cut where a supporting slope changes from one that A forces to one that t forces."""
        u, gamma = self.points[:, X], self.pairs.slope
        with np.errstate(divide="ignore", invalid="ignore"):
            kinks = np.concatenate([u + self.excess / (end - gamma) for end in (self.least, self.most)])
        inside = kinks[(kinks > start) & (kinks < stop)]
        t = np.unique(np.concatenate([[start], inside, [stop]]))
        if len(t) == 1:
            t = np.repeat(t, 2)
        for first, last in pairwise(t.tolist()):
            yield Boxes(np.append(first, low)[None], np.append(last, high)[None])

    def slopes(self, places: FloatArray) -> FloatArray:
        """The slopes of the lines at places (t, r₁, …, r_k), shape (..., k)."""
        least, most = self._supporting(places[..., 0])
        share = places[..., 1:]
        return least ** (1 - share) * most**share

    def _supporting(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Supporting slopes of the least regions of t, shape (..., k)."""
        shape = (*t.shape, len(self.points))
        least, most = np.broadcast_to(self.least, shape), np.broadcast_to(self.most, shape)
        if self.pairs.required_touches:
            return least, most
        forced, side = self._forced(t)
        least = np.where(side > 0, np.maximum(least, forced), least)
        most = np.where(side < 0, np.minimum(most, forced), most)
        return np.minimum(least, most), np.maximum(least, most)  # equal at ends of X, but for rounding

    def _forced(self, t: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Slopes of the lines through the forbidden points and (t, γt+h), and the side on which t lies."""
        side = t[..., None] - self.points[:, X]
        steep = np.divide(self.excess, side, out=np.zeros_like(side), where=(side != 0) & (self.excess != 0))
        return self.pairs.slope + steep, np.where((side == 0) & (self.excess < 0), 0.0, side)

    def speeds(self, boxes: Boxes, slopes: tuple[FloatArray, FloatArray]) -> Speeds:
        """How fast and how unevenly the slopes move along each axis, over boxes with slopes in a range."""
        n, k = len(boxes.low), len(self.points)
        first, second = np.zeros((n, k + 1, k)), np.zeros((n, k + 1, k))
        supports = [self._supporting(t) for t in (boxes.low[:, 0], boxes.high[:, 0])]
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
        active = np.where(side > 0, forced > self.least, (side < 0) & (forced < self.most))
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
        """Slopes of lines above a least region, at shares of the way from the least possible to the greatest."""
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

    def curvatures(self, divergence: PackedDivergence, boxes: Boxes) -> FloatArray:
        """Bounds C on −∂²F_T along each axis, for every test T, over N boxes; inf where edges change places."""
        slopes = self.slopes(boxes.corners)
        low, high = slopes.min(axis=1), slopes.max(axis=1)
        speeds = self.speeds(boxes, (low, high))
        left, right, known = self._ends(low, high)
        m = divergence.m
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            p_first, q_first = _first_derivatives(left, right, speeds)
            p_second, q_second = _second_derivatives(left, right, speeds)
            p_bend, q_bend = (
                (m * second + m * (m - 1) * first**2) / 2
                for first, second in ((p_first, p_second), (q_first, q_second))
            )
            curvature = p_bend + divergence.order * q_bend
        return np.where(known[:, None] & np.isfinite(curvature), curvature, np.inf)

    def _ends(self, low: FloatArray, high: FloatArray) -> tuple[Ends, Ends, NDArray[np.bool_]]:
        """Where the edges of the lines end, left and right, and whether on the same edges all over each box."""
        n, k = low.shape
        choice = np.array(list(product((False, True), repeat=k)))
        corners = np.where(choice, high[:, None], low[:, None])
        cut, names = boundaries.below_lines(self.ceiling, self.points, corners.reshape(-1, k))
        p, q = boundaries.letters(cut)
        present = (p > 0) | (q > 0)
        sides = []
        known = np.ones(n, dtype=bool)
        for step in (1, -1):
            reach, neighbours = np.zeros((n, k)), np.full((n, k), len(self.edge_slopes) + k)
            for line in range(k):
                name, end = _neighbour(cut, names, present, line, step)
                names_at = name.reshape(n, -1)
                known &= np.asarray((names_at == names_at[:, :1]).all(axis=1))
                distance = np.abs(end[:, X] - self.points[line, X]).reshape(n, -1)
                neighbours[:, line] = names_at[:, 0]
                reach[:, line] = distance.max(axis=1)
            sides.append(self._side(reach, neighbours, low, high, step))
        left, right = sides
        left = left._replace(other_reach=_of_neighbour(right.reach, left.neighbour))
        right = right._replace(other_reach=_of_neighbour(left.reach, right.neighbour))
        return left, right, known

    def _side(self, reach: FloatArray, names: IntArray, low: FloatArray, high: FloatArray, step: int) -> Ends:
        k = low.shape[1]
        edges = np.append(self.edge_slopes, 0.0)
        fixed = edges[np.clip(-1 - names, 0, len(edges) - 1)]
        line = np.clip(names, 0, k - 1)
        moves = (names >= 0) & (names < k)
        near, far = (np.where(moves, np.take_along_axis(v, line, 1), fixed) for v in (low, high))
        gap = near - high if step == 1 else low - far
        idle = names >= k + 1  # the line has no edge
        upright = np.isinf(far)
        return Ends(
            np.where(idle, 0.0, reach),
            np.where(idle, 1.0, np.where(gap > 0, gap, np.nan)),
            np.where(upright, 0.0, far),
            np.where(moves, names, -1),
            np.zeros_like(reach),
        )


def _neighbour(
    cut: FloatArray, names: IntArray, present: NDArray[np.bool_], line: int, step: int
) -> tuple[IntArray, FloatArray]:
    """The name of the edge beside a line's, and the corner between the two.

    Left of it for step 1, right of it for −1. A line without an edge has a neighbour of no name.
    """
    cut, names, present = cut[:, ::step], names[:, ::step], present[:, ::step]
    edge = present & (names == line)
    at = edge.argmax(axis=1)
    rows = np.arange(len(cut))
    beside = present & (np.arange(names.shape[1]) < at[:, None])
    previous = names.shape[1] - 1 - beside[:, ::-1].argmax(axis=1)
    idle = ~edge.any(axis=1)
    nameless = names.shape[1] + len(names) + 1_000_000
    return np.where(idle, nameless, names[rows, previous]), cut[rows, at]


def _of_neighbour(values: FloatArray, neighbour: IntArray) -> FloatArray:
    taken = np.take_along_axis(values, np.maximum(neighbour, 0), 1)
    return np.where(neighbour >= 0, taken, 0.0)


def _first_derivatives(left: Ends, right: Ends, speeds: Speeds) -> tuple[FloatArray, FloatArray]:
    """Bounds on ‖p′‖₁ and ‖q′‖₁ along each axis. Both ends of a line that turns move the same way."""
    steps = [
        (end.reach / end.gap, np.where(np.isinf(end.gap), end.reach, end.reach / end.gap * end.slope))
        for end in (left, right)
    ]
    q = 2 * np.maximum(steps[0][0], steps[1][0])
    p = 2 * np.maximum(steps[0][1], steps[1][1])
    return (speeds.first * p[:, None]).sum(axis=2), (speeds.first * q[:, None]).sum(axis=2)


def _second_derivatives(left: Ends, right: Ends, speeds: Speeds) -> tuple[FloatArray, FloatArray]:
    """Bounds on ‖p″‖₁ and ‖q″‖₁ along each axis, a corner at a time.

    Lines i and j meet at X with (s_i − s_j) X′ = −s_i′(X−u_i) + s_j′(X−u_j), and once more differentiated.
    """
    p, q = np.zeros(speeds.first.shape[:2]), np.zeros(speeds.first.shape[:2])
    for ends in (left, right):
        reach, gap, slope, other = (v[:, None] for v in (ends.reach, ends.gap, ends.slope, ends.other_reach))
        neighbour = np.broadcast_to(ends.neighbour[:, None], speeds.first.shape)
        other_first, other_second = (
            np.where(neighbour >= 0, np.take_along_axis(v, np.maximum(neighbour, 0), 2), 0.0) for v in speeds
        )
        pace = (reach * speeds.first + other * other_first) / gap
        turn = 2 * (speeds.first + other_first) * pace + reach * speeds.second + other * other_second
        x_turn = turn / gap
        y_turn = slope * x_turn + 2 * other_first * pace + other * other_second
        y_turn = np.where(np.isinf(gap), reach * speeds.second, y_turn)
        q += 2 * x_turn.sum(axis=2)
        p += 2 * y_turn.sum(axis=2)
    return p, q


# -- the search ------------------------------------------------------------------------------------


def supremum(regions: GreatestRegions, divergence: PackedDivergence, gap: float) -> Supremum:
    """The greatest divergence over the greatest regions, by branch and bound on the better of two bounds."""
    pieces = list(regions.boxes())
    search = _Search(regions, divergence, gap)
    for piece in pieces:
        search.look_at(piece)
    for piece in pieces:
        search.exhaust(piece)
    return search.result()


class _Search:
    """The best value found so far, and what is certain about the boxes done with."""

    def __init__(self, regions: GreatestRegions, divergence: PackedDivergence, gap: float) -> None:
        self.regions, self.divergence, self.gap = regions, divergence, gap
        self.best, self.slopes = -np.inf, regions.least
        self.certain = -np.inf
        self.evaluations = 0

    def result(self) -> Supremum:
        boundary = self.regions.boundary(self.slopes)
        if self.best == np.inf:
            return Supremum(self.best, boundary, 0.0, self.slopes, True)
        certain = max(self.certain, self.best)
        width = certain - self.best + ROUNDING * max(1.0, abs(certain))
        is_exact = width <= 1.001 * self.gap * max(1.0, self.best) + ROUNDING * max(1.0, abs(certain))
        return Supremum(self.best, boundary, width, self.slopes, is_exact)

    @property
    def threshold(self) -> float:
        """What a bound may not exceed for its box to be done with."""
        return self.best + self.gap * max(1.0, abs(self.best))

    def look_at(self, boxes: Boxes) -> FloatArray:
        """The values at the corners of boxes."""
        slopes = self.regions.slopes(boxes.corners)
        values = self.regions.values(self.divergence, slopes)
        self.evaluations += values.size
        if values.max() > self.best:
            self.best = float(values.max())
            self.slopes = slopes.reshape(-1, slopes.shape[-1])[values.argmax()]
        return values

    def exhaust(self, boxes: Boxes) -> None:
        while len(boxes.low) and self.best < np.inf:
            greatest = self.look_at(boxes).max(axis=1)
            bound, rise = self._bounds(boxes, greatest)
            keep = bound > self.threshold
            self.certain = float(bound[~keep].max(initial=self.certain))
            if self.evaluations > MAX_EVALUATIONS:
                self.certain = float(bound[keep].max(initial=self.certain))
                return
            boxes = self._halved(boxes.kept(keep), rise[keep])

    def _bounds(self, boxes: Boxes, greatest: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Upper bounds over the boxes, and how much of them each axis is to blame for."""
        width = boxes.high - boxes.low
        rise = np.full_like(width, np.inf)
        if self.divergence.is_power:
            rise = self.regions.curvatures(self.divergence, boxes)
        rise = np.where(width > 0, np.where(width > 0, rise, 0.0) * width**2 / 8, 0.0)
        bound = greatest + rise.sum(axis=1)
        loose = np.flatnonzero(bound > self.threshold)
        if len(loose):
            slopes = self.regions.slopes(boxes.kept(loose).corners)
            joins = self.regions.joins(self.divergence, slopes.min(axis=1), slopes.max(axis=1))
            self.evaluations += len(loose)
            bound[loose] = np.minimum(bound[loose], joins)
        return bound, rise

    def _halved(self, boxes: Boxes, rise: FloatArray) -> Boxes:
        """Halves of each box across the axis to blame, or else across that which moves the slopes most."""
        if not len(boxes.low):
            return boxes
        slopes = self.regions.slopes(boxes.corners)
        speeds = self.regions.speeds(boxes, (slopes.min(axis=1), slopes.max(axis=1)))
        width = boxes.high - boxes.low
        moved = (speeds.first / slopes.max(axis=1)[:, None]).max(axis=2) * width
        known = np.isfinite(rise).all(axis=1, keepdims=True)
        axis = np.where(known, rise, moved).argmax(axis=1)
        rows = np.arange(len(axis))
        middle = (boxes.low[rows, axis] + boxes.high[rows, axis]) / 2
        low, high = boxes.low.copy(), boxes.high.copy()
        low[rows, axis] = high[rows, axis] = middle
        return Boxes(np.concatenate([boxes.low, low]), np.concatenate([high, boxes.high]))
