"""Packing two samples against pairing a real one with a generated one.

(a) A generator that lacks a mode of mass τ = 0.2, and one that shifts as much mass between two halves.
Pairing shows twice the area between boundary and diagonal, which is τ for both: it does not see that the
first one loses a mode. (b) Pairs at τ = 0.2: what pairing shows, d_TV(P⊗Q, Q⊗P), and what packing shows,
d_TV(P²,Q²). Both range from τ to 2τ−τ². Packing never shows less, and shows as much only if the region is
its own mirror image. A lost mode is at the upper left: the least for pairing, the greatest for packing.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

import modecollapse as mc
from modecollapse.arrays import FloatArray

from .parts import style

Pair = tuple[list[float], list[float]]

TAU = 0.2
PAIRS = 400
"""Number of random pairs."""

LOST: Pair = ([TAU, 1 - TAU], [0, 1])
SHIFTED: Pair = ([0.5 + TAU / 2, 0.5 - TAU / 2], [0.5 - TAU / 2, 0.5 + TAU / 2])
BOTH_ENDS: Pair = ([TAU, 1 - TAU, 0], [0, 1 - TAU, TAU])


class Data(NamedTuple):
    """What pairing and packing show of random pairs, and of three pairs by name."""

    paired: FloatArray
    packed: FloatArray
    lost: tuple[float, float]
    shifted: tuple[float, float]
    both_ends: tuple[float, float]


def compute() -> Data:
    """Random pairs of two to six letters at total variation τ."""
    rng = np.random.default_rng(0)
    regions: list[mc.Region] = []
    while len(regions) < PAIRS:
        region = _at_tau(*rng.dirichlet(np.full(rng.integers(2, 7), rng.choice([0.15, 0.4, 1.0])), 2))
        if region is not None:
            regions.append(region)
    paired, packed = np.array([_shown(region) for region in regions]).T
    lost, shifted, both_ends = (_shown(mc.Region.from_pmfs(*pair)) for pair in (LOST, SHIFTED, BOTH_ENDS))
    return Data(paired, packed, lost, shifted, both_ends)


def _at_tau(p: FloatArray, q: FloatArray) -> mc.Region | None:
    """The pair with Q moved towards P until the distance is τ; None if it is smaller already."""
    share = TAU / (np.abs(p - q).sum() / 2)
    return mc.Region.from_pmfs(p, p + share * (q - p)) if share <= 1 else None


def _shown(region: mc.Region) -> tuple[float, float]:
    return mc.pairing_tv(region), mc.packed_tv(region, 2)


@style.styled
def draw(data: Data) -> Figure:
    """The two regions with their areas, and the scatter."""
    figure = Figure(figsize=(style.PAGE, 3.0))
    left, right = figure.subplots(1, 2)
    _draw_regions(left)
    style.title(left, "a", "equal areas: pairing sees no difference")
    _draw_pairs(right, data)
    style.title(right, "b", f"all pairs at τ = {TAU:g}")
    return figure


def _draw_regions(ax: Axes) -> None:
    looks: tuple[dict[str, Any], ...] = (
        {"color": style.COLLAPSE, "linestyle": style.DASHED},
        {"color": style.SPREAD},
    )
    for pair, look in zip((LOST, SHIFTED), looks, strict=True):
        x, y = mc.Region.from_pmfs(*pair).vertices.T
        ax.fill_between(x, x, y, color=look["color"], alpha=0.15, linewidth=0)
        ax.plot(x, y, marker="", **look)
    ax.plot([0, 1], [0, 1], color=style.INK, linewidth=0.6)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="Q-mass", ylabel="P-mass")
    style.point_out(ax, "a lost mode", (0.06, TAU + 0.048), (0.03, 0.56))
    style.point_out(ax, "a shift", (0.5, 0.667), (0.31, 0.9))


def _draw_pairs(ax: Axes, data: Data) -> None:
    low, high = TAU, 2 * TAU - TAU**2
    ax.plot([low, high], [low, high], color="0.6", linewidth=0.6)
    ax.plot(data.paired, data.packed, ".", color="0.55", markersize=2.5)
    ax.plot(*data.lost, "o", color=style.COLLAPSE)
    ax.plot(*data.shifted, "s", color=style.SPREAD)
    ax.plot(*data.both_ends, "D", color=style.INK)
    near: dict[str, Any] = {"textcoords": "offset points", "va": "center"}
    ax.annotate("a lost mode", data.lost, (-4, 9), **near)
    ax.annotate("a shift", data.shifted, (8, -1), **near)
    ax.annotate("a lost and an added mode", data.both_ends, (4, 9), ha="right", **near)
    ax.annotate("as much as pairing", (0.29, 0.287), rotation=38, ha="center", va="top", color="0.45")
    margin = 0.012
    ax.set(xlim=(low - margin, high + margin), ylim=(low - margin, high + 1.6 * margin))
    ax.set(xlabel="pairing shows $d_{\\rm TV}(P⊗Q, Q⊗P)$", ylabel="packing shows $d_{\\rm TV}(P^2, Q^2)$")
    ax.set(xticks=[low, 0.24, 0.28, 0.32, high], yticks=[low, 0.24, 0.28, 0.32, high])
