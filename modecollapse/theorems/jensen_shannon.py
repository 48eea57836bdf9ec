"""The range of the packed Jensen–Shannon divergence at a given one of a single sample.

The paper leaves it open. The greatest belongs to a generator that lacks one letter of the target, the least
to a pair of two letters; docs/theory.md §8 proves both.
"""

from __future__ import annotations

import math
from typing import overload

import numpy as np
from scipy.special import gammaln

from modecollapse import validation
from modecollapse.arrays import Degree, Degrees, FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries, two_letters
from modecollapse.theorems.band import ArrayBand, Case, ScalarBand, tabulate, validate_gap
from modecollapse.theorems.boundaries import ABOVE, RIGHT, RISE, X
from modecollapse.theorems.covers import Cells, End, halved_intervals
from modecollapse.theorems.extremum import ROUNDING, Extremum

GREATEST = math.log(2)
"""The Jensen–Shannon divergence of pairs that share no letter, in nats."""

MOST_INTERVALS = 20_000
"""The search gives up when it needs more intervals of tangent points at once."""

ROUNDING_OF_A_SAMPLE = 1e-15
"""Allowance for the rounding of m samples, by which the powers in a bound err, for each of them."""


@overload
def jensen_shannon_band(c: float, m: Degree, *, gap: float = 1e-9) -> ScalarBand: ...
@overload
def jensen_shannon_band(c: float, m: Degrees, *, gap: float = 1e-9) -> ArrayBand: ...
@overload
def jensen_shannon_band(c: float, m: Degree | Degrees, *, gap: float = 1e-9) -> ScalarBand | ArrayBand: ...
def jensen_shannon_band(c: float, m: Degree | Degrees, *, gap: float = 1e-9) -> ScalarBand | ArrayBand:
    """The range of d_JS(P^m, Q^m) over all pairs with d_JS(P, Q) = c.

    The greatest is J(1−(1−t)^m) with J(t) = d_JS([t, 1−t], [0, 1]) and J(t) = c. The least is that over pairs
    of two letters, which a certified search finds (docs/theory.md §8).

    Parameters
    ----------
    c : float
        Jensen–Shannon divergence in nats, 0 ≤ c ≤ log 2.
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    gap : float, default 1e-9
        Certified width of the lower end, at least 1e-12. The upper end is exact to rounding.

    Returns
    -------
    Band
        In nats: of numbers for one m (`ScalarBand`), of arrays for many (`ArrayBand`). Both ends are
        attained.

    Raises
    ------
    ValueError
        If c lies outside [0, log 2], or m is no packing degree or exceeds 10⁷.
    PrecisionError
        If `gap` cannot be certified; it carries the best bracket.

    Examples
    --------
    >>> import modecollapse as mc
    >>> band = mc.jensen_shannon_band(0.1, [1, 2, 5])
    >>> band.lower.round(5).tolist(), band.upper.round(5).tolist()
    ([0.1, 0.18121, 0.35635], [0.1, 0.19059, 0.40409])
    """
    level = validation.number("c", c)
    if not 0 <= level <= GREATEST:
        raise ValueError(f"c must lie in [0, log 2 = {GREATEST:.6f}] (nats), got {c!r}")
    degrees = validation.degrees(m)
    validate_gap(gap)
    measures = [PackedDivergence("js", int(degree)) for degree in degrees.ravel()]
    return tabulate(degrees, measures, _case(level, gap))


def _case(c: float, gap: float) -> Case:
    pairs = TwoLetters(c)

    def lower(divergence: PackedDivergence) -> Extremum:
        if divergence.m == 1 or not 0 < c < GREATEST:
            return upper(divergence)
        end = LeastEnd(pairs, divergence)
        end.close_in(absolute=gap)
        bracket = Bracket(end.certain, end.value)
        if bracket.width > gap:
            raise PrecisionError(
                f"the least divergence is only known to lie in [{bracket.lower:.12g}, {bracket.upper:.12g}]; "
                f"ask for a wider gap than {gap:g}",
                bracket,
            )
        rounding = ROUNDING + ROUNDING_OF_A_SAMPLE * divergence.m
        return Extremum(end.value, bracket.width + rounding, boundaries.region(end.limit))

    def upper(divergence: PackedDivergence) -> Extremum:
        one_sided = pairs.triangles(np.zeros(1))
        value = float(divergence.values(*boundaries.letters(one_sided))[0])
        return Extremum(value, ROUNDING, boundaries.region(one_sided[0]))

    return Case(
        "fixed Jensen–Shannon divergence",
        "extremal pairs at fixed Jensen–Shannon divergence have two letters (docs/theory.md §8)",
        lower,
        upper,
    )


# -- pairs of two letters --------------------------------------------------------------------------


class TwoLetters:
    """A cover of half the pairs of two letters at Jensen–Shannon divergence c: triangles of apex (x, y).

    The other half are their mirrors, with P and Q exchanged, which have the same packed divergence.
    """

    def __init__(self, c: float) -> None:
        self.c = c

    def start(self) -> Cells:
        """From the pair whose Q lacks a letter to the one that is its own mirror, x + y = 1."""
        low, high = 0.0, 0.5
        while low < (x := (low + high) / 2) < high:
            apex = self.apexes(np.array([x]))[0]
            low, high = (x, high) if apex[X] < apex[ABOVE] else (low, x)
        return Cells(np.zeros((1, 1)), np.array([[high]]))

    def halves(self, cells: Cells) -> Cells:
        """The halves of the intervals of x."""
        return halved_intervals(cells)

    def bounds(self, cells: Cells) -> FloatArray:
        """The meets of the triangles at the ends of the intervals."""
        return _triangles(_meets(*self.ends(cells)))

    def limits(self, cells: Cells) -> FloatArray:
        """The triangles at the ends of the intervals."""
        return self.triangles(np.unique(np.concatenate([cells.low, cells.high])))

    def triangles(self, x: FloatArray) -> FloatArray:
        """Boundaries of the triangles at each x, shape (N, 3, 5)."""
        return _triangles(self.apexes(x))

    def ends(self, cells: Cells) -> tuple[FloatArray, FloatArray]:
        """The apexes at both ends of intervals."""
        return self.apexes(cells.low[:, 0]), self.apexes(cells.high[:, 0])

    def apexes(self, x: FloatArray) -> FloatArray:
        """The points (x, y), y ≥ x, with d_JS([y, 1−y], [x, 1−x]) = c, shape (N, 5)."""
        return two_letters.apexes(np.ascontiguousarray(x), self.c)


class LeastEnd(End):
    """The least packed divergence over pairs of two letters, bounded to second order in the intervals.

    Attributes
    ----------
    log_ways : ndarray, shape (m,)
        The logarithms of the binomial coefficients of m − 1.
    """

    def __init__(self, cover: TwoLetters, divergence: PackedDivergence) -> None:
        def measure(regions: FloatArray) -> FloatArray:
            return divergence.values(*boundaries.letters(regions))

        super().__init__(cover, measure, 1, MOST_INTERVALS)
        self.pairs, self.m = cover, divergence.m
        successes = np.arange(self.m)
        self.log_ways = gammaln(self.m) - gammaln(successes + 1) - gammaln(self.m - successes)

    def bounds(self, cells: Cells) -> FloatArray:
        """Lower bounds F(M) + m (Ψ(T) − Ψ(M)) for the triangles T of each interval (docs/theory.md §8).

        M is their meet, J contains them all, and Ψ is the divergence of a pair beside m−1 samples of J.
        """
        first, second = self.pairs.ends(cells)
        meets, joins = _meets(first, second), _with_edges_of(first, second)
        gains = two_letters.gains(first, second, meets, joins, self.log_ways)
        return self.measure(_triangles(meets)) + self.m * np.maximum(gains, 0.0)


def _triangles(apexes: FloatArray) -> FloatArray:
    """The boundaries with these apexes, shape (N, 3, 5)."""
    start, end = (np.broadcast_to(corner, apexes.shape) for corner in (boundaries.ORIGIN, boundaries.END))
    return np.stack([start, apexes, end], axis=1)


def _with_edges_of(left: FloatArray, right: FloatArray) -> FloatArray:
    """Apexes of triangles with the left edge of some triangles and the right edge of others.

    With the left edges of the second ends of intervals and the right edges of the first they are the meets;
    the other way round they contain all triangles between.
    """
    fall = right[:, RISE] / right[:, RIGHT]  # 1 less the slope of the right edge
    total = left[:, RISE] + fall * left[:, X]
    x, rise, rest = fall * left[:, X] / total, fall * left[:, RISE] / total, left[:, RISE] / total
    return np.stack([x, x + rise, rest, rest * right[:, ABOVE] / right[:, RIGHT], rise], axis=-1)


def _meets(first: FloatArray, second: FloatArray) -> FloatArray:
    return _with_edges_of(second, first)
