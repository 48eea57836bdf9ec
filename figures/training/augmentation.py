"""L-GAN's digits added to a tenth of the training digits, and what a classifier gains by them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from modecollapse.gan.augmentation import MAKERS, SHARES, Augmentation, Run, run
from modecollapse.gan.digits import CLASSES
from modecollapse.gan.experiment import mean_and_error
from modecollapse.validation import FloatArray

from .. import style
from .study import Study
from .tables import Row, cell, markdown

METHODS = (*MAKERS, "copies", "further digits")

LOOKS: dict[str, Row] = {
    "L-GAN": {"color": style.SPREAD, "marker": "o"},
    "L-GAN without penalty": {"color": "#8fb3d9", "marker": "o"},
    "GAN of codes": {"color": style.COLLAPSE, "marker": "s"},
    "combinations of codes": {"color": style.INK, "marker": "^", "linestyle": style.DASHED},
    "noise on codes": {"color": "#8a8a8a", "marker": "v", "linestyle": style.DASHED},
    "copies": {"color": style.INK, "linestyle": ":"},
    "further digits": {"color": style.INK, "marker": "*"},
}

DRAWN = 4
"""Digits of each class in the picture of them."""


class Augmented(NamedTuple):
    """A run, and what its digits taught classifiers."""

    run: Run
    rows: list[Row]


def table(found: Augmented) -> str:
    """A line a method: the accuracy by the share added, the gain at the greatest, and what is recognised."""
    values = _values(found.rows)
    alone = values["known digits", 0.0, "accuracy"]
    heads = ["added", *(f"{share:.0%}" for share in SHARES), "gain in points", "recognised"]
    lines = [["nothing", *([cell(alone, 3)] * len(SHARES)), "", ""]]
    for method in METHODS:
        accuracies = [values[method, share, "accuracy"] for share in SHARES]
        gain = "{:+.1f} ± {:.1f}".format(*mean_and_error(100 * (accuracies[-1] - alone)))
        recognised = cell(values[method, 1.0, "recognised"], 3)
        lines.append([method, *(cell(each, 3) for each in accuracies), gain, recognised])
    return markdown(heads, lines)


@style.styled
def draw_gains(found: Augmented) -> Figure:
    """The gain in accuracy over the known digits alone, by the share that is added, a line a method."""
    values = _values(found.rows)
    alone = values["known digits", 0.0, "accuracy"]
    figure = Figure(figsize=(style.PAGE, 0.5 * style.PAGE), layout="constrained")
    ax = figure.subplots()
    for i, method in enumerate(METHODS):
        gains = [mean_and_error(100 * (values[method, share, "accuracy"] - alone)) for share in SHARES]
        means, errors = zip(*gains, strict=True)
        beside = 0.6 * (i - len(METHODS) / 2)  # percentage points, so that error bars do not hide each other
        places = [100 * share + beside for share in SHARES]
        ax.errorbar(places, means, errors, capsize=2, label=method, **LOOKS[method])
    ax.axhline(0, color=style.INK, linewidth=0.6)
    ax.set(
        xticks=[100 * share for share in SHARES],
        xlabel="added, per cent of the classifier's training set",
        ylabel="gain in accuracy, percentage points",
    )
    figure.legend(loc="outside right center")
    return figure


@style.styled
def draw_digits(found: Augmented) -> Figure:
    """What the first trial's classifier learns from: digits of every class, a row a method."""
    done = found.run
    lots = {"known digits": done.known[0], **{method: done.images[method][0] for method in MAKERS}}
    figure = Figure(figsize=(style.PAGE, 1.02 * style.PAGE), layout="constrained")
    for ax, (name, images) in zip(figure.subplots(len(lots), 1), lots.items(), strict=True):
        ax.imshow(_tiled(images[:, :DRAWN]), cmap="gray_r", vmin=0, vmax=1)
        ax.set(xticks=[], yticks=[])
        ax.set_title(name)
    return figure


def _tiled(images: FloatArray) -> FloatArray:
    """Images of each class, shape (10, k, width), as one: classes side by side, k/2 of each on two lines."""
    side = round(images.shape[-1] ** 0.5)
    tiles = images.reshape(CLASSES, 2, -1, side, side)
    return tiles.transpose(1, 3, 0, 2, 4).reshape(2 * side, -1)


def _values(rows: list[Row]) -> dict[tuple[str, float, str], FloatArray]:
    """By method, share and quantity, the values over trials."""
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
