"""The one way kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a kernel on its first call; cache the result where a cache can be written.

    Kernels are serial and release the GIL: callers thread. Numba looks for a stale cache in the file
    of the kernel alone, so kernels call only kernels of their own file.
    """
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy"}
    try:
        compiled = numba.njit(cache=True, **options)(function)
    except RuntimeError:  # "cannot cache function": neither the install nor a home can be written
        compiled = numba.njit(**options)(function)
    return cast(F, compiled)
