"""The printed maximum of Theorem 5 is too small for some parameters, and missing for others.

(a) True supremum of d_TV(P²,Q²) over pairs with d_TV = τ and neither (ε,0.5)-mode collapse nor
augmentation, minus the printed U₁. In the dark cells the print says that no pair exists, while some do;
beyond (hatched) none does. The print is wrong up to the dashed line τ = d/(1−ε), d = δ−ε, and right
above it. (b) A pair that the print overlooks, at (ε,δ,τ) = (0.4,0.5,0.12): P = [.12,.88], Q =
[0,1] passes below both forbidden points.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

import modecollapse as mc
from modecollapse import Region, paper
from modecollapse.arrays import FloatArray
from modecollapse.plotting import draw_region
from modecollapse.theorems.regimes import thresholds

from .parts import errata, style

DELTA, M = 0.5, 2
EXAMPLE = (0.4, 0.5, 0.12)

TOP = 0.6
"""Greatest τ of the map."""

ERROR = ListedColormap(colormaps["Oranges"](np.linspace(0, 0.6, 256)))
"""Colours lighter than the cells printed as empty, also in grey."""


class Data(NamedTuple):
    """True supremum minus U1 at each ε (columns) and τ (rows).

    Infinite where only the print says that no pair exists, NaN where none does or Theorem 3 applies.
    """

    eps: FloatArray
    tau: FloatArray
    difference: FloatArray
    example: Region


def compute(columns: int = 60, rows: int = 60) -> Data:
    """The map on cell centres, and the worked example."""
    eps, tau = errata.cell_centres(columns, rows, DELTA, top=TOP)
    difference = np.array([[_difference(e, t) for e in eps] for t in tau])
    return Data(eps, tau, difference, Region.from_pmfs([EXAMPLE[2], 1 - EXAMPLE[2]], [0, 1]))


def _difference(eps: float, tau: float) -> float:
    d = DELTA - eps
    try:
        true = mc.tv_band(tau, M, no_collapse=(eps, DELTA), no_augmentation=(eps, DELTA)).upper
    except mc.InfeasibleError:
        return np.nan
    if tau < d:
        return np.nan
    return true - float(paper.U1(eps, DELTA, tau, M)) if tau <= d / (DELTA + eps) else np.inf


def draw(data: Data) -> Figure:
    """The map and the example."""
    return errata.draw_map_and_example(
        f"true supremum minus printed $U_1$, δ = {DELTA:g}, $m$ = {M}",
        partial(_draw_map, data=data),
        "a pair the print calls impossible",
        partial(_draw_example, data=data),
    )


def _draw_map(ax: Axes, data: Data) -> None:
    errata.draw_error(ax, data.eps, data.tau, data.difference, ERROR)
    only_print = np.ma.masked_where(~np.isposinf(data.difference), np.ones_like(data.difference))
    ax.pcolormesh(data.eps, data.tau, only_print, cmap=ListedColormap([style.SPREAD]), rasterized=True)
    eps = np.linspace(0, DELTA, 300)[:-1]
    d, side, middle = thresholds(DELTA - eps, eps)
    limit = np.maximum(side, middle)
    ax.fill_between(eps, limit, 1, **errata.NO_PAIR)
    ax.fill_between(eps, 0, d, facecolor="white", linewidth=0)
    ax.plot(eps, d, color=style.INK)
    ax.plot(eps, side, color=style.INK, linestyle=style.DASHED)
    ax.plot(eps, limit, color=style.INK, linewidth=0.8)
    ax.text(0.4, 0.48, "no pair exists", ha="center", **errata.ON_HATCHING)
    ax.text(0.14, 0.16, "Theorem 3 applies", ha="center")
    style.point_out(ax, "printed as empty", (0.4, 0.145), (0.3, 0.03))
    ax.text(0.066, 0.545, "print is right", ha="center", va="center")
    ax.set(xlim=(0, DELTA), ylim=(0, TOP))


def _draw_example(ax: Axes, data: Data) -> None:
    draw_region(ax, data.example, color=style.SPREAD)
    eps, delta, _ = EXAMPLE
    x, y = np.array([eps, 1 - delta]), np.array([delta, 1 - eps])
    ax.plot(x, y, "o", color=style.COLLAPSE, markersize=4.5, zorder=5)
    style.point_out(ax, "forbidden points", (float(x[0]), float(y[0])), (0.05, 0.8))
    style.point_out(ax, "", (float(x[1]), float(y[1])), (0.3, 0.79))
    style.point_out(
        ax, "$g(0.4) = 0.472$\n$g(0.5) = 0.560$", (0.45, float(data.example.boundary(0.45))), (0.58, 0.22)
    )
