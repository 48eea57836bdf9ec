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
from modecollapse.theorems import regimes as tangent_regimes

REGIMES = (
    tangent_regimes.TOO_CLOSE,
    tangent_regimes.SIDE,
    tangent_regimes.MIDDLE,
    tangent_regimes.INFEASIBLE,
)
"""The regimes from the least τ to the greatest."""


@pytest.fixture(scope="module")
def theorem4():
    return errata_theorem4.compute(19, 9)


@pytest.fixture(scope="module")
def theorem5():
    return errata_theorem5.compute()


def test_the_map_of_theorem_4_is_the_difference(theorem4):
    for row, column in [(2, 8), (0, 17), (7, 3)]:
        eps, tau = theorem4.eps[row, column], theorem4.tau[row, column]
        true = mc.tv_band(tau, 2, collapse=(eps, 0.95)).lower
        expected = true - paper.L1(eps, 0.95, tau, 2).value
        assert theorem4.difference[row, column] == pytest.approx(float(expected), abs=1e-8)


def test_the_print_of_theorem_4_errs_exactly_in_the_wedge_drawn(theorem4):
    inside = theorem4.difference[:-1, 1:-1]
    assert (inside > 0).all()
    assert np.abs(theorem4.difference[-1]).max() < 3e-9
    rng = np.random.default_rng(4)
    for eps, share in rng.random((20, 2)) * [0.95, 1]:
        right = errata_theorem4.right_from(eps) if eps > 0.05 else 0.95 - eps
        tau = right + 1e-6 + share * (1 - right - 1e-6)
        true = mc.tv_band(tau, 2, collapse=(eps, 0.95)).lower
        assert true == pytest.approx(float(paper.L1(eps, 0.95, tau, 2)), abs=3e-9)


def test_the_example_of_theorem_4_shows_the_erratum(theorem4):
    eps, delta, tau = errata_theorem4.EXAMPLE
    for region in (theorem4.printed, theorem4.true):
        assert region.total_variation == pytest.approx(tau, abs=1e-12)
    assert not theorem4.printed.has_collapse(eps, delta)
    assert theorem4.true.has_collapse(eps, delta)
    band = mc.tv_band(tau, 2, collapse=(eps, delta))
    assert mc.packed_tv(theorem4.true, 2) == pytest.approx(float(band.lower), abs=1e-12)


def test_the_map_of_theorem_5_is_the_difference(theorem5):
    for row, column in [(3, 20), (12, 50), (20, 75), (23, 100), (11, 118)]:
        eps, tau = theorem5.eps[row, column], theorem5.tau[row, column]
        true = mc.tv_band(tau, 2, no_collapse=(eps, 0.5), no_augmentation=(eps, 0.5)).upper
        expected = true - paper.U1(eps, 0.5, tau, 2).value
        assert theorem5.difference[row, column] == pytest.approx(float(expected), abs=2e-8)
    assert (theorem5.difference[1:, 1:] > 0).all()


def test_the_parts_of_the_map_of_theorem_5_are_what_they_are_called(theorem5):
    """Where nothing is forbidden, where the print is right or calls pairs impossible, and where none are."""
    rng = np.random.default_rng(5)
    seen = set()
    for eps, tau in rng.random((150, 2)) * [0.499, errata_theorem5.TOP]:
        curves = (theorem5.close, theorem5.side, theorem5.printed, theorem5.limit)
        close, side, printed, limit = (np.interp(eps, theorem5.edge, curve) for curve in curves)
        if min(abs(tau - curve) for curve in (close, side, printed, limit)) < 1e-3:
            continue
        pairs = mc.PairClass(tau, no_collapse=(eps, 0.5), no_augmentation=(eps, 0.5))
        assert pairs.is_empty == (tau > limit)
        if tau < close:
            seen.add("Theorem 3 applies")
        elif tau > printed:
            with pytest.raises(ValueError, match="printed"):
                paper.U1(eps, 0.5, tau, 2)
            seen.add("no pair exists" if pairs.is_empty else "printed as empty")
        elif tau > side:
            true = mc.band(pairs, 2).upper
            assert true == pytest.approx(float(paper.U1(eps, 0.5, tau, 2)), abs=1e-8)
            seen.add("print is right")
    texts = {text.get_text() for text in errata_theorem5.draw(theorem5).axes[0].texts}
    assert texts == seen
    assert len(seen) == 4


def test_the_example_of_theorem_5_avoids_both_points(theorem5):
    eps, delta, tau = errata_theorem5.EXAMPLE
    assert theorem5.example.total_variation == tau
    assert not theorem5.example.has_collapse(eps, delta)
    assert not theorem5.example.has_augmentation(eps, delta)
    with pytest.raises(ValueError, match="printed"):
        paper.U1(eps, delta, tau, 2)


def test_regimes_change_at_the_curves_drawn():
    rng = np.random.default_rng(6)
    for plane in regimes.compute():
        seen = set()
        for share, tau in rng.random((200, 2)):
            eps = share * plane.delta
            curves = [np.interp(eps, plane.eps, curve) for curve in (plane.close, plane.side, plane.middle)]
            if min(abs(tau - curve) for curve in curves) < 1e-3:
                continue
            found = tangent_regimes.without_collapse(tau, eps, plane.delta).name
            close, side, middle = curves
            below = (tau < close, tau < side, tau < middle, True)
            assert found == REGIMES[below.index(True)]
            seen.add(found)
        assert seen == set(REGIMES)


@pytest.mark.slow
def test_the_separation_map_is_read_off_the_bands():
    data = separation_map.compute()
    for (eps0, eps1), least in {(0.06, 0.02): 4, (0.05, 0.01): 5, (0.05, 0.0): 3, (0.05, 0.02): 0}.items():
        below = [edge.m for edge in data if eps1 < np.interp(eps0, edge.eps0, edge.eps1, left=-1)]
        assert min(below, default=0) == least
        h1 = mc.PairClass(tau=0.11, collapse=(eps1, 0.1))
        h0 = mc.PairClass(tau=0.11, no_collapse=(eps0, 0.1), no_augmentation=(eps0, 0.1))
        assert below == list(mc.separating_degrees(h1, h0, range(1, separation_map.LAST + 1)))
    for edge in data:
        for eps0, eps1 in zip(edge.eps0[:-1:4], edge.eps1[:-1:4], strict=True):
            least, greatest = paper.L1(eps1, 0.1, 0.11, edge.m), paper.U1(eps0, 0.1, 0.11, edge.m)
            assert float(least) == pytest.approx(float(greatest), abs=1e-4)


def test_no_pair_is_left_where_the_separation_map_ends():
    end = separation_map.EMPTY_FROM
    for eps, empty in ((end - 1e-9, False), (end + 1e-9, True)):
        pairs = mc.PairClass(tau=0.11, no_collapse=(eps, 0.1), no_augmentation=(eps, 0.1))
        assert pairs.is_empty == empty


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
    for x in np.linspace(0.02, 0.98, 33):
        height = x + np.interp(x, *data.edge.T)
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
