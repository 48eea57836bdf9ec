"""What can go wrong, and what each error carries."""

from __future__ import annotations

from typing import Any, NamedTuple


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


class InfeasibleError(ValueError):
    """The constraints exclude each other; the message names the threshold crossed."""


class PrecisionError(ArithmeticError):
    """A stated precision cannot be reached.

    Attributes
    ----------
    bracket : Bracket
        The best certified bracket found before giving up.
    """

    def __init__(self, message: str, bracket: Bracket) -> None:
        super().__init__(message)
        self.bracket = bracket

    def __reduce__(self) -> Any:
        # an exception is unpickled from its message alone, and would break the pool that raised it
        return type(self), (self.args[0], self.bracket)
