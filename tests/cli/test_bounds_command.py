"""`modecollapse bounds`: any class of pairs on the command line, and how its ends are told apart."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest

import modecollapse as mc
from modecollapse import cli, paper

P, Q = [0.1, 0.9], [0.0, 1.0]
WIDE_P, WIDE_Q = [0.6, 0.4, 0.0], [0.0, 0.4, 0.6]
INNER, OUTER = mc.Region.from_pmfs(P, Q), mc.Region.from_pmfs(WIDE_P, WIDE_Q)

CLASSES = {
    "--tau .11": mc.PairClass(0.11),
    "--tau .1:.2": mc.PairClass((0.1, 0.2)),
    "": mc.PairClass(),
    "--tau .11 --collapse .02,.1": mc.PairClass(0.11, collapse=(0.02, 0.1)),
    "--tau .11 --augmentation .02,.1": mc.PairClass(0.11, augmentation=(0.02, 0.1)),
    "--tau .11 --no-collapse .05,.1": mc.PairClass(0.11, no_collapse=(0.05, 0.1)),
    "--tau .11 --no-augmentation .05,.1": mc.PairClass(0.11, no_augmentation=(0.05, 0.1)),
    "--tau .11 --no-collapse .05,.1 --no-augmentation .05,.1": mc.PairClass(
        0.11, no_collapse=(0.05, 0.1), no_augmentation=(0.05, 0.1)
    ),
    "--tau .25 --collapse .02,.1 --no-collapse .1,.3": mc.PairClass(
        0.25, collapse=(0.02, 0.1), no_collapse=(0.1, 0.3)
    ),
    "--tau .2 --collapse .05,.15 --collapse .5,.66": mc.PairClass(0.2, collapse=[(0.05, 0.15), (0.5, 0.66)]),
    "--hockey-stick 2,.12 --collapse .02,.08": mc.PairClass(hockey_stick=(2, 0.12), collapse=(0.02, 0.08)),
    "--tau .2 --contains .1,.9 0,1 --within .6,.4,0 0,.4,.6": mc.PairClass(0.2, contains=INNER, within=OUTER),
}


@pytest.fixture
def run(capsys):
    """Run `modecollapse bounds`; returns (exit code, standard output, standard error)."""

    def run_command(text, *more):
        code = cli.main(["bounds", *text.split(), *more])
        return code, *capsys.readouterr()

    return run_command


@pytest.fixture
def columns(run):
    """Run it where it succeeds, as JSON."""

    def run_command(text, *more):
        code, out, err = run(text, *more, "--json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return run_command


@pytest.mark.parametrize("text", CLASSES)
def test_any_combination_of_conditions_is_a_class(columns, text):
    assert columns(text, "--m", "2,3") == mc.band(CLASSES[text], [2, 3]).to_dict()


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("--tau .11 --m 2", "min", "max"),
        ("--tau .11 --no-collapse .05,.1 --no-augmentation .05,.1 --m 2", "min", "sup"),
        # the forbidden point cuts off the tangent point with the least value
        ("--tau .18 --no-collapse .5,.6 --m 3", "inf", "max"),
    ],
)
def test_a_maximum_is_told_from_a_supremum_everywhere(run, text, lower, upper):
    _, table, _ = run(text)
    assert [cell for cell in table.splitlines()[1].split() if cell.isalpha()] == [lower, upper]
    flags = [str(lower == "min"), str(upper == "max")]
    _, listed, _ = run(text, "--csv")
    (row,) = csv.DictReader(io.StringIO(listed))
    assert [row["lower_attained"], row["upper_attained"]] == flags
    _, found, _ = run(text, "--json")
    (found_lower,), (found_upper,) = (json.loads(found)[f"{end}_attained"] for end in ("lower", "upper"))
    assert [str(found_lower), str(found_upper)] == flags


def test_pmfs_of_regions_may_be_columns_of_files(columns, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    np.save("p.npy", P)
    Path("pair.csv").write_text("real,generated\n.1,0\n.9,1\n")
    found = columns("--tau .2 --contains p.npy pair.csv:generated --m 3")
    assert found == mc.band(mc.PairClass(0.2, contains=INNER), [3]).to_dict()


def test_another_divergence_and_another_gap(columns):
    pairs = mc.PairClass(0.11, collapse=(0.02, 0.1))
    text = "--tau .11 --collapse .02,.1 --m 3"
    assert (
        columns(f"{text} --divergence js --gap 1e-4")
        == mc.band(pairs, [3], divergence="js", gap=1e-4).to_dict()
    )
    assert (
        columns(f"{text} --divergence hockey_stick --order 1.5")
        == mc.band(pairs, [3], divergence="hockey_stick", order=1.5).to_dict()
    )


@pytest.mark.parametrize(
    ("text", "code", "message"),
    [
        ("--tau 1.5", 2, "1.5"),
        ("--tau .3:.2", 2, "low ≤ high, got (0.3, 0.2)"),
        ("--tau .1 --hockey-stick 2,.1", 2, "tau or hockey_stick, not both"),
        ("--hockey-stick .5,.1", 2, "h must be at least 1 - gamma = 0.5, got 0.1"),
        ("--hockey-stick .5", 2, "hockey_stick must be a pair (gamma, h), got (0.5,)"),
        ("--tau .1 --collapse .1", 2, "--collapse takes EPS,DELTA, got '.1'"),
        ("--tau .1 --no-augmentation .2,x", 2, "--no-augmentation takes numbers separated by commas"),
        ("--tau .1 --no-collapse .2,.1", 2, "eps must be smaller"),
        ("--tau .1 --m 0", 2, "got 0"),
        ("--tau .1 --divergence nope", 2, "got 'nope'"),
        ("--tau .1 --order 2", 2, "takes no order"),
        ("--tau .1 --gap 1e-20", 2, "gap must be at least 1e-12"),
        ("--contains .5,.6 0,1", 2, "1.1"),
        ("--tau .05 --collapse 0,.1", 3, "(0, 0.1)-collapse forces tau ≥ 0.1, got 0.05"),
        ("--tau .25 --collapse .02,.1 --no-collapse .03,.1", 3, "reaches the forbidden point (0.03, 0.1)"),
        (
            "--tau .5 --no-collapse .05,.1 --no-augmentation .05,.1",
            3,
            "(0.05, 0.1) excludes [0, 0.5] and (0.9, 0.95) excludes [0, 0.5]",
        ),
    ],
)
def test_failures_are_one_line_and_an_exit_code(run, text, code, message):
    found, out, err = run(text)
    assert (found, out) == (code, "")
    assert err.startswith("modecollapse: error: ")
    assert message in err
    assert err.count("\n") == 1


def test_a_tau_that_is_no_number_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as stop:
        cli.main(["bounds", "--tau", "high"])
    assert stop.value.code == 2
    err = capsys.readouterr().err
    assert "--tau: takes a number such as .11 or an interval such as .1:.2, got 'high'" in err


def test_precision_out_of_reach_has_its_own_exit_code(run, monkeypatch):
    def refuse(*_, **__):
        raise mc.PrecisionError("the supremum is only known to lie in [0.1, 0.2]", mc.Bracket(0.1, 0.2))

    monkeypatch.setattr(mc, "band", refuse)
    code, out, err = run("--tau .15 --m 6")
    assert (code, out) == (4, "")
    assert "only known to lie in [0.1, 0.2]" in err


@pytest.mark.parametrize(
    ("text", "lower", "upper"),
    [
        ("--tau .11", lambda m: paper.L(0.11, m), lambda m: paper.U(0.11, m)),
        (
            "--tau .11 --collapse .02,.1",
            lambda m: paper.L1(0.02, 0.1, 0.11, m),
            lambda m: paper.U(0.11, m),
        ),
        (
            "--tau .11 --no-collapse .05,.1 --no-augmentation .05,.1",
            lambda m: paper.L2(0.05, 0.1, 0.11, m),
            lambda m: paper.U1(0.05, 0.1, 0.11, m),
        ),
        (
            "--tau .11 --no-collapse .9,.95 --no-augmentation .9,.95",
            lambda m: paper.L3(0.9, 0.95, 0.11, m),
            lambda m: paper.U2(0.9, 0.95, 0.11, m),
        ),
        (
            "--tau .04 --no-collapse .05,.1 --no-augmentation .05,.1",
            lambda m: paper.L(0.04, m),
            lambda m: paper.U(0.04, m),
        ),
    ],
)
def test_as_printed_follows_the_papers_cases(columns, text, lower, upper):
    found = columns(text, "--m", "3", "--as-printed")
    assert found == {"m": [3], "lower": [float(lower(3))], "upper": [float(upper(3))]}


def test_as_printed_shows_the_erratum(columns):
    text = "--tau .1 --m 2 --collapse .85,.95"
    assert columns(text)["lower"] == pytest.approx([0.18])
    assert columns(text, "--as-printed")["lower"] == pytest.approx([0.10])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--tau .11 --no-collapse .05,.1", "got τ = 0.11, no (0.05, 0.1)-collapse"),
        ("--tau .11 --augmentation .05,.1", "got τ = 0.11, (0.05, 0.1)-augmentation"),
        ("--tau .1:.2", "got 0.1 ≤ τ ≤ 0.2"),
        ("", "got all pairs"),
        ("--hockey-stick 2,.1", "got hockey stick 0.1 of order 2"),
        ("--tau .2 --within .6,.4,0 0,.4,.6", "got τ = 0.2, within a region"),
        ("--tau .11 --divergence js", "takes no --divergence"),
    ],
)
def test_as_printed_refuses_what_the_paper_does_not_print(run, text, message):
    code, out, err = run(text, "--as-printed")
    assert (code, out) == (2, "")
    assert message in err


def drawn(monkeypatch, run, text, tmp_path):
    """The title of a plot, and the texts of its legend."""
    from matplotlib.figure import Figure

    found = []
    save = Figure.savefig

    def kept(figure, *arguments, **options):
        (ax,) = figure.axes
        legend = ax.get_legend()
        texts = [] if legend is None else legend.get_texts()
        found.extend([ax.get_title(loc="left"), *(entry.get_text() for entry in texts)])
        return save(figure, *arguments, **options)

    monkeypatch.setattr(Figure, "savefig", kept)
    code, _, err = run(text, "--plot", str(tmp_path / "drawn.svg"))
    assert (code, err) == (0, "")
    return found


def test_a_plot_says_which_ends_are_attained(monkeypatch, run, tmp_path):
    text = "--tau .11 --no-collapse .05,.1 --no-augmentation .05,.1 --m 1:2"
    title, *entries = drawn(monkeypatch, run, text, tmp_path)
    assert title == "τ = 0.11, no (0.05, 0.1)-collapse, no (0.05, 0.1)-augmentation"
    assert entries == ["attained: min, max", "approached: inf, sup"]


def test_a_plot_of_attained_ends_says_nothing_else(monkeypatch, run, tmp_path):
    _, *entries = drawn(monkeypatch, run, "--tau .11 --m 1:2 --divergence js", tmp_path)
    assert entries == ["attained: min, max"]


def test_an_infinite_end_is_named_and_not_drawn(run, columns, tmp_path):
    text = "--tau .11 --m 2 --divergence kl"
    code, table, _ = run(text)
    assert (code, table.split()[-3:-1]) == (0, ["max", "∞"])
    assert columns(text)["upper"] == [None]
    code, out, err = run(text, "--plot", str(tmp_path / "drawn.svg"))
    assert (code, out) == (2, "")
    assert "a band must be finite to be drawn, got an infinite end at m = 2" in err


def test_a_plot_of_the_printed_range_says_so(monkeypatch, run, tmp_path):
    title, *entries = drawn(monkeypatch, run, "--tau .11 --m 1:2 --as-printed", tmp_path)
    assert (title, entries) == ("as printed, τ = 0.11", [])
