"""Toy generators against the uniform target, and the panels that show them."""

from __future__ import annotations

from typing import Any, NamedTuple

from matplotlib.axes import Axes

from modecollapse import Region, pack
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.plotting import draw_densities, draw_regions

from . import style


class Toy(NamedTuple):
    """A piecewise constant generator density against P = U[0,1]."""

    name: str
    edges: tuple[float, ...]
    heights: tuple[float, ...]
    look: dict[str, Any]

    @property
    def region(self) -> Region:
        """R(P, Q)."""
        return Region.from_densities(self.edges, [1.0] * len(self.heights), self.heights)


def collapsed(start: float) -> Toy:
    """Q1, uniform on [start, 1]: it misses the mode [0, start] and is even elsewhere."""
    look = {"color": style.COLLAPSE, "linestyle": style.DASHED, "marker": "s"}
    return Toy("Q_1", (0.0, start, 1.0), (0.0, 1 / (1 - start)), look)


def tilted(split: float, low: float) -> Toy:
    """Q2, of density `low` on [0, split] and what makes the mass 1 beyond: it misses no mode."""
    look = {"color": style.SPREAD, "linestyle": "-", "marker": "o"}
    return Toy("Q_2", (0.0, split, 1.0), (low, (1 - low * split) / (1 - split)), look)


def line_look(toy: Toy) -> dict[str, Any]:
    """Colour and line style of a toy, for lines without markers."""
    return {key: toy.look[key] for key in ("color", "linestyle")}


def draw_density(ax: Axes, toy: Toy, top: float) -> None:
    """P and one generator, each named on its line."""
    flat = [1.0] * len(toy.heights)
    for heights, color, width in ((flat, style.INK, 0.8), (toy.heights, toy.look["color"], 1.4)):
        draw_densities(
            ax, toy.edges, heights, labels=[], colors=[color], linewidth=width, baseline=None, clip_on=False
        )
    ax.set(ylim=(0, top), xlabel="sample space", xticks=[0, 0.5, 1])
    for name, x, y, side in (("P", 0.03, 1, "left"), (toy.name, 0.97, toy.heights[-1], "right")):
        ax.annotate(f"${name}$", (x, y), (0, 2), textcoords="offset points", ha=side)


def draw_densities_above(axes: tuple[Axes, Axes], toys: tuple[Toy, Toy], top: float) -> None:
    """The two generators' densities, one above the other on a common axis."""
    for ax, toy in zip(axes, toys, strict=True):
        draw_density(ax, toy, top)
    axes[0].tick_params(labelbottom=False)
    axes[0].set_xlabel("")


def draw_nested(ax: Axes, toy: Toy, degrees: tuple[int, ...]) -> None:
    """The regions of (P^m, Q^m), of which the smallest and the largest are named."""
    draw_regions(ax, toy.region, degrees, **line_look(toy))
    for m, x, at in ((degrees[0], 0.5, (0.66, 0.3)), (degrees[-1], 0.14, (0.06, 0.93))):
        style.point_out(ax, f"$m = {m}$", (x, pack(toy.region, m).boundary(x)), at)


def draw_curves(ax: Axes, toys: tuple[Toy, Toy], m: IntArray, curves: tuple[FloatArray, FloatArray]) -> None:
    """One quantity of both (P^m, Q^m) against m, each curve named at its end."""
    for toy, values, other in zip(toys, curves, curves[::-1], strict=True):
        ax.plot(m, values, **toy.look, clip_on=False, zorder=3)
        aside = (5, 3 if values[-1] > other[-1] else -3)
        ax.annotate(
            f"${toy.name}$",
            (m[-1], values[-1]),
            aside,
            textcoords="offset points",
            va="center",
            annotation_clip=False,
        )
    ax.set(xlabel="packing degree $m$", xlim=(1, m[-1]), ylim=(0, None), box_aspect=1)
    ax.set_xticks([1, *range(2, int(m[-1]) + 1, 2)])
