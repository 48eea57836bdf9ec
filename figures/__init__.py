"""The figures of the paper, one module a figure: `python -m figures` draws them, `--html` on one page.

A figure module is called ``figNN_<name>``; its docstring is the caption, ``compute()`` gives its data and
``draw(data)`` the picture. Whatever module in this folder has both functions is a figure;
what several of them share lies in ``parts``.
"""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules
from typing import cast

from .parts.figure_module import FigureModule


def discover() -> dict[str, FigureModule]:
    """All figure modules by name, in order."""
    names = sorted(found.name for found in iter_modules(__path__) if not found.name.startswith("_"))
    modules = {name: import_module(f"{__name__}.{name}") for name in names}
    return {
        name: cast(FigureModule, module)
        for name, module in modules.items()
        if hasattr(module, "compute") and hasattr(module, "draw")
    }
