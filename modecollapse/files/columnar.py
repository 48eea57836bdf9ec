"""Files of columns, Parquet and Arrow, batch by batch; they need pyarrow, in the extra ``frames``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from modecollapse import extras
from modecollapse.files.readable import readable

ENDINGS = (".parquet", ".arrow", ".feather")
"""Endings of the files that are read here."""


class Columns(NamedTuple):
    """The names of the columns of a file, and the rows in batches of an Arrow table."""

    names: list[str]
    batches: Iterator[Any]


def columns(path: Path, block: int) -> Columns:
    """Open a file; its batches have at most `block` entries where the file lets one choose."""
    kind = f"{path.suffix.lower()} file"
    if path.suffix.lower() == ".parquet":
        with readable(path, kind):
            file = _module("pyarrow.parquet").ParquetFile(path)
        names = list(file.schema_arrow.names)
        return Columns(names, file.iter_batches(batch_size=max(block // max(len(names), 1), 1)))
    arrow = _module("pyarrow")
    with readable(path, kind):
        file = arrow.ipc.open_file(arrow.memory_map(str(path)))
    return Columns(list(file.schema.names), map(file.get_batch, range(file.num_record_batches)))


def numbers(batch: Any, places: Sequence[int]) -> NDArray[Any] | None:
    """Some columns of a batch as an array, missing entries NaN; None if one is not of numbers."""
    chosen = [batch.column(place) for place in places]
    arrow = _module("pyarrow")
    plain = (arrow.types.is_integer, arrow.types.is_floating)
    if not all(any(check(column.type) for check in plain) for column in chosen):
        return None
    return np.column_stack([column.to_numpy(zero_copy_only=False) for column in chosen])


def cells(batch: Any) -> list[list[str]]:
    """The rows of a batch as text, missing entries empty."""
    listed = [
        ["" if entry is None else str(entry) for entry in column.to_pylist()] for column in batch.columns
    ]
    return [list(row) for row in zip(*listed, strict=True)]


def _module(name: str) -> Any:
    try:
        return import_module(name)
    except ImportError as error:
        if not extras.is_about(error, "pyarrow"):
            raise
        raise extras.missing("reading Parquet and Arrow files", "pyarrow", otherwise="write CSV") from None
