"""Up to four samples of many letters: two pointers against sums over all types."""

from __future__ import annotations

import math

import numpy as np
import oracles
import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from weights import normalised, tilted, without_rare_letters

import modecollapse as mc
from modecollapse import Region
from modecollapse.packing import choice, enumeration, few_samples
from modecollapse.packing.letters import common_letters
from modecollapse.strategies import pairs

PROMISE = 2e-14
"""Relative error of distances and of overlaps; 1e-14 is the greatest seen."""

degrees = st.integers(1, 4)


def assert_exact(p, q, m):
    common = common_letters(Region.from_pmfs(p, q))
    if common.has_one_ratio:
        return
    distance, log = few_samples.total_variation(common, m), few_samples.log_overlap(common, m)
    overlap = oracles.overlap_by_types_in_mp(p, q, m)
    with mp.workdps(oracles.GUARD_DIGITS):
        exact = 1 - overlap
        assert abs(mpf(distance) / exact - 1) < PROMISE if exact > 1e-20 else distance < 2e-20
        assert abs(mp.exp(mpf(log)) / overlap - 1) < PROMISE * (1 + abs(log))


@examples(120)
@given(pairs(range(2, 8)).map(lambda pair: without_rare_letters(pair, 1e-12)), degrees)
def test_sums_over_pairs_are_sums_over_types(pair, m):
    assert_exact(*pair, m)


@examples(120)
@given(pairs(range(2, 8), near=0.1, zeros=False), degrees)
def test_near_pairs_keep_their_digits(pair, m):
    assert_exact(*pair, m)


@pytest.mark.parametrize("m", [1, 2, 3, 4])
@pytest.mark.parametrize(
    ("p", "q"),
    [
        pytest.param(np.full(8, 1 / 8), normalised(2.0 ** np.arange(8)), id="ties at every threshold"),
        pytest.param(normalised([1, 2, 3, 3, 2, 1]), normalised([3, 2, 1, 1, 2, 3]), id="mirror"),
        pytest.param(
            [1e-13, 0.3, 0.2, 0.5 - 1e-13, 0, 0], [0, 0.3, 0.2 + 1e-13, 0.4, 0.1 - 1e-13, 0], id="dropped"
        ),
        pytest.param([1, 1e-150, 1e-200, 1e-320], [1e-310, 1e-200, 1e-100, 1], id="next to disjoint"),
        pytest.param([1, 5e-324, 5e-324], [5e-324, 0.5, 0.5], id="subnormal"),
    ],
)
def test_extreme_letters(p, q, m):
    assert_exact(p, q, m)


@pytest.mark.parametrize("size", [1e-12, 1e-6, 0.1, 3])
@pytest.mark.parametrize(("letters", "m"), [(200, 2), (40, 3), (20, 4)])
def test_many_letters_agree_with_enumeration(letters, m, size):
    rng = np.random.default_rng([letters, int(1e12 * size)])
    p = normalised(rng.dirichlet(np.full(letters, 0.3)) + 1e-9)
    common = common_letters(Region.from_pmfs(p, tilted(p, size * rng.normal(size=letters))))
    distance, log = enumeration.total_variation(common, m), enumeration.log_overlap(common, m)
    assert few_samples.total_variation(common, m) == pytest.approx(distance, rel=1e-12, abs=0)
    assert few_samples.log_overlap(common, m) == pytest.approx(log, rel=0, abs=1e-12)


@pytest.mark.parametrize(("letters", "m"), [(30_000, 1), (30_000, 2), (1_000, 3), (300, 4)])
def test_large_alphabets_lie_in_their_brackets(letters, m):
    """Of more types than can be listed."""
    rng = np.random.default_rng(letters)
    p = rng.dirichlet(np.ones(letters))
    q = p * np.exp(0.1 * rng.normal(size=letters))
    q /= q.sum()
    distance = mc.packed_tv((p, q), m, method="exact")
    assert distance + mc.packed_overlap((p, q), m, method="exact") == pytest.approx(1, abs=1e-13)
    if letters <= 1_000:
        bracket = mc.packed_tv_bracket((p, q), m, 1e-6)
        assert bracket.lower <= distance <= bracket.upper


def test_alphabets_beyond_reach_are_left_to_others():
    for m, most in few_samples.LARGEST_ALPHABET.items():
        assert few_samples.serves(most, m)
        assert not few_samples.serves(most + 1, m)
    assert not few_samples.serves(4, 5)
    assert not few_samples.serves(3, 2)


def test_the_choice_takes_few_samples_of_many_letters(monkeypatch):
    asked = []
    monkeypatch.setattr(few_samples, "total_variation", lambda common, m: asked.append(m) or 0.5)
    p, q = np.full(20, 0.05), normalised(np.arange(1, 21))
    assert choice.total_variation(common_letters(Region.from_pmfs(p, q)), 4) == 0.5
    assert asked == [4]


def test_the_order_of_letters_does_not_count():
    rng = np.random.default_rng(5)
    p, q = rng.dirichlet(np.ones(50), 2)
    order = rng.permutation(50)
    for m in (2, 3, 4):
        there, back = mc.packed_tv((p, q), m), mc.packed_tv((p[order], q[order]), m)
        assert there == pytest.approx(back, rel=1e-14)
        assert math.isclose(mc.packed_tv((q, p), m), there, rel_tol=1e-14)
