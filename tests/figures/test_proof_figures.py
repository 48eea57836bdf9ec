"""The diagrams of the proofs: what each picture claims, asserted with the library."""

from __future__ import annotations

from functools import cache
from itertools import permutations

import numpy as np
import pytest
from lines import has_line

import figures
import modecollapse as mc
from figures import (
    fig15_roc,
    fig16_tangent,
    fig17_sandwich,
    fig19_collapse_sandwich,
    fig23_hexagon_outer1,
    fig24_hexagon_outer2,
)
from figures import fig21_other_tangents as fig21
from figures import fig22_infeasible_triangles as fig22
from figures.parts import proofs
from modecollapse import Region
from modecollapse.theorems import families

ROUNDING = 1e-12
NUDGE = 1e-6
HEXAGONS = [fig23_hexagon_outer1, fig24_hexagon_outer2]


@cache
def drawn(name):
    module = figures.discover()[name]
    data = module.compute()
    return data, module.draw(data)


def assert_sandwich(regions, tau):
    assert regions.inner <= regions.between <= regions.outer
    assert not regions.between <= regions.inner
    assert not regions.outer <= regions.between
    for region in regions:
        assert region.total_variation == pytest.approx(tau, abs=ROUNDING)


def assert_drawn(ax, regions):
    for region in regions:
        assert has_line(ax, region.vertices)


def assert_bars(ax, region, names):
    """P's bars and then Q's have the masses of the letters, and the names are worth those masses."""
    heights = [[bar.get_height() for bar in container] for container in ax.containers]
    np.testing.assert_array_equal(heights, region.pair)
    labels = [text.get_text() for text in ax.texts]
    assert [names[label] for label in labels] == pytest.approx(np.ravel(heights), abs=ROUNDING)


def test_figures_15_to_24_are_there():
    numbers = {name[:5] for name in figures.discover()}
    assert numbers >= {f"fig{n}" for n in range(15, 25)}


# -- figures 15 and 16 ---------------------------------------------------------------------------------


def test_figure_15_the_best_tests_trace_the_boundary():
    data, figure = drawn("fig15_roc")
    for tester, plane, roc in zip(data, figure.axes[::2], figure.axes[1::2], strict=True):
        assert Region.from_vertices(tester.roc) == tester.toy.region
        assert has_line(plane, tester.toy.region.vertices)
        assert has_line(roc, tester.roc)
        assert has_line(roc, tester.tests)


def test_figure_15_no_test_beats_the_best_and_random_ones_fill_the_region():
    for tester in drawn("fig15_roc")[0]:
        rate, detected = tester.tests.T
        height = tester.toy.region.boundary(rate)
        assert len(tester.tests) == fig15_roc.TESTS
        assert (detected <= height + ROUNDING).all()
        assert (detected >= rate).all()
        share = (detected - rate) / (height - rate)
        assert share.min() < 0.1
        assert share.max() > 0.9


def test_figure_16_excess_intercept_and_peak_are_one_number():
    _, figure = drawn("fig16_tangent")
    pmfs, plane, height = figure.axes
    excess = [bar.get_height() for container in pmfs.containers[2:] for bar in container]
    assert sum(excess) == pytest.approx(0.4, abs=ROUNDING)
    (tangent,) = [
        line for line in plane.lines if line.get_xydata().shape == (2, 2) and line.get_ydata()[0] > 0
    ]
    (x0, y0), (x1, y1) = tangent.get_xydata()
    assert (x0, y1) == (0, 1)
    assert y0 == pytest.approx(0.4, abs=ROUNDING)
    assert y1 - y0 == pytest.approx(x1 - x0, abs=ROUNDING)
    peaks = [np.max(line.get_ydata()) for line in height.lines]
    assert peaks == pytest.approx([0.4, 0.4], abs=ROUNDING)


def test_figure_16_letters_are_in_the_order_of_the_edges():
    region, figure = drawn("fig16_tangent")
    np.testing.assert_allclose(region.pair, (fig16_tangent.P, fig16_tangent.Q), atol=ROUNDING)
    steep = 1 + int((region.difference > 0).sum())
    assert has_line(figure.axes[1], region.vertices[:steep])


# -- figures 17 to 20: sandwiches and canonical pmfs ---------------------------------------------------


@pytest.mark.parametrize("start", [0.0, 0.3, 0.9])
def test_a_region_is_put_strictly_between(start):
    inner, outer = proofs.triangle(0.2, 0.4), families.region(families.outer(0.4))
    regions = proofs.sandwich(inner, outer, start)
    assert_sandwich(regions, 0.4)
    assert regions.between.boundary(0) == pytest.approx(0.4 * start, abs=ROUNDING)


def test_figure_17_the_order_holds_for_one_sample_and_for_several():
    data, figure = drawn("fig17_sandwich")
    tau, alpha, m = fig17_sandwich.TAU, fig17_sandwich.ALPHA, fig17_sandwich.M
    assert_sandwich(data.single, tau)
    assert data.single.inner == families.region(families.inner(alpha, tau))
    assert data.single.outer == families.region(families.outer(tau))
    x = 1 - tau - alpha
    assert all(region.boundary(x) == pytest.approx(x + tau, abs=ROUNDING) for region in data.single)
    assert data.packed.inner <= data.packed.between <= data.packed.outer
    values = [region.total_variation for region in data.packed]
    assert values == pytest.approx([mc.packed_tv(region, m) for region in data.single], abs=ROUNDING)
    assert values[0] < values[1] < values[2]
    assert values[2] == pytest.approx(float(mc.tv_band(tau, m).upper), abs=ROUNDING)
    assert_drawn(figure.axes[0], data.single)
    assert_drawn(figure.axes[1], data.packed)
    assert " < ".join(f"{value:.2f}" for value in values) in figure.axes[1].texts[-1].get_text()


def test_figure_18_names_the_masses():
    data, figure = drawn("fig18_canonical_pmfs")
    tau, alpha = fig17_sandwich.TAU, fig17_sandwich.ALPHA
    names = {"1−α": 1 - alpha, "α": alpha, "1−α−τ": 1 - alpha - tau, "α+τ": alpha + tau}
    assert_bars(figure.axes[0], data.inner, names)
    assert_bars(figure.axes[1], data.outer, {"0": 0, "τ": tau, "1−τ": 1 - tau})


def test_figure_19_the_hull_collapses_and_the_triangle_does_not():
    data, figure = drawn("fig19_collapse_sandwich")
    f = fig19_collapse_sandwich
    assert_sandwich(data.regions, f.TAU)
    assert data.regions.inner == families.region(families.inner1(f.EPS, f.DELTA, f.ALPHA, f.TAU))
    assert data.regions.inner.boundary(f.EPS) == pytest.approx(f.DELTA, abs=ROUNDING)
    assert all(region.has_collapse(f.EPS, f.DELTA) for region in data.regions)
    assert not data.triangle.has_collapse(f.EPS, f.DELTA)
    assert data.triangle <= data.regions.inner
    assert_drawn(figure.axes[0], (*data.regions, data.triangle))


def test_figure_19_the_hulls_end_with_a_triangle():
    data, figure = drawn("fig19_collapse_sandwich")
    f = fig19_collapse_sandwich
    assert data.alpha[-1] == pytest.approx(0.475, abs=ROUNDING)
    assert data.hulls[-1] == families.region(families.inner(data.alpha[-1], f.TAU))
    for alpha, hull in zip(data.alpha, data.hulls, strict=True):
        assert hull.total_variation == pytest.approx(f.TAU, abs=ROUNDING)
        assert hull.boundary(f.EPS) == pytest.approx(f.DELTA, abs=ROUNDING)
        inside = families.region(families.inner(alpha, f.TAU)).has_collapse(f.EPS, f.DELTA)
        assert inside == (alpha == data.alpha[-1])
    assert not families.region(families.inner(data.alpha[-1] - NUDGE, f.TAU)).has_collapse(f.EPS, f.DELTA)
    with pytest.raises(ValueError, match="out of the family's range"):
        families.inner1(f.EPS, f.DELTA, 1 - f.DELTA + NUDGE, f.TAU)
    assert_drawn(figure.axes[1], data.hulls)


def test_figure_20_names_the_masses():
    data, figure = drawn("fig20_collapse_pmfs")
    f = fig19_collapse_sandwich
    names = {"δ": f.DELTA, "1−α−δ": 1 - f.ALPHA - f.DELTA, "α": f.ALPHA, "ε": f.EPS}
    names |= {"1−α−τ−ε": 1 - f.ALPHA - f.TAU - f.EPS, "α+τ": f.ALPHA + f.TAU}
    assert_bars(figure.axes[0], data.inner, names)
    assert_bars(figure.axes[1], data.outer, {"0": 0, "τ": f.TAU, "1−τ": 1 - f.TAU})
    assert data.outer.has_collapse(0, f.TAU)
    assert data.outer.has_collapse(f.EPS, f.EPS + f.TAU)


# -- figure 21: the other tangent points ---------------------------------------------------------------


def test_figure_21_the_least_regions_are_those_named():
    data, figure = drawn("fig21_other_tangents")
    eps, delta, tau = fig21.EPS, fig21.DELTA, fig21.TAU
    assert_sandwich(data.inner2, tau)
    assert_sandwich(data.inner0, tau)
    assert data.inner2.inner.has_collapse(eps, delta)
    assert fig21.X_LEFT < fig21.INSIDE < fig21.X_RIGHT
    assert not data.triangle.has_collapse(eps, delta)
    assert data.triangle <= data.inner0.inner
    assert 0 < fig21.LEFT < fig21.X_LEFT
    assert data.inner0.inner.boundary(eps) == pytest.approx(delta, abs=ROUNDING)
    for regions, x in ((data.inner2, fig21.INSIDE), (data.inner0, fig21.LEFT)):
        assert regions.inner == families.region(families.hull(x, x + tau, eps, delta))
    assert_drawn(figure.axes[0], data.inner2)
    assert_drawn(figure.axes[1], (*data.inner0, data.triangle))


def test_figure_21_triangles_collapse_between_the_lines_only():
    for x, beyond in ((fig21.X_LEFT, -NUDGE), (fig21.X_RIGHT, NUDGE)):
        assert proofs.triangle(x, fig21.TAU).has_collapse(fig21.EPS, fig21.DELTA)
        assert proofs.triangle(x - beyond, fig21.TAU).has_collapse(fig21.EPS, fig21.DELTA)
        assert not proofs.triangle(x + beyond, fig21.TAU).has_collapse(fig21.EPS, fig21.DELTA)


def test_figure_21_the_least_triangle_is_below_the_truth():
    data, figure = drawn("fig21_other_tangents")
    true = float(mc.tv_band(fig21.TAU, fig21.M, collapse=(fig21.EPS, fig21.DELTA)).lower)
    printed = float(mc.paper.L1(fig21.EPS, fig21.DELTA, fig21.TAU, fig21.M))
    shown = data.triangles[data.x <= fig21.X_RIGHT]
    step = 2 * (data.x[1] - data.x[0])
    assert true - 1e-9 <= data.least.min() <= true + step
    assert printed - 1e-9 <= shown.min() <= printed + step < true
    middle = (data.x >= fig21.X_LEFT) & (data.x <= fig21.X_RIGHT)
    np.testing.assert_allclose(data.least[middle], data.triangles[middle], rtol=ROUNDING)
    assert (data.least >= data.triangles - ROUNDING).all()
    best = data.least.argmin()
    assert has_line(figure.axes[2], [[data.x[best], data.least[best]]])
    assert has_line(figure.axes[2], np.column_stack([data.x, data.least]))


# -- figures 22 to 24: neither collapse nor augmentation -----------------------------------------------


def test_figure_22_each_triangle_is_what_its_title_says():
    data, figure = drawn("fig22_infeasible_triangles")
    point = fig22.EPS, fig22.DELTA
    verdicts = [(region.has_collapse(*point), region.has_augmentation(*point)) for region in data]
    assert verdicts == [(True, False), (False, True), (False, False)]
    for ax, region in zip(figure.axes, data, strict=True):
        assert region.total_variation == pytest.approx(fig22.TAU, abs=ROUNDING)
        assert_drawn(ax, [region])
        for corner in (point, proofs.mirrored(point)):
            assert has_line(ax, [corner])


def test_figure_22_feasible_apexes_lie_strictly_between_the_ends_of_the_caption():
    low, high = 0.2, 0.5
    d = fig22.DELTA - fig22.EPS
    assert low == pytest.approx(fig22.EPS * fig22.TAU / d, abs=ROUNDING)
    assert high == pytest.approx(1 - fig22.TAU - low, abs=ROUNDING)
    assert d / (1 - fig22.EPS) <= fig22.TAU
    for x in np.linspace(0, 1 - fig22.TAU, 29).round(12):
        region = proofs.triangle(x, fig22.TAU)
        assert region.has_collapse(fig22.EPS, fig22.DELTA) == (x <= low)
        assert region.has_augmentation(fig22.EPS, fig22.DELTA) == (x >= high)


@pytest.mark.parametrize("module", HEXAGONS, ids=["23", "24"])
def test_a_region_inside_the_hexagon_reaches_no_forbidden_point(module):
    data, figure = drawn(module.__name__.rpartition(".")[2])
    assert_sandwich(data.regions, data.tau)
    outer = getattr(families, data.name)
    assert data.regions.outer == families.region(outer(*module.POINT, *module.EDGES, module.TAU))
    for region in data.regions[:2]:
        assert not region.has_collapse(*data.point)
        assert not region.has_augmentation(*data.point)
    for x, y in (data.point, proofs.mirrored(data.point)):
        assert data.regions.outer.boundary(x) == pytest.approx(y, abs=ROUNDING)
    assert_drawn(figure.axes[0], data.regions)


@pytest.mark.parametrize("module", HEXAGONS, ids=["23", "24"])
def test_no_hexagon_holds_another(module):
    data, figure = drawn(module.__name__.rpartition(".")[2])
    assert len(data.rivals) == 3
    for one, other in permutations(data.rivals, 2):
        assert not one <= other
    least = min(module.POINT[0], 1 - module.POINT[1]) * data.tau / (module.POINT[1] - module.POINT[0])
    for alpha, beta in (module.EDGES, *module.RIVALS):
        assert min(alpha, beta) >= least
        assert alpha + beta <= 1 - data.tau
    assert_drawn(figure.axes[1], data.rivals)
    assert (sum(module.POINT) > 1) == (data.name == "outer2")


@pytest.mark.parametrize("module", HEXAGONS, ids=["23", "24"])
def test_the_letters_of_the_hexagons_are_named(module):
    data, figure = drawn(module.__name__.rpartition(".")[2])
    (eps, delta), (alpha, beta), tau = module.POINT, module.EDGES, module.TAU
    u, d = min(eps, 1 - delta), delta - eps
    a, b = ((edge * d - u * tau) / (edge - u) for edge in (alpha, beta))
    names = {"a": a, "α+τ−a": alpha + tau - a, "c": 1 - tau - alpha - beta, "β": beta, "0": 0}
    names |= {"α": alpha, "β+τ−b": beta + tau - b, "b": b}
    assert_bars(figure.axes[2], data.regions.outer, names)


@pytest.mark.parametrize("module", HEXAGONS, ids=["23", "24"])
def test_the_parameters_are_in_the_regime_of_the_hexagons(module):
    band = mc.tv_band(module.TAU, 3, no_collapse=module.POINT, no_augmentation=module.POINT)
    assert band.regime == "middle tangents"
    best = max(mc.packed_tv(rival, 3) for rival in module.compute().rivals)
    assert best <= float(band.upper + band.upper_gap)
