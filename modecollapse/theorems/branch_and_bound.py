"""Certified maxima on a box of the plane, by branch and bound.

The caller gives the bounds of a divergence between its values; see `extremes`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing.measures import PackedDivergence
from modecollapse.region import Region
from modecollapse.theorems import families
from modecollapse.values import Value

ROUNDING = 2e-13
"""Allowance for the rounding of the evaluators, relative for values above 1, in every certified gap.

The half-planes of three letters err most: 1e-14 up to m = 10⁶ and 2e-13 at m = 10⁹. A sum over types errs by
at most 1e-13; docs/accuracy.md has what was measured. The rounding of a parameter to 2⁻⁵³ moves a value by at
most 2m(1+γ)2⁻⁵³, which is as much at m = 10³; beyond, the allowance covers the evaluators alone.
"""

MAX_EVALUATIONS = 2_000_000
"""Packed divergences after which branch and bound gives up: some seconds for three letters."""


@dataclass(frozen=True, eq=False)
class Extremum(Value):
    """An extreme value over a class of pairs, with its certificate and its witness.

    Attributes
    ----------
    value : float
    gap : float
        The true extreme value is within `gap` of `value`.
    region : Region
        The witness: its packed divergence is the value.
    point : tuple of float
        The parameters of the witness in the family that was searched; empty where it is known.
    attained : bool
        Whether the witness belongs to the class. Where it does not, regions of the class tend to it.
    """

    value: float
    gap: float
    region: Region
    point: tuple[float, ...] = ()
    attained: bool = True


def maximise(
    divergence: PackedDivergence,
    pairs: Callable[[FloatArray], families.Pair],
    bend: Callable[[FloatArray, FloatArray, float], FloatArray],
    join: Callable[[FloatArray, FloatArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
    gap: float,
) -> Extremum:
    """Branch and bound in the plane, on the better of two upper bounds over a box.

    `bend` bounds the rise of the divergence above its corners along either axis, wherever it exceeds the best
    value: tight on small boxes.
    `join` is the value at a region that contains those of the whole box: tight where all values are near 1.
    """

    def evaluate(points: FloatArray) -> FloatArray:
        return divergence.values(*pairs(points))

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
    region, point = families.region(pairs(best_point)), tuple(best_point.tolist())
    return Extremum(best, _gap(Bracket(best, max(certain, best))), region, point)


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
    """The certified distance of the best value from the true one; 0 where both are infinite."""
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
