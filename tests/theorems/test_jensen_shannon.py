"""The range at a fixed Jensen–Shannon divergence: hunts that never leave it, the steps of its proof, edges.

A letter (p, q) has a share z = p/(p+q) and a weight p+q. The single divergence is linear in the weights, and
so are the two sums of masses; the packed one is a form of degree m in them, and its derivative in the weight
of a new letter of share z is `slope`. A pair that no small change can improve has multipliers λ, a, b with
slope(z) = λ js(z) + a z + b (1−z) on its own letters, ≤ elsewhere at a maximum, ≥ at a minimum.
"""

from __future__ import annotations

import warnings
from fractions import Fraction
from functools import cache
from itertools import pairwise
from math import log

import numpy as np
import oracles
import pytest
from effort import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy.optimize import brentq, minimize

import modecollapse as mc
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import jensen_shannon, two_letters
from modecollapse.theorems.covers import Cells
from modecollapse.theorems.jensen_shannon import LeastEnd, TwoLetters
from modecollapse.theorems.two_letters import ABOVE, RIGHT, X, Y

LEVELS = (0.02, 0.1, 0.3, 0.5)
SHARES = np.linspace(0, 1, 2001)
PACKED_JS = oracles.divergences("js")


# -- packed divergences and their derivatives -------------------------------------------------------------


def half_log(x, total):
    """log(2x/total) / 2; 0 where x is."""
    return np.log(np.divide(2 * x, total, out=np.ones_like(total), where=x > 0)) / 2


def masses(weights, m):
    """The mass that each type of m samples has in all."""
    counts, ways = oracles.type_counts(len(weights), m)
    return ways * np.prod(np.asarray(weights) ** counts, axis=1)


def packed_js(p, q, m=1) -> float:
    """d_JS(P^m, Q^m)."""
    return PACKED_JS(np.atleast_2d(p), np.atleast_2d(q), m).item()


def slopes(p, q, m, new_p, new_q):
    """Derivatives of the packed divergence in the P-mass and in the Q-mass of each of some letters."""
    of_rest = masses(p, m - 1), masses(q, m - 1)
    of_p, of_q = (np.multiply.outer(new, rest) for new, rest in zip((new_p, new_q), of_rest, strict=True))
    by_p, by_q = (half_log(x, of_p + of_q) @ rest for x, rest in zip((of_p, of_q), of_rest, strict=True))
    return m * by_p, m * by_q


def slope(p, q, m, z):
    """Derivative of the packed divergence in the weight of a letter (z, 1−z); then that in z."""
    by_p, by_q = slopes(p, q, m, z, 1 - z)
    return z * by_p + (1 - z) * by_q, by_p - by_q


def test_the_derivatives_are_right():
    p, q = np.array([0.1, 0.6, 0.3]), np.array([0.4, 0.5, 0.1])
    for side, of_side in enumerate(slopes(p, q, 3, p, q)):
        for letter in range(3):
            step = 1e-6 * np.eye(3)[letter]
            ends = [[p + s * step, q] if side == 0 else [p, q + s * step] for s in (-1, 1)]
            below, above = (packed_js(*end, 3) for end in ends)
            assert of_side[letter] == pytest.approx((above - below) / 2e-6, abs=1e-8)


# -- climbs and descents ---------------------------------------------------------------------------------

LEAST_MASS = 1e-12


def rescaled(p, q, c):
    """The pair with P moved along its line through Q until the divergence is c; None if it cannot be."""
    low, high = 0.0, 1.0 / max(np.max((q - p) / np.maximum(q, LEAST_MASS)), LEAST_MASS)
    if packed_js(q + high * (p - q), q) < c:
        return None
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if packed_js(q + middle * (p - q), q) < c else (low, middle)
    return np.maximum(q + low * (p - q), 0), q


def improved(p, q, c, m, sign):
    """The pair after a local search for larger (sign −1) or smaller (+1) packed divergence."""
    n = len(p)

    def split(x):
        return np.maximum(x[:n], LEAST_MASS), np.maximum(x[n:], LEAST_MASS)

    def gradient(x, degree):
        return np.concatenate(slopes(*split(x), degree, *split(x)))

    sums = [
        {"type": "eq", "fun": lambda x: x[:n].sum() - 1, "jac": lambda x: np.repeat([1.0, 0.0], n)},
        {"type": "eq", "fun": lambda x: x[n:].sum() - 1, "jac": lambda x: np.repeat([0.0, 1.0], n)},
        {"type": "eq", "fun": lambda x: packed_js(*split(x)) - c, "jac": lambda x: gradient(x, 1)},
    ]
    with warnings.catch_warnings():
        # scipy 1.12 tells of steps that rounding takes over a bound, and goes on from the bound
        warnings.filterwarnings("ignore", "Values in x were outside bounds")
        found = minimize(
            lambda x: sign * packed_js(*split(x), m),
            np.clip(np.concatenate([p, q]), LEAST_MASS, 1),
            jac=lambda x: sign * gradient(x, m),
            method="SLSQP",
            bounds=[(LEAST_MASS, 1)] * (2 * n),
            constraints=sums,
            options={"maxiter": 60, "ftol": 1e-13},
        )
    return tuple(side / side.sum() for side in split(found.x))


def random_pairs(rng, c, count):
    """Pairs of three to six letters with divergence c, some masses of theirs tiny."""
    pairs = []
    while len(pairs) < count:
        letters = rng.integers(3, 7)
        start = (rng.dirichlet(np.full(letters, rng.choice([0.3, 1.0]))) for _ in range(2))
        pair = rescaled(*start, c)
        if pair is not None:
            pairs.append(pair)
    return pairs


@cache
def band_at(c: float, m: int) -> mc.ScalarBand:
    return mc.jensen_shannon_band(c, m)


@cache
def met(c: float, m: int) -> np.ndarray:
    """Packed divergences of random pairs with divergence c, and of what climbs and descents made of some."""
    rng = np.random.default_rng([m, round(1000 * c)])
    starts = random_pairs(rng, c, 40)
    ends = (rescaled(*improved(*pair, c, m, sign), c) for pair in starts[:12] for sign in (-1, 1))
    pairs = [*starts, *(pair for pair in ends if pair is not None)]
    for pair in pairs:
        assert packed_js(*pair) == pytest.approx(c, abs=1e-12)
    return np.array([packed_js(*pair, m) for pair in pairs])


@pytest.mark.parametrize("c", [slow(LEVELS[0]), *LEVELS[1:]])
@pytest.mark.parametrize("m", [slow(2), 3, slow(4)])
def test_no_climb_or_descent_leaves_the_band(c, m):
    band, values = band_at(c, m), met(c, m)
    assert values.max() <= band.upper + 1e-9
    assert values.min() >= band.lower - 1e-9


@pytest.mark.parametrize("c", [slow(LEVELS[0]), *LEVELS[1:]])
@pytest.mark.parametrize("m", [slow(2), 3, slow(4)])
def test_climbs_and_descents_come_close_to_both_ends(c, m):
    band, values = band_at(c, m), met(c, m)
    near = min(1e-3, 0.01 * (band.upper - band.lower))
    assert values.max() == pytest.approx(band.upper, abs=near)
    assert values.min() == pytest.approx(band.lower, abs=near)


# -- first-order conditions ------------------------------------------------------------------------------


def surplus(region, m):
    """slope(z) − λ js(z) − a z − b (1−z) at SHARES, and on the pair's own letters with its derivative in z.

    The multipliers make it vanish on both letters, and its derivative vanish at the second.
    """
    p, q = region.pair
    own = p / (p + q)

    def conditions(z):
        values, tilts = slope(p, q, m, z)
        single, single_tilt = slope(p, q, 1, z)  # of degree 1: the divergence of the new letter itself
        return np.column_stack([values, single, z, 1 - z]), np.column_stack(
            [tilts, single_tilt, np.ones_like(z), -np.ones_like(z)]
        )

    (first, second), (first_tilt, second_tilt) = conditions(own)
    system = np.array([first, second, second_tilt])
    multipliers = np.concatenate([[1.0], -np.linalg.solve(system[:, 1:], system[:, 0])])
    return conditions(SHARES)[0] @ multipliers, first_tilt @ multipliers


@pytest.mark.parametrize("c", LEVELS)
@pytest.mark.parametrize("m", [2, 3, *map(slow, (4, 5, 6))])
def test_no_letter_added_raises_the_upper_end(c, m):
    region = band_at(c, m).upper_regions
    assert region.q[0] == 0
    gain, _ = surplus(region, m)
    assert gain.max() <= 1e-12
    assert gain.min() < -1e-4


@pytest.mark.parametrize("c", LEVELS)
@pytest.mark.parametrize("m", [2, 3, *map(slow, (4, 5, 6))])
def test_no_letter_added_lowers_the_lower_end(c, m):
    region = band_at(c, m).lower_regions
    assert (region.q > 0).all()
    gain, tilt = surplus(region, m)
    assert abs(tilt) < 1e-5
    assert gain.min() >= -1e-8
    assert gain.max() > 1e-3


# -- edges -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("c", [0.0, 1e-12, 0.2, 0.6, log(2)])
def test_one_sample_has_the_divergence_given(c):
    band = mc.jensen_shannon_band(c, 1)
    assert band.lower == pytest.approx(c, abs=1e-14)
    assert band.upper == pytest.approx(c, abs=1e-14)
    assert band.lower_attained
    assert band.upper_attained


@pytest.mark.parametrize("c", [0.0, log(2)])
def test_equal_and_disjoint_pairs_stay_so(c):
    band = mc.jensen_shannon_band(c, [1, 2, 10])
    for values in (band.lower, band.upper):
        np.testing.assert_allclose(values, c, rtol=0, atol=1e-12)


def test_a_band_has_the_shape_of_its_degrees_and_says_what_it_rests_on():
    band = mc.jensen_shannon_band(0.1, [[1, 2], [3, 4]])
    assert band.lower.shape == band.upper.shape == band.m.shape == (2, 2)
    assert "docs/theory.md §8" in band.statement
    assert "conjecture" not in band.statement


@pytest.mark.parametrize("c", [0.01, 0.2, 0.6])
def test_the_witnesses_have_the_divergences_claimed(c):
    band = mc.jensen_shannon_band(c, [2, 3, 4])
    for values, regions in ((band.lower, band.lower_regions), (band.upper, band.upper_regions)):
        for m, value, region in zip(band.m.tolist(), values, regions, strict=True):
            assert packed_js(*region.pair) == pytest.approx(c, abs=1e-13)
            assert packed_js(*region.pair, m) == pytest.approx(value, abs=1e-12)


def test_the_band_rises_with_the_degree_and_with_the_divergence():
    bands = [mc.jensen_shannon_band(c, range(1, 7)) for c in (0.05, 0.2, 0.5)]
    for band in bands:
        assert (band.lower[1:] < band.upper[1:]).all()
        assert (np.diff(band.lower) > 0).all()
        assert (np.diff(band.upper) > 0).all()
        assert (band.upper < log(2)).all()
    for low, high in pairwise(bands):
        assert (low.lower < high.lower).all()
        assert (low.upper < high.upper).all()


def test_the_upper_end_is_the_formula():
    t = 0.4
    band = mc.jensen_shannon_band(packed_js(np.array([t, 1 - t]), np.array([0.0, 1.0])), [2, 5, 9])
    for m, upper in zip(band.m, band.upper, strict=True):
        missing = 1 - (1 - t) ** m
        assert upper == pytest.approx(
            float(oracles.divergence("js", [missing, 1 - missing], [0, 1])), abs=1e-13
        )


def test_the_least_pair_is_symmetric_for_two_samples_and_need_not_be_for_three():
    even, odd = mc.jensen_shannon_band(0.5, [2, 3]).lower_regions
    assert even.p == pytest.approx(even.q[::-1], abs=1e-3)
    assert abs(odd.p - odd.q[::-1]).max() > 0.01


@pytest.mark.parametrize("c", [-1e-9, 0.6932, 1, float("nan"), [0.1, 0.2], "much"])
def test_what_is_no_divergence_is_refused(c):
    with pytest.raises(ValueError, match="c "):
        mc.jensen_shannon_band(c, 2)


@pytest.mark.parametrize("m", [0, -1, 1.5, "two"])
def test_what_is_no_degree_is_refused(m):
    with pytest.raises(ValueError, match="m "):
        mc.jensen_shannon_band(0.1, m)


@pytest.mark.parametrize("gap", [0, -1e-3, 1e-13, float("nan")])
def test_a_gap_out_of_reach_is_refused(gap):
    with pytest.raises(ValueError, match=r"gap must be (at least 1e-12|finite), got"):
        mc.jensen_shannon_band(0.1, 2, gap=gap)


# -- steps of the proof (docs/theory.md §8) --------------------------------------------------------------


def kappa(v):
    """κ(v) = H(e^{−v/2}, e^{v/2}), H(x, y) = (x+y) log(x+y) − x log x − y log y, in 50 digits."""
    x, y = mp.exp(-v / 2), mp.exp(v / 2)
    return (x + y) * mp.log(x + y) - x * mp.log(x) - y * mp.log(y)


def test_the_ratio_of_the_curvatures_is_the_sum_of_reciprocals():
    p, q, m = np.array([0.1, 0.6, 0.3]), np.array([0.4, 0.5, 0.1]), 4
    of_p, of_q = (masses(side, m - 1) for side in (p, q))
    z, step = np.linspace(0.1, 0.9, 9), 1e-4

    def psi(z):
        return sum(packed_js(2 * z * a, 2 * (1 - z) * b) for a, b in zip(of_p, of_q, strict=True))

    for place in z:
        curvature = (psi(place + step) - 2 * psi(place) + psi(place - step)) / step**2
        ratio = (of_p * of_q / (of_p * place + of_q * (1 - place))).sum()
        assert curvature * place * (1 - place) == pytest.approx(ratio, rel=1e-5)


@examples(40)
@given(st.integers(0, 10**6), st.integers(1, 5))
def test_the_ratio_of_the_curvatures_is_convex_and_rises_when_letters_merge(seed, m):
    rng = np.random.default_rng(seed)
    p, q = rng.dirichlet(np.ones(4), 2)
    z = np.linspace(0, 1, 41)

    def ratio(p, q):
        of_p, of_q = (masses(side, m)[:, None] for side in (p, q))
        return (of_p * of_q / (of_p * z + of_q * (1 - z))).sum(axis=0)

    values = ratio(p, q)
    assert (np.diff(values, 2) > 0).all()
    assert values[[0, -1]] == pytest.approx([1, 1])
    merged = ratio(*(np.array([side[0] + side[1], *side[2:]]) for side in (p, q)))
    assert (merged >= values - 1e-12).all()


def test_kappa_is_a_convolution_and_log_concave():
    with mp.workdps(50):
        for v in (0, mpf("0.3"), 2, 9):
            integral = mp.quad(
                lambda s, v=v: mp.exp(-abs(v - s) / 2) / (2 * mp.cosh(s / 2)), [-mp.inf, 0, v, mp.inf]
            )
            assert abs(integral - kappa(v)) < 1e-30
        step = mpf("1e-8")
        for v in np.concatenate([np.linspace(0, 3, 31), np.linspace(4, 60, 15)]).tolist():
            bend = mp.log(kappa(v + step)) - 2 * mp.log(kappa(v)) + mp.log(kappa(v - step))
            assert bend < 0


def test_one_common_letter_is_worth_most_where_q_has_no_other():
    """At a fixed divergence the packed one rises with the ratio of the masses of the common letter."""
    with mp.workdps(30):
        for c in (mpf("0.05"), mpf("0.4")):
            h = 2 * (mp.log(2) - c)
            for m in (2, 3, 7):
                packed = []
                for v in np.linspace(0, 3, 13).tolist():
                    y = h * mp.exp(mpf(v) / 2) / kappa(v)
                    x = y * mp.exp(-mpf(v))
                    if y <= 1:
                        packed.append(mp.log(2) - (x * y) ** (mpf(m) / 2) * kappa(m * v) / 2)
                assert all(low < high for low, high in pairwise(packed))


def test_common_letters_that_agree_do_not_minimise():
    """Exchanging factors for the symmetric pair of two letters lowers the divergence."""
    c = 0.2
    a = c / log(2)
    agreeing = np.array([a, 0, 1 - a]), np.array([0, a, 1 - a])
    assert packed_js(*agreeing) == pytest.approx(c, abs=1e-14)
    z = brentq(lambda x: packed_js(np.array([x, 1 - x]), np.array([1 - x, x])) - c, 0.5, 1)
    symmetric = np.array([z, 1 - z]), np.array([1 - z, z])

    def exchanged(count, m):
        """d_JS of the product of `count` symmetric pairs and m − count agreeing ones."""
        p = q = np.ones(1)
        for pair in [symmetric] * count + [agreeing] * (m - count):
            p, q = np.outer(p, pair[0]).ravel(), np.outer(q, pair[1]).ravel()
        return packed_js(p, q)

    for m in (2, 3, 5):
        values = [exchanged(count, m) for count in range(m + 1)]
        assert values[0] == pytest.approx(values[1], abs=1e-13)
        assert all(low > high + 1e-6 for low, high in pairwise(values[1:]))


@examples(40)
@given(st.integers(0, 10**6), st.integers(2, 4))
def test_products_of_different_pairs_stay_below_those_that_lack_a_letter(seed, m):
    rng = np.random.default_rng(seed)
    p = q = kept = np.ones(1)
    for _ in range(m):
        pair = rng.dirichlet(np.full(3, 0.5), 2)
        c = packed_js(*pair)
        t = brentq(lambda t, c=c: packed_js(np.array([t, 1 - t]), np.array([0.0, 1.0])) - c, 0, 1)
        p, q, kept = np.outer(p, pair[0]).ravel(), np.outer(q, pair[1]).ravel(), kept * (1 - t)
    greatest = packed_js(np.array([1 - kept[0], kept[0]]), np.array([0.0, 1.0]))
    assert packed_js(p, q) <= greatest + 1e-12


# -- the bounds of the search ----------------------------------------------------------------------------


@examples(60)
@given(st.floats(1e-4, 0.68), st.integers(2, 9), st.floats(0, 1), st.floats(1e-6, 1))
def test_bounds_hold_for_each_triangle_between(c, m, start, width):
    pairs = TwoLetters(c)
    last = pairs.start().high[0, 0]
    low = start * last * (1 - width)
    high = low + width * last
    cells = Cells(np.array([[low]]), np.array([[high]]))
    end = LeastEnd(pairs, PackedDivergence("js", m))
    values = end.measure(pairs.triangles(np.linspace(low, high, 30)))
    (bound,) = end.bounds(cells)
    assert bound <= values.min() + 1e-13
    (of_meet,) = end.measure(pairs.bounds(cells))
    assert of_meet <= bound + 1e-13


def psi_slopes(apex, join, m):
    """Derivatives of Ψ(T) = d_JS(T × J^(m−1)) in the masses of T, by sums over the types of J."""
    of_p, of_q = (masses([join[a], join[b]], m - 1) for a, b in ((Y, ABOVE), (X, RIGHT)))
    found = []
    for p, q in ((apex[Y], apex[X]), (apex[ABOVE], apex[RIGHT])):
        total = p * of_p + q * of_q
        found += [half_log(p * of_p, total) @ of_p, half_log(q * of_q, total) @ of_q]
    return np.array(found)


@pytest.mark.parametrize("c", [1e-9, 1e-3, 0.1, 0.4])
@pytest.mark.parametrize("m", [2, 7, 40])
def test_the_compiled_gains_are_those_of_plain_sums(c, m):
    pairs = TwoLetters(c)
    x = np.linspace(0, pairs.start().high[0, 0], 6)
    first, second = pairs.apexes(x[:-1]), pairs.apexes(x[1:])
    meets, joins = jensen_shannon._meets(first, second), jensen_shannon._with_edges_of(first, second)
    gains = two_letters.gains(
        first, second, meets, joins, LeastEnd(pairs, PackedDivergence("js", m)).log_ways
    )
    for i, gain in enumerate(gains):
        plane, of_meet = (
            psi_slopes((first[i] + second[i]) / 2, joins[i], m),
            psi_slopes(meets[i], joins[i], m),
        )
        least = min(plane @ end[[Y, X, ABOVE, RIGHT]] for end in (first[i], second[i]))
        assert gain == pytest.approx(least - of_meet @ meets[i][[Y, X, ABOVE, RIGHT]], abs=1e-14)
    assert gains.max() > 0


@pytest.mark.parametrize("c", [1e-40, 1e-12, 1e-4, 0.2, 0.69])
def test_apexes_have_the_divergence_to_the_last_digits(c):
    pairs = TwoLetters(c)
    for x, y, right, above, rise in pairs.apexes(np.linspace(0, pairs.start().high[0, 0], 9)):
        assert y - x == pytest.approx(rise, abs=1e-15)
        assert right - above == pytest.approx(rise, abs=1e-15)
        first_p, first_q = Fraction(x) + Fraction(rise), Fraction(x)
        p, q = (first_p, 1 - first_p), (first_q, 1 - first_q)
        assert float(oracles.divergence("js", p, q)) == pytest.approx(c, rel=1e-13, abs=0)


@pytest.mark.parametrize("c", [1e-6, 0.05, 0.5])
@pytest.mark.parametrize("m", [2, 3, 10])
def test_the_half_that_is_searched_has_the_mirror_of_every_pair(c, m):
    """The search ends where a triangle is its own mirror; beyond, each is the mirror of one before."""
    pairs, divergence = TwoLetters(c), PackedDivergence("js", m)
    middle = pairs.start().high[0, 0]
    (apex,) = pairs.apexes(np.array([middle]))
    assert apex[X] + apex[Y] == pytest.approx(1, abs=1e-15)
    assert apex[X] >= apex[ABOVE]
    before = pairs.apexes(np.linspace(0, middle, 9))
    beyond = pairs.apexes(before[:, ABOVE])
    assert beyond[:, ABOVE] == pytest.approx(before[:, X], abs=1e-12)
    values = [divergence.values(a[:, [Y, ABOVE]], a[:, [X, RIGHT]]) for a in (before, beyond)]
    assert values[0] == pytest.approx(values[1], abs=1e-12)


@pytest.mark.parametrize("m", [2, 3, 20])
def test_bounds_are_of_second_order(m):
    pairs = TwoLetters(0.2)
    end = LeastEnd(pairs, PackedDivergence("js", m))
    misses = []
    for width in (0.02, 0.002):
        cells = Cells(np.array([[0.1]]), np.array([[0.1 + width]]))
        misses.append(end.measure(pairs.limits(cells)).min() - end.bounds(cells)[0])
    assert misses[1] < misses[0] / 50


def test_a_gap_that_cannot_be_certified_carries_the_best_bracket(monkeypatch):
    least = mc.jensen_shannon_band(0.5, 3).lower
    monkeypatch.setattr(jensen_shannon, "MOST_INTERVALS", 4)
    with pytest.raises(mc.PrecisionError, match="ask for a wider gap") as caught:
        mc.jensen_shannon_band(0.5, 3)
    lower, upper = caught.value.bracket
    assert 0.5 < lower < least < upper < log(2)
