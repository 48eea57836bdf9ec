"""With collapse, the region also contains the collapse point.

At τ = 0.35 and (ε,δ) = (0.1,0.3). (a) A pair with (ε,δ)-mode collapse, whose boundary touches the line of
slope one at x = 0.35, contains the tangent point and the collapse point, which lies above the triangle
(dotted). So it contains their hull, inner1(ε,δ,α,τ) of Theorem 4, α = 1−τ−x, and lies inside outer(τ) as
before. (b) The hulls for four tangent points: the least d_TV(P^m,Q^m) is that of one of them. At the largest
α, 1 − τδ/(δ−ε) = 0.475, the collapse point is on the edge of the triangle, and the hull is the triangle.
"""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse import Region
from modecollapse.plotting import draw_region
from modecollapse.theorems import families

from .parts import proofs, style
from .parts.proofs import Sandwich

EPS, DELTA, TAU, ALPHA = 0.1, 0.3, 0.35, 0.3


class Data(NamedTuple):
    """The sandwich; the triangle alone; and inner1 at several α, rising to the largest."""

    regions: Sandwich
    triangle: Region
    alpha: tuple[float, ...]
    hulls: tuple[Region, ...]


def compute() -> Data:
    """A pair between the canonical ones, and the family of inner ones."""
    inner = families.region(families.inner1(EPS, DELTA, ALPHA, TAU))
    regions = proofs.sandwich(inner, families.region(families.outer(TAU)), start=0.25)
    alpha = (0.0, 0.15, 0.3, 1 - TAU * DELTA / (DELTA - EPS))
    hulls = tuple(families.region(families.inner1(EPS, DELTA, a, TAU)) for a in alpha)
    return Data(regions, families.region(families.inner(ALPHA, TAU)), alpha, hulls)


@style.styled
def draw(data: Data) -> Figure:
    """The sandwich, then the family."""
    figure = Figure(figsize=(style.PAGE, 3.1))
    left, right = figure.subplots(1, 2)
    _draw_sandwich(left, data)
    _draw_family(right, data)
    style.title(left, "a", "a pair with (ε, δ)-collapse")
    style.title(right, "b", "inner1 for several tangent points")
    return figure


def _draw_sandwich(ax: Axes, data: Data) -> None:
    regions, x = data.regions, 1 - TAU - ALPHA
    proofs.draw_sandwich(ax, regions, inner=proofs.COLLAPSED, outer=proofs.COLLAPSED)
    ax.plot(*data.triangle.vertices.T, color=style.INK, linewidth=0.8, linestyle=(0, (1, 1.2)))
    proofs.mark_tangent(ax, x, TAU, "tangent point\n(x, x+τ)", (0.04, 0.84))
    proofs.mark_collapse(ax, (EPS, DELTA), "collapse point (ε, δ)", (0.3, 0.14))
    proofs.name_boundary(ax, regions.outer, 0.62, "outer(τ)", (0.26, 0.95))
    proofs.name_boundary(ax, regions.between, 0.66, "region of $(P, Q)$", (0.62, 0.54))
    proofs.name_boundary(ax, regions.inner, 0.2, "inner1(ε, δ, α, τ)", (0.38, 0.35))


def _draw_family(ax: Axes, data: Data) -> None:
    for alpha, hull in zip(data.alpha, data.hulls, strict=True):
        draw_region(ax, hull, **proofs.COLLAPSED, linewidth=1.0, fill_alpha=0.08)
        x = 1 - TAU - alpha
        ax.plot(x, x + TAU, "o", color=style.INK, markersize=3, zorder=5, clip_on=False)
        style.along_diagonal(ax, x - 0.07, x + TAU - 0.06, f"α = {alpha:g}")
    ax.plot([0, 1 - TAU], [TAU, 1], color="0.25", linewidth=0.8, linestyle=(0, (1, 1.5)))
    proofs.mark_collapse(ax, (EPS, DELTA), "(ε, δ)", (0.3, 0.14))
    proofs.frame(ax)
