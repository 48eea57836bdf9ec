"""The journal of a sweep: its rows as they come, in a file from which an interrupted sweep resumes.

The first line names the function, its parameters and the version; every other line is a row, in JSON. A last
line that a crash tore off is cut away.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from modecollapse.table import Row
from modecollapse.version import __version__


@contextmanager
def opened(
    path: str | os.PathLike[str] | None, function: Callable[..., Any], parameters: list[str], *columns: str
) -> Iterator[tuple[list[Row], Callable[[Row], None]]]:
    """The rows a journal holds, and a function that appends one; without a path, none and nothing.

    Parameters
    ----------
    path : path, optional
        Made where there is no file yet.
    function : callable
        Known by its name.
    parameters : list of str
        Of the function.
    *columns : str
        What every row has besides the parameters.

    Raises
    ------
    ValueError
        If the file belongs to another function, other parameters or another version, or is damaged.
    """
    if path is None:
        yield [], lambda row: None
        return
    header = {"function": _name(function), "parameters": sorted(parameters), "modecollapse": __version__}
    with open(path, "a+b") as file:

        def append(entry: Mapping[str, Any]) -> None:
            file.write(_line(entry))
            file.flush()

        file.seek(0)
        content = file.read()
        end = content.rfind(b"\n") + 1
        if end:
            rows = _rows(os.fspath(path), content[:end].splitlines(), header, columns)
        elif _line(header).startswith(content):
            rows = []
        else:
            raise ValueError(f"{os.fspath(path)} is not a journal: it begins with {content[:40]!r}")
        file.truncate(end)
        if not end:
            append(header)
        yield rows, append


def _name(function: Callable[..., Any]) -> str:
    name = f"{getattr(function, '__module__', None)}.{getattr(function, '__qualname__', '<nameless>')}"
    if "<" in name:
        raise ValueError(
            f"a journal knows its function by name, so it must be defined in a module, got {function!r}; "
            "make what it encloses a parameter"
        )
    return name


def _line(entry: Mapping[str, Any]) -> bytes:
    return json.dumps(entry, ensure_ascii=False).encode() + b"\n"


def _rows(path: str, lines: list[bytes], header: Mapping[str, Any], columns: tuple[str, ...]) -> list[Row]:
    entries = [_entry(path, number, line) for number, line in enumerate(lines, start=1)]
    there = entries[0]
    for key, value in header.items():
        if there.get(key) != value:
            raise ValueError(
                f"{path} is the journal of another sweep: its {key} is {there.get(key)!r}, not {value!r}; "
                "name another file"
            )
    for number, row in enumerate(entries[1:], start=2):
        lacking = {*columns, *header["parameters"]} - row.keys()
        if lacking:
            raise ValueError(f"line {number} of {path} is damaged: it lacks {sorted(lacking)}")
    return entries[1:]


def _entry(path: str, number: int, line: bytes) -> dict[str, Any]:
    try:
        entry = json.loads(line)
        if not isinstance(entry, dict):
            raise ValueError("no object")
    except ValueError as error:
        raise ValueError(f"line {number} of {path} is damaged: {line[:80]!r} ({error})") from None
    return entry
