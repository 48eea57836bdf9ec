"""Certified brackets against many digits: formulas, rounding, widths, and what is refused."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from weights import normalised, tilted

from modecollapse.errors import PrecisionError
from modecollapse.packing import choice
from modecollapse.packing.chernoff import chernoff_information
from modecollapse.packing.fourier import distance, node_sums, overlap, refinement
from modecollapse.packing.fourier.contour import contour_estimate
from modecollapse.packing.fourier.lattice import find_lattice
from modecollapse.packing.fourier.node_sums import EPS, Power
from modecollapse.packing.fourier.rounding import SHARE_ROUNDING
from modecollapse.packing.fourier.tilted_pair import TiltedPair
from modecollapse.packing.letters import CommonLetters, common_letters
from modecollapse.region import Region
from modecollapse.strategies import pairs


def letters_of(p, q) -> CommonLetters:
    return common_letters(Region.from_pmfs(p, q))


def refined(p, q, letters, rng) -> CommonLetters:
    """Each letter split into many of the same ratio, which a Region would merge again."""
    of = np.append(np.arange(len(p)), rng.integers(0, len(p), size=letters - len(p)))
    parts = rng.uniform(0.1, 1, size=letters)
    parts /= np.bincount(of, weights=parts)[of]
    merged = letters_of(p, q)
    order = np.argsort(-merged.log_ratio[of], kind="stable")
    return CommonLetters(
        (merged.p[of] * parts)[order],
        (merged.q[of] * parts)[order],
        merged.log_ratio[of][order],
        merged.log_p_share,
        merged.log_q_share,
    )


def assert_holds(bracket, exact):
    """Strictly: `exact` has 40 digits, so that rounding which was not counted would show."""
    assert mpf(bracket.lower) <= exact <= mpf(bracket.upper)


# -- the transforms -----------------------------------------------------------------------------------------


def exact_transforms(t, decay):
    """M̂ and m̂ as Graham and Vaaler give them."""
    t, decay = mpf(t), mpf(decay)
    below = 2 * mp.sinh(decay / 2) ** 2 + 2 * mp.sinpi(t) ** 2
    major = (1 - t) * mp.sinh(decay) + decay / (2 * mp.pi) * mp.sinpi(2 * t)
    minor = 2 * (1 - t) * mp.sinh(decay / 2) * mp.cospi(t) + decay / mp.pi * mp.cosh(decay / 2) * mp.sinpi(t)
    return major / below, minor / below


@pytest.mark.parametrize("decay", [1e-9, 1e-4, 0.03, 0.9, 1.1, 3.9])
@pytest.mark.parametrize("count", [2, 3, 1000, 10**7])
def test_transforms_keep_their_digits(count, decay):
    for n in {0, 1, count // 3, count // 2, count // 2 + 1, count - 2, count - 1}:
        if not 0 <= n < count:
            continue
        with mp.workdps(60):
            major, minor = exact_transforms(mpf(n) / count, decay)
            value, excess = node_sums._transforms(float(n), float(count), decay)
            assert abs(mpf(value) / major - 1) < 16 * EPS
            assert abs(mpf(excess) / (major - minor) - 1) < 16 * EPS


@pytest.mark.parametrize("decay", [0.01, 0.4, 2, 7])
def test_transforms_are_those_of_a_majorant_and_a_minorant(decay):
    """Inverted by quadrature; equality at the integers and at the half-integers."""
    at, weight = np.polynomial.legendre.leggauss(24)
    panels = np.append(0, np.geomspace(1e-4, 1, 120))
    t = np.concatenate([(a + b) / 2 + (b - a) / 2 * at for a, b in pairwise(panels)])
    step = np.concatenate([(b - a) / 2 * weight for a, b in pairwise(panels)])
    major, excess = np.array([node_sums._transforms(float(x), 1.0, float(decay)) for x in t]).T
    x = np.arange(-40, 41) / 8
    waves = 2 * step * np.cos(2 * np.pi * np.outer(x, t))
    target = np.exp(-decay * np.abs(x))
    above, below = waves @ major - target, target - waves @ (major - excess)
    assert above.min() > -1e-12
    assert below.min() > -1e-12
    assert np.abs(above[x == np.round(x)]).max() < 1e-12
    assert np.abs(below[(x + 0.5) == np.round(x + 0.5)]).max() < 1e-12
    assert above[x == 0.5] > 1e-6 * decay
    assert below[x == 0] > 0.1 * decay / (1 + decay)


@pytest.mark.parametrize(("count", "decay"), [(64, 0.5), (64, 3.0), (1024, 0.01)])
def test_the_plain_transform_beyond_the_last_node(count, decay):
    """Σ 1/(n²+c²) over n ≥ N is Im ψ(N+ic)/c, ψ the digamma function."""
    turns = count / (2 * mp.pi)
    exact = 2 * turns * mp.im(mp.digamma(count + 1j * decay * turns))
    assert distance._plain_beyond(count, decay) == pytest.approx(float(exact), rel=2e-9)


@pytest.mark.parametrize("x", [1e-8, 0.1, 0.999, 1.001, 3.0, 6.2])
def test_sines_less_their_argument(x):
    with mp.workdps(50):
        assert abs(node_sums._less_sine(x) / (x - mp.sin(x)) - 1) < 4 * EPS
        assert abs(node_sums._hyperbolic_sine_less(x) / (mp.sinh(x) - x) - 1) < 8 * EPS


@pytest.mark.parametrize("turn", [1e-12, 0.1, 1 / 3, 0.4999999, -0.25])
@pytest.mark.parametrize("node", [1, 17, 2**20 + 1, refinement.MAX_NODES - 1])
def test_letters_are_added_to_the_last_digits(node, turn):
    """The chord 2 sin² πnd and the height sin 2πnd, relative to |e^{2πind} − 1|."""
    chord, height = np.zeros(1), np.zeros(1)
    turns = node_sums.halves(np.array([turn]))
    assert (turns.sum(axis=0) == turn).all()
    node_sums.add_letters(0, 1, np.array([float(node)]), np.ones(1), turns, chord, height)
    with mp.workdps(60):
        half = mp.sinpi(node * mpf(turn))
        assert abs(chord[0] - 2 * half**2) <= 6 * EPS * 2 * half**2
        assert abs(height[0] - mp.sinpi(2 * node * mpf(turn))) <= 6 * EPS * abs(2 * half)


@pytest.mark.parametrize("letters", [17, 10**4, 10**5])
def test_remaining_weights_are_rounded_no_more_than_chunks(letters):
    """The bound on |ψ| after a few letters allows for one rounding a chunk, not one a letter."""
    weights = normalised(1 / np.arange(1, letters + 1) ** (1 / 3))
    wheel = node_sums.wheel_of(np.array(weights), np.linspace(-1, 1, letters), 3, 5.0)
    roundings = 0.5 * EPS * (node_sums.CHUNK + letters / node_sums.CHUNK)
    assert wheel.rest[-1] == 0
    for chunk in range(0, len(wheel.rest) - 1, 1 + len(wheel.rest) // 20):
        exact = math.fsum(wheel.weights[chunk * node_sums.CHUNK :])
        assert abs(wheel.rest[chunk] - exact) <= roundings * exact


@pytest.mark.parametrize("spread", [1e-9, 1.0])
@pytest.mark.parametrize("m", [1, 10**4, 10**8, 10**12])
@pytest.mark.parametrize("letters", [2, 40, 400])
def test_bounds_on_sums_cover_their_rounding(letters, m, spread):
    """Phases of many turns and powers near 1: the stated error holds, and is not idle.

    The exact sum takes the floats of the wheel for exact and divides the weights by their sum, which
    the sums over nodes take for 1.
    """
    rng = np.random.default_rng([letters, m])
    count, period = 24, 8.0
    decay = period / (2 * count)
    log_ratio = spread * rng.normal(size=letters) / math.sqrt(m) + 1.0
    wheel = node_sums.wheel_of(np.array(normalised(rng.dirichlet(np.ones(letters)))), log_ratio, m, period)
    sums = node_sums.transform_sums(wheel, count, decay, Power(float(m), 0.0, 0.0, -60.0))
    with mp.workdps(60):
        total = mp.fsum(map(mpf, wheel.weights))
        turns = [mpf(float(high)) + mpf(float(low)) for high, low in wheel.turns.T]
        centre = mp.fsum(map(mpf, wheel.centre))
        exact_major = exact_excess = mpf(0)
        for n in range(1, count):
            mean = mp.fsum(mpf(w) * mp.expjpi(2 * n * d) for w, d in zip(wheel.weights, turns, strict=True))
            z = (mean / total) ** m * mp.expjpi(2 * n * centre)
            major, minor = exact_transforms(mpf(n) / count, decay)
            exact_major += major * z.real
            exact_excess += (major - minor) * z.real
        missed = abs(sums.major - exact_major), abs(sums.excess - exact_excess)
    assert missed[0] <= sums.major_error
    assert missed[1] <= sums.excess_error
    assert max(missed[0] / sums.major_error, missed[1] / sums.excess_error) > 1e-4


@pytest.mark.parametrize("log_negligible", [-60.0, -3.0], ids=["every node", "some nodes"])
@pytest.mark.parametrize("spread", [0.02, 1.0])
@pytest.mark.parametrize("m", [1, 3, 200])
def test_sums_over_nodes_are_those_of_their_terms(m, spread, log_negligible):
    """Node by node in many digits; what is left out lies within the error stated."""
    letters, count, period, log_scale = 40, 150, 6.0, -0.25
    weights = np.array(normalised(0.85 ** np.arange(letters)))
    log_ratio = spread * np.random.default_rng(m).normal(size=letters)
    decay = period / (2 * count)
    wheel = node_sums.wheel_of(weights, log_ratio, m, period)
    sums = node_sums.transform_sums(wheel, count, decay, Power(float(m), log_scale, 0.0, log_negligible))
    above, below, spectrum_error = node_sums.transform_spectra(
        wheel, count, decay, Power(float(m), 0.0, 0.0, log_negligible)
    )
    exact, spectrum_missed = [mpf(0)] * 4, mpf(0)
    with mp.workdps(30):
        shares = [mpf(float(w)) / mp.fsum(map(mpf, wheel.weights)) for w in wheel.weights]
        turns = [mpf(float(high)) + mpf(float(low)) for high, low in wheel.turns.T]
        centre = mp.fsum(map(mpf, wheel.centre))
        for n in range(count):
            power = mp.fsum(w * mp.expjpi(2 * n * d) for w, d in zip(shares, turns, strict=True)) ** m
            power *= mp.expjpi(2 * n * centre)
            z = mp.exp(log_scale) * power
            major, minor = exact_transforms(mpf(n) / count, decay)
            plain = 2 * mpf(decay) / (mpf(decay) ** 2 + (2 * mp.pi * n / count) ** 2)
            spectrum_missed += 2 * max(abs(above[n] - major * power), abs(below[n] - minor * power))
            terms = (major * (1 - z.real), major * z.real, (major - minor) * z.real, plain * (1 - z.real))
            if n > 0:
                exact = [e + t for e, t in zip(exact, terms, strict=True)]
    summing = 16 * EPS * float(exact[0] + exact[3])
    assert abs(sums.complement - exact[0]) <= sums.major_error + summing
    assert abs(sums.major - exact[1]) <= sums.major_error + summing
    assert abs(sums.excess - exact[2]) <= sums.excess_error + summing
    assert spectrum_missed <= spectrum_error + summing
    if log_negligible == -60:
        assert max(sums.major_error, sums.excess_error, spectrum_error) < 1e-12 * m * float(exact[0])
        assert sums.plain_complement == pytest.approx(float(exact[3]), rel=1e-13 * m, abs=summing)
    all_letters = letters * (count - 1) + node_sums.NODE_TERMS * count
    assert sums.terms < all_letters if m == 200 else sums.terms == all_letters


@pytest.mark.parametrize(
    ("a", "b", "left_out", "m", "most"),
    [
        pytest.param(0.9, 0.0, 0.3, 4, 0.5**4, id="letters left out may turn any way"),
        pytest.param(1.0, 0.4, 0.3, 2, 0.8**2, id="and those seen have turned"),
        pytest.param(
            *(1.0, 0.0, 0.0, 1, (32 * math.sqrt(2) + node_sums.MODULUS_ROUNDING) * EPS),
            id="a sum that cancels is its rounding",
        ),
    ],
)
def test_what_a_node_may_come_to_is_bounded(a, b, left_out, m, most):
    """|ψ| ≤ |Σ seen| + Σ left out, and a rounding of the letters' distance from 1."""
    exponent, phase, error = node_sums._power(
        *(1.0, a, b, left_out, node_sums._slack(a, left_out, 32 * EPS), np.zeros(2)),
        Power(float(m), 0.0, 0.0, -1e-9),
    )
    assert (exponent, phase) == (-math.inf, 0)
    assert most <= error <= most * (1 + 1e-9)


@pytest.mark.parametrize("a", np.linspace(0.01, 0.2, 40))
def test_what_a_lost_node_may_come_to_counts_the_rounding_of_its_modulus(a):
    """|ψ| is next to 1 and m is so large that one rounding of |ψ| changes |ψ|^m.

    The sum over letters is taken for exact, and the given a and b too.
    """
    m = 10**15
    for below in np.linspace(0, 4e-15, 9):
        b = math.sqrt(2 * a - a * a - below)
        _, _, error = node_sums._power(1.0, a, b, 0.0, 0.0, np.zeros(2), Power(float(m), 0.0, 0.0, 1.0))
        with mp.workdps(40):
            exact = ((1 - mpf(a)) ** 2 + mpf(b) ** 2) ** (mpf(m) / 2)
        assert min(exact, 1) <= error <= 1 + 128 * EPS


@pytest.mark.parametrize(("a", "b"), [(0.02, 0.1), (0.3, 0.5)])
@pytest.mark.parametrize("scale_error", [0.0, 1e-9])
@pytest.mark.parametrize("m", [1, 1000])
def test_what_a_node_may_be_off_counts_every_rounding(m, a, b, scale_error):
    """m g √(2a)/|ψ| relative, more than a constant and the error of the scale."""
    gain = 40 * EPS
    slack = node_sums._slack(a, 0.0, gain)
    exponent, phase, error = node_sums._power(
        3.0, a, b, 0.0, slack, np.array([0.25, 0.0]), Power(float(m), 0.01, scale_error, -1e4)
    )
    modulus = math.hypot(1 - a, b)
    assert exponent == pytest.approx(0.01 + m * math.log(modulus), rel=1e-13, abs=1e-13)
    assert phase == pytest.approx(m * math.atan2(b, 1 - a) - math.pi / 2, rel=1e-13)
    relative = error / math.exp(exponent) - scale_error - m * gain * math.sqrt(2 * a) / modulus
    assert 30 * EPS < relative / (1 + abs(exponent)) < 64 * EPS


# -- the brackets hold --------------------------------------------------------------------------------------


@given(
    pairs(range(2, 5)) | pairs(3, near=0.1, zeros=False),
    st.integers(1, 6),
    st.floats(-15, 0),
    st.integers(2, 400),
    st.floats(-0.7, 0.7),
)
def test_any_number_of_nodes_and_any_period(pair, m, decades, count, stretch):
    common = letters_of(*pair)
    exact = oracles.total_variation(*pair, m)
    width = 10**decades
    if len(common.p) <= 1:
        assert_holds(distance.tv_bracket(common, m, width), exact)
        return
    prepared = TiltedPair(common, m)
    assert_holds(prepared.simple_distance, exact)
    assert prepared.simple_distance.lower >= 0
    sums = distance._PairSums(prepared, width)
    assert_holds(sums(count).bracket, exact)
    assert_holds(distance._PairSums(prepared, width, sums.period * 10**stretch)(count).bracket, exact)


@pytest.mark.parametrize("m", [1, 2, 5, 30, 300])
@pytest.mark.parametrize("effect", [1e-9, 1e-3, 0.3, 3, 30])
def test_three_letters(effect, m):
    rng = np.random.default_rng([m, int(1e9 * effect)])
    for concentration in (0.3, 3):
        p = normalised(rng.dirichlet(np.full(3, concentration)) + 1e-6)
        q = tilted(p, effect / math.sqrt(m) * rng.normal(size=3))
        common, exact = letters_of(p, q), oracles.total_variation(p, q, m)
        width = 1e-7 * float(min(exact, 1))
        estimate, bracket = distance.certified_tv(common, m, width)
        assert_holds(bracket, exact)
        assert bracket.width <= width
        assert bracket.lower <= estimate <= bracket.upper


@pytest.mark.parametrize(("letters", "m"), [(4, 1), (4, 17), (5, 9), (6, 6)])
@pytest.mark.parametrize("effect", [1e-6, 0.3, 3])
def test_four_to_six_letters(effect, letters, m):
    rng = np.random.default_rng([letters, m, int(1e6 * effect)])
    p = normalised(rng.dirichlet(np.ones(letters)))
    q = tilted(p, effect * rng.normal(size=letters))
    exact = oracles.total_variation(p, q, m)
    width = 1e-6 * float(exact)
    bracket = distance.tv_bracket(letters_of(p, q), m, width)
    assert_holds(bracket, exact)
    assert bracket.width <= width


@pytest.mark.parametrize("m", [1, 10, 10**3, 10**5, 10**6])
def test_two_letters_far_out_on_a_lattice(m):
    """An atom of S may sit at 0: the width falls like 1/nodes, and the bracket must still hold."""
    rng = np.random.default_rng(m)
    for effect in (1e-3, 1.0):
        p = normalised(rng.dirichlet(np.ones(2)) + 0.05)
        q = tilted(p, effect / math.sqrt(m) * rng.normal(size=2))
        exact = oracles.total_variation(p, q, m)
        width = 1e-5 * float(exact)
        bracket = distance.tv_bracket(letters_of(p, q), m, width)
        assert_holds(bracket, exact)
        assert bracket.width <= width


@pytest.mark.parametrize(
    "effect", [pytest.param(1e-4, id="near"), pytest.param(0.4, id="middling"), pytest.param(3.0, id="far")]
)
def test_a_thousand_million_samples(effect):
    m = 10**9
    p = [0.3, 0.7]
    q = tilted(p, [effect / math.sqrt(m), 0.0])
    exact = oracles.total_variation(p, q, m)
    bracket = distance.tv_bracket(letters_of(p, q), m, 1e-8 * float(exact))
    assert_holds(bracket, exact)


@pytest.mark.parametrize(("m", "effect"), [(3000, 1e-5), (10**4, 10), (10**5, 1), (10**6, 0.1)])
def test_three_letters_at_large_m(effect, m):
    """Against the exact kernel, whose own promise is 1e-12."""
    p = normalised([0.2, 0.5, 0.3])
    q = tilted(p, effect / math.sqrt(m) * np.array([1, -0.3, 0.137]))
    common = letters_of(p, q)
    exact = choice.total_variation(common, m)
    estimate, bracket = distance.certified_tv(common, m, 1e-9 * exact)
    assert bracket.lower <= exact * (1 + 1e-12)
    assert exact * (1 - 1e-12) <= bracket.upper
    assert bracket.width <= 1e-9 * exact
    assert abs(estimate - exact) <= 1e-9 * exact


@pytest.mark.parametrize("letters", [17, 100, 1000])
@pytest.mark.parametrize(("m", "effect"), [(1, 1), (6, 1e-4), (40, 2), (700, 0.5)])
def test_many_letters_that_are_three_in_disguise(letters, m, effect):
    rng = np.random.default_rng([letters, m])
    p = normalised(rng.dirichlet(np.full(3, 2.0)) + 0.01)
    q = tilted(p, effect / math.sqrt(m) * rng.normal(size=3))
    exact = oracles.total_variation(p, q, m)
    common = refined(p, q, letters, rng)
    assert len(common.p) == letters
    width = 1e-6 * float(exact)
    bracket = distance.tv_bracket(common, m, width)
    assert_holds(bracket, exact)
    assert bracket.width <= width


@pytest.mark.parametrize("m", [10**4, 10**6])
def test_many_letters_stop_early_and_still_hold(m):
    """At large m most nodes are settled by a few letters."""
    rng = np.random.default_rng(m)
    p = normalised([0.2, 0.5, 0.3])
    q = tilted(p, 1 / math.sqrt(m) * np.array([1, -0.3, 0.137]))
    common = refined(p, q, 1000, rng)
    exact = choice.total_variation(letters_of(p, q), m)
    bracket = distance.tv_bracket(common, m, 1e-9)
    assert bracket.lower <= exact <= bracket.upper
    sums = distance._PairSums(TiltedPair(common, m), 1e-9)
    assert sums(20_000).terms < 0.3 * 20_000 * 1000


@pytest.mark.parametrize("m", [1, 2, 7, 100, 10**4])
@pytest.mark.parametrize(
    ("p", "q"),
    [
        pytest.param([0.2, 0.8], [0, 1], id="one common letter"),
        pytest.param([0.4, 0.6, 0], [0, 0, 1], id="none"),
        pytest.param([0.01, 0.5, 0.49, 0], [0, 0.51, 0.48, 0.01], id="both lack one"),
        pytest.param([0.1, 0.5, 0.4], [0, 0.5, 0.5], id="Q lacks one"),
        pytest.param([0, 0.5, 0.5], [1e-13, 0.5, 0.5 - 1e-13], id="P lacks a tiny one"),
        pytest.param([1e-9, 0.3, 0.7 - 1e-9, 0], [0, 0.3 + 1e-9, 0.7 - 2e-9, 1e-9], id="near, both lack one"),
        pytest.param([0.5, 0.5, 0], [0.01, 0.02, 0.97], id="P lacks most of Q"),
        pytest.param([1e-300, 1], [0.5, 0.5], id="tiny under P"),
        pytest.param([0.4335, 0.5665], [1.0, 2.28e-17], id="tiny under Q, a coarse lattice"),
        pytest.param([1e-300, 0.25, 0.75], [1e-5, 0.5, 0.49999], id="tiny among three"),
    ],
)
def test_zeros_and_extreme_probabilities(p, q, m):
    exact = oracles.total_variation(p, q, m)
    width = 1e-4 * float(exact)
    bracket = distance.tv_bracket(letters_of(p, q), m, width)
    assert_holds(bracket, exact)
    assert bracket.width <= width


def test_copies_of_one_letter_are_one_letter():
    """A Region merges them; letters from elsewhere may not be merged."""
    one = letters_of([0.2, 0.8], [0, 1])
    common = one._replace(p=np.full(4, 0.2), q=np.full(4, 0.25), log_ratio=np.full(4, one.log_ratio[0]))
    assert_holds(distance.tv_bracket(common, 7, 1e-15), oracles.total_variation([0.2, 0.8], [0, 1], 7))


@pytest.mark.parametrize("size", [1e-12, 1e-9, 1e-5])
def test_near_pairs_keep_relative_accuracy(size):
    """Distances far below the rounding of 1 − overlap."""
    p = normalised([0.2, 0.5, 0.25, 0.05])
    q = tilted(p, size * np.array([1, -0.3, 0.4, 2]))
    exact = oracles.total_variation(p, q, 12)
    bracket = distance.tv_bracket(letters_of(p, q), 12, 1e-7 * float(exact))
    assert_holds(bracket, exact)
    assert bracket.width <= 1e-7 * exact


def test_swapping_the_pair_changes_nothing_but_rounding():
    p, q = [0.1, 0.2, 0.3, 0.35, 0.05], [0.3, 0.2, 0.15, 0.3, 0.05]
    one = distance.tv_bracket(letters_of(p, q), 50, 1e-7)
    other = distance.tv_bracket(letters_of(q, p), 50, 1e-7)
    assert np.allclose(one, other, rtol=0, atol=1e-13)


# -- rounding is counted ------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 2, 15, 16, 999, 1000, 10**5, 10**5 + 1])
@pytest.mark.parametrize("effect", [1e-6, 1e-2, 1.0])
def test_on_a_lattice_one_end_is_exact_but_for_rounding(effect, m):
    """With nodes as fine as the lattice, the majorant (m even) or the minorant (m odd) costs nothing.

    Then one end is the truth less what was set aside for rounding: it must be enough, and little.
    """
    low = 1 / (1 + math.exp(effect / math.sqrt(m)))
    p, q = [1 - low, low], [low, 1 - low]
    exact = oracles.total_variation(p, q, m)
    prepared = TiltedPair(letters_of(p, q), m)
    spacing = float(prepared.common.log_ratio[0] - prepared.common.log_ratio[1])
    least = distance._PairSums(prepared, 1e-18).period
    count = math.ceil(least / spacing) + 7
    sums = distance._PairSums(prepared, 1e-18, count * spacing)
    bracket = sums(count).bracket
    assert_holds(bracket, exact)
    end = bracket.lower if m % 2 == 0 else bracket.upper
    assert abs(mpf(end) - exact) <= (1e-13 + 2e-14 * math.sqrt(m)) * exact


def off_by(masses, ulps):
    """A pmf whose sum misses 1 by so many ulps: a Region leaves up to 8 of them alone."""
    masses = normalised(masses)
    masses[int(np.argmax(masses))] += ulps * EPS - math.fsum([*masses, -1.0])
    return masses


SUMS_OFF = [(0, 0), (7, 7), (-7, 7), (7, -7), (-7, -7)]


@pytest.mark.parametrize("ulps", SUMS_OFF)
@pytest.mark.parametrize("m", [1, 3])
def test_pmfs_that_sum_to_1_only_within_rounding(m, ulps):
    """The true law is the normalised one: what all masses are off together is counted too."""
    rng = np.random.default_rng(5)
    for dropped in (0.0, 0.3, 0.5001):
        for letters in (1, 2, 3):
            p = off_by([*(1 - dropped) * rng.dirichlet(np.ones(letters)), dropped], ulps[0])
            q = off_by([*rng.dirichlet(np.ones(letters)), 0.0], ulps[1])
            common = letters_of(p, q)
            exact = oracles.overlap(p, q, m)
            for evaluate, width, truth in (
                (distance.tv_bracket, 1e-15, 1 - exact),
                (overlap.log_overlap_bracket, 1e-14, mp.log(exact)),
            ):
                try:
                    bracket = evaluate(common, m, width, terms=10**5)
                except PrecisionError as error:
                    bracket = error.bracket
                assert_holds(bracket, truth)


@pytest.mark.parametrize("ulps", SUMS_OFF)
@pytest.mark.parametrize("size", [1e-12, 1e-6, 0.3, 0.7, 4.0])
@pytest.mark.parametrize("dropped", [(0.0, 0.0), (1e-9, 0.0), (0.3, 0.1), (0.5001, 0.9)])
def test_bounds_on_errors_of_letters_hold(dropped, size, ulps):
    """Shares, log ratios, the affinity and the tilted law against 40 digits."""
    rng = np.random.default_rng([int(1e12 * size), int(1e4 * dropped[0])])
    base = rng.dirichlet(np.ones(4)) + 0.01
    other = base * np.exp(size * np.array([1, -0.3, 0.4, -2]))  # too far apart to be merged
    p = off_by([*(1 - dropped[0]) * base / base.sum(), dropped[0], 0.0], ulps[0])
    q = off_by([*(1 - dropped[1]) * other / other.sum(), 0.0, dropped[1]], ulps[1])
    pair = TiltedPair(letters_of(p, q), 1)
    with mp.workdps(40):
        letters = [(x, y) for x, y in oracles.exact_pair(p, q) if x > 0 and y > 0]
        letters = sorted(
            ((mpf(x.numerator) / x.denominator, mpf(y.numerator) / y.denominator) for x, y in letters),
            key=lambda letter: -letter[0] / letter[1],
        )
        p_share, q_share = mp.fsum(x for x, _ in letters), mp.fsum(y for _, y in letters)
        for value, share in zip(pair.log_shares, (p_share, q_share), strict=True):
            assert abs(value - mp.log(share)) <= SHARE_ROUNDING * abs(mp.log(share)) + 1e-38
        logs = [mp.log(x / y) for x, y in letters]
        for value, exact, error in zip(pair.common.log_ratio, logs, pair.log_ratio_error, strict=True):
            assert abs(value - exact) <= error
        affinity = mp.fsum(mp.sqrt(x * y) for x, y in letters)
        for (value, error), exact in (
            (pair.log_affinity, mp.log(affinity / mp.sqrt(p_share * q_share))),
            (pair.log_middle, mp.log(affinity)),
        ):
            assert abs(value - exact) <= error
        for weight, (x, y) in zip(pair.weights, letters, strict=True):
            assert abs(weight - mp.sqrt(x * y) / affinity) <= 12 * EPS * weight


# -- lattices ------------------------------------------------------------------------------------------------


def lattice_bracket(common, m, width):
    """The exact sum."""
    sums = distance._PairSums(TiltedPair(common, m), width)
    return sums.on_lattice(distance._lattice_of(sums, refinement.MAX_TERMS))


@pytest.mark.parametrize("m", [1, 2, 15, 200, 10**4])
@pytest.mark.parametrize("effect", [1e-9, 1e-3, 0.5, 3])
@pytest.mark.parametrize("dropped", [(0, 0), (1e-2, 0), (1e-8, 0.2)])
def test_two_letters_are_summed_on_their_lattice(m, effect, dropped):
    rng = np.random.default_rng([m, int(1e9 * effect)])
    p = rng.dirichlet(np.ones(2)) + 0.05
    q = p * np.exp(effect / math.sqrt(m) * rng.normal(size=2))
    p = normalised([*p / p.sum(), dropped[0] * effect / m, 0])
    q = normalised([*q / q.sum(), 0, dropped[1] * effect / m])
    exact = oracles.total_variation(p, q, m)
    step = lattice_bracket(letters_of(p, q), m, 1e-15 * float(exact))
    assert_holds(step.bracket, exact)
    assert step.bracket.width <= (1e-12 + 1e-13 * math.sqrt(m)) * exact
    assert abs(step.estimate - exact) <= (1e-14 + 2e-15 * math.sqrt(m)) * exact


@pytest.mark.parametrize("m", [1, 4, 9, 12])
@pytest.mark.parametrize(
    ("p", "q"),
    [
        pytest.param([8, 4, 2, 1, 1], [1, 2, 4, 8, 1], id="through 0"),
        pytest.param([4, 3, 2, 1, 0], [1, 3, 2, 4, 0], id="mirror images"),
        pytest.param([8, 4, 2, 1, 5], [1, 2, 4, 8, 0], id="offset"),
        pytest.param([1, 1, 1, 1, 0], [27, 9, 3, 1, 2], id="powers of three"),
    ],
)
def test_letters_on_a_lattice(p, q, m):
    p, q = normalised(p), normalised(q)
    exact = oracles.total_variation(p, q, m)
    common = letters_of(p, q)
    assert_holds(lattice_bracket(common, m, 1e-14).bracket, exact)
    bracket = distance.tv_bracket(common, m, 1e-12)
    assert_holds(bracket, exact)
    assert bracket.width <= 1e-12


def test_letters_that_just_miss_a_lattice_are_not_taken_for_one():
    p = normalised([8, 4, 2, 1, 1])
    q = tilted(normalised([1, 2, 4, 8, 1]), [0, 0, 1e-9, 0, 0])
    prepared = TiltedPair(letters_of(p, q), 5)
    assert find_lattice(prepared, distance.MAX_LATTICE_STEPS) is None
    assert_holds(distance.tv_bracket(prepared.common, 5, 1e-5), oracles.total_variation(p, q, 5))


# -- overlaps and their logarithms --------------------------------------------------------------------------


@given(pairs(range(2, 5)), st.integers(1, 6))
def test_simple_bounds_on_the_overlap(pair, m):
    common, exact = letters_of(*pair), oracles.overlap(*pair, m)
    if len(common.p) > 1:
        simple = TiltedPair(common, m).simple_log_overlap
        assert mp.exp(simple.lower) <= exact * (1 + mpf(10) ** -30) <= mp.exp(simple.upper)


@pytest.mark.parametrize(("m", "effect"), [(1, 1), (5, 2), (30, 1), (300, 0.5), (300, 0.8)])
def test_log_overlap(m, effect):
    rng = np.random.default_rng(m)
    p = normalised([0.2, 0.5, 0.3])
    q = tilted(p, effect * rng.normal(size=3))
    exact = mp.log(oracles.overlap(p, q, m))
    bracket = overlap.log_overlap_bracket(letters_of(p, q), m, 1e-5)
    assert_holds(bracket, exact)
    assert bracket.width <= 1e-5


@pytest.mark.parametrize(("p", "q"), [([0.2, 0.8], [0, 1]), ([0.3, 0.7], [0.3, 0.7])])
def test_log_overlap_of_one_letter(p, q):
    bracket = overlap.log_overlap_bracket(letters_of(p, q), 2000)
    assert_holds(bracket, mp.log(oracles.overlap(p, q, 2000)))
    assert bracket.width < 1e-11


def test_log_overlap_refuses_where_sums_have_nothing_to_say():
    """O_m far below φ^m: the bracket from affinities remains."""
    p, q, m = [0.9, 0.0999, 0.0001], [0.5, 0.1, 0.4], 1000
    with pytest.raises(PrecisionError) as caught:
        overlap.log_overlap_bracket(letters_of(p, q), m, 1e-3)
    assert_holds(caught.value.bracket, mp.log(oracles.overlap(p, q, m)))


# -- refusals -----------------------------------------------------------------------------------------------


def test_too_much_work_is_refused_with_the_best_bracket_and_the_cost():
    p, q, m = [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1], 4  # an atom of S at 0
    common = letters_of(p, q)
    with pytest.raises(
        PrecisionError, match=r"1.0e-09 needs about .* more than the limit of 1.0e\+07"
    ) as caught:
        distance.tv_bracket(common, m, 1e-9, terms=1e7)
    assert_holds(caught.value.bracket, oracles.total_variation(p, q, m))
    assert caught.value.bracket.width < 1e-3


def test_a_limit_below_the_first_sum_is_refused_before_any_work():
    p, q = [0.1, 0.2, 0.3, 0.4], [0.4, 0.3, 0.2, 0.1]
    with pytest.raises(PrecisionError, match="affinities alone") as caught:
        distance.tv_bracket(letters_of(p, q), 4, 1e-9, terms=100)
    assert_holds(caught.value.bracket, oracles.total_variation(p, q, 4))


def test_a_width_below_rounding_is_refused():
    p = normalised([0.2, 0.5, 0.3])
    q = tilted(p, [0.01, -0.003, 0.00137])
    with pytest.raises(PrecisionError, match="set aside for rounding") as caught:
        distance.tv_bracket(letters_of(p, q), 1000, 1e-18)
    assert_holds(caught.value.bracket, oracles.total_variation(p, q, 1000))


def test_a_width_below_the_rounding_of_a_lattice_is_refused_with_the_sum_on_it():
    common = letters_of([0.3, 0.7], [0.4, 0.6])
    exact = oracles.total_variation([0.3, 0.7], [0.4, 0.6], 1000)
    with pytest.raises(PrecisionError) as caught:
        distance.tv_bracket(common, 1000, 1e-18)
    assert_holds(caught.value.bracket, exact)
    assert caught.value.bracket.width <= lattice_bracket(common, 1000, 1e-18).bracket.width < 1e-11


def test_shares_too_small_for_a_number_leave_the_distance_next_to_1():
    common = letters_of([0.5, 0.2, 0.3, 0], [0, 0.3, 0.2, 0.5])
    with pytest.raises(PrecisionError, match="set aside for rounding") as caught:
        distance.tv_bracket(common, 5000, 1e-18)  # P^m and Q^m of the common letters are 2^-5000
    assert 1 - 1e-14 < caught.value.bracket.lower < caught.value.bracket.upper == 1


def test_the_overlap_of_disjoint_pairs_is_0():
    assert overlap.log_overlap_bracket(letters_of([1, 0], [0, 1]), 3) == (-math.inf, -math.inf)


def test_affinities_suffice_for_the_overlap_of_near_pairs():
    p = normalised([0.2, 0.5, 0.3])
    q = tilted(p, [1e-9, -3e-10, 1.37e-10])
    common, exact = letters_of(p, q), mp.log(oracles.overlap(p, q, 10))
    bracket = overlap.log_overlap_bracket(common, 10, 1e-6)
    assert bracket == TiltedPair(common, 10).simple_log_overlap
    assert_holds(bracket, exact)


# -- estimates ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1e-7, 1e-2, 1.0])
def test_chernoff_information_of_mirror_images(size):
    """By symmetry s = ½: −log Σ √(pq)."""
    p = normalised(np.exp(size * np.array([1, 0.3, -0.2, -1])))
    expected = -mp.log(
        mp.fsum(mp.sqrt(mpf(a) * mpf(b)) for a, b in zip(p, p[::-1], strict=True)) / mp.fsum(p)
    )
    with mp.workdps(50):
        letters = [(oracles.as_mpf(a), oracles.as_mpf(b)) for a, b in oracles.exact_pair(p, p[::-1])]
        expected = -mp.log(oracles._affinity(letters))
        assert abs(chernoff_information(letters_of(p, p[::-1])) / expected - 1) < 1e-13


def test_chernoff_information_is_the_maximum_over_exponents():
    p, q = np.array([0.6, 0.3, 0.1]), np.array([0.1, 0.2, 0.7])
    s = np.linspace(0, 1, 100_001)[:, None]
    most = -np.log((p**s * q ** (1 - s)).sum(axis=1)).min()
    value = chernoff_information(letters_of(p, q))
    assert 0 <= value - (-np.log((p**s * q ** (1 - s)).sum(axis=1))).max() < 1e-9
    assert value > most


def test_chernoff_information_with_letters_of_one_side():
    assert chernoff_information(letters_of([0.4, 0.6, 0], [0, 0, 1])) == math.inf
    assert chernoff_information(letters_of([0.2, 0.8], [0, 1])) == pytest.approx(-math.log(0.8), rel=1e-14)
    # at an end of the range of s: all that matters is what P has in common with Q
    assert chernoff_information(letters_of([0.5, 0.5, 0], [0.01, 0.02, 0.97])) == pytest.approx(
        -math.log(0.03), rel=1e-12
    )


def test_log_overlap_falls_at_the_chernoff_rate():
    common = letters_of([0.6, 0.3, 0.1], [0.1, 0.2, 0.7])
    rate = chernoff_information(common)
    m = 10**6
    slope = -(contour_estimate(common, 2 * m).value - contour_estimate(common, m).value) / m
    assert abs(slope - rate - 0.5 * math.log(2) / m) < 1e-3 / m + 1e-12


@pytest.mark.parametrize(("m", "effect"), [(10, 0.7), (60, 1.0), (400, 0.2), (10**4, 0.04)])
def test_contour_estimate_of_many_letters(m, effect):
    """Relative accuracy, against a certified bracket on the logarithm."""
    rng = np.random.default_rng(m)
    p = rng.dirichlet(np.ones(300))
    common = letters_of(p, tilted(p, effect * rng.normal(size=300)))
    estimate = contour_estimate(common, m)
    bracket = overlap.log_overlap_bracket(common, m, 1e-9)
    assert bracket.lower <= estimate.value <= bracket.upper
    assert estimate.truncation < 1e-16


@pytest.mark.parametrize(("m", "effect"), [(12, 0.1), (60, 0.5)])
def test_sums_of_lattice_steps(m, effect):
    """Many letters on a lattice, whose packed laws come by repeated convolution."""
    rng = np.random.default_rng(m)
    steps = np.unique(rng.integers(-400, 400, size=60))
    p = rng.dirichlet(np.ones(len(steps)))
    q = p * np.exp(-effect / 200 * steps)
    p, q = p / p.sum(), q / q.sum()
    log_ratio = effect / 200 * steps + math.log(p[0] / q[0]) - effect / 200 * steps[0]
    common = CommonLetters(p[::-1].copy(), q[::-1].copy(), log_ratio[::-1].copy(), 0.0, 0.0)
    exact = lattice_log_overlap(p, q, steps, m)
    value = -math.expm1(exact)
    bracket = distance.tv_bracket(common, m, 1e-8)
    assert bracket.lower <= value <= bracket.upper
    assert bracket.width <= 1e-8
    assert abs(contour_estimate(common, m).value - exact) < 1e-6  # the atoms of the lattice show


def lattice_log_overlap(p, q, steps, m):
    """log Σ min over the sums of m steps, each law convolved by itself and kept as p^m on the lattice."""
    laws = []
    for weights in (p, q):
        row = np.zeros(steps.max() - steps.min() + 1)
        row[steps - steps.min()] = weights / weights.sum()
        total = np.ones(1)
        for _ in range(m):
            total = np.convolve(total, row)
        laws.append(total)
    return math.log(np.minimum(*laws).sum())


def test_contour_estimate_says_when_it_cannot_tell():
    """One sample: the characteristic function never dies out."""
    estimate = contour_estimate(letters_of([0.6, 0.3, 0.1], [0.1, 0.2, 0.7]), 1)
    error = abs(math.expm1(estimate.value - math.log(0.4)))
    assert 1e-11 < error < estimate.truncation


def test_contour_estimate_of_one_letter_is_exact():
    estimate = contour_estimate(letters_of([0.2, 0.8], [0, 1]), 5)
    assert estimate == (pytest.approx(5 * math.log(0.8), rel=1e-14), 0)
