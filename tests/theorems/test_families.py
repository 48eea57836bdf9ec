"""The families' letters are those printed; their regions have total variation τ and touch what they must."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.theorems import families

ROUNDING = 1e-14
shares = st.integers(0, 20).map(lambda n: Fraction(n, 20))
inner_shares = st.integers(1, 19).map(lambda n: Fraction(n, 20))


@st.composite
def points(draw) -> tuple[Fraction, Fraction]:
    """0 ≤ ε < δ ≤ 1 with δ+ε ≤ 1."""
    eps = Fraction(draw(st.integers(0, 49)), 100)
    return eps, Fraction(draw(st.integers(int(100 * eps) + 1, 100 - int(100 * eps))), 100)


@st.composite
def hexagons(draw) -> tuple[Fraction, ...]:
    """(ε, δ, α, β, τ) of a hexagon, off the ends of the ranges."""
    eps, delta = draw(points().filter(lambda point: point[0] > 0 and sum(point) < 1))
    low, high = delta - eps, (delta - eps) / (delta + eps)
    tau = low + (high - low) * Fraction(draw(st.integers(2, 8)), 10)
    corner = eps * tau / (delta - eps)
    span = draw(inner_shares) * (1 - tau - 2 * corner)
    alpha = corner + draw(inner_shares) * span
    return eps, delta, alpha, 2 * corner + span - alpha, tau


def as_floats(*values: Fraction) -> tuple[float, ...]:
    return tuple(map(float, values))


def assert_letters(pair, p, q, atol=ROUNDING):
    """The letters are these fractions, to rounding."""
    for found, expected in zip(pair, (p, q), strict=True):
        assert sum(expected) == 1
        np.testing.assert_allclose(found, as_floats(*expected), rtol=0, atol=atol)


@given(shares)
def test_outer_is_the_full_region(tau):
    assert_letters(families.outer(float(tau)), [tau, 1 - tau, 0], [0, 1 - tau, tau])


@given(shares, shares)
def test_inner_is_a_triangle(tau, share):
    alpha = share * (1 - tau)
    pair = families.inner(*as_floats(alpha, tau))
    assert_letters(pair, [1 - alpha, alpha], [1 - alpha - tau, alpha + tau])
    assert families.region(pair).total_variation == pytest.approx(float(tau), abs=ROUNDING)


@given(points(), shares, shares)
def test_hull_is_the_smallest_region_with_both_points(point, share, tangent):
    """In every position of the tangent point; inner1 and inner0 are the two sides of it."""
    eps, delta = point
    tau = delta - eps + share * (1 - delta + eps)
    x = tangent * (1 - tau)
    pair = families.hull(*as_floats(x, x + tau, eps, delta))
    triangle = mc.Region.from_pmfs(*families.inner(*as_floats(1 - tau - x, tau)))
    with_point = mc.Region.from_vertices([(0, 0), as_floats(eps, delta), (1, 1)])
    assert families.region(pair) == triangle | with_point
    assert families.region(pair).total_variation == pytest.approx(float(tau), abs=ROUNDING)
    alpha = 1 - tau - x
    if x > eps * tau / (delta - eps):
        assert_letters(pair, [delta, 1 - alpha - delta, alpha], [eps, 1 - alpha - tau - eps, alpha + tau])
        assert_letters(families.inner1(*as_floats(eps, delta, alpha, tau)), *exact(pair))
    if x < 1 - tau * (1 - eps) / (delta - eps):
        assert_letters(pair, [x + tau, delta - x - tau, 1 - delta], [x, eps - x, 1 - eps])
        assert_letters(families.inner0(*as_floats(eps, delta, alpha, tau)), *exact(pair))


def exact(pair):
    """Letters with the rounding of their sum put right."""
    letters = [[Fraction(float(value)) for value in side] for side in pair]
    return [[*side[:-1], 1 - sum(side[:-1])] for side in letters]


@given(hexagons())
def test_outer1_is_the_printed_hexagon(parameters):
    eps, delta, alpha, beta, tau = parameters
    s, t = ((tau - delta + eps) / (edge - eps) for edge in (alpha, beta))
    pair = families.outer1(*as_floats(*parameters))
    middle = 1 - tau - alpha - beta
    assert_letters(
        pair,
        [tau - alpha * s, alpha * (1 + s), middle, beta, 0],
        [0, alpha, middle, beta * (1 + t), tau - beta * t],
    )


@given(hexagons())
def test_the_hexagon_touches_both_forbidden_points_and_keeps_tau(parameters):
    eps, delta, *_, tau = as_floats(*parameters)
    pair = families.outer1(*as_floats(*parameters))
    region = families.region(pair)
    assert region.total_variation == pytest.approx(tau, abs=ROUNDING)
    for x, y in ((eps, delta), (1 - delta, 1 - eps)):
        assert region.boundary(x) == pytest.approx(y, abs=1e-12)
        assert oracles.boundaries(*map(np.atleast_2d, pair), x)[0] == pytest.approx(y, abs=1e-12)


@given(hexagons())
def test_mirroring_a_hexagon_swaps_alpha_and_beta(parameters):
    eps, delta, alpha, beta, tau = as_floats(*parameters)
    mirrored = families.region(families.outer1(eps, delta, beta, alpha, tau))
    assert families.region(families.outer1(eps, delta, alpha, beta, tau)).mirror() == mirrored


@given(hexagons())
def test_outer2_is_outer1_between_mirrored_points(parameters):
    eps, delta, alpha, beta, tau = parameters
    pair = families.outer2(*as_floats(1 - delta, 1 - eps, alpha, beta, tau))
    # 1−δ and 1−ε are rounded, and α−ε can be small
    assert_letters(pair, *exact(families.outer1(*as_floats(*parameters))), atol=1e-12)


@pytest.mark.parametrize(
    ("eps", "delta", "tau"),
    [(0.0, 0.2, 0.5), (0.1, 0.4, 0.30000000000000004)],
    ids=["eps=0", "tau=delta-eps"],
)
def test_the_hexagon_without_lift_is_the_full_region(eps, delta, tau):
    """Where the print has 0/0, the least α and β give the full region."""
    corner = eps * tau / (delta - eps)
    if eps:
        assert tau == delta - eps
        assert families.region(families.outer1(eps, delta, corner, corner, tau)) == families.region(
            families.outer(tau)
        )
    else:
        region = families.region(families.outer1(eps, delta, 0.2, 0.1, tau))
        assert region.boundary(0.0) == pytest.approx(delta, abs=ROUNDING)


@pytest.mark.parametrize(
    ("eps", "delta", "tau"), [(0.01, 0.47, 0.48), (0.01, 0.68, 0.71), (0.02, 0.837, 0.8510813885647608)]
)
def test_the_least_alpha_and_beta_start_at_the_origin(eps, delta, tau):
    """At α = β = ετ/(δ−ε) the first letter and the last are empty."""
    corner = eps * tau / (delta - eps)
    p, q = families.outer1(eps, delta, corner, corner, tau)
    assert p[0] == pytest.approx(0, abs=ROUNDING)
    assert q[-1] == pytest.approx(0, abs=ROUNDING)


def test_parameters_broadcast():
    q = families.inner(np.linspace(0, 0.5, 7)[:, None], np.array([0.1, 0.2, 0.3]))[1]
    assert q.shape == (7, 3, 2)
    np.testing.assert_array_equal(q[3, 1], families.inner(0.25, 0.2)[1])
    assert families.outer([0.1, 0.2])[0].shape == (2, 3)


@pytest.mark.parametrize(
    "build",
    [
        lambda: families.inner(0.8, 0.3),
        lambda: families.inner1(0.1, 0.4, 0.9, 0.3),
        lambda: families.inner0(0.5, 0.8, 0.1, 0.3),
        lambda: families.outer1(0.05, 0.1, 0.06, 0.2, 0.11),
        lambda: families.outer(1.5),
        lambda: families.outer_left(0.4, 0.5, 0.47, 0.11),
    ],
    ids=["inner", "inner1", "inner0", "outer1", "outer", "outer_left"],
)
def test_parameters_out_of_range_are_refused(build):
    with pytest.raises(ValueError, match=r"a letter would have mass -0|at least ετ|at most 1−τ.*0\.13 above"):
        build()
