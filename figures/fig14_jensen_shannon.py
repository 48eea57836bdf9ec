"""Two generators at the same Jensen–Shannon divergence from the target, packed.

The target P is uniform on [0,1]; Q₂ has density 0.285 on [0,0.77815] and 3.5079 on [0.77815,1], and
d_JS(P,Q₂) = 0.1640 nats. (The second height is printed as 3.479, with which Q₂ would integrate to 0.9936;
3.5079 makes the mass 1.) Q₁ is uniform on [c,1], c = 0.4001 solved for the same divergence, and misses a
mode of that mass. (a) Densities. (b) Neither region holds the other. (c, d) To a single sample Q₂ is the
further from P in total variation, and as far in Jensen–Shannon divergence; to two or more packed samples
Q₁ is the further by both.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure
from scipy.optimize import brentq

from modecollapse import pack
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.divergence import DivergenceName
from modecollapse.plotting import draw_region

from .parts import style
from .parts.toys import Toy, collapsed, draw_curves, draw_densities_above, line_look, tilted


class Data(NamedTuple):
    """The generators, and their packed distances from the target."""

    toys: tuple[Toy, Toy]
    m: IntArray
    tv: tuple[FloatArray, FloatArray]
    js: tuple[FloatArray, FloatArray]


def compute() -> Data:
    """Solve for Q₁, and pack both generators for m = 1…10."""
    heavy = tilted(0.77815, 0.285)
    goal = heavy.region.divergence("js")
    start = brentq(lambda c: collapsed(c).region.divergence("js") - goal, 0.01, 0.99, xtol=1e-15)
    toys, m = (collapsed(start), heavy), np.arange(1, 11)
    tv, js = [_packed(toy, m, "tv") for toy in toys], [_packed(toy, m, "js") for toy in toys]
    return Data(toys, m, (tv[0], tv[1]), (js[0], js[1]))


def _packed(toy: Toy, m: IntArray, name: DivergenceName) -> FloatArray:
    """A divergence of (P^m, Q^m), read off the packed region."""
    return np.array([pack(toy.region, int(degree)).divergence(name) for degree in m])


@style.styled
def draw(data: Data) -> Figure:
    """Densities, both regions in one plane, and the two packed distances."""
    figure = Figure(figsize=(style.PAGE, 1.95))
    axes = figure.subplot_mosaic(
        [["p1", "r", "tv", "js"], ["p2", "r", "tv", "js"]], width_ratios=[1, 1.2, 1.2, 1.2]
    )
    draw_densities_above((axes["p1"], axes["p2"]), data.toys, top=4.9)
    for toy in data.toys:
        draw_region(axes["r"], toy.region, **line_look(toy))
    axes["r"].set(xticks=[0, 0.5, 1], yticks=[0, 0.5, 1])
    axes["r"].text(0.015, 0.51, f"${data.toys[0].name}$")
    axes["r"].text(0.2, 0.8, f"${data.toys[1].name}$", ha="right")
    draw_curves(axes["tv"], data.toys, data.m, data.tv)
    draw_curves(axes["js"], data.toys, data.m, data.js)
    headings = ("densities", "regions", "total variation", "Jensen–Shannon (nats)")
    for key, letter, heading in zip(("p1", "r", "tv", "js"), "abcd", headings, strict=True):
        style.title(axes[key], letter, heading)
    return figure
