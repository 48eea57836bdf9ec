"""The least packing degree that tells collapse from its absence, over both families.

At τ = 0.11 and δ = 0.1: H1(ε₁) holds the pairs with (ε₁,δ)-mode collapse, H0(ε₀) those with neither
(ε₀,δ)-collapse nor augmentation. The colour is the least m up to 10 at which every pair of H1 has a larger
packed distance than every pair of H0. No such m tells the families of the white part apart. An edge is where
the least distance in H1 equals the greatest in H0. From ε₀ = 0.0802 on there is no pair in H0 (hatched). The
square is the choice of the paper's Figure 13, which separates at no m; the circle is that of its panel b. A
larger m need not separate as well: at (ε₀,ε₁) = (0.07,0.04) only m = 7 does, at (0.08,0.07) only even m.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import BoundaryNorm, ListedColormap, to_rgb
from matplotlib.figure import Figure
from scipy.optimize import brentq

from modecollapse import paper
from modecollapse.arrays import FloatArray

from .parts import errata, style

TAU, DELTA, LAST = 0.11, 0.1, 10
PAPER, SEPARATES = (0.05, 0.02), (0.06, 0.02)
"""Points (ε₀, ε₁) of Figure 13."""

EMPTY_FROM = (DELTA - TAU * DELTA) / (1 + TAU)
"""The ε₀ where τ = d/(2ε₀+d), d = δ−ε₀: H0 is empty from here on (docs/theory.md, section 5)."""

RIGHT, TOP = 0.085, 0.082
"""Ends of the axes."""

CLOSE = 1e-5
"""The error of an edge: a sixth of a pixel."""


class Edge(NamedTuple):
    """Where the least distance in H1(ε₁) equals the greatest in H0(ε₀), at one m: below it m separates."""

    m: int
    eps0: FloatArray
    eps1: FloatArray


def compute(columns: int = 17) -> tuple[Edge, ...]:
    """An edge for each m from 2 to `LAST`."""
    return tuple(_edge(m, columns) for m in range(2, LAST + 1))


def _edge(m: int, columns: int) -> Edge:
    """The edge from where it leaves ε₁ = 0, by root finding: both distances fall as ε grows."""

    def greatest(eps0: float) -> float:
        return paper.U1(eps0, DELTA, TAU, m).value

    def least(eps1: float) -> float:
        return paper.L1(eps1, DELTA, TAU, m).value

    start = brentq(lambda eps0: greatest(eps0) - least(0.0), 1e-6, EMPTY_FROM - 1e-6, xtol=CLOSE)
    shares = (
        1 - np.linspace(1, 0, columns)[1:-1] ** 2
    )  # the supremum falls steeply before its end, where it jumps
    eps0, eps1 = [start], [0.0]
    for eps in (start + shares * (EMPTY_FROM - start)).tolist():
        value = greatest(eps)
        eps0.append(eps)
        eps1.append(brentq(lambda e, value=value: least(e) - value, eps1[-1], DELTA - 1e-9, xtol=CLOSE))
    return Edge(m, np.array([*eps0, EMPTY_FROM]), np.array([*eps1, eps1[-1]]))


def colours() -> ListedColormap:
    """A colour for each m, the least the darkest."""
    dark, pale = (np.array(to_rgb(colour)) for colour in (style.SPREAD, "#e3edf6"))
    return ListedColormap([dark + (pale - dark) * i / (LAST - 2) for i in range(LAST - 1)])


@style.styled
def draw(data: tuple[Edge, ...]) -> Figure:
    """The parts of the plane by their least m."""
    figure = Figure(figsize=(0.62 * style.PAGE, 3.3))
    ax = figure.subplots()
    shades = ScalarMappable(BoundaryNorm(np.arange(1.5, LAST + 1), LAST - 1), colours())
    for edge in reversed(data):
        order = 1 - edge.m / 100  # that of a smaller m covers the others
        ax.fill_between(edge.eps0, 0, edge.eps1, color=colours()(edge.m - 2), linewidth=0, zorder=order)
        ax.plot(edge.eps0, edge.eps1, color="white", linewidth=0.5, zorder=order)
    bar = figure.colorbar(shades, ax=ax, ticks=range(2, LAST + 1), label="least $m$ that separates")
    bar.ax.minorticks_off()
    bar.outline.set_linewidth(0.6)
    ax.fill_between([EMPTY_FROM, RIGHT], 0, TOP, **errata.NO_PAIR)
    _mark(ax)
    ax.set(xlim=(0, RIGHT), ylim=(0, TOP))
    ax.set(xticks=np.arange(0, 0.09, 0.02), yticks=np.arange(0, 0.09, 0.02))
    ax.set(
        xlabel="$ε_0$: $H_0$ has no ($ε_0$, 0.1)-collapse", ylabel="$ε_1$: $H_1$ has ($ε_1$, 0.1)-collapse"
    )
    ax.set_title(f"families that packing tells apart, τ = {TAU:g}")
    return figure


def _mark(ax: Axes) -> None:
    """The families of Figure 13."""
    look: dict[str, Any] = {
        "markerfacecolor": "white",
        "markeredgecolor": style.COLLAPSE,
        "markeredgewidth": 1.4,
    }
    ax.plot(*PAPER, "s", markersize=5, **look)
    ax.plot(*SEPARATES, "o", markersize=5, **look)
    style.point_out(ax, "Figure 13: no $m$", PAPER, (0.003, 0.009))
    style.point_out(ax, "Figure 13 b: $m$ = 4", SEPARATES, (0.006, 0.045))
    ax.text(0.03, 0.07, "no $m$ ≤ 10", ha="center")
