"""Certificates of random ranges and of those with published values are proved by the checker."""

from __future__ import annotations

import json
import tomllib
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from effort import first_of_each, slow

import modecollapse as mc
from modecollapse.cli import main
from modecollapse.theorems import verify

REFERENCE = tomllib.loads(
    (Path(__file__).parents[1] / "reference" / "classes.toml").read_text(encoding="utf-8")
)

PROVED = "Of all pairs (P, Q) with "


def proved(band) -> str:
    text = verify.prove(band.certificate())
    assert text.startswith(PROVED)
    return text


# -- random classes ----------------------------------------------------------------------------------------


def any_pair(rng) -> dict:
    return {}


def collapse(rng) -> dict:
    eps, delta = np.sort(rng.uniform(0, 1, 2)).round(3)
    return {"collapse": (eps, delta), "tau": round(rng.uniform(delta - eps, 1), 3)}


def augmentation(rng) -> dict:
    return {"augmentation" if name == "collapse" else name: value for name, value in collapse(rng).items()}


def threshold(rng) -> dict:
    """τ = δ − ε as decimals, where the doubles differ in the last place."""
    eps, d = round(rng.uniform(0, 0.5), 2), round(rng.uniform(0.01, 0.4), 2)
    return {"collapse": (eps, round(eps + d, 2)), "tau": d}


def neither(low: str, high: str):
    """Neither collapse nor augmentation, τ between two thresholds of Theorem 5."""

    def draw(rng) -> dict:
        u, d = round(float(np.exp(rng.uniform(-4, -1))), 3), round(float(np.exp(rng.uniform(-3.5, -1))), 3)
        ends = {"0": 0, "d": d, "side": d / (1 - u), "middle": d / (2 * u + d), "1": 1}
        first, last = max(ends["d"], ends[low]) if low == "side" else ends[low], ends[high]
        if not 2 * u + d < 1 or first >= last - 0.002:
            return draw(rng)
        tau = round(rng.uniform(first, last), 4)
        point = (u, round(u + d, 3))
        return {"no_collapse": point, "no_augmentation": point, "tau": tau}

    return draw


def zero_width(rng) -> dict:
    point = (0.0, round(rng.uniform(0.02, 0.3), 3))
    return {"no_collapse": point, "no_augmentation": point, "tau": round(rng.uniform(point[1], 0.9), 3)}


def hundredths(rng) -> mc.Region:
    return mc.Region.from_pmfs(*(rng.multinomial(100, rng.dirichlet(np.ones(3))) / 100 for _ in range(2)))


def several(rng) -> dict:
    """Required points below a random region, up to two forbidden ones above it, perhaps another around it."""
    inside = hundredths(rng)
    words: dict = {"collapse": [], "no_collapse": []}
    for share in rng.uniform(0.1, 0.9, rng.integers(0, 3)):
        x = round(rng.uniform(0.02, 0.95), 3)
        y = round(x + share * (inside.boundary(x) - x), 3)
        words["collapse"] += [(x, y)] if y > x else []
    for share in rng.uniform(0.05, 0.6, rng.integers(0, 3)):
        x = round(rng.uniform(0.02, 0.95), 3)
        words["no_collapse"].append((x, round(inside.boundary(x) + share * (1 - inside.boundary(x)), 3)))
    words["no_collapse"] = [(x, y) for x, y in words["no_collapse"] if x < y < 1]
    if rng.random() < 0.4:
        words["within"] = inside | hundredths(rng)
    tau = inside.total_variation
    words["tau"] = [None, round(tau * 0.98, 3), (round(tau * 0.9, 3), round(tau * 1.1, 3))][
        rng.integers(0, 3)
    ]
    return words


KINDS = {
    "all pairs": any_pair,
    "collapse": collapse,
    "augmentation": augmentation,
    "threshold": threshold,
    "too close": neither("0", "d"),
    "side": neither("d", "side"),
    "middle": neither("side", "middle"),
    "zero width": zero_width,
    "several": several,
}

CASES = first_of_each(
    [(kind, seed) for kind in KINDS for seed in range(16)], lambda kind, seed: (kind, seed % 16 > 1)
)


@pytest.mark.parametrize(("kind", "seed"), CASES)
def test_random_certificates_are_proved(kind, seed):
    rng = np.random.default_rng([seed, list(KINDS).index(kind)])
    for _ in range(20):
        pairs = mc.PairClass(**{"tau": round(rng.uniform(0.02, 0.9), 3), **KINDS[kind](rng)})
        if not pairs.is_empty:
            break
    m = int(rng.choice([1, 2, 3, 5, 8]))
    band = mc.band(pairs, m)
    assert f"d_TV(P^{m}, Q^{m}) is {band.lower!r}, within {band.lower_gap!r} (bounds" in proved(band)


@pytest.mark.parametrize("seed", [slow(seed) for seed in range(12, 25)])
def test_middle_classes_have_witnesses_at_the_least_gap(seed):
    """A certificate names a member within 1e-12 of each end, of which the checker computes the distance."""
    pairs = mc.PairClass(**neither("side", "middle")(np.random.default_rng([seed, 6])))
    certificate = json.loads(mc.band(pairs, 3, gap=1e-12).certificate())
    exact = verify.read_class(certificate["class"])
    value, gap = (Fraction(certificate["supremum"][name]) for name in ("value", "gap"))
    member = verify.witness(exact, certificate["supremum"]["witness"], "witness")
    assert value - gap <= verify.at_least(member, 3) <= value + gap


@pytest.mark.parametrize(
    "conditions",
    [
        {"no_collapse": (0.8, 1)},
        {"no_collapse": [(0, 0.4), (0.7, 1)]},
        {"no_augmentation": [(0, 0.4), (0.7, 1)]},
        {"tau": (0.5, 1), "collapse": (0.9, 0.95), "no_collapse": (0.8, 1)},
    ],
)
def test_members_close_to_disjoint_pairs_are_named(conditions):
    """The greatest region has the corner (0, 1): a member lies below it and to the right of it."""
    assert "the supremum" in proved(mc.band(mc.PairClass(**conditions), 3))


# -- published values --------------------------------------------------------------------------------------

MATTERING = {"T12": 3}
"""Classes with more forbidden points than the checker searches."""

DEGENERATE = {"T13"}
"""The doubles of a class at a threshold: as decimals its points miss the line by 1e-17."""


def class_of(row) -> mc.PairClass:
    conditions = {key: value for key, value in row.items() if key not in ("name", "tv", "js")}
    if "within" in conditions:
        conditions["within"] = mc.Region.from_vertices(REFERENCE["regions"][conditions["within"]])
    return mc.PairClass(**conditions)


PUBLISHED = [
    (row, index)
    for row in REFERENCE["class"]
    if row["name"] not in {*MATTERING, *DEGENERATE}
    for index in range(len(row["tv"]))
]


@pytest.mark.parametrize(
    ("row", "index"), PUBLISHED, ids=lambda value: value["name"] if isinstance(value, dict) else None
)
def test_published_classes_are_proved(row, index):
    """The values with the digits that are given, too, which come from another search."""
    published = row["tv"][index]
    band = mc.band(class_of(row), published["m"])
    certificate = json.loads(band.certificate())
    verify.prove(json.dumps(certificate))
    for end, name in (("infimum", "lower"), ("supremum", "upper")):
        digits = min(7, len(published[name]) - 1)
        certificate[end] |= {"value": "0" + published[name], "gap": f"1e-{digits}"}
    verify.prove(json.dumps(certificate))


def test_a_degenerate_class_is_proved_as_fractions():
    """T13: τ = 1/7, B touches ℓ on an edge, and the obvious family of greatest regions gives .370262."""
    (values,) = [row["tv"][0] for row in REFERENCE["class"] if row["name"] == "T13"]
    certificate = {
        "format": verify.FORMAT,
        "class": {"tau": "1/7", "within": [["0.3", "31/70"], ["6/7", "1"]], "no_collapse": [["0.6", "0.7"]]},
        "m": 3,
        "infimum": {"value": values["lower"], "gap": "1e-8", "witness": {"x": "0.3", "corners": []}},
        "supremum": {"value": values["upper"], "gap": "1e-8", "witness": {"x": "0.3", "corners": []}},
    }
    pairs = verify.read_class(certificate["class"])
    low, high = pairs.tangents[0]
    infimum = Fraction(values["lower"])
    verify.prove_infimum(pairs, 3, infimum - Fraction(1, 10**8))
    search = verify.Supremum(pairs, 3, Fraction(values["upper"]) + Fraction(1, 10**8))
    search.prove()
    with pytest.raises(verify.Refused):
        verify.Supremum(pairs, 3, Fraction(values["upper"]) - Fraction(1, 10**8)).prove()
    assert low <= high


STEEP = mc.Region.from_vertices([[0, 0], [0.2, 1], [1, 1]])
BENT = mc.Region.from_vertices([[0, 0], [0.25, 0.95], [1, 1]])

FEW = [
    # one line passes below both points, so the other is left out
    ({"no_collapse": [(0.6, 0.9)], "no_augmentation": [(0.2, 0.5)], "tau": 0.5, "within": STEEP}, 5, 100),
    # a letter that stands still is empty at the end of a segment, where the value is greatest
    slow({"no_collapse": [(0.05, 0.15)], "no_augmentation": [(0.05, 0.3)], "within": BENT}, 3, 400),
]


@pytest.mark.parametrize(("words", "m", "most"), FEW)
def test_few_cells_are_enough_at_edges_of_the_slopes(words, m, most, monkeypatch):
    monkeypatch.setattr(verify, "CELLS", most)
    proved(mc.band(mc.PairClass(**words), m))


# -- scope -------------------------------------------------------------------------------------------------


def test_what_has_no_certificate_says_why():
    with pytest.raises(ValueError, match="one packing degree, got a band at 2"):
        mc.tv_band(0.11, [1, 2]).certificate()
    with pytest.raises(ValueError, match="total variation of a class of pairs, got 'js'"):
        mc.tv_band(0.11, 2, divergence="js").certificate()
    three = mc.PairClass(
        tau=0.15, collapse=(0.15, 0.24), no_collapse=[(0.05, 0.16), (0.3, 0.43), (0.8, 0.93)]
    )
    with pytest.raises(ValueError, match="at most 2 forbidden points that matter"):
        mc.band(three, 3).certificate()


def test_a_distance_within_rounding_of_a_threshold_is_no_certificate():
    """The range treats τ as δ − ε; as decimals the class is empty."""
    band = mc.tv_band(0.0799999999999999, 2, collapse=(0.02, 0.1))
    with pytest.raises(
        ValueError,
        match=r"taken as exact decimals, the class has no member .* has the distance 0\.08",
    ):
        band.certificate()


def test_a_certificate_is_small_and_keeps_the_words_of_the_class():
    text = mc.tv_band(0.11, 5, collapse=(0.02, 0.1)).certificate()
    assert len(text) < 1000
    assert json.loads(text)["class"] == {"tau": "0.11", "collapse": [["0.02", "0.1"]]}


@pytest.mark.parametrize("tau", [0.11, 0.115, 0.12])
@pytest.mark.parametrize("point", [(0.05, 0.1), (0.02, 0.08)])
def test_witnesses_have_as_few_letters_as_greatest_regions(point, tau):
    """A corner that leaves an edge of the square makes a letter more, and a hundred samples count three."""
    text = mc.tv_band(tau, 100, no_collapse=point, no_augmentation=point).certificate()
    given = json.loads(text)
    member = verify.witness(verify.read_class(given["class"]), given["supremum"]["witness"], "witness")
    assert sum(min(letter) > 0 for _, letter in verify.sides(member)) <= 3


def test_samples_too_many_to_sum_are_no_certificate():
    with pytest.raises(ValueError, match=r"no certificate: .* at m = 10000 are too many to sum"):
        mc.tv_band(0.11, 10**4, no_collapse=(0.05, 0.1), no_augmentation=(0.05, 0.1)).certificate()


@pytest.mark.parametrize("m", [slow(50), slow(100)])
def test_hundred_samples(m):
    proved(mc.tv_band(0.11, m))
    proved(mc.tv_band(0.11, m, collapse=(0.02, 0.1)))


@pytest.mark.parametrize(
    ("point", "tau", "m"), [((0.261, 0.33), 0.1027, 50), slow((0.072, 0.314), 0.3726, 50)]
)
def test_middle_classes_at_many_samples(point, tau, m):
    proved(mc.tv_band(tau, m, no_collapse=point, no_augmentation=point))


# -- the command -------------------------------------------------------------------------------------------


def test_the_command_bounds_writes_what_the_command_verify_proves(tmp_path, capsys):
    file = str(tmp_path / "certificate.json")
    bounds = ["bounds", "--tau", ".13:.2", "--collapse", ".02,.08", "--certificate", file]
    assert main([*bounds, "--m", "3"]) == 0
    assert main(["verify", file]) == 0
    assert main([*bounds, "--m", "1:3"]) == 2
    assert "one packing degree, got --m with 3" in capsys.readouterr().err
    assert main([*bounds, "--m", "3", "--divergence", "js"]) == 2
    assert main([*bounds, "--m", "3", "--as-printed"]) == 2


def test_the_command_proves_and_refuses(tmp_path, capsys):
    file = tmp_path / "certificate.json"
    text = mc.tv_band(0.11, 3, no_collapse=(0.2, 0.3), no_augmentation=(0.2, 0.3)).certificate()
    file.write_text(text, encoding="utf-8")
    assert main(["verify", str(file)]) == 0
    assert "no_collapse: [[0.2, 0.3]], no_augmentation: [[0.2, 0.3]]}" in capsys.readouterr().out
    file.write_text(text.replace('"m": 3', '"m": 4'), encoding="utf-8")
    with pytest.raises(SystemExit) as refused:
        main(["verify", str(file)])
    assert refused.value.code == 1
    assert capsys.readouterr().out.startswith("refused: ")
    with pytest.raises(SystemExit) as absent:
        main(["verify", str(tmp_path / "none.json")])
    assert absent.value.code == 2
