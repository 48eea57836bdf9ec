"""Data of the figures, computed once a run: by the first worker that needs them.

The others read them from a file.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from functools import wraps
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

figures = pytest.importorskip("figures")


@pytest.fixture(scope="session", autouse=True)
def computed_once(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Let every `compute()` of a figure answer from a file; `compute.__wrapped__()` computes anew."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of the run, which its workers share
    with pytest.MonkeyPatch.context() as patch:
        for name, module in figures.discover().items():
            patch.setattr(module, "compute", _kept(module.compute, folder / f"{name}.pickle"))
        yield


def _kept(compute: Callable[..., Any], path: Path) -> Callable[..., Any]:
    """The same function, its answer to a call without arguments kept in a file."""

    @wraps(compute)
    def read_or_compute(*sizes: int) -> Any:
        if sizes:
            return compute(*sizes)
        with FileLock(f"{path}.lock"):
            if not path.exists():
                path.write_bytes(pickle.dumps(compute()))
        return pickle.loads(path.read_bytes())

    return read_or_compute
