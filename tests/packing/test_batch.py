"""Arrays of pairs against the pairs one by one, and against many digits."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from weights import normalised, tilted, without_rare_letters

import modecollapse as mc
from modecollapse import Region
from modecollapse.packing import batch
from modecollapse.packing.letters import common_letters
from modecollapse.strategies import pairs

AS_ONE = 1e-14
"""Relative difference from the pair by itself: both are rounded, in different orders."""


def assert_like_one_by_one(p, q, degrees):
    """Every function of the batch, for one pair at each degree."""
    m = np.array(degrees)
    distances, logs = batch.packed_tv(p, q, m), batch.packed_overlap(p, q, m, log=True)
    assert distances == pytest.approx(mc.packed_tv((p, q), m), rel=AS_ONE, abs=1e-30)
    # of a logarithm, what its overlap would notice
    assert logs == pytest.approx(mc.packed_overlap((p, q), m, log=True), rel=AS_ONE, abs=AS_ONE)
    assert batch.total_variation(p, q) == pytest.approx(
        Region.from_pmfs(p, q).total_variation, rel=AS_ONE, abs=1e-30
    )


@given(
    pairs(range(1, 7)).map(lambda pair: without_rare_letters(pair, 1e-12)),
    st.lists(st.integers(1, 60), min_size=1, max_size=3),
)
def test_pairs_are_as_one_by_one(pair, degrees):
    assert_like_one_by_one(*pair, degrees)


@given(pairs(range(2, 4), near=0.1, zeros=False), st.integers(1, 2000))
def test_near_pairs_keep_their_digits(pair, m):
    exact = oracles.total_variation(*pair, m)
    (value,) = batch.packed_tv([pair[0]], [pair[1]], m)
    if exact > 1e-14:
        with mp.workdps(oracles.GUARD_DIGITS):
            assert abs(mpf(value) / exact - 1) < 1e-13


@pytest.mark.parametrize(
    ("p", "q"),
    [
        pytest.param([0.2, 0.8], [0, 1], id="one common letter"),
        pytest.param([1, 0], [0, 1], id="none"),
        pytest.param([0.5, 0.5], [0.5, 0.5], id="equal"),
        pytest.param([0.1, 0.9], [0.1 + 1e-10, 0.9], id="a sum beyond 1"),
        pytest.param([0, 0.5, 0.5], [1e-3, 0.5, 0.5 - 1e-3], id="P lacks a letter"),
        pytest.param([0.01, 0.3, 0.4, 0.29, 0], [0, 0.31, 0.39, 0.298, 0.002], id="three common letters"),
        pytest.param([0, 0.3, 0.4, 0.3], [0.01, 0.31, 0.38, 0.3], id="three, P lacks one"),
        pytest.param(np.full(6, 1 / 6), normalised([1, 2, 3, 1, 2, 3]), id="six letters of three ratios"),
        pytest.param(np.full(20, 0.05), np.repeat([0.04, 0.06], 10), id="twenty letters of two ratios"),
        pytest.param([0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], id="four letters"),
        pytest.param([1e-300, 1], [1e-290, 1], id="tiny under both"),
        pytest.param([1e-300, 0.25, 0.75], [1e-5, 0.5, 0.49999], id="tiny among three"),
        pytest.param([1, 1e-16], [1 - 1e-13, 1e-13], id="next to one"),
    ],
)
def test_zeros_ties_and_extreme_probabilities(p, q):
    p = p if abs(sum(p) - 1) < 1e-9 else normalised(p)
    assert_like_one_by_one(p, normalised(q), [1, 2, 7, 30])
    if len(common_letters(Region.from_pmfs(p, normalised(q))).p) <= 3:
        assert_like_one_by_one(p, normalised(q), [400, 10**4])


def test_small_overlaps_keep_their_digits():
    p, q = [0.7, 0.2, 0.1], [0.1, 0.3, 0.6]
    (log,) = batch.packed_overlap([p], [q], 300, log=True)
    with mp.workdps(60):
        assert log == pytest.approx(float(mp.log(oracles.overlap(p, q, 300))), rel=1e-14)
    assert batch.packed_overlap(p, q, 300) == pytest.approx(np.exp(log), rel=1e-14)


def test_shapes_broadcast():
    rng = np.random.default_rng(0)
    p, q, m = (
        rng.dirichlet(np.ones(3), (4, 1)),
        rng.dirichlet(np.ones(3), 5),
        np.array([3, 40])[:, None, None],
    )
    values = batch.packed_tv(p, q, m)
    assert values.shape == (2, 4, 5)
    assert values[1, 2, 3] == pytest.approx(mc.packed_tv((p[2, 0], q[3]), 40), rel=AS_ONE)
    assert batch.total_variation(p, q).shape == (4, 5)
    ends = batch.packed_tv_bracket(p[:2], q[:2], m)
    assert ends.shape == (2, 2, 2, 2)
    assert (ends[..., 0] <= values[:, :2, :2]).all()
    assert (values[:, :2, :2] <= ends[..., 1]).all()


def test_a_single_pair_gives_a_float():
    for value in (
        batch.packed_tv([1, 0], [0.5, 0.5], 3),
        batch.total_variation([1, 0], [0.5, 0.5]),
        batch.packed_overlap([1, 0], [0.5, 0.5], 3),
    ):
        assert type(value) is float
    assert batch.packed_tv([1, 0], [0.5, 0.5], 3) == 0.875
    assert batch.packed_tv_bracket([1, 0], [0.5, 0.5], 3).shape == (2,)


def test_single_precision_is_taken_as_it_is():
    p, q = np.array([0.25, 0.75], np.float32), np.array([0.5, 0.5], np.float32)
    assert batch.packed_tv(p, q, 5) == mc.packed_tv((p, q), 5)


@pytest.mark.parametrize("letters", [2, 3, 6, 40])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_sums_of_narrow_types_are_off_by_their_rounding(dtype, letters):
    """Rows that sum to 1 within the rounding of their type, as those of a softmax, mixed with exact ones."""
    rng = np.random.default_rng(letters)
    p = rng.dirichlet(np.ones(letters), 30).astype(dtype)
    q = rng.dirichlet(np.ones(letters), 30)
    assert (np.abs(p.astype(float).sum(axis=1) - 1) > 1e-9).any()
    for value, *pair in zip(batch.packed_tv(p, q, 2), p, q, strict=True):
        assert value == pytest.approx(mc.packed_tv(pair, 2), rel=1e-13)
    for value, *pair in zip(batch.total_variation(q, p), q, p, strict=True):
        assert value == pytest.approx(Region.from_pmfs(*pair).total_variation, rel=1e-13)
    with pytest.raises(ValueError, match=r"P\[0\] must sum to 1 within"):
        batch.packed_tv(p * dtype(1.1), q, 2)
    with pytest.raises(ValueError, match="must sum to 1 within 1e-09"):
        batch.packed_tv(p.astype(float), q, 2)


@pytest.mark.parametrize("workers", [1, 2, 3])
def test_workers_do_not_change_a_digit(workers):
    rng = np.random.default_rng(1)
    p = rng.dirichlet(np.ones(3), 5000)
    q = np.array([tilted(row, 0.01 * rng.normal(size=3)) for row in p])
    p[::100] = p[0]
    assert (batch.packed_tv(p, q, 50, workers=workers) == batch.packed_tv(p, q, 50)).all()
    four, other = rng.dirichlet(np.ones(4), (2, 30))
    assert (batch.packed_tv(four, other, 9, workers=workers) == batch.packed_tv(four, other, 9)).all()


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [
        ([[0.5, 0.5], [0.5, 0.6]], [0.5, 0.5], r"P\[1\] must sum to 1 .*1\.1"),
        ([0.5, 0.5], [[0.5, 0.5], [1.5, -0.5]], r"Q\[1\] must not be negative, got -0\.5 at index 1"),
        ([[[0.5, 0.5]], [[0.5, np.nan]]], [0.5, 0.5], r"P\[1, 0\] must be finite, got nan"),
        ([0.5, np.inf], [0.5, 0.5], r"P must be finite, got inf"),
        ([[0.5, 0.5]], [[1.0]], "same letters, got 2 and 1"),
        (np.full((3, 2), 0.5), np.full((2, 2), 0.5), "must broadcast"),
        (1.0, [1.0], r"P must be of shape \(\.\.\., k\)"),
        ([["a", "b"]], [1.0], "P must be real numbers"),
        (np.empty((0, 2)), [0.5, 0.5], "P must be of shape"),
    ],
)
def test_bad_pairs_are_refused_by_their_place(p, q, message):
    for evaluate in (batch.packed_tv, batch.packed_overlap, batch.packed_tv_bracket):
        with pytest.raises(ValueError, match=message):
            evaluate(p, q, 3)
    with pytest.raises(ValueError, match=message):
        batch.total_variation(p, q)


def test_other_bad_arguments_are_refused():
    pair = [0.5, 0.5], [0.4, 0.6]
    with pytest.raises(ValueError, match=r"m must be integers from 1 to .*, got 0"):
        batch.packed_tv(*pair, 0)
    with pytest.raises(ValueError, match="workers must be an integer ≥ 1, got 0"):
        batch.packed_tv(*pair, 2, workers=0)
    with pytest.raises(ValueError, match="log must be True or False"):
        batch.packed_overlap(*pair, 2, log=1)
    with pytest.raises(ValueError, match="width must be positive"):
        batch.packed_tv_bracket(*pair, 2, width=0)


def test_the_public_name():
    assert mc.batch is batch
