"""Tangent points near the collapse point, and the case that the paper lacks.

At τ = 0.31 and (ε,δ) = (0.55,0.8), with d = δ−ε. (a) From x_L = 1−τ(1−ε)/d = 0.442 to x_R = ετ/d = 0.682
the triangle already contains the collapse point, and is itself the least region (inner2); the region of a
pair (black) lies between it and outer(τ). (b) Left of x_L it does not: the collapse point lies above its
right edge. The least region is the hull, inner0(ε,δ,α,τ). The paper takes the triangle (dotted) there as
well, which does not collapse. (c) Total variation of m = 2 samples, for every tangent point, of the least
region, and of the triangles that the paper admits (dotted): their least value is too small. The mark is at
the true one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import modecollapse as mc
from modecollapse import Region
from modecollapse.arrays import FloatArray
from modecollapse.theorems import families

from .parts import proofs, style
from .parts.proofs import Sandwich

EPS, DELTA, TAU, M = 0.55, 0.8, 0.31, 2
INSIDE, LEFT = 0.55, 0.18
X_LEFT = 1 - TAU * (1 - EPS) / (DELTA - EPS)
X_RIGHT = EPS * TAU / (DELTA - EPS)


class Data(NamedTuple):
    """The two sandwiches; the triangle without collapse; and packed distances against the tangent point."""

    inner2: Sandwich
    inner0: Sandwich
    triangle: Region
    x: FloatArray
    least: FloatArray
    triangles: FloatArray


def compute() -> Data:
    """One tangent point of each kind, then all."""
    outer = families.region(families.outer(TAU))
    inside = families.region(families.inner(1 - TAU - INSIDE, TAU))
    left = families.region(families.inner0(EPS, DELTA, 1 - TAU - LEFT, TAU))
    x = np.linspace(0, 1 - TAU, 71)
    hulls, triangles = families.hull(x, x + TAU, EPS, DELTA), families.inner(1 - TAU - x, TAU)
    least, printed = (
        np.array([mc.packed_tv((p, q), M) for p, q in zip(*pair, strict=True)]) for pair in (hulls, triangles)
    )
    return Data(
        proofs.sandwich(inside, outer, start=0.35),
        proofs.sandwich(left, outer, start=0.35),
        families.region(families.inner(1 - TAU - LEFT, TAU)),
        x, least, printed,
    )  # fmt: skip


@style.styled
def draw(data: Data) -> Figure:
    """Both cases, and what they are worth."""
    figure = Figure(figsize=(style.PAGE, 2.4))
    inside, left, values = figure.subplots(1, 3)
    panels = (
        (inside, data.inner2, INSIDE, (0.04, 0.93), (0.8, 0.52)),
        (left, data.inner0, LEFT, (0.03, 0.74), (0.24, 0.93)),
    )
    for ax, regions, x, tangent_at, at in panels:
        proofs.draw_sandwich(ax, regions, inner=proofs.COLLAPSED, outer=proofs.COLLAPSED)
        proofs.mark_tangent(ax, x, TAU, "(x, x+τ)", tangent_at)
        proofs.mark_collapse(ax, (EPS, DELTA), "(ε, δ)", at)
    proofs.name_boundary(inside, data.inner2.inner, 0.25, "inner2(α, τ)", (0.42, 0.12))
    proofs.name_boundary(left, data.inner0.inner, 0.1, "inner0(ε, δ, α, τ)", (0.42, 0.12))
    proofs.name_boundary(left, data.triangle, 0.4, "triangle", (0.62, 0.36))
    left.plot(*data.triangle.vertices.T, color=style.INK, linewidth=0.8, linestyle=(0, (1, 1.2)))
    _draw_values(values, data)
    style.title(inside, "a", "$x_L \\leq x \\leq x_R$: the triangle")
    style.title(left, "b", "$x < x_L$: not in the paper")
    style.title(values, "c", f"$m = {M}$, all tangent points")
    return figure


def _draw_values(ax: Axes, data: Data) -> None:
    printed = data.x <= X_RIGHT
    ax.plot(data.x, data.least, **proofs.COLLAPSED)
    ax.plot(data.x[printed], data.triangles[printed], color=style.INK, linewidth=0.8, linestyle=(0, (1, 1.2)))
    best = np.argmin(data.least)
    ax.plot(data.x[best], data.least[best], "s", color=style.INK, markersize=3.6)
    for x, name in ((X_LEFT, "$x_L$"), (X_RIGHT, "$x_R$")):
        ax.axvline(x, color="0.75", linewidth=0.6, zorder=0)
        ax.text(x - 0.01, 0.04, name, transform=ax.get_xaxis_transform(), ha="right")
    style.point_out(ax, "least regions", (0.39, np.interp(0.39, data.x, data.least)), (0.13, 0.47))
    style.point_out(ax, "triangles", (0.33, np.interp(0.33, data.x, data.triangles)), (0.02, 0.33))
    ax.set(ylim=(0.3, 0.55), xticks=[0, 0.2, 0.4, 0.6], yticks=[0.3, 0.4, 0.5])
    ax.set(xlim=(0, 1 - TAU), xlabel="tangent point x", box_aspect=1, ylabel="total variation")
