"""The region of mode collapse is the region of a hypothesis test.

The generators of Figure 8. (a, c) Their regions: the mass δ of the target that a set can have at a mass ε
of the generator. (b, d) A discriminator, shown a sample, calls it real or generated: its false positives
are generated samples called real, its detections real ones called real. Dots are random tests; those worse
than guessing are turned round. The line is the ROC curve of the best test, which calls real whatever has
a likelihood ratio above a threshold (Neyman and Pearson). It is the boundary of the region beside it, for
the set called real has P-mass δ and Q-mass ε (Remark 6).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse.arrays import FloatArray
from modecollapse.plotting import draw_region, frame_region_plane

from .parts import proofs, style
from .parts.toys import Toy, collapsed, line_look, tilted

TESTS = 150


class Tester(NamedTuple):
    """A generator; false positives and detections of the best tests and of random ones, shape (…, 2)."""

    toy: Toy
    roc: FloatArray
    tests: FloatArray


def compute() -> tuple[Tester, Tester]:
    """The toy pairs, and what a tester makes of them."""
    rng = np.random.default_rng(15)
    return _tester(collapsed(0.2), rng), _tester(tilted(0.5, 0.6), rng)


def _tester(toy: Toy, rng: np.random.Generator) -> Tester:
    real = np.diff(toy.edges)
    generated = real * toy.heights
    by_ratio = np.argsort(toy.heights)  # p is 1: the larger q, the smaller the ratio
    steps = np.column_stack([generated, real])[by_ratio]
    roc = np.vstack([np.zeros(2), np.cumsum(steps, axis=0)])
    chance_of_real = rng.random((TESTS, len(real)))
    tests = chance_of_real @ np.column_stack([generated, real])
    worse = tests[:, 1] < tests[:, 0]
    tests[worse] = 1 - tests[worse]
    return Tester(toy, roc, tests)


@style.styled
def draw(data: tuple[Tester, Tester]) -> Figure:
    """Region and ROC of each pair, side by side."""
    figure = Figure(figsize=(style.PAGE, 1.8))
    axes = figure.subplots(1, 4)
    for tester, (plane, roc), letters in zip(data, (axes[:2], axes[2:]), ("ab", "cd"), strict=True):
        name = tester.toy.name
        draw_region(plane, tester.toy.region, **line_look(tester.toy))
        _draw_roc(roc, tester)
        style.title(plane, letters[0], f"region of $(P, {name})$")
        style.title(roc, letters[1], f"testing $P$ against ${name}$")
    for ax in axes:
        proofs.frame(ax)
    return figure


def _draw_roc(ax: Axes, tester: Tester) -> None:
    frame_region_plane(ax)
    ax.plot(*tester.roc.T, **line_look(tester.toy), clip_on=False)
    ax.plot(*tester.tests.T, ".", color=style.INK, markersize=1.6, markeredgewidth=0)
    ax.set(xlabel="false positive rate", ylabel="detection rate")
    style.point_out(ax, "best tests", (0.5, np.interp(0.5, *tester.roc[1:].T)), (0.06, 0.92))
    style.point_out(
        ax, "random\ntests", tuple(tester.tests[np.argmin(abs(tester.tests[:, 0] - 0.5))]), (0.6, 0.2)
    )
