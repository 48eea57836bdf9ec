"""The region in other fields' words: each formula against exact fractions, many digits or brute force."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import exp as mp_exp
from mpmath import log as mp_log
from mpmath import mp, mpf
from mpmath import quad as mp_quad
from sklearn.metrics import roc_auc_score, roc_curve

import modecollapse as mc
from modecollapse import Region, RegionBracket, curves
from modecollapse.region import TOLERANCE
from modecollapse.strategies import garblings, pairs, regions

unit = st.floats(0, 1)
slopes = st.floats(-12, 12).map(math.exp)

NUMBERS = [
    curves.auc,
    curves.support_precision,
    curves.support_recall,
    curves.frontier_integral,
    curves.effective_sample_size,
    curves.f_score,
]
MANY_DIGITS = 40

CURVES = [curves.trade_off, curves.bayes_risk]


def exact(pair):
    """Letters as fractions, where floats that nearly sum to 1 are divided by their exact sum."""
    return oracles.exact_pair(*pair)


# -- each against its definition ------------------------------------------------------------------------


@given(pairs(), slopes)
def test_precision_and_recall_are_sums_of_smaller_masses(pair, slope):
    curve = curves.precision_recall(pair, [slope])
    exact_slope = Fraction(slope)
    precision = sum(min(exact_slope * p, q) for p, q in exact(pair))
    assert curve.precision[0] == pytest.approx(float(precision), rel=1e-13)
    assert curve.recall[0] == pytest.approx(float(precision / exact_slope), rel=1e-13)


def authors_precision_recall(p, q, angles=1001, epsilon=1e-10):
    """The algorithm that Sajjadi et al. print: slopes at equal angles, sums of minima."""
    slope = np.tan(np.linspace(epsilon, np.pi / 2 - epsilon, angles))
    precision = np.minimum(slope[:, None] * p, q).sum(axis=1)
    return precision, precision / slope


@given(pairs(k=5))
def test_the_curve_is_that_of_the_authors_algorithm(pair):
    angles = np.linspace(1e-10, np.pi / 2 - 1e-10, 1001)
    precision, recall = authors_precision_recall(*map(np.asarray, pair))
    curve = curves.precision_recall(pair, np.tan(angles))
    assert curve.precision == pytest.approx(np.minimum(precision, 1), abs=1e-12)
    assert curve.recall == pytest.approx(np.minimum(recall, 1), abs=1e-12)


@given(pairs())
def test_the_ends_of_the_curve_are_the_supports(pair):
    letters = exact(pair)
    assert curves.support_recall(pair) == pytest.approx(float(sum(p for p, q in letters if q)), rel=1e-13)
    assert curves.support_precision(pair) == pytest.approx(float(sum(q for p, q in letters if p)), rel=1e-13)


@given(pairs(), st.sampled_from([1 / 8, 1, 8]))
def test_no_slope_has_a_greater_f_score_and_one_has_it(pair, beta):
    best = curves.f_score(pair, beta)
    ratios = [float(q / p) for p, q in exact(pair) if p and q]
    curve = curves.precision_recall(pair, [*np.geomspace(1e-6, 1e6, 401), *ratios])
    weight = beta**2
    total = weight * curve.precision + curve.recall
    product = (1 + weight) * curve.precision * curve.recall
    scores = np.divide(product, total, out=np.zeros_like(total), where=total > 0)
    assert best == pytest.approx(scores.max(), abs=1e-13)


@given(pairs(), unit)
def test_the_trade_off_is_the_least_second_error(pair, alpha):
    assert curves.trade_off(pair, alpha) == pytest.approx(
        float(1 - oracles.boundary(*pair, alpha)), abs=1e-13
    )


@given(pairs(), unit)
def test_a_small_second_error_keeps_its_digits(pair, alpha):
    exact_error = float(1 - oracles.boundary(*pair, alpha))
    # the slope of the curve there times the rounding of places is all that may be lost
    near = [max(0.0, alpha - 1e-15), min(1.0, alpha + 1e-15)]
    lost = float(oracles.boundary(*pair, near[1]) - oracles.boundary(*pair, near[0]))
    assert curves.trade_off(pair, alpha) == pytest.approx(exact_error, rel=1e-14, abs=lost)


def test_a_second_error_of_1e_30_has_digits():
    assert curves.trade_off(([1, 1e-30], [0.5, 0.5]), 0.75) == pytest.approx(0.5e-30, rel=1e-15)


@given(pairs())
def test_auc_is_the_chance_of_the_greater_ratio(pair):
    letters = exact(pair)
    chance = sum(
        p * q * ((a > b) + Fraction(a == b, 2))
        for p, a in ((p, (p / (p + q) if p + q else 0)) for p, q in letters)
        for q, b in ((q, (p / (p + q) if p + q else 0)) for p, q in letters)
    )
    assert curves.auc(pair) == pytest.approx(float(chance), abs=1e-13)


def test_auc_is_scikit_learns():
    rng = np.random.default_rng(1)
    scores = rng.integers(0, 9, 400) / 8
    is_real = rng.random(400) < 0.3 + 0.4 * scores
    false_rate, true_rate, _ = roc_curve(is_real, scores)
    region = curves.from_roc(false_rate, true_rate)
    assert curves.auc(region) >= roc_auc_score(is_real, scores)
    points = [tuple(map(Fraction, point)) for point in zip(false_rate, true_rate, strict=True)]
    at = np.linspace(0, 1, 41)
    heights = [float(oracles.hull_height(points, Fraction(x))) for x in at]
    assert region.boundary(at) == pytest.approx(heights, abs=1e-14)


@given(pairs(), unit)
def test_the_bayes_risk_is_the_least_error(pair, prior):
    share = Fraction(prior)
    risk = sum(min(share * p, (1 - share) * q) for p, q in exact(pair))
    assert curves.bayes_risk(pair, prior) == pytest.approx(float(risk), rel=1e-13)


def in_mp(pair):
    return [(oracles.as_mpf(p), oracles.as_mpf(q)) for p, q in exact(pair)]


def kl_from_mixture(letters, weight, rest):
    """KL(P‖R) and KL(Q‖R), R = λP + (1−λ)Q, in many digits."""
    sides = [mpf(0), mpf(0)]
    for p, q in letters:
        mixture = weight * p + rest * q
        for side, mass in enumerate((p, q)):
            if mass:
                sides[side] += mass * mp_log(mass / mixture)
    return sides


@given(pairs(), st.floats(1e-9, 1 - 1e-9))
def test_the_frontier_is_two_divergences_from_a_mixture(pair, weight):
    with mp.workdps(MANY_DIGITS):
        missed, spurious = kl_from_mixture(in_mp(pair), mpf(weight), 1 - mpf(weight))
    curve = curves.frontier(pair, [weight])
    assert curve.missed[0] == pytest.approx(float(missed), rel=1e-12, abs=1e-30)
    assert curve.spurious[0] == pytest.approx(float(spurious), rel=1e-12, abs=1e-30)


def test_a_frontier_ends_at_the_divergences_of_the_pair():
    region = Region.from_pmfs([0.5, 0.5], [0.25, 0.75])
    curve = curves.frontier(region)
    assert len(curve.missed) == 101
    assert (curve.missed[0], curve.spurious[0]) == (region.divergence("kl"), 0)
    assert (curve.missed[-1], curve.spurious[-1]) == (0, region.divergence("reverse_kl"))


@pytest.mark.parametrize(
    "pair",
    [
        ([0.5, 0.5], [0.25, 0.75]),
        ([0.2, 0.8], [0, 1]),
        ([0.3, 0.7, 0], [0, 0.6, 0.4]),
        ([1e-3, 1 - 1e-3], [0, 1]),
        ([1e-8, 1 - 1e-8], [0.5, 0.5]),
        ([0.5, 0.5], [0.5 - 1e-6, 0.5 + 1e-6]),
    ],
)
@pytest.mark.parametrize("scale", [5.0, 1.0])
def test_mauve_is_the_area_under_the_frontier(pair, scale):
    letters, c = in_mp(pair), mpf(scale)

    def height_times_speed(weight, rest):
        missed, spurious = kl_from_mixture(letters, weight, rest)
        speed = sum(q * (q - p) / (weight * p + rest * q) for p, q in letters if q)
        return c * speed * mp_exp(-c * (missed + spurious))

    # ∫ y |dx| over all λ, and the rectangle left of the last x, where y = 1
    area = (
        mpf(0)
        if any(q and not p for p, q in letters)
        else mp_exp(-c * kl_from_mixture(letters, mpf(1), mpf(0))[1])
    )
    ends = [0, mpf("1e-12"), mpf("1e-8"), mpf("1e-4"), 0.01, 0.5]
    area += mp_quad(lambda weight: height_times_speed(weight, 1 - weight), ends)
    area += mp_quad(lambda rest: height_times_speed(1 - rest, rest), ends)
    assert curves.mauve(pair, scale) == pytest.approx(float(area), abs=1e-11)


def test_mauve_of_disjoint_supports():
    assert curves.mauve(([1, 0], [0, 1])) == pytest.approx(1 / 252, abs=1e-12)
    assert curves.mauve(([1], [1])) == 1


@given(pairs())
def test_the_frontier_integral_is_the_mean_of_weighted_divergences(pair):
    with mp.workdps(MANY_DIGITS):
        total = sum(
            (p + q) / 2 - (p * q * mp_log(p / q) / (p - q) if p and q else 0)
            for p, q in in_mp(pair)
            if p != q
        )
    assert curves.frontier_integral(pair) == pytest.approx(float(total), rel=1e-12, abs=1e-30)


def test_the_frontier_integral_is_an_integral():
    letters = in_mp(([0.5, 0.3, 0.2, 0], [0.25, 0.05, 0.3, 0.4]))

    def weighted(weight):
        missed, spurious = kl_from_mixture(letters, weight, 1 - weight)
        return 2 * (weight * missed + (1 - weight) * spurious)

    integral = mp_quad(weighted, [0, 0.01, 0.5, 0.99, 1])
    assert curves.frontier_integral(([0.5, 0.3, 0.2, 0], [0.25, 0.05, 0.3, 0.4])) == pytest.approx(
        float(integral)
    )


@given(pairs())
def test_the_effective_sample_size_is_that_of_weights(pair):
    letters = exact(pair)
    if any(p and not q for p, q in letters):
        assert curves.effective_sample_size(pair) == 0
    else:
        share = 1 / sum(p * p / q for p, q in letters if q)
        assert curves.effective_sample_size(pair) == pytest.approx(float(share), rel=1e-12)


# -- monotone: two regions bracket each ----------------------------------------------------------------


@given(st.data(), pairs())
def test_two_regions_bracket_what_lies_between(data, pair):
    channel = data.draw(garblings(k=len(pair[0])))
    outer = Region.from_pmfs(*pair)
    inner = Region.from_pmfs(*(np.asarray(side) @ channel for side in pair))
    bracket = RegionBracket(inner, outer)
    for number in [*NUMBERS, curves.mauve]:
        lower, upper = number(bracket)
        assert lower <= upper
        assert {lower, upper} == {number(inner), number(outer)}
    for curve in CURVES:
        lower, upper = curve(bracket, [0.1, 0.5])
        assert (lower <= upper).all()
        assert isinstance(curve(bracket, 0.1), mc.Bracket)
    ends = curves.precision_recall(bracket, [0.5, 2.0])
    assert ends.lower.precision == pytest.approx(curves.precision_recall(outer, [0.5, 2.0]).precision)
    assert ends.upper.recall == pytest.approx(curves.precision_recall(inner, [0.5, 2.0]).recall)
    edges = curves.frontier(bracket, [0.25, 0.5])
    assert edges.lower.missed == pytest.approx(curves.frontier(inner, [0.25, 0.5]).missed)
    assert edges.upper.spurious == pytest.approx(curves.frontier(outer, [0.25, 0.5]).spurious)


@given(st.data(), pairs())
def test_all_are_monotone_in_the_region(data, pair):
    channel = data.draw(garblings(k=len(pair[0])))
    outer, inner = pair, tuple(np.asarray(side) @ channel for side in pair)
    assert curves.auc(inner) <= curves.auc(outer) + 1e-14
    assert curves.frontier_integral(inner) <= curves.frontier_integral(outer) + 1e-14
    for falling in (*NUMBERS[1:3], *NUMBERS[4:], curves.mauve):
        assert falling(inner) >= falling(outer) - 1e-9
    for falling in CURVES:
        assert (falling(inner, [0.2, 0.6]) >= falling(outer, [0.2, 0.6]) - 1e-14).all()


# -- from a curve to the region -------------------------------------------------------------------------


@given(regions())
def test_an_roc_gives_the_region_back(region):
    assert curves.from_roc(*region.vertices.T) == region
    shuffled = np.random.default_rng(0).permutation(region.vertices)
    assert curves.from_roc(*shuffled.T) == region


@given(regions(), st.lists(unit, min_size=1, max_size=8, unique=True))
def test_points_of_a_trade_off_bracket_its_region(region, alpha):
    at = np.sort(alpha)
    bracket = curves.from_trade_off(at, curves.trade_off(region, at))
    assert bracket.inner <= region
    assert region <= bracket.outer


def test_points_at_all_corners_of_a_trade_off_give_its_region():
    region = Region.from_pmfs([0.5, 0.3, 0.2], [0.1, 0.3, 0.6])
    bracket = curves.from_trade_off(
        [0, 0.05, 0.1, 0.2, 0.4, 0.7, 1], curves.trade_off(region, [0, 0.05, 0.1, 0.2, 0.4, 0.7, 1])
    )
    assert bracket.inner == region
    assert region <= bracket.outer
    dense = np.linspace(0, 1, 1001)
    assert curves.from_trade_off(dense, curves.trade_off(region, dense)).width < 1e-3


def test_the_outer_region_of_a_trade_off_extends_its_chords():
    """The boundary runs through (0, .2), (.5, .8) and (1, 1): chords of slopes 1.2 and .4, cut at 1."""
    outer = curves.from_trade_off([0.0, 0.5, 1.0], [0.8, 0.2, 0.0]).outer
    assert outer.vertices == pytest.approx(np.array([(0, 0), (0, 0.6), (2 / 3, 1), (1, 1)]), abs=1e-15)


@given(regions())
def test_guarantees_of_a_region_give_its_symmetric_hull(region):
    orders = np.linspace(0, 4, 30)
    both = [
        max(side.divergence("hockey_stick", order=math.exp(order)) for side in (region, region.mirror()))
        for order in orders
    ]
    private = curves.from_privacy(orders, np.clip(both, 0, 1))
    assert region <= private
    assert private == private.mirror()
    for order, delta in zip(orders, both, strict=True):
        assert private.divergence("hockey_stick", order=math.exp(order)) <= delta + 10 * TOLERANCE


def test_one_guarantee_is_a_randomised_response():
    region = curves.from_privacy(1, 0.1)
    assert region.divergence("hockey_stick", order=math.e) == pytest.approx(0.1, rel=1e-14)
    assert curves.from_privacy(1, 0).total_variation == pytest.approx(math.tanh(0.5), rel=1e-15)
    assert curves.from_privacy(0, 0).total_variation == 0
    assert curves.from_privacy(1e-12, 0).total_variation == pytest.approx(5e-13, rel=1e-15)


# -- what is refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: curves.auc([0.2, 0.8]), "expected a Region or two pmfs"),
        (lambda: curves.precision_recall(([1], [1]), [1, 0]), "slopes must be positive, got 0"),
        (lambda: curves.precision_recall(([1], [1]), [math.inf]), "slopes must be finite"),
        (lambda: curves.f_score(([1], [1]), 0), "beta must be positive, got 0"),
        (lambda: curves.trade_off(([1], [1]), 1.5), r"alpha must lie in \[0, 1\], got 1.5"),
        (lambda: curves.bayes_risk(([1], [1]), [0.5, -1]), r"prior must lie in \[0, 1\], got -1 at index 1"),
        (lambda: curves.frontier(([1], [1]), [2]), r"weights must lie in \[0, 1\], got 2"),
        (lambda: curves.mauve(([1], [1]), -5), "scale must be positive, got -5"),
        (lambda: curves.from_roc([0, 2], [0, 1]), r"false_positive_rate must lie in \[0, 1\], got 2"),
        (lambda: curves.from_roc([0, 1], [0.5]), "must have the same length, got 2 and 1"),
        (lambda: curves.from_roc([], []), "must be a non-empty list of rates"),
        (
            lambda: curves.from_trade_off([0.5, 0.2], [0.1, 0.2]),
            "alpha must increase, got 0.5 followed by 0.2",
        ),
        (
            lambda: curves.from_trade_off([0.5], [0.6]),
            "beta must be at most 1 − alpha, got 0.6 at alpha = 0.5",
        ),
        (lambda: curves.from_trade_off([0.2, 0.5, 0.8], [0.7, 0.45, 0.0]), "beta must be convex, but 0.45"),
        (lambda: curves.from_privacy([-1], [0]), "eps must be at least 0, got -1"),
        (lambda: curves.from_privacy([1], [1.5]), r"delta must lie in \[0, 1\], got 1.5"),
        (lambda: curves.from_privacy([1, 2], [0.1]), "must have the same length, got 2 and 1"),
        (lambda: curves.from_privacy([], []), "eps must be a non-empty list"),
    ],
)
def test_bad_input_is_quoted(call, message):
    with pytest.raises(ValueError, match=message):
        call()
