"""Ranges of packed total variation from the printed theorems, and the panels that show them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse import paper, plotting
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.plotting import BandArtists

from . import style

TAU = 0.11
"""The total variation of one sample in the paper's plots."""


class Range(NamedTuple):
    """Least and greatest d_TV(P^m, Q^m) over a family of pairs, at each degree m."""

    m: IntArray
    lower: FloatArray
    upper: FloatArray


class Families(NamedTuple):
    """The ranges over all pairs, with collapse and without, and the points (ε,δ) of the last two."""

    everything: Range
    collapse: Range
    no_collapse: Range
    collapse_at: tuple[float, float] = (0, 0.1)
    no_collapse_at: tuple[float, float] = (0.07, 0.1)


Formula = Callable[[int], paper.Optimum]


def _range(degrees: Sequence[int], lower: Formula, upper: Formula) -> Range:
    ends = ([float(bound(m)) for m in degrees] for bound in (lower, upper))
    return Range(np.array(degrees), *map(np.array, ends))


def full(degrees: Sequence[int], tau: float = TAU) -> Range:
    """The range over all pairs of total variation τ (Theorem 3)."""
    return _range(degrees, lambda m: paper.L(tau, m), lambda m: paper.U(tau, m))


def with_collapse(degrees: Sequence[int], eps: float, delta: float, tau: float = TAU) -> Range:
    """The range over the pairs of total variation τ with (ε,δ)-mode collapse (Theorem 4)."""
    return _range(degrees, lambda m: paper.L1(eps, delta, tau, m), lambda m: paper.U(tau, m))


def without_collapse(degrees: Sequence[int], eps: float, delta: float, tau: float = TAU) -> Range:
    """The range over pairs of total variation τ with neither (ε,δ)-collapse nor augmentation (Theorem 5)."""
    return _range(degrees, lambda m: paper.L2(eps, delta, tau, m), lambda m: paper.U1(eps, delta, tau, m))


FULL: dict[str, Any] = {"color": style.INK, "linewidth": 0.8, "fill_alpha": 0}
COLLAPSE: dict[str, Any] = {
    "color": style.COLLAPSE,
    "linestyle": style.DASHED,
    "marker": "s",
    "markersize": 2.4,
    "fill_alpha": 0.35,
}
SPREAD: dict[str, Any] = {
    "color": style.SPREAD,
    "linestyle": "-",
    "marker": "o",
    "markersize": 2.4,
    "fill_alpha": 0.3,
}
"""Line and area properties of the three kinds of range, in every figure."""


def draw_range(ax: Axes, values: Range, look: dict[str, Any], **kwargs: Any) -> BandArtists:
    """Draw one range."""
    return plotting.draw_range(ax, *values, **{**look, **kwargs})


def frame(ax: Axes, last: int, outer: bool = True) -> None:
    """Scale the axes of a drawn range to degrees 1…`last` and values from 0; name the y axis if outer."""
    step = 2 if last <= 10 else 4
    ax.set(xlim=(0.6, last + 0.4), ylim=(0, None), xlabel="packing degree $m$")
    ax.set_xticks([1, *range(step, last + 1, step)])
    ax.set_ylabel("total variation of $m$ samples" if outer else "")


class Sweep(NamedTuple):
    """The range of a family at one δ and several ε, and that of all pairs."""

    delta: float
    eps: tuple[float, ...]
    everything: Range
    ranges: tuple[Range, ...]


def sweep(
    family: Callable[[Sequence[int], float, float], Range], eps: Sequence[float], delta: float = 0.1
) -> Sweep:
    """`family`'s range for m = 1…10 at each ε."""
    degrees = range(1, 11)
    return Sweep(delta, tuple(eps), full(degrees), tuple(family(degrees, e, delta) for e in eps))


@style.styled
def draw_sweep(data: Sweep, look: dict[str, Any]) -> Figure:
    """A panel for each ε, in two rows; black lines bound the range of all pairs."""
    figure = Figure(figsize=(style.PAGE, 3.9))
    panels = figure.subplots(2, (len(data.eps) + 1) // 2, sharex=True, sharey=True)
    for index, (ax, eps, values) in enumerate(zip(panels.flat, data.eps, data.ranges, strict=True)):
        draw_range(ax, data.everything, FULL)
        draw_range(ax, values, look)
        frame(ax, int(data.everything.m[-1]), outer=index % panels.shape[1] == 0)
        style.title(ax, "abcdef"[index], f"ε = {eps:g}, δ = {data.delta:g}")
    for ax in panels[:-1].flat:
        ax.set_xlabel("")
    return figure
