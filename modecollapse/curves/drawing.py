"""Pictures of the curves on an Axes of the caller: a line for a region, a band between two lines for two.

Every function returns the artists it added, like those of `modecollapse.plotting`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon

from modecollapse.arrays import FloatArray
from modecollapse.curves.frontiers import frontier
from modecollapse.curves.precision_recall import precision_recall
from modecollapse.curves.testing import trade_off
from modecollapse.region import PairLike, Region, RegionBracket, as_region

ANGLES = np.linspace(0.0, math.pi / 2, 401)[1:-1]
"""Angles of the slopes at which a precision–recall curve is drawn, besides those of the letters."""

FAR = 1e9
"""Slope that stands for the vertical end of a precision–recall curve."""


class CurveArtists(NamedTuple):
    """Artists of a curve: its line, or the two lines of a bracket, and the area between two lines."""

    lines: tuple[Line2D, ...]
    area: Polygon | None


def draw_precision_recall(ax: Axes, region: PairLike | RegionBracket, **kwargs: Any) -> CurveArtists:
    """Draw the precision–recall curve: recall along x, precision along y.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    region : Region, pair (p, q), or RegionBracket
        With two regions the band between their curves is drawn.
    **kwargs
        Properties of the lines, as in `Axes.plot`.

    Returns
    -------
    CurveArtists

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> (line,) = draw_precision_recall(ax, ([0.2, 0.8], [0, 1])).lines
    >>> line.get_xydata()[0].round(6).tolist(), line.get_xydata()[-1].round(6).tolist()
    ([0.8, 0.0], [0.0, 1.0])
    """
    artists = _draw(ax, [_precision_recall_line(side) for side in _sides(region)], kwargs)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="recall", ylabel="precision")
    return artists


def _precision_recall_line(region: Region) -> FloatArray:
    common = (region.p > 0) & (region.q > 0)
    corners = region.q[common] / region.p[common]
    slopes = np.unique(np.concatenate([np.tan(ANGLES), corners, [1 / FAR, FAR]]))
    precision, recall = precision_recall(region, slopes)
    return np.column_stack([recall, precision])


def draw_trade_off(ax: Axes, region: PairLike | RegionBracket, **kwargs: Any) -> CurveArtists:
    """Draw the trade-off function: the least type II error against the type I error.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    region : Region, pair (p, q), or RegionBracket
        With two regions the band between their functions is drawn.
    **kwargs
        Properties of the lines, as in `Axes.plot`.

    Returns
    -------
    CurveArtists

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> (line,) = draw_trade_off(Figure().subplots(), ([0.2, 0.8], [0, 1])).lines
    >>> line.get_xydata().tolist()
    [[0.0, 0.8], [1.0, 0.0]]
    """
    lines = []
    for side in _sides(region):
        at = np.unique(side.vertices[:, 0])
        lines.append(np.column_stack([at, trade_off(side, at)]))
    artists = _draw(ax, lines, kwargs)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="type I error", ylabel="type II error")
    return artists


def draw_frontier(ax: Axes, region: PairLike | RegionBracket, **kwargs: Any) -> CurveArtists:
    """Draw the divergence frontier: KL(Q‖R) along x, KL(P‖R) along y, R a mixture of P and Q.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    region : Region, pair (p, q), or RegionBracket
        With two regions the band between their frontiers is drawn.
    **kwargs
        Properties of the lines, as in `Axes.plot`.

    Returns
    -------
    CurveArtists

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> (line,) = draw_frontier(Figure().subplots(), ([0.5, 0.5], [0.25, 0.75])).lines
    >>> float(line.get_ydata()[-1])  # where R = P
    0.0
    """
    lines = []
    for side in _sides(region):
        edge = frontier(side)
        finite = np.isfinite(edge.missed) & np.isfinite(edge.spurious)
        lines.append(np.column_stack([edge.spurious[finite], edge.missed[finite]]))
    artists = _draw(ax, lines, kwargs)
    ax.set(xlabel="KL(Q‖R), spurious (nats)", ylabel="KL(P‖R), missed (nats)")
    return artists


def _sides(region: PairLike | RegionBracket) -> Sequence[Region]:
    return region if isinstance(region, RegionBracket) else [as_region(region)]


def _draw(ax: Axes, lines: Sequence[FloatArray], style: dict[str, Any]) -> CurveArtists:
    """One line, or two in one colour with the area between them."""
    drawn: list[Line2D] = []
    for points in lines:
        look = {**style, "color": drawn[0].get_color(), "label": "_nolegend_"} if drawn else style
        drawn += ax.plot(*points.T, **look)
    if len(lines) == 1:
        return CurveArtists(tuple(drawn), None)
    area = Polygon(
        np.concatenate([lines[0], lines[1][::-1]]),
        closed=True,
        facecolor=drawn[0].get_color(),
        edgecolor="none",
        alpha=0.2,
    )
    ax.add_patch(area)
    return CurveArtists(tuple(drawn), area)
