"""The search over greatest regions, compiled as a whole: best first, on bounds over boxes."""

from __future__ import annotations

import math

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.kernels import kernel, kernel_in_place
from modecollapse.theorems.greatest import charts, letter_measures
from modecollapse.theorems.greatest.bounds import bound_of
from modecollapse.theorems.greatest.envelopes import SIGMA, U
from modecollapse.theorems.greatest.values import (
    Problem,
    Room,
    room_for,
    thin_axes,
    turn_lines,
    value_of_region,
)

MOST_BOXES = 2**18
"""Greatest number of boxes kept at once: 55 MB with three lines."""


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
