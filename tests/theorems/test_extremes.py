"""The searches' certificates: they hold, at every gap, and so does every bound they rest on."""

from __future__ import annotations

import numpy as np
import oracles
import printed
import pytest
from effort import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp, mpf

import modecollapse as mc
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import branch_and_bound, extremes, families

BRUTE = 2e-9
GAPS = (1e-3, 1e-6, 1e-9)

degrees = st.integers(2, 6)
shares = st.floats(0, 1)


def tv(m: int) -> PackedDivergence:
    return PackedDivergence("tv", m, 1.0)


@st.composite
def hulls(draw) -> tuple[float, float, float, float, float]:
    """(ε, δ, τ, low, high): tangent points on one side of a collapse point outside their triangles."""
    eps = draw(st.integers(0, 90)) / 100
    delta = draw(st.integers(round(100 * eps) + 2, 100)) / 100
    d = delta - eps
    tau = d + draw(st.floats(0, 0.9)) * (1 - d)
    sides = [(0.0, 1 - tau * (1 - eps) / d), (eps * tau / d, 1 - tau)]
    sides = [(low, high) for low, high in sides if high - low > 1e-3]
    assume(sides)
    low, high = draw(st.sampled_from(sides))
    return eps, delta, tau, low, high


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


@given(hulls(), degrees)
def test_hull_minimum_is_certified_at_every_gap(parameters, m):
    eps, delta, tau, low, high = parameters
    truth = printed.least_with_point(tau, m, eps, delta, low, high)
    for gap in GAPS:
        found = extremes.hull_minimum(tv(m), (eps, delta), tau, low, high, gap)
        assert found.gap <= gap + 1e-12
        assert found.value >= truth - BRUTE
        assert found.value - found.gap <= truth + 1e-12
        assert low <= found.point[0] <= high
        (attained,) = oracles.total_variations(
            *printed.triangle_with_point(list(found.point), tau, eps, delta), m
        )
        assert found.value == pytest.approx(attained, abs=1e-12)


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


@given(st.floats(0.01, 0.99), shares, shares, degrees)
def test_triangle_minimum_is_the_least_on_any_interval(tau, first, second, m):
    first, second = (0.0 if share < 1e-9 else share for share in (first, second))
    low, high = sorted([first * (1 - tau), second * (1 - tau)])
    found = extremes.triangle_minimum(tau, m, low, high)
    assert low <= found.point[0] <= high
    truth = printed.least_triangle(tau, m, low, high)
    assert truth - BRUTE <= found.value <= truth + 1e-12
    (attained,) = oracles.total_variations(*printed.triangle(list(found.point), tau), m)
    assert found.value == pytest.approx(attained, abs=1e-12)


@pytest.mark.parametrize("x", [1e-309, 1e-320])
def test_a_tangent_point_next_to_the_corner_has_the_distance_of_the_corner(x):
    assert extremes.triangle_distance(x, 0.5, 2) == pytest.approx(0.75, rel=1e-12)


@pytest.mark.parametrize(
    "run",
    [
        lambda gap: (extremes.hull_minimum(tv(5), (0.02, 0.1), 0.11, 0.03, 0.89, gap), 1),
        lambda gap: (extremes.hexagon_maximum(tv(6), 0.04, 0.375, 0.5, gap), -1),
    ],
    ids=["hull_minimum", "hexagon_maximum"],
)
def test_what_cannot_be_certified_is_bracketed(run, monkeypatch):
    truth = run(1e-9)[0].value
    for budget in (20, 60, 100):
        monkeypatch.setattr(branch_and_bound, "MAX_EVALUATIONS", budget)
        with pytest.raises(mc.PrecisionError, match="ask for a wider gap than 1e-09") as error:
            run(1e-9)
        bracket = error.value.bracket
        assert bracket.lower <= truth + 1e-9
        assert truth - 1e-9 <= bracket.upper
        assert bracket.width > 1e-9
        assert f"{bracket.width:.2g}" in str(error.value)
    assert bracket.width < 0.2


def nested(x):
    """Symmetric triangles, the widest at x = 0.37: the join of an interval is its widest."""
    tau = 0.3 - (x - 0.37) ** 2
    return families.inner((1 - tau) / 2, tau)


def join_of_nested(left, right):
    return nested(np.clip(0.37, left, right))


@pytest.mark.parametrize("name", ["js", "kl", "chi2"])
def test_line_maximum_finds_a_maximum_inside(name):
    divergence = PackedDivergence(name, 3)
    found = branch_and_bound.line_maximum(divergence, nested, join_of_nested, 0.0, 1.0, 1e-9)
    (truth,) = divergence.values(*nested(np.array([0.37])))
    assert found.value <= truth <= found.value + found.gap
    assert found.gap <= 1e-9 * max(1.0, truth) + 1e-12
    assert found.point[0] == pytest.approx(0.37, abs=1e-4)


def test_a_line_maximum_that_cannot_be_certified_is_bracketed(monkeypatch):
    divergence = PackedDivergence("js", 3)
    (truth,) = divergence.values(*nested(np.array([0.37])))
    monkeypatch.setattr(branch_and_bound, "MAX_EVALUATIONS", 20)
    with pytest.raises(mc.PrecisionError, match="ask for a wider gap than 1e-12") as error:
        branch_and_bound.line_maximum(divergence, nested, join_of_nested, 0.0, 1.0, 1e-12)
    assert error.value.bracket.lower < truth <= error.value.bracket.upper < 1.01 * truth


# -- breakpoints -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 2, 3, 4, 9, 50])
@pytest.mark.parametrize("tau", [1e-6, 0.11, 0.5, 0.9])
def test_breakpoints_solve_their_equation(tau, m):
    points = extremes.breakpoints(tau, m)
    assert len(points) == m - 1
    assert (np.diff(points) >= 0).all()  # those nearer 1−τ than rounding coincide
    np.testing.assert_allclose(points + points[::-1], 1 - tau, rtol=0, atol=1e-15)
    with mp.workdps(40):
        for k, x in enumerate(points[: m // 2], start=1):  # the others mirror them
            tau_, x_ = mpf(tau), mpf(float(x))
            left = k * mp.log((x_ + tau_) / x_)
            right = (m - k) * mp.log((1 - x_) / (1 - x_ - tau_))
            # to 1e-12 of the size of either side, plus what one unit of rounding in x is worth
            slope = k * tau_ / (x_ * (x_ + tau_)) + (m - k) * tau_ / ((1 - x_) * (1 - x_ - tau_))
            assert abs(left - right) <= 1e-12 * left + slope * mpf(2) ** -53


@given(st.floats(0.01, 0.99), st.integers(2, 12), st.data())
def test_between_breakpoints_one_threshold_is_best(tau, m, data):
    """T is D_k = S_k(x+τ) − S_k(x) between x_{k−1} and x_k (docs/theory.md §3)."""
    edges = [0.0, *extremes.breakpoints(tau, m), 1 - tau]
    k = data.draw(st.integers(1, m))
    x = edges[k - 1] + data.draw(st.floats(0.001, 0.999)) * (edges[k] - edges[k - 1])
    counts = np.arange(m + 1)  # counts of the letter P favours
    accepted = (counts >= k).astype(float)
    p, q = printed.triangle([x], tau)
    (power,) = oracles.test_powers(p, q, accepted, m)
    assert extremes.triangle_distance(x, tau, m) == pytest.approx(power, abs=1e-12)


# -- meets and joins ---------------------------------------------------------------------------------------


@given(st.floats(0.01, 0.95), shares, shares, shares)
def test_the_meet_lies_in_every_triangle_of_the_interval(tau, first, second, between):
    left, right = sorted([first * (1 - tau), second * (1 - tau)])
    assume(right - left > 1e-9)
    apex = extremes.meet_of_triangles((left, left + tau), (right, right + tau))
    meet = mc.Region.from_vertices([(0, 0), tuple(map(float, apex)), (1, 1)])
    ends = [families.region(families.inner(1 - tau - x, tau)) for x in (left, right)]
    assert meet == ends[0] & ends[1]
    x = left + between * (right - left)
    assert meet <= families.region(families.inner(1 - tau - x, tau))


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


@pytest.mark.parametrize("m", [2, 3, 5, 8])
@pytest.mark.parametrize(
    ("eps", "delta", "tau", "x"),
    [(0.02, 0.1, 0.11, 0.4), (0.85, 0.95, 0.12, 0.4), (0.3, 0.9, 0.65, 0.1), (0.01, 0.6, 0.9, 0.05)],
)
def test_powers_along_the_hulls_bend_less_than_the_bound(eps, delta, tau, x, m):
    """|F_T″| ≤ 4m(m−1) for every test T."""
    down, up = bends(lambda x: printed.triangle_with_point(x, tau, eps, delta), x, 0.01, m)
    assert max(down, up) <= 4 * m * (m - 1)
    # they sum to 0 over all types: no test bends one way more than its complement the other
    assert down == pytest.approx(up, abs=1e-9)


def test_the_bound_along_the_hulls_is_not_idle():
    """It is met to a factor where P and Q are far apart: F_T″ = m(m−1)(P−Q)^(m−2) there."""
    m = 8
    down, up = bends(lambda x: printed.triangle_with_point(x, 0.9, 0.01, 0.6), 0.05, 0.01, m)
    assert max(down, up) > 0.25 * 4 * m * (m - 1)


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


@examples(40)
@given(hulls(), st.integers(3, 6), shares, shares)
def test_the_floor_of_an_interval_lies_below_all_of_it(parameters, m, first, second):
    """Meets, and the chords of the two tests best at the ends less 4m(m−1)h²/8: both bound the minimum."""
    eps, delta, tau, low, high = parameters
    left, right = sorted(low + share * (high - low) for share in (first, second))
    assume(right - left > 1e-6)
    captured = {}

    def capture(divergence, pairs, floor, *_):
        captured.update(evaluate=lambda x: divergence.values(*pairs(x)), floor=floor)
        return branch_and_bound.Extremum(0.0, 0.0, mc.Region.from_pmfs([1], [1]))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(extremes, "minimise", capture)
        extremes.hull_minimum(tv(m), (eps, delta), tau, low, high, 1e-9)
    ends = np.array([left]), np.array([right])
    (floor,) = captured["floor"](*ends, *map(captured["evaluate"], ends))
    truth = printed.least_with_point(tau, m, eps, delta, left, right)
    assert floor <= truth + 1e-12
    assert floor <= captured["evaluate"](np.linspace(left, right, 5)).min() + 1e-12

    def pairs(x):
        return printed.triangle_with_point(x, tau, eps, delta)

    # what tests gave, allowing for the worst of them, or what meets gave
    h = right - left
    given_pairs = [families.hull(end, end + tau, eps, delta) for end in ends]
    (chords,) = extremes.two_test_bound(tv(m), *given_pairs, *map(captured["evaluate"], ends))
    apex = extremes.meet_of_triangles(*((end, end + tau) for end in ends))
    (meet,) = tv(m).values(*families.hull(*apex, eps, delta))
    assert floor <= max(meet, chords - max(bends(pairs, (left + right) / 2, h / 4, m)) * h**2 / 8) + 1e-12
    # of second order: near the truth on short intervals
    short = np.array([left]), np.array([left + 1e-4 * h])
    (floor,) = captured["floor"](*short, *map(captured["evaluate"], short))
    assert floor >= captured["evaluate"](short[0])[0] - 2e-4 * m
