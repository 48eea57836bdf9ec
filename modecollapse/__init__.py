"""Mode-collapse regions and packed total variation bounds: the theory of PacGAN, exactly and fast.

The public names are loaded when first used, so that importing the package compiles nothing and costs
little more than importing numpy. They are listed in ``__init__.pyi``.
"""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path
from typing import Any

from modecollapse.version import __version__ as __version__

_LISTED = re.findall(
    r"^from (\S+) import (\w+) as \2$",
    Path(__file__).with_suffix(".pyi").read_text(encoding="utf-8"),
    re.MULTILINE,
)
_HOME_OF = {name: home for home, name in _LISTED if name != "__version__"}

__all__ = sorted(_HOME_OF)


def __getattr__(name: str) -> Any:
    if name not in _HOME_OF:
        raise AttributeError(f"module 'modecollapse' has no attribute {name!r}")
    home = _HOME_OF[name]
    if home == __name__:
        value: Any = import_module(f"{home}.{name}")
    else:
        value = getattr(__import__(home, fromlist=[name]), name)  # imports a module that no one has used yet
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
