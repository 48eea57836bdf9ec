"""Evaluators at their limits: run on demand with `pytest tests/benchmarks/bench_limits.py`."""

from __future__ import annotations

import math

import numpy as np
import pytest

import modecollapse as mc
from modecollapse import Region
from modecollapse.packing import few_letters
from modecollapse.packing.letters import common_letters


def near_pair(m: int, size: float = 0.05) -> tuple[np.ndarray, np.ndarray]:
    """Three letters that m samples can hardly tell apart."""
    p = np.array([0.2, 0.3, 0.5])
    q = p * np.exp(size / math.sqrt(m) * np.array([1, -0.3, -0.2]))
    return p, q / q.sum()


@pytest.mark.benchmark(group="three letters, near")
@pytest.mark.parametrize("m", [10**3, 10**4, 10**6])
def test_three_near_letters(benchmark, m):
    common = common_letters(Region.from_pmfs(*near_pair(m)))
    few_letters.total_variation(common, m)
    benchmark(few_letters.total_variation, common, m)


@pytest.mark.benchmark(group="few samples of many letters")
@pytest.mark.parametrize(("letters", "m"), [(1000, 2), (10_000, 2), (1000, 3), (1000, 4)])
def test_few_samples_of_many_letters(benchmark, letters, m):
    p, q = np.random.default_rng(0).dirichlet(np.ones(letters), 2)
    mc.packed_tv((p, q), m)
    benchmark(mc.packed_tv, (p, q), m)


TWO = ([0.3, 0.7], [0.301, 0.699])


@pytest.mark.benchmark(group="two letters")
def test_two_letters_at_a_thousand_degrees(benchmark):
    degrees = np.arange(1, 1001)
    mc.packed_tv(TWO, degrees)
    benchmark(mc.packed_tv, TWO, degrees)


@pytest.mark.benchmark(group="two letters")
def test_two_letters_at_one_degree(benchmark):
    common = common_letters(Region.from_pmfs(*TWO))
    few_letters.total_variation(common, 1000)
    benchmark(few_letters.total_variation, common, 1000)


@pytest.mark.benchmark(group="100 000 pairs of two letters, m = 1000")
@pytest.mark.parametrize("workers", [1, 2])
def test_many_pairs(benchmark, workers):
    first = np.random.default_rng(0).uniform(0.05, 0.9, 100_000)
    p, q = (np.stack([x, 1 - x], axis=1) for x in (first, first + 0.01))
    mc.batch.packed_tv(p[:2], q[:2], 1000)
    benchmark(mc.batch.packed_tv, p, q, 1000, workers=workers)
