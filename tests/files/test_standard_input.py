"""Samples on standard input: the same as the same text in a file, however often they are read."""

from __future__ import annotations

import io
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from modecollapse import cli

LABELLED = "real,generated\n" + "ant,ant\nbee,ant\n" * 60
RNG = np.random.default_rng(5)
ROWS = "\n".join(f"{int(i % 2)},{x:.6f},{y:.6f}" for i, (x, y) in enumerate(RNG.normal(size=(160, 2))))
FEATURES = f"is_real,x,y\n{ROWS}\n"


@pytest.fixture
def said(capsys):
    """Run a command that succeeds; returns its output."""

    def run(*arguments):
        assert cli.main([*map(str, arguments)]) == 0
        return capsys.readouterr().out

    return run


@pytest.mark.parametrize(
    ("text", "command"),
    [
        (LABELLED, "diagnose {}:real {}:generated --labels --json"),
        (LABELLED, "compare {}:real a={}:generated b={}:real --labels --json"),
        (LABELLED, "curve roc --samples {}:real {}:generated --labels --json"),
        (FEATURES, "diagnose {}:x {}:y --scores --json"),
        (FEATURES, "diagnose {} --by is_real --centres centres.csv --radius 1 --json"),
        (FEATURES, "diagnose {} --by is_real --cells 3 --json"),  # read once for each use
        ("\ufeff" + LABELLED, "diagnose {}:real {}:generated --labels --json"),
    ],
)
def test_standard_input_is_as_good_as_a_file(said, typed, tmp_path, monkeypatch, text, command):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "samples.csv").write_text(text, encoding="utf-8")
    (tmp_path / "centres.csv").write_text("x,y\n0,0\n2,0\n", encoding="utf-8")
    typed(text)
    from_file, from_input = (said(*command.replace("{}", name).split()) for name in ("samples.csv", "-"))
    assert from_input == from_file


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["-:real", "-:fake", "--labels"], "standard input has no column 'fake'"),
        (
            ["-", "-:generated", "--labels"],
            "standard input has 2 columns where one is needed; name one, as -:COLUMN",
        ),
        (["-:real", "-:generated", "--scores"], "standard input:real: 120 of 120 rows cannot be used: row 2"),
    ],
)
def test_a_refusal_names_standard_input(capsys, typed, arguments, message):
    typed(LABELLED)
    assert cli.main(["diagnose", *arguments]) == 2
    assert message in capsys.readouterr().err


def test_nothing_on_standard_input_is_refused(capsys, typed):
    typed("")
    assert cli.main(["diagnose", "-", "-", "--scores"]) == 2
    assert "standard input holds no rows" in capsys.readouterr().err


def test_the_copy_is_gone_when_the_process_ends():
    script = (
        "from modecollapse.files import standard_input; print(standard_input.text(), standard_input.file())"
    )
    process = subprocess.run(
        [sys.executable, "-c", script], input="a", capture_output=True, text=True, check=True
    )
    text, path = process.stdout.split()
    assert text == "a"
    assert not Path(path).parent.exists()


@pytest.mark.parametrize("kind", ["npy", "npz", "parquet", "arrow"])
@pytest.mark.parametrize("command", [["diagnose", "-", "-", "--scores"], ["tv", "--p", "-", "--q", "1"]])
def test_a_binary_file_on_standard_input_is_refused(capsys, typed, monkeypatch, kind, command):
    typed("")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(binary(kind))))
    assert cli.main(command) == 2
    assert "standard input must be text, such as CSV in UTF-8, got a binary file" in capsys.readouterr().err


def binary(kind: str) -> bytes:
    """A column of numbers in a file of this kind."""
    file, values = io.BytesIO(), np.arange(1.0, 4.0)
    if kind == "npy":
        np.save(file, values)
    elif kind == "npz":
        np.savez(file, values=values)
    else:
        pandas = pytest.importorskip("pandas")
        pytest.importorskip("pyarrow")
        table = pandas.DataFrame({"values": values})
        table.to_parquet(file) if kind == "parquet" else table.to_feather(file)
    return file.getvalue()
