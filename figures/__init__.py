"""The figures of the paper, one module a figure: `python -m figures` draws them, `--html` on one page.

A figure module is called ``figNN_<name>``. Its docstring is the caption, ``compute()`` gives its data, and
``draw(data)`` gives the picture. Every module in this folder with both functions is a figure. Helpers that
several figures share are in ``parts``.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from .parts.figure_module import FigureModule


def discover() -> dict[str, FigureModule]:
    """All figure modules by name, in order."""
    names = sorted(info.name for info in iter_modules(__path__) if not info.name.startswith("_"))
    modules = {name: import_module(f"{__name__}.{name}") for name in names}
    return {
        name: cast(FigureModule, module)
        for name, module in modules.items()
        if hasattr(module, "compute") and hasattr(module, "draw")
    }
