"""Files of samples, read block by block, so that memory does not grow with the number of rows.

A bad row does not end the reading: all are counted, and the first few are quoted with their numbers in the
file, counted from 1 as an editor counts lines.
"""

from __future__ import annotations

import io
import zipfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain, islice
from pathlib import Path
from reprlib import repr as shortened
from tempfile import TemporaryDirectory
from typing import IO, Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from modecollapse import progress
from modecollapse.arrays import BoolArray, FloatArray
from modecollapse.files import columnar, delimited, standard_input
from modecollapse.files.address import NEITHER_SIDE, Maker, Side, Source, label, maker
from modecollapse.files.readable import readable
from modecollapse.tensors import unit_of_rounding

BLOCK = 2**18
"""Numbers or labels in memory at a time, at most."""

ROWS_QUOTED = 5
"""Bad rows that a message quotes, at most; it counts the others."""

EMPTY = "holds no label"
"""Fault of a row whose label is missing."""

NOT_UTF8 = "not UTF-8"
"""Fault of a label that was written in another encoding."""

WITH_COMMA = "a number with a comma"
"""Fault of a row in which a comma is meant for a decimal point, or marks thousands: nobody can tell."""

DECIMAL_POINTS = (
    "; write decimal points and no commas, as pandas.read_csv(FILE, sep=';', decimal=',').to_csv(FILE) does"
)
"""Remedy where a fault is `WITH_COMMA`."""

SEVERAL_MAKERS = "; for a column that names several generators there is `modecollapse compare --by`"
"""Remedy where all faults are `NEITHER_SIDE`."""

SHORTER_COLUMN = "; columns of different lengths need a file each, or become one column with another for --by"
"""Remedy where all faults are `EMPTY`: table programs fill up a shorter column with empty cells."""

KINDS = {"biuf": "real numbers", "biufU": "strings or integers"}
"""The kinds of entries that an array may have, by `numpy.dtype.kind`."""

Rows = list[list[str]] | NDArray[Any]
T = TypeVar("T")


class Block(NamedTuple):
    """Rows as they stand in the file.

    Attributes
    ----------
    rows
        Cells of a CSV file, however many a row has, or a two-dimensional array.
    numbers
        Their numbers in the file.
    position : int
        How many bytes have been read up to their end.
    width : int
        How many cells a row should have.
    columns : tuple of int or None
        Those that are meant; None if all are.
    side : Side, Maker or None
        Which rows of the file are meant, if not all are.
    place : int or None
        The column that tells them from the others.
    """

    rows: Rows
    numbers: list[int] | range
    position: int
    width: int
    columns: tuple[int, ...] | None = None
    side: Side | Maker | None = None
    place: int | None = None

    @property
    def is_single(self) -> bool:
        """Whether a row comes down to one cell."""
        return (self.width if self.columns is None else len(self.columns)) == 1

    def cells(self, start: int, stop: int) -> Rows:
        """The cells that are meant in some rows, a ValueError if a row has not as many as it should."""
        if not isinstance(self.rows, list):
            return self.rows[start:stop]
        rows = self.rows[start:stop]
        for row in rows:
            if len(row) != self.width:
                raise ValueError(f"has {len(row)} cell{'s' * (len(row) != 1)}, not {self.width}")
            if self.side is not None and self.place is not None:
                self.side.holds(row[self.place])  # else the entry is at fault
        return rows if self.columns is None else [[row[place] for place in self.columns] for row in rows]


def features(meant: Source, block: int = BLOCK) -> Iterator[NDArray[Any]]:
    """Blocks of rows of finite numbers, shape (n, d).

    They are float64, but keep float32 and float16: what was rounded is then known to have been.
    The first row of a CSV file is a header where none of its cells is a number.
    """
    return _converted(meant, _blocks(meant, "biuf", block), _finite_numbers)


def column(meant: Source) -> NDArray[Any]:
    """The finite numbers of a column, or of a file that is one row, shape (n,); their type as `features`."""
    blocks = list(_blocks(meant, "biuf", BLOCK))
    if not blocks[0].is_single and sum(len(read.rows) for read in blocks) > 1:
        raise _choose_a_column(meant, blocks[0].width)
    return np.concatenate([rows.ravel() for rows in _converted(meant, blocks, _finite_numbers)])


def scores(meant: Source, block: int = BLOCK) -> Iterator[FloatArray]:
    """Blocks of numbers, one a row, shape (n,); infinite ones order as they should, NaN is refused."""
    return _converted(meant, _single_column(meant, _blocks(meant, "biuf", block)), _one_number)


def labels(meant: Source, block: int = BLOCK) -> Iterator[Counter[str]]:
    """Blocks of labels, one a row, counted; 3 and 3.0 are the label "3" in an array and in a table.

    The first row of a CSV file is a label like the others, unless a column is named; see `first_label`.
    """
    return _converted(meant, _single_column(meant, _blocks(meant, "biufU", block)), _counted_labels)


def first_label(meant: Source) -> str | None:
    """The label of the first row where this row could be a header; None where it cannot."""
    if meant.name or meant.side or not meant.is_delimited:
        return None
    return next(iter(next(labels(meant, block=1))))


def texts(meant: Source) -> Iterator[list[str]]:
    """Blocks of labels, one a row, in their order: names of rows. They need not differ."""
    return _converted(meant, _single_column(meant, _blocks(meant, "biufU", BLOCK)), _labels)


def membership(path: Path, side: Side | Maker) -> BoolArray:
    """For every row of a file, whether it is one of those that are meant, shape (n,)."""
    blocks = _entries(Source(path, side.column), side.holds)
    return np.array([*chain.from_iterable(blocks)], dtype=np.bool_)


def makers(path: Path, column: str) -> list[str]:
    """Those that a column of a file names as the makers of its rows, in order, each once."""
    return list(dict.fromkeys(chain.from_iterable(_entries(Source(path, column), maker))))


def _entries(meant: Source, read: Callable[[str], T]) -> Iterator[list[T]]:
    """Blocks of the entries of a column, as they are read."""
    return _converted(
        meant,
        _single_column(meant, _blocks(meant, "biufU", BLOCK)),
        lambda rows: [read(str(row[0])) for row in rows],
    )


def array_of(meant: Source) -> NDArray[Any]:
    """A whole array of numbers: that of an NPY file stays on disk."""
    if meant.ending not in (".npy", ".npz"):
        raise ValueError(f"{meant} must be an .npy or .npz array")
    with _one_file(meant) as path:
        array = _mapped(meant, path)
        if array.dtype.kind not in "biuf":
            raise ValueError(f"{meant} must hold real numbers, got dtype {array.dtype}")
        return array if meant.ending == ".npy" else np.array(array)


# -- what rows must hold --------------------------------------------------------------------------------


def _converted(meant: Source, blocks: Iterable[Block], convert: Callable[[Rows], T]) -> Iterator[T]:
    """The blocks, converted; in the end a ValueError if any row could not be.

    Parameters
    ----------
    convert : callable
        Takes rows; raises a ValueError that says what is wrong with the first bad one.
    """
    quoted: list[str] = []
    bad = total = 0
    for block in blocks:
        total += len(block.rows)
        try:
            converted = convert(block.cells(0, len(block.rows)))
        except ValueError:
            for i, number in enumerate(block.numbers):
                try:
                    convert(block.cells(i, i + 1))
                except ValueError as error:
                    bad += 1
                    if bad <= ROWS_QUOTED:
                        quoted.append(f"row {number} {error}")
        else:
            yield converted
    if bad:
        more = f", and {bad - ROWS_QUOTED} more" if bad > ROWS_QUOTED else ""
        remedy = SHORTER_COLUMN if all(fault.endswith(EMPTY) for fault in quoted) else ""
        remedy = SEVERAL_MAKERS if all(fault.endswith(NEITHER_SIDE) for fault in quoted) else remedy
        remedy = DECIMAL_POINTS if any(fault.endswith(WITH_COMMA) for fault in quoted) else remedy
        remedy = delimited.IN_UTF8 if any(fault.endswith(NOT_UTF8) for fault in quoted) else remedy
        raise ValueError(
            f"{meant}: {bad} of {total} rows cannot be used: {', '.join(quoted)}{more} (rows counted from 1)"
            f"{remedy}"
        )


def _finite_numbers(rows: Rows) -> NDArray[Any]:
    is_narrow = isinstance(rows, np.ndarray) and unit_of_rounding(rows.dtype) > 0
    table = np.asarray(rows) if is_narrow else _numbers(rows)
    bad = ~np.isfinite(table)
    if bad.any():
        raise ValueError(f"holds {table[bad][0]}")
    return table


def _one_number(rows: Rows) -> FloatArray:
    values = _numbers(rows)[:, 0]
    if np.isnan(values).any():
        raise ValueError("holds nan")
    return values


def _numbers(rows: Rows) -> FloatArray:
    try:
        return np.asarray(rows, dtype=np.float64)
    except ValueError:
        cell = next(cell for row in rows for cell in row if not _is_number(cell))
        fault = WITH_COMMA if delimited.has_decimal_comma(cell) else "not a number"
        raise ValueError(f"holds {shortened(cell)}, {fault}") from None


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _counted_labels(rows: Rows) -> Counter[str]:
    if isinstance(rows, list):
        return Counter(_label(label(row[0])) for row in rows)
    counted: Counter[str] = Counter()
    for value, times in zip(*(part.tolist() for part in np.unique(rows, return_counts=True)), strict=True):
        counted[_label(value)] += times
    return counted


def _labels(rows: Rows) -> list[str]:
    if isinstance(rows, list):
        return [_label(label(row[0])) for row in rows]
    return [_label(value) for value in rows[:, 0].tolist()]


def _label(value: Any) -> str:
    if isinstance(value, str):
        return _readable_text(value)
    if not float(value).is_integer():
        raise ValueError(f"holds {value!r}, neither a string nor an integer")
    return str(int(value))


def _readable_text(value: str) -> str:
    if not value:
        raise ValueError(EMPTY)
    if not delimited.is_utf8(value):
        raise ValueError(f"holds {shortened(value)}, {NOT_UTF8}")
    return value


# -- blocks of files ------------------------------------------------------------------------------------


def _blocks(meant: Source, kinds: str, block: int) -> Iterator[Block]:
    """The rows of a file, some at a time.

    Parameters
    ----------
    kinds : str
        What an array may hold, as in `numpy.dtype.kind`.
    """
    with _one_file(meant) as path, progress.bar(path.stat().st_size, str(meant)) as show:
        if meant.is_delimited:
            blocks = _delimited_blocks(meant, path, block, may_be_text="U" in kinds)
        elif meant.ending in columnar.ENDINGS:
            blocks = _columnar_blocks(meant, block)
        else:
            blocks = _npy_blocks(meant, path, block, kinds)
        read = None
        for read in blocks:
            yield read
            show(read.position)
    if read is None:
        raise ValueError(f"{meant} holds no rows")


def _single_column(meant: Source, blocks: Iterable[Block]) -> Iterator[Block]:
    """The blocks, whose rows must come down to one column."""
    for read in blocks:
        if not read.is_single:
            raise _choose_a_column(meant, read.width)
        yield read


def _choose_a_column(meant: Source, width: int) -> ValueError:
    has_names = meant.is_delimited or meant.ending in columnar.ENDINGS
    advice = f"; name one, as {meant.file}:COLUMN" if has_names else ""
    return ValueError(f"{meant} has {width} columns where one is needed{advice}")


def _delimited_blocks(meant: Source, path: Path, block: int, may_be_text: bool) -> Iterator[Block]:
    """Rows of a table of text but for blank lines; its width is that of the first row."""
    if not delimited.is_text(path):
        raise ValueError(
            f"{meant} must be text in UTF-8, got a file with zero bytes, as UTF-16 has; save it in UTF-8"
        )
    # bytes that are no UTF-8 must not end the reading: they become text that no number and no label is
    with path.open("rb") as raw, _as_text(raw) as text:
        records = delimited.records(meant, meant.ending, text)
        first = next(records, None)
        if first is None:
            return
        header, width, side = first[1], len(first[1]), meant.side
        has_header = bool(meant.name or side) or not (may_be_text or any(map(_is_number, header)))
        columns, place = meant.columns(header), meant.place(side.column, header) if side else None
        records = records if has_header else chain([first], records)
        while chunk := list(islice(records, max(block // width, 1))):
            if side is not None and place is not None:
                chunk = [record for record in chunk if not _is_other(record[1], place, width, side)]
            if chunk:
                numbers, rows = map(list, zip(*chunk, strict=True))
                yield Block(rows, numbers, raw.tell(), width, columns, side, place)


def _is_other(row: list[str], place: int, width: int, side: Side | Maker) -> bool:
    """Whether a row is certainly none of those that are meant: a damaged one is for all to report."""
    try:
        return len(row) == width and not side.holds(row[place])
    except ValueError:
        return False


def _columnar_blocks(meant: Source, block: int) -> Iterator[Block]:
    """Rows of a Parquet or Arrow file, as numbers where all columns that are meant hold them."""
    names, batches = columnar.columns(meant.path, block)
    side, chosen = meant.side, meant.columns(names)
    place = meant.place(side.column, names) if side else None
    size, end = meant.path.stat().st_size, 0
    for batch in batches:
        start, end = end, end + batch.num_rows
        array = (
            columnar.numbers(batch, range(len(names)) if chosen is None else chosen) if side is None else None
        )
        if array is not None:
            yield Block(array, range(start + 1, end + 1), size, array.shape[1])
            continue
        lines = list(enumerate(columnar.cells(batch), start + 1))
        if side is not None and place is not None:
            lines = [line for line in lines if not _is_other(line[1], place, len(names), side)]
        if lines:
            numbers, rows = map(list, zip(*lines, strict=True))
            yield Block(rows, numbers, size, len(names), chosen, side, place)


def _as_text(raw: IO[bytes]) -> io.TextIOWrapper:
    return io.TextIOWrapper(raw, encoding="utf-8-sig", errors="surrogateescape", newline="")


def _npy_blocks(meant: Source, path: Path, block: int, kinds: str) -> Iterator[Block]:
    size, width = _shape(meant, path, kinds)
    step = max(block // width, 1)
    own = _own_rows(meant, size)
    for start in range(0, size, step):
        # opened anew, since what a map has shown counts as memory in use until it is closed
        rows = np.array(_mapped(meant, path)[start : start + step]).reshape(-1, width)
        stop = start + len(rows)
        numbers: range | list[int] = range(start + 1, stop + 1)
        if own is not None:
            rows, numbers = rows[own[start:stop]], (start + 1 + np.flatnonzero(own[start:stop])).tolist()
        if len(rows):
            yield Block(rows, numbers, path.stat().st_size * stop // size, width)


def _own_rows(meant: Source, size: int) -> BoolArray | None:
    """The rows that are meant; None if all are."""
    if meant.side is None:
        return None
    if meant.ending == ".npy":
        raise ValueError(f"{meant.path} holds one array, which has no {meant.side.column!r} beside it")
    own = membership(meant.path, meant.side)
    if len(own) != size:
        raise ValueError(
            f"{meant.path}: {meant.side.column} must have an entry for each of the {size} rows of "
            f"{meant.name}, got {len(own)}"
        )
    return own


def _shape(meant: Source, path: Path, kinds: str) -> tuple[int, int]:
    array = _mapped(meant, path)
    if array.dtype.kind not in kinds:
        raise ValueError(f"{meant} must hold {KINDS[kinds]}, got dtype {array.dtype}")
    if array.ndim not in (1, 2) or 0 in array.shape[1:]:
        raise ValueError(f"{meant} must be rows of at least one entry, got shape {array.shape}")
    return len(array), array.shape[1] if array.ndim == 2 else 1


def _mapped(meant: Source, path: Path) -> NDArray[Any]:
    with readable(meant, ".npy array"):
        array: NDArray[Any] = np.lib.format.open_memmap(path, mode="r")
    return array


@contextmanager
def _one_file(meant: Source) -> Iterator[Path]:
    """The file to be read: an array of an NPZ file is unpacked for a while, so that it can be mapped."""
    if meant.is_standard_input:
        yield standard_input.file()
        return
    ending = meant.ending
    if ending == ".json":
        raise ValueError(
            f"samples come as a .csv, .tsv, .npy, .npz, .parquet or .arrow file, got {meant.path}"
        )
    if ending == ".npy" and meant.name:
        raise ValueError(f"{meant.path} holds one array, which has no name; leave out {meant.name!r}")
    if ending != ".npz":
        yield meant.path
        return
    with TemporaryDirectory() as folder:
        with readable(meant.path, ".npz file"), zipfile.ZipFile(meant.path) as archive:
            names = [name.removesuffix(".npy") for name in archive.namelist() if name.endswith(".npy")]
        wanted = meant.array(names)
        with readable(meant.path, ".npz file"), zipfile.ZipFile(meant.path) as archive:
            member = archive.extract(f"{wanted}.npy", folder)
        yield Path(member)
