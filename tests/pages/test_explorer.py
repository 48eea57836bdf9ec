"""The explorer: its mathematics against the library, its page in a browser, and that it needs no network."""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import tomllib
from base64 import b64decode
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote

import matplotlib.image
import numpy as np
import pytest
from effort import slow
from hypothesis import settings

import modecollapse as mc
from modecollapse.pages import explorer

NODE = shutil.which("node")
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
BROWSER = next(filter(None, map(shutil.which, BROWSERS)), None)

needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")
needs_browser = pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")

ACCURACY = 1e-4
"""The error that the page states."""

USUAL = 2e-5
"""The error where at most one forbidden point matters, and in nearly all other cases."""

EVALUATE = """
const answers = cases.map(([conditions, m]) => {
  const pairs = analysed(conditions);
  if (pairs.conflict !== null) return {conflict: pairs.conflict};
  const lower = finished(leastEnd(pairs, m)), upper = finished(greatestEnd(pairs, m));
  const letters = [lower, upper].map(({boundary}) => pairOf(boundary));
  return {lower, upper, letters, mattering: pairs.mattering};
});
console.log(JSON.stringify(answers));
"""


def run_node(source):
    """What a program prints, as JSON."""
    done = subprocess.run(
        [NODE, "-"], input=source, capture_output=True, text=True, encoding="utf-8", timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def mathematics():
    return files("modecollapse.pages").joinpath("mathematics.js").read_text(encoding="utf-8")


def conditions_of(pairs):
    """A class as mathematics.js takes it."""
    low, high = pairs.tau if isinstance(pairs.tau, tuple) else (pairs.tau, pairs.tau)
    mirrored = {
        name: [(1 - delta, 1 - eps) for eps, delta in getattr(pairs, name)]
        for name in ("augmentation", "no_augmentation")
    }
    contained = [] if pairs.contains is None else pairs.contains.vertices.tolist()
    return {
        "low": 0 if low is None else low,
        "high": 1 if high is None else high,
        "required": [*pairs.collapse, *mirrored["augmentation"], *contained],
        "forbidden": [*pairs.no_collapse, *mirrored["no_augmentation"]],
        "within": None if pairs.within is None else pairs.within.vertices.tolist(),
    }


def evaluate(cases):
    """What mathematics.js says of classes at degrees m."""
    plain = [(conditions_of(pairs), m) for pairs, m in cases]
    return run_node(f"{mathematics()}\nconst cases = {json.dumps(plain)};\n{EVALUATE}")


def library(pairs, m):
    """The band of the library, or None where the class is empty."""
    return None if pairs.is_empty else mc.band(pairs, m, gap=1e-6 if len(pairs.mattering) < 3 else None)


def without_both(tau, eps, delta):
    return mc.PairClass(tau, no_collapse=(eps, delta), no_augmentation=(eps, delta))


def random_classes(seed, count):
    """Classes of every form: τ a number, an interval or free; up to two required, three forbidden points."""
    rng = np.random.default_rng(seed)

    def points(most):
        eps = rng.random(rng.integers(0, most + 1)) ** rng.choice([1, 2])
        heights = np.minimum(eps + rng.uniform(0.01, 0.4, len(eps)), 1)
        rounded = np.round([eps, heights], 3).T.tolist()
        return [(low, high) for low, high in rounded if low < high]

    for _ in range(count):
        tau = [None, (0.0, 1.0), 0.0, 0.0][rng.integers(4)]
        if tau is not None:
            low, high = np.sort(np.round(rng.uniform(0.01, 0.6, 2), 3)).tolist()
            tau = low if tau == 0.0 else (low, high)
        yield (
            mc.PairClass(tau, collapse=points(2), no_collapse=points(3)),
            int(rng.choice([1, 2, 3, 4, 5, 7, 10, 14, 20])),
        )


def random_between(seed, count):
    """Classes of regions between two others of up to four letters, with up to two forbidden points."""
    rng = np.random.default_rng(seed)

    def pair():
        letters = int(rng.integers(2, 5))
        p, q = rng.dirichlet(np.full(letters, rng.choice([0.5, 2])), 2).round(3)
        p[-1], q[-1] = 1 - p[:-1].sum(), 1 - q[:-1].sum()
        return mc.Region.from_pmfs(np.abs(p), np.abs(q)) if min(p[-1], q[-1]) >= 0 else pair()

    for _ in range(count):
        outer = pair()
        inner = outer & pair() if rng.random() < 0.9 else pair()
        ends = sorted([inner.total_variation, outer.total_variation])
        low, high = np.sort(rng.uniform(*ends, 2)).round(4)
        tau = [None, float(low), (float(low), float(high))][rng.integers(3)]
        eps = rng.random(int(rng.integers(0, 3))).round(3)
        points = [
            (e, float(np.round(min(1, outer.boundary(e) - 0.3 * rng.random() * (1 - e)), 3))) for e in eps
        ]
        yield (
            mc.PairClass(
                tau,
                contains=inner if rng.random() < 0.7 else None,
                within=outer if rng.random() < 0.8 else None,
                no_collapse=[(e, d) for e, d in points if e < d],
            ),
            int(rng.choice([1, 2, 3, 5, 8])),
        )


def hexagon_cases():
    """Parameters at which the greatest value without collapse is that of a hexagon."""
    rng = np.random.default_rng(21)
    cases = []
    while len(cases) < 40:
        d, u = rng.uniform(0.01, 0.5), rng.choice([0.02, 1]) * rng.uniform(0.05, 0.5)
        low, high = d / (1 - u), d / (2 * u + d)
        if 2 * u + d < 1 and low < high:
            tau = low + (high - low) * rng.random() ** rng.choice([1, 4, 0.25])
            m = int(rng.choice([2, 3, 4, 5, 6, 8, 10, 13, 20]))
            cases.append((without_both(float(tau), float(u), float(u + d)), m))
    return cases


HARD = [
    # narrow peaks where α+β = 1−τ, which a grid of hexagons misses
    (without_both(0.0833, 0.146, 0.214), 20),
    (without_both(0.0905, 0.1235, 0.1723), 30),
    (without_both(0.2513, 0.0794, 0.1685), 17),
    # two local minima between neighbours of a grid of tangent points
    (mc.PairClass(0.3941, collapse=(0.1858, 0.5415)), 30),
    # three lines that meet in a point: the greatest value lies on a ridge
    (mc.PairClass(no_collapse=[(0.467, 0.696), (0.809, 0.892), (0.011, 0.258)]), 5),
    (
        mc.PairClass(
            collapse=[(0.931, 1), (0.42, 0.753)],
            no_collapse=[(0.166, 0.484), (0.605, 0.924), (0.466, 0.822)],
        ),
        2,
    ),
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
    (0.08, 0.02, 0.1),  # the same, but for the rounding of δ−ε
    (0.25 - 1e-13, 0.25, 0.5),  # within the tolerance below it
    (0.25 - 1e-9, 0.25, 0.5),  # and beyond
    (0.3, 0.25, 0.75),  # δ+ε = 1, too close to collapse
    (0.6, 0.25, 0.75),  # δ+ε = 1, side tangents alone
    (0.7, 0.25, 0.75),  # δ+ε = 1, infeasible
    (0.12, 0.85, 0.95),  # δ+ε > 1
    (0.1, 0.85, 0.95),
    (0.5, 0.3, 0.5),  # infeasible without collapse
    (0.1 / 0.95, 0.05, 0.15),  # τ = d/(1−u)
    (0.5, 0.05, 0.15),  # τ = d/(2u+d)
    (0.5 - 1e-9, 0.05, 0.15),
    (0.11, 0.2, 0.3),  # the print is too small
    (0.1, 0.4, 0.5),  # the print is too large for odd m
    (0.12, 0.4, 0.5),  # the print calls it empty
    (0.5, 0.04, 0.375),  # the maximum lies inside the family of hexagons
]


def edge_cases():
    for tau, eps, delta in EDGES:
        for m in (1, 2, 3, 6):
            yield mc.PairClass(tau), m
            yield mc.PairClass(tau, collapse=(eps, delta)), m
            yield mc.PairClass(tau, augmentation=(eps, delta)), m
            yield mc.PairClass(tau, no_collapse=(eps, delta)), m
            yield without_both(tau, eps, delta), m


@pytest.fixture(scope="module")
def compared():
    """Classes and degrees, the page's answers and the library's bands."""
    count = settings().max_examples
    cases = [
        *HARD,
        *edge_cases(),
        *hexagon_cases(),
        *random_classes(20, 3 * count),
        *random_between(22, count // 2),
    ]
    return [(case, answer, library(*case)) for case, answer in zip(cases, evaluate(cases), strict=True)]


@needs_node
def test_page_and_library_agree_on_which_classes_are_empty(compared):
    for case, answer, band in compared:
        assert ("conflict" in answer) == (band is None), case
    empty = sum("conflict" in answer for _, answer, _ in compared)
    assert 50 < empty < len(compared) - 250


@needs_node
def test_page_and_library_agree_on_the_bands(compared):
    unusual = 0
    for case, answer, band in compared:
        if band is None:
            continue
        lower = abs(answer["lower"]["value"] - band.lower) - band.lower_gap
        upper = abs(answer["upper"]["value"] - band.upper) - band.upper_gap
        assert lower <= USUAL, case
        assert upper <= (ACCURACY if len(answer["mattering"]) > 1 else USUAL), case
        unusual += upper > USUAL
    assert unusual <= 2
    assert {len(answer.get("mattering", [])) for _, answer, _ in compared} == {0, 1, 2, 3}


@needs_node
def test_page_and_library_agree_on_what_is_attained(compared):
    for case, answer, band in compared:
        if band is not None:
            assert answer["upper"]["attained"] == band.upper_attained, case
            # at a tie between a bound inside and one on an open end, rounding decides which is found
            if not answer["lower"]["attained"]:
                assert not band.lower_attained, case
    found = [
        (answer["lower"]["attained"], answer["upper"]["attained"]) for _, answer, band in compared if band
    ]
    assert set(found) == {(True, True), (True, False), (False, True), (False, False)}


@needs_node
def test_pairs_of_the_page_have_the_values_it_gives(compared):
    """The page's pair has its value, and belongs to the class where the end is attained."""
    for (pairs, m), answer, band in compared[::2]:
        if band is None:
            continue
        for end, pair in zip((answer["lower"], answer["upper"]), answer["letters"], strict=True):
            region = mc.Region.from_pmfs(pair["p"], pair["q"])
            assert mc.packed_tv(region, m) == pytest.approx(end["value"], abs=1e-11)
            low, high = pairs.heights
            assert low - 1e-11 <= region.total_variation <= high + 1e-11
            for x, y in conditions_of(pairs)["required"]:
                assert region.boundary(x) >= y - 1e-9
            for x, y in conditions_of(pairs)["forbidden"]:
                if x == 0 or y == 1:
                    continue  # a limit of regions may have a wall there that they have not
                assert region.boundary(x) <= y + 1e-9


@needs_node
def test_the_page_has_the_values_of_other_programs():
    """Thirteen classes whose ranges were found by a search that shares no code with the library."""
    path = Path(__file__).parents[1] / "reference" / "classes.toml"
    words = ("tau", "collapse", "augmentation", "no_collapse", "no_augmentation")
    cases, expected = [], []
    for entry in tomllib.loads(path.read_text(encoding="utf-8"))["class"]:
        if {"within", "contains", "hockey_stick"} & set(entry):
            continue
        given = {name: entry[name] for name in words if name in entry}
        for known in entry["tv"]:
            cases.append((mc.PairClass(**given), known["m"]))
            expected.append((float(known["lower"]), float(known["upper"])))
    assert len(cases) >= 12
    for answer, ends, case in zip(evaluate(cases), expected, cases, strict=True):
        found = answer["lower"]["value"], answer["upper"]["value"]
        assert found == pytest.approx(ends, abs=USUAL), case


@needs_node
def test_conflicts_name_what_excludes_each_other():
    cases = [
        (mc.PairClass(0.05, collapse=(0.02, 0.1)), 2),
        (mc.PairClass(0.25, collapse=(0.02, 0.1), no_collapse=(0.03, 0.1)), 2),
        (without_both(0.5, 0.05, 0.1), 2),
    ]
    distance, reached, tangents = (answer["conflict"] for answer in evaluate(cases))
    assert (distance["kind"], distance["forced"]) == ("distance", pytest.approx(0.08))
    assert (reached["kind"], reached["point"]) == ("reached", [0.03, 0.1])
    assert tangents["kind"] == "tangents"
    assert [(e["from"], e["to"]) for e in tangents["exclusions"]] == [
        (0, pytest.approx(0.5)),
        (pytest.approx(0), 0.5),
    ]


# -- the page in a browser -------------------------------------------------------------------------------


def dump(text, directory, fragment="", width=1280):
    """The document after its scripts have run, as text."""
    path = directory / "explorer.html"
    path.write_text(text, encoding="utf-8")
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    options += [f"--user-data-dir={directory / 'profile'}", "--virtual-time-budget=6000", "--dump-dom"]
    options += [f"--window-size={width},900", "--enable-logging=stderr"]
    done = subprocess.run(
        [BROWSER, *options, path.as_uri() + fragment], capture_output=True, timeout=120, check=False
    )
    log = done.stderr.decode()
    assert done.returncode == 0, log
    assert "CONSOLE" not in log, log
    return done.stdout.decode("utf-8")


def shown(document):
    """The ends that the page shows, by name, each with its name; absent where the class is empty."""
    outputs = re.findall(
        r'<output id="(\w+-\w+)" data-value="([^"]+)">([^<]+)</output> <small>(\w+)</small>', document
    )
    for _, value, text, _ in outputs:
        assert float(text) == pytest.approx(float(value), abs=1e-6)
    return {name: (float(value), kind) for name, value, _, kind in outputs}


def expected(m, **classes):
    ends = {}
    for name, pairs in classes.items():
        band = library(pairs, m)
        if band is not None:
            ends[f"{name}-lower"] = (
                pytest.approx(band.lower, abs=ACCURACY),
                "min" if band.lower_attained else "inf",
            )
            ends[f"{name}-upper"] = (
                pytest.approx(band.upper, abs=ACCURACY),
                "max" if band.upper_attained else "sup",
            )
    return ends


START = {
    "current": mc.PairClass(0.11, collapse=(0.02, 0.1)),
    "reference": without_both(0.11, 0.06, 0.1),
}

SHOWN = {
    "": (5, START),
    "#tau=0.18&no_collapse=0.5,0.6&m=3": (3, {"current": mc.PairClass(0.18, no_collapse=(0.5, 0.6))}),
    "#tau=0.2:0.3&collapse=0.02,0.1&no_augmentation=0.1,0.3&m=4": (
        4,
        {"current": mc.PairClass((0.2, 0.3), collapse=(0.02, 0.1), no_augmentation=(0.1, 0.3))},
    ),
    "#collapse=0.05,0.12&augmentation=0.1,0.2&m=6&kept=1&kept_tau=0.3": (
        6,
        {
            "current": mc.PairClass(collapse=(0.05, 0.12), augmentation=(0.1, 0.2)),
            "reference": mc.PairClass(0.3),
        },
    ),
    "#tau=0.5&no_collapse=0.05,0.1&no_augmentation=0.05,0.1&m=3": (
        3,
        {"current": without_both(0.5, 0.05, 0.1)},
    ),
    "#tau=0.11&m=100&last=100": (100, {"current": mc.PairClass(0.11)}),
}


@needs_browser
@pytest.mark.parametrize("fragment", SHOWN)
def test_the_page_shows_the_values_of_the_library(tmp_path, fragment):
    m, classes = SHOWN[fragment]
    document = dump(explorer.page(), tmp_path, fragment)
    assert shown(document) == expected(m, **classes)
    assert ('id="current-empty"' in document) == classes["current"].is_empty


def moved(page, script):
    """The page with a script at its end, and a picture drawn after it: a headless browser may draw none."""
    return page.replace("</body>", f"<script>{script} show();</script></body>")


HELPERS = """
const send = (element, type, more = {}) => element.dispatchEvent(new Event(type, {bubbles: true, ...more}));
const set = (id, value, type = "input") => { byId(id).value = value; send(byId(id), type); };
const press = (element, key, more = {}) =>
  element.dispatchEvent(new KeyboardEvent("keydown", {key, bubbles: true, cancelable: true, ...more}));
const handles = () => [...document.querySelectorAll(".handle")];
const drag = (handle, x, y) => {
  const {left, top} = byId("plane").getBoundingClientRect();
  const at = {bubbles: true, pointerId: 1, clientX: left + plane.x(x), clientY: top + plane.y(y)};
  handle.setPointerCapture = () => {};
  handle.hasPointerCapture = () => true;
  handle.dispatchEvent(new PointerEvent("pointerdown", at));
  handle.dispatchEvent(new PointerEvent("pointermove", at));
  handle.dispatchEvent(new PointerEvent("pointerup", at));
};
const titled = () => setTimeout(() => { document.title = location.hash; }, 1000);
"""


def title(document):
    return re.search("<title>(.*?)</title>", document)[1].replace("&amp;", "&")


@needs_browser
def test_sliders_and_fields_move_the_page_and_its_address(tmp_path):
    script = """
      set("tau-slider", 0.3); set("delta-0", 0.35); set("eps-0", 0.1); set("m-slider", 4); set("last", 12);
      byId("forget").click(); titled();
    """
    document = dump(moved(explorer.page(), HELPERS + script), tmp_path)
    assert shown(document) == expected(4, current=mc.PairClass(0.3, collapse=(0.1, 0.35)))
    assert title(document) == "#tau=0.3&collapse=0.1,0.35&m=4&last=12"


@needs_browser
def test_points_are_dragged_and_added_and_removed(tmp_path):
    script = """
      byId("forget").click(); byId("add-forbidden").click(); show();
      drag(handles()[0], 0.05, 0.12); drag(handles()[1], 0.4, 0.62); titled();
    """
    document = dump(moved(explorer.page(), HELPERS + script), tmp_path)
    pairs = mc.PairClass(0.11, collapse=(0.05, 0.12), no_collapse=(0.4, 0.62))
    assert title(document) == "#tau=0.11&collapse=0.05,0.12&no_collapse=0.4,0.62&m=5&last=20"
    assert shown(document) == expected(5, current=pairs)
    script = "byId('add-required').click(); show(); document.querySelector('.remove').click(); titled();"
    document = dump(moved(explorer.page(), HELPERS + script), tmp_path, "#tau=0.3&collapse=0,0.2")
    assert title(document) == "#tau=0.3&collapse=0.05,0.15&m=5&last=20"


@needs_browser
def test_a_dragged_point_of_augmentation_keeps_its_kind(tmp_path):
    script = "drag(handles()[0], 0.8, 0.95); titled();"
    document = dump(
        moved(explorer.page(), HELPERS + script), tmp_path, "#tau=0.3&augmentation=0.1,0.2&m=5&last=9"
    )
    assert title(document) == "#tau=0.3&augmentation=0.05,0.2&m=5&last=9"


@needs_browser
def test_a_point_cannot_be_dragged_below_the_diagonal(tmp_path):
    script = "drag(handles()[0], 0.7, 0.2); titled();"
    document = dump(moved(explorer.page(), HELPERS + script), tmp_path, "#collapse=0.1,0.2&m=5&last=9")
    assert title(document) == "#collapse=0.7,0.701&m=5&last=9"


@needs_browser
def test_the_keyboard_does_all_that_the_pointer_does(tmp_path):
    script = """
      byId("forget").click(); show();
      press(handles()[0], "ArrowRight"); press(handles()[0], "ArrowUp");
      press(handles()[0], "ArrowUp", {shiftKey: true}); press(handles()[0], "Tab"); titled();
    """
    document = dump(moved(explorer.page(), HELPERS + script), tmp_path)
    assert title(document) == "#tau=0.11&collapse=0.03,0.111&m=5&last=20"
    script = 'byId("forget").click(); show(); press(handles()[0], "Delete"); titled();'
    document = dump(moved(explorer.page(), HELPERS + script), tmp_path)
    assert title(document) == "#tau=0.11&m=5&last=20"
    assert 'class="handle ' not in document


def told(directory, steps):
    """What a page tells after each of some steps of script, each followed by a picture."""
    lines = "".join(f"{step}; show(); answers.push(tell());\n" for step in steps)
    script = f"""
      const answers = [];
      const tell = () => ({{
        address: hashOfState(state),
        problem: byId("problem").textContent,
        words: byId("current-words").textContent,
        clashes: document.querySelectorAll(".handle.clash").length,
      }});
      {lines}
      document.title = JSON.stringify(answers);
    """
    return json.loads(html.unescape(title(dump(moved(explorer.page(), HELPERS + script), directory))))


def at(fragment):
    """The step to an address."""
    return f"change(stateOfHash({json.dumps(fragment)}))"


@needs_browser
def test_tau_may_be_a_number_an_interval_or_any(tmp_path):
    def choose(kind):
        return f'byId("tau-{kind}").checked = true; send(byId("tau-{kind}"), "change")'

    steps = {
        at("#tau=0.11&m=5&last=20"): "#tau=0.11&m=5&last=20",
        choose("interval"): "#tau=0.11:0.21&m=5&last=20",
        'set("tau", 0.4)': "#tau=0.4:0.4&m=5&last=20",
        'set("tau-high-slider", 0.3)': "#tau=0.3:0.3&m=5&last=20",
        choose("any"): "#m=5&last=20",
        choose("number"): "#tau=0.11&m=5&last=20",
    }
    assert [answer["address"] for answer in told(tmp_path, steps)] == list(steps.values())


@needs_browser
def test_a_class_can_be_kept_and_told_apart(tmp_path):
    document = dump(explorer.page(), tmp_path)
    degrees = [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]
    ranges = [mc.band(START[name], range(1, 21), gap=1e-6) for name in ("current", "reference")]
    certain = ranges[0].m[ranges[0].lower - ranges[1].upper > 2 * ACCURACY].tolist()
    assert certain == degrees
    assert "tells the two classes apart at m = 4–16, of m ≤ 20." in document
    script = 'byId("keep").click(); set("tau", 0.4); titled();'
    document = dump(moved(explorer.page(), HELPERS + script), tmp_path, "#tau=0.2&m=3&last=4")
    assert title(document) == "#tau=0.4&kept=1&kept_tau=0.2&m=3&last=4"
    assert shown(document) == expected(3, current=mc.PairClass(0.4), reference=mc.PairClass(0.2))


@needs_browser
def test_the_page_says_why_a_class_is_empty(tmp_path):
    there_are = "There are such pairs: their boundaries touch "
    expected = {
        "#tau=0.05&collapse=0.02,0.1": (
            "No such pair: (0.02, 0.1)-collapse forces τ ≥ 0.08, but τ = 0.05.",
            1,
        ),
        "#tau=0.25&collapse=0.02,0.1&no_collapse=0.03,0.1": (
            "No such pair: a boundary that reaches (0.02, 0.1)-collapse has at least the height 0.1092 at "
            "x = 0.03, and so reaches the forbidden point (0.03, 0.1).",
            2,
        ),
        "#tau=0.5&no_collapse=0.05,0.1&no_augmentation=0.05,0.1": (
            "No such pair: a boundary of total variation 0.5 touches y = x + 0.5 at some x from 0 to 0.5, "
            "but staying below (0.05, 0.1) rules out x from 0 to 0.5, and staying below (0.9, 0.95) rules "
            "out x from 0 to 0.5.",
            2,
        ),
        "#tau=0.11&collapse=0.02,0.1": (f"{there_are}y = x + 0.11 at x in [0, 0.89].", 0),
        "#tau=0.18&no_collapse=0.5,0.6": (f"{there_are}y = x + 0.18 at x in [0, 0.1).", 0),
        "#m=3": ("There are such pairs: P = Q is one.", 0),
        "#collapse=0.02,0.1": (
            "There are such pairs. The points that all reach span the least region; its τ is 0.08.",
            0,
        ),
    }
    answers = told(tmp_path, map(at, expected))
    assert [(answer["words"], answer["clashes"]) for answer in answers] == list(expected.values())


@needs_browser
def test_a_bad_value_is_refused_and_the_page_stays(tmp_path):
    points = "&".join(f"no_collapse=0.{i},0.9" for i in range(1, 5))
    expected = {
        'set("m", 2.5)': "m must be a whole number from 1 to 100.",
        'set("last", 101)': "The greatest m must be a whole number from 2 to 100.",
        at("#tau=1.5&collapse=0.02,0.1"): "τ must be a number from 0 to 1.",
        at("#tau=0.3:0.2"): "The least τ must not exceed the greatest: 0.3 and 0.2.",
        at("#tau=0.3&collapse=0.4,0.2"): "A point needs 0 ≤ ε < δ ≤ 1; here ε = 0.4 and δ = 0.2.",
        at("#tau=0.3&collapse=0.4"): "A point needs 0 ≤ ε < δ ≤ 1; here ε = 0.4 and δ = nothing.",
        at(f"#{points}"): "At most 3 points can be forbidden.",
    }
    answers = told(tmp_path, expected)
    assert [answer["problem"] for answer in answers] == list(expected.values())
    start = "#tau=0.11&collapse=0.02,0.1&kept=1&kept_tau=0.11&kept_no_collapse=0.06,0.1"
    assert {answer["address"] for answer in answers} == {f"{start}&kept_no_augmentation=0.06,0.1&m=5&last=20"}


@needs_browser
def test_the_page_gives_the_commands_that_certify_it(tmp_path, capsys):
    document = dump(explorer.page(), tmp_path, "#tau=0.2:0.3&collapse=0.02,0.1&no_augmentation=0.1,0.3&m=4")
    python, shell = (
        re.search(f'<code id="{name}">(.*?)</code>', document)[1] for name in ("python", "shell")
    )
    band = eval(python, {"mc": mc})
    assert band == mc.band(
        SHOWN["#tau=0.2:0.3&collapse=0.02,0.1&no_augmentation=0.1,0.3&m=4"][1]["current"], 4
    )
    from modecollapse import cli

    assert cli.main([*shell.split()[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == band.to_dict()


WALK = """
let seed = 5;
const random = (n) => { seed = (seed * 48271) % 2147483647; return seed % n; };
const pick = (list) => list[random(list.length)];
const failures = [];
window.addEventListener("error", (event) => failures.push(event.message));
console.error = (...words) => failures.push(words.join(" "));
const answers = [];
for (let walk = 0; walk < WALKS; walk++) {
  random(1);
  change({...pick(PRESETS)[1], m: 2, last: 3});
for (let turn = 0; turn < 8; turn++) {
  const all = (selector) => [...document.querySelectorAll(selector)];
  const fields = all("#controls :is(input:not([type=radio]), textarea)")
    .filter((field) => !field.id.startsWith("last"));
  const keys = ["ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", "Delete", "a"];
  const numbers = ["", "-1", "0", "1", "1e9", String(random(1000) / 1000)];
  const texts = ["", "x", "0.2, 0.8", "20% 1/2 .3", "0;1;0", "(0.1, 0.4) (0.3, 0.7)", "0.1 0.9\\n0 1"];
  const moves = [
    () => { const field = pick(fields); set(field.id, pick(field.type === "textarea" ? texts : numbers)); },
    () => { const field = pick(fields); field.focus(); field.blur(); },
    () => pick(all("button:not(#csv, #png)")).click(),
    () => pick(all("#numbers button")).click(),
    () => answers.push(currentCsv()),
    () => { const radio = pick(all("[type=radio]")); radio.checked = true; send(radio, "change"); },
    () => { for (const list of all("select")) set(list.id, pick(Object.keys(KINDS)), "change"); },
    () => handles().forEach((handle) => drag(handle, random(1400) / 1000 - 0.2, random(1400) / 1000 - 0.2)),
    () => { if (handles().length > 0) press(pick(handles()), pick(keys)); },
    () => { byId("all").open = !byId("all").open; send(byId("all"), "toggle"); },
    () => change({last: 2 + random(4), m: 1 + random(2)}),
  ];
  try {
    pick(moves)();
    show();
    for (const range of Object.values(rangeOf.latest)) {
      for (const {lower, upper} of range.ends.values()) {
        if (!(lower.value <= upper.value + 1e-9)) failures.push(range.key);
      }
    }
    const said = byId("figures").innerHTML + byId("words").textContent + (answers.pop() ?? "");
    if (/NaN|undefined|Infinity/.test(said + byId("python").textContent)) {
      failures.push(JSON.stringify(state) + " shows no number");
    }
  } catch (error) {
    failures.push(error.stack);
  }
}
}
document.title = `${failures.length} failures: ${failures.slice(0, 3).join("; ")}`;
"""


@needs_browser
@pytest.mark.parametrize("walks", [20, slow(100)])
def test_random_walks_over_the_controls_meet_no_error(tmp_path, walks):
    """Each begins at an example. `dump` asserts that the browser's console stays empty."""
    document = dump(moved(explorer.page(), HELPERS + WALK.replace("WALKS", str(walks))), tmp_path)
    assert title(document) == "0 failures: "


@needs_browser
def test_a_word_in_the_console_is_noticed(tmp_path):
    for script in ("console.log('seen');", "setTimeout(() => { throw Error('seen'); });"):
        with pytest.raises(AssertionError, match="seen"):
            dump(moved(explorer.page(), script), tmp_path)


@needs_browser
def test_what_was_wrong_is_said_without_moving_anything(tmp_path):
    """A click that ends a bad entry arrives where it aimed: nothing moves, and no button is replaced."""
    script = """
      byId("use-own").click(); show();
      const buttons = [...document.querySelectorAll("button, summary")];
      const places = () => buttons.map((button) => {
        const {left, top} = button.getBoundingClientRect();
        return button.isConnected ? `${left} ${top}` : "gone";
      }).join();
      set("m", 7); show();
      const seen = [places()];
      byId("m").focus(); set("m", "2.5"); show(); seen.push(places());
      set("eps-0", "5"); show(); seen.push(places());
      byId("m").blur(); show(); seen.push(places());
      byId("keep").click(); show(); byId("forget").click(); show(); seen.push(places());
      document.title = JSON.stringify([new Set(seen.slice(0, 4)).size, new Set(seen).size, byId("m").value]);
    """
    fragment = "#tau=0.11&collapse=0.02,0.1&own=0.2,0.8;0,1&m=5&last=9"
    document = dump(moved(explorer.page(), HELPERS + script), tmp_path, fragment)
    assert json.loads(html.unescape(title(document))) == [1, 1, "7"]


# -- numbers of one's own ----------------------------------------------------------------------------------

LETTERS = {
    "0.2, 0.8 | 0, 1": ([0.2, 0.8], [0, 1]),
    "[1/3 1/3 1/3] | 20%; 30%; 50%": ([1 / 3, 1 / 3, 1 / 3], [0.2, 0.3, 0.5]),
    ".5 .5\\n.25 .75 | ": ([0.5, 0.5], [0.25, 0.75]),
    "0.2, 0.7 | 0, 1": "The masses of P must sum to 1; they sum to 0.9.",
    "0.2, 0.8 | 0, 1, 0": "P and Q need equally many letters; here they have 2 and 3.",
    "1.2, -0.2 | 0, 1": "The masses of P must be numbers ≥ 0.",
    "0.2, 0.8 | 0, one": "The masses of Q must be numbers ≥ 0.",
    " | 0, 1": "Type or paste the masses of P and of Q, such as 0.2, 0.8 and 0, 1.",
}

CORNERS = {
    "(0, 0.2)": ([0.2, 0.8], [0, 1]),
    "0.1 0.4\\n0.5, 0.9": ([0.4, 0.5, 0.1], [0.1, 0.4, 0.5]),
    "(0.1, 0.4) (0.5, 0.9) (0.5, 0.6)": ([0.4, 0.5, 0.1], [0.1, 0.4, 0.5]),
    "0.1 0.4 0.5": "Corners are pairs (ε, δ) of numbers from 0 to 1, such as (0, 0.2) (0.5, 0.9).",
    "(0.1, 1.4)": "Corners are pairs (ε, δ) of numbers from 0 to 1, such as (0, 0.2) (0.5, 0.9).",
    "(0.4, 0.1)": "A corner lies on or above the diagonal; (0.4, 0.1) does not.",
}


@needs_browser
def test_pairs_and_corners_are_read_or_refused_with_the_reason(tmp_path):
    def typed(p="", q="", corners=""):
        return f'set("typed-p", "{p}"); set("typed-q", "{q}"); set("typed-corners", "{corners}")'

    steps = [typed(*text.split(" | ")) for text in LETTERS] + [typed(corners=text) for text in CORNERS]
    script = "const found = [];" + "".join(f"{step}; found.push(typedPair());" for step in steps)
    script += "document.title = JSON.stringify(found);"
    document = dump(moved(explorer.page(), HELPERS + script), tmp_path)
    found = json.loads(html.unescape(title(document)))
    for answer, expected in zip(found, [*LETTERS.values(), *CORNERS.values()], strict=True):
        if isinstance(expected, str):
            assert answer == {"problem": expected}
        else:
            assert answer["p"] == pytest.approx(expected[0], abs=1e-12)
            assert answer["q"] == pytest.approx(expected[1], abs=1e-12)


B2 = "0.06,0.31,0.43,0.19,0.01;0,0.15,0.35,0.4,0.1"
BETWEEN = (
    f"#tau=0.25&no_collapse=0.5,0.74&contains=0.12,0.88;0.05,0.95&within={B2}&own=0.3,0.7;0.1,0.9&m=3&last=4"
)


@needs_browser
def test_regions_given_by_numbers_bound_the_class_and_are_in_the_commands(tmp_path, capsys):
    """The class T5 of tests/reference/classes.toml: its range comes from another program."""
    document = dump(explorer.page(), tmp_path, BETWEEN)
    ends = shown(document)
    assert ends["current-lower"][0] == pytest.approx(0.350911458, abs=USUAL)
    assert ends["current-upper"][0] == pytest.approx(0.468733956, abs=USUAL)
    own = re.search(r'<output id="own-value" data-value="([^"]+)">', document)[1]
    assert float(own) == pytest.approx(mc.packed_tv(([0.3, 0.7], [0.1, 0.9]), 3), abs=1e-12)
    python, shell, of_own = (
        html.unescape(re.search(f'<code id="{name}">(.*?)</code>', document)[1])
        for name in ("python", "shell", "python-own")
    )
    band = eval(python, {"mc": mc})
    assert band.lower == pytest.approx(0.350911458, abs=1e-8)
    assert eval(of_own, {"mc": mc}) == pytest.approx(float(own), abs=1e-12)
    from modecollapse import cli

    assert cli.main([*shell.split()[1:], "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["lower"] == pytest.approx([band.lower], abs=1e-12)


@needs_browser
def test_the_page_says_why_regions_exclude_each_other_and_whether_the_own_pair_belongs(tmp_path):
    wide = "contains=0.4,0.6;0.1,0.9"
    no, contained, limit = "No such pair: ", "the region that all contain", "the region that all lie within"
    expected = {
        f"#{wide}&within={B2}": f"{no}{contained} reaches the height 0.4 at x = 0.1, "
        f"but {limit} ends at 0.2667 there.",
        f"#tau=0.4&within={B2}": f"{no}{limit} has a total variation of 0.3, but τ ≥ 0.4.",
        f"#tau=0.1&{wide}": f"{no}{contained} forces τ ≥ 0.3, but τ = 0.1.",
        f"#tau=0.1&collapse=0.1,0.3&{wide}": f"{no}the points that all pairs reach and {contained} "
        "force τ ≥ 0.3, but τ = 0.1.",
        f"#tau=0.3&within={B2}": "There are such pairs: their boundaries touch y = x + 0.3 at x = 0.5.",
    }
    assert [answer["words"] for answer in told(tmp_path, map(at, expected))] == list(expected.values())
    own, member, none = (
        "own=0.3,0.7;0.1,0.9",
        "It belongs to this class.",
        "It does not belong to this class:",
    )
    expected = {
        f"{own}&tau=0.2": member,
        f"{own}&tau=0.3": f"{none} its τ is less than 0.3.",
        f"{own}&collapse=0.2,0.35&no_collapse=0.1,0.2": f"{none} it reaches the forbidden point (0.1, 0.2).",
        f"{own}&collapse=0.7,0.8": f"{none} it does not reach (0.7, 0.8).",
        f"{own}&within={B2}": f"{none} it reaches (0.1, 0.3), outside {limit}.",
    }
    script = "const found = [];" + "".join(
        f'{at("#" + fragment)}; show(); found.push(byId("own-words").textContent);' for fragment in expected
    )
    document = dump(moved(explorer.page(), f"{script} document.title = JSON.stringify(found);"), tmp_path)
    assert json.loads(html.unescape(title(document))) == [f"τ = 0.2. {words}" for words in expected.values()]


@needs_browser
def test_regions_are_kept_and_removed_and_come_back_from_the_address(tmp_path):
    script = """
      byId("keep").click(); show();
      document.querySelectorAll("#region-rows .remove")[1].click(); show(); titled();
    """
    document = dump(moved(explorer.page(), HELPERS + script), tmp_path, BETWEEN)
    kept = BETWEEN.partition("&own")[0][1:].replace("tau", "kept_tau").replace("no_c", "kept_no_c")
    kept = kept.replace("contains", "kept_contains").replace("within", "kept_within")
    expected = BETWEEN.replace("contains=0.12,0.88;0.05,0.95&", "").replace("&m=3", f"&kept=1&{kept}&m=3")
    assert title(document) == expected


@needs_browser
def test_ranges_are_saved_as_csv_and_drawings_as_png(tmp_path):
    script = """
      const saved = [];
      download = (name, uri) => {
        saved.push([name, uri]);
        if (saved.length === 2) document.title = JSON.stringify(saved);
      };
      setTimeout(() => { byId("csv").click(); byId("png").click(); }, 1500);
    """
    document = dump(moved(explorer.page(), script), tmp_path, BETWEEN)
    (csv, text), (png, picture) = json.loads(html.unescape(title(document)))
    assert (csv, png) == ("modecollapse.csv", "modecollapse.png")
    rows = [row.split(",") for row in unquote(text.partition(",")[2]).splitlines()]
    assert rows[0] == [
        "m",
        "class_lower",
        "class_lower_attained",
        "class_upper",
        "class_upper_attained",
        "own",
    ]
    assert [row[0] for row in rows[1:]] == ["1", "2", "3", "4"]
    assert float(rows[3][1]) == pytest.approx(0.350911458, abs=USUAL)
    assert rows[3][2] == "false"
    assert float(rows[4][5]) == pytest.approx(mc.packed_tv(([0.3, 0.7], [0.1, 0.9]), 4), abs=1e-12)
    (tmp_path / "picture.png").write_bytes(b64decode(picture.partition(",")[2]))
    pixels = matplotlib.image.imread(tmp_path / "picture.png")
    assert pixels.shape[1] > 1500
    assert len(np.unique((pixels[::4, ::4, :3] * 255).astype(int).reshape(-1, 3), axis=0)) > 20


@needs_node
def test_distances_of_many_letters_come_from_a_lattice():
    rng = np.random.default_rng(3)
    cases = [
        (*rng.dirichlet(np.full(k, a), 2).tolist(), m) for k in (5, 8, 30) for a in (0.3, 5) for m in (5, 100)
    ]
    source = f"{mathematics()}\nconst cases = {json.dumps(cases)};"
    values = run_node(
        f"{source} console.log(JSON.stringify(cases.map(([p, q, m]) => packedDistance({{p, q}}, m))));"
    )
    exact = [mc.packed_tv((p, q), m) for p, q, m in cases]
    np.testing.assert_allclose(values, exact, rtol=0, atol=1e-5)


@needs_browser
@pytest.mark.parametrize("width", [340, 390, 760])
def test_nothing_is_cut_on_a_phone(tmp_path, width):
    """At the layout of a phone nothing but the row of examples is wider than the page."""
    script = """
      setTimeout(() => {
        const wide = [...document.querySelectorAll("body *")].filter((element) =>
          !element.closest("#presets, svg, details") && element.getBoundingClientRect().right > WIDTH + 1);
        const fields = [...document.querySelectorAll("#points input, textarea")];
        const bad = [...wide, ...fields.filter((field) => field.clientWidth < 40)];
        document.title = JSON.stringify(bad.map((element) => element.id || element.tagName));
      }, 1500);
      byId("all").open = true;
    """.replace("WIDTH", str(width))
    page = explorer.page().replace("<html", f'<html style="width: {width}px; display: block"')
    fragment = "#tau=0.13:0.2&collapse=0.02,0.08&no_collapse=0.1,0.22&no_augmentation=0.1,0.22&m=3&last=12"
    fragment += "&own=0.2,0.1,0.1,0.1,0.1,0.1,0.1,0.1,0.1;0,0.15,0.15,0.1,0.1,0.1,0.1,0.1,0.2"
    assert title(dump(moved(page, script), tmp_path, fragment, max(width, 500))) == "[]"


@needs_browser
def test_every_control_has_a_name(tmp_path):
    script = """
      const controls = [...document.querySelectorAll("input, select, button, [tabindex]")];
      const nameless = controls.filter((element) =>
        !element.getAttribute("aria-label") && !element.labels?.length && !element.textContent.trim());
      document.title = `${controls.length > 20} ${nameless.length}`;
    """
    fragment = "#tau=0.15&collapse=0.02,0.08&no_collapse=0.1,0.22&no_augmentation=0.1,0.22&m=3&last=12"
    document = dump(moved(explorer.page(), f"show(); {script}"), tmp_path, fragment)
    assert title(document) == "true 0"


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
def test_colours_have_the_contrast_of_aa(theme):
    source = files("modecollapse.pages").joinpath("explorer.css").read_text(encoding="utf-8")
    block = re.findall(r":root \{([^}]*)\}", source)[theme]
    colours = dict(re.findall(r"--(\w+): (#\w{6});", block))
    texts = {"ink", "soft", "current", "required", "forbidden", "fault", "own"}
    assert texts <= set(colours)
    for name, colour in colours.items():
        for ground in ("paper", "panel"):
            light, dark = sorted((luminance(colour), luminance(colours[ground])), reverse=True)
            contrast = (light + 0.05) / (dark + 0.05)
            if name in texts:
                assert contrast >= 4.5, (name, ground, contrast)
            elif name in {"reference", "separated"}:
                assert contrast >= 3, (name, ground, contrast)


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


def test_write_replaces_a_file(tmp_path):
    path = tmp_path / "explorer.html"
    path.write_text("old", encoding="utf-8")
    assert explorer.write(path) == path
    assert path.read_text(encoding="utf-8") == explorer.page()


def test_the_stated_accuracy_is_the_tested_one():
    source = files("modecollapse.pages").joinpath("explorer.js").read_text(encoding="utf-8")
    assert f"const ACCURACY = {ACCURACY:g};".replace("0.0001", "1e-4") in source
