"""Hockey sticks at one order: brackets hold against many digits, keep digits in the tail, or refuse."""

from __future__ import annotations

import math

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from scipy import stats

from modecollapse import (
    PrecisionError,
    Region,
    RegionBracket,
    packed_hockey_stick_bracket,
    packed_tv_bracket,
)
from modecollapse.curves import gaussian_mechanism, subsampled
from modecollapse.densities import mixture
from modecollapse.packing import choice
from modecollapse.packing.fourier import dots
from modecollapse.packing.fourier.tilted_pair import TiltedPair
from modecollapse.packing.letters import CommonLetters, common_letters
from modecollapse.strategies import pairs


def exact_hockey_stick(region: Region, m: int, order: float) -> mpf:
    """Σ (P^m − γQ^m)⁺ − (1−γ)⁺ in 60 digits, over all types."""
    return oracles.divergence("hockey_stick", region.p.tolist(), region.q.tolist(), order, m)


def lattice_bracket(common: CommonLetters, m: int, order: float, points: int, allowed: float):
    """The bracket of the common sequences alone from so many points, however coarse."""
    return dots._Tail(TiltedPair(common, m), math.log(order)).on(points, allowed)


def assert_holds(bracket, exact):
    assert mpf(bracket.lower) <= exact <= mpf(bracket.upper)


# -- the lattice --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("tilt", [1.0, 1.3, 7.0])
@pytest.mark.parametrize("step", [0.01, 0.4, 3.0])
def test_letters_on_the_lattice_keep_what_they_must(tilt, step):
    """Split letters keep both masses; letters sent at random are a garbling, so they keep both sums too."""
    rng = np.random.default_rng(1)
    q = rng.dirichlet(np.ones(9))
    log_ratio = np.sort(rng.normal(size=9))[::-1]
    weights = q * np.exp(tilt * log_ratio)
    lowest = math.floor(log_ratio[-1] / step)
    span = math.floor(log_ratio[0] / step) + 2 - lowest
    laws, most = dots._lattice_laws(weights, log_ratio, step, lowest, span, tilt)
    places = (lowest + np.arange(span)) * step
    p_sum = math.fsum(q * np.exp(log_ratio))
    split_q = laws[0] * np.exp(-tilt * places)
    assert math.fsum(split_q) == pytest.approx(math.fsum(q), rel=1e-14)
    assert math.fsum(split_q * np.exp(places)) == pytest.approx(p_sum, rel=1e-14)
    sent_p, sent_q = laws[1] * np.exp((1 - tilt) * places), laws[2] * np.exp(-tilt * places)
    assert math.fsum(sent_p) == pytest.approx(p_sum, rel=1e-14)
    assert math.fsum(sent_q) == pytest.approx(math.fsum(q), rel=1e-14)
    assert 1 <= most <= 9
    pair = Region.from_pmfs(q * np.exp(log_ratio) / p_sum, q)
    assert Region.from_pmfs(sent_p / p_sum, sent_q) <= pair
    assert pair <= Region.from_pmfs(split_q * np.exp(places) / p_sum, split_q)


@pytest.mark.parametrize("m", [1, 2, 7, 300, 10**6])
@pytest.mark.parametrize("points", [64, 250, 600])
def test_the_error_of_a_convolution_power_is_bounded(points, m):
    """Against powers of the exact transform in 40 digits, in the 2-norm."""
    rng = np.random.default_rng(points)
    law = rng.dirichlet(np.ones(11))
    power, error = dots._convolution_power(law, -5, points, m)
    with mp.workdps(40):
        mass = mp.fsum(map(mpf, map(float, law)))
        wanted = [0, 1, points // 3]
        transform = [
            (
                mp.fsum(mpf(float(w)) * mp.expjpi(-2 * mpf(n) * (j - 5) / points) for j, w in enumerate(law))
                / mass
            )
            ** m
            for n in range(points)
        ]
        for place in wanted:
            exact = (
                mp.fsum(z * mp.expjpi(2 * mpf(n) * place / points) for n, z in enumerate(transform)) / points
            )
            assert abs(exact.real - mpf(float(power[place]))) <= error
    assert error < 1e-10 * m


def test_the_tilt_centres_the_sum_at_the_order():
    region = Region.from_pmfs([0.2, 0.3, 0.5], [0.3, 0.25, 0.45])
    common = common_letters(region)
    for log_order in (0.0, 0.5, 5.0, 10.5):
        tail = dots._Tail(TiltedPair(common, 60), log_order)
        assert 60 * tail.mean == pytest.approx(
            max(log_order, 60 * float(common.p @ common.log_ratio)), rel=1e-5
        )
        assert tail.tilt >= 1
        assert math.fsum(tail.weights) == pytest.approx(1, rel=1e-14)


# -- the brackets hold --------------------------------------------------------------------------------------


@given(
    pairs(range(2, 5)) | pairs(3, near=0.1, zeros=False),
    st.integers(1, 6),
    st.floats(0, 12),
    st.sampled_from([8, 64, 500, 4096]),
    st.sampled_from([0.3, 1e-2, 1e-8]),
)
def test_any_number_of_points_and_any_period(pair, m, log_order, points, allowed):
    """Coarse lattices and short periods give wide brackets, and right ones."""
    region = Region.from_pmfs(*pair)
    common, order = common_letters(region), math.exp(log_order)
    tail = dots._Tail(TiltedPair(common, m), math.log(order))
    if common.has_one_ratio or tail.is_beyond or tail.log_unit < dots.SMALLEST_LOG:
        return
    alone = 1 - mp.exp(m * mpf(common.log_p_share))
    bracket = tail.on(points, allowed)
    exact = exact_hockey_stick(region, m, order) - alone
    slack = mpf(32) * dots.EPS * alone  # of the shares, which `hockey_stick_bracket` counts
    assert mpf(bracket.lower) - slack <= exact <= mpf(bracket.upper) + slack


@given(pairs(range(2, 5)), st.integers(1, 8), st.floats(-8, 8), st.floats(-9, -1))
def test_random_pairs_by_any_evaluator(pair, m, log_order, decades):
    region, order = Region.from_pmfs(*pair), math.exp(log_order)
    try:
        bracket = packed_hockey_stick_bracket(region, m, order, 10**decades)
    except PrecisionError as error:
        bracket = error.bracket
    assert_holds(bracket, exact_hockey_stick(region, m, order))


@pytest.mark.parametrize("seed", range(80))
def test_lattices_near_pairs_and_dropped_letters(seed, monkeypatch):
    """Hard pairs at several orders: ties at the threshold, ratios near 1, mass of P alone, huge ratios."""
    monkeypatch.setattr(dots, "MAX_POINTS", 2**14)
    rng = np.random.default_rng(seed)
    letters, m = int(rng.integers(2, 5)), int(rng.integers(1, 13))
    q = rng.dirichlet(np.full(letters, 0.7))
    ratios = [
        2.0 ** rng.integers(-3, 4, size=letters),
        1 + 10.0 ** rng.uniform(-8, -1) * rng.normal(size=letters),
        np.exp(rng.normal(size=letters)) * (rng.random(letters) > 0.2),
        np.exp(20 * rng.normal(size=letters)),
    ][seed % 4]
    p = np.abs(q * ratios) + (1e-300 if seed % 4 != 2 else 0)
    q = np.where(rng.random(letters) > 0.15, q, 0.0) if seed % 4 == 2 else q
    if p.sum() == 0 or q.sum() == 0:
        return
    region = Region.from_pmfs(p / p.sum(), q / q.sum())
    common = common_letters(region)
    highest = m * max(float(common.log_ratio[0]), 0.0) if len(common.p) else 0.0
    for share in (0.0, 0.3, 0.7, 0.95, 1.0):
        order = math.exp(share * highest)
        if order > 1e150:
            continue
        exact = exact_hockey_stick(region, m, order)
        for width, relative in ((1e-2, True), (1e-7, False)):
            try:
                bracket = dots.hockey_stick_bracket(common, m, math.log(order), width, relative)
            except PrecisionError as error:
                bracket = error.bracket
            assert_holds(bracket, exact)


@pytest.mark.parametrize("ratio", [0.3, 1.0, 4.0, 8.0])
@pytest.mark.parametrize("mu", [1e-3, 0.05, 1.0])
@pytest.mark.parametrize("m", [1, 30, 1000])
def test_gaussians_against_their_formula(mu, m, ratio):
    """N(μ,1) against N(0,1): (P^m, Q^m) is N(μ√m,1) against N(0,1), at orders out to 8 deviations of S."""
    total = mu * math.sqrt(m)
    log_order = total * (min(ratio, 15 / total) + total / 2)  # e^700 is the greatest order of a double
    with mp.workdps(40):
        s, mean = mpf(log_order), mpf(mu) * mp.sqrt(m)
        exact = mp.ncdf(-(s / mean - mean / 2)) - mp.exp(s) * mp.ncdf(-(s / mean + mean / 2))
    step = 1e-2 * mu * min(1.0, 3 / ratio)
    regions = RegionBracket.from_ratio_cells(stats.norm(mu), stats.norm(0), step)
    bracket = packed_hockey_stick_bracket(regions, m, math.exp(log_order), 1e-2, relative=True)
    slack = 1e-9 * exact  # the accuracy of the cdf
    assert bracket.lower - slack <= exact <= bracket.upper + slack


@pytest.mark.parametrize(
    ("share", "deviation", "samples", "eps", "delta", "digits"),
    [
        pytest.param(0.125, 0.8, 1000, 10, 0.8986, 4, id="prv_accountant#36"),
        pytest.param(0.125, 0.8, 1000, 20, 0.4459, 4, id="prv_accountant#36, in the tail"),
        pytest.param(0.125, 0.8, 1000, 56.73, 1.0e-6, 2, id="prv_accountant#36, its epsilon"),
        pytest.param(0.2, 1.0, 10, 5, 9.60e-6, 3, id="prv_accountant#42"),
        pytest.param(0.2, 1.0, 10, 4.984, 1.000e-5, 4, id="prv_accountant#42, its epsilon"),
        pytest.param(0.2, 1.0, 10, 10, 5.6e-12, 2, id="prv_accountant#42, far out"),
    ],
)
def test_subsampled_gaussians_from_public_questions(share, deviation, samples, eps, delta, digits):
    """Within 1 % of themselves, and as dp-accounting has them to the digits published."""
    p = mixture([1 - share, share], [stats.norm(0, deviation), stats.norm(1, deviation)])
    regions = RegionBracket.from_ratio_cells(p, stats.norm(0, deviation))
    lower, upper = packed_hockey_stick_bracket(regions, samples, math.exp(eps), 1e-2, relative=True)
    assert upper <= 1.01 * lower
    unit = 10.0 ** (math.floor(math.log10(delta)) + 1 - digits)
    assert lower - 0.6 * unit <= delta <= upper + 0.6 * unit


@pytest.mark.parametrize("m", [5, 10**3, 10**5])
def test_order_one_is_the_total_variation(m):
    region = Region.from_pmfs(*np.random.default_rng(m).dirichlet(np.full(300, 500.0), size=2))
    ours, theirs = packed_hockey_stick_bracket(region, m, 1.0, 1e-5), packed_tv_bracket(region, m)
    assert max(ours.lower, theirs.lower) <= min(ours.upper, theirs.upper)


@pytest.mark.parametrize("order", [0.02, 0.5])
def test_orders_below_one_are_those_of_the_mirror_image(order):
    region = Region.from_pmfs([0.2, 0.3, 0.5], [0.4, 0.3, 0.3])
    bracket = packed_hockey_stick_bracket(region, 40, order, 1e-6, relative=True)
    assert_holds(bracket, exact_hockey_stick(region, 40, order))
    assert bracket.width <= 1e-6 * bracket.lower


def test_what_the_lattice_cannot_do_the_whole_curve_does():
    """At m = 10⁹ the lattice would be too fine; the region of `pack_bracket` gives an absolute width."""
    rng = np.random.default_rng(3)
    p = rng.dirichlet(np.ones(300))
    q = p * np.exp(2e-5 * rng.normal(size=300))
    region = Region.from_pmfs(p, q / q.sum())
    lower, upper = packed_hockey_stick_bracket(region, 10**9, 2.0, 1e-5)
    assert lower < upper <= lower + 1e-5


@pytest.mark.parametrize("order", [1.0, 30.0, 1e6])
def test_some_types_are_summed_and_the_lattice_agrees(order):
    """Three letters at m = 100 have 5151 types: the sum over them is far narrower than any lattice."""
    region = Region.from_pmfs([0.5, 0.3, 0.2], [0.4, 0.33, 0.27])
    summed = packed_hockey_stick_bracket(region, 100, order, 1e-9, relative=True)
    on_lattice = dots.hockey_stick_bracket(common_letters(region), 100, math.log(order), 1e-4, True)
    assert_holds(summed, exact_hockey_stick(region, 100, order))
    assert summed.width <= 1e-9 * summed.lower
    assert on_lattice.lower <= summed.lower <= summed.upper <= on_lattice.upper


# -- edges and refusals -------------------------------------------------------------------------------------


def test_edges():
    region = Region.from_pmfs([0.2, 0.3, 0.5], [0.3, 0.25, 0.45])
    assert packed_hockey_stick_bracket(region, 60, 0.0) == (0, 0)
    assert packed_hockey_stick_bracket(region, 60, 1e6) == (0, 0)  # (1.2)^60 = 56 347 is the greatest ratio
    disjoint = packed_hockey_stick_bracket(([1, 0], [0, 1]), 3, 7.0)
    assert disjoint.lower == pytest.approx(1, abs=1e-13)
    assert disjoint.upper == 1
    lower, upper = packed_hockey_stick_bracket(([0.2, 0.8], [0, 1]), 2, 5.0)
    assert lower <= 0.36 <= upper <= lower + 1e-12


def test_numbers_without_digits_are_refused():
    """38 samples of 50 must be of the first letter: about 1e-440, which no double can tell from 0."""
    region, order = Region.from_pmfs([1e-12, 1 - 1e-12], [1e-20, 1 - 1e-20]), math.exp(700)
    lower, upper = packed_hockey_stick_bracket(region, 50, order)
    assert lower == 0 < upper < 1e-290
    with pytest.raises(PrecisionError, match="have no digits left"):
        packed_hockey_stick_bracket(region, 50, order, 0.1, relative=True)


def test_regions_too_far_apart_are_refused_with_what_they_give():
    regions = RegionBracket.from_ratio_cells(stats.norm(1), stats.norm(0), step=0.5)
    with pytest.raises(PrecisionError, match="take a finer bracket of regions") as refused:
        packed_hockey_stick_bracket(regions, 10, 1e9, 1e-4, relative=True)
    assert refused.value.bracket.lower < refused.value.bracket.upper


@pytest.mark.parametrize("order", [-1, math.nan, math.inf])
def test_bad_orders_are_refused(order):
    with pytest.raises(ValueError, match="order"):
        packed_hockey_stick_bracket(([0.5, 0.5], [0.2, 0.8]), 2, order)


def test_steps_that_need_too_many_cells_are_refused(monkeypatch):
    monkeypatch.setattr("modecollapse.cells.MAX_CELLS", 2000)
    with pytest.raises(PrecisionError, match="need more than") as refused:
        RegionBracket.from_ratio_cells(stats.norm(1), stats.norm(0), step=1e-5)
    assert refused.value.bracket.lower < 0.3829249 < refused.value.bracket.upper


def test_a_coarse_lattice_does_not_end_the_search():
    """Rare great losses: 2¹⁴ points say nothing from below, and four times as many do.

    dp-accounting 0.6 puts δ between 6.503e-5 and 7.1557e-5, with steps of 1e-5.
    """
    pair = subsampled(gaussian_mechanism(1.1), 256 / 60000)
    lower, upper = (
        packed_hockey_stick_bracket(region, 1000, math.exp(0.5), 1e-2, relative=True) for region in pair
    )
    assert 6.503e-5 < lower.lower <= 7.1557e-5
    assert 7.1557e-5 <= upper.upper <= 1.02 * lower.lower


def test_few_types_are_summed_and_their_rounding_is_counted():
    region = Region.from_pmfs([0.2, 0.3, 0.5], [0.3, 0.25, 0.45])
    common = common_letters(region)
    for m in (1, 2, 9, 20):
        for order in (1.0, 1.2, 1.2**m, 3.0):
            bracket = choice._around_exact_hockey_stick(common, m, order)
            assert_holds(bracket, exact_hockey_stick(region, m, order))
            assert bracket.width < 1e-11
