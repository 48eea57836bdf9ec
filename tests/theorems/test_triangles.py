"""The least triangle: breakpoints, the bound on many of them at once, and a scan of all for a twin."""

from __future__ import annotations

import numpy as np
import oracles
import printed
import pytest
from effort import examples, slow
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf

from modecollapse.theorems import triangles

BRUTE = 2e-9

shares = st.floats(0, 1)
totals = st.floats(0.01, 0.99)


def breakpoints(tau, m) -> list[float]:
    """The left half of them; the others mirror them."""
    return [triangles.breakpoint(k, tau, m, 0.0, (1 - tau) / 2) for k in range(1, m // 2 + 1)]


def scanned(tau, m, low, high) -> float:
    """The least T over the ends and all breakpoints: the slow twin of the search."""
    left = breakpoints(tau, m)
    points = [x for x in (*left, *(1 - tau - x for x in left)) if low < x < high]
    return min(triangles.triangle_distance(x, tau, m) for x in (low, high, *points))


@given(totals, shares, shares, st.integers(1, 6))
def test_the_minimum_is_the_least_on_any_interval(tau, first, second, m):
    first, second = (0.0 if share < 1e-9 else share for share in (first, second))
    low, high = sorted([first * (1 - tau), second * (1 - tau)])
    value, x = triangles.triangle_minimum(tau, m, low, high)
    assert low <= x <= high
    truth = printed.least_triangle(tau, m, low, high)
    assert truth - BRUTE <= value <= truth + 1e-12
    (attained,) = oracles.total_variations(*printed.triangle([x], tau), m)
    assert value == pytest.approx(attained, abs=1e-12)


@examples(60)
@given(st.floats(-7, 0), st.floats(0, 3), shares, shares, st.booleans())
def test_a_scan_of_all_breakpoints_finds_the_same(log_tau, log_m, first, second, whole):
    tau, m = min(10.0**log_tau, 0.999), int(10**log_m)
    low, high = (0.0, 1 - tau) if whole else sorted([first * (1 - tau), second * (1 - tau)])
    value, x = triangles.triangle_minimum(tau, m, low, high)
    assert value == pytest.approx(scanned(tau, m, low, high), rel=1e-13)
    assert triangles.triangle_distance(x, tau, m) == pytest.approx(value, rel=1e-13)


@pytest.mark.parametrize("m", [10**5, 10**6, slow(10**9)])
@pytest.mark.parametrize("reach", [0.01, 1.0, 3.0])
def test_no_breakpoint_is_lower_at_any_degree(m, reach):
    """Breakpoints drawn from all, most of them next to the centre, where the least lie."""
    tau, rng = reach / np.sqrt(m), np.random.default_rng(m)
    value, x = triangles.triangle_minimum(tau, m, 0.0, 1 - tau)
    near = m // 2 - np.unique(np.floor(10 ** rng.uniform(0, np.log10(m / 2), 300)).astype(int))
    for k in (m // 2, *near[near > 0].tolist()):
        at = triangles.breakpoint(int(k), tau, m, 0.0, (1 - tau) / 2)
        assert triangles.triangle_distance(at, tau, m) >= value * (1 - 3e-14)
    assert triangles.triangle_distance(x, tau, m) == pytest.approx(value, rel=1e-14)


@pytest.mark.parametrize("gap", [1e-4, 1e-7])
def test_a_gap_is_kept(gap):
    tau, m = 0.01, 10**4
    exact, _ = triangles.triangle_minimum(tau, m, 0.0, 1 - tau)
    value, _ = triangles.triangle_minimum(tau, m, 0.0, 1 - tau, gap)
    assert exact * (1 - 1e-13) <= value <= exact + gap


@pytest.mark.parametrize("x", [0.0, 1e-309, 1e-320])
def test_a_tangent_point_next_to_the_corner_has_the_distance_of_the_corner(x):
    assert triangles.triangle_distance(x, 0.5, 2) == pytest.approx(0.75, rel=1e-12)


@pytest.mark.parametrize("m", [2, 3, 4, 9, 50])
@pytest.mark.parametrize("tau", [1e-6, 0.11, 0.5, 0.9])
def test_breakpoints_solve_their_equation(tau, m):
    points = breakpoints(tau, m)
    assert (np.diff(points) >= 0).all()
    with mp.workdps(40):
        for k, x in enumerate(points, start=1):
            tau_, x_ = mpf(tau), mpf(float(x))
            left = k * mp.log((x_ + tau_) / x_)
            right = (m - k) * mp.log((1 - x_) / (1 - x_ - tau_))
            # to 1e-12 of the size of either side, plus what one unit of rounding in x is worth
            slope = k * tau_ / (x_ * (x_ + tau_)) + (m - k) * tau_ / ((1 - x_) * (1 - x_ - tau_))
            assert abs(left - right) <= 1e-12 * left + slope * mpf(2) ** -53


@given(totals, st.integers(2, 12), st.data())
def test_between_breakpoints_one_threshold_is_best(tau, m, data):
    """T is D_k = S_k(x+τ) − S_k(x) between x_{k−1} and x_k (docs/theory.md §3)."""
    edges = [0.0, *breakpoints(tau, m)]
    k = data.draw(st.integers(1, m // 2))
    x = edges[k - 1] + data.draw(st.floats(0.001, 0.999)) * (edges[k] - edges[k - 1])
    counts = np.arange(m + 1)  # counts of the letter P favours
    accepted = (counts >= k).astype(float)
    p, q = printed.triangle([x], tau)
    (power,) = oracles.test_powers(p, q, accepted, m)
    assert triangles.triangle_distance(x, tau, m) == pytest.approx(power, abs=1e-12)
