"""The numbers of a figure as a table: the arrays and regions that its `compute` returns.

A field is named as one writes it in Python, such as ``collapse.lower`` or ``regions[1]``. Where all arrays
are lists of one length, a column is a field, and a row has what belongs together; a region is two columns,
the coordinates of its corners. Otherwise a row is one number, with its field and its place in it:

======== ================================================================================
field    name of the array or region
row      index along the first axis; of a region, the number of the corner
column   index along the second axis, ``eps`` or ``delta`` of a region, empty for a list
value    the number; empty where an array holds NaN
======== ================================================================================

Single numbers and tuples of them are parameters and are not in the table.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from modecollapse import Region
from modecollapse.table import Table

COORDINATES = ("eps", "delta")


class Field(NamedTuple):
    """An array of one or two axes, its name, and the names along the second axis."""

    name: str
    values: NDArray[Any]
    columns: tuple[str, ...]


def table(data: Any) -> Table:
    """The arrays and regions in nested tuples: a column a field where they are lists of one length, or long.

    Raises
    ------
    ValueError
        If there is none.
    """
    fields = list(_fields(data))
    if not fields:
        raise ValueError(f"a figure needs at least one array or region, got {data!r}")
    lists = len({len(field.values) for field in fields}) == 1 and not any(map(_is_map, fields))
    return _wide(fields) if lists else _long(fields)


def _fields(data: Any) -> Iterator[Field]:
    for name, value in leaves(data):
        if isinstance(value, Region):
            yield Field(name, value.vertices, COORDINATES)
        elif isinstance(value, np.ndarray) and value.ndim == 1:
            yield Field(name, value[:, None], ("",))
        elif isinstance(value, np.ndarray):
            yield Field(name, value, tuple(map(str, range(value.shape[1]))))


def _is_map(field: Field) -> bool:
    return field.columns not in (("",), COORDINATES)


def _wide(fields: list[Field]) -> Table:
    return Table(
        {
            f"{field.name}.{column}".rstrip("."): field.values[:, i]
            for field in fields
            for i, column in enumerate(field.columns)
        }
    )


def _long(fields: list[Field]) -> Table:
    def joined(parts: Iterator[Any]) -> NDArray[Any]:
        return np.concatenate(list(parts))

    return Table(
        {
            "field": joined(np.repeat(field.name, field.values.size) for field in fields),
            "row": joined(np.repeat(np.arange(len(f.values)), len(f.columns)) for f in fields),
            "column": joined(np.tile(np.array(f.columns), len(f.values)) for f in fields),
            "value": joined(field.values.astype(float).ravel() for field in fields),
        }
    )


def leaves(data: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every value in nested tuples, with the path to it as one writes it in Python."""
    if isinstance(data, tuple) and hasattr(data, "_fields"):
        derived = [name for name, member in vars(type(data)).items() if isinstance(member, property)]
        for name in (*data._fields, *derived):
            yield from leaves(getattr(data, name), f"{path}.{name}".lstrip("."))
    elif isinstance(data, tuple | list) and not is_numeric(data):
        for index, value in enumerate(data):
            yield from leaves(value, f"{path or 'data'}[{index}]")
    else:
        yield path or "data", data


def is_numeric(value: Any) -> bool:
    """Whether a value is a number, an array of numbers, or a list of them."""
    scalars = value if isinstance(value, tuple | list) else [value]
    return all(isinstance(v, int | float | np.number) for v in scalars) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "iuf"
    )
