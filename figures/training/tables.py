"""The tables of the training studies, in Markdown."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache, partial
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.gan import networks
from modecollapse.gan.configuration import Configuration
from modecollapse.layout import markdown

from .runs import Run, mean_and_error

Row = dict[str, Any]

Columns = Mapping[str, Callable[[Run], str]]
"""Columns of a table of runs: by heading, the function that gives the cell of a run."""

PLUS_MINUS = "\N{NO-BREAK SPACE}±\N{NO-BREAK SPACE}"
"""What stands between a mean and its error: a cell of a page is not broken there."""

DEGREES = (1, 2, 4)
"""Packing degrees at which generators are judged."""

METRICS = {"modes": ("modes", 1), "high quality": ("high_quality", 2), "reverse KL": ("reverse_kl", 3)}
"""Metrics that figures show, and their numbers of decimals, by heading."""

TABULATED = {**METRICS, "JS": ("js", 3)}
"""Metrics that tables show, and their numbers of decimals, by heading."""

HIGH_QUALITY_KL = {"reverse KL, high quality": ("reverse_kl_high_quality", 3)}
"""The other reading of PacGAN's reverse KL, over points of high quality alone."""


@cache
def published(paper: str) -> dict[tuple[str, str], Row]:
    """The rows of a paper in `published.toml`, by target and method.

    Examples
    --------
    >>> published("PacGAN")["ring", "Pac(GAN)(2)"]["modes"]
    [7.9, 0.1]
    """
    text = (Path(__file__).parent / "published.toml").read_text(encoding="utf-8")
    return {(row["target"], row["method"]): row for row in tomllib.loads(text)[paper]["rows"]}


class Reading(NamedTuple):
    """A run, and the tidy table of `figures.training.judges.read` for it."""

    run: Run
    rows: list[Row]

    @property
    def configuration(self) -> Configuration:
        """The configuration of the run."""
        return self.run.configuration


def results_table(runs: list[Run], columns: Columns) -> str:
    """A table in Markdown, with a line for each run."""
    return filled(list(columns), [[cell(run) for cell in columns.values()] for run in runs])


def filled(heads: list[str], lines: list[list[str]]) -> str:
    """A table in Markdown without the columns that are empty in every line.

    Examples
    --------
    >>> print(filled(["a", "b"], [["1", ""], ["2", ""]]))
    | a |
    | - |
    | 1 |
    | 2 |
    """
    kept = [i for i in range(len(heads)) if any(line[i] for line in lines)]
    return markdown([heads[i] for i in kept], [[line[i] for i in kept] for line in lines])


def critic_size(configuration: Configuration) -> int:
    """The number of the discriminator's parameters."""
    setup = configuration.setup()
    return networks.size(setup.critic, setup.packing * setup.merging * setup.width)


def readings_table(readings: list[Reading]) -> str:
    """A table with a line for each run and m: means over trials of distances and positions."""
    heads = [
        "target",
        "method",
        "m",
        "predicted",
        "interval, 0.95",
        "judged: modes",
        "judged: points",
        "position",
        "Theorem 4",
        "position",
        "Theorem 5",
        "position",
    ]
    lines = []
    for reading in readings:
        configuration = reading.configuration
        for m in DEGREES:
            of = column(reading.rows, m)
            ends = ", ".join(_short(float(of(f"predicted_{end}").mean()), 3) for end in ("lower", "upper"))
            line = [configuration.target, configuration.name, str(m), cell(of("predicted"), 3), f"[{ends}]"]
            line += [cell(of(f"judged_{what}"), 3) for what in ("modes", "points")]
            line.append(cell(of("position"), 2))
            for theorem in (4, 5):
                line.append(str(np.sum(of("theorem") == theorem)))
                line.append(cell(of(f"theorem_{theorem}_position"), 2))
            lines.append(line)
    return markdown(heads, lines)


def places_table(readings: list[Reading]) -> str:
    """A table with a line for each run: its metrics, its τ over the modes, and its places in the range."""
    heads = ["target", "method", *METRICS, "τ", *(f"position, m = {m}" for m in DEGREES[1:])]
    lines = []
    for reading in readings:
        line = [reading.configuration.target, reading.configuration.name]
        line += [metric_cell(*metric)(reading.run) for metric in METRICS.values()]
        line.append(cell(column(reading.rows, 1)("predicted"), 3))
        line += [cell(column(reading.rows, m)("position"), 2) for m in DEGREES[1:]]
        lines.append(line)
    return markdown(heads, lines)


def column(rows: list[Row], m: int) -> Callable[[str], FloatArray]:
    """Function of the name of a quantity that gives its values over trials, at one m."""
    return lambda quantity: np.array(
        [row["value"] for row in rows if row["m"] == m and row["quantity"] == quantity]
    )


def cell(values: FloatArray, decimals: int) -> str:
    """Mean ± standard error over trials. A single value stands alone, and no value gives an empty cell."""
    if len(values) < 2:
        return "".join(_short(float(value), decimals) for value in values)
    return PLUS_MINUS.join(_short(number, decimals) for number in mean_and_error(values))


def _short(number: float, decimals: int) -> str:
    return f"{number:.{decimals}f}".removeprefix("0")


def metric_cell(name: str, decimals: int) -> Callable[[Run], str]:
    return lambda run: cell(run.metrics[name], decimals) if name in run.metrics else ""


def _steps(run: Run) -> str:
    return f"{run.configuration.steps:,}".replace(",", "\N{NO-BREAK SPACE}")


def published_cell(paper: str, metric: str, decimals: int) -> Callable[[Run], str]:
    """The cell of a metric that a paper prints for the target and the method of a run."""

    def cell_of(run: Run) -> str:
        configuration = run.configuration
        row = published(paper).get((configuration.target, configuration.name), {})
        return PLUS_MINUS.join(_short(number, decimals) for number in row.get(metric, ()))

    return cell_of


METHOD: Columns = {
    "target": lambda run: run.configuration.target,
    "method": lambda run: run.configuration.name,
}

_METRICS: Columns = {name: metric_cell(*metric) for name, metric in TABULATED.items()}

TIME: Columns = {"time": lambda run: f"{run.seconds:.0f}"}

USUAL: Columns = {**METHOD, "steps": _steps, **_METRICS, **TIME}


def beside(paper: str, further: Mapping[str, tuple[str, int]] = MappingProxyType({})) -> Columns:
    """The usual columns, and beside each metric what a paper prints.

    Parameters
    ----------
    paper : str
        Name of a paper in `published.toml`.
    further : mapping of str to (metric, decimals)
        Further metrics, by heading.
    """
    printed = {metric for row in published(paper).values() for metric in row}
    columns = {**METHOD, "steps": _steps}
    for heading, (metric, decimals) in {**TABULATED, **further}.items():
        columns[heading] = metric_cell(metric, decimals)
        if metric in printed:
            columns[f"{heading}, published"] = published_cell(paper, metric, decimals)
    return {**columns, **TIME}


SIZES: Columns = {
    **METHOD,
    "units": lambda run: str(run.configuration.critic_hidden),
    "parameters": lambda run: str(critic_size(run.configuration)),
    **_METRICS,
    **TIME,
}
"""The usual columns with the discriminator's units and parameters."""


def setting(**fields: str) -> Columns:
    """The usual columns, with fields of the configuration before the metrics.

    Parameters
    ----------
    **fields : str
        Names of fields, by heading. An underscore in a heading is shown as a space.

    Raises
    ------
    ValueError
        If a heading is that of a metric.
    """
    shown = {heading.replace("_", " "): partial(_field, name) for heading, name in fields.items()}
    if taken := [heading for heading in shown if heading in _METRICS]:
        raise ValueError(f"{taken[0]!r} is the heading of a metric: choose another one")
    return {**METHOD, **shown, "steps": _steps, **_METRICS, **TIME}


def _field(name: str, run: Run) -> str:
    value = getattr(run.configuration, name)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:g}" if isinstance(value, float) else str(value)
