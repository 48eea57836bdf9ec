"""Two ends with a number, or with a curve, between them."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

Curve = TypeVar("Curve")


class Bracket(NamedTuple):
    """Two numbers with the true value between them."""

    lower: float
    upper: float

    @property
    def width(self) -> float:
        """The distance between the two ends."""
        return self.upper - self.lower

    @property
    def middle(self) -> float:
        """The number that is never further than half the width from the true value."""
        return 0.5 * (self.lower + self.upper)


class CurveBracket(NamedTuple, Generic[Curve]):
    """Two curves with the true one between them, place by place: arrays of one shape, or tuples of such."""

    lower: Curve
    upper: Curve


class Estimate(NamedTuple):
    """A number estimated from samples, and its confidence interval.

    Attributes
    ----------
    value : float
        The estimate.
    interval : Bracket
        Its confidence interval.
    """

    value: float
    interval: Bracket
