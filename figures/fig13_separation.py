"""Packing degrees that tell collapse from its absence, whatever the pair.

H₁(ε) holds the pairs with d_TV = τ = 0.11 and (ε,0.1)-mode collapse, H₀(ε) those with neither
(ε,0.1)-collapse nor augmentation; the two are told apart by the packed distance alone at the degrees m where
the least value in H₁ (Theorem 4) exceeds the greatest in H₀ (Theorem 5). (a) H₀(0.05) against H₁(0.02),
the paper's choice: hatched, the values that both can take. The ranges overlap at every m drawn, although the
paper reports separation for m ≥ 5; its own formulas give up to 0.349 in H₀ and down to 0.319 in H₁ at m = 5.
(b) H₀(0.06) against H₁(0.02): these do separate, at the degrees marked by the bar. (c) The least value in H₁
minus the greatest in H₀, positive where the two separate. It need not stay so: as m grows, all pairs become
easy to tell apart.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse.arrays import FloatArray, IntArray

from .parts import ranges, style
from .parts.ranges import Range

DELTA = 0.1

FORMULA_ERROR = 1e-9
"""Bound of the error of the ends of the ranges."""


class Rivals(NamedTuple):
    """The range of H₀(eps0) and that of H₁(eps1)."""

    eps0: float
    eps1: float
    none: Range
    collapse: Range

    @property
    def margin(self) -> FloatArray:
        """Least value in H₁ minus greatest in H₀."""
        return self.collapse.lower - self.none.upper

    @property
    def separated(self) -> IntArray:
        """The degrees at which the ranges are disjoint, by more than the error of the formulas."""
        return self.none.m[self.margin > FORMULA_ERROR]


class Data(NamedTuple):
    """The paper's families, and families that do separate."""

    paper: Rivals
    separating: Rivals


def compute(last: int = 20) -> Data:
    """Both comparisons for m = 1…last."""
    degrees = range(1, last + 1)
    collapse = ranges.with_collapse(degrees, 0.02, DELTA)
    rivals = (Rivals(e, 0.02, ranges.without_collapse(degrees, e, DELTA), collapse) for e in (0.05, 0.06))
    return Data(*rivals)


@style.styled
def draw(data: Data) -> Figure:
    """The two comparisons, and their margins."""
    figure = Figure(figsize=(style.PAGE, 2.5))
    axes = figure.subplots(1, 3)
    for ax, letter, rivals in zip(axes, "ab", data, strict=False):
        _draw_rivals(ax, rivals)
        style.title(ax, letter, name(rivals))
    axes[1].set_ylabel("")
    _draw_margins(axes[2], data)
    style.title(axes[2], "c", "least in $H_1$ minus greatest in $H_0$")
    return figure


def name(rivals: Rivals) -> str:
    """The two families, for a heading or a label."""
    return f"$H_0({rivals.eps0:g})$ and $H_1({rivals.eps1:g})$"


def verdict(rivals: Rivals) -> str:
    """The degrees at which the two ranges are disjoint, in words."""
    if not len(rivals.separated):
        return f"overlap for all $m$ ≤ {rivals.none.m[-1]}"
    first, last = rivals.separated[[0, -1]]
    return f"separate for $m$ = {first}…{last}"


def _draw_rivals(ax: Axes, rivals: Rivals) -> None:
    plain: dict[str, Any] = {"marker": "", "linewidth": 1.1}
    ranges.draw_range(ax, rivals.collapse, ranges.COLLAPSE, **plain)
    ranges.draw_range(ax, rivals.none, ranges.SPREAD, **plain)
    m, bottom, top = rivals.none.m, rivals.collapse.lower, rivals.none.upper
    hatched: dict[str, Any] = {
        "facecolor": "none",
        "edgecolor": style.INK,
        "hatch": "///////",
        "linewidth": 0,
        "zorder": 1.5,
    }
    ax.fill_between(m, bottom, top, where=top > bottom, interpolate=True, **hatched)
    ranges.frame(ax, int(m[-1]))
    ax.set_ylim(0, 1)
    ax.text(15, 0.71, "$H_1$", ha="center")
    ax.text(15, 0.4, "$H_0$", ha="center")
    ax.text(20, 0.05, verdict(rivals), ha="right")
    if len(rivals.separated):
        ax.plot(rivals.separated, 0 * rivals.separated, color=style.INK, linewidth=3, solid_capstyle="butt")


def _draw_margins(ax: Axes, data: Data) -> None:
    ax.axhline(0, color=style.INK, linewidth=0.6)
    looks: tuple[dict[str, Any], ...] = (
        {"color": "0.55", "marker": "v"},
        {"color": style.INK, "marker": "^"},
    )
    places = ((11, -0.022), (12.6, 0.035))
    for rivals, look, place in zip(data, looks, places, strict=True):
        ax.plot(rivals.none.m, rivals.margin, **look)
        ax.text(*place, f"$H_0({rivals.eps0:g})$")
    ranges.frame(ax, int(data.paper.none.m[-1]), outer=False)
    ax.set_ylim(-0.1, 0.06)
