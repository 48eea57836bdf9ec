"""The least affinity by Newton's method, and bounds on moments by doubling, against many digits."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from mpmath import mp, mpf

from modecollapse import Region, chernoff_information
from modecollapse.packing.chernoff import least_affinity, log_affinity_at
from modecollapse.packing.fourier import tilted_pair
from modecollapse.packing.letters import common_letters
from modecollapse.strategies import pairs


def exact_information(region: Region) -> mpf:
    """−min log Σ p^s q^{1−s}, by ternary search in 60 digits on the letters that both have."""
    common = (region.p > 0) & (region.q > 0)
    with mp.workdps(60):
        total_p, total_q = (mp.fsum(map(mpf, map(float, values))) for values in region.pair)
        p = [mpf(float(v)) / total_p for v in region.p[common]]
        q = [mpf(float(v)) / total_q for v in region.q[common]]

        def affinity(s):
            return mp.fsum(a**s * b ** (1 - s) for a, b in zip(p, q, strict=True))

        low, high = mpf(0), mpf(1)
        for _ in range(180):
            left, right = low + (high - low) / 3, high - (high - low) / 3
            if affinity(left) < affinity(right):
                high = right
            else:
                low = left
        return -mp.log(affinity((low + high) / 2))


@pytest.mark.parametrize(
    ("p", "q"),
    [
        pytest.param([0.3, 0.7], [0.6, 0.4], id="far"),
        pytest.param([0.3, 0.2, 0.5], [0.3 + 1e-9, 0.2 - 3e-9, 0.5 + 2e-9], id="near"),
        pytest.param([1e-12, 1 - 1e-12], [1 - 1e-9, 1e-9], id="nearly disjoint"),
        pytest.param([1e-300, 0.5, 0.5 - 1e-300], [0.5, 0.5 - 1e-300, 1e-300], id="log ratios of 690"),
        pytest.param([0.2, 0.8], [0.0, 1.0], id="least at the end s = 1"),
        pytest.param([0.0, 1.0], [0.2, 0.8], id="least at the end s = 0"),
        pytest.param([0.2, 0.3, 0.5], [0.0, 0.5, 0.5], id="one letter of P alone"),
        pytest.param([0.1, 0.0, 0.3, 0.6], [0.0, 0.1, 0.6, 0.3], id="letters of both alone"),
    ],
)
def test_the_information_keeps_its_digits(p, q):
    region = Region.from_pmfs(p, q)
    exact = exact_information(region)
    assert abs(chernoff_information(region) / exact - 1) < 4e-15


@given(pairs(range(2, 8)) | pairs(4, near=1e-3, zeros=False))
def test_the_information_of_random_pairs(pair):
    region = Region.from_pmfs(*pair)
    if region.total_variation < 1e-9 or not len(common_letters(region).p):
        return
    value = chernoff_information(region)
    assert abs(value / exact_information(region) - 1) < 1e-13


@pytest.mark.parametrize("m", [1, 30, 10**6])
@pytest.mark.parametrize("scale", [1e-6, 0.1, 3.0, 100.0])
def test_the_place_of_the_minimum_is_where_the_slope_changes_sign(m, scale):
    """With the barrier of a contour, whose minimum is inside (0, 1): no point beside it is lower."""
    rng = np.random.default_rng(m)
    q = rng.dirichlet(np.ones(50))
    p = q * np.exp(scale * rng.normal(size=50))
    common = common_letters(Region.from_pmfs(p / p.sum(), q))

    def height(s):
        return m * log_affinity_at(common, s) - math.log(s * (1 - s))

    s = least_affinity(common, m, 1.0)
    step = 1e-3 * min(s, 1 - s)
    assert 0 < s < 1
    assert height(s) < min(height(s - step), height(s + step))


@pytest.mark.parametrize("size", [1e-8, 0.1, 5.0])
@pytest.mark.parametrize("m", [2, 1000])
def test_moments_by_doubling_are_bounds_and_tight(m, size):
    rng = np.random.default_rng(m)
    mass = rng.dirichlet(np.ones(30))
    values, errors = size * rng.normal(size=30), np.full(30, 1e-16 * size)
    exponents = min(2.0**-4 / (size * math.sqrt(m)), 300 / np.abs(values).max()) * np.exp2(
        np.arange(0, 12, 0.5)
    )
    exponents = exponents[exponents <= 300 / np.abs(values).max()]
    rises = tilted_pair.rises(exponents, mass, values, errors)
    with mp.workdps(40):
        for t, rise in zip(exponents, rises, strict=True):
            grown = [mp.expm1(mpf(float(t)) * mpf(float(v))) for v in values]
            exact = mp.fsum(mpf(float(w)) * g for w, g in zip(mass, grown, strict=True))
            size_of_terms = mp.fsum(mpf(float(w)) * abs(g) for w, g in zip(mass, grown, strict=True))
            assert exact <= rise
            assert rise - exact <= 1e-13 * (1 + t * np.abs(values).max()) * size_of_terms
