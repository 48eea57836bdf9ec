"""The figures that the paper lacks: their data against the library, their claims against each other."""

import numpy as np
import pytest

import modecollapse as mc
from figures import (
    collapse_here_not_there,
    errata_theorem4,
    errata_theorem5,
    jensen_shannon_band,
    pairing,
    regimes,
    separation_map,
)
from modecollapse import paper


@pytest.fixture(scope="module")
def theorem4():
    return errata_theorem4.compute(19, 20)


@pytest.fixture(scope="module")
def theorem5():
    return errata_theorem5.compute(20, 24)


def test_the_map_of_theorem_4_is_the_difference(theorem4):
    for row, column in [(12, 8), (3, 17), (18, 10)]:
        eps, tau = theorem4.eps[column], theorem4.tau[row]
        true = mc.tv_band(tau, 2, collapse=(eps, 0.95)).lower
        expected = true - paper.L1(eps, 0.95, tau, 2).value
        assert theorem4.difference[row, column] == pytest.approx(float(expected), abs=1e-8)


def test_the_print_of_theorem_4_errs_exactly_in_the_wedge_drawn(theorem4):
    eps, tau = np.meshgrid(theorem4.eps, theorem4.tau)
    d = 0.95 - eps
    assert (np.isnan(theorem4.difference) == (tau < d)).all()
    wedge = (tau >= d) & (tau < d / (2 - 0.95 - eps) - 1e-3) & (eps > 0.06)
    assert (theorem4.difference[wedge] > 0).all()
    right = (tau > d / (2 - 0.95 - eps) + 1e-3) & (tau >= d)
    assert np.abs(theorem4.difference[right]).max() < 3e-9


def test_the_example_of_theorem_4_shows_the_erratum(theorem4):
    eps, delta, tau = errata_theorem4.EXAMPLE
    for region in (theorem4.printed, theorem4.true):
        assert region.total_variation == pytest.approx(tau, abs=1e-12)
    assert not theorem4.printed.has_collapse(eps, delta)
    assert theorem4.true.has_collapse(eps, delta)
    band = mc.tv_band(tau, 2, collapse=(eps, delta))
    assert mc.packed_tv(theorem4.true, 2) == pytest.approx(float(band.lower), abs=1e-12)


def test_the_map_of_theorem_5_has_all_its_cases(theorem5):
    eps, tau = np.meshgrid(theorem5.eps, theorem5.tau)
    d = 0.5 - eps
    side = (tau >= d) & (tau < d / (1 - eps))
    printed = tau <= d / (0.5 + eps)
    assert np.isposinf(theorem5.difference[side & ~printed]).all()
    assert (theorem5.difference[side & printed & (tau > d + 1e-9)] > 0).all()
    middle = printed & (tau > d / (1 - eps) + 1e-9)
    assert np.abs(theorem5.difference[middle]).max() < 2e-8
    assert np.isnan(theorem5.difference[(tau < d) | (tau > np.maximum(d / (1 - eps), d / (0.5 + eps)))]).all()
    assert np.isposinf(theorem5.difference).any()


def test_the_example_of_theorem_5_avoids_both_points(theorem5):
    eps, delta, tau = errata_theorem5.EXAMPLE
    assert theorem5.example.total_variation == tau
    assert not theorem5.example.has_collapse(eps, delta)
    assert not theorem5.example.has_augmentation(eps, delta)
    with pytest.raises(ValueError, match="printed"):
        paper.U1(eps, delta, tau, 2)


def test_regimes_change_at_the_curves_drawn():
    for plane in regimes.compute(24):
        close, side, middle = regimes.thresholds(plane.delta, plane.eps)
        tau = plane.tau[:, None] + 1e-12  # a τ this close to a threshold has reached it
        expected = np.select([tau < close, tau < side, tau < middle], [0, 1, 2], 3)
        np.testing.assert_array_equal(plane.regime, expected)
        assert set(plane.regime.ravel()) == {0, 1, 2, 3}


@pytest.mark.slow
def test_the_separation_map_is_read_off_the_bands():
    data = separation_map.compute()
    for (eps0, eps1), least in {(0.06, 0.02): 4, (0.05, 0.01): 5, (0.05, 0.0): 3, (0.05, 0.02): 0}.items():
        row, column = np.argmin(np.abs(data.eps1 - eps1)), np.argmin(np.abs(data.eps0 - eps0))
        assert data.degree[row, column] == least
        h1 = mc.tv_band(0.11, range(1, 21), collapse=(eps1, 0.1))
        h0 = mc.tv_band(0.11, range(1, 21), no_collapse=(eps0, 0.1), no_augmentation=(eps0, 0.1))
        apart = h1.m[h1.lower - h1.lower_gap > h0.upper + h0.upper_gap]
        assert apart.min(initial=21) % 21 == least
    texts = separation_map.draw(data).axes[0].texts
    assert [t.get_text() for t in texts] == [str(m) if m else "–" for m in data.degree.ravel()]


def test_random_pairs_lie_in_the_range_at_their_jensen_shannon_divergence():
    for level in jensen_shannon_band.compute():
        assert level.cloud[:, 0] == pytest.approx(np.full(jensen_shannon_band.PAIRS, level.c), abs=1e-12)
        assert (level.cloud >= level.lower - 1e-9).all()
        assert (level.cloud <= level.upper + 1e-12).all()
        spread = np.ptp(level.cloud[:, 4]) / (level.upper[4] - level.lower[4])
        assert spread > 0.5


# -- pairing, and collapse at one point but not at another -------------------------------------------------


def test_pairing_and_packing_have_the_same_range_and_packing_shows_no_less():
    data = pairing.compute()
    low, high = pairing.TAU, 2 * pairing.TAU - pairing.TAU**2
    for shown in (data.paired, data.packed):
        assert shown.min() >= low - 1e-12
        assert shown.max() <= high + 1e-12
    assert (data.packed >= data.paired - 1e-12).all()
    assert data.lost == pytest.approx((low, high))
    assert data.shifted == pytest.approx((low, low))
    assert data.both_ends == pytest.approx((high, high))
    left, right = pairing.draw(data).axes
    x, y = left.lines[0].get_data()
    assert mc.Region.from_vertices(np.column_stack([x, y])).total_variation == pytest.approx(pairing.TAU)
    assert any(np.array_equal(line.get_xdata(), data.paired) for line in right.lines)


@pytest.mark.slow
def test_the_map_of_collapse_here_and_not_there_is_empty_below_its_edge_alone():
    data = collapse_here_not_there.compute()
    eps, delta = data.edge.T
    for x in np.linspace(0.02, 0.98, 33):
        height = np.interp(x, eps, delta)
        for step, empty in ((-1e-6, True), (1e-6, False)):
            pairs = mc.PairClass(
                tau=collapse_here_not_there.TAU,
                collapse=collapse_here_not_there.COLLAPSE,
                no_collapse=(float(x), float(height + step)),
            )
            assert pairs.is_empty == empty
    plain = mc.tv_band(collapse_here_not_there.TAU, 3, collapse=collapse_here_not_there.COLLAPSE)
    assert data.least.min() == pytest.approx(plain.lower, abs=2e-5)
    top = 1 - (1 - collapse_here_not_there.TAU) ** 3
    assert plain.lower + 0.1 < data.least.max() <= top + 1e-9
