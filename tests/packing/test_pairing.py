"""Pairing a real sample with a generated one, against the sum over all pairs of letters."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product

import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from weights import coarse

import modecollapse as mc
from modecollapse.strategies import pairs

coarse_pairs = pairs(range(1, 6)).map(coarse)


def by_letters(p, q) -> Fraction:
    """½ Σ |p_i q_j − q_i p_j|, exactly."""
    letters = oracles.exact_pair(p, q)
    return sum((abs(a * d - b * c) for (a, b), (c, d) in product(letters, letters)), Fraction(0)) / 2


@given(coarse_pairs)
def test_it_is_the_distance_of_the_two_orders(pair):
    exact = by_letters(*pair)
    assert mc.pairing_tv(pair) == pytest.approx(float(exact), rel=1e-14, abs=1e-15)
    swapped = [[a * b for a, b in product(*order)] for order in (pair, pair[::-1])]
    assert exact == pytest.approx(sum(abs(a - b) for a, b in zip(*swapped, strict=True)) / 2, abs=1e-14)


@given(coarse_pairs)
def test_it_is_twice_the_area_between_boundary_and_diagonal(pair):
    x, y = mc.Region.from_pmfs(*pair).vertices.T
    area = sum((y[i] + y[i + 1]) / 2 * (x[i + 1] - x[i]) for i in range(len(x) - 1))
    assert mc.pairing_tv(pair) == pytest.approx(2 * area - 1, abs=1e-14)


@given(coarse_pairs)
def test_it_lies_between_tau_and_the_distance_of_two_samples(pair):
    region = mc.Region.from_pmfs(*pair)
    paired, tau = mc.pairing_tv(region), region.total_variation
    assert tau - 1e-15 <= paired <= mc.packed_tv(region, 2) + 1e-15
    assert paired <= 2 * tau - tau**2 + 1e-15
    assert paired == pytest.approx(mc.pairing_tv(region.mirror()), abs=1e-15)


@given(coarse_pairs)
def test_packing_shows_more_by_the_skewness_of_the_tilts(pair):
    """By 2 ∫ (Pr[X > r] − Pr[X < −r])² dr, X the tilt (p−q)/(p+q) of a letter of weight (p+q)/2."""
    letters = [(a, b) for a, b in oracles.exact_pair(*pair) if a + b > 0]
    tilts = [((a - b) / (a + b), (a + b) / 2) for a, b in letters]
    steps = sorted({abs(tilt) for tilt, _ in tilts} | {Fraction(0)})
    gain = Fraction(0)
    for low, high in pairwise(steps):
        skew = sum((w if tilt > low else -w for tilt, w in tilts if abs(tilt) > low), Fraction(0))
        gain += 2 * skew**2 * (high - low)
    packed = 1 - oracles.overlap_by_types(*pair, 2)
    assert packed - by_letters(*pair) == gain


@pytest.mark.parametrize("tau", [1e-9, 0.2, 0.7])
def test_pure_mode_dropping_gains_nothing(tau):
    lost = [tau, 1 - tau], [0, 1]
    assert mc.pairing_tv(lost) == pytest.approx(tau, rel=1e-14)
    assert mc.packed_tv(lost, 2) == pytest.approx(2 * tau - tau**2, rel=1e-14)
    assert mc.pairing_tv(([tau, 1 - tau, 0], [0, 1 - tau, tau])) == pytest.approx(2 * tau - tau**2, rel=1e-14)


@given(st.floats(0, 1), st.floats(0, 1))
def test_two_letters_show_tau(a, b):
    region = mc.Region.from_pmfs([a, 1 - a], [b, 1 - b])
    assert mc.pairing_tv(region) == pytest.approx(region.total_variation, rel=1e-14, abs=1e-300)


def test_what_is_no_pair_is_refused():
    with pytest.raises(ValueError, match="pairing_tv"):
        mc.pairing_tv([0.2, 0.8])
