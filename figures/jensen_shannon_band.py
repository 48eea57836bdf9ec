"""The range of packed Jensen–Shannon divergence at a fixed divergence of one sample.

Range of d_JS(P^m,Q^m) over all pairs with d_JS(P,Q) = (a) 0.05, (b) 0.1 and (c) 0.2 nats. The upper end
belongs to a generator that lacks one letter, the lower end to a pair of two letters; docs/theory.md, section
8, proves both. The dots are random pairs of two to five letters at that divergence, spread sideways about
their m.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.figure import Figure

import modecollapse as mc
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.measures import PackedDivergence

from .parts import ranges, style

LEVELS = (0.05, 0.1, 0.2)
PAIRS = 60
"""Number of random pairs at each divergence."""

BISECTIONS = 50
"""Steps of bisection, to the last digit of a share."""


class Level(NamedTuple):
    """The range at one divergence, and that of some random pairs, shape (PAIRS, len(m))."""

    c: float
    m: IntArray
    lower: FloatArray
    upper: FloatArray
    cloud: FloatArray


def compute() -> tuple[Level, ...]:
    """Three levels, m = 1…10."""
    m = np.arange(1, 11)
    rng = np.random.default_rng(0)
    levels = []
    for c in LEVELS:
        band = mc.jensen_shannon_band(c, m)
        p, q = _random_pairs(rng, c)
        cloud = np.stack([PackedDivergence("js", int(k)).values(p, q) for k in m], axis=1)
        levels.append(Level(c, m, band.lower, band.upper, cloud))
    return tuple(levels)


def _random_pairs(rng: np.random.Generator, c: float) -> tuple[FloatArray, FloatArray]:
    """Random Q of two to five letters, and P on the way from Q to a random pmf, where the divergence is c.

    Q has a random number of the five letters.
    """
    single = PackedDivergence("js", 1)
    p, q = np.zeros((0, 5)), np.zeros((0, 5))
    while len(p) < PAIRS:
        start = np.zeros((1, 5))
        start[0, : rng.integers(2, 6)] = 1
        start[0] *= rng.dirichlet(np.full(5, 0.5))
        start /= start.sum()
        way = rng.dirichlet(np.full(5, 0.3), 1) - start
        if single.values(start + way, start)[0] < c:
            continue
        low, high = 0.0, 1.0
        for _ in range(BISECTIONS):
            share = (low + high) / 2
            below = single.values(start + share * way, start)[0] < c
            low, high = (share, high) if below else (low, share)
        p, q = np.vstack([p, start + low * way]), np.vstack([q, start])
    return p, q


@style.styled
def draw(data: tuple[Level, ...]) -> Figure:
    """A panel for each level."""
    figure = Figure(figsize=(style.PAGE, 2.4))
    axes = figure.subplots(1, len(data), sharey=True)
    for ax, letter, level in zip(axes, "abc", data, strict=True):
        ranges.draw_range(
            ax, ranges.Range(level.m, level.lower, level.upper), ranges.SPREAD, marker="", fill_alpha=0.2
        )
        spread_m = level.m + np.linspace(-0.2, 0.2, PAIRS)[:, None]  # so that dots do not hide each other
        dots = {"color": style.INK, "markersize": 1.4, "zorder": 3, "label": f"{PAIRS} random pairs"}
        ax.plot(spread_m.ravel(), level.cloud.ravel(), ".", **dots)
        ranges.frame(ax, int(level.m[-1]))
        ax.set_ylabel("")
        ax.set_ylim(0, 0.72)
        ax.axhline(np.log(2), color="0.6", linewidth=0.6)
        style.title(ax, letter, f"$d_{{\\rm JS}}(P,Q)$ = {level.c:g} nats")
    axes[0].set_ylabel("Jensen–Shannon of $m$ samples")
    axes[0].legend(loc="lower right", markerscale=3, handlelength=1)
    axes[0].text(10.2, 0.66, "log 2", ha="right", color="0.4")
    return figure
