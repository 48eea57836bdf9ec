"""Options that say where samples are and of what kind, for all commands that read samples."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from typing import TypeAlias

from modecollapse import validation
from modecollapse.files.address import REAL, Maker, Side, Source, source
from modecollapse.files.pmfs import labelled

Real: TypeAlias = "Source | Mapping[str, float]"
"""Real samples, or the share of each label in their place."""


def check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together, before files are read."""
    if (options.radius is None) != (options.centres is None):
        raise ValueError(
            "--centres and --radius go together: a sample counts for a centre within the radius, inf for any"
        )
    if options.radius is not None:
        validation.radius(options.radius)
    if options.groups is not None and not (options.labels or options.scores):
        raise ValueError(
            "--groups goes with --labels or --scores; of rows of features keep one of each group before, as "
            "samples.one_per_group chooses them"
        )
    if isinstance(options.cells, int):
        validation.whole("cells", options.cells, 1)
    if options.target is not None and not options.labels:
        raise ValueError("--target gives the shares of labels: it goes with --labels")
    if options.target is not None and options.by is not None:
        raise ValueError(
            "--target stands for the real samples: give the file of the generated samples alone, "
            f"got --by {options.by} besides"
        )


def two(options: argparse.Namespace, files: Sequence[str], expected: str) -> tuple[Real, Source]:
    """Real and generated samples: two files, one whose rows --by tells apart, or one beside --target.

    Parameters
    ----------
    expected : str
        What takes two files, for the message.
    """
    first, *more = files
    if options.target is not None:
        if more:
            raise ValueError(
                "--target stands for the real samples: give the file of the generated samples alone, "
                f"got {' '.join(more)} besides"
            )
        return labelled("--target", options.target), source(first)
    if options.by is not None:
        one = _with_all_rows(options, files)
        return one._replace(side=Side(options.by, True)), one._replace(side=Side(options.by, False))
    if len(files) != 2:
        raise ValueError(
            f"{expected} takes two files, REAL and GENERATED, or one with --by COLUMN or --target PMF"
        )
    return source(first), source(*more)


def several(options: argparse.Namespace, files: Sequence[str]) -> tuple[Real, dict[str, Source]]:
    """Real samples and those of generators by name; --by names the makers of the rows of one file."""
    first, *more = files
    if options.target is not None:
        return labelled("--target", options.target), _named(files)
    if options.by is not None:
        from modecollapse.files.samples import makers  # brings numpy, which bad usage should not wait for

        one = _with_all_rows(options, files)
        names = makers(one.path, options.by)
        if REAL not in names or len(names) == 1:
            raise ValueError(
                f"--by {options.by} must say real (or 1 or true) for some rows, and name a generator for "
                f"others, got {', '.join(map(repr, names))}"
            )
        rows = {name: one._replace(side=Maker(options.by, name)) for name in names}
        return rows.pop(REAL), rows
    if not more:
        raise ValueError(
            "compare takes REAL and NAME=GENERATED for each generator, one file with --by COLUMN, or "
            "NAME=GENERATED alone with --target PMF"
        )
    return source(first), _named(more)


def _with_all_rows(options: argparse.Namespace, files: Sequence[str]) -> Source:
    """The one file whose rows a column tells apart."""
    first, *more = files
    if more:
        raise ValueError(f"--by takes one file that holds all kinds of rows, got {' '.join(more)} besides")
    return source(first)


def _named(texts: Sequence[str]) -> dict[str, Source]:
    """The files of generators by their names."""
    named: dict[str, Source] = {}
    for text in texts:
        name, equals, address = text.partition("=")
        if not (name and equals):
            raise ValueError(f"a generator comes as NAME=FILE or NAME=FILE:NAME, got {text!r}")
        if name in named:
            raise ValueError(f"generators must have different names, got {name!r} twice")
        named[name] = source(address)
    return named
