"""Results in a notebook: every one has a short line and a small page of its own, with the right numbers."""

from __future__ import annotations

import importlib
import inspect
import json
import pickle
import pkgutil
import re
from xml.etree import ElementTree

import numpy as np
import pytest

import modecollapse as mc
from modecollapse import notebook, plotting, samples, svg
from modecollapse.curves import drawing
from modecollapse.table import Table
from modecollapse.targets import ring
from modecollapse.values import Value

COUNTS = samples.from_counts(
    [100, 110, 90, 100, 100], [0, 130, 120, 125, 125], names=["a<b", "c", "d", "e", "f"]
)
MANY = samples.from_counts(np.full(1000, 10), np.full(1000, 11))
SCORES = samples.from_scores(np.arange(400) / 400, np.arange(400) / 500)
H1 = mc.PairClass(tau=0.11, collapse=(0.02, 0.1))
H0 = mc.PairClass(tau=0.11, no_collapse=(0.06, 0.1), no_augmentation=(0.06, 0.1))

RESULTS = {
    "band": lambda: mc.tv_band(0.11, range(1, 31)),
    "band at one m": lambda: mc.tv_band(0.11, 3),
    "band that is one number": lambda: mc.tv_band(0.0, [1, 2]),
    "band with infinite ends": lambda: mc.tv_band(0.11, [1, 2], divergence="kl"),
    "band at no m in order": lambda: mc.tv_band(0.11, [3, 1, 2]),
    "bracket": lambda: COUNTS.confidence_band(),
    "separation": lambda: mc.separating_degrees(H1, H0, range(1, 8)),
    "no separation": lambda: mc.separating_degrees(H1, H0, [1, 2]),
    "products": lambda: mc.product_band([0.1, 0.3]),
    "diagnosis": lambda: samples.diagnose(COUNTS),
    "diagnosis of scores": lambda: samples.diagnose(SCORES),
    "diagnosis with a known target": lambda: samples.diagnose(
        samples.from_counts(target=[0.5, 0.5], generated=[3, 97])
    ),
    "comparison": lambda: samples.compare({"one": COUNTS, "two": COUNTS}),
    "comparison of one": lambda: samples.compare({"one": COUNTS}),
    "counts": lambda: COUNTS,
    "counts of many modes": lambda: MANY,
    "counts with a known target": lambda: samples.from_counts(target=[0.5, 0.5], generated=[3, 1]),
    "precision and recall": lambda: mc.curves.precision_recall(([0.5, 0.5], [0.9, 0.1])),
    "frontier with infinite ends": lambda: mc.curves.frontier(([0.5, 0.5], [1, 0])),
    "precision at one slope": lambda: mc.curves.precision_recall(([0.5, 0.5], [0.9, 0.1]), 1.0),
    "bracket of curves": lambda: mc.curves.precision_recall(COUNTS.confidence_band()),
    "bracket of one coordinate": lambda: mc.curves.trade_off(COUNTS.confidence_band(), [0, 0.5]),
    "bracket of no entries": lambda: mc.curves.trade_off(COUNTS.confidence_band(), []),
    "table": lambda: mc.table.Table({"m": range(100), "x": np.linspace(0, 1, 100)}),
}
SHORT = {
    **RESULTS,
    "region": lambda: mc.Region.from_pmfs(*np.random.default_rng(0).dirichlet(np.ones(1000), 2)),
    "scores": lambda: SCORES,
    "log ratios": lambda: samples.from_log_ratios([0.5, 1.5, 0.0], [0.0, -0.5, 1.0]),
    "folds": lambda: samples.cross_fit(
        np.arange(40.0), np.arange(40.0) + 5, lambda rows, labels: lambda points: points[:, 0]
    ),
    "groups": lambda: samples.from_groups([*"abcd"] * 99, [*"abca"] * 99, range(396), range(396)),
    "mixture": ring,
}


@pytest.mark.parametrize("name", SHORT)
def test_every_result_has_a_short_line(name):
    line = repr(SHORT[name]())
    assert len(line) < 250
    assert "array(" not in line
    assert "\n" not in line


@pytest.mark.parametrize("name", RESULTS)
def test_every_result_has_a_small_page(name):
    page = RESULTS[name]()._repr_html_()
    assert len(page) < 25_000
    ElementTree.fromstring(f"<body>{page}</body>")  # well-formed, with all text escaped
    assert "nan" not in page.lower()


@pytest.mark.parametrize("name", RESULTS)
def test_a_page_has_a_picture_where_there_is_one(name):
    page = RESULTS[name]()._repr_html_()
    without = {"band with infinite ends", "table", "bracket of no entries"}
    assert ("<svg" in page) == (name not in without)


def cells(page: str) -> list[list[str]]:
    body = ElementTree.fromstring(f"<body>{page}</body>")
    return [["".join(cell.itertext()) for cell in row] for row in body.iter("tr")]


def test_a_band_shows_its_table_and_its_range():
    band = mc.tv_band(0.11, [3, 1, 2])
    page = band._repr_html_()
    header, *rows = cells(page)
    assert header == ["m", "lower", "upper", "gap"]
    assert [row[0] for row in rows] == ["3", "1", "2"]
    assert "<title>total variation at m from 1 to 3, between 0.11 and 0.295031</title>" in page


def test_a_bracket_shows_both_ends():
    bracket = COUNTS.confidence_band()
    rows = {name: values for name, *values in cells(bracket._repr_html_())}
    assert [float(value) for value in rows["total variation"]] == pytest.approx(
        bracket.divergence("tv"), rel=1e-5
    )
    assert float(rows["Lévy distance"][0]) == pytest.approx(bracket.width, rel=1e-2)


def test_a_curve_shows_entries_from_end_to_end():
    curve = mc.curves.precision_recall(([0.5, 0.5], [0.9, 0.1]))
    header, *rows = cells(curve._repr_html_())
    assert header == ["entry", "precision", "recall"]
    assert [int(row[0]) for row in rows] == list(range(0, 1001, 125))
    for place, precision, recall in rows:
        assert [float(precision), float(recall)] == pytest.approx(
            [curve.precision[int(place)], curve.recall[int(place)]], rel=1e-5
        )
    assert "992 more entries" in curve._repr_html_()
    assert repr(curve).startswith("<PrecisionRecall of 1001 entries: precision from ")


def test_a_bracket_of_curves_names_both_ends_of_each_coordinate():
    bracket = mc.curves.precision_recall(COUNTS.confidence_band(), [0.5, 1, 2])
    header, *rows = cells(bracket._repr_html_())
    assert header == ["entry", "lower precision", "upper precision", "lower recall", "upper recall"]
    for place, *shown in rows:
        ends = [end[int(place)] for both in zip(*bracket, strict=True) for end in both]
        assert [float(value) for value in shown] == pytest.approx(ends, rel=1e-5)


def test_the_picture_of_curves_has_their_points():
    points = np.array([[0.0, 2.0], [np.inf, 1.0], [0.25, 1.0], [0.5, 0.0]])
    root = ElementTree.fromstring(svg.curves_svg([points, points / 2], "p < q", "y"))
    name = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{name}title").text == "y, up to 2, against p < q, up to 0.5"
    first, second = (to_points(path.attrib["d"]) for path in root.find(f"{name}g").iter(f"{name}path"))
    kept = points[[0, 2, 3]]
    expected = np.column_stack(
        [svg.MARGIN + svg.WIDTH * kept[:, 0] / 0.5, svg.TOP + svg.HEIGHT * (1 - kept[:, 1] / 2)]
    )
    np.testing.assert_allclose(first, expected, atol=0.006)
    corner = np.array([svg.MARGIN, svg.TOP + svg.HEIGHT])
    np.testing.assert_allclose(second, (expected + corner) / 2, atol=0.006)


def test_a_comparison_draws_the_interval_of_each_generator():
    comparison = samples.compare({"one <": COUNTS, "a name that is too long to be shown": COUNTS})
    page = comparison._repr_html_()
    body = ElementTree.fromstring(f"<body>{page}</body>")
    name = "{http://www.w3.org/2000/svg}"
    dots = [float(dot.attrib["cx"]) for dot in body.iter(f"{name}circle")]
    value = comparison.diagnoses[0].region.total_variation
    assert dots == pytest.approx([svg.NAME_ROOM + svg.WIDTH * value] * 2, abs=0.006)
    starts = [path.attrib["d"] for path in body.iter(f"{name}path") if "H" in path.attrib["d"]][1:]
    lower, upper = comparison.diagnoses[0].tv_interval
    ends = [float(end) for end in re.fullmatch(r"M(\S+) \S+H(\S+)", starts[0]).groups()]
    assert ends == pytest.approx([svg.NAME_ROOM + svg.WIDTH * end for end in (lower, upper)], abs=0.006)


def test_a_diagnosis_begins_with_its_verdict():
    found = samples.diagnose(COUNTS)
    page = found._repr_html_()
    assert page.startswith(notebook.words(f"{found.verdict.headline}."))
    assert "a&lt;b" in page


def test_a_separation_names_runs_of_degrees_and_says_why_there_are_none():
    some = dict(cells(RESULTS["separation"]()._repr_html_()))
    assert some["separating m"] == "4–7"
    none = RESULTS["no separation"]()
    assert dict(cells(none._repr_html_()))["separating m"] == "none"
    assert notebook.words(none.why) in none._repr_html_()


def test_long_lists_of_modes_are_cut_with_their_number():
    page = MANY._repr_html_()
    assert page.count("<tr>") == 11
    assert "990 more modes" in page


def to_points(path: str) -> np.ndarray:
    return np.array([[float(v) for v in point.split()] for point in path.strip("MZ").split("L")])


def test_the_picture_of_a_range_has_its_ends():
    m, lower, upper = [1, 2, 4], [0.1, 0.2, 0.3], [0.1, 0.5, 0.9]
    root = ElementTree.fromstring(svg.range_svg(m, lower, upper, "p < q"))
    name = "{http://www.w3.org/2000/svg}"
    assert root.find(f"{name}title").text == "p < q at m from 1 to 4, between 0.1 and 0.9"
    below, above = (to_points(path.attrib["d"]) for path in root.find(f"{name}g").iter(f"{name}path"))
    for drawn, end in ((below, lower), (above, upper)):
        x = svg.MARGIN + svg.WIDTH * (np.array(m) - 1) / 3
        y = svg.TOP + svg.HEIGHT * (0.9 - np.array(end)) / 0.8
        np.testing.assert_allclose(drawn, np.column_stack([x, y]), atol=0.006)


def test_the_picture_of_a_range_at_one_degree_is_a_line_between_two_points():
    root = ElementTree.fromstring(svg.range_svg([3], [0.1], [0.3], "distance"))
    name = "{http://www.w3.org/2000/svg}"
    (line,) = root.find(f"{name}g").iter(f"{name}path")
    middle = svg.MARGIN + svg.WIDTH / 2
    assert to_points(line.attrib["d"]).tolist() == [[middle, svg.TOP + svg.HEIGHT], [middle, svg.TOP]]
    assert len([*root.iter(f"{name}circle")]) == 2


def test_the_picture_of_a_bracket_has_both_boundaries():
    inner, outer = mc.Region.from_pmfs([0.6, 0.4], [0.4, 0.6]), mc.Region.from_pmfs([0.8, 0.2], [0.2, 0.8])
    root = ElementTree.fromstring(
        svg.bracket_svg([inner.vertices], [outer.vertices], (0.2, 0.6), "Two regions")
    )
    paths = [path.attrib["d"] for path in root.iter("{http://www.w3.org/2000/svg}path")]
    for path, region in zip(paths[-2:], (outer, inner), strict=True):
        x, y = region.vertices.T
        expected = np.column_stack([svg.LEFT + svg.SIDE * x, svg.TOP + svg.SIDE * (1 - y)])
        np.testing.assert_allclose(to_points(path), expected, atol=0.006)


def test_the_picture_of_a_product_has_every_factor_at_both_ends():
    products = mc.product_band([0.1, 0.3, 0.3])
    page = ElementTree.fromstring(f"<body>{products._repr_html_()}</body>")
    *_, around, within = (path.attrib["d"] for path in page.iter("{http://www.w3.org/2000/svg}path"))
    for path, regions in ((within, products.lower_regions), (around, products.upper_regions)):
        drawn = [to_points(part) for part in path.split("M")[1:]]
        assert len(drawn) == 3
        for points, region in zip(drawn, regions, strict=True):
            x, y = region.vertices.T
            expected = np.column_stack([svg.LEFT + svg.SIDE * x, svg.TOP + svg.SIDE * (1 - y)])
            np.testing.assert_allclose(points, expected, atol=0.006)


def test_the_picture_of_a_curve_of_one_coordinate_has_both_ends_at_each_entry():
    bracket = mc.curves.trade_off(COUNTS.confidence_band(), [0, 0.25, 1])
    page = ElementTree.fromstring(f"<body>{bracket._repr_html_()}</body>")
    lines = [path.attrib["d"] for path in page.iter("{http://www.w3.org/2000/svg}path")][1:]
    most = bracket.upper.max()
    for path, end in zip(lines, bracket, strict=True):
        x = svg.MARGIN + svg.WIDTH * np.arange(3) / 2
        y = svg.TOP + svg.HEIGHT * (1 - end / most)
        np.testing.assert_allclose(to_points(path), np.column_stack([x, y]), atol=0.006)


@pytest.mark.parametrize("places", [[], [0.5]])
def test_fewer_than_two_entries_are_no_curve(places):
    assert "<svg" not in mc.curves.trade_off(COUNTS.confidence_band(), np.array(places))._repr_html_()


def drawable() -> dict[str, type]:
    """The classes of results that have a picture of their own, or regions that can be drawn."""
    parts = pkgutil.walk_packages(mc.__path__, "modecollapse.", onerror=lambda _: None)
    names = (part.name for part in parts if not part.name.startswith(("modecollapse.gan", "modecollapse.__")))
    marks = "_repr_svg_", "_repr_html_", "region", "confidence_band", "lower_regions"
    return {
        one.__name__: one
        for module in map(importlib.import_module, names)
        for name, one in vars(module).items()
        if inspect.isclass(one) and one.__module__ == module.__name__ and not name.startswith("_")
        if issubclass(one, Value) or hasattr(one, "_repr_html_") or hasattr(one, "_repr_svg_")
        if one is not Table and any(mark in {*dir(one), *one.__annotations__} for mark in marks)
    }


def test_every_result_that_can_be_drawn_says_how():
    found = drawable()
    assert {"Region", "Band", "CurveBracket", "ModeCounts", "FoldedScores", "Optimum"} <= set(found)
    for name, one in found.items():
        functions = re.findall(r"draw_\w+", one.__doc__)
        assert functions or "`modecollapse.curves.drawing`" in one.__doc__, name
        for function in functions:
            assert hasattr(plotting, function) or hasattr(drawing, function), (name, function)


def places(path: str) -> list[float]:
    """The abscissas of dots, as shares of the line."""
    return [(float(x) - svg.ROW) / (svg.WIDTH + svg.ROW) for x in re.findall(r"M(\S+) \S+h0", path)]


def test_the_picture_of_degrees_has_a_dot_for_each_of_its_kind():
    root = ElementTree.fromstring(svg.degrees_svg([5, 1, 2, 3, 4, 2], [4, 5], [3]))
    no, unknown, yes = (path.attrib["d"] for path in root.iter("{http://www.w3.org/2000/svg}path"))
    assert [places(path) for path in (no, unknown, yes)] == [[0, 0.25], [0.5], [0.75, 1]]
    words = "".join("".join(text.itertext()) for text in root.iter("{http://www.w3.org/2000/svg}text"))
    assert all(word in words for word in ("● separate", "● undecided", "● not separated"))
    none = ElementTree.fromstring(svg.degrees_svg([7], [], []))
    (dot,) = (path.attrib["d"] for path in none.iter("{http://www.w3.org/2000/svg}path"))
    assert places(dot) == [0.5]
    assert len(svg.degrees_svg(range(1, 10**5), range(1, 10**5, 2), [])) < 8000


# -- other forms ------------------------------------------------------------------------------------------


def test_bands_as_frames_and_latex():
    band = mc.tv_band(0.11, [1, 2, 3], no_collapse=(0, 0.1), no_augmentation=(0, 0.1))
    frame = band.to_frame()
    assert frame.to_dict("list") == band.to_dict()
    lines = band.to_latex().splitlines()
    assert lines[0] == r"\begin{tabular}{rlll}"
    assert lines[2] == r"m & lower & upper & gap \\"
    assert lines[4].startswith("1 & min 0.11 & max 0.11 & $")
    assert lines[-1] == r"\end{tabular}"


def test_latex_escapes_what_it_would_take_for_a_command():
    table = mc.table.Table({"a_b": ["50 % & #1 {x} ~ ^ \\ $", "ε ∞"], "x": [1.5e-7, -2e12], "y": [-1.0, 2.0]})
    text = table.to_latex()
    assert r"a\_b & x & y \\" in text
    assert r"50 \% \& \#1 \{x\} \textasciitilde{} \textasciicircum{} \textbackslash{} \$" in text
    assert r"$\varepsilon$ $\infty$" in text
    assert r"$1.5 \times 10^{-7}$ & $-1$ \\" in text
    assert r"$-2 \times 10^{12}$ & 2 \\" in text
    assert not re.search(r"(?<!\\)[%#]", text)


def test_results_as_plain_values():
    region = mc.Region.from_pmfs([0.2, 0.8], [0, 1])
    bracket = mc.RegionBracket(region, region)
    assert json.loads(json.dumps(bracket.to_dict())) == {"inner": region.to_dict(), "outer": region.to_dict()}
    assert mc.Region.from_pmfs(**region.to_dict()) == region
    products = mc.product_band([0.1, 0.3])
    plain = json.loads(json.dumps(products.to_dict()))
    assert (plain["taus"], plain["lower"], plain["upper"]) == ([0.1, 0.3], products.lower, products.upper)
    for name, make in RESULTS.items():
        if name != "counts of many modes":
            assert pickle.loads(pickle.dumps(make()))._repr_html_() == make()._repr_html_()


EVIDENCE = {
    "counts": lambda: COUNTS,
    "cells": lambda: samples.from_features(
        *np.random.default_rng(3).normal(size=(2, 60, 2)), cells=3, seed=0
    ),
    "known target": lambda: samples.from_counts(target=[0.25, 0.75], generated=[3, 1]),
    "groups": lambda: samples.from_groups(["a", "b", "a"], ["b", "b", "a"], [0, 0, 1], [0, 1, 1]),
    "scores": lambda: samples.from_scores([0.5, 0.25, 0.5], [0.25, 0.125]),
    "folds": lambda: SHORT["folds"](),
}


@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence_is_passed_on_as_plain_lists(name):
    evidence = EVIDENCE[name]()
    plain = json.loads(json.dumps(evidence.to_dict()))
    for part, counted in zip(
        plain.get("folds", [plain]), getattr(evidence, "folds", [evidence]), strict=True
    ):
        assert part["generated"] == counted.generated.tolist()
        real = getattr(counted, "real", None)
        assert part.get("real") == (None if real is None else real.tolist())
    if isinstance(evidence, samples.ModeCounts | samples.TargetCounts):
        again = samples.from_counts(**plain)
        assert (again.region, again.names) == (evidence.region, evidence.names)
