"""The printed minimum of Theorem 4 is too small for some parameters.

(a) True least d_TV(P²,Q²) over pairs with d_TV = τ and (ε,0.95)-mode collapse, minus the value of (9)
as printed. Below the line τ = δ−ε no pair collapses (hatched). The print is wrong between that line and
the dashed one, τ = d/(2−δ−ε) with d = δ−ε, and right above (white). (b) Why, at (ε,δ,τ) = (0.85,0.95,0.10):
the print takes the minimum over all triangles, and its choice (solid) does not reach the collapse point;
the dashed region does, and is one of those at the least distance, 0.18 against the printed 0.10.
"""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import modecollapse as mc
from modecollapse import Region, paper
from modecollapse.arrays import FloatArray
from modecollapse.plotting import draw_region
from modecollapse.theorems import families

from .parts import errata, style

DELTA, M = 0.95, 2
EXAMPLE = (0.85, 0.95, 0.10)


class Data(NamedTuple):
    """True minus printed minimum at places (ε, τ) of the wedge where the print is wrong; and two regions."""

    eps: FloatArray
    tau: FloatArray
    difference: FloatArray
    printed: Region
    true: Region


def compute(columns: int = 33, rows: int = 13) -> Data:
    """The map between its two curves, and the worked example."""
    edge = np.linspace(1 - DELTA, DELTA, columns)
    eps, tau = errata.wedge(edge, DELTA - edge, right_from(edge), rows)
    e, d, t = EXAMPLE
    # τ = δ−ε: every region that collapses contains the triangle whose apex is the collapse point
    true = families.region(families.inner(1 - t - e, t))
    return Data(eps, tau, np.vectorize(_difference)(eps, tau), paper.L1(e, d, t, M).region, true)


def right_from(eps: FloatArray) -> FloatArray:
    """The τ from which on the print is right, where δ+ε > 1 (docs/errata.md, section 1)."""
    return (DELTA - eps) / (2 - DELTA - eps)


def _difference(eps: float, tau: float) -> float:
    if tau == 0:
        return 0.0
    return float(mc.tv_band(tau, M, collapse=(eps, DELTA)).lower) - float(paper.L1(eps, DELTA, tau, M))


def draw(data: Data) -> Figure:
    """The map and the example."""
    return errata.draw_map_and_example(
        f"the printed minimum, δ = {DELTA:g}, $m$ = {M}",
        partial(_draw_map, data=data),
        "the regions at ε = 0.85, τ = 0.10",
        partial(_draw_example, data=data),
    )


def _draw_map(ax: Axes, data: Data) -> None:
    errata.draw_error(ax, data.eps, data.tau, data.difference, "Oranges", "too small by")
    eps = np.array([0, DELTA])
    ax.fill_between(eps, 0, DELTA - eps, **errata.NO_PAIR)
    ax.plot(eps, DELTA - eps, color=style.INK)
    ax.plot(data.eps[-1], data.tau[-1], color=style.INK, linestyle=style.DASHED)
    ax.text(0.3, 0.25, "no pair collapses", ha="center", **errata.ON_HATCHING)
    ax.text(0.72, 0.85, "print is right", ha="center")
    ax.set(xlim=(0, DELTA), ylim=(0, 1))


def _draw_example(ax: Axes, data: Data) -> None:
    draw_region(ax, data.true, color=style.COLLAPSE, linestyle=style.DASHED)
    draw_region(ax, data.printed, color=style.SPREAD, fill_alpha=0)
    eps, delta, _ = EXAMPLE
    ax.plot([eps], [delta], "o", color=style.INK, markersize=4, zorder=5)
    style.point_out(ax, "(0.85, 0.95)", (eps, delta), (0.4, 0.93))
    style.point_out(
        ax, "printed choice:\nno collapse", (0.45, float(data.printed.boundary(0.45))), (0.05, 0.74)
    )
    style.point_out(ax, "least with\ncollapse", (0.55, float(data.true.boundary(0.55))), (0.68, 0.3))
