"""The hexagon outer2, for δ+ε > 1.

As Figure 23 at τ = 0.36 and (ε,δ) = (0.65,0.9). Now the augmentation point (1−δ,1−ε) is the left one of the
two forbidden points and the collapse point (ε,δ) the right one. The conditions are those of Figure 23 with
(1−δ,1−ε) in place of (ε,δ). (a) A region (black) between the triangle (dark) and the hexagon (dashed). (b)
Hexagons for (α,β) = (0.15,0.48), (0.48,0.15) and (0.3,0.3) cross; α, β ≥ (1−δ)τ/(δ−ε) = 0.144 and α+β ≤ 1−τ.
(c) The letters of the hexagon.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from modecollapse.theorems import families

from .parts import hexagons
from .parts.hexagons import Data

POINT, TAU, EDGES = (0.65, 0.9), 0.36, (0.24, 0.24)
RIVALS = ((0.15, 0.48), (0.48, 0.15), (0.3, 0.3))


def compute() -> Data:
    """The hexagon and its rivals."""
    return hexagons.around("outer2", families.outer2, POINT, TAU, EDGES, RIVALS)


def draw(data: Data) -> Figure:
    """Three panels."""
    return hexagons.draw(data)
