"""The pictures of the report as SVG text; their colours are the page's."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.pages.report_words import number
from modecollapse.region import Region
from modecollapse.samples.diagnosis import Diagnosis, ModeReport
from modecollapse.thinning import thinned

LEFT, TOP, SIDE = 40, 8, 300
"""Left and upper end of the frame of a large picture, and its width and height."""

WIDTH, HEIGHT = LEFT + SIDE + 12, TOP + SIDE + 40

BAR = 132
"""Width of the picture of a ratio."""

MOST_TICKS = 10


def region(diagnosis: Diagnosis) -> str:
    """The region with its band: what is certain, what is possible, the plug-in boundary and its points."""
    inner, plug_in, outer = (
        _corners(one)
        for one in (diagnosis.confidence_band.inner, diagnosis.region, diagnosis.confidence_band.outer)
    )
    ticks = [(value, value) for value in (0, 0.25, 0.5, 0.75, 1)]
    title = f"Mode-collapse region, total variation {number(diagnosis.region.total_variation)}"
    return _picture(
        title,
        _frame(
            [(x, f"{label:g}") for x, label in ticks],
            "generated mass ε",
            "real mass δ",
        ),
        f'<path class="certain" d="{_path(inner)}Z"/>',
        f'<path class="possible" d="{_path([*outer, *inner[::-1]])}Z"/>',
        f'<path class="diagonal" d="{_path(_placed([(0, 0), (1, 1)]))}"/>',
        f'<path class="plug-in" d="{_path(plug_in)}"/>',
        *(_dot(*_placed([(at.eps, at.delta)])[0]) for at in diagnosis.collapse),
    )


def packed(diagnosis: Diagnosis) -> str:
    """The packed distances with their intervals, in the range of Theorem 3, over the degrees in order."""
    rows = sorted(diagnosis.packed)
    places = [(i + 0.5) / len(rows) for i in range(len(rows))]
    lower = _placed([(x, row.theory.lower) for x, row in zip(places, rows, strict=True)])
    upper = _placed([(x, row.theory.upper) for x, row in zip(places, rows, strict=True)])
    curve = _placed([(x, row.tv) for x, row in zip(places, rows, strict=True)])
    step = math.ceil(len(rows) / MOST_TICKS)
    ticks = [(x, str(row.m)) for x, row in list(zip(places, rows, strict=True))[::step]]
    whiskers = [
        _whisker(_placed([(x, row.interval.lower), (x, row.interval.upper)]))
        for x, row in zip(places, rows, strict=True)
    ]
    return _picture(
        "Packed total variation and the range of all pairs",
        _frame(ticks, "packing degree m", "total variation"),
        f'<path class="range" d="{_path([*upper, *lower[::-1]])}Z"/>',
        f'<path class="plug-in" d="{_path(curve)}"/>',
        *whiskers,
        *(_dot(x, y) for x, y in curve),
    )


def ratio(mode: ModeReport) -> str:
    """The ratio of a mode and its interval on a line from 0 over 1, in the middle, to infinity."""
    low, high = _along(mode.ratio_interval.lower), _along(mode.ratio_interval.upper)
    dot = "" if math.isnan(mode.ratio) else f'<circle cx="{_along(mode.ratio):g}" cy="9" r="3.5"/>'
    kind = "fair" if mode.word in ("", "spurious") else "short"
    return (
        f'<svg class="{kind}" viewBox="0 0 {BAR} 18" width="{BAR}" height="18" aria-hidden="true">'
        f'<path class="axis" d="M6 9H{BAR - 6}M{BAR / 2:g} 2V16"/>'
        f'<path class="interval" d="M{low:g} 9H{high:g}"/>{dot}</svg>'
    )


def span(value: float, interval: Bracket) -> str:
    """A number from 0 to 1 and its interval on a line between these."""
    low, at, high = (6 + (BAR - 12) * share for share in (interval.lower, value, interval.upper))
    return (
        f'<svg class="fair" viewBox="0 0 {BAR} 18" width="{BAR}" height="18" aria-hidden="true">'
        f'<path class="axis" d="M6 9H{BAR - 6}M6 5V13M{BAR - 6} 5V13"/>'
        f'<path class="interval" d="M{low:.2f} 9H{high:.2f}"/><circle cx="{at:.2f}" cy="9" r="3.5"/></svg>'
    )


def ratio_axis() -> str:
    """The meaning of the ends and the middle of the lines of `ratio`."""
    ticks = "".join(
        f'<text x="{_along(value):g}" y="12" text-anchor="middle">{text}</text>'
        for value, text in ((0, "0"), (0.25, "¼"), (1, "1"), (4, "4"), (math.inf, "∞"))
    )
    return (
        f'<svg viewBox="0 0 {BAR} 16" width="{BAR}" height="16" role="img" aria-label="ratio">{ticks}</svg>'
    )


def _along(value: float) -> float:
    """r/(1+r), the generated part of both shares, in the picture; the unknown ratio 0/0 has no place."""
    share = 1.0 if math.isinf(value) else value / (1 + value)
    return round(6 + (BAR - 12) * share, 2)


def _picture(title: str, *parts: str) -> str:
    content = "\n".join(parts)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">\n<title>{title}</title>\n{content}\n</svg>'


def _frame(ticks: Iterable[tuple[float, str]], x_label: str, y_label: str) -> str:
    """The unit square: a grid of quarters of the height, ticks along the width, and labels."""
    bottom, middle = TOP + SIDE, TOP + SIDE / 2
    heights = (0, 0.25, 0.5, 0.75, 1)
    grid = "".join(f"M{LEFT} {TOP + SIDE * (1 - y):g}h{SIDE}" for y in heights)
    across = [(LEFT + SIDE * x, text) for x, text in ticks]
    grid += "".join(f"M{x:g} {bottom}v4" for x, _ in across)
    texts = [
        *(_text(LEFT - 6, TOP + SIDE * (1 - y) + 4, "end", f"{y:g}") for y in heights),
        *(_text(x, bottom + 17, "middle", text) for x, text in across),
        _text(LEFT + SIDE / 2, bottom + 36, "middle", x_label),
        f'<text transform="translate(10 {middle:g}) rotate(-90)" text-anchor="middle">{y_label}</text>',
    ]
    return f'<path class="grid" d="{grid}"/>\n{"".join(texts)}'


def _text(x: float, y: float, anchor: str, text: str) -> str:
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}">{text}</text>'


def _dot(x: float, y: float) -> str:
    return f'<circle class="dot" cx="{x:g}" cy="{y:g}" r="3"/>'


def _whisker(ends: FloatArray) -> str:
    (x, low), (_, high) = ends.tolist()
    return f'<path class="whisker" d="M{x - 4:g} {low:g}h8m-4 0V{high:g}m-4 0h8"/>'


def _corners(one: Region) -> list[list[float]]:
    """The boundary in the picture, thinned to its pixels."""
    return thinned(_placed(one.vertices.tolist())).tolist()


def _placed(points: Sequence[Sequence[float]]) -> FloatArray:
    """Points of the unit square in the frame, where y runs down, to a hundredth of a pixel."""
    return (np.array([LEFT, TOP + SIDE]) + SIDE * np.array(points, dtype=float) * [1, -1]).round(2)


def _path(points: Iterable[Sequence[float]]) -> str:
    return "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
