"""Mode-collapse regions and packed total variation bounds: the theory of PacGAN, exactly and fast.

The public names are loaded when first used, so that importing the package compiles nothing and costs
little more than importing numpy. `__init__.pyi` lists them.
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from typing import Any

from modecollapse.version import __version__ as __version__

NEEDED = {"plotting": "matplotlib", "strategies": "hypothesis"}
"""The modules that need an optional package: they are attributes, and `import *` leaves them out."""


@cache
def _homes() -> dict[str, str]:
    """The module that each public name is imported from, read from the list that type checkers read."""
    import ast

    listing = ast.parse(__loader__.get_data(f"{__file__}i"))
    imports = [line for line in listing.body if isinstance(line, ast.ImportFrom)]
    return {name.name: line.module for line in imports for name in line.names}


def __getattr__(name: str) -> Any:
    if name == "__all__":
        return [public for public in _homes() if not public.startswith("__") and public not in NEEDED]
    if name not in _homes():
        raise AttributeError(f"module 'modecollapse' has no attribute {name!r}")
    home = _homes()[name]
    if home == __name__:
        value: Any = _module(name)
    else:
        value = getattr(__import__(home, fromlist=[name]), name)  # as `from home import name` does
    globals()[name] = value
    return value


def _module(name: str) -> Any:
    try:
        return import_module(f"{__name__}.{name}")
    except ImportError as error:
        from modecollapse import extras

        if name not in NEEDED or not extras.is_about(error, NEEDED[name]):
            raise
        raise extras.missing(f"modecollapse.{name}", NEEDED[name]) from None


def __dir__() -> list[str]:
    return [*_homes()]
