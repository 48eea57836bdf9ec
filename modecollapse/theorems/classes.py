"""Classes of pairs: conditions on the region, and the least and greatest regions that meet them.

A class is given by a distance (a number, an interval or nothing), a region A that every member contains, a
region B that contains every member, and points that no member reaches. Theorem 3 has no further condition,
Theorem 4 one required point, Theorem 5 two forbidden ones (docs/theory.md §9).

The distance puts every member below the line ℓ: y = γx + h, which it touches. Members that touch ℓ at
z = (x, γx+h) contain the hull of A and z, the least region of x. They lie below a line through each forbidden
point, so one slope a forbidden point gives a greatest region.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from fractions import Fraction
from functools import cached_property
from itertools import pairwise
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from modecollapse import validation
from modecollapse.arrays import FloatArray
from modecollapse.region import Region
from modecollapse.tensors import as_array
from modecollapse.theorems import boundaries, regimes
from modecollapse.theorems.boundaries import RISE, X, Y
from modecollapse.theorems.regimes import Interval

Point: TypeAlias = tuple[float, float]
Points: TypeAlias = Point | Iterable[Point] | None

POINTS = ("collapse", "augmentation", "no_collapse", "no_augmentation")
"""The keywords that take points."""

TOLERANCE = 1e-12
"""Distances this close, relative to themselves, are equal: then a threshold counts as reached."""

ROUNDING = 2e-15
"""Heights this close are equal whatever the distance."""


class Piece(NamedTuple):
    """Tangent points between which the corners of A stand still in the least regions: two letters move.

    Attributes
    ----------
    low, high : float
    interval : Interval
        The interval of tangent points of which it is a part.
    p, q : ndarray
        The letters, those that move left 0.
    at : int
        The place of the first letter that moves; the other follows.
    left, right : ndarray
        The corners of A on either side of the tangent point, as rows of `boundaries`.
    """

    low: float
    high: float
    interval: Interval
    p: FloatArray
    q: FloatArray
    at: int
    left: FloatArray
    right: FloatArray

    @property
    def is_triangle(self) -> bool:
        """Whether the least regions are triangles, which contain A."""
        return len(self.p) == 2


@dataclass(frozen=True, order=True)
class ExactPoint:
    """A point of the plane as the decimals that were given."""

    x: Fraction
    y: Fraction

    @cached_property
    def row(self) -> FloatArray:
        """The same as a corner of `boundaries`."""
        return boundaries.corner(self.x, self.y)

    def __str__(self) -> str:
        return f"({float(self.x):.6g}, {float(self.y):.6g})"


SPELLING = "write PairClass(tau, collapse=…)"
"""The remedy that an error names where a class of pairs is missing."""


@dataclass(frozen=True, repr=False)
class PairClass:
    """A class of pairs (P, Q): those whose region meets some conditions.

    Every word means exactly what it says: `no_collapse` alone allows augmentation.

    Parameters
    ----------
    tau : float or (low, high), optional
        d_TV(P, Q), or an interval in which it lies; any distance by default.
    collapse, augmentation : (eps, delta) or list of such, optional
        Points of (ε,δ)-mode collapse and augmentation that every pair has, 0 ≤ ε < δ ≤ 1.
    no_collapse, no_augmentation : (eps, delta) or list of such, optional
        Points that no pair has.
    contains, within : Region, optional
        Regions that every pair's region contains, and lies within.
    hockey_stick : (gamma, h), optional
        In place of `tau`: the greatest value h of g(x) − γx, which is Σ(p − γq)⁺, max(0, 1−γ) ≤ h ≤ 1.

    Notes
    -----
    Numbers are taken as the decimals that they print as: no_collapse=(0.3, 0.4) has the width 0.1, in float32
    as well. A distance counts as equal to a threshold within 1e-12 of it, relative to the threshold. Heights
    within 2e-15 of each other are not told apart: a smaller τ counts as 0, and every pair is taken to reach a
    forbidden point with a smaller δ−ε.

    Raises
    ------
    ValueError
        If a number or a point is out of range.

    Examples
    --------
    >>> import modecollapse as mc
    >>> pairs = mc.PairClass(tau=0.11, collapse=(0.02, 0.1))
    >>> mc.Region.from_pmfs([0.11, 0.89], [0, 1]) in pairs
    True
    >>> mc.PairClass(tau=0.05, collapse=(0.02, 0.1)).why_empty
    '(0.02, 0.1)-collapse forces tau ≥ 0.08, got 0.05'
    """

    tau: float | tuple[float, float] | None = None
    collapse: Points = None
    augmentation: Points = None
    no_collapse: Points = None
    no_augmentation: Points = None
    contains: Region | None = None
    within: Region | None = None
    hockey_stick: tuple[float, float] | None = None

    def __post_init__(self) -> None:
        validated: dict[str, Any] = {name: _points(name, getattr(self, name)) for name in POINTS}
        validated["tau"] = _tau(self.tau)
        validated["hockey_stick"] = _hockey_stick(self.hockey_stick)
        if self.tau is not None and self.hockey_stick is not None:
            raise ValueError(
                f"give tau or hockey_stick, not both: got {self.tau!r} and {self.hockey_stick!r}"
            )
        for name in ("contains", "within"):
            if getattr(self, name) is not None:
                validation.instance(name, getattr(self, name), Region, "write Region.from_pmfs(p, q)")
        for name, value in validated.items():
            object.__setattr__(self, name, value)

    def __repr__(self) -> str:
        """The conditions that there are: those left out are the defaults."""
        given = {field.name: getattr(self, field.name) for field in fields(self)}
        words = [f"{name}={value!r}" for name, value in given.items() if value not in (None, ())]
        return f"PairClass({', '.join(words)})"

    # -- what is asked of a class ------------------------------------------------------------------

    @property
    def is_empty(self) -> bool:
        """Whether no pair meets the conditions."""
        return self.why_empty is not None

    @cached_property
    def why_empty(self) -> str | None:
        """Which conditions exclude each other, with the numbers; None if the class has members."""
        return (
            self._required_leaves_room()
            or self._distance_is_out_of_reach()
            or self._required_is_forbidden()
            or self._no_tangent_point_is_left()
        )

    def __contains__(self, region: object) -> bool:
        """Whether a region meets the conditions; points within rounding of it count as reached."""
        if not isinstance(region, Region):
            raise TypeError(f"a class has Regions as members, got {region!r}")
        boundary = boundaries.of_region(region)
        distance = _greatest_height(boundary, self.slope)
        low, high = self.heights
        return (
            low - _slack(low) <= distance <= high + _slack(high)
            and boundaries.lies_below(self.required, boundary, TOLERANCE, ROUNDING)
            and boundaries.lies_below(boundary, self.ceiling, TOLERANCE, ROUNDING)
            and not any(_reaches(boundary, point) for point in self.forbidden)
        )

    @property
    def regime(self) -> str | None:
        """The paper's name of the case if the class is of Theorem 3, 4 or 5 at one distance, else None."""
        if not isinstance(self.tau, float) or self.contains is not None or self.within is not None:
            return None
        counts = tuple(map(len, self._points.values()))
        if counts == (0, 0, 0, 0):
            return regimes.ALL_PAIRS
        if counts in ((1, 0, 0, 0), (0, 1, 0, 0)):
            return regimes.COLLAPSE
        collapse, augmentation = self._points["no_collapse"], self._points["no_augmentation"]
        if counts == (0, 0, 1, 1) and collapse == augmentation:
            return regimes.without_collapse(self.tau, *collapse[0]).name
        return None

    @property
    def _points(self) -> dict[str, tuple[Point, ...]]:
        """The points by keyword, which are tuples once the class is made."""
        return {name: getattr(self, name) for name in POINTS}

    # -- the conditions as geometry ----------------------------------------------------------------

    @property
    def slope(self) -> float:
        """γ of the line ℓ: y = γx + h."""
        return 1.0 if self.hockey_stick is None else self.hockey_stick[0]

    @cached_property
    def _given_heights(self) -> tuple[float, float]:
        if self.hockey_stick is not None:
            return self.hockey_stick[1], self.hockey_stick[1]
        if self.tau is None:
            return 0.0, 1.0
        return self.tau if isinstance(self.tau, tuple) else (self.tau, self.tau)

    @cached_property
    def heights(self) -> tuple[float, float]:
        """The least and greatest h that members can have, thresholds within tolerance reached."""
        low, high = self._given_heights
        ceiling = _greatest_height(self.ceiling, self.slope)
        low = min(max(low, _greatest_height(self.required, self.slope)), ceiling)
        return low, max(low, min(high, ceiling))

    @property
    def low(self) -> float:
        """The h of the least regions."""
        return self.heights[0]

    @cached_property
    def required_points(self) -> tuple[ExactPoint, ...]:
        """The points that every member reaches."""
        points = self._points
        return (*map(_upright, points["collapse"]), *map(_mirrored, points["augmentation"]))

    @cached_property
    def required(self) -> FloatArray:
        """Boundary of A, the least region that every member contains."""
        start = boundaries.diagonal() if self.contains is None else boundaries.of_region(self.contains)
        return boundaries.hull(start, [point.row for point in self.required_points])

    @cached_property
    def ceiling(self) -> FloatArray:
        """Boundary of B, in which every member lies."""
        return boundaries.everything() if self.within is None else boundaries.of_region(self.within)

    @cached_property
    def greatest(self) -> FloatArray:
        """Boundary of M₀: all of B below the highest line ℓ."""
        return boundaries.below(self.ceiling, self.slope, self.heights[1])

    @cached_property
    def forbidden(self) -> tuple[ExactPoint, ...]:
        """The points that no member reaches, less those that follow from others."""
        given = self._points
        points = [*map(_upright, given["no_collapse"]), *map(_mirrored, given["no_augmentation"])]
        points = [point for point in dict.fromkeys(points) if _reaches(self.greatest, point)]
        kept = list(points)
        for point in points:
            others = [other for other in kept if other != point]
            region = boundaries.hull(self.required, [point.row])
            if any(_rises_to(region, other) for other in others):
                kept = others
        return tuple(kept)

    @cached_property
    def mattering(self) -> tuple[ExactPoint, ...]:
        """Forbidden points inside M₀: they bound the greatest regions; others only cut tangent points."""
        return tuple(
            point
            for point in self.forbidden
            if point.x > 0 and point.y < 1 and _lies_inside(self.greatest, point)
        )

    @cached_property
    def is_symmetric(self) -> bool:
        """Whether the conditions are those on (Q, P): then the mirror image of a member is a member."""
        if self.slope != 1 or self.contains is not None or self.within is not None:
            return False
        points = self._points
        return all(
            set(map(_upright, points[first])) | set(map(_mirrored, points[second]))
            == set(map(_mirrored, points[first])) | set(map(_upright, points[second]))
            for first, second in (("collapse", "augmentation"), ("no_collapse", "no_augmentation"))
        )

    # -- least regions -----------------------------------------------------------------------------

    @cached_property
    def required_touches(self) -> bool:
        """Whether A itself has the least distance: then it is the one least region."""
        return _greatest_height(self.required, self.slope) >= self.low - _slack(self.low)

    @cached_property
    def last_tangent(self) -> float:
        """The x at which ℓ meets y = 1."""
        return min((1 - self.low) / self.slope, 1.0)

    def apex(self, x: FloatArray) -> FloatArray:
        """The points z = (x, γx+h) of the line ℓ, shape (N, 5)."""
        above = np.maximum(self.slope * (self.last_tangent - x), 0.0)
        rise = self.low + (self.slope - 1) * x
        return np.stack([x, np.minimum(x + rise, 1.0), 1 - x, above, rise], axis=-1)

    def least_regions(self, x: FloatArray) -> FloatArray:
        """Boundaries of the least regions that touch ℓ at x, shape (N, n+1, 5)."""
        return boundaries.raised(self.required, self.apex(x))

    @cached_property
    def tangents(self) -> tuple[Interval, ...]:
        """The set X of x at which a member can touch ℓ, at the least distance, as disjoint intervals."""
        low, high = self._tangents_in_the_ceiling()
        left = [Interval(low, high, (low, high))]
        for point in self.forbidden:
            excluded = self.excluded(point)
            if excluded is not None:
                left = [rest for interval in left for rest in _without(interval, *excluded)]
        return tuple(left)

    @cached_property
    def pieces(self) -> tuple[Piece, ...]:
        """The tangent points, cut where the hull takes up or drops a corner of A."""
        below = boundaries.heights(self.required, self.slope, self.low)
        x = self.required[:, X]
        climb = np.diff(below)
        slanted = climb != 0
        hits = x[:-1][slanted] - below[:-1][slanted] * (np.diff(x)[slanted] / climb[slanted])
        pieces = []
        for interval in self.tangents:
            inside = hits[(hits > interval.low) & (hits < interval.high)]
            ends = np.unique(np.concatenate([[interval.low], inside, [interval.high]])).tolist()
            pieces += [self._piece(interval, *pair) for pair in pairwise(ends)] or [
                self._piece(interval, ends[0], ends[0])
            ]
        return tuple(pieces)

    def _piece(self, interval: Interval, low: float, high: float) -> Piece:
        middle = self.apex(np.array([(low + high) / 2]))
        first, second = (int(corners[0]) for corners in boundaries.tangents(self.required, middle))
        p, q = boundaries.letters(self.required)
        present = (p > 0) | (q > 0)
        before, after = present[:first], present[second:]
        p, q = (np.concatenate([v[:first][before], [0.0, 0.0], v[second:][after]]) for v in (p, q))
        left, right = self.required[first], self.required[second]
        return Piece(low, high, interval, p, q, int(before.sum()), left, right)

    def excess(self, point: ExactPoint) -> float:
        """The height of ℓ above a point, at the least distance; 0 within tolerance."""
        h, gamma = Fraction(repr(self.low)), Fraction(repr(self.slope))
        excess = float(h + gamma * point.x - point.y)
        return 0.0 if abs(excess) <= TOLERANCE * self.low else excess

    def excluded(self, point: ExactPoint) -> tuple[float, float] | None:
        """The closed interval of x whose least region reaches a point; None if there is none.

        The ray from a corner a of A through the point f meets ℓ at u + (e/D)v_x, v = f−a, D = v_y−γv_x.
        """
        e, row = self.excess(point), point.row
        if e < 0:
            return None
        if e == 0:
            return float(row[X]), float(row[X])
        v_x = boundaries.runs_to(self.required, row)
        d = row[RISE] - self.required[:, RISE] - (self.slope - 1) * v_x
        hits = row[X] + e * np.divide(v_x, d, out=np.copysign(np.full(len(d), np.inf), v_x), where=d > 0)
        return float(hits.min()), float(hits.max())

    def _tangents_in_the_ceiling(self) -> tuple[float, float]:
        """The x at which ℓ lies in B."""
        over = boundaries.heights(self.ceiling, self.slope, self.low)
        inside = np.flatnonzero(over >= -_slack(self.low))
        first, last = int(inside[0]), int(inside[-1])
        x = self.ceiling[:, X]
        low, high = float(x[first]), float(x[last])
        if first > 0 and over[first] > 0:
            low -= (x[first] - x[first - 1]) * over[first] / (over[first] - over[first - 1])
        if last + 1 < len(x) and over[last] > 0:
            high += (x[last + 1] - x[last]) * over[last] / (over[last] - over[last + 1])
        high = self.last_tangent if abs(high - self.last_tangent) <= TOLERANCE else high
        return low, float(max(low, high))

    @cached_property
    def highest(self) -> PairClass:
        """The members of the greatest distance."""
        low, high = self.heights
        return self if low == high else replace(self, tau=high)

    @cached_property
    def top(self) -> Region | None:
        """A member with the total variation of the greatest region without conditions, if there is one.

        A least region that touches ℓ where it starts (or ends) has no common letter of ratio above (below)
        1. So the sum of the common masses of P^m (or of Q^m) is its overlap, and no region below ℓ has
        less.
        """
        if self.within is not None:
            return None
        for x, allowed in ((0.0, self.slope <= 1), (self.highest.last_tangent, self.slope >= 1)):
            if allowed and any(interval.holds(x) for interval in self.highest.tangents):
                return boundaries.region(self.highest.least_regions(np.array([x]))[0])
        return None

    # -- why a class is empty ----------------------------------------------------------------------

    def _required_leaves_room(self) -> str | None:
        for row in self.required:
            if not _rises_to_row(self.ceiling, row):
                height = row[X] + boundaries.rise_at(self.ceiling, row[X])
                return (
                    f"the pairs must reach ({row[X]:.6g}, {row[Y]:.6g}), but the region that they lie within "
                    f"has the height {height:.6g} there"
                )
        return None

    def _distance_is_out_of_reach(self) -> str | None:
        low, high = self._given_heights
        name = "tau" if self.hockey_stick is None else "h"
        forced = _greatest_height(self.required, self.slope)
        if high < forced - _slack(forced):
            return f"{self._what_is_required()} forces {name} ≥ {forced:.12g}, got {high!r}"
        allowed = _greatest_height(self.ceiling, self.slope)
        if low > allowed + _slack(allowed):
            return f"the region that the pairs lie within forces {name} ≤ {allowed:.12g}, got {low!r}"
        return None

    def _what_is_required(self) -> str:
        words = [
            f"({eps:g}, {delta:g})-{name}"
            for name in ("collapse", "augmentation")
            for eps, delta in self._points[name]
        ]
        words += ["the region contained"] if self.contains is not None else []
        return " and ".join(words) or "every pair"

    def _required_is_forbidden(self) -> str | None:
        for point in self.forbidden:
            if _reaches(self.required, point):
                return f"{self._what_is_required()} reaches the forbidden point {point}"
        return None

    def _no_tangent_point_is_left(self) -> str | None:
        if self.required_touches or self.tangents:
            return None
        low, high = self._tangents_in_the_ceiling()
        exclusions = ((point, self.excluded(point)) for point in self.forbidden)
        reasons = [
            f"{point} excludes [{max(ends[0], low):.6g}, {min(ends[1], high):.6g}]"
            for point, ends in exclusions
            if ends is not None
        ]
        name, line = ("tau", "x + tau") if self.hockey_stick is None else ("h", f"{self.slope:g}x + h")
        return (
            f"pairs with {name}={self.low!r} have g(x) = {line} "
            f"at some x in [{low:.6g}, {high:.6g}], but {' and '.join(reasons)}"
        )


# -- arguments -------------------------------------------------------------------------------------


def _points(name: str, value: Any) -> tuple[Point, ...]:
    if value is None:
        return ()
    try:
        entries = list(value)
    except TypeError:
        raise ValueError(f"{name} must be a pair (eps, delta) or a list of such, got {value!r}") from None
    if entries and all(np.ndim(entry) == 0 for entry in entries):
        entries = [entries]
    return tuple(validation.collapse_point(name, entry) for entry in entries)


def _tau(value: Any) -> float | tuple[float, float] | None:
    if value is None:
        return None
    if as_array("tau", value).ndim == 0:
        return validation.probability("tau", value)
    if len(value) != 2:
        raise ValueError(f"tau must be a number or an interval (low, high), got {value!r}")
    low, high = (validation.probability("tau", end) for end in value)
    if low > high:
        raise ValueError(f"tau must be an interval (low, high) with low ≤ high, got {value!r}")
    return low, high


def _hockey_stick(value: Any) -> tuple[float, float] | None:
    if value is None:
        return None
    if as_array("hockey_stick", value).shape != (2,):
        raise ValueError(f"hockey_stick must be a pair (gamma, h), got {value!r}")
    gamma, h = validation.positive("gamma", value[0]), validation.probability("h", value[1])
    if h < 1 - gamma - TOLERANCE:
        raise ValueError(f"h must be at least 1 - gamma = {1 - gamma:.6g}, got {h!r}")
    return gamma, max(h, 1 - gamma)


def _upright(point: Point) -> ExactPoint:
    """The point of (ε,δ)-collapse."""
    eps, delta = map(_decimal, point)
    return ExactPoint(eps, delta)


def _mirrored(point: Point) -> ExactPoint:
    """The point of (ε,δ)-augmentation."""
    eps, delta = map(_decimal, point)
    return ExactPoint(1 - delta, 1 - eps)


def _decimal(value: float) -> Fraction:
    return Fraction(repr(value))


# -- heights, to within tolerance ------------------------------------------------------------------


def _slack(distance: float) -> float:
    """The shortfall with which a distance still counts as reached."""
    return max(TOLERANCE * distance, ROUNDING)


def _greatest_height(boundary: FloatArray, slope: float) -> float:
    """The greatest g(x) − γx."""
    return max(float(boundaries.heights(boundary, slope, 0.0).max()), 0.0)


def _reaches(boundary: FloatArray, point: ExactPoint) -> bool:
    """Whether a boundary passes a point, or touches it within tolerance."""
    return _rises_to_row(boundary, point.row)


def _rises_to_row(boundary: FloatArray, row: FloatArray) -> bool:
    return bool(boundaries.rise_at(boundary, row[X]) >= row[RISE] - _slack(row[RISE]))


def _rises_to(boundary: FloatArray, point: ExactPoint) -> bool:
    """Whether a boundary passes a point, but for rounding alone."""
    row = point.row
    return bool(boundaries.rise_at(boundary, row[X]) >= row[RISE])


def _lies_inside(boundary: FloatArray, point: ExactPoint) -> bool:
    """Whether a point lies below a boundary by more than tolerance."""
    row = point.row
    return bool(boundaries.rise_at(boundary, row[X]) > row[RISE] + _slack(row[RISE]))


def _without(interval: Interval, low: float, high: float) -> list[Interval]:
    """The parts of an interval outside a closed one."""
    if high < interval.low - TOLERANCE or low > interval.high + TOLERANCE:
        return [interval]
    rest = []
    if low - TOLERANCE > interval.low:
        rest.append(
            Interval(interval.low, low, tuple(end for end in interval.closed_ends if end < low - TOLERANCE))
        )
    if high + TOLERANCE < interval.high:
        rest.append(
            Interval(
                high, interval.high, tuple(end for end in interval.closed_ends if end > high + TOLERANCE)
            )
        )
    return rest
