"""Collapse at one point but not at another: where that is possible, and how little packing then shows.

Pairs at τ = 0.25 with (0.1,0.3)-mode collapse (the dot) and without (ε₀,δ₀)-collapse. Each place of the map
is a point (ε₀,δ₀), drawn at the height δ₀−ε₀. Its colour is the least d_TV(P³,Q³) of such pairs. There are
none where every region at τ that reaches the dot reaches (ε₀,δ₀) as well. The edge of that part is known
exactly (docs/theory.md, section 9): it is the meet of the two regions that reach the dot and touch the line
δ = ε+τ (dotted) at its ends. A forbidden point near the edge raises the least distance, since it leaves only
pairs that touch the line near one of its ends. Points above the line forbid nothing.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

import modecollapse as mc
from modecollapse.arrays import FloatArray

from .parts import style

TAU, COLLAPSE, M = 0.25, (0.1, 0.3), 3
FIRST, LAST = 1e-3, 0.995
"""The share of the way from the edge at which the first row lies, and the ε₀ of the last column: there are no
pairs on the edge itself, and no points at ε₀ = 1."""

GAP = 1e-5


class Data(NamedTuple):
    """The map.

    Attributes
    ----------
    eps0, rise : ndarray, shape (rows, n)
        ε₀ and δ₀−ε₀ of places between the edge and the line δ = ε+τ.
    least : ndarray, shape (rows, n)
        The least distance at each place.
    edge : ndarray, shape (k, 2)
        Corners (ε₀, δ₀−ε₀) of the part without pairs.
    """

    eps0: FloatArray
    rise: FloatArray
    least: FloatArray
    edge: FloatArray


def compute(columns: int = 49, rows: int = 15) -> Data:
    """The least distance at places in rows that follow the edge."""
    edge = emptiness()
    eps0 = np.unique([*np.linspace(0, LAST, columns), *edge[:-1, 0], 1 - TAU])  # straight in between
    low = np.interp(eps0, *edge.T)
    shares = FIRST + (1 - FIRST) * np.linspace(0, 1, rows)[:, None] ** 2
    rise = low + shares * (np.minimum(TAU, 1 - eps0) - low)
    eps0 = np.broadcast_to(eps0, rise.shape)
    return Data(eps0, rise, np.vectorize(_least)(eps0, rise), edge)


def _least(eps0: float, rise: float) -> float:
    pairs = mc.PairClass(tau=TAU, collapse=COLLAPSE, no_collapse=(float(eps0), float(eps0 + rise)))
    return float(mc.band(pairs, M, gap=GAP).lower)


def emptiness() -> FloatArray:
    """Corners of the part without pairs: the meet of the regions of the dot and the two ends of the line.

    A corner is given by ε₀ and δ₀−ε₀.
    """
    dot = mc.Region.from_vertices([(0, 0), COLLAPSE, (1, 1)])
    first = dot | mc.Region.from_vertices([(0, 0), (0, TAU), (1, 1)])
    last = dot | mc.Region.from_vertices([(0, 0), (1 - TAU, 1), (1, 1)])
    eps, delta = (first & last).vertices.T
    return np.column_stack([eps, delta - eps])


@style.styled
def draw(data: Data) -> Figure:
    """The map in coordinates in which the line is level."""
    figure = Figure(figsize=(0.75 * style.PAGE, 3.1))
    ax = figure.subplots()
    levels = np.arange(0.39, 0.6, 0.02)
    colours = ax.contourf(data.eps0, data.rise, data.least, levels, cmap="Blues", vmin=0.37)
    bar = figure.colorbar(colours, ax=ax, label=f"least $d_{{\\rm TV}}(P^{M}, Q^{M})$")
    bar.outline.set_linewidth(0.6)
    ax.plot(*data.edge.T, color=style.INK, linewidth=1.4, marker="")
    ax.plot([0, 1 - TAU], [TAU, TAU], linestyle=":", color=style.INK, linewidth=1, marker="")
    ax.plot([1 - TAU, 1], [TAU, 0], color="0.6", linewidth=0.7, marker="")
    ax.plot(COLLAPSE[0], COLLAPSE[1] - COLLAPSE[0], "o", color=style.COLLAPSE, zorder=4)
    style.point_out(ax, f"collapse at {COLLAPSE}", (COLLAPSE[0], COLLAPSE[1] - COLLAPSE[0]), (0.14, 0.12))
    ax.text(0.5, 0.05, "no such pairs", ha="center", va="center")
    ax.text(0.96, 0.2, "$δ_0 = 1$", ha="center", color="0.45")
    ax.text(0.02, TAU + 0.006, "$δ_0 = ε_0 + τ$: above it nothing is excluded")
    ax.set(xlim=(0, 1), ylim=(0, TAU + 0.03))
    ax.set(xlabel="$ε_0$", ylabel="$δ_0 - ε_0$ of the forbidden point")
    ax.set_title(f"collapse here and not there, τ = {TAU:g}")
    return figure
