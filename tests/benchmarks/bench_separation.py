"""What it costs to compare classes and to search products; run `pytest tests/benchmarks/bench_separation.py`.

Medians of one call in milliseconds of processor time after warm-up, measured on a shared core:

==========================================  =======  ===================================  =======
separating degrees, m = 1, …, 60                     other ranges
==========================================  =======  ===================================  =======
τ = .06, (0,.05) against (.025,.05)              65  fixed Jensen–Shannon, m = 2, …, 6        480
τ = .05, (0,.01) against (.005,.01)             130  products of four different pairs         350
==========================================  =======  ===================================  =======

Before covers the first two took 6300 and 1600 ms.
"""

from __future__ import annotations

import pytest

import modecollapse as mc


@pytest.mark.benchmark(group="60 separating degrees")
@pytest.mark.parametrize(
    ("tau", "eps1", "delta", "eps0"), [(0.06, 0, 0.05, 0.025), (0.05, 0, 0.01, 0.005)], ids=str
)
def test_separating_degrees(benchmark, tau, eps1, delta, eps0):
    h1 = mc.PairClass(tau, collapse=(eps1, delta))
    h0 = mc.PairClass(tau, no_collapse=(eps0, delta), no_augmentation=(eps0, delta))
    benchmark.pedantic(mc.separating_degrees, (h1, h0, range(1, 61)), warmup_rounds=1, rounds=5)


@pytest.mark.benchmark(group="fixed Jensen–Shannon divergence, gap 1e-9")
def test_jensen_shannon_band(benchmark):
    benchmark.pedantic(mc.jensen_shannon_band, (0.1, range(2, 7)), warmup_rounds=1, rounds=3)


@pytest.mark.benchmark(group="products of different pairs, gap 1e-4")
def test_product_band(benchmark):
    benchmark.pedantic(mc.product_band, ([0.1, 0.15, 0.2, 0.25],), warmup_rounds=1, rounds=3)
