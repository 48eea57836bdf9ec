"""The infimum or supremum of a measure over a class of regions, closed in by a finite cover.

The class is cut into cells, boxes of parameters. Each cell has a region that lies below, or above, all of
its members, and limits of members that it holds. A measure that grows with the region is bounded by the
former and reached by the latter. Cells that cannot matter are dropped, and the others are halved.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple, Protocol

import numpy as np

from modecollapse.arrays import BoolArray, FloatArray

Measure = Callable[[FloatArray], FloatArray]
"""A number that grows with the region, for each of an array of boundaries."""

MOST_CELLS = 4_000
"""A cover that needs more cells at once is given up, unless more are asked for: some tenths of a second."""

MOST_ROUNDS = 60
"""Halvings of a cell, after which it is narrower than rounding."""


class Cells(NamedTuple):
    """N boxes of parameters: opposite corners, shape (N, k)."""

    low: FloatArray
    high: FloatArray

    def only(self, which: BoolArray) -> Cells:
        """Some of the boxes."""
        return Cells(self.low[which], self.high[which])


class Cover(Protocol):
    """Cells that cover a class, the regions that bound them, and limits of members in them."""

    def start(self) -> Cells:
        """Cells that cover the class."""
        ...

    def halves(self, cells: Cells) -> Cells:
        """Smaller cells that cover the same members."""
        ...

    def bounds(self, cells: Cells) -> FloatArray:
        """The boundary that bounds each cell, shape (N, n, 5)."""
        ...

    def limits(self, cells: Cells) -> FloatArray:
        """Boundaries of members, or of limits of members, in some of the cells, shape (M, n, 5)."""
        ...


def halved_intervals(cells: Cells) -> Cells:
    """The halves of intervals, shape (N, 1); those of a single point stay."""
    middle = (cells.low + cells.high) / 2
    wide = (cells.low < middle)[:, 0]
    return Cells(
        np.concatenate([cells.low, middle[wide]]),
        np.concatenate([np.where(wide[:, None], middle, cells.high), cells.high[wide]]),
    )


class End:
    """The infimum (sign 1) or supremum (sign −1) of a measure over a class.

    Attributes
    ----------
    most_cells : int
        A cover that needs more cells at once is given up.
    cells : Cells
        Those that may hold members of interest; others have been dropped.
    limit : ndarray, shape (n, 5)
        The boundary of the limit of members with the most extreme value seen so far.
    """

    def __init__(self, cover: Cover, measure: Measure, sign: int, most_cells: int = MOST_CELLS) -> None:
        self.cover, self.measure, self.sign, self.most_cells = cover, measure, sign, most_cells
        self.cells = cover.start()
        self.limit = np.zeros((0, 5))
        self._best = self._least_dropped = math.inf
        self._bounds = np.full(len(self.cells.low), -math.inf)

    @property
    def value(self) -> float:
        """The most extreme value seen so far: the end is at least as extreme."""
        return self.sign * self._best

    @property
    def certain(self) -> float:
        """A value that no member goes beyond."""
        return self.sign * min(self._least_dropped, float(self._bounds.min(initial=math.inf)), self._best)

    @property
    def is_open(self) -> bool:
        """Whether some cells may be of interest, and are not too many to look at."""
        return 0 < len(self.cells.low) <= self.most_cells

    def offer(self, limits: FloatArray) -> None:
        """Look at some limits of members."""
        values = self.sign * self.measure(limits)
        if not len(self.limit) or values.min() < self._best:
            self._best, self.limit = float(values.min()), limits[values.argmin()]

    def look(self) -> None:
        """Look at members in each cell, and bound those not seen."""
        if self.is_open:
            self.offer(self.cover.limits(self.cells))
            self._bounds = self.sign * self.bounds(self.cells)

    def bounds(self, cells: Cells) -> FloatArray:
        """Values that no member of each cell goes beyond."""
        return self.measure(self.cover.bounds(cells))

    def refine(self, threshold: float) -> Cells:
        """Drop the cells that certainly stay short of a value, and halve the others; return those dropped."""
        keep = self._bounds < self.sign * threshold
        self._least_dropped = float(self._bounds[~keep].min(initial=self._least_dropped))
        dropped, least = self.cells.only(~keep), self._bounds[keep].min(initial=math.inf)
        self.cells = self.cover.halves(self.cells.only(keep))
        self._bounds = np.full(len(self.cells.low), least)
        return dropped

    def close_in(self, absolute: float = 0.0, relative: float = 0.0) -> None:
        """Refine until no member goes beyond the value seen by more than a width; stop if cells are many."""
        for _ in range(MOST_ROUNDS):
            self.look()
            if not self.is_open:
                return
            self.refine(self.value - self.sign * (absolute + relative * abs(self.value)))


def is_greater(lower: End, upper: End, rounding: float) -> bool | None:
    """Whether an infimum is greater than a supremum; None if the covers do not decide it."""
    for _ in range(MOST_ROUNDS):
        lower.look()
        upper.look()
        slack = rounding * max(1.0, upper.value)
        if upper.value > lower.value + slack:
            return False
        if lower.certain > upper.certain + slack:
            return True
        if not (lower.is_open or upper.is_open):
            break
        between = (lower.value + upper.value) / 2 if lower.value < math.inf else 2 * upper.value + 1
        for end in (lower, upper):
            if end.is_open:
                end.refine(between)
    return None
