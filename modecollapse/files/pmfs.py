"""Pmfs as users write them: numbers separated by commas, or the name of a file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from modecollapse.files.readable import readable

if TYPE_CHECKING:
    from numpy.typing import NDArray

FILES = (".csv", ".npy", ".npz")
"""Endings that make a pmf a file."""


def numbers(option: str, text: str) -> list[float]:
    """'.2,.8' as [0.2, 0.8]."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"{option} takes numbers separated by commas, got {text!r}") from None


def pmf(option: str, text: str) -> list[float]:
    """A pmf: numbers separated by commas, or FILE or FILE:COLUMN of a CSV, NPY or NPZ file."""
    name, _, column = text.partition(":")
    ending = Path(name).suffix.lower()
    if ending not in FILES:
        return numbers(option, text)
    if ending == ".csv":
        return _from_csv(option, Path(name), column)
    array = _from_npy(option, name, column) if ending == ".npy" else _from_npz(option, name, column)
    if array.dtype.kind not in "biuf" or array.ndim != 1:
        raise ValueError(
            f"{option} takes a list of real numbers, got dtype {array.dtype}, shape {array.shape} in {text}"
        )
    values: list[float] = array.astype(float).tolist()
    return values


def _from_npy(option: str, name: str, column: str) -> NDArray[Any]:
    if column:
        raise ValueError(f"{option}: {name} holds one array, which has no name; leave out {column!r}")
    import numpy as np

    with readable(f"{option}: {name}", ".npy file"), open(name, "rb") as file:
        array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
    return array


def _from_npz(option: str, name: str, column: str) -> NDArray[Any]:
    import zipfile

    import numpy as np

    with readable(f"{option}: {name}", ".npz file"), zipfile.ZipFile(name) as archive:
        names = [entry.removesuffix(".npy") for entry in archive.namelist() if entry.endswith(".npy")]
        wanted = names[0] if not column and len(names) == 1 else column
        if wanted in names:
            with archive.open(f"{wanted}.npy") as file:
                array: NDArray[Any] = np.lib.format.read_array(file, allow_pickle=False)
            return array
    raise ValueError(f"{option} takes {name}:NAME with NAME one of {', '.join(names)}, got {column!r}")


def _from_csv(option: str, path: Path, column: str) -> list[float]:
    """A named column under a header; or all numbers of a file of one row or one column, header or none."""
    import csv

    with readable(f"{option}: {path}", ".csv file"), path.open(newline="", encoding="utf-8-sig") as file:
        rows = [[cell.strip() for cell in row] for row in csv.reader(file) if any(map(str.strip, row))]
    if not rows:
        raise ValueError(f"{option}: {path} is empty")
    header = rows[0] if not all(map(_is_number, rows[0])) else []
    body = rows[1:] if header else rows
    if column and column not in header:
        raise ValueError(f"{option}: {path} has no column {column!r}, its header is {', '.join(header)!r}")
    if column or len(header) == 1:
        at = header.index(column) if column else 0
        cells = [(number, row[at] if at < len(row) else "") for number, row in enumerate(body, 2)]
    elif not header and (len(body) == 1 or all(len(row) == 1 for row in body)):
        cells = [(number, cell) for number, row in enumerate(body, 1) for cell in row]
    else:
        raise ValueError(f"{option}: {path} has several columns; name one as {path}:COLUMN")
    for number, cell in cells:
        if not _is_number(cell):
            raise ValueError(f"{option}: row {number} of {path} holds {cell!r}, not a number")
    return [float(cell) for _, cell in cells]


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True
