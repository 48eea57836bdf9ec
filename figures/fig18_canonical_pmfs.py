"""The canonical pairs of Theorem 3.

The letters of the two regions of Figure 17, at τ = 0.3 and α = 0.4: an edge of the boundary is a letter,
its rise the mass under P and its run the mass under Q. (a) inner(α,τ): all that a pair with this tangent
point is sure to show. Two letters, of which P has τ more of the first and Q τ more of the second.
(b) outer(τ): the generator lacks a mode of mass τ altogether, makes up as much that is not in the target,
and agrees with it on the rest.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from . import fig17_sandwich
from .parts import proofs
from .parts.proofs import Canonical, Letters

INNER = Letters("inner(α, τ)", ("1−α", "α"), ("1−α−τ", "α+τ"))


def compute() -> Canonical:
    """The canonical regions of Figure 17."""
    regions = fig17_sandwich.compute().single
    return Canonical(regions.inner, regions.outer)


def draw(data: Canonical) -> Figure:
    """Both pairs as bars."""
    return proofs.draw_canonical(data, INNER, width_ratios=(2, 3))
