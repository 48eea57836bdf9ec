"""`modecollapse curve`: the columns are the functions of `curves`, for pmfs and for files of samples."""

import csv
import io
import json
import re

import numpy as np
import pytest

from modecollapse import Region, RegionBracket, cli, curves, pack, samples
from modecollapse.cli.curve import CURVES

P, Q = [0.5, 0.3, 0.2, 0.0], [0.6, 0.2, 0.0, 0.2]
REGION = Region.from_pmfs(P, Q)
PAIR = ["--p", ".5,.3,.2,0", "--q", ".6,.2,0,.2"]

VALUES = {
    "precision-recall": lambda region, at: curves.precision_recall(region, at)._asdict(),
    "roc": lambda region, at: {"true_positive_rate": region.boundary(at)},
    "trade-off": lambda region, at: {"beta": curves.trade_off(region, at)},
    "bayes-risk": lambda region, at: {"risk": curves.bayes_risk(region, at)},
    "privacy": lambda region, at: {"delta": [curves.privacy_delta(region, eps) for eps in at]},
    "frontier": lambda region, at: curves.frontier(region, at)._asdict(),
}


@pytest.fixture
def run(capsys):
    """Run `modecollapse curve`; returns (exit code, standard output, standard error)."""

    def run_command(*words):
        code = cli.main(["curve", *words])
        return code, *capsys.readouterr()

    return run_command


@pytest.fixture
def columns(run):
    """Run it where it succeeds, as JSON, with null as NaN."""

    def run_command(*words):
        code, out, err = run(*words, "--json")
        assert (code, err) == (0, "")
        return {
            name: np.array([np.nan if value is None else value for value in values])
            for name, values in json.loads(out).items()
        }

    return run_command


@pytest.fixture
def labels(tmp_path):
    rng = np.random.default_rng(3)
    path = tmp_path / "labels.csv"
    rows = zip(rng.choice(list("abcd"), 500, p=P), rng.choice(list("abcd"), 500, p=Q), strict=True)
    path.write_text("real,generated\n" + "\n".join(map(",".join, rows)), encoding="utf-8")
    return [f"{path}:real", f"{path}:generated"]


def finite(values):
    return np.where(np.isfinite(values), values, np.nan)


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_of_pmfs_is_that_of_the_library(columns, name):
    table = columns(name, *PAIR)
    at = table.pop(CURVES[name].place)
    assert (np.diff(at) > 0).all()
    expected = VALUES[name](REGION, at)
    assert list(table) == list(expected)
    for column, values in expected.items():
        assert table[column] == pytest.approx(finite(values), abs=1e-15, nan_ok=True)


@pytest.mark.parametrize("name", ["roc", "trade-off", "bayes-risk"])
def test_the_rows_are_all_corners_of_a_curve_of_chords(columns, name):
    table = columns(name, *PAIR)
    at, values = table.values()
    between = (at[1:] + at[:-1]) / 2
    (exact,) = VALUES[name](REGION, between).values()
    assert np.interp(between, at, values) == pytest.approx(exact, abs=1e-15)


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_of_samples_has_two_ends(columns, labels, name):
    table = columns(name, "--samples", *labels, "--labels", "--level", ".9", "--seed", "5")
    at = table.pop(CURVES[name].place)
    path = labels[0].rsplit(":", 1)[0]
    rows = np.loadtxt(path, dtype=str, delimiter=",", skiprows=1).T.tolist()
    band = samples.from_labels(*rows).confidence_band(0.9, 5)
    inner, outer = (VALUES[name](side, at) for side in band)
    assert list(table) == [f"{column}_{end}" for column in inner for end in ("lower", "upper")]
    for column in inner:
        ends = np.array([inner[column], outer[column]])
        for end, values in (("lower", ends.min(axis=0)), ("upper", ends.max(axis=0))):
            assert table[f"{column}_{end}"] == pytest.approx(finite(values), abs=1e-13, nan_ok=True)


def test_scores_are_samples_too(columns, tmp_path):
    real, generated = np.arange(50.0), np.arange(50.0) - 20
    for name, scores in (("real", real), ("generated", generated)):
        np.save(tmp_path / f"{name}.npy", scores)
    files = [f"{tmp_path}/{name}.npy" for name in ("real", "generated")]
    table = columns("numbers", "--samples", *files, "--scores")
    band = samples.from_scores(real, generated).confidence_band()
    ends = {name: (low, high) for name, low, high in zip(*table.values(), strict=True)}
    assert ends["area under the ROC curve"] == pytest.approx(tuple(curves.auc(band)))
    assert ends["total variation"] == pytest.approx(tuple(band.divergence("tv")))


def test_samples_may_come_in_groups(columns, tmp_path):
    rng = np.random.default_rng(0)
    labels, groups = rng.choice(["cat", "dog"], (2, 90)), np.repeat(np.arange(30), 3)
    for name, own in zip("ab", labels, strict=True):
        np.savez(tmp_path / f"{name}.npz", label=own, call=groups)
    files = [f"{tmp_path}/{name}.npz:label" for name in "ab"]
    table = columns("numbers", "--samples", *files, "--labels", "--groups", "call")
    band = samples.from_groups(*labels, groups, groups).confidence_band()
    ends = {name: (low, high) for name, low, high in zip(*table.values(), strict=True)}
    assert ends["total variation"] == pytest.approx(tuple(band.divergence("tv")))


def test_features_are_samples_too(columns, tmp_path):
    rng = np.random.default_rng(5)
    real, generated = rng.normal(size=(80, 2)), rng.normal(size=(90, 2)) + 0.5
    centres = np.array([[0.0, 0.0], [1.5, 1.5]])
    for name, rows in (("real", real), ("generated", generated), ("centres", centres)):
        np.save(tmp_path / f"{name}.npy", rows)
    files = [f"{tmp_path}/{name}.npy" for name in ("real", "generated", "centres")]
    table = columns("trade-off", "--samples", *files[:2], "--centres", files[2], "--radius", "1")
    band = samples.from_centres(real, generated, centres, 1).confidence_band()
    assert table["beta_lower"] == pytest.approx(curves.trade_off(band, table["alpha"]).lower, abs=1e-13)


def test_one_file_of_both_kinds_of_rows_is_two(columns, tmp_path):
    rng = np.random.default_rng(7)
    labels, is_real = rng.choice(["cat", "dog"], 200), rng.choice([True, False], 200)
    np.savez(tmp_path / "rows.npz", label=labels, kind=is_real)
    table = columns("roc", "--samples", f"{tmp_path}/rows.npz:label", "--by", "kind", "--labels")
    band = samples.from_labels(labels[is_real], labels[~is_real]).confidence_band()
    expected = band.outer.boundary(table["false_positive_rate"])
    assert table["true_positive_rate_upper"] == pytest.approx(expected)


def test_known_shares_stand_for_real_samples(columns, tmp_path):
    np.save(tmp_path / "labels.npy", ["cat"] * 70 + ["dog"] * 20 + ["owl"] * 10)
    shares = '{"cat": 0.5, "dog": 0.5}'
    table = columns("numbers", "--samples", f"{tmp_path}/labels.npy", "--target", shares, "--labels")
    seen = samples.from_counts(target=[0.5, 0.5, 0], generated=[70, 20, 10])
    ends = {name: (low, high) for name, low, high in zip(*table.values(), strict=True)}
    assert ends["total variation"] == pytest.approx(tuple(seen.confidence_band().divergence("tv")))


def test_numbers_are_those_of_the_library(columns):
    table = columns("numbers", *PAIR)
    values = dict(zip(*table.values(), strict=True))
    assert values["MAUVE"] == pytest.approx(curves.mauve(REGION))
    assert values["support recall"] == curves.support_recall(REGION) == pytest.approx(0.8)
    assert values["F-score, beta 1/8"] == curves.f_score(REGION, 1 / 8)
    assert values["total variation"] == REGION.total_variation


def test_a_packed_pair_has_its_own_curve(columns):
    table = columns("roc", *PAIR, "--m", "3")
    packed = pack(REGION, 3)
    assert table["true_positive_rate"] == pytest.approx(packed.boundary(table["false_positive_rate"]))
    assert packed != REGION


def test_places_may_be_chosen_and_csv_reads_back(run):
    code, out, err = run("trade-off", *PAIR, "--at", ".1,.3", "--csv")
    assert (code, err) == (0, "")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [float(row["alpha"]) for row in rows] == [0.1, 0.3]
    assert [float(row["beta"]) for row in rows] == curves.trade_off(REGION, [0.1, 0.3]).tolist()


@pytest.mark.parametrize("name", CURVES)
def test_each_is_drawn(run, labels, tmp_path, name):
    for words in (PAIR, ["--samples", *labels, "--labels"]):
        code, _, err = run(name, *words, "--plot", f"{tmp_path}/curve.svg")
        assert (code, err) == (0, "")
        assert "<svg" in (tmp_path / "curve.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["roc", "--p", "1"], "give a pair of pmfs as --p and --q, or files of samples as --samples"),
        (["roc", "--p", ".5,.6", "--q", "0,1"], "p must sum to 1"),
        (
            ["roc", *PAIR, "--labels"],
            "--labels, --scores, --centres, --cells, --groups, --by and --target are for --samples",
        ),
        (["roc", *PAIR, "--groups", "call"], "--groups, --by and --target are for --samples"),
        (["roc", *PAIR, "--samples", "a.npy", "b.npy"], "give either pmfs, as --p and --q, or --samples"),
        (["roc", "--samples", "a.npy", "b.npy"], "say what the --samples are: --labels, --scores"),
        (["roc", "--samples", "a.npy", "--labels"], "--samples takes two files, REAL and GENERATED, or one"),
        (["roc", "--samples", "a.npy", "b.npy", "c.npy", "--labels"], "--samples takes two files"),
        (["roc", "--samples", "a.npy", "b.npy", "--labels", "--by", "k"], "rows, got b.npy besides"),
        (["roc", "--samples", "a.npy", "--scores", "--target", ".5,.5"], "it goes with --labels"),
        (["roc", *PAIR, "--by", "kind"], "--by and --target are for --samples"),
        (["roc", "--samples", "no.csv:a", "no.csv:b", "--labels"], "no.csv"),
        (["roc", "--samples", "a.npy", "b.npy", "--labels", "--level", "2"], "level must"),
        (["roc", *PAIR, "--m", "0"], "m must be integers from 1"),
        (["trade-off", *PAIR, "--at", "2"], r"alpha must lie in \[0, 1\], got 2"),
        (
            ["trade-off", *PAIR, "--at", "x"],
            "--at takes numbers separated by commas, such as .2,4/5 or 20%,80%, got 'x'",
        ),
        (["numbers", *PAIR, "--at", "1"], "numbers have no places"),
        (["numbers", *PAIR, "--plot", "x.png"], "--plot draws curves; numbers have no picture"),
    ],
)
def test_bad_input_is_one_line(run, words, message):
    code, out, err = run(*words)
    assert (code, out) == (2, "")
    assert err.startswith("modecollapse: error: ")
    assert err.count("\n") == 1
    assert re.search(message, err)


def test_a_bracket_of_regions_is_packed_at_both_ends():
    from modecollapse.cli.curve import _packed

    inner = REGION & Region.from_pmfs([0.7, 0.3], [0.9, 0.1])
    both = _packed(RegionBracket(inner, REGION), 2)
    assert both == RegionBracket(pack(inner, 2), pack(REGION, 2))
