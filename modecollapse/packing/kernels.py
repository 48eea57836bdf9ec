"""The one way kernels are compiled."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
from numba.core.cpu import CPUTargetOptions

F = TypeVar("F", bound=Callable[..., Any])


def kernel(function: F) -> F:
    """Compile a kernel on its first call; cache the result where a cache can be written.

    Kernels are serial and release the GIL: callers thread. They may call the kernels of any file.
    """
    return _compiled(function)


def kernel_in_place(function: F) -> F:
    """A kernel that works in the arrays that it is given, and counts no references to them.

    Counting takes more than half of the time of small kernels that hand many arrays to each other. Such a
    kernel makes no array, else numba refuses to compile it. It calls none that returns an array, which would
    never be freed.
    """
    return _compiled(function, counts_references=False)


def kernel_inlined(function: F) -> F:
    """A kernel of a few lines around another: it becomes part of its callers before they are compiled.

    This spares compiling it, and every caller a second copy of the one within.
    """
    return _compiled(function, inline="always")


def _compiled(function: F, counts_references: bool = True, **options: Any) -> F:
    if hasattr(CPUTargetOptions, "_nrt"):  # numba does not document it; if not set, it is that of the caller
        options["_nrt"] = counts_references
    # kernels are called from Python and by each other: the wrapper for callers in C is left out
    options |= {"nogil": True, "error_model": "numpy", "no_cfunc_wrapper": True}
    compiled: Any = numba.njit(**options)(function)
    if compiled is not function:  # NUMBA_DISABLE_JIT leaves it as it is
        _cache(compiled, function)
    return cast(F, compiled)


def _cache(compiled: Any, function: Callable[..., Any]) -> None:
    """Let a kernel be cached, if neither the folders nor the release of numba forbid it."""
    try:
        from modecollapse.packing.cache import KernelCache

        compiled._cache = KernelCache(function)
    except (AttributeError, ImportError, OSError, RuntimeError, TypeError):
        return  # without a place to write, or with a numba of other insides, each process compiles anew
