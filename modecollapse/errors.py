"""The errors that the library raises, and the values that they carry."""

from __future__ import annotations

from typing import Any

from modecollapse.brackets import Bracket


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
