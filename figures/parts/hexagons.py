"""Helpers of the two figures of the hexagons of Theorem 5."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from modecollapse import Region
from modecollapse.arrays import FloatArray
from modecollapse.plotting import draw_region
from modecollapse.theorems import families

from . import proofs, style
from .proofs import Point, Sandwich

OUTER: dict[str, Any] = {"color": "#5f97c9", "linestyle": style.DASHED}
"""Line properties of the hexagon: lighter than the triangle inside, and dashed."""

Hexagon = Callable[[ArrayLike, ArrayLike, ArrayLike, ArrayLike, ArrayLike], tuple[FloatArray, FloatArray]]


class Data(NamedTuple):
    """A hexagon around a triangle and a region, with parameters (α,β); and rivals of the hexagon."""

    name: str
    point: Point
    tau: float
    edges: tuple[float, float]
    regions: Sandwich
    rivals: tuple[Region, ...]


def around(
    name: str, outer: Hexagon, point: Point, tau: float, edges: tuple[float, float], rivals: tuple[Point, ...]
) -> Data:
    """The hexagon at (α,β) = `edges`, a region inside it, and the hexagons at other (α,β)."""
    alpha, beta = edges
    hexagon = families.region(outer(*point, alpha, beta, tau))
    inner = proofs.triangle((alpha + 1 - tau - beta) / 2, tau)
    others = tuple(families.region(outer(*point, *rival, tau)) for rival in rivals)
    return Data(name, point, tau, edges, proofs.sandwich(inner, hexagon, start=0.4), others)


@style.styled
def draw(data: Data) -> Figure:
    """The sandwich, hexagons that cross, and the letters."""
    figure = Figure(figsize=(style.PAGE, 2.4))
    sandwich, crossing, letters = figure.subplots(1, 3, width_ratios=[1, 1, 1.15])
    _draw_sandwich(sandwich, data)
    for region, linestyle in zip(data.rivals, ("-", (0, (4, 1)), (0, (1, 1))), strict=True):
        draw_region(crossing, region, color=style.SPREAD, linestyle=linestyle, linewidth=1.0, fill_alpha=0.08)
    proofs.forbid(crossing, data.point)
    proofs.frame(crossing)
    proofs.draw_letters(
        letters, data.regions.outer, ["a", "α+τ−a", "c", "β", "0"], ["0", "α", "c", "β+τ−b", "b"]
    )
    letters.set(ylim=(0, 0.6), yticks=[0, 0.25, 0.5])
    headings = (f"inside {data.name}(ε, δ, α, β, τ)", "none holds the others", f"letters of {data.name}")
    for ax, letter, heading in zip((sandwich, crossing, letters), "abc", headings, strict=True):
        style.title(ax, letter, heading)
    return figure


def _draw_sandwich(ax: Axes, data: Data) -> None:
    proofs.draw_sandwich(ax, data.regions, inner=proofs.SPREAD, outer=OUTER)
    proofs.forbid(ax, data.point)
    alpha, beta = data.edges
    proofs.mark_tangent(ax, alpha, data.tau, "x = α", (0.01, 0.66))
    proofs.mark_tangent(ax, 1 - data.tau - beta, data.tau, "x = 1−τ−β", (0.1, 0.93))
    ax.text(0.42, 0.53, "inner", ha="center", va="center")
    # the leader ends short of its point, so it aims beyond the boundary: there is little room between the two
    on_boundary = (0.13, data.regions.between.boundary(0.15))
    style.point_out(ax, "region of $(P, Q)$", on_boundary, (0.47, 0.41))
