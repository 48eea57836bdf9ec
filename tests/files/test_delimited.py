"""Tables of text: the same numbers with every separator, and no decimal comma that passes for anything."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse.files import delimited
from modecollapse.files.address import source
from modecollapse.files.pmfs import pmfs
from modecollapse.files.samples import column, features, labels, scores, texts

MARKS = {"commas.csv": ",", "tabs.csv": "\t", "tabs.tsv": "\t", "semicolons.csv": ";"}


@given(
    st.lists(st.lists(st.text("ab,;\t\"\n' ", min_size=1), min_size=2, max_size=3), min_size=1),
    st.sampled_from(",\t;"),
)
def test_what_a_program_writes_is_read_as_it_was(rows, mark):
    written = io.StringIO()
    csv.writer(written, delimiter=mark, quoting=csv.QUOTE_ALL).writerows([["p", "q"], *rows])
    read = delimited.records("table", ".csv", io.StringIO(written.getvalue(), newline=""))
    assert [row for _, row in read] == [["p", "q"], *rows]


@given(st.text('ab,;\t"', min_size=1))
def test_the_separator_of_a_line_is_the_one_that_splits_it(line):
    """A reader told to use a mark finds more than one cell if that mark stands outside quotes."""
    closed = line if line.count('"') % 2 == 0 else line + '"'
    cut = [mark for mark in ",\t;" if _is_outside_quotes(closed, mark)]
    assert delimited.separator(closed) == (cut[0] if cut else ",")


def _is_outside_quotes(line: str, mark: str) -> bool:
    """Quotes come in pairs: a character is outside if an even number of them stands before it."""
    return any(each == mark and line[:place].count('"') % 2 == 0 for place, each in enumerate(line))


@pytest.fixture(params=MARKS)
def table(request, tmp_path):
    """Write a table with each separator; returns a function of its rows that gives its path."""

    def write(*rows):
        lines = [MARKS[request.param].join(map(str, row)) for row in rows]
        path = tmp_path / request.param
        path.write_text("\n".join(lines))
        return path

    return write


def test_every_reader_takes_every_separator(table):
    path = table(("name", "p", "q"), ("owl", 0.25, 0.5), ("cat", 0.75, 0.5))
    of_p, of_q, names = (source(f"{path}:{column}") for column in ("p", "q", "name"))
    assert column(of_p).tolist() == [0.25, 0.75]
    assert np.concatenate(list(scores(of_q))).tolist() == [0.5, 0.5]
    assert list(texts(names)) == [["owl", "cat"]]
    assert list(labels(names)) == [{"owl": 1, "cat": 1}]
    assert pmfs(("--p", f"{path}:p"), ("--q", f"{path}:q")) == (
        {"owl": 0.25, "cat": 0.75},
        {"owl": 0.5, "cat": 0.5},
    )
    points = table((0.5, 1), (2, 3.5))
    assert np.concatenate(list(features(source(str(points))))).tolist() == [[0.5, 1], [2, 3.5]]


def test_a_text_in_one_column_may_hold_other_marks(tmp_path):
    path = tmp_path / "answers.csv"
    path.write_text("answer\nyes; no\nyes\tno\n")
    assert list(texts(source(f"{path}:answer"))) == [["yes; no", "yes\tno"]]
    path = tmp_path / "answers.tsv"
    path.write_text("answer\tid\nyes, no; perhaps\t3\n")
    assert list(texts(source(f"{path}:answer"))) == [["yes, no; perhaps"]]


@pytest.mark.parametrize(
    "text",
    [
        "0,25;0,5\n0,75;0,5\n",
        "p;q\n0,25;0,5\n0,75;0,5\n",
        "p;q\n0.25;0,5\n0.75;0.5\n",
        "p\tq\n0,25\t0,5\n0,75\t0,5\n",
        "0,25\t0,5\n0,75\t0,5\n",
        "1;2\n0,75;2\n",
        'p,q\n"0,25","0,5"\n',
        "p;q\n1.234,5;2\n",
        "-1,5e-3;2\n",
    ],
)
def test_decimal_commas_are_refused_and_never_misread(tmp_path, text):
    path = tmp_path / "table.csv"
    path.write_text(text)
    with pytest.raises(ValueError, match=r"a number with a comma.*; write decimal points and no commas"):
        list(features(source(str(path))))


def test_decimal_commas_are_refused_in_a_column(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("p;q\n0,25;0.5\n0,75;0.5\n")
    for read in (column, lambda meant: list(scores(meant))):
        with pytest.raises(ValueError, match=r"2 of 2 rows .* row 2 holds '0,25', a number with a comma"):
            read(source(f"{path}:p"))
    assert column(source(f"{path}:q")).tolist() == [0.5, 0.5]


def test_lines_are_counted_as_an_editor_does(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text("\n\np;q\n1;2\n\n1;x\n")
    with pytest.raises(ValueError, match="row 6 holds 'x', not a number"):
        list(features(source(str(path))))
