"""Regions and ranges as small SVGs, for notebooks: numbers in, text out, no plotting library.

The colours stand out from a white and from a black page, since a notebook may have either.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

import numpy as np
from numpy.typing import ArrayLike

from modecollapse.arrays import FloatArray
from modecollapse.thinning import thinned

SIDE = 180
"""Side of the unit square, in pixels."""

LEFT, TOP, RIGHT, BOTTOM = 26, 8, 14, 32
"""Room around the square for its captions, in pixels."""

WIDTH, HEIGHT = 240, 180
"""Width and height of the panel of a range, in pixels."""

MARGIN = 52
"""Room beside that panel for the values at its ordinate, in pixels."""

ROW = 20
"""Height of an interval, in pixels."""

NAME_LENGTH, NAME_ROOM = 14, 96
"""Letters of the name of an interval, at most, and the room beside the intervals for it, in pixels."""

DOT = 2.5
"""Radius of the point of a range at a single degree, in pixels."""


def region_svg(vertices: FloatArray, total_variation: float) -> str:
    """Draw a region in the (ε, δ) plane: its area, boundary, diagonal and tangent of slope one.

    Parameters
    ----------
    vertices : ndarray, shape (n+1, 2)
        Corners of the upper boundary from (0, 0) to (1, 1), as in `Region.vertices`.
    total_variation : float
        Total variation in [0, 1]: the intercept of the tangent (docs/theory.md §1).

    Returns
    -------
    str
        A complete SVG element of 220 by 220 pixels. No pixel has more than one corner, so that the text has
        at most some 10 kB for any number of letters.

    Examples
    --------
    >>> picture = region_svg(np.array([[0, 0], [0, 0.2], [1, 1]]), 0.2)
    >>> "<title>Mode-collapse region, total variation 0.2</title>" in picture
    True
    >>> "M26 188L26 152L206 8" in picture
    True
    """
    boundary = _boundary(vertices)
    tangent = _path(_pixels(np.array([[0, total_variation], [1 - total_variation, 1]])))
    distance = f"{total_variation:.6g}"
    return _plane(
        f"Mode-collapse region, total variation {distance}",
        f"""\
<path d="{boundary}Z" fill="#4a8fd0" fill-opacity="0.3"/>
{_FRAME}
<path d="{tangent}" stroke="#c8701a" stroke-dasharray="2 2"/>
<path d="{boundary}" stroke="#3a80c4" stroke-width="1.6" stroke-linejoin="bevel"/>""",
        f" = {distance}",
    )


def bracket_svg(
    inner: Sequence[FloatArray], outer: Sequence[FloatArray], ends: tuple[float, float], title: str
) -> str:
    """Draw regions at two ends: filled at the lower end, dashed at the upper one.

    Parameters
    ----------
    inner, outer : sequence of ndarray, shape (n+1, 2)
        Corners of the upper boundaries at each end, as in `Region.vertices`.
    ends : (float, float)
        The two total variations.
    title : str
        Says what the regions are; the ends are added.

    Returns
    -------
    str
        A complete SVG element of 220 by 220 pixels.

    Examples
    --------
    >>> ends = [np.array([[0, 0], [0, 0.2], [1, 1]])], [np.array([[0, 0], [0, 0.3], [1, 1]])]
    >>> "<title>Two regions, total variation from 0.2 to 0.3" in bracket_svg(*ends, (0.2, 0.3), "Two regions")
    True
    """
    within, around = ([_boundary(corners) for corners in regions] for regions in (inner, outer))
    lower, upper = (f"{end:.3g}" for end in ends)
    return _plane(
        f"{title}, total variation from {lower} to {upper}",
        f"""\
<path d="{_area(around)}" fill="#4a8fd0" fill-opacity="0.12"/>
<path d="{_area(within)}" fill="#4a8fd0" fill-opacity="0.3"/>
{_FRAME}
<path d="{"".join(around)}" stroke="#3a80c4" stroke-dasharray="4 2" stroke-linejoin="bevel"/>
<path d="{"".join(within)}" stroke="#3a80c4" stroke-width="1.6" stroke-linejoin="bevel"/>""",
        f" in [{lower}, {upper}]",
    )


def degrees_svg(m: ArrayLike, separating: ArrayLike, undecided: ArrayLike) -> str:
    """Draw degrees on a line: those that separate two classes, those not decided, and the others.

    Parameters
    ----------
    m : array_like of int, shape (n,)
        All degrees, at least one.
    separating, undecided : array_like of int
        Those of either kind.

    Returns
    -------
    str
        A complete SVG element of 306 by 68 pixels. No pixel has more than one dot of a kind.

    Examples
    --------
    >>> picture = degrees_svg([1, 2, 3, 4], [3, 4], [2])
    >>> "<title>m from 1 to 4: 2 separate, 1 undecided, 1 not separated</title>" in picture
    True
    """
    every = np.unique(np.asarray(m, dtype=np.float64))
    yes, unknown = (np.unique(np.asarray(some, dtype=np.float64)) for some in (separating, undecided))
    no = np.setdiff1d(every, np.concatenate([yes, unknown]))
    first, last = float(every[0]), float(every[-1])
    left, y = ROW, TOP + ROW / 2

    def dots(degrees: FloatArray) -> str:
        share = (degrees - first) / (last - first) if last > first else np.full(len(degrees), 0.5)
        return "".join(f"M{x:g} {y:g}h0" for x in np.unique(np.round(left + (WIDTH + ROW) * share)))

    kinds = (
        ("separate", yes, "#3a80c4", 7),
        ("undecided", unknown, "#c8701a", 7),
        ("not separated", no, "#777", 3),
    )
    counts = ", ".join(f"{len(degrees)} {word}" for word, degrees, *_ in kinds)
    drawn = "\n".join(
        f'<path d="{dots(degrees)}" stroke="{colour}" stroke-width="{width}" stroke-linecap="round"/>'
        for _, degrees, colour, width in reversed(kinds)
        if len(degrees)
    )
    key = "".join(
        f'<tspan fill="{colour}">● </tspan><tspan>{word}  </tspan>'
        for word, degrees, colour, _ in kinds
        if len(degrees)
    )
    right = left + WIDTH + ROW
    return f"""\
{_opening(right + RIGHT + 12, 68)}
<title>m from {first:g} to {last:g}: {counts}</title>
{drawn}
<g fill="#777">
<text x="{left}" y="{y + 20:g}" text-anchor="middle">{first:g}</text>
<text x="{right}" y="{y + 20:g}" text-anchor="middle">{last:g}</text>
<text x="{(left + right) / 2:g}" y="{y + 20:g}" text-anchor="middle">packing degree m</text>
<text x="{left - 3}" y="{y + 42:g}" xml:space="preserve">{key}</text>
</g>
</svg>"""


def range_svg(m: ArrayLike, lower: ArrayLike, upper: ArrayLike, quantity: str) -> str:
    """Draw a range against the packing degree.

    Parameters
    ----------
    m : array_like of int, shape (n,)
        Degrees, rising.
    lower, upper : array_like, shape (n,)
        Finite ends of the range.
    quantity : str
        The label of the ordinate.

    Returns
    -------
    str
        A complete SVG element of 306 by 220 pixels.

    Examples
    --------
    >>> picture = range_svg([1, 2], [0.11, 0.11], [0.11, 0.2079], "total variation")
    >>> "<title>total variation at m from 1 to 2, between 0.11 and 0.2079</title>" in picture
    True
    """
    x, below, above = (np.asarray(values, dtype=np.float64) for values in (m, lower, upper))
    least, greatest = float(below.min()), float(above.max())
    places = WIDTH * (x - x[0]) / (x[-1] - x[0] or 1) + (0 if x[-1] > x[0] else WIDTH / 2)
    edges = [
        np.column_stack([MARGIN + places, TOP + HEIGHT * (greatest - end) / (greatest - least or 1)])
        for end in (below, above)
    ]
    first, last = f"{x[0]:g}", f"{x[-1]:g}"
    degrees = f"m = {first}" if first == last else f"m from {first} to {last}"
    area = f"{_path(np.vstack([edges[0], edges[1][::-1]]))}Z"
    drawn = edges if first != last else [np.vstack(edges)]  # at a single degree the line between its ends
    lines = "".join(f'<path d="{_path(edge)}"/>' for edge in drawn)
    dots = "".join(f'<circle cx="{a:.2f}" cy="{b:.2f}" r="{DOT}"/>' for edge in edges for a, b in edge[:1])
    right, bottom, height = MARGIN + WIDTH, TOP + HEIGHT, TOP + HEIGHT + BOTTOM
    ticks = f"""\
<text x="{MARGIN + places[0]:g}" y="{bottom + 13}" text-anchor="middle">{first}</text>
<text x="{MARGIN + places[-1]:g}" y="{bottom + 13}" text-anchor="middle">{last}</text>"""
    return f"""\
{_opening(right + RIGHT, height)}
<title>{escape(quantity)} at {degrees}, between {least:.6g} and {greatest:.6g}</title>
<path d="{area}" fill="#4a8fd0" fill-opacity="0.3"/>
<path d="M{MARGIN} {TOP}V{bottom}H{right}" stroke="#777" stroke-width="0.7"/>
<g stroke="#3a80c4" stroke-width="1.6" stroke-linejoin="bevel">{lines}</g>
<g fill="#3a80c4">{dots if first == last else ""}</g>
<g fill="#777">
{ticks}
<text x="{MARGIN + WIDTH / 2:g}" y="{height - 6}" text-anchor="middle">packing degree m</text>
<text x="{MARGIN - 4}" y="{TOP + 8}" text-anchor="end">{greatest:.4g}</text>
<text x="{MARGIN - 4}" y="{bottom}" text-anchor="end">{least:.4g}</text>
<g transform="translate(12 {TOP + HEIGHT / 2:g}) rotate(-90)">
<text text-anchor="middle">{escape(quantity)}</text>
</g>
</g>
</svg>"""


def curves_svg(curves: Sequence[FloatArray], x_name: str, y_name: str) -> str:
    """Draw curves in one quadrant of the plane: the first as a line, others dashed.

    Parameters
    ----------
    curves : sequence of ndarray, shape (n, 2)
        Points with coordinates ≥ 0; those that are not finite are left out.
    x_name, y_name : str
        The labels of the axes.

    Returns
    -------
    str
        A complete SVG element of 306 by 220 pixels.

    Examples
    --------
    >>> picture = curves_svg([np.array([[0, 1], [0.5, 0.5]])], "recall", "precision")
    >>> "<title>precision, up to 1, against recall, up to 0.5</title>" in picture
    True
    """
    finite = [points[np.isfinite(points).all(axis=1)] for points in curves]
    x_most, y_most = (float(most) or 1.0 for most in np.vstack(finite).max(axis=0))
    right, bottom, height = MARGIN + WIDTH, TOP + HEIGHT, TOP + HEIGHT + BOTTOM
    scale = np.array([WIDTH / x_most, -HEIGHT / y_most])
    drawn = [_path(thinned(np.array([MARGIN, bottom]) + scale * points)) for points in finite if len(points)]
    dashes = ["", *[' stroke-dasharray="4 2"'] * (len(drawn) - 1)]
    lines = "".join(f'<path d="{path}"{dash}/>' for path, dash in zip(drawn, dashes, strict=True))
    return f"""\
{_opening(right + RIGHT, height)}
<title>{escape(y_name)}, up to {y_most:.6g}, against {escape(x_name)}, up to {x_most:.6g}</title>
<path d="M{MARGIN} {TOP}V{bottom}H{right}" stroke="#777" stroke-width="0.7"/>
<g stroke="#3a80c4" stroke-width="1.6" stroke-linejoin="bevel">{lines}</g>
<g fill="#777">
<text x="{MARGIN}" y="{bottom + 13}" text-anchor="middle">0</text>
<text x="{right}" y="{bottom + 13}" text-anchor="end">{x_most:.4g}</text>
<text x="{MARGIN + WIDTH / 2:g}" y="{height - 6}" text-anchor="middle">{escape(x_name)}</text>
<text x="{MARGIN - 4}" y="{TOP + 8}" text-anchor="end">{y_most:.4g}</text>
<text x="{MARGIN - 4}" y="{bottom}" text-anchor="end">0</text>
<g transform="translate(12 {TOP + HEIGHT / 2:g}) rotate(-90)">
<text text-anchor="middle">{escape(y_name)}</text>
</g>
</g>
</svg>"""


def intervals_svg(
    names: Sequence[str], values: ArrayLike, lower: ArrayLike, upper: ArrayLike, quantity: str
) -> str:
    """Draw estimates with their intervals, one below the other, on an axis from 0 to 1.

    Parameters
    ----------
    names : sequence of str
        What is estimated; a long name is cut.
    values, lower, upper : array_like, shape (n,)
        Estimates and the ends of their intervals, in [0, 1].
    quantity : str
        The label of the axis.

    Returns
    -------
    str
        A complete SVG element of 350 pixels' width.

    Examples
    --------
    >>> picture = intervals_svg(["old", "new"], [0.3, 0.1], [0.2, 0], [0.4, 0.2], "total variation")
    >>> picture.count("<circle"), "<title>old: 0.3 in [0.2, 0.4]</title>" in picture
    (2, True)
    """
    ends = zip(names, *(np.asarray(each).tolist() for each in (values, lower, upper)), strict=True)
    left, bottom = NAME_ROOM, TOP + ROW * len(names)
    rows = []
    for place, (name, value, low, high) in enumerate(ends):
        y = TOP + ROW * (place + 0.5)
        shown = name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…"
        start, dot, stop = (left + WIDTH * x for x in (low, value, high))
        rows.append(
            f"""\
<g><title>{escape(name)}: {value:.3g} in [{low:.3g}, {high:.3g}]</title>
<text x="{left - 8}" y="{y + 4:g}" text-anchor="end" fill="#777">{escape(shown)}</text>
<path d="M{start:.2f} {y:g}H{stop:.2f}" stroke="#3a80c4" stroke-width="2"/>
<circle cx="{dot:.2f}" cy="{y:g}" r="3" fill="#3a80c4"/></g>"""
        )
    drawn = "\n".join(rows)
    return f"""\
{_opening(left + WIDTH + RIGHT, bottom + BOTTOM)}
<path d="M{left} {TOP}V{bottom}H{left + WIDTH}" stroke="#777" stroke-width="0.7"/>
{drawn}
<g fill="#777">
<text x="{left}" y="{bottom + 13}" text-anchor="middle">0</text>
<text x="{left + WIDTH}" y="{bottom + 13}" text-anchor="middle">1</text>
<text x="{left + WIDTH / 2:g}" y="{bottom + BOTTOM - 6}" text-anchor="middle">{escape(quantity)}</text>
</g>
</svg>"""


_FRAME = f"""\
<path d="M{LEFT} {TOP + SIDE}V{TOP}H{LEFT + SIDE}V{TOP + SIDE}ZL{LEFT + SIDE} {TOP}" stroke="#777" \
stroke-width="0.7"/>"""


def _opening(width: int, height: int) -> str:
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" \
role="img" font-family="sans-serif" font-size="11" fill="none">"""


def _plane(title: str, drawn: str, distance: str) -> str:
    """The region plane with its captions, what is drawn in it, and the total variation in words."""
    right, bottom = LEFT + SIDE, TOP + SIDE
    width, height = right + RIGHT, bottom + BOTTOM
    return f"""\
{_opening(width, height)}
<title>{title}</title>
{drawn}
<g fill="#777">
<text x="{LEFT + SIDE / 2:g}" y="{height - 6}" text-anchor="middle" font-size="13">ε</text>
<text x="{LEFT - 12}" y="{TOP + SIDE / 2:g}" text-anchor="middle" font-size="13">δ</text>
<text x="{LEFT}" y="{bottom + 13}" text-anchor="middle">0</text>
<text x="{right}" y="{bottom + 13}" text-anchor="middle">1</text>
<text x="{LEFT - 4}" y="{bottom}" text-anchor="end">0</text>
<text x="{LEFT - 4}" y="{TOP + 8}" text-anchor="end">1</text>
<text x="{right - 6}" y="{bottom - 8}" text-anchor="end">\
d<tspan dy="3" font-size="8">TV</tspan><tspan dy="-3">{distance}</tspan></text>
</g>
</svg>"""


def _pixels(points: FloatArray) -> FloatArray:
    """Coordinates in the picture, where y points down, of points of the unit square."""
    return np.array([LEFT, TOP + SIDE]) + SIDE * points * np.array([1, -1])


def _boundary(corners: FloatArray) -> str:
    """The path of an upper boundary."""
    return _path(thinned(_pixels(corners)))


def _area(boundaries: Iterable[str]) -> str:
    """The path around the areas between upper boundaries and the diagonal."""
    return "".join(f"{boundary}Z" for boundary in boundaries)


def _path(points: FloatArray) -> str:
    """SVG path of straight lines through the points, rounded to a hundredth of a pixel."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points.round(2).tolist())
