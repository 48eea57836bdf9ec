"""The least packing degree that tells collapse from its absence, over both families.

At τ = 0.11 and δ = 0.1: H1(ε₁) holds the pairs with (ε₁,δ)-mode collapse, H0(ε₀) those with neither
(ε₀,δ)-collapse nor augmentation. Each cell gives the least m up to 20 at which every pair of H1 has a
larger packed distance than every pair of H0, certified on both sides; cells with a dash have none. A
larger m need not separate as well: at (ε₀,ε₁) = (0.07,0.04) only m = 7 does, at (0.08,0.07) only even m.
The framed cell is the choice of the paper's Figure 13.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

import modecollapse as mc
from modecollapse.arrays import FloatArray, IntArray

from .parts import style

TAU, DELTA, LAST = 0.11, 0.1, 20
EPS0, EPS1 = np.arange(2, 9) / 100, np.arange(0, 8) / 100
PAPER = (0.05, 0.02)


class Data(NamedTuple):
    """The least separating degree for each ε₁ (rows) and ε₀ (columns); 0 where there is none."""

    eps0: FloatArray
    eps1: FloatArray
    degree: IntArray


def compute() -> Data:
    """The least separating degrees."""
    m = range(1, LAST + 1)
    with_collapse = [mc.PairClass(tau=TAU, collapse=(eps, DELTA)) for eps in EPS1]
    without = [mc.PairClass(tau=TAU, no_collapse=(eps, DELTA), no_augmentation=(eps, DELTA)) for eps in EPS0]
    degree = np.array(
        [[min(mc.separating_degrees(h1, h0, m), default=0) for h0 in without] for h1 in with_collapse]
    )
    return Data(EPS0, EPS1, degree)


@style.styled
def draw(data: Data) -> Figure:
    """A map with the degrees written in."""
    figure = Figure(figsize=(style.PAGE / 2, 3.3))
    ax = figure.subplots()
    shown = np.ma.masked_equal(data.degree, 0)
    ax.pcolormesh(data.eps0, data.eps1, shown, cmap="Blues_r", vmin=-1, vmax=14, edgecolor="white")
    for row, eps1 in enumerate(data.eps1):
        for column, eps0 in enumerate(data.eps0):
            m = data.degree[row, column]
            text, color = (str(m), "white" if m < 6 else style.INK) if m else ("–", "0.55")
            ax.text(eps0, eps1, text, ha="center", va="center", color=color)
    ax.add_patch(
        Rectangle(
            (PAPER[0] - 0.005, PAPER[1] - 0.005), 0.01, 0.01, fill=False, edgecolor=style.COLLAPSE, lw=1.8
        )
    )
    ax.set(
        xlabel="$ε_0$: $H_0$ has no ($ε_0$, 0.1)-collapse", ylabel="$ε_1$: $H_1$ has ($ε_1$, 0.1)-collapse"
    )
    ax.set(xticks=data.eps0, yticks=data.eps1)
    ax.set_title(f"least $m$ ≤ {LAST} that separates; framed: Figure 13")
    return figure
