"""Packed distances from samples: their confidence intervals, and their positions in the range of Theorem 3.

A confidence band says that the region contains the inner region and lies within the outer one. This is a
class of pairs (docs/theory.md §9), whose range of the packed distance is certified. At a known total
variation τ the range is narrower, so that the position is bounded on small intervals of τ, one by one.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.packing import packed_tv, packed_tv_bracket
from modecollapse.region import Region, RegionBracket
from modecollapse.samples.bands import below_lines
from modecollapse.samples.confidence import hull_region
from modecollapse.theorems.band import band as band_of_class
from modecollapse.theorems.band import tv_band
from modecollapse.theorems.classes import PairClass

PACKED_WIDTH = 1e-5
"""Width of the numerical brackets of packed distances. Sampling leaves 1e-3 at a million samples."""

QUICK_LETTERS = 3
"""Greatest number of common letters for which a packed distance is computed to rounding at once."""

POINT_WIDTH = 1e-9
"""Width below which a range of packed distances is a point, up to the rounding of its ends."""

POSITION_GAP = 1e-3
"""Certified width of the searches behind a position, which is only ever known to some percent."""

TAU_CELLS = 4
"""Intervals into which that of τ is divided. More make positions hardly narrower."""


class PackedReport(NamedTuple):
    """The packed distance at one m.

    Attributes
    ----------
    m : int
        The packing degree.
    tv : float
        d_TV(P^m, Q^m) of the plug-in region, to 1e-5.
    interval : Bracket
        Its confidence interval: the range over all pairs that the confidence band allows.
    theory : Bracket
        The range over all pairs with the total variation τ of the plug-in region (Theorem 3).
    position : float or None
        Position of `tv` in that range: 0 at the bottom (neither collapse nor augmentation) and 1 at the top
        (collapse, augmentation, or both). None where the range is a point: at m = 1, and at τ = 0 or 1.
    position_interval : Bracket or None
        Confidence interval of the position of the true packed distance in the range of the true τ.
    """

    m: int
    tv: float
    interval: Bracket
    theory: Bracket
    position: float | None
    position_interval: Bracket | None


def packed_reports(region: Region, band: RegionBracket, degrees: list[int]) -> tuple[PackedReport, ...]:
    """Reports at several degrees, of a plug-in region and its confidence band."""
    theory = tv_band(region.total_variation, degrees)
    positions = position_intervals(band, degrees)
    reports = []
    for m, lower, upper, position in zip(
        degrees, theory.lower.tolist(), theory.upper.tolist(), positions, strict=True
    ):
        value, within = packed_value(region, m), Bracket(lower, upper)
        is_point = within.width <= POINT_WIDTH
        reports.append(
            PackedReport(
                m,
                value,
                Bracket(_packed_bracket(band.inner, m).lower, _packed_bracket(band.outer, m).upper),
                within,
                None if is_point else min(max((value - lower) / within.width, 0.0), 1.0),
                None if is_point else position,
            )
        )
    return tuple(reports)


def packed_value(region: Region, m: int) -> float:
    """The packed distance: to rounding for few letters, else to half of `PACKED_WIDTH`."""
    bracket = _packed_bracket(region, m)
    return (bracket.lower + bracket.upper) / 2


def _packed_bracket(region: Region, m: int) -> Bracket:
    if m == 1 or np.count_nonzero((region.p > 0) & (region.q > 0)) <= QUICK_LETTERS:
        value = packed_tv(region, m)
        return Bracket(value, value)
    return packed_tv_bracket(region, m, PACKED_WIDTH)


def position_intervals(band: RegionBracket, degrees: list[int]) -> list[Bracket | None]:
    """For each degree an interval of the positions of all pairs that a band allows; None at m = 1.

    Notes
    -----
    Where τ lies in [a, b], let T be in [t, T′], the range of the class of pairs with this τ and this band.
    The ends L and U of Theorem 3's range grow with τ. The position (T − L)/(U − L) falls in L and in U while
    L ≤ T ≤ U. So it is at least (t − L(b))/(U(b) − L(b)) and at most (T′ − L(a))/(U(a) − L(a)).
    """
    low, high = band.divergence("tv")
    packed = [m for m in degrees if m > 1]
    if not packed:
        return [None] * len(degrees)
    if low == 0:  # equal laws are possible, and have no position
        return [None if m == 1 else Bracket(0.0, 1.0) for m in degrees]
    inner, outer = _coarse_inner(band.inner), _coarse_outer(band.outer)
    ends = np.linspace(low, high, TAU_CELLS + 1)
    theory = [tv_band(tau, packed) for tau in ends.tolist()]
    least, greatest = [], []
    for i, (a, b) in enumerate(zip(ends[:-1].tolist(), ends[1:].tolist(), strict=True)):
        allowed = band_of_class(PairClass(tau=(a, b), contains=inner, within=outer), packed, gap=POSITION_GAP)
        least.append(
            _position(allowed.lower - allowed.lower_gap, theory[i + 1].lower, theory[i + 1].upper, 0.0)
        )
        lowest = theory[i].lower - theory[i].lower_gap
        greatest.append(_position(allowed.upper + allowed.upper_gap, lowest, theory[i].upper, 1.0))
    lower, upper = np.min(least, axis=0), np.max(greatest, axis=0)
    by_degree = {
        m: Bracket(float(x), float(y))
        for m, x, y in zip(packed, lower, np.maximum(lower, upper), strict=True)
    }
    return [by_degree.get(m) for m in degrees]


def _position(value: FloatArray, lower: FloatArray, upper: FloatArray, unknown: float) -> FloatArray:
    """Positions in ranges, or what holds for any position where a range is a point."""
    width = upper - lower
    share = np.divide(value - lower, width, out=np.full_like(width, unknown), where=width > POINT_WIDTH)
    return np.clip(share, 0.0, 1.0)


def _coarse_inner(region: Region) -> Region:
    """The triangle inside a region with the same total variation.

    Joined with one more point it has at most three letters, and so a quick evaluator at every m.
    """
    height = region.vertices[:, 1] - region.vertices[:, 0]
    return hull_region(region.vertices[[int(height.argmax())]])


def _coarse_outer(region: Region) -> Region:
    """A region with at most three common letters around a region, of the same total variation.

    It lies below the highest line of slope 1, and below the longest edges of steeper and of flatter slope.
    """
    slopes = [1.0]
    for side in (region.difference > 0, region.difference < 0):
        length = np.where(side & (region.p > 0) & (region.q > 0), region.p + region.q, 0.0)
        if length.any():
            longest = int(length.argmax())
            slopes.append(float(region.p[longest] / region.q[longest]))
    lines = np.array(slopes)
    excess = np.maximum(region.p - lines[:, np.newaxis] * region.q, 0.0)
    return below_lines(lines, excess.sum(axis=1))
