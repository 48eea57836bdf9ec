"""Two generators at the same distance from the target, and their mode-collapse regions.

(a) The target P is uniform on [0,1]. Q₁ is uniform on [0.2,1] and misses a mode of mass 0.2; Q₂ has density
0.6 on [0,0.5] and 1.4 on [0.5,1] and misses none. Both lie at total variation 0.2 from P, which is the
intercept of the tangent of slope one (dotted, Remark 7). One sample cannot tell which of them collapsed. The
regions can. (b) R(P,Q₁) reaches the point (0, 0.2): that is (0,0.2)-mode collapse by Definition 1. (c)
R(P,Q₂) leaves the origin along a line of slope 5/3 and has no (0,δ)-collapse for any δ > 0.
"""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse import Region
from modecollapse.plotting import draw_region, draw_tangent

from .parts import style
from .parts.toys import Toy, collapsed, draw_densities_above, line_look, tilted


class Data(NamedTuple):
    """The two generators and their regions."""

    toys: tuple[Toy, Toy]
    regions: tuple[Region, Region]


def compute() -> Data:
    """The pairs of the paper's example."""
    toys = collapsed(0.2), tilted(0.5, 0.6)
    return Data(toys, (toys[0].region, toys[1].region))


@style.styled
def draw(data: Data) -> Figure:
    """Densities to the left, one region each to the right."""
    figure = Figure(figsize=(style.PAGE, 2.5))
    axes = figure.subplot_mosaic([["p1", "r1", "r2"], ["p2", "r1", "r2"]], width_ratios=[0.85, 1, 1])
    draw_densities_above((axes["p1"], axes["p2"]), data.toys, top=1.9)
    style.title(axes["p1"], "a", "target and generators")
    for key, letter, toy, region in zip(("r1", "r2"), "bc", data.toys, data.regions, strict=True):
        _draw_plane(axes[key], toy, region)
        style.title(axes[key], letter, f"region of $(P, {toy.name})$")
    style.point_out(axes["r1"], "(0, 0.2)-mode\ncollapse", (0, data.regions[0].boundary(0)), (0.34, 0.13))
    style.point_out(axes["r2"], "no collapse\nat ε = 0", (0, data.regions[1].boundary(0)), (0.34, 0.13))
    return figure


def _draw_plane(ax: Axes, toy: Toy, region: Region) -> None:
    draw_region(ax, region, **line_look(toy))
    draw_tangent(ax, region)
    tau = region.total_variation
    style.along_diagonal(ax, 0.47, 0.47 + tau, f"$d_{{\\rm TV}} = {tau:.1g}$")
