"""The address of numbers or labels: a file, and a column or an array in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from reprlib import repr as shortened
from typing import NamedTuple

from modecollapse.files import delimited, standard_input

ADDRESS = re.compile(
    r"(.+?\.(?:csv|tsv|npy|npz|json|parquet|arrow|feather))(?::(.*))?", re.IGNORECASE | re.DOTALL
)
"""FILE or FILE:NAME. The file ends after its ending; a colon before it belongs to a drive."""


REAL_WORDS, GENERATED_WORDS = {"1", "1.0", "true", "real"}, {"0", "0.0", "false", "generated", "fake"}
"""Entries, in small letters, of a column that says whether a row is real."""

NEITHER_SIDE = "neither real (1, true, real) nor generated (0, false, generated, fake)"
"""Fault of an entry of such a column that is none of these."""


def is_real(entry: str) -> bool | None:
    """Whether an entry of such a column says real; None if it says neither.

    Examples
    --------
    >>> is_real("1"), is_real(" Fake"), is_real("yes")
    (True, False, None)
    """
    word = entry.strip().lower()
    return True if word in REAL_WORDS else False if word in GENERATED_WORDS else None


class Side(NamedTuple):
    """The real rows of a file, or the generated ones, told apart by a column.

    Attributes
    ----------
    column : str
        Its name; in an NPZ file that of an array.
    is_real : bool
        Which of them.
    """

    column: str
    is_real: bool

    def __str__(self) -> str:
        return f"{self.column} = {int(self.is_real)}"

    def holds(self, entry: str) -> bool:
        """Whether a row with this entry in the column is one of them; a ValueError if the entry says neither.

        Examples
        --------
        >>> Side("kind", True).holds("real"), Side("kind", True).holds("fake")
        (True, False)
        """
        said = is_real(entry)
        if said is None:
            raise ValueError(f"holds {shortened(entry)}, {NEITHER_SIDE}")
        return said is self.is_real


class Maker(NamedTuple):
    """The rows of a file that one generator made, or the real ones, told apart by a column.

    Attributes
    ----------
    column : str
        Its name; in an NPZ file that of an array.
    name : str
        That of the generator; `REAL` for the real rows.
    """

    column: str
    name: str

    def __str__(self) -> str:
        return f"{self.column} = {self.name}"

    def holds(self, entry: str) -> bool:
        """Whether a row with this entry in the column is one of them; a ValueError if the entry is blank.

        Examples
        --------
        >>> Maker("maker", "new").holds(" new"), Maker("maker", REAL).holds("true")
        (True, True)
        """
        return maker(entry) == self.name


REAL = "real"
"""The maker of real rows."""

WHOLE = re.compile(r"[+-]?\d+\.0")
"""A whole number as a column of floats has it."""


def label(entry: str) -> str:
    """A label without blanks around it; a whole number has no decimals, however its column was written.

    A column of integers becomes one of floats where a row is empty, so that one file has 3 and another 3.0.

    Examples
    --------
    >>> label(" cat "), label("3.0"), label("3.05")
    ('cat', '3', '3.05')
    """
    word = entry.strip()
    return word.removesuffix(".0") if WHOLE.fullmatch(word) else word


def maker(entry: str) -> str:
    """The generator that an entry names, or `REAL`; a ValueError if it is blank.

    Examples
    --------
    >>> maker("step 1"), maker(" TRUE"), maker("2.0")
    ('step 1', 'real', '2')
    """
    word = entry.strip()
    if not word:
        raise ValueError("names neither a generator nor real")
    return REAL if is_real(word) else label(word)


class Source(NamedTuple):
    """A file, and the column or array meant in it, empty where none is named; all its rows, or some."""

    path: Path
    name: str
    side: Side | Maker | None = None

    def __str__(self) -> str:
        where = f"{self.path}:{self.name}" if self.name else str(self.path)
        return f"{where} ({self.side})" if self.side else where

    @property
    def ending(self) -> str:
        """``.csv``, ``.npy`` or ``.npz``, say; standard input is a table of text."""
        return ".csv" if self.is_standard_input else self.path.suffix.lower()

    @property
    def is_delimited(self) -> bool:
        """Whether the file is a table of text."""
        return self.ending in delimited.ENDINGS

    @property
    def is_standard_input(self) -> bool:
        """Whether the file is standard input."""
        return self.path == standard_input.NAME

    @property
    def file(self) -> str:
        """The file as it is written on the command line."""
        return standard_input.SIGN if self.is_standard_input else str(self.path)

    def columns(self, header: Sequence[str]) -> tuple[int, ...] | None:
        """The places of the columns that are meant under this header of a CSV file; None for all."""
        if self.name:
            return (self.place(self.name, header),)
        if self.side is None:
            return None
        side = self.place(self.side.column, header)
        return tuple(place for place in range(len(header)) if place != side)

    def place(self, column: str, header: Sequence[str]) -> int:
        """The place of a column under this header."""
        names = [name.strip() for name in header]
        if column not in names:
            mixed = any(mark in name for name in names for mark in ";\t")
            foreign = not all(map(delimited.is_utf8, names))
            raise ValueError(
                f"{self.path} has no column {column!r}, its header is {', '.join(names)!r}"
                f"{'; its cells are separated by commas, since its first line has one' * mixed}"
                f"{delimited.IN_UTF8 * foreign}"
            )
        return names.index(column)

    def array(self, names: Sequence[str]) -> str:
        """The name of the array that is meant among those of an NPZ file: the only one may go unnamed."""
        wanted = names[0] if not self.name and len(names) == 1 else self.name
        if wanted not in names:
            raise ValueError(
                f"an array comes as {self.path}:NAME with NAME one of {', '.join(names)}, got {self}"
            )
        return wanted


def is_address(text: str) -> bool:
    """Whether a text is FILE or FILE:NAME, and not numbers."""
    return ADDRESS.fullmatch(text) is not None


def source(text: str) -> Source:
    """'FILE' or 'FILE:NAME', the file by a path of any platform; '-' or '-:NAME' for standard input.

    Examples
    --------
    >>> source("pmfs.csv:real").name
    'real'
    >>> print(source("C:/data/p.csv:real").path.as_posix())
    C:/data/p.csv
    >>> print(source("-:real"))
    standard input:real
    """
    sign, _, name = text.partition(":")
    if sign == standard_input.SIGN:
        return Source(standard_input.NAME, name)
    parts = ADDRESS.fullmatch(text)
    if not parts:
        raise ValueError(
            f"samples come as FILE or FILE:NAME of a .csv, .tsv, .npy, .npz, .parquet or .arrow file, "
            f"or as - or -:NAME for CSV on standard input, got {text!r}"
        )
    return Source(Path(parts[1]), parts[2] or "")
