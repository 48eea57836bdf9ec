"""Helpers of the diagrams of the proofs: nested regions, letters with named masses, named points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse import Region
from modecollapse.plotting import draw_pair, draw_region
from modecollapse.theorems import families

from . import style

Point = tuple[float, float]

COLLAPSED: dict[str, Any] = {"color": style.COLLAPSE, "linestyle": style.DASHED}
SPREAD: dict[str, Any] = {"color": style.SPREAD, "linestyle": "-"}
"""Line properties of regions with mode collapse, and of regions without."""

PMFS: dict[str, Any] = {"labels": ("$P$", "$Q$"), "colors": (style.INK, "0.7")}
"""Labels and colours of the bars of a pair."""

CORNERS = 25
"""Number of corners with which a region between two others looks smooth."""


class Sandwich(NamedTuple):
    """Three regions of one total variation, inner ⊆ between ⊆ outer."""

    inner: Region
    between: Region
    outer: Region


def sandwich(inner: Region, outer: Region, start: float) -> Sandwich:
    """A region between two others.

    Where the gap between the two is largest, it is at the share `start` of the gap. Its distance from the
    outer region is proportional to the square of the gap, so that it is smooth where all three touch.
    """
    x = np.linspace(0, 1, CORNERS)[:-1]
    low, high = inner.boundary(x), outer.boundary(x)
    y = np.maximum(low, high - (1 - start) * (high - low) ** 2 / (high - low).max())
    triangles = [Region.from_vertices([(0, 0), point, (1, 1)]) for point in zip(x, y, strict=True)]
    return Sandwich(inner, reduce(or_, triangles, inner), outer)


def triangle(x: float, tau: float) -> Region:
    """The triangle `families.inner` whose apex is the tangent point (x, x+τ)."""
    return families.region(families.inner(1 - tau - x, tau))


def mirrored(point: Point) -> Point:
    """The augmentation point (1−δ, 1−ε) of a collapse point (ε, δ)."""
    eps, delta = point
    return 1 - delta, 1 - eps


def draw_sandwich(ax: Axes, data: Sandwich, inner: dict[str, Any], outer: dict[str, Any]) -> None:
    """Draw the outer region pale, the inner one deep, and the boundary between them black."""
    draw_region(ax, data.outer, **outer, fill_alpha=0.16)
    draw_region(ax, data.inner, **inner, fill_alpha=0.42)
    draw_region(ax, data.between, color=style.INK, linewidth=1.0, fill_alpha=0, zorder=3)
    frame(ax)


def frame(ax: Axes) -> None:
    """Set few ticks, to leave room for names."""
    ax.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])


def name_boundary(ax: Axes, region: Region, eps: float, text: str, at: Point) -> None:
    """Name a region by its boundary at ε."""
    style.point_out(ax, text, (eps, region.boundary(eps)), at)


def mark_tangent(ax: Axes, x: float, tau: float, text: str, at: Point) -> None:
    """Name the tangent point (x, x+τ)."""
    ax.plot(x, x + tau, "o", color=style.INK, markersize=3.6, zorder=5, clip_on=False)
    style.point_out(ax, text, (x, x + tau), at)


def mark_collapse(ax: Axes, point: Point, text: str, at: Point) -> None:
    """Name the collapse point, which the regions contain: a full square."""
    ax.plot(*point, "s", color=style.INK, markersize=3.6, zorder=5)
    style.point_out(ax, text, point, at)


def forbid(ax: Axes, point: Point) -> None:
    """Name the forbidden points (ε, δ) and (1−δ, 1−ε): open squares."""
    for (x, y), name in ((point, "(ε, δ)"), (mirrored(point), "(1−δ, 1−ε)")):
        ax.plot(x, y, "s", color=style.INK, markerfacecolor="white", markersize=4, zorder=5)
        style.point_out(ax, name, (x, y), (0.3, 0.09) if x < 0.5 else (0.66, 0.5))


class Canonical(NamedTuple):
    """The inner and the outer region of a theorem."""

    inner: Region
    outer: Region


class Letters(NamedTuple):
    """A canonical region in words: its name, and the names of the masses of its letters."""

    name: str
    p: Sequence[str]
    q: Sequence[str]


OUTER = Letters("outer(τ)", ("τ", "1−τ", "0"), ("0", "1−τ", "τ"))
"""The outer region of Theorems 3 and 4."""


@style.styled
def draw_canonical(data: Canonical, inner: Letters, width_ratios: Sequence[float]) -> Figure:
    """Draw the letters of both canonical regions, as two panels of bars."""
    figure = Figure(figsize=(style.PAGE, 2.1))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=width_ratios)
    draw_letters(left, data.inner, inner.p, inner.q)
    draw_letters(right, data.outer, OUTER.p, OUTER.q)
    right.set_ylabel("")
    style.title(left, "a", inner.name)
    style.title(right, "b", OUTER.name)
    return figure


def draw_letters(ax: Axes, region: Region, p_names: Sequence[str], q_names: Sequence[str]) -> None:
    """Draw the masses of a region's letters as bars with their names."""
    both = draw_pair(ax, *region.pair, **PMFS)
    for bars, names in zip(both, (p_names, q_names), strict=True):
        ax.bar_label(bars, names, padding=1, fontsize=7)
    ax.set(ylim=(0, 1), yticks=[0, 0.5, 1])
    ax.legend(loc="upper right", ncols=2, handlelength=1.0)
