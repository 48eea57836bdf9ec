"""The printed maximum of Theorem 5 is too small for some parameters, and missing for others.

(a) True supremum of d_TV(P²,Q²) over pairs with d_TV = τ and neither (ε,0.5)-mode collapse nor
augmentation, minus the printed U₁. The print is wrong from the line τ = d, d = δ−ε, up to the dashed line
τ = d/(1−ε), and right above it (white). In the dark part the print says that no pair exists, while some do;
beyond (hatched) none does. Below τ = d nothing is forbidden, and Theorem 3 applies. (b) A pair that the
print overlooks, at (ε,δ,τ) = (0.4,0.5,0.12): P = [.12,.88], Q = [0,1] passes below both forbidden points.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure

from modecollapse import Region
from modecollapse.arrays import FloatArray
from modecollapse.plotting import draw_region
from modecollapse.theorems.regimes import thresholds

from .parts import errata, style

DELTA, M = 0.5, 2
EXAMPLE = (0.4, 0.5, 0.12)

SHARED = (1 - DELTA) / 2
"""The ε where d/(1−ε) = d/(δ+ε): beyond, the print calls pairs impossible that exist."""

TOP = 0.6
"""Greatest τ of the map."""

ERROR = ListedColormap(colormaps["Oranges"](np.linspace(0, 0.6, 256)))
"""Colours lighter than the part printed as empty, also in grey."""


class Data(NamedTuple):
    """True supremum minus U1 at places (ε, τ) of the wedge where the print is too small.

    The curves have heights at the ε of `edge`: τ = d, the greatest τ printed as possible, the dashed line,
    and the τ from which on no pair exists.
    """

    eps: FloatArray
    tau: FloatArray
    difference: FloatArray
    edge: FloatArray
    close: FloatArray
    printed: FloatArray
    side: FloatArray
    limit: FloatArray
    example: Region


def compute(columns: int = 121, rows: int = 25) -> Data:
    """The map between its curves, and the worked example."""
    edge = np.linspace(0, DELTA, columns)
    close, side, printed = thresholds(DELTA - edge, edge)
    inside = edge < DELTA  # where the wedge has a width
    eps, tau = errata.wedge(edge[inside], close[inside], np.minimum(side, printed)[inside], rows)
    example = Region.from_pmfs([EXAMPLE[2], 1 - EXAMPLE[2]], [0, 1])
    limit = np.maximum(side, printed)
    return Data(eps, tau, shortfall(eps, tau), edge, close, printed, side, limit, example)


def shortfall(eps: FloatArray, tau: FloatArray) -> FloatArray:
    """1−(1−τ)², the truth in the wedge, minus U1 for m = 2 by its closed form (docs/theory.md, section 5)."""
    d = DELTA - eps
    alpha = eps * tau / d
    beta = 1 - tau - alpha
    return np.asarray(2 * (tau - d) * alpha * beta / (beta - eps))


def draw(data: Data) -> Figure:
    """The map and the example."""
    return errata.draw_map_and_example(
        f"the printed supremum $U_1$, δ = {DELTA:g}, $m$ = {M}",
        partial(_draw_map, data=data),
        "a pair the print calls impossible",
        partial(_draw_example, data=data),
    )


def _draw_map(ax: Axes, data: Data) -> None:
    errata.draw_error(ax, data.eps, data.tau, data.difference, ERROR, "too small by")
    eps = data.edge
    overlooked = eps >= SHARED
    ax.fill_between(
        eps[overlooked], data.printed[overlooked], data.side[overlooked], color=style.SPREAD, lw=0
    )
    ax.fill_between(eps, data.limit, 1, **errata.NO_PAIR)
    ax.plot(eps, data.close, color=style.INK)
    ax.plot(eps, data.side, color=style.INK, linestyle=style.DASHED)
    ax.plot(eps, data.limit, color=style.INK, linewidth=0.8)
    ax.text(0.4, 0.48, "no pair exists", ha="center", **errata.ON_HATCHING)
    ax.text(0.14, 0.16, "Theorem 3 applies", ha="center")
    style.point_out(ax, "printed as empty", (0.4, 0.145), (0.24, 0.05))
    ax.text(0.066, 0.545, "print is right", ha="center", va="center")
    ax.set(xlim=(0, DELTA), ylim=(0, TOP))


def _draw_example(ax: Axes, data: Data) -> None:
    draw_region(ax, data.example, color=style.SPREAD)
    eps, delta, _ = EXAMPLE
    x, y = np.array([eps, 1 - delta]), np.array([delta, 1 - eps])
    ax.plot(x, y, "o", color=style.COLLAPSE, markersize=4.5, zorder=5)
    style.point_out(ax, "forbidden points", (float(x[0]), float(y[0])), (0.05, 0.8))
    style.point_out(ax, "", (float(x[1]), float(y[1])), (0.44, 0.79))
    style.point_out(
        ax, "$g(0.4) = 0.472$\n$g(0.5) = 0.560$", (0.45, float(data.example.boundary(0.45))), (0.58, 0.22)
    )
