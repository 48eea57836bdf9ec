"""Arrays of any library as arrays of numpy: by their own `__array__`, or by DLPack."""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import Repr
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray


def as_array(name: str, values: object) -> NDArray[Any]:
    """The values as an array of numpy, in the type in which they are given.

    Parameters
    ----------
    name : str
        What the values are called in a message.
    values : object
        A list, an array of numpy, or one of PyTorch, JAX, Arrow, CuPy, … Objects without ``__array__`` are
        read by ``__dlpack__``.

    Raises
    ------
    ValueError
        If the library does not hand its array over: it is on another device, say, or has a gradient. If
        entries are masked: numpy would hand over what lies beneath the mask.

    Examples
    --------
    >>> as_array("p", [0.5, 0.5])
    array([0.5, 0.5])
    """
    if isinstance(values, np.ma.MaskedArray) and np.ma.is_masked(values):
        masked = np.ma.getmaskarray(values)
        raise ValueError(
            f"{name} must have no masked entries, got {int(masked.sum())} of {masked.size}; "
            "leave them out with .compressed(), or fill them with .filled(value)"
        )
    by_dlpack = hasattr(values, "__dlpack__") and not hasattr(values, "__array__")
    try:
        array = np.from_dlpack(values) if by_dlpack else _from_list(values)  # type: ignore[arg-type]
    except (OverflowError, TypeError, ValueError, RuntimeError, BufferError, AttributeError) as error:
        if not (by_dlpack or hasattr(values, "__array__")):
            raise ValueError(f"{name} must be real numbers, got {values!r} ({error})") from None
        raise ValueError(
            f"{name} must be numbers that numpy can read, got a {type(values).__name__} that refuses: "
            f"{_first_sentence(error)}; give a copy in main memory without a gradient, for a tensor of "
            f"PyTorch {name}.detach().cpu().float()"
        ) from None
    return array


def plain(value: Any) -> Any:
    """A single number of another library as one of Python, and everything else as it is.

    Arrays of JAX and PyTorch, taken apart entry by entry, are still arrays, though of no dimension.

    Examples
    --------
    >>> plain(np.array(3)), plain("3"), plain([3])
    (3, '3', [3])
    """
    if type(value) in (str, int, float) or getattr(value, "ndim", None) != 0:
        return value
    array = as_array("an entry", value)
    return float(array) if is_narrow_float(array.dtype) else array.item()


def _from_list(values: object) -> NDArray[Any]:
    """A list, or whatever has an `__array__`; its entries may be single numbers of another library."""
    try:
        array = np.asarray(values)
    except TypeError:  # numpy does not read entries of bfloat16
        if not _has_foreign(values):
            raise
    else:
        if array.dtype.kind != "O" or not _has_foreign(values):
            return array
    return np.asarray([as_array("an entry", value) for value in cast(Sequence[object], values)])


def _has_foreign(values: object) -> bool:
    """Whether a list has an entry, at any depth, that another library must hand over."""
    return isinstance(values, list | tuple) and any(
        hasattr(value, "__array__") or hasattr(value, "__dlpack__") or _has_foreign(value) for value in values
    )


def is_narrow_float(dtype: np.dtype[Any]) -> bool:
    """Whether a type is a float that another package adds to numpy, such as the bfloat16 of JAX."""
    return dtype.kind == "V" and np.can_cast(dtype, np.float64)


def unit_of_rounding(dtype: np.dtype[Any]) -> float:
    """The greatest relative error of rounding to a type of floats; 0 for float64, and for what is no float.

    Numbers of float64 are taken for what they are.

    Examples
    --------
    >>> unit_of_rounding(np.dtype(np.float32)) == 2**-24, unit_of_rounding(np.dtype(np.float64))
    (True, 0.0)
    """
    if not (is_narrow_float(dtype) or (dtype.kind == "f" and dtype.itemsize < 8)):
        return 0.0
    # the greatest power of ½ that is lost when it is added to 1: half a unit in the last place
    powers = np.exp2(-np.arange(1.0, 54.0))
    is_lost = (1 + powers).astype(dtype).astype(np.float64) == 1
    return float(powers[is_lost].max())


_QUOTE = Repr()
_QUOTE.maxother = _QUOTE.maxstring = 200


def _first_sentence(error: Exception) -> str:
    """The first line of a message, without its full stop: the rest is advice for another library's users."""
    lines = str(error).strip().splitlines() or [type(error).__name__]
    return _QUOTE.repr1(lines[0].split(". ")[0].rstrip("."), 1).strip("'\"")
