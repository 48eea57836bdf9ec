"""Packed distances against exact fractions and many digits, and every evaluator against the others."""

from __future__ import annotations

import math
import tomllib
from itertools import pairwise, product
from pathlib import Path

import numba
import numpy as np
import oracles
import pytest
from effort import slow
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from weights import LEAST, coarse, normalised, tilted, without_rare_letters

import modecollapse as mc
from modecollapse import Region
from modecollapse.packing import choice, enumeration, few_letters
from modecollapse.packing.cache import KernelCache
from modecollapse.packing.kernels import kernel
from modecollapse.packing.letters import common_letters
from modecollapse.strategies import garblings, pairs

PUBLISHED = tomllib.loads((Path(__file__).parents[1] / "reference" / "published.toml").read_text())
PROMISE = 1e-12
"""Relative error promised for distances down to 1e-12 and overlaps down to 1e-250."""

few = st.integers(1, 5)


def is_resolved(pair):
    """Whether the distance of one sample is exact relative to itself."""
    return Region.from_pmfs(*pair).total_variation >= 1e-16


def relative_error(value, exact):
    with mp.workdps(oracles.GUARD_DIGITS):
        return float(abs(mpf(value) / exact - 1))


def assert_exact(p, q, m):
    """Distance, overlap and its logarithm hold what they promise."""
    overlap, distance = oracles.overlap(p, q, m), oracles.total_variation(p, q, m)
    tv, plain, log = (
        mc.packed_tv((p, q), m),
        mc.packed_overlap((p, q), m),
        mc.packed_overlap((p, q), m, log=True),
    )
    if distance > 1e-12:
        assert relative_error(tv, distance) <= PROMISE
    else:
        assert abs(tv - distance) <= PROMISE * 1e-12
    if overlap == 0:
        assert (plain, log) == (0, -math.inf)
    elif overlap > 1e-250:
        assert relative_error(plain, overlap) <= PROMISE
        assert relative_error(mp.exp(log), overlap) <= PROMISE
    else:
        assert plain < 1.01e-250
        assert relative_error(log, mp.log(overlap)) <= 1e-14


# -- exactness -----------------------------------------------------------------------------------------------


@given(pairs(range(1, 5)), few)
def test_small_m_is_exact(pair, m):
    assert_exact(*pair, m)


@pytest.mark.parametrize("m", [1, 2, 3, 10, 99, 1000, 31_623, 10**6])
@pytest.mark.parametrize("effect", [1e-9, 1e-3, 0.3, 3, 30])
def test_two_letters(effect, m):
    """Log-likelihood ratios of `effect` standard deviations of one count: from near to far."""
    rng = np.random.default_rng([m, int(1e9 * effect)])
    for p1 in (0.5, 0.03, 1 - 1e-3, min(2 / m, 0.7)):
        p = [p1, 1 - p1]
        assert_exact(p, tilted(p, effect / math.sqrt(m) * rng.normal(size=2)), m)


@pytest.mark.parametrize(("first", "second"), [(0.5, 0.5 + 1e-5), (0.1, 0.1 + 1e-12), (3e-9, 7e-9)])
def test_two_letters_at_a_thousand_million(first, second):
    assert_exact([first, 1 - first], [second, 1 - second], 10**9)


@pytest.mark.parametrize("m", [1, 2, 5, 30, 314, 315, 1000])
@pytest.mark.parametrize("effect", [1e-9, 1e-3, 0.3, 3, 30])
def test_three_letters(effect, m):
    rng = np.random.default_rng([m, int(1e9 * effect)])
    for concentration in (0.3, 3):
        p = normalised(rng.dirichlet(np.full(3, concentration)) + 1e-6)
        assert_exact(p, tilted(p, effect / math.sqrt(m) * rng.normal(size=3)), m)


@pytest.mark.parametrize(
    ("m", "effect"), [(3000, 1e-6), (3000, 10), (20_000, 1), slow(10**5, 0.01), slow(10**6, 1)]
)
def test_three_letters_at_large_m(effect, m):
    p = normalised([0.2, 0.5, 0.3])
    assert_exact(p, tilted(p, effect / math.sqrt(m) * np.array([1, -0.3, 0.1])), m)


@pytest.mark.parametrize(("letters", "m"), [(4, 1), (4, 7), (4, 30), (5, 12), (6, 8)])
@pytest.mark.parametrize("effect", [1e-6, 0.3, 3])
def test_many_letters(effect, letters, m):
    rng = np.random.default_rng([letters, m, int(1e6 * effect)])
    p = normalised(rng.dirichlet(np.ones(letters)))
    assert_exact(p, tilted(p, effect * rng.normal(size=letters)), m)


@pytest.mark.parametrize("m", [1, 2, 7, 100, 10**4])
@pytest.mark.parametrize(
    ("p", "q"),
    [
        pytest.param([0.2, 0.8], [0, 1], id="Q lacks a letter"),
        pytest.param([0, 1], [1e-9, 1 - 1e-9], id="P lacks a letter"),
        pytest.param([0.11, 0.89, 0], [0, 0.89, 0.11], id="one common letter, equal"),
        pytest.param([0.11, 0.89, 0], [0, 0.5, 0.5], id="one common letter"),
        pytest.param([0.4, 0.6, 0], [0, 0, 1], id="no common letter"),
        pytest.param([0.01, 0.5, 0.49, 0], [0, 0.51, 0.48, 0.01], id="two common letters"),
        pytest.param([0.1, 0.5, 0.4], [0, 0.5, 0.5], id="two common letters, Q lacks one"),
        pytest.param([0, 0.5, 0.5], [1e-13, 0.5, 0.5 - 1e-13], id="two common, P lacks a tiny one"),
        pytest.param([0.001, 0.3, 0.4, 0.299, 0], [0, 0.31, 0.39, 0.298, 0.002], id="three common letters"),
        pytest.param([0.5, 0.5], [0.5, 0.5], id="equal"),
        pytest.param([0.5, 0.5], [1 - 1e-16, 1e-16], id="next to one"),
        pytest.param([1e-300, 1], [1e-290, 1], id="tiny under both"),
        pytest.param([1e-300, 1], [0.5, 0.5], id="tiny under P"),
        pytest.param([1e-300, 0.25, 0.75], [1e-5, 0.5, 0.49999], id="tiny among three"),
    ],
)
def test_zeros_and_extreme_probabilities(p, q, m):
    assert_exact(p, q, m)


@pytest.mark.parametrize("m", [1, 2, 7, 100, 400])
def test_subnormal_probabilities(m):
    assert_exact([5e-324, 0.5, 0.5], [0.5, 5e-324, 0.5], m)
    assert_exact([5e-324, 1], [0.5, 0.5], m)


@pytest.mark.parametrize("m", [1, 10, 200, 2000])
def test_distances_down_to_1e_minus_12_keep_their_digits(m):
    for size in (1e-12, 1e-10, 1e-7):
        for p in ([0.3, 0.7], [0.2, 0.5, 0.3], [1 / m / 3, 0.4, 0.6 - 1 / m / 3]):
            p = normalised(p)
            assert_exact(p, tilted(p, size * np.arange(len(p))), m)


def test_the_triangles_of_theorem_3_have_their_published_distance():
    values = PUBLISHED["theorem_3"]
    tau, m = values["tau"], values["m"]

    def distance(x):
        return mc.packed_tv(([x + tau, 1 - x - tau], [x, 1 - x]), m)

    assert distance((1 - tau) / 2) == pytest.approx(values["centre_value"], abs=5.1e-9)
    # the minimum is at a kink: the seven digits of its place do not give eight of its value
    around = values["minimiser"] + np.linspace(-3e-7, 3e-7, 601)
    assert min(map(distance, around)) == pytest.approx(values["minimum"], abs=5.1e-9)


# -- evaluators against each other -----------------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 2, 3, 20, 200])
@given(pair=pairs(range(2, 4)).filter(is_resolved))
def test_rows_agree_with_enumeration(m, pair):
    common = common_letters(Region.from_pmfs(*pair))
    if len(common.p) in (2, 3):
        overlap, distance = enumeration.log_overlap(common, m), enumeration.total_variation(common, m)
        assert few_letters.log_overlap(common, m) == pytest.approx(overlap, rel=1e-13, abs=1e-13)
        assert few_letters.total_variation(common, m) == pytest.approx(distance, rel=PROMISE, abs=0)


@pytest.mark.parametrize(
    ("p", "q", "m"),
    [
        ([1e-16, 1e-16, 1], [3e-16, 0.5e-16, 1], 10**4),
        ([3.15e-12, 1.2e-16, 1 - 3.15e-12], [9.2e-13, 2.2e-16, 1 - 9.2e-13], 1688),
        slow(normalised([3, 1e-5, 1e-6]), normalised([1e-3, 1, 1]), 400),
    ],
)
def test_rows_of_rare_letters(p, q, m):
    assert_exact(p, q, m)


@pytest.mark.parametrize(
    ("p", "q", "m"),
    [
        (
            [1.5901827207961057e-64, 1, 4.4780542059175125e-242],
            [1.7186292455438025e-176, 3.9166934882401905e-260, 1],
            10,
        ),
        (
            [1.9263987900743433e-80, 1, 9.198857133267319e-25],
            [1, 9.257100270629293e-53, 1.1741720088091587e-37],
            25,
        ),
        ([6.9e-27, 1, 6.6e-37], [7.4e-61, 5.5e-214, 1], 316),
    ],
)
def test_rows_that_are_not_unimodal(p, q, m):
    """One sample more changes a mass by over 46 e-folds: rows of no weight lie between rows of some."""
    with mp.workdps(60):
        exact = mp.log(oracles.overlap_by_types_in_mp(p, q, m))
    assert relative_error(few_letters.log_overlap(common_letters(Region.from_pmfs(p, q)), m), exact) < 1e-15


def test_the_switch_from_enumeration_to_rows_does_not_show():
    p, q = normalised([2, 3, 5]), normalised([2.1, 3, 4.9])
    last = max(m for m in range(1000) if enumeration.count_types(3, m) <= choice.FEW_TYPES)
    for m in (last, last + 1):
        assert_exact(p, q, m)


# -- the shapes of m, and what is refused --------------------------------------------------------------------


@pytest.mark.parametrize("evaluate", [mc.packed_tv, mc.packed_overlap])
@pytest.mark.parametrize(
    "m", [[3], [1, 2, 3], (1, 2), [[1, 2], [3, 4]], np.array([5, 1], dtype=np.uint8), [2.0, 3.0]]
)
def test_degrees_broadcast(evaluate, m):
    pair = [0.3, 0.7], [0.1, 0.9]
    values = evaluate(pair, m)
    assert values.shape == np.shape(m)
    assert values.ravel().tolist() == [evaluate(pair, int(d)) for d in np.ravel(m)]


@pytest.mark.parametrize("m", [3, 3.0, np.int8(3), np.array(3)])
def test_a_single_degree_gives_a_float(m):
    for value in (mc.packed_tv(([1, 0], [0.5, 0.5]), m), mc.packed_overlap(([1, 0], [0.5, 0.5]), m)):
        assert type(value) is float
    assert mc.packed_tv(([1, 0], [0.5, 0.5]), m) == 0.875


@pytest.mark.parametrize(
    ("m", "message"),
    [
        (0, "m must be integers from 1 to .*, got 0$"),
        (-1, "got -1$"),
        (2.5, r"got 2\.5$"),
        (np.nan, "m must be finite, got nan"),
        (np.inf, "m must be finite, got inf"),
        (True, "m must be integers, got booleans True"),
        ([], "at least one packing degree, got an empty array"),
        ([1, 2, 0], "got 0 at index 2"),
        ([[1, 2], [3, -4]], r"got -4 at index \(1, 1\)"),
        (10**15 + 1, r"from 1 to 1e\+15, got 1000000000000001"),
        (1e300, r"from 1 to 1e\+15, got 1e\+300"),
        ("3", "m must be real numbers, got '3'"),
        (None, "m must be real numbers, got None"),
        (1 + 1j, r"m must be real numbers, got \(1\+1j\)"),
        pytest.param(10**20, r"from 1 to 1e\+15"),
    ],
)
def test_bad_degrees_are_refused_and_quoted(m, message):
    for ask in (mc.packed_tv, mc.packed_overlap):
        with pytest.raises(ValueError, match=message):
            ask(([0.3, 0.7], [0.1, 0.9]), m)
    with pytest.raises(ValueError, match=message):
        mc.pack(Region.from_pmfs([0.3, 0.7], [0.1, 0.9]), m)


def test_pack_takes_a_single_degree():
    with pytest.raises(ValueError, match=r"single integer here, got shape \(2,\)"):
        mc.pack(Region.from_pmfs([0.3, 0.7], [0.1, 0.9]), [1, 2])


def test_bad_pmfs_are_refused():
    with pytest.raises(ValueError, match=r"q must sum to 1.*1\.5"):
        mc.packed_tv(([0.5, 0.5], [0.5, 1]), 2)


@pytest.mark.parametrize(
    ("letters", "m", "count"),
    [(4, 10**5, "about 1.6e14"), (10, 60, "about 5.6e10"), (5, 124, "10668000")],
)
def test_too_many_types_are_refused_with_their_number(letters, m, count):
    p, q = np.full(letters, 1 / letters), normalised(np.arange(1, letters + 1))
    for ask in (mc.packed_tv, mc.packed_overlap):
        with pytest.raises(ValueError, match=rf"{letters} common letters at m={m} have {count} types"):
            ask((p, q), m, method="exact")


def test_pack_refuses_too_many_types_with_their_number():
    with pytest.raises(
        ValueError,
        match=rf"2 common letters at m={enumeration.MAX_TYPES} have {enumeration.MAX_TYPES + 1} types",
    ):
        mc.pack(Region.from_pmfs([0.3, 0.7], [0.1, 0.9]), enumeration.MAX_TYPES)


@pytest.mark.parametrize(
    ("p", "q", "one"),
    [([0.2, 0.8], [0, 1], True), ([1, 0], [0, 1], True), ([0.2, 0.8], [0.3, 0.7], False)],
)
def test_one_common_ratio_is_told_apart(p, q, one):
    assert common_letters(Region.from_pmfs(p, q)).has_one_ratio is one


def test_letters_of_equal_ratio_do_not_count():
    p, q = np.full(50, 0.02), np.repeat([0.01, 0.03], 25)
    assert mc.packed_tv((p, q), 10**6) == mc.packed_tv(([0.5, 0.5], [0.25, 0.75]), 10**6)


# -- identities of product measures --------------------------------------------------------------------------


@given(pairs(range(1, 4)), st.integers(1, 200))
def test_the_hellinger_affinity_sandwiches_the_distance(pair, m):
    affinity = math.fsum(np.sqrt(pair[0]) * np.sqrt(pair[1])) ** m
    distance = mc.packed_tv(pair, m)
    assert 1 - affinity <= distance + 1e-13
    assert distance <= math.sqrt(max(1 - affinity**2, 0)) + 2e-7  # √(1e-14), where the affinity rounds to 1


@given(pairs(range(1, 4)), st.integers(1, 300))
def test_the_distance_grows_with_m(pair, m):
    distances = mc.packed_tv(pair, [m, m + 1, 2 * m, 2 * m + 1])
    overlaps = mc.packed_overlap(pair, [m, m + 1, 2 * m, 2 * m + 1], log=True)
    assert all(a <= b * (1 + PROMISE) for a, b in pairwise(distances))
    assert all(a >= b - PROMISE * (1 + abs(a if a > -math.inf else 0)) for a, b in pairwise(overlaps))


@given(pairs(range(1, 4)), st.integers(1, 100))
def test_the_distance_of_several_samples_is_at_most_their_sum(pair, m):
    assert mc.packed_tv(pair, m) <= m * mc.packed_tv(pair, 1) * (1 + PROMISE)


@given(pairs())
def test_one_sample_is_the_pair_itself(pair):
    assert mc.packed_tv(pair, 1) == pytest.approx(
        Region.from_pmfs(*pair).total_variation, rel=1e-14, abs=LEAST
    )


@given(pairs(range(1, 4)), st.integers(1, 300))
def test_the_distance_is_symmetric(pair, m):
    assert mc.packed_tv(pair, m) == pytest.approx(mc.packed_tv(pair[::-1], m), rel=PROMISE, abs=LEAST)
    there, back = (mc.packed_overlap(side, m, log=True) for side in (pair, pair[::-1]))
    assert there == back or there == pytest.approx(back, rel=1e-14, abs=PROMISE)


@given(pairs(range(1, 4)), st.integers(1, 300))
def test_distance_and_overlap_sum_to_one(pair, m):
    assert mc.packed_tv(pair, m) + mc.packed_overlap(pair, m) == pytest.approx(1, abs=1e-13)


def test_overlaps_below_the_smallest_number_keep_their_logarithm():
    log = mc.packed_overlap(([0.9, 0.1], [0.1, 0.9]), 10**6, log=True)
    assert relative_error(log, mp.log(oracles.overlap([0.9, 0.1], [0.1, 0.9], 10**6))) < 1e-14
    assert mc.packed_overlap(([0.9, 0.1], [0.1, 0.9]), 10**6) == 0
    assert mc.packed_tv(([0.9, 0.1], [0.1, 0.9]), 10**6) == 1


# -- the region of a product --------------------------------------------------------------------------------


@given(pairs(range(1, 4)), st.integers(1, 4), st.floats(0, 1))
def test_pack_is_the_boundary_of_the_product(pair, m, x):
    packed = mc.pack(Region.from_pmfs(*pair), m)
    below, above = (
        float(oracles.packed_boundary(*pair, m, min(max(x + by, 0), 1))) for by in (-1e-13, 1e-13)
    )
    assert below - 1e-13 <= packed.boundary(x) <= above + 1e-13


@given(pairs(range(2, 5)).map(coarse), st.integers(1, 3), st.integers(1, 3))
def test_packing_twice_is_packing_by_the_product(pair, a, b):
    r = Region.from_pmfs(*pair)
    assert mc.pack(mc.pack(r, a), b) == mc.pack(r, a * b)


@given(pairs(range(1, 4)), st.integers(1, 30))
def test_pack_has_the_packed_distance(pair, m):
    assert mc.pack(Region.from_pmfs(*pair), m).total_variation == pytest.approx(
        mc.packed_tv(pair, m), abs=1e-13
    )


@given(pairs(range(1, 4)), st.integers(1, 10))
def test_pack_commutes_with_the_mirror(pair, m):
    r = Region.from_pmfs(*pair)
    assert mc.pack(r.mirror(), m) == mc.pack(r, m).mirror()


@given(pairs(range(1, 5)), st.integers(1, 8), st.data())
def test_packing_preserves_dominance(pair, m, data):
    """Remark 11, with the packed distance in its train."""
    channel = data.draw(garblings(len(pair[0]), range(1, 5)))
    r, s = Region.from_pmfs(*pair), Region.from_pmfs(pair[0] @ channel, pair[1] @ channel)
    assert mc.pack(s, m) <= mc.pack(r, m)
    assert mc.packed_tv(s, m) <= mc.packed_tv(r, m) + 1e-14


@pytest.mark.parametrize(
    ("name", "packed"),
    [
        ("kl", lambda one, m: m * one),
        ("reverse_kl", lambda one, m: m * one),
        ("hellinger", lambda one, m: 1 - (1 - one) ** m),
        ("chi2", lambda one, m: (1 + one) ** m - 1),
    ],
)
# a product of 12 rarer letters would underflow
@given(pair=pairs(range(2, 4)).map(lambda pair: without_rare_letters(pair, 1e-25)), m=st.integers(1, 12))
def test_divergences_of_a_product_tensorise(name, packed, pair, m):
    r = Region.from_pmfs(*pair)
    expected = packed(r.divergence(name), m)
    assert mc.pack(r, m).divergence(name) == pytest.approx(expected, rel=1e-11, abs=1e-14)


# -- the kernels --------------------------------------------------------------------------------------------


def factorial_error(n):
    return mp.loggamma(n + 1) - mp.log(mp.sqrt(2 * mp.pi * n)) - n * mp.log(n) + n


def half_factorial_error(kappa):
    return mp.loggamma(kappa + mpf(1) / 2) - mp.log(2 * mp.pi) / 2 - kappa * mp.log(kappa) + kappa


@pytest.mark.parametrize(
    ("kernel", "exact", "shift"),
    [
        (few_letters._stirling_error, factorial_error, 0),
        (few_letters._half_stirling_error, half_factorial_error, -0.5),
    ],
)
def test_stirling_errors(kernel, exact, shift):
    for n in [*range(1, 400), 10**3, 10**6, 10**9, 10**15]:
        with mp.workdps(80):
            assert abs(kernel(n + shift) - exact(n + mpf(shift))) < 3e-15, n


@pytest.mark.parametrize(
    "values",
    [
        np.logspace(-150, -3, 50),
        -np.logspace(-150, -3, 50),
        np.linspace(1e-3, 2, 400),
        -np.linspace(1e-3, 0.18, 100),
        pytest.param(-np.linspace(0.18, 0.25, 100)),
        -np.linspace(0.2501, 0.999, 100),
    ],
)
def test_log1p_minus_is_accurate_relative_to_itself(values):
    for x in values:
        with mp.workdps(400):
            assert relative_error(few_letters._log1p_minus(x), mp.log1p(mpf(x)) - mpf(x)) < 2e-15, x


def test_a_ratio_that_underflowed_counts_as_the_least_number():
    """Compiled, and as the plain Python whose logarithm refuses 0."""
    compiled = few_letters._log_ratio_minus
    for run in (compiled, getattr(compiled, "py_func", compiled)):
        assert run(-1.0, 0.0) == math.log(5e-324) + 1


@pytest.mark.parametrize(
    ("first", "second", "m"),
    [(0.3792007947, 0.6275372463, 16279), (0.6237444843, 0.3743564037, 13781)],
)
def test_overlaps_near_1e_minus_200_keep_their_digits(first, second, m):
    assert_exact([first, 1 - first], [second, 1 - second], m)


@given(st.tuples(*[st.floats(1e-3, 1)] * 4))
def test_determinants_keep_every_digit(entries):
    a, b, c, d = entries
    for right in (d, b * c / a):
        with mp.workdps(60):
            exact = mpf(a) * mpf(right) - mpf(b) * mpf(c)
        assert few_letters._determinant(a, b, c, right) == pytest.approx(float(exact), rel=3e-16, abs=0)


@pytest.mark.parametrize("n", [1, 2, 15, 1000, 10**6])
@pytest.mark.parametrize("x", [0.5, 0.03, 1e-6])
def test_binomial_tails(n, x):
    odds = mpf(x), 1 - mpf(x)
    for k in sorted({1, n, math.ceil(n * x), min(math.ceil(n * x + 5 * math.sqrt(n * x)), n)}):
        upper, lower = few_letters._log_upper(k, n, x, 1 - x), few_letters._log_lower(k, n, x, 1 - x)
        with mp.workdps(oracles.GUARD_DIGITS):
            odds = mpf(x), 1 - mpf(x)
            for value, exact in (
                (upper, oracles.upper_tail(n, odds, k)),
                (lower, oracles.upper_tail(n, odds[::-1], n + 1 - k)),
            ):
                assert value == pytest.approx(float(mp.log(exact)), rel=2e-14, abs=2e-14)


@pytest.mark.parametrize("n", [1, 15, 1000, 10**6])
@pytest.mark.parametrize(("x", "y"), [(0.5, 0.5), (1e-9, 1), (1, 1e-9), (0.3, 0.7)])
def test_binomial_probabilities_keep_the_digits_of_their_logarithm(x, y, n):
    for j in {0, n, n // 2, n // 3}:
        with mp.workdps(oracles.GUARD_DIGITS):
            total = mpf(x) + mpf(y)
            exact = mp.log(oracles._binomial(n, (x / total, y / total), j))
        assert few_letters._log_binomial(j, n, x, y, 0.0) == pytest.approx(float(exact), rel=1e-14, abs=2e-15)


@pytest.mark.parametrize("share", [0.9, 0.6, 0.97])
def test_beta_masses_far_from_their_mode(share):
    """Where the density falls by 23 e-folds from one law to the other."""
    k, n = 500, 1000
    slope = 2 * n * (share - 0.5) / math.sqrt(share * (1 - share))
    angle = math.asin(math.sqrt(share))
    laws = [(math.sin(x) ** 2, math.cos(x) ** 2) for x in (angle, angle + 23 / slope)]
    width = few_letters._angle(*laws[0], *laws[1])
    with mp.workdps(oracles.GUARD_DIGITS):
        near, far = (mpf(w2) / (mpf(w1) + mpf(w2)) for w1, w2 in laws)  # from the end where little is left
        tails = (mp.betainc(n - k + 1, k, 0, y, regularized=True) for y in (near, far))
        exact = mp.log(next(tails) - next(tails))
    value = few_letters._log_beta_mass(k, n, *laws[0], *laws[1], width)
    assert value == pytest.approx(float(exact), rel=0, abs=3e-13)


@pytest.mark.parametrize(("letters", "m"), [(1, 5), (2, 7), (3, 4), (5, 6)])
def test_types_are_counted(letters, m):
    assert enumeration.count_types(letters, m) == sum(1 for _ in oracles.compositions(m, letters))


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="without a compiler nothing is cached")
@pytest.mark.parametrize("cannot", [RuntimeError("cannot cache function"), AttributeError("_impl")])
def test_kernels_compile_where_nothing_can_be_cached(monkeypatch, cannot):
    asked = []

    def without_a_cache(cache, function):
        asked.append(function)
        raise cannot

    def next_number(x):
        return x + 1

    monkeypatch.setattr(KernelCache, "__init__", without_a_cache)
    assert kernel(next_number)(2) == 3
    assert asked == [next_number]


# -- other divergences of packed pairs ------------------------------------------------------------------


DIVERGENCES = [
    ("js", {}),
    ("kl", {}),
    ("reverse_kl", {}),
    ("hellinger", {}),
    ("chi2", {}),
    ("hockey_stick", {"order": 1.5}),
    ("renyi", {"order": 1.5}),
    ("renyi", {"order": 0.5}),
]


@pytest.mark.parametrize(("name", "parameters"), DIVERGENCES, ids=str)
@pytest.mark.parametrize(
    ("p", "q"),
    [([0.3, 0.5, 0.2], [0.25, 0.45, 0.3]), ([0.5, 0.5], [0.5 + 1e-7, 0.5 - 1e-7]), ([0.2, 0.8], [0.9, 0.1])],
    ids=str,
)
def test_packed_divergences_are_those_of_all_sequences(name, parameters, p, q):
    for m, value in zip((1, 2, 3), mc.packed_divergence((p, q), [1, 2, 3], name, **parameters), strict=True):
        exact = oracles.divergence(name, *oracles.sequences(p, q, m), **parameters)
        assert value == pytest.approx(float(exact), rel=1e-12, abs=1e-15 if parameters else 1e-30)


@pytest.mark.parametrize("name", ["tv", "hockey_stick"])
def test_packed_total_variation_is_a_packed_divergence(name):
    p, q = [0.3, 0.5, 0.2], [0.25, 0.45, 0.3]
    assert mc.packed_divergence((p, q), 4, name) == mc.packed_tv((p, q), 4)


def test_divergences_that_tensorise_take_any_degree():
    assert mc.packed_divergence(([0.5, 0.5], [0.25, 0.75]), 10**9, "hellinger") == 1.0
    assert mc.packed_divergence(([1, 0], [0.5, 0.5]), 3, "reverse_kl") == math.inf


def test_packing_keeps_the_digits_of_near_pairs():
    p, q = [0.25, 0.5, 0.25], [0.25 + 2**-43, 0.5, 0.25 - 2**-43]
    for m in (2, 5, 9):
        assert mc.pack(Region.from_pmfs(p, q), m).total_variation == pytest.approx(
            mc.packed_tv((p, q), m), rel=1e-11
        )


def test_packing_far_pairs_often_loses_no_mass():
    r = mc.pack(Region.from_pmfs([0.2, 0.8], [0.5, 0.5]), 10**5)
    assert math.fsum(r.p) == pytest.approx(1, abs=1e-12)
    assert math.fsum(r.q) == pytest.approx(1, abs=1e-12)
    assert r.total_variation == 1.0


def test_an_overlap_of_letters_that_hardly_overlap():
    m = 10**6
    found = mc.packed_overlap(([1e-300, 1], [1, 1e-300]), m, log=True)
    exact = math.lgamma(m + 1) - 2 * math.lgamma(m / 2 + 1) + m / 2 * math.log(1e-300)
    assert found == pytest.approx(exact, rel=1e-12)


def test_tiny_dropped_masses_count_however_often():
    """Shares enter as logarithms: raised as numbers to m = 6·10⁵ they would lose 2e-11."""
    p = [0.46688773006535905, 0.20186469459451808, 0.3312475753401227, 0]
    q = [0.46688796198336635, 0.20183127293497358, 0.3312798830682737, 8.820133862358101e-07]
    m = 603599
    common = common_letters(Region.from_pmfs(p, q))
    assert mc.packed_tv((p, q), m) == pytest.approx(few_letters.total_variation(common, m), rel=1e-13)
    assert mc.packed_overlap((p, q), m, log=True) == pytest.approx(
        few_letters.log_overlap(common, m), rel=1e-13
    )


# -- pairs nearer than their masses can show --------------------------------------------------------------

FEW = [2, 3, 4, 7, 60]


@pytest.mark.parametrize(
    ("letters", "m"),
    [
        *product([(0.5, 0.5), (0.3, 0.7), (0.5, 0.25, 0.25), (0.2, 0.3, 0.5)], [*FEW, 1000, 10**6]),
        *product([(0.1, 0.2, 0.3, 0.4)], FEW),
    ],
)
@pytest.mark.parametrize("size", [1e-13, 1e-17, 1e-20, 1e-60])
def test_distances_far_below_rounding_are_proportional_to_the_difference(letters, m, size):
    """A Region holds p − q; to first order the exact distance at any m is a multiple of it."""
    direction = np.array({2: [1, -1], 3: [1, 0.5, -1.5], 4: [1, -2, 0.5, 0.5]}[len(letters)])

    def ratio(step):
        p, q = np.array(letters) + step * direction, np.array(letters)
        return mc.packed_tv(Region.from_letters(p, q, step * direction), m) / step

    scale = 1e-9 / np.sqrt(m)
    assert ratio(size / np.sqrt(m)) == pytest.approx(ratio(scale), rel=3e-8)


@pytest.mark.parametrize("law", [[1.0], [0.55, 0.45], [0.2, 0.3, 0.5]])
@pytest.mark.parametrize("m", [1, 2, 3, 50])
def test_no_zero_is_negative(law, m):
    values = [
        mc.packed_tv((law, law), m),
        mc.packed_overlap((law, law), m, log=True),
        mc.product_tv([(law, law), (law, law)], m),
        *mc.packed_tv_bracket((law, law), m),
        *mc.product_tv_bracket([(law, law), (law, law)], m),
    ]
    assert [math.copysign(1, value) for value in values if value == 0] == [1.0] * values.count(0)
    assert values.count(0) >= 4
