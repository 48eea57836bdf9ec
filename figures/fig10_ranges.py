"""The ranges of packed total variation at a total variation of 0.11.

The range of d_TV(P^m, Q^m) for m = 1…10 over pairs with d_TV(P, Q) = τ = 0.11: (a) over all such pairs,
between L(τ,m) and U(τ,m) = 1 − (1−τ)^m of Theorem 3; (b) over those with (0,0.1)-mode collapse, which keep
near the top (Theorem 4); (c) over those with neither (0.07,0.1)-mode collapse nor augmentation, which keep
near the bottom (Theorem 5). Black lines repeat the range of (a). All three start at τ, since a single
sample cannot tell these pairs apart.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from .parts import ranges, style
from .parts.ranges import Families


def compute() -> Families:
    """The ranges by the printed formulas, which are true at these parameters."""
    degrees = range(1, 11)
    collapse_at, no_collapse_at = (Families._field_defaults[k] for k in ("collapse_at", "no_collapse_at"))
    return Families(
        ranges.full(degrees),
        ranges.with_collapse(degrees, *collapse_at),
        ranges.without_collapse(degrees, *no_collapse_at),
    )


@style.styled
def draw(data: Families) -> Figure:
    """Three panels on one scale."""
    figure = Figure(figsize=(style.PAGE, 2.35))
    axes = figure.subplots(1, 3, sharey=True)
    panels = (
        ("a", f"all pairs with τ = {ranges.TAU:g}", data.everything, {**ranges.FULL, "fill_alpha": 0.12}),
        ("b", "with collapse", data.collapse, ranges.COLLAPSE),
        ("c", "without collapse or augmentation", data.no_collapse, ranges.SPREAD),
    )
    for ax, (letter, heading, values, look) in zip(axes, panels, strict=True):
        ranges.draw_range(ax, data.everything, ranges.FULL)
        ranges.draw_range(ax, values, look)
        ranges.frame(ax, int(values.m[-1]), outer=letter == "a")
        style.title(ax, letter, heading)
    for ax, (eps, delta) in zip(axes[1:], (data.collapse_at, data.no_collapse_at), strict=True):
        ax.text(0.04, 0.95, f"(ε, δ) = ({eps:g}, {delta:g})", transform=ax.transAxes, va="top")
    axes[0].text(5.7, 0.52, "largest, $1-(1-τ)^m$", ha="right", va="bottom")
    axes[0].text(10, 0.22, "smallest", ha="right", va="top")
    axes[1].text(10, 0.175, "smallest of all pairs", ha="right", va="top")
    axes[2].text(5.4, 0.5, "largest of all pairs", ha="right", va="bottom")
    return figure
