"""Cells that are looked at: names and images of rows, from files, and what is printed of them."""

from __future__ import annotations

import argparse
import csv
from collections.abc import Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np

from modecollapse.arrays import BoolArray, IntArray
from modecollapse.files import images
from modecollapse.files.address import Side, Source, source
from modecollapse.files.samples import membership, texts
from modecollapse.layout import aligned
from modecollapse.pages.examples import Examples, Pair, examples
from modecollapse.samples import CellCounts, Diagnosis

PRINTED_CELLS, PRINTED_ROWS = 10, 3
"""Greatest number of cells of which rows are printed, and of rows of each sample."""

KINDS = ("real", "generated")


class Looks(NamedTuple):
    """Names and images of all rows, real ones first; no names are the numbers of the rows, counted from 0."""

    names: Pair | None
    images: Pair | None

    def examples(self, counts: CellCounts) -> dict[str, Examples]:
        """The rows nearest to each centre."""
        return examples(counts, names=self.names, images=self.images)


class Chosen(Sequence[Any]):
    """Some entries of a long sequence, which is not copied."""

    def __init__(self, entries: Sequence[Any], places: IntArray) -> None:
        self._entries, self._places = entries, places

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, place: Any) -> Any:
        return self._entries[self._places[place]]


def read(options: argparse.Namespace, real: Source, sizes: tuple[int, int]) -> Looks:
    """The files of names and of images, which must have an entry for each row.

    Where a column tells the rows of one file apart, so the names and images: one file has those of all.
    """
    own = membership(real.path, Side(options.by, True)) if options.by else None
    names, pictures = options.names, options.images
    named: list[Sequence[object]] | None = None
    if names is not None:
        named = [list(chain(*texts(source(name)))) for name in names]
    elif own is not None:
        named = [range(len(own))]
    return Looks(
        None if named is None else _pair("--names", named, own, sizes),
        None if pictures is None else _pair("--images", [images.read(name) for name in pictures], own, sizes),
    )


def _pair(option: str, values: Sequence[Any], own: BoolArray | None, sizes: tuple[int, int]) -> Pair:
    """What there is for the real rows, and for the generated ones."""
    expected = sizes if own is None else (sum(sizes),)
    files = "a file for REAL and one for GENERATED" if own is None else "one file for all rows"
    if len(values) != len(expected):
        raise ValueError(f"{option} takes {files}, got {len(values)} of them")
    for one, size in zip(values, expected, strict=True):
        if len(one) != size:
            raise ValueError(f"{option} must have one entry for each of the {size} rows, got {len(one)}")
    if own is None:
        return values[0], values[1]
    return Chosen(values[0], np.flatnonzero(own)), Chosen(values[0], np.flatnonzero(~own))


def write_rows(path: str, counts: CellCounts, names: Pair | None) -> None:
    """Write every row's cell as CSV, to the last digit."""
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("sample", "row", "cell", "distance", "counted"))
        for side, rows in enumerate((counts.real_rows, counts.generated_rows)):
            columns = zip(rows.cell.tolist(), rows.distance.tolist(), rows.is_counted.tolist(), strict=True)
            for row, (cell, distance, is_counted) in enumerate(columns):
                name = row if names is None else names[side][row]
                writer.writerow((KINDS[side], name, counts.names[cell], distance, int(is_counted)))


def plain(shown: dict[str, Examples]) -> dict[str, Any]:
    """The names of the rows, for JSON."""
    return {
        cell: {kind: [row.name for row in getattr(rows, kind)] for kind in KINDS}
        for cell, rows in shown.items()
    }


def text(diagnosis: Diagnosis, shown: dict[str, Examples]) -> str:
    """The rows nearest to the centres of the worst cells."""
    lines = [("cell", *KINDS)]
    for mode in diagnosis.modes[:PRINTED_CELLS]:
        real, generated = (
            ", ".join(row.name for row in rows[:PRINTED_ROWS]) or "none" for rows in shown[mode.name]
        )
        lines.append((mode.name, real, generated))
    return f"Rows nearest to the centres, nearest first\n{aligned(lines, left=3)}"
