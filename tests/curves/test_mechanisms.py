"""Mechanisms of differential privacy: closed forms of one use, and values of public accountants."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from scipy.optimize import brentq

from modecollapse import PrecisionError, Region, RegionBracket, curves
from modecollapse.strategies import pairs


def gaussian_delta(mu, eps):
    """δ(ε) of N(μ, 1) against N(0, 1) (Balle and Wang 2018)."""
    return stats.norm.cdf(mu / 2 - eps / mu) - math.exp(eps) * stats.norm.cdf(-mu / 2 - eps / mu)


@pytest.mark.parametrize("sigma", [0.5, 1, 4])
@pytest.mark.parametrize("eps", [0, 0.5, 3])
def test_one_gaussian_is_its_closed_form(sigma, eps):
    low, high = curves.privacy_delta(curves.gaussian_mechanism(sigma, step=1e-3), eps)
    assert low <= gaussian_delta(1 / sigma, eps) * (1 + 1e-12)
    assert high >= gaussian_delta(1 / sigma, eps) * (1 - 1e-12)
    assert high - low <= 1e-3 * high + 1e-24  # the lightest cells have 1e-25


@pytest.mark.parametrize(("sigma", "m", "delta"), [(10, 1000, 1e-10), (1, 3, 0.1)])
def test_many_gaussians_are_one(sigma, m, delta):
    exact = brentq(lambda eps: gaussian_delta(math.sqrt(m) / sigma, eps) - delta, 0, 200, xtol=1e-12)
    low, high = curves.privacy_epsilon(curves.gaussian_mechanism(sigma), delta, m, 1e-2)
    assert low <= exact <= high <= low + 1.1e-2


@pytest.mark.parametrize("scale", [0.2, 1, 30])
@pytest.mark.parametrize("share", [0, 0.1, 0.5, 0.99])
def test_one_laplace_is_its_closed_form(scale, share):
    eps = share / scale
    exact = -math.expm1((eps - 1 / scale) / 2)
    low, high = curves.privacy_delta(curves.laplace_mechanism(scale, step=1e-3), eps)
    assert low * (1 - 1e-8) <= exact <= high * (1 + 1e-8)
    assert high - low <= 1e-3**2 / 8  # a cell that is spread by a step h gains at most h²/8 of its mass


def test_the_laplace_mechanism_is_purely_private():
    ends = curves.privacy_epsilon(curves.laplace_mechanism(3), 0, 7)
    assert ends == pytest.approx((7 / 3, 7 / 3), rel=1e-13)  # the tails have the greatest ratio


def test_the_laplace_mechanism_is_its_cells_by_the_general_way():
    law, base = stats.laplace(1, 2), stats.laplace(0, 2)
    general = RegionBracket.from_ratio_cells(law, base, 1e-3, breaks=[0.0, 1.0])
    own = curves.laplace_mechanism(2, step=1e-3)
    for order in (0.7, 1.0, 1.3):
        values = [pair.divergence("hockey_stick", order) for pair in (general, own)]
        assert max(value.lower for value in values) <= min(value.upper for value in values)


@given(st.floats(0, 1), st.integers(2, 6))
def test_randomised_response_is_the_pair_of_two_people(truth, answers):
    law = np.full((2, answers), (1 - truth) / (answers - 1))
    law[[0, 1], [0, 1]] = truth
    region = curves.randomised_response(truth, answers)
    for order in (0.5, 1, 2):
        exact = np.maximum(law[0] - order * law[1], 0).sum() - max(1 - order, 0)
        assert region.divergence("hockey_stick", order) == pytest.approx(exact, abs=1e-14)


@given(pairs(k=4), st.floats(0, 1), st.floats(0, 3))
def test_subsampling_is_a_mixture(pair, share, eps):
    s = Fraction(share)
    letters = [(s * p + (1 - s) * q, q) for p, q in oracles.exact_pair(*pair)]
    order = Fraction(math.exp(eps))
    exact = max(
        sum(max(p - order * q, Fraction(0)) for p, q in letters),
        sum(max(q - order * p, Fraction(0)) for p, q in letters),
    )
    assert curves.privacy_delta(curves.subsampled(pair, share), eps) == pytest.approx(float(exact), abs=1e-14)


def test_subsampling_keeps_the_digits_of_near_pairs():
    region = Region.from_letters([0.5, 0.5], [0.5, 0.5], [1e-20, -1e-20])
    assert curves.subsampled(region, 0.25).total_variation == 2.5e-21


def test_two_regions_are_both_subsampled():
    inner, outer = curves.randomised_response(0.6), curves.randomised_response(0.8)
    both = curves.subsampled(RegionBracket(inner, outer), 0.3)
    assert both == RegionBracket(curves.subsampled(inner, 0.3), curves.subsampled(outer, 0.3))
    assert both.inner <= both.outer


@pytest.mark.parametrize(
    ("share", "sigma", "m", "delta", "eps"),
    [
        (0.125, 0.8, 1000, 1e-6, 56.73),  # prv_accountant#36, upper bound of dp-accounting
        (0.2, 1.0, 10, 1e-5, 4.984),  # prv_accountant#42
    ],
)
def test_subsampled_gaussians_agree_with_public_accountants(share, sigma, m, delta, eps):
    mechanism = curves.subsampled(curves.gaussian_mechanism(sigma), share)
    low, high = curves.privacy_epsilon(mechanism, delta, m, 1e-2)
    assert low <= eps <= high + 1e-2
    assert high - low <= 2e-2


def test_a_tail_that_the_evaluator_cannot_resolve_decides_all_the_same():
    mechanism = curves.subsampled(curves.gaussian_mechanism(1.1), 0.004)
    low, high = curves.privacy_epsilon(mechanism, 1e-5, 10_000, 1e-2)
    assert 1.83 < low < high < 1.85


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: curves.gaussian_mechanism(0), "sigma must be positive"),
        (lambda: curves.laplace_mechanism(-1), "scale must be positive"),
        (lambda: curves.laplace_mechanism(1, step=-1), "step must be positive"),
        (lambda: curves.gaussian_mechanism(1, step=0), "step must be positive"),
        (lambda: curves.randomised_response(1.5), r"truth must lie in \[0, 1\], got 1.5"),
        (lambda: curves.randomised_response(0.5, 1), "answers must be"),
        (lambda: curves.subsampled(([1], [1]), 2), r"share must lie in \[0, 1\], got 2"),
    ],
)
def test_bad_input_is_quoted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_too_fine_a_step_is_refused():
    with pytest.raises(PrecisionError, match="steps of 1e-12 need 2000000000000 cells") as caught:
        curves.laplace_mechanism(1, step=1e-12)
    assert caught.value.bracket.lower == pytest.approx(-math.expm1(-0.5))
