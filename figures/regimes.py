"""The regimes of Theorem 5: which pairs have neither collapse nor augmentation.

For pairs with d_TV = τ and neither (ε,δ)-mode collapse nor augmentation, at (a) δ = 0.3 and (b) δ = 0.6.
Let d = δ−ε and u = min(ε,1−δ). Below the line τ = d no pair collapses, and Theorem 3 applies. Up to τ =
d/(1−u) tangent points may lie beside both forbidden points, a case that the paper lacks. There the full
range is reached. Up to τ = d/(2u+d) tangent points lie between them, and the supremum is that of the
hexagons. For larger τ no pair exists.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse.arrays import FloatArray
from modecollapse.theorems import regimes

from .parts import style

SIDE, MIDDLE, INFEASIBLE = "#5b8bbd", "#f2cf9f", "#a8a8a8"
"""Fills of the regimes; that of pairs too close to collapse is white."""


class Plane(NamedTuple):
    """The curves between the regimes at one δ: τ = d, d/(1−u) and d/(2u+d) for each ε."""

    delta: float
    eps: FloatArray
    close: FloatArray
    side: FloatArray
    middle: FloatArray


def compute() -> tuple[Plane, Plane]:
    """The curves of both planes."""
    return _plane(0.3), _plane(0.6)


def _plane(delta: float) -> Plane:
    eps = np.unique([*np.linspace(0, delta, 201), min(delta, 1 - delta)])  # u bends at 1−δ
    return Plane(delta, eps, *regimes.thresholds(delta - eps, np.minimum(eps, 1 - delta)))


@style.styled
def draw(data: tuple[Plane, Plane]) -> Figure:
    """Two planes side by side."""
    figure = Figure(figsize=(style.PAGE, 3.1))
    axes = figure.subplots(1, 2)
    for ax, letter, plane in zip(axes, "ab", data, strict=True):
        _draw_plane(ax, plane)
        style.title(ax, letter, f"δ = {plane.delta:g}")
    axes[0].set_ylabel("τ")
    _name(axes[0], {"infeasible": (0.2, 0.7), "middle\ntangents": (0.05, 0.5)})
    _name(axes[0], {"too close to collapse": (0.1, 0.09)})
    style.point_out(axes[0], "side tangents", (0.265, 0.04), (0.175, 0.36))
    _name(axes[1], {"infeasible": (0.4, 0.7), "middle\ntangents": (0.056, 0.68)})
    _name(axes[1], {"too close to\ncollapse": (0.12, 0.25)})
    style.point_out(axes[1], "side tangents", (0.42, 0.25), (0.2, 0.07))
    return figure


def _draw_plane(ax: Axes, plane: Plane) -> None:
    eps, close, side, middle = plane.eps, plane.close, plane.side, plane.middle
    for low, high, shade in (
        (close, side, SIDE),
        (side, np.maximum(side, middle), MIDDLE),
        (np.maximum(side, middle), 1, INFEASIBLE),
    ):
        ax.fill_between(eps, low, high, color=shade, linewidth=0)
    looks = ("-", style.DASHED, (0, (1, 1.2)))
    labels = ("$\\tau = d$", "$\\tau = d/(1-u)$", "$\\tau = d/(2u+d)$")
    for curve, look, label in zip((close, side, middle), looks, labels, strict=True):
        ax.plot(eps, curve, color=style.INK, linewidth=1.0, linestyle=look, label=label)
    ax.set(xlim=(0, plane.delta), ylim=(0, 1), xlabel="ε")
    ax.legend(loc="upper right", frameon=True, framealpha=1, edgecolor="none")


def _name(ax: Axes, names: dict[str, tuple[float, float]]) -> None:
    for text, (x, y) in names.items():
        ax.text(x, y, text, ha="center", va="center")
