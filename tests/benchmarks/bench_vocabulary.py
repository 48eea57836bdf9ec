"""A vocabulary of 128 000 tokens, and other large alphabets.

Run with `pytest tests/benchmarks/bench_vocabulary.py`. The target is Zipf's law, and the generator
is the same at a lower temperature, with noise. `extra_info` has the peak memory of a call in MB.
"""

from __future__ import annotations

import math
import tracemalloc
from functools import cache

import numpy as np
import pytest

import modecollapse as mc
from modecollapse import Region

TOKENS = 128_000
DEGREES = [1, 10, 10**2, 10**3, 10**4]


@cache
def vocabulary() -> Region:
    """Zipf against a sharpened Zipf: P(i) ∝ 1/i, Q(i) ∝ i^−1.05 times noise of 5 %."""
    rank = np.arange(1, TOKENS + 1, dtype=np.float64)
    p = 1 / rank
    q = rank**-1.05 * np.exp(0.05 * np.random.default_rng(0).normal(size=TOKENS))
    return Region.from_pmfs(p / p.sum(), q / q.sum())


@cache
def random_pair(letters: int) -> Region:
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(letters))
    q = p * np.exp(0.3 * rng.standard_normal(letters))
    return Region.from_pmfs(p, q / q.sum())


def bench(benchmark, evaluate, *arguments):
    evaluate(*arguments)  # compiles
    benchmark.pedantic(evaluate, arguments, rounds=3)
    tracemalloc.start()
    evaluate(*arguments)
    benchmark.extra_info["peak_mb"] = round(tracemalloc.get_traced_memory()[1] / 2**20)
    tracemalloc.stop()


@pytest.mark.benchmark(group="vocabulary: Region")
def test_region(benchmark):
    region = vocabulary()
    bench(benchmark, Region.from_pmfs, region.p, region.q)


@pytest.mark.benchmark(group="vocabulary: packed_tv_bracket to 1e-8")
@pytest.mark.parametrize("m", DEGREES)
def test_bracket(benchmark, m):
    bench(benchmark, mc.packed_tv_bracket, vocabulary(), m)


@pytest.mark.benchmark(group="vocabulary: pack_bracket to 1e-4")
@pytest.mark.parametrize("m", DEGREES)
def test_region_of_packs(benchmark, m):
    bench(benchmark, mc.pack_bracket, vocabulary(), m, 1e-4)


@pytest.mark.benchmark(group="vocabulary: chernoff_information")
def test_chernoff(benchmark):
    bench(benchmark, mc.chernoff_information, vocabulary())


@pytest.mark.benchmark(group="vocabulary: hockey stick at e^5 σ√m within 1 %")
@pytest.mark.parametrize("m", [10, 10**3])
def test_tail(benchmark, m):
    order = math.exp(5 * math.sqrt(m * vocabulary().divergence("chi2")))
    bench(benchmark, mc.packed_hockey_stick_bracket, vocabulary(), m, order, 1e-2, True)


@pytest.mark.benchmark(group="many letters, m = 10, bracket")
@pytest.mark.parametrize(("letters", "width"), [(10**3, 1e-10), (10**5, 1e-8), (10**6, 1e-8)])
def test_many_letters(benchmark, letters, width):
    bench(benchmark, mc.packed_tv_bracket, random_pair(letters), 10, width)


@pytest.mark.benchmark(group="100 000 letters, m = 1")
def test_one_sample(benchmark):
    bench(benchmark, mc.packed_tv, random_pair(10**5), 1)
