"""Standard input, which can be read only once, as a file that can be read as often as is needed."""

from __future__ import annotations

import atexit
import shutil
import sys
from functools import cache
from pathlib import Path
from tempfile import mkdtemp

from modecollapse.files import delimited

SIGN = "-"
"""In place of the name of a file."""

NAME = Path("standard input")
"""Its name in messages."""


@cache
def file() -> Path:
    """The copy of all of standard input on disk; it is removed when the process ends.

    Raises
    ------
    ValueError
        If it is a binary file.
    """
    folder = mkdtemp()
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = Path(folder, "standard_input.csv")
    with path.open("wb") as copy:
        shutil.copyfileobj(sys.stdin.buffer, copy)
    if not delimited.is_text(path):
        raise ValueError(
            f"{NAME} must be text, such as CSV in UTF-8, got a binary file; give the name of that file"
        )
    return path


def text() -> str:
    """All of standard input as text."""
    return file().read_text("utf-8-sig", "surrogateescape")
