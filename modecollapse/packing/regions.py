"""The region of the product pair (P^m, Q^m): exact, letter by letter, or between two polygons."""

from __future__ import annotations

import math

import numpy as np

from modecollapse import validation
from modecollapse.arrays import Degree, FloatArray
from modecollapse.packing import choice, enumeration
from modecollapse.packing.letters import CommonLetters, common_letters
from modecollapse.region import PairLike, Region, RegionBracket, as_region


def pack(pair: PairLike, m: Degree) -> Region:
    """The region of (P^m, Q^m), letter by letter.

    Letters of mass below 1e-308 under P^m or Q^m count as missing there.

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator; see `Region.from_pmfs` for the pmfs.
    m : int
        Packing degree ≥ 1.

    Returns
    -------
    Region
        Its letters are the types of the pair, with types of equal likelihood ratio merged. The error is
        rounding, about 1e-13 in each coordinate of the boundary. A Region packed once (m = 1) is itself.

    Raises
    ------
    ValueError
        If the pair or m is invalid, or if the number of types exceeds 10⁷; the message gives it.
        `pack_bracket` has no such limit.

    Examples
    --------
    >>> pack(([0.2, 0.8], [0, 1]), 2).vertices.round(12).tolist()
    [[0.0, 0.0], [0.0, 0.36], [1.0, 1.0]]
    """
    region, m = as_region(pair, "pack((p, q), m)"), validation.degree(m)
    if m == 1:
        return region
    common = common_letters(region)
    if common.has_one_ratio:
        p, q, difference = _one_type(common, m)
    else:
        enumeration.refuse_many_types(len(common.p), m)
        types = enumeration.packed_letters(common, m)
        p, q, difference = types.p, types.q, types.excess
    only_p, only_q = -math.expm1(m * common.log_p_share), -math.expm1(m * common.log_q_share)
    return Region._from_letters(
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


def pack_bracket(pair: PairLike, m: Degree, width: float = 1e-6) -> RegionBracket:
    """Two regions with that of (P^m, Q^m) between them, for any alphabet at any m.

    The hockey-stick curve H(γ) = Σ (P^m − γQ^m)⁺ determines the packed region (docs/theory.md §7). Brackets
    of the curve at many orders at once give an inner and an outer polygon.

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator; see `Region.from_pmfs` for the pmfs.
    m : int
        Packing degree ≥ 1.
    width : float, default 1e-6
        The greatest Lévy distance of the two; see `RegionBracket.width`.

    Returns
    -------
    RegionBracket
        ``inner`` ⊆ R(P^m, Q^m) ⊆ ``outer``, rounding accounted for. Up to 10⁶ types both are the region of
        `pack`, exact to its rounding of about 1e-13.

    Raises
    ------
    PrecisionError
        If the width cannot be reached (1e-8 can, in seconds, unless a few types are heavy); it carries the
        bracket of d_TV of the best two regions.
    ValueError
        If the pair, m or the width is invalid.

    Examples
    --------
    >>> bracket = pack_bracket(([0.1, 0.2, 0.3, 0.4], [0.15, 0.15, 0.3, 0.4]), 1000)
    >>> bracket.width <= 1e-6, bracket.inner <= bracket.outer
    (True, True)
    """
    region, m = as_region(pair, "pack_bracket((p, q), m)"), validation.degree(m)
    width = validation.positive("width", width)
    common = common_letters(region)
    if m == 1 or choice.is_enumeration_cheap(common, m):
        exact = pack(region, m)
        return RegionBracket(exact, exact)
    from modecollapse.packing.fourier import hockey_sticks

    return hockey_sticks.region_bracket(common, m, width)
