"""The lines of a panel."""

from __future__ import annotations

import numpy as np
from matplotlib.axes import Axes
from numpy.typing import ArrayLike


def lines(ax: Axes) -> list[np.ndarray]:
    return [np.asarray(line.get_xydata()) for line in ax.lines]


def has_line(ax: Axes, points: ArrayLike) -> bool:
    return any(np.array_equal(line, points) for line in lines(ax))
