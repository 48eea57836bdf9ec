"""Products of pairs of given total variations, against exact sums over sequences and hunts over pairs."""

from __future__ import annotations

from fractions import Fraction
from functools import reduce
from itertools import permutations, product
from math import prod

import numpy as np
import pytest
from effort import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

import modecollapse as mc
from modecollapse.theorems import product_band as module
from modecollapse.theorems.covers import Cells

TAUS = [[0.11] * 3, [0.1, 0.2, 0.25], [0.2] * 4, slow([0.1, 0.15, 0.2, 0.25]), [0.3, 0.3, 0.5], [0.05, 0.4]]


def exact_distance(pairs) -> Fraction:
    """d_TV of the product, over all sequences in fractions of the given masses."""
    factors = [[(Fraction(a), Fraction(b)) for a, b in zip(*pair, strict=True)] for pair in pairs]
    total = Fraction(0)
    for sequence in product(*factors):
        total += max(prod(p for p, _ in sequence) - prod(q for _, q in sequence), 0)
    return total


def distance(pairs) -> float:
    p, q = (np.ravel(reduce(np.multiply.outer, side)) for side in zip(*pairs, strict=True))
    return float(np.maximum(p - q, 0).sum())


def random_pair(rng, tau, letters):
    """Random pmfs at total variation τ."""
    while True:
        p, q = rng.dirichlet(np.full(letters, rng.choice([0.2, 0.5, 1.0])), 2)
        share = tau / (np.abs(p - q).sum() / 2)
        if share <= 1:
            return p, p + share * (q - p)


@pytest.mark.parametrize("taus", TAUS)
def test_the_witnesses_have_the_ends_and_the_distances(taus):
    band = mc.product_band(taus)
    for value, regions in ((band.lower, band.lower_regions), (band.upper, band.upper_regions)):
        assert [region.total_variation for region in regions] == pytest.approx(taus, abs=1e-15)
        assert float(exact_distance([region.pair for region in regions])) == pytest.approx(value, abs=1e-13)
    kept = prod(1 - Fraction(tau) for tau in taus)
    assert band.upper == pytest.approx(float(1 - kept), abs=1e-15)
    assert band.lower_gap <= 1e-4 + 1e-13


@pytest.mark.parametrize("taus", TAUS)
def test_random_pairs_of_any_letters_stay_inside(taus):
    rng = np.random.default_rng(0)
    band = mc.product_band(taus)
    for _ in range(60):
        value = distance([random_pair(rng, tau, int(rng.integers(2, 5))) for tau in taus])
        assert band.lower - band.lower_gap <= value <= band.upper + 1e-14


@pytest.mark.parametrize("taus", TAUS)
def test_a_descent_over_apexes_finds_nothing_below_and_comes_close(taus):
    rng = np.random.default_rng(1)
    band, tau = mc.product_band(taus), np.array(taus)

    def at(share):
        x = np.clip(share, 0, 1) * (1 - tau)
        return distance([([a + t, 1 - a - t], [a, 1 - a]) for a, t in zip(x, tau, strict=True)])

    starts = rng.random((25, len(taus)))
    best = min(minimize(at, start, method="Nelder-Mead", options={"maxiter": 400}).fun for start in starts)
    assert band.lower - band.lower_gap <= best
    assert best <= band.lower + 2e-3


@pytest.mark.parametrize(("tau", "m"), [(0.11, 2), (0.11, 3), (0.3, 3), (0.2, 4), slow(0.3, 5), slow(0.6, 4)])
def test_equal_distances_have_the_minimum_of_theorem_3(tau, m):
    """It has not been proved that equal apexes are best."""
    band = mc.product_band([tau] * m, gap=1e-5)
    assert band.lower == pytest.approx(mc.tv_band(tau, m).lower, abs=2e-5)
    assert band.upper == pytest.approx(mc.tv_band(tau, m).upper, abs=1e-14)


@examples(40)
@given(st.integers(0, 10**6), st.integers(1, 4))
def test_bounds_hold_over_boxes(seed, k):
    rng = np.random.default_rng(seed)
    tau = np.sort(rng.random(k))
    low, high = np.sort(rng.random((2, k)), axis=0) * (1 - tau)
    (bound,) = module._bounds(Cells(low[None], high[None]), tau)
    for x in low + rng.random((20, k)) * (high - low):
        triangles = [([a + t, 1 - a - t], [a, 1 - a]) for a, t in zip(x, tau, strict=True)]
        assert distance(triangles) >= bound - 1e-14


def test_the_order_of_the_factors_does_not_matter():
    bands = [mc.product_band(taus) for taus in permutations([0.3, 0.35, 0.5])]
    for band in bands:
        assert (band.lower, band.upper) == pytest.approx((bands[0].lower, bands[0].upper), abs=1e-14)
        assert [region.total_variation for region in band.lower_regions] == pytest.approx(band.taus)


@pytest.mark.parametrize(
    ("taus", "ends"),
    [([0.4], (0.4, 0.4)), ([0, 0], (0, 0)), ([0, 0.3], (0.3, 0.3)), ([1, 0.3], (1, 1)), ([1.0], (1, 1))],
)
def test_the_edges(taus, ends):
    band = mc.product_band(taus)
    assert (band.lower, band.upper) == pytest.approx(ends, abs=1e-15)
    assert band.lower <= band.upper
    assert repr(band).startswith("<ProductBand [")
    assert band == mc.product_band(taus)


@pytest.mark.parametrize("taus", [[], [1.1], [-0.1, 0.2], 0.2, [0.1] * 11, [[0.1]], "half", [float("nan")]])
def test_what_are_no_distances_is_refused(taus):
    with pytest.raises(ValueError, match="taus"):
        mc.product_band(taus)


def test_a_gap_that_cannot_be_certified_carries_the_best_bracket(monkeypatch):
    monkeypatch.setattr(module, "MOST_NUMBERS", 10_000)
    with pytest.raises(mc.PrecisionError, match="ask for a wider gap") as caught:
        mc.product_band([0.1, 0.15, 0.2, 0.25])
    lower, upper = caught.value.bracket
    assert 0.25 <= lower < 0.29668 < upper < 0.31
