"""Checks at the public face: each returns the value in the form the kernels trust, or refuses it."""

from __future__ import annotations

import math
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

MASS_TOLERANCE = 1e-9
"""How far the sum of a pmf may be from 1 before it is refused."""

SMALLEST_EPS = 1e-100
"""An ε below this is taken for 0: its products with other masses would underflow."""

LARGEST_DEGREE = 10**15
"""Packing degrees above this are refused: counts must be exact in double precision."""


def real_array(name: str, values: ArrayLike) -> FloatArray:
    """`values` as float64, or a ValueError that names the first entry that is not a finite number."""
    try:
        array = np.asarray(values)
        exact = array.dtype.kind == "O" and all(isinstance(value, Real) for value in array.flat)
        if not exact and array.dtype.kind not in "biuf":
            raise TypeError(f"dtype {array.dtype}")
        array = array.astype(np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"{name} must be real numbers, got {values!r} ({error})") from None
    bad = ~np.isfinite(array)
    if bad.any():
        raise ValueError(f"{name} must be finite, got {_first(array, bad)}")
    return array


def pmf(name: str, values: ArrayLike) -> FloatArray:
    """A one-dimensional array of non-negative numbers whose sum is 1 to within 1e-9."""
    array = real_array(name, values)
    if array.ndim != 1 or array.size == 0:
        raise ValueError(
            f"{name} must be a non-empty one-dimensional list of probabilities, got shape {array.shape}"
        )
    if (array < 0).any():
        raise ValueError(f"{name} must not be negative, got {_first(array, array < 0)}")
    total = math.fsum(array)
    if abs(total - 1) > MASS_TOLERANCE:
        raise ValueError(
            f"{name} must sum to 1 within {MASS_TOLERANCE:g}, got the sum {total!r} "
            f"(off by {total - 1:.3g}); divide by the sum if these are counts"
        )
    return array


def same_length(name: str, first: FloatArray, second: FloatArray) -> None:
    """Refuse two lists of different length."""
    if len(first) != len(second):
        raise ValueError(f"{name} must have the same length, got {len(first)} and {len(second)}")


def number(name: str, value: Any) -> float:
    """A single finite number."""
    array = real_array(name, value)
    if array.ndim != 0:
        raise ValueError(f"{name} must be a single number, got shape {array.shape}")
    return float(array)


def positive(name: str, value: Any) -> float:
    """A single number above 0."""
    found = number(name, value)
    if not found > 0:
        raise ValueError(f"{name} must be positive, got {found!r}")
    return found


def probability(name: str, value: Any) -> float:
    """A single number in [0, 1]."""
    found = number(name, value)
    if not 0 <= found <= 1:
        raise ValueError(f"{name} must lie in [0, 1], got {found!r}")
    return found


def probabilities(name: str, values: ArrayLike) -> FloatArray:
    """An array of any shape with entries in [0, 1]."""
    array = real_array(name, values)
    outside = ~((array >= 0) & (array <= 1))
    if outside.any():
        raise ValueError(f"{name} must lie in [0, 1], got {_first(array, outside)}")
    return array


def degrees(values: ArrayLike) -> IntArray:
    """Packing degrees m: integers (or integral floats) from 1 to 1e15, in any shape."""
    array = real_array("m", values)
    if np.asarray(values).dtype.kind == "b":
        raise ValueError(f"m must be integers, got booleans {values!r}")
    if array.size == 0:
        raise ValueError("m must hold at least one packing degree, got an empty array")
    bad = (array < 1) | (array > LARGEST_DEGREE) | (array != np.floor(array))
    if bad.any():
        raise ValueError(f"m must be integers from 1 to {LARGEST_DEGREE:.0e}, got {_first(array, bad)}")
    return array.astype(np.int64)


def degree(value: Any) -> int:
    """A single packing degree."""
    array = degrees(value)
    if array.ndim != 0:
        raise ValueError(f"m must be a single integer here, got shape {array.shape}")
    return int(array)


def whole(name: str, value: Any, least: int) -> int:
    """A single integer (or integral float), `least` at least."""
    found = number(name, value)
    if found < least or found != math.floor(found):
        raise ValueError(f"{name} must be an integer ≥ {least}, got {value!r}")
    return int(found)


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
    """The first bad entry of an array, and where it stands."""
    where = tuple(int(i) for i in np.argwhere(bad)[0])
    value = repr(float(array[where])).removesuffix(".0")
    if not where:
        return value
    return f"{value} at index {where[0] if len(where) == 1 else where}"
