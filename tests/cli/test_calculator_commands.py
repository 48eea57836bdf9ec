"""The commands `divergence` and `chernoff`, tables and pictures of `diagnose`, and the list of figures."""

from __future__ import annotations

import csv
import inspect
import io
import json
from pathlib import Path

import numpy as np
import pytest

import modecollapse as mc
from modecollapse import cli, samples
from modecollapse.cli import arguments

PAIR = ["--p", "1/2,1/2", "--q", ".25,75%"]
REGION = mc.Region.from_pmfs([0.5, 0.5], [0.25, 0.75])


@pytest.fixture
def run(capsys):
    """Run a command that succeeds; returns its output."""

    def run_command(*arguments: str) -> str:
        assert cli.main(arguments) == 0
        return capsys.readouterr().out

    return run_command


@pytest.mark.parametrize("name", ["tv", "js", "kl", "hellinger", "chi2"])
def test_divergence_is_the_librarys(run, name):
    found = json.loads(run("divergence", name, *PAIR, "--m", "1-3", "--json"))
    assert found == {"m": [1, 2, 3], name: mc.packed_divergence(REGION, [1, 2, 3], name).tolist()}


def test_divergence_takes_an_order(run, tmp_path):
    picture = str(tmp_path / "drawn.svg")
    found = json.loads(run("divergence", "renyi", *PAIR, "--order", "2", "--json", "--plot", picture))
    assert found["renyi"] == [REGION.divergence("renyi", 2)]
    assert Path(picture).stat().st_size > 2000


def test_an_infinite_divergence_is_null_and_not_drawn(run, capsys, tmp_path):
    arguments = ["divergence", "kl", "--p", ".5,.5", "--q", "0,1"]
    assert json.loads(run(*arguments, "--json"))["kl"] == [None]
    assert cli.main([*arguments, "--plot", str(tmp_path / "drawn.svg")]) == 2
    assert "--plot draws finite values only, and the divergence kl is infinite" in capsys.readouterr().err
    assert cli.main(["chernoff", "--p", "1,0", "--q", "0,1", "--plot", str(tmp_path / "drawn.svg")]) == 2
    assert "P and Q have no letter in common" in capsys.readouterr().err


def test_chernoff_is_the_librarys(run, tmp_path):
    picture = str(tmp_path / "drawn.png")
    found = json.loads(run("chernoff", *PAIR, "--json", "--plot", picture))
    assert found == {"chernoff_information": [mc.chernoff_information(REGION)]}
    # −log(1 − d_TV(P^m, Q^m))/m tends to it
    assert found["chernoff_information"][0] == pytest.approx(
        -mc.packed_overlap(REGION, 10**6, log=True) / 10**6, rel=1e-3
    )
    assert Path(picture).stat().st_size > 2000


def test_a_slip_in_the_name_of_a_divergence_is_asked_about(capsys):
    assert cli.main(["divergence", "jensen-shannon", *PAIR]) == 2
    assert "did you mean 'js'?" in capsys.readouterr().err


def test_diagnose_prints_its_curves_and_draws_its_band(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    real, generated = np.repeat(np.arange(4), 50), np.repeat(np.arange(4), [0, 70, 60, 70])
    np.savez("labels.npz", real=real, generated=generated)
    arguments = ["diagnose", "labels.npz:real", "labels.npz:generated", "--labels", "--m", "2"]
    rows = list(csv.DictReader(io.StringIO(run(*arguments, "--csv", "--plot", "drawn.png"))))
    found = samples.diagnose(samples.from_labels(real, generated), m=[2])
    points = [*found.collapse, *found.augmentation]
    assert [row["kind"] for row in rows] == ["collapse"] * len(found.collapse) + ["augmentation"] * len(
        found.augmentation
    )
    for row, point in zip(rows, points, strict=True):
        expected = (point.eps, point.delta, *point.interval)
        assert tuple(float(row[name]) for name in ("eps", "delta", "delta_lower", "delta_upper")) == expected
    assert Path("drawn.png").stat().st_size > 2000


def test_the_figures_are_listed_and_not_drawn(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = run("figures", "--list").splitlines()
    assert len(lines) >= 20
    assert any(line.startswith("fig08_toy_regions ") for line in lines)
    assert all(len(line.split()) > 2 for line in lines)
    assert not list(tmp_path.iterdir())
    assert len(run("figures", "8", "--list").splitlines()) == 1


def test_mechanisms_have_their_american_spelling(run):
    rest = ["--truth", "75%", "--steps", "2", "--delta", "1e-3", "--json"]
    british = run("privacy", "--mechanism", "randomised-response", *rest)
    assert run("privacy", "--mechanism", "randomized-response", *rest) == british


def test_seeds_have_one_default_in_python_and_in_the_shell():
    functions = [getattr(samples, name) for name in vars(samples) if callable(getattr(samples, name))]
    seeds = [
        inspect.signature(function).parameters["seed"].default
        for function in functions
        if not isinstance(function, type) and "seed" in inspect.signature(function).parameters
    ]
    assert len(seeds) >= 6
    (choices,) = (action.choices for action in arguments.parser()._actions if action.choices)
    in_shell = [
        command.get_default("seed") for command in choices.values() if "--seed" in command.format_help()
    ]
    assert len(in_shell) >= 2
    assert {*seeds, *in_shell} == {0}


def test_separate_says_as_csv_too_why_no_degree_does(capsys):
    points = ["--collapse", ".02,.1", "--no-collapse", ".05,.1", "--no-augmentation", ".05,.1"]
    assert cli.main(["separate", "--tau", ".11", *points, "--m", "1:3", "--csv"]) == 0
    out, err = capsys.readouterr()
    assert out.split() == ["separating_m"]
    assert err.startswith("none of these m separates: ")
