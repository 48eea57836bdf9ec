"""Certified minima and maxima on an interval or a box, by branch and bound.

What bounds a function below or above between its values comes from the caller; see `extremes`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing.batch import PackedDivergence
from modecollapse.theorems import families

ROUNDING = 2e-13
"""Allowance for the rounding of the evaluators, relative for values above 1, in every certified gap."""


MAX_EVALUATIONS = 2_000_000
"""Branch and bound gives up after this many packed divergences."""


class Extremum(NamedTuple):
    """An extreme value over a family, where it is, and how far the true one can be from it."""

    value: float
    point: tuple[float, ...]
    gap: float


def line_minimum(
    divergence: PackedDivergence,
    pairs: Callable[[FloatArray], families.Pair],
    meets: Callable[[FloatArray, FloatArray], families.Pair],
    low: float,
    high: float,
    gap: float,
) -> Extremum:
    """The least divergence over low ≤ x ≤ high of a family of pairs with known meets of intervals."""

    def floor(left: FloatArray, right: FloatArray, *_: FloatArray) -> FloatArray:
        return divergence.values(*meets(left, right))

    return minimise(lambda x: divergence.values(*pairs(x)), floor, low, high, gap)


def minimise(
    evaluate: Callable[[FloatArray], FloatArray],
    floor: Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray],
    low: float,
    high: float,
    gap: float,
) -> Extremum:
    """Branch and bound on an interval; `floor` bounds the function below between two points."""
    x = np.linspace(low, high, 9)
    f = evaluate(x)
    left, right, f_left, f_right = x[:-1], x[1:], f[:-1], f[1:]
    best, best_x = float(f.min()), float(x[f.argmin()])
    certain, evaluations = best, len(x)
    while len(left):
        bound = floor(left, right, f_left, f_right)
        keep = bound < best - gap * max(1.0, best)
        certain = float(bound[~keep].min(initial=certain))
        left, right, f_left, f_right = (v[keep] for v in (left, right, f_left, f_right))
        middle = (left + right) / 2
        f_middle = evaluate(middle)
        evaluations += 4 * len(middle)
        if len(middle) and f_middle.min() < best:
            best, best_x = float(f_middle.min()), float(middle[f_middle.argmin()])
        if evaluations > MAX_EVALUATIONS:
            raise _precision_error(Bracket(float(bound.min(initial=certain)), best), gap)
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        f_left, f_right = np.concatenate([f_left, f_middle]), np.concatenate([f_middle, f_right])
    return Extremum(best, (best_x,), _gap(Bracket(min(certain, best), best)))


def line_maximum(
    divergence: PackedDivergence,
    pairs: Callable[[FloatArray], families.Pair],
    joins: Callable[[FloatArray, FloatArray], families.Pair],
    low: float,
    high: float,
    gap: float,
) -> Extremum:
    """The greatest divergence over low ≤ x ≤ high of a family of pairs with known joins of intervals."""
    x = np.linspace(low, high, 9)

    def evaluate(x: FloatArray) -> FloatArray:
        return divergence.values(*pairs(x))

    f = evaluate(x)
    left, right = x[:-1], x[1:]
    best, best_x = float(f.max()), float(x[f.argmax()])
    certain, evaluations = best, len(x)
    while len(left) and best < np.inf:
        bound = divergence.values(*joins(left, right))
        keep = bound > best + gap * max(1.0, best)
        certain = float(bound[~keep].max(initial=certain))
        left, right = left[keep], right[keep]
        middle = (left + right) / 2
        f = evaluate(middle)
        evaluations += 2 * len(middle)
        if len(middle) and f.max() > best:
            best, best_x = float(f.max()), float(middle[f.argmax()])
        if evaluations > MAX_EVALUATIONS:
            raise _precision_error(Bracket(best, float(bound.max(initial=certain))), gap)
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
    return Extremum(best, (best_x,), _gap(Bracket(best, max(certain, best))))


def maximise(
    evaluate: Callable[[FloatArray], FloatArray],
    bend: Callable[[FloatArray, FloatArray, float], FloatArray],
    join: Callable[[FloatArray, FloatArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
    gap: float,
) -> Extremum:
    """Branch and bound in the plane, on the better of two upper bounds over a box.

    `bend` is how far the function can rise above its corners along either axis, where it exceeds the best
    value: tight on small boxes.
    `join` is the value at a region that holds all of the box's: tight where all values are near 1.
    """
    corners = np.stack([low, _mixed(high, low), _mixed(low, high), high], axis=1)
    values = evaluate(corners)
    best, best_point = float(values.max()), corners.reshape(-1, 2)[values.argmax()]
    certain, evaluations = best, values.size
    while len(low) and best < np.inf:
        rise = bend(low, high, best)
        bound = values.max(axis=1) + rise.sum(axis=1)
        width = gap * max(1.0, best)
        loose = bound > best + width
        bound[loose] = np.minimum(bound[loose], join(low[loose], high[loose]))
        keep = bound > best + width
        certain = float(bound[~keep].max(initial=certain))
        evaluations += int(loose.sum()) + 2 * int(keep.sum())
        if evaluations > MAX_EVALUATIONS:
            raise _precision_error(Bracket(best, float(bound.max(initial=certain))), gap)
        low, high, values, rise = low[keep], high[keep], values[keep], rise[keep]
        low, high, values, new, points = _bisect(evaluate, low, high, values, rise)
        if new.size and new.max() > best:
            best, best_point = float(new.max()), points.reshape(-1, 2)[new.argmax()]
    return Extremum(best, tuple(best_point.tolist()), _gap(Bracket(best, max(certain, best))))


def _bisect(
    evaluate: Callable[[FloatArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
    values: FloatArray,
    rise: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Halve each box along the axis that loosens its bound most, or else its longer side.

    Corner values are ordered (low, low), (high, low), (low, high), (high, high). Returns the boxes and
    values of both halves, and the new values with their points.
    """
    rows = np.arange(len(low))
    axis = np.where(np.isfinite(rise), rise, high - low).argmax(axis=1)
    middle_low, middle_high = low.copy(), high.copy()
    middle_low[rows, axis] = middle_high[rows, axis] = (low + high)[rows, axis] / 2
    points = np.stack([middle_low, middle_high], axis=1)
    new = evaluate(points)
    first = axis == 0
    # the cut is the (high, ·) or (·, high) edge of the lower half and the opposite edge of the upper
    lower_half, upper_half = values.copy(), values.copy()
    lower_half[:, 1] = np.where(first, new[:, 0], values[:, 1])
    lower_half[:, 2] = np.where(first, values[:, 2], new[:, 0])
    lower_half[:, 3] = new[:, 1]
    upper_half[:, 0] = new[:, 0]
    upper_half[:, 1] = np.where(first, values[:, 1], new[:, 1])
    upper_half[:, 2] = np.where(first, new[:, 1], values[:, 2])
    return (
        np.concatenate([low, middle_low]),
        np.concatenate([middle_high, high]),
        np.concatenate([lower_half, upper_half]),
        new,
        points,
    )


def _mixed(first: FloatArray, second: FloatArray) -> FloatArray:
    """Points with the first coordinate of one list and the second of another."""
    return np.stack([first[:, 0], second[:, 1]], axis=1)


def _gap(bracket: Bracket) -> float:
    """The certified distance of the found value from the true one; 0 where both are infinite."""
    if bracket.lower == bracket.upper == np.inf:
        return 0.0
    return bracket.width + ROUNDING * max(1.0, abs(bracket.upper))


def _precision_error(bracket: Bracket, gap: float) -> PrecisionError:
    return PrecisionError(
        f"the extremum is only known to lie in [{bracket.lower:.12g}, {bracket.upper:.12g}] "
        f"(width {bracket.width:.2g}) after {MAX_EVALUATIONS:.0e} evaluations; "
        f"ask for a wider gap than {gap:g}",
        bracket,
    )
