"""The shell tool: what it prints, and how it fails."""

import csv
import io
import json
import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import modecollapse as mc
from modecollapse import cli
from modecollapse.cli import arguments

ROOT = Path(__file__).parents[2]
TV = ["tv", "--p", ".2,.8", "--q", "0,1"]
BOUNDS = ["bounds", "--tau", ".11"]
SEPARATE = ["separate", "--tau", ".11", "--collapse", ".02,.1"]
SEPARATE += ["--no-collapse", ".06,.1", "--no-augmentation", ".06,.1"]


@pytest.fixture
def run(capsys):
    """Run a command; returns (exit code, standard output, standard error)."""

    def run_command(*arguments):
        code = cli.main(arguments)
        return code, *capsys.readouterr()

    return run_command


@pytest.fixture
def columns(run):
    """Run a command that succeeds, as JSON."""

    def run_command(*arguments):
        code, out, err = run(*arguments, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return run_command


def test_tv_prints_the_packed_distance(columns):
    distances = mc.packed_tv(([0.2, 0.8], [0, 1]), [1, 2, 3]).tolist()
    assert columns(*TV, "--m", "1:3") == {"m": [1, 2, 3], "tv": distances}


def test_tv_adds_the_logarithm_of_the_overlap(columns):
    found = columns(*TV, "--m", "1:3", "--log-overlap")
    assert found["log_overlap"] == mc.packed_overlap(([0.2, 0.8], [0, 1]), [1, 2, 3], log=True).tolist()


def test_an_empty_overlap_is_null_in_json(columns):
    found = columns("tv", "--p", "1,0", "--q", "0,1", "--m", "1", "--log-overlap")
    assert found == {"m": [1], "tv": [1.0], "log_overlap": [None]}


def test_region_prints_the_corners_at_every_degree(columns):
    found = columns("region", "--p", ".5,.3,.2", "--q", ".6,.3,.1", "--m", "1,2")
    region = mc.Region.from_pmfs([0.5, 0.3, 0.2], [0.6, 0.3, 0.1])
    for m in (1, 2):
        rows = [i for i, degree in enumerate(found["m"]) if degree == m]
        corners = [[found["eps"][i], found["delta"][i]] for i in rows]
        assert corners == mc.pack(region, m).vertices.tolist()


def test_separate_prints_the_separating_degrees_and_the_verdict(run, columns):
    found = columns(*SEPARATE, "--m", "1:6")
    assert found["separating"] == [4, 5, 6]
    assert (found["always"], found["never"], found["why"]) == (False, False, None)
    _, out, _ = run(*SEPARATE, "--m", "1:6")
    assert out.splitlines() == ["separating_m", "4", "5", "6", f"no m ≥ {found['from_degree']} separates"]
    assert run(*SEPARATE, "--m", "1:6", "--csv")[1].split() == ["separating_m", "4", "5", "6"]


def test_separate_says_why_no_degree_does(run, columns):
    arguments = ["separate", "--tau", ".11", "--m", "1:20", "--collapse", ".02,.1"]
    arguments += ["--no-collapse", ".05,.1", "--no-augmentation", ".05,.1"]
    code, out, _ = run(*arguments)
    assert code == 0
    assert out.startswith("none of these m separates: at m = 20 a pair of H1 has the distance")
    assert "no m separates, since the least Chernoff information in H1 is at most 0.01828" in out
    assert columns(*arguments)["never"] is True


def test_separate_takes_several_points_and_words_mean_what_they_say(columns):
    points = ["--collapse", "0,.1", "--augmentation", "0,.05", "--no-collapse", ".05,.1", "--m", "2:5"]
    h1 = mc.PairClass(0.2, collapse=(0, 0.1), augmentation=(0, 0.05))
    expected = mc.separating_degrees(h1, mc.PairClass(0.2, no_collapse=(0.05, 0.1)), range(2, 6))
    assert columns("separate", "--tau", ".2", *points) == json.loads(json.dumps(expected.to_dict()))


@pytest.mark.parametrize(
    ("given", "missing"),
    [(["--collapse", "0,.1"], "--no-collapse"), (["--no-collapse", "0,.1"], "--collapse")],
)
def test_separate_asks_for_both_classes(run, given, missing):
    code, _, err = run("separate", "--tau", ".2", *given)
    assert code == 2
    assert missing in err


@pytest.mark.parametrize(
    ("text", "degrees"),
    [
        ("5", [5]),
        ("1,2,5", [1, 2, 5]),
        ("1:4", [1, 2, 3, 4]),
        ("10:30:10", [10, 20, 30]),
        ("1,3:4", [1, 3, 4]),
        ("1-4", [1, 2, 3, 4]),
    ],
)
def test_degrees_are_lists_and_inclusive_ranges(columns, text, degrees):
    assert columns(*TV, "--m", text)["m"] == degrees


def test_the_table_is_aligned(run):
    _, out, _ = run(*TV, "--m", "8:11")
    lines = out.splitlines()
    assert lines[0].split() == ["m", "tv"]
    assert len({len(line) for line in lines}) == 1
    assert lines[-1].split()[0] == "11"


def test_csv_keeps_every_digit(run):
    _, out, _ = run(*TV, "--m", "1:3", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert [float(row["tv"]) for row in rows] == mc.packed_tv(([0.2, 0.8], [0, 1]), [1, 2, 3]).tolist()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["tv", "--p", ".2,.9", "--q", "0,1"], 2, "1.1"),
        (["tv", "--p", ".2,x", "--q", "0,1"], 2, "'.2,x'"),
        (["tv", "--p", "1", "--q", "0,1"], 2, "same length"),
        ([*TV, "--m", "0"], 2, "got 0"),
        ([*TV, "--m", "a"], 2, "'a'"),
        ([*TV, "--m", "3:1"], 2, "'3:1'"),
        ([*TV, "--m", "1:2:3:4"], 2, "'1:2:3:4'"),
        ([*TV, "--m", "1:5:0"], 2, "'1:5:0'"),
        ([*TV, "--m", "1,1:100000000000"], 2, "degrees at most, got more in '1,1:100000000000'"),
    ],
)
def test_failures_are_one_line_and_an_exit_code(run, arguments, code, message):
    found, out, err = run(*arguments)
    assert (found, out) == (code, "")
    assert err.startswith("modecollapse: error: ")
    assert message in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["tv"], ["nonsense"], ["bounds", "--tau", "x"]])
def test_usage_errors_exit_with_2(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert "usage" in capsys.readouterr().err


COMMANDS = ["tv", "divergence", "chernoff", "region", "bounds", "separate", "diagnose", "compare", "curve"]
COMMANDS += ["privacy", "explore"]


@pytest.fixture
def pmf_files(tmp_path, monkeypatch):
    """A folder with one pair in every form of file."""
    monkeypatch.chdir(tmp_path)
    p, q = [0.5, 0.3, 0.2], [0.6, 0.3, 0.1]
    np.save("p.npy", p)
    np.save("q.npy", q)
    np.savez("pmfs.npz", real=p, generated=q)
    np.savez("alone.npz", p)
    rows = [f"{a},mode {i},{b}" for i, (a, b) in enumerate(zip(p, q, strict=True))]
    (tmp_path / "pmfs.csv").write_text("\n".join(["real,name,generated", *rows]))
    (tmp_path / "column.csv").write_text("0.5\n0.3\n0.2\n\n")
    (tmp_path / "headed.csv").write_text("p\n0.5\n0.3\n0.2\n")
    (tmp_path / "row.csv").write_text("0.5, 0.3, 0.2\n")
    return tmp_path


@pytest.fixture
def sample_files(pmf_files):
    """Files of samples beside those of pmfs."""
    rng = np.random.default_rng(0)
    for name, size in (("real", 60), ("generated", 60)):
        np.save(f"{name}.npy", rng.normal(0, 1, (size, 2)))
        labels = rng.choice(["cat", "dog"], size)
        (pmf_files / f"{name}.csv").write_text("\n".join(["label", *labels]))
    (pmf_files / "centres.csv").write_text("0,0\n1,1\n")
    np.savez("scores.npz", real=rng.normal(1, 1, 60), generated=rng.normal(0, 1, 50))
    for name in ("step1", "step2", "training", "held_out"):
        np.save(f"{name}.npy", rng.normal(0, 1, (60, 2)))
    lines = [f"{score!r},{i % 2},cat,dog,cat" for i, score in enumerate(rng.normal(size=60).tolist())]
    (pmf_files / "samples.csv").write_text("\n".join(["score,is_real,real,a,b", *lines]))
    makers = ("real", "small", "large")
    lines = [
        f"{label},{i % 2},{i // 6},{makers[i % 3]}" for i, label in enumerate(rng.choice(["cat", "dog"], 60))
    ]
    (pmf_files / "answers.csv").write_text("\n".join(["answer,is_real,call,model", *lines]))
    (pmf_files / "target.csv").write_text("animal,share\ncat,.5\ndog,.5\n")
    for name, size in (("real", 60), ("fake", 60)):
        (pmf_files / name).mkdir()
        for i in range(size):
            (pmf_files / name / f"{i:02}.ppm").write_text("P2 1 1 255 7")


@pytest.mark.usefixtures("sample_files")
@pytest.mark.parametrize("command", COMMANDS)
def test_help_has_examples_that_run(command, capsys, run):
    with pytest.raises(SystemExit) as stop:
        cli.main([command, "--help"])
    assert stop.value.code == 0
    lines = capsys.readouterr().out.splitlines()
    examples = [line.split()[1:] for line in lines if line.startswith("  modecollapse ")]
    assert examples
    for example in examples:
        assert run(*example)[0] == 0


@pytest.mark.usefixtures("pmf_files")
@pytest.mark.parametrize(
    "p",
    [
        "p.npy",
        "pmfs.npz:real",
        "alone.npz",
        "pmfs.csv:real",
        "column.csv",
        "headed.csv",
        "row.csv",
        "headed.csv:p",
    ],
)
@pytest.mark.parametrize("q", ["q.npy", "pmfs.npz:generated", "pmfs.csv:generated", ".6,.3,.1"])
def test_pmfs_come_from_files(columns, p, q):
    expected = mc.packed_tv(([0.5, 0.3, 0.2], [0.6, 0.3, 0.1]), [2]).tolist()
    assert columns("tv", "--p", p, "--q", q, "--m", "2")["tv"] == expected


@pytest.mark.usefixtures("pmf_files")
def test_a_file_may_lie_on_a_drive_with_a_letter(columns):
    """Where there are no drives, such a path is the name of a file."""
    Path("C:\\p.csv").write_text("real,generated\n.5,.6\n.3,.3\n.2,.1\n")
    for p in ("C:\\p.csv:real", "column.csv"):
        found = columns("tv", "--p", p, "--q", "C:\\p.csv:generated", "--m", "2")["tv"]
        assert found == mc.packed_tv(([0.5, 0.3, 0.2], [0.6, 0.3, 0.1]), [2]).tolist()


@pytest.mark.parametrize(
    ("p", "message"),
    [
        ("none.csv", "none.csv"),
        ("none.npy", "none.npy"),
        ("pmfs.csv:fake", "no column 'fake', its header is 'real, name, generated'"),
        ("pmfs.csv", "name one, as pmfs.csv:COLUMN"),
        ("pmfs.csv:name", "pmfs.csv:name: 3 of 3 rows cannot be used: row 2 holds 'mode 0', not a number"),
        ("pmfs.npz", "one of real, generated, got pmfs.npz"),
        ("empty.csv", "empty.csv holds no rows"),
        ("short.csv:q", "row 3 has 1 cell, not 2"),
        ("square.npy", "square.npy has 2 columns where one is needed"),
        ("text.npy", "text.npy"),
        ("p.npy:real", "--p: p.npy holds one array, which has no name; leave out 'real'"),
        ("objects.npy", "objects.npy"),
    ],
)
def test_unreadable_files_are_told_by_name_and_row(run, pmf_files, p, message):
    (pmf_files / "empty.csv").write_text("\n")
    (pmf_files / "short.csv").write_text("p,q\n.5,.5\n.5\n")
    (pmf_files / "text.npy").write_text("no array")
    np.save("square.npy", np.full((2, 2), 0.25))
    np.save("objects.npy", np.array([{}, 1], dtype=object))
    code, out, err = run("tv", "--p", p, "--q", "q.npy")
    assert (code, out) == (2, "")
    assert message in err


@pytest.mark.usefixtures("pmf_files")
@pytest.mark.parametrize("ending", ["png", "pdf", "svg"])
@pytest.mark.parametrize(
    "arguments",
    [
        TV,
        ["region", "--p", "p.npy", "--q", "q.npy", "--m", "1:3"],
        [*BOUNDS, "--no-collapse", ".07,.1", "--no-augmentation", ".07,.1", "--m", "1:3"],
        [*SEPARATE, "--m", "1:6"],
    ],
    ids=lambda arguments: arguments[0],
)
def test_plot_draws_what_is_printed(run, arguments, ending):
    code, out, _ = run(*arguments, "--plot", f"drawn.{ending}")
    assert code == 0
    assert out
    assert Path(f"drawn.{ending}").stat().st_size > 2000


@pytest.mark.parametrize("path", ["drawn.nonsense", "no/such/folder/drawn.png"])
def test_a_plot_that_cannot_be_written_is_refused_and_nothing_printed(run, path):
    code, out, err = run(*TV, "--plot", path)
    assert (code, out) == (2, "")
    assert path.split(".")[-1] in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["tv", "--p", "-.2,1.2", "--q", "0,1"], "p must not be negative, got -0.2"),
        ([*BOUNDS, "--m", "3", "--certificate", "c.json", "--divergence", "js"], "got --divergence js"),
        (["explore", "--out", "none/e.html"], "--out needs a folder that exists"),
    ],
)
def test_what_is_refused_before_any_work(run, arguments, message):
    code, out, err = run(*arguments)
    assert (code, out) == (2, "")
    assert message in err


def test_explore_writes_the_page_and_says_where(run, tmp_path):
    code, out, _ = run("explore", "--out", str(tmp_path / "e.html"))
    assert (code, out.strip()) == (0, str(tmp_path / "e.html"))
    assert "<!DOCTYPE html>" in (tmp_path / "e.html").read_text(encoding="utf-8")


def test_figures_passes_its_arguments_on(run, tmp_path, capsys):
    code, *_ = run("figures", "8", "--out", str(tmp_path))
    assert code == 0
    assert (tmp_path / "fig08_toy_regions.png").exists()
    with pytest.raises(SystemExit) as stop:
        cli.main(["figures", "nonsense"])
    assert stop.value.code == 2
    assert "unknown figure 'nonsense'" in capsys.readouterr().err


def test_what_no_command_knows_is_refused(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main([*TV, "--frobnicate"])
    assert stop.value.code == 2
    assert "unrecognized arguments: --frobnicate" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "plain"),
    [
        (["tv", "--p", "1/5,80%", "--q", "0,1"], TV),
        (["tv", "--p", '{"a": 0.2, "b": 0.8}', "--q", '{"b": 1}'], TV),
        (["bounds", "--tau", "11%", "--m", "1-3"], ["bounds", "--tau", ".11", "--m", "1:3"]),
        (["bounds", "--tau", "1/4:1/3", "--m", "2"], ["bounds", "--tau", f".25:{1 / 3}", "--m", "2"]),
        (
            ["bounds", "--tau", "11%", "--collapse", "2%,1/10", "--gap", "1e-4%", "--m", "3"],
            [*BOUNDS, "--collapse", ".02,.1", "--gap", "1e-6", "--m", "3"],
        ),
        (["separate", "--tau", "11/100", *SEPARATE[3:], "--m", "4"], [*SEPARATE, "--m", "4"]),
    ],
)
def test_fractions_and_percentages_are_numbers(columns, given, plain):
    assert columns(*given) == columns(*plain)


def test_a_pmf_comes_from_standard_input(columns, typed):
    typed("real,generated\n.2,0\n.8,1\n")
    assert columns("tv", "--p", "-:real", "--q", "-:generated") == columns(*TV)


@pytest.mark.parametrize(
    ("arguments", "question"),
    [
        (["bound", "--tau", ".1"], "did you mean 'bounds'?"),
        ([*BOUNDS, "--colapse", "0,.1"], "did you mean '--collapse'?"),
        ([*BOUNDS, "--no_collapse=0,.1"], "did you mean '--no-collapse'?"),
        (["diagnose", "a.npy", "b.npy", "--scores", "--confidence", ".9"], "unrecognized arguments"),
        (["diagnose", "a.npy", "b.npy", "--scores", "--levle", ".9"], "did you mean '--level'?"),
    ],
)
def test_a_slip_in_a_name_is_asked_about(capsys, arguments, question):
    with pytest.raises(SystemExit) as stop:
        cli.main(arguments)
    assert stop.value.code == 2
    assert question in capsys.readouterr().err


def test_a_slip_in_a_value_is_asked_about(run):
    code, _, err = run(*BOUNDS, "--divergence", "hockey-stick")
    assert code == 2
    assert "did you mean 'hockey_stick'?" in err


def test_every_option_has_its_american_spelling():
    british = re.compile("centre|colour|grey|favour|behaviour|normalis|randomis|optimis|summaris")
    for command in (*COMMANDS, "verify"):
        options = {text for action in subparser(command)._actions for text in action.option_strings}
        american = {text for text in options if "center" in text}
        assert {text for text in options if british.search(text)} == {
            text.replace("center", "centre") for text in american
        }


def subparser(command):
    (choices,) = (action.choices for action in arguments.parser()._actions if action.choices)
    return choices[command]


def test_completions_can_be_made_for_every_shell():
    shtab = pytest.importorskip("shtab")
    for shell in ("bash", "zsh", "tcsh"):
        script = shtab.complete(arguments.parser(), shell=shell)
        assert all(command in script for command in COMMANDS)


def test_a_reader_who_has_had_enough_is_no_error():
    program = [sys.executable, "-m", "modecollapse", *TV, "--m", "1:50000"]
    with subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        running.stdout.readline()
        running.stdout.close()
        assert running.stderr.read() == b""
    assert running.returncode == 0


def test_the_module_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "modecollapse", *TV, "--m", "2", "--json"], capture_output=True, text=True
    )
    assert done.returncode == 0
    assert math.isclose(json.loads(done.stdout)["tv"][0], 0.36)


@pytest.mark.parametrize(
    "line",
    [
        *(
            ["tv", "--p", f"{name}{ending}", "--q", "0,1"]
            for name in ("none", "folder")
            for ending in (".csv:p", ".json", ".npy", ".npz:p", ".parquet:p", ".arrow:p")
        ),
        ["verify", "none.json"],
        ["verify", "folder.json"],
        ["diagnose", "none.npy", "labels.csv:label", "--labels"],
        ["diagnose", "labels.csv:label", "folder.csv:label", "--labels"],
        ["diagnose", "labels.csv:label", "--target", "none.csv:share", "--labels"],
        ["diagnose", "labels.csv:label", "labels.csv:label", "--labels", "--groups", "no_column"],
        ["diagnose", "labels.csv:label", "labels.csv:label", "--labels", "--report", "none/report.html"],
        ["compare", "labels.csv:label", "a=none.parquet:label", "--labels"],
        ["curve", "roc", "--samples", "labels.csv:label", "none.tsv:label", "--labels"],
        [*TV, "--plot", "none/tv.png"],
        [*TV, "--plot", "folder.png"],
        [*BOUNDS, "--m", "2", "--certificate", "none/certificate.json"],
        ["explore", "--out", "none/explorer.html"],
        ["figures", "8", "--out", "labels.csv"],
        ["figures", "8", "--html", "--out", "labels.csv"],
        ["figures", "training", "pull", "--out", "labels.csv"],
    ],
)
def test_a_file_that_cannot_be_used_is_named_without_the_number_of_its_fault(
    line, capsys, tmp_path, monkeypatch
):
    if "training" in line:  # an extra, which newcomers do not have
        for package in ("jax", "optax", "sklearn", "tqdm"):
            pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)
    Path("labels.csv").write_text("label\n" + "a\nb\n" * 20, encoding="utf-8")
    for ending in ("csv", "json", "npy", "npz", "parquet", "arrow", "png"):
        Path(f"folder.{ending}").mkdir()
    try:
        code = cli.main(line)
    except SystemExit as ended:  # programs of their own: `verify` and `figures`
        code = ended.code
    out, err = capsys.readouterr()
    assert code == 2
    assert "Errno" not in out + err
    name = next(word for word in ("none", "folder", "no_column", "labels.csv") if word in " ".join(line))
    assert name in out + err
