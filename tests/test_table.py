"""Tables: every form of them, and what reads back."""

from __future__ import annotations

import csv
import json
import math
import pickle
import sys
from html.parser import HTMLParser
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse import extras
from modecollapse.table import ROWS_SHOWN, Table

MIXED = Table(
    {
        "m": [1, 20],
        "tv": [0.25, math.nan],
        "rate": [-math.inf, 1 / 3],
        "told": [True, False],
        "a|b": ["x", ""],
    }
)

# -- files ------------------------------------------------------------------------------------------------

finite_or_not = st.floats(allow_nan=True, allow_infinity=True)


@given(
    st.integers(1, 5).flatmap(
        lambda n: st.fixed_dictionaries(
            {
                "float": st.lists(finite_or_not, min_size=n, max_size=n),
                "int": st.lists(st.integers(-(2**63), 2**63 - 1), min_size=n, max_size=n),
                "bool": st.lists(st.booleans(), min_size=n, max_size=n),
                "text, with a comma": st.lists(
                    st.text("aé,\"'\n x", max_size=4).map("t".__add__), min_size=n, max_size=n
                ),
            }
        )
    )
)
def test_tables_read_back_equal_to_the_last_bit(tmp_path_factory, columns):
    folder = tmp_path_factory.mktemp("tables")
    table = Table(columns)
    table.to_csv(folder / "table.csv")
    table.to_npz(folder / "table")
    for read in (Table.from_csv(folder / "table.csv"), Table.from_npz(folder / "table")):
        assert read == table
        for name, values in columns.items():
            assert list(map(repr, read[name].tolist())) == list(map(repr, values))
    with open(folder / "table.csv", encoding="utf-8", newline="") as file:
        assert next(csv.reader(file)) == list(columns)


def test_tables_are_immutable_and_apart_from_what_made_them():
    values = np.array([1.0, 2.0])
    table = Table({"x": values})
    values[0] = 7
    assert table["x"].tolist() == [1, 2]
    with pytest.raises(ValueError, match="read-only"):
        table["x"][0] = 3
    with pytest.raises(TypeError):
        table.columns["y"] = values
    with pytest.raises(TypeError, match="unhashable"):
        hash(table)
    with pytest.raises(ValueError, match="read-only"):
        pickle.loads(pickle.dumps(table))["x"][0] = 3


@pytest.mark.parametrize(
    "other", [{"x": [1, 3]}, {"y": [1, 2]}, {"x": [1.0, 2.0]}, {"x": [1]}, {"x": [1, 2], "y": [1, 2]}]
)
def test_tables_that_differ_are_not_equal(other):
    assert Table({"x": [1, 2]}) != Table(other)
    assert Table({"x": [1, 2]}) != {"x": [1, 2]}


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({}, "one-dimensional, of one length, got {}"),
        ({"x": [1], "y": [1, 2]}, "one-dimensional, of one length"),
        ({"x": [[1]]}, "one-dimensional"),
        ({"x": [None]}, r"got others in \['x'\]"),
    ],
)
def test_tables_that_are_refused(columns, message):
    with pytest.raises(ValueError, match=message):
        Table(columns)


@pytest.mark.parametrize(
    ("content", "message"), [("", "is empty"), ("a,b\n1,2\n3\n", "row 3 .* 2 cells, got 1")]
)
def test_files_that_are_no_tables_are_refused(tmp_path, content, message):
    (tmp_path / "table.csv").write_text(content)
    with pytest.raises(ValueError, match=message):
        Table.from_csv(tmp_path / "table.csv")


# -- rows -------------------------------------------------------------------------------------------------


def test_rows_and_columns_hold_the_same():
    table = Table.from_rows([{"m": 1, "tv": 0.5}, {"m": 2, "tv": None}])
    assert table == Table({"m": [1, 2], "tv": [0.5, math.nan]})
    assert table.rows()[0] == {"m": 1, "tv": 0.5}
    assert Table.from_rows(MIXED.rows()) == MIXED
    assert list(map(type, MIXED.rows()[0].values())) == [int, float, float, bool, str]
    assert MIXED.to_dict()["told"] == [True, False]


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([], ValueError, "at least one row"),
        ([{"x": 1}, {"y": 1}], KeyError, "x"),
        ([{"x": 1}, {"x": "a"}], ValueError, "the column x must not mix text and numbers"),
        ([{"x": 2**60 + 1}, {"x": None}], ValueError, "the column x mixes"),
    ],
)
def test_rows_that_make_no_table_are_refused(rows, error, message):
    with pytest.raises(error, match=message):
        Table.from_rows(rows)


# -- forms ------------------------------------------------------------------------------------------------


def test_text_is_aligned_and_of_nine_digits():
    assert MIXED.text().splitlines() == [
        " m    tv         rate   told  a|b",
        " 1  0.25         -inf   True    x",
        "20        0.333333333  False",
    ]
    assert Table({"x": [2 / 3]}).text(digits=2).split() == ["x", "0.67"]


def test_markdown_escapes_its_own_sign():
    assert MIXED.markdown(digits=3).splitlines() == [
        "| m  | tv   | rate  | told  | a\\|b |",
        "| -- | ---- | ----- | ----- | ---- |",
        "| 1  | 0.25 | -inf  | True  | x    |",
        "| 20 |      | 0.333 | False |      |",
    ]


def test_json_has_null_for_what_is_missing_or_infinite():
    assert json.loads(MIXED.json()) == {
        "m": [1, 20],
        "tv": [0.25, None],
        "rate": [None, 1 / 3],
        "told": [True, False],
        "a|b": ["x", ""],
    }


def test_a_table_says_in_short_what_it_holds():
    assert repr(MIXED) == "<Table of 2 rows: m, tv, rate, told, a|b>"
    assert repr(Table({"x": [1.0]})) == "<Table of 1 row: x>"


class Cells(HTMLParser):
    """The texts of a page by their elements."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: dict[str, list[str]] = {}
        self.feed(page)
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if data.strip():
            self.found.setdefault(self.open[-1], []).append(data)


def test_notebooks_show_the_first_rows_escaped():
    cells = Cells(Table({"<b>": ["a & b", "c"]})._repr_html_())
    assert cells.found == {"th": ["<b>"], "td": ["a & b", "c"]}
    long = Cells(Table({"x": range(ROWS_SHOWN + 7)})._repr_html_())
    assert long.found["td"] == [str(i) for i in range(ROWS_SHOWN)]
    assert long.found["p"] == ["7 more rows"]


def test_a_frame_has_the_columns(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", SimpleNamespace(DataFrame=dict))
    frame = MIXED.to_frame()
    assert list(frame) == list(MIXED.columns)
    np.testing.assert_array_equal(frame["tv"], MIXED["tv"])


def test_a_frame_needs_pandas(monkeypatch):
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError) as refusal:
        MIXED.to_frame()
    assert str(refusal.value) == str(extras.missing("Table.to_frame", "pandas", otherwise="take to_dict"))


def test_what_pandas_itself_lacks_is_not_blamed_on_it(monkeypatch):
    def fail(name):
        raise ModuleNotFoundError("no clock", name="clock")

    monkeypatch.setattr("modecollapse.table.import_module", fail)
    with pytest.raises(ModuleNotFoundError, match="no clock"):
        MIXED.to_frame()
