"""Packing pulls the two toy generators apart.

The regions of (a) (P^m, Q₁^m) and (b) (P^m, Q₂^m) for the generators of Figure 8 and m = 1…5 samples packed
together, nested in m (Remark 11). (c) The total variation of m packed samples for m = 1…10. Both start at
0.2. A set that Q₁ never hits grows from P-mass 0.2 to 1 − 0.8^m, so the collapsed generator moves away fast,
along the largest curve that any pair of total variation 0.2 can have (Theorem 3); the other follows far
below it. A discriminator that sees packs therefore punishes collapse.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

from modecollapse import Region, pack, packed_tv
from modecollapse.arrays import FloatArray, IntArray

from .parts import style
from .parts.toys import Toy, collapsed, draw_curves, draw_nested, tilted


class Data(NamedTuple):
    """The generators, the degrees whose regions are drawn, and the curves over m."""

    toys: tuple[Toy, Toy]
    nested: tuple[int, ...]
    m: IntArray
    tv: tuple[FloatArray, FloatArray]

    @property
    def packed(self) -> tuple[tuple[Region, ...], ...]:
        """The nested regions of each generator."""
        return tuple(tuple(pack(toy.region, m) for m in self.nested) for toy in self.toys)


def compute() -> Data:
    """Total variation of m = 1…10 packed samples of each pair."""
    toys, m = (collapsed(0.2), tilted(0.5, 0.6)), np.arange(1, 11)
    curves = [packed_tv(toy.region, m) for toy in toys]
    return Data(toys, (1, 2, 3, 4, 5), m, (curves[0], curves[1]))


@style.styled
def draw(data: Data) -> Figure:
    """Nested regions of each generator, then both curves."""
    figure = Figure(figsize=(style.PAGE, 2.4))
    axes = figure.subplots(1, 3)
    for ax, letter, toy in zip(axes, "ab", data.toys, strict=False):
        draw_nested(ax, toy, data.nested)
        style.title(ax, letter, f"region of $(P^m, {toy.name}^m)$")
    draw_curves(axes[2], data.toys, data.m, data.tv)
    axes[2].set(ylabel="total variation of $m$ samples", ylim=(0, 1))
    style.title(axes[2], "c", "total variation")
    return figure
