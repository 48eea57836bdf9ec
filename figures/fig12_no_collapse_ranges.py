"""The less collapse is allowed, the slower the range of packed total variation moves up.

For τ = 0.11 and m = 1…10, the range of d_TV(P^m, Q^m) over pairs with neither (ε,δ)-mode collapse nor
augmentation (Theorem 5), at δ = 0.1 and (a) ε = 0.03, (b) 0.04, (c) 0.05, (d) 0.06, (e) 0.07, (f) 0.08.
Black lines: the range over all pairs with d_TV = τ (Theorem 3). As ε grows the condition forbids more, and
the top comes down; the bottom is that of all pairs until the condition forbids their minimiser as well. At ε
= 0.08 hardly a pair is left (from τ = 1/9 on there is none), and the range is all but a curve. The top is a
supremum, which no pair attains for m ≥ 2.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from .parts import ranges
from .parts.ranges import Sweep


def compute() -> Sweep:
    """The six ranges."""
    return ranges.sweep(ranges.without_collapse, (0.03, 0.04, 0.05, 0.06, 0.07, 0.08))


def draw(data: Sweep) -> Figure:
    """Six panels on one scale."""
    return ranges.draw_sweep(data, ranges.SPREAD)
