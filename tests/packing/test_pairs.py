"""Every evaluator takes a Region or a pair, and recomputes nothing that a Region knows."""

from __future__ import annotations

import math

import numpy as np
import oracles
import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.strategies import pairs

P, Q = [0.2, 0.3, 0.5], [0.25, 0.35, 0.4]

EVALUATORS = [
    pytest.param(lambda pair: mc.packed_tv(pair, 3), id="packed_tv"),
    pytest.param(lambda pair: mc.packed_overlap(pair, 3), id="packed_overlap"),
    pytest.param(lambda pair: mc.packed_tv_bracket(pair, 3), id="packed_tv_bracket"),
    pytest.param(lambda pair: mc.packed_overlap_bracket(pair, 3), id="packed_overlap_bracket"),
    pytest.param(lambda pair: mc.packed_divergence(pair, 3, "js"), id="packed_divergence"),
    pytest.param(mc.chernoff_information, id="chernoff_information"),
    pytest.param(lambda pair: mc.pack(pair, 3), id="pack"),
    pytest.param(lambda pair: mc.pack_bracket(pair, 3), id="pack_bracket"),
]


@pytest.mark.parametrize("evaluate", EVALUATORS)
@pytest.mark.parametrize("make", [tuple, list, np.array], ids=["tuple", "list", "array of two rows"])
def test_a_pair_is_its_region(evaluate, make):
    assert evaluate(make([P, Q])) == evaluate(mc.Region.from_pmfs(P, Q))


@pytest.mark.parametrize("evaluate", EVALUATORS)
@pytest.mark.parametrize("pair", [[0.2, 0.8], P, np.array(P), None, "pq", 0.5], ids=str)
def test_what_is_no_pair_is_quoted_with_the_right_spelling(evaluate, pair):
    with pytest.raises(ValueError, match=r"expected a Region or two pmfs.*write \w+\(\(p, q\)"):
        evaluate(pair)


def test_the_spelling_of_version_0_1_is_refused_with_the_new_one():
    for old in (mc.packed_tv, mc.packed_overlap):
        with pytest.raises(ValueError, match=rf"\[0\.2, 0\.8\]; write {old.__name__}\(\(p, q\), m\)"):
            old([0.2, 0.8], [0, 1], 2)


@pytest.mark.parametrize("method", ["auto", "exact", "certified"])
@pytest.mark.parametrize(
    "region",
    [
        mc.Region.from_letters([0.5, 0.5], [0.5, 0.5], [1e-20, -1e-20]),
        mc.Region.from_pmfs(P, Q),
        mc.Region.from_pmfs(np.arange(1, 10**5 + 1) / 5000050000, np.full(10**5, 1e-5)),
    ],
    ids=["nearly equal", "three letters", "many letters"],
)
def test_one_sample_is_the_region_itself(region, method):
    assert mc.packed_tv(region, 1, method) == region.total_variation
    assert mc.packed_tv(region, [1, 1], method).tolist() == [region.total_variation] * 2
    assert mc.packed_overlap(region, 1, method=method) == math.fsum(np.minimum(region.p, region.q))
    assert mc.packed_overlap(region, 1, log=True, method=method) == pytest.approx(
        math.log1p(-region.total_variation), rel=1e-12, abs=0
    )
    assert mc.packed_divergence(region, 1, "js") == region.divergence("js")
    assert mc.pack(region, 1) is region
    bracket = mc.packed_tv_bracket(region, 1)
    assert bracket.lower <= region.total_variation <= bracket.upper
    assert bracket.width < 1e-14


@examples(60)
@given(pairs(), st.integers(1, 6))
def test_the_overlap_bracket_holds_the_overlap(pair, m):
    exact = oracles.overlap(*pair, m)
    try:
        lower, upper = mc.packed_overlap_bracket(pair, m, width=1e-6)
    except mc.PrecisionError as error:
        lower, upper = error.bracket
    else:
        assert upper - lower <= 1e-6 * lower or upper < 1e-307
    assert lower * (1 - 1e-14) <= exact <= upper * (1 + 1e-14)  # pmfs sum to 1 to rounding only


@pytest.mark.parametrize(("p", "m"), [(0.9, 10), (0.9, 1000), (0.51, 10**6), (0.75, 4001)])
def test_the_overlap_bracket_is_narrow_relative_to_tiny_overlaps(p, m):
    pair = [p, 1 - p], [1 - p, p]
    bracket = mc.packed_overlap_bracket(pair, m)
    assert bracket.lower <= mc.packed_overlap(pair, m) <= bracket.upper
    assert bracket.width <= 1e-4 * bracket.lower


def test_overlaps_that_vanish_are_bracketed_outwards():
    assert mc.packed_overlap_bracket(([1, 0], [0, 1]), 5) == (0, 0)
    lower, upper = mc.packed_overlap_bracket(([0.2, 0.8], [0, 1]), 10**5)
    assert lower == 0
    assert 0 < upper < 1e-300


def test_an_overlap_bracket_that_is_out_of_reach_is_refused_with_the_best():
    pair = [0.2, 0.8], [0, 1]
    with pytest.raises(mc.PrecisionError, match="relative width of 1e-17") as error:
        mc.packed_overlap_bracket(pair, 20, width=1e-17)
    assert error.value.bracket.lower <= mc.packed_overlap(pair, 20) <= error.value.bracket.upper


def test_one_degree_gives_a_float_and_many_an_array():
    for evaluate in (mc.packed_tv, mc.packed_overlap, lambda pair, m: mc.packed_divergence(pair, m, "kl")):
        for one in (3, np.int32(3), np.uint8(3)):
            assert type(evaluate((P, Q), one)) is float
        for many in ([3], (3,), range(3, 4), np.array([3])):
            assert evaluate((P, Q), many).shape == (1,)
