"""The choice of the evaluator: the only thresholds, and the only place that knows all evaluators.

================  =====================================================  ================
common letters    evaluator                                              cost
================  =====================================================  ================
0 or 1            closed form                                            O(1)
2                 `few_letters`: one Beta mass                           O(1) at any m
3                 `enumeration` while types are few, then `few_letters`: O(√m)
                  rows by recurrence
4 or more         `few_samples`, for m ≤ 4                               k log k to k²
4 or more         `enumeration`, up to 10⁶ types                         C(m+k−1, k−1)
4 or more         `fourier`, a certified estimate, beyond                O(k) at any m
================  =====================================================  ================

Products of different pairs go to `halves` while half of their factors have few types, beyond to `fourier`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing import enumeration, few_letters, few_samples, halves
from modecollapse.packing.letters import CommonLetters, Factor

EPS = float(np.finfo(np.float64).eps)

LARGE = 0.1
"""Above this, an overlap taken from the distance, 1e-14 absolute, is accurate to 1e-13 relative."""

CHEAP_TYPES = 10**6
"""Enumerating at most this many types (15 ms) costs no more than a certified estimate, and is exact."""

CHEAP_HALF = 2 * 10**5
"""Enumerating at most this many types of either half of a product (50 ms) costs no more than an estimate."""

FEW_TYPES = 1_000
"""Enumerating at most this many types of three letters is quicker than rows by recurrence."""

SOME_TYPES = 50_000
"""Enumerating at most this many types of three letters gives a small overlap quicker than Beta masses."""

ASKED = 1e-10
"""Width of bracket that a certified estimate aims for."""

ACCEPTED = 1e-6
"""Greatest width of bracket with which a certified estimate is returned."""

LEAST_HEIGHT = 1e-9
"""Least width, relative to 1 + γ, for which a whole region is bracketed to learn one hockey stick."""

SMALLEST_MASS = 1e-307
"""Bound on the error of a mass that is too small for a normal number."""

ROUNDINGS_A_STEP = 64
"""Bound on the roundings of an enumerated mass or log ratio, for each sample and each letter.

A mass is a product of k table entries, each made in at most m steps, over a sum of such products. A log ratio
is a sum of k products. Both take fewer than 10 roundings a step; the rest is reserve.
"""


def are_few(letters: int, m: int) -> bool:
    """Whether enumeration is quicker than anything else."""
    return enumeration.count_types(letters, m) <= FEW_TYPES


def is_enumeration_cheap(common: CommonLetters, m: int) -> bool:
    """Whether all letters of (P^m, Q^m) can be listed at no more than the cost of a certified estimate."""
    return common.has_one_ratio or enumeration.count_types(len(common.p), m) <= CHEAP_TYPES


def total_variation(common: CommonLetters, m: int) -> float:
    """d_TV(P^m, Q^m) of a pair with these common letters, by the cheapest evaluator that is accurate."""
    return (exact_total_variation if is_exact_cheap(common, m) else certified_total_variation)(common, m)


def exact_total_variation(common: CommonLetters, m: int) -> float:
    """d_TV(P^m, Q^m) but for rounding."""
    if common.has_one_ratio:
        return 0.0 - math.expm1(m * min(common.log_p_share, common.log_q_share))
    return min(_evaluator(common, m, FEW_TYPES).total_variation(common, m), 1.0)


def certified_total_variation(common: CommonLetters, m: int) -> float:
    """An estimate of d_TV(P^m, Q^m) in a narrow certified bracket."""
    from modecollapse.packing.fourier import distance

    scale = distance.largest_distance(common, m)
    return _accept(lambda width: distance.certified_tv(common, m, width * scale), ACCEPTED * scale)


def total_variation_bracket(common: CommonLetters, m: int, width: float) -> Bracket:
    """A certified bracket of d_TV(P^m, Q^m), at most `width` wide."""
    if len(common.p) > 1 and are_few(len(common.p), m):
        bracket = _around_exact(common, m)
        if bracket.width <= width:
            return bracket
    from modecollapse.packing.fourier import distance

    return distance.tv_bracket(common, m, width)


def _around_exact(common: CommonLetters, m: int) -> Bracket:
    """The bracket of d_TV(P^m, Q^m) that the sum over few types and a bound on its rounding give."""
    value = enumeration.total_variation(common, m)
    slack = enumeration_rounding(common, m) * (value + float(np.abs(common.log_ratio).max()))
    return Bracket(max(value - slack, 0.0), min(value + slack, 1.0))


def enumeration_rounding(common: CommonLetters, m: int) -> float:
    """Bound on the rounding of an enumerated mass, and of a log ratio where the greatest of a letter is 1."""
    return ROUNDINGS_A_STEP * EPS * (m + len(common.p))


def log_overlap_bracket(common: CommonLetters, m: int, width: float) -> Bracket:
    """A certified bracket of log Σ min(P^m, Q^m), at most `width` wide."""
    if len(common.p) > 1 and are_few(len(common.p), m):
        bracket = _around_exact_logarithm(common, m)
        if bracket.width <= width:
            return bracket
    from modecollapse.packing.fourier import overlap

    return overlap.log_overlap_bracket(common, m, width)


def _around_exact_logarithm(common: CommonLetters, m: int) -> Bracket:
    """The bracket of log Σ min(P^m, Q^m) that the sum over few types and a bound on its rounding give.

    Every type's share of the sum is off by the rounding of its mass and of its log ratio, both relative.
    """
    value = enumeration.log_overlap(common, m)
    slack = enumeration_rounding(common, m) * (1 + float(np.abs(common.log_ratio).max()))
    slack += 8 * EPS * abs(value)
    return Bracket(value - slack, min(value + slack, 0.0))


def log_overlap(common: CommonLetters, m: int) -> float:
    """log Σ min(P^m, Q^m) of a pair with these common letters, by the cheapest evaluator that is accurate."""
    return (exact_log_overlap if is_exact_cheap(common, m) else certified_log_overlap)(common, m)


def exact_log_overlap(common: CommonLetters, m: int) -> float:
    """log Σ min(P^m, Q^m) but for rounding."""
    if common.has_one_ratio:
        return m * min(common.log_p_share, common.log_q_share)
    if len(common.p) == 3 and not are_few(3, m):
        distance = few_letters.total_variation(common, m)
        if distance < 1 - LARGE:
            return math.log1p(-distance)
    return min(_evaluator(common, m, SOME_TYPES).log_overlap(common, m), 0.0)


def certified_log_overlap(common: CommonLetters, m: int) -> float:
    """An estimate of log Σ min(P^m, Q^m) in a narrow certified bracket."""
    from modecollapse.packing.fourier import distance, overlap

    if distance.largest_distance(common, m) < 1 - LARGE:
        return math.log1p(-certified_total_variation(common, m))
    try:
        return _accept(lambda width: overlap.certified_log_overlap(common, m, width), ACCEPTED)
    except PrecisionError as error:
        raise PrecisionError(f"{error}; method='contour' estimates without proof", error.bracket) from None


def hockey_stick_bracket(
    common: CommonLetters, m: int, order: float, width: float, relative: bool
) -> Bracket:
    """A certified bracket of Σ (P^m − γQ^m)⁺ for γ = `order` ≥ 1.

    A `relative` width is that of the bracket as a share of its lower end.
    """
    from modecollapse.packing.fourier import dots, hockey_sticks

    if not common.has_one_ratio and enumeration.count_types(len(common.p), m) <= SOME_TYPES:
        bracket = _around_exact_hockey_stick(common, m, order)
        if bracket.width <= (width * bracket.lower if relative else width):
            return bracket
    try:
        return dots.hockey_stick_bracket(common, m, math.log(order), width, relative)
    except PrecisionError as error:
        goal = width * error.bracket.lower if relative else width
        if goal < LEAST_HEIGHT * (1 + order):
            raise
        curve = hockey_sticks.region_bracket(common, m, goal / (4 * (1 + order)))
        lower, upper = curve.divergence("hockey_stick", order)
        slack = 64 * EPS * (1 + order)
        return Bracket(max(lower - slack, error.bracket.lower), min(upper + slack, error.bracket.upper))


def _around_exact_hockey_stick(common: CommonLetters, m: int, order: float) -> Bracket:
    """The bracket of Σ (P^m − γQ^m)⁺ that the sum over few types and a bound on its rounding give."""
    p, q, _ = enumeration.packed_letters(common, m)
    rounding = enumeration_rounding(common, m)
    # every type within rounding of the threshold may be on either side of it
    counted = p * (1 + rounding) > order * q * (1 - rounding)
    alone = -math.expm1(m * common.log_p_share)
    value = alone + math.fsum(np.maximum(p - order * q, 0.0))
    slack = rounding * (alone + math.fsum((p + order * q)[counted]))
    # masses that underflow hide their ratio, unless even the greatest ratio is below γ
    greatest = m * float(common.log_ratio[0]) + rounding * (1 + float(np.abs(common.log_ratio).max()))
    if math.log(order) <= greatest:
        slack += len(p) * SMALLEST_MASS * (1 + order)
    return Bracket(max(value - slack, 0.0), min(value + slack, 1.0))


def product_total_variation(factors: Sequence[Factor]) -> float:
    """d_TV of a product of different pairs, by the cheapest evaluator that is accurate."""
    evaluate = exact_product if halves.largest_half(factors) <= CHEAP_HALF else certified_product
    return evaluate(factors)


def exact_product(factors: Sequence[Factor]) -> float:
    """d_TV of a product of different pairs but for rounding."""
    size = halves.largest_half(factors)
    if size > enumeration.MAX_TYPES:
        raise ValueError(
            f"half of the {len(factors)} factors have {enumeration.large(size)} types, more than the "
            f"{enumeration.MAX_TYPES:.0e} that can be enumerated; product_tv_bracket takes any number"
        )
    return halves.total_variation(factors)


def certified_product(factors: Sequence[Factor]) -> float:
    """An estimate of d_TV of a product of different pairs in a narrow certified bracket."""
    if _has_one_ratio(factors):
        return halves.total_variation(factors)
    from modecollapse.packing.fourier import products

    scale = products.largest_distance(factors)
    return _accept(lambda width: products.certified_tv(factors, width * scale), ACCEPTED * scale)


def product_bracket(factors: Sequence[Factor], width: float) -> Bracket:
    """A certified bracket of d_TV of a product of different pairs, at most `width` wide."""
    if _has_one_ratio(factors) or halves.largest_half(factors) <= FEW_TYPES:
        bracket = _around_exact_product(factors)
        if bracket.width <= width:
            return bracket
        if _has_one_ratio(factors):
            raise PrecisionError(f"rounding forbids a width of {width:g}, got {bracket}", bracket)
    from modecollapse.packing.fourier import products

    return products.tv_bracket(factors, width)


def _around_exact_product(factors: Sequence[Factor]) -> Bracket:
    """The bracket of d_TV of a product that the sum over its types and a bound on its rounding give.

    Let the masses of the halves have rounding r_A and r_B. Then Σ p_a d_b and Σ d_a q_b are off by
    (r_A + r_B) Σ|d| each, where Σ|d| ≤ 2 d_TV, and the log ratios of a half add 3 r max|L|. That is 8 and 3
    times what a mass is off by, where `ROUNDINGS_A_STEP` has a reserve of 6. A factor of one ratio has the
    rounding of its shares, at most that of 1 − share.
    """
    value = halves.total_variation(factors)
    slack = 0.0
    for common, m in factors:
        if common.has_one_ratio:
            slack += ROUNDINGS_A_STEP * EPS * value
        else:
            slack += enumeration_rounding(common, m) * (2 * value + float(np.abs(common.log_ratio).max()))
    return Bracket(max(value - slack, 0.0), min(value + slack, 1.0))


def _has_one_ratio(factors: Sequence[Factor]) -> bool:
    """Whether all common letters of the product, if any, have the same ratio."""
    return all(factor.common.has_one_ratio for factor in factors)


def at_once(
    evaluate: Callable[[CommonLetters, int], float], common: CommonLetters
) -> Callable[[CommonLetters, IntArray], FloatArray] | None:
    """An evaluator of many degrees at once that gives what `evaluate` gives one by one, if there is one."""
    if len(common.p) != 2 or common.has_one_ratio:
        return None
    if evaluate in (total_variation, exact_total_variation):
        return few_letters.total_variations
    if evaluate in (log_overlap, exact_log_overlap):
        return few_letters.log_overlaps
    return None


def contour_log_overlap(common: CommonLetters, m: int) -> float:
    """log Σ min(P^m, Q^m) by the contour integral."""
    from modecollapse.packing.fourier.contour import contour_estimate

    return contour_estimate(common, m).value


def _evaluator(common: CommonLetters, m: int, types: int) -> Any:
    """The evaluator that keeps relative accuracy; three letters of at most `types` types are enumerated."""
    letters = len(common.p)
    if letters == 2 or (letters == 3 and enumeration.count_types(3, m) > types):
        return few_letters
    if few_samples.serves(letters, m):
        return few_samples
    enumeration.refuse_many_types(letters, m)
    return enumeration


def is_exact_cheap(common: CommonLetters, m: int) -> bool:
    """Whether an exact evaluator costs no more than a certified estimate."""
    letters = len(common.p)
    return letters <= 3 or few_samples.serves(letters, m) or is_enumeration_cheap(common, m)


def _accept(certified: Callable[[float], tuple[float, Bracket]], widest: float) -> float:
    """The estimate in the bracket sought, or the middle of one not much wider."""
    try:
        return certified(ASKED)[0]
    except PrecisionError as error:
        if error.bracket.width > widest:
            raise
        return error.bracket.middle
