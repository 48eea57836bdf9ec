"""Distances between the product pairs (P^m, Q^m): the public functions choose the evaluator.

================  =====================================================  ================
common letters    evaluator                                              cost
================  =====================================================  ================
0 or 1            closed form                                            O(1)
2                 `binomial`: one Beta mass                              O(1) at any m
3                 `types` while they are few, then `binomial`: rows, by  O(√m)
                  recurrence where the answer is large
4 or more         `types`, enumeration, up to 10⁶ types                  C(m+k−1, k−1)
4 or more         `spectral`, a certified estimate, beyond               O(k) at any m
================  =====================================================  ================
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.divergence import validate_divergence
from modecollapse.errors import PrecisionError
from modecollapse.packing import affinity, binomial, many, types
from modecollapse.packing.common import CommonLetters, common_letters
from modecollapse.region import Region, RegionBracket

EPS = float(np.finfo(np.float64).eps)

LARGE = 0.1
"""Above this, 1e-14 absolute is 1e-13 relative, and a quick evaluator will do."""

CHEAP_TYPES = 10**6
"""Up to so many types (15 ms), enumeration costs no more than a certified estimate, and is exact."""

ASKED, ACCEPTED = 1e-10, 1e-6
"""The width of bracket that a certified estimate is sought with, and the widest it is returned with."""


def packed_tv(p: ArrayLike, q: ArrayLike, m: ArrayLike, method: str = "auto") -> Any:
    """d_TV(P^m, Q^m): what a discriminator that sees m samples at once can tell.

    Parameters
    ----------
    p, q : array_like, shape (k,)
        Target and generator on the same letters; each is divided by its exact sum, which must be
        within 1e-9 of 1.
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    method : {"auto", "exact", "certified"}, default "auto"
        "exact": closed forms, Beta masses and enumeration. "certified": an estimate inside the bracket of
        `packed_tv_bracket`. "auto": exact with up to three common letters or 10⁶ types, else certified.

    Returns
    -------
    float or ndarray of the shape of `m`
        In [0, 1]. Exact: rounding is the only error, at most 1e-12 relative to the distance itself down
        to distances of 1e-12 (6e-14 measured against 50 digits for m up to 10⁶). Certified: the proven
        bracket is 1e-10 √(1−φ^{2m}) wide, φ = Σ√(pq), a width that falls with the distance; where rounding
        forbids that (tiny distances at m > 10⁷) or cost does (a few heavy types), the tightest affordable,
        1e-6 of the same at most.

    Raises
    ------
    ValueError
        If a pmf, m or the method is invalid; if "exact" is asked for where more than three letters have
        positive mass under both pmfs and the number of their types, C(m+k−1, k−1), exceeds 10⁷.
    PrecisionError
        If a certified estimate would be worse than that; it carries the best bracket.

    Examples
    --------
    >>> import modecollapse as mc
    >>> mc.packed_tv([0.2, 0.8], [0, 1], [1, 2, 3])
    array([0.2  , 0.36 , 0.488])
    """
    return _over_degrees(_choice(method, DISTANCES), p, q, m)


def packed_overlap(p: ArrayLike, q: ArrayLike, m: ArrayLike, log: bool = False, method: str = "auto") -> Any:
    """The overlap O_m = Σ min(P^m, Q^m) = 1 − d_TV(P^m, Q^m), accurate where the distance nears 1.

    Parameters
    ----------
    p, q : array_like, shape (k,)
        Target and generator; see `packed_tv`.
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    log : bool, default False
        Return log O_m, which does not underflow; −inf where the supports are disjoint.
    method : {"auto", "exact", "certified", "contour"}, default "auto"
        As for `packed_tv`. "contour": the trapezoid rule on a line in the complex plane, for any alphabet at
        any m; its truncation is measured, not proved.

    Returns
    -------
    float or ndarray of the shape of `m`
        Exact: at most 1e-12 relative to the overlap down to 1e-250 (5e-13 measured). Certified: 1e-10
        relative to the overlap, or the tightest affordable, 1e-6 at most. Contour: 1e-13 √m measured where
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
    >>> round(mc.packed_overlap([0.2, 0.8], [0, 1], 2000, log=True), 6)
    -446.287103
    """
    if not isinstance(log, bool | np.bool_):
        raise ValueError(f"log must be True or False, got {log!r}")
    logarithm = _over_degrees(_choice(method, LOG_OVERLAPS), p, q, m)
    if log:
        return logarithm
    return float(np.exp(logarithm)) if np.ndim(logarithm) == 0 else np.exp(logarithm)


def packed_tv_bracket(p: ArrayLike, q: ArrayLike, m: int, width: float = 1e-8) -> Bracket:
    """A certified bracket of d_TV(P^m, Q^m) for any alphabet and any m, at a cost that does not grow with m.

    Graham and Vaaler's majorant and minorant of exp(−λ|x|), summed over the characteristic function of
    the log likelihood ratio (docs/theory.md §7); up to 1000 types, the sum over them.

    Parameters
    ----------
    p, q : array_like, shape (k,)
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
        If a pmf, m or the width is invalid.

    Examples
    --------
    >>> import modecollapse as mc
    >>> bracket = mc.packed_tv_bracket([0.1, 0.2, 0.3, 0.4], [0.15, 0.15, 0.3, 0.4], 1000)
    >>> bool(bracket.lower < bracket.upper < bracket.lower + 1e-8)
    True
    """
    m = validation.degree(m)
    width = validation.positive("width", width)
    common = common_letters(Region.from_pmfs(p, q))
    if len(common.p) > 1 and types.count_types(len(common.p), m) <= types.FEW_TYPES:
        bracket = _around_exact(common, m)
        if bracket.width <= width:
            return bracket
    from modecollapse.packing import spectral

    return spectral.tv_bracket(common, m, width)


def _around_exact(common: CommonLetters, m: int) -> Bracket:
    """What the sum over few types may be, its rounding bounded.

    A mass is a product of k table entries, each made in at most m steps, over a sum of such products; a log
    ratio is a sum of k products.
    """
    value = types.total_variation(common, m)
    roundings = 64 * EPS * (m + len(common.p))
    slack = roundings * (value + float(np.abs(common.log_ratio).max()))
    return Bracket(max(value - slack, 0.0), min(value + slack, 1.0))


def packed_divergence(p: ArrayLike, q: ArrayLike, m: ArrayLike, name: str, order: float = 1.0) -> Any:
    """D(P^m‖Q^m) for an f-divergence by name.

    Parameters
    ----------
    p, q : array_like, shape (k,)
        Target and generator; see `packed_tv`.
    m : int or array_like of int
        Packing degrees ≥ 1, any shape.
    name : {"tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick"}
        As for `Region.divergence`.
    order : float, default 1
        The order γ ≥ 0 of the hockey stick.

    Returns
    -------
    float or ndarray of the shape of `m`
        In nats where a logarithm is involved; ``inf`` where it is infinite. KL, χ² and Hellinger follow
        from one sample by their tensor identities, KL_m = m KL, 1+χ²_m = (1+χ²)^m, 1−H²_m = (1−H²)^m, at
        any m; "js" and "hockey_stick" are summed over all types. Exact to rounding: 1e-12 relative, for
        hockey sticks of order other than 1 absolute.

    Raises
    ------
    ValueError
        As for `packed_tv`; for an unknown name or a negative order; and where "js" or "hockey_stick" would
        need more than 10⁷ types.

    Examples
    --------
    >>> import modecollapse as mc
    >>> mc.packed_divergence([0.5, 0.5], [0.25, 0.75], [1, 2], "chi2").round(6).tolist()
    [0.333333, 0.777778]
    """
    validate_divergence(name, order)
    if name == "tv" or (name == "hockey_stick" and order == 1):
        return packed_tv(p, q, m)
    region = Region.from_pmfs(p, q)
    if name in many.TENSORISED:
        single = np.array(region.divergence(name))
        return _each_degree(lambda degree: float(many.TENSORISED[name](single, degree)), m)
    parameters = {"order": order} if name == "hockey_stick" else {}
    return _each_degree(lambda degree: pack(region, degree).divergence(name, **parameters), m)


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
        types.refuse_many_types(len(common.p), m)
        p, q, difference = types.packed_letters(common, m)
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
    if common.has_one_ratio or types.count_types(len(common.p), m) <= CHEAP_TYPES:
        exact = pack(region, m)
        return RegionBracket(exact, exact)
    from modecollapse.packing import curve

    return curve.region_bracket(common, m, width)


def chernoff_information(p: ArrayLike, q: ArrayLike) -> float:
    """The rate at which packing tells P from Q: −log(1 − d_TV(P^m, Q^m))/m tends to it.

    C = max over 0 ≤ s ≤ 1 of −log Σ p^s q^{1−s} (Chernoff 1952).

    Parameters
    ----------
    p, q : array_like, shape (k,)
        Target and generator; see `packed_tv`.

    Returns
    -------
    float
        In nats a sample, exact to about 1e-15 relative to itself; ``inf`` where the supports are disjoint.

    Raises
    ------
    ValueError
        If a pmf is invalid.

    Examples
    --------
    >>> round(chernoff_information([0.2, 0.8], [0, 1]), 12)
    0.223143551314
    >>> round(-packed_overlap([0.2, 0.8], [0, 1], 1000, log=True) / 1000, 12)
    0.223143551314
    """
    return affinity.chernoff_information(common_letters(Region.from_pmfs(p, q)))


def total_variation(common: CommonLetters, m: int) -> float:
    """d_TV(P^m, Q^m) of a pair with these common letters, by whatever evaluator suits."""
    return (exact_total_variation if _is_exact_cheap(common, m) else certified_total_variation)(common, m)


def exact_total_variation(common: CommonLetters, m: int) -> float:
    """d_TV(P^m, Q^m) but for rounding."""
    if common.has_one_ratio:
        return -math.expm1(m * min(common.log_p_share, common.log_q_share))
    quick = _quick_total_variation(common, m)
    return quick if quick > LARGE else min(_evaluator(common, m).total_variation(common, m), 1.0)


def certified_total_variation(common: CommonLetters, m: int) -> float:
    """An estimate of d_TV(P^m, Q^m) in a narrow certified bracket."""
    from modecollapse.packing import spectral

    scale = spectral.largest_distance(common, m)
    return _accept(lambda width: spectral.certified_tv(common, m, width * scale), ACCEPTED * scale)


def log_overlap(common: CommonLetters, m: int) -> float:
    """log Σ min(P^m, Q^m) of a pair with these common letters, by whatever evaluator suits."""
    return (exact_log_overlap if _is_exact_cheap(common, m) else certified_log_overlap)(common, m)


def exact_log_overlap(common: CommonLetters, m: int) -> float:
    """log Σ min(P^m, Q^m) but for rounding."""
    if common.has_one_ratio:
        return m * min(common.log_p_share, common.log_q_share)
    quick = 1 - _quick_total_variation(common, m)
    return math.log(quick) if quick > LARGE else min(_evaluator(common, m).log_overlap(common, m), 0.0)


def certified_log_overlap(common: CommonLetters, m: int) -> float:
    """An estimate of log Σ min(P^m, Q^m) in a narrow certified bracket."""
    from modecollapse.packing import spectral

    if spectral.largest_distance(common, m) < 1 - LARGE:
        return math.log1p(-certified_total_variation(common, m))
    try:
        return _accept(lambda width: spectral.certified_log_overlap(common, m, width), ACCEPTED)
    except PrecisionError as error:
        raise PrecisionError(f"{error}; method='contour' estimates without proof", error.bracket) from None


def contour_log_overlap(common: CommonLetters, m: int) -> float:
    """log Σ min(P^m, Q^m) by the contour integral."""
    from modecollapse.packing.contour import contour_estimate

    return contour_estimate(common, m).value


DISTANCES = {
    "auto": total_variation,
    "exact": exact_total_variation,
    "certified": certified_total_variation,
}

LOG_OVERLAPS = {
    "auto": log_overlap,
    "exact": exact_log_overlap,
    "certified": certified_log_overlap,
    "contour": contour_log_overlap,
}


def _quick_total_variation(common: CommonLetters, m: int) -> float:
    """The distance to 1e-14 where a quick evaluator gives it; NaN where none does."""
    if len(common.p) == 3 and types.count_types(3, m) > types.FEW_TYPES:
        return binomial.quick_total_variation(common, m)
    return math.nan


def _evaluator(common: CommonLetters, m: int) -> Any:
    """The evaluator that is accurate relative to distance and overlap, however small."""
    letters = len(common.p)
    if letters == 2 or (letters == 3 and types.count_types(3, m) > types.SOME_TYPES):
        return binomial
    types.refuse_many_types(letters, m)
    return types


def _common_letters_of(region: Region) -> CommonLetters:
    if not isinstance(region, Region):
        raise ValueError(f"region must be a Region, got {region!r}; Region.from_pmfs makes one of two pmfs")
    return common_letters(region)


def _is_exact_cheap(common: CommonLetters, m: int) -> bool:
    """Whether an exact evaluator costs no more than a certified estimate."""
    letters = len(common.p)
    return letters <= 3 or common.has_one_ratio or types.count_types(letters, m) <= CHEAP_TYPES


def _accept(certified: Callable[[float], tuple[float, Bracket]], widest: float) -> float:
    """The estimate in the bracket sought, or the middle of one not much wider."""
    try:
        return certified(ASKED)[0]
    except PrecisionError as error:
        if error.bracket.width > widest:
            raise
        return error.bracket.middle


def _choice(
    method: str, evaluators: Mapping[str, Callable[[CommonLetters, int], float]]
) -> Callable[[CommonLetters, int], float]:
    if not isinstance(method, str) or method not in evaluators:
        raise ValueError(f"method must be one of {', '.join(map(repr, evaluators))}, got {method!r}")
    return evaluators[method]


def _over_degrees(
    evaluate: Callable[[CommonLetters, int], float], p: ArrayLike, q: ArrayLike, m: ArrayLike
) -> Any:
    common = common_letters(Region.from_pmfs(p, q))
    return _each_degree(lambda degree: evaluate(common, degree), m)


def _each_degree(evaluate: Callable[[int], float], m: ArrayLike) -> Any:
    """A float for a scalar m, an array of the shape of m for an array."""
    degrees = validation.degrees(m)
    if degrees.ndim == 0:
        return evaluate(int(degrees))
    return np.array([evaluate(int(degree)) for degree in degrees.ravel()]).reshape(degrees.shape)
