"""The least concave curve above points of the plane."""

from __future__ import annotations

import numpy as np

from modecollapse.arrays import FloatArray


def upper_hull(points: FloatArray) -> FloatArray:
    """Corners of the least concave curve above points sorted by x, then y (monotone chain).

    Rows begin with x and y; whatever follows is kept with them.
    """
    hull: list[list[float]] = []
    for point in points.tolist():
        x, y = point[:2]
        while len(hull) >= 2:
            (x0, y0), (x1, y1) = hull[-2][:2], hull[-1][:2]
            if (x1 - x0) * (y - y1) < (y1 - y0) * (x - x1):
                break
            hull.pop()
        if not hull or [x, y] != hull[-1][:2]:
            hull.append(point)
    return np.array(hull)
