"""The least total variation of packed triangles: exact, by a search over the breakpoints of their best tests.

T(x) is d_TV(P^m, Q^m) of the triangle with apex (x, x+τ). It is the greatest of D_k(x) = S_k(x+τ) − S_k(x),
k = 1..m, with S_k(y) = P(Bin(m, y) ≥ k). Every D_k is quasi-concave. D_k is the greatest between the
breakpoints x_{k−1} and x_k, which increase with k. So T is least over an interval at one of its ends or at a
breakpoint in it (docs/theory.md §3).

There are m−1 breakpoints. To look at few of them, note that T ≥ D_k ≥ min(D_k(a), D_k(b)) over a ≤ x ≤ b, for
each k: one k in the middle bounds T at all breakpoints between a and b. Bisection over the numbers of the
breakpoints looks at about √m of them.
"""

from __future__ import annotations

import math

import numpy as np

from modecollapse.packing.few_letters import tail_difference
from modecollapse.packing.kernels import kernel

SMALLEST = 1e-300
"""Tangent points closer to the corner than this are the corner: τ/x would overflow before x is 1e-308."""

EQUAL = 2e-14
"""Values this close, relative to themselves, are one value: some roundings of the evaluator."""

NEWTON_STEPS = 80
"""Most steps to a breakpoint. Newton takes some six; bisection of the logarithm of x would take sixty."""

DEPTH = 256
"""Intervals that wait to be searched: two a bisection, and 2³⁰ breakpoints are bisected 30 times."""


@kernel
def greatest_distance(tau: float, m: int) -> float:
    """1 − (1−τ)^m, the greatest d_TV(P^m, Q^m) at total variation τ; at m = 1 it is τ, exactly."""
    if m == 1 or tau >= 1.0:
        return tau
    return -math.expm1(m * math.log1p(-tau))


@kernel
def _power(k: int, x: float, tau: float, m: int) -> float:
    """D_k(x), for 1 ≤ k ≤ m."""
    if x <= SMALLEST:
        return tail_difference(k, m, tau, 1.0 - tau, 0.0, 1.0, math.inf, math.log1p(-tau))
    ratios = math.log1p(tau / x), math.log1p(-tau / (1.0 - x))
    return tail_difference(k, m, x + tau, 1.0 - x - tau, x, 1.0 - x, ratios[0], ratios[1])


@kernel
def _threshold(x: float, tau: float, m: int) -> float:
    """The real number k at which x would be the breakpoint x_k."""
    if x <= SMALLEST:
        return 0.0
    up, down = math.log1p(tau / x), -math.log1p(-tau / (1.0 - x))
    return m * (down / (up + down))


@kernel
def triangle_distance(x: float, tau: float, m: int) -> float:
    """T(x), exact to rounding; τ itself at m = 1."""
    if m == 1 or x <= SMALLEST or tau <= 0.0 or tau >= 1.0 - x:
        return greatest_distance(tau, m)
    return _power(max(math.ceil(_threshold(x, tau, m)), 1), x, tau, m)


@kernel
def breakpoint(k: int, tau: float, m: int, low: float, high: float) -> float:
    """x_k, which solves k log((x+τ)/x) = (m−k) log((1−x)/(1−x−τ)), or the nearer end where it is not between.

    Newton's method on the logarithm of x, between bounds that close in.
    """
    left, right = math.log(max(low, SMALLEST)), math.log(max(high, SMALLEST))
    s = 0.5 * (left + right)
    for _ in range(NEWTON_STEPS):
        x = math.exp(s)
        # falls with x: the left side of the equation less the right
        excess = k * math.log1p(tau / x) + (m - k) * math.log1p(-tau / (1.0 - x))
        if excess > 0.0:
            left = s
        else:
            right = s
        slope = k * tau / (x + tau) + (m - k) * x * tau / ((1.0 - x) * (1.0 - x - tau))
        step = s + excess / slope
        if not left < step < right:
            step = 0.5 * (left + right)
        if abs(step - s) <= 1e-16 * max(1.0, abs(s)):
            break
        s = step
    return min(max(math.exp(s), low), high)


@kernel
def _least_left_of_centre(tau: float, m: int, low: float, high: float, gap: float) -> tuple[float, float]:
    """The least T(x) over low ≤ x ≤ high ≤ (1−τ)/2 within a gap, and an x that has it."""
    best, best_x = triangle_distance(low, tau, m), low
    at_high = triangle_distance(high, tau, m)
    if at_high < best:
        best, best_x = at_high, high
    # breakpoints strictly between two ends, which are breakpoints themselves or low and high
    first, last = np.empty(DEPTH, dtype=np.int64), np.empty(DEPTH, dtype=np.int64)
    start, stop = np.empty(DEPTH), np.empty(DEPTH)
    first[0], start[0] = math.floor(_threshold(low, tau, m)), low
    last[0], stop[0] = math.ceil(_threshold(high, tau, m)), high
    waiting = 1
    while waiting > 0:
        waiting -= 1
        i, j, a, b = first[waiting], last[waiting], start[waiting], stop[waiting]
        if j - i < 2:
            continue
        middle = (i + j + 1) // 2
        if min(_power(middle, a, tau, m), _power(middle, b, tau, m)) >= best - max(EQUAL * best, gap):
            continue
        k = (i + j) // 2
        x = breakpoint(k, tau, m, a, b)
        value = triangle_distance(x, tau, m)
        if value < best:
            best, best_x = value, x
        # the half next to the centre is searched first: it has the least value if the other end does not
        first[waiting], last[waiting], start[waiting], stop[waiting] = i, k, a, x
        first[waiting + 1], last[waiting + 1], start[waiting + 1], stop[waiting + 1] = k, j, x, b
        waiting += 2
    return best, best_x


@kernel
def triangle_minimum(tau: float, m: int, low: float, high: float, gap: float = 0.0) -> tuple[float, float]:
    """The least T(x) over low ≤ x ≤ high within a gap, and an x that has it; T(x) = T(1−τ−x)."""
    if m == 1 or tau <= 0.0 or tau >= 1.0 or high <= low:
        return triangle_distance(low, tau, m), low
    centre = 0.5 * (1.0 - tau)
    if high <= centre:
        return _least_left_of_centre(tau, m, low, high, gap)
    if low >= centre:
        value, x = _least_left_of_centre(tau, m, 1.0 - tau - high, 1.0 - tau - low, gap)
        return value, min(max(1.0 - tau - x, low), high)
    value, x = _least_left_of_centre(tau, m, max(min(low, 1.0 - tau - high), 0.0), centre, gap)
    return value, x if x >= low else min(1.0 - tau - x, high)
