"""The canonical pairs of Theorem 4.

The letters of the inner and the outer region of Figure 19, at τ = 0.35, α = 0.3 and (ε,δ) = (0.1,0.3).
(a) inner1(ε,δ,α,τ): the first letter is the collapse, mass δ in the target and ε in the generator; the last
one is that of the triangle, α and α+τ; the middle one is what remains. (b) outer(τ), as in Theorem 3: it
lacks a mode of mass τ, which is (0,τ)-collapse, and (ε,δ)-collapse whenever τ ≥ δ−ε.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from . import fig19_collapse_sandwich
from .parts import proofs
from .parts.proofs import Canonical, Letters

INNER = Letters("inner1(ε, δ, α, τ)", ("δ", "1−α−δ", "α"), ("ε", "1−α−τ−ε", "α+τ"))


def compute() -> Canonical:
    """The canonical regions of Figure 19."""
    regions = fig19_collapse_sandwich.compute().regions
    return Canonical(regions.inner, regions.outer)


def draw(data: Canonical) -> Figure:
    """Both pairs as bars."""
    return proofs.draw_canonical(data, INNER, width_ratios=(2, 1))
