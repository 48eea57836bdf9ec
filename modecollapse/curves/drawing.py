"""Pictures of the curves on an Axes of the caller: a line for a region, a band between two lines for two.

Every function returns the artists it added, like those of `modecollapse.plotting`. Each takes a Region or a
pair (p, q), or a RegionBracket, and passes further keyword arguments on to `Axes.plot`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import Degree, FloatArray
from modecollapse.curves.frontiers import MAUVE_SCALE, frontier
from modecollapse.curves.precision_recall import precision_recall
from modecollapse.curves.privacy import privacy_delta
from modecollapse.curves.testing import bayes_risk, trade_off
from modecollapse.region import PairLike, Region, RegionBracket, as_region

ANGLES = np.linspace(0.0, math.pi / 2, 401)[1:-1]
"""Angles of the slopes at which a precision–recall curve is drawn, besides those of the letters."""

FAR = 1e9
"""Slope that stands for the vertical end of a precision–recall curve."""

DRAWN_WIDTH = 1e-2
"""Relative width of a δ in a picture: less than the thickness of a line on a logarithmic scale."""

UNIT_SQUARE = {"xlim": (0, 1), "ylim": (0, 1), "aspect": "equal"}


class CurveArtists(NamedTuple):
    """Artists of a curve: its line, or the two lines of a bracket, and the area between two lines."""

    lines: tuple[Line2D, ...]
    area: Polygon | None


def draw_precision_recall(ax: Axes, region: PairLike | RegionBracket, **kwargs: Any) -> CurveArtists:
    """Draw the precision–recall curve: recall along x, precision along y.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> (line,) = draw_precision_recall(Figure().subplots(), ([0.2, 0.8], [0, 1])).lines
    >>> line.get_xydata()[0].round(6).tolist(), line.get_xydata()[-1].round(6).tolist()
    ([0.8, 0.0], [0.0, 1.0])
    """
    ax.set(xlabel="recall", ylabel="precision", **UNIT_SQUARE)
    return _draw(ax, region, _precision_recall_points, kwargs)


def _precision_recall_points(region: Region) -> FloatArray:
    common = (region.p > 0) & (region.q > 0)
    corners = region.q[common] / region.p[common]
    slopes = np.unique(np.concatenate([np.tan(ANGLES), corners, [1 / FAR, FAR]]))
    precision, recall = precision_recall(region, slopes)
    return np.column_stack([recall, precision])


def draw_roc(ax: Axes, region: PairLike | RegionBracket, **kwargs: Any) -> CurveArtists:
    """Draw the ROC curve of the best score: the boundary of the region, with P as the positive class.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> (line,) = draw_roc(Figure().subplots(), ([0.2, 0.8], [0, 1])).lines
    >>> line.get_xydata().tolist()
    [[0.0, 0.0], [0.0, 0.2], [1.0, 1.0]]
    """
    ax.set(xlabel="false positive rate", ylabel="true positive rate", **UNIT_SQUARE)
    return _draw(ax, region, lambda side: side.vertices, kwargs)


def draw_trade_off(ax: Axes, region: PairLike | RegionBracket, **kwargs: Any) -> CurveArtists:
    """Draw the trade-off function: the least type II error against the type I error.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> (line,) = draw_trade_off(Figure().subplots(), ([0.2, 0.8], [0, 1])).lines
    >>> line.get_xydata().tolist()
    [[0.0, 0.8], [1.0, 0.0]]
    """
    ax.set(xlabel="type I error", ylabel="type II error", **UNIT_SQUARE)
    return _draw(ax, region, _trade_off_points, kwargs)


def _trade_off_points(region: Region) -> FloatArray:
    at = np.unique(region.vertices[:, 0])
    return np.column_stack([at, trade_off(region, at)])


def draw_bayes_risk(ax: Axes, region: PairLike | RegionBracket, **kwargs: Any) -> CurveArtists:
    """Draw the Bayes risk against the prior probability of P.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> (line,) = draw_bayes_risk(Figure().subplots(), ([0.2, 0.8], [0, 1])).lines
    >>> line.get_xydata().max(axis=0).round(6).tolist()  # the greatest risk is at the prior 1/1.8
    [1.0, 0.444444]
    """
    ax.set(xlabel="prior probability of P", ylabel="Bayes risk", xlim=(0, 1), ylim=(0, None))
    return _draw(ax, region, _bayes_risk_points, kwargs)


def _bayes_risk_points(region: Region) -> FloatArray:
    corners = region.q / (region.p + region.q)  # where πp = (1−π)q; the risk is linear between
    at = np.unique(np.concatenate([[0.0, 1.0], corners]))
    return np.column_stack([at, bayes_risk(region, at)])


def draw_privacy(
    ax: Axes, region: PairLike | RegionBracket, eps: ArrayLike, m: Degree = 1, **kwargs: Any
) -> CurveArtists:
    """Draw the privacy curve δ(ε) of m uses of a mechanism, with δ on a logarithmic scale.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    region : Region, pair (p, q), or RegionBracket
        Outputs on two neighbouring data sets.
    eps : array_like, shape (n,)
        Rising values of ε ≥ 0 at which the curve is drawn. Lines leave out those at which δ = 0, and the area
        between two lines reaches down to the next power of ten there.
    m : int, default 1
        Number of uses.
    **kwargs
        Properties of the lines, as in `Axes.plot`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> response = [0.75, 0.25], [0.25, 0.75]
    >>> (line,) = draw_privacy(Figure().subplots(), response, [0, 0.5, 2]).lines
    >>> line.get_xydata().round(6).tolist()  # at ε = 2 the response is purely private
    [[0.0, 0.5], [0.5, 0.33782]]
    """
    at = validation.real_array("eps", eps)

    def points(side: Region) -> FloatArray:
        return np.array([(eps, privacy_delta(side, eps, m, DRAWN_WIDTH)) for eps in at.ravel().tolist()])

    ax.set(xlabel="ε", ylabel="δ", yscale="log")
    artists = _draw(ax, region, points, kwargs)
    curves = [np.asarray(line.get_xydata()) for line in artists.lines]
    for line, curve in zip(artists.lines, curves, strict=True):
        line.set_data(*curve[curve[:, 1] > 0].T)
    floor = show_decades(ax, np.concatenate(curves)[:, 1])
    if artists.area is not None:
        corners = np.asarray(artists.area.get_xy())
        artists.area.set_xy(np.column_stack([corners[:, 0], np.maximum(corners[:, 1], floor)]))
    return artists


def show_decades(ax: Axes, heights: ArrayLike) -> float:
    """Let a logarithmic y-axis show whole decades about some heights, so that it has ticks with numbers.

    The limits stay automatic: what is drawn later is shown too.

    Parameters
    ----------
    ax : Axes
        The panel.
    heights : array_like
        What is drawn; only positive ones count.

    Returns
    -------
    float
        The lowest power of ten, 0 where no height is positive.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> ax.set_yscale("log")
    >>> show_decades(ax, [0.36, 0.3601]), [f"{end:.2f}" for end in ax.get_ylim()]
    (0.1, ['0.09', '1.12'])
    """
    every = np.asarray(heights, dtype=np.float64)
    positive = every[every > 0]
    if not positive.size:
        return 0.0
    highest = math.ceil(math.log10(positive.max()))
    lowest = min(math.floor(math.log10(positive.min())), highest - 1)
    middle = sum(ax.get_xlim()) / 2
    ax.update_datalim([(middle, 10.0**lowest), (middle, 10.0**highest)], updatex=False)
    ax.autoscale_view()
    return 10.0**lowest


def draw_frontier(ax: Axes, region: PairLike | RegionBracket, **kwargs: Any) -> CurveArtists:
    """Draw the divergence frontier: KL(Q‖R) along x, KL(P‖R) along y, R a mixture of P and Q.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> (line,) = draw_frontier(Figure().subplots(), ([0.5, 0.5], [0.25, 0.75])).lines
    >>> float(line.get_ydata()[-1])  # where R = P
    0.0
    """
    ax.set(xlabel="KL(Q‖R), spurious (nats)", ylabel="KL(P‖R), missed (nats)")
    return _draw(ax, region, _frontier_points, kwargs)


def _frontier_points(region: Region) -> FloatArray:
    missed, spurious = frontier(region)
    finite = np.isfinite(missed) & np.isfinite(spurious)
    return np.column_stack([spurious[finite], missed[finite]])


def draw_mauve(
    ax: Axes, region: PairLike | RegionBracket, *, scale: float = MAUVE_SCALE, **kwargs: Any
) -> CurveArtists:
    """Draw the curve that MAUVE is the area under: the frontier with each divergence D as exp(−c·D).

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    region : Region, pair (p, q), or RegionBracket
        With two regions the band between their curves is drawn.
    scale : float, default 5
        The constant c > 0.
    **kwargs
        Properties of the lines, as in `Axes.plot`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> (line,) = draw_mauve(Figure().subplots(), ([0.5, 0.5], [0, 1])).lines
    >>> line.get_xydata()[0].tolist(), line.get_xydata()[-1].tolist()
    ([1.0, 0.0], [0.03125, 1.0])
    """
    scale = validation.positive("scale", scale)

    def points(side: Region) -> FloatArray:
        missed, spurious = frontier(side)
        return np.exp(-scale * np.column_stack([spurious, missed]))

    ax.set(xlabel="exp(−c·KL(Q‖R))", ylabel="exp(−c·KL(P‖R))", **UNIT_SQUARE)
    return _draw(ax, region, points, kwargs)


def _draw(
    ax: Axes,
    region: PairLike | RegionBracket,
    points: Callable[[Region], FloatArray],
    style: dict[str, Any],
) -> CurveArtists:
    """The line of a region, or two lines in one colour with the area between them."""
    sides: Sequence[Region] = region if isinstance(region, RegionBracket) else [as_region(region)]
    lines = [points(side) for side in sides]
    drawn: list[Line2D] = []
    for line in lines:
        look = {**style, "color": drawn[0].get_color(), "label": "_nolegend_"} if drawn else style
        drawn += ax.plot(*line.T, **look)
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
