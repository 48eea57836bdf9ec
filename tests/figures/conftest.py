"""Data of the figures, computed once a run: by the first worker that needs them.

The others read them from a file.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Iterator
from functools import partial, wraps
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

figures = pytest.importorskip("figures")

COARSE = {"errata_theorem4": (11, 5), "separation_map": (5,), "collapse_here_not_there": (9, 5)}
"""Columns and rows of the maps where slow tests are left out."""


@pytest.fixture(scope="session", autouse=True)
def computed_once(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[None]:
    """Let every `compute()` of a figure answer from a file; `compute.__wrapped__()` computes anew."""
    sizes = COARSE if pytestconfig.getoption("markexpr") == "not slow" else {}
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # that of the run, which its workers share
    with pytest.MonkeyPatch.context() as patch:
        for name, module in figures.discover().items():
            compute = partial(module.compute, *sizes.get(name, ()))
            patch.setattr(module, "compute", _kept(module.compute, compute, folder / f"{name}.pickle"))
        yield


def _kept(original: Callable[..., Any], compute: Callable[[], Any], path: Path) -> Callable[..., Any]:
    """The original function, but a call without arguments gets what `compute` gave, from a file."""

    @wraps(original)
    def read_or_compute(*sizes: int) -> Any:
        if sizes:
            return original(*sizes)
        with FileLock(f"{path}.lock"):
            if not path.exists():
                path.write_bytes(pickle.dumps(compute()))
        return pickle.loads(path.read_bytes())

    return read_or_compute
