"""The tables of the training studies, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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

DEGREES = (1, 2, 4)
"""Packing degrees at which generators are judged."""

PUBLISHED_MODES = {("ring", 1): 6.3, ("ring", 2): 7.9, ("grid", 1): 17.3, ("grid", 2): 23.8}
"""Mean number of modes, by target and packing degree: PacGAN (arXiv:1712.04086), Table 1."""

METRICS = {"modes": ("modes", 1), "high quality": ("high_quality", 2), "reverse KL": ("reverse_kl", 3)}
"""Metrics and their numbers of decimals, by heading."""


class Reading(NamedTuple):
    """A configuration, and the tidy table of `figures.training.judges.read` for its run."""

    configuration: Configuration
    rows: list[Row]


def results_table(runs: list[Run], columns: Columns) -> str:
    """A table in Markdown, with a line for each run."""
    return markdown(list(columns), [[cell(run) for cell in columns.values()] for run in runs])


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
    for configuration, rows in readings:
        for m in DEGREES:
            of = column(rows, m)
            ends = ", ".join(_short(float(of(f"predicted_{end}").mean()), 3) for end in ("lower", "upper"))
            line = [configuration.target, configuration.name, str(m), cell(of("predicted"), 3), f"[{ends}]"]
            line += [cell(of(f"judged_{what}"), 3) for what in ("modes", "points")]
            line.append(cell(of("position"), 2))
            for theorem in (4, 5):
                line.append(str(np.sum(of("theorem") == theorem)))
                line.append(cell(of(f"theorem_{theorem}_position"), 2))
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
    return " ± ".join(_short(number, decimals) for number in mean_and_error(values))


def _short(number: float, decimals: int) -> str:
    return f"{number:.{decimals}f}".removeprefix("0")


def _metric(name: str, decimals: int) -> Callable[[Run], str]:
    return lambda run: cell(run.metrics()[name], decimals) if name in run.metrics() else ""


def _steps(run: Run) -> str:
    return f"{run.configuration.steps:,}".replace(",", " ")


def _published(run: Run) -> str:
    configuration = run.configuration
    is_papers = (
        configuration.merging == 1 and not configuration.penalty and configuration.loss == "cross_entropy"
    )
    value = PUBLISHED_MODES.get((configuration.target, configuration.packing)) if is_papers else None
    return "" if value is None else f"{value:g}"


_METHOD: Columns = {
    "target": lambda run: run.configuration.target,
    "method": lambda run: run.configuration.name,
}

_METRICS: Columns = {name: _metric(*metric) for name, metric in METRICS.items()}

_TIME: Columns = {"time": lambda run: f"{run.seconds:.0f}"}

USUAL: Columns = {**_METHOD, "steps": _steps, **_METRICS, **_TIME}

PUBLISHED: Columns = {**_METHOD, "steps": _steps, "published modes": _published, **_METRICS, **_TIME}
"""The usual columns with the number of modes that PacGAN's authors report."""

SIZES: Columns = {
    **_METHOD,
    "units": lambda run: str(run.configuration.critic_hidden),
    "parameters": lambda run: str(critic_size(run.configuration)),
    **_METRICS,
    **_TIME,
}
"""The usual columns with the discriminator's units and parameters."""
