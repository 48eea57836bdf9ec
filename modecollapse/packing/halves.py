"""Products of different pairs, exactly: all types of two halves of the factors, met in the middle.

A type of the whole product is a type a of one half and a type b of the other. It speaks for P where its log
ratio L_a + L_b is above 0. Put the types of either half in order of falling ratio. Then the types b that do
so are a prefix. It shrinks as a goes on, so one pass of two pointers sums over all pairs (a, b). Hence 40
different coins take two lists of 2²⁰ types, not one of 2⁴⁰.

The difference of a product comes from those of its factors, d = p − q:

    p_a p_b − q_a q_b = p_a d_b + d_a q_b.

What rounds is at most a few units of Σ|d| of either half, and the product has no smaller a distance than its
halves: nearly equal pairs keep their digits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing import enumeration
from modecollapse.packing.enumeration import Types
from modecollapse.packing.few_samples import prefix_sums
from modecollapse.packing.kernels import kernel
from modecollapse.packing.letters import Factor


def count_types(factor: Factor) -> int:
    """The number of types of one factor."""
    return 1 if factor.common.has_one_ratio else enumeration.count_types(len(factor.common.p), factor.m)


def largest_half(factors: Sequence[Factor]) -> int:
    """The number of types of the larger of the two halves, exactly."""
    return max(math.prod(map(count_types, half)) for half in _halves(factors))


def total_variation(factors: Sequence[Factor]) -> float:
    """d_TV of the product; accurate relative to itself."""
    dropped = -math.expm1(math.fsum(factor.m * factor.common.log_p_share for factor in factors))
    if dropped == 1.0:  # and no type may be left
        return 1.0
    first, second = (_in_falling_order(_product(half)) for half in _halves(factors))
    gained = _more_likely(*first, first.excess, second.log_ratio, second.q, second.excess)
    return min(dropped + gained, 1.0)


def _halves(factors: Sequence[Factor]) -> tuple[list[Factor], list[Factor]]:
    """Two halves of the factors with about equally many types: each factor joins the smaller half."""
    halves: tuple[list[Factor], list[Factor]] = ([], [])
    sizes = [1, 1]
    for factor in sorted(factors, key=count_types, reverse=True):
        smaller = int(sizes[1] < sizes[0])
        halves[smaller].append(factor)
        sizes[smaller] *= count_types(factor)
    return halves


def _product(factors: Sequence[Factor]) -> Types:
    """All types of a product."""
    one = Types(np.ones(1), np.ones(1), np.zeros(1))
    for factor in factors:
        types = _types(factor)
        one = Types(
            np.multiply.outer(one.p, types.p).ravel(),
            np.multiply.outer(one.q, types.q).ravel(),
            np.add.outer(one.log_ratio, types.log_ratio).ravel(),
        )
    return one


def _types(factor: Factor) -> Types:
    """All types of one factor."""
    common, m = factor
    if not common.has_one_ratio:
        return enumeration.packed_letters(common, m)
    # one type alone
    log_p, log_q = np.array([m * common.log_p_share]), np.array([m * common.log_q_share])
    return Types(np.exp(log_p), np.exp(log_q), log_p - log_q)


def _in_falling_order(types: Types) -> Types:
    order = np.argsort(-types.log_ratio, kind="stable")
    return Types(types.p[order], types.q[order], types.log_ratio[order])


@kernel
def _more_likely(
    p: FloatArray,
    q: FloatArray,
    ratio: FloatArray,
    excess: FloatArray,
    other_ratio: FloatArray,
    other_q: FloatArray,
    other_excess: FloatArray,
) -> float:
    """P − Q of all pairs of types, one of either half, whose log ratios add up to more than 0."""
    q_sums, excess_sums = prefix_sums(other_q), prefix_sums(other_excess)
    total, lost = 0.0, 0.0
    j = len(other_ratio)
    for i in range(len(ratio)):
        while j > 0 and not ratio[i] + other_ratio[j - 1] > 0.0:
            j -= 1
        # compensated, as the prefix sums are: the roundings of millions of types do not add up
        term = p[i] * excess_sums[j] + excess[i] * q_sums[j] - lost
        raised = total + term
        lost = (raised - total) - term
        total = raised
    return total
