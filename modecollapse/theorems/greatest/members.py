"""Members of a class that share the value of its greatest regions: whether a supremum is attained.

A greatest region touches the forbidden points inside M₀, and then is only a limit of members. But a power
max_T P^m(T) − γQ^m(T) may not notice when a corner is cut off: where no sequence of other letters lets it
decide between the two letters that the cut merges. So the edge through a forbidden point, also one of M₀
itself, is turned about a place beside the point, some way to the least region, and the value measured again.
The mean of the two regions keeps an infinite value.

A member that comes close to the supremum does not attain it, and there are members as close as one likes. So
a member counts only if the cut costs nothing, and if no limit that is looked at has a greater value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property, partial
from itertools import product

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing import enumeration
from modecollapse.packing.measures import TENSORISED, PackedDivergence
from modecollapse.theorems import boundaries
from modecollapse.theorems.boundaries import RISE, X
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.greatest.slopes import GreatestRegions
from modecollapse.theorems.greatest.supremum import problem_of
from modecollapse.theorems.greatest.values import values_at
from modecollapse.theorems.regimes import Interval
from modecollapse.theorems.saturation import is_no_nearer

EQUAL = 1e-13
"""Values this close, relative for values above 1, are one value: rounding of the evaluators."""

ROUNDING = 1e-14
"""How far corners of a region that lies in another may stand above it."""

INWARD = (0.0, 0.02, 0.2, 0.5)
"""Shares of the way to the middle of an interval of tangent points at which members are sought."""

DEPTHS = (0.005, 0.05, 0.5)
"""Shares of the way to the least region to which a greatest region is cut."""

MOST_TYPES = 10**6
"""Regions with more types than this, for which a sum takes ten milliseconds, are not tried."""

VISIBLE = 1e-12
"""A cost above this is no rounding of the evaluators."""

NEARBY = (1.0, 1.0 - 1e-2, 1.0 + 1e-2, 1.0 - 1e-4, 1.0 + 1e-4)
"""Factors of slopes: a search may end on the edge of a set of slopes of one value, and members lie inside."""


class Members:
    """Members of a class near its greatest regions. What does not depend on m is made once.

    Attributes
    ----------
    leasts : list of ndarray
        Least regions that belong to the class.
    regions : GreatestRegions
        The greatest regions of the class, if forbidden points matter.
    limits : ndarray, shape (N, k)
        The σ of the lines of greatest regions above each of them, at either end of their slopes or between.
    """

    def __init__(self, pairs: PairClass) -> None:
        self.pairs = pairs

    @cached_property
    def leasts(self) -> list[FloatArray]:
        if self.pairs.required_touches:
            return [self.pairs.required]
        return [
            self.pairs.least_regions(np.array([x]))[0]
            for interval in self.pairs.tangents
            for x in _inside(interval)
        ]

    @cached_property
    def regions(self) -> GreatestRegions:
        return GreatestRegions(self.pairs)

    @cached_property
    def limits(self) -> FloatArray:
        shares = np.array(list(product((0.5, 0.0, 1.0), repeat=len(self.pairs.mattering))))
        return np.concatenate([self.regions.above(least, shares) for least in self.leasts])

    def settled(
        self, divergence: PackedDivergence, greatest: FloatArray, value: float
    ) -> tuple[FloatArray, float, bool]:
        """The supremum, settled from a greatest region and its value: a witness, its value, if it belongs.

        The value is that of a greater limit if there is one. The witness is a member of that value, or the
        greatest region if none is found.
        """
        pairs = self.pairs
        touched = any(_touches(greatest, point.row) for point in pairs.forbidden)
        if not touched and boundaries.region(greatest) in pairs:
            return greatest, value, True
        if divergence.order == 0:
            return self.leasts[0], value, True
        if value < np.inf and not divergence.is_power:
            return greatest, value, False  # strictly convex: every corner cut off shows
        values = self._values(divergence, self.limits) if pairs.mattering else np.array([])
        if len(values) and values.max() > _raised(value):
            greatest, value = self.regions.boundary(self.limits[values.argmax()]), float(values.max())
        for limit, least in self._limits_with(divergence, greatest, value, values):
            families = (
                ([each] for each in _means(limit, least)) if value == np.inf else _cuts(pairs, limit, least)
            )
            for family in families:
                candidate, reached = _deepest_free(divergence, family, value)
                if (
                    candidate is not None
                    and boundaries.region(candidate) in pairs
                    and is_no_nearer(divergence, candidate, [limit, greatest], reached)
                ):
                    return candidate, max(value, reached), True
        return greatest, value, False

    def _limits_with(
        self, divergence: PackedDivergence, greatest: FloatArray, value: float, values: FloatArray
    ) -> Iterator[tuple[FloatArray, FloatArray]]:
        """Regions that have a value at least, each with a least region of the class that it contains.

        They are the greatest region, the limits, which have the `values`, and regions near the greatest.
        """
        yield from self._with_leasts(greatest)
        for row in np.flatnonzero(_raised(values) >= value):
            yield (
                self.regions.boundary(self.limits[row]),
                self.leasts[row * len(self.leasts) // len(self.limits)],
            )
        if len(values):
            nearby = self._nearby(greatest)
            near = self._values(divergence, nearby)
            # an infinite value equals itself alone
            is_equal = near == value if np.isinf(value) else np.abs(near - value) <= EQUAL * max(1.0, value)
            for sigma in nearby[is_equal]:
                yield from self._with_leasts(self.regions.boundary(sigma))

    def _with_leasts(self, limit: FloatArray) -> Iterator[tuple[FloatArray, FloatArray]]:
        for least in self.leasts:
            if boundaries.lies_below(least, limit, 0.0, ROUNDING):
                yield limit, least

    def _nearby(self, greatest: FloatArray) -> FloatArray:
        """The σ of the greatest regions whose lines have nearly the slopes of those of another."""
        k = len(self.pairs.mattering)
        slopes = self.regions.above(greatest, np.full(k, 0.5)) + self.pairs.slope
        factors = np.array(list(product(NEARBY, repeat=k)))[1:]
        return factors * slopes - self.pairs.slope

    def _values(self, divergence: PackedDivergence, sigmas: FloatArray) -> FloatArray:
        return values_at(problem_of(self.regions, divergence), sigmas)


def _raised(value: FloatArray | float) -> FloatArray | float:
    """A value with the rounding of the evaluators added."""
    return value + EQUAL * np.maximum(1.0, value)


def _inside(interval: Interval) -> list[float]:
    middle = (interval.low + interval.high) / 2
    near = {end + share * (middle - end) for end in interval[:2] for share in INWARD}
    return sorted(x for x in near if interval.holds(x)) or [middle]


def _cuts(pairs: PairClass, greatest: FloatArray, least: FloatArray) -> Iterator[Iterable[FloatArray]]:
    """The least region, and the greatest one cut ever deeper below the forbidden points that it touches.

    Each family of cuts turns edges about pivots on one side of each point.
    """
    yield [least]
    touched = [point.row for point in pairs.forbidden if _touches(greatest, point.row)]
    for sides in product((0, 1), repeat=len(touched)):
        yield map(partial(_turned, greatest, least, touched, sides), DEPTHS)


def _deepest_free(
    divergence: PackedDivergence, family: Iterable[FloatArray], value: float
) -> tuple[FloatArray | None, float]:
    """The deepest of ever smaller regions that have a value, and what it has; None if none has.

    A cost that is not 0 falls with the power m of the depth at most. So the next deeper cut must show that
    the cost of this one would be seen. Regions that take long are left out.
    """
    best, reached, depth = None, 0.0, 0.0
    for next_depth, candidate in zip(DEPTHS, family, strict=False):
        if not _is_soon_measured(divergence, candidate):
            continue
        measured = float(divergence.values(*boundaries.letters(candidate)))
        if not _raised(measured) >= value:
            shown = (value - measured) * (depth / next_depth) ** divergence.m
            return (best, reached) if shown > VISIBLE else (None, measured)
        best, reached, depth = candidate, measured, next_depth
    return best, reached


def _is_soon_measured(divergence: PackedDivergence, boundary: FloatArray) -> bool:
    p, q = boundaries.letters(boundary)
    common = int(((p > 0) & (q > 0)).sum())
    is_counted = divergence.name not in TENSORISED and not (divergence.is_total_variation and common <= 3)
    return not is_counted or enumeration.count_types(common, divergence.m) <= MOST_TYPES


def _turned(
    greatest: FloatArray, least: FloatArray, touched: list[FloatArray], sides: tuple[int, ...], depth: float
) -> FloatArray:
    """The greatest region with the edges through some points turned about pivots on the sides given."""
    cut = greatest
    for row, side in zip(touched, sides, strict=True):
        if row[X] > 0:
            cut = _turned_about(_pivot(greatest, row, side, least), side, depth, cut, row, least)
        else:  # on the upright edge, which no slope turns: its mirror image lies on y = 1
            limit, region, above, point = map(boundaries.mirror, (greatest, cut, least, row[None]))
            pivot = _pivot(limit, point[0], 1 - side, above)
            cut = boundaries.mirror(_turned_about(pivot, 1 - side, depth, region, point[0], above))
    return cut


def _turned_about(
    pivot: FloatArray, side: int, depth: float, boundary: FloatArray, row: FloatArray, least: FloatArray
) -> FloatArray:
    """A boundary cut by a line through a pivot, between the line through a point and the least region.

    The pivot lies left (side 0) or right (side 1) of the point. An upright line cuts nothing.
    """
    through, allowed = (
        boundaries.supporting_slopes(corners, pivot[None])[side][0] for corners in (row[None], least)
    )
    if not (np.isfinite(through) and np.isfinite(allowed)):
        return boundary
    slope = through + depth * (allowed - through)
    return boundaries.below_lines(boundary, pivot[None], np.array([[slope - 1]]))[0]


def _touches(greatest: FloatArray, row: FloatArray) -> bool:
    return boundaries.rise_at(greatest, row[X]) >= row[RISE] * (1 - 1e-12)


def _pivot(boundary: FloatArray, row: FloatArray, side: int, least: FloatArray) -> FloatArray:
    """The place left (side 0) or right (side 1) of a point about which its edge is turned.

    It is the end of the edge, or the nearest corner of the least region on it, which no cut may lose.
    """
    x = boundary[:, X]
    first, last = np.searchsorted(x, row[X], side="left"), np.searchsorted(x, row[X], side="right")
    end = boundary[min(last, len(x) - 1) if side else first - 1]
    with np.errstate(divide="ignore", invalid="ignore"):
        way = (least[:, X] - row[X]) / (end[X] - row[X])
    over = least[:, RISE] - row[RISE] - way * (end[RISE] - row[RISE])
    on_edge = least[(way > 0) & (way < 1) & (np.abs(over) <= ROUNDING)]
    return min(on_edge, key=lambda corner: abs(corner[X] - row[X]), default=end)


def _means(limit: FloatArray, least: FloatArray) -> list[FloatArray]:
    """Regions half way between two: in y, which keeps g(0) > 0, and in x, which keeps g(x) = 1 at x < 1."""
    return [mean(limit, least), boundaries.mirror(mean(boundaries.mirror(limit), boundaries.mirror(least)))]


def mean(first: FloatArray, second: FloatArray, share: float = 0.5) -> FloatArray:
    """The boundary (1−λ)g + λg′ of two regions."""
    x = np.union1d(first[:, X], second[:, X])
    parts = []
    for boundary in (first, second):
        start = int(np.flatnonzero(boundary[:, X] == 0)[-1])
        parts.append(
            np.column_stack([np.interp(x, boundary[start:, X], boundary[start:, i]) for i in range(5)])
        )
    mixed = parts[0] + share * (parts[1] - parts[0])
    return np.vstack([boundaries.ORIGIN, mixed[mixed[:, boundaries.Y] > 0]]) if mixed[0, 1] > 0 else mixed
