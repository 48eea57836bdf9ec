"""`modecollapse compare`: what `samples.compare` says of arrays, as text, as JSON and as a page."""

from __future__ import annotations

import json
import re
from base64 import b64decode
from html import unescape
from pathlib import Path

import numpy as np
import pytest

from modecollapse import cli
from modecollapse.pages import comparison as pages
from modecollapse.samples import compare, from_centres, from_counts, from_features_in_common, from_labels
from modecollapse.samples.counts import OFF_MODE

CENTRES = np.array([[0.0, 0.0], [9.0, 0.0], [0.0, 9.0]])
LABELS = np.array(["ant", "bee", "cat"])


@pytest.fixture
def run(capsys):
    """Run the command; returns (exit code, standard output, standard error)."""

    def run_command(*arguments):
        code = cli.main(["compare", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run_command


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(3)
    modes = {
        "real": rng.choice(3, 900),
        "good": rng.choice(3, 800),
        "bad": rng.choice(2, 700),
    }
    points = {name: CENTRES[own] + rng.normal(size=(len(own), 2)) for name, own in modes.items()}
    np.save("centres.npy", CENTRES)
    for name, own in modes.items():
        np.save(f"{name}.npy", points[name])
        np.save(f"{name}_labels.npy", LABELS[own])
    return points, modes


@pytest.mark.parametrize("kind", ["centres", "labels", "cells", "scores"])
def test_the_command_says_what_the_functions_say(run, files, kind):
    points, modes = files
    ending = "_labels.npy" if kind == "labels" else ".npy"
    others = {"bad": "bad", "good": "good"}
    if kind == "centres":
        options = ["--centres", "centres.npy", "--radius", 4]
        evidence = {name: from_centres(points["real"], points[name], CENTRES, 4) for name in others}
    elif kind == "labels":
        options = ["--labels"]
        evidence = {name: from_labels(LABELS[modes["real"]], LABELS[modes[name]]) for name in others}
    elif kind == "cells":
        pytest.importorskip("sklearn")
        options = ["--cells", 3, "--seed", 2]
        evidence = from_features_in_common(
            points["real"], {name: points[name] for name in others}, cells=3, seed=2
        )
    else:
        from modecollapse.samples import from_scores

        ending, options = "_scores.npy", ["--scores"]
        for name in ("real", *others):
            np.save(f"{name}_scores.npy", points[name][:, 1])
        evidence = {name: from_scores(points["real"][:, 1], points[name][:, 1]) for name in others}
    expected = compare(evidence, 0.9, seed=2 if kind == "cells" else 0)
    arguments = [f"real{ending}", *(f"{name}={name}{ending}" for name in others), *options, "--level", 0.9]
    assert run(*arguments) == (0, f"{expected}\n", "")
    assert json.loads(run(*arguments, "--json")[1]) == json.loads(json.dumps(expected.to_dict()))


@pytest.mark.usefixtures("files")
def test_all_generators_are_counted_over_all_labels(run):
    np.save("other.npy", ["ant"] * 50 + ["dog"] * 50)
    found = json.loads(run("real_labels.npy", "a=good_labels.npy", "b=other.npy", "--labels", "--json")[1])
    for one in found["generators"].values():
        assert {mode["name"] for mode in one["modes"]} == {"ant", "bee", "cat", "dog"}


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["bad.npy"], "a generator comes as NAME=FILE or NAME=FILE:NAME, got 'bad.npy'"),
        (["=bad.npy"], "NAME=FILE or NAME=FILE:NAME, got '=bad.npy'"),
        (["a=bad.npy", "a=good.npy"], "generators must have different names, got 'a' twice"),
        (["a=bad.txt"], "got 'bad.txt'"),
        (["a=bad.npy", "b=none.npy"], "none.npy"),
        (["a=bad.npy", "b=wide.npy"], "wide.npy has rows of 3 numbers, but .* are rows of 2"),
        (["a=bad.npy", "b=short.npy"], "short.npy must hold at least 4 rows"),
        (["a=bad.npy", "--report", "none/report.html"], "--report needs a folder that exists, got none"),
        (["a=bad.npy", "--severity", "7"], "severity .* got 7.0"),
        (["a=bad.npy", "--radius", "7"], "--centres and --radius go together"),
    ],
)
@pytest.mark.usefixtures("files")
def test_what_is_wrong_is_said_before_cells_are_fitted(run, monkeypatch, arguments, message):
    from modecollapse.samples import feature_cells

    pytest.importorskip("sklearn")
    monkeypatch.setattr(feature_cells, "fit_centres", lambda *_: pytest.fail("fitted"))
    np.save("wide.npy", np.zeros((50, 3)))
    np.save("short.npy", np.zeros((3, 2)))
    code, out, err = run("real.npy", *arguments, "--cells", 3)
    assert (code, out) == (2, "")
    assert re.search(message, err), err


def rows_by_maker(ending, columns):
    """One file of rows, each with the one that made it; returns its address without the column of rows."""
    path = f"rows.{ending}"
    if ending == "npz":
        np.savez(path, **{name: np.array(values) for name, values in columns.items()})
    elif ending == "csv":
        lines = [",".join(columns), *(",".join(map(str, row)) for row in zip(*columns.values(), strict=True))]
        Path(path).write_text("\n".join(lines), encoding="utf-8")
    else:
        pyarrow = pytest.importorskip("pyarrow.parquet")
        import pandas

        pyarrow.write_table(pytest.importorskip("pyarrow").Table.from_pandas(pandas.DataFrame(columns)), path)
    return path


@pytest.mark.parametrize("ending", ["csv", "npz", "parquet"])
@pytest.mark.parametrize("real", ["real", "1", "TRUE"])
def test_one_file_may_name_the_maker_of_each_row(run, tmp_path, monkeypatch, ending, real):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(4)
    makers = rng.choice([real, "step 2", "step 10"], 600)
    labels = rng.choice(LABELS, 600)
    path = rows_by_maker(ending, {"label": labels, "maker": makers})
    own = {name: labels[makers == name] for name in dict.fromkeys(makers.tolist()) if name != real}
    expected = compare({name: from_labels(labels[makers == real], one) for name, one in own.items()})
    assert run(f"{path}:label", "--by", "maker", "--labels") == (0, f"{expected}\n", "")
    assert set(own) == {"step 2", "step 10"}


@pytest.mark.parametrize("ending", ["csv", "npz", "parquet"])
def test_makers_may_be_numbers(run, tmp_path, monkeypatch, ending):
    """1 is real; a missing entry elsewhere in the column would make its numbers floats."""
    monkeypatch.chdir(tmp_path)
    makers = np.tile([1.0, 0.0, 2.0], 60)
    path = rows_by_maker(ending, {"score": np.arange(180.0), "maker": makers})
    found = json.loads(run(f"{path}:score", "--by", "maker", "--scores", "--json")[1])
    assert list(found["generators"]) == ["0", "2"]


@pytest.mark.usefixtures("files")
def test_cells_are_common_to_all_makers_of_one_file(run, files):
    pytest.importorskip("sklearn")
    points, _ = files
    rows = np.vstack([points[name] for name in ("real", "bad", "good")])
    makers = np.repeat(["real", "bad", "good"], [len(points[name]) for name in ("real", "bad", "good")])
    np.savez("all.npz", rows=rows, maker=makers)
    by_file = run("real.npy", "bad=bad.npy", "good=good.npy", "--cells", 3)
    assert run("all.npz:rows", "--by", "maker", "--cells", 3) == by_file


def test_known_shares_stand_for_real_samples(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shares = {"ant": 0.5, "bee": 0.25, "cat": 0.25}
    counts = {"old": [60, 40, 0, 5], "new": [50, 25, 26, 0]}
    for name, own in counts.items():
        np.save(f"{name}.npy", np.repeat([*shares, "dog"], own))
    expected = compare(
        {
            name: from_counts(target=[*shares.values(), 0], generated=own, names=[*shares, OFF_MODE])
            for name, own in counts.items()
        }
    )
    files = ["old=old.npy", "new=new.npy"]
    assert run(*files, "--labels", "--target", json.dumps(shares)) == (0, f"{expected}\n", "")
    assert run("--labels", *files, "--target", json.dumps(shares)) == (0, f"{expected}\n", "")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["rows.csv:label"], "compare takes REAL and NAME=GENERATED for each generator, one file with --by"),
        (["rows.csv:label", "a=rows.csv:label", "--by", "maker"], "holds all kinds of rows, got a=rows.csv"),
        (["rows.csv:label", "--by", "none"], "rows.csv has no column 'none'"),
        (["rows.csv:label", "--by", "label"], "--by label must say real .* got 'ant', 'bee'"),
        (["rows.csv:label", "--by", "all_real"], "name a generator for others, got 'real'"),
        (["rows.csv:label", "--by", "gaps"], "1 of 2 rows cannot be used: row 3 names neither a generator"),
        (["rows.csv:label", "--target", '{"ant": 1}'], "NAME=FILE or NAME=FILE:NAME, got 'rows.csv:label'"),
        (["a=rows.csv:label", "--target", '{"ant": 1}', "--by", "maker"], "got --by maker besides"),
        (["a=rows.csv:label", "--target", "1"], "--target takes a label with each probability"),
    ],
)
def test_where_rows_are_is_said_in_one_way(run, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    Path("rows.csv").write_text(
        "label,maker,all_real,gaps\nant,real,real,real\nbee,new,1,\n", encoding="utf-8"
    )
    code, out, err = run(*words, "--labels")
    assert (code, out) == (2, "")
    assert re.search(message, err), err


def test_copies_are_no_part_of_a_comparison(run, capsys):
    with pytest.raises(SystemExit):
        run("real.npy", "a=a.npy", "--cells", 3, "--training", "training.npy")
    assert "unrecognized arguments: --training training.npy" in capsys.readouterr().err


@pytest.mark.parametrize("option", [["--radius", "-1"], ["--radius", "nan"]])
@pytest.mark.usefixtures("files")
def test_a_radius_is_looked_at_before_files(run, option):
    code, _, err = run("none.npy", "a=none.npy", "--centres", "none.npy", *option)
    assert code == 2
    assert "radius" in err


# -- the page -------------------------------------------------------------------------------------------


def said(page):
    return unescape(re.sub(r"<[^>]+>", " ", page))


def comparison(**generated):
    return compare({name: from_counts([500] * 4, counts) for name, counts in generated.items()})


LOST, EVEN = [660, 670, 670, 0], [500, 490, 510, 500]


@pytest.mark.parametrize(
    ("generated", "headline"),
    [
        ({"old <1>": LOST, "new": EVEN}, "“old <1>” is certainly worse than “new”"),
        ({"new": EVEN, "old": LOST}, "“old” is certainly worse than “new”"),
        ({"a": EVEN, "b": EVEN}, "No generator is certainly worse than another"),
        ({"a": EVEN, "b": LOST, "c": EVEN}, "2 of 3 differences between generators are certain"),
        ({"a": EVEN}, "No difference is certain"),
    ],
)
def test_the_headline_counts_what_is_certain(generated, headline):
    found = comparison(**generated)
    page = pages.page(found)
    assert unescape(re.search("<h1>(.*)</h1>", page)[1]) == headline
    assert page.count("<script") == 0
    for name, diagnosis in zip(found.names, found.diagnoses, strict=True):
        assert f"{name}: {diagnosis.verdict.headline}" in said(page)


def test_the_page_has_every_interval_and_all_numbers():
    found = comparison(a=EVEN, b=LOST)
    page = pages.page(found, "modecollapse compare …")
    for diagnosis in found.diagnoses:
        assert f"[{diagnosis.tv_interval.lower:.3g}, {diagnosis.tv_interval.upper:.3g}]" in said(page)
    low, high = found.differences[0].interval
    assert f"[{low:.3g}, {high:.3g}]" in said(page)
    assert "b is worse" in said(page)
    data = re.search('base64,([^"]+)"', page)[1]
    assert json.loads(b64decode(data)) == json.loads(json.dumps(found.to_dict()))
    assert "modecollapse compare …" in page


def test_modes_are_side_by_side_where_they_are_the_same():
    assert next(mode.name for mode in pages.shared_modes(comparison(a=EVEN, b=LOST))) == "mode 3"
    assert 'class="missing">missing' in pages.page(comparison(a=EVEN, b=LOST))
    apart = compare({"a": from_counts([1, 1], [1, 1]), "b": from_counts([1, 1], [1, 1], ["x", "y"])})
    assert pages.shared_modes(apart) == []
    assert 'id="modes"' not in pages.page(apart)


def test_many_modes_fold():
    many = compare({"a": from_counts([9] * 60, [9] * 60)})
    assert "35 more" in pages.page(many)


def test_the_report_is_written(run, files, tmp_path):
    options = ["real_labels.npy", "a=bad_labels.npy", "b=good_labels.npy", "--labels", "--report", "c.html"]
    assert run(*options)[0] == 0
    page = (tmp_path / "c.html").read_text(encoding="utf-8")
    assert "is certainly worse than" in page
    assert f"modecollapse compare {' '.join(options)}" in page
