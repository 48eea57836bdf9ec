"""Named columns of equal length, and the files they are kept in."""

from __future__ import annotations

import csv
import math
import os
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modecollapse.files.readable import readable

Cell = bool | int | float | str | None
Row = dict[str, Cell]


@dataclass(frozen=True, eq=False)
class Table:
    """Named columns of equal length, read-only.

    Attributes
    ----------
    columns : mapping of str to ndarray, shape (n,)
        In order. Numbers are int64 or float64, truth values bool, text str.

    Notes
    -----
    A number that is missing is NaN (its column is float64) and a text that is missing is empty. A sweep
    refuses NaN as a parameter or result, so in its table NaN means just that: the parameter or result was
    None, or the column `status` says why the row has no results.

    Examples
    --------
    >>> table = Table({"m": [1, 2], "tv": [0.25, 0.4375]})
    >>> table["tv"].tolist(), len(table), list(table.columns)
    ([0.25, 0.4375], 2, ['m', 'tv'])
    """

    columns: Mapping[str, NDArray[Any]]

    def __post_init__(self) -> None:
        columns = {name: np.array(values) for name, values in self.columns.items()}
        shapes = {name: column.shape for name, column in columns.items()}
        strange = [name for name, column in columns.items() if column.dtype.kind not in "biufU"]
        if strange:
            raise ValueError(f"columns must hold numbers, truth values or text, got others in {strange}")
        if len(set(shapes.values())) != 1 or any(len(shape) != 1 for shape in shapes.values()):
            raise ValueError(f"the columns of a table must be one-dimensional, of one length, got {shapes}")
        for column in columns.values():
            column.flags.writeable = False
        object.__setattr__(self, "columns", MappingProxyType(columns))

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> Any:
        return Table, (dict(self.columns),)

    def __getitem__(self, name: str) -> NDArray[Any]:
        return self.columns[name]

    def __len__(self) -> int:
        return len(next(iter(self.columns.values())))

    def __eq__(self, other: object) -> bool:
        """The same columns in the same order, every cell equal to the last bit; NaN equals NaN."""
        if not isinstance(other, Table):
            return NotImplemented
        return list(self.columns) == list(other.columns) and all(
            _equal(column, other[name]) for name, column in self.columns.items()
        )

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write a header and a line a row; floats in full, so that they read back exactly; NaN is empty."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(self.columns)
            writer.writerows(zip(*map(_texts, self.columns.values()), strict=True))

    @classmethod
    def from_csv(cls, path: str | os.PathLike[str]) -> Table:
        """Read what `to_csv` wrote.

        A column whose cells all read as integers, as True or False, or as floats (or are empty) is one;
        any other is text. Every table of numbers reads back equal.

        Raises
        ------
        ValueError
            If the file has no header, or a line has another number of cells than it.
        """
        with readable(os.fspath(path), ".csv table"), open(path, encoding="utf-8", newline="") as file:
            lines = list(csv.reader(file))
        if not lines:
            raise ValueError(f"{os.fspath(path)} is empty: a table begins with the names of its columns")
        header, *rows = lines
        for number, row in enumerate(rows, start=2):
            if len(row) != len(header):
                raise ValueError(
                    f"row {number} of {os.fspath(path)} must have {len(header)} cells, got {len(row)}: {row}"
                )
        cells = zip(*rows, strict=True) if rows else [()] * len(header)
        return cls({name: _parsed(column) for name, column in zip(header, cells, strict=True)})

    def to_npz(self, path: str | os.PathLike[str]) -> None:
        """Write the columns as arrays of these names, for `numpy.load`."""
        arrays: dict[str, Any] = dict(self.columns)
        with open(path, "wb") as file:  # given a path, numpy would append .npz
            np.savez(file, **arrays)

    @classmethod
    def from_npz(cls, path: str | os.PathLike[str]) -> Table:
        """Read what `to_npz` wrote; an equal table."""
        # numpy would leave a file open that it cannot read
        with readable(os.fspath(path), ".npz table"), open(path, "rb") as opened, np.load(opened) as file:
            return cls(dict(file))


def _equal(a: NDArray[Any], b: NDArray[Any]) -> bool:
    return a.dtype.kind == b.dtype.kind and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _texts(column: NDArray[Any]) -> list[str]:
    return ["" if value != value else str(value) for value in column.tolist()]


def _parsed(cells: tuple[str, ...]) -> NDArray[Any]:
    if set(cells) <= {"True", "False"}:
        return np.array([cell == "True" for cell in cells])
    for number in (int, lambda cell: float(cell or "nan")):
        try:
            return np.array([number(cell) for cell in cells])
        except ValueError:
            continue
    return np.array(cells)


def column(name: str, cells: list[Cell]) -> NDArray[Any]:
    """Cells as an array; what is missing is an empty text among texts and NaN among numbers."""
    present = [cell for cell in cells if cell is not None]
    texts = [isinstance(cell, str) for cell in present]
    if any(texts):
        if not all(texts):
            raise ValueError(f"the column {name} must not mix text and numbers")
        return np.array(["" if cell is None else cell for cell in cells])
    array = np.array([math.nan if cell is None else cell for cell in cells])
    if any(cell is not None and cell != value for cell, value in zip(cells, array.tolist(), strict=True)):
        raise ValueError(
            f"the column {name} mixes floats or missing cells with integers too large for a float"
        )
    return array
