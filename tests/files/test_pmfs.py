"""Pmfs as users write them: the same numbers in every form, labels that are aligned, and what is refused."""

from __future__ import annotations

import json
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse import cli
from modecollapse.cli.reading import degrees, interval
from modecollapse.files.pmfs import number, numbers, pmf, pmfs


@given(st.integers(0, 10**6), st.integers(1, 10**6))
def test_a_fraction_is_its_nearest_float(upper, lower):
    assert number(f"{upper}/{lower}") == float(Fraction(upper, lower))


@given(st.decimals(-1000, 1000, places=4))
def test_a_percentage_is_its_nearest_float(share):
    assert number(f"{share}%") == float(Fraction(share) / 100)


@given(st.floats(allow_nan=False))
def test_a_float_is_itself(value):
    assert number(repr(value)) == number(f" {value!r} ") == value


@pytest.mark.parametrize(
    "text", ["", "x", "1/0", "1/2/3", "1//2", "%", "1/2%", "1%%", "0x10", "1e5000000000%%"]
)
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="takes numbers such as"):
        number(text)
    with pytest.raises(ValueError, match="--p takes numbers separated by commas"):
        numbers("--p", f".5,{text}")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n1\n2,3\n", "standard input:b: row 2 has 1 cell, not 2"),
        ("a,b\n1,2\n\n2,3,4\n", "standard input:b: row 4 has 3 cells, not 2"),
        (" \n", "standard input is empty"),
        ("a;b\n0,5;1\n", "standard input has no column"),
    ],
)
def test_standard_input_that_is_no_table_is_refused(monkeypatch, text, message):
    monkeypatch.setattr("modecollapse.files.standard_input.text", lambda: text)
    name = "c" if "no column" in message else "b"
    with pytest.raises(ValueError, match=message):
        pmf("--p", f"-:{name}")


def test_a_word_that_is_no_pmf_may_be_meant_for_a_file():
    with pytest.raises(ValueError, match=r"got 'p.csv.gz'; or a file, whose name ends in .csv, .tsv, "):
        pmf("--p", "p.csv.gz")


def test_intervals_and_degrees_take_the_same_forms():
    assert interval("1/4:30%") == (0.25, 0.3)
    for text in ("2:4", "2-4", "2–4", " 2 - 4 ", "2:4:1", "2,3:4", "2-3,4"):
        assert degrees(text) == [2, 3, 4]
    assert degrees("10-30:10") == degrees("10:30:10") == [10, 20, 30]
    for text in ("2-", "2--4", "2-4-1", "1.5", "", "4-2"):
        with pytest.raises(ValueError, match="--m"):
            degrees(text)


LABELLED = {"owl": 0.125, "cat": 0.625, "dog": 0.25}


@pytest.fixture
def files(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "list.json").write_text(json.dumps([*LABELLED.values()]))
    (tmp_path / "object.json").write_text(json.dumps(LABELLED))
    (tmp_path / "nested.json").write_text(json.dumps({"real": LABELLED, "list": [0.5, 0.5], "name": "x"}))
    rows = "".join(f"{label},{value}\n" for label, value in LABELLED.items())
    (tmp_path / "named.csv").write_text(f"animal,share\n{rows}")
    (tmp_path / "index.csv").write_text(",share\n2,.25\n0,.625\n1,.125\n")
    (tmp_path / "twice.csv").write_text("animal,share\ncat,.5\ncat,.5\n")


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "text", [".125,.625,.25", "1/8,5/8,25%", "[0.125, 0.625, 0.25]", "list.json", "named.csv:share"]
)
def test_numbers_without_labels(text):
    assert pmf("--p", text) == [*LABELLED.values()]


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize("text", [json.dumps(LABELLED), "object.json", "nested.json:real"])
def test_objects_of_json_have_labels(text):
    assert pmf("--p", text) == LABELLED
    assert pmfs(("--p", text), ("--q", "named.csv:share")) == (LABELLED, LABELLED)


@pytest.mark.usefixtures("files")
def test_rows_of_files_are_named_where_both_are():
    by_number = {"2": 0.25, "0": 0.625, "1": 0.125}
    assert pmfs(("--p", "named.csv:share"), ("--q", "index.csv:share")) == (LABELLED, by_number)
    assert pmfs(("--p", "index.csv:share"), ("--q", ".5,.25,.25")) == (
        [0.25, 0.625, 0.125],
        [0.5, 0.25, 0.25],
    )


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    "text", ["0.125\n0.625\n0.25\n", "1/8, 5/8, 25%", "[0.125, 0.625, 0.25]", "1/8 5/8 2/8"]
)
def test_numbers_on_standard_input(typed, text):
    typed(text)
    assert pmf("--p", "-") == [*LABELLED.values()]


def test_both_pmfs_may_come_from_standard_input(typed):
    typed("animal,real,generated\ncat,1/2,.25\nowl,1/2,.75\n")
    assert pmfs(("--p", "-:real"), ("--q", "-:generated")) == (
        {"cat": 0.5, "owl": 0.5},
        {"cat": 0.25, "owl": 0.75},
    )
    assert pmf("--p", "-:real") == [0.5, 0.5]
    typed(json.dumps({"real": LABELLED, "generated": {"cat": 1}}))
    assert pmfs(("--p", "-:real"), ("--q", "-:generated")) == (LABELLED, {"cat": 1})
    assert pmf("--p", "-:real") == LABELLED


@pytest.mark.usefixtures("files")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[0.5, 0.5", "--p: JSON cannot be read"),
        ('[0.5, "x"]', "--p: JSON must be a list or an object of numbers$"),
        ("[true, 0.5]", "--p: JSON must be a list or an object of numbers$"),
        ('{"a": 0.5, "a": 0.5}', "--p: an object of JSON must have each name once, got 'a' again"),
        ("nested.json", "--p: nested.json must be .* name one of its entries, such as nested.json:real"),
        ("nested.json:name", "--p: nested.json must be a list or an object of numbers$"),
        ("nested.json:fake", "--p: nested.json has no entry 'fake'"),
        ("list.json:real", "--p: list.json has no entry 'real'"),
        ("none.json", "none.json"),
        ("twice.csv:share", "--p: twice.csv:share must have each label once, got 'cat' again"),
        ("-:fake", "--p: standard input has no column 'fake', its header is 'real'"),
    ],
)
def test_what_cannot_be_read_is_refused(typed, text, message):
    typed("real\n1\n")
    with pytest.raises((ValueError, OSError), match=message):
        pmf("--p", text)


def test_an_overflow_is_no_number():
    assert number("1e999") == math.inf


def test_a_pmf_of_float32_may_be_off_by_its_rounding_in_a_file_as_in_an_array(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    logits = np.random.default_rng(0).normal(0, 3, 1000).astype(np.float32)
    exponentials = np.exp(logits - logits.max())
    p = exponentials / exponentials.sum(dtype=np.float32)
    assert abs(math.fsum(p.tolist()) - 1) > 1e-9
    np.save("p.npy", p)
    q = np.full(1000, 1e-3)
    np.save("q.npy", q)
    assert cli.main(["tv", "--p", "p.npy", "--q", "q.npy", "--m", "2", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["tv"] == [mc.packed_tv((p, q), 2)]
    np.save("p.npy", p.astype(float))  # the same numbers as float64 are what they are
    assert cli.main(["tv", "--p", "p.npy", "--q", "q.npy", "--m", "2"]) == 2
    assert "sum" in capsys.readouterr().err
