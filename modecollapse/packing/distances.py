"""Distances and divergences between the product pairs (P^m, Q^m)."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Literal, TypeAlias, overload

import numpy as np

from modecollapse import validation
from modecollapse.arrays import Degree, Degrees, FloatArray, IntArray
from modecollapse.brackets import Bracket
from modecollapse.divergence import DivergenceName, validate_divergence
from modecollapse.errors import PrecisionError
from modecollapse.packing import chernoff, choice, measures
from modecollapse.packing.letters import CommonLetters, common_letters
from modecollapse.packing.regions import pack
from modecollapse.region import PairLike, Region, as_region

Method: TypeAlias = Literal["auto", "exact", "certified"]

OverlapMethod: TypeAlias = Literal["auto", "exact", "certified", "contour"]

DISTANCES = {
    "auto": choice.total_variation,
    "exact": choice.exact_total_variation,
    "certified": choice.certified_total_variation,
}

LOG_OVERLAPS = {
    "auto": choice.log_overlap,
    "exact": choice.exact_log_overlap,
    "certified": choice.certified_log_overlap,
    "contour": choice.contour_log_overlap,
}

SINGLE_ROUNDING = 8 * choice.EPS
"""Bound on the rounding of a sum over the letters of a Region, relative to the sum.

Each letter has some four roundings (see `modecollapse.packing.fourier.tilted_pair.TiltedPair`), and the sum
has one.
"""

SHIFT_ROUNDING = SINGLE_ROUNDING * validation.MASS_TOLERANCE
"""Absolute bound on what dividing p and q by their sums, at most 1e-9 from 1, adds to the error of p − q."""

EXPONENTIAL_ROUNDING = 2 * choice.EPS
"""Bound on the error of an exponential, relative to its value where that is a normal number."""

SMALLEST_NORMAL = 2.3e-308
"""Numbers below this lose digits."""

TINY = 5e-324
"""The least positive number: bound on the error of an exponential below the normal numbers."""


@overload
def packed_tv(pair: PairLike, m: Degree, method: Method = "auto") -> float: ...
@overload
def packed_tv(pair: PairLike, m: Degrees, method: Method = "auto") -> FloatArray: ...
@overload
def packed_tv(pair: PairLike, m: Degree | Degrees, method: Method = "auto") -> float | FloatArray: ...
def packed_tv(pair: PairLike, m: Degree | Degrees, method: Method = "auto") -> float | FloatArray:
    """d_TV(P^m, Q^m): how well a discriminator that sees m samples at once can tell P from Q.

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator on the same letters. Pmfs are divided by their exact sum, which must be within
        1e-9 of 1; see `Region.from_pmfs`.
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    method : {"auto", "exact", "certified"}, default "auto"
        "exact": closed forms, Beta masses and enumeration. "certified": an estimate inside the bracket of
        `packed_tv_bracket`. "auto": exact with at most three common letters, four samples or 10⁶ types, else
        certified. One sample (m = 1) needs none of them: its distance is `Region.total_variation`.

    Returns
    -------
    float or ndarray
        In [0, 1]: a float for one m, an array of the shape of `m` for many.

        Exact: rounding is the only error, at most 1e-12 relative to the distance itself down to distances of
        1e-12 (6e-14 measured against 50 digits for m up to 10⁶).

        Certified: the proven bracket is 1e-10 √(1−φ^{2m}) wide with φ = Σ√(pq), a width that falls with the
        distance. Rounding forbids that for tiny distances at m > 10⁷, and cost for a few heavy types. Then
        the bracket is the narrowest affordable, 1e-6 of the same at most.

    Raises
    ------
    ValueError
        If the pair, m or the method is invalid; if "exact" is asked for where more than three letters have
        positive mass under both pmfs and the number of their types, C(m+k−1, k−1), exceeds 10⁷.
    PrecisionError
        If a certified estimate would be worse than that; it carries the best bracket.

    Examples
    --------
    >>> import modecollapse as mc
    >>> region = mc.Region.from_pmfs([0.2, 0.8], [0, 1])
    >>> mc.packed_tv(region, 1) == region.total_variation
    True
    >>> mc.packed_tv(([0.2, 0.8], [0, 1]), [1, 2, 3])
    array([0.2  , 0.36 , 0.488])
    """
    region = as_region(pair, "packed_tv((p, q), m)")
    evaluate = _evaluator(method, DISTANCES)
    return _over_samples(region, m, lambda: region.total_variation, evaluate)


@overload
def packed_overlap(pair: PairLike, m: Degree, log: bool = False, method: OverlapMethod = "auto") -> float: ...
@overload
def packed_overlap(
    pair: PairLike, m: Degrees, log: bool = False, method: OverlapMethod = "auto"
) -> FloatArray: ...
@overload
def packed_overlap(
    pair: PairLike, m: Degree | Degrees, log: bool = False, method: OverlapMethod = "auto"
) -> float | FloatArray: ...
def packed_overlap(
    pair: PairLike, m: Degree | Degrees, log: bool = False, method: OverlapMethod = "auto"
) -> float | FloatArray:
    """The overlap O_m = Σ min(P^m, Q^m) = 1 − d_TV(P^m, Q^m), accurate where the distance nears 1.

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator; see `packed_tv`.
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    log : bool, default False
        Return log O_m, which does not underflow; −inf where the supports are disjoint.
    method : {"auto", "exact", "certified", "contour"}, default "auto"
        As for `packed_tv`. "contour": the trapezoid rule on a line in the complex plane, for any alphabet at
        any m. Its truncation error is measured and not proved. At m = 1 the overlap is the sum of minima.

    Returns
    -------
    float or ndarray
        In [0, 1], or its logarithm: a float for one m, an array of the shape of `m` for many.

        Exact: the error is at most 1e-12 relative to the overlap down to 1e-250 (5e-13 measured). Certified:
        1e-10 relative to the overlap, or the least affordable, 1e-6 at most. Contour: 1e-13 √m measured where
        the log ratios are many and off a lattice, up to 1e-5 where they are few or on one.

    Raises
    ------
    ValueError
        As for `packed_tv`.
    PrecisionError
        If a certified estimate would be worse than that: asymmetric pairs of many letters whose overlap is
        far below (Σ√(pq))^m, for which only "contour" is left.

    Examples
    --------
    >>> import modecollapse as mc
    >>> round(mc.packed_overlap(([0.2, 0.8], [0, 1]), 2000, log=True), 6)
    -446.287103
    """
    region = as_region(pair, "packed_overlap((p, q), m)")
    if not isinstance(log, bool | np.bool_):
        raise ValueError(f"log must be True or False, got {log!r}")
    evaluate = _evaluator(method, LOG_OVERLAPS)
    if log:
        return _over_samples(region, m, lambda: _single_log_overlap(region), evaluate)
    return _over_samples(
        region, m, lambda: _single_overlap(region), lambda common, degree: math.exp(evaluate(common, degree))
    )


def packed_tv_bracket(pair: PairLike, m: Degree, width: float = 1e-8) -> Bracket:
    """A certified bracket of d_TV(P^m, Q^m) for any alphabet and any m, at a cost that does not grow with m.

    Graham and Vaaler's majorant and minorant of exp(−λ|x|), summed over the characteristic function of
    the log likelihood ratio (docs/theory.md §7). Up to 1000 types are summed one by one.

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator, of thousands of letters if need be; see `packed_tv`.
    m : int
        Packing degree ≥ 1.
    width : float, default 1e-8
        The greatest distance of the two ends, absolute.

    Returns
    -------
    Bracket
        ``lower`` ≤ d_TV(P^m, Q^m) ≤ ``upper``; rounding is accounted for.

    Raises
    ------
    PrecisionError
        If the width cannot be reached; it carries the best bracket and says what the rest would cost.
    ValueError
        If the pair, m or the width is invalid.

    Examples
    --------
    >>> import modecollapse as mc
    >>> bracket = mc.packed_tv_bracket(([0.1, 0.2, 0.3, 0.4], [0.15, 0.15, 0.3, 0.4]), 1000)
    >>> bracket.lower < bracket.upper < bracket.lower + 1e-8
    True
    """
    region = as_region(pair, "packed_tv_bracket((p, q), m)")
    m, width = validation.degree(m), validation.positive("width", width)
    if m == 1:
        bracket = _around(region.total_variation, SHIFT_ROUNDING)
        if bracket.width <= width:
            return bracket
    return choice.total_variation_bracket(common_letters(region), m, width)


def packed_overlap_bracket(pair: PairLike, m: Degree, width: float = 1e-4) -> Bracket:
    """A certified bracket of the overlap O_m = 1 − d_TV(P^m, Q^m), narrow relative to the overlap itself.

    It says how near to 1 a distance is where `packed_tv_bracket` says no more than that it rounds to 1. The
    sums are those of `packed_tv_bracket`, taken relative to φ^m with φ = Σ√(pq) (docs/theory.md §7).

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator; see `packed_tv`.
    m : int
        Packing degree ≥ 1.
    width : float, default 1e-4
        The greatest distance of the two ends, relative to the overlap: ``upper − lower ≤ width · lower``.

    Returns
    -------
    Bracket
        ``lower`` ≤ O_m ≤ ``upper``; rounding is accounted for. Overlaps below 1e-308 have few digits left or
        none: there the ends are rounded outwards, to 0 and 5e-324 at the last, and `width` is not kept.

    Raises
    ------
    PrecisionError
        If the width cannot be reached: for asymmetric pairs whose overlap is far below φ^m. It carries the
        best bracket of O_m.
    ValueError
        If the pair, m or the width is invalid.

    Examples
    --------
    >>> import modecollapse as mc
    >>> lower, upper = mc.packed_overlap_bracket(([0.2, 0.8], [0, 1]), 1000)
    >>> lower <= 0.8**1000 <= upper <= lower * (1 + 1e-4)
    True
    """
    region = as_region(pair, "packed_overlap_bracket((p, q), m)")
    m, width = validation.degree(m), validation.positive("width", width)
    if m == 1:
        bracket = _around(_single_overlap(region), 0.0)
    else:
        within = max(math.log1p(width) - 4 * EXPONENTIAL_ROUNDING, EXPONENTIAL_ROUNDING)
        try:
            bracket = _exponential(choice.log_overlap_bracket(common_letters(region), m, within))
        except PrecisionError as error:
            raise PrecisionError(f"log O_m: {error}", _exponential(error.bracket)) from None
    if bracket.width > width * bracket.lower and bracket.upper > SMALLEST_NORMAL:
        raise PrecisionError(f"rounding forbids a relative width of {width:g}, got {bracket}", bracket)
    return bracket


@overload
def packed_divergence(pair: PairLike, m: Degree, name: DivergenceName, order: float = 1.0) -> float: ...
@overload
def packed_divergence(pair: PairLike, m: Degrees, name: DivergenceName, order: float = 1.0) -> FloatArray: ...
@overload
def packed_divergence(
    pair: PairLike, m: Degree | Degrees, name: DivergenceName, order: float = 1.0
) -> float | FloatArray: ...
def packed_divergence(
    pair: PairLike, m: Degree | Degrees, name: DivergenceName, order: float = 1.0
) -> float | FloatArray:
    """D(P^m‖Q^m) for a divergence by name.

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator; see `packed_tv`.
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    name : {"tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick", "renyi"}
        As for `Region.divergence`.
    order : float, default 1
        The order γ ≥ 0 of the hockey stick, or α of Rényi's divergence, 0 ≤ α ≤ ∞. The other divergences have
        no order.

    Returns
    -------
    float or ndarray
        In nats where a logarithm is involved; ``inf`` where it is infinite. A float for one m, an array of
        the shape of `m` for many.

        KL, Rényi's, χ² and Hellinger follow from one sample at any m, by their tensor identities KL_m = m KL,
        D_α,m = m D_α, 1+χ²_m = (1+χ²)^m and 1−H²_m = (1−H²)^m. "js" and "hockey_stick" are summed over all
        types. The error is 1e-12 relative, and for hockey sticks of order other than 1 absolute. At m = 1 the
        value is that of `Region.divergence`.

    Raises
    ------
    ValueError
        As for `packed_tv`; for an unknown name or a bad order; and where "js" or "hockey_stick" would
        need more than 10⁷ types.

    Examples
    --------
    >>> import modecollapse as mc
    >>> mc.packed_divergence(([0.5, 0.5], [0.25, 0.75]), [1, 2], "chi2").round(6).tolist()
    [0.333333, 0.777778]
    """
    region = as_region(pair, "packed_divergence((p, q), m, name)")
    validate_divergence(name, order)
    if name == "tv" or (name == "hockey_stick" and order == 1):
        return packed_tv(region, m)

    def divergence(degree: int) -> float:
        if degree > 1 and name in measures.TENSORISED:
            return float(measures.TENSORISED[name](np.array(region.divergence(name, order)), degree))
        return pack(region, degree).divergence(name, order)

    return _over_degrees(divergence, validation.degrees(m))


def chernoff_information(pair: PairLike) -> float:
    """The rate at which packing tells P from Q: −log(1 − d_TV(P^m, Q^m))/m tends to it.

    C = max over 0 ≤ s ≤ 1 of −log Σ p^s q^{1−s} (Chernoff 1952).

    Parameters
    ----------
    pair : Region or pair (p, q) of array_like, shape (k,)
        Target and generator; see `packed_tv`.

    Returns
    -------
    float
        In nats a sample; the error is about 1e-15 relative. ``inf`` where the supports are disjoint.

    Raises
    ------
    ValueError
        If the pair is invalid.

    Examples
    --------
    >>> pair = [0.2, 0.8], [0, 1]
    >>> round(chernoff_information(pair), 12)
    0.223143551314
    >>> round(-packed_overlap(pair, 1000, log=True) / 1000, 12)
    0.223143551314
    """
    return chernoff.chernoff_information(common_letters(as_region(pair, "chernoff_information((p, q))")))


def _exponential(logarithms: Bracket) -> Bracket:
    """The bracket of a number in [0, 1] whose logarithm is bracketed."""
    lower, upper = (math.exp(end) for end in logarithms)
    if logarithms.upper > -math.inf:
        upper += EXPONENTIAL_ROUNDING * upper + TINY
    return Bracket(max(lower - EXPONENTIAL_ROUNDING * lower - TINY, 0.0), min(upper, 1.0))


def _single_overlap(region: Region) -> float:
    """Σ min(p, q)."""
    return min(math.fsum(np.minimum(region.p, region.q)), 1.0)


def _single_log_overlap(region: Region) -> float:
    """log Σ min(p, q), through whichever of overlap and distance is the smaller."""
    distance, overlap = region.total_variation, _single_overlap(region)
    if distance < 0.5:
        return math.log1p(0.0 - distance)
    return math.log(overlap) if overlap > 0 else -math.inf


def _around(value: float, least: float) -> Bracket:
    """A bracket of a number in [0, 1] that is known to a few units of rounding."""
    slack = SINGLE_ROUNDING * value + least
    return Bracket(max(value - slack, 0.0), min(value + slack, 1.0))


Evaluator: TypeAlias = Callable[[CommonLetters, int], float]


def _evaluator(method: str, evaluators: Mapping[str, Evaluator]) -> Evaluator:
    return evaluators[validation.one_of("method", method, evaluators)]


def _over_samples(
    region: Region, m: Degree | Degrees, single: Callable[[], float], packed: Evaluator
) -> float | FloatArray:
    """The value of one sample where m = 1, and that of the packed pair elsewhere."""
    if isinstance(m, int):
        degree = validation.degree(m)
        return single() if degree == 1 else packed(common_letters(region), degree)
    degrees = validation.degrees(m)
    if (degrees == 1).all():  # for which the letters need not be sorted out
        return _over_degrees(lambda _: single(), degrees)
    common = common_letters(region)
    at_once = choice.at_once(packed, common)
    if at_once is not None and degrees.ndim:
        values = at_once(common, degrees.ravel()).reshape(degrees.shape)
        return np.where(degrees == 1, single(), values)
    return _over_degrees(lambda degree: single() if degree == 1 else packed(common, degree), degrees)


def _over_degrees(evaluate: Callable[[int], float], degrees: IntArray) -> float | FloatArray:
    """A float for one m, an array of the shape of m for many."""
    if degrees.ndim == 0:
        return evaluate(int(degrees))
    return np.array([evaluate(int(degree)) for degree in degrees.ravel()]).reshape(degrees.shape)
