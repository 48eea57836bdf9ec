"""Checks at the public face: each returns the value in the form the kernels trust, or refuses it."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Hashable, Iterable, Mapping, Sequence
from decimal import Decimal
from numbers import Integral, Real
from reprlib import Repr
from types import UnionType
from typing import Any, get_args

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modecollapse import alignment
from modecollapse.arrays import FloatArray, IntArray, Masses
from modecollapse.suggestions import did_you_mean
from modecollapse.tensors import as_array, is_narrow_float, plain

MASS_TOLERANCE = 1e-9
"""The sum of a pmf may differ from 1 by this much; more is refused."""

COARSE_MASS_TOLERANCES = {"float32": 1e-5, "float16": 1e-2, "bfloat16": 3e-2}
"""The same for narrow floats, by name: 84 units of rounding of float32, 10 of float16 and 4 of bfloat16.

A softmax over k classes that adds one class after another loses some √k/2 units: 16 for a thousand classes.
Libraries add bfloat16 in float32 and round the sum and each quotient once, by half a unit each.
"""

SMALLEST_EPS = 1e-100
"""An ε below this is taken for 0: its products with other masses would underflow."""

LARGEST_DEGREE = 10**15
"""Packing degrees above this are refused: counts must be exact in double precision."""

LARGEST_COUNT = 2**53
"""Totals above this are refused: they must be exact in double precision."""

ROWS_QUOTED = 5
"""A message names at most this many offending rows, and counts the rest."""


def real_array(name: str, values: object) -> FloatArray:
    """Return `values` as float64, or refuse them by the first entry that is not a finite number."""
    array = as_array(name, values)
    try:
        exact = array.dtype.kind == "O" and all(isinstance(value, Real | Decimal) for value in array.flat)
        if not (exact or array.dtype.kind in "biuf" or is_narrow_float(array.dtype)):
            raise TypeError(f"dtype {array.dtype}")
        array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be real numbers, got {values!r} ({error})") from None
    bad = ~np.isfinite(array)
    if bad.any():
        raise ValueError(f"{name} must be finite, got {_first(array, bad)}")
    return array


def pmf(name: str, values: object) -> FloatArray:
    """A one-dimensional array of non-negative numbers whose sum is 1.

    The sum may be off by 1e-9, or by the rounding of a narrower float type (`COARSE_MASS_TOLERANCES`).
    """
    array = real_array(name, values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            f"{name} must be a non-empty one-dimensional list of probabilities, got shape {array.shape}"
        )
    if (array < 0).any():
        raise ValueError(f"{name} must not be negative, got {_first(array, array < 0)}")
    total = math.fsum(array.tolist())
    tolerance = MASS_TOLERANCE
    if abs(total - 1) > tolerance:
        tolerance = mass_tolerance(as_array(name, values).dtype)
    if abs(total - 1) > tolerance:
        raise ValueError(
            f"{name} must sum to 1 within {tolerance:g}, got the sum {total!r} "
            f"(off by {total - 1:.3g}); divide by the sum if these are counts"
        )
    return array


def mass_tolerance(dtype: np.dtype[Any]) -> float:
    """The distance from 1 that the sum of a pmf of this type may have."""
    return COARSE_MASS_TOLERANCES.get(dtype.name, MASS_TOLERANCE)


def pmfs(p: Masses, q: Masses) -> tuple[FloatArray, FloatArray]:
    """Two pmfs on the same letters: p in its order, and q in the order of p.

    A Series and a mapping are aligned by their labels; see `alignment.aligned`.
    """
    _, (first, second) = alignment.aligned(("p", "q"), (p, q))
    pair = pmf("p", first), pmf("q", second)
    same_length("p and q", *pair)
    return pair


def instance(name: str, value: object, kind: type | UnionType, remedy: str) -> None:
    """Refuse a value of another type; `remedy` says how one of the right type is made."""
    if not isinstance(value, kind):
        *others, last = (each.__name__ for each in (get_args(kind) or (kind,)))
        kinds = f"{', '.join(others)} or {last}" if others else last
        article = "an" if kinds[0] in "AEIOU" else "a"
        raise ValueError(f"{name} must be {article} {kinds}, got {quoted(value)}; {remedy}")


def quoted(value: object) -> str:
    """A value on one line, and shortened if it is long."""
    return " ".join(_QUOTE.repr(value).split())


_QUOTE = Repr()
_QUOTE.maxstring = _QUOTE.maxother = 60


def same_length(name: str, first: FloatArray | IntArray, second: FloatArray | IntArray) -> None:
    """Refuse two lists of different length."""
    if len(first) != len(second):
        raise ValueError(f"{name} must have the same length, got {len(first)} and {len(second)}")


def number(name: str, value: Any) -> float:
    """A single finite number. One of float32 or float16 is the decimal that it prints as.

    Examples
    --------
    >>> number("tau", np.float32(0.1))
    0.1
    """
    array = real_array(name, value)
    if array.ndim != 0:
        raise ValueError(f"{name} must be a single number, got shape {array.shape}")
    given = as_array(name, value)
    prints_shortest = given.dtype.kind == "f" and given.dtype.itemsize < array.dtype.itemsize
    return float(str(given)) if prints_shortest else float(array)


def positive(name: str, value: Any) -> float:
    """A single number above 0."""
    single = number(name, value)
    if not single > 0:
        raise ValueError(f"{name} must be positive, got {single!r}")
    return single


def probability(name: str, value: Any) -> float:
    """A single number in [0, 1]."""
    single = number(name, value)
    if not 0 <= single <= 1:
        raise ValueError(f"{name} must lie in [0, 1], got {single!r}")
    return single


def probabilities(name: str, values: object) -> FloatArray:
    """An array of any shape with entries in [0, 1]."""
    array = real_array(name, values)
    outside = ~((array >= 0) & (array <= 1))
    if outside.any():
        raise ValueError(f"{name} must lie in [0, 1], got {_first(array, outside)}")
    return array


def degrees(values: object) -> IntArray:
    """Packing degrees m: integers (or integral floats) from 1 to 1e15, in any shape."""
    array = real_array("m", values)
    if as_array("m", values).dtype.kind == "b":
        raise ValueError(f"m must be integers, got booleans {values!r}")
    if array.size == 0:
        raise ValueError("m must hold at least one packing degree, got an empty array")
    bad = (array < 1) | (array > LARGEST_DEGREE) | (array != np.floor(array))
    if bad.any():
        raise ValueError(f"m must be integers from 1 to {LARGEST_DEGREE:.0e}, got {_first(array, bad)}")
    return array.astype(np.int64)


def degree(value: Any) -> int:
    """A single packing degree."""
    if type(value) is int and 1 <= value <= LARGEST_DEGREE:
        return value  # what nearly all callers give needs no array
    array = degrees(value)
    if array.ndim != 0:
        raise ValueError(f"m must be a single integer here, got shape {array.shape}")
    return int(array)


def whole(name: str, value: Any, least: int) -> int:
    """A single integer (or integral float) that is not below `least`."""
    single = number(name, value)
    if single < least or single != math.floor(single):
        raise ValueError(f"{name} must be an integer ≥ {least}, got {value!r}")
    return int(single)


def one_of(name: str, value: object, choices: Collection[str]) -> str:
    """One of some words."""
    if isinstance(value, str) and value in choices:
        return value
    listed = ", ".join(map(repr, choices))
    raise ValueError(f"{name} must be one of {listed}, got {value!r}{did_you_mean(value, choices)}")


def collapse_point(name: str, point: Any) -> tuple[float, float]:
    """A pair (ε, δ) with 0 ≤ ε < δ ≤ 1; an ε below 1e-100 becomes 0."""
    try:
        eps, delta = point
    except (TypeError, ValueError):
        raise ValueError(f"{name} must be a pair (eps, delta), got {point!r}") from None
    eps, delta = probability("eps", eps), probability("delta", delta)
    if not eps < delta:
        raise ValueError(f"eps must be smaller than delta, got eps={eps!r}, delta={delta!r}")
    return eps if eps > SMALLEST_EPS else 0.0, delta


def _first(array: FloatArray, bad: NDArray[np.bool_]) -> str:
    """The first bad entry of an array and its index, in words."""
    where = tuple(int(i) for i in np.argwhere(bad)[0])
    value = repr(float(array[where])).removesuffix(".0")
    if not where:
        return value
    return f"{value} at index {where[0] if len(where) == 1 else where}"


# -- samples: what is refused is quoted by its row, counted from 0 -----------------------------------


def counts(name: str, values: object) -> IntArray:
    """A list of non-negative integers (or integral floats) with a sum from 1 to 2**53."""
    array = real_array(name, values)
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


def table(name: str, rows: object) -> FloatArray:
    """Points as rows, shape (n, d), n, d ≥ 1, all finite; a plain list of numbers is n points on a line."""
    if isinstance(rows, Sequence):
        _refuse_ragged(name, rows)
    try:
        array = _real(name, rows)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be rows of real numbers ({error})") from None
    if array.ndim not in (1, 2) or array.size == 0:
        remedy = f"; flatten each sample, as {name}.reshape(len({name}), -1)" if array.ndim > 2 else ""
        raise ValueError(f"{name} must be rows of at least one number, got shape {array.shape}{remedy}")
    if array.ndim == 1:
        array = array[:, np.newaxis]
    _refuse_rows(name, ~np.all(np.isfinite(array), axis=1), "hold NaN or infinite entries")
    return array


def tables(names: tuple[str, str], first: ArrayLike, second: ArrayLike) -> tuple[FloatArray, FloatArray]:
    """Two tables of points in one space: their columns are aligned by name where both have names."""
    points, others = table(names[0], first), table(names[1], alignment.in_columns_of(names, first, second))
    if points.shape[1] != others.shape[1]:
        raise ValueError(
            f"{names[0]} and {names[1]} must have rows of the same length, "
            f"got {points.shape[1]} and {others.shape[1]} columns"
        )
    return points, others


def scores(name: str, values: ArrayLike) -> FloatArray:
    """A non-empty list of numbers; infinite ones order as they should, NaN is refused."""
    alignment.refuse_table(name, values)
    try:
        array = _real(name, values)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be real numbers, one a sample ({error})") from None
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be a non-empty list of numbers, one a sample, got shape {array.shape}")
    _refuse_rows(name, np.isnan(array), "are NaN")
    return array


TALLIES = ("count", "proportion")
"""Names that pandas gives to the results of value_counts, whose values are no labels."""


TIMES = (np.datetime64, np.timedelta64)
"""Entries that are no labels, though numpy makes integers of them."""


def labels(name: str, values: ArrayLike | Sequence[object]) -> list[str]:
    """Labels as strings: 3, 3.0 and "3" are the same label."""
    alignment.refuse_table(name, values)
    called = getattr(values, "name", None)
    if called in TALLIES:
        raise ValueError(
            f"{name} must be labels, one a sample, got a Series named {called!r}, as value_counts makes; "
            "counts go to from_counts"
        )
    is_array = hasattr(values, "__array__") or hasattr(values, "__dlpack__")
    array = as_array(name, values) if is_array else np.array(values, dtype=object)
    if array.ndim != 1 or array.size == 0:
        got = f"shape {array.shape}" if array.ndim else quoted(values)
        remedy = "; counts go to from_counts" if isinstance(values, Mapping) else ""
        raise ValueError(f"{name} must be a non-empty list of labels, one a sample, got {got}{remedy}")
    # numpy lists times of some units as integers, and of others as times
    listed = list(array) if array.dtype.kind in "mM" else array.tolist()
    entries = [entry if isinstance(entry, TIMES) else plain(entry) for entry in listed]
    bad = np.array([not (isinstance(entry, str) or _is_integral(entry)) for entry in entries])
    if bad.any():
        first = quoted(entries[int(np.argmax(bad))])
        _refuse_rows(
            name,
            bad,
            "are neither strings nor integers",
            f", the first holds {first}; write labels as strings, and leave out rows without one",
        )
    return [entry if isinstance(entry, str) else str(int(entry)) for entry in entries]


def hashables(name: str, values: Any) -> list[Hashable]:
    """A list of values that can be hashed; rows become tuples."""
    alignment.refuse_table(name, values)  # going through a table of pandas names its columns
    entries = [_hashable(entry) for entry in values]
    for index, entry in enumerate(entries):
        try:
            hash(entry)
        except TypeError:
            raise ValueError(f"{name} must be values that can be hashed, got {entry!r} at {index}") from None
    return entries


def _hashable(entry: Any) -> Any:
    """A row as a tuple, and a number of another library as one of Python."""
    if isinstance(entry, list) or getattr(entry, "ndim", 0) > 0:
        return tuple(map(plain, entry))
    return entry if isinstance(entry, np.generic) else plain(entry)


def names(values: Iterable[object], expected: int) -> tuple[str, ...]:
    """The `expected` number of different names, as text that UTF-8 can hold."""
    texts = tuple(map(str, values))
    if len(texts) != expected:
        raise ValueError(f"names must name each of the {expected} modes, got {len(texts)} names")
    twice = [name for name, times in Counter(texts).items() if times > 1]
    if twice:
        raise ValueError(f"names must differ, got {twice[0]!r} more than once")
    for name in texts:
        try:
            name.encode()
        except UnicodeEncodeError:
            raise ValueError(f"names must be text that UTF-8 can hold, got {name!r}") from None
    return texts


def radius(value: Any) -> float:
    """A distance of 0 or more, infinite ones included."""
    distance = float(value) if isinstance(value, float | np.floating) else number("radius", value)
    if not distance >= 0:
        raise ValueError(f"radius must be at least 0, got {value!r}")
    return distance


def level(value: Any) -> float:
    """A confidence level strictly between 0 and 1."""
    share = probability("level", value)
    if not 0 < share < 1:
        raise ValueError(f"level must lie strictly between 0 and 1, got {share!r}")
    return share


def _real(name: str, values: object) -> FloatArray:
    array = as_array(name, values)
    # complex numbers and times would be taken, less what makes them so
    if not (array.dtype.kind in "biufO" or is_narrow_float(array.dtype)):
        raise TypeError(f"dtype {array.dtype}")
    return array.astype(np.float64, copy=False)


def _is_integral(entry: object) -> bool:
    if isinstance(entry, TIMES):
        return False
    if isinstance(entry, Integral):
        return True
    if isinstance(entry, Decimal):
        return entry.is_finite() and float(entry).is_integer()
    return isinstance(entry, Real) and math.isfinite(entry) and float(entry).is_integer()


def _refuse_ragged(name: str, rows: Sequence[Any]) -> None:
    lengths = [len(row) if isinstance(row, Sequence | np.ndarray) else 0 for row in rows]
    if not lengths:
        return
    usual = Counter(lengths).most_common(1)[0][0]
    _refuse_rows(
        name, np.array([n != usual for n in lengths]), f"do not have {usual} entries like the others"
    )


def _refuse_rows(name: str, bad: NDArray[np.bool_], what: str, remedy: str = "") -> None:
    if not bad.any():
        return
    rows = np.flatnonzero(bad)
    named = ", ".join(map(str, rows[:ROWS_QUOTED]))
    more = f" and {len(rows) - ROWS_QUOTED} more" if len(rows) > ROWS_QUOTED else ""
    word = "row" if len(rows) == 1 else "rows"
    raise ValueError(
        f"{name}: {len(rows)} of {len(bad)} rows {what}: {word} {named}{more} (counted from 0){remedy}"
    )
