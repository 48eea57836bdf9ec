"""Finite covers of a class: regions that lie below, or above, all members.

The pairs that touch ℓ within a cell of tangent points all contain the meet of the least regions at its ends.
Those below lines whose slopes lie in a cell all lie in the join of the greatest regions at its corners. As
the cells shrink, both tend to limits of members (docs/theory.md §9). So a finite cover bounds every packed
divergence of the class, at every m at once, and Chernoff information as well.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise, product

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.theorems import boundaries
from modecollapse.theorems.boundaries import X
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.covers import Cells, halved_intervals
from modecollapse.theorems.regimes import Interval

SLACK = 1e-12
"""Cells this close to the class are kept: rounding must not lose a part of it."""


class CoverBelow:
    """Regions such that each member of the class contains one of them."""

    def __init__(self, pairs: PairClass) -> None:
        self.pairs = pairs

    def start(self) -> Cells:
        """The intervals of tangent points; one cell where A itself is the least region."""
        ends = [(0.0, 0.0)] if self.pairs.required_touches else [i[:2] for i in self.pairs.tangents]
        low, high = np.array(ends).T[..., None]
        return Cells(low, high)

    def halves(self, cells: Cells) -> Cells:
        return halved_intervals(cells)

    def bounds(self, cells: Cells) -> FloatArray:
        """The meets of the least regions at the ends of each cell."""
        required = self.pairs.required
        if self.pairs.required_touches:
            return required[None]
        first, second = self.pairs.apex(cells.low[:, 0]), self.pairs.apex(cells.high[:, 0])
        right = required[boundaries.tangents(required, first)[1]]
        left = required[boundaries.tangents(required, second)[0]]
        return boundaries.raised(required, crossing(first, right, left, second))

    def limits(self, cells: Cells) -> FloatArray:
        """The least regions at both ends of each cell."""
        if self.pairs.required_touches:
            return self.pairs.required[None]
        return self.pairs.least_regions(np.unique(np.concatenate([cells.low, cells.high])))


class CoverAbove:
    """Regions such that each member of the class lies in one of them."""

    def __init__(self, pairs: PairClass) -> None:
        order = sorted(pairs.mattering)
        self.pairs = pairs
        self.points = np.array([point.row for point in order]).reshape(-1, 5)
        self.excess = np.array([pairs.excess(point) for point in order])
        self.least, self.most = boundaries.supporting_slopes(pairs.required, self.points)

    @cached_property
    def _tangents(self) -> tuple[Interval, ...]:
        return self.pairs.tangents

    def start(self) -> Cells:
        """Boxes of slopes, each line at least or at most as steep as ℓ."""
        ends = [self._ends(low, high) for low, high in zip(self.least, self.most, strict=True)]
        boxes = list(product(*map(pairwise, ends)))
        shape = (len(boxes), len(ends), 2)
        corners = np.array(boxes, dtype=float).reshape(shape)
        return self._of_the_class(Cells(corners[..., 0], corners[..., 1]))

    def _ends(self, low: float, high: float) -> list[float]:
        slope = self.pairs.slope
        return [low, slope, high] if low < slope < high else [low, high]

    def halves(self, cells: Cells) -> Cells:
        """The boxes halved along the axis of the widest ratio of slopes, less halves beyond the class."""
        if cells.low.shape[1] == 0:
            return cells
        rows = np.arange(len(cells.low))
        axis = np.log(cells.high / cells.low).argmax(axis=1)
        middle = np.sqrt(cells.low[rows, axis] * cells.high[rows, axis])
        low, high = cells.low.copy(), cells.high.copy()
        low[rows, axis] = high[rows, axis] = middle
        wide = middle > cells.low[rows, axis]
        high = np.where(wide[:, None], high, cells.high)
        return self._of_the_class(
            Cells(np.concatenate([cells.low, low[wide]]), np.concatenate([high, cells.high[wide]]))
        )

    def bounds(self, cells: Cells) -> FloatArray:
        """The joins of the greatest regions of each box.

        The lines from left to right turn one after another: the first j lines are steepest, the others
        least so.
        """
        k = cells.low.shape[1]
        if k == 0:
            return self.pairs.greatest[None]
        steep = np.tri(k + 1, k, -1, dtype=bool)
        slopes = np.where(steep, cells.high[:, None], cells.low[:, None])
        cut = boundaries.below_lines(self.pairs.greatest, self.points, slopes.reshape(-1, k) - 1)
        return boundaries.hulls(cut.reshape(len(cells.low), -1, 5))

    def limits(self, cells: Cells) -> FloatArray:
        """The greatest regions at the corners of each box, as far as they touch ℓ in the class."""
        k = cells.low.shape[1]
        if k == 0:
            return self.pairs.greatest[None]
        slopes = np.concatenate([self._within(cells, x) for x in self._touching(cells)])
        return boundaries.below_lines(self.pairs.greatest, self.points, slopes - 1)

    def _within(self, cells: Cells, x: FloatArray) -> FloatArray:
        """The slopes at the corners of boxes, moved between the supporting slopes from the region of x."""
        k = cells.low.shape[1]
        corner = np.array(list(product((False, True), repeat=k)))
        least, most = (ends[:, None] for ends in self._supporting(x))
        slopes = np.where(corner, cells.high[:, None], cells.low[:, None])
        return np.minimum(np.maximum(slopes, least), most).reshape(-1, k)

    def _supporting(self, x: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Least and greatest slopes of lines above the least region of x, shape (N, k)."""
        if self.pairs.required_touches:
            return self.least[None], self.most[None]
        side = x[:, None] - self.points[:, X]
        with np.errstate(divide="ignore", invalid="ignore"):
            through = self.pairs.slope + self.excess / side
        least = np.where(side > 0, np.maximum(self.least, through), self.least)
        most = np.where(side < 0, np.minimum(self.most, through), self.most)
        above = (side == 0) & (self.excess > 0)
        return np.where(above, np.inf, least), most

    def _of_the_class(self, cells: Cells) -> Cells:
        """The boxes with lines that pass above the least region of some tangent point."""
        if self.pairs.required_touches or cells.low.shape[1] == 0:
            return cells
        return cells.only(np.isfinite(self._touching(cells)[0]))

    def _touching(self, cells: Cells) -> FloatArray:
        """The first and last tangent points that lines of each box pass above, shape (2, N); NaN for none."""
        if self.pairs.required_touches:
            return np.zeros((1, len(cells.low)))
        from_, to = self._reach(cells)
        low, high = (np.array(ends)[:, None] for ends in zip(*(i[:2] for i in self._tangents), strict=True))
        low, high = np.maximum(low, from_), np.minimum(high, to)
        some = low <= high + SLACK
        first = np.where(some, low, np.inf).min(axis=0)
        last = np.where(some, high, -np.inf).max(axis=0)
        return np.where(some.any(axis=0), np.stack([first, np.maximum(first, last)]), np.nan)

    def _reach(self, cells: Cells) -> tuple[FloatArray, FloatArray]:
        """Ends of the tangent points that some line through each forbidden point passes above.

        A line of slope s through f passes above z = (x, γx+h) iff (s−γ)(x−u) ≥ e, the height of ℓ above f.
        """
        u, e, slope = self.points[:, X], self.excess, self.pairs.slope
        low, high = cells
        steep = low >= slope
        farthest = np.abs(np.where(steep == (e > 0), high, low) - slope)
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(e == 0, 0.0, e / farthest)  # of the line of the box that reaches farthest
        always = (e <= 0) & ((low == slope) | (high == slope))
        from_ = np.where(steep & ~always, u + reach, -np.inf)
        to = np.where(~steep & ~always, u - reach, np.inf)
        return from_.max(axis=1) - SLACK, to.min(axis=1) + SLACK


def crossing(first: FloatArray, right: FloatArray, left: FloatArray, second: FloatArray) -> FloatArray:
    """Where the segments first–right and left–second cross; the end of the first where they do not."""
    forth, back, across = right - first, left - second, second - first
    turn = forth[:, X] * back[:, boundaries.RISE] - forth[:, boundaries.RISE] * back[:, X]
    part = across[:, X] * back[:, boundaries.RISE] - across[:, boundaries.RISE] * back[:, X]
    share = np.divide(part, turn, out=np.zeros_like(part), where=turn != 0)
    return first + np.clip(share, 0.0, 1.0)[:, None] * forth
