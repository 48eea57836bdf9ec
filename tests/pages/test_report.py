"""The report: a well-formed page that stands alone, and says what the diagnosis says."""

from __future__ import annotations

import json
import math
import re
import subprocess
import sys
from base64 import b64decode
from html.parser import HTMLParser

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.brackets import Bracket
from modecollapse.pages import report
from modecollapse.pages import report_pictures as pictures
from modecollapse.pages import report_words as words
from modecollapse.samples import ModeReport, diagnose, from_counts, from_scores

VOID = {"meta", "link", "br", "hr", "img", "input"}

NAMES = ["owl", "cat", '<script>alert("1 & 2")</script>', "off mode"]
RNG = np.random.default_rng(5)
FOUND = {
    "missing": diagnose(from_counts([240, 260, 250, 5], [0, 350, 348, 2], NAMES)),
    "many missing": diagnose(from_counts([500] * 40, [0] * 5 + [571] * 35)),
    "excess": diagnose(from_counts([300] * 20, [250] * 10 + [350] * 10)),
    "equal": diagnose(from_counts([50, 50, 0], [48, 52, 0])),
    "few degrees": diagnose(from_counts([50, 50], [5, 95]), m=[1000, 3], eps=[0.05], level=0.9),
    "one degree": diagnose(from_counts([50, 50], [5, 95]), m=1),
    "scores": diagnose(from_scores(RNG.normal(1, 1, 1500), RNG.normal(0, 1, 2000)), m=range(1, 31)),
    "disjoint": diagnose(from_counts([50, 0], [0, 50])),
}


class Page(HTMLParser):
    """What a browser would make of a page: complete elements, texts, tables by class."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts = [], [], []
        self.tables, self.in_cell = [], False
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.elements.append((tag, dict(attributes)))
        assert len(dict(attributes)) == len(attributes)
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append((dict(attributes)["class"], []))
        elif tag == "tr":
            self.tables[-1][1].append([])
        elif tag in ("th", "td"):
            self.tables[-1][1][-1].append("")
            self.in_cell = True

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag
        if tag in ("th", "td"):
            self.in_cell = False

    def handle_data(self, data):
        self.texts.append((self.open[-1] if self.open else "", data))
        if self.in_cell and "svg" not in self.open:
            self.tables[-1][1][-1][-1] += data

    def table(self, name):
        """The rows under the heads of all tables of a class."""
        return [row for kind, rows in self.tables if name in kind.split() for row in rows[1:]]

    def all(self, tag, kind=None):
        """The attributes of all elements of a name and class."""
        return [found for name, found in self.elements if name == tag and kind in (None, found.get("class"))]

    def within(self, tag):
        return [text for name, text in self.texts if name == tag]


@pytest.fixture(params=FOUND, scope="module")
def found(request):
    return FOUND[request.param]


@pytest.fixture(scope="module")
def page(found):
    return Page(report.page(found, "modecollapse diagnose <a> & b"))


def numbers(text):
    return [float(part.replace("∞", "inf").replace("–", "nan")) for part in text.strip("[]").split(", ")]


def same(shown, *expected):
    """Texts show the values to their three digits."""
    shown = [value for text in shown for value in numbers(text)]
    assert shown == pytest.approx(expected, rel=5.1e-3, abs=1e-12, nan_ok=True)


# -- the page -------------------------------------------------------------------------------------------


def test_the_page_is_well_formed_and_its_ids_differ(page):
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids)) >= 3
    assert [tag for tag, _ in page.elements][:2] == ["html", "head"]
    assert len(page.all("h1")) == 1


def test_the_page_refers_to_nothing_outside(found):
    text = re.sub('base64,[^"]*', "", report.page(found, "modecollapse"))
    assert not re.search(r"https?:|//|@import|url\(|<script|<link|<img", text)
    for _, attributes in Page(text).elements:
        assert "src" not in attributes
        assert attributes.get("href", "data:").startswith("data:")
    assert "default-src 'none'" in text


def test_the_same_samples_give_the_same_bytes(found, tmp_path):
    first = report.write(found, tmp_path / "a.html", "command").read_bytes()
    assert first == report.write(found, tmp_path / "b.html", "command").read_bytes()


def test_the_numbers_are_in_the_page_in_full(found, page):
    (link,) = page.all("a")
    content = b64decode(link["href"].removeprefix("data:application/json;base64,"), validate=True)
    assert json.loads(content) == found.to_dict()


def test_parameters_and_versions_are_given(found, page):
    given = dict(zip(page.within("dt"), page.within("dd"), strict=True))
    assert (int(given["real samples"]), int(given["generated samples"])) == found.sizes
    assert float(given["level"]) == found.level
    assert given["command"] == "modecollapse diagnose <a> & b"
    for name, number in {"modecollapse": mc.__version__, "numpy": np.__version__}.items():
        assert f"{name} {number}" in given["versions"]
    assert "command" not in Page(report.page(found)).within("dt")


def test_names_of_modes_are_escaped():
    page = Page(report.page(FOUND["missing"]))
    assert [row[0] for row in page.table("modes")] == [mode.name for mode in FOUND["missing"].modes]
    assert not page.all("script")


# -- tables ---------------------------------------------------------------------------------------------


def test_the_curve_is_that_of_the_diagnosis(found, page):
    assert len(page.table("collapse")) == len(found.collapse)
    for row, at in zip(page.table("collapse"), found.collapse, strict=True):
        same(row, at.eps, at.delta, *at.interval)


def test_the_packed_table_is_that_of_the_diagnosis(found, page):
    assert len(page.table("packed")) == len(found.packed)
    for row, at in zip(page.table("packed"), found.packed, strict=True):
        assert int(row[0]) == at.m
        same(row[1:4], at.tv, *at.interval, *at.theory)
        assert row[4] == ("" if at.position is None else f"{at.position:.2f}")


def test_the_modes_are_those_of_the_diagnosis_in_its_order(found, page):
    assert len(page.table("modes")) == len(found.modes)
    assert ("modes" in [section.get("id") for section in page.all("section")]) == bool(found.modes)
    for row, mode in zip(page.table("modes"), found.modes, strict=True):
        name, verdict, picture, ratio, interval, real, generated, *shares = row
        assert (name, picture) == (mode.name, "")
        assert verdict == ("missing" if mode.is_missing else "depleted" if mode.is_depleted else "")
        assert (int(real), int(generated)) == (mode.real_count, mode.generated_count)
        same([ratio, interval, *shares], mode.ratio, *mode.ratio_interval, *mode.real, *mode.generated)


def test_many_modes_fold_away():
    page = Page(report.page(FOUND["many missing"]))
    assert page.within("summary") == [f"{40 - report.MODES_SHOWN} more"]
    assert len(page.table("modes")) == 40


# -- pictures -------------------------------------------------------------------------------------------


def points(path):
    """The corners of a path of straight lines, in the unit square."""
    corners = np.array([list(map(float, pair.split())) for pair in path.strip("MZ").split("L")])
    return (corners - [pictures.LEFT, pictures.TOP + pictures.SIDE]) * [1, -1] / pictures.SIDE


def on_boundary(shown, region):
    """Corners lie on the boundary to a hundredth of a pixel, and leave out no corner by a pixel."""
    hundredth = 0.0051 / pictures.SIDE
    for x, y in shown:
        nearest = np.abs(region.vertices - [x, y]).max(axis=1).min()
        assert nearest <= 1.1 * hundredth
    for corner in region.vertices:
        assert np.abs(shown - corner).max(axis=1).min() <= 1.1 / pictures.SIDE


def test_the_region_is_drawn_with_its_band(found, page):
    certain, possible = (page.all("path", kind)[0]["d"] for kind in ("certain", "possible"))
    plug_in, _ = page.all("path", "plug-in")
    on_boundary(points(certain), found.confidence_band.inner)
    on_boundary(points(plug_in["d"]), found.region)
    drawn = points(possible)
    inner = points(certain)
    on_boundary(drawn[: -len(inner)], found.confidence_band.outer)
    assert drawn[-len(inner) :].tolist() == inner[::-1].tolist()


def test_the_points_of_both_curves_are_drawn(found, page):
    dots = np.array([[float(dot["cx"]), float(dot["cy"])] for dot in page.all("circle", "dot")])
    drawn = (dots - [pictures.LEFT, pictures.TOP + pictures.SIDE]) * [1, -1] / pictures.SIDE
    rows = sorted(found.packed)
    expected = [(at.eps, at.delta) for at in found.collapse]
    expected += [((i + 0.5) / len(rows), row.tv) for i, row in enumerate(rows)]
    assert drawn == pytest.approx(np.array(expected), abs=0.01 / pictures.SIDE)


def test_the_packed_curve_is_drawn_in_its_range(found, page):
    rows = sorted(found.packed)
    across = (np.arange(len(rows)) + 0.5) / len(rows)
    drawn = points(page.all("path", "range")[0]["d"])
    upper = np.column_stack([across, [row.theory.upper for row in rows]])
    lower = np.column_stack([across, [row.theory.lower for row in rows]])
    assert drawn == pytest.approx(np.vstack([upper, lower[::-1]]), abs=0.01 / pictures.SIDE)
    lines = [whisker["d"] for whisker in page.all("path", "whisker")]
    ends = [re.findall(r" ([\d.]+)h8.*V([\d.]+)m", line)[0] for line in lines]
    heights = (pictures.TOP + pictures.SIDE - np.array(ends, dtype=float)) / pictures.SIDE
    assert heights == pytest.approx(np.array([row.interval for row in rows]), abs=0.01 / pictures.SIDE)


def test_both_frames_are_labelled_where_their_values_are(found, page):
    rows = sorted(found.packed)
    step = math.ceil(len(rows) / pictures.MOST_TICKS)
    quarters = {f"{value:g}": value for value in (0, 0.25, 0.5, 0.75, 1)}
    degrees = {str(row.m): (i + 0.5) / len(rows) for i, row in enumerate(rows) if i % step == 0}
    left, bottom = pictures.LEFT, pictures.TOP + pictures.SIDE
    labels = zip(page.all("text"), page.within("text"), strict=True)
    for grid, ticks, x_label, y_label in zip(
        page.all("path", "grid"),
        (quarters, degrees),
        ("generated mass ε", "packing degree m"),
        ("real mass δ", "total variation"),
        strict=True,
    ):
        lines = [float(y) for y in re.findall(rf"M{left} ([\d.]+)h{pictures.SIDE}", grid["d"])]
        assert [(bottom - y) / pictures.SIDE for y in lines] == list(quarters.values())
        marks = [float(x) for x in re.findall(rf"M([\d.]+) {bottom}v4", grid["d"])]
        assert marks == pytest.approx([left + pictures.SIDE * x for x in ticks.values()], rel=1e-5)
        for text, line in zip(quarters, lines, strict=True):
            place, said = next(labels)
            assert (said, place["text-anchor"], float(place["x"]) < left) == (text, "end", True)
            assert line < float(place["y"]) < line + 6  # half the height of a digit below the line
        for text, mark in zip(ticks, marks, strict=True):
            place, said = next(labels)
            assert (said, float(place["x"]), place["text-anchor"]) == (text, mark, "middle")
            assert bottom + 10 < float(place["y"]) < bottom + 20
        place, said = next(labels)
        assert (said, float(place["x"])) == (x_label, left + pictures.SIDE / 2)
        assert bottom + 30 < float(place["y"]) < pictures.HEIGHT
        place, said = next(labels)
        assert (said, place["transform"]) == (
            y_label,
            f"translate(10 {bottom - pictures.SIDE / 2:g}) rotate(-90)",
        )
    assert [said for _, said in labels] == ["0", "¼", "1", "4", "∞"] * len(page.all("table", "modes cards"))


def test_degrees_are_labelled_few_enough_to_read():
    texts = Page(report.page(FOUND["scores"])).within("text")
    assert [text for text in texts if text in map(str, range(2, 31))] == [str(m) for m in range(4, 29, 3)]


def test_a_ratio_stands_between_0_and_infinity_with_1_in_the_middle():
    share = Bracket(0.1, 0.2)
    for ratio, interval, place in [
        (0.0, Bracket(0.0, 0.5), 6),
        (1.0, Bracket(0.5, math.inf), pictures.BAR / 2),
        (3.0, Bracket(0.5, 8), 6 + 0.75 * (pictures.BAR - 12)),
        (math.inf, Bracket(1, math.inf), pictures.BAR - 6),
    ]:
        page = Page(pictures.ratio(ModeReport("a", 1, 1, share, share, ratio, interval, False, False)))
        assert float(page.all("circle")[0]["cx"]) == pytest.approx(place)
        low, high = re.findall(r"[\d.]+(?= 9|$)", page.all("path", "interval")[0]["d"])
        assert float(low) <= place <= float(high)
    texts = Page(pictures.ratio_axis())
    places = [float(text["x"]) for text in texts.all("text")]
    shares = [0, 0.2, 0.5, 0.8, 1]  # r/(1+r) of 0, 1/4, 1, 4 and ∞
    assert texts.within("text") == ["0", "¼", "1", "4", "∞"]
    assert places == pytest.approx([6 + share * (pictures.BAR - 12) for share in shares])
    unknown = ModeReport("a", 0, 0, share, share, math.nan, Bracket(0, math.inf), False, False)
    assert not Page(pictures.ratio(unknown)).all("circle")


def test_modes_that_are_missing_or_depleted_are_marked(found, page):
    marked = [picture["class"] for picture in page.all("svg") if "class" in picture]
    assert marked == [
        "short" if mode.is_missing or mode.ratio_interval.upper < 1 else "fair" for mode in found.modes
    ]


# -- words ----------------------------------------------------------------------------------------------


def said(name):
    page = Page(report.page(FOUND[name]))
    return page.within("h1")[0], " ".join(page.within("li")), page.within("p")[1]


def test_a_missing_mode_heads_the_page():
    headline, items, summary = said("missing")
    found = FOUND["missing"]
    owl = found.modes[0]
    assert headline == "Collapse is certain at (ε, δ) = (0.005, 0.05); mode “owl” is missing"
    assert f"“owl” gets at most {words.at_most(owl.ratio_interval.upper)} of its share" in items
    assert "(240 of 755 real samples, 0 of 700 generated)" in items
    assert f"at most {words.at_most(owl.generated.upper)}." in items
    eps, delta = words._certified_set(found)
    assert delta - eps == pytest.approx(found.tv_interval.lower)
    assert f"at least {words.at_least(delta)} of the real data and at most {words.at_most(eps)}" in summary


def test_several_depleted_modes_are_counted():
    headline, items, _ = said("many missing")
    assert headline == (
        "Collapse is certain at (ε, δ) = (0.005, 0.05); 5 modes (“mode 0”, “mode 1”, “mode 2”, …) are missing"
    )
    assert "2 more modes get less than the real share." in items
    assert "“mode 0”, “mode 1”, “mode 2” and 2 more" in items


@pytest.mark.parametrize("name", ["excess", "scores"])
def test_laws_can_differ_without_collapse_or_a_mode_to_blame(name):
    found = FOUND[name]
    assert found.tv_interval.lower > 0
    assert not any(mode.is_depleted for mode in found.modes)
    assert said(name)[0] == "The laws differ, unevenly: no collapse at (ε, δ) = (0.005, 0.05) is certain"


def test_absence_is_never_certified():
    headline, items, summary = said("equal")
    assert headline == "No difference is certain"
    assert "Nothing: equal laws could have given these samples." in items
    assert "That does not prove that real and generated data agree." in summary
    for name, found in FOUND.items():
        items = said(name)[1]
        assert "never its absence" in items
        certain = found.tv_interval.lower > 0
        assert ("That there is no other collapse." in items, "That there is no collapse." in items) == (
            certain,
            not certain,
        )


@pytest.mark.parametrize("name", FOUND)
def test_the_degree_that_doubles_is_said(name):
    found = FOUND[name]
    notes = [text for text in Page(report.page(found)).within("p") if "twice" in text]
    expected = f"From m = {found.doubling_degree} on,"
    assert [note[: len(expected)] for note in notes] == [expected] * (found.doubling_degree is not None)


@given(st.floats(0, 1))
def test_sentences_round_to_the_safe_side(share):
    low, high = (float(text(share).removesuffix("%")) / 100 for text in (words.at_least, words.at_most))
    assert low <= share * (1 + 1e-15)
    assert share <= high * (1 + 1e-15)
    assert high - low <= 0.0101 * share


def test_the_report_needs_no_plotting_library():
    program = (
        "import sys; sys.modules['matplotlib'] = None\n"
        "from modecollapse.pages import report\n"
        "from modecollapse.samples import diagnose, from_counts\n"
        "print(len(report.page(diagnose(from_counts([50, 50], [90, 10]), m=[1, 2]))))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert int(done.stdout) > 5000
