"""Values close to the greatest that any pair has, where rounding hides by how much they differ.

A supremum or an infimum is attained if a member has its value. Near the greatest value all members seem to
have it. But overlaps have digits there, and their logarithms have them at any m.
"""

from __future__ import annotations

import math

from modecollapse.arrays import FloatArray
from modecollapse.divergence import GREATEST
from modecollapse.packing import packed_overlap
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries

SATURATED = 1e-6
"""Distance from the greatest value from which on overlaps are compared, and how closely they agree."""

GREATEST_DEGREE = 1000
"""Up to this m overlaps are compared: beyond, a range would take seconds."""


def is_no_nearer(
    divergence: PackedDivergence, boundary: FloatArray, others: list[FloatArray], value: float
) -> bool:
    """Whether a region is certainly as far as others, which have the same value to rounding.

    Near the greatest value the overlaps decide, for total variation. It is not said for other divergences,
    nor for a great m.
    """
    if value <= _greatest(divergence) - SATURATED:
        return True
    if not divergence.is_total_variation or divergence.m > GREATEST_DEGREE:
        return False
    overlap, *overlaps = (
        packed_overlap(boundaries.region(each), divergence.m, log=True) for each in (boundary, *others)
    )
    return overlap <= min(overlaps) + SATURATED


def _greatest(divergence: PackedDivergence) -> float:
    """The value at disjoint supports."""
    greatest = GREATEST.get(divergence.name, math.inf)
    return min(greatest, divergence.order) if divergence.name == "hockey_stick" else greatest
