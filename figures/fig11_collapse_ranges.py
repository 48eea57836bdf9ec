"""The stronger the collapse, the faster the range of packed total variation moves up.

For τ = 0.11 and m = 1…10, the range of d_TV(P^m, Q^m) over pairs with (ε,δ)-mode collapse (Theorem 4), at δ
= 0.1 and (a) ε = 0, (b) 0.01, (c) 0.02, (d) 0.03, (e) 0.04, (f) 0.05. Black lines: the range over all pairs
with d_TV = τ (Theorem 3). The top is common to all; the bottom falls back towards the full range as ε grows
and the collapse weakens.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from .parts import ranges
from .parts.ranges import Sweep


def compute() -> Sweep:
    """The six ranges."""
    return ranges.sweep(ranges.with_collapse, (0, 0.01, 0.02, 0.03, 0.04, 0.05))


def draw(data: Sweep) -> Figure:
    """Six panels on one scale."""
    return ranges.draw_sweep(data, ranges.COLLAPSE)
