"""The figures of the paper, one module a figure: `python -m figures` draws them, `--html` on one page.

A figure module is called ``figNN_<name>``; its docstring is the caption, ``compute()`` gives its data and
``draw(data)`` the picture. Whatever module in this folder has both functions is a figure.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import Any, Protocol, cast

from matplotlib.figure import Figure


class FigureModule(Protocol):
    """What makes a module a figure."""

    __doc__: str | None

    def compute(self) -> Any:
        """The numbers in the picture."""

    def draw(self, data: Any) -> Figure:
        """The picture of the numbers."""


def discover() -> dict[str, FigureModule]:
    """All figure modules by name, in order."""
    names = sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_"))
    modules = {name: import_module(f"{__name__}.{name}") for name in names}
    return {
        name: cast(FigureModule, module)
        for name, module in modules.items()
        if hasattr(module, "compute") and hasattr(module, "draw")
    }
