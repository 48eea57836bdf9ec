"""The address of numbers or labels: a file, and a column or an array in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ADDRESS = re.compile(r"(.+?\.(?:csv|npy|npz))(?::(.*))?", re.IGNORECASE | re.DOTALL)
"""FILE or FILE:NAME. The file ends after its ending; a colon before it belongs to a drive."""


class Source(NamedTuple):
    """A file, and the column or array meant in it, empty where none is named."""

    path: Path
    name: str

    def __str__(self) -> str:
        return f"{self.path}:{self.name}" if self.name else str(self.path)

    @property
    def ending(self) -> str:
        """``.csv``, ``.npy`` or ``.npz``."""
        return self.path.suffix.lower()

    def column(self, header: Sequence[str]) -> int:
        """The place of the column that is meant under this header of a CSV file."""
        names = [name.strip() for name in header]
        if self.name not in names:
            raise ValueError(f"{self.path} has no column {self.name!r}, its header is {', '.join(names)!r}")
        return names.index(self.name)

    def array(self, names: Sequence[str]) -> str:
        """The name of the array that is meant among those of an NPZ file: the only one may go unnamed."""
        wanted = names[0] if not self.name and len(names) == 1 else self.name
        if wanted not in names:
            raise ValueError(
                f"an array comes as {self.path}:NAME with NAME one of {', '.join(names)}, got {self}"
            )
        return wanted


def is_address(text: str) -> bool:
    """Whether a text is FILE or FILE:NAME, and not numbers."""
    return ADDRESS.fullmatch(text) is not None


def source(text: str) -> Source:
    """'FILE' or 'FILE:NAME', the file by a path of any platform.

    Examples
    --------
    >>> source("pmfs.csv:real").name
    'real'
    >>> print(source("C:/data/p.csv:real").path.as_posix())
    C:/data/p.csv
    """
    parts = ADDRESS.fullmatch(text)
    if not parts:
        raise ValueError(f"samples come as FILE or FILE:NAME of a .csv, .npy or .npz file, got {text!r}")
    return Source(Path(parts[1]), parts[2] or "")
