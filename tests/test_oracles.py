"""The oracles against each other: sequences, types, many digits, and many pairs at once."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from weights import normalised, tilted

from modecollapse.strategies import pairs

few = st.integers(1, 4)


def assert_close(value, exact, rel):
    assert value == exact or abs(value - exact) <= rel * abs(exact)


@given(pairs(range(1, 4)), few)
def test_sums_over_types_are_sums_over_sequences(pair, m):
    exact = oracles.overlap_by_sequences(*pair, m)
    assert oracles.overlap_by_types(*pair, m) == exact
    with mp.workdps(oracles.GUARD_DIGITS):
        assert_close(oracles.overlap(*pair, m), oracles.as_mpf(exact), mpf("1e-50"))
        assert_close(oracles.total_variation(*pair, m), oracles.as_mpf(1 - exact), mpf("1e-29"))


@given(pairs(range(1, 4)), few)
def test_many_digits_agree_with_sequences(pair, m):
    """Whatever the evaluator: `overlap` itself takes integers for so few types."""
    letters = oracles._common_letters(*pair)
    with mp.workdps(oracles.GUARD_DIGITS):
        exact = oracles.as_mpf(oracles.overlap_by_sequences(*pair, m))
        for evaluate in {oracles._evaluator(len(letters)), oracles._by_types} if letters else ():
            value = evaluate([tuple(map(oracles.as_mpf, letter)) for letter in letters], m)
            assert abs(value - exact) < 1e-50 * exact + 1e-300


@pytest.mark.parametrize("m", [1, 2, 17, 40])
@pytest.mark.parametrize("size", [0.01, 1, 6])
def test_rows_agree_with_types(size, m):
    rng = np.random.default_rng([m, int(100 * size)])
    for _ in range(4):
        p = normalised(rng.dirichlet(np.ones(3)) + 1e-4)
        q = tilted(p, size * rng.normal(size=3))
        rows, enumerated = oracles.overlap(p, q, m), oracles.overlap_by_types_in_mp(p, q, m)
        with mp.workdps(oracles.GUARD_DIGITS):
            assert_close(rows, enumerated, mpf("1e-50"))


@given(pairs(range(1, 6)), st.floats(0, 1))
def test_the_greedy_boundary_is_the_hull_of_all_subsets(pair, x):
    assert oracles.packed_boundary(*pair, 1, x) == oracles.boundary(*pair, x)


@given(pairs(range(1, 4)), st.integers(1, 3), st.floats(0, 1))
def test_the_boundary_over_types_is_that_over_sequences(pair, m, x):
    of_all = oracles.packed_boundary(*oracles.sequences(*pair, m), 1, x)
    assert oracles.packed_boundary(*pair, m, x) == of_all


@pytest.mark.parametrize("name", oracles.DIVERGENCES)
@given(pair=pairs(range(1, 4)), m=st.integers(1, 3))
def test_divergences_over_types_are_those_over_sequences(name, pair, m):
    order = 0.75 if name == "hockey_stick" else 1.0
    with mp.workdps(oracles.GUARD_DIGITS):
        of_all = oracles.divergence(name, *oracles.sequences(*pair, m), order)
        assert_close(oracles.divergence(name, *pair, order, m), of_all, mpf("1e-50"))


@given(pairs(range(1, 4)), few)
def test_the_divergence_tv_is_the_total_variation(pair, m):
    with mp.workdps(oracles.GUARD_DIGITS):
        assert_close(oracles.divergence("tv", *pair, m=m), oracles.total_variation(*pair, m), mpf("1e-29"))


@pytest.mark.parametrize("name", ["kl", "reverse_kl", "hellinger", "chi2"])
def test_divergences_that_tensorise(name):
    p, q = [0.5, 0.3, 0.2], [0.25, 0.5, 0.25]
    with mp.workdps(60):
        single, packed = (oracles.divergence(name, p, q, m=m) for m in (1, 3))
        assert abs(oracles.tensorised(name, single, 3) - packed) < mpf("1e-50")


@pytest.mark.parametrize("name", oracles.DIVERGENCES)
@pytest.mark.parametrize("m", [1, 2, 5])
def test_many_pairs_at_once_are_each_pair(name, m):
    rng = np.random.default_rng(m)
    p, q = rng.dirichlet(np.ones(3), size=(2, 5))
    p[0, 0], p[0, 1] = 0.0, 1 - p[0, 2]
    order = 0.75 if name == "hockey_stick" else 1.0
    exact = [float(oracles.divergence(name, *pair, order, m)) for pair in zip(p, q, strict=True)]
    assert oracles.divergences(name, order)(p, q, m) == pytest.approx(exact, rel=1e-12)
    if name == "tv":
        assert oracles.total_variations(p, q, m) == pytest.approx(exact, rel=1e-12)
        assert np.maximum(oracles.type_differences(p, q, m), 0).sum(axis=1) == pytest.approx(exact, rel=1e-12)
        everything = np.ones(len(oracles.type_counts(3, m)[0]))
        assert oracles.test_powers(p, q, everything, m) == pytest.approx(np.zeros(5), abs=1e-14)


@pytest.mark.parametrize("x", [0.0, 0.1, 0.5, 1.0])
def test_many_boundaries_at_once_are_each_boundary(x):
    p, q = np.random.default_rng(0).dirichlet(np.ones(4), size=(2, 5))
    p[0, 0], p[0, 1], q[1, 2], q[1, 3] = 0.0, 1 - p[0, 2:].sum(), 0.0, 1 - q[1, :2].sum()
    exact = [float(oracles.boundary(*pair, x)) for pair in zip(p, q, strict=True)]
    assert oracles.boundaries(p, q, x) == pytest.approx(exact, abs=1e-14)


@given(pairs(range(1, 4)), few, st.integers(1, 2))
def test_a_product_of_equal_pairs_is_a_power(pair, m, n):
    exact = 1 - oracles.overlap_by_types(*pair, m + n)
    assert oracles.distance_of_product([(*pair, m), (*pair, n)]) == exact
