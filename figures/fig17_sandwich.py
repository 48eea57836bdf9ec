"""Every region of total variation τ lies between a triangle and the full region.

At τ = 0.3. (a) The boundary of the pair (P,Q) touches the line of slope one at height τ, here at x = 0.3.
Being concave it contains the triangle inner(α,τ) with that apex, α = 1−τ−x; being below the line it lies
inside outer(τ). (b) Packing keeps the order (Remark 11): the regions of m = 3 samples are nested too, and
the heights of their tangents, the packed total variations, are in the same order. So the triangles give the
least and outer(τ) the greatest d_TV(P^m, Q^m) of Theorem 3.
"""

from __future__ import annotations

from typing import NamedTuple

from matplotlib.figure import Figure

from modecollapse import pack
from modecollapse.plotting import draw_tangent
from modecollapse.theorems import families

from .parts import proofs, style
from .parts.proofs import Sandwich

TAU, ALPHA, M = 0.3, 0.4, 3


class Data(NamedTuple):
    """The nested regions of one sample and of M samples."""

    single: Sandwich
    packed: Sandwich


def compute() -> Data:
    """A pair between the canonical ones, and all three packed."""
    single = proofs.sandwich(
        families.region(families.inner(ALPHA, TAU)), families.region(families.outer(TAU)), start=0.45
    )
    return Data(single, Sandwich(*(pack(region, M) for region in single)))


@style.styled
def draw(data: Data) -> Figure:
    """One sample, then several."""
    figure = Figure(figsize=(style.PAGE, 3.1))
    left, right = figure.subplots(1, 2)
    for ax, regions in ((left, data.single), (right, data.packed)):
        proofs.draw_sandwich(ax, regions, inner=proofs.SPREAD, outer=proofs.COLLAPSED)
    x = 1 - TAU - ALPHA
    proofs.mark_tangent(left, x, TAU, "tangent point\n(x, x+τ)", (0.04, 0.78))
    proofs.name_boundary(left, data.single.outer, 0.62, "outer(τ)", (0.26, 0.95))
    proofs.name_boundary(left, data.single.between, 0.62, "region of $(P, Q)$", (0.62, 0.5))
    proofs.name_boundary(left, data.single.inner, 0.15, "inner(α, τ)", (0.42, 0.2))
    for region in data.packed:
        draw_tangent(right, region)
    values = " < ".join(f"{region.total_variation:.2f}" for region in data.packed)
    right.text(0.97, 0.12, f"total variations\n{values}", ha="right")
    style.title(left, "a", "one sample: equal total variation τ")
    style.title(right, "b", f"{M} samples: total variations in order")
    return figure
