"""Second-order bounds over boxes of slopes: how far a divergence can exceed its values at the corners.

For a fixed test T the power P^m(T) − γQ^m(T) is a polynomial in the letters. If its second derivative along
each axis is at least −C in a box, it exceeds its values at the corners by C·width²/8 an axis at most; and a
divergence is a maximum of powers, or an integral of such maxima. The letters are the edges of the greatest
regions, whose ends slide along their neighbours as the lines turn (docs/theory.md §9).
"""

from __future__ import annotations

from itertools import product
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries
from modecollapse.theorems.boundaries import X
from modecollapse.theorems.slopes import Boxes, GreatestRegions, Speeds

NAMELESS = 10**9
"""The name of the neighbour of a line without an edge."""


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


def curvatures(
    regions: GreatestRegions, divergence: PackedDivergence, boxes: Boxes, best: float
) -> FloatArray:
    """Bounds C on −∂²F along each axis, for what beats the best value in N boxes; inf where none is known."""
    slopes = regions.slopes(boxes)
    low, high = slopes.min(axis=1), slopes.max(axis=1)
    speeds = regions.speeds(boxes, (low, high))
    edges = _edges(regions, low, high, _groups(regions, float(boxes.low[0, 0] + boxes.high[0, 0]) / 2))
    width = boxes.high - boxes.low
    with np.errstate(invalid="ignore", over="ignore", divide="ignore"):
        p_first, q_first = _first_derivatives(edges, speeds)
        p_second, q_second = _second_derivatives(edges, speeds)
        p, q = Motion(p_first, p_second, edges.p), Motion(q_first, q_second, edges.q)
        bound = _power_bend if divergence.is_power else _jensen_shannon_bend
        curvature = bound(divergence, p, q, width, best)
    return np.where(edges.known[:, None] & np.isfinite(curvature), curvature, np.inf)


def idle_lines(regions: GreatestRegions, boxes: Boxes) -> NDArray[np.bool_]:
    """Which lines bound no edge at some corner of the slopes of each box, shape (N, k)."""
    slopes = regions.slopes(boxes)
    k = slopes.shape[-1]
    chains = _Chains.of(regions, slopes.min(axis=1), slopes.max(axis=1), np.arange(k))
    edge = chains.present[..., None] & (chains.names[..., None] == np.arange(k))
    return ~edge.any(axis=1).reshape(len(slopes), -1, k).all(axis=1)


def _groups(regions: GreatestRegions, t: float) -> list[IntArray]:
    """Lines that can meet: all, but where regions lie below the line that they touch at t.

    There a line of each side ends before it meets one of the other.
    """
    lines = np.arange(len(regions.points))
    low, high = regions.pairs.heights
    if low < high or regions.pairs.required_touches:
        return [lines]
    is_left = regions.points[:, X] < t
    return [group for group in (lines[is_left], lines[~is_left]) if len(group)]


def _edges(regions: GreatestRegions, low: FloatArray, high: FloatArray, groups: list[IntArray]) -> Edges:
    """Where the edges of the lines end over boxes of slopes, and how light their letters can be."""
    n, k = low.shape
    far, near = np.zeros((2, n, k)), np.zeros((2, n, k))
    names = np.full((2, n, k), NAMELESS)
    known = np.ones(n, dtype=bool)
    centre = np.sqrt(low * high)
    for lines in groups:
        chains, middle = _Chains.of(regions, low, high, lines), _Chains.of(regions, centre, centre, lines)
        for side, step in enumerate((1, -1)):
            for line in lines.tolist():
                name = middle.neighbour(line, step).reshape(n, -1)[:, 0]
                same, end = (v.reshape(n, -1) for v in chains.ends_at(line, step, name))
                reach = np.abs(end - regions.points[line, X])
                far[side, :, line], near[side, :, line] = reach.max(axis=1), reach.min(axis=1)
                names[side, :, line] = name
                known &= np.asarray(same.all(axis=1))
    left = _side(regions, far[0], names[0], low, high, 1)
    right = _side(regions, far[1], names[1], low, high, -1)
    left = left._replace(other_reach=_of_neighbour(right.reach, left.neighbour))
    right = right._replace(other_reach=_of_neighbour(left.reach, right.neighbour))
    own = np.where(names[0] == NAMELESS, np.inf, near.sum(axis=0))
    every = _Chains.of(regions, low, high, np.arange(k))
    return Edges(left, right, *_masses(regions, every, names, own, low), known)


def _masses(
    regions: GreatestRegions, every: _Chains, names: IntArray, own: FloatArray, low: FloatArray
) -> tuple[Masses, Masses]:
    """Least masses of the letters that move: those of the lines, and of the fixed edges on which they end.

    `names` are those of the edges beside the lines, `own` the least lengths in x of the lines' own edges.
    """
    slopes = regions.edge_slopes[np.clip(-1 - names, 0, len(regions.edge_slopes) - 1)]
    is_fixed = names < 0
    p, q = boundaries.letters(every.cut)
    common = (p > 0) & (q > 0)
    last, first = p.shape[1] - 1 - common[:, ::-1].argmax(axis=1), common.argmax(axis=1)
    return (
        _least_masses(every, p, own * low, names, is_fixed & (slopes > 0), last),
        _least_masses(every, q, own, names, is_fixed & np.isfinite(slopes), first),
    )


def _least_masses(
    every: _Chains,
    masses: FloatArray,
    own: FloatArray,
    names: IntArray,
    moves: NDArray[np.bool_],
    loudest: IntArray,
) -> Masses:
    """Least masses of one law, at a corner of the box for all but a line's own edge."""
    n, k = own.shape
    corners = len(masses) // n
    lightest = own.min(axis=1)
    for side in range(2):
        for line in range(k):
            name = np.repeat(names[side, :, line], corners)
            mass = np.where(every.names == name[:, None], masses, 0.0).sum(axis=1).reshape(n, -1).min(axis=1)
            lightest = np.where(moves[side, :, line], np.minimum(lightest, mass), lightest)
    rows, boxes = np.arange(len(masses)), np.repeat(np.arange(n), corners)
    name = every.names[rows, loudest]
    speaker = np.where(name >= 0, own[boxes, np.clip(name, 0, k - 1)], masses[rows, loudest])
    return Masses(lightest, speaker.reshape(n, -1).min(axis=1))


def _side(
    regions: GreatestRegions, reach: FloatArray, names: IntArray, low: FloatArray, high: FloatArray, step: int
) -> Ends:
    """The ends of one side: the left for step 1, the right for −1."""
    k = low.shape[1]
    fixed = regions.edge_slopes[np.clip(-1 - names, 0, len(regions.edge_slopes) - 1)]
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


class _Chains(NamedTuple):
    """Greatest regions at the 2^k corners of N boxes of slopes, the names of their edges, and which exist."""

    cut: FloatArray
    names: IntArray
    present: NDArray[np.bool_]

    @classmethod
    def of(cls, regions: GreatestRegions, low: FloatArray, high: FloatArray, lines: IntArray) -> _Chains:
        """With some of the lines alone; edges have the names of all."""
        choice = np.array(list(product((False, True), repeat=len(lines))))
        corners = np.where(choice, high[:, None, lines], low[:, None, lines]).reshape(-1, len(lines))
        cut, names = boundaries.below_lines(regions.ceiling, regions.points[lines], corners)
        p, q = boundaries.letters(cut)
        return cls(cut, np.where(names >= 0, lines[np.maximum(names, 0)], names), (p > 0) | (q > 0))

    def neighbour(self, line: int, step: int) -> IntArray:
        """Name of the edge beside a line's: left of it for step 1, right of it for −1."""
        names, present = self.names[:, ::step], self.present[:, ::step]
        edge = present & (names == line)
        beside = present & (np.arange(names.shape[1]) < edge.argmax(axis=1)[:, None])
        previous = names.shape[1] - 1 - beside[:, ::-1].argmax(axis=1)
        return np.where(edge.any(axis=1), names[np.arange(len(names)), previous], NAMELESS)

    def ends_at(self, line: int, step: int, name: IntArray) -> tuple[NDArray[np.bool_], FloatArray]:
        """Whether a line's edge ends at the edge of a name, which may have no length, and x of that end.

        A line without an edge ends at no name.
        """
        cut, names, present = self.cut[:, ::step], self.names[:, ::step], self.present[:, ::step]
        name = np.repeat(name, len(names) // len(name))[:, None]
        rows, place = np.arange(len(names)), np.arange(names.shape[1])
        edge = present & (names == line)
        at = edge.argmax(axis=1)
        beside = (names == name) & (place < at[:, None])
        previous = names.shape[1] - 1 - beside[:, ::-1].argmax(axis=1)
        between = present & (place > previous[:, None]) & (place < at[:, None])
        meets = edge.any(axis=1) & beside.any(axis=1) & ~between.any(axis=1)
        idle = ~edge.any(axis=1) & (name[:, 0] == NAMELESS)
        return meets | idle, cut[rows, at, X]


def _of_neighbour(values: FloatArray, neighbour: IntArray) -> FloatArray:
    taken = np.take_along_axis(values, np.maximum(neighbour, 0), 1)
    return np.where(neighbour >= 0, taken, 0.0)


class Motion(NamedTuple):
    """The motion of the letters of one law along each axis, shape (N, k+1), and their least masses.

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
    """For JS = ∫ (H_γ − (1−γ)⁺) dγ/(2γ(1+γ)), with the test that is best at a place of the box at each order.

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
