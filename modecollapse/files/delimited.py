"""Tables as text: rows of cells that commas, tabs or semicolons separate."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

ENDINGS = (".csv", ".tsv")
"""Endings of the files that are read here; the cells of the second kind are separated by tabs."""

SEPARATORS = ",\t;"
"""Marks that may separate cells: the first of them that the first line has does."""

LOOKED_AT = 4096
"""First bytes in which a zero byte shows what is no text in UTF-8: NumPy's, Parquet's, Arrow's, or UTF-16."""

IN_UTF8 = "; save the file in UTF-8, as pandas.read_csv(FILE, encoding='latin-1').to_csv(FILE) does"
"""Remedy for bytes that are not UTF-8; the encoding is the commonest other one."""

QUOTED = re.compile('"[^"]*"?')
"""A cell in quotes, in which a separator is text; it may go on in the next line."""

DECIMAL_COMMA = re.compile(r"\s*[\d.eE+-]*[,;\t][+-]?\d[\d.eE+-]*\s*")
"""A number with a comma, such as 0,25; or 25;0, what lies between the commas of 0,25;0,75."""


def separator(line: str) -> str:
    r"""The mark that separates the cells of a table with this first line.

    It is a comma if the line has one outside quotes. Else it is a tab if the line has one, and else a
    semicolon. In a line of one cell, which has none of them, it is a comma.

    Examples
    --------
    >>> [separator(line) for line in ("p;q", "p\tq", "p,q;r", '"p;q",r', "p")]
    [';', '\t', ',', ',', ',']
    """
    bare = QUOTED.sub("", line)
    return next((mark for mark in SEPARATORS if mark in bare), ",")


def records(name: object, ending: str, lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """The number of the line that each row ends on, counted from 1, and its cells; blank lines are left out.

    Parameters
    ----------
    name : object
        What the table is called in a message.
    ending : str
        One of `ENDINGS`.
    lines : iterable of str
        With the ends of the lines.

    Raises
    ------
    ValueError
        If a cell is longer than what the module `csv` takes, as after a quote that nothing closes.

    Examples
    --------
    >>> list(records("table", ".csv", ["p;q\\n", "0.5;1\\n"]))
    [(1, ['p', 'q']), (2, ['0.5', '1'])]
    """
    remaining = iter(lines)
    start = []
    for line in remaining:
        start.append(line)
        if line.strip():
            break
    mark = "\t" if ending == ".tsv" else separator(start[-1] if start else "")
    reader = csv.reader(chain(start, remaining), delimiter=mark)
    try:
        for row in reader:
            if row:
                yield reader.line_num, row
    except csv.Error as error:
        raise ValueError(f"{name}: row {reader.line_num} is unreadable ({error})") from None


def is_text(path: Path) -> bool:
    """Whether a file can be text in UTF-8: its first bytes have no zero."""
    with path.open("rb") as raw:
        return b"\0" not in raw.read(LOOKED_AT)


def is_utf8(cell: str) -> bool:
    r"""Whether a cell was read from bytes of UTF-8; other bytes become halves of surrogate pairs.

    Examples
    --------
    >>> is_utf8("café"), is_utf8("caf\udce9")
    (True, False)
    """
    try:
        cell.encode()
    except UnicodeEncodeError:
        return False
    return True


def has_decimal_comma(cell: str) -> bool:
    """Whether a cell comes from a number with a comma, which may be meant for a point or mark thousands.

    Examples
    --------
    >>> [has_decimal_comma(cell) for cell in ("0,25", "-1,5e-3", "1.234,5", "25;0", "0.25", "x,5")]
    [True, True, True, True, False, False]
    """
    return DECIMAL_COMMA.fullmatch(cell) is not None
