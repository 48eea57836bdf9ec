"""Tests of single modes: exact tails, the level by enumeration, and what Holm allows."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import nchypergeom_fisher

from modecollapse.samples import from_counts
from modecollapse.samples.confidence import MassBox
from modecollapse.samples.laws import Known, Sampled
from modecollapse.samples.missing import are_short, holm, p_values

ALPHAS = st.sampled_from([0.01, 0.05, 0.3])


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8), ALPHAS)
def test_holm_rejects_as_by_hand(values, alpha):
    rejected, left = set(), set(range(len(values)))
    while left:
        least = min(left, key=lambda i: values[i])
        if values[least] > alpha / len(left):
            break
        left.remove(least)
        rejected.add(least)
    assert sorted(values[i] for i in np.flatnonzero(holm(np.array(values), alpha))) == sorted(
        values[i] for i in rejected
    )


@pytest.mark.parametrize(
    ("x", "n", "y", "size", "upper"),
    [
        (80, 2000, 0, 2000, 0.06),
        (200, 2000, 3, 1500, 0.13),
        (7, 10, 0, 12, 0.99),
        (30, 31, 1, 40, 0.999),
        (5, 9, 0, 9, 0.8),
    ],
)
def test_the_p_value_is_the_tail_of_fishers_noncentral_law(x, n, y, size, upper):
    odds = 0.1 * (1 - upper) / (1 - 0.1 * upper)
    expected = nchypergeom_fisher.cdf(y, n + size, size, x + y, odds)
    full, short = Sampled(np.array([x, n - x])), Sampled(np.array([y, size - y]))
    assert p_values(full, short, np.array([upper, 1.0]))[0] == pytest.approx(expected, rel=1e-6)


def binomial(size, p):
    return [math.comb(size, x) * p**x * (1 - p) ** (size - x) for x in range(size + 1)]


@pytest.mark.parametrize(("p", "upper"), [(0.5, 0.5), (0.5, 0.7), (0.9, 0.9)])
@pytest.mark.parametrize("alpha", [0.05, 0.2])
def test_a_mode_with_a_tenth_of_its_share_is_named_seldom_enough_exactly(p, upper, alpha):
    """Given that the limit holds, over all outcomes of both samples."""
    n, size, q = 12, 15, 0.1 * p
    named = 0.0
    for (x, a), (y, b) in itertools.product(enumerate(binomial(n, p)), enumerate(binomial(size, q))):
        value = p_values(
            Sampled(np.array([x, n - x])), Sampled(np.array([y, size - y])), np.array([upper, 1.0])
        )[0]
        named += a * b * (value <= alpha)
    assert named <= alpha
    assert named > 0 or p > 0.5 or alpha < 0.1  # all but impossible where the limit leaves odds of .01


@pytest.mark.parametrize("p", [0.3, 0.9])
def test_a_known_law_has_a_binomial_tail(p):
    size = 40
    known = Known(np.array([p, 1 - p]))
    tail = sum(binomial(size, 0.1 * p)[:2])
    value = p_values(known, Sampled(np.array([1, size - 1])), known.shares)[0]
    assert value == pytest.approx(tail, rel=1e-12)
    # the other way round: a mode of mass .02 has at least a tenth of its mass where that is at most .2
    rare = Known(np.array([0.02, 0.98]))
    upper_tail = sum(binomial(size, 0.2)[15:])
    value = p_values(Sampled(np.array([15, 25])), rare, np.array([0.6, 1.0]))[0]
    assert value == pytest.approx(upper_tail, rel=1e-10)


def test_intervals_decide_where_samples_are_very_many():
    full, short = Sampled(np.array([10**9, 10**9])), Sampled(np.array([10, 2 * 10**9]))
    boxes = [
        MassBox(law.shares * (1 - 1e-3), np.minimum(law.shares * (1 + 1e-3), 1)) for law in (full, short)
    ]
    assert are_short(full, short, *boxes, 0.01).tolist() == [True, False]
    assert not (p_values(full, short, boxes[0].upper) < 1).any()


def test_modes_are_named_on_both_sides():
    counts = from_counts([500, 500, 0], [0, 500, 500], ["lost", "kept", "new"])
    missing, spurious = counts.short_modes()
    assert missing.tolist() == [True, False, False]
    assert spurious.tolist() == [False, False, True]
    target = from_counts(target=[0.5, 0.5, 0.0], generated=[0, 500, 500])
    assert [flags.tolist() for flags in target.short_modes()] == [missing.tolist(), spurious.tolist()]


def test_no_mode_of_equal_laws_is_named():
    """1000 modes with 10 samples each: many are empty in one sample, and none is missing."""
    rng, law, empty = np.random.default_rng(0), np.full(1000, 0.001), 0
    for _ in range(20):
        counts = from_counts(rng.multinomial(5000, law), rng.multinomial(5000, law))
        empty += np.count_nonzero((counts.generated == 0) & (counts.real > 0))
        assert not any(flags.any() for flags in counts.short_modes())
    assert empty > 20
