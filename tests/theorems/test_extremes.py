"""The searches' certificates: they hold, at every gap, and so does every bound they rest on."""

from __future__ import annotations

import numpy as np
import oracles
import printed
import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import branch_and_bound, extremes, families

BRUTE = 2e-9
GAPS = (1e-3, 1e-6, 1e-9)

shares = st.floats(0, 1)


def tv(m: int) -> PackedDivergence:
    return PackedDivergence("tv", m, 1.0)


@st.composite
def hexagons(draw) -> tuple[float, float, float]:
    """(ε, δ, τ) with ε > 0, δ+ε < 1 and d < τ < d/(δ+ε), α−ε never much less than α."""
    eps = draw(st.integers(5, 40)) / 100
    delta = draw(st.integers(round(100 * eps) + 2, 95 - round(100 * eps))) / 100
    low, high = delta - eps, (delta - eps) / (delta + eps)
    low = max(low, min(low / (1 - low), (low + high) / 2))
    return eps, delta, low + draw(st.floats(0.1, 0.95)) * (high - low)


def corner_of(eps, delta, tau):
    """a₀ = ετ/d, the rise τ−d, and the span of s."""
    corner = eps * tau / (delta - eps)
    return corner, tau - (delta - eps), 1 - tau - 2 * corner


# -- certificates ------------------------------------------------------------------------------------------


@examples(25)
@given(hexagons(), st.integers(2, 5))
def test_hexagon_maximum_is_certified_at_every_gap(parameters, m):
    eps, delta, tau = parameters
    corner, _, _ = corner_of(eps, delta, tau)
    truth = printed.greatest_hexagon(tau, m, eps, delta)
    for gap in GAPS:
        found = extremes.hexagon_maximum(tv(m), eps, delta, tau, gap)
        assert found.gap <= gap + 1e-12
        assert found.value <= truth + BRUTE
        assert found.value + found.gap >= truth - 1e-12
        alpha, beta = found.point
        assert min(alpha, beta) >= corner - 1e-15
        assert alpha + beta <= 1 - tau + 1e-15
        (attained,) = oracles.total_variations(*printed.hexagon(np.array([alpha]), beta, eps, delta, tau), m)
        assert found.value == pytest.approx(attained, abs=1e-12)


@given(hexagons())
def test_hexagon_maximum_of_two_samples_is_in_closed_form(parameters):
    """1 − (1−τ)² − 2(τ−d)a₀b₀/(b₀−u), at the corner α = a₀, β = b₀ (docs/theory.md §5)."""
    eps, delta, tau = parameters
    corner, rise, _ = corner_of(eps, delta, tau)
    far = 1 - tau - corner
    found = extremes.hexagon_maximum(tv(2), eps, delta, tau, 1e-10)
    closed = 1 - (1 - tau) ** 2 - 2 * rise * corner * far / (far - eps)
    assert found.value == pytest.approx(closed, rel=0, abs=found.gap)
    if rise > 0.01:
        assert sorted(found.point) == pytest.approx([corner, far], abs=1e-4)


def test_what_cannot_be_certified_is_bracketed(monkeypatch):
    arguments = (tv(6), 0.04, 0.375, 0.5, 1e-9)
    truth = extremes.hexagon_maximum(*arguments).value
    for budget in (20, 60, 100):
        monkeypatch.setattr(branch_and_bound, "MAX_EVALUATIONS", budget)
        with pytest.raises(mc.PrecisionError, match="ask for a wider gap than 1e-09") as error:
            extremes.hexagon_maximum(*arguments)
        bracket = error.value.bracket
        assert bracket.lower <= truth + 1e-9
        assert truth - 1e-9 <= bracket.upper
        assert bracket.width > 1e-9
        assert f"{bracket.width:.2g}" in str(error.value)
    assert bracket.width < 0.2


# -- meets and joins ---------------------------------------------------------------------------------------


@given(hexagons(), shares, shares, shares, shares, shares, shares)
def test_the_join_contains_every_hexagon_of_the_box(parameters, a, b, c, d, e, f):
    eps, delta, tau = parameters
    corner, _, span = corner_of(eps, delta, tau)
    alphas, betas = sorted([a, b]), sorted([c, d])
    room = span / max(alphas[1] + betas[1], 1)
    alphas, betas = [[corner + room * value for value in pair] for pair in (alphas, betas)]
    join = families.region(families.join_of_hexagons(eps, delta, alphas, betas, tau))
    alpha = alphas[0] + e * (alphas[1] - alphas[0])
    beta = betas[0] + f * (betas[1] - betas[0])
    assert families.region(families.outer1(eps, delta, alpha, beta, tau)) <= join
    assert join.total_variation == pytest.approx(tau, abs=1e-12)
    assert join <= families.region(families.outer(tau))


@given(hexagons(), shares, shares)
def test_the_join_of_one_hexagon_is_that_hexagon(parameters, a, b):
    eps, delta, tau = parameters
    corner, _, span = corner_of(eps, delta, tau)
    alpha, beta = corner + a * span / 2, corner + b * span / 2
    alone = families.join_of_hexagons(eps, delta, (alpha, alpha), (beta, beta), tau)
    np.testing.assert_array_equal(alone, families.outer1(eps, delta, alpha, beta, tau))


# -- curvature ---------------------------------------------------------------------------------------------


def bends(pairs, centre, step, m):
    """The greatest −F_T″ and F_T″ of all tests T, by second differences.

    F_T is a sum over the types that T accepts, so the worst T accepts those whose masses bend its way. A
    second difference over h² is F_T″ somewhere within h: exact but for rounding.
    """
    p, q = pairs(np.array([centre - step, centre, centre + step]))
    below, at, above = oracles.type_differences(p, q, m)
    bend = (above - 2 * at + below) / step**2
    return np.maximum(-bend, 0).sum(), np.maximum(bend, 0).sum()


@examples(40)
@given(hexagons(), st.integers(2, 4), shares, shares)
def test_powers_over_a_box_of_hexagons_bend_less_than_the_bound(parameters, m, a, b):
    """−∂²F_T/∂s² and −∂²F_T/∂t² for every test T, by second differences inside the box."""
    eps, delta, tau = parameters
    corner, rise, span = corner_of(eps, delta, tau)
    low = np.array([0.9 * a**3 * span, 0.9 * b])  # the corner, s = 0, bends most
    step = np.array([0.01 * span, 0.05])
    high = low + 2 * step
    bound = extremes.hexagon_curvature(tv(m), corner, eps, rise, low[None], high[None])[0]
    centre = (low + high) / 2

    def pairs(s, t):
        alpha, beta = corner + s * t, corner + s * (1 - t)
        return printed.hexagon(alpha, beta, eps, delta, tau)

    def along_s(s):
        return pairs(s, centre[1])

    def along_t(t):
        return pairs(centre[0], t)

    for along, middle, size, limit in zip((along_s, along_t), centre, step, bound, strict=True):
        assert bends(along, middle, size, m)[0] <= limit + 1e-9


@examples(40)
@given(hexagons(), st.integers(2, 7), shares, shares)
def test_tests_that_err_little_bend_little(parameters, m, a, b):
    """The bound for tests of small error holds for the best test at the centre of a small box."""
    eps, delta, tau = parameters
    corner, rise, span = corner_of(eps, delta, tau)
    step = np.array([1e-3 * span, 1e-3])
    centre = np.array([(0.05 + 0.9 * a) * span, 0.05 + 0.9 * b])

    def pairs(s, t):
        return printed.hexagon(corner + s * t, corner + s * (1 - t), eps, delta, tau)

    best = oracles.type_differences(*pairs(*centre[:, None]), m)[0] > 0
    error = 1 - oracles.total_variations(*pairs(*centre[:, None]), m)[0]
    box = (centre - step)[None], (centre + step)[None]
    bound = extremes.hexagon_curvature(tv(m), corner, eps, rise, *box, error)[0]
    assert (bound <= extremes.hexagon_curvature(tv(m), corner, eps, rise, *box)[0]).all()
    for axis in (0, 1):
        moved = centre[:, None] + step[axis] * np.outer(np.eye(2)[axis], [-1, 0, 1])
        below, at, above = oracles.test_powers(*pairs(*moved), best, m)
        assert -(below - 2 * at + above) / step[axis] ** 2 <= bound[axis] + 1e-13 / step[axis] ** 2


@pytest.mark.parametrize(
    ("axis", "eps", "delta", "tau", "m", "low"),
    [(0, 0.0646, 0.7506, 0.8414, 2, (5.5e-5, 0.18)), (1, 0.1283, 0.5017, 0.5925, 5, (6e-5, 0.45))],
    ids=["s", "t"],
)
def test_the_bound_over_boxes_is_not_idle(axis, eps, delta, tau, m, low):
    """Next to the corner some test bends nearly as much as allowed, along either axis."""
    corner, rise, span = corner_of(eps, delta, tau)
    step = np.array([0.01 * span, 0.01])
    centre = np.array(low) + step
    bound = extremes.hexagon_curvature(tv(m), corner, eps, rise, centre[None] - step, centre[None] + step)[0]

    def along(z):
        s, t = (z, centre[1]) if axis == 0 else (centre[0], z)
        return printed.hexagon(corner + s * t, corner + s * (1 - t), eps, delta, tau)

    assert 0.8 * bound[axis] < bends(along, centre[axis], step[axis], m)[0] <= bound[axis]
