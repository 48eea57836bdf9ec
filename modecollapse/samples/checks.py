"""Checks of samples at the public face: what is refused is quoted by its row, counted from 0."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modecollapse import validation
from modecollapse.validation import FloatArray, IntArray

LARGEST_COUNT = 2**53
"""Totals above this are refused: they must be exact in double precision."""

ROWS_QUOTED = 5
"""So many offending rows are named; of the rest, how many there are."""


def counts(name: str, values: ArrayLike) -> IntArray:
    """A list of non-negative integers (or integral floats) with a sum from 1 to 2**53."""
    array = validation.real_array(name, values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be a non-empty list of counts, got shape {array.shape}")
    bad = (array < 0) | (array != np.floor(array))
    if bad.any():
        where = int(np.argmax(bad))
        raise ValueError(
            f"{name} must be non-negative integers, got {float(array[where])!r} at index {where}"
        )
    total = sum(int(count) for count in array.tolist())
    if not 1 <= total <= LARGEST_COUNT:
        raise ValueError(f"{name} must count from 1 to 2**53 samples, got the sum {total}")
    return array.astype(np.int64)


def table(name: str, rows: ArrayLike) -> FloatArray:
    """Points as rows, shape (n, d), n, d ≥ 1, all finite; a plain list of numbers is n points on a line."""
    if isinstance(rows, Sequence):
        _refuse_ragged(name, rows)
    try:
        array = _real(rows)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be rows of real numbers ({error})") from None
    if array.ndim == 1:
        array = array[:, np.newaxis]
    if array.ndim != 2 or array.size == 0:
        raise ValueError(f"{name} must be rows of at least one number, got shape {np.shape(rows)}")
    _refuse_rows(name, ~np.all(np.isfinite(array), axis=1), "hold NaN or infinite entries")
    return array


def same_width(name: str, first: FloatArray, second: FloatArray) -> None:
    """Refuse two tables whose rows have different lengths."""
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"{name} must have rows of the same length, got {first.shape[1]} and {second.shape[1]} columns"
        )


def scores(name: str, values: ArrayLike) -> FloatArray:
    """A non-empty list of numbers; infinite ones order as they should, NaN is refused."""
    try:
        array = _real(values)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be real numbers, one a sample ({error})") from None
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be a non-empty list of numbers, one a sample, got shape {array.shape}")
    _refuse_rows(name, np.isnan(array), "are NaN")
    return array


def labels(name: str, values: ArrayLike | Sequence[object]) -> list[str]:
    """Labels as strings: 3, 3.0 and "3" are the same label."""
    array = values if isinstance(values, np.ndarray) else np.array(values, dtype=object)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be a non-empty list of labels, one a sample, got shape {array.shape}")
    entries = array.tolist()
    bad = [not (isinstance(entry, str) or _is_integral(entry)) for entry in entries]
    _refuse_rows(name, np.array(bad), "are neither strings nor integers")
    return [entry if isinstance(entry, str) else str(int(entry)) for entry in entries]


def names(values: Iterable[object], expected: int) -> tuple[str, ...]:
    """So many different names, as text that UTF-8 can hold."""
    found = tuple(map(str, values))
    if len(found) != expected:
        raise ValueError(f"names must name each of the {expected} modes, got {len(found)} names")
    twice = [name for name, times in Counter(found).items() if times > 1]
    if twice:
        raise ValueError(f"names must differ, got {twice[0]!r} more than once")
    for name in found:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise ValueError(f"names must be text that UTF-8 can hold, got {name!r}") from None
    return found


def radius(value: Any) -> float:
    """A distance of 0 or more, infinite ones included."""
    found = float(value) if isinstance(value, float | np.floating) else validation.number("radius", value)
    if not found >= 0:
        raise ValueError(f"radius must be at least 0, got {value!r}")
    return found


def level(value: Any) -> float:
    """A confidence level strictly between 0 and 1."""
    number = validation.probability("level", value)
    if not 0 < number < 1:
        raise ValueError(f"level must lie strictly between 0 and 1, got {number!r}")
    return number


def _real(values: ArrayLike) -> FloatArray:
    array = np.asarray(values)
    if array.dtype.kind not in "biufO":  # complex numbers and times would be taken, less what makes them so
        raise TypeError(f"dtype {array.dtype}")
    return array.astype(np.float64, copy=False)


def _is_integral(entry: object) -> bool:
    if isinstance(entry, Integral):
        return True
    return isinstance(entry, Real) and math.isfinite(entry) and float(entry).is_integer()


def _refuse_ragged(name: str, rows: Sequence[Any]) -> None:
    lengths = [len(row) if isinstance(row, Sequence | np.ndarray) else 0 for row in rows]
    if not lengths:
        return
    usual = Counter(lengths).most_common(1)[0][0]
    _refuse_rows(
        name, np.array([n != usual for n in lengths]), f"do not have {usual} entries like the others"
    )


def _refuse_rows(name: str, bad: NDArray[np.bool_], what: str) -> None:
    if not bad.any():
        return
    rows = np.flatnonzero(bad)
    named = ", ".join(map(str, rows[:ROWS_QUOTED]))
    more = f" and {len(rows) - ROWS_QUOTED} more" if len(rows) > ROWS_QUOTED else ""
    raise ValueError(f"{name}: {len(rows)} of {len(bad)} rows {what}: rows {named}{more} (counted from 0)")
