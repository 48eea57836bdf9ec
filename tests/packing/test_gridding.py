"""The characteristic function by one fast transform: its proved error against many digits, and the choice."""

from __future__ import annotations

import math

import numpy as np
import pytest
from mpmath import mp, mpf
from scipy.interpolate import BSpline
from weights import normalised

from modecollapse import Region, packed_tv_bracket
from modecollapse.packing import summation
from modecollapse.packing.fourier import gridding, node_sums
from modecollapse.packing.fourier.gridding import EPS
from modecollapse.packing.fourier.node_sums import Power


def wheel_of(letters, spread, seed=0, m=1, atoms=0):
    """Random letters on a circle of length 1; `atoms` of them share a place."""
    rng = np.random.default_rng([seed, letters, atoms])
    places = np.sort(spread * rng.normal(size=letters))
    places[:atoms] = places[0]
    return node_sums.wheel_of(np.array(normalised(rng.dirichlet(np.ones(letters)))), places, m, 1.0)


@pytest.mark.parametrize("order", [4, 8, 14, 40])
@pytest.mark.parametrize("turn", [0.0, 0.3, -0.4999, 5e-324, -1e-18, 0.123456789])
def test_a_letter_is_spread_by_a_spline(order, turn):
    """The weights are those of a B-spline around Ld, known from scipy, and they sum to 1."""
    points = 64
    values, letters = gridding.spread(np.ones(1), np.array([[turn], [0.0]]), points, order)
    knots = np.arange(order + 1) - order / 2
    spline = BSpline.basis_element(knots, extrapolate=False)
    places = (np.arange(points) - turn * points + points / 2) % points - points / 2
    assert values == pytest.approx(np.nan_to_num(spline(places)), abs=1e-14)
    assert math.fsum(values) == pytest.approx(1, abs=4 * order * EPS)
    assert letters.sum() == 1


@pytest.mark.parametrize("share", [0.01, 0.1, 0.25, 1 / 3.5])
@pytest.mark.parametrize("order", [4, 8, 20, 40])
def test_aliases_weigh_no_more_than_stated(order, share):
    with mp.workdps(60):
        r = mpf(share)
        exact = mp.fsum((r / (k - r)) ** order + (r / (k + r)) ** order for k in range(1, 400))
        assert exact <= gridding.ALIAS_SERIES * (r / (1 - r)) ** order <= 2.3 * exact


@pytest.mark.parametrize(
    ("letters", "count"), [(160, 40), (700, 200), (3000, 1030), (200, 4099), (1000, 4681)]
)
@pytest.mark.parametrize("spread", [1e-6, 0.02, 0.7])
@pytest.mark.parametrize("atoms", [0, 100])
def test_the_error_at_every_node_is_bounded(letters, count, spread, atoms):
    """Against 30 digits, at nodes near, far and in between; the letters' own floats count as exact."""
    wheel = wheel_of(letters, spread, atoms=atoms)
    table = gridding.characteristic(wheel.weights, wheel.turns, count)
    worst = 0.0
    with mp.workdps(30):
        turns = [mpf(float(high)) + mpf(float(low)) for high, low in wheel.turns.T]
        mass = mp.fsum(map(mpf, wheel.weights))
        for n in {0, 1, 2, count // 3, count - 2, count - 1}:
            exact = mp.fsum(mpf(w) * mp.expjpi(2 * n * d) for w, d in zip(wheel.weights, turns, strict=True))
            exact /= mass
            found = mp.mpc(1 - mpf(float(table.chord[n])), mpf(float(table.height[n])))
            missed = float(abs(found - exact))
            assert missed <= table.error[n]
            worst = max(worst, missed / table.error[n])
    assert table.error.max() < 1e-10
    assert worst > 1e-4  # the bound is not idle


@pytest.mark.parametrize("letters", [151, 10**3, 10**6])
@pytest.mark.parametrize("count", [2, 1024, 3000, 2**20])
def test_grids_keep_aliases_below_rounding(letters, count):
    grid = gridding.grid_for(letters, count)
    share = count / grid.points
    assert math.log2(grid.points).is_integer()
    assert 0 < share <= 1 / gridding.LEAST_OVERSAMPLING
    assert grid.order % 2 == 0
    assert gridding.ALIAS_SERIES * (share / (1 - share)) ** grid.order <= gridding.ALIASES


def test_many_letters_take_more_points_and_lower_orders():
    few, many = gridding.grid_for(200, 10**5), gridding.grid_for(10**6, 10**4)
    assert few.order > many.order
    assert few.points / 10**5 < many.points / 10**4


@pytest.mark.parametrize("log_negligible", [-60.0, -20.0])
@pytest.mark.parametrize("m", [1, 3, 50, 10**4, 10**9])
@pytest.mark.parametrize("spread", [1e-4, 0.05])
def test_sums_by_table_agree_with_sums_by_letters(m, spread, log_negligible, monkeypatch):
    """Both ways bound their errors, and the two intervals meet; so do the spectra."""
    count, decay = 500, 0.01
    wheel = wheel_of(400, spread / math.sqrt(m), m=m)
    power = Power(float(m), -0.1, 0.0, log_negligible)
    monkeypatch.setattr(node_sums, "is_gridded", lambda *_: True)
    by_table = node_sums.transform_sums(wheel, count, decay, power)
    table_spectra = node_sums.transform_spectra(wheel, count, decay, power)
    monkeypatch.setattr(node_sums, "is_gridded", lambda *_: False)
    by_letters = node_sums.transform_sums(wheel, count, decay, power)
    letter_spectra = node_sums.transform_spectra(wheel, count, decay, power)
    summing = 32 * EPS * (by_letters.complement + abs(by_letters.major))
    slack = by_table.major_error + by_letters.major_error + summing
    assert abs(by_table.complement - by_letters.complement) <= slack
    assert abs(by_table.major - by_letters.major) <= slack
    assert (
        abs(by_table.excess - by_letters.excess) <= by_table.excess_error + by_letters.excess_error + summing
    )
    for ours, theirs in zip(table_spectra[:2], letter_spectra[:2], strict=True):
        missed = 2 * float(np.abs(ours - theirs).sum())
        assert missed <= table_spectra[2] + letter_spectra[2] + summing
    assert by_table.terms != by_letters.terms


def test_doubtful_nodes_are_summed_letter_by_letter():
    """Where the error of the transform would matter, it is that of the direct sum; elsewhere it stays."""
    wheel = wheel_of(400, 0.05)
    table = gridding.characteristic(wheel.weights, wheel.turns, 300)
    before = table.error.copy()
    work = node_sums._replace_doubtful(wheel, Power(1e4, 0.0, 0.0, -40.0), *table)
    replaced = table.error != before
    assert work == 400 * replaced.sum() > 0
    assert replaced[0]
    assert table.error[0] == 0 == table.chord[0]
    assert not replaced[100:].any()


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("m", [2, 10, 300, 10**6])
@pytest.mark.parametrize("scale", [1e-6, 0.01, 1.0])
def test_brackets_by_table_meet_those_by_letters(seed, m, scale, monkeypatch):
    rng = np.random.default_rng([seed, m])
    p = rng.dirichlet(np.full(300, 0.5 + seed))
    q = p * np.exp(scale / math.sqrt(m) * rng.normal(size=300))
    region = Region.from_pmfs(p, q / q.sum())
    width = 1e-8 * region.total_variation if m < 10**6 else 1e-6 * region.total_variation
    monkeypatch.setattr(node_sums, "is_gridded", lambda *_: True)
    ours = packed_tv_bracket(region, m, width)
    monkeypatch.setattr(node_sums, "is_gridded", lambda *_: False)
    theirs = packed_tv_bracket(region, m, width)
    assert max(ours.lower, theirs.lower) <= min(ours.upper, theirs.upper)


@pytest.mark.parametrize("terms", [[], [1.0], [1e16, 1.0, 1.0, 1.0], [0.1] * 1001])
def test_a_compensated_sum_is_off_by_one_rounding(terms):
    assert abs(summation.total(np.array(terms)) - math.fsum(terms)) <= EPS * math.fsum(terms)


def test_the_quicker_way_is_taken():
    """Few letters, or few that matter at large m, are summed; many are put on a grid, while memory allows."""
    few, many = wheel_of(20, 0.05), wheel_of(3000, 0.05)
    assert not node_sums.is_gridded(few, 1000, Power(10.0, 0.0, 0.0, -20.0))
    assert node_sums.is_gridded(many, 1000, Power(10.0, 0.0, 0.0, -20.0))
    assert not node_sums.is_gridded(many, 1000, Power(1e6, 0.0, 0.0, -20.0))
    assert not node_sums.is_gridded(many, 2 * node_sums.MAX_GRIDDED_NODES, Power(10.0, 0.0, 0.0, -20.0))
