"""Samples to look at: the rows nearest to the centre of each cell, by name and by picture."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from modecollapse.files import images as pictures
from modecollapse.samples.feature_cells import CellCounts

SHOWN = 6
"""Rows of each sample that are shown of a cell, by default."""

Pair = tuple[Sequence[object], Sequence[object]]
"""Something for each real row, and for each generated row."""


class Example(NamedTuple):
    """A row of a sample.

    Attributes
    ----------
    name : str
        Its name: by default its number, counted from 0.
    image : str
        A PNG as a data URI, or nothing.
    """

    name: str
    image: str


class Examples(NamedTuple):
    """The rows of a cell that are nearest to its centre, nearest first."""

    real: tuple[Example, ...]
    generated: tuple[Example, ...]


def examples(
    counts: CellCounts, *, names: Pair | None = None, images: Pair | None = None, number: int = SHOWN
) -> dict[str, Examples]:
    """The rows nearest to the centre of each cell, for `report.page` to show.

    Parameters
    ----------
    counts : CellCounts
        From `samples.from_features`.
    names : (sequence, sequence), optional
        A name for every real row, and for every generated row. Default: their numbers, counted from 0.
    images : (sequence, sequence), optional
        An image for every row: arrays of shape (h, w), (h, w, 3) or (h, w, 4), or paths of image files. An
        array of shape (n, h, w) is such a sequence. They are made small, which needs pillow.
    number : int, default 6
        The greatest number of rows of each sample.

    Returns
    -------
    dict of str to Examples
        By the names of the cells.

    Raises
    ------
    ImportError
        If pillow is missing where there are images.
    ValueError
        If there is not one name, or one image, for each row.

    Examples
    --------
    >>> import numpy as np
    >>> from modecollapse.samples import from_features
    >>> rows = np.repeat([0.0, 1.0], 40)
    >>> counts = from_features(rows, rows, cells=2, seed=0)
    >>> names = [f"photo {i}" for i in range(80)]
    >>> shown = examples(counts, names=(names, names), number=2)
    >>> sorted(len(one.real) for one in shown.values())
    [2, 2]
    """
    samples = counts.real_rows, counts.generated_rows
    sides = []
    for side, (kind, rows) in enumerate(zip(("real", "generated"), samples, strict=True)):
        size = len(rows.cell)
        name = _each(f"{kind} names", None if names is None else names[side], size, str, str)
        image = _each(f"{kind} images", None if images is None else images[side], size, _thumbnail, _nothing)
        sides.append(
            [
                tuple(Example(name(row), image(row)) for row in rows.nearest(cell, number).tolist())
                for cell in range(len(counts.names))
            ]
        )
    return {name: Examples(*both) for name, *both in zip(counts.names, *sides, strict=True)}


def _each(
    what: str,
    values: Sequence[object] | None,
    size: int,
    convert: Callable[[object], str],
    otherwise: Callable[[int], str],
) -> Callable[[int], str]:
    """A function that says something of a row."""
    if values is None:
        return otherwise
    if len(values) != size:
        raise ValueError(f"{what} must be one for each of the {size} rows, got {len(values)}")
    return lambda row: convert(values[row])


def _nothing(row: int) -> str:
    return ""


def _thumbnail(image: object) -> str:
    return pictures.thumbnail(Path(image) if isinstance(image, str | os.PathLike) else image)  # type: ignore[arg-type]
