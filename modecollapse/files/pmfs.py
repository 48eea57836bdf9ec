"""Pmfs as users write them: numbers, JSON, standard input, or the name of a file."""

from __future__ import annotations

import io
import json
import re
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from modecollapse.files import delimited, standard_input
from modecollapse.files.address import Source, is_address, label, source
from modecollapse.files.readable import readable

FILES = ".csv, .tsv, .npy, .npz, .json, .parquet or .arrow"
"""Endings of the files that hold a pmf."""

PMF = list[float] | dict[str, float]
"""Numbers, or numbers with labels."""


def number(text: str) -> float:
    """'.2', '1/5' or '20%' as 0.2.

    Examples
    --------
    >>> number("1/3"), number("20%"), number("-1e-3")
    (0.3333333333333333, 0.2, -0.001)
    """
    written = text.strip()
    try:
        if written.endswith("%"):
            return float(Decimal(written[:-1]) / 100)
        upper, *lower = written.split("/")
        return float(upper) / float(*lower) if lower else float(upper)
    except (ValueError, TypeError, ZeroDivisionError, InvalidOperation):
        raise ValueError(f"takes numbers such as .2, 1/5 or 20%, got {text!r}") from None


def numbers(option: str, text: str) -> list[float]:
    """'.2,80%' as [0.2, 0.8]."""
    try:
        return [number(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(
            f"{option} takes numbers separated by commas, such as .2,4/5 or 20%,80%, got {text!r}"
        ) from None


class Words(NamedTuple):
    """What was written for a pmf.

    Attributes
    ----------
    values : list of float
    labels : list of str or None
        What the words, or the rows of the file, call the letters.
    """

    values: list[float]
    labels: list[str] | None = None

    @property
    def by_label(self) -> dict[str, float]:
        """The values by their labels."""
        assert self.labels is not None
        return dict(zip(self.labels, self.values, strict=True))


def pmf(option: str, text: str) -> PMF:
    """A pmf, with labels if it is an object of JSON.

    It is written as numbers separated by commas, as a list or an object of JSON, as FILE or FILE:NAME of a
    CSV, NPY, NPZ or JSON file, or as ``-`` or ``-:NAME`` for standard input.
    """
    words = _words(option, text)
    return words.by_label if words.labels and not _is_column(text) else words.values


def labelled(option: str, text: str) -> dict[str, float]:
    """A pmf whose letters have labels: an object of JSON, or a column of a table that has one of labels."""
    words = _words(option, text)
    if not words.labels:
        raise ValueError(
            f'{option} takes a label with each probability: JSON such as \'{{"cat": 0.5, "dog": 0.5}}\', or '
            f"FILE:COLUMN of a table with a column of labels besides (without a name, if they are numbers), "
            f"got {text!r}"
        )
    return words.by_label


def pmfs(p: tuple[str, str], q: tuple[str, str]) -> tuple[PMF, PMF]:
    """Two pmfs, each an option and its words, with labels where both have them.

    The rows of a CSV file have labels if another column than the one meant is without a name, or has no
    number. They are aligned with the labels of the other pmf if it has any, and else taken in order.
    """
    first, second = _words(*p), _words(*q)
    if first.labels and second.labels:
        return first.by_label, second.by_label
    return pmf(*p), pmf(*q)


def _words(option: str, text: str) -> Words:
    try:
        if text.lstrip().startswith(("[", "{")):
            return _from_json(text, "")
        first, _, name = text.partition(":")
        if first == standard_input.SIGN:
            return _from_standard_input(name)
        if is_address(text):
            return _from_file(source(text))
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
    try:
        return Words(numbers(option, text))
    except ValueError as error:
        raise ValueError(f"{error}; or a file, whose name ends in {FILES}") from None


def _is_column(text: str) -> bool:
    """Whether the words name a column: its labels, if any, are those of a file's rows."""
    if text.startswith(standard_input.SIGN):
        return not standard_input.text().lstrip().startswith(("[", "{"))
    return is_address(text) and source(text).is_delimited


def _from_file(meant: Source) -> Words:
    if meant.ending == ".json":
        with readable(meant.path, ".json file"):
            text = meant.path.read_text(encoding="utf-8")
        return _from_json(text, meant.name, str(meant.path))
    from modecollapse.files.samples import column  # brings numpy, which numbers do without

    values = [*column(meant)]  # in the type of the file: a pmf of float32 may be off by its rounding
    if not meant.is_delimited or not meant.name:
        return Words(values)
    rows = _rows(meant, meant.path.read_text("utf-8-sig", "surrogateescape"))
    return Words(values, _labels(meant, rows))


def _from_standard_input(name: str) -> Words:
    text = standard_input.text()
    if not text.strip():
        raise ValueError(f"{standard_input.NAME} is empty")
    if text.lstrip().startswith(("[", "{")):
        return _from_json(text, name, str(standard_input.NAME))
    if not name:
        return Words([number(part) for part in re.split(r"[,\s]+", text.strip())])
    meant = Source(standard_input.NAME, name)
    rows = _rows(meant, text)
    place = meant.place(name, rows[0])
    return Words([number(row[place]) for row in rows[1:]], _labels(meant, rows))


def _from_json(text: str, name: str, where: str = "JSON") -> Words:
    """A list of numbers, or an object of numbers by label; under a name if one is given."""
    try:
        value: Any = json.loads(text, object_pairs_hook=_without_repetitions)
    except json.JSONDecodeError as error:
        raise ValueError(f"{where} cannot be read: {error}") from None
    if name:
        if not isinstance(value, dict) or name not in value:
            raise ValueError(f"{where} has no entry {name!r}")
        value = value[name]
    names = [*value] if isinstance(value, dict) else []
    entries = [*value.values()] if isinstance(value, dict) else value
    if not isinstance(entries, list) or not all(_is_number(entry) for entry in entries):
        advice = f"; name one of its entries, such as {where}:{names[0]}" if names else ""
        raise ValueError(f"{where} must be a list or an object of numbers{advice}")
    labels = [*map(label, names)]
    _refuse_repeated(where, labels)
    return Words([float(entry) for entry in entries], labels or None)


def _without_repetitions(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"an object of JSON must have each name once, got {twice!r} again")
    return value


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _rows(meant: Source, text: str) -> list[list[str]]:
    """The rows of a table of text, which must be as wide as the first."""
    rows = []
    for number, row in delimited.records(meant, meant.ending, io.StringIO(text)):
        rows.append(row)
        if len(row) != len(rows[0]):
            cells = f"{len(row)} cell{'s' * (len(row) != 1)}"
            raise ValueError(f"{meant}: row {number} has {cells}, not {len(rows[0])} (rows counted from 1)")
    return rows


def _labels(meant: Source, rows: list[list[str]]) -> list[str] | None:
    """The labels of the rows of a table under a header: a column without a name, or without a number."""
    header, *body = rows
    for place, name in enumerate(header):
        cells = [label(row[place]) for row in body]
        if name.strip() != meant.name and not (name.strip() and any(map(_reads_as_number, cells))):
            _refuse_repeated(meant, cells)
            return cells
    return None


def _refuse_repeated(where: object, labels: list[str]) -> None:
    if len(set(labels)) < len(labels):
        twice = next(each for each in labels if labels.count(each) > 1)
        raise ValueError(f"{where} must have each label once, got {twice!r} again")


def _reads_as_number(cell: str) -> bool:
    try:
        number(cell)
    except ValueError:
        return False
    return True
