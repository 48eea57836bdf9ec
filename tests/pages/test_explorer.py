"""The explorer: its mathematics against the library, its page in a browser, and that it needs no network."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from importlib.resources import files

import numpy as np
import pytest

import modecollapse as mc
from modecollapse.pages import explorer

NODE = shutil.which("node")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)

needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")

EXACT, SEARCHED = 1e-12, 1e-6
"""The errors that the page states."""

CONDITION = {"all": (), "collapse": ("collapse",), "none": ("no_collapse", "no_augmentation")}

EVALUATE = """
const ranges = {all: allPairs, collapse: withCollapse, none: withoutCollapse};
const answers = cases.map(([name, tau, eps, delta, m]) => {
  const range = ranges[name](tau, eps, delta);
  return range.feasible ? {regime: range.regime, lower: range.lower(m), upper: range.upper(m)} : null;
});
console.log(JSON.stringify(answers));
"""


def evaluate(cases):
    """What mathematics.js says of (name, τ, ε, δ, m): an answer each, null where it is infeasible."""
    source = files("modecollapse.pages").joinpath("mathematics.js").read_text(encoding="utf-8")
    program = f"{source}\nconst cases = {json.dumps(cases)};\n{EVALUATE}"
    done = subprocess.run(
        [NODE, "-"], input=program, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def library(name, tau, eps, delta, m):
    """The band of the library, or None where it is infeasible."""
    try:
        return mc.tv_band(tau, m, **dict.fromkeys(CONDITION[name], (eps, delta)))
    except mc.InfeasibleError:
        return None


def scattered_cases():
    """Parameters from everywhere, and from thin slices next to the thresholds, all cases and degrees."""
    rng = np.random.default_rng(20)
    cases = []
    for i in range(220):
        eps = rng.random() * (1 if i % 2 else 0.2)
        delta = min(1.0, eps + rng.uniform(0.02, 0.4)) if i % 3 else rng.uniform(eps, 1)
        d, u = delta - eps, min(eps, 1 - delta)
        ends = [0.0, d, d / (1 - eps), d / (1 - u), d / (2 * u + d), 1.0]
        low, high = sorted(rng.choice(ends, 2, replace=False))
        tau = float(np.clip(low + (high - low) * rng.random(), 0, 1))
        m = int(rng.choice([1, 2, 3, 4, 5, 7, 8, 12, 17, 20, 30]))
        cases += [(name, tau, eps, float(delta), m) for name in ("collapse", "none")]
        if i % 4 == 0:
            cases.append(("all", tau, eps, float(delta), m))
    return cases


def hexagon_cases():
    """Parameters at which the greatest value without collapse is that of a hexagon."""
    rng = np.random.default_rng(21)
    cases = []
    while len(cases) < 150:
        d, u = rng.uniform(0.01, 0.5), rng.choice([1e-6, 1e-3, 1]) * rng.uniform(0, 0.5)
        low, high = d / (1 - u), d / (2 * u + d)
        if 2 * u + d < 1 and low < high:
            tau = low + (high - low) * rng.random() ** rng.choice([1, 4, 0.25])
            m = int(rng.choice([2, 3, 4, 5, 6, 8, 10, 13, 20, 25, 30]))
            cases.append(("none", float(tau), float(u), float(u + d), m))
    return cases


HARD = [
    # narrow peaks where α+β = 1−τ, which a grid of hexagons misses
    ("none", 0.0833, 0.146, 0.214, 20),
    ("none", 0.0905, 0.1235, 0.1723, 30),
    ("none", 0.0677, 0.115, 0.1548, 20),
    ("none", 0.2513, 0.0794, 0.1685, 17),
    # two local minima between neighbours of a grid of tangent points
    ("collapse", 0.3941, 0.1858, 0.5415, 30),
]

EDGES = [
    (0, 0.1, 0.3),  # τ = 0
    (1, 0.1, 0.3),  # τ = 1
    (1, 0, 1),
    (1, 0, 0.3),
    (0.5, 0, 0.3),  # ε = 0
    (0.5, 0.4, 1),  # δ = 1
    (0.6, 0.4, 1),  # δ = 1 at τ = δ−ε
    (0.25, 0.25, 0.5),  # τ = δ−ε
    (0.25 - 1e-13, 0.25, 0.5),  # within the tolerance below it
    (0.25 - 1e-9, 0.25, 0.5),  # and beyond
    (0.3, 0.25, 0.75),  # δ+ε = 1, too close to collapse
    (0.6, 0.25, 0.75),  # δ+ε = 1, side tangents alone
    (0.7, 0.25, 0.75),  # δ+ε = 1, infeasible
    (0.12, 0.85, 0.95),  # δ+ε > 1
    (0.1, 0.85, 0.95),
    (0.5, 0.3, 0.5),  # infeasible without collapse
    (0.1 / 0.95, 0.05, 0.15),  # τ = d/(1−u)
    (0.1 / 0.95 - 1e-9, 0.05, 0.15),
    (0.5, 0.05, 0.15),  # τ = d/(2u+d)
    (0.5 - 1e-9, 0.05, 0.15),
    (0.11, 0.2, 0.3),  # the print is too small
    (0.1, 0.4, 0.5),  # the print is too large for odd m
    (0.12, 0.4, 0.5),  # the print calls it empty
    (0.3, 1e-15, 0.3),  # hardly any room beside the axis
    (0.3 + 1e-9, 1e-15, 0.3),
    (0.5, 0.04, 0.375),  # the maximum lies inside the family of hexagons
]


def edge_cases():
    return [
        (name, tau, eps, delta, m)
        for tau, eps, delta in EDGES
        for name in CONDITION
        for m in (1, 2, 3, 6, 15)
    ]


@pytest.fixture(scope="module")
def compared():
    """Cases, the page's answers and the library's bands."""
    cases = HARD + edge_cases() + scattered_cases() + hexagon_cases()
    return [(case, answer, library(*case)) for case, answer in zip(cases, evaluate(cases), strict=True)]


@needs_node
def test_page_and_library_agree_on_which_classes_are_empty(compared):
    for case, answer, band in compared:
        assert (answer is None) == (band is None), case
    empty = sum(answer is None for _, answer, _ in compared)
    assert 100 < empty < len(compared) - 300


@needs_node
def test_page_and_library_agree_on_the_bands(compared):
    for case, answer, band in compared:
        if band is None:
            continue
        name, *_, m = case
        assert answer["regime"] == band.regime, case
        lower_error = EXACT if name != "collapse" else SEARCHED
        searched = name == "none" and band.regime == "middle tangents" and m > 1
        upper_error = SEARCHED if searched else EXACT
        assert abs(answer["lower"]["value"] - band.lower) <= lower_error + band.lower_gap, case
        assert abs(answer["upper"]["value"] - band.upper) <= upper_error + band.upper_gap, case


@needs_node
def test_page_and_library_agree_on_what_is_attained(compared):
    for case, answer, band in compared:
        if band is not None:
            # at a tie between a bound inside and one on an open end, rounding decides which is found
            assert answer["upper"]["attained"] == band.upper_attained, case
            if not answer["lower"]["attained"]:
                assert not band.lower_attained, case


@needs_node
def test_every_regime_is_compared(compared):
    regimes = {band.regime for _, _, band in compared if band is not None}
    assert regimes == {
        "all pairs",
        "collapse",
        "too close to collapse",
        "side tangents",
        "middle tangents",
        "zero-width collapse",
    }


@needs_node
def test_pairs_of_the_page_have_the_values_it_gives(compared):
    for (name, tau, eps, delta, m), answer, band in compared[::2]:
        if band is None:
            continue
        for end in (answer["lower"], answer["upper"]):
            p, q = end["pair"]["p"], end["pair"]["q"]
            region = mc.Region.from_pmfs(p, q)
            assert mc.packed_tv((p, q), m) == pytest.approx(end["value"], abs=EXACT)
            assert region.total_variation == pytest.approx(tau, abs=1e-11)
            if name == "collapse":
                assert region.boundary(eps) >= delta - 1e-9
            if name == "none" and end["attained"]:
                assert region.boundary(eps) <= delta + 1e-9
                assert region.boundary(1 - delta) <= 1 - eps + 1e-9


# -- the page in a browser -------------------------------------------------------------------------------


def dump(text, directory, fragment=""):
    """The document after its scripts have run, as text."""
    path = directory / "explorer.html"
    path.write_text(text, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options += [f"--user-data-dir={directory / 'profile'}", "--virtual-time-budget=3000", "--dump-dom"]
    done = subprocess.run(
        [BROWSER, *options, path.as_uri() + fragment], capture_output=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8")


def shown(document):
    """The six values that the page shows, by name; absent where the class is empty."""
    outputs = re.findall(r'<output id="(\w+-\w+)" data-value="([^"]+)">([^<]+)</output>', document)
    for _, value, text in outputs:
        assert float(text) == pytest.approx(float(value), abs=1e-6)
    return {name: float(value) for name, value, _ in outputs}


def expected(tau, eps, eps0, delta, m):
    points = {"all": eps, "collapse": eps, "none": eps0}
    bands = {name: library(name, tau, point, delta, m) for name, point in points.items()}
    ends = ("lower", "upper")
    return {
        f"{name}-{end}": float(getattr(band, end)) for name, band in bands.items() if band for end in ends
    }


@needs_browser
@pytest.mark.parametrize(
    ("tau", "eps", "eps0", "delta", "m"),
    [
        (0.11, 0.02, 0.06, 0.1, 5),
        (0.12, 0.85, 0.85, 0.95, 5),
        (0.11, 0.2, 0.2, 0.3, 2),
        (0.5, 0.04, 0.04, 0.375, 6),
        (0.5, 0.2, 0.3, 0.5, 25),
    ],
)
def test_the_page_shows_the_values_of_the_library(tmp_path, tau, eps, eps0, delta, m):
    fragment = f"#tau={tau}&eps={eps}&eps0={eps0}&delta={delta}&m={m}"
    document = dump(explorer.page(), tmp_path, fragment)
    assert shown(document) == pytest.approx(expected(tau, eps, eps0, delta, m), abs=2e-6)
    assert ('id="none-empty"' in document) == (library("none", tau, eps0, delta, m) is None)
    assert document.count("<polyline") >= 4


def moved(page, script):
    """The page with a script at its end, and a picture drawn after it: a headless browser may draw none."""
    return page.replace("</body>", f"<script>{script} show();</script></body>")


@needs_browser
def test_sliders_move_the_page_and_its_address(tmp_path):
    script = """
      const slide = (name, value) => {
        const slider = document.getElementById(`${name}-slider`);
        slider.value = value;
        slider.dispatchEvent(new Event("input", {bubbles: true}));
      };
      slide("tau", 0.3); slide("eps", 0.1); slide("eps0", 0.2); slide("delta", 0.35); slide("m", 4);
      setTimeout(() => { document.title = location.hash; }, 1000);
    """
    document = dump(moved(explorer.page(), script), tmp_path)
    assert shown(document) == pytest.approx(expected(0.3, 0.1, 0.2, 0.35, 4), abs=2e-6)
    assert "<title>#tau=0.3&amp;delta=0.35&amp;eps=0.1&amp;eps0=0.2&amp;m=4&amp;last=20</title>" in document


@needs_browser
def test_a_bad_value_is_refused_and_the_page_stays(tmp_path):
    document = dump(explorer.page(), tmp_path, "#tau=1.5&eps=0.02")
    assert "τ must be a number from 0 to 1." in document
    script = """
      const number = document.getElementById("m");
      number.value = "2.5";
      number.dispatchEvent(new Event("input", {bubbles: true}));
    """
    document = dump(moved(explorer.page(), script), tmp_path)
    assert "m must be a whole number from 1 to 30." in document
    assert shown(document) == pytest.approx(expected(0.11, 0.02, 0.06, 0.1, 5), abs=2e-6)


@needs_browser
def test_a_point_below_the_diagonal_is_told(tmp_path):
    document = dump(explorer.page(), tmp_path, "#tau=0.3&eps=0.4&delta=0.2")
    assert "A collapse point needs ε &lt; δ; here ε = 0.4 and δ = 0.2." in document
    assert set(shown(document)) == {"all-lower", "all-upper"}


# -- the file ------------------------------------------------------------------------------------------


class Elements(HTMLParser):
    """The start tags of a page, with their attributes."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found.append((tag, dict(attributes)))


def elements(text):
    parser = Elements()
    parser.feed(text)
    return parser.found


def test_the_page_refers_to_nothing_outside_itself():
    text = explorer.page()
    references = ("src", "href", "srcset", "action", "data", "poster", "formaction", "background")
    found = {
        tag: attributes[name]
        for tag, attributes in elements(text)
        for name in references
        if name in attributes
    }
    assert found == {"link": "data:,"}
    assert set(re.findall(r"https?://[^\s\"']+", text)) == {
        "http://www.w3.org/2000/svg"
    }  # a name, not a place
    loads = r"@import|url\(|\bimport\b|\bfetch\b|XMLHttpRequest|WebSocket|EventSource|sendBeacon|Worker"
    assert re.findall(loads, text) == []
    assert "default-src 'none'" in text


def test_the_scripts_are_whole():
    text = explorer.page()
    for name in ("mathematics.js", "explorer.js", "explorer.css"):
        source = files("modecollapse.pages").joinpath(name).read_text(encoding="utf-8")
        assert source in text
        assert "</script" not in source
        assert "</style" not in source
        assert f'"{name}"' not in text


def test_every_input_has_a_name():
    found = elements(explorer.page())
    labelled = {attributes["for"] for tag, attributes in found if tag == "label" and "for" in attributes}
    inputs = [attributes for tag, attributes in found if tag == "input"]
    assert len(inputs) == 12
    assert all("aria-label" in attributes or attributes["id"] in labelled for attributes in inputs)


def test_write_replaces_a_file(tmp_path):
    path = tmp_path / "explorer.html"
    path.write_text("old", encoding="utf-8")
    assert explorer.write(path) == path
    assert path.read_text(encoding="utf-8") == explorer.page()


def test_the_stated_accuracy_is_the_tested_one():
    source = files("modecollapse.pages").joinpath("explorer.js").read_text(encoding="utf-8")
    assert f"const ACCURACY = {SEARCHED:g};".replace("e-06", "e-6") in source
