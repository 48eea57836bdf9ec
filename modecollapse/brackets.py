"""Two ends with a number, or with a curve, between them."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, TypeVar

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
    """Two curves with the true one between them, place by place: arrays of one shape, or tuples of such.

    The functions of `modecollapse.curves.drawing` draw it, given the two regions that it came from.
    """

    lower: Curve
    upper: Curve

    def __repr__(self) -> str:
        from modecollapse import showing

        return showing.line("CurveBracket", self._columns())

    def _repr_html_(self) -> str:
        """Some entries, and a picture of both ends in the plane, for notebooks.

        A curve of one coordinate is drawn by the numbers of its entries, since it does not know its places.
        """
        from modecollapse import showing

        if isinstance(self.lower, tuple) and isinstance(self.upper, tuple):
            names = getattr(self.lower, "_fields", ("first", "second"))
            return showing.page(self._columns(), [self.lower, self.upper], names)
        return showing.page(self._columns(), showing.by_entry(self._columns().values()), ("value", "entry"))

    def _columns(self) -> dict[str, Any]:
        """Both ends of each coordinate by name."""
        if not isinstance(self.lower, tuple) or not isinstance(self.upper, tuple):
            return self._asdict()
        names = getattr(self.lower, "_fields", ("first", "second"))
        return {
            f"{end} {name}": values
            for name, *both in zip(names, self.lower, self.upper, strict=True)
            for end, values in zip(self._fields, both, strict=True)
        }


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
