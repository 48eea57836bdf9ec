"""The figures: their data against the library, their pictures against their data, and the command."""

from __future__ import annotations

import re
import subprocess
import sys
from functools import cache
from itertools import combinations
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from effort import slow
from lines import has_line
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import imread
from matplotlib.text import Text

import figures
import modecollapse as mc
from figures import (
    fig08_toy_regions,
    fig09_packed_regions,
    fig11_collapse_ranges,
    fig12_no_collapse_ranges,
    fig13_separation,
    fig14_jensen_shannon,
)
from figures.__main__ import main, select
from figures.parts import ranges, style

FIGURES = figures.discover()
MAPS = {
    "errata_theorem4",
    "separation_map",
    "collapse_here_not_there",
    "error_exponent",
}
"""Figures that take seconds to compute."""

GAP = 1e-9  # of paper.L1 and paper.U1


@cache
def drawn(name: str) -> tuple[object, Figure]:
    data = FIGURES[name].compute()
    figure = FIGURES[name].draw(data)
    style.styled(FigureCanvasAgg(figure).draw)()  # lays the figure out
    return data, figure


# -- every figure --------------------------------------------------------------------------------------


def test_the_figures_of_the_paper_are_found_in_order():
    assert list(FIGURES) == sorted(FIGURES)
    assert {name[:5] for name in FIGURES} >= {f"fig{n:02}" for n in range(8, 25)}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_has_a_caption(name):
    caption = FIGURES[name].__doc__
    assert caption is not None
    headline, blank, *body = caption.splitlines()
    assert headline.endswith(".")
    assert not blank
    assert len(" ".join(body)) > 200


@pytest.mark.parametrize("name", FIGURES)
def test_a_caption_speaks_of_every_panel(name):
    _, figure = drawn(name)
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    letters = {match[1] for title in titles if (match := re.match(r"\$\\bf\{(\w)\}", title))}
    listed = re.findall(r"\(((?:\w, )*\w)(?:: [^)]*)?\)", FIGURES[name].__doc__)
    assert letters <= {letter for group in listed for letter in group.split(", ")}


@pytest.mark.parametrize("name", FIGURES)
def test_a_figure_draws_without_touching_its_data(name):
    data, figure = drawn(name)
    assert repr(FIGURES[name].compute()) == repr(data)
    assert figure.axes


@pytest.mark.parametrize("name", [slow(name) if name in MAPS else name for name in FIGURES])
def test_a_figure_computes_the_same_twice(name):
    compute = FIGURES[name].compute
    assert repr(compute.__wrapped__()) == repr(compute())


def visible_texts(figure: Figure) -> list[Text]:
    """The texts drawn: matplotlib 3.10 also has labels of ticks beyond the ends of an axis, which are not."""
    beyond = {
        label
        for ax in figure.axes
        for axis in (ax.xaxis, ax.yaxis)
        for tick in axis.get_major_ticks()
        if not np.min(axis.get_view_interval()) <= tick.get_loc() <= np.max(axis.get_view_interval())
        for label in (tick.label1, tick.label2)
    }
    texts = [text for text in figure.findobj(Text) if text.get_visible() and text.get_text().strip()]
    return [text for text in texts if text not in beyond]


@pytest.mark.parametrize("name", FIGURES)
def test_text_is_legible_at_printed_size_and_does_not_overlap(name):
    _, figure = drawn(name)
    assert figure.get_figwidth() <= style.PAGE
    texts = visible_texts(figure)
    assert min(text.get_fontsize() for text in texts) >= 7
    boxes = [(text.get_text(), text.get_window_extent().padded(-0.5)) for text in texts]
    for label, box in boxes:
        assert figure.bbox.x0 <= box.x0 < box.x1 <= figure.bbox.x1, label
        assert figure.bbox.y0 <= box.y0 < box.y1 <= figure.bbox.y1, label
    assert [(a, b) for (a, box), (b, other) in combinations(boxes, 2) if box.overlaps(other)] == []


@pytest.mark.parametrize("name", FIGURES)
def test_titles_of_panels_stand_on_one_line(name):
    """Titles whose heights differ by less than their own size have the same height."""
    _, figure = drawn(name)
    titles = [ax._left_title for ax in figure.axes if ax.get_title(loc="left")]
    heights = [title.get_transform().transform(title.get_position())[1] for title in titles]
    for one, other in combinations(heights, 2):
        assert abs(one - other) < 0.5 or abs(one - other) > 0.3 * figure.dpi


@pytest.mark.parametrize("name", FIGURES)
def test_names_of_bars_keep_off_other_bars(name):
    _, figure = drawn(name)
    for ax in figure.axes:
        bars = [bar for container in ax.containers for bar in container.patches]
        for text in ax.texts if bars else []:
            box = text.get_window_extent()
            touched = [bar for bar in bars if bar.get_window_extent().overlaps(box)]
            assert not touched, text.get_text()


@pytest.mark.parametrize("name", FIGURES)
def test_colour_bars_say_what_they_show(name):
    _, figure = drawn(name)
    for ax in figure.axes:
        if ax.get_label() == "<colorbar>":
            assert ax.get_ylabel(), name


@pytest.mark.parametrize("name", FIGURES)
def test_drawing_leaves_the_callers_style_alone(name):
    before = matplotlib.rcParams.copy()
    FIGURES[name].draw(drawn(name)[0])
    assert matplotlib.rcParams.copy() == before


# -- figures 8, 9: the toy pairs -----------------------------------------------------------------------


def test_figure_8_shows_equal_distances_and_unequal_regions():
    data, figure = drawn("fig08_toy_regions")
    collapsed, spread = data.regions
    assert collapsed.total_variation == pytest.approx(0.2, abs=1e-15)
    assert spread.total_variation == pytest.approx(0.2, abs=1e-15)
    assert collapsed.has_collapse(0, 0.2)
    assert not spread.has_collapse(0, 1e-6)
    np.testing.assert_allclose(collapsed.vertices, [[0, 0], [0, 0.2], [1, 1]], atol=1e-15)
    np.testing.assert_allclose(spread.vertices, [[0, 0], [0.3, 0.5], [1, 1]], atol=1e-15)
    for ax, region in zip(figure.axes[1:3], data.regions, strict=True):
        assert has_line(ax, region.vertices)
    assert isinstance(data, fig08_toy_regions.Data)


def test_figure_9_shows_the_packed_pairs():
    data, figure = drawn("fig09_packed_regions")
    assert isinstance(data, fig09_packed_regions.Data)
    np.testing.assert_allclose(data.tv[0], 1 - 0.8**data.m, rtol=1e-13)
    np.testing.assert_allclose(data.tv[1], mc.packed_tv(([0.5, 0.5], [0.3, 0.7]), data.m), rtol=1e-13)
    for ax, toy in zip(figure.axes[:2], data.toys, strict=True):
        for m in data.nested:
            assert has_line(ax, mc.pack(toy.region, m).vertices)
    for curve in data.tv:
        assert has_line(figure.axes[2], np.column_stack([data.m, curve]))


# -- figures 10 to 13: ranges --------------------------------------------------------------------------


def assert_true_range(values, **condition):
    """The printed formulas agree with the true range at the figures' parameters."""
    band = mc.tv_band(ranges.TAU, values.m, **condition)
    np.testing.assert_allclose(values.lower, band.lower, rtol=0, atol=GAP + band.lower_gap.max())
    np.testing.assert_allclose(values.upper, band.upper, rtol=0, atol=GAP + band.upper_gap.max())


def assert_shows(ax, values):
    assert has_line(ax, np.column_stack([values.m, values.lower]))
    assert has_line(ax, np.column_stack([values.m, values.upper]))


def test_figure_10_shows_the_true_ranges():
    data, figure = drawn("fig10_ranges")
    assert isinstance(data, ranges.Families)
    assert_true_range(data.everything)
    assert_true_range(data.collapse, collapse=data.collapse_at)
    assert_true_range(data.no_collapse, no_collapse=data.no_collapse_at, no_augmentation=data.no_collapse_at)
    for ax, values in zip(figure.axes, (data.everything, data.collapse, data.no_collapse), strict=True):
        assert_shows(ax, values)
        assert_shows(ax, data.everything)


@pytest.mark.parametrize(
    ("module", "conditions"),
    [
        (fig11_collapse_ranges, ("collapse",)),
        (fig12_no_collapse_ranges, ("no_collapse", "no_augmentation")),
    ],
    ids=["11", "12"],
)
def test_figures_11_and_12_show_the_true_ranges(module, conditions):
    data, figure = drawn(module.__name__.rpartition(".")[2])
    assert len(figure.axes) == len(data.eps) == 6
    assert_true_range(data.everything)
    for ax, eps, values in zip(figure.axes, data.eps, data.ranges, strict=True):
        assert_true_range(values, **dict.fromkeys(conditions, (eps, data.delta)))
        assert_shows(ax, values)
        assert_shows(ax, data.everything)
        assert f"ε = {eps:g}, δ = 0.1" in ax.get_title(loc="left")


def test_figure_13_the_papers_families_overlap_at_every_degree():
    rivals = drawn("fig13_separation")[0].paper
    assert (rivals.eps0, rivals.eps1) == (0.05, 0.02)
    assert not rivals.separated.size
    assert (rivals.margin[1:] < -0.01).all()
    assert rivals.margin[0] == pytest.approx(0, abs=1e-12)
    # in print the two are apart from m = 5
    assert rivals.none.upper[4] == pytest.approx(0.34916, abs=1e-5)
    assert rivals.collapse.lower[4] == pytest.approx(0.31931, abs=1e-5)


def test_figure_13_the_other_families_separate_where_the_library_says():
    rivals = drawn("fig13_separation")[0].separating
    h1 = mc.PairClass(tau=0.11, collapse=(0.02, 0.1))
    h0 = mc.PairClass(tau=0.11, no_collapse=(0.06, 0.1), no_augmentation=(0.06, 0.1))
    certain = mc.separating_degrees(h1, h0, rivals.none.m)
    assert rivals.separated.tolist() == certain.tolist() == list(range(4, 17))
    # by far more than the search can be wrong, on both sides
    assert (abs(rivals.margin[1:]) > 1e-4).all()


def test_figure_13_shows_what_it_computes():
    data, figure = drawn("fig13_separation")
    for ax, rivals in zip(figure.axes, data, strict=False):
        none_at = (rivals.eps0, 0.1)
        assert_true_range(rivals.none, no_collapse=none_at, no_augmentation=none_at)
        assert_true_range(rivals.collapse, collapse=(rivals.eps1, 0.1))
        assert_shows(ax, rivals.none)
        assert_shows(ax, rivals.collapse)
        assert fig13_separation.verdict(rivals) in [text.get_text() for text in ax.texts]
        assert has_line(figure.axes[2], np.column_stack([rivals.none.m, rivals.margin]))
    assert fig13_separation.verdict(data.paper) == "overlap for all $m$ ≤ 20"
    assert fig13_separation.verdict(data.separating) == "separate for $m$ = 4…16"


# -- figure 14: Jensen–Shannon -------------------------------------------------------------------------


def test_figure_14_pairs_generators_of_equal_divergence():
    data, figure = drawn("fig14_jensen_shannon")
    assert isinstance(data, fig14_jensen_shannon.Data)
    first, second = data.toys
    assert first.region.divergence("js") == pytest.approx(second.region.divergence("js"), rel=1e-13)
    assert second.region.divergence("js") == pytest.approx(0.16396, abs=1e-5)
    assert first.edges[1] == pytest.approx(0.4001, abs=5e-5)
    for toy, tv, js in zip(data.toys, data.tv, data.js, strict=True):
        np.testing.assert_allclose(tv, mc.packed_tv(toy.region, data.m), rtol=1e-12)
        assert js[0] == pytest.approx(toy.region.divergence("js"), rel=1e-12)
        assert has_line(figure.axes[1], toy.region.vertices)
        assert has_line(figure.axes[2], np.column_stack([data.m, tv]))
        assert has_line(figure.axes[3], np.column_stack([data.m, js]))


def test_figure_14_corrects_the_printed_density_and_says_so():
    second = drawn("fig14_jensen_shannon")[0].toys[1]
    assert second.heights == pytest.approx((0.285, 3.5079), abs=5e-5)
    assert np.dot(second.heights, np.diff(second.edges)) == pytest.approx(1, abs=1e-15)
    assert np.dot((0.285, 3.479), np.diff(second.edges)) == pytest.approx(0.9936, abs=5e-5)
    for number in ("0.285", "0.77815", "3.5079", "3.479", "0.9936", "0.4001", "0.1640"):
        assert number in fig14_jensen_shannon.__doc__


def test_figure_14_packing_turns_the_order_as_the_caption_says():
    data, _ = drawn("fig14_jensen_shannon")
    assert data.tv[0][0] < data.tv[1][0]
    assert (data.tv[0][1:] > data.tv[1][1:]).all()
    assert (data.js[0][1:] > data.js[1][1:]).all()
    regions = [toy.region for toy in data.toys]
    assert not regions[0] <= regions[1]
    assert not regions[1] <= regions[0]


# -- the command ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["regimes", "fig14_jensen_shannon", "errata_theorem5"])
def test_a_png_has_the_pixels_that_matplotlib_gives_it(name, tmp_path):
    module, (data, _) = FIGURES[name], drawn(name)
    style.save(module.draw(data), tmp_path / "once.png")
    style.styled(module.draw(data).savefig)(tmp_path / "twice.png")
    once, twice = (imread(tmp_path / f"{times}.png") for times in ("once", "twice"))
    np.testing.assert_array_equal(once, twice)


@pytest.mark.parametrize(
    ("ending", "magic"),
    [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<?xml"), ("csv", b"toys[0].region.eps,")],
)
def test_the_command_writes_the_format_asked_for(ending, magic, tmp_path, capsys):
    for folder in ("one", "two"):
        assert main(["fig08", "--out", str(tmp_path / folder), "--format", ending]) == 0
    paths = [tmp_path / folder / f"fig08_toy_regions.{ending}" for folder in ("one", "two")]
    assert paths[0].read_bytes().startswith(magic)
    if ending != "svg":  # the ids of clip paths differ from run to run
        assert paths[0].read_bytes() == paths[1].read_bytes()
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("fig08_toy_regions ")
    assert first.endswith(f" s  {paths[0]}")
    assert second.endswith(str(paths[1]))


@pytest.mark.parametrize("names", [["fig08_toy_regions", "fig10_ranges"], slow(list(FIGURES))], ids=len)
def test_the_command_draws_all_and_prints_the_bounds(names, tmp_path, capsys, monkeypatch):
    there = {name: FIGURES[name] for name in names}
    monkeypatch.setattr("figures.__main__.discover", lambda: there)
    assert main(["--out", str(tmp_path)]) == 0
    assert {path.stem for path in tmp_path.iterdir()} == set(names)
    progress, _, report = capsys.readouterr().out.partition("\n\n")
    assert [line.split()[0] for line in progress.splitlines()] == names
    rows = [line.split() for line in report.splitlines()[-10:]]
    assert len({len(line) for line in report.splitlines()[-11:]}) == 1
    for m, row in enumerate(rows, 1):
        expected = (
            mc.paper.L(0.11, m),
            mc.paper.U(0.11, m),
            mc.paper.L1(0, 0.1, 0.11, m),
            mc.paper.U(0.11, m),
            mc.paper.L2(0.07, 0.1, 0.11, m),
            mc.paper.U1(0.07, 0.1, 0.11, m),
        )
        assert row == [str(m), *(f"{float(value):.6f}" for value in expected)]


@pytest.mark.parametrize("alias", ["fig09_packed_regions", "fig09", "09", "9", "packed_regions"])
def test_a_figure_answers_to_several_names(alias):
    assert list(select([alias], FIGURES)) == ["fig09_packed_regions"]


def test_names_given_twice_or_out_of_order_are_drawn_once_in_order():
    assert list(select(["14", "8", "fig14"], FIGURES)) == ["fig08_toy_regions", "fig14_jensen_shannon"]


def test_an_unknown_name_is_one_clear_line(tmp_path, capsys):
    assert main(["fig08", "fig99", "--out", str(tmp_path / "out")]) == 2
    captured = capsys.readouterr()
    assert not captured.out
    (line,) = captured.err.splitlines()
    assert "unknown figure 'fig99'" in line
    assert "fig08_toy_regions" in line
    assert not (tmp_path / "out").exists()


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path, capsys):
    (tmp_path / "file").write_text("")
    assert main(["8", "--out", str(tmp_path / "file")]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert "file" in line


def test_an_unknown_format_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["8", "--format", "bmp"])
    assert stop.value.code == 2
    assert "bmp" in capsys.readouterr().err


def test_the_module_runs_as_a_program(tmp_path):
    program = [sys.executable, "-m", "figures", "fig99", "--out", str(tmp_path / "out")]
    process = subprocess.run(program, capture_output=True, text=True, cwd=Path(figures.__file__).parents[1])
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr.startswith(
        f"python -m figures: unknown figure 'fig99'; choose from {next(iter(FIGURES))},"
    )


def test_after_training_the_arguments_are_those_of_training(capsys):
    pytest.importorskip("jax")
    with pytest.raises(SystemExit) as stop:
        main(["training", "fig08"])
    assert stop.value.code == 2
    assert "python -m figures training: error: " in capsys.readouterr().err
