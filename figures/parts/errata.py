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


def cell_centres(columns: int, rows: int, delta: float, top: float) -> tuple[FloatArray, FloatArray]:
    """Centres of a map's cells: ε of the columns from 0 to `delta`, τ of the rows from 0 to `top`."""
    return delta * (np.arange(columns) + 0.5) / columns, top * (np.arange(rows) + 0.5) / rows


@style.styled
def draw_map_and_example(map_title: str, draw_map: Draw, example_title: str, draw_example: Draw) -> Figure:
    """Draw a map on a wide panel, and a worked example on a square one."""
    figure = Figure(figsize=(style.PAGE, 3.1))
    left, right = figure.subplots(1, 2, width_ratios=[1.25, 1])
    style.title(left, "a", map_title)
    style.title(right, "b", example_title)
    draw_map(left)
    draw_example(right)
    return figure


def draw_error(ax: Axes, eps: FloatArray, tau: FloatArray, error: FloatArray, cmap: Any) -> None:
    """Draw the printed error in each cell that has one, with a colour bar."""
    shown = np.ma.masked_invalid(error)
    mesh = ax.pcolormesh(eps, tau, shown, cmap=cmap, vmin=0, rasterized=True)
    ax.figure.colorbar(mesh, ax=ax, pad=0.02, ticks=[0, 0.05, 0.1, 0.15, 0.2])
    ax.set(xlabel="ε", ylabel="τ")
