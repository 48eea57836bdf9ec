"""Two triangles that Theorem 5 excludes.

At τ = 0.3 and (ε,δ) = (0.1,0.25), d = δ−ε. A region with neither (ε,δ)-mode collapse nor augmentation
stays below both forbidden points (open squares), and contains the triangle of its tangent point x. (a) At
x ≤ ετ/d = 0.2 the triangle itself holds the collapse point (ε,δ). (b) At x ≥ 1−τ−ετ/d = 0.5 it holds the
augmentation point (1−δ,1−ε). (c) In between it passes below both, and is the least region of its tangent
point. Tangent points beside both forbidden points, which the paper lacks, are possible only if
τ < d/(1−ε), which is not so here.
"""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.figure import Figure

from modecollapse import Region
from modecollapse.plotting import draw_region, draw_tangent

from .parts import proofs, style

EPS, DELTA, TAU = 0.1, 0.25, 0.3
APEXES = (0.12, 0.58, 0.35)


class Data(NamedTuple):
    """The triangle with collapse, the one with augmentation, and one with neither."""

    collapse: Region
    augmentation: Region
    neither: Region


def compute() -> Data:
    """A triangle of each kind."""
    return Data(*(proofs.triangle(x, TAU) for x in APEXES))


@style.styled
def draw(data: Data) -> Figure:
    """Three triangles, and the points that tell them apart."""
    figure = Figure(figsize=(style.PAGE, 2.4))
    axes = figure.subplots(1, 3)
    looks = (proofs.COLLAPSED, proofs.COLLAPSED, proofs.SPREAD)
    headings = ("collapses: infeasible", "augments: infeasible", "neither: feasible")
    for ax, letter, region, look, heading in zip(axes, "abc", data, looks, headings, strict=True):
        draw_region(ax, region, **look, fill_alpha=0.3)
        draw_tangent(ax, region)
        proofs.forbid(ax, (EPS, DELTA))
        proofs.frame(ax)
        style.title(ax, letter, heading)
    return figure
