"""Products of different pairs, least degrees and Rényi's divergences; run on demand like `bench_packing`.

Least CPU times of one call on two shared and busy cores (``--benchmark-timer=time.process_time``):

=====================================================  ==========
call                                                   time
=====================================================  ==========
`packed_tv` of a Region of two letters, any m          5 µs
the same at m = 1…1000 at once                         540 µs
`packed_tv` of three near letters, m = 10³, 10⁴, 10⁶   12, 28, 240 µs
`product_tv` of 34 different coins, exact              25 ms
`product_tv_bracket` of 1000 coins to 1e-8             100 ms
`product_tv` of 1000 coins                             470 ms
`least_degree` of two coins, m = 13                    110 µs
the same at m = 3·10⁸                                  4.5 ms
`least_degree` of four letters, m = 625                1 s
=====================================================  ==========

Half of the bracket of a thousand coins goes to the factors, one by one.
"""

from __future__ import annotations

import numpy as np
import pytest

import modecollapse as mc

FOUR = mc.Region.from_pmfs([0.1, 0.2, 0.3, 0.4], [0.15, 0.15, 0.3, 0.4])


def coins(count: int) -> list[mc.Region]:
    rng = np.random.default_rng(0)
    heads, gaps = rng.uniform(0.1, 0.8, count), 0.1 * rng.uniform(0, 1, count)
    return [mc.Region.from_pmfs([h, 1 - h], [h + d, 1 - h - d]) for h, d in zip(heads, gaps, strict=True)]


@pytest.mark.benchmark(group="product of coins")
@pytest.mark.parametrize("count", [2, 34, 100, 1000])
def test_product_tv(benchmark, count):
    benchmark(mc.product_tv, coins(count))


@pytest.mark.benchmark(group="product of coins, bracket")
@pytest.mark.parametrize("count", [100, 1000])
@pytest.mark.parametrize("width", [1e-6, 1e-8])
def test_product_tv_bracket(benchmark, count, width):
    benchmark(mc.product_tv_bracket, coins(count), 1, width)


@pytest.mark.benchmark(group="one call with a Region")
@pytest.mark.parametrize("m", [10, 10**3, 10**6])
def test_two_letters_of_a_region(benchmark, m):
    region = mc.Region.from_pmfs([0.3, 0.7], [0.301, 0.699])
    benchmark(mc.packed_tv, region, m)


@pytest.mark.benchmark(group="one call with a Region")
@pytest.mark.parametrize("m", [10**3, 10**4, 10**6])
def test_three_letters_of_a_region(benchmark, m):
    region = mc.Region.from_pmfs([0.2, 0.3, 0.5], [0.201, 0.3, 0.499])
    benchmark(mc.packed_tv, region, m)


@pytest.mark.benchmark(group="one call with a Region")
def test_a_thousand_degrees_at_once(benchmark):
    region, degrees = mc.Region.from_pmfs([0.3, 0.7], [0.301, 0.699]), np.arange(1, 1001)
    benchmark(mc.packed_tv, region, degrees)


@pytest.mark.benchmark(group="least degree")
@pytest.mark.parametrize("gap", [0.4, 1e-4])
def test_least_degree_of_two_coins(benchmark, gap):
    region = mc.Region.from_pmfs([0.5, 0.5], [0.5 + gap, 0.5 - gap])
    benchmark(mc.least_degree, region, 0.05, 0.05)


@pytest.mark.benchmark(group="least degree")
def test_least_degree_of_four_letters(benchmark):
    benchmark.pedantic(mc.least_degree, (FOUR, 0.01, 0.01), rounds=3)


@pytest.mark.benchmark(group="Rényi's divergence")
@pytest.mark.parametrize("order", [0.5, 2, float("inf")])
def test_renyi(benchmark, order):
    benchmark(FOUR.divergence, "renyi", order)
