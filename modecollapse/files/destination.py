"""Places that results are written to, looked at before long work: a result must not be lost in the end."""

from __future__ import annotations

import os
from pathlib import Path

PICTURES = (".png", ".pdf", ".svg")
"""Endings of the files that a picture is drawn to."""


def require(option: str, path: str | os.PathLike[str]) -> None:
    """Refuse a file that could not be written, before the work whose result it is to hold.

    Parameters
    ----------
    option : str
        The option that names the file, for the message.
    path : str or path-like
        The file. It need not exist, but its folder must.

    Raises
    ------
    ValueError
        If the folder does not exist, or the file or its folder cannot be written.

    Examples
    --------
    >>> require("--report", "no/such/folder/report.html")
    Traceback (most recent call last):
    ValueError: --report needs a folder that exists, got no/such/folder of 'no/such/folder/report.html'
    """
    file = Path(path)
    folder = file.parent
    if not folder.is_dir():
        raise ValueError(f"{option} needs a folder that exists, got {folder} of {str(path)!r}")
    if not path or file.is_dir():
        raise ValueError(f"{option} needs the name of a file, got the folder {str(path)!r}")
    if not os.access(file if file.exists() else folder, os.W_OK):
        raise ValueError(f"{option} needs a file that can be written, got {str(path)!r}")


def require_picture(option: str, path: str | os.PathLike[str]) -> None:
    """Refuse a file that no picture could be written to.

    Raises
    ------
    ValueError
        As `require`, or if the ending is none of `PICTURES`.

    Examples
    --------
    >>> require_picture("--plot", "range.jpgg")
    Traceback (most recent call last):
    ValueError: --plot takes a file that ends in .png, .pdf or .svg, got 'range.jpgg'
    """
    require(option, path)
    if Path(path).suffix.lower() not in PICTURES:
        *others, last = PICTURES
        raise ValueError(
            f"{option} takes a file that ends in {', '.join(others)} or {last}, got {str(path)!r}"
        )
