"""L-GAN's digits added to a tenth of the training digits, and what a classifier gains by them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from modecollapse.arrays import FloatArray
from modecollapse.layout import markdown

from ..parts import style
from .digit_augmentation import COSTS, MAKERS, SHARES, Augmentation, Run, run
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
"""Digits of each class in the picture of them."""


class Augmented(NamedTuple):
    """A run, and what its digits taught classifiers."""

    run: Run
    rows: list[Row]


def table(found: Augmented) -> str:
    """A line a method: the accuracy by the share added, gains at the greatest share, what is recognised."""
    values = _values(found.rows)
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
def draw_gains(found: Augmented) -> Figure:
    """The gain in accuracy over the known digits alone, by the share that is added: a panel a cost."""
    values = _values(found.rows)
    figure = Figure(figsize=(style.PAGE, 0.5 * style.PAGE), layout="constrained")
    axes = figure.subplots(1, len(COSTS), sharey=True)
    for ax, letter, (name, cost) in zip(axes, "ab", COSTS.items(), strict=True):
        for i, method in enumerate(METHODS):
            gains = [_gain(values, method, share, name) for share in SHARES]
            means, errors = zip(*gains, strict=True)
            beside = 0.8 * (i - len(METHODS) / 2)  # so that error bars do not hide each other
            places = [100 * share + beside for share in SHARES]
            ax.errorbar(places, means, errors, capsize=2, label=method, **LOOKS[method])
        ax.axhline(0, color=style.INK, linewidth=0.6)
        style.title(ax, letter, f"an error costs C = {cost:g}")
        ax.set(xticks=[100 * share for share in SHARES], xlabel="added, % of the training set")
    axes[0].set(ylabel="gain in accuracy, percentage points")
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=4)
    return figure


@style.styled
def draw_digits(found: Augmented) -> Figure:
    """What the first trial's classifier learns from: digits of every class, a row a method."""
    done = found.run
    lots = {"known digits": done.known[0], **{method: done.images[method][0] for method in MAKERS}}
    figure = Figure(figsize=(style.PAGE, 0.44 * style.PAGE), layout="constrained")
    for ax, (name, images) in zip(figure.subplots(len(lots), 1), lots.items(), strict=True):
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
"""By method, share and quantity, the values over trials."""


def _gain(values: Values, method: str, share: float, accuracy: str) -> tuple[float, float]:
    """Mean and standard error over trials of what is gained in a trial, in percentage points."""
    return mean_and_error(100 * (values[method, share, accuracy] - values["known digits", 0.0, accuracy]))


def _values(rows: list[Row]) -> Values:
    lots: dict[tuple[str, float, str], list[float]] = {}
    for row in rows:
        lots.setdefault((row["method"], row["share"], row["quantity"]), []).append(row["value"])
    return {about: np.array(lot) for about, lot in lots.items()}


def _run(seeds: Sequence[int], folder: Path) -> Augmented:
    done = run(Augmentation(), seeds, folder)
    return Augmented(done, done.tidy())


AUGMENTATION = Study(
    _run,
    table,
    lambda found: found.rows,
    {"augmentation": draw_gains, "augmented_digits": draw_digits},
)
