"""Rates and delays of overlaps, against the overlaps themselves and the Chernoff information of one pair."""

from __future__ import annotations

import math

import numpy as np
import oracles
import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.packing.exponents import exponents


def random_pairs(seed, count=6, letters=4):
    """Random pmfs, some masses of which are 0 or tiny."""
    rng = np.random.default_rng(seed)
    masses = rng.dirichlet(np.full(letters, rng.choice([0.2, 1.0, 5.0])), (2, count))
    masses[rng.random(masses.shape) < 0.15] = 0
    masses[..., 0] += masses.sum(axis=-1) == 0
    return masses / masses.sum(axis=-1, keepdims=True)


@examples(40)
@given(st.integers(0, 10**6))
def test_the_overlap_lies_between_the_bounds_at_every_degree(seed):
    p, q = random_pairs(seed)
    rates, delays = exponents(p, q)
    for row in range(len(p)):
        for m in (1, 2, 5, 12):
            overlap = float(oracles.overlap_by_types(p[row], q[row], m))
            assert overlap <= math.exp(-m * rates[row]) * (1 + 1e-12)
            if rates[row] < math.inf:
                lowest = math.exp(-m * rates[row] - delays[row] * math.sqrt(m))
                assert overlap >= lowest * (1 - 1e-12)


@examples(40)
@given(st.integers(0, 10**6))
def test_the_rate_is_the_chernoff_information(seed):
    p, q = random_pairs(seed)
    rates, _ = exponents(p, q)
    single = [mc.chernoff_information((a, b)) for a, b in zip(p, q, strict=True)]
    np.testing.assert_allclose(rates, single, rtol=1e-13, atol=2e-15)


@pytest.mark.parametrize("step", [1e-3, 1e-6])
def test_near_pairs_keep_their_digits(step):
    p, q = np.array([[0.5 + step, 0.5 - step]]), np.array([[0.5, 0.5]])
    rate = exponents(p, q).rate[0]
    assert rate == pytest.approx(mc.chernoff_information((p[0], q[0])), rel=1e-9)
    assert rate == pytest.approx(step**2 / 2, rel=5 * step + 1e-9)


def test_without_common_letters_the_rate_is_infinite():
    rate, delay = exponents(np.array([[1.0, 0.0]]), np.array([[0.0, 1.0]]))
    assert rate.tolist() == [math.inf]
    assert delay.tolist() == [0.0]
