"""What a study is, and the two kinds there are most of: runs side by side, and runs with their histories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from matplotlib.figure import Figure

from modecollapse.arrays import FloatArray
from modecollapse.gan.configuration import Configuration

from .runs import Run, history, run
from .tables import USUAL, Columns, Row, results_table

Found = TypeVar("Found")

NO_FIGURES: Mapping[str, Callable[[Any], Figure]] = MappingProxyType({})


class Study(NamedTuple, Generic[Found]):
    """A question, and how its answer is found, printed, kept and drawn.

    Attributes
    ----------
    run : callable (seeds, folder) → found
        Does what is not in the folder yet.
    table : callable (found) → str
        In Markdown.
    rows : callable (found) → list of rows
        A tidy table of the numbers.
    figures : mapping of str to callable (found) → Figure
        By the names of their files.
    """

    run: Callable[[Sequence[int], Path], Found]
    table: Callable[[Found], str]
    rows: Callable[[Found], list[Row]]
    figures: Mapping[str, Callable[[Found], Figure]]


class Watched(NamedTuple):
    """A run, and how its metrics went: "steps", shape (c,), and each metric, shape (c, t)."""

    run: Run
    history: dict[str, FloatArray]


def compare(
    fields: Sequence[Row],
    columns: Columns = USUAL,
    figures: Mapping[str, Callable[[list[Run]], Figure]] = NO_FIGURES,
) -> Study[list[Run]]:
    """Configurations side by side, each told by its fields that are not as usual."""
    return Study(partial(train, fields), partial(results_table, columns=columns), tidy, figures)


def watch(fields: Sequence[Row], figures: Mapping[str, Callable[[list[Watched]], Figure]]) -> Study[Any]:
    """Configurations side by side, and how they came there."""
    return Study(
        partial(_train_watched, fields),
        lambda found: results_table([each.run for each in found], USUAL),
        lambda found: tidy([each.run for each in found]),
        figures,
    )


def train(fields: Sequence[Row], seeds: Sequence[int], folder: Path) -> list[Run]:
    """The runs of configurations, trained or read."""
    return [run(Configuration(**each), seeds, folder) for each in fields]


def tidy(runs: list[Run]) -> list[Row]:
    """A row a run, trial and metric."""
    return [row for done in runs for row in done.tidy()]


def _train_watched(fields: Sequence[Row], seeds: Sequence[int], folder: Path) -> list[Watched]:
    return [
        Watched(done, history(done.configuration, seeds, folder)) for done in train(fields, seeds, folder)
    ]
