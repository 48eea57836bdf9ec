"""Named columns of equal length; the files they are kept in, and how they are shown."""

from __future__ import annotations

import csv
import io
import json
import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from modecollapse import extras, layout, notebook
from modecollapse.files.readable import readable
from modecollapse.tensors import as_array, unit_of_rounding

if TYPE_CHECKING:
    from pandas import DataFrame

Cell = bool | int | float | str | None
Row = dict[str, Cell]

DIGITS = 9
"""Significant digits of a float where a table is shown; in files and in JSON it has all."""

ROWS_SHOWN = 20
"""Rows that a notebook shows; of a longer table, the first ones."""


@dataclass(frozen=True, eq=False, repr=False)
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
    >>> table
    <Table of 2 rows: m, tv>
    >>> print(table.text())
    m      tv
    1    0.25
    2  0.4375
    """

    columns: Mapping[str, NDArray[Any]]

    def __post_init__(self) -> None:
        columns = {name: _widened(name, values) for name, values in self.columns.items()}
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

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, Cell]]) -> Table:
        """A table of at least one row; its columns are those of the first.

        Raises
        ------
        ValueError
            If there is no row, or a column mixes text and numbers, or floats and too large integers.
        KeyError
            If a row lacks a column; None is a cell that is missing.
        """
        if not rows:
            raise ValueError("a table is made of at least one row, got none")
        return cls({name: column(name, [row[name] for row in rows]) for name in rows[0]})

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

    def __repr__(self) -> str:
        return f"<Table of {len(self)} row{'s' * (len(self) != 1)}: {', '.join(self.columns)}>"

    def _repr_html_(self) -> str:
        """The first rows, for notebooks."""
        header, *rows = self._lines(DIGITS, ROWS_SHOWN)
        more = len(self) - len(rows)
        return notebook.table(rows, header) + (notebook.words(f"{more} more rows") if more else "")

    def _lines(self, digits: int, rows: int | None = None) -> list[tuple[str, ...]]:
        """The header and the rows, or the first of them, as text."""
        shown = ([_shown(value, digits) for value in c[:rows].tolist()] for c in self.columns.values())
        return [tuple(self.columns), *zip(*shown, strict=True)]

    def text(self, digits: int = DIGITS) -> str:
        """Columns aligned for a terminal, floats of so many significant digits."""
        return layout.aligned(self._lines(digits))

    def markdown(self, digits: int = DIGITS) -> str:
        """The table in Markdown, floats of so many significant digits."""
        header, *rows = self._lines(digits)
        return layout.markdown(header, rows)

    def to_latex(self, digits: int = DIGITS) -> str:
        r"""The table in LaTeX, floats of so many significant digits; it needs the package booktabs.

        Examples
        --------
        >>> print(Table({"m": [1, 2], "tv": [0.25, 1e-7]}).to_latex())
        \begin{tabular}{rr}
        \toprule
        m & tv \\
        \midrule
        1 & 0.25 \\
        2 & $1 \times 10^{-7}$ \\
        \bottomrule
        \end{tabular}
        """
        header, *rows = self._lines(digits)
        sides = ["l" if column.dtype.kind == "U" else "r" for column in self.columns.values()]
        return layout.latex(header, rows, sides)

    def json(self) -> str:
        """An object of lists; what is missing or infinite is null, for JSON knows neither."""
        return json.dumps({name: _finite(values) for name, values in self.to_dict().items()}, indent=2)

    def csv(self) -> str:
        """A header and a line a row; floats in full, so that they read back exactly; NaN is empty."""
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(zip(*map(_texts, self.columns.values()), strict=True))
        return file.getvalue()

    def rows(self) -> list[dict[str, Any]]:
        """The rows as mappings of column names to plain Python values."""
        columns = self.to_dict()
        return [dict(zip(columns, cells, strict=True)) for cells in zip(*columns.values(), strict=True)]

    def to_dict(self) -> dict[str, list[Any]]:
        """The columns as lists of plain Python values."""
        return {name: column.tolist() for name, column in self.columns.items()}

    def to_frame(self) -> DataFrame:
        """The table as a `pandas.DataFrame`.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        try:
            pandas = import_module("pandas")
        except ImportError as error:
            if not extras.is_about(error, "pandas"):
                raise
            raise extras.missing("Table.to_frame", "pandas", otherwise="take to_dict") from None
        return pandas.DataFrame(dict(self.columns))

    def to_csv(self, path: str | os.PathLike[str]) -> None:
        """Write `csv` to a file."""
        with open(path, "w", encoding="utf-8", newline="") as file:
            file.write(self.csv())

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


def _widened(name: str, values: object) -> NDArray[Any]:
    """A copy of a column; narrower floats become float64, as they are read back from a file."""
    array = np.array(as_array(name, values))
    return array.astype(np.float64) if unit_of_rounding(array.dtype) else array


def _equal(a: NDArray[Any], b: NDArray[Any]) -> bool:
    return a.dtype.kind == b.dtype.kind and np.array_equal(a, b, equal_nan=a.dtype.kind == "f")


def _texts(column: NDArray[Any]) -> list[str]:
    return ["" if value != value else str(value) for value in column.tolist()]


def _shown(value: bool | int | float | str, digits: int) -> str:
    if not isinstance(value, float):
        return str(value)
    return "" if math.isnan(value) else f"{value:.{digits}g}"


def _finite(values: list[Any]) -> list[Any]:
    return [None if isinstance(value, float) and not math.isfinite(value) else value for value in values]


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
    kept = zip(cells, array.tolist(), strict=True)
    if any(cell is not None and cell == cell and cell != value for cell, value in kept):
        raise ValueError(
            f"the column {name} mixes floats or missing cells with integers too large for a float"
        )
    return array
