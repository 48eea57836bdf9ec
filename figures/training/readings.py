"""Trained generators read through their regions: predicted and judged packed distances, and their places."""

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
    fields: Sequence[Row], figures: Mapping[str, Callable[[list[Reading]], Figure]] = NO_FIGURES
) -> Study[list[Reading]]:
    """What the regions of the runs' generators say, and what a judge of packs."""

    def run(seeds: Sequence[int], folder: Path) -> list[Reading]:
        return [
            Reading(done.configuration, readings_of(done, folder)) for done in train(fields, seeds, folder)
        ]

    return Study(run, readings_table, _tidy, figures)


def readings_of(done: Run, folder: Path) -> list[Row]:
    """`figures.training.judges.read`, kept as CSV beside the run."""
    path = path_of(done.configuration, done.seeds.tolist(), folder).with_suffix(".csv")
    if not path.exists():
        Table.from_rows(read(done, DEGREES)).to_csv(path)
    return Table.from_csv(path).rows()


def _tidy(readings: list[Reading]) -> list[Row]:
    return [{"target": about.target, "method": about.name, **row} for about, rows in readings for row in rows]
