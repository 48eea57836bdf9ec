"""The Chernoff information is the rate at which packing tells a generator from its target.

The overlap O_m = 1 − d_TV(P^m, Q^m) is the error of the best test that sees m packed samples. Its logarithm
falls by the Chernoff information C = max over s of −log Σ p^s q^{1−s} a sample (a), whatever the alphabet.
The prefactor is of order 1/√m (b: slope −½ on these axes). The generator Q₁ that misses a mode of 0.2 is an
exception: its overlap is exactly (1−0.2)^m. The two toys have the same total variation of 0.2, but the rate
of the one that collapses is ten times as large. Overlaps of two and three letters are exact. Those of
twenty letters are contour integrals.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse import Region, chernoff_information, packed_overlap
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.distances import OverlapMethod

from .parts import style
from .parts.toys import collapsed, tilted


class Curve(NamedTuple):
    """A pair, its Chernoff information, and log O_m."""

    name: str
    region: Region
    rate: float
    log_overlap: FloatArray


class Data(NamedTuple):
    """The curves at their packing degrees."""

    m: IntArray
    curves: tuple[Curve, ...]

    @property
    def rates(self) -> tuple[FloatArray, ...]:
        """−log O_m/(mC) of each curve."""
        return tuple(-curve.log_overlap / (self.m * curve.rate) for curve in self.curves)

    @property
    def factors(self) -> tuple[FloatArray, ...]:
        """O_m e^{mC} of each curve."""
        return tuple(np.exp(curve.log_overlap + self.m * curve.rate) for curve in self.curves)


LOOKS: tuple[dict[str, Any], ...] = (
    {"color": style.COLLAPSE, "linestyle": style.DASHED},
    {"color": style.SPREAD, "linestyle": "-"},
    {"color": style.SPREAD, "linestyle": (0, (1, 1.2))},
    {"color": style.INK, "linestyle": (0, (6, 1.5, 1, 1.5))},
)


def compute() -> Data:
    """Two toys of the paper, three letters, and twenty."""
    m = np.unique(np.geomspace(1, 10**4, 48).round().astype(np.int64))
    pairs: dict[str, tuple[Region, OverlapMethod]] = {
        "misses a mode": (collapsed(0.2).region, "exact"),
        "tilted": (tilted(0.5, 0.6).region, "exact"),
        "three letters": (Region.from_pmfs([0.5, 0.3, 0.2], [0.35, 0.3, 0.35]), "exact"),
        "twenty letters": (_twenty_letters(), "contour"),
    }
    curves = (
        Curve(
            name,
            region,
            chernoff_information(region),
            packed_overlap(region, m, log=True, method=method),
        )
        for name, (region, method) in pairs.items()
    )
    return Data(m, tuple(curves))


def _twenty_letters() -> Region:
    """A region of twenty letters, whose log likelihood ratios lie on no lattice."""
    p = np.linspace(1, 2, 20)
    q = p * np.exp(0.3 * np.sin(np.arange(20) ** 2))
    return Region.from_pmfs(p / p.sum(), q / q.sum())


@style.styled
def draw(data: Data) -> Figure:
    """Rates to the left, and prefactors to the right."""
    figure = Figure(figsize=(style.PAGE, 2.9))
    left, right = figure.subplots(1, 2)
    for curve, rate, factor, look in zip(data.curves, data.rates, data.factors, LOOKS, strict=True):
        left.plot(data.m, rate, label=curve.name, **look)
        right.plot(data.m, factor, **look)
    left.axhline(1, color="0.6", linewidth=0.6, zorder=0)
    left.set(ylim=(0.9, None), ylabel="$-\\log O_m\\,/\\,mC$", yscale="log", yticks=[1, 2, 5, 10, 20])
    left.set_yticklabels(["1", "2", "5", "10", "20"])
    left.minorticks_off()
    left.legend(loc="upper right")
    right.set(ylabel="$O_m\\,e^{mC}$", yscale="log", yticks=[0.1, 1])
    _draw_slope(right)
    style.title(left, "a", "the rate tends to $C$")
    style.title(right, "b", "the prefactor")
    for ax in (left, right):
        ax.set(xscale="log", xlim=(1, data.m[-1]), xlabel="packing degree $m$")
        ax.set_xticks([1, 10, 100, 1000, 10_000])
    return figure


def _draw_slope(ax: Axes) -> None:
    """A line of the slope of 1/√m."""
    m = np.array([200.0, 2000.0])
    ax.plot(m, 1.6 / np.sqrt(m), color="0.6", linewidth=0.8)
    ax.annotate("$1/\\sqrt{m}$", (700, 1.6 / np.sqrt(700)), (3, 3), textcoords="offset points")
