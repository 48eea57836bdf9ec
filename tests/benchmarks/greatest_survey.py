"""Upper ends of Theorem 5's middle regime at random parameters: how many fail, and the slowest.

Run with `python -m tests.benchmarks.greatest_survey [CALLS] [SEED]`. Width d, u and τ are log-uniform from
.003 on, m from 2 to 100, the divergences take turns, and the gaps are the default ones. The times are of the
CPU.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator

import numpy as np

from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import regimes
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.greatest.slopes import GreatestRegions
from modecollapse.theorems.greatest.supremum import supremum

GAPS = {"tv": 1e-8, "js": 1e-5, "hellinger": 1e-5}
LEAST = 0.003
MOST_SAMPLES = 100


def cases(rng: np.random.Generator) -> Iterator[tuple[PairClass, int]]:
    """Random classes of Theorem 5 whose members touch ℓ between the forbidden points, and degrees."""
    while True:
        u, d, tau = (float(f"{np.exp(rng.uniform(np.log(LEAST), 0)):.4g}") for _ in range(3))
        m = int(np.exp(rng.uniform(np.log(2), np.log(MOST_SAMPLES + 1))))
        point = (u, float(f"{u + d:.4g}"))
        if 2 * u + d <= 1 and point[0] < point[1]:
            pairs = PairClass(tau, no_collapse=point, no_augmentation=point)
            if not pairs.is_empty and pairs.regime == regimes.MIDDLE:
                yield pairs, m


def survey(calls: int, seed: int) -> None:
    """Print quantiles of the seconds, the failures and the slowest calls, a divergence at a time."""
    some = PairClass(0.11, no_collapse=(0.05, 0.1), no_augmentation=(0.05, 0.1))
    seconds: dict[str, list[float]] = {name: [] for name in GAPS}
    failed: list[str] = []
    slowest: dict[str, tuple[float, str]] = {}
    for name in GAPS:
        for m in (3, MOST_SAMPLES):
            supremum(GreatestRegions(some), PackedDivergence(name, m), 1e-3)  # compiles
    for call, (pairs, m) in zip(range(calls), cases(np.random.default_rng(seed)), strict=False):
        name = list(GAPS)[call % len(GAPS)]
        start = time.process_time()
        found = supremum(GreatestRegions(pairs), PackedDivergence(name, m), GAPS[name])
        took = time.process_time() - start
        words = (
            f"{name}, m={m}, tau={pairs.tau}, point={pairs.no_collapse[0]}, gap {found.gap:.1e}, {took:.2f} s"
        )
        seconds[name].append(took)
        slowest[name] = max(slowest.get(name, (0.0, "")), (took, words))
        if not found.is_exact:
            failed.append(words)
    for name, times in seconds.items():
        median, late, last = 1e3 * np.quantile(times, [0.5, 0.9, 1])
        print(
            f"{name}: {len(times)} calls, median {median:.1f} ms, 90 % {late:.0f} ms, slowest {last:.0f} ms"
        )
        print("   ", slowest[name][1])
    print(f"{len(failed)} of {calls} failed")
    for words in failed:
        print("   ", words)


if __name__ == "__main__":
    survey(*(int(word) for word in [*sys.argv[1:], *("1000", "0")[len(sys.argv) - 1 :]]))
