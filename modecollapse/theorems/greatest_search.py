"""The search over greatest regions, compiled as a whole: best first, on the better of two bounds over a box.

*Join*: with the forbidden points in order, all regions of a box lie in the hull of those with the first j
lines at their greatest slopes and the others at their least, j = 0..k. *Bend*: the values at the corners and
second derivatives; see `bends`. A constraint that bounds the regions in a part of a box only is dropped for
the second bound: some regions grow by a corner as high and as wide as the box's size lets it be.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.kernels import kernel, kernel_in_place
from modecollapse.theorems import bends, charts, envelopes, letter_measures
from modecollapse.theorems.envelopes import SIGMA, U

EVALUATION_STEPS = 100.0
"""What making the letters of one region costs, in entries of tables summed."""

MOST_TYPES = 1e7
"""Letters of more types than this are not counted."""

MOST_BOXES = 2**18
"""Greatest number of boxes kept at once: 55 MB with three lines."""


SLACK = 0.1
"""Bends are bounded where a value is less than the greatest corner's by this share of what that lacks."""


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


# -- values ----------------------------------------------------------------------------------------


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
def join_letters(problem: Problem, room: Room) -> tuple[int, float, float]:
    """The letters of a region that holds all with σ between two rows of `room.sigmas`, as of `envelopes`."""
    k = len(problem.excesses)
    walls = len(problem.constraints) - k
    size = 0
    for steep in range(k + 1):
        for i in range(k):
            problem.constraints[walls + i, SIGMA] = room.sigmas[1 if i < steep else 0, walls + i]
        count = envelopes.lower_envelope(
            problem.constraints, walls, -1, room.by_slope, room.chain, room.starts
        )
        size = envelopes.add_corners(problem.constraints, room.chain, room.starts, count, room.corners, size)
    return envelopes.hull_letters(room.corners, size, problem.gamma, problem.h, room.p, room.q)


@kernel_in_place
def bound_of_join(problem: Problem, room: Room, box: FloatArray, values: FloatArray) -> tuple[float, float]:
    """A bound on the divergences in a box by a region that holds all of the box, and its cost.

    A Jensen–Shannon divergence grows by no more than (Σ√(pq))^m falls, so that the join's need not be summed.
    """
    cost = EVALUATION_STEPS * (len(problem.excesses) + 1.0)
    n, p_alone, q_alone = join_letters(problem, room)
    if problem.measure == letter_measures.JENSEN_SHANNON:
        least = letter_measures.affinity(room.p, room.q, n) ** problem.m
        walls = len(problem.constraints) - len(problem.excesses)
        turn_lines(problem, box, 0)
        count = envelopes.lower_envelope(
            problem.constraints, walls, -1, room.by_slope, room.chain, room.starts
        )
        return values[0] + affinity_below(problem, room, room.chain, count) ** problem.m - least, cost
    if problem.measure == letter_measures.POWER and n > 3 and types(n - 2, problem.m) > MOST_TYPES:
        return math.inf, cost
    value, spent = value_of_letters(problem, room, n, p_alone, q_alone)
    return value, cost + spent


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


# -- bounds ----------------------------------------------------------------------------------------


@kernel_in_place
def find_slopes(problem: Problem, room: Room, box: FloatArray) -> None:
    """The least and greatest slopes over a box: each is monotone along every axis."""
    k = len(problem.excesses)
    walls = len(problem.constraints) - k
    thin = thin_axes(box, k)
    for c in range(walls):
        room.sigmas[0, c] = room.sigmas[1, c] = problem.constraints[c, SIGMA]
    room.sigmas[0, walls:] = math.inf
    room.sigmas[1, walls:] = -math.inf
    for corner in range(2 ** (k + 1)):
        if corner & thin == 0:
            turn_lines(problem, box, corner)
            for c in range(walls, walls + k):
                sigma = problem.constraints[c, SIGMA]
                room.sigmas[0, c] = min(room.sigmas[0, c], sigma)
                room.sigmas[1, c] = max(room.sigmas[1, c], sigma)
    for c in range(walls + k):
        room.slopes[0, c] = problem.gamma + room.sigmas[0, c]
        room.slopes[1, c] = problem.gamma + room.sigmas[1, c]


@kernel_in_place
def find_edges(problem: Problem, room: Room) -> tuple[int, bool]:
    """The constraints that bound all regions of a box, from left to right, and where their edges begin.

    Returns their number, and whether others bound some of the regions.

    Which of three lines is lowest where two meet has the sign of a determinant that is linear in each slope.
    So a constraint that touches the regions at all corners of a box of slopes touches them throughout. Where
    the regions touch ℓ, lines steeper than ℓ end before they meet one less steep: either kind is looked at
    alone.
    """
    k = len(problem.excesses)
    size = len(problem.constraints)
    walls = size - k
    steep = 0
    for i in range(k):
        if room.sigmas[0, walls + i] > 0.0:
            steep |= 1 << i
    count, is_mixed = 0, False
    room.active[:] = 0
    for side in range(2 if problem.touch else 1):
        lines = 2**k - 1
        if problem.touch:
            lines = steep if side == 0 else lines - steep
        seen = find_touched(problem, room, lines)
        for c in room.by_slope[: envelopes.sort_by_slope(problem.constraints, walls, lines, room.by_slope)]:
            sigma = problem.constraints[c, SIGMA]
            if problem.touch and (sigma <= 0.0 if side == 0 else sigma > 0.0):
                continue
            room.active[c] = min(room.touched[c], 1)
            if room.touched[c] == seen:
                room.kept[count] = c
                count += 1
            elif room.touched[c] > 0:
                is_mixed = True
    room.xs[:, 0] = 0.0
    room.xs[:, count] = 1.0
    for v in range(1, count):
        find_start(problem, room, v)
    return count, is_mixed


@kernel_in_place
def find_touched(problem: Problem, room: Room, lines: int) -> int:
    """At how many corners of a box of slopes each constraint touches the region; returns their number."""
    k = len(problem.excesses)
    size = len(problem.constraints)
    walls = size - k
    room.touched[:] = 0
    seen, moving = 0, 0
    for i in range(k):
        if lines >> i & 1 and room.sigmas[1, walls + i] > room.sigmas[0, walls + i]:
            moving |= 1 << i
    for corner in range(2**k):
        if corner & moving != corner:
            continue
        for i in range(k):
            problem.constraints[walls + i, SIGMA] = room.sigmas[corner >> i & 1, walls + i]
        seen += 1
        count = envelopes.lower_envelope(
            problem.constraints, walls, lines, room.by_slope, room.chain, room.starts
        )
        for c in range(size):
            counts = c < walls or lines >> (c - walls) & 1
            if counts and envelopes.touches(problem.constraints, room.chain, room.starts, count, c):
                room.touched[c] += 1
    return seen


@kernel_in_place
def find_start(problem: Problem, room: Room, v: int) -> None:
    """Where edge v begins over a box: x is monotone in either slope."""
    a, b = room.kept[v - 1], room.kept[v]
    room.xs[0, v], room.xs[1, v] = math.inf, -math.inf
    for corner in range(4):
        problem.constraints[a, SIGMA] = room.sigmas[corner & 1, a]
        problem.constraints[b, SIGMA] = room.sigmas[corner >> 1, b]
        x = envelopes.crossing(problem.constraints[a], problem.constraints[b])
        room.xs[0, v] = min(room.xs[0, v], x)
        room.xs[1, v] = max(room.xs[1, v], x)


@kernel_in_place
def find_speeds(problem: Problem, room: Room, box: FloatArray, axis: int) -> None:
    """Bounds on the derivatives of the slopes along an axis of a box, of unit width."""
    k = len(problem.excesses)
    walls = len(problem.constraints) - k
    room.speeds[:, :walls] = 0.0
    for i in range(k):
        room.speeds[0, walls + i], room.speeds[1, walls + i], by_reach = charts.speeds(
            box,
            i,
            k,
            axis,
            room.sigmas[0, walls + i],
            room.sigmas[1, walls + i],
            problem.constraints[walls + i, U],
            problem.excesses[i],
            problem.gamma,
        )
        room.by_reach[walls + i] = 1 if by_reach else 0


@kernel_in_place
def find_rises(problem: Problem, room: Room, box: FloatArray, count: int, floor: float) -> bool:
    """Bounds on the excess of the values in a box over those at its corners, axis by axis; False if none.

    They hold where the values are at least at a floor.
    """
    room.rises[:] = 0.0
    for axis in range(len(problem.excesses) + 1):
        if box[len(problem.excesses) + 1 + axis] > box[axis]:
            find_speeds(problem, room, box, axis)
            for c in range(len(problem.constraints)):
                room.turns[axis, c] = room.speeds[0, c]
            is_known = bends.find_slides(
                room.kept,
                count,
                problem.constraints[:, U],
                room.sigmas,
                room.slopes,
                room.xs,
                room.speeds,
                room.by_reach,
                room.slides[axis],
                room.climbs[axis],
            )
            if not is_known:
                return False
    if problem.measure == letter_measures.POWER:
        sizes = list_types(problem, room, count)
        if sizes[0] >= 0:
            return find_listed_rises(problem, room, box, count, sizes)
    return find_summed_rises(problem, room, box, count, floor)


@kernel_in_place
def find_listed_rises(
    problem: Problem, room: Room, box: FloatArray, count: int, sizes: tuple[int, int]
) -> bool:
    """The bounds of `find_rises` for few types of sequences."""
    k = len(problem.excesses)
    for axis in range(k + 1):
        if box[k + 1 + axis] > box[axis]:
            bend = bends.listed_bend(
                room.kept,
                count,
                room.slopes,
                room.xs,
                room.turns[axis],
                room.slides[axis],
                room.climbs[axis],
                problem.m,
                room.types,
                sizes,
            )
            room.rises[axis] = bend / 8.0
            if not room.rises[axis] < math.inf:
                return False
    return True


@kernel_in_place
def find_summed_rises(problem: Problem, room: Room, box: FloatArray, count: int, floor: float) -> bool:
    """The bounds of `find_rises` by the motions of all corners."""
    k, m = len(problem.excesses), problem.m
    weight = letter_measures.weight(problem.measure, problem.order)
    drift = 0.0
    for axis in range(k + 1):
        if box[k + 1 + axis] > box[axis]:
            motion = room.motions[axis]
            bends.find_motion(room.kept, count, room.sigmas, room.slopes, room.slides[axis], weight, motion)
            drift += motion[bends.DRIFT]
    if not drift < math.inf:
        return False
    is_packed = problem.measure in (letter_measures.POWER, letter_measures.JENSEN_SHANNON)
    # from the centre of the box Σ√(pq) moves by at most half of what it moves across it
    rho = min(affinity_at_centre(problem, room, box, count) + 0.5 * drift, 1.0) if is_packed else 0.0
    for axis in range(k + 1):
        motion = room.motions[axis]
        if not box[k + 1 + axis] > box[axis]:
            continue
        if problem.measure == letter_measures.POWER:
            bend = bends.power_bend(
                room.kept,
                count,
                room.slopes,
                room.xs,
                room.turns[axis],
                motion,
                room.climbs[axis],
                m,
                problem.order,
                max(1.0 - floor - max(1.0 - problem.order, 0.0), 0.0),
                rho,
            )
        elif problem.measure == letter_measures.JENSEN_SHANNON:
            bend = bends.smooth_bend(motion, m, rho)
        else:
            bend = motion[bends.BEND]
        room.rises[axis] = bend / 8.0
        if not room.rises[axis] < math.inf:
            return False
    return True


@kernel_in_place
def list_types(problem: Problem, room: Room, count: int) -> tuple[int, int]:
    """List the types of m−1 common letters and of m−2; returns their numbers, −1 where there are too many."""
    m = problem.m
    once = bends.list_types(room.kept, count, room.slopes, room.xs, m - 1, problem.order, room.types[0])
    if once < 0 or m == 1:
        return once, 0
    return once, bends.list_types(room.kept, count, room.slopes, room.xs, m - 2, problem.order, room.types[1])


@kernel_in_place
def affinity_at_centre(problem: Problem, room: Room, box: FloatArray, count: int) -> float:
    """Σ√(pq) of the region at the centre of a box, below the constraints that bound all its regions."""
    k = len(problem.excesses)
    walls = len(problem.constraints) - k
    t = 0.5 * (box[0] + box[k + 1])
    for i in range(k):
        share = 0.5 * (box[1 + i] + box[k + 2 + i])
        problem.constraints[walls + i, SIGMA] = charts.sigma_in(
            box, i, k, t, share, problem.constraints[walls + i, U], problem.excesses[i], problem.gamma
        )
    envelopes.fixed_envelope(problem.constraints, room.kept, count, room.starts)
    return affinity_below(problem, room, room.kept, count)


@kernel_in_place
def fold(room: Room, thin: int, k: int, floor: float) -> float:
    """The greatest that a function can be in a box, from its values at the corners and the rises of its axes.

    The values are cut off at a floor below. Along an axis of width 1, f + ½Cz² is convex, so f(z) is at most
    (1−z)·f(0) + z·f(1) + ½C·z(1−z). The greatest of this is convex in the two values, so that one axis after
    the other can be folded.
    """
    for axis in range(k + 1):
        bit = 1 << axis
        if thin & bit:
            continue
        arch = 4.0 * room.rises[axis]  # ½C
        for corner in range(2 ** (k + 1)):
            if corner & (thin | (2 * bit - 1)) == 0:
                first, last = max(room.folded[corner], floor), max(room.folded[corner | bit], floor)
                room.folded[corner] = peak(first, last, arch)
    return max(room.folded[0], floor)


@kernel_in_place
def peak(first: float, last: float, arch: float) -> float:
    """The greatest value of (1−z)·first + z·last + arch·z(1−z), 0 ≤ z ≤ 1."""
    greatest = max(first, last)
    if greatest == math.inf:  # two infinite ends have no difference
        return greatest
    climb = abs(last - first)
    if climb >= arch:
        return greatest
    return 0.5 * (first + last) + 0.25 * (arch + climb * climb / arch)


@kernel_in_place
def find_moves(problem: Problem, room: Room, box: FloatArray) -> None:
    """How far the slopes that matter move along each axis, relative to themselves, in place of rises."""
    k = len(problem.excesses)
    walls = len(problem.constraints) - k
    for axis in range(k + 1):
        width = box[k + 1 + axis] - box[axis]
        room.rises[axis] = 0.0
        if width > 0.0:
            find_speeds(problem, room, box, axis)
            for i in range(k):
                if room.active[walls + i] > 0:
                    moved = room.speeds[0, walls + i] / room.slopes[1, walls + i]
                    room.rises[axis] = max(room.rises[axis], moved)


@kernel_in_place
def bound_of(
    problem: Problem,
    room: Room,
    box: FloatArray,
    values: FloatArray,
    known: float,
    threshold: float,
) -> tuple[float, int, float]:
    """A bound on the values in a box, the axis to blame for it, and the cost.

    `values` are those at the corners, of one sample where that decides. `known` is a bound already; it and
    the threshold are of the packed pair.
    """
    k = len(problem.excesses)
    thin = thin_axes(box, k)
    cost = EVALUATION_STEPS * 2.0**k
    find_slopes(problem, room, box)
    if problem.mirrored and is_mirror_image(room, k):
        return -math.inf, 0, cost
    count, is_mixed = find_edges(problem, room)
    greatest, least = -math.inf, math.inf
    for corner in range(2 ** (k + 1)):
        if corner & thin == 0:
            value = values[corner]
            if is_mixed:
                turn_lines(problem, box, corner)
                envelopes.fixed_envelope(problem.constraints, room.kept, count, room.starts)
                for v in range(count):
                    room.chain[v] = room.kept[v]
                value, spent = value_below(problem, room, count)
                cost += spent
            room.folded[corner] = value
            greatest, least = max(greatest, value), min(least, value)
    floor = max(least, greatest - SLACK * (letter_measures.greatest(problem.measure) - greatest))
    bound = math.inf
    if find_rises(problem, room, box, count, floor):
        bound = letter_measures.packed(problem.measure, problem.m, problem.order, fold(room, thin, k, floor))
        if (
            bound > threshold
            and letter_measures.packed(problem.measure, problem.m, problem.order, greatest) > threshold
        ):
            find_moves(problem, room, box)  # what was dropped is to blame
    else:
        find_moves(problem, room, box)
    axis = 0
    for a in range(1, k + 1):
        if room.rises[a] > room.rises[axis]:
            axis = a
    if bound > threshold:
        value, spent = bound_of_join(problem, room, box, values)
        cost += spent
        bound = min(bound, letter_measures.packed(problem.measure, problem.m, problem.order, value))
    if bound > threshold:
        flatten(problem, room, box)
    return min(bound, known), axis, cost


@kernel_in_place
def is_mirror_image(room: Room, k: int) -> bool:
    """Whether the mirror images of a box's regions are to be looked at in its place.

    The mirror image of the last line has the inverse slope and is the first. So of each two regions one has a
    product of these two slopes of at least 1.
    """
    first, last = room.slopes[1, room.slopes.shape[1] - k], room.slopes[1, room.slopes.shape[1] - 1]
    return first * last < 1.0


@kernel_in_place
def flatten(problem: Problem, room: Room, box: FloatArray) -> None:
    """Take away the width of axes that change no region of a box: those of lines that never touch one."""
    k = len(problem.excesses)
    walls = len(problem.constraints) - k
    for i in range(k):
        if box[k + 2 + i] > box[1 + i] and room.active[walls + i] == 0 and is_idle(problem, room, walls + i):
            box[k + 2 + i] = box[1 + i]


@kernel_in_place
def is_idle(problem: Problem, room: Room, c: int) -> bool:
    """Whether two constraints cross below a line all over a box of slopes, one steeper and one less steep."""
    size = len(problem.constraints)
    for a in range(size):
        if a == c or room.sigmas[0, a] < room.sigmas[1, c]:
            continue
        for b in range(size):
            if (
                b != c
                and b != a
                and room.sigmas[1, b] <= room.sigmas[0, c]
                and cross_below(problem, room, a, b, c)
            ):
                return True
    return False


@kernel_in_place
def cross_below(problem: Problem, room: Room, a: int, b: int, c: int) -> bool:
    """Whether constraints a and b cross below c at all corners of a box of slopes, and so throughout."""
    for corner in range(8):
        problem.constraints[a, SIGMA] = room.sigmas[corner & 1, a]
        problem.constraints[b, SIGMA] = room.sigmas[corner >> 1 & 1, b]
        problem.constraints[c, SIGMA] = room.sigmas[corner >> 2, c]
        x = envelopes.crossing(problem.constraints[a], problem.constraints[b])
        if not envelopes.height(problem.constraints[c], x) > envelopes.height(problem.constraints[a], x):
            return False
    return True


# -- the search ------------------------------------------------------------------------------------


@kernel_in_place
def push(heap: IntArray, size: int, bounds: FloatArray, node: int) -> None:
    """Add a node to a heap of `size` nodes whose greatest bound comes first."""
    place = size
    while place > 0:
        above = (place - 1) // 2
        if bounds[heap[above]] >= bounds[node]:
            break
        heap[place] = heap[above]
        place = above
    heap[place] = node


@kernel_in_place
def pop(heap: IntArray, size: int, bounds: FloatArray) -> int:
    """Take the node of greatest bound from a heap of `size` nodes."""
    top, node = heap[0], heap[size - 1]
    place = 0
    while True:
        below = 2 * place + 1
        if below >= size - 1:
            break
        if below + 1 < size - 1 and bounds[heap[below + 1]] > bounds[heap[below]]:
            below += 1
        if bounds[node] >= bounds[heap[below]]:
            break
        heap[place] = heap[below]
        place = below
    heap[place] = node
    return top


@kernel_in_place
def look_at(problem: Problem, room: Room, node: FloatArray, axis: int, best: FloatArray) -> float:
    """Fill in a node's values at the corners, or at those of one axis's upper end; returns the cost.

    `best` is the best value so far, followed by the σ of its lines.
    """
    k = len(problem.excesses)
    walls = len(problem.constraints) - k
    thin, cost = thin_axes(node, k), 0.0
    for corner in range(2 ** (k + 1)):
        if corner & thin == 0 and (axis < 0 or corner >> axis & 1):
            turn_lines(problem, node, corner)
            value, spent = value_of_region(problem, room)
            cost += spent
            node[6 * k + 2 + corner] = value
            if value > best[0]:
                best[0] = value
                for i in range(k):
                    best[1 + i] = problem.constraints[walls + i, SIGMA]
    return cost


@kernel
def search(
    problem: Problem, boxes: FloatArray, gap: float, most_steps: float
) -> tuple[float, float, FloatArray, int]:
    """The greatest value over boxes, a bound above all values, the σ of the lines, and the boxes looked at.

    The boxes are rows of `charts`. The gap sought is relative for values above 1. The search gives up after
    `most_steps` steps, or with too many boxes; then the bound is what it has come to.
    """
    constraints, excesses, gamma = problem.constraints, problem.excesses, problem.gamma
    measure, m, order = problem.measure, problem.m, problem.order
    room = room_for(problem)
    k = len(excesses)
    us = constraints[len(constraints) - k :, U].copy()
    record, corners = 6 * k + 2, 2 ** (k + 1)
    capacity = max(64, 2 * len(boxes))
    nodes, bounds = np.zeros((capacity, record + corners)), np.zeros(capacity)
    axes, heap, idle = (
        np.zeros(capacity, np.int64),
        np.zeros(capacity, np.int64),
        np.zeros(capacity, np.int64),
    )
    used, size, spare = 0, 0, 0  # rows of nodes ever used, nodes in the heap, rows in `idle`
    best = np.full(1 + k, -math.inf)
    parts = np.zeros((max(2, len(boxes)), record + corners))
    parts[: len(boxes), :record] = boxes
    parts_made, cost, looked = len(boxes), 0.0, 0
    for i in range(parts_made):
        cost += look_at(problem, room, parts[i], -1, best)
    certain, inherited = -math.inf, letter_measures.greatest(measure)
    while True:
        value = letter_measures.packed(measure, m, order, best[0])
        if value == math.inf:
            return value, value, best[1:], looked
        threshold = value + gap * max(1.0, value)
        for i in range(parts_made):
            bound, axis, spent = bound_of(problem, room, parts[i], parts[i, record:], inherited, threshold)
            cost += spent
            looked += 1
            if bound <= threshold:
                certain = max(certain, bound)
                continue
            if spare > 0:
                spare -= 1
                row = idle[spare]
            else:
                row = used
                used += 1
            nodes[row], bounds[row], axes[row] = parts[i], bound, axis
            push(heap, size, bounds, row)
            size += 1
        if size == 0 or bounds[heap[0]] <= threshold or cost > most_steps or size >= MOST_BOXES:
            break
        if size + 2 > capacity:
            nodes, bounds = np.concatenate((nodes, nodes)), np.concatenate((bounds, bounds))
            axes, heap, idle = (
                np.concatenate((axes, axes)),
                np.concatenate((heap, heap)),
                np.concatenate((idle, idle)),
            )
            capacity *= 2
        row = pop(heap, size, bounds)
        size -= 1
        idle[spare] = row
        spare += 1
        node, inherited, axis = nodes[row], bounds[row], axes[row]
        free = charts.free_line(node, axis, k, us, excesses, gamma)
        parts_made = 2
        for i in range(2):
            parts[i] = node
            charts.cut(node, i == 1, axis, free, k, us, excesses, gamma, parts[i])
        if free < 0:
            cost += look_at(problem, room, parts[0], axis, best)
            for corner in range(corners):
                if corner >> axis & 1:
                    parts[1, record + corner - (1 << axis)] = parts[0, record + corner]
        else:
            cost += look_at(problem, room, parts[0], -1, best) + look_at(problem, room, parts[1], -1, best)
    if size > 0:
        certain = max(certain, bounds[heap[0]])
    value = letter_measures.packed(measure, m, order, best[0])
    return value, max(certain, value), best[1:], looked
