"""The printed formulas against published digits and a dense brute force over their printed ranges."""

from __future__ import annotations

from fractions import Fraction
from math import comb

import numpy as np
import pytest
import witnesses
from effort import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from published import THEOREMS, digits

import modecollapse as mc
from modecollapse import paper

BRUTE = 2e-9
"""How near the optimum the brute force comes: a kink is met to 1e-10, a smooth optimum better."""
ROUNDING = 1e-12

degrees = st.integers(2, 8)
thousandths = st.integers(0, 1000).map(lambda n: n / 1000)


@st.composite
def no_collapse_parameters(draw) -> tuple[float, float, float]:
    """(ε, δ, τ) with δ+ε ≤ 1 and δ−ε < τ < (δ−ε)/(δ+ε)."""
    eps = draw(st.integers(50, 400)) / 1000
    delta = draw(st.integers(round(1000 * eps) + 20, round(1000 * (1 - eps)))) / 1000
    low, high = delta - eps, (delta - eps) / (delta + eps)
    share = draw(st.sampled_from([0.25, 0.5, 0.75]) | st.floats(0.3, 0.95))
    return eps, delta, low + share * (high - low)


@st.composite
def collapse_parameters(draw) -> tuple[float, float, float]:
    """(ε, δ, τ) with δ−ε ≤ τ ≤ 1."""
    eps = draw(st.integers(0, 900)) / 1000
    delta = draw(st.integers(round(1000 * eps) + 20, 1000)) / 1000
    d = delta - eps
    return eps, delta, d + draw(st.sampled_from([0.0, 0.05, 1.0]) | st.floats(0, 1)) * (1 - d)


def assert_witnessed(optimum, tau, m):
    """The region has total variation τ, and the value as its packed distance."""
    assert optimum.region.total_variation == pytest.approx(tau, rel=0, abs=1e-14)
    assert mc.packed_tv(optimum.region, m) == pytest.approx(optimum.value, rel=0, abs=ROUNDING)
    assert float(optimum) == optimum.value


def assert_tangent(region, tau, x):
    """The region, of total variation τ, meets its tangent δ = ε + τ at ε = x."""
    assert -1e-14 <= x <= 1 - tau + 1e-14
    beside = min(max(x, 0) + 1e-14, 1)  # the boundary may be all but vertical there
    assert region.boundary(beside) >= x + tau - 2e-14


def brute_l1(eps, delta, tau, m):
    right = min(eps * tau / (delta - eps), 1 - tau)
    triangles = witnesses.least_triangle(tau, m, 0, right)
    if right == 1 - tau:
        return triangles
    return min(triangles, witnesses.least_with_point(tau, m, eps, delta, right, 1 - tau))


def brute_l2(eps, delta, tau, m):
    low = eps * tau / (delta - eps)
    return witnesses.least_triangle(tau, m, low, max(low, 1 - tau - low))


# -- published digits --------------------------------------------------------------------------------------


def test_l_is_the_published_minimum():
    row = THEOREMS["theorem_3"]
    found = paper.L(row["tau"], row["m"])
    assert found.value == digits(row["minimum"])
    x = 1 - row["tau"] - found.alpha
    assert min(x, 1 - row["tau"] - x) == digits(row["minimiser"])
    centre = mc.packed_tv([v[0] for v in witnesses.triangle([(1 - row["tau"]) / 2], row["tau"])], row["m"])
    assert centre == digits(row["centre"])


@pytest.mark.parametrize("row", THEOREMS["theorem_4"], ids=lambda row: row["printed"])
def test_l1_is_what_is_printed(row):
    assert paper.L1(*row["point"], row["tau"], row["m"]).value == digits(row["printed"])


@pytest.mark.parametrize("row", THEOREMS["theorem_5_upper"], ids=lambda row: row["printed"])
def test_u1_is_what_is_printed(row):
    assert paper.U1(*row["point"], row["tau"], row["m"]).value == digits(row["printed"])


@pytest.mark.parametrize("row", THEOREMS["theorem_5_lower"], ids=lambda row: row["printed"])
def test_l2_is_what_is_printed(row):
    assert paper.L2(*row["point"], row["tau"], row["m"]).value == digits(row["printed"])


def test_u1_finds_a_maximum_strictly_inside():
    row = THEOREMS["hexagon"]
    (eps, delta), tau, m = row["point"], row["tau"], row["m"]
    found = paper.U1(eps, delta, tau, m)
    assert found.value == digits(row["maximum"])
    assert sorted([found.alpha, found.beta]) == [digits(row["alpha"]), digits(row["beta"])]
    corner = eps * tau / (delta - eps)

    def greatest_along(alpha, beta):
        return witnesses.packed_tv(*witnesses.hexagon(alpha, beta, eps, delta, tau), m).max()

    share = np.linspace(0, 1, 20001)
    far = corner + share * (1 - tau - 2 * corner)
    assert greatest_along(far, 1 - tau - far) == digits(row["on_the_far_edge"])
    diagonal = corner + share * ((1 - tau) / 2 - corner)
    assert greatest_along(diagonal, diagonal) == digits(row["on_the_diagonal"])


def test_u1_is_at_least_a_hexagon_computed_in_fractions():
    row = THEOREMS["hexagon_in_fractions"]
    (eps, delta), tau, alpha, beta = (
        map(Fraction, row["point"]),
        *(Fraction(row[k]) for k in ("tau", "alpha", "beta")),
    )
    m = row["m"]
    assert delta + eps <= 1
    assert min(alpha, beta) >= eps * tau / (delta - eps)
    assert alpha + beta == 1 - tau
    s, t = ((tau - delta + eps) / (edge - eps) for edge in (alpha, beta))
    p, q = [tau - alpha * s, alpha * (1 + s), beta, 0], [0, alpha, beta * (1 + t), tau - beta * t]
    assert sum(p) == sum(q) == 1
    assert min(p + q) == 0
    # both forbidden points are touched, on the first edge and on the last one with P-mass
    assert p[0] + eps / q[1] * p[1] == delta
    assert 1 - eps / p[2] * q[2] - q[3] == 1 - delta
    overlap = sum(
        comb(m, k) * min(side[1] ** k * side[2] ** (m - k) for side in (p, q)) for k in range(m + 1)
    )
    assert 1 - overlap > Fraction(row["exceeds"])
    assert float(1 - overlap) == digits(row["packed_tv"])
    assert paper.U1(float(eps), float(delta), float(tau), m).value >= float(1 - overlap) - paper.GAP


@pytest.mark.parametrize("row", THEOREMS["figure_13"], ids=lambda row: f"m={row['m']}")
def test_figure_13_overlaps_by_its_own_formulas(row):
    upper = paper.U1(0.05, 0.1, 0.11, row["m"]).value
    lower = paper.L1(0.02, 0.1, 0.11, row["m"]).value
    assert upper == digits(row["upper_without"])
    assert lower == digits(row["lower_with"])
    assert upper > lower


@pytest.mark.parametrize("row", THEOREMS["figure_13_corner"], ids=lambda row: f"m={row['m']}")
def test_figure_13_as_it_may_have_been_plotted(row):
    eps, delta, tau, m = 0.05, 0.1, 0.11, row["m"]
    corner = eps * tau / (delta - eps)
    (value,) = witnesses.packed_tv(*witnesses.hexagon(np.array([corner]), corner, eps, delta, tau), m)
    assert value == digits(row["corner"])
    assert paper.L1(0.02, delta, tau, m).value == digits(row["lower_with"])


# -- every formula against brute force ---------------------------------------------------------------------


@given(thousandths, degrees)
def test_l_is_the_least_of_all_triangles(tau, m):
    found = paper.L(tau, m)
    assert found.value == pytest.approx(witnesses.least_triangle(tau, m, 0, 1 - tau), rel=0, abs=BRUTE)
    assert_witnessed(found, tau, m)
    assert_tangent(found.region, tau, 1 - tau - found.alpha)


@given(thousandths, degrees)
def test_u_is_the_distance_of_the_full_region(tau, m):
    found = paper.U(tau, m)
    assert found.value == pytest.approx(float(1 - (1 - Fraction(tau)) ** m), rel=1e-14)
    assert_witnessed(found, tau, m)


@examples(40)
@given(collapse_parameters(), degrees)
def test_l1_is_the_least_of_the_printed_families(parameters, m):
    eps, delta, tau = parameters
    found = paper.L1(eps, delta, tau, m)
    assert found.value == pytest.approx(brute_l1(eps, delta, tau, m), rel=0, abs=BRUTE)
    assert_witnessed(found, tau, m)
    assert_tangent(found.region, tau, 1 - tau - found.alpha)


@given(no_collapse_parameters(), degrees)
def test_l2_is_the_least_of_the_middle_triangles(parameters, m):
    eps, delta, tau = parameters
    found = paper.L2(eps, delta, tau, m)
    assert found.value == pytest.approx(brute_l2(eps, delta, tau, m), rel=0, abs=BRUTE)
    assert_witnessed(found, tau, m)
    assert_tangent(found.region, tau, 1 - tau - found.alpha)


@examples(25)
@given(no_collapse_parameters(), st.integers(2, 6))
def test_u1_is_the_greatest_of_the_hexagons(parameters, m):
    eps, delta, tau = parameters
    assume(tau - (delta - eps) > 1e-12)  # 0/0 in print
    found = paper.U1(eps, delta, tau, m)
    assert found.value == pytest.approx(witnesses.greatest_hexagon(tau, m, eps, delta), rel=0, abs=BRUTE)
    assert_witnessed(found, tau, m)
    if found.alpha is not None:
        for x in (found.alpha, 1 - tau - found.beta):
            assert_tangent(found.region, tau, x)


@examples(20)
@given(no_collapse_parameters(), degrees)
def test_u2_and_l3_are_u1_and_l2_mirrored(parameters, m):
    eps, delta, tau = parameters
    assume(eps + delta < 0.999)  # else the mirror image is in the same printed range
    for above, below in ((paper.L3, paper.L2), (paper.U2, paper.U1)):
        mirrored = above(1 - delta, 1 - eps, tau * (1 - 1e-12), m)
        assert mirrored.value == pytest.approx(below(eps, delta, tau, m).value, rel=0, abs=BRUTE)


@pytest.mark.parametrize("m", [2, 3, 4, 5, 9, 10, 30])
@pytest.mark.parametrize("tau", [1e-9, 0.01, 0.11, 0.5, 0.9])
def test_l_has_its_minimum_next_to_the_centre(tau, m):
    """The greatest or least of the breakpoints around the centre is the minimum (measured)."""
    found = paper.L(tau, m)
    x = 1 - tau - found.alpha
    k = min(x, 1 - tau - x)
    ratio = np.log1p(tau / k) / -np.log1p(-tau / (1 - k))
    assert m / (1 + ratio) == pytest.approx(m // 2, abs=1e-4)


# -- edges -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "parameters"),
    [
        (paper.L, (0.3,)),
        (paper.U, (0.3,)),
        (paper.L1, (0.02, 0.1, 0.3)),
        (paper.L2, (0.05, 0.1, 0.11)),
        (paper.U1, (0.05, 0.1, 0.11)),
        (paper.L3, (0.9, 0.95, 0.11)),
        (paper.U2, (0.9, 0.95, 0.11)),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_one_sample_shows_tau(formula, parameters):
    assert formula(*parameters, 1).value == pytest.approx(parameters[-1], abs=ROUNDING)


@pytest.mark.parametrize("m", [1, 2, 7])
def test_ends_of_tau(m):
    assert (paper.L(0, m).value, paper.U(0, m).value) == (0, 0)
    assert (paper.L(1, m).value, paper.U(1, m).value) == (1, 1)
    assert paper.L1(0.2, 0.6, 1, m).value == 1


@pytest.mark.parametrize(("eps", "delta"), [(0.0, 0.2), (0.3, 0.5), (0.8, 1.0), (0.0, 1.0), (0.4, 0.6)])
def test_collapse_at_least_tau_is_the_triangle_at_the_point(eps, delta):
    """At τ = δ−ε the tangent point is the collapse point; (9) looks further left as well."""
    tau, m = delta - eps, 5
    found = paper.L1(eps, delta, tau, m)
    assert found.value == pytest.approx(brute_l1(eps, delta, tau, m), abs=BRUTE)
    assert found.value <= witnesses.packed_tv(*witnesses.triangle([eps], tau), m)[0] + ROUNDING


@pytest.mark.parametrize("m", [2, 5])
@pytest.mark.parametrize(
    ("formula", "eps", "delta", "tau"),
    [
        (paper.U1, 0.05, 0.1, 0.05),
        (paper.U1, 0.0, 0.1, 0.3),
        (paper.U1, 0.3, 0.7, 0.4),
        (paper.U2, 0.9, 1.0, 0.3),
        (paper.U2, 0.8, 0.9, 0.1),
    ],
)
def test_the_hexagons_reach_the_full_region(formula, eps, delta, tau, m):
    """Where s = t = 0 (τ = δ−ε), and where the forbidden points have no width."""
    found = formula(eps, delta, tau, m)
    assert found.value == pytest.approx(1 - (1 - tau) ** m, abs=ROUNDING)
    assert_witnessed(found, tau, m)


@pytest.mark.parametrize("m", [2, 3, 6])
def test_at_the_upper_end_of_the_range_one_region_is_left(m):
    eps, delta = 0.05, 0.1
    tau = (delta - eps) / (delta + eps)
    corner = (1 - tau) / 2
    (value,) = witnesses.packed_tv(*witnesses.triangle([corner], tau), m)
    assert paper.U1(eps, delta, tau, m).value == pytest.approx(value, abs=BRUTE)
    assert paper.L2(eps, delta, tau, m).value == pytest.approx(value, abs=ROUNDING)


@pytest.mark.parametrize(
    ("eps", "delta", "tau"), [(0.01, 0.47, 0.48), (0.01, 0.53, 0.53), (0.059, 0.556, 0.8081300813008131)]
)
def test_u1_answers_near_the_ends_of_its_range(eps, delta, tau):
    corner = eps * tau / (delta - eps)
    value = paper.U1(eps, delta, tau, 2).value
    far = 1 - tau - corner
    assert value == pytest.approx(
        1 - (1 - tau) ** 2 - 2 * (tau - delta + eps) * corner * far / (far - eps), abs=BRUTE
    )


def test_centre_of_the_plane():
    """δ+ε = 1: both points are one, τ = δ−ε is the whole range."""
    assert paper.L2(0.3, 0.7, 0.4, 3).value == pytest.approx(
        witnesses.packed_tv(*witnesses.triangle([0.3], 0.4), 3)[0], abs=ROUNDING
    )
    with pytest.raises(ValueError, match="L2 is printed for delta-eps ≤ tau"):
        paper.L2(0.3, 0.7, 0.41, 3)


# -- refusals ----------------------------------------------------------------------------------------------

BELOW, ABOVE = (0.05, 0.1), (0.9, 0.95)


@pytest.mark.parametrize(
    ("formula", "point", "other"),
    [
        (paper.L2, BELOW, paper.L3),
        (paper.U1, BELOW, paper.U2),
        (paper.L3, ABOVE, paper.L2),
        (paper.U2, ABOVE, paper.U1),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
class TestPrintedRanges:
    def test_tau_outside_names_the_range(self, formula, point, other):
        for tau in (0.05 - 1e-9, 1 / 3 + 1e-9):
            with pytest.raises(ValueError, match=r"0\.05 ≤ tau ≤ 0\.333333333333") as error:
                formula(*point, tau, 3)
            assert formula.__name__ in str(error.value)
            assert repr(tau) in str(error.value)

    def test_tau_inside_by_a_hair_is_answered(self, formula, point, other):
        for tau in (0.05 + 1e-9, 1 / 3 - 1e-9):
            assert 0 < formula(*point, tau, 3).value <= 1 - (1 - tau) ** 3

    def test_the_other_half_is_sent_to_its_twin(self, formula, point, other):
        mirrored = (1 - point[1], 1 - point[0])
        with pytest.raises(ValueError, match=f"use {other.__name__}"):
            formula(*mirrored, 0.11, 3)
        assert other(*mirrored, 0.11, 3).value > 0


def test_l1_refuses_a_tau_that_excludes_collapse():
    with pytest.raises(mc.InfeasibleError, match=r"tau ≥ delta − eps = 0\.08"):
        paper.L1(0.02, 0.1, 0.08 - 1e-9, 3)
    assert paper.L1(0.02, 0.1, 0.08, 3).value > 0.08


@pytest.mark.parametrize("formula", [paper.L, paper.U], ids=lambda f: f.__name__)
@pytest.mark.parametrize("tau", [-0.1, 1.1, float("nan"), "a"])
def test_tau_must_be_a_probability(formula, tau):
    with pytest.raises(ValueError, match="tau"):
        formula(tau, 2)


@pytest.mark.parametrize(
    "formula", [paper.L1, paper.L2, paper.L3, paper.U1, paper.U2], ids=lambda f: f.__name__
)
@pytest.mark.parametrize(
    ("arguments", "culprit"),
    [
        ((0.2, 0.1, 0.1, 2), "eps must be smaller"),
        ((0.05, 0.1, 0.11, 0), "m"),
        ((-0.1, 0.1, 0.2, 2), "eps"),
        ((0.1, 1.2, 0.2, 2), "delta"),
    ],
)
def test_invalid_parameters_are_named(formula, arguments, culprit):
    with pytest.raises(ValueError, match=culprit):
        formula(*arguments)
