"""A figure as the page and the documentation show it: picture, caption, parameters, numbers."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from matplotlib.figure import Figure

from modecollapse import Region
from modecollapse.table import Table

from . import numbers, style
from .figure_module import FigureModule
from .numbers import is_numeric, leaves

FEW = 8
"""Lists of numbers up to this long are written out; of longer ones, the range."""


class Entry(NamedTuple):
    """A figure as it is shown.

    Attributes
    ----------
    caption : str
        The docstring of its module: a title, and paragraphs below it.
    parameters : tuple of (str, str)
        What its module fixes and what `compute` returns, as written in Python, in a few words.
    inches : float
        The width of the picture in print.
    svg : bytes
        The picture.
    numbers : Table
        See `figures.parts.numbers`.
    """

    name: str
    caption: str
    parameters: tuple[tuple[str, str], ...]
    inches: float
    svg: bytes
    numbers: Table

    @property
    def title(self) -> str:
        """The first line of the caption."""
        return self.caption.partition("\n")[0].removesuffix(".")

    @property
    def heading(self) -> str:
        """The title after the paper's number."""
        return f"Figure {self.number}: {self.title}" if self.number else self.title

    @property
    def paragraphs(self) -> list[str]:
        """The rest of the caption, each paragraph as one line."""
        rest = self.caption.partition("\n")[2].strip()
        return [" ".join(text.split()) for text in re.split(r"\n\s*\n", rest)]

    @property
    def number(self) -> str:
        """The paper's number of the figure, or nothing."""
        numbered = re.match(r"fig0*(\d+)_", self.name)
        return numbered[1] if numbered else ""


def entry(name: str, module: FigureModule) -> Entry:
    """Compute and draw a figure, and take down what is said of it."""
    data = module.compute()
    return entry_of(name, module, data, module.draw(data))


def entry_of(name: str, module: FigureModule, data: Any, figure: Figure) -> Entry:
    """Take down what is said of a figure that is drawn."""
    parameters = tuple((path, text) for path, value in _given(module, data) if (text := describe(value)))
    caption = module.__doc__ or name
    return Entry(
        name, caption, parameters, figure.get_figwidth(), picture(figure, "svg"), numbers.table(data)
    )


def thumbnail(figure: Figure) -> bytes:
    """The largest panel of a figure, or the first of several as large, as an SVG; hides the others."""
    figure.draw_without_rendering()  # so that the layout is final
    figure.set_layout_engine("none")
    panel = max(figure.axes, key=lambda ax: round(ax.bbox.width * ax.bbox.height))
    for ax in figure.axes:
        ax.set_visible(ax is panel)
    panel.tick_params(labelbottom=True, labelleft=True)  # which the panels beside and below it showed
    box = panel.get_tightbbox() or panel.bbox
    return picture(figure, "svg", bbox_inches=box.transformed(figure.dpi_scale_trans.inverted()).padded(0.03))


def in_order(entries: list[Entry]) -> list[Entry]:
    """The figures of the paper first."""
    return sorted(entries, key=lambda one: (not one.number, one.name))


@style.styled
def picture(figure: Figure, form: str, **options: Any) -> bytes:
    """An undated file of a figure; `form` is a name of `style.FORMATS`."""
    file = io.BytesIO()
    figure.savefig(file, format=form, metadata=style.UNDATED[form], **options)
    return file.getvalue()


def _given(module: FigureModule, data: Any) -> Iterator[tuple[str, Any]]:
    """The constants of a module, and the scalars of its data."""
    yield from ((name, value) for name, value in vars(module).items() if name.isupper())
    yield from leaves(data)


def describe(value: Any) -> str:
    """A number, a list of numbers or a region in a few words; nothing for what is none of these.

    Examples
    --------
    >>> describe((0.05, 0.1)), describe(np.arange(1, 11) / 10)
    ('(0.05, 0.1)', '10 values, 0.1 … 1')
    """
    if isinstance(value, Region):
        return repr(value).strip("<>")
    if not is_numeric(value):
        return ""
    array = np.asarray(value, dtype=float)
    if not array.ndim:
        return f"{array:.6g}"
    if array.ndim == 1 and array.size <= FEW:
        return f"({', '.join(f'{v:.6g}' for v in array)})"
    finite = array[np.isfinite(array)]
    size = f"{' × '.join(map(str, array.shape))} values"
    return f"{size}, {finite.min():.6g} … {finite.max():.6g}" if finite.size else size
