"""What makes a module a figure."""

from __future__ import annotations

from typing import Any, Protocol

from matplotlib.figure import Figure


class FigureModule(Protocol):
    """What makes a module a figure."""

    __doc__: str | None

    def compute(self) -> Any:
        """The numbers in the picture."""

    def draw(self, data: Any) -> Figure:
        """The picture of the numbers."""
