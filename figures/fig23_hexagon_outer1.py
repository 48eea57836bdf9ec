"""Largest regions with neither collapse nor augmentation: the hexagon outer1, for δ+ε ≤ 1.

At τ = 0.26 and (ε,δ) = (0.1,0.25). (a) A region (black) that touches the line of slope one between x = α and
x = 1−τ−β, and stays below both forbidden points (open squares), lies inside the hexagon (dashed) whose first
and last edges run through those points to α and 1−τ−β. It contains the triangle of a point where it touches
(dark). The hexagon itself touches the forbidden points, so its value is a supremum only. (b) Hexagons for
(α,β) = (0.18,0.52), (0.52,0.18) and (0.34,0.34) cross: the maximum has to be sought over both parameters,
α, β ≥ ετ/(δ−ε) and α+β ≤ 1−τ. (c) The letters: a mass a of the target that the generator lacks, a mass b
that it invents, and c = 1−τ−α−β common to both.
"""

from __future__ import annotations

from matplotlib.figure import Figure

from modecollapse.theorems import families

from .parts import hexagons
from .parts.hexagons import Data

POINT, TAU, EDGES = (0.1, 0.25), 0.26, (0.24, 0.3)
RIVALS = ((0.18, 0.52), (0.52, 0.18), (0.34, 0.34))


def compute() -> Data:
    """The hexagon and its rivals."""
    return hexagons.around("outer1", families.outer1, POINT, TAU, EDGES, RIVALS)


def draw(data: Data) -> Figure:
    """Three panels."""
    return hexagons.draw(data)
