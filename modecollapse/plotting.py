"""Pictures of regions, pairs, packed curves and bands, drawn on an Axes of the caller.

Every function draws on an Axes and returns the artists it added. None shows or saves a figure, and none
changes matplotlib's global state. Further keyword arguments go to the lines or bars, so that the caller
chooses colour, line style and label. Only this module and `modecollapse.curves.drawing` import matplotlib.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, overload

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection
from matplotlib.colors import to_rgb
from matplotlib.container import BarContainer
from matplotlib.lines import Line2D
from matplotlib.patches import Polygon, StepPatch
from matplotlib.ticker import MaxNLocator
from matplotlib.typing import ColorType
from numpy.typing import ArrayLike

from modecollapse import alignment, validation
from modecollapse.arrays import BoolArray, FloatArray, IntArray, Masses
from modecollapse.packing import pack, packed_overlap, packed_tv
from modecollapse.region import TOLERANCE, PairLike, RegionBracket, as_region

if TYPE_CHECKING:
    from modecollapse.theorems.band import ArrayBand, ScalarBand

STYLE = Path(__file__).with_name("paper.mplstyle")
"""The style sheet of the project's figures, for `matplotlib.style.context`."""

_DIAGONAL = "region-plane-diagonal"
"""Group id of the diagonal, by which an Axes is recognised as a region plane."""

_PALEST = 0.5
"""Share of white in the colour of the greatest packing degree."""

_POINT_SIZE = 4.5
"""Size of the points that mark the ends of a band, in points of print."""

_THIN = 0.9
"""Line width of an outer boundary, in points of print."""

_LINESTYLES = ("-", (0, (5, 1.6)), (0, (1, 1.2)), (0, (6, 1.5, 1, 1.5)))


ORDINATES = {
    "tv": "total variation of $m$ samples",
    "js": "Jensen–Shannon divergence of $m$ samples",
    "kl": "KL(P‖Q) of $m$ samples",
    "reverse_kl": "KL(Q‖P) of $m$ samples",
    "hellinger": "squared Hellinger distance of $m$ samples",
    "chi2": "χ² divergence of $m$ samples",
    "hockey_stick": "hockey-stick divergence of $m$ samples",
    "renyi": "Rényi divergence of $m$ samples",
}
"""Labels of the ordinate, by the name of what is measured."""


class RegionArtists(NamedTuple):
    """Artists of a region: its upper boundary, and the area between boundary and diagonal."""

    boundary: Line2D
    area: Polygon


class BracketArtists(NamedTuple):
    """Artists of two regions with one between them: those of the inner region, and those of the outer."""

    inner: RegionArtists
    outer: RegionArtists


class TangentArtists(NamedTuple):
    """Artists of a tangent of slope one: the line, and the vertices it touches."""

    line: Line2D
    points: PathCollection


class BandArtists(NamedTuple):
    """Artists of a band: the area, its two edges, and the points of its ends that tell max from sup."""

    area: PolyCollection
    lower: Line2D
    upper: Line2D
    attained: Line2D | None
    approached: Line2D | None


def frame_region_plane(ax: Axes) -> None:
    """Make an Axes the region plane: the unit square in equal scales, with its diagonal and axis labels.

    `draw_region` and `draw_tangent` call this function. Only its first call on an Axes has an effect, so that
    limits and labels that are set afterwards stay.

    Parameters
    ----------
    ax : Axes
        The panel to prepare.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> frame_region_plane(ax)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('ε (Q-mass)', 'δ (P-mass)')
    """
    if any(line.get_gid() == _DIAGONAL for line in ax.lines):
        return
    ax.plot([0, 1], [0, 1], color="0.6", linewidth=0.6, zorder=1.2, gid=_DIAGONAL)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal", xlabel="ε (Q-mass)", ylabel="δ (P-mass)")


@overload
def draw_region(ax: Axes, region: PairLike, *, fill_alpha: float = ..., **kwargs: Any) -> RegionArtists: ...
@overload
def draw_region(
    ax: Axes, region: RegionBracket, *, fill_alpha: float = ..., **kwargs: Any
) -> BracketArtists: ...
def draw_region(
    ax: Axes, region: PairLike | RegionBracket, *, fill_alpha: float = 0.15, **kwargs: Any
) -> RegionArtists | BracketArtists:
    """Draw a mode-collapse region in the (ε, δ) plane: its boundary, and the area down to the diagonal.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    region : Region, pair (p, q) or RegionBracket
        The region, or two regions with it between them, such as a confidence band. Of these the inner is
        drawn as a region is, and the outer with a thin dashed boundary.
    fill_alpha : float, default 0.15
        Opacity of the area, which has the colour of the boundary; 0 leaves it empty.
    **kwargs
        Properties of the boundary, as in `Axes.plot`. A ``zorder`` also applies to the area.

    Returns
    -------
    RegionArtists or BracketArtists
        The ``boundary`` through `Region.vertices`, and the ``area``; both of these for the ``inner`` and the
        ``outer`` region of two.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from modecollapse import Region
    >>> ax = Figure().subplots()
    >>> artists = draw_region(ax, Region.from_pmfs([0.2, 0.8], [0, 1]), label="R(P, Q)")
    >>> artists.boundary.get_xydata().tolist()
    [[0.0, 0.0], [0.0, 0.2], [1.0, 1.0]]

    A confidence band from samples:

    >>> from modecollapse import samples
    >>> found = samples.diagnose(samples.from_counts([500, 500], [800, 200]))
    >>> artists = draw_region(ax, found.confidence_band, label="certain")
    >>> artists.outer.boundary.get_linestyle()
    '--'
    """
    if isinstance(region, RegionBracket):
        inner = draw_region(ax, region.inner, fill_alpha=fill_alpha, **kwargs)
        colour = inner.boundary.get_color()
        thin = {"linewidth": _THIN, "linestyle": "--", "zorder": inner.boundary.get_zorder()}
        outer = draw_region(
            ax, region.outer, fill_alpha=fill_alpha / 2, **{**kwargs, **thin, "color": colour, "label": None}
        )
        return BracketArtists(inner, outer)
    region = as_region(region)
    frame_region_plane(ax)
    # without clip_on the frame would hide half of a boundary at ε = 0 or δ = 1
    (boundary,) = ax.plot(*region.vertices.T, **{"clip_on": False, **kwargs})
    area = Polygon(
        region.vertices,
        closed=True,
        facecolor=boundary.get_color(),
        edgecolor="none",
        linewidth=0,
        alpha=fill_alpha,
        zorder=kwargs.get("zorder", 1),
    )
    ax.add_patch(area)
    return RegionArtists(boundary, area)


def draw_regions(
    ax: Axes,
    region: PairLike,
    m: ArrayLike,
    *,
    color: ColorType | None = None,
    fill_alpha: float = 0.08,
    **kwargs: Any,
) -> list[RegionArtists]:
    """Draw the nested regions of (P^m, Q^m), lighter as m grows.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    region : Region or pair (p, q)
        The region at m = 1.
    m : int or array_like of int
        Packing degrees ≥ 1.
    color : ColorType, optional
        Colour of the smallest degree; the others are mixed with white. Default: the Axes' next colour.
    fill_alpha : float, default 0.08
        Opacity of each area. The areas lie over one another.
    **kwargs
        Properties of each boundary, as in `Axes.plot`. A ``label`` may use ``{m}``; by default it is
        "$m = {m}$".

    Returns
    -------
    list of RegionArtists
        One for each entry of `m`, in its order.

    Raises
    ------
    ValueError
        If an m is not an integer ≥ 1, or has too many types to enumerate; see `modecollapse.pack`.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from modecollapse import Region
    >>> ax = Figure().subplots()
    >>> drawn = draw_regions(ax, Region.from_pmfs([0.2, 0.8], [0, 1]), [1, 2, 3])
    >>> [artists.boundary.get_label() for artists in drawn]
    ['$m = 1$', '$m = 2$', '$m = 3$']
    """
    degrees = np.atleast_1d(validation.degrees(m)).ravel()
    base = np.array(to_rgb(_next_color(ax) if color is None else color))
    label = kwargs.pop("label", "$m = {m}$")
    # shades go by rank and not by size: those of m = 1, 2, 10 are evenly spaced
    rank = np.unique(degrees, return_inverse=True)[1]
    white = _PALEST * rank / max(rank.max(), 1)
    return [
        draw_region(
            ax,
            pack(region, int(degree)),
            fill_alpha=fill_alpha,
            **{"color": tuple(base + (1 - base) * share), "label": label.format(m=degree), **kwargs},
        )
        for degree, share in zip(degrees, white, strict=True)
    ]


def draw_tangent(ax: Axes, region: PairLike, **kwargs: Any) -> TangentArtists:
    """Draw the tangent of slope one, δ = ε + d_TV(P, Q), and the points where it touches (Remark 7).

    Its intercept at ε = 0 is the total variation.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    region : Region or pair (p, q)
        The region.
    **kwargs
        Properties of the line, as in `Axes.plot`. The points take its colour.

    Returns
    -------
    TangentArtists
        The ``line`` from (0, τ) to (1−τ, 1), and the ``points``: the vertices on it.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from modecollapse import Region
    >>> ax = Figure().subplots()
    >>> tangent = draw_tangent(ax, Region.from_pmfs([0.5, 0.5], [0.25, 0.75]))
    >>> tangent.line.get_xydata().tolist(), tangent.points.get_offsets().tolist()
    ([[0.0, 0.25], [0.75, 1.0]], [[0.25, 0.5]])
    """
    region = as_region(region)
    frame_region_plane(ax)
    tau = region.total_variation
    style = {"color": "0.25", "linewidth": 0.8, "linestyle": (0, (1, 1.5)), "zorder": 3}
    (line,) = ax.plot([0, 1 - tau], [tau, 1], **{**style, **kwargs})
    x, y = region.vertices.T
    touching = np.abs(y - x - tau) <= TOLERANCE
    points = ax.scatter(
        x[touching], y[touching], s=12, color=line.get_color(), zorder=line.get_zorder() + 1, clip_on=False
    )
    return TangentArtists(line, points)


def draw_pair(
    ax: Axes,
    p: Masses,
    q: Masses,
    *,
    labels: tuple[str, str] = ("P", "Q"),
    colors: tuple[ColorType, ColorType] = ("0.2", "0.7"),
    width: float = 0.38,
    **kwargs: Any,
) -> tuple[BarContainer, BarContainer]:
    """Draw two pmfs as bars, side by side at each letter.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    p, q : array_like, shape (k,), or mapping of label to float
        Pmfs on the same letters, for instance ``*region.pair``. Labels are aligned, and name the letters.
    labels : pair of str, default ("P", "Q")
        Labels of the bars of P, and of those of Q.
    colors : pair of ColorType, default ("0.2", "0.7")
        Colours of the bars of P, and of those of Q.
    width : float, default 0.38
        Width of one bar, where the distance of letters is 1.
    **kwargs
        Properties of both sets of bars, as in `Axes.bar`.

    Returns
    -------
    tuple of two BarContainer
        The bars of P, and those of Q.

    Raises
    ------
    ValueError
        If p or q is not a pmf, or their lengths differ.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> of_p, of_q = draw_pair(ax, [0.2, 0.8], [0, 1])
    >>> [float(bar.get_height()) for bar in of_p]
    [0.2, 0.8]
    """
    names, aligned = alignment.aligned(("p", "q"), (p, q))
    masses = validation.pmf("p", aligned[0]), validation.pmf("q", aligned[1])
    validation.same_length("p and q", *masses)
    letters = np.arange(1, len(masses[0]) + 1)
    of_p, of_q = (
        ax.bar(letters + side * width / 2, mass, width, **{"label": label, "color": color, **kwargs})
        for side, mass, label, color in zip((-1, 1), masses, labels, colors, strict=True)
    )
    ax.set(xlabel="letter", ylabel="mass")
    ax.set_xticks(letters, labels=None if names is None else [str(name) for name in names])
    return of_p, of_q


def draw_densities(
    ax: Axes,
    edges: ArrayLike,
    *heights: ArrayLike,
    labels: Sequence[str] = ("P", "Q"),
    colors: Sequence[ColorType] | None = None,
    **kwargs: Any,
) -> list[StepPatch]:
    """Draw piecewise constant densities on common cells as steps.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    edges : array_like, shape (k+1,)
        Ends of the cells.
    *heights : array_like, shape (k,)
        One or more densities, by their heights on the cells.
    labels : sequence of str, default ("P", "Q")
        Labels of the densities. Densities beyond its length have none.
    colors : sequence of ColorType, optional
        At least one colour for each density. Default: the Axes' next colours.
    **kwargs
        Properties of all steps, as in `Axes.stairs`. By default line styles differ.

    Returns
    -------
    list of StepPatch
        One for each density.

    Raises
    ------
    ValueError
        If the heights of a density are not one a cell, or colors are fewer than the densities.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> of_p, of_q = draw_densities(ax, [0, 0.5, 1], [1, 1], [0.6, 1.4])
    >>> of_q.get_data().values.tolist()
    [0.6, 1.4]
    """
    ends = validation.real_array("edges", edges)
    values = [validation.real_array("heights", h) for h in heights]
    for h in values:
        if h.shape != (len(ends) - 1,):
            raise ValueError(f"a density on {len(ends) - 1} cells has as many heights, got shape {h.shape}")
    if colors is None:
        colors = [_next_color(ax) for _ in values]
    if len(colors) < len(values):
        raise ValueError(f"{len(values)} densities need as many colors, got {len(colors)}")
    padded = [*labels, *["_nolegend_"] * len(values)]
    steps = [
        ax.stairs(
            h,
            ends,
            **{
                "color": colors[i],
                "label": padded[i],
                "linestyle": _LINESTYLES[i % len(_LINESTYLES)],
                **kwargs,
            },
        )
        for i, h in enumerate(values)
    ]
    ax.set(xlim=(ends[0], ends[-1]), ylabel="density")
    ax.set_ylim(bottom=0)
    return steps


def draw_band(ax: Axes, band: ScalarBand | ArrayBand, **kwargs: Any) -> BandArtists:
    """Draw a band, the range of a packed divergence over a class of pairs, against the packing degree.

    A filled point marks an end that a pair attains (a minimum or a maximum), and a hollow point one that is
    only approached (an infimum or a supremum).

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    band : Band
        From `band`, `tv_band` or `jensen_shannon_band`.
    **kwargs
        As for `draw_range`: ``color``, ``label``, ``fill_alpha``, ``hatch``, and properties of both edges.

    Returns
    -------
    BandArtists
        As for `draw_range`.

    Raises
    ------
    ValueError
        If it is no band, or an end is infinite, as those of Kullback–Leibler divergences often are.

    Examples
    --------
    >>> import modecollapse as mc
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> drawn = draw_band(ax, mc.tv_band(0.11, [1, 2, 3]), label="all pairs")
    >>> drawn.upper.get_ydata().round(4).tolist(), drawn.approached is None
    ([0.11, 0.2079, 0.295], True)
    """
    from modecollapse.theorems.band import Band

    validation.instance("band", band, Band, "write tv_band(tau, m) or band(PairClass(…), m)")
    for degree, end in zip(np.ravel(band.m), np.ravel(band.upper), strict=True):
        if np.isinf(end):
            raise ValueError(f"a band must be finite to be drawn, got an infinite end at m = {degree}")
    ax.set_ylabel(ax.get_ylabel() or ORDINATES[band.divergence])
    return draw_range(
        ax,
        np.ravel(band.m),
        np.ravel(band.lower),
        np.ravel(band.upper),
        lower_attained=np.ravel(band.lower_attained),
        upper_attained=np.ravel(band.upper_attained),
        **kwargs,
    )


def draw_range(
    ax: Axes,
    m: ArrayLike,
    lower: ArrayLike,
    upper: ArrayLike,
    *,
    lower_attained: ArrayLike | None = None,
    upper_attained: ArrayLike | None = None,
    fill_alpha: float = 0.3,
    label: str | None = None,
    hatch: str | None = None,
    **kwargs: Any,
) -> BandArtists:
    """Draw a range given by its two ends, against the packing degree.

    `draw_band` is the short form for a `Band`.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    m : array_like of int, shape (n,)
        Packing degrees, rising.
    lower, upper : array_like, shape (n,)
        Ends of the range at each degree.
    lower_attained, upper_attained : array_like of bool, shape (n,), optional
        Whether a pair of the class attains the end, as in `Band`. Where this is given, a filled point marks
        an end that is attained (a minimum or a maximum), and a hollow point one that is only approached (an
        infimum or a supremum). By default no end is marked.
    fill_alpha : float, default 0.3
        Opacity of the area, which has the colour of the edges; 0 leaves it empty.
    label : str, optional
        Label of the area in a legend.
    hatch : str, optional
        Hatching of the area, for instance ``"///"``.
    **kwargs
        Properties of both edges, as in `Axes.plot`.

    Returns
    -------
    BandArtists
        The ``area``, its edges ``lower`` and ``upper``, and the points of ends that are ``attained`` and
        ``approached``; these are None where there are none.

    Raises
    ------
    ValueError
        If the arrays differ in length, or an m is not an integer ≥ 1.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> band = draw_range(ax, [1, 2, 3], [0.11, 0.11, 0.15], [0.11, 0.21, 0.3], color="black")
    >>> band.upper.get_ydata().tolist()
    [0.11, 0.21, 0.3]
    """
    degrees = np.atleast_1d(validation.degrees(m))
    ends = [np.atleast_1d(validation.real_array(n, v)) for n, v in (("lower", lower), ("upper", upper))]
    flags = [
        None if given is None else np.atleast_1d(np.asarray(given, dtype=bool))
        for given in (lower_attained, upper_attained)
    ]
    names = ("lower", "upper", "lower_attained", "upper_attained")
    for name, values in zip(names, [*ends, *flags], strict=True):
        if values is not None and values.shape != degrees.shape:
            raise ValueError(f"{name} must have the shape of m, {degrees.shape}, got {values.shape}")
    (below,) = ax.plot(degrees, ends[0], **kwargs)
    (above,) = ax.plot(degrees, ends[1], **{**kwargs, "color": below.get_color()})
    area = ax.fill_between(
        degrees,
        ends[0],
        ends[1],
        facecolor=below.get_color() if fill_alpha else "none",
        edgecolor=below.get_color() if hatch else "none",
        alpha=fill_alpha or None,
        hatch=hatch,
        linewidth=0,
        label=label,
        zorder=kwargs.get("zorder", 1),
    )
    known = [(end, flag) for end, flag in zip(ends, flags, strict=True) if flag is not None]
    attained = _points(ax, degrees, known, True, below)
    approached = _points(ax, degrees, known, False, below)
    label_degrees(ax, ORDINATES["tv"])
    return BandArtists(area, below, above, attained, approached)


def _points(
    ax: Axes,
    degrees: IntArray,
    ends: Sequence[tuple[FloatArray, BoolArray]],
    attained: bool,
    like: Line2D,
) -> Line2D | None:
    """Mark the ends that are attained, or those that are not, in the colour of a line."""
    chosen = [(degrees[flag == attained], end[flag == attained]) for end, flag in ends]
    x, y = (np.concatenate([np.empty(0), *(pair[axis] for pair in chosen)]) for axis in (0, 1))
    if not len(x):
        return None
    (points,) = ax.plot(
        x,
        y,
        linestyle="none",
        marker="o",
        markersize=_POINT_SIZE,
        color=like.get_color(),
        markerfacecolor=like.get_color() if attained else "white",
        zorder=like.get_zorder() + 1,
    )
    return points


@overload
def draw_packed_tv(ax: Axes, region: RegionBracket, m: ArrayLike, **kwargs: Any) -> BandArtists: ...
@overload
def draw_packed_tv(ax: Axes, region: PairLike, m: ArrayLike, **kwargs: Any) -> Line2D: ...
def draw_packed_tv(
    ax: Axes, region: PairLike | RegionBracket, m: ArrayLike, **kwargs: Any
) -> Line2D | BandArtists:
    """Draw the total variation d_TV(P^m, Q^m) against the packing degree.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    region : Region, pair (p, q) of array_like, or RegionBracket
        The pair, or two regions with its region between them.
    m : array_like of int
        Packing degrees, rising.
    **kwargs
        Properties of the curve, as in `Axes.plot`; for two regions as for `draw_range`.

    Returns
    -------
    Line2D or BandArtists
        The curve; for two regions the area between their curves.

    Raises
    ------
    ValueError
        If the pair is invalid, or an m is not an integer ≥ 1.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> ax = Figure().subplots()
    >>> curve = draw_packed_tv(ax, ([0.2, 0.8], [0, 1]), [1, 2, 3])
    >>> curve.get_ydata().round(12).tolist()
    [0.2, 0.36, 0.488]
    """
    degrees = np.atleast_1d(validation.degrees(m))
    if isinstance(region, RegionBracket):
        lower, upper = (packed_tv(side, degrees) for side in region)
        return draw_range(ax, degrees, np.minimum(lower, upper), upper, **kwargs)
    (curve,) = ax.plot(degrees, packed_tv(as_region(region), degrees), **kwargs)
    label_degrees(ax, ORDINATES["tv"])
    return curve


def draw_overlap(ax: Axes, region: PairLike, m: ArrayLike, **kwargs: Any) -> Line2D:
    """Draw the overlap 1 − d_TV(P^m, Q^m) against m, on a logarithmic axis.

    The curve approaches a straight line. Its slope is minus the Chernoff information.

    Parameters
    ----------
    ax : Axes
        The panel to draw on.
    region : Region or pair (p, q)
        The region of the pair (P, Q).
    m : array_like of int
        Packing degrees, rising.
    **kwargs
        Properties of the curve, as in `Axes.plot`.

    Returns
    -------
    Line2D
        The curve. Degrees at which the overlap underflows (below 1e-308) have no point on it.

    Raises
    ------
    ValueError
        If an m is not an integer ≥ 1.

    Examples
    --------
    >>> from matplotlib.figure import Figure
    >>> from modecollapse import Region
    >>> ax = Figure().subplots()
    >>> curve = draw_overlap(ax, Region.from_pmfs([0.5, 0.5], [0, 1]), [1, 2, 3])
    >>> curve.get_ydata().round(12).tolist()
    [0.5, 0.25, 0.125]
    """
    degrees = np.atleast_1d(validation.degrees(m))
    overlap = packed_overlap(region, degrees)
    (curve,) = ax.plot(degrees, np.where(overlap > 0, overlap, np.nan), **kwargs)
    ax.set_yscale("log")
    label_degrees(ax, "overlap of $m$ samples")
    return curve


def label_degrees(ax: Axes, quantity: str) -> None:
    """Label the axes of a curve over m, unless they have labels, and put ticks at integers only."""
    ax.set_xlabel(ax.get_xlabel() or "packing degree $m$")
    ax.set_ylabel(ax.get_ylabel() or quantity)
    ax.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))


def _next_color(ax: Axes) -> ColorType:
    """Take the next colour from the cycle of an Axes."""
    (line,) = ax.plot([], [])
    color: ColorType = line.get_color()
    line.remove()
    return color
