"""The greatest packed divergence over the greatest regions of a class, with a certified gap."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing import enumeration
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries
from modecollapse.theorems.extremum import ROUNDING
from modecollapse.theorems.greatest import letter_measures
from modecollapse.theorems.greatest.envelopes import SIGMA
from modecollapse.theorems.greatest.search import search
from modecollapse.theorems.greatest.slopes import GreatestRegions
from modecollapse.theorems.greatest.values import Problem

MOST_STEPS = 1e10
"""The search gives up after this many entries of tables, and says how far it came: up to a minute."""


class Supremum(NamedTuple):
    """The greatest value found, a boundary that has it, and how far the true supremum can be above it.

    Attributes
    ----------
    value : float
    boundary : ndarray, shape (n, 5)
    gap : float
    is_exact : bool
        Whether the gap is the one sought.
    """

    value: float
    boundary: FloatArray
    gap: float
    is_exact: bool

    def precision_error(self) -> PrecisionError:
        """The refusal of a gap that was not reached, with the bracket that was."""
        bracket = Bracket(self.value, self.value + self.gap)
        return PrecisionError(
            f"the supremum is only known to lie in [{bracket.lower:.12g}, {bracket.upper:.12g}] "
            f"(width {bracket.width:.2g}); ask for a wider gap",
            bracket,
        )


def supremum(
    regions: GreatestRegions, divergence: PackedDivergence, gap: float, most_steps: float = MOST_STEPS
) -> Supremum:
    """The greatest divergence over the greatest regions of a class, by branch and bound over their slopes.

    Raises
    ------
    ValueError
        If the letters of a region have too many types to be counted, or for Rényi's divergence of order 0
        or ∞.
    """
    pairs = regions.pairs
    if divergence.name == "hockey_stick" and divergence.order == 0:
        return Supremum(0.0, pairs.greatest, 0.0, True)
    if divergence.name == "renyi" and divergence.order in (0, np.inf):
        raise ValueError(
            "where forbidden points matter, the supremum of Rényi's divergence is searched for "
            f"orders above 0 and below ∞, got {divergence.order!r}"
        )
    _, certain, sigma, _ = search(problem_of(regions, divergence), regions.boxes, gap, most_steps)
    boundary = regions.boundary(sigma)
    value = float(divergence.values(*boundaries.letters(boundary)))
    if value == np.inf:
        return Supremum(value, boundary, 0.0, True)
    width = max(certain - value, 0.0) + ROUNDING * max(1.0, certain)
    is_exact = width <= (1.001 * gap + ROUNDING) * max(1.0, value)
    return Supremum(value, boundary, width, is_exact)


def problem_of(regions: GreatestRegions, divergence: PackedDivergence) -> Problem:
    """The compiled search's view of a class, and of what is measured.

    Raises
    ------
    ValueError
        If the letters of a region have too many types to be counted.
    """
    low, high = regions.pairs.heights
    name = "kl" if divergence.name == "renyi" and divergence.order == 1 else divergence.name
    _refuse_many_types(regions.constraints, regions.pairs.slope, divergence)
    return Problem(
        regions.constraints.copy(),
        regions.excess,
        regions.pairs.slope,
        high,
        low == high,
        letter_measures.CODES[name],
        divergence.m,
        divergence.order,
        regions.is_symmetric and divergence.is_symmetric,
    )


def _refuse_many_types(constraints: FloatArray, gamma: float, divergence: PackedDivergence) -> None:
    """Refuse letters that are too many to be counted; three never are for a power."""
    letters = int((gamma + constraints[:, SIGMA] > 0).sum())
    code = letter_measures.CODES[divergence.name]
    if code == letter_measures.JENSEN_SHANNON or (code == letter_measures.POWER and letters > 3):
        enumeration.refuse_many_types(letters, divergence.m)
