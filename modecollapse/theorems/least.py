"""The least packed divergence over the least regions of a class: one parameter, the tangent point.

Between finitely many tangent points the corners of A that the hull keeps stand still, and two letters move
at constant speed (docs/theory.md §9). There every divergence of one sample is convex, and those that
tensorise are so but for a monotone function. The others have certain lower bounds (`moving_letters`).
Triangles have an exact search for total variation (`triangles`).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing import choice, enumeration
from modecollapse.packing.measures import TENSORISED, PackedDivergence
from modecollapse.region import Region
from modecollapse.theorems import boundaries, moving_letters, triangles
from modecollapse.theorems.classes import PairClass, Piece
from modecollapse.theorems.extremum import ROUNDING, Extremum
from modecollapse.theorems.regimes import Interval
from modecollapse.theorems.saturation import is_no_nearer

PROBES = 33
"""Tangent points tried for a member that shares an infimum found at an end that does not belong."""

EQUAL = 1e-13
"""Values this close, relative for values above 1, are one value: rounding of the evaluators."""

EXACT_DEGREE = 10**7
"""Up to this m the least triangle is found exactly, in .1 s at most; beyond, within the gap asked for."""

SECTIONS = 16
"""Parts of an interval at whose ends a convex function is evaluated at once."""

MOST_ROUNDS = 60
"""Rounds of a convex search; each leaves an eighth of the interval."""

MAX_EVALUATIONS = 200_000
"""Evaluations after which a search in one piece gives up: seconds for three letters."""


class Least(NamedTuple):
    """The least value over a piece, its tangent point, and a bound below all values of the piece.

    It is exact where the bound is within the gap asked for; a search that gives up is not.
    """

    value: float
    x: float
    bound: float
    interval: Interval
    is_exact: bool = True


def infimum(pairs: PairClass, divergence: PackedDivergence, gap: float) -> Extremum:
    """The least divergence over least regions that touch ℓ, for a class whose A does not touch it."""
    best, width = _least([least_of_piece(pairs, piece, divergence, gap) for piece in pairs.pieces], gap)
    region = _region(pairs, best.x)
    if best.interval.holds(best.x) and region in pairs:
        return Extremum(best.value, width, region, (best.x,))
    member = _member_with_value(pairs, divergence, best)
    if member is None:
        return Extremum(best.value, width, region, (best.x,), attained=False)
    x, value = member
    if value < best.value:  # within the gap of a search that ends when it is narrow enough
        width = max(width - (best.value - value), ROUNDING * max(1.0, value))
        best = best._replace(value=value)
    return Extremum(best.value, width, _region(pairs, x), (x,))


def least_between(
    pairs: PairClass, divergence: PackedDivergence, low: float, high: float, gap: float
) -> Extremum:
    """The least divergence over the least regions that touch ℓ at low ≤ x ≤ high."""
    pieces = [piece._replace(low=max(piece.low, low), high=min(piece.high, high)) for piece in pairs.pieces]
    best, width = _least(
        [least_of_piece(pairs, piece, divergence, gap) for piece in pieces if piece.low <= piece.high], gap
    )
    return Extremum(best.value, width, _region(pairs, best.x), (best.x,))


def _least(found: list[Least], gap: float) -> tuple[Least, float]:
    """The least of several, at a tangent point of the class if there is a choice, and its certified gap.

    A piece in which the search gave up is no matter if its bound is not below the least of the others.
    """
    best = min(found, key=lambda least: (least.value, not least.interval.holds(least.x)))
    best = best._replace(value=max(best.value, 0.0))  # below which terms of both signs may round
    if best.value == np.inf:
        return best, 0.0
    certain = min(best.value, *(least.bound for least in found))
    width, scale = best.value - certain, max(1.0, best.value)
    if width > gap * scale and not all(least.is_exact for least in found):
        raise PrecisionError(
            f"the infimum is only known to lie in [{certain:.12g}, {best.value:.12g}] (width {width:.2g}) "
            f"after {MAX_EVALUATIONS:.0e} evaluations; ask for a wider gap than {gap:g}",
            Bracket(certain, best.value),
        )
    return best, width + ROUNDING * scale


def _region(pairs: PairClass, x: float) -> Region:
    return boundaries.region(pairs.least_regions(np.array([x]))[0])


def _member_with_value(
    pairs: PairClass, divergence: PackedDivergence, best: Least
) -> tuple[float, float] | None:
    """A tangent point of the class whose least region has no more than the least value, and what it has."""
    x = np.concatenate([np.linspace(i.low, i.high, PROBES + 2)[1:-1] for i in pairs.tangents])
    values = divergence.values(*boundaries.letters(pairs.least_regions(x)))
    at = int(values.argmin())
    limit, member = pairs.least_regions(np.array([best.x, x[at]]))
    is_shared = values[at] <= best.value + EQUAL * max(1.0, best.value)
    if (
        is_shared
        and boundaries.region(member) in pairs
        and is_no_nearer(divergence, limit, [member], best.value)
    ):
        return float(x[at]), float(values[at])
    return None


# -- one piece -------------------------------------------------------------------------------------


def least_of_piece(pairs: PairClass, piece: Piece, divergence: PackedDivergence, gap: float) -> Least:
    """The least divergence over a piece of the tangent points, by the search that serves it best."""
    if piece.is_triangle and divergence.is_total_variation and pairs.slope == 1:
        slack = gap if divergence.m > EXACT_DEGREE else 0.0
        value, x = triangles.triangle_minimum(pairs.low, divergence.m, piece.low, piece.high, slack)
        return Least(value, x, value - slack, piece.interval)
    if divergence.m == 1 or divergence.name in TENSORISED or divergence.order == 0:
        return _least_of_convex(pairs, piece, divergence, gap)
    return _least_of_moving_letters(pairs, piece, divergence, gap)


def _least_of_convex(pairs: PairClass, piece: Piece, divergence: PackedDivergence, gap: float) -> Least:
    """The least of an f-divergence of one sample, packed: Σ q f(p/q) is convex where letters move evenly."""
    single = PackedDivergence(divergence.name, 1, divergence.order)

    def packed(value: float) -> float:
        tensorise = TENSORISED.get(divergence.name)
        return value if tensorise is None else float(tensorise(np.array(value), divergence.m))

    def values(x: FloatArray) -> FloatArray:
        return single.values(*boundaries.letters(pairs.least_regions(x)))

    low, high = piece.low, piece.high
    for _ in range(MOST_ROUNDS):
        x = np.linspace(low, high, SECTIONS + 1)
        f = values(x)
        i = int(f.argmin())
        best = packed(float(f[i]))
        if best == np.inf:
            return Least(best, float(x[i]), best, piece.interval)
        bound = packed(max(_below_convex(f, i), 0.0))
        low, high = float(x[max(i - 1, 0)]), float(x[min(i + 1, SECTIONS)])
        if best - bound <= gap * max(1.0, best) or not low < high:
            break
    return Least(best, float(x[i]), min(bound, best), piece.interval)


def _below_convex(f: FloatArray, i: int) -> float:
    """A lower bound on a convex function between the neighbours of f[i], the least of evenly spaced values.

    Beyond two neighbours the function lies above the line through them.
    """
    if i == 0:
        first, second = f[1], f[2]
    elif i == len(f) - 1:
        first, second = f[-2], f[-3]
    else:
        first, second = f[i], max(f[i - 1], f[i + 1])
    return float(min(f[i], 2 * first - second)) if second < np.inf else -np.inf


def _least_of_moving_letters(
    pairs: PairClass, piece: Piece, divergence: PackedDivergence, gap: float
) -> Least:
    """The least total variation, hockey stick or Jensen–Shannon divergence, by branch and bound."""
    m, letters = divergence.m, len(piece.p)
    by_rows = divergence.is_total_variation and letters == 3 and not choice.are_few(3, m)
    if not by_rows:
        enumeration.refuse_many_types(letters, m)
    size = 0 if by_rows else enumeration.count_types(letters, m)
    kind = moving_letters.POWER if divergence.is_power else moving_letters.JENSEN_SHANNON
    value, x, bound, evaluations = moving_letters.least_value(
        (piece.p, piece.q),
        piece.at,
        piece.left,
        piece.right,
        (pairs.slope, pairs.low, pairs.last_tangent),
        piece.low,
        piece.high,
        m,
        size,
        divergence.order,
        kind,
        gap,
        MAX_EVALUATIONS,
    )
    return Least(value, x, bound, piece.interval, evaluations <= MAX_EVALUATIONS)
