"""A sweep of bands on one thread and on two: kernels release the GIL, so that two threads nearly double it.

Run with `python -m tests.benchmarks.threads [ROUNDS]` on a machine with two idle cores. One thread and two
take turns, and the best wall time of each counts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import numpy as np

import modecollapse as mc

TAUS = np.linspace(0.11, 0.122, 24)
M = 60


def middle(tau: float) -> float:
    """The upper end of Theorem 5's middle regime, by the search over slopes."""
    return mc.tv_band(tau, M, no_collapse=(0.05, 0.1), no_augmentation=(0.05, 0.1)).upper


def collapse(tau: float) -> float:
    """The lower end of Theorem 4, by the search over moving letters."""
    return mc.tv_band(tau, M, collapse=(0.02, 0.1)).lower


def seconds(function: Callable[[float], float], threads: int) -> float:
    """The wall time of the sweep."""
    start = time.perf_counter()
    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(function, TAUS))
    return time.perf_counter() - start


def main(rounds: int) -> None:
    """Print the wall times and their ratio."""
    for name, function in (("Theorem 5, middle", middle), ("Theorem 4", collapse)):
        seconds(function, 1)  # compiles
        best = np.min([[seconds(function, 1), seconds(function, 2)] for _ in range(rounds)], axis=0)
        print(f"{name}: {best[0]:.3f} s on one thread, {best[1]:.3f} s on two, {best[0] / best[1]:.2f} times")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
