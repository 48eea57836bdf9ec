"""A mode-collapse region as a small SVG, for notebooks: text in, no plotting library.

The colours stand out from a white and from a black page, since a notebook may have either.
"""

from __future__ import annotations

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.thinning import thinned

SIDE = 180
"""Side of the unit square, in pixels."""

LEFT, TOP, RIGHT, BOTTOM = 26, 8, 14, 32
"""Room around the square for its captions, in pixels."""


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
    boundary = _path(thinned(_pixels(vertices)))
    tangent = _path(_pixels(np.array([[0, total_variation], [1 - total_variation, 1]])))
    right, bottom = LEFT + SIDE, TOP + SIDE
    width, height = right + RIGHT, bottom + BOTTOM
    distance = f"{total_variation:.6g}"
    return f"""\
<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" \
role="img" font-family="sans-serif" font-size="11" fill="none">
<title>Mode-collapse region, total variation {distance}</title>
<path d="{boundary}Z" fill="#4a8fd0" fill-opacity="0.3"/>
<path d="M{LEFT} {bottom}V{TOP}H{right}V{bottom}ZL{right} {TOP}" stroke="#777" stroke-width="0.7"/>
<path d="{tangent}" stroke="#c8701a" stroke-dasharray="2 2"/>
<path d="{boundary}" stroke="#3a80c4" stroke-width="1.6" stroke-linejoin="bevel"/>
<g fill="#777">
<text x="{LEFT + SIDE / 2:g}" y="{height - 6}" text-anchor="middle" font-size="13">ε</text>
<text x="{LEFT - 12}" y="{TOP + SIDE / 2:g}" text-anchor="middle" font-size="13">δ</text>
<text x="{LEFT}" y="{bottom + 13}" text-anchor="middle">0</text>
<text x="{right}" y="{bottom + 13}" text-anchor="middle">1</text>
<text x="{LEFT - 4}" y="{bottom}" text-anchor="end">0</text>
<text x="{LEFT - 4}" y="{TOP + 8}" text-anchor="end">1</text>
<text x="{right - 6}" y="{bottom - 8}" text-anchor="end">\
d<tspan dy="3" font-size="8">TV</tspan><tspan dy="-3"> = {distance}</tspan></text>
</g>
</svg>"""


def _pixels(points: FloatArray) -> FloatArray:
    """Coordinates in the picture, where y points down, of points of the unit square."""
    return np.array([LEFT, TOP + SIDE]) + SIDE * points * np.array([1, -1])


def _path(points: FloatArray) -> str:
    """SVG path of straight lines through the points, rounded to a hundredth of a pixel."""
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points.round(2).tolist())
