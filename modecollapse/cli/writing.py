"""Answers on the terminal: a table, JSON or CSV; and as a picture."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from modecollapse import extras

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Columns = dict[str, list[Any]]


def write_json(columns: Columns) -> None:
    """An object of lists; what is infinite becomes null, for JSON has no infinities."""
    finite = {
        name: [value if np.isfinite(value) else None for value in values] for name, values in columns.items()
    }
    print(json.dumps(finite, indent=2))


def write_csv(columns: Columns) -> None:
    """A header and rows, every digit kept."""
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))


def write_table(columns: Columns) -> None:
    """Aligned columns of nine digits."""
    rows = [list(columns), *([_cell(v) for v in row] for row in zip(*columns.values(), strict=True))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.9g}"


def plot(draw: Callable[[Axes], object], path: str) -> None:
    """Draw on an Axes and save it; the format is the path's ending."""
    try:
        from matplotlib.figure import Figure
    except ImportError:
        raise extras.missing("--plot", "matplotlib") from None
    figure = Figure(figsize=(5.0, 4.0), layout="constrained")
    draw(figure.subplots())
    figure.savefig(path)
