"""The study of extra digits: the gain of a classifier by L-GAN's digits, and by those of other methods."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from modecollapse.arrays import FloatArray
from modecollapse.layout import markdown

from ..parts import style
from .extra_digits import CODE_MAKERS, IMAGE_MAKERS, ExtraDigits
from .extra_digits_run import ALL, FURTHER, KNOWN, PATH, SHARES, Run, run
from .runs import mean_and_error
from .study import Study
from .tables import PLUS_MINUS, Row, cell, published

LOOKS: dict[str, Row] = {
    "L-GAN": {"color": style.SPREAD, "marker": "o"},
    "L-GAN without penalty": {"color": "#8fb3d9", "marker": "o"},
    "GAN of codes": {"color": style.COLLAPSE, "marker": "s"},
    "between two codes": {"color": style.INK, "marker": "^", "linestyle": style.DASHED},
    "noise on codes": {"color": "#8a8a8a", "marker": "v", "linestyle": style.DASHED},
    "codes as they are": {"color": "#8a8a8a", "linestyle": ":"},
    "between two images": {"color": style.INK, "marker": "^", "linestyle": ":"},
    "shifted images": {"color": "#5b8c5a", "marker": "s"},
    FURTHER: {"color": style.INK, "marker": "D"},
}
"""Lines of the methods, in the order of the table."""

PAPER = "L-GAN"
"""Name of the source in `published.toml`, where rows are by method."""

PUBLISHED_SHARES = {share: f"accuracy_{share:.0%}".removesuffix("%") for share in (0.0, *SHARES)}
"""Names of the published accuracies by share."""

DRAWN = 3
"""Number of digits of each class in the figure of all methods."""


def table(finished: Run) -> str:
    """A line a method, after what is published.

    The columns are accuracies by share of extra digits, the gain over the known digits alone at the published
    best share, the share that is recognised, and the spread.
    """
    heads = ["known", "added", *(f"{share:.0%}" for share in (0.0, *SHARES))]
    lines = [_published_line(method) for _, method in published(PAPER)]
    lines += _lines(finished)
    return markdown([*heads, "gain at 50%", "recognised", "spread"], lines)


def _published_line(method: str) -> list[str]:
    row = published(PAPER)["digits", method]
    accuracies = [cell(np.array(row.get(name, ())), 3) for name in PUBLISHED_SHARES.values()]
    return ["published", method, *accuracies, "", "", ""]


def _lines(finished: Run) -> list[list[str]]:
    values = _values(finished)
    lines = []
    for method in (KNOWN, ALL, *LOOKS):
        accuracies = [_cell(values, method, share, "accuracy", 3) for share in (0.0, *SHARES)]
        gain = (
            PLUS_MINUS.join(("{:+.1f}", "{:.1f}")).format(*_gain(values, method, 0.5))
            if method in LOOKS
            else ""
        )
        made = [_cell(values, method, 1.0, name, 2) for name in ("recognised", "spread")]
        lines.append([str(_known(finished)), method, *accuracies, gain, *made])
    return lines


@style.styled
def draw_gains(finished: Run) -> Figure:
    """Gains in accuracy over the known digits alone, by share of extra digits, beside the published ones."""
    values = _values(finished)
    figure = Figure(figsize=(style.PAGE, 0.55 * style.PAGE), layout="constrained")
    ax = figure.subplots()
    for i, (method, look) in enumerate(LOOKS.items()):
        means, errors = zip(*(_gain(values, method, share) for share in SHARES), strict=True)
        offset = 0.8 * (i - len(LOOKS) / 2)  # so that error bars do not hide each other
        places = [100 * share + offset for share in SHARES]
        ax.errorbar(places, means, errors, capsize=2, label=method, **look)
    alone, theirs = (published(PAPER)["digits", method] for method in (KNOWN, "L-GAN"))
    gains = [100 * (theirs[PUBLISHED_SHARES[share]][0] - alone["accuracy_0"][0]) for share in SHARES]
    places = [100 * share for share in SHARES]
    ax.plot(places, gains, "x", color="#b3261e", label="L-GAN, published")
    ax.axhline(0, color=style.INK, linewidth=0.6)
    ax.set(
        xticks=places, xlabel="extra digits, % of a minibatch", ylabel="gain in accuracy, percentage points"
    )
    figure.legend(loc="outside right center")
    return figure


@style.styled
def draw_digits(finished: Run) -> Figure:
    """Digits of every class in the first trial: a row a method."""
    names = [KNOWN, *CODE_MAKERS, *IMAGE_MAKERS]
    figure = Figure(figsize=(style.PAGE, 0.055 * len(names) * style.PAGE), layout="constrained")
    for ax, name in zip(figure.subplots(len(names), 1), names, strict=True):
        ax.imshow(_in_a_row(finished.pictures[name][:, :DRAWN]), cmap="gray_r", vmin=0, vmax=1)
        ax.set_axis_off()
        ax.set_title("known digits" if name == KNOWN else name)
    return figure


@style.styled
def draw_lines(finished: Run) -> Figure:
    """Straight lines in each class's space of codes, decoded, between two known digits at the ends."""
    figure = Figure(figsize=(0.6 * style.PAGE, 0.6 * style.PAGE), layout="constrained")
    ax = figure.subplots()
    rows = [_in_a_row(each[np.newaxis]) for each in finished.pictures[PATH]]
    ax.imshow(np.concatenate(rows), cmap="gray_r", vmin=0, vmax=1)
    ax.set_axis_off()
    return figure


def _in_a_row(images: FloatArray) -> FloatArray:
    """Square images, shape (c, k, width), side by side, a white column before each."""
    side = round(images.shape[-1] ** 0.5)
    tiles = np.pad(images.reshape(-1, side, side), ((0, 0), (0, 0), (1, 0)))
    return tiles.transpose(1, 0, 2).reshape(side, -1)


Values = dict[tuple[str, float, str], FloatArray]
"""Values over trials, by method, share and quantity."""


def _values(finished: Run) -> Values:
    grouped: dict[tuple[str, float, str], list[float]] = {}
    for row in finished.rows:
        grouped.setdefault((row["method"], row["share"], row["quantity"]), []).append(row["value"])
    return {key: np.array(values) for key, values in grouped.items()}


def _cell(values: Values, method: str, share: float, quantity: str, decimals: int) -> str:
    return cell(values.get((method, share, quantity), np.array([])), decimals)


def _gain(values: Values, method: str, share: float) -> tuple[float, float]:
    """Mean and standard error over trials of the gain in accuracy, in percentage points."""
    return mean_and_error(100 * (values[method, share, "accuracy"] - values[KNOWN, 0.0, "accuracy"]))


def _known(finished: Run) -> int:
    """Number of known digits of each class."""
    return finished.rows[0]["known"]


def _run(seeds: Sequence[int], folder: Path, data: str) -> Run:
    return run(ExtraDigits(data=data), seeds, folder)


EXTRA_DIGITS = Study(
    _run,
    table,
    lambda finished: finished.rows,
    {"extra_digits_gains": draw_gains, "extra_digits": draw_digits, "extra_digits_lines": draw_lines},
)
