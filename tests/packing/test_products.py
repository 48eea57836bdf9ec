"""Products of different pairs: halves of all types and characteristic functions against all sequences."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import oracles
import pytest
from effort import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from weights import normalised, without_rare_letters

import modecollapse as mc
from modecollapse import Region
from modecollapse.packing import choice, halves
from modecollapse.packing.fourier import products
from modecollapse.packing.letters import Factor, common_letters
from modecollapse.strategies import pairs

PROMISE = 2e-14
"""Relative error of exact distances, down to 1e-20."""

KONTOROVICH = 0.1489
"""TV(⊗Pᵢ, ⊗Qᵢ) ≥ c TV(P̄ⁿ, Q̄ⁿ) with this c (Kontorovich 2026)."""

Triples = Sequence[tuple[Sequence[float], Sequence[float], int]]


def factors_of(triples: Triples) -> list[Factor]:
    return [Factor(common_letters(Region.from_pmfs(p, q)), m) for p, q, m in triples]


def total_variation(triples: Triples, method="auto") -> float:
    return mc.product_tv([(p, q) for p, q, _ in triples], [m for _, _, m in triples], method)


def triples_of(letters, near=None, zeros=None):
    """Up to three factors of up to two samples."""
    pair = pairs(letters, near=near, zeros=zeros) if near is not None else pairs(letters, zeros=zeros)
    pair = pair.map(lambda drawn: without_rare_letters(drawn, 1e-12))
    return st.lists(
        st.tuples(pair, st.integers(1, 2)).map(lambda drawn: (*drawn[0], drawn[1])), min_size=1, max_size=3
    )


def assert_near(value: float, exact: mpf, rel: float) -> None:
    with mp.workdps(oracles.GUARD_DIGITS):
        assert abs(mpf(value) / exact - 1) < rel if exact > 1e-20 else value < 2e-20


def has_two_ratios(triples: Triples) -> bool:
    factors = factors_of(triples)
    return all(len(factor.common.p) for factor in factors) and not choice._has_one_ratio(factors)


@examples(150)
@given(triples_of(range(1, 4)))
def test_types_of_two_halves_are_sequences(triples):
    exact = oracles.as_mpf(oracles.distance_of_product(triples))
    assert_near(halves.total_variation(factors_of(triples)), exact, PROMISE)
    assert_near(total_variation(triples), exact, PROMISE)


@examples(100)
@given(triples_of(range(2, 4), near=1e-6, zeros=False))
def test_near_pairs_keep_their_digits(triples):
    exact = oracles.as_mpf(oracles.distance_of_product(triples))
    assert_near(halves.total_variation(factors_of(triples)), exact, PROMISE)


@examples(200)
@given(triples_of(range(1, 4)).filter(has_two_ratios), st.floats(-9, -1))
def test_brackets_from_characteristic_functions_hold(triples, digits):
    exact, width = float(oracles.distance_of_product(triples)), 10.0**digits
    try:
        estimate, bracket = products.certified_tv(factors_of(triples), width, terms=1e7)
        assert bracket.width <= width
        assert bracket.lower <= estimate <= bracket.upper
    except mc.PrecisionError as error:
        bracket = error.bracket
    assert bracket.lower <= exact <= bracket.upper


@examples(100)
@given(triples_of(range(2, 4), near=1e-9, zeros=False).filter(has_two_ratios), st.floats(-3, 0))
def test_brackets_of_near_pairs_hold_relative_to_the_distance(triples, digits):
    factors = factors_of(triples)
    exact = oracles.as_mpf(oracles.distance_of_product(triples))
    try:
        bracket = products.tv_bracket(factors, 10.0**digits * products.largest_distance(factors), terms=1e7)
    except mc.PrecisionError as error:
        bracket = error.bracket
    assert bracket.lower <= exact <= bracket.upper


@examples(60)
@given(triples_of(range(1, 4)))
def test_the_public_bracket_holds(triples):
    exact = oracles.as_mpf(oracles.distance_of_product(triples))
    bracket = mc.product_tv_bracket([(p, q) for p, q, _ in triples], [m for _, _, m in triples], 1e-6)
    assert bracket.width <= 1e-6
    assert bracket.lower <= exact <= bracket.upper


FLOOR = 1e-18
"""A width relative to the distance that rounding forbids: the allowances for it are what is left."""


@pytest.mark.parametrize("m", [7, 1000, slow(10**6)])
@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.3, 0.7], [0.31, 0.69]),
        ([0.3, 0.7], [0.3 + 1e-9, 0.7 - 1e-9]),
        ([0.3, 0.5, 0.2], [0.29, 0.5, 0.21]),
        ([0.3, 0.5, 0.2, 0], [0.29, 0.5, 0.2, 0.01]),
        ([1e-7, 1 - 1e-7], [2e-7, 1 - 2e-7]),
    ],
    ids=str,
)
def test_a_power_is_a_product_of_its_parts(p, q, m):
    """One pair as three factors, which are not counted together here, against 60 digits."""
    exact = oracles.total_variation(p, q, m)
    parts = factors_of([(p, q, m // 2), (p, q, m // 3), (p, q, m - m // 2 - m // 3)])
    if halves.largest_half(parts) <= choice.CHEAP_HALF:
        assert_near(halves.total_variation(parts), exact, 1e-12)
    with pytest.raises(mc.PrecisionError) as refusal:
        products.tv_bracket(parts, FLOOR * products.largest_distance(parts), terms=1e8)
    assert refusal.value.bracket.lower <= exact <= refusal.value.bracket.upper


@pytest.mark.parametrize("size", [1, 1e-3, 1e-9])
def test_a_thousand_coins(size):
    """Four coins 250 times each, as a thousand factors: against their types."""
    kinds = [
        ([h, 1 - h], [h + size * d, 1 - h - size * d])
        for h, d in ((0.1, 0.01), (0.3, -0.02), (0.5, 0.015), (0.8, 0.01))
    ]
    exact = mc.product_tv(kinds, 250, "exact")
    factors = factors_of([(*kinds[i % 4], 1) for i in range(1000)])
    scale = products.largest_distance(factors)
    estimate, bracket = products.certified_tv(factors, 1e-7 * scale)
    assert bracket.width <= 1e-7 * scale
    assert bracket.lower * (1 - 1e-12) <= exact <= bracket.upper * (1 + 1e-12)
    assert abs(estimate - exact) < 1e-8 * scale


def test_different_coins_by_types_of_halves():
    rng = np.random.default_rng(1)
    heads, gaps = rng.uniform(0.1, 0.8, 20), rng.uniform(-0.1, 0.1, 20)
    coins = [([h, 1 - h], [h + d, 1 - h - d]) for h, d in zip(heads, gaps, strict=True)]
    exact = mc.product_tv(coins)
    p, q = np.ones(1), np.ones(1)
    for first, second in coins:  # all 2²⁰ sequences, one by one
        p, q = np.multiply.outer(first, p).ravel(), np.multiply.outer(second, q).ravel()
    assert exact == pytest.approx(np.maximum(p - q, 0).sum(), rel=1e-12)
    bracket = mc.product_tv_bracket(coins, width=1e-9)
    assert bracket.lower <= exact <= bracket.upper


def test_published_cases():
    coins = [([0.2, 0.8], [0.1, 0.9]), ([0.3, 0.7], [0.4, 0.6])]
    assert mc.product_tv(coins) == pytest.approx(
        float(oracles.distance_of_product([(*coin, 1) for coin in coins])), rel=1e-14
    )
    # two samples in either order have the distance 2 AUC − 1
    region = Region.from_pmfs([0.2, 0.8], [0, 1])
    assert mc.product_tv([region, region.mirror()]) == pytest.approx(0.2, rel=1e-14)


def test_equal_factors_are_one_power():
    region = Region.from_pmfs([0.1, 0.2, 0.3, 0.4], [0.2, 0.2, 0.2, 0.4])
    other = ([0.4, 0.1, 0.3, 0.2], [0.4, 0.2, 0.2, 0.2])  # the same letters in another order
    for m in (1, 7, 40):
        assert mc.product_tv([region], m) == mc.packed_tv(region, m)
        assert mc.product_tv([region, other], [m, 2 * m]) == mc.packed_tv(region, 3 * m)
        assert mc.product_tv([region, ([0.3, 0.7], [0.3, 0.7])], m) == mc.packed_tv(region, m)
        assert mc.product_tv_bracket([region, other], m) == mc.packed_tv_bracket(region, 2 * m)
    for method in ("exact", "certified"):
        assert mc.product_tv([region, other], 20, method) == mc.packed_tv(region, 40, method)
    assert mc.product_tv([([1], [1]), ([0.5, 0.5], [0.5, 0.5])]) == 0.0


@pytest.mark.parametrize("method", ["auto", "exact", "certified"])
@pytest.mark.parametrize("m", [1, 10**6, 10**15])
def test_factors_of_one_ratio(method, m):
    """Common letters of one ratio have one type however many samples there are."""
    lost, spurious, disjoint = ([0.2, 0.8], [0, 1]), ([0, 1], [0.3, 0.7]), ([1, 0], [0, 1])
    with mp.workdps(oracles.GUARD_DIGITS):
        p, q = oracles.exact_pmf(lost[0])[1], oracles.exact_pmf(spurious[1])[1]
        exact = 1 - min(oracles.as_mpf(p) ** m, oracles.as_mpf(q) ** m)
    value = mc.product_tv([lost, spurious], m, method)
    assert abs(value - exact) <= 1e-12 * exact
    bracket = mc.product_tv_bracket([lost, spurious], m)
    assert bracket.lower <= exact <= bracket.upper
    assert mc.product_tv([lost, disjoint], m, method) == 1.0
    assert mc.product_tv([([0.3, 0.7], [0.4, 0.6]), disjoint], m, method) == 1.0
    assert mc.product_tv_bracket([lost, disjoint], m).upper == 1.0


def test_one_ratio_beside_two():
    coin, lost = ([0.3, 0.7], [0.4, 0.6]), ([0.2, 0.8], [0, 1])
    exact = oracles.as_mpf(oracles.distance_of_product([(*coin, 3), (*lost, 2)]))
    assert_near(mc.product_tv([coin, lost], [3, 2]), exact, PROMISE)
    bracket = products.tv_bracket(factors_of([(*coin, 3), (*lost, 2)]), 1e-10)
    assert bracket.lower <= exact <= bracket.upper
    # 0.8^(10^9) is nothing, and the coin no longer matters
    assert mc.product_tv([coin, lost], [3, 10**9]) == 1.0


@given(triples_of(range(1, 4)))
def test_order_and_sides_do_not_matter(triples):
    value = total_variation(triples)
    swapped = [(q, p, m) for p, q, m in triples]
    assert total_variation(triples[::-1]) == pytest.approx(value, rel=1e-13, abs=1e-20)
    assert total_variation(swapped) == pytest.approx(value, rel=1e-13, abs=1e-20)


@given(triples_of(range(1, 4)))
def test_a_factor_more_is_no_garbling_of_fewer(triples):
    value = total_variation(triples)
    for index in range(len(triples)):
        fewer = triples[:index] + triples[index + 1 :]
        assert not fewer or total_variation(fewer) <= value * (1 + 1e-13) + 1e-20
    union = 1 - np.prod([(1 - mc.packed_tv((p, q), 1)) ** m for p, q, m in triples])
    assert value <= union + 1e-14


@examples(60)
@given(st.lists(pairs(range(2, 5)), min_size=2, max_size=5))
def test_the_mean_pair_is_no_easier_to_tell(factors):
    """Kontorovich: P̄ and Q̄ are the means of the factors, on one alphabet of the most letters."""
    letters = max(len(p) for p, _ in factors)
    padded = [[np.pad(side, (0, letters - len(side))) for side in pair] for pair in factors]
    mean = np.mean(padded, axis=0)
    means = mc.packed_tv((normalised(mean[0]), normalised(mean[1])), len(factors))
    assert mc.product_tv(factors) >= KONTOROVICH * means - 1e-15


def test_coins_that_rarely_show_heads_differ_by_outcomes_of_one_head():
    """Avital, Kontorovich and Salafatinos (2026): TV is of the order of S, half of which is a lower bound."""
    rng = np.random.default_rng(0)
    quotients = []
    for n in (2, 3, 10, 20):
        for draw in range(50):
            p, q = rng.random((2, n)) ** (1 + 2 * (draw % 2)) / n
            if draw % 3 == 0:
                q = np.roll(p, 1)
            heads = [np.prod(1 - law) * law / (1 - law) for law in (p, q)]
            distance = mc.product_tv([([a, 1 - a], [b, 1 - b]) for a, b in zip(p, q, strict=True)])
            quotients.append(distance / np.abs(heads[0] - heads[1]).sum())
    assert 0.5 - 1e-12 <= min(quotients) <= max(quotients) < 4


def test_kontorovich_is_not_far_from_the_truth_for_two_coins():
    """A mean pair that is easier to tell, by nearly 9/8: no larger factor is known for coins."""
    coins = [([h, 1 - h], [g, 1 - g]) for h, g in ((0.99875915, 0.99999878), (0.50092865, 0.50154731))]
    mean = [normalised(np.mean([coin[side] for coin in coins], axis=0)) for side in (0, 1)]
    assert 8 / 9 < mc.product_tv(coins) / mc.packed_tv(mean, 2) < 0.8891


def test_fewer_types_than_asked_are_refused_with_their_number():
    rng = np.random.default_rng(3)
    heads = rng.uniform(0.2, 0.8, 50)
    coins = [([h, 1 - h], [1 - h, h]) for h in heads]
    with pytest.raises(ValueError, match="33554432 types"):
        mc.product_tv(coins, method="exact")
    bracket = mc.product_tv_bracket(coins, width=1e-6)
    assert bracket.lower <= mc.product_tv(coins) <= bracket.upper


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([],), r"at least one Region or pair.*got \[\]"),
        ((Region.from_pmfs([1], [1]),), "at least one Region or pair"),
        ((3,), "got 3"),
        (([[0.2, 0.8], [0.3, 0.7]],), r"got \[0.2, 0.8\]; write product_tv"),
        (([([0.2, 0.8], [0.3, 0.7])], [1, 2]), r"one for each of the 1 pairs, got shape \(2,\)"),
        (([([0.2, 0.8], [0.3, 0.7])], 0), "got 0"),
        (([([0.2, 0.8], [0.3, 0.8])],), "q must sum to 1"),
        (([([0.2, 0.8], [0.3, 0.7])], 1, "quick"), "'quick'"),
        (([([0.2, 0.8], [0.3, 0.7])] * 2, 10**15), "2000000000000000"),
    ],
    ids=str,
)
def test_refusals_quote_the_value(arguments, message):
    with pytest.raises(ValueError, match=message):
        mc.product_tv(*arguments)


@pytest.mark.parametrize("width", [0, -1.0, float("nan")])
def test_a_width_must_be_positive(width):
    with pytest.raises(ValueError, match="width"):
        mc.product_tv_bracket([([0.2, 0.8], [0.3, 0.7])], width=width)


def test_a_width_out_of_reach_carries_the_best_bracket():
    coins = [([0.3, 0.7], [0.3 + d, 0.7 - d]) for d in (1e-5, 2e-5, 3e-5)]
    with pytest.raises(mc.PrecisionError) as refusal:
        mc.product_tv_bracket(coins, 10**9, width=1e-16)
    assert refusal.value.bracket.width < 1e-6
    one_type = [([0.2, 0.8], [0, 1]), ([0.3, 0.7], [0, 1])]
    with pytest.raises(mc.PrecisionError, match="rounding"):
        mc.product_tv_bracket(one_type, width=1e-18)
