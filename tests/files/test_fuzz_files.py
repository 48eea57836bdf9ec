"""No file and no command line breaks what reads it: the law of `outcomes` holds for readers and the shell."""

from __future__ import annotations

import contextlib
import io
import re
import zipfile
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from outcomes import fuzz, law, names

import modecollapse as mc
from modecollapse import cli
from modecollapse.cli import reading
from modecollapse.files import samples
from modecollapse.files.address import source
from modecollapse.files.pmfs import pmf
from modecollapse.pages import report
from modecollapse.table import Table

# -- contents of files ------------------------------------------------------------------------------------

cells = st.sampled_from(
    [
        "0.5",
        "1",
        "0",
        "-1",
        "nan",
        "inf",
        "1e400",
        "",
        " ",
        "p",
        "q",
        '"',
        '"p',
        "½",
        "0,5",
        "\ufeff",
        "\0",
        "١",
        "1_0",
    ]
) | st.text(max_size=3)
csv_texts = st.lists(st.lists(cells, max_size=3).map(",".join), max_size=4).map("\n".join)
csv_files = st.builds(
    lambda text, encoding: text.encode(encoding, "replace"),
    csv_texts,
    st.sampled_from(["utf-8", "utf-8-sig", "latin-1", "utf-16"]),
)

arrays = st.sampled_from(
    [
        np.array([0.25, 0.75]),
        np.array([0.5, 0.5], dtype=">f4"),
        np.array([[0.25, 0.75], [1.0, 2.0]]),
        np.array([1, 0]),
        np.array([True, False]),
        np.array(0.3),
        np.array([]),
        np.zeros((0, 3)),
        np.zeros((3, 0)),
        np.zeros((1, 1, 2)),
        np.array(["0.5", "0.5"]),
        np.array(["a", ""]),
        np.array([b"a"]),
        np.array(["\ud800"]),
        np.array([0.5 + 1j, 0.5]),
        np.array([np.nan, np.inf]),
        np.array([2**63], dtype="u8"),
        np.array(["2020-01-01"], dtype="M8[D]"),
        np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]),
        np.array([None, 1.0]),
    ]
)


def saved(array: Any) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def headed(header: str, body: bytes) -> bytes:
    """An NPY file with a header of one's own."""
    text = header.encode("latin-1", "replace")
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + body


headers = st.builds(
    "{{'descr': {}, 'fortran_order': {}, 'shape': {}}}".format,
    st.sampled_from(["'<f8'", "'|O'", "'<U1000000000'", "[('a', '<f8')]", "'?'", "7", "'V0'", "[]", "("]),
    st.sampled_from(["False", "True", "None"]),
    st.sampled_from(
        [
            "(2,)",
            "(10**9,)",
            "(1000000000000,)",
            "(-1,)",
            "(2.0,)",
            "('a',)",
            "()",
            "[2]",
            "0L",
            f"({2**70},)",
        ]
    ),
) | st.text(max_size=8)
npy_files = arrays.map(saved) | st.builds(headed, headers, st.binary(max_size=16))


@st.composite
def npz_files(draw: Any) -> bytes:
    """Archives of arrays, as numpy writes them or stored by hand."""
    file = io.BytesIO()
    entries = st.sampled_from(
        ["p.npy", "q.npy", "p", "../p.npy", "p.npy/", "half.npy", "é.npy", ".npy", "a/b.npy"]
    )
    with zipfile.ZipFile(
        file, "w", draw(st.sampled_from([zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    ) as archive:
        for name in draw(st.lists(entries, max_size=3, unique=True)):
            archive.writestr(name, draw(npy_files))
    return file.getvalue()


@st.composite
def contents(draw: Any) -> bytes:
    """A file, whole or with some bytes replaced, or any bytes."""
    content: bytes = draw(csv_files | npy_files | npz_files() | st.binary(max_size=40))
    if draw(st.booleans()):
        start = draw(st.integers(0, len(content)))
        stop = draw(st.integers(start, len(content)))
        content = content[:start] + draw(st.binary(max_size=4)) + content[stop:]
    return content


endings = st.sampled_from([".csv", ".npy", ".npz", ".CSV"])
column_names = st.sampled_from(["", ":p", ":q", ":", ":nothing", ":é", ":../p", ":a/b"])


@contextlib.contextmanager
def in_a_folder(**files: bytes) -> Any:
    """Work in a folder with these files for a while."""
    with TemporaryDirectory() as folder, contextlib.chdir(folder):
        for name, content in files.items():
            Path(name).write_bytes(content)
        yield


# -- readers ----------------------------------------------------------------------------------------------


def archived(content: bytes, name: str = "p.npy") -> bytes:
    """An NPZ file with one entry."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, content)
    return file.getvalue()


GOOD = saved(np.array([0.25, 0.75]))
DAMAGED = [
    ("a.npz", GOOD),
    ("a.npz", archived(GOOD)[:-9]),
    ("a.npz", archived(GOOD).replace(b"\xe8?", b"\xe8!")),  # the checksum of the entry does not fit
    (
        "a.npz",
        archived(GOOD).replace(b"\x14\x00\x00\x00\x00\x00", b"\x14\x00\x00\x00\x63\x00"),
    ),  # packed anyhow
    ("a.npz", archived(GOOD, "p")),
    ("a.npz", archived(saved(np.array([None, 1.0])))),
    ("a.npy", archived(GOOD)),
    ("a.npy", GOOD[:-9]),
    ("a.npy", GOOD.replace(b"(2,)", b"(2,{")),
    ("a.npy", GOOD.replace(b"(2,), }      ", b"(10**18,), }")),
    ("a.npy", saved(np.array([0.25 + 1j, 0.75]))),
    ("a.npy", saved(np.array([(1, 2.0)], dtype=[("a", int), ("b", float)]))),
    ("a.csv", "p\n½\n".encode("latin-1")),
    ("a.csv", b"p\n" + b"1" * 200_000),
]


@pytest.mark.parametrize(("name", "content"), DAMAGED)
@pytest.mark.parametrize(
    "read",
    [
        lambda name: pmf("--p", name),
        lambda name: list(samples.features(source(name))),
    ],
)
def test_damaged_files_are_refused_by_name(read, name, content):
    with in_a_folder(**{name: content}), pytest.raises(ValueError, match=re.escape(name)):
        read(name)


def test_an_endless_range_of_degrees_is_refused():
    assert len(reading.degrees(f"1:{reading.MOST_DEGREES}")) == reading.MOST_DEGREES
    with pytest.raises(ValueError, match="1000000 packing degrees at most, got more in '1:99999999999'"):
        reading.degrees("1:99999999999")


@fuzz(contents(), endings, column_names, examples=100)
def test_pmf_files(content, ending, column):
    def are_numbers(values: Any) -> None:
        assert all(isinstance(value, float) for value in values)

    with in_a_folder(**{f"pmf{ending}": content}):
        law(lambda p: pmf("--p", p), are_numbers, {"p": f"pmf{ending}{column}"})


@fuzz(st.sampled_from(["features", "scores", "labels"]), contents(), endings, column_names, examples=100)
def test_sample_files(kind, content, ending, column):
    def are_rows(blocks: list[Any]) -> None:
        for block in blocks:
            if kind == "labels":
                assert isinstance(block, Counter)
                assert all(isinstance(label, str) and label for label in block)
            else:
                assert block.dtype == np.float64
                assert not np.isnan(block).any()

    name = f"samples{ending}"
    with in_a_folder(**{name: content}):
        read = getattr(samples, kind)
        law(lambda **_: list(read(source(name + column))), are_rows, {name: column})


@fuzz(st.text(max_size=8) | st.builds(str.__add__, endings, column_names))
def test_sources(text):
    law(source, lambda found: str(found), {"text": text})


@fuzz(st.sampled_from(["from_csv", "from_npz"]), contents(), examples=100)
def test_tables(reader, content):
    with in_a_folder(table=content):
        law(lambda table: getattr(Table, reader)(table), lambda table: len(table), {"table": "table"})


@fuzz(contents() | st.sampled_from([b"{}\n", b"[1]\n", b'{"function": 1}\n', b"{"]))
def test_journals(content):
    def is_table(table: Any) -> None:
        assert table["lower"].tolist() == [0.5]

    with in_a_folder(journal=content):
        law(
            lambda journal: mc.sweep.sweep(mc.sweep.band_row, [{"tau": 0.5, "m": 1}], journal=journal),
            is_table,
            {"journal": "journal"},
        )


# -- the shell tool ---------------------------------------------------------------------------------------

words = st.sampled_from(
    ["", "0", "-1", "nan", "inf", "x", ".5", "1e400", "١", "1,", "½", "--", "-", "@", "\0", "1:2"]
)
words |= st.text(st.characters(exclude_characters="/"), max_size=4)
pmfs = st.sampled_from(
    [".2,.8", "0,1", "1", ".5,.3,.2", "1e-300,1", "good.csv:p", "good.csv", "bad.npz", "absent.npy"]
)
degrees = st.sampled_from(
    ["1", "1:4", "3:1", "1,2,2", "1:9:3", "4:1:-1", "1:99999999999", "1:5:0", "9" * 5000]
)
numbers = st.sampled_from([".1", "0", "1", ".5", "1e-310", "-0.0", "2"])
points = st.sampled_from([".02,.1", "0,.1", ".06,.1", "0,1", ".1,.02", "1,1", ".5"])
pictures = st.sampled_from(["plot.svg", "plot", "plot.xyz", "absent/plot.png"])
sample_files = st.sampled_from(
    ["good.csv", "good.csv:p", "good.csv:q", "bad.csv", "bad.npy", "bad.npz:p", "absent.csv"]
)

Options = dict[str, st.SearchStrategy[str] | None]
OUTPUT: Options = {"--json": None, "--csv": None, "--plot": pictures}
SEEN: Options = {
    "--labels": None,
    "--scores": None,
    "--centres": sample_files,
    "--cells": words,
    "--radius": numbers,
}
COMMANDS: dict[str, Options] = {
    "tv": {"--p": pmfs, "--q": pmfs, "--m": degrees, "--log-overlap": None, **OUTPUT},
    "region": {"--p": pmfs, "--q": pmfs, "--m": degrees, **OUTPUT},
    "bounds": {
        "--tau": numbers,
        "--m": degrees,
        "--collapse": points,
        "--augmentation": points,
        "--no-collapse": points,
        "--no-augmentation": points,
        "--hockey-stick": points,
        "--divergence": words,
        "--gap": numbers,
        "--as-printed": None,
        **OUTPUT,
    },
    "separate": {
        "--tau": numbers,
        "--m": degrees,
        "--collapse": points,
        "--no-collapse": points,
        "--no-augmentation": points,
        **OUTPUT,
    },
    "diagnose": {
        **SEEN,
        "--by": words,
        "--names": sample_files,
        "--rows": pictures,
        "--seed": words,
        "--level": numbers,
        "--m": degrees,
        "--json": None,
        "--report": pictures,
    },
    "compare": {**SEEN, "--seed": words, "--level": numbers, "--json": None, "--report": pictures},
    "explore": {"--out": pictures},
}


ANSWERING = {"tv", "region", "bounds", "separate"}
"""Commands that print numbers; the others may print a name that is nan."""


@st.composite
def command_lines(draw: Any) -> list[str]:
    """A command with files and options that belong to it, or nearly so."""
    command = draw(st.sampled_from(list(COMMANDS)))
    options = COMMANDS[command]
    line = [command]
    if command == "diagnose":
        line += draw(st.tuples(sample_files, sample_files))
    if command == "compare":
        line += draw(st.tuples(sample_files, sample_files.map("a=".__add__), sample_files.map("b=".__add__)))
    for name in draw(st.lists(st.sampled_from(list(options)), unique=True)):
        value = options[name]
        line += [name] if value is None else [name, draw(value if draw(st.integers(0, 7)) else words)]
    return line if draw(st.integers(0, 7)) else [*line, draw(words)]


@fuzz(command_lines(), contents(), examples=60)
def test_command_lines(line, content):
    out, err = io.StringIO(), io.StringIO()
    files = dict.fromkeys(["bad.csv", "bad.npy", "bad.npz"], content) | {"good.csv": b"p,q\n.25,.5\n.75,.5\n"}
    with in_a_folder(**files), contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = cli.main(line)
        except SystemExit as end:  # of argparse
            code = end.code
    if code == 0:
        assert line[0] not in ANSWERING or not re.search(r"\bnan\b", out.getvalue())
    else:
        assert code in (2, 3, 4)
        refused = re.search(r"modecollapse.*: error: (.+)", err.getvalue(), re.DOTALL)
        options = {option.strip("-") for command in COMMANDS.values() for option in command}
        quoted = {*line, *files, *map(repr, line)} - {""}
        assert names(refused[1], dict.fromkeys(options)) or any(word in refused[1] for word in quoted), (
            refused[1]
        )


# -- pages ------------------------------------------------------------------------------------------------

mode_names = st.text(max_size=5) | st.sampled_from(
    ["<b>", "&amp;", "$x", "${data}", "nan", "off mode", "\ud800", "\0"]
)


@fuzz(
    st.lists(st.tuples(st.integers(0, 30), st.integers(0, 30), mode_names), min_size=1, max_size=4),
    st.sampled_from([0.5, 0.95, 1 - 1e-12, 1e-12, 5e-324]),
    examples=60,
)
def test_pages(modes, level):
    real, generated, labels = (list(column) for column in zip(*modes, strict=True))

    def is_page(text: Any) -> None:
        assert "<b>" not in text
        assert text.encode()

    law(
        lambda real, generated, labels: report.page(
            mc.samples.diagnose(mc.samples.from_counts(real, generated, labels), level)
        ),
        is_page,
        {"real": real, "generated": generated, "labels": labels},
    )
