"""The page of all figures: its form as HTML, its numbers against the library, its looks in a browser."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from base64 import b64decode
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import matplotlib.patches
import numpy as np
import pytest
from effort import slow
from matplotlib.figure import Figure
from matplotlib.text import Annotation

import figures
import modecollapse as mc
from figures import fig10_ranges
from figures.__main__ import main
from figures.parts import page, table

FIGURES = figures.discover()
VOID = {"img", "meta", "link", "br", "hr", "input", "source", "wbr", "col"}
SOME = ["errata_theorem4", "fig08_toy_regions", "fig09_packed_regions", "fig10_ranges", "separation_map"]
"""Figures of each kind: curves, regions, maps, and both with and without a number."""

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Element(NamedTuple):
    tag: str
    attributes: dict[str, str | None]
    within: tuple[str, ...]


class Reader(HTMLParser):
    """Elements and text of a page whose tags balance; an AssertionError where they do not."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        assert len(attributes) == len(attrs), f"{tag} has an attribute twice"
        self.elements.append(Element(tag, attributes, tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, f"</{tag}> closes another element"

    def handle_data(self, data):
        self.texts.append(data)

    def attributes(self, tag: str, name: str) -> list[str]:
        return [e.attributes[name] for e in self.elements if e.tag == tag and name in e.attributes]

    @property
    def text(self) -> str:
        return " ".join("".join(self.texts).split())


def decoded(uri: str) -> str:
    return b64decode(uri.partition(";base64,")[2], validate=True).decode()


def rows(numbers: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(numbers)))


def points(table_rows, panel: str, series: str) -> np.ndarray:
    """x and y of a series, the panel known by its letter."""
    chosen = [row for row in table_rows if row["panel"].startswith(panel) and row["series"] == series]
    return np.array([[float(row["x"]), float(row["y"])] for row in chosen])


@pytest.fixture(scope="module", params=[SOME, slow(list(FIGURES))], ids=["some", "all"])
def names(request) -> list[str]:
    """The figures on the page."""
    return request.param


@pytest.fixture(scope="module")
def whole(names, tmp_path_factory) -> str:
    folder = tmp_path_factory.mktemp("page")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("figures.__main__.discover", lambda: {name: FIGURES[name] for name in names})
        assert main(["--html", "--out", str(folder)]) == 0
    assert [path.name for path in folder.iterdir()] == ["index.html"]
    return (folder / "index.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def reader(whole) -> Reader:
    return Reader(whole)


def numbers_of(name: str) -> list[dict[str, str]]:
    return rows(page.entry(name, FIGURES[name]).numbers)


# -- the page ------------------------------------------------------------------------------------------


def test_every_figure_is_on_the_page_those_of_the_paper_first(reader, names):
    shown = [name for name in reader.attributes("section", "id") if name != "bounds"]
    numbered = [name for name in names if name.startswith("fig")]
    assert shown == numbered + [name for name in names if name not in numbered]
    assert len(reader.attributes("img", "src")) == len(names)


def test_ids_are_unique_and_every_link_within_the_page_has_its_target(reader):
    ids = [e.attributes["id"] for e in reader.elements if "id" in e.attributes]
    assert len(ids) == len(set(ids))
    inside = [link for link in reader.attributes("a", "href") if link.startswith("#")]
    assert [link[1:] for link in inside] == ids


def test_the_page_has_the_caption_of_each_figure(reader, names):
    for name in names:
        title, _, body = FIGURES[name].__doc__.partition("\n")
        assert title.removesuffix(".") in reader.text
        assert " ".join(body.split()) in reader.text


def test_pictures_are_well_formed_and_described(reader):
    for element in (e for e in reader.elements if e.tag == "img"):
        assert element.attributes["src"].startswith("data:image/svg+xml;base64,")
        assert ElementTree.fromstring(decoded(element.attributes["src"])).tag.endswith("}svg")
        assert len(element.attributes["alt"]) > 20


def test_nothing_on_the_page_lies_elsewhere(reader, whole):
    pictures = [decoded(uri) for uri in reader.attributes("img", "src")]
    targets = [*reader.attributes("a", "href"), *reader.attributes("img", "src")]
    for picture in pictures:
        targets += re.findall(r'(?:href|src)="\s*([^"]*)"', picture)
        targets += re.findall(r"url\(([^)]*)\)", picture)
    assert all(target.startswith(("#", "data:")) for target in targets)
    assert not re.search(r"url\(|@import|//", page.FOLDER.joinpath("page.css").read_text(encoding="utf-8"))
    assert not {e.tag for e in reader.elements} & {"script", "link", "iframe", "object", "base", "form"}
    assert "http" not in re.sub(r'"data:[^"]*"', "", whole)


def test_the_page_has_the_table_of_bounds(reader):
    expected = table.bounds(fig10_ranges.compute())
    assert expected in "".join(reader.texts)


def test_the_page_says_what_it_was_made_with(reader):
    assert f"modecollapse {mc.__version__}" in reader.text


def test_a_page_of_some_figures_has_no_table(tmp_path, capsys):
    assert main(["9", "fig08", "--html", "--out", str(tmp_path)]) == 0
    some = Reader((tmp_path / "index.html").read_text(encoding="utf-8"))
    assert some.attributes("section", "id") == ["fig08_toy_regions", "fig09_packed_regions"]
    assert not [e for e in some.elements if e.tag == "pre"]
    *progress, last = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in progress] == ["fig08_toy_regions", "fig09_packed_regions"]
    assert last == str(tmp_path / "index.html")


def test_a_page_has_no_image_format(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["8", "--html", "--format", "svg"])
    assert stop.value.code == 2
    assert "not allowed with" in capsys.readouterr().err


def test_text_is_escaped():
    awkward = 'p < q & "r" <script>'
    entry = page.Entry("fig01_x", f"{awkward}.\n\n{awkward}", ((awkward, awkward),), 7, b"<svg/>", "x\n")
    made = Reader(page.render([entry], awkward))
    assert made.text.count(awkward) == 6
    assert made.attributes("img", "alt") == [awkward]
    assert "script" not in {e.tag for e in made.elements}


# -- the parameters ------------------------------------------------------------------------------------


class Inner(NamedTuple):
    region: mc.Region
    eps: float

    @property
    def double(self) -> float:
        return 2 * self.eps


class Outer(NamedTuple):
    both: tuple[Inner, ...]
    at: tuple[float, float]
    m: np.ndarray
    name: str


REGION = mc.Region.from_pmfs([0.2, 0.8], [0, 1])
OTHER = mc.Region.from_pmfs([0.5, 0.5], [0.3, 0.7])
DATA = Outer((Inner(REGION, 0.1), Inner(OTHER, 0.3)), (0.02, 0.1), np.arange(1, 11), "Q_1")


def test_the_parameters_are_named_as_one_writes_them():
    described = [(path, page.describe(value)) for path, value in page.leaves(DATA)]
    assert described == [
        ("both[0].region", "Region p=[0.2, 0.8] q=[0, 1]"),
        ("both[0].eps", "0.1"),
        ("both[0].double", "0.2"),
        ("both[1].region", "Region p=[0.5, 0.5] q=[0.3, 0.7]"),
        ("both[1].eps", "0.3"),
        ("both[1].double", "0.6"),
        ("at", "(0.02, 0.1)"),
        ("m", "10 values, 1 … 10"),
        ("name", ""),
    ]


def test_data_without_a_name_are_called_data():
    assert next(path for path, _ in page.leaves((DATA.both[0],))) == "data[0].region"
    assert list(page.leaves(0.5)) == [("data", 0.5)]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (np.float64(0.5), "0.5"),
        (np.array([[0.25, np.nan], [np.inf, 1]]), "2 × 2 values, 0.25 … 1"),
        (np.full(9, np.nan), "9 values"),
        (np.array([], dtype=int), "()"),
        ({"color": "red"}, ""),
        (("#ffffff", 1), ""),
    ],
    ids=str,
)
def test_numbers_are_described_and_nothing_else(value, expected):
    assert page.describe(value) == expected


def test_the_page_shows_constants_and_data(whole):
    for path, text in (
        ("EXAMPLE", "(0.85, 0.95, 0.1)"),
        ("collapse_at", "(0, 0.1)"),
        ("regions[1]", "Region p=[0.5, 0.5] q=[0.3, 0.7]"),
    ):
        assert f"<dt>{escape(path)}</dt><dd>{escape(text)}</dd>" in whole


# -- the numbers ---------------------------------------------------------------------------------------


def test_every_table_is_tidy(reader, names):
    links = [e.attributes for e in reader.elements if "download" in e.attributes]
    assert {link["download"] for link in links} == {f"{name}.csv" for name in names}
    for link in links:
        assert link["href"].startswith("data:text/csv;charset=utf-8;base64,")
        table = rows(decoded(link["href"]))
        assert table
        kinds = {}
        for row in table:
            assert tuple(row) == page.COLUMNS
            assert row["panel"]
            assert row["series"]
            assert all(np.isfinite(float(row[axis])) for axis in "xy")
            assert (row["value"] != "") == (row["kind"] == "map")
            assert kinds.setdefault((row["panel"], row["series"]), row["kind"]) == row["kind"]


def test_the_ranges_of_figure_10_read_back_as_the_library_has_them():
    numbers = numbers_of("fig10_ranges")
    m = np.arange(1, 11)
    for panel, series, condition in (
        ("a", "everything", {}),
        ("b", "collapse", {"collapse": (0, 0.1)}),
        ("c", "no_collapse", {"no_collapse": (0.07, 0.1)}),
    ):
        band = mc.tv_band(0.11, m, **condition)
        lower = points(numbers, panel, f"{series}.lower")
        np.testing.assert_array_equal(lower[:10, 0], m)
        np.testing.assert_allclose(lower[:10, 1], band.lower, rtol=0, atol=2e-9)
    upper = points(numbers, "c", "no_collapse.upper")
    np.testing.assert_array_equal(upper[:, 1], fig10_ranges.compute().no_collapse.upper)


def test_the_regions_of_figure_9_read_back_exactly():
    numbers = numbers_of("fig09_packed_regions")
    for panel, region in zip("ab", (REGION, OTHER), strict=True):
        for m in range(1, 6):
            drawn = points(numbers, panel, f"m = {m}")
            np.testing.assert_allclose(drawn, mc.pack(region, m).vertices, rtol=0, atol=1e-15)


@pytest.mark.parametrize("name", [name for name in FIGURES if name.startswith("fig")])
def test_each_point_of_each_line_has_its_row(name):
    data = FIGURES[name].compute()
    figure = FIGURES[name].draw(data)
    figure.draw_without_rendering()
    drawn = [xy for ax in figure.axes for line in ax.lines for xy in line.get_xydata()]
    lines = [row for row in rows(page.numbers(figure, data)) if row["kind"] == "line"]
    assert len(lines) == len(drawn)


@pytest.fixture
def sketch() -> Figure:
    """One panel of every kind of artist."""
    figure = Figure()
    ax = figure.subplots()
    ax.set_title("$\\bf{a}$  all of $P_1$", loc="left")
    ax.set(xlim=(0, 4), ylim=(0, 2))
    ax.plot(*REGION.vertices.T)
    ax.plot([0, *DATA.m], [np.nan, *DATA.m**2 / 3], label="$m^2/3$")
    ax.axhline(0.3)
    ax.bar([1, 2], [0.2, 0.8], label="P")
    ax.stairs([1, 3], [0, 0.5, 1])
    ax.fill_between([0, 1], [0, 0], [1, 2])
    ax.scatter([0.1, 0.2], [0.3, 0.4])
    ax.pcolormesh([0.5, 1.5], [0.25, 0.75], np.ma.masked_greater([[1, 2], [3, 9]], 4))
    for region in (REGION, OTHER):  # the first has its outline already
        ax.add_patch(matplotlib.patches.Polygon(region.vertices, closed=True))
    ax.plot([9], [9], visible=False)
    ax.vlines([1, 2], 0, [0.5, 0.7])
    ax.add_patch(matplotlib.patches.FancyArrowPatch((0, 0), (1, 1)))
    ax.annotate("text", (0, 0))
    return figure


def test_every_kind_of_artist_has_its_numbers(sketch):
    table = rows(page.numbers(sketch, DATA))
    assert {row["panel"] for row in table} == {"a all of P_1"}
    assert points(table, "a", "both[0].region").tolist() == REGION.vertices.tolist()
    assert points(table, "a", "both[1].region").tolist() == [*OTHER.vertices.tolist(), [0, 0]]
    assert points(table, "a", "m^2/3")[:, 1].tolist() == (DATA.m**2 / 3).tolist()
    assert points(table, "a", "line").tolist() == [[0, 0.3], [4, 0.3]]
    assert points(table, "a", "P").tolist() == [[1, 0.2], [2, 0.8]]
    assert points(table, "a", "steps").tolist() == [[0, 1], [0.5, 3], [1, 3]]
    assert points(table, "a", "points").tolist() == [[0.1, 0.3], [0.2, 0.4]]
    assert points(table, "a", "segments").tolist() == [[1, 0], [1, 0.5], [2, 0], [2, 0.7]]
    assert {tuple(point) for point in points(table, "a", "area")} >= {(0, 0), (1, 0), (0, 1), (1, 2)}
    cells = [(row["x"], row["y"], row["value"]) for row in table if row["kind"] == "map"]
    assert cells == [("0.5", "0.25", "1"), ("1.5", "0.25", "2"), ("0.5", "0.75", "3")]
    assert len({row["series"] for row in table}) == 10


def test_panels_and_series_of_one_name_are_told_apart():
    figure = Figure()
    for ax in figure.subplots(1, 2):
        for height in (1, 2):
            ax.plot([0, 1], [0, height], label="same")
        ax.plot([0, 1], [0, 3])
    table = rows(page.numbers(figure, ()))
    assert [row["series"] for row in table[::2]] == ["same", "same (2)", "line"] * 2
    assert [row["panel"] for row in table[::6]] == ["panel", "panel (2)"]


def test_numbers_that_cannot_be_told_are_refused():
    with pytest.raises(TypeError, match="numbers of a Annotation"):
        page.mark(Annotation("text", (0, 0)))


# -- in a browser --------------------------------------------------------------------------------------

MEASURE = """
<iframe id="phone" style="width: 360px; height: 800px" srcdoc="{page}"></iframe>
<script>
document.getElementById("phone").onload = event => {{
  const inside = event.target.contentDocument, root = inside.documentElement;
  const loaded = [...inside.images].filter(image => image.complete && image.naturalWidth > 300);
  document.body.dataset.images = loaded.length;
  document.body.dataset.overflow = root.scrollWidth - root.clientWidth;
  document.body.dataset.sections = inside.querySelectorAll("main > section > h2").length;
}};
</script>
"""


@pytest.mark.skipif(BROWSER is None, reason="no Chromium")
def test_a_browser_shows_the_page_at_the_width_of_a_phone(whole, names, tmp_path: Path):
    frame = tmp_path / "frame.html"
    frame.write_text(f"<!DOCTYPE html><body>{MEASURE.format(page=escape(whole))}</body>", encoding="utf-8")
    quiet = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    offline = ["--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND", "--virtual-time-budget=20000"]
    process = subprocess.run(
        [BROWSER, *quiet, *offline, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", frame.as_uri()],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    body = dict(re.findall(r'data-(images|overflow|sections)="(-?\d+)"', process.stdout))
    assert body == {"images": str(len(names)), "overflow": "0", "sections": str(len(names) + 1)}
