"""The study of trained generators by their regions: predicted and measured packed distances."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from modecollapse.table import Table

from .judges import read
from .runs import Run, path_of
from .study import NO_FIGURES, Study, train
from .tables import DEGREES, Reading, Row, readings_table


def readings_study(
    fields: Sequence[Row],
    figures: Mapping[str, Callable[[list[Reading]], Figure]] = NO_FIGURES,
    table: Callable[[list[Reading]], str] = readings_table,
) -> Study[list[Reading]]:
    """A study of packed distances: predicted from regions, and measured by a classifier of packs."""

    def run(seeds: Sequence[int], folder: Path, data: str) -> list[Reading]:
        return [
            Reading(trained, readings_of(trained, folder)) for trained in train(fields, seeds, folder, data)
        ]

    return Study(run, table, _tidy, figures)


def readings_of(trained: Run, folder: Path) -> list[Row]:
    """The result of `figures.training.judges.read`, kept as CSV beside the run."""
    path = path_of(trained.configuration, trained.seeds.tolist(), folder).with_suffix(".csv")
    if not path.exists():
        Table.from_rows(read(trained, DEGREES)).to_csv(path)
    return Table.from_csv(path).rows()


def _tidy(readings: list[Reading]) -> list[Row]:
    return [
        {"target": reading.configuration.target, "method": reading.configuration.name, **row}
        for reading in readings
        for row in reading.rows
    ]
