"""Greatest regions of a class: one slope a forbidden point.

A member that touches ℓ at t lies below a line through each forbidden point that passes above the least region
of t. So the slopes of line i run from s⁻(t) to s⁺(t), the supporting slopes of that region, and t runs over
the tangent points of the class (docs/theory.md §9). `charts` has the coordinates on them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.theorems import boundaries
from modecollapse.theorems.boundaries import X
from modecollapse.theorems.classes import ExactPoint, PairClass
from modecollapse.theorems.greatest import charts
from modecollapse.theorems.regimes import Interval

ON_THE_LINE = 1e-15
"""An edge of M₀ at most this far from ℓ lies on it, but for rounding."""


class GreatestRegions:
    """The greatest regions of a class with forbidden points that matter.

    Parameters
    ----------
    pairs : PairClass
    tangents : sequence of Interval, optional
        The tangent points of the members that are looked at; by default all those of the class.

    Attributes
    ----------
    points : ndarray, shape (k, 5)
        The forbidden points that matter, left to right.
    excess : ndarray, shape (k,)
        How far each lies below ℓ at the least distance.
    least, most : ndarray, shape (k,)
        The slopes of their lines above A.
    is_symmetric : bool
        Whether mirror images of greatest regions are greatest regions.
    """

    def __init__(self, pairs: PairClass, tangents: Sequence[Interval] | None = None) -> None:
        order = sorted(pairs.mattering)
        self.pairs = pairs
        self.tangents = pairs.tangents if tangents is None else tangents
        self.is_symmetric = pairs.is_symmetric and tangents is None
        self.ceiling = pairs.greatest
        self.points = np.array([point.row for point in order]).reshape(-1, 5)
        self.excess = np.array([pairs.excess(point) for point in order])
        self.depth = np.array([_depth(pairs, point) for point in order])
        self.least, self.most = boundaries.supporting_slopes(pairs.required, self.points)

    # -- for the compiled search ---------------------------------------------------------------------

    @cached_property
    def constraints(self) -> FloatArray:
        """The edges of M₀ but the upright one, and the lines at the slope of ℓ: rows of `envelopes`."""
        gamma, h = self.pairs.slope, self.pairs.heights[1]
        climb, run = boundaries.edges(self.ceiling)
        heights = boundaries.heights(self.ceiling, gamma, h)
        is_wall = run > boundaries.NO_MASS
        sigma = np.divide(climb, run, out=np.zeros_like(run), where=is_wall) - gamma
        on_it = np.maximum(np.abs(heights[:-1]), np.abs(heights[1:])) <= ON_THE_LINE
        walls = np.column_stack(
            [self.ceiling[:-1, X], np.where(on_it, 0.0, heights[:-1]), np.where(on_it, 0.0, sigma)]
        )
        lines = np.column_stack([self.points[:, X], -self.depth, np.zeros(len(self.points))])
        return np.concatenate([walls[is_wall], lines])

    @cached_property
    def boxes(self) -> FloatArray:
        """Boxes that cover the slopes of the class, rows of `charts`; none has a kink of s⁻ or s⁺ inside."""
        if self.pairs.required_touches:
            k = len(self.points)
            return self._box(0.0, 0.0, np.zeros(k), None)[None]
        pieces = [
            box
            for interval in self.tangents
            for start, stop in self._smooth_pieces(interval)
            for box in self._boxes_touching(start, stop)
        ]
        return np.array(pieces)

    def _smooth_pieces(self, interval: Interval) -> list[tuple[float, float]]:
        """An interval of t cut where a supporting slope changes from one forced by A to one forced by t."""
        start, stop = interval[:2]
        with np.errstate(divide="ignore", invalid="ignore"):
            gaps = [self.excess / (end - self.pairs.slope) for end in (self.least, self.most)]
        kinks = (self.points[:, X] + gaps).ravel()
        t = np.unique([start, *kinks[(kinks > start) & (kinks < stop)], stop]).tolist()
        return list(pairwise(t)) or [(start, start)]

    def _boxes_touching(self, start: float, stop: float) -> Iterator[FloatArray]:
        """Boxes of a piece of t, without superfluous coordinates.

        Some lines have more slopes the greater t is, others the less t is. Without lines of the one kind t
        stays at an end. A single line of a kind either has all its slopes at the other end already, or is as
        far as t lets it be.
        """
        forced, side = self._forced((start + stop) / 2)
        binding = np.where(side > 0, forced > self.least, (side < 0) & (forced < self.most)) * np.sign(side)
        rising = np.flatnonzero(self.excess * binding > 0)
        falling = np.flatnonzero(self.excess * binding < 0)
        if len(rising) == 0:
            yield self._box(start, start, binding, None)
        elif len(falling) == 0:
            yield self._box(stop, stop, binding, None)
        elif len(rising) == 1:
            yield self._box(start, start, binding, None)
            yield self._box(start, stop, binding, rising)
        elif len(falling) == 1:
            yield self._box(stop, stop, binding, None)
            yield self._box(start, stop, binding, falling)
        else:
            yield self._box(start, stop, binding, None)

    def _box(self, start: float, stop: float, binding: FloatArray, follows: np.ndarray | None) -> FloatArray:
        """All slopes at start ≤ t ≤ stop, but only those that t forces on the lines that follow it."""
        gamma = self.pairs.slope
        low, high = np.zeros(len(binding)), np.ones(len(binding))
        forced = np.array([self._forced(t)[0] for t in (start, stop)])
        least = np.where(binding > 0, np.maximum(forced.min(axis=0), self.least), self.least)
        most = np.where(binding < 0, np.minimum(forced.max(axis=0), self.most), self.most)
        is_above, is_below = (self.excess > 0) & (least > gamma), (self.excess > 0) & (most < gamma)
        scale = np.where(is_above, charts.ABOVE, np.where(is_below, charts.BELOW, charts.EITHER))
        if follows is not None:
            low[follows] = high[follows] = np.where(
                (scale[follows] == charts.EITHER) & (binding[follows] > 0), 0.0, 1.0
            )
        # reach falls with the slope of lines steeper than ℓ; where t alone binds it, it has no other end
        with np.errstate(divide="ignore", invalid="ignore"):
            reaches = [self.excess / np.abs(end - gamma) for end in (self.least, self.most)]
        short = np.where(is_above, reaches[1], reaches[0])
        long = np.where(is_above, reaches[0], reaches[1])
        long = np.where(is_above & (self.least <= gamma) | is_below & (self.most >= gamma), np.inf, long)
        first, last = (
            np.array(
                [
                    charts.place_of_slope(slope)
                    if on == charts.EITHER
                    else charts.place_of_reach(rho, e, gamma, on)
                    for slope, rho, e, on in zip(slopes, reach, self.excess, scale, strict=True)
                ]
            )
            for slopes, reach in ((self.least, short), (self.most, long))
        )
        return np.concatenate([[start], low, [stop], high, first, last, scale, binding])

    def _forced(self, t: float) -> tuple[FloatArray, FloatArray]:
        """Slopes of the lines through the forbidden points and (t, γt+h), and the side on which t lies."""
        side = t - self.points[:, X]
        steep = np.divide(self.excess, side, out=np.zeros_like(side), where=(side != 0) & (self.excess != 0))
        return self.pairs.slope + steep, np.where((side == 0) & (self.excess < 0), 0.0, side)

    # -- regions -------------------------------------------------------------------------------------

    def boundary(self, sigma: FloatArray) -> FloatArray:
        """The greatest region whose lines have the slopes γ+σ."""
        return self.boundaries(sigma[None])[0]

    def boundaries(self, sigmas: FloatArray) -> FloatArray:
        """The greatest regions of N rows of σ, shape (N, _, 5)."""
        return boundaries.below_lines(self.ceiling, self.points, sigmas + (self.pairs.slope - 1))

    def above(self, least: FloatArray, shares: FloatArray) -> FloatArray:
        """The σ of lines above a least region, at shares of the way from the least slope to the greatest.

        `shares` may be of shape (N, k).
        """
        low, high = boundaries.supporting_slopes(least, self.points)
        return low ** (1 - shares) * high**shares - self.pairs.slope


def _depth(pairs: PairClass, point: ExactPoint) -> float:
    """How far a point lies below ℓ at the greatest distance, rounded once."""
    low, high = pairs.heights
    if low == high:
        return pairs.excess(point)
    return float(Fraction(repr(high)) + Fraction(repr(pairs.slope)) * point.x - point.y)
