"""The study of extra digits: the gain of a classifier by L-GAN's digits."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from modecollapse.arrays import FloatArray
from modecollapse.layout import markdown

from ..parts import style
from .extra_digits import COSTS, MAKERS, SHARES, ExtraDigits, Run, run
from .runs import mean_and_error
from .study import Study
from .tables import Row, cell

METHODS = (*MAKERS, "copies", "further digits")

LOOKS: dict[str, Row] = {
    "L-GAN": {"color": style.SPREAD, "marker": "o"},
    "L-GAN without penalty": {"color": "#8fb3d9", "marker": "o"},
    "GAN of codes": {"color": style.COLLAPSE, "marker": "s"},
    "combinations of codes": {"color": style.INK, "marker": "^", "linestyle": style.DASHED},
    "noise on codes": {"color": "#8a8a8a", "marker": "v", "linestyle": style.DASHED},
    "copies": {"color": style.INK, "linestyle": ":"},
    "further digits": {"color": style.INK, "marker": "D"},
}

DRAWN = 3
"""Number of digits of each class in the figure."""


class Outcome(NamedTuple):
    """A run, and its tidy table of accuracies."""

    run: Run
    rows: list[Row]


def table(outcome: Outcome) -> str:
    """A line a method: accuracies by share, gains at the greatest share, and the share recognised."""
    values = _values(outcome.rows)
    heads = ["added", *(f"{share:.0%}" for share in SHARES)]
    heads += [f"gain, C = {cost:g}" for cost in COSTS.values()]
    alone = cell(values["known digits", 0.0, "accuracy"], 3)
    lines = [["nothing", *([alone] * len(SHARES)), *([""] * len(COSTS)), ""]]
    for method in METHODS:
        accuracies = [cell(values[method, share, "accuracy"], 3) for share in SHARES]
        gains = ["{:+.1f} ± {:.1f}".format(*_gain(values, method, max(SHARES), name)) for name in COSTS]
        lines.append([method, *accuracies, *gains, cell(values[method, 1.0, "recognised"], 3)])
    return markdown([*heads, "recognised"], lines)


@style.styled
def draw_gains(outcome: Outcome) -> Figure:
    """Gains in accuracy over the known digits alone against the share of extra digits: a panel a cost."""
    values = _values(outcome.rows)
    figure = Figure(figsize=(style.PAGE, 0.5 * style.PAGE), layout="constrained")
    axes = figure.subplots(1, len(COSTS), sharey=True)
    for ax, letter, (name, cost) in zip(axes, "ab", COSTS.items(), strict=True):
        for i, method in enumerate(METHODS):
            gains = [_gain(values, method, share, name) for share in SHARES]
            means, errors = zip(*gains, strict=True)
            offset = 0.8 * (i - len(METHODS) / 2)  # so that error bars do not hide each other
            percentages = [100 * share + offset for share in SHARES]
            ax.errorbar(percentages, means, errors, capsize=2, label=method, **LOOKS[method])
        ax.axhline(0, color=style.INK, linewidth=0.6)
        style.title(ax, letter, f"an error costs C = {cost:g}")
        ax.set(xticks=[100 * share for share in SHARES], xlabel="added, % of the training set")
    axes[0].set(ylabel="gain in accuracy, percentage points")
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=4)
    return figure


@style.styled
def draw_digits(outcome: Outcome) -> Figure:
    """Training digits of every class in the first trial: a row a method."""
    images_of = {method: outcome.run.images[method][0] for method in MAKERS}
    rows = {"known digits": outcome.run.known[0], **images_of}
    figure = Figure(figsize=(style.PAGE, 0.44 * style.PAGE), layout="constrained")
    for ax, (name, images) in zip(figure.subplots(len(rows), 1), rows.items(), strict=True):
        ax.imshow(_in_a_row(images[:, :DRAWN]), cmap="gray_r", vmin=0, vmax=1)
        ax.set_axis_off()
        ax.set_title(name)
    return figure


def _in_a_row(images: FloatArray) -> FloatArray:
    """Square images, shape (10, k, width), side by side, a white column before each."""
    side = round(images.shape[-1] ** 0.5)
    tiles = np.pad(images.reshape(-1, side, side), ((0, 0), (0, 0), (1, 0)))
    return tiles.transpose(1, 0, 2).reshape(side, -1)


Values = dict[tuple[str, float, str], FloatArray]
"""Values over trials, by method, share and quantity."""


def _gain(values: Values, method: str, share: float, accuracy: str) -> tuple[float, float]:
    """Mean and standard error over trials of the gain in accuracy, in percentage points."""
    return mean_and_error(100 * (values[method, share, accuracy] - values["known digits", 0.0, accuracy]))


def _values(rows: list[Row]) -> Values:
    grouped: dict[tuple[str, float, str], list[float]] = {}
    for row in rows:
        grouped.setdefault((row["method"], row["share"], row["quantity"]), []).append(row["value"])
    return {key: np.array(values) for key, values in grouped.items()}


def _run(seeds: Sequence[int], folder: Path, data: str) -> Outcome:
    finished = run(ExtraDigits(data=data), seeds, folder)
    return Outcome(finished, finished.tidy())


EXTRA_DIGITS = Study(
    _run,
    table,
    lambda outcome: outcome.rows,
    {"extra_digits_gains": draw_gains, "extra_digits": draw_digits},
)
