"""The style of all figures: sizes, colours, and annotations that several of them draw."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import matplotlib.style
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from modecollapse.plotting import STYLE

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")

PAGE = 7.0
"""Width of a printed page in inches: the figures are drawn at the size they are printed."""

INK = "#1f1f1f"
"""Colour of the target, and of the full range of total variation τ."""

COLLAPSE = "#e08a2c"
"""Colour of pairs with mode collapse: light in grey, dashed."""

SPREAD = "#1d4f80"
"""Colour of pairs without mode collapse: dark in grey, solid."""

DASHED = (0, (4.5, 1.5))

UNDATED: dict[str, dict[str, None]] = {"png": {}, "pdf": {"CreationDate": None}, "svg": {"Date": None}}
"""Metadata that leave out the date, for each format."""

FORMATS = tuple(UNDATED)


def styled(function: Callable[Parameters, Result]) -> Callable[Parameters, Result]:
    """Run a function with the shared style in force, and restore the caller's afterwards."""

    @wraps(function)
    def inside(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        with matplotlib.style.context(STYLE, after_reset=True):
            return function(*args, **kwargs)

    return inside


COMPRESSION = {"compress_level": 3}
"""Effort of a PNG. The usual level of 6 takes a third longer and makes a file a tenth smaller."""


@styled
def save(figure: Figure, path: Path) -> None:
    """Write a figure, undated; the format is the path's ending.

    `Figure.savefig` draws twice, the first time for the layout alone, which the second drawing settles too.
    A PNG is drawn once, in the same pixels and a third less time.
    """
    kind = path.suffix[1:]
    if kind != "png":
        figure.savefig(path, metadata=UNDATED[kind])
        return
    dpi = figure.dpi
    figure.set_dpi(matplotlib.rcParams["savefig.dpi"])
    canvas: Any = FigureCanvasAgg(figure)  # whose printing matplotlib leaves untyped
    canvas.print_png(path, metadata=UNDATED[kind], pil_kwargs=COMPRESSION)
    figure.set_dpi(dpi)


def title(ax: Axes, letter: str, text: str) -> None:
    """Head a panel with its letter and what it shows, on one line with the panels beside it."""
    ax.set_anchor("N")  # a square panel stands at the top of its place
    ax.set_title(f"$\\bf{{{letter}}}$  {text}")


def point_out(ax: Axes, text: str, point: tuple[float, float], at: tuple[float, float]) -> None:
    """Name a point from a little way off, with a thin leader."""
    leader = {"arrowstyle": "-", "linewidth": 0.6, "color": "#3a3a3a", "shrinkA": 1, "shrinkB": 3}
    ax.annotate(text, point, at, va="center", arrowprops=leader, annotation_clip=False)


def along_diagonal(ax: Axes, x: float, y: float, text: str) -> None:
    """A label on top of a line of slope one in the region plane."""
    ax.annotate(
        text,
        (x, y),
        (-1, 1),
        textcoords="offset points",
        rotation=45,
        ha="center",
        va="bottom",
        rotation_mode="anchor",
    )
