"""The look of the figures against a few images, their text removed so that no font matters.

The data in the figures are tested elsewhere; this guards colours, line styles, markers, fills and frames.
The images hold for the release of matplotlib that drew them, recorded in tests/reference/images/matplotlib;
under another release the comparison is skipped. To draw them anew, and to look at them before they are
committed::

    PYTHONPATH=.:tests python tests/figures/test_style_images.py
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import matplotlib
import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.testing.compare import compare_images
from matplotlib.text import Text

from figures import fig09_packed_regions, fig10_ranges
from figures.parts import style
from modecollapse import Region, plotting

FOLDER = Path(__file__).parents[1] / "reference" / "images"
RELEASE = FOLDER / "matplotlib"
TOLERANCE = 0.5
"""Root mean square over all pixels, of 255. The least change of style below makes 1.7."""


def of_figure(module) -> Figure:
    return module.draw(module.compute())


@style.styled
def every_drawing() -> Figure:
    """The default pictures of `modecollapse.plotting`."""
    figure = Figure(figsize=(style.PAGE, 3.6))
    (region, regions, pair), (densities, band, overlap) = figure.subplots(2, 3)
    spread = Region.from_pmfs([0.5, 0.3, 0.2], [0.1, 0.3, 0.6])
    plotting.draw_region(region, spread)
    plotting.draw_tangent(region, spread)
    plotting.draw_regions(regions, spread, [1, 2, 3])
    plotting.draw_pair(pair, *spread.pair)
    plotting.draw_densities(densities, [0, 0.5, 1], [1, 1], [0.6, 1.4])
    m = np.arange(1, 9)
    plotting.draw_range(band, m, 1 - 0.9**m, 1 - 0.8**m, hatch="///")
    plotting.draw_overlap(overlap, spread, m)
    return figure


DRAWINGS: dict[str, Callable[[], Figure]] = {
    "fig09_packed_regions": lambda: of_figure(fig09_packed_regions),
    "fig10_ranges": lambda: of_figure(fig10_ranges),
    "plotting": every_drawing,
}


def release() -> str:
    """The release of matplotlib, without the number of its bug fixes."""
    return ".".join(matplotlib.__version__.split(".")[:2])


@style.styled
def save(figure: Figure, path: Path) -> None:
    """Write a figure as a small image without text."""
    for ax in figure.axes:
        ax.tick_params(which="both", labelbottom=False, labelleft=False)
    for text in figure.findobj(Text):
        text.set_visible(False)
    figure.savefig(path, dpi=80, metadata={"Software": None})


def redraw() -> None:
    """Draw the images that the tests compare with."""
    for name, draw in DRAWINGS.items():
        save(draw(), FOLDER / f"{name}.png")
    RELEASE.write_text(f"{release()}\n")


pinned = pytest.mark.skipif(
    release() != RELEASE.read_text().strip(), reason="the images are of another release of matplotlib"
)


@pinned
@pytest.mark.parametrize("name", DRAWINGS)
def test_the_figures_look_as_they_did(name, tmp_path):
    save(DRAWINGS[name](), tmp_path / "now.png")
    assert compare_images(FOLDER / f"{name}.png", tmp_path / "now.png", TOLERANCE) is None


def thicker(figure: Figure) -> None:
    for ax in figure.axes:
        for line in ax.lines:
            line.set_linewidth(line.get_linewidth() + 0.3)


def solid(figure: Figure) -> None:
    for ax in figure.axes:
        for line in ax.lines:
            line.set_linestyle("-")


def recoloured(figure: Figure) -> None:
    for ax in figure.axes:
        for line in ax.lines:
            if line.get_color() == style.COLLAPSE:
                line.set_color("tab:orange")


def framed(figure: Figure) -> None:
    for ax in figure.axes:
        ax.spines[["top", "right"]].set_visible(True)


@pinned
@pytest.mark.parametrize("change", [thicker, solid, recoloured, framed])
def test_a_change_of_style_shows(change, tmp_path):
    figure = DRAWINGS["fig10_ranges"]()
    change(figure)
    save(figure, tmp_path / "now.png")
    assert compare_images(FOLDER / "fig10_ranges.png", tmp_path / "now.png", 2 * TOLERANCE) is not None


if __name__ == "__main__":
    redraw()
