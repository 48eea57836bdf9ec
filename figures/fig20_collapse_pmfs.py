"""The canonical pairs of Theorem 4.

The letters of the inner and the outer region of Figure 19, at τ = 0.35, α = 0.3 and (ε,δ) = (0.1,0.3).
(a) inner1(ε,δ,α,τ): the first letter is the collapse, mass δ in the target and ε in the generator; the last
one is that of the triangle, α and α+τ; the middle one is what remains. (b) outer(τ), as in Theorem 3: it
lacks a mode of mass τ, which is (0,τ)-collapse, and (ε,δ)-collapse whenever τ ≥ δ−ε.
"""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.figure import Figure

from modecollapse import Region

from . import fig19_collapse_sandwich
from .parts import proofs, style


class Data(NamedTuple):
    """The canonical regions."""

    inner: Region
    outer: Region


def compute() -> Data:
    """Those of Figure 19."""
    regions = fig19_collapse_sandwich.compute().regions
    return Data(regions.inner, regions.outer)


@style.styled
def draw(data: Data) -> Figure:
    """Both pairs as bars."""
    figure = Figure(figsize=(style.PAGE, 2.1))
    left, right = figure.subplots(1, 2, sharey=True, width_ratios=[1.7, 1])
    proofs.draw_letters(left, data.inner, ["δ", "1−α−δ", "α"], ["ε", "1−α−τ−ε", "α+τ"])
    proofs.draw_letters(right, data.outer, ["τ", "1−τ", "0"], ["0", "1−τ", "τ"])
    right.set_ylabel("")
    style.title(left, "a", "inner1(ε, δ, α, τ)")
    style.title(right, "b", "outer(τ)")
    return figure
