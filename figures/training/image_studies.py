"""The studies of images: single digits, stacked digits, and stacks of convolutional networks.

Each has a table with the published numbers, the places of the generators in the range of Theorem 3, and a
picture of generated images beside real ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from functools import partial
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from modecollapse.arrays import FloatArray
from modecollapse.gan import digits
from modecollapse.gan.configuration import DIGITS

from ..parts import style
from .judges import read_modes
from .runs import Run, run
from .study import VIRTUAL_GAN, Study, configure, tidy
from .tables import DEGREES, TIME, Reading, Row, cell, column, filled, published_cell

CHECKPOINTS = 2
"""Number of checkpoints of a run. The classifier judges 10 000 stacks of each trial at each of them."""

SHOWN = 16
"""Number of images of a generator that are drawn."""

HEADING = 0.21
"""Height in inches of the line above a row of images."""

METRICS = {"modes": ("modes", 1), "high quality": ("high_quality", 3), "reverse KL": ("reverse_kl", 3)}
"""Metrics of images with published numbers, and their numbers of decimals, by heading."""

SINGLE: Row = {"target": "digits", "latent": 32, "learning_rate": 5e-4, "steps": 3000}
"""Images need more than two latent numbers."""

STACKED: Row = {**SINGLE, "target": "stacked digits", "rows": 64, "steps": 1500}

CLIPPED: Row = {**STACKED, **VIRTUAL_GAN, "steps": 500}

PENALISED: Row = {**STACKED, "penalty": 500.0, "modes": 1000, "steps": 300}
"""Mode-penalty GAN's factor and number of modes."""

CONVOLUTIONAL: Row = {
    "target": "stacked digits",
    "architecture": "convolutional",
    "hidden": 16,
    "critic_hidden": 16,
    "latent": 100,
    "noise": "uniform",
    "learning_rate": 5e-4,
    "generator_steps": 2,
    "rows": 32,
    "steps": 2000,
}
"""PacGAN's latent vectors and two updates of the generator. Networks, rows and steps are smaller."""


def image_study(
    name: str, fields: Sequence[Row], papers: Sequence[str], side: int = 0
) -> Study[list[Reading]]:
    """A study of images.

    Parameters
    ----------
    name : str
        Name of the picture.
    fields : sequence of dict
        Fields of the configurations that differ from the defaults.
    papers : sequence of str
        Papers whose numbers the table has, see `published.toml`.
    side : int
        Side to which the images of files are reduced; 0 for their own.
    """
    return Study(partial(_train, fields, side), partial(table, papers=papers), _tidy, {name: draw_images})


def _train(fields: Sequence[Row], side: int, seeds: Sequence[int], folder: Path, data: str) -> list[Reading]:
    reduced: Row = {"side": side} if data else {}
    configurations = [configure({**each, **reduced}, data) for each in fields]
    runs = [run(configuration, seeds, folder, CHECKPOINTS) for configuration in configurations]
    return [Reading(trained, read_modes(trained, DEGREES)) for trained in runs]


def table(readings: list[Reading], papers: Sequence[str]) -> str:
    """A line for each run, with the metrics beside published ones, τ over the modes, and the places.

    The last line is of real digits: the high quality of held-out ones, and the plug-in τ of as many draws
    from the target as there are generated rows. So much of τ is due to the number of rows alone.
    """
    heads = ["method", "steps"]
    for heading in METRICS:
        heads += [heading, f"{heading}, published"]
    heads += ["JS", "τ", *(f"position, m = {m}" for m in DEGREES[1:]), *TIME]
    lines = []
    for reading in readings:
        line = [reading.configuration.name, str(reading.configuration.steps)]
        metrics = reading.run.metrics
        for metric, decimals in METRICS.values():
            line += [cell(metrics[metric], decimals), _published(reading.run, papers, metric, decimals)]
        line += [cell(metrics["js"], 3), cell(column(reading.rows, 1)("predicted"), 3)]
        line += [cell(column(reading.rows, m)("position"), 2) for m in DEGREES[1:]]
        lines.append([*line, *(of(reading.run) for of in TIME.values())])
    real = {
        "method": "real digits",
        "high quality": cell(metrics["high_quality_real"][:1], 3),
        "τ": cell(column(readings[-1].rows, 1)("predicted_real"), 3),
    }
    lines.append([real.get(head, "") for head in heads])
    return filled(heads, lines)


def _published(run: Run, papers: Sequence[str], metric: str, decimals: int) -> str:
    """What the papers print for a method, with their names where there are several."""
    printed = {paper: published_cell(paper, metric, decimals)(run) for paper in papers}
    named = [f"{cell} ({paper})" if len(papers) > 1 else cell for paper, cell in printed.items() if cell]
    return ", ".join(named)


@style.styled
def draw_images(readings: list[Reading]) -> Figure:
    """Real images, and those of each method's first trial: a row each. Three channels are colours.

    Above each row stands how many modes that trial has, since counts and looks may disagree. Pixels beyond
    black or white are drawn as these.
    """
    first = readings[0].run
    rows = {"real": _real(first)} | {_title(reading.run): reading.run.samples[0] for reading in readings}
    channels = DIGITS[first.configuration.target]
    drawn = {name: in_a_row(images[:SHOWN].clip(0, 1), channels) for name, images in rows.items()}
    height, width = drawn["real"].shape[:2]
    figure = Figure(
        figsize=(style.PAGE, (height / width * style.PAGE + HEADING) * len(rows)), layout="constrained"
    )
    for ax, (name, row) in zip(figure.subplots(len(rows), 1), drawn.items(), strict=True):
        ax.imshow(1 - row, cmap="gray", vmin=0, vmax=1)
        ax.set_axis_off()
        ax.set_title(name)
    return figure


def in_a_row(images: FloatArray, channels: int) -> FloatArray:
    """Images side by side, with black columns between them; in colours if there are three channels.

    Examples
    --------
    >>> in_a_row(np.ones((5, 3 * 64)), 3).shape
    (8, 45, 3)
    """
    side = round((images.shape[1] / channels) ** 0.5)
    tiles = np.moveaxis(images.reshape(-1, channels, side, side), 1, 3)
    row = np.concatenate(list(np.pad(tiles, ((0, 0), (0, 0), (0, 1), (0, 0)))), axis=1)
    return row if channels == 3 else row[..., 0]


def _title(run: Run) -> str:
    modes = run.metrics["modes"][0]
    return f"{run.configuration.name}, {run.configuration.steps} steps: {modes:.0f} modes"


def _real(run: Run) -> FloatArray:
    """Held-out digits in random order, in rows as the run has them."""
    configuration = run.configuration
    held_out = digits.load(configuration.data, configuration.side).held_out
    channels = DIGITS[configuration.target]
    drawn = np.random.default_rng(0).permutation(len(held_out))[: SHOWN * channels]
    return held_out[drawn].reshape(SHOWN, -1)


def _tidy(readings: list[Reading]) -> list[Row]:
    metrics = tidy([reading.run for reading in readings])
    places = [
        {
            "method": reading.configuration.name,
            **asdict(reading.configuration),
            "seed": row["seed"],
            "metric": f"{row['quantity']}, m = {row['m']}",
            "value": row["value"],
        }
        for reading in readings
        for row in reading.rows
    ]
    return [*metrics, *places]


DIGITS_STUDY = image_study(
    "digits",
    [SINGLE, {**SINGLE, "merging": 2}, {**SINGLE, "merging": 4}, {**SINGLE, "packing": 2}],
    papers=["VirtualGAN"],
)

STACKED_STUDY = image_study(
    "stacked",
    [
        *({**fields, "merging": degree} for fields in (STACKED, CLIPPED) for degree in (1, 2, 4)),
        *({**STACKED, "packing": m} for m in (2, 4)),
        PENALISED,
    ],
    papers=["VirtualGAN", "PacGAN", "Mode-penalty GAN"],
)

IMAGES_STUDY = image_study(
    "images",
    [{**CONVOLUTIONAL, "packing": m} for m in (1, 2, 4)],
    papers=["PacGAN"],
    side=14,
)

WHOLE_STUDY = image_study(
    "images_whole",
    [{**CONVOLUTIONAL, "packing": m, "steps": 1000} for m in (1, 2, 4)],
    papers=["PacGAN"],
)
"""Images at their own size. Half as many steps take twice as long."""

WASSERSTEIN_STUDY = image_study(
    "images_wasserstein",
    [{**CONVOLUTIONAL, "loss": "wasserstein_penalised", "steps": 5000, "packing": m} for m in (1, 2, 4)],
    papers=["PacGAN"],
    side=14,
)
"""PacGAN's Table 5, whose networks have 16 channels too."""
