"""Total variation is the intercept of the tangent of slope one.

(a) A pair of pmfs, letters by falling likelihood ratio. P exceeds Q on the first three; the hatched excess
adds up to τ = d_TV(P,Q). (b) A letter is an edge of the region's boundary, its ratio the slope. The
boundary climbs faster than the diagonal on the first three edges (thick) and slower after them, so the line
of slope one that touches it does so at their end, and meets ε = 0 at height τ (Remark 7). (c) The
height of the boundary above the diagonal has its peak τ there.
"""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse import Region
from modecollapse.plotting import draw_pair, draw_region, draw_tangent

from .parts import proofs, style

P = (0.30, 0.25, 0.20, 0.15, 0.10)
Q = (0.05, 0.15, 0.15, 0.25, 0.40)


def compute() -> Region:
    """The region of the pair."""
    return Region.from_pmfs(P, Q)


@style.styled
def draw(data: Region) -> Figure:
    """Pmfs, region and height."""
    figure = Figure(figsize=(style.PAGE, 2.4))
    pmfs, plane, height = figure.subplots(1, 3)
    _draw_excess(pmfs, data)
    _draw_tangent(plane, data)
    _draw_height(height, data)
    headings = ("where $P$ exceeds $Q$", "tangent of slope one", "height above the diagonal")
    for ax, letter, heading in zip((pmfs, plane, height), "abc", headings, strict=True):
        style.title(ax, letter, heading)
    return figure


def _draw_excess(ax: Axes, data: Region) -> None:
    _, of_q = draw_pair(ax, *data.pair, **proofs.PMFS)
    for bar, excess in zip(of_q, data.difference, strict=True):
        if excess > 0:
            ax.bar(
                bar.get_x(), excess, bar.get_width(), bar.get_height(), align="edge",
                facecolor="white", edgecolor=style.SPREAD, hatch="//////",
            )  # fmt: skip
    ax.set(box_aspect=1, ylim=(0, 0.5))
    ax.legend(loc="upper left", handlelength=1.0)
    ax.annotate("excess,\nτ in all", (1.55, 0.3), ha="left", va="center")


def _draw_tangent(ax: Axes, data: Region) -> None:
    draw_region(ax, data, color=style.SPREAD)
    draw_tangent(ax, data)
    tau, steep = data.total_variation, int((data.difference > 0).sum())
    ax.plot(*data.vertices[: steep + 1].T, color=style.SPREAD, linewidth=2.4, solid_capstyle="butt")
    ax.plot(*data.vertices[1:-1].T, "o", color=style.SPREAD, markersize=2.4)
    arrow = {"arrowstyle": "<->", "shrinkA": 0, "shrinkB": 0, "linewidth": 0.8, "color": style.INK}
    ax.annotate("", (-0.03, tau), (-0.03, 0), arrowprops=arrow, annotation_clip=False)
    style.along_diagonal(ax, 0.17, 0.17 + tau, "$δ = ε + τ$")
    ax.text(-0.05, tau / 2, "τ", ha="right", va="center")
    proofs.frame(ax)
    ax.set_yticks([0.5, 1])


def _draw_height(ax: Axes, data: Region) -> None:
    x, y = data.vertices.T
    tau = data.total_variation
    ax.plot(x, y - x, color=style.SPREAD, clip_on=False)
    ax.fill_between(x, y - x, color=style.SPREAD, alpha=0.15, linewidth=0)
    ax.axhline(tau, color="0.25", linewidth=0.8, linestyle=(0, (1, 1.5)))
    ax.text(0.97, tau + 0.01, "$τ = \\max\\, g(ε) - ε$", ha="right")
    ax.set(xlim=(0, 1), ylim=(0, 0.5), box_aspect=1, xlabel="ε (Q-mass)", ylabel="$g(ε) - ε$")
    ax.set_xticks([0, 0.5, 1])
