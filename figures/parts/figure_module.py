"""The protocol of modules that are figures."""

from __future__ import annotations

from typing import Any, Protocol

from matplotlib.figure import Figure


class FigureModule(Protocol):
    """A module that is a figure: a caption, its data, and its picture."""

    __doc__: str | None

    def compute(self) -> Any:
        """The numbers in the picture."""

    def draw(self, data: Any) -> Figure:
        """The picture of the numbers."""
