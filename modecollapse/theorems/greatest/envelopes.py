"""Greatest regions inside compiled searches: the lower envelope of walls and lines, as letters.

A constraint is a line y = γx + h + φ + σ(x−u). Walls are the edges of M₀ but the upright one, left to right;
lines pass through the forbidden points. Heights φ and slopes σ are taken from the line ℓ: y = γx + h, so that
what lies close to ℓ keeps its digits. Constraint c < W is a wall, W + i the line of forbidden point i.

An envelope is the list of constraints that bound the region from x = 0 to x = 1, with the x where each
begins.
"""

from __future__ import annotations

import math

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.kernels import kernel_in_place

NO_MASS = 1e-15
"""Letters of no more mass than this under both laws are rounding errors of corners that coincide."""

TOUCHING = 2e-15
"""A constraint that passes a region at no more than this height touches it, but for rounding."""

U, PHI, SIGMA = range(3)


@kernel_in_place
def crossing(a: FloatArray, b: FloatArray) -> float:
    """The x where constraint a meets a less steep b; for parallels −inf if b is the lower one, else +inf."""
    above = b[PHI] - a[PHI] - b[SIGMA] * (b[U] - a[U])
    if a[SIGMA] == b[SIGMA]:
        return -math.inf if above < 0.0 else math.inf
    return a[U] + above / (a[SIGMA] - b[SIGMA])


@kernel_in_place
def sort_by_slope(constraints: FloatArray, walls: int, lines: int, order: IntArray) -> int:
    """The walls, which come so, and some lines by falling slope: line i if bit i of `lines` is set."""
    count = 0
    for c in range(len(constraints)):
        if c < walls or lines >> (c - walls) & 1:
            place = count
            if c >= walls:
                while place > 0 and constraints[order[place - 1], SIGMA] < constraints[c, SIGMA]:
                    order[place] = order[place - 1]
                    place -= 1
            order[place] = c
            count += 1
    return count


@kernel_in_place
def lower_envelope(
    constraints: FloatArray, walls: int, lines: int, order: IntArray, chain: IntArray, starts: FloatArray
) -> int:
    """The envelope of the walls and some lines: fills `chain` and `starts`, returns its length.

    Line i is one if bit i of `lines` is set; the constraints are sorted into `order`.
    """
    count = 0
    for c in order[: sort_by_slope(constraints, walls, lines, order)]:
        start = 0.0
        while count > 0:
            start = crossing(constraints[chain[count - 1]], constraints[c])
            if start > starts[count - 1]:
                break
            count -= 1
            start = 0.0
        if start < 1.0:
            chain[count], starts[count] = c, start
            count += 1
    return count


@kernel_in_place
def fixed_envelope(constraints: FloatArray, chain: IntArray, count: int, starts: FloatArray) -> None:
    """Where the constraints of a known envelope begin."""
    starts[0] = 0.0
    for v in range(1, count):
        starts[v] = crossing(constraints[chain[v - 1]], constraints[chain[v]])


@kernel_in_place
def height(constraint: FloatArray, x: float) -> float:
    """The height of a constraint above ℓ."""
    return constraint[PHI] + constraint[SIGMA] * (x - constraint[U])


@kernel_in_place
def touches(constraints: FloatArray, chain: IntArray, starts: FloatArray, count: int, c: int) -> bool:
    """Whether a constraint bounds the region below an envelope, or touches it."""
    for v in range(count + 1):
        x = starts[v] if v < count else 1.0
        if height(constraints[c], x) <= height(constraints[chain[min(v, count - 1)]], x) + TOUCHING:
            return True
    return False


@kernel_in_place
def letters(
    constraints: FloatArray,
    gamma: float,
    h: float,
    chain: IntArray,
    starts: FloatArray,
    count: int,
    p: FloatArray,
    q: FloatArray,
) -> tuple[int, float, float]:
    """The common letters below an envelope, by falling ratio; their number, and what P and Q have alone."""
    n = 0
    p_alone, q_alone = h + height(constraints[chain[0]], 0.0), 0.0
    for v in range(count):
        first = min(max(starts[v], 0.0), 1.0)
        last = min(max(starts[v + 1], 0.0), 1.0) if v + 1 < count else 1.0
        run = last - first
        climb = (gamma + constraints[chain[v], SIGMA]) * run
        if run > NO_MASS and climb <= NO_MASS:
            q_alone += run
        elif run > 0.0 and climb > NO_MASS:
            p[n], q[n] = climb, run
            n += 1
    return n, p_alone if p_alone > NO_MASS else 0.0, stretch_last(p, q, n, q_alone)


@kernel_in_place
def stretch_last(p: FloatArray, q: FloatArray, n: int, q_alone: float) -> float:
    """The mass that Q has alone, 0 where the edge before it ends in (1, 1) but for rounding.

    The x at which an edge reaches y = 1 has a greater rounding error the less steep the edge is. So the
    height decides that the edge would have at x = 1: where it is 1 but for rounding, the edge gets the mass.
    """
    if n > 0 and p[n - 1] * q_alone <= TOUCHING * q[n - 1]:
        q[n - 1] += q_alone
        return 0.0
    return q_alone


@kernel_in_place
def add_corners(
    constraints: FloatArray,
    chain: IntArray,
    starts: FloatArray,
    count: int,
    corners: FloatArray,
    size: int,
) -> int:
    """Merge the corners (x, height above ℓ) of an envelope into `size` others, sorted by x; the new size."""
    for v in range(count + 1):
        x = min(max(starts[v], 0.0), 1.0) if v < count else 1.0
        y = height(constraints[chain[min(v, count - 1)]], x)
        if abs(y) <= TOUCHING:
            y = 0.0
        place = size
        while place > 0 and (
            corners[place - 1, 0] > x or (corners[place - 1, 0] == x and corners[place - 1, 1] > y)
        ):
            corners[place, 0], corners[place, 1] = corners[place - 1, 0], corners[place - 1, 1]
            place -= 1
        corners[place, 0], corners[place, 1] = x, y
        size += 1
    return size


@kernel_in_place
def hull_letters(
    corners: FloatArray, size: int, gamma: float, h: float, p: FloatArray, q: FloatArray
) -> tuple[int, float, float]:
    """As `letters`, of the least region above corners sorted by x; `corners` is written over."""
    top = -1
    for i in range(size):
        x, y = corners[i, 0], corners[i, 1]
        while top >= 0:
            if corners[top, 0] < x and (
                top == 0
                or (corners[top, 1] - corners[top - 1, 1]) * (x - corners[top, 0])
                > (y - corners[top, 1]) * (corners[top, 0] - corners[top - 1, 0])
            ):
                break
            top -= 1  # at equal x the last is the highest
        top += 1
        corners[top, 0], corners[top, 1] = x, y
    n = 0
    p_alone, q_alone = h + corners[0, 1], 0.0
    for v in range(top):
        run = corners[v + 1, 0] - corners[v, 0]
        climb = corners[v + 1, 1] - corners[v, 1] + gamma * run
        if climb <= NO_MASS:
            q_alone += run
        else:
            p[n], q[n] = climb, run
            n += 1
    return n, p_alone if p_alone > NO_MASS else 0.0, stretch_last(p, q, n, q_alone)
