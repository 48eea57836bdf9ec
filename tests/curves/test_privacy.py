"""Differential privacy: δ(ε) and ε(δ) against exact sums over types."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse import Bracket, PrecisionError, Region, RegionBracket
from modecollapse.curves import from_privacy, privacy, privacy_delta, privacy_epsilon
from modecollapse.strategies import garblings, pairs

RESPONSE = [0.75, 0.25], [0.25, 0.75]


def exact_delta(pair, order, m):
    """The greater of the two hockey sticks at a float order, in fractions."""
    table, gamma = oracles.types(*pair, m), Fraction(order)
    return max(
        sum(max(a - gamma * b, Fraction(0)) for a, b in zip(one, other, strict=True)) / table.whole
        for one, other in ((table.p, table.q), (table.q, table.p))
    )


@given(pairs(k=3), st.floats(0, 6))
def test_one_sample_is_exact(pair, eps):
    assert privacy_delta(pair, eps) == pytest.approx(float(exact_delta(pair, math.exp(eps), 1)), abs=1e-13)


@given(pairs(k=3), st.integers(2, 5), st.floats(0, 6))
def test_many_samples_are_bracketed(pair, m, eps):
    truth = exact_delta(pair, math.exp(eps), m)
    region = Region.from_pmfs(*pair)
    try:
        lower, upper = privacy_delta(RegionBracket(region, region), eps, m, 1e-4)
    except PrecisionError as error:  # an order within rounding of a likelihood ratio leaves few digits
        lower, upper = error.bracket
    slack = Fraction(1e-13) * 1000  # e^ε is rounded
    assert lower - float(slack) <= truth <= upper + float(slack)


@given(pairs(k=3), st.floats(1e-6, 1))
def test_epsilon_is_the_inverse_for_one_sample(pair, delta):
    eps = privacy_epsilon(pair, delta)
    if eps == math.inf:
        assert max(sum(p for p, q in side if not q) for side in both(pair)) > delta
    else:
        assert privacy_delta(pair, eps) <= delta + 1e-12
        if eps > 1e-9:
            assert privacy_delta(pair, eps * (1 - 1e-9)) >= delta - 1e-12


def both(pair):
    letters = oracles.exact_pair(*pair)
    return letters, [(q, p) for p, q in letters]


@pytest.mark.parametrize("m", [2, 10, 100, 1000])
@pytest.mark.parametrize("delta", [0.1, 1e-6, 1e-12])
def test_epsilon_of_many_samples_is_certified(m, delta):
    region = Region.from_pmfs([0.3, 0.4, 0.3], [0.25, 0.4, 0.35])
    low, high = privacy_epsilon(RegionBracket(region, region), delta, m)
    assert 0 <= low <= high <= low + 1.001e-3
    assert low <= privacy_epsilon(region, delta, m) <= high
    if m > 100:  # half a million types of large integers
        return
    assert low == 0 or exact_delta(region.pair, math.exp(low), m) > delta
    assert exact_delta(region.pair, math.exp(high), m) <= delta


@given(pairs(k=3), garblings(3), st.integers(2, 4), st.floats(1e-6, 0.5))
def test_epsilon_between_two_regions_is_certified_at_both(pair, garbling, m, delta):
    outer = Region.from_pmfs(*pair)
    inner = outer & Region.from_pmfs(*(np.asarray(law) @ garbling for law in pair))
    try:
        low, high = privacy_epsilon(RegionBracket(inner, outer), delta, m, 1e-2)
    except PrecisionError as error:
        low, high = error.bracket
    slack = 1e-12  # e^ε and the letters of the inner region are rounded
    assert high > 700 or exact_delta(outer.pair, math.exp(high), m) <= delta + slack
    assert low <= 0 or low > 700 or exact_delta(inner.pair, math.exp(low), m) >= delta - slack


def test_an_epsilon_that_overflows_is_none_of_the_inner_region():
    """Three of three samples are 700 nats apart for the outer region, and the inner one has one letter."""
    outer = Region.from_pmfs([1 / 3, 2 / 3], [5e-154, 1])
    inner = Region.from_pmfs([1], [1])
    with pytest.raises(PrecisionError, match="is above 700") as raised:
        privacy_epsilon(outer, 0.25, 3)
    assert raised.value.bracket.lower == 700
    with pytest.raises(PrecisionError) as raised:
        privacy_epsilon(RegionBracket(inner, outer), 0.25, 3)
    assert raised.value.bracket.lower == 0
    assert raised.value.bracket.upper > 700


@pytest.mark.parametrize(("lower", "upper", "expected"), [(max, max, (0.1, 0.5)), (min, max, (0.05, 0.5))])
def test_a_bracket_that_is_too_wide_is_raised_with_those_of_the_others(lower, upper, expected):
    def of(region):
        if region == "wide":
            raise PrecisionError("too wide", Bracket(0.05, 0.5))
        return Bracket(0.1, 0.2)

    for regions in (("narrow", "wide"), ("wide", "narrow")):
        with pytest.raises(PrecisionError, match="too wide") as raised:
            privacy._together([privacy._attempt(of, region) for region in regions], lower, upper)
        assert raised.value.bracket == expected
    assert privacy._together([privacy._attempt(of, "narrow")] * 2, lower, upper) == (0.1, 0.2)


@pytest.mark.parametrize(("loss", "orders"), [(0.0, 2), (20.0, 1)])
def test_no_order_is_solved_twice_where_a_width_is_out_of_reach(loss, orders, monkeypatch):
    """The bracket of the first order is kept, whether or not the other order may exceed it."""
    solved = []

    def out_of_reach(region, delta, m, width):
        solved.append(region)
        raise PrecisionError("too wide", Bracket(loss, loss + 1))

    region = Region.from_pmfs([0.7, 0.2, 0.1], [0.2, 0.3, 0.5])
    monkeypatch.setattr(privacy, "_epsilon_one_way", out_of_reach)
    with pytest.raises(PrecisionError, match="too wide") as raised:
        privacy_epsilon(region, 1e-3, 2)
    assert raised.value.bracket == (loss, loss + 1)
    assert len(solved) == orders
    assert (len(solved) == 1) == (exact_delta(region.pair, math.exp(loss + 1), 2) <= 1e-3)


def test_pure_privacy_and_what_is_never_private():
    assert privacy_epsilon(RESPONSE, 0, 10) == pytest.approx(10 * math.log(3), rel=1e-15)
    assert privacy_delta(RESPONSE, 10 * math.log(3) + 1e-9, 10) == 0
    assert privacy_epsilon(([1, 0], [0.5, 0.5]), 0.4) == math.inf
    assert privacy_epsilon(([1, 0], [0.5, 0.5]), 0.5) == 0
    lost = Region.from_pmfs([1e-9, 1 - 1e-9], [0, 1])
    assert privacy_delta(lost, 1, 1000) == pytest.approx(-math.expm1(1000 * math.log1p(-1e-9)), rel=1e-14)


def test_both_orders_count():
    pair = [0.2, 0.8], [0.01, 0.99]
    assert privacy_delta(pair, 1) == privacy_delta(pair[::-1], 1) == pytest.approx(0.2 - math.e * 0.01)
    assert privacy_epsilon(pair, 1e-4, 5) == pytest.approx(privacy_epsilon(pair[::-1], 1e-4, 5), abs=2e-6)


def test_equal_pairs_are_private():
    assert privacy_delta(([1], [1]), 0, 5) == 0
    assert privacy_epsilon(([1], [1]), 0, 5) == privacy_epsilon(([1], [1]), 1e-9) == 0


def test_two_regions_give_the_outermost_ends():
    inner, outer = from_privacy(0.5, 0), from_privacy(0.5, 1e-3)
    bracket = RegionBracket(inner, outer)
    lower, upper = privacy_delta(bracket, 0.25)
    assert (lower, upper) == (privacy_delta(inner, 0.25), privacy_delta(outer, 0.25))
    assert privacy_epsilon(bracket, 1e-6, 2) == (pytest.approx(1.0, abs=1e-3), math.inf)


def test_guarantees_of_one_use_and_their_region_agree():
    region = from_privacy([0.5, 1.0], [1e-2, 1e-4])
    for eps, delta in ((0.5, 1e-2), (1.0, 1e-4)):
        assert privacy_delta(region, eps) == pytest.approx(delta, rel=1e-10)
        assert privacy_epsilon(region, delta) == pytest.approx(eps, rel=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: privacy_delta(RESPONSE, -1), "eps must be at least 0, got -1"),
        (lambda: privacy_delta(RESPONSE, 800, 2), "eps must be at most 700 for m > 1, got 800"),
        (lambda: privacy_delta(RESPONSE, 1, 0), "m must be integers from 1"),
        (lambda: privacy_delta(RESPONSE, 1, 2, 0), "width must be positive"),
        (lambda: privacy_epsilon(RESPONSE, 2), r"delta must lie in \[0, 1\], got 2"),
    ],
)
def test_bad_input_is_quoted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_an_epsilon_that_overflows_is_refused():
    with pytest.raises(PrecisionError, match="ε is above 700") as caught:
        privacy_epsilon(([1 - 1e-9, 1e-9], [1e-9, 1 - 1e-9]), 1e-6, 100)
    assert caught.value.bracket.lower == 700
    assert np.isfinite(caught.value.bracket.upper)
