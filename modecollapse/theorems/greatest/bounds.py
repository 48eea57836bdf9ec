"""Bounds on divergences over boxes of greatest regions, of which a search takes the better one.

*Join*: with the forbidden points in order, all regions of a box lie in the hull of those with the first j
lines at their greatest slopes and the others at their least, j = 0..k. *Bend*: the values at the corners and
second derivatives; see `bends`. A constraint that bounds the regions in a part of a box only is dropped for
the second bound: some regions grow by a corner as high and as wide as the box's size lets it be.
"""

from __future__ import annotations

import math

from modecollapse.arrays import FloatArray
from modecollapse.packing.kernels import kernel_in_place
from modecollapse.theorems.greatest import bends, charts, envelopes, letter_measures
from modecollapse.theorems.greatest.envelopes import SIGMA, U
from modecollapse.theorems.greatest.values import (
    EVALUATION_STEPS,
    Problem,
    Room,
    affinity_below,
    thin_axes,
    turn_lines,
    types,
    value_below,
    value_of_letters,
)

MOST_TYPES = 1e7
"""Letters of more types than this are not counted."""

SLACK = 0.1
"""Bends are bounded where a value is less than the greatest corner's by this share of what that lacks."""


# -- the better of two bounds ----------------------------------------------------------------------


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


# -- joins ------------------------------------------------------------------------------------------


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


# -- bends ------------------------------------------------------------------------------------------


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
