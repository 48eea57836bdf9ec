"""Plots show the numbers that the library computes: every check reads them back from the artists."""

from __future__ import annotations

import subprocess
import sys
import typing
from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.colors import to_rgb, to_rgba
from matplotlib.figure import Figure

import modecollapse as mc
from modecollapse import plotting, samples
from modecollapse.divergence import DivergenceName

TRIANGLE = mc.Region.from_pmfs([0.5, 0.5], [0.3, 0.7])
HEXAGON = mc.Region.from_pmfs([0.1, 0.4, 0.3, 0.2, 0], [0, 0.3, 0.3, 0.3, 0.1])
REGIONS = (TRIANGLE, HEXAGON, mc.Region.from_pmfs([1], [1]), mc.Region.from_pmfs([1, 0], [0, 1]))


@pytest.fixture
def ax() -> Axes:
    return Figure().subplots()


@pytest.mark.parametrize("region", REGIONS, ids=repr)
def test_a_region_is_drawn_through_its_vertices(ax, region):
    boundary, area = plotting.draw_region(ax, region)
    np.testing.assert_array_equal(boundary.get_xydata(), region.vertices)
    # a closed polygon repeats its first vertex
    np.testing.assert_array_equal(area.get_xy()[: len(region.vertices)], region.vertices)


def test_a_region_takes_the_callers_style(ax):
    boundary, area = plotting.draw_region(
        ax, TRIANGLE, color="red", linestyle=":", label="here", zorder=5, fill_alpha=0.4
    )
    assert (boundary.get_color(), boundary.get_linestyle(), boundary.get_label()) == ("red", ":", "here")
    assert area.get_facecolor() == to_rgba("red", 0.4)
    assert boundary.get_zorder() == area.get_zorder() == 5


def test_the_region_plane_is_framed_once(ax):
    plotting.draw_region(ax, TRIANGLE)
    ax.set(xlim=(0, 0.2), xlabel="mine")
    plotting.draw_region(ax, HEXAGON)
    plotting.draw_tangent(ax, HEXAGON)
    diagonals = [line for line in ax.lines if line.get_xydata().tolist() == [[0, 0], [1, 1]]]
    assert len(diagonals) == 1
    assert ax.get_xlim() == (0, 0.2)
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("mine", "δ (P-mass)")
    assert ax.get_aspect() == 1


def test_nested_regions_are_the_packed_ones_in_rising_lightness(ax):
    degrees = [1, 2, 4]
    drawn = plotting.draw_regions(ax, TRIANGLE, degrees, color="#204060", linewidth=2)
    for m, artists in zip(degrees, drawn, strict=True):
        np.testing.assert_array_equal(artists.boundary.get_xydata(), mc.pack(TRIANGLE, m).vertices)
        assert artists.boundary.get_label() == f"$m = {m}$"
        assert artists.boundary.get_linewidth() == 2
    lightness = [sum(to_rgb(artists.boundary.get_color())) for artists in drawn]
    assert lightness == sorted(lightness)
    assert to_rgb(drawn[0].boundary.get_color()) == to_rgb("#204060")


def test_one_degree_may_be_a_plain_integer(ax):
    (artists,) = plotting.draw_regions(ax, TRIANGLE, 3, label="packed {m} times")
    assert artists.boundary.get_label() == "packed 3 times"


@pytest.mark.parametrize("region", REGIONS, ids=repr)
def test_the_tangent_has_the_total_variation_as_intercept_and_touches(ax, region):
    line, points = plotting.draw_tangent(ax, region)
    tau = region.total_variation
    np.testing.assert_array_equal(line.get_xydata(), [[0, tau], [1 - tau, 1]])
    touched = np.asarray(points.get_offsets())
    assert len(touched)
    np.testing.assert_allclose(touched[:, 1] - touched[:, 0], tau, atol=1e-12)
    np.testing.assert_allclose(region.boundary(touched[:, 0]), touched[:, 1], atol=1e-12)


def test_the_tangent_shows_every_vertex_it_touches(ax):
    points = plotting.draw_tangent(ax, HEXAGON).points
    np.testing.assert_allclose(points.get_offsets(), [[0.3, 0.5], [0.6, 0.8]], atol=1e-12)


def test_a_pair_is_drawn_as_bars_side_by_side(ax):
    p, q = [0.2, 0.3, 0.5], [0.5, 0.5, 0]
    of_p, of_q = plotting.draw_pair(ax, p, q, labels=("target", "generator"), edgecolor="black")
    assert [bar.get_height() for bar in of_p] == p
    assert [bar.get_height() for bar in of_q] == q
    middles = [(a.get_x() + b.get_x() + b.get_width()) / 2 for a, b in zip(of_p, of_q, strict=True)]
    np.testing.assert_allclose(middles, [1, 2, 3])
    assert (of_p.get_label(), of_q.get_label()) == ("target", "generator")
    assert of_p[0].get_edgecolor() == to_rgba("black")


@pytest.mark.parametrize(
    ("p", "q", "message"),
    [([0.5, 0.6], [0.5, 0.5], "p must sum to 1"), ([1], [0.5, 0.5], "same length")],
)
def test_a_pair_of_what_are_not_pmfs_is_refused(ax, p, q, message):
    with pytest.raises(ValueError, match=message):
        plotting.draw_pair(ax, p, q)


def test_densities_are_drawn_as_steps(ax):
    edges, p, q, r = [0, 0.25, 1], [1, 1], [2, 2 / 3], [0, 4 / 3]
    steps = plotting.draw_densities(ax, edges, p, q, r, linewidth=3)
    for patch, heights in zip(steps, (p, q, r), strict=True):
        np.testing.assert_array_equal(patch.get_data().values, heights)
        np.testing.assert_array_equal(patch.get_data().edges, edges)
        assert patch.get_linewidth() == 3
    assert [patch.get_label() for patch in steps] == ["P", "Q", "_nolegend_"]
    # told apart without colour, and with it
    assert len({str(patch.get_linestyle()) for patch in steps}) == 3
    assert len({patch.get_edgecolor() for patch in steps}) == 3


def test_densities_refuse_what_does_not_fit(ax):
    with pytest.raises(ValueError, match=r"2 cells has as many heights, got shape \(3,\)"):
        plotting.draw_densities(ax, [0, 0.5, 1], [1, 1, 1])
    with pytest.raises(ValueError, match="2 densities need as many colors, got 1"):
        plotting.draw_densities(ax, [0, 0.5, 1], [1, 1], [1, 1], colors=["red"])


def test_a_band_is_the_area_between_its_arrays(ax):
    m = np.arange(1, 8)
    lower = np.array([float(mc.paper.L(0.11, k)) for k in m])
    upper = np.array([float(mc.paper.U(0.11, k)) for k in m])
    area, below, above, *points = plotting.draw_range(
        ax, m, lower, upper, label="range", color="green", marker="o"
    )
    assert points == [None, None]
    np.testing.assert_array_equal(below.get_xydata(), np.column_stack([m, lower]))
    np.testing.assert_array_equal(above.get_xydata(), np.column_stack([m, upper]))
    (path,) = area.get_paths()
    corners = {tuple(point) for point in path.vertices.tolist()}
    assert corners == {
        *zip(m.tolist(), lower.tolist(), strict=True),
        *zip(m.tolist(), upper.tolist(), strict=True),
    }
    assert area.get_label() == "range"
    assert below.get_color() == above.get_color() == "green"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("packing degree $m$", "total variation of $m$ samples")
    np.testing.assert_array_equal(ax.get_xticks(), np.round(ax.get_xticks()))


def test_a_band_is_drawn_with_its_marks_and_its_name(ax):
    band = mc.tv_band(0.11, [1, 2, 3], no_collapse=(0, 0.1), no_augmentation=(0, 0.1))
    drawn = plotting.draw_band(ax, band, color="green", label="neither")
    plain = plotting.draw_range(
        ax,
        band.m,
        band.lower,
        band.upper,
        lower_attained=band.lower_attained,
        upper_attained=band.upper_attained,
    )
    for one, other in zip(drawn[1:], plain[1:], strict=True):
        np.testing.assert_array_equal(one.get_xydata(), other.get_xydata())
    assert drawn.area.get_label() == "neither"
    assert ax.get_ylabel() == "total variation of $m$ samples"


def test_a_band_at_one_degree_or_of_another_divergence_is_drawn(ax):
    single = plotting.draw_band(ax, mc.tv_band(0.11, 3, divergence="js"))
    assert single.lower.get_xdata().tolist() == [3]
    assert ax.get_ylabel() == "Jensen–Shannon divergence of $m$ samples"


@pytest.mark.parametrize("name", typing.get_args(DivergenceName))
def test_every_divergence_has_its_ordinate(ax, name):
    band = mc.jensen_shannon_band(0.1, [1, 2])
    plotting.draw_band(ax, replace(band, divergence=name))
    assert ax.get_ylabel().endswith("of $m$ samples")


def test_an_infinite_band_is_refused(ax):
    with pytest.raises(ValueError, match="a band must be finite to be drawn, got an infinite end at m = 1"):
        plotting.draw_band(ax, mc.tv_band(0.11, [1, 2], divergence="kl"))
    assert not ax.lines


def test_two_regions_with_one_between_are_drawn_as_such(ax):
    found = samples.diagnose(samples.from_counts([500, 500], [800, 200])).confidence_band
    drawn = plotting.draw_region(ax, found, color="green", label="certain", fill_alpha=0.2)
    np.testing.assert_array_equal(drawn.inner.boundary.get_xydata(), found.inner.vertices)
    np.testing.assert_array_equal(drawn.outer.boundary.get_xydata(), found.outer.vertices)
    assert drawn.inner.boundary.get_color() == drawn.outer.boundary.get_color() == "green"
    assert (drawn.inner.area.get_alpha(), drawn.outer.area.get_alpha()) == (0.2, 0.1)
    assert ax.get_legend_handles_labels()[1] == ["certain"]


def test_the_packed_distance_is_the_librarys(ax):
    m = [1, 5, 100]
    curve = plotting.draw_packed_tv(ax, TRIANGLE, m, color="red")
    np.testing.assert_array_equal(curve.get_ydata(), mc.packed_tv(TRIANGLE, m))
    assert curve.get_color() == "red"
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("packing degree $m$", "total variation of $m$ samples")
    between = mc.RegionBracket(TRIANGLE, TRIANGLE | mc.Region.from_pmfs([0.5, 0.5], [0, 1]))
    band = plotting.draw_packed_tv(ax, between, m, label="between")
    np.testing.assert_array_equal(band.lower.get_ydata(), mc.packed_tv(between.inner, m))
    np.testing.assert_array_equal(band.upper.get_ydata(), mc.packed_tv(between.outer, m))
    with pytest.raises(ValueError, match="expected a Region or two pmfs"):
        plotting.draw_packed_tv(ax, [0.5, 0.5], m)


def test_ends_that_are_attained_are_filled_points_and_others_hollow(ax):
    drawn = plotting.draw_range(
        ax,
        [1, 2, 3],
        [0.1, 0.1, 0.2],
        [0.1, 0.3, 0.4],
        lower_attained=[True, True, False],
        upper_attained=[True, False, False],
        color="green",
    )
    assert drawn.attained.get_xydata().tolist() == [[1, 0.1], [2, 0.1], [1, 0.1]]
    assert drawn.approached.get_xydata().tolist() == [[3, 0.2], [2, 0.3], [3, 0.4]]
    assert drawn.attained.get_markerfacecolor() == drawn.approached.get_markeredgecolor() == "green"
    assert drawn.approached.get_markerfacecolor() == "white"
    assert drawn.approached.get_linestyle() == "None"


def test_ends_of_one_kind_have_points_of_that_kind_alone(ax):
    drawn = plotting.draw_range(ax, [1, 2], [0, 0.1], [0.2, 0.3], upper_attained=[False, False])
    assert drawn.attained is None
    assert drawn.approached.get_xydata().tolist() == [[1, 0.2], [2, 0.3]]
    with pytest.raises(ValueError, match=r"upper_attained must have the shape of m, \(2,\), got \(1,\)"):
        plotting.draw_range(ax, [1, 2], [0, 0.1], [0.2, 0.3], upper_attained=[False])


def test_a_band_may_be_hollow_or_hatched(ax):
    hollow = plotting.draw_range(ax, [1, 2], [0, 0.1], [0.2, 0.3], fill_alpha=0).area
    hatched = plotting.draw_range(ax, [1, 2], [0, 0.1], [0.2, 0.3], hatch="//").area
    assert not hollow.get_facecolor().size or hollow.get_facecolor()[0, 3] == 0
    assert hatched.get_hatch() == "//"


@pytest.mark.parametrize(
    ("m", "lower", "message"),
    [
        ([1, 2], [0.1], r"lower must have the shape of m, \(2,\), got \(1,\)"),
        ([0, 1], [0, 0], "m must be integers"),
    ],
)
def test_a_band_that_does_not_fit_is_refused(ax, m, lower, message):
    with pytest.raises(ValueError, match=message):
        plotting.draw_range(ax, m, lower, [0.5, 0.6])


def test_the_overlap_is_the_librarys_on_a_logarithmic_axis(ax):
    m = np.array([1, 10, 100, 10**6])
    curve = plotting.draw_overlap(ax, TRIANGLE, m, color="red")
    expected = mc.packed_overlap(TRIANGLE, m)
    np.testing.assert_array_equal(curve.get_ydata()[:3], expected[:3])
    # the last one underflows: no point, rather than one at zero on a logarithmic axis
    assert np.isnan(curve.get_ydata()[3])
    assert ax.get_yscale() == "log"
    assert curve.get_color() == "red"


def test_names_the_caller_gave_the_axes_stay(ax):
    ax.set(xlabel="samples", ylabel="distance")
    plotting.draw_range(ax, [1, 2], [0, 0.1], [0.2, 0.3])
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("samples", "distance")


def test_drawing_changes_no_global_state_and_imports_no_pyplot():
    program = """if True:
        import sys, matplotlib
        import modecollapse as mc
        assert "matplotlib.figure" not in sys.modules
        from matplotlib.figure import Figure
        from modecollapse import plotting
        before = matplotlib.rcParams.copy()
        ax = Figure().subplots()
        region = mc.Region.from_pmfs([0.5, 0.5], [0.3, 0.7])
        plotting.draw_regions(ax, region, [1, 2])
        plotting.draw_tangent(ax, region)
        ax.figure.savefig(sys.argv[1])
        assert "matplotlib.pyplot" not in sys.modules
        assert matplotlib.rcParams.copy() == before
    """
    subprocess.run([sys.executable, "-c", program, "/dev/null"], check=True)


def test_importing_the_package_does_not_import_matplotlib():
    program = "import sys, modecollapse; modecollapse.pack; sys.exit('matplotlib' in sys.modules)"
    subprocess.run([sys.executable, "-c", program], check=True)


def test_colours_run_on_through_the_axes_cycle(ax):
    cycle = matplotlib.rcParams["axes.prop_cycle"].by_key()["color"]
    (first,) = plotting.draw_regions(ax, TRIANGLE, 1)
    (second,) = plotting.draw_regions(ax, HEXAGON, 1)
    assert [to_rgb(a.boundary.get_color()) for a in (first, second)] == [to_rgb(c) for c in cycle[:2]]


def test_a_pair_is_drawn_as_its_region_is():
    pair = [0.5, 0.5], [0.25, 0.75]
    for draw in (
        lambda ax, region: [plotting.draw_region(ax, region).boundary],
        lambda ax, region: [artists.boundary for artists in plotting.draw_regions(ax, region, [1, 2])],
        lambda ax, region: [plotting.draw_tangent(ax, region).line],
        lambda ax, region: [plotting.draw_overlap(ax, region, [1, 2])],
    ):
        of_pair, of_region = (
            [line.get_xydata().tolist() for line in draw(Figure().subplots(), given)]
            for given in (pair, mc.Region.from_pmfs(*pair))
        )
        assert of_pair == of_region
