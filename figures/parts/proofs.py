"""What the diagrams of the proofs share: nested regions, letters with named masses, named points."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes

from modecollapse import Region
from modecollapse.plotting import draw_pair, draw_region
from modecollapse.theorems import families

from . import style

Point = tuple[float, float]

COLLAPSED: dict[str, Any] = {"color": style.COLLAPSE, "linestyle": style.DASHED}
SPREAD: dict[str, Any] = {"color": style.SPREAD, "linestyle": "-"}
"""How regions with mode collapse, and those without, are drawn."""

PMFS: dict[str, Any] = {"labels": ("$P$", "$Q$"), "colors": (style.INK, "0.7")}
"""How the bars of a pair are drawn and called."""

SAMPLES = 25
"""Corners that make a region between two others look smooth."""


class Sandwich(NamedTuple):
    """Three regions of one total variation, inner ⊆ between ⊆ outer."""

    inner: Region
    between: Region
    outer: Region


def sandwich(inner: Region, outer: Region, start: float) -> Sandwich:
    """Put a region between two others.

    It is `start` of the way up where the two are furthest apart, and nears the outer one as the square of
    their gap, so that it is smooth where all three touch.
    """
    x = np.linspace(0, 1, SAMPLES)[:-1]
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
    """The outer region pale, the inner one deep, and a black boundary between them."""
    draw_region(ax, data.outer, **outer, fill_alpha=0.16)
    draw_region(ax, data.inner, **inner, fill_alpha=0.42)
    draw_region(ax, data.between, color=style.INK, linewidth=1.0, fill_alpha=0, zorder=3)
    frame(ax)


def frame(ax: Axes) -> None:
    """Few ticks, which leave the room to names."""
    ax.set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])


def name_boundary(ax: Axes, region: Region, eps: float, text: str, at: Point) -> None:
    """Name a region by its boundary at ε."""
    style.point_out(ax, text, (eps, region.boundary(eps)), at)


def mark_tangent(ax: Axes, x: float, tau: float, text: str, at: Point) -> None:
    """Name the tangent point (x, x+τ)."""
    ax.plot(x, x + tau, "o", color=style.INK, markersize=3.6, zorder=5, clip_on=False)
    style.point_out(ax, text, (x, x + tau), at)


def mark_collapse(ax: Axes, point: Point, text: str, at: Point) -> None:
    """Name a point that the regions reach: a full square."""
    ax.plot(*point, "s", color=style.INK, markersize=3.6, zorder=5)
    style.point_out(ax, text, point, at)


def forbid(ax: Axes, point: Point) -> None:
    """Name (ε, δ) and (1−δ, 1−ε), which no region may reach: open squares."""
    for (x, y), name in ((point, "(ε, δ)"), (mirrored(point), "(1−δ, 1−ε)")):
        ax.plot(x, y, "s", color=style.INK, markerfacecolor="white", markersize=4, zorder=5)
        style.point_out(ax, name, (x, y), (0.3, 0.09) if x < 0.5 else (0.66, 0.5))


def draw_letters(ax: Axes, region: Region, p_names: Sequence[str], q_names: Sequence[str]) -> None:
    """The masses of a region's letters, each named on its bar."""
    both = draw_pair(ax, *region.pair, **PMFS)
    for bars, names in zip(both, (p_names, q_names), strict=True):
        ax.bar_label(bars, names, padding=1)
    ax.set(ylim=(0, 1), yticks=[0, 0.5, 1])
    ax.legend(loc="upper right", ncols=2, handlelength=1.0)
