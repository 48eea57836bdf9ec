"""Values of greatest regions: what a search knows of its class, and the arrays that it works in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.kernels import kernel, kernel_in_place
from modecollapse.theorems.greatest import bends, charts, envelopes, letter_measures
from modecollapse.theorems.greatest.envelopes import SIGMA, U

EVALUATION_STEPS = 100.0
"""What making the letters of one region costs, in entries of tables summed."""


class Problem(NamedTuple):
    """What is searched.

    Attributes
    ----------
    constraints : ndarray, shape (W+k, 3)
        Constraints of `envelopes`; the σ of the last k, the lines, is written over.
    excesses : ndarray, shape (k,)
        How far each forbidden point lies below ℓ at the least distance of the class.
    gamma, h : float
        The line ℓ at the greatest distance of the class.
    touch : bool
        Whether all regions touch ℓ.
    measure, m, order
        What is measured: see `letter_measures`.
    mirrored : bool
        Whether mirror images of regions are regions of the same value: then one of the two is enough.
    """

    constraints: FloatArray
    excesses: FloatArray
    gamma: float
    h: float
    touch: bool
    measure: int
    m: int
    order: float
    mirrored: bool


class Room(NamedTuple):
    """Arrays to work in.

    Attributes
    ----------
    by_slope, chain : ndarray of int
        All constraints by falling slope; those of an envelope.
    starts, p, q : ndarray
        Where the constraints of an envelope begin; common letters.
    tables, counts : ndarray
        For `poisson_tables`.
    corners : ndarray, shape (_, 2)
        Corners of several envelopes.
    kept, touched, active, by_reach : ndarray of int
        The constraints that bound all regions of a box; at how many of its corners each one touches them,
        and whether at any; whether it turns on a scale of reach.
    sigmas, slopes, xs, speeds : ndarray of two rows
        Least and greatest σ and slope γ+σ of the constraints over a box, and places where edges begin; bounds
        on the derivatives of slopes.
    motions, slides, turns, climbs : ndarray of k+1 rows
        How corners move along each axis, all and one by one, and bounds on the derivatives of slopes and of
        the P-masses of edges: see `bends`.
    types : ndarray, shape (2, 4, _)
        For the types of m−1 letters and of m−2.
    rises : ndarray, shape (k+1,)
        Bounds on the excess over the values at the corners, or how far the slopes move, along each axis.
    folded : ndarray, shape (2^(k+1),)
        Values at the corners of a box, written over.
    """

    by_slope: IntArray
    chain: IntArray
    starts: FloatArray
    p: FloatArray
    q: FloatArray
    tables: FloatArray
    counts: IntArray
    corners: FloatArray
    kept: IntArray
    touched: IntArray
    active: IntArray
    by_reach: IntArray
    sigmas: FloatArray
    slopes: FloatArray
    xs: FloatArray
    speeds: FloatArray
    motions: FloatArray
    slides: FloatArray
    turns: FloatArray
    climbs: FloatArray
    types: FloatArray
    rises: FloatArray
    folded: FloatArray


@kernel
def room_for(problem: Problem) -> Room:
    """Arrays of the sizes that a problem needs."""
    size, k = len(problem.constraints), len(problem.excesses)
    most = (k + 1) * (size + 1)  # corners of k+1 envelopes
    entries = max(problem.m + 1, most) if problem.measure <= letter_measures.JENSEN_SHANNON else 1
    rows = 2 * most + 2 if problem.measure <= letter_measures.JENSEN_SHANNON else 1
    if problem.m > 10**4:
        entries, rows = 1, 1  # there no tables are made
    return Room(
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size + 1),
        np.zeros(most),
        np.zeros(most),
        np.zeros((rows, entries)),
        np.zeros(most, np.int64),
        np.zeros((most, 2)),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros(size, np.int64),
        np.zeros((2, size)),
        np.zeros((2, size)),
        np.zeros((2, size + 2)),
        np.zeros((2, size)),
        np.zeros((k + 1, bends.ENTRIES)),
        np.zeros((k + 1, size, bends.SLIDE_ENTRIES)),
        np.zeros((k + 1, size)),
        np.zeros((k + 1, size)),
        np.zeros((2, 4, bends.MOST_LISTED)),
        np.zeros(k + 1),
        np.zeros(2 ** (k + 1)),
    )


@kernel_in_place
def letter_steps(problem: Problem, n: int) -> float:
    """Entries of tables that the value of n common letters sums, and what making them costs."""
    total = EVALUATION_STEPS
    if problem.measure <= letter_measures.JENSEN_SHANNON and n > 1:
        total += 4.0 * n * problem.m
        listed = n - 1 if problem.measure == letter_measures.JENSEN_SHANNON else n - 2
        if listed > 1:
            total += 2.0 * types(listed, problem.m)
    return total


@kernel_in_place
def types(listed: int, m: int) -> float:
    """The number of counts of some letters that come to at most m."""
    count = 1.0
    for i in range(1, listed + 1):
        count *= (m + i) / i
    return count


@kernel_in_place
def value_of_letters(
    problem: Problem, room: Room, n: int, p_alone: float, q_alone: float
) -> tuple[float, float]:
    """The divergence of the n common letters in `room`, and its cost."""
    value = letter_measures.value(
        problem.measure,
        problem.m,
        problem.order,
        room.p,
        room.q,
        n,
        (p_alone, q_alone),
        room.tables,
        room.counts,
    )
    return value, letter_steps(problem, n)


@kernel_in_place
def value_below(problem: Problem, room: Room, count: int) -> tuple[float, float]:
    """The divergence of the region below an envelope, and its cost."""
    n, p_alone, q_alone = envelopes.letters(
        problem.constraints, problem.gamma, problem.h, room.chain, room.starts, count, room.p, room.q
    )
    return value_of_letters(problem, room, n, p_alone, q_alone)


@kernel_in_place
def value_of_region(problem: Problem, room: Room) -> tuple[float, float]:
    """The divergence of the greatest region with the slopes of the lines, and its cost."""
    walls = len(problem.constraints) - len(problem.excesses)
    count = envelopes.lower_envelope(problem.constraints, walls, -1, room.by_slope, room.chain, room.starts)
    return value_below(problem, room, count)


@kernel_in_place
def affinity_below(problem: Problem, room: Room, chain: IntArray, count: int) -> float:
    """Σ√(pq) of the region below an envelope."""
    n, _, _ = envelopes.letters(
        problem.constraints, problem.gamma, problem.h, chain, room.starts, count, room.p, room.q
    )
    return letter_measures.affinity(room.p, room.q, n)


@kernel_in_place
def turn_lines(problem: Problem, box: FloatArray, corner: int) -> None:
    """Give the lines their slopes at a corner of a box: bit a of its number says which end of axis a."""
    k = len(problem.excesses)
    walls = len(problem.constraints) - k
    t = box[k + 1] if corner & 1 else box[0]
    for i in range(k):
        share = box[k + 2 + i] if corner >> (i + 1) & 1 else box[1 + i]
        problem.constraints[walls + i, SIGMA] = charts.sigma_in(
            box, i, k, t, share, problem.constraints[walls + i, U], problem.excesses[i], problem.gamma
        )


@kernel_in_place
def thin_axes(box: FloatArray, k: int) -> int:
    """The axes without width, as bits: corners at their upper ends are those at their lower ends."""
    thin = 0
    for axis in range(k + 1):
        if not box[k + 1 + axis] > box[axis]:
            thin |= 1 << axis
    return thin


@kernel
def values_at(problem: Problem, sigmas: FloatArray) -> FloatArray:
    """The packed divergences of the greatest regions whose lines have the σ of each row."""
    room = room_for(problem)
    values = np.empty(len(sigmas))
    for row in range(len(sigmas)):
        problem.constraints[len(problem.constraints) - len(problem.excesses) :, SIGMA] = sigmas[row]
        single, _ = value_of_region(problem, room)
        values[row] = letter_measures.packed(problem.measure, problem.m, problem.order, single)
    return values
