"""Compiled kernels on disk: the one file that knows the inside of numba.

Numba's own cache notices a change in a kernel's own file alone, shares its files between releases of numba,
and loads the whole compiler before it loads a kernel. This one

* goes stale with a change in any file of the package that holds kernels, so that a kernel may call those of
  other files;
* has files of its own for each release of numba and numpy. Numba itself parts them by Python and processor;
* takes a file that cannot be read or written for a kernel that is not there, so that the kernel is compiled.

Where the files go is numba's choice: `NUMBA_CACHE_DIR`, beside the kernel, or in the user's cache folder.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numba
import numpy as np
from numba.core.caching import FunctionCache, IndexDataCacheFile
from numba.core.runtime.nrt import rtsys

PACKAGE = Path(__file__).parents[1]

LAST_TRIED = (0, 68)
"""Up to this release of numba, cached kernels are known to load without the compiler."""


class KernelCache(FunctionCache):
    """The cache of one kernel.

    Raises
    ------
    RuntimeError
        If no folder for it can be written.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        super().__init__(function)
        self._cache_file = IndexDataCacheFile(
            cache_path=self.cache_path,
            filename_base=f"{self._impl.filename_base}.numba{numba.__version__}.numpy{np.__version__}",
            source_stamp=(self._impl.locator.get_source_stamp(), kernel_sources()),
        )

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """The compiled kernel for a signature; None if it has to be compiled.

        Numba prepares its compiler here, for .3 s of which half goes to scipy.linalg. Machine code needs
        only the runtime that counts references; what is then compiled nevertheless prepares the compiler.
        """
        try:
            if numba.version_info.short > LAST_TRIED:
                return super().load_overload(sig, target_context)
            rtsys.initialize(target_context)
            return self._load_overload(sig, target_context)
        except Exception:  # a damaged file may raise anything
            with suppress(OSError):
                self.flush()
            return None

    def save_overload(self, sig: Any, data: Any) -> None:
        """Keep a compiled kernel, unless the disk is full or the folder has gone."""
        with suppress(OSError):
            super().save_overload(sig, data)


@cache
def kernel_sources() -> str:
    """A digest of all files of the package that hold kernels, or the way they are compiled.

    Raises
    ------
    RuntimeError
        If there are none to read, as in an archive: then nothing tells that a cache is stale.
    """
    sources = (path.read_bytes() for path in sorted(PACKAGE.rglob("*.py")))
    kernels = b"".join(source for source in sources if b"@kernel" in source or b"def kernel(" in source)
    if not kernels:
        raise RuntimeError("the package has no source files")
    return sha256(kernels).hexdigest()
