"""Studies, and the two usual kinds: runs side by side, and runs with their histories."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from matplotlib.figure import Figure

from modecollapse.arrays import FloatArray
from modecollapse.gan.configuration import DIGITS, Configuration

from .runs import Run, history, run
from .tables import USUAL, Columns, Row, results_table

Result = TypeVar("Result")

NO_FIGURES: Mapping[str, Callable[[Any], Figure]] = MappingProxyType({})


class Study(NamedTuple, Generic[Result]):
    """A study: the functions that compute its result, and print, keep and draw it.

    Attributes
    ----------
    run : callable (seeds, folder, data) → result
        Trains the runs that the folder lacks, and gives the result of all. `data` is the path of the files of
        digits, or empty for scikit-learn's. Studies without digits ignore it.
    table : callable (result) → str
        Gives a table in Markdown.
    rows : callable (result) → list of rows
        Gives a tidy table of the numbers.
    figures : mapping of str to callable (result) → Figure
        Draw the figures, by the names of their files.
    """

    run: Callable[[Sequence[int], Path, str], Result]
    table: Callable[[Result], str]
    rows: Callable[[Result], list[Row]]
    figures: Mapping[str, Callable[[Result], Figure]]


VIRTUAL_GAN: Row = {
    "loss": "wasserstein_clipped",
    "optimiser": "rmsprop",
    "learning_rate": 5e-5,
    "momentum": 0.0,
    "critic_steps": 5,
}
"""VirtualGAN's Algorithm 1, except for the networks and the number of steps."""


class Watched(NamedTuple):
    """A run, and the history of its metrics: "steps", shape (c,), and each metric, shape (c, t)."""

    run: Run
    history: dict[str, FloatArray]


def compare(
    fields: Sequence[Row],
    columns: Columns = USUAL,
    figures: Mapping[str, Callable[[list[Run]], Figure]] = NO_FIGURES,
) -> Study[list[Run]]:
    """A study of configurations side by side. Each is given by its fields that differ from the defaults."""
    return Study(partial(train, fields), partial(results_table, columns=columns), tidy, figures)


def watch(
    fields: Sequence[Row],
    figures: Mapping[str, Callable[[list[Watched]], Figure]],
    columns: Columns = USUAL,
) -> Study[Any]:
    """A study of configurations side by side, with the histories of their metrics."""
    return Study(
        partial(_train_watched, fields),
        lambda watched: results_table([each.run for each in watched], columns),
        lambda watched: tidy([each.run for each in watched]),
        figures,
    )


def train(fields: Sequence[Row], seeds: Sequence[int], folder: Path, data: str) -> list[Run]:
    """The runs of configurations, trained or read from the folder. Those of digits have the given data."""
    return [run(configure(each, data), seeds, folder) for each in fields]


def configure(fields: Row, data: str) -> Configuration:
    """The configuration with these fields, and with the given data if its target is of digits."""
    configuration = Configuration(**fields)
    return replace(configuration, data=data) if configuration.target in DIGITS else configuration


def tidy(runs: list[Run]) -> list[Row]:
    """A tidy table: one row for each run, trial and metric."""
    return [row for each in runs for row in each.tidy()]


def _train_watched(fields: Sequence[Row], seeds: Sequence[int], folder: Path, data: str) -> list[Watched]:
    return [
        Watched(each, history(each.configuration, seeds, folder))
        for each in train(fields, seeds, folder, data)
    ]
