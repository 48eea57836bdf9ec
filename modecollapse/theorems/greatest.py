"""The greatest packed divergence over the greatest regions of a class, by branch and bound over their slopes.

Two bounds hold over a box. *Join*: with the forbidden points in order, all regions of the box lie in the hull
of those with the first j lines at their greatest slopes and the others at their least, j = 0..k. *Bend*: the
values at the corners and second derivatives; see `bends`.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems.bends import curvatures, idle_lines
from modecollapse.theorems.branch_and_bound import ROUNDING
from modecollapse.theorems.slopes import Boxes, GreatestRegions, bisected, joined

MAX_EVALUATIONS = 2_000_000
"""The search gives up after this many packed divergences, and says how far it came."""


class Supremum(NamedTuple):
    """The greatest value, a boundary that has it, its slopes, and how far the true supremum can be."""

    value: float
    boundary: FloatArray
    gap: float
    slopes: FloatArray
    is_exact: bool


def supremum(regions: GreatestRegions, divergence: PackedDivergence, gap: float) -> Supremum:
    """The greatest divergence over the greatest regions, by branch and bound on the better of two bounds."""
    pieces = list(regions.boxes())
    search = _Search(regions, divergence, gap)
    for piece in pieces:
        search.look_at(piece)
    for piece in pieces:
        search.exhaust(piece)
    return search.result()


class _Search:
    """The best value found so far, and what is certain about the boxes done with."""

    def __init__(self, regions: GreatestRegions, divergence: PackedDivergence, gap: float) -> None:
        self.regions, self.divergence, self.gap = regions, divergence, gap
        self.best, self.slopes = -np.inf, regions.least
        self.certain = -np.inf
        self.evaluations = 0
        self.has_bends = divergence.is_power or divergence.name == "js"

    def result(self) -> Supremum:
        boundary = self.regions.boundary(self.slopes)
        if self.best == np.inf:
            return Supremum(self.best, boundary, 0.0, self.slopes, True)
        certain = max(self.certain, self.best)
        width = certain - self.best + ROUNDING * max(1.0, abs(certain))
        is_exact = width <= 1.001 * self.gap * max(1.0, self.best) + ROUNDING * max(1.0, abs(certain))
        return Supremum(self.best, boundary, width, self.slopes, is_exact)

    @property
    def threshold(self) -> float:
        """The value that the bound of a box must exceed for the box to be searched further."""
        return self.best + self.gap * max(1.0, abs(self.best))

    def look_at(self, boxes: Boxes) -> FloatArray:
        """The values at the corners of boxes."""
        slopes = self.regions.slopes(boxes)
        values = self.regions.values(self.divergence, slopes)
        self.evaluations += values.size
        if values.max() > self.best:
            self.best = float(values.max())
            self.slopes = slopes.reshape(-1, slopes.shape[-1])[values.argmax()]
        return values

    def exhaust(self, boxes: Boxes) -> None:
        while len(boxes.low) and self.best < np.inf:
            greatest = self.look_at(boxes).max(axis=1)
            bound, rise = self._bounds(boxes, greatest)
            keep = bound > self.threshold
            self.certain = float(bound[~keep].max(initial=self.certain))
            if self.evaluations > MAX_EVALUATIONS:
                self.certain = float(bound[keep].max(initial=self.certain))
                return
            boxes = self._halved(boxes.kept(keep), rise[keep])

    def _bounds(self, boxes: Boxes, greatest: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Upper bounds over the boxes, and how much of them each axis is to blame for."""
        rise = self._rises(self.regions, boxes)
        bound = greatest + rise.sum(axis=1)
        self._drop_idle_lines(boxes, bound, rise)
        loose = np.flatnonzero(bound > self.threshold)
        if len(loose):
            slopes = self.regions.slopes(boxes.kept(loose))
            joins = self.regions.joins(self.divergence, slopes.min(axis=1), slopes.max(axis=1))
            self.evaluations += len(loose)
            bound[loose] = np.minimum(bound[loose], joins)
        return bound, rise

    def _rises(self, regions: GreatestRegions, boxes: Boxes) -> FloatArray:
        """Bounds on the excess of the values in boxes over those at their corners, an axis at a time."""
        width = boxes.high - boxes.low
        if not self.has_bends:
            return np.where(width > 0, np.inf, 0.0)
        bends = curvatures(regions, self.divergence, boxes, self.best)
        return np.where(width > 0, np.where(width > 0, bends, 0.0) * width**2 / 8, 0.0)

    def _drop_idle_lines(self, boxes: Boxes, bound: FloatArray, rise: FloatArray) -> None:
        """Improve bounds by the larger regions that the lines with an edge all over a box bound alone.

        Where a line has an edge in a part of the box only, its share matters to no second order.
        """
        loose = np.flatnonzero(bound > self.threshold)
        if not self.has_bends or not len(loose):
            return
        idle = idle_lines(self.regions, boxes.kept(loose))
        for pattern in np.unique(idle, axis=0):
            lines = np.flatnonzero(~pattern)
            if 0 < len(lines) < len(pattern):
                rows = loose[(idle == pattern).all(axis=1)]
                regions, part = self.regions.only(lines), boxes.kept(rows).only(lines)
                corners = regions.values(self.divergence, regions.slopes(part))
                self.evaluations += corners.size
                greatest, rises = corners.max(axis=1), self._rises(regions, part)
                bound[rows] = np.minimum(bound[rows], greatest + rises.sum(axis=1))
                useful = rows[(greatest <= self.threshold) & np.isfinite(rises).all(axis=1)]
                rise[useful] = 0.0
                rise[np.ix_(useful, np.append(0, lines + 1))] = rises[np.isin(rows, useful)]

    def _halved(self, boxes: Boxes, rise: FloatArray) -> Boxes:
        """Two parts of each box, along the axis to blame, or else along that which moves the slopes most."""
        if not len(boxes.low):
            return boxes
        slopes = self.regions.slopes(boxes)
        speeds = self.regions.speeds(boxes, (slopes.min(axis=1), slopes.max(axis=1)))
        width = boxes.high - boxes.low
        moved = (speeds.first / slopes.max(axis=1)[:, None]).max(axis=2) * width
        known = np.isfinite(rise).all(axis=1, keepdims=True)
        axis = np.where(known, rise, moved).argmax(axis=1)
        line = self.regions.line_to_free(boxes, axis)
        return joined(
            bisected(boxes.kept(line < 0), axis[line < 0]),
            self.regions.freed(boxes.kept(line >= 0), line[line >= 0]),
        )
