"""The least packing degree with given errors or a given distance, against exact boundaries."""

from __future__ import annotations

import math
import pickle

import oracles
import pytest
from effort import examples, slow
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp, mpf

import modecollapse as mc
from modecollapse import Region
from modecollapse.packing import degrees, few_letters
from modecollapse.packing.letters import common_letters
from modecollapse.strategies import pairs

FAR = 9
"""Degrees that exact enumeration reaches."""

TOUCHING = 2e-11
"""Examples this close to a tie are passed over: which way they go is a convention."""


@pytest.mark.parametrize(("pair", "least"), [((0.3, 0.7), 17), ((0.4, 0.5), 267)])
def test_tosses_that_identify_a_coin(pair, least):
    """Tests of whole counts need 268 for the second coin; a coin tossed at the threshold saves one."""
    p, q = ([x, 1 - x] for x in pair)
    assert mc.least_degree((p, q), 0.05, 0.05) == least
    for m in (least - 1, least):
        assert (mc.pack((p, q), m).boundary(0.05) >= 0.95) == (m == least)


def exact_least(meets) -> int | None:
    return next((m for m in range(1, FAR + 1) if meets(m)), None)


def answer_up_to(far, *arguments, **asked) -> int | None:
    """The library's answer; None where it is larger, or where there is none."""
    try:
        least = mc.least_degree(*arguments, **asked)
    except mc.PrecisionError as error:
        least = error.bracket.lower
    except ValueError:
        return None
    return least if least <= far else None


@examples(100)
@given(pairs(range(2, 4)), st.floats(0, 0.4), st.floats(0, 0.4))
def test_errors_by_exact_boundaries(pair, alpha, beta):
    def height(m):
        return oracles.packed_boundary(*pair, m, alpha)

    margins = [float(height(m)) - (1 - beta) for m in range(1, FAR + 1)]
    assume(all(abs(margin) > 1e-9 for margin in margins))
    expected = exact_least(lambda m: margins[m - 1] > 0)
    assert answer_up_to(FAR, pair, alpha, beta) == expected


@examples(100)
@given(pairs(range(2, 4)), st.floats(1e-6, 1 - 1e-6))
def test_distances_by_exact_enumeration(pair, tv):
    distances = [float(oracles.total_variation(*pair, m)) for m in range(1, FAR + 1)]
    assume(all(abs(distance - tv) > TOUCHING for distance in distances))
    expected = exact_least(lambda m: distances[m - 1] > tv)
    assert answer_up_to(FAR, pair, tv=tv) == expected


@pytest.mark.parametrize("lost", [0.2, 1e-3, 1e-9])
@pytest.mark.parametrize("tv", [0.01, 0.36, 0.9, 1 - 1e-12])
def test_a_generator_that_drops_a_mode(lost, tv):
    """TV_m = 1 − (1 − τ)^m, and a test without false alarm misses with (1 − τ)^m."""
    pair = [lost, 1 - lost], [0, 1]
    with mp.workdps(40):
        touching = 1 - mpf(tv) * (1 - mpf(degrees.TOUCHING)), (1 - mpf(tv)) * (1 + mpf(degrees.TOUCHING))
        by_distance, by_error = (int(mp.ceil(mp.log(left) / mp.log1p(-mpf(lost)))) for left in touching)
    assert mc.least_degree(pair, tv=tv) == (by_error if tv > 0.5 else by_distance)
    assert mc.least_degree(pair, 0, 1 - tv) == by_error
    mirror = Region.from_pmfs(*pair).mirror()
    assert mc.least_degree(mirror, 1 - tv, 0) == by_error


def test_touching_counts():
    assert mc.least_degree(([0.2, 0.8], [0, 1]), tv=0.36) == 2
    assert mc.least_degree(([0.2, 0.8], [0, 1]), tv=1 - 0.8**20) == 20
    assert mc.least_degree(([0.2, 0.8], [0, 1]), 0.0, 0.64) == 2
    assert mc.least_degree(([0.2, 0.8], [0, 1]), 0.05, 0.95) == 1


@pytest.mark.parametrize("heads", [(0.5, 0.51), (0.3, 0.302), slow((0.1, 0.1001))])
def test_near_coins_to_the_last_toss(heads):
    """The threshold test of the answer keeps to both errors in 60 digits, that of one toss fewer does not."""
    alpha, beta = 0.01, 0.05
    q, p = heads  # P has more heads
    with mp.workdps(oracles.GUARD_DIGITS):
        of_p, of_q = (tuple(map(oracles.as_mpf, oracles.exact_pmf([x, 1 - x]))) for x in (p, q))
        try:
            least = mc.least_degree(([p, 1 - p], [q, 1 - q]), alpha, beta)
        except mc.PrecisionError as error:
            first, last = map(int, error.bracket)
            assert miss(first - 1, alpha, of_p, of_q) > beta >= miss(last, alpha, of_p, of_q)
            assert last - first < 1e-4 * first
            return
        assert miss(least - 1, alpha, of_p, of_q) > beta >= miss(least, alpha, of_p, of_q)


def miss(m, alpha, of_p, of_q):
    """P(T rejects P) of the best randomised test of m tosses with P(T accepts P | Q) ≤ α, heads for P."""
    low, high = 0, m + 1
    while low < high:
        k = (low + high) // 2
        low, high = (low, k) if oracles.upper_tail(m, of_q, k) <= alpha else (k + 1, high)
    heads = oracles.upper_tail(m, of_q, low)
    at_q = oracles.upper_tail(m, of_q, low - 1) - heads
    above_p = oracles.upper_tail(m, of_p, low)
    at_p = oracles.upper_tail(m, of_p, low - 1) - above_p
    return 1 - above_p - at_p * (alpha - heads) / at_q


@examples(60)
@given(pairs(2, zeros=None), st.integers(1, 60), st.floats(-12, -0.01))
def test_the_trade_off_of_two_letters_is_that_of_their_types(pair, m, digits):
    region, alpha = Region.from_pmfs(*pair), 10.0**digits
    common = common_letters(region)
    assume(len(common.p) == 2)
    exact = 1 - oracles.packed_boundary(*pair, m, alpha)
    assert few_letters.trade_off(common, m, alpha) == pytest.approx(float(exact), rel=1e-11, abs=1e-300)
    assert degrees._trade_off(mc.pack(region, m), alpha) == pytest.approx(float(exact), rel=1e-11, abs=1e-15)


def test_many_letters_are_decided_by_brackets():
    p, q = [0.1, 0.2, 0.3, 0.4], [0.15, 0.15, 0.3, 0.4]
    least = mc.least_degree((p, q), 0.01, 0.01)
    assert mc.pack_bracket((p, q), least - 1, 1e-7).outer.boundary(0.01) < 0.99
    assert mc.pack_bracket((p, q), least, 1e-7).inner.boundary(0.01) > 0.99
    least = mc.least_degree((p, q), tv=0.99)
    assert mc.packed_tv_bracket((p, q), least - 1, 1e-7).upper < 0.99
    assert mc.packed_tv_bracket((p, q), least, 1e-7).lower > 0.99
    least = mc.least_degree((p, q), tv=0.3)
    assert mc.packed_tv((p, q), least - 1) < 0.3 <= mc.packed_tv((p, q), least)


def test_what_is_not_decided_is_given_as_a_bracket():
    p, q = [0.1, 0.2, 0.3, 0.4], [0.15, 0.15, 0.3, 0.4]
    with pytest.raises(mc.PrecisionError, match="one of") as refusal:
        mc.least_degree((p, q), 1e-9, 1e-3)
    first, last = refusal.value.bracket
    assert 1 < first < last < 1.1 * first
    assert pickle.loads(pickle.dumps(refusal.value)).bracket == refusal.value.bracket


def test_trivial_requirements_need_one_sample():
    same = [0.3, 0.7], [0.3, 0.7]
    assert mc.least_degree(same, 0.5, 0.5) == mc.least_degree(same, tv=0) == 1
    assert mc.least_degree(([1, 0], [0, 1]), 0, 0) == mc.least_degree(([1, 0], [0, 1]), tv=1) == 1


@pytest.mark.parametrize(
    ("pair", "asked", "message"),
    [
        (([0.3, 0.7], [0.3, 0.7]), {"tv": 0.1}, "same law"),
        (([0.3, 0.7], [0.3, 0.7]), {"alpha": 0.1, "beta": 0.1}, "same law"),
        (([0.3, 0.7], [0.4, 0.6]), {"tv": 1}, "tv=1"),
        (([0.3, 0.7], [0.4, 0.6]), {"alpha": 0, "beta": 0.1}, "alpha=0.*P-mass 0,.*Q-mass 0$"),
        (([0.2, 0.8], [0, 1]), {"alpha": 0.1, "beta": 0}, "beta=0.*P-mass 0.2,.*Q-mass 0$"),
        (([0.2, 0.8], [0, 1]), {"alpha": 0, "beta": 0}, "=0"),
    ],
)
def test_no_degree_will_do(pair, asked, message):
    with pytest.raises(mc.InfeasibleError, match=message):
        mc.least_degree(pair, **asked)


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ({}, "either alpha and beta or tv"),
        ({"alpha": 0.1}, "alpha=0.1, beta=None"),
        ({"alpha": 0.1, "beta": 0.1, "tv": 0.1}, "either"),
        ({"alpha": -0.1, "beta": 0.1}, "alpha.*-0.1"),
        ({"alpha": 0.1, "beta": 1.5}, "beta.*1.5"),
        ({"tv": math.nan}, "tv.*nan"),
    ],
)
def test_refusals_quote_the_value(asked, message):
    with pytest.raises(ValueError, match=message):
        mc.least_degree(([0.3, 0.7], [0.4, 0.6]), **asked)


def test_more_samples_than_allowed():
    p, q = [0.5, 0.5], [0.5 + 1e-12, 0.5 - 1e-12]
    with pytest.raises(ValueError, match="more than the 1e\\+15 allowed"):
        mc.least_degree((p, q), 0.05, 0.05)
    near = [0.5, 0.5], [0.5 + 5.1e-8, 0.5 - 5.1e-8]
    with pytest.raises(mc.PrecisionError, match="the most allowed"):
        mc.least_degree(near, 0.05, 0.05)
