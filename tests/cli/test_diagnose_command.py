"""`modecollapse diagnose`: what the functions on arrays say, in bounded memory; bad rows by their numbers."""

from __future__ import annotations

import json
import math
import sys
import warnings
from collections import Counter

import numpy as np
import pytest

from modecollapse import cli, progress
from modecollapse.cli import commands, evidence
from modecollapse.files import samples
from modecollapse.files.address import Source, source
from modecollapse.files.samples import features, labels, scores
from modecollapse.pages import report
from modecollapse.samples import (
    diagnose,
    feature_cells,
    from_centres,
    from_features,
    from_groups,
    from_labels,
    from_scores,
    one_per_group,
)

CENTRES = np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0], [1.0, 1.0]])
NAMES = np.array(["ant", "bee", "cat", "dog, brown"])


@pytest.fixture
def run(capsys):
    """Run the command; returns (exit code, standard output, standard error)."""

    def run_command(*arguments):
        code = cli.main(["diagnose", *map(str, arguments)])
        return code, *capsys.readouterr()

    return run_command


@pytest.fixture
def refused(run):
    """Run the command, which refuses; returns its one line."""

    def run_command(*arguments):
        code, out, err = run(*arguments)
        assert (code, out) == (2, "")
        assert err.startswith("modecollapse: error: ")
        assert err.count("\n") == 1
        return err.strip()

    return run_command


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def lots(folder):
    """Real and generated samples, of which the modes are known, in every form of file."""
    rng = np.random.default_rng(7)
    modes = rng.choice(4, 900, p=[0.25] * 4), rng.choice(4, 700, p=[0.4, 0.4, 0.2, 0])
    points = [CENTRES[own] + rng.normal(0, 0.1, (len(own), 2)) for own in modes]
    np.save("centres.npy", CENTRES)
    np.savez("all.npz", real=points[0], generated=points[1], real_scores=points[0][:, 0])
    for name, own, rows in zip(("real", "generated"), modes, points, strict=True):
        np.save(f"{name}.npy", rows)
        np.save(f"{name}_columns.npy", np.asfortranarray(rows))
        np.save(f"{name}_modes.npy", own)
        np.save(f"{name}_names.npy", NAMES[own])
        np.save(f"{name}_scores.npy", rows[:, 1])
        lines = [f"{x!r}, {y!r}" for x, y in rows.tolist()]
        (folder / f"{name}.csv").write_text("\n".join(["x,y", *lines]) + "\n")
        (folder / f"{name}_bare.csv").write_text("\n\n".join(lines))
        quoted = [f'"{NAMES[i]}",{line}' for i, line in zip(own, lines, strict=True)]
        (folder / f"{name}_named.csv").write_text("\n".join(["name,x,y", *quoted]), encoding="utf-8-sig")
    return points, modes


def same(found, expected):
    assert json.loads(found) == json.loads(json.dumps(expected.to_dict()))


# -- what the functions on arrays say -------------------------------------------------------------------


@pytest.mark.parametrize("form", ["{}.npy", "{}.csv", "{}_bare.csv", "{}_columns.npy", "all.npz:{}"])
def test_centres(run, lots, form):
    (real, generated), _ = lots
    files = [form.format(name) for name in ("real", "generated")]
    expected = diagnose(from_centres(real, generated, CENTRES, 0.25), 0.9, [1, 3])
    options = ["--centres", "centres.npy", "--radius", 0.25, "--level", 0.9, "--m", "1,3"]
    same(run(*files, *options, "--json")[1], expected)
    assert run(*files, *options) == (0, f"{expected}\n", "")


def test_centers_is_the_same_option(run, lots):
    assert (
        run("real.npy", "generated.npy", "--centers", "centres.npy", "--radius", "inf")[1]
        == str(diagnose(from_centres(*lots[0], CENTRES, math.inf))) + "\n"
    )


@pytest.mark.parametrize("form", ["{}.npy", "narrow.npz:{}", "{}.parquet"])
@pytest.mark.parametrize("centres_are_narrow", [False, True])
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_points_of_narrow_floats_at_the_radius_count_as_in_arrays(
    run, folder, form, centres_are_narrow, dtype
):
    angles = np.linspace(0, 2 * np.pi, 200)
    centres = np.array([[100.1, -3.0], [0.0, 0.0]]).astype(dtype if centres_are_narrow else float)
    ring = (np.array([100.1, -3.0]) + 0.3 * np.column_stack([np.cos(angles), np.sin(angles)])).astype(dtype)
    distances = np.linalg.norm(ring.astype(float) - centres[0].astype(float), axis=1)
    assert (distances > 0.3).any()  # rounding has moved some outwards
    np.save("centres.npy", centres)
    np.savez("narrow.npz", real=ring, generated=ring[::2])
    for name, rows in (("real", ring), ("generated", ring[::2])):
        np.save(f"{name}.npy", rows)
        if form.endswith("parquet"):
            pyarrow = pytest.importorskip("pyarrow")
            table = pyarrow.table({"x": rows[:, 0], "y": rows[:, 1]})
            pytest.importorskip("pyarrow.parquet").write_table(table, f"{name}.parquet")
    expected = from_centres(ring, ring[::2], centres, 0.3)
    assert expected.real.tolist() == [200, 0, 0]
    options = ["--centres", "centres.npy", "--radius", 0.3, "--json"]
    same(run(form.format("real"), form.format("generated"), *options)[1], diagnose(expected))


@pytest.mark.parametrize("form", ["{}_names.npy", "{}_named.csv:name"])
def test_labels(run, lots, form):
    files = [form.format(name) for name in ("real", "generated")]
    expected = diagnose(from_labels(*(NAMES[own] for own in lots[1])))
    same(run(*files, "--labels", "--json")[1], expected)
    assert {mode.name for mode in expected.modes} == set(NAMES.tolist())


def test_integer_labels_are_in_the_order_of_their_values(lots):
    expected = from_labels(*lots[1])
    found = evidence.by_labels(source("real_modes.npy"), {"": source("generated_modes.npy")})[""]
    assert found.names == expected.names == ("0", "1", "2", "3")
    assert found.real.tolist() == expected.real.tolist()
    assert found.generated.tolist() == expected.generated.tolist()


@pytest.mark.parametrize("form", ["{}_scores.npy", "{}.csv:y"])
def test_scores(run, lots, form):
    files = [form.format(name) for name in ("real", "generated")]
    expected = diagnose(from_scores(*(rows[:, 1] for rows in lots[0])), m=2)
    same(run(*files, "--scores", "--m", 2, "--json")[1], expected)


def test_infinite_scores_have_their_order(folder):
    (folder / "s.csv").write_text("inf\n-inf\n1\n")
    assert np.concatenate(list(scores(source("s.csv")))).tolist() == [math.inf, -math.inf, 1.0]


def test_cells(run, lots):
    pytest.importorskip("sklearn")
    expected = diagnose(from_features(*lots[0], cells=5, seed=3), seed=3)
    found = json.loads(run("real.npy", "generated.csv", "--cells", 5, "--seed", 3, "--json")[1])
    assert found.pop("nearest").keys() == {f"cell {i}" for i in range(5)}
    same(json.dumps(found), expected)


@pytest.mark.parametrize("held_out", [1, 60])
def test_the_rows_held_out_for_cells_are_few_enough_to_hold(lots, monkeypatch, held_out):
    pytest.importorskip("sklearn")
    monkeypatch.setattr(feature_cells, "ROWS_PER_CELL", held_out)
    cells = 1
    files = evidence.read_features(source("real.csv"), {"": source("generated.npy")})
    found = evidence.in_cells(files, cells, seed=1)[""]
    expected = from_features(*lots[0], cells=cells, seed=1)
    assert found.sizes == (900 - held_out, 700 - held_out)
    assert found.real.tolist() == expected.real.tolist()
    assert found.generated.tolist() == expected.generated.tolist()


def test_the_report_is_that_of_the_diagnosis(run, lots, folder):
    options = ["real.npy", "generated.npy", "--centres", "centres.npy", "--radius", "0.25"]
    expected = diagnose(from_centres(*lots[0], CENTRES, 0.25))
    code, out, err = run(*options, "--report", "the report.html")
    assert (code, out, err) == (0, f"{expected}\n", "")
    command = f"modecollapse diagnose {' '.join(options)} --report 'the report.html'"
    assert (folder / "the report.html").read_text(encoding="utf-8") == report.page(expected, command)


@pytest.mark.usefixtures("lots")
def test_a_report_that_cannot_be_written_is_refused_and_nothing_printed(refused):
    options = ["real_modes.npy", "generated_modes.npy", "--labels"]
    assert "no/such/folder" in refused(*options, "--report", "no/such/folder/report.html")


# -- groups ---------------------------------------------------------------------------------------------


@pytest.fixture
def calls(folder):
    """Answers with scores, some of each call, in files of one side and of both.

    Returns (labels, scores, groups) of the real side and of the generated one.
    """
    rng, sides, lines = np.random.default_rng(3), [], []
    header = "answer,score,call,is_real"
    for is_real, (calls, pmf) in enumerate(((60, [0.1, 0.3, 0.6]), (50, [0.4, 0.3, 0.3]))):
        favourites = rng.choice(3, calls, p=pmf)
        groups = np.repeat(np.arange(calls), rng.integers(1, 8, calls))
        rng.shuffle(groups)  # rows of a group need not stand together
        fresh = rng.choice(3, len(groups), p=pmf)
        answers = NAMES[np.where(rng.random(len(groups)) < 0.7, favourites[groups], fresh)]
        marks = rng.normal(size=len(groups)) + (answers == "ant")
        rows = zip(answers, marks.tolist(), groups, strict=True)
        own = [f"{answer},{mark!r},call {group},{is_real}" for answer, mark, group in rows]
        (folder / f"side{is_real}.csv").write_text("\n".join([header, *own]))
        np.savez(f"side{is_real}.npz", answer=answers, score=marks, call=groups)
        sides.append((answers.tolist(), marks, groups.tolist()))
        lines += own
    (folder / "both.csv").write_text("\n".join([header, *lines]))
    return sides[1], sides[0]


FORMS = [
    ["side1.csv:{}", "side0.csv:{}"],
    ["side1.npz:{}", "side0.npz:{}"],
    ["both.csv:{}", "--by", "is_real"],
]


@pytest.mark.parametrize("form", FORMS)
def test_labels_in_groups(run, calls, form):
    (real, _, real_calls), (generated, _, generated_calls) = calls
    expected = diagnose(from_groups(real, generated, real_calls, generated_calls))
    files = [part.format("answer") for part in form]
    found = run(*files, "--labels", "--groups", "call", "--json")[1]
    same(found, expected)
    # they are what they are because of the groups
    assert found != run(*files, "--labels", "--json")[1]
    assert "groups" in run(*files, "--labels", "--groups", "call")[1]


@pytest.mark.parametrize("form", FORMS)
def test_one_score_of_each_group(run, calls, form):
    (_, real, real_calls), (_, generated, generated_calls) = calls
    some, others = one_per_group(real_calls, 5), one_per_group(generated_calls, 5)
    expected = diagnose(from_scores(real[some], generated[others]), seed=5)
    assert (len(some), len(others)) == (50, 60)
    files = [part.format("score") for part in form]
    same(run(*files, "--scores", "--groups", "call", "--seed", 5, "--json")[1], expected)


@pytest.mark.usefixtures("calls")
def test_several_generators_in_groups(capsys):
    files = ["side1.npz:answer", "a=side0.npz:answer", "b=side1.npz:answer"]
    assert cli.main(["compare", *files, "--labels", "--groups", "call", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert cli.main(["compare", *files, "--labels", "--json"]) == 0
    assert found != json.loads(capsys.readouterr().out)


@pytest.mark.usefixtures("calls", "lots")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["side1.csv:answer", "side0.csv:answer", "--labels", "--groups", "calls"], "has no column 'calls'"),
        (
            ["real_modes.npy", "real_modes.npy", "--labels", "--groups", "call"],
            "which has no 'call' beside it",
        ),
        (["all.npz:real_scores", "all.npz:real_scores", "--scores", "--groups", "few"], "all.npz:NAME"),
        (
            ["odd.npz:a", "odd.npz:a", "--scores", "--groups", "b"],
            "odd.npz:b must have an entry for each of the 9",
        ),
        (
            ["odd.npz:a", "odd.npz:a", "--labels", "--groups", "b"],
            "odd.npz:b must have an entry for each of the 9",
        ),
        (
            ["real.csv", "generated.csv", "--cells", "2", "--groups", "x"],
            "--groups goes with --labels or --scores",
        ),
    ],
)
def test_groups_that_do_not_fit_are_refused(refused, arguments, message):
    np.savez("odd.npz", a=np.arange(9), b=np.arange(8))
    assert message in refused(*arguments)


# -- blocks ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [1, 2, 7, 1000, 10**6])
@pytest.mark.parametrize(
    "file", ["real.npy", "real.csv", "real_bare.csv", "real_columns.npy", "all.npz:real"]
)
def test_blocks_add_up_to_the_file(lots, file, block):
    blocks = list(features(source(file), block))
    assert all(len(rows) <= max(block // 2, 1) for rows in blocks)
    assert len(blocks) == math.ceil(900 / max(block // 2, 1))
    assert np.concatenate(blocks).tolist() == lots[0][0].tolist()


@pytest.mark.parametrize("file", ["real_names.npy", "real_named.csv:name"])
def test_labels_are_counted_block_by_block(lots, file):
    blocks = list(labels(source(file), block=100))
    assert sum(blocks, Counter()) == Counter(NAMES[lots[1][0]].tolist())
    assert max(map(Counter.total, blocks)) <= 100


def test_a_hundred_thousand_rows_in_small_blocks(run, folder, monkeypatch):
    rng = np.random.default_rng(0)
    real = CENTRES[rng.integers(0, 4, 100_000)] + rng.normal(0, 0.1, (100_000, 2))
    generated = real[:50_000] * [1, 0.5]
    np.save("real.npy", real)
    np.save("generated.npy", generated)
    np.save("centres.npy", CENTRES)
    monkeypatch.setattr(samples.features, "__defaults__", (5000,))
    expected = diagnose(from_centres(real, generated, CENTRES, 0.3))
    same(run("real.npy", "generated.npy", "--centres", "centres.npy", "--radius", 0.3, "--json")[1], expected)


def test_memory_holds_a_block_and_not_the_file(folder):
    import tracemalloc

    np.save("long.npy", np.zeros((400_000, 2)))
    tracemalloc.start()
    try:
        assert sum(len(rows) for rows in features(source("long.npy"), block=2**14)) == 400_000
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 1e6  # of 6.4 MB


# -- what is refused ------------------------------------------------------------------------------------

BAD = "x,y\n1,2\n3\nx,4\n\n5,nan\n6,7\n1,2,3\n8,inf\n1,\n1,2\n"
EXPECTED = (
    "bad.csv: 6 of 9 rows cannot be used: row 3 has 1 cell, not 2, row 4 holds 'x', not a number, "
    "row 6 holds nan, row 8 has 3 cells, not 2, row 9 holds inf, and 1 more (rows counted from 1)"
)


@pytest.mark.parametrize("block", [1, 2, 6, 10**6])
def test_bad_rows_are_reported_by_number_whichever_block_they_are_in(folder, block):
    (folder / "bad.csv").write_text(BAD)
    with pytest.raises(ValueError, match="rows cannot be used") as error:
        list(features(source("bad.csv"), block))
    assert str(error.value) == EXPECTED
    assert BAD.splitlines()[3] == "x,4"  # row 4


@pytest.mark.parametrize("block", [1, 5, 10**6])
def test_bad_rows_of_arrays_are_reported_by_number(folder, block):
    rows = np.zeros((20, 2))
    rows[[3, 17], 1] = np.nan, -np.inf
    np.savez("bad.npz", rows=rows)
    with pytest.raises(ValueError, match="cannot be used") as error:
        list(features(source("bad.npz"), block))
    assert str(error.value) == (
        "bad.npz: 2 of 20 rows cannot be used: row 4 holds nan, row 18 holds -inf (rows counted from 1)"
    )


def test_bad_labels_are_reported_by_number(folder):
    (folder / "labels.csv").write_bytes(b'ant\n\n\xff\xfe\nbee\n""\n')
    np.save("labels.npy", [1.0, 2.5, np.nan])
    for file, message in {
        "labels.csv": r"2 of 4 rows .* row 3 holds '\\udcff\\udcfe', not UTF-8, row 5 holds no label",
        "labels.npy": "2 of 3 rows .* row 2 holds 2.5, neither a string nor an integer, row 3 holds nan",
    }.items():
        with pytest.raises(ValueError, match=message):
            list(labels(source(file)))


def test_a_whole_number_is_one_label_however_its_column_was_written(run, folder):
    """pandas writes a column of integers as floats where a row is empty."""
    (folder / "real.csv").write_text("digit\n" + "1\n2\n3\n" * 50)
    (folder / "generated.csv").write_text("digit\n" + "1.0\n2.0\n3.0\n" * 50)
    (folder / "target.csv").write_text(",share\n1.0,.25\n2.0,.25\n3.0,.5\n")
    code, out, _ = run("real.csv:digit", "generated.csv:digit", "--labels", "--json")
    assert code == 0
    assert [mode["name"] for mode in json.loads(out)["modes"]] == ["1", "2", "3"]
    assert json.loads(out)["verdict"]["words"] == ["no difference certain"]
    for target in ("target.csv:share", '{"1": 0.25, "2.0": 0.25, "3": 0.5}'):
        code, out, _ = run("real.csv:digit", "--target", target, "--labels", "--json")
        assert (code, sorted(mode["name"] for mode in json.loads(out)["modes"])[:3]) == (0, ["1", "2", "3"])
    code, _, err = run("real.csv:digit", "--target", '{"1": 0.5, "1.0": 0.5}', "--labels")
    assert (code, err.count("must have each label once, got '1' again")) == (2, 1)


def test_a_column_of_several_generators_is_for_compare(refused, folder):
    (folder / "makers.csv").write_text("word,maker\nant,real\nant,new\nbee,old\n")
    remedy = "; for a column that names several generators there is `modecollapse compare --by`"
    assert refused("makers.csv:word", "--by", "maker", "--labels").endswith(remedy)


def test_labels_in_another_encoding_are_refused_with_the_remedy(folder):
    (folder / "latin.csv").write_bytes("name\ncafé\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"row 2 holds 'caf\\udce9', not UTF-8 .*; save the file in UTF-8"):
        list(labels(source("latin.csv:name")))
    (folder / "header.csv").write_bytes("café\nant\n".encode("latin-1"))
    with pytest.raises(ValueError, match=r"no column 'café', .*; save the file in UTF-8"):
        list(labels(source("header.csv:café")))
    (folder / "wide.csv").write_bytes("name\nant\n".encode("utf-16"))
    for read in (labels, features):
        with pytest.raises(ValueError, match=r"wide.csv:name must be text in UTF-8, got .* zero bytes"):
            list(read(source("wide.csv:name")))


@pytest.mark.usefixtures("as_in_a_shell")
@pytest.mark.parametrize(
    ("real", "generated", "warned"),
    [
        ("kind ant bee ant bee", "kind ant ant", ["real", "generated"]),
        ("kind ant bee ant bee", "ant ant bee", ["real"]),  # alone in its file, and it alone
        ("kind ant bee cat", "kind ant dog", ["real", "generated"]),  # the same in both files
        ("ant bee cat", "bee ant dog", []),
        ("ant bee ant bee", "bee bee", []),
        ("ant", "ant", []),
    ],
)
def test_a_header_that_counts_as_a_label_is_told(run, folder, real, generated, warned):
    for name, words in (("real", real), ("generated", generated)):
        (folder / f"{name}.csv").write_text(words.replace(" ", "\n") + "\n")
    code, _, err = run("real.csv", "generated.csv", "--labels")
    assert code == 0
    assert err.splitlines() == [
        f"modecollapse: warning: the first row of {name}.csv holds 'kind', which no other row has, and "
        f"counts as a label; if it is the name of the column, write '{name}.csv:kind'"
        for name in warned
    ]


@pytest.mark.parametrize("block", [1, 10**6])
def test_scores_that_are_nan_are_reported_by_number(folder, block):
    np.save("scores.npy", [math.inf, math.nan, 1, -math.nan])
    with pytest.raises(ValueError, match="cannot be used") as error:
        list(scores(source("scores.npy"), block))
    assert str(error.value) == (
        "scores.npy: 2 of 4 rows cannot be used: row 2 holds nan, row 4 holds nan (rows counted from 1)"
    )


@pytest.mark.parametrize("size", [1, 3, 4])
def test_cells_need_a_row_to_fit_on_and_one_to_count(folder, run, size):
    pytest.importorskip("sklearn")
    np.save("few.npy", np.zeros((size, 2)))
    code, _, err = run("few.npy", "few.npy", "--cells", 1)
    least = f"few.npy must hold at least 4 rows, some to fit the cells on and some to count, got {size}"
    assert (code, err) == ((2, f"modecollapse: error: {least}\n") if size < 4 else (0, ""))


@pytest.mark.usefixtures("lots")
@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["real.txt", "generated.npy", "--scores"], "got 'real.txt'"),
        (["complex.npy", "none.npy", "--labels"], "complex.npy must hold strings or integers"),
        (["real_scores.npy", "none.npy", "--scores"], "none.npy"),
        (["real.npy:x", "generated.npy", "--scores"], "real.npy holds one array, which has no name"),
        (["real.npy", "generated.npy", "--scores"], "real.npy has 2 columns where one is needed"),
        (["real.npy", "generated.npy", "--labels"], "real.npy has 2 columns where one is needed"),
        (["real.csv", "generated.npy", "--scores"], "name one, as real.csv:COLUMN"),
        (["real.csv:z", "generated.npy", "--scores"], "no column 'z', its header is 'x, y'"),
        (["real_bare.csv:x", "generated.npy", "--scores"], "real_bare.csv has no column 'x'"),
        (["all.npz", "generated.npy", "--scores"], "NAME one of real, generated, real_scores, got all.npz"),
        (["real.npy", "generated.npy", "--centres", "centres.npy"], "--radius go together"),
        (["real.npy", "generated.npy", "--labels", "--radius", 1], "--radius go together"),
        (["real.npy", "real_scores.npy", "--centres", "centres.npy", "--radius", 1], "rows of 1 number"),
        (["real.npy", "generated.npy", "--centres", "centres.npy", "--radius", -1], "got -1"),
        (["real_modes.npy", "real_modes.npy", "--labels", "--level", 1], "got 1"),
        (["real_modes.npy", "real_modes.npy", "--labels", "--m", 0], "got 0"),
        (["broken.npy", "generated.npy", "--scores"], "broken.npy is no readable .npy array"),
        (["broken.npz", "generated.npy", "--scores"], "broken.npz is no readable .npz file"),
        (["objects.npy", "generated.npy", "--scores"], "objects.npy is no readable .npy array"),
        (["complex.npy", "generated.npy", "--scores"], "real numbers, got dtype complex128"),
        (["cube.npy", "generated.npy", "--scores"], "got shape (2, 2, 2)"),
        (["empty.npy", "generated.npy", "--scores"], "empty.npy holds no rows"),
        (["empty.csv", "generated.npy", "--scores"], "empty.csv holds no rows"),
        (["headed.csv", "generated.npy", "--scores"], "headed.csv holds no rows"),
        (["quote.csv", "generated.npy", "--scores"], "quote.csv: row 3 is unreadable"),
        (["no.csv", "generated.npy", "--scores"], "No such file or directory: 'no.csv'"),
        (
            ["mixed.csv:real", "generated.npy", "--labels"],
            "'real;generated, made'; its cells are separated by commas, since its first line has one",
        ),
        (
            ["filled.csv:real", "filled.csv:generated", "--labels"],
            "columns of different lengths need a file each",
        ),
        (
            ["filled.csv:real", "--by", "generated", "--labels"],
            "row 2 holds 'a', neither real (1, true, real) nor",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(refused, folder, arguments, message):
    (folder / "broken.npy").write_text("no array")
    (folder / "broken.npz").write_text("no archive")
    np.save("objects.npy", np.array([{}, 1], dtype=object))
    np.save("complex.npy", np.array([1j]))
    np.save("cube.npy", np.zeros((2, 2, 2)))
    np.save("empty.npy", np.zeros(0))
    (folder / "empty.csv").write_text("\n\n")
    (folder / "headed.csv").write_text("score\n")
    (folder / "mixed.csv").write_text("real;generated,made\na;b\n")
    (folder / "filled.csv").write_text("real,generated\na,a\nb,\n")
    (folder / "quote.csv").write_text('1\n2\n"' + "3" * 200_000)
    assert message in refused(*arguments)


# -- labels with a known target ---------------------------------------------------------------------------

TARGET = {"cat": 0.5, "dog": 0.25, "owl": 0.25}
ANSWERS = ["cat", "dog", "fog"] * 60


@pytest.fixture
def answers(folder):
    (folder / "target.csv").write_text("label;share\n" + "".join(f"{k};{v}\n" for k, v in TARGET.items()))
    (folder / "target.json").write_text(json.dumps(TARGET))
    rows = "".join(f"{label},{i // 6}\n" for i, label in enumerate(ANSWERS))
    (folder / "answers.csv").write_text(f"answer,call\n{rows}")


@pytest.mark.parametrize("target", ["target.csv:share", "target.json", json.dumps(TARGET)])
def test_labels_with_a_known_target(run, answers, target):
    options = ["answers.csv:answer", "--labels", "--target", target]
    same(run(*options, "--json")[1], diagnose(from_labels(target=TARGET, generated=ANSWERS)))
    calls = [str(i // 6) for i in range(len(ANSWERS))]
    grouped = from_groups(target=TARGET, generated=ANSWERS, generated_groups=calls)
    same(run(*options, "--groups", "call", "--json")[1], diagnose(grouped))


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--labels", "--target", ".5,.5"], "--target takes a label with each probability"),
        (
            ["--labels", "--target", "answers.csv:call"],
            "--target: answers.csv:call must have each label once",
        ),
        (["--scores", "--target", "target.json"], "it goes with --labels"),
        (["--labels", "--target", "target.json", "--by", "call"], "got --by call besides"),
        (["answers.csv:call", "--labels", "--target", "target.json"], "got answers.csv:call besides"),
        (["--labels", "--target", '{"cat": 0.5}'], "target must sum to 1"),
    ],
)
def test_targets_that_are_refused(refused, answers, options, message):
    assert message in refused("answers.csv:answer", *options)


def test_one_kind_of_evidence_must_be_chosen(capsys):
    for options in ([], ["--labels", "--scores"]):
        with pytest.raises(SystemExit) as stop:
            cli.main(["diagnose", "real.npy", "generated.npy", *options])
        assert stop.value.code == 2
        assert "--centres" in capsys.readouterr().err or options


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a.csv", ("a.csv", "")),
        ("a.CSV:x y", ("a.CSV", "x y")),
        ("C:/a.npz:real:2", ("C:/a.npz", "real:2")),
        ("C:\\data\\p.csv", ("C:\\data\\p.csv", "")),
        ("C:\\data\\p.csv:real", ("C:\\data\\p.csv", "real")),
        ("a.csv:b.csv", ("a.csv", "b.csv")),
        ("a.csv/b.npy", ("a.csv/b.npy", "")),
        ("a.csv.npy", ("a.csv.npy", "")),
    ],
)
def test_a_file_and_a_name_in_it(text, expected):
    found = source(text)
    assert (str(found.path), found.name) == expected
    assert found.side is None


# -- warnings -------------------------------------------------------------------------------------------


@pytest.fixture
def as_in_a_shell():
    """Python's own filters, which print warnings: those of the tests make them errors."""
    with warnings.catch_warnings():
        warnings.resetwarnings()
        yield


@pytest.mark.usefixtures("as_in_a_shell")
def test_a_warning_about_samples_is_one_plain_line_each_time(run, lots, folder):
    for _ in range(2):
        code, out, err = run("real_modes.npy", "real_modes.npy", "--scores", "--json")
        assert (code, err) == (0, "")
    np.save("ones.npy", np.ones(30))
    np.save("twice.npy", CENTRES[[0, 1, 1]])
    equal = "modecollapse: warning: centres 1 and 2 are equal: all their samples count for the first\n"
    constant = "modecollapse: warning: all scores are 1: they tell nothing apart\n"
    for _ in range(2):
        code, out, err = run("ones.npy", "ones.npy", "--scores", "--json")
        assert (code, err) == (0, constant)
        assert json.loads(out)
        code, out, err = run("real.npy", "generated.npy", "--centres", "twice.npy", "--radius", 1, "--json")
        assert (code, err) == (0, equal)
        assert json.loads(out)


@pytest.mark.usefixtures("as_in_a_shell")
def test_a_warning_is_printed_although_an_error_follows(monkeypatch, run):
    def fail(options):
        warnings.warn("of two\nlines", UserWarning, stacklevel=1)
        raise ValueError("got 1")

    monkeypatch.setattr(commands, "diagnose", fail)
    said = "modecollapse: warning: of two lines\nmodecollapse: error: got 1\n"
    assert run("a.npy", "b.npy", "--scores") == (2, "", said)


def test_other_warnings_are_left_to_python(monkeypatch, run):
    def run_command(options):
        warnings.warn("of a release to come", DeprecationWarning, stacklevel=1)

    monkeypatch.setattr(commands, "diagnose", run_command)
    before = warnings.showwarning
    with pytest.warns(DeprecationWarning, match="of a release to come"):
        assert run("a.npy", "b.npy", "--scores") == (0, "", "")
    assert warnings.showwarning is before


# -- the progress bar -----------------------------------------------------------------------------------


class Bar:
    """What tqdm would be told."""

    def __init__(self, **options):
        self.options, self.n = options, 0
        bars.append(self)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        pass

    def update(self, step):
        assert step > 0
        self.n += step


bars: list[Bar] = []


@pytest.mark.parametrize("file", ["real.npy", "real.csv", "all.npz:real"])
@pytest.mark.parametrize("is_terminal", [True, False])
def test_a_bar_on_a_terminal_only(lots, monkeypatch, file, is_terminal):
    bars.clear()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: is_terminal, raising=False)
    monkeypatch.setattr(progress, "find_spec", lambda name: name)
    monkeypatch.setattr(progress, "import_module", lambda name: type("tqdm", (), {"tqdm": Bar}))
    blocks = list(features(source(file), block=900))
    assert len(blocks) == 2
    assert [bar.n for bar in bars] == ([bars[0].options["total"]] if is_terminal else [])


def test_no_bar_without_tqdm(lots, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(progress, "find_spec", lambda name: None)
    assert len(list(features(Source(source("real.npy").path, "")))) == 1
