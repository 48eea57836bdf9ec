"""The page of all figures: its form as HTML, its numbers against the library, its looks in a browser."""

from __future__ import annotations

import re
import shutil
import subprocess
from base64 import b64decode
from html import escape
from html.parser import HTMLParser
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import numpy as np
import pytest
from effort import slow
from matplotlib.figure import Figure

import figures
import modecollapse as mc
from figures import fig10_ranges
from figures.__main__ import main
from figures.parts import gallery, numbers, page, table
from modecollapse.table import Table

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
    assert not re.search("https?:", re.sub(r'"data:[^"]*"', "", whole))


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
    caption, parameters = f"{awkward}.\n\n{awkward}", ((awkward, awkward),)
    entry = gallery.Entry("fig01_x", caption, parameters, 7, b"<svg/>", Table({"x": [1]}))
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
    described = [(path, gallery.describe(value)) for path, value in numbers.leaves(DATA)]
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
    assert next(path for path, _ in numbers.leaves((DATA.both[0],))) == "data[0].region"
    assert list(numbers.leaves(0.5)) == [("data", 0.5)]


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
    assert gallery.describe(value) == expected


def test_the_page_shows_constants_and_data(whole):
    for path, text in (
        ("EXAMPLE", "(0.85, 0.95, 0.1)"),
        ("collapse_at", "(0, 0.1)"),
        ("regions[1]", "Region p=[0.5, 0.5] q=[0.3, 0.7]"),
    ):
        assert f"<dt>{escape(path)}</dt><dd>{escape(text)}</dd>" in whole


# -- the numbers ---------------------------------------------------------------------------------------


def test_every_table_is_on_the_page(reader, names):
    attributes = [e.attributes for e in reader.elements if "download" in e.attributes]
    links = {each["download"]: each["href"] for each in attributes}
    assert links.keys() == {f"{name}.csv" for name in names}
    for name in names:
        link = links[f"{name}.csv"]
        assert link.startswith("data:text/csv;charset=utf-8;base64,")
        assert decoded(link) == numbers.table(FIGURES[name].compute()).csv()


def test_lists_of_one_length_are_columns():
    shown = numbers.table(Outer((Inner(REGION, 0.1),), (0.02, 0.1), np.arange(3), "Q_1"))
    assert list(shown.columns) == ["both[0].region.eps", "both[0].region.delta", "m"]
    np.testing.assert_array_equal(shown["both[0].region.eps"], REGION.vertices[:, 0])
    np.testing.assert_array_equal(shown["both[0].region.delta"], REGION.vertices[:, 1])
    assert shown["m"].tolist() == [0, 1, 2]
    assert list(numbers.table(REGION).columns) == ["data.eps", "data.delta"]


def test_other_lists_are_long():
    shown = numbers.table(DATA)
    assert list(shown.columns) == ["field", "row", "column", "value"]
    cells = {(row["field"], row["row"], row["column"]): row["value"] for row in shown.rows()}
    expected = {("m", i, ""): float(m) for i, m in enumerate(DATA.m)}
    for i, region in enumerate((REGION, OTHER)):
        for corner, point in enumerate(region.vertices.tolist()):
            for name, value in zip(("eps", "delta"), point, strict=True):
                expected[f"both[{i}].region", corner, name] = value
    assert cells == expected
    assert len(shown) == len(expected)


def test_a_map_has_a_row_a_cell():
    shown = numbers.table((np.array([[0.5, np.nan], [np.inf, 2]]),))
    assert shown.csv().splitlines() == [
        "field,row,column,value",
        "data[0],0,0,0.5",
        "data[0],0,1,",
        "data[0],1,0,inf",
        "data[0],1,1,2.0",
    ]


def test_a_figure_has_numbers():
    with pytest.raises(ValueError, match="at least one array or region"):
        numbers.table(((0.5, 1), "name"))


BY_FORMULA = {"fig16_tangent": 1, "pairing": 2}
"""Curves that a caption gives by a formula of what the axes show, and that are no results."""


@pytest.mark.parametrize("name", FIGURES)
def test_curves_are_the_numbers(name):
    """All heights along a line of three points or more are those of one array, or of one region's corners."""
    data = FIGURES[name].compute()
    figure = FIGURES[name].draw(data)
    known = [_heights(value) for _, value in numbers.leaves(data)]
    lines = [line.get_ydata() for ax in figure.axes for line in ax.lines if len(line.get_ydata()) > 2]
    assert lines or name in ("fig18_canonical_pmfs", "fig20_collapse_pmfs")
    strangers = [line for line in lines if not any(_are_among(np.asarray(line), some) for some in known)]
    assert len(strangers) == BY_FORMULA.get(name, 0)


def _heights(value) -> np.ndarray:
    if isinstance(value, mc.Region):
        return value.vertices[:, 1]
    return np.ravel(value).astype(float) if isinstance(value, np.ndarray) else np.zeros(0)


def _are_among(line: np.ndarray, known: np.ndarray) -> bool:
    """Whether every height that shows is a number of the array."""
    shown, ordered = line[np.isfinite(line)], np.sort(known[np.isfinite(known)])
    if not len(ordered):
        return False
    after = np.searchsorted(ordered, shown)
    nearest = [ordered[np.clip(after - step, 0, len(ordered) - 1)] for step in (0, 1)]
    return bool((np.abs(nearest - shown).min(axis=0) <= 1e-12).all())


def test_the_ranges_of_figure_10_read_back_as_the_library_has_them():
    shown = numbers.table(fig10_ranges.compute())
    m = np.arange(1, 11)
    for field, condition in (
        ("everything", {}),
        ("collapse", {"collapse": (0, 0.1)}),
        ("no_collapse", {"no_collapse": (0.07, 0.1), "no_augmentation": (0.07, 0.1)}),
    ):
        band = mc.tv_band(0.11, m, **condition)
        np.testing.assert_array_equal(shown[f"{field}.m"], m)
        np.testing.assert_allclose(shown[f"{field}.lower"], band.lower, rtol=0, atol=2e-9)
    np.testing.assert_array_equal(shown["no_collapse.upper"], fig10_ranges.compute().no_collapse.upper)


def test_the_regions_of_figure_9_read_back_exactly():
    shown = numbers.table(FIGURES["fig09_packed_regions"].compute())
    for toy, region in enumerate((REGION, OTHER)):
        for m in range(1, 6):
            corners = shown["value"][shown["field"] == f"packed[{toy}][{m - 1}]"].reshape(-1, 2)
            np.testing.assert_allclose(corners, mc.pack(region, m).vertices, rtol=0, atol=1e-15)


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


# -- one panel for the gallery -----------------------------------------------------------------------------


def svg_size(picture):
    root = ElementTree.fromstring(picture)
    return [float(root.get(side).removesuffix("pt")) for side in ("width", "height")]


def test_a_thumbnail_is_the_largest_panel_alone():
    figure = Figure(figsize=(6, 2), layout="constrained")
    small, large = figure.subplots(1, 2, width_ratios=[1, 3])
    small.plot([0, 1], [0, 1], gid="small")
    large.plot([0, 1], [1, 0], gid="large")
    whole, panel = gallery.picture(figure, "svg"), gallery.thumbnail(figure)
    assert b'id="small"' in whole
    assert b'id="small"' not in panel
    assert b'id="large"' in panel
    assert svg_size(panel)[0] == pytest.approx(0.75 * svg_size(whole)[0], rel=0.1)


def test_a_thumbnail_has_its_own_tick_labels_where_panels_share_them():
    figure = Figure(figsize=(4, 4), layout="constrained")
    figure.subplots(2, 2, sharex=True, sharey=True)[0, 0].plot([0, 1], [0, 1])
    gallery.thumbnail(figure)
    panel = figure.axes[0]
    assert all(
        axis.get_tick_params()[side]
        for axis, side in ((panel.xaxis, "labelbottom"), (panel.yaxis, "labelleft"))
    )


def test_of_equal_panels_the_first_is_the_thumbnail():
    figure = Figure(figsize=(6, 2), layout="constrained")
    for name, ax in zip(("first", "second"), figure.subplots(1, 2), strict=True):
        ax.plot([0, 1], [0, 1], gid=name)
    panel = gallery.thumbnail(figure)
    assert b'id="first"' in panel
    assert b'id="second"' not in panel
