"""Helpers of the two errata figures: a map of the printed error beside a worked example."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse.arrays import FloatArray

from . import style

Draw = Callable[[Axes], None]
"""Function that draws on a panel."""

NO_PAIR: dict[str, Any] = {"facecolor": "white", "edgecolor": "0.75", "hatch": "////", "linewidth": 0}
"""Fill of the part of a map where no pair exists."""

ON_HATCHING: dict[str, Any] = {"bbox": {"facecolor": "white", "edgecolor": "none", "pad": 1.5}}


def wedge(eps: FloatArray, low: FloatArray, high: FloatArray, rows: int) -> tuple[FloatArray, FloatArray]:
    """Places (ε, τ) between two curves, in rows that follow them, each of shape (rows, len(eps))."""
    shares = np.linspace(0, 1, rows)[:, None]
    return np.broadcast_to(eps, (rows, len(eps))), low + shares * (high - low)


@style.styled
def draw_map_and_example(map_title: str, draw_map: Draw, example_title: str, draw_example: Draw) -> Figure:
    """Draw a map on a wide panel, and a worked example on a square one."""
    figure = Figure(figsize=(style.PAGE, 2.9))
    left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
    style.title(left, "a", map_title)
    style.title(right, "b", example_title)
    draw_map(left)
    draw_example(right)
    return figure


def draw_error(ax: Axes, eps: FloatArray, tau: FloatArray, error: FloatArray, cmap: Any, label: str) -> None:
    """Draw the printed error at the places of a wedge by filled contours, with a colour bar."""
    filled = ax.contourf(eps, tau, error, np.arange(0, 0.24, 0.02), cmap=cmap, vmin=0, vmax=0.22)
    bar = ax.figure.colorbar(filled, ax=ax, pad=0.02, ticks=[0, 0.05, 0.1, 0.15, 0.2], label=label)
    bar.outline.set_linewidth(0.6)
    ax.set(xlabel="ε", ylabel="τ")
