"""The region of the product pair (P^m, Q^m): exact, letter by letter, or between two polygons."""

from __future__ import annotations

import math

import numpy as np

from modecollapse import validation
from modecollapse.arrays import FloatArray
from modecollapse.packing import choice, enumeration
from modecollapse.packing.letters import CommonLetters, common_letters
from modecollapse.region import Region, RegionBracket


def pack(region: Region, m: int) -> Region:
    """The region of (P^m, Q^m), letter by letter.

    Letters of mass below 1e-308 under P^m or Q^m count as missing there.

    Parameters
    ----------
    region : Region
    m : int
        Packing degree ≥ 1.

    Returns
    -------
    Region
        Its letters are the types of `region`, with types of equal likelihood ratio merged. Exact to
        rounding: about 1e-13 in each coordinate of the boundary.

    Raises
    ------
    ValueError
        If the number of types exceeds 10⁷; the message gives it. `pack_bracket` has no such limit.

    Examples
    --------
    >>> from modecollapse import Region
    >>> pack(Region.from_pmfs([0.2, 0.8], [0, 1]), 2).vertices.round(12).tolist()
    [[0.0, 0.0], [0.0, 0.36], [1.0, 1.0]]
    """
    common, m = _common_letters_of(region), validation.degree(m)
    if common.has_one_ratio:
        p, q, difference = _one_type(common, m)
    else:
        enumeration.refuse_many_types(len(common.p), m)
        p, q, difference = enumeration.packed_letters(common, m)
    only_p, only_q = -math.expm1(m * common.log_p_share), -math.expm1(m * common.log_q_share)
    return Region.from_letters(
        np.append(p, [only_p, 0.0]), np.append(q, [0.0, only_q]), np.append(difference, [only_p, -only_q])
    )


def _one_type(common: CommonLetters, m: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The one letter that (P^m, Q^m) have in common where (P, Q) have one at most."""
    if len(common.p) == 0:
        return np.empty(0), np.empty(0), np.empty(0)
    log_p, log_q = m * common.log_p_share, m * common.log_q_share
    fall = math.expm1(-abs(log_p - log_q)) * math.exp(max(log_p, log_q))
    difference = math.copysign(fall, log_p - log_q)
    return np.array([math.exp(log_p)]), np.array([math.exp(log_q)]), np.array([difference])


def pack_bracket(region: Region, m: int, width: float = 1e-6) -> RegionBracket:
    """Two regions with that of (P^m, Q^m) between them, for any alphabet at any m.

    The hockey-stick curve H(γ) = Σ (P^m − γQ^m)⁺ is the packed region (docs/theory.md §7): brackets of it at
    many orders at once give an inner and an outer polygon.

    Parameters
    ----------
    region : Region
    m : int
        Packing degree ≥ 1.
    width : float, default 1e-6
        The greatest Lévy distance of the two; see `RegionBracket.width`.

    Returns
    -------
    RegionBracket
        ``inner`` ⊆ R(P^m, Q^m) ⊆ ``outer``, rounding accounted for; but up to 10⁶ types both are the region
        of `pack`, exact to its rounding of about 1e-13.

    Raises
    ------
    PrecisionError
        If the width cannot be reached (1e-8 can, in seconds, unless a few types are heavy); it carries the
        bracket of d_TV of the best two regions.
    ValueError
        If m or the width is invalid.

    Examples
    --------
    >>> from modecollapse import Region
    >>> region = Region.from_pmfs([0.1, 0.2, 0.3, 0.4], [0.15, 0.15, 0.3, 0.4])
    >>> bracket = pack_bracket(region, 1000)
    >>> bracket.width <= 1e-6, bracket.inner <= bracket.outer
    (True, True)
    """
    common, m = _common_letters_of(region), validation.degree(m)
    width = validation.positive("width", width)
    if choice.is_enumeration_cheap(common, m):
        exact = pack(region, m)
        return RegionBracket(exact, exact)
    from modecollapse.packing.fourier import hockey_sticks

    return hockey_sticks.region_bracket(common, m, width)


def _common_letters_of(region: Region) -> CommonLetters:
    if not isinstance(region, Region):
        raise ValueError(f"region must be a Region, got {region!r}; Region.from_pmfs makes one of two pmfs")
    return common_letters(region)
