"""The canonical pairs of Theorem 3.

The letters of the two regions of Figure 17, at τ = 0.3 and α = 0.4: an edge of the boundary is a letter,
its rise the mass under P and its run the mass under Q. (a) inner(α,τ): all that a pair with this tangent
point is sure to show. Two letters, of which P has τ more of the first and Q τ more of the second.
(b) outer(τ): the generator lacks a mode of mass τ altogether, makes up as much that is not in the target,
and agrees with it on the rest.
"""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.figure import Figure

from modecollapse import Region

from . import fig17_sandwich
from .parts import proofs, style


class Data(NamedTuple):
    """The canonical regions."""

    inner: Region
    outer: Region


def compute() -> Data:
    """Those of Figure 17."""
    single = fig17_sandwich.compute().single
    return Data(single.inner, single.outer)


@style.styled
def draw(data: Data) -> Figure:
    """Both pairs as bars."""
    figure = Figure(figsize=(style.PAGE, 2.1))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[2, 3])
    proofs.draw_letters(left, data.inner, ["1−α", "α"], ["1−α−τ", "α+τ"])
    proofs.draw_letters(right, data.outer, ["τ", "1−τ", "0"], ["0", "1−τ", "τ"])
    right.set_ylabel("")
    style.title(left, "a", "inner(α, τ)")
    style.title(right, "b", "outer(τ)")
    return figure
