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
"""By their heads, what a table of runs says of each run."""

DEGREES = (1, 2, 4)
"""Packing degrees to read at."""

PUBLISHED_MODES = {("ring", 1): 6.3, ("ring", 2): 7.9, ("grid", 1): 17.3, ("grid", 2): 23.8}
"""Mean modes found, by target and packing degree: PacGAN (arXiv:1712.04086), Table 1."""

METRICS = {"modes": ("modes", 1), "high quality": ("high_quality", 2), "reverse KL": ("reverse_kl", 3)}
"""By their names in a table, the metrics and their decimals."""


class Reading(NamedTuple):
    """What `figures.training.judges.read` read from a run of this configuration."""

    about: Configuration
    rows: list[Row]


def results_table(runs: list[Run], columns: Columns) -> str:
    """A line a run."""
    return markdown(list(columns), [[cell(done) for cell in columns.values()] for done in runs])


def critic_size(about: Configuration) -> int:
    """The number of the discriminator's parameters."""
    setup = about.setup()
    return networks.size(setup.critic, setup.packing * setup.merging * setup.width)


def readings_table(readings: list[Reading]) -> str:
    """A line a run and m: predicted and judged distances, and positions, as means over trials."""
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
    for about, rows in readings:
        for m in DEGREES:
            of = column(rows, m)
            ends = ", ".join(_short(float(of(f"predicted_{end}").mean()), 3) for end in ("lower", "upper"))
            line = [about.target, about.name, str(m), cell(of("predicted"), 3), f"[{ends}]"]
            line += [cell(of(f"judged_{what}"), 3) for what in ("modes", "points")]
            line.append(cell(of("position"), 2))
            for theorem in (4, 5):
                line.append(str(np.sum(of("theorem") == theorem)))
                line.append(cell(of(f"theorem_{theorem}_position"), 2))
            lines.append(line)
    return markdown(heads, lines)


def column(rows: list[Row], m: int) -> Callable[[str], FloatArray]:
    """The values of a quantity over trials, at one m."""
    return lambda quantity: np.array(
        [row["value"] for row in rows if row["m"] == m and row["quantity"] == quantity]
    )


def cell(values: FloatArray, decimals: int) -> str:
    """Mean ± standard error over trials; the value itself if there is one, nothing if there is none."""
    if len(values) < 2:
        return "".join(_short(float(value), decimals) for value in values)
    return " ± ".join(_short(number, decimals) for number in mean_and_error(values))


def _short(number: float, decimals: int) -> str:
    return f"{number:.{decimals}f}".removeprefix("0")


def _metric(name: str, decimals: int) -> Callable[[Run], str]:
    return lambda done: cell(done.metrics()[name], decimals) if name in done.metrics() else ""


def _steps(done: Run) -> str:
    return f"{done.configuration.steps:,}".replace(",", " ")


def _published(done: Run) -> str:
    about = done.configuration
    is_papers = about.merging == 1 and not about.penalty and about.loss == "cross_entropy"
    value = PUBLISHED_MODES.get((about.target, about.packing)) if is_papers else None
    return "" if value is None else f"{value:g}"


_METHOD: Columns = {
    "target": lambda done: done.configuration.target,
    "method": lambda done: done.configuration.name,
}

_METRICS: Columns = {name: _metric(*metric) for name, metric in METRICS.items()}

_TIME: Columns = {"time": lambda done: f"{done.seconds:.0f}"}

USUAL: Columns = {**_METHOD, "steps": _steps, **_METRICS, **_TIME}

PUBLISHED: Columns = {**_METHOD, "steps": _steps, "published modes": _published, **_METRICS, **_TIME}
"""With the number of modes that PacGAN's authors found."""

SIZES: Columns = {
    **_METHOD,
    "units": lambda done: str(done.configuration.critic_hidden),
    "parameters": lambda done: str(critic_size(done.configuration)),
    **_METRICS,
    **_TIME,
}
"""With the discriminator's units and parameters."""
