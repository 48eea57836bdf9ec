"""Pairs of two letters at a fixed Jensen–Shannon divergence, and what bounds those between two of them.

A pair of two letters is a triangle. Its apex (x, y) is the first letter: x under Q and y under P.
"""

from __future__ import annotations

import math

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.kernels import kernel

X, Y, RIGHT, ABOVE, RISE = range(5)
"""Columns of an apex, as in `boundaries`: x, y, 1 − x, 1 − y and y − x."""

NEAR = 0.5
"""Below this share (p − q)/(p + q) the two halves of a letter's divergence are summed before they cancel."""

LOG_OF_NOTHING = -80.0
"""A type is left out if both laws give it less than e to this power.

It adds less than 160 e⁻⁸⁰ = 3e-33, and 10⁷ of them add less than 3e-26.
"""


@kernel
def apexes(x: FloatArray, c: float) -> FloatArray:
    """The points (x, y), y ≥ x, with d_JS([y, 1−y], [x, 1−x]) = c, shape (N, 5).

    The rise y − x is found by bisection, so that it keeps its digits however small c is.
    """
    found = np.empty((len(x), 5))
    for i in range(len(x)):
        low, high = 0.0, 1.0 - x[i]
        rise = (low + high) / 2
        while low < rise < high:  # until the two are neighbours
            above = max(1.0 - x[i] - rise, 0.0)
            if _of_letter(x[i] + rise, x[i], rise) + _of_letter(above, 1.0 - x[i], -rise) < c:
                low = rise
            else:
                high = rise
            rise = (low + high) / 2
        found[i, X], found[i, Y] = x[i], min(x[i] + rise, 1.0)
        found[i, RIGHT], found[i, ABOVE] = 1.0 - x[i], max(1.0 - x[i] - rise, 0.0)
        found[i, RISE] = rise
    return found


@kernel
def _of_letter(p: float, q: float, difference: float) -> float:
    """½ p log(2p/(p+q)) + ½ q log(2q/(p+q)) of one letter, from p, q and p − q."""
    total = p + q
    if total == 0.0:
        return 0.0
    share = difference / total
    if abs(share) < NEAR:
        # ½(p+q) times (1+s) log(1+s) + (1−s) log(1−s), whose halves nearly cancel
        return total / 4 * (math.log1p(-share * share) + 2 * share * math.atanh(share))
    value = 0.0
    if p > 0.0:
        value += p * math.log(2 * p / total) / 2
    if q > 0.0:
        value += q * math.log(2 * q / total) / 2
    return value


@kernel
def gains(
    first: FloatArray, second: FloatArray, meets: FloatArray, joins: FloatArray, log_ways: FloatArray
) -> FloatArray:
    """Least rise of Ψ(T) = d_JS(T × J^(m−1)) from the meet M to the triangles T between two, shape (N,).

    Ψ is convex in the letters of T, so it lies above its tangent plane at a triangle between the two. Along
    the apexes, a concave curve, the plane is least at an end (docs/theory.md §8). `log_ways` has the
    logarithms of the m binomial coefficients of m − 1.
    """
    found = np.empty(len(first))
    plane, plane_of_meet = np.empty(4), np.empty(4)
    for i in range(len(first)):
        _gradients((first[i] + second[i]) / 2, meets[i], joins[i], log_ways, plane, plane_of_meet)
        least = min(_on_plane(plane, first[i]), _on_plane(plane, second[i]))
        found[i] = least - _on_plane(plane_of_meet, meets[i])
    return found


@kernel
def _gradients(
    one: FloatArray,
    other: FloatArray,
    join: FloatArray,
    log_ways: FloatArray,
    of_one: FloatArray,
    of_other: FloatArray,
) -> None:
    """Derivatives of Ψ in the masses of both letters of two triangles, in the order y, x, 1−y, 1−x.

    Ψ is homogeneous of degree 1: it is the sum of the masses times these.
    """
    of_one[:], of_other[:] = 0.0, 0.0
    n = len(log_ways) - 1
    log_y, log_above, log_x, log_right = _log(join[Y]), _log(join[ABOVE]), _log(join[X]), _log(join[RIGHT])
    ratios_of_one = _log(one[Y]) - _log(one[X]), _log(one[ABOVE]) - _log(one[RIGHT])
    ratios_of_other = _log(other[Y]) - _log(other[X]), _log(other[ABOVE]) - _log(other[RIGHT])
    for k in range(n + 1):
        log_p = log_ways[k] + _log_power(log_y, k) + _log_power(log_above, n - k)
        log_q = log_ways[k] + _log_power(log_x, k) + _log_power(log_right, n - k)
        if log_p > LOG_OF_NOTHING or log_q > LOG_OF_NOTHING:
            p, q = math.exp(log_p), math.exp(log_q)
            for letter in range(2):
                _add(of_one[2 * letter :], p, q, log_p - log_q + ratios_of_one[letter])
                _add(of_other[2 * letter :], p, q, log_p - log_q + ratios_of_other[letter])


@kernel
def _log(x: float) -> float:
    return math.log(x) if x > 0.0 else -math.inf


@kernel
def _log_power(log_base: float, exponent: int) -> float:
    """The logarithm of a power; that of 0⁰ is 0."""
    return exponent * log_base if exponent > 0 else 0.0


@kernel
def _add(slopes: FloatArray, p: float, q: float, score: float) -> None:
    """Add what a type of the other samples, of masses p and q, does to the slopes of a letter.

    The score is the log ratio of the type and the letter together. A mass of 0 adds nothing.
    """
    # log(2P/(P+Q)) and log(2Q/(P+Q)) from log(P/Q)
    low = math.log(2.0) - math.log1p(math.exp(-abs(score)))
    if p > 0.0 and score > -math.inf:
        slopes[0] += p / 2 * (low if score > 0.0 else low + score)
    if q > 0.0 and score < math.inf:
        slopes[1] += q / 2 * (low if score < 0.0 else low - score)


@kernel
def _on_plane(slopes: FloatArray, apex: FloatArray) -> float:
    return slopes[0] * apex[Y] + slopes[1] * apex[X] + slopes[2] * apex[ABOVE] + slopes[3] * apex[RIGHT]
