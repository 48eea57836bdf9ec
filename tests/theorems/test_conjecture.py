"""The conjectured range at a fixed Jensen–Shannon divergence: attempts to break it, and its edges.

A letter (p, q) has a share z = p/(p+q) and a weight p+q. The single divergence is linear in the weights, and
so are the two sums of masses; the packed one is a form of degree m in them, and its derivative in the weight
of a new letter of share z is `slope`. A pair that no small change can improve has multipliers λ, a, b with
slope(z) = λ js(z) + a z + b (1−z) on its own letters, ≤ elsewhere at a maximum, ≥ at a minimum.
"""

from __future__ import annotations

import warnings
from functools import cache, lru_cache
from itertools import pairwise
from math import factorial, log, prod

import numpy as np
import oracles
import pytest
from effort import slow
from scipy.optimize import minimize

import modecollapse as mc

LEVELS = (0.02, 0.1, 0.3, 0.5)
SHARES = np.linspace(0, 1, 2001)


# -- packed divergences by enumeration, with their derivatives -------------------------------------------


@lru_cache
def types(letters: int, m: int) -> tuple[np.ndarray, np.ndarray]:
    counts = np.array(list(oracles.compositions(m, letters)))
    return counts, np.array(
        [factorial(m) // prod(map(factorial, row)) for row in counts.tolist()], dtype=float
    )


def parts(p, q):
    """p log(2p/(p+q)) / 2 and the same of q: the terms of the divergence are their sums."""
    return tuple(x * half_log(x, p + q) for x in (p, q))


def half_log(x, total):
    """log(2x/total) / 2; 0 where x is."""
    return np.log(np.divide(2 * x, total, out=np.ones_like(total), where=x > 0)) / 2


def powers(weights, m):
    """The mass of every type of m samples, and the number of its sequences."""
    counts, ways = types(len(weights), m)
    return np.prod(np.asarray(weights) ** counts, axis=1), ways


def packed_js(p, q, m=1) -> float:
    """d_JS(P^m, Q^m)."""
    (mass_p, ways), (mass_q, _) = powers(p, m), powers(q, m)
    return float(ways @ sum(parts(mass_p, mass_q)))


def slopes(p, q, m, new_p, new_q):
    """Derivatives of the packed divergence in the P-mass and in the Q-mass of each of some letters."""
    (mass_p, ways), (mass_q, _) = powers(p, m - 1), powers(q, m - 1)
    of_p, of_q = np.multiply.outer(new_p, mass_p), np.multiply.outer(new_q, mass_q)
    weight_p, weight_q = m * ways * mass_p, m * ways * mass_q
    return half_log(of_p, of_p + of_q) @ weight_p, half_log(of_q, of_p + of_q) @ weight_q


def slope(p, q, m, z):
    """Derivative of the packed divergence in the weight of a letter (z, 1−z); then that in z."""
    by_p, by_q = slopes(p, q, m, z, 1 - z)
    return z * by_p + (1 - z) * by_q, by_p - by_q


def test_the_enumeration_is_right():
    p, q = [0.1, 0.6, 0.3], [0.4, 0.6, 0.0]
    assert packed_js(p, q) == pytest.approx(float(oracles.divergence("js", p, q)), rel=1e-14)
    twice = [[a * b for a in side for b in side] for side in (p, q)]
    assert packed_js(p, q, 2) == pytest.approx(float(oracles.divergence("js", *twice)), rel=1e-14)


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
    """The conjectured range, its search certified more closely than by default."""
    return mc.js_band(c, m, gap=1e-7)


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


@pytest.mark.parametrize("c", LEVELS)
@pytest.mark.parametrize("m", [slow(2), 3, slow(4)])
def test_no_climb_or_descent_leaves_the_band(c, m):
    band, values = band_at(c, m), met(c, m)
    assert values.max() <= band.upper + 1e-7
    assert values.min() >= band.lower - 1e-7


@pytest.mark.parametrize("c", LEVELS)
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
@pytest.mark.parametrize("m", [2, 3, 4, 5, 6])
def test_no_letter_added_raises_the_upper_end(c, m):
    region = band_at(c, m).upper_regions
    assert region.q[0] == 0
    gain, _ = surplus(region, m)
    assert gain.max() <= 1e-12
    assert gain.min() < -1e-4


@pytest.mark.parametrize("c", LEVELS)
@pytest.mark.parametrize("m", [2, 3, 4, 5, 6])
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
    band = mc.js_band(c, 1)
    assert band.lower == pytest.approx(c, abs=1e-14)
    assert band.upper == pytest.approx(c, abs=1e-14)
    assert band.lower_attained
    assert band.upper_attained


@pytest.mark.parametrize("c", [0.0, log(2)])
def test_equal_and_disjoint_pairs_stay_so(c):
    band = mc.js_band(c, [1, 2, 10])
    for values in (band.lower, band.upper):
        np.testing.assert_allclose(values, c, rtol=0, atol=1e-12)


def test_a_band_has_the_shape_of_its_degrees_and_says_what_it_rests_on():
    band = mc.js_band(0.1, [[1, 2], [3, 4]])
    assert band.lower.shape == band.upper.shape == band.m.shape == (2, 2)
    assert "conjecture" in band.statement
    assert "not proved" in mc.js_band.__doc__.lower()


@pytest.mark.parametrize("c", [0.01, 0.2, 0.6])
def test_the_witnesses_have_the_divergences_claimed(c):
    band = mc.js_band(c, [2, 3, 4])
    for values, regions in ((band.lower, band.lower_regions), (band.upper, band.upper_regions)):
        for m, value, region in zip(band.m.tolist(), values, regions, strict=True):
            assert packed_js(*region.pair) == pytest.approx(c, abs=1e-13)
            assert packed_js(*region.pair, m) == pytest.approx(value, abs=1e-12)


def test_the_band_rises_with_the_degree_and_with_the_divergence():
    bands = [mc.js_band(c, range(1, 7), gap=1e-4) for c in (0.05, 0.2, 0.5)]
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
    band = mc.js_band(packed_js(np.array([t, 1 - t]), np.array([0.0, 1.0])), [2, 5, 9])
    for m, upper in zip(band.m, band.upper, strict=True):
        missing = 1 - (1 - t) ** m
        assert upper == pytest.approx(
            float(oracles.divergence("js", [missing, 1 - missing], [0, 1])), abs=1e-13
        )


def test_the_least_pair_is_symmetric_for_two_samples_and_need_not_be_for_three():
    even, odd = mc.js_band(0.5, [2, 3], gap=1e-8).lower_regions
    assert even.p == pytest.approx(even.q[::-1], abs=1e-3)
    assert abs(odd.p - odd.q[::-1]).max() > 0.01


@pytest.mark.parametrize("c", [-1e-9, 0.6932, 1, float("nan"), [0.1, 0.2], "much"])
def test_what_is_no_divergence_is_refused(c):
    with pytest.raises(ValueError, match="c "):
        mc.js_band(c, 2)


@pytest.mark.parametrize("m", [0, -1, 1.5, "two"])
def test_what_is_no_degree_is_refused(m):
    with pytest.raises(ValueError, match="m "):
        mc.js_band(0.1, m)


@pytest.mark.parametrize("gap", [0, -1e-3, 1e-13, float("nan")])
def test_a_gap_out_of_reach_is_refused(gap):
    with pytest.raises(ValueError, match=r"gap must be (at least 1e-12|finite), got"):
        mc.js_band(0.1, 2, gap=gap)
