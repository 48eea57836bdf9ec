"""Strategies for users: what they promise, which edges they reach, and what they shrink to."""

from __future__ import annotations

import math
import subprocess
import sys
from fractions import Fraction

import numpy as np
import oracles
import pytest
from effort import examples, slow
from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse import Region
from modecollapse.strategies import (
    TheoremParameters,
    garblings,
    pairs,
    pmfs,
    regions,
    theorem_parameters,
)
from modecollapse.theorems.regimes import HAIR, REGIMES

TAU_PROMISE = Fraction(1, 10**15)
FINITE = [name for name, regime in REGIMES.items() if regime.beyond]

distances = st.sampled_from([0.0, 1.0, 0.3, 1e-12, 1e-300, 1 - 2**-53]) | st.floats(0, 1)


def exact_distance(pair):
    return sum(abs(a - b) for a, b in oracles.exact_pair(*pair)) / 2


def has_zero(pair):
    return not all([*pair.p, *pair.q])


def assert_pmf(values):
    assert all(type(value) is float and 0 <= value <= 1 for value in values)
    assert math.fsum(values) == pytest.approx(1, abs=1e-15)


# -- promises ----------------------------------------------------------------------------------------------


@given(pmfs())
def test_pmfs_are_lists_that_sum_to_one(values):
    assert_pmf(values)
    assert 1 <= len(values) <= 5


@given(pmfs(zeros=True), pmfs(zeros=False))
def test_pmfs_have_zeros_as_asked(some, none):
    assert_pmf(some)
    assert_pmf(none)
    assert 0 in some
    assert 0 not in none


@pytest.mark.parametrize(
    ("k", "allowed"),
    [
        (3, {3}),
        (np.int64(2), {2}),
        (range(2, 5), {2, 3, 4}),
        (range(5, 0, -2), {1, 3, 5}),
        (st.sampled_from([2, 7]), {2, 7}),
    ],
)
@given(data=st.data())
def test_numbers_of_letters_are_ints_ranges_or_strategies(k, allowed, data):
    assert len(data.draw(pmfs(k))) in allowed
    assert len(data.draw(pairs(k)).q) in allowed
    assert data.draw(garblings(k, 2)).shape[0] in allowed
    assert data.draw(garblings(2, k)).shape[1] in allowed


@pytest.mark.parametrize("k", [range(1, 4), st.integers(0, 3)])
@given(data=st.data())
def test_numbers_of_letters_too_small_for_the_demand_are_passed_over(k, data):
    assert len(data.draw(pmfs(k, zeros=True))) >= 2
    assert len(data.draw(pairs(k, tau=0.5)).p) >= 2


@given(pairs())
def test_pairs_are_two_pmfs_on_the_same_letters(pair):
    assert len(pair.p) == len(pair.q)
    assert_pmf(pair.p)
    assert_pmf(pair.q)


@given(distances.flatmap(lambda tau: st.tuples(st.just(tau), pairs(range(2, 9), tau=tau))))
def test_the_distance_is_the_one_asked_for(drawn):
    tau, pair = drawn
    assert abs(exact_distance(pair) - Fraction(tau)) <= TAU_PROMISE
    assert_pmf(pair.p)
    assert_pmf(pair.q)


@given(pairs(tau=0), pairs(tau=1))
def test_the_extreme_distances_are_met_exactly(equal, disjoint):
    assert equal.p == equal.q
    assert not any(a and b for a, b in zip(*disjoint, strict=True))


@given(pairs(tau=st.sampled_from([0.25, 0.75]), zeros=False))
def test_the_distance_can_be_drawn(pair):
    assert min(abs(exact_distance(pair) - Fraction(tau)) for tau in (0.25, 0.75)) <= TAU_PROMISE
    assert not has_zero(pair)


@pytest.mark.parametrize("near", [0, 1e-16, 1e-12, 1e-3, 1])
@given(data=st.data())
def test_near_pairs_are_no_further_apart(near, data):
    pair = data.draw(pairs(near=near))
    assert Region.from_pmfs(*pair).total_variation <= near


@pytest.mark.parametrize("demand", [{}, {"near": 1e-6}, {"tau": st.floats(0, 1)}, {"tau": 1 - 2**-53}])
@given(data=st.data())
def test_pairs_have_zeros_as_asked(demand, data):
    assert has_zero(data.draw(pairs(zeros=True, **demand)))
    assert not has_zero(data.draw(pairs(zeros=False, **demand)))


@given(regions(3, tau=0.25), regions(zeros=False), regions(near=1e-9))
def test_regions_are_those_of_pairs(far, full, near):
    assert far.total_variation == pytest.approx(0.25, abs=1e-15)
    assert 2 <= len(far.p) <= 3
    assert (full.p > 0).all()
    assert (full.q > 0).all()
    assert near.total_variation <= 1e-9


@given(garblings(range(1, 5), range(1, 7)))
def test_garblings_are_row_stochastic(channel):
    assert channel.dtype == float
    assert (channel >= 0).all()
    assert channel.sum(axis=1) == pytest.approx(1, abs=1e-15)


@given(pairs(), st.integers(1, 4), st.data())
def test_whatever_is_drawn_is_accepted(pair, m, data):
    channel = data.draw(garblings(len(pair.p)))
    garbled = Region.from_pmfs(pair.p @ channel, pair.q @ channel)
    for p, q in (pair, garbled.pair):
        assert 0 <= mc.packed_tv((p, q), m) <= 1
        assert mc.witness_set((p, q), 1, 1) is not None


@pytest.mark.parametrize("regime", REGIMES)
@examples(25)
@given(data=st.data())
def test_feasible_parameters_are_answered_in_their_regime(regime, data):
    drawn = data.draw(theorem_parameters(regime=regime, m=range(1, 4)))
    assert drawn.regime == regime
    assert 0 <= drawn.eps < drawn.delta <= 1
    assert mc.tv_band(drawn.tau, drawn.m, gap=1e-4, **drawn.condition).regime == regime


@pytest.mark.parametrize("regime", FINITE)
@given(data=st.data())
def test_infeasible_parameters_are_refused(regime, data):
    drawn = data.draw(theorem_parameters(False, regime=regime))
    assert drawn.regime == regime
    with pytest.raises(mc.InfeasibleError):
        mc.tv_band(drawn.tau, drawn.m, **drawn.condition)


@given(theorem_parameters(m=7), theorem_parameters(m=range(2, 4)), theorem_parameters(m=st.just(9)))
def test_packing_degrees_are_those_asked_for(fixed, ranged, drawn):
    assert (fixed.m, drawn.m) == (7, 9)
    assert ranged.m in (2, 3)


# -- edges -------------------------------------------------------------------------------------------------


def reach(strategy, condition):
    """An example, of whatever size."""
    generate = settings(max_examples=20_000, derandomize=True, database=None, phases=[Phase.generate])
    return find(strategy, condition, settings=generate)


def ratios(pair):
    """Likelihood ratios p/q of the common letters, exactly."""
    return [a / b for a, b in oracles.exact_pair(*pair) if a and b]


PAIR_EDGES = {
    "one letter": lambda pair: pair.p == [1],
    "five letters": lambda pair: len(pair.p) == 5,
    "equal laws": lambda pair: pair.p == pair.q and len(pair.p) > 1,
    "disjoint supports": lambda pair: exact_distance(pair) == 1,
    "a letter that neither law has": lambda pair: (0, 0) in zip(*pair, strict=True),
    "a letter that P alone has": lambda pair: any(a and not b for a, b in zip(*pair, strict=True)),
    "a letter that Q alone has": lambda pair: any(b and not a for a, b in zip(*pair, strict=True)),
    "letters of equal ratio": lambda pair: (
        len(set(ratios(pair)) - {1}) < len([r for r in ratios(pair) if r != 1])
    ),
    "letters of equal mass among others": lambda pair: 1 in ratios(pair) and pair.p != pair.q,
    "a probability near 1e-300": lambda pair: 0 < min(pair.p) < 1e-290,
    "a tiny probability of a likely letter": lambda pair: any(
        0 < b < 1e-250 and a > 0.1 for a, b in zip(*pair, strict=True)
    ),
    "differences near 1e-12": lambda pair: 1e-13 < exact_distance(pair) < 1e-11,
    "a distance next to 1": lambda pair: 0 < 1 - exact_distance(pair) < 1e-12,
    "no zeros, three ratios": lambda pair: not has_zero(pair) and len(set(ratios(pair))) >= 3,
    "masses of many digits": lambda pair: any((value * 5040) % 1 for value in pair.p) and min(pair.p) > 1e-3,
}


@pytest.mark.parametrize(
    "edge", [slow(edge) if edge == "differences near 1e-12" else edge for edge in PAIR_EDGES]
)
def test_pairs_reach_their_edges(edge):
    assert PAIR_EDGES[edge](reach(pairs(), PAIR_EDGES[edge]))


GARBLING_EDGES = {
    "a permutation": lambda channel: (channel.sum(axis=0) == 1).all() and channel[0, 0] == 0,
    "a merge": lambda channel: set(channel.ravel()) == {0, 1} and (channel.sum(axis=0) == 0).any(),
    "nothing left to tell": lambda channel: (channel == channel[0]).all(),
    "randomisation": lambda channel: ((channel > 0) & (channel < 1)).all(),
}


@pytest.mark.parametrize("edge", GARBLING_EDGES)
def test_garblings_reach_their_edges(edge):
    assert reach(garblings(3, 3), GARBLING_EDGES[edge]).shape == (3, 3)


@pytest.mark.parametrize(("k", "l"), [(4, 2), (2, 4), (1, 3), (3, 1)])
def test_deterministic_garblings_of_any_shape_are_reached(k, l):  # noqa: E741
    onto = reach(
        garblings(k, l),
        lambda channel: set(channel.ravel()) <= {0, 1} and np.count_nonzero(channel.sum(axis=0)) == min(k, l),
    )
    assert onto.shape == (k, l)


def shape(drawn):
    """δ−ε, min(ε, 1−δ), and the end of the side tangents."""
    d, u = drawn.delta - drawn.eps, min(drawn.eps, 1 - drawn.delta)
    return d, u, d / (1 - u)


PARAMETER_EDGES = {
    ("collapse", "at the threshold"): lambda drawn: drawn.tau == drawn.delta - drawn.eps,
    ("collapse", "ε = 0"): lambda drawn: drawn.eps == 0,
    ("collapse", "δ = 1"): lambda drawn: drawn.delta == 1 and drawn.eps > 0,
    ("collapse", "τ = 1"): lambda drawn: drawn.tau == 1,
    ("too close to collapse", "a hair below"): lambda drawn: 0 < shape(drawn)[0] - drawn.tau < 2 * HAIR,
    ("too close to collapse", "τ = 0"): lambda drawn: drawn.tau == 0,
    ("side tangents", "δ+ε = 1"): lambda drawn: drawn.eps + drawn.delta == 1,
    ("side tangents", "δ+ε > 1"): lambda drawn: drawn.eps + drawn.delta > 1.1,
    ("side tangents", "at the threshold"): lambda drawn: drawn.tau == shape(drawn)[0],
    ("side tangents", "a hair below"): lambda drawn: 0 < shape(drawn)[2] - drawn.tau < 2 * HAIR,
    ("side tangents", "thresholds in reverse"): lambda drawn: 3 * shape(drawn)[1] + shape(drawn)[0] > 1.1,
    ("middle tangents", "at the threshold"): lambda drawn: drawn.tau == shape(drawn)[2],
    ("middle tangents", "δ+ε > 1"): lambda drawn: drawn.eps + drawn.delta > 1.1,
    ("zero-width collapse", "δ = 1"): lambda drawn: drawn.delta == 1,
    ("zero-width collapse", "at the threshold"): lambda drawn: drawn.tau == shape(drawn)[0],
    ("all pairs", "τ = 1"): lambda drawn: drawn.tau == 1,
    ("all pairs", "τ = 0"): lambda drawn: drawn.tau == 0,
}


@pytest.mark.parametrize(("regime", "edge"), PARAMETER_EDGES)
def test_parameters_reach_their_edges(regime, edge):
    condition = PARAMETER_EDGES[regime, edge]
    assert condition(reach(theorem_parameters(regime=regime), condition))


@pytest.mark.parametrize("feasible", [True, False])
def test_every_regime_is_drawn(feasible):
    for regime in REGIMES if feasible else FINITE:
        reach(theorem_parameters(feasible), lambda drawn, regime=regime: drawn.regime == regime)


# -- the simplest examples ---------------------------------------------------------------------------------


def anything(value):
    return True


@pytest.mark.parametrize(
    ("strategy", "condition", "simplest"),
    [
        (pmfs(), anything, [1.0]),
        (pmfs(2), anything, [0.5, 0.5]),
        (pmfs(4, zeros=False), anything, [0.25] * 4),
        (pmfs(3, zeros=True), anything, [0.0, 0.5, 0.5]),
        (pmfs(2), lambda pmf: pmf[0] < pmf[1], [1 / 3, 2 / 3]),
        (pairs(), anything, ([1.0], [1.0])),
        (pairs(2), anything, ([0.5, 0.5], [0.5, 0.5])),
        (pairs(2, tau=0.5), anything, ([0.75, 0.25], [0.25, 0.75])),
        (pairs(tau=1), anything, ([1.0, 0.0], [0.0, 1.0])),
        (pairs(zeros=True), anything, ([0.0, 1.0], [0.5, 0.5])),
        (pairs(2, near=0.5), anything, ([0.625, 0.375], [0.375, 0.625])),
        (pairs(), lambda pair: exact_distance(pair) == 1, ([1.0, 0.0], [0.0, 1.0])),
        (theorem_parameters(), anything, TheoremParameters(0.5, 0.25, 0.75, 1, "all pairs")),
        (
            theorem_parameters(regime="side tangents"),
            anything,
            TheoremParameters(pytest.approx(15 / 28), 0.125, 0.625, 1, "side tangents"),
        ),
        (
            theorem_parameters(False, regime="collapse"),
            anything,
            TheoremParameters(0.25, 0.25, 0.75, 1, "collapse"),
        ),
    ],
)
def test_examples_shrink_to_simple_fractions(strategy, condition, simplest):
    example = find(strategy, condition, settings=settings(derandomize=True, database=None))
    assert example == simplest


@pytest.mark.parametrize(
    ("k", "l", "simplest"),
    [(2, 2, [[1, 0], [0, 1]]), (2, 3, [[1, 0, 0], [1, 0, 0]]), (1, 1, [[1]])],
)
def test_garblings_shrink_to_the_identity_or_to_one_letter(k, l, simplest):  # noqa: E741
    assert find(garblings(k, l), anything, settings=settings(database=None)).tolist() == simplest


# -- refusals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: pmfs(0), "k must be at least 1 here, got 0"),
        (lambda: pmfs(range(0, 3)), r"k must be at least 1 here, got range\(0, 3\)"),
        (lambda: pmfs(range(3, 3)), r"k must be at least 1 here, got range\(3, 3\)"),
        (lambda: pmfs(2.5), r"k must be a whole number, a range or a strategy of them, got 2\.5"),
        (lambda: pmfs(1, zeros=True), "k must be at least 2 here, got 1"),
        (lambda: pairs(1, zeros=True), "k must be at least 2 here, got 1"),
        (lambda: pairs(1, tau=0.5), "k must be at least 2 here, got 1"),
        (lambda: pairs(tau=1.5), r"tau must lie in \[0, 1\], got 1\.5"),
        (lambda: pairs(tau=math.nan), "tau must be finite, got nan"),
        (lambda: pairs(near=-0.1), r"near must lie in \[0, 1\], got -0\.1"),
        (lambda: pairs(tau=0.5, near=0.5), r"tau or near, not both, got tau=0\.5 and near=0\.5"),
        (lambda: pairs(tau=1, zeros=False), "needs zeros, got tau=1 with zeros=False"),
        (lambda: regions(-1), "k must be at least 1 here, got -1"),
        (lambda: garblings(0, 1), "k must be at least 1 here, got 0"),
        (lambda: garblings(1, 0), "l must be at least 1 here, got 0"),
        (lambda: theorem_parameters(m=0), "m must be at least 1 here, got 0"),
        (lambda: theorem_parameters(regime="no"), "regime must be a regime, one of .*'collapse'.*got 'no'"),
        (
            lambda: theorem_parameters(False, regime="all pairs"),
            "regime must be a regime with infeasible parameters, one of .*'collapse'.*got 'all pairs'",
        ),
    ],
)
def test_bad_demands_are_refused_at_once_and_quoted(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_a_drawn_distance_out_of_range_is_refused():
    with pytest.raises(ValueError, match=r"tau must lie in \[0, 1\], got 2"):
        find(pairs(tau=st.just(2.0)), anything, settings=settings(database=None))


def test_hypothesis_is_loaded_only_when_asked_for():
    code = "import sys, modecollapse as mc; mc.packed_tv(([1, 0], [0, 1]), 2); mc.tv_band(0.5, 2)"
    loaded = subprocess.run(
        [sys.executable, "-c", f"{code}; print('hypothesis' in sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert loaded.stdout == "False\n"
