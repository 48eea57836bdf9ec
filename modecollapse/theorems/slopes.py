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
        The least difference of slopes at the end; NaN where the slopes may cross.
    slope : ndarray
        The greatest slope of the neighbour; inf where it is upright.
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


class Masses(NamedTuple):
    """Least masses over N boxes, of P or of Q.

    Attributes
    ----------
    moving : ndarray, shape (N,)
        Of the letters whose mass is not constant.
    speaker : ndarray, shape (N,)
        Of the common letter that speaks most against the law: the last for P, the first for Q.
    """

    moving: FloatArray
    speaker: FloatArray


class Edges(NamedTuple):
    """The edges of the lines over N boxes of slopes.

    Attributes
    ----------
    left, right : Ends
    p, q : Masses
    known : ndarray of bool
        Whether each edge ends on the same neighbours all over the box.
    """

    left: Ends
    right: Ends
    p: Masses
    q: Masses
    known: NDArray[np.bool_]


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
            high = np.append(0.0, np.ones(k))[None]
            yield Boxes(
                np.zeros((1, k + 1)), high, self.least[None], self.most[None], np.zeros((1, k), dtype=bool)
            )
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
            low_, high_ = np.append(first, low)[None], np.append(last, high)[None]
            yield Boxes(low_, high_, self.least[None], self.most[None], np.ones((1, len(low)), dtype=bool))

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
        """How fast and how unevenly the slopes move along each axis, over boxes with slopes in a range."""
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

    def curvatures(self, divergence: PackedDivergence, boxes: Boxes, best: float) -> FloatArray:
        """Bounds C on −∂²F along each axis, for what beats the best value in N boxes; inf where none is known."""
        slopes = self.slopes(boxes)
        low, high = slopes.min(axis=1), slopes.max(axis=1)
        speeds = self.speeds(boxes, (low, high))
        edges = self._edges(low, high, self._groups(float(boxes.low[0, 0] + boxes.high[0, 0]) / 2))
        width = boxes.high - boxes.low
        with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
            p_first, q_first = _first_derivatives(edges, speeds)
            p_second, q_second = _second_derivatives(edges, speeds)
            p, q = Motion(p_first, p_second, edges.p), Motion(q_first, q_second, edges.q)
            bound = _power_bend if divergence.is_power else _jensen_shannon_bend
            curvature = bound(divergence, p, q, width, best)
        return np.where(edges.known[:, None] & np.isfinite(curvature), curvature, np.inf)

    def line_to_free(self, boxes: Boxes, axis: IntArray) -> IntArray:
        """The line of each box that need not follow t to the farther end of its slopes; −1 for none.

        It is asked of boxes that are to be cut along t, or along the share of such a line.
        """
        n, k = len(axis), len(self.points)
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
        return _joined(near, far)

    def _groups(self, t: float) -> list[IntArray]:
        """The lines that can meet below ℓ: those that bind a tangent point on the same side."""
        lines = np.arange(len(self.points))
        if self.pairs.required_touches or (self.excess < 0).any():
            return [lines]
        is_left = self.points[:, X] < t
        return [group for group in (lines[is_left], lines[~is_left]) if len(group)]

    def _edges(self, low: FloatArray, high: FloatArray, groups: list[IntArray]) -> Edges:
        """Where the edges of the lines end over boxes of slopes, and how light their letters can be."""
        n, k = low.shape
        reach, least_reach = np.zeros((2, n, k)), np.zeros((2, n, k))
        names = np.full((2, n, k), NAMELESS)
        known = np.ones(n, dtype=bool)
        for lines in groups:
            chains = _Chains.of(self, low[:, lines], high[:, lines], lines)
            for column, line in enumerate(lines.tolist()):
                for side, step in enumerate((1, -1)):
                    name, end = chains.neighbour(column, step)
                    distance = np.abs(end[:, X] - self.points[line, X]).reshape(n, -1)
                    name = name.reshape(n, -1)
                    known &= np.asarray((name == name[:, :1]).all(axis=1))
                    names[side, :, line] = np.where(
                        name[:, 0] >= 0, lines[name[:, 0] % len(lines)], name[:, 0]
                    )
                    names[side, :, line][name[:, 0] == NAMELESS] = NAMELESS
                    reach[side, :, line], least_reach[side, :, line] = (
                        distance.max(axis=1),
                        distance.min(axis=1),
                    )
        left, right = (
            self._side(r, name, low, high, step) for r, name, step in zip(reach, names, (1, -1), strict=True)
        )
        left = left._replace(other_reach=_of_neighbour(right.reach, left.neighbour))
        right = right._replace(other_reach=_of_neighbour(left.reach, right.neighbour))
        own = np.where(names[0] == NAMELESS, np.inf, least_reach.sum(axis=0))
        every = _Chains.of(self, low, high, np.arange(k))
        return Edges(left, right, *self._masses(every, names, own, own * low), known)

    def _masses(
        self, every: _Chains, names: IntArray, own_q: FloatArray, own_p: FloatArray
    ) -> tuple[Masses, Masses]:
        """Least masses of the letters that move: those of the lines, and of the fixed edges on which they end."""
        n, k = own_q.shape
        slopes = self.edge_slopes[np.clip(-1 - names, 0, len(self.edge_slopes) - 1)]
        p, q = boundaries.letters(every.cut)
        common = (p > 0) & (q > 0)
        rows = np.arange(len(p))
        masses = []
        for values, own, moves, place in (
            (p, own_p, slopes > 0, p.shape[1] - 1 - common[:, ::-1].argmax(axis=1)),
            (q, own_q, np.isfinite(slopes), common.argmax(axis=1)),
        ):
            lightest = own.min(axis=1)
            for name, moving in zip(
                names.transpose(0, 2, 1).reshape(-1, n), moves.transpose(0, 2, 1).reshape(-1, n), strict=True
            ):
                edge = np.repeat(name, len(p) // n)
                mass = (
                    np.where(every.names == edge[:, None], values, 0.0).sum(axis=1).reshape(n, -1).min(axis=1)
                )
                lightest = np.where((name < 0) & moving, np.minimum(lightest, mass), lightest)
            speaker = every.names[rows, place]
            corner = np.repeat(np.arange(n), len(p) // n)
            loudness = np.where(speaker >= 0, own[corner, np.clip(speaker, 0, k - 1)], values[rows, place])
            masses.append(Masses(lightest, loudness.reshape(n, -1).min(axis=1)))
        return masses[0], masses[1]

    def _side(self, reach: FloatArray, names: IntArray, low: FloatArray, high: FloatArray, step: int) -> Ends:
        k = low.shape[1]
        fixed = self.edge_slopes[np.clip(-1 - names, 0, len(self.edge_slopes) - 1)]
        moves = (names >= 0) & (names < k)
        line = np.clip(names, 0, k - 1)
        near, far = (np.where(moves, np.take_along_axis(v, line, 1), fixed) for v in (low, high))
        gap = near - high if step == 1 else low - far
        idle = names == NAMELESS
        return Ends(
            np.where(idle, 0.0, reach),
            np.where(idle, 1.0, np.where(gap > 0, gap, np.nan)),
            np.where(idle, 0.0, far),
            np.where(moves, names, -1),
            np.zeros_like(reach),
        )


FREEDOM = 1e-9
"""Slopes closer than this, relative to themselves, are not worth a box of their own."""

NAMELESS = 10**9
"""The name of the neighbour of a line without an edge."""


class _Chains(NamedTuple):
    """The greatest regions at the 2^k corners of N boxes of slopes: boundaries, names of edges, and which are there."""

    cut: FloatArray
    names: IntArray
    present: NDArray[np.bool_]

    @classmethod
    def of(cls, regions: GreatestRegions, low: FloatArray, high: FloatArray, lines: IntArray) -> _Chains:
        k = len(lines)
        choice = np.array(list(product((False, True), repeat=k)))
        corners = np.where(choice, high[:, None], low[:, None]).reshape(-1, k)
        cut, names = boundaries.below_lines(regions.ceiling, regions.points[lines], corners)
        p, q = boundaries.letters(cut)
        return cls(cut, names, (p > 0) | (q > 0))

    def neighbour(self, line: int, step: int) -> tuple[IntArray, FloatArray]:
        """The name of the edge beside a line's, and the corner between: left for step 1, right for −1."""
        cut, names, present = self.cut[:, ::step], self.names[:, ::step], self.present[:, ::step]
        edge = present & (names == line)
        at = edge.argmax(axis=1)
        rows = np.arange(len(cut))
        beside = present & (np.arange(names.shape[1]) < at[:, None])
        previous = names.shape[1] - 1 - beside[:, ::-1].argmax(axis=1)
        return np.where(edge.any(axis=1), names[rows, previous], NAMELESS), cut[rows, at]


def _of_neighbour(values: FloatArray, neighbour: IntArray) -> FloatArray:
    taken = np.take_along_axis(values, np.maximum(neighbour, 0), 1)
    return np.where(neighbour >= 0, taken, 0.0)


class Motion(NamedTuple):
    """How the letters of one law move along each axis, shape (N, k+1), and their least masses.

    Attributes
    ----------
    first, second : ndarray
        Bounds on the sums of the absolute first and second derivatives.
    masses : Masses
    """

    first: FloatArray
    second: FloatArray
    masses: Masses

    def bend(self, m: int, shares: tuple[FloatArray | float, FloatArray | float] = (1.0, 1.0)) -> FloatArray:
        """Bound on |P^m(T)″|, if P^(m−1) and P^(m−2) of what is left of T are at most the shares.

        The derivatives of the letters sum to 0, so that half of their absolute sum counts.
        """
        once, twice = shares
        return (m * self.second * once + m * (m - 1) * self.first**2 * twice) / 2

    def ratio(self, m: int) -> FloatArray:
        """Bound on |(P^m)″/P^m| of every sequence."""
        lightest = self.masses.moving[:, None]
        return m * (m - 1) * (self.first / 2 / lightest) ** 2 + m * self.second / 2 / lightest

    def speaker_shares(self, error: FloatArray | float, weight: float = 1.0) -> tuple[FloatArray, FloatArray]:
        """Bounds on γP^(m−1) and γP^(m−2) of what one or two letters complete to a test of γP^m(T) ≤ error.

        The letter that speaks most for T completes all that another does.
        """
        speaker = self.masses.speaker[:, None]
        return np.minimum(weight, error / speaker), np.minimum(weight, error / speaker**2)


def _power_bend(
    divergence: PackedDivergence, p: Motion, q: Motion, width: FloatArray, best: float
) -> FloatArray:
    """For every test T whose value beats the best one somewhere in its box.

    There the error P^m(Tᶜ) + γQ^m(T) is less than 1 − best − (1−γ)⁺; elsewhere in the box it is more by at
    most m/2 (‖p′‖₁ + γ‖q′‖₁) a unit.
    """
    m, order = divergence.m, divergence.order
    drift = m / 2 * ((p.first + order * q.first) * width).sum(axis=1, keepdims=True)
    error = max(1 - best - max(1 - order, 0.0), 0.0) + drift
    p_bend = np.minimum(p.bend(m, p.speaker_shares(error)), p.ratio(m) * error)
    q_bend = np.minimum(q.bend(m, q.speaker_shares(error, order)), q.ratio(m) * error)
    return p_bend + q_bend


def _jensen_shannon_bend(
    divergence: PackedDivergence, p: Motion, q: Motion, width: FloatArray, best: float
) -> FloatArray:
    """For JS = ∫ (H_γ − (1−γ)⁺) dγ/(2γ(1+γ)), with the test that is best at one place of the box at each order.

    There P^m(Tᶜ) ≤ γ and Q^m(T) ≤ 1/γ, elsewhere in the box up to a factor; so a bend is at most
    min(B, γK) for P and min(γB, K) for Q.
    """
    m = divergence.m
    total = np.zeros_like(p.first)
    for law in (p, q):
        lightest = law.masses.moving[:, None]
        factor = np.exp(m * (law.first / 2 * width).sum(axis=1, keepdims=True) / lightest)
        bend = law.bend(m)
        speaker = law.masses.speaker[:, None]
        slope = factor * np.minimum(law.ratio(m), law.bend(m, (1 / speaker, 1 / speaker**2)))
        share = np.divide(bend, slope, out=np.ones_like(bend), where=slope > 0)
        total += (slope * np.log1p(share) + bend * np.log1p(1 / share)) / 2
    return total


def _first_derivatives(edges: Edges, speeds: Speeds) -> tuple[FloatArray, FloatArray]:
    """Bounds on ‖p′‖₁ and ‖q′‖₁ along each axis. Both ends of a line that turns move the same way."""
    q_steps = [end.reach / end.gap for end in (edges.left, edges.right)]
    p_steps = [
        np.where(np.isinf(end.slope), end.reach, step * end.slope)
        for end, step in zip((edges.left, edges.right), q_steps, strict=True)
    ]
    p, q = (2 * np.maximum(*steps) for steps in (p_steps, q_steps))
    return (speeds.first * p[:, None]).sum(axis=2), (speeds.first * q[:, None]).sum(axis=2)


def _second_derivatives(edges: Edges, speeds: Speeds) -> tuple[FloatArray, FloatArray]:
    """Bounds on ‖p″‖₁ and ‖q″‖₁ along each axis, a corner at a time.

    Lines i and j meet at X with (s_i − s_j) X′ = −s_i′(X−u_i) + s_j′(X−u_j), and once more differentiated.
    """
    p, q = np.zeros(speeds.first.shape[:2]), np.zeros(speeds.first.shape[:2])
    for ends in (edges.left, edges.right):
        reach, gap, slope, other = (v[:, None] for v in (ends.reach, ends.gap, ends.slope, ends.other_reach))
        neighbour = np.broadcast_to(ends.neighbour[:, None], speeds.first.shape)
        other_first, other_second = (
            np.where(neighbour >= 0, np.take_along_axis(v, np.maximum(neighbour, 0), 2), 0.0) for v in speeds
        )
        pace = (reach * speeds.first + other * other_first) / gap
        turn = 2 * (speeds.first + other_first) * pace + reach * speeds.second + other * other_second
        x_turn = turn / gap
        y_turn = slope * x_turn + 2 * other_first * pace + other * other_second
        y_turn = np.where(np.isinf(slope), reach * speeds.second, y_turn)
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
        slopes = self.regions.slopes(boxes)
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
        if self.divergence.is_power or self.divergence.name == "js":
            rise = self.regions.curvatures(self.divergence, boxes, self.best)
        rise = np.where(width > 0, np.where(width > 0, rise, 0.0) * width**2 / 8, 0.0)
        bound = greatest + rise.sum(axis=1)
        loose = np.flatnonzero(bound > self.threshold)
        if len(loose):
            slopes = self.regions.slopes(boxes.kept(loose))
            joins = self.regions.joins(self.divergence, slopes.min(axis=1), slopes.max(axis=1))
            self.evaluations += len(loose)
            bound[loose] = np.minimum(bound[loose], joins)
        return bound, rise

    def _halved(self, boxes: Boxes, rise: FloatArray) -> Boxes:
        """Two parts of each box, along the axis to blame, or else along that which moves the slopes most."""
        if not len(boxes.low):
            return boxes
        slopes = self.regions.slopes(boxes)
        speeds = self.regions.speeds(boxes, (slopes.min(axis=1), slopes.max(axis=1)))
        width = boxes.high - boxes.low
        moved = (speeds.first / slopes.max(axis=1)[:, None]).max(axis=2) * width
        known = np.isfinite(rise).all(axis=1, keepdims=True)
        axis = np.where(known, rise, moved).argmax(axis=1)
        line = self.regions.line_to_free(boxes, axis)
        return _joined(
            _bisected(boxes.kept(line < 0), axis[line < 0]),
            self.regions.freed(boxes.kept(line >= 0), line[line >= 0]),
        )


def _joined(first: Boxes, second: Boxes) -> Boxes:
    low, high, least, most = (np.concatenate(pair) for pair in zip(first[:4], second[:4], strict=True))
    return Boxes(low, high, least, most, np.concatenate([first.bound, second.bound]))


def _bisected(boxes: Boxes, axis: IntArray) -> Boxes:
    rows = np.arange(len(axis))
    middle = (boxes.low[rows, axis] + boxes.high[rows, axis]) / 2
    low, high = boxes.low.copy(), boxes.high.copy()
    low[rows, axis] = high[rows, axis] = middle
    return _joined(boxes._replace(high=high), boxes._replace(low=low))
