"""The labels of users' data: what is read letter by letter, or row by row, must agree in them.

A `pandas.Series`, a mapping and a table with named columns know which number belongs to which letter. Lists
and arrays do not: their letters are their places. Nothing here imports pandas; whatever has an ``index`` or
``columns`` that is no method counts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from modecollapse.tensors import as_array

Labels = tuple[Hashable, ...]

LABELS_QUOTED = 5
"""Labels that a message quotes, at most; it counts the others."""


def letters(values: object) -> Labels | None:
    """The labels of the letters of a pmf, of counts, or of many pmfs along the last axis; None for places.

    3, 3.0 and "3" are the same label. All labels that are NaN are one.

    Examples
    --------
    >>> letters({"cat": 0.5, 3: 0.5}), letters([0.5, 0.5])
    (('cat', '3'), None)
    """
    if isinstance(values, Mapping):
        return _labels(values)
    names = columns(values)
    return names if names is not None else index(values)


def columns(values: object) -> Labels | None:
    """The names of the columns of a table of pandas, polars or Arrow; None where it has none.

    Examples
    --------
    >>> columns([[1, 2], [3, 4]]) is None
    True
    """
    names = getattr(values, "column_names", getattr(values, "columns", None))
    return None if names is None or callable(names) else _labels(names)


def index(values: object) -> Labels | None:
    """The labels of the rows of a Series or of a table of pandas; None where they have none.

    Examples
    --------
    >>> index([1, 2]) is None
    True
    """
    if type(values) in (list, tuple, np.ndarray):
        return None
    names = getattr(values, "index", None)
    return None if names is None or callable(names) else _labels(names)


def refuse_table(name: str, values: object) -> None:
    """Refuse a table where one list is meant, be it of one column.

    Examples
    --------
    >>> refuse_table("p", [0.5, 0.5])
    """
    own = columns(values)
    if own is not None:
        advice = f"; take a column, as in {name}[{own[0]!r}]" if own else ""
        raise ValueError(f"{name} must be one list, got a table with the columns {_quoted(own)}{advice}")


def aligned(names: Sequence[str], values: Sequence[object]) -> tuple[Labels | None, list[object]]:
    """Lists about the same letters, brought into the order of the first; a table is refused.

    See `aligned_tables`.

    Examples
    --------
    >>> order, (p, q) = aligned(("p", "q"), ({"a": 0.2, "b": 0.8}, {"b": 0.5, "a": 0.5}))
    >>> order, q.tolist()
    (('a', 'b'), [0.5, 0.5])
    """
    for name, each in zip(names, values, strict=True):
        refuse_table(name, each)
    return aligned_tables(names, values)


def aligned_tables(names: Sequence[str], values: Sequence[object]) -> tuple[Labels | None, list[object]]:
    """Lists about the same letters, or tables with a column a letter, brought into the order of the first.

    Parameters
    ----------
    names : sequence of str
        What each list is called in a message.
    values : sequence
        Pmfs or counts, or many of them along the last axis.

    Returns
    -------
    labels : tuple or None
        The letters in order; None where all lists are without labels.
    values : list
        A letter that only other lists have gets 0. This is what `value_counts` means by leaving it out.

    Raises
    ------
    ValueError
        If a label repeats, if no letter is in all lists, or if some lists have labels and others have none.

    Examples
    --------
    >>> aligned_tables(("p", "q"), ({"a": 0.2, "b": 0.8}, [0.5, 0.5]))
    Traceback (most recent call last):
        ...
    ValueError: p has labels ('a', 'b'), but q has none; give both with labels, or both without
    """
    labels = [letters(each) for each in values]
    known = [each for each in labels if each is not None]
    if not known or (len(known) < len(labels) and all(map(_are_places, known)) and not _has_mapping(values)):
        return None, list(values)
    for name, own in zip(names, labels, strict=True):
        if own is None:
            labelled = next(i for i, each in enumerate(labels) if each is not None)
            raise ValueError(
                f"{names[labelled]} has labels {_quoted(known[0])}, but {name} has none; "
                "give both with labels, or both without"
            )
        _refuse_repeated(name, own)
    if all(own == known[0] for own in known):
        return known[0], [_plain(name, each) for name, each in zip(names, values, strict=True)]
    order = tuple(dict.fromkeys(label for own in known for label in own))
    if not set(known[0]).intersection(*known[1:]):
        raise ValueError(
            f"{_and(names)} have no label in common: "
            f"{' and '.join(_quoted(own) for own in known)}; the labels must be of the same letters"
        )
    place = {label: i for i, label in enumerate(order)}
    spread = []
    for name, each, own in zip(names, values, known, strict=True):
        array = _plain(name, each)
        wide = np.zeros((*array.shape[:-1], len(order)), dtype=array.dtype)
        wide[..., [place[label] for label in own]] = array
        spread.append(wide)
    return order, list(spread)


def same_rows(names: Sequence[str], values: Sequence[object]) -> None:
    """Refuse lists that are read row by row, if the labels of their rows differ.

    Examples
    --------
    >>> same_rows(("alpha", "beta"), ([0, 1], [1, 0]))
    """
    labels = [(name, index(each)) for name, each in zip(names, values, strict=True)]
    known = [(name, own) for name, own in labels if own is not None]
    for name, own in known[1:]:
        first_name, first = known[0]
        if len(own) == len(first) and own != first:
            where = next(i for i, (one, other) in enumerate(zip(first, own, strict=True)) if one != other)
            raise ValueError(
                f"{first_name} and {name} must have the same labels in the same order, "
                f"got {first[where]!r} and {own[where]!r} at place {where}; "
                "bring them into one order, or drop the labels with .to_numpy()"
            )


def in_columns_of(names: tuple[str, str], first: object, second: object) -> object:
    """The second table, its columns in the order of the first.

    Raises
    ------
    ValueError
        If both tables name their columns, and the names differ.

    Examples
    --------
    >>> in_columns_of(("real", "generated"), [[1, 2]], [[3, 4]])
    [[3, 4]]
    """
    wanted, own = columns(first), columns(second)
    if wanted is None or own is None or wanted == own or _are_places(wanted) or _are_places(own):
        return second
    for name, each in zip(names, (wanted, own), strict=True):
        _refuse_repeated(name, each)
    if set(wanted) != set(own):
        raise ValueError(
            f"{_and(names)} must have the same columns, got {_quoted(wanted)} and {_quoted(own)}"
        )
    return as_array(names[1], second)[:, [own.index(label) for label in wanted]]


def in_named_columns(name: str, table: object, *known: tuple[str, ...]) -> object:
    """A table whose columns mean something, in the order of one of the known lists of names.

    Raises
    ------
    ValueError
        If the table names its columns, and not by any of these lists.

    Examples
    --------
    >>> in_named_columns("vertices", [[0, 1]], ("eps", "delta"))
    [[0, 1]]
    """
    own = columns(table)
    if own is None or own in known or _are_places(own):
        return table
    wanted = next((names for names in known if sorted(map(str, own)) == sorted(names)), None)
    if wanted is None:
        raise ValueError(
            f"{name} must have columns named {' or '.join(map(_quoted, known))}, got {_quoted(own)}; "
            "name them so, or drop the names with .to_numpy()"
        )
    return as_array(name, table)[:, [own.index(label) for label in wanted]]


def _labels(values: Iterable[Any]) -> Labels:
    return tuple(_label(value) for value in values)


def _label(value: Any) -> Hashable:
    if isinstance(value, bool) or not isinstance(value, Real):
        return cast(Hashable, value)
    if isinstance(value, Integral):
        return str(int(value))
    number = float(value)
    if math.isnan(number):  # it is not equal to itself, and would be another letter each time
        return "nan"
    return str(int(number)) if number.is_integer() else number


def _are_places(labels: Labels) -> bool:
    """Whether labels are 0, 1, 2, …, which pandas gives where the user gave none."""
    return all(label == str(place) for place, label in enumerate(labels))


def _has_mapping(values: Iterable[object]) -> bool:
    return any(isinstance(each, Mapping) for each in values)


def _plain(name: str, values: object) -> NDArray[Any]:
    """The numbers behind the labels, the letters along the last axis."""
    if not isinstance(values, Mapping):
        return as_array(name, values)
    array = as_array(name, list(values.values()))
    if array.ndim > 1:
        raise ValueError(f"{name} must have one number a label, got shape {array.shape[1:]}")
    return array


def _refuse_repeated(name: str, labels: Labels) -> None:
    label, times = Counter(labels).most_common(1)[0] if labels else ("", 0)
    if times > 1:
        raise ValueError(f"{name} must have each label once, got {label!r} {times} times")


def _quoted(labels: Labels) -> str:
    shown = ", ".join(map(repr, labels[:LABELS_QUOTED]))
    more = f" and {len(labels) - LABELS_QUOTED} more" if len(labels) > LABELS_QUOTED else ""
    return f"({shown}{more})"


def _and(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} and {last}"
