"""The hexagon outer2, for δ+ε > 1.

As Figure 23 at τ = 0.4 and (ε,δ) = (0.65,0.9). Now the augmentation point (1−δ,1−ε) is the left one of the
two forbidden points and the collapse point (ε,δ) the right one. The conditions are those of Figure 23 with
(1−δ,1−ε) in place of (ε,δ), and so are the hexagons, over α, β ≥ (1−δ)τ/(δ−ε) = 0.16 and α+β ≤ 1−τ; those
in (b) are at (α,β) = (0.16,0.44), (0.44,0.16) and (0.28,0.28).
"""

from __future__ import annotations

from matplotlib.figure import Figure

from figures import hexagons
from figures.hexagons import Data
from modecollapse import family

POINT, TAU, EDGES = (0.65, 0.9), 0.4, (0.26, 0.22)
RIVALS = ((0.16, 0.44), (0.44, 0.16), (0.28, 0.28))


def compute() -> Data:
    """The hexagon and its rivals."""
    return hexagons.around("outer2", family.outer2, POINT, TAU, EDGES, RIVALS)


def draw(data: Data) -> Figure:
    """Three panels."""
    return hexagons.draw(data)
