"""The hexagon outer2, for δ+ε > 1.

As Figure 23 at τ = 0.32 and (ε,δ) = (0.65,0.9). Now the augmentation point (1−δ,1−ε) is the left one of the
two forbidden points and the collapse point (ε,δ) the right one. The conditions are those of Figure 23 with
(1−δ,1−ε) in place of (ε,δ), and so are the hexagons, over α, β ≥ (1−δ)τ/(δ−ε) = 0.128 and α+β ≤ 1−τ; those
in (b) are at (α,β) = (0.13,0.54), (0.54,0.13) and (0.3,0.3).
"""

from __future__ import annotations

from matplotlib.figure import Figure

from figures import hexagons
from figures.hexagons import Data
from modecollapse import family

POINT, TAU, EDGES = (0.65, 0.9), 0.32, (0.24, 0.26)
RIVALS = ((0.13, 0.54), (0.54, 0.13), (0.3, 0.3))


def compute() -> Data:
    """The hexagon and its rivals."""
    return hexagons.around("outer2", family.outer2, POINT, TAU, EDGES, RIVALS)


def draw(data: Data) -> Figure:
    """Three panels."""
    return hexagons.draw(data)
