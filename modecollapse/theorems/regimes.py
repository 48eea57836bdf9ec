"""The paper's names for the cases of Theorems 3, 4 and 5, and the thresholds of τ between them.

Without collapse and augmentation all depends on d = δ−ε and u = min(ε, 1−δ): the forbidden points are
(u, u+d) and (v, v+d) with v = 1−d−u, and τ has the thresholds d, d/(1−u) and d/(2u+d).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Generic, NamedTuple, TypeVar

from modecollapse.arrays import FloatArray

Number = TypeVar("Number", float, FloatArray)

ALL_PAIRS = "all pairs"
COLLAPSE = "collapse"
TOO_CLOSE = "too close to collapse"
SIDE = "side tangents"
MIDDLE = "middle tangents"
ZERO_WIDTH = "zero-width collapse"
INFEASIBLE = "infeasible"

THRESHOLD_TOLERANCE = 1e-12
"""A τ this close below a threshold between regimes, relative to it, counts as having reached it."""

HAIR = 2 * THRESHOLD_TOLERANCE
"""Relative distance that τ keeps from an open end of a regime: any closer, the end counts as reached."""


class Interval(NamedTuple):
    """An interval of tangent points, and those of its ends that belong to it."""

    low: float
    high: float
    closed_ends: tuple[float, ...] = ()

    def holds(self, x: float) -> bool:
        """Whether x belongs; a breakpoint that rounding puts just inside an open end does not."""
        return self.low + THRESHOLD_TOLERANCE < x < self.high - THRESHOLD_TOLERANCE or any(
            abs(x - end) <= THRESHOLD_TOLERANCE for end in self.closed_ends
        )


def shape(eps: float, delta: float) -> tuple[float, float]:
    """The width d = δ−ε and the margin u = min(ε, 1−δ) of a point, of the decimals that it prints as.

    Examples
    --------
    >>> shape(0.3, 0.4)
    (0.1, 0.3)
    """
    low, high = Fraction(repr(float(eps))), Fraction(repr(float(delta)))
    return float(high - low), float(min(low, 1 - high))


def is_below(tau: float, threshold: float) -> bool:
    """Whether τ has not reached a threshold, within tolerance."""
    return tau < threshold * (1 - THRESHOLD_TOLERANCE)


class Thresholds(NamedTuple, Generic[Number]):
    """The total variations at which the regime without collapse changes.

    Attributes
    ----------
    close : float or ndarray
        d: below it nothing can collapse.
    side : float or ndarray
        d/(1−u): below it tangent points may lie beside both forbidden points.
    middle : float or ndarray
        d/(2u+d): below it they may lie between.
    """

    close: Number
    side: Number
    middle: Number


def thresholds(d: Number, u: Number) -> Thresholds[Number]:
    """The thresholds for d = δ−ε and u = min(ε, 1−δ).

    Examples
    --------
    >>> [round(float(tau), 3) for tau in thresholds(0.25, 0.25)]
    [0.25, 0.333, 0.333]
    """
    return Thresholds(d, d / (1 - u), d / (2 * u + d))


class TangentRegime(NamedTuple):
    """The possible tangent points of pairs without collapse and augmentation.

    Attributes
    ----------
    name : str
        One of `REGIMES`, or "infeasible".
    d, u : float
        δ−ε and min(ε, 1−δ).
    thresholds : Thresholds
    """

    name: str
    d: float
    u: float
    thresholds: Thresholds[float]


def collapse_is_possible(tau: float, eps: float, delta: float) -> bool:
    """Whether pairs of total variation τ can have (ε,δ)-collapse: τ ≥ δ−ε."""
    return not is_below(tau, shape(eps, delta)[0])


def without_collapse(tau: float, eps: float, delta: float) -> TangentRegime:
    """The regime of pairs of total variation τ with neither (ε,δ)-collapse nor augmentation.

    Examples
    --------
    >>> [without_collapse(tau, 0.05, 0.3).name for tau in (0.2, 0.255, 0.5, 0.8)]
    ['too close to collapse', 'side tangents', 'middle tangents', 'infeasible']
    """
    d, u = shape(eps, delta)
    ends = thresholds(d, u)
    below_d, beside, between = (is_below(tau, end) for end in ends)
    if below_d:
        name = TOO_CLOSE
    elif beside:
        name = SIDE
    elif between:
        name = MIDDLE if u > 0 else ZERO_WIDTH
    else:
        name = INFEASIBLE
    return TangentRegime(name, d, u, ends)


class Distances(NamedTuple):
    """The total variations from `low` to `end`, with or without the end."""

    low: float
    end: float
    closed: bool = False

    @property
    def high(self) -> float:
        """The greatest that is safe from being taken for an end that does not belong."""
        return self.end if self.closed else self.end * (1 - HAIR)

    @property
    def is_empty(self) -> bool:
        """Whether there is none."""
        return self.high < self.low

    def at(self, share: float) -> float:
        """The one that has a share of the others below it."""
        return min(self.low + share * (self.end - self.low), self.high)


class Regime(NamedTuple):
    """The total variations of one regime of `tv_band`.

    Attributes
    ----------
    conditions : tuple of str
        The keywords of `tv_band` that take the point; none for Theorem 3.
    within : callable
        The total variations of the regime for d = δ−ε and u = min(ε, 1−δ), on which all depends.
    beyond : callable, optional
        The total variations next to it that are refused.
    """

    conditions: tuple[str, ...]
    within: Callable[[float, float], Distances]
    beyond: Callable[[float, float], Distances] | None = None


_NONE = Distances(1.0, 0.0)


def _below_d(d: float, u: float) -> Distances:
    return Distances(0.0, d)


def _side(d: float, u: float) -> Distances:
    return Distances(d, thresholds(d, u).side) if u > 0 else _NONE


def _beyond_side(d: float, u: float) -> Distances:
    _, side, middle = thresholds(d, u)
    return Distances(side, 1.0, closed=True) if u > 0 and side >= middle else _NONE


def _middle(d: float, u: float) -> Distances:
    return Distances(*thresholds(d, u)[1:]) if u > 0 else _NONE


def _beyond_middle(d: float, u: float) -> Distances:
    _, side, middle = thresholds(d, u)
    return Distances(middle, 1.0, closed=True) if u > 0 and side < middle else _NONE


def _zero_width(d: float, u: float) -> Distances:
    return Distances(d, 1.0) if u == 0 else _NONE


def _beyond_zero_width(d: float, u: float) -> Distances:
    return Distances(1.0, 1.0, closed=True) if u == 0 else _NONE


NEITHER = ("no_collapse", "no_augmentation")

REGIMES = {
    ALL_PAIRS: Regime((), lambda d, u: Distances(0.0, 1.0, closed=True)),
    COLLAPSE: Regime(("collapse",), lambda d, u: Distances(d, 1.0, closed=True), _below_d),
    TOO_CLOSE: Regime(NEITHER, _below_d),
    SIDE: Regime(NEITHER, _side, _beyond_side),
    MIDDLE: Regime(NEITHER, _middle, _beyond_middle),
    ZERO_WIDTH: Regime(NEITHER, _zero_width, _beyond_zero_width),
}
"""The regimes of Theorems 3, 4 and 5 by the names that `tv_band` gives them (docs/theory.md §§3–5)."""
