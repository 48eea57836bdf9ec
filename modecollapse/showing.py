"""Curves as a short line and as a small page for notebooks: some entries, and a picture."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import notebook
from modecollapse.svg import curves_svg

ENTRIES_SHOWN = 9
"""Entries of a curve that a notebook shows, at most; they are evenly spread over it."""

Curve = tuple[ArrayLike, ArrayLike]
"""The two coordinates of a curve in the plane; the second is drawn along x."""


def line(kind: str, columns: Mapping[str, ArrayLike]) -> str:
    """The kind of a curve, the number of its entries and the range of each coordinate.

    Examples
    --------
    >>> line("Roc", {"height": np.array([0.0, 0.75, 1.0])})
    '<Roc of 3 entries: height from 0 to 1>'
    """
    arrays = {name: np.asarray(values) for name, values in columns.items()}
    size = next(array.size for array in arrays.values())
    ranges = [f"{name} from {x.min():.3g} to {x.max():.3g}" for name, x in arrays.items() if x.size]
    of = f"{kind} of {size} entr{'y' if size == 1 else 'ies'}"
    return f"<{': '.join([of, *([', '.join(ranges)] if ranges else [])])}>"


def by_entry(ends: Iterable[ArrayLike]) -> list[Curve]:
    """Curves of one coordinate in the plane, over the numbers of their entries; none of fewer than two.

    Examples
    --------
    >>> [(value, entry)] = by_entry([[0.5, 0.25]])
    >>> entry.tolist()
    [0, 1]
    """
    flat = [np.ravel(np.asarray(end)) for end in ends]
    return [(values, np.arange(values.size)) for values in flat if values.size > 1]


def page(columns: Mapping[str, ArrayLike], curves: Sequence[Curve] = (), names: Sequence[str] = ()) -> str:
    """Some entries of a curve as a table, with a picture beside it if it lies in the plane.

    Examples
    --------
    >>> page({"height": np.linspace(0, 1, 101)}).count("<tr>")
    10
    """
    arrays = [np.asarray(values).ravel() for values in columns.values()]
    size = arrays[0].size
    places = np.unique(np.linspace(0, size - 1, min(size, ENTRIES_SHOWN)).round().astype(np.int64))
    rows = [[str(place), *(f"{array[place]:.6g}" for array in arrays)] for place in places.tolist()]
    table = notebook.table(rows, ["entry", *columns])
    hidden = size - len(rows)
    more = notebook.words(f"{hidden} more entries between these") if hidden else ""
    planar = [np.column_stack([np.ravel(x), np.ravel(y)]) for y, x in curves]
    if not any(np.isfinite(points).all(axis=1).any() for points in planar):
        return table + more
    y_name, x_name = names
    return notebook.beside(f"<div>{table}{more}</div>", curves_svg(planar, x_name, y_name))
