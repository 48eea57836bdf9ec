"""The least packed divergence of a pair two letters of which move at constant speed: a compiled search.

Between two corners of A a least region touches ℓ at z. So it has the letters from the left corner to z and
from z to the right corner. As z moves along ℓ, these two change at constant speed and the others stand still.
An interval of z has two lower bounds (docs/theory.md §9).

*Meet.* The region with the two letters that the meet of the ends has lies in every region between.

*Two tests.* Total variation and hockey sticks are a greatest value F = max P(T) − γQ(T) over tests T. Those
that are best at one end give a function of z below F. Its second derivative is at most sd_P(T)·√(2m(m−1))·Σ
p′²/p for P, and alike for Q, since P^m″/P^m has mean 0 and the variance 2m(m−1)(Σ p′²/p)². So on an interval
of length h, F is above the greater of two chords, each less that bound times t(h−t)/2.

*Two tangents.* The Jensen–Shannon divergence F is smooth, and F″ ≥ −2m(m−1) ρ^(m−2) A² by how far z drifts.
So F is above the greater of its two tangents, each less half of that bound times the square of the distance.
"""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.enumeration import _enumerate
from modecollapse.packing.few_letters import _half_plane
from modecollapse.packing.kernels import kernel
from modecollapse.theorems.weights import Weight, weigh

Best: TypeAlias = tuple[float, float, float]
"""F, and what bounds it nearby: the standard deviations of the best test, or the derivative and Σ√(pq)."""

FIRST_INTERVALS = 8
"""The search begins with this many intervals of equal length."""

MOST_CUTS = 140
"""Every other cut at least halves an interval, and its ends are neighbours after some 60 halvings."""

X, Y, RIGHT, ABOVE, RISE = range(5)
"""Columns of a corner, as in `boundaries`."""

CERTAIN = 1e6
"""Log ratio of a letter that one law lacks: no sequence of other letters outweighs it."""

LEAST_MASS = 1e-300
"""A letter is given this much before its mass divides."""

MOST_GROWTH = 40.0
"""A law that changes by more e-folds over an interval gives no second bound there."""

MOST_CURVED = 1e250
"""A curvature beyond this is this: its bound is useless either way, and finite."""

CROSSING_STEPS = 45
"""Bisections for a crossing of two parabolas on the unit interval."""

LEAST_PART, MOST_PART = 1e-3, 0.75
"""An interval is cut where its bound lies, if both parts are so much of it. A greater part is halved."""

UNCERTAIN = 2e-13
"""Rounding of the chance of a test: no variance is taken for less."""

POWER, JENSEN_SHANNON = 0, 1
"""What is measured: max_T P^m(T) − γQ^m(T) − (1−γ)⁺, or the Jensen–Shannon divergence."""


# -- letters ---------------------------------------------------------------------------------------


@kernel
def _length(first: FloatArray, second: FloatArray, near: int, far: int) -> float:
    """The run, or the climb, from one corner to another, from whichever side keeps the digits."""
    if first[near] <= 0.5:
        return max(second[near] - first[near], 0.0)
    return max(first[far] - second[far], 0.0)


@kernel
def apex(x: float, line: tuple[float, float, float]) -> FloatArray:
    """The corner (x, γx+h) of ℓ; `line` has γ, h and the x at which ℓ meets y = 1."""
    slope, height, last = line
    rise = height + (slope - 1.0) * x
    return np.array([x, min(x + rise, 1.0), 1.0 - x, max(slope * (last - x), 0.0), rise])


@kernel
def move(
    z: FloatArray, left: FloatArray, right: FloatArray, at: int, letters: tuple[FloatArray, FloatArray]
) -> None:
    """Set the letters of (P, Q) from the left corner to z and from z to the right corner."""
    p, q = letters
    p[at], q[at] = _length(left, z, Y, ABOVE), _length(left, z, X, RIGHT)
    p[at + 1], q[at + 1] = _length(z, right, Y, ABOVE), _length(z, right, X, RIGHT)


@kernel
def meet(first: FloatArray, second: FloatArray, left: FloatArray, right: FloatArray) -> FloatArray:
    """Where the edge from the first apex to the right corner crosses that from the left one to the second."""
    across_x, across_rise = second[X] - first[X], second[RISE] - first[RISE]
    forth_x, forth_rise = right[X] - first[X], right[RISE] - first[RISE]
    back_x, back_rise = left[X] - second[X], left[RISE] - second[RISE]
    turn = forth_x * back_rise - forth_rise * back_x
    share = (across_x * back_rise - across_rise * back_x) / turn if turn != 0.0 else 0.0
    return first + min(max(share, 0.0), 1.0) * (right - first)


@kernel
def log_ratios(p: FloatArray, q: FloatArray) -> FloatArray:
    """log(p/q), finite; 0 for a letter of no mass."""
    ratios = np.zeros(len(p))
    for i in range(len(p)):
        if p[i] > 0.0 and q[i] > 0.0:
            ratios[i] = math.log(p[i]) - math.log(q[i])
        elif p[i] > 0.0:
            ratios[i] = CERTAIN
        elif q[i] > 0.0:
            ratios[i] = -CERTAIN
    return ratios


# -- values ----------------------------------------------------------------------------------------


@kernel
def witness(p: FloatArray, q: FloatArray, ratios: FloatArray, m: int, size: int, order: float) -> Best:
    """P(T) − γQ(T) − (1−γ)⁺ for the test that is best at log ratios, and the standard deviations of T and γT.

    With `size` 0 the sum over types gives way to rows of three letters, at γ = 1.
    """
    if size == 0:
        falling = np.argsort(-ratios)  # ratios fall from letter to letter, but for rounding of tiny letters
        test = ratios[falling]
        accepted_p, accepted_q = _half_plane(p[falling], test, m), _half_plane(q[falling], test, m)
        return accepted_p - accepted_q, _deviation(accepted_p), _deviation(accepted_q)
    mass_p, score = _enumerate(p, ratios, m, size)
    mass_q, _ = _enumerate(q, ratios, m, size)
    accepted_p, accepted_q, threshold = 0.0, 0.0, math.log(order)
    for i in range(size):
        if score[i] > threshold:
            accepted_p += mass_p[i]
            accepted_q += mass_q[i]
    value = accepted_p - order * accepted_q - max(1.0 - order, 0.0)
    return value, _deviation(accepted_p), order * _deviation(accepted_q)


@kernel
def tangent(letters: tuple[FloatArray, FloatArray], at: int, slope: float, m: int, size: int) -> Best:
    """The Jensen–Shannon divergence, its derivative as z moves, and Σ√(pq).

    With ψ = ½log(2P/(P+Q)) and χ = ½log(2Q/(P+Q)) it is E_P ψ + E_Q χ, whose derivative has ψ and χ as they
    are, since they are best.
    """
    p, q = letters
    ratios = log_ratios(p, q)
    mass_p, score = _enumerate(p, ratios, m, size)
    mass_q, _ = _enumerate(q, ratios, m, size)
    gain_p = slope / max(p[at], LEAST_MASS), slope / max(p[at + 1], LEAST_MASS)
    gain_q = 1.0 / max(q[at], LEAST_MASS), 1.0 / max(q[at + 1], LEAST_MASS)
    last = len(p) - 1
    counts = np.zeros(len(p), np.int64)
    counts[last] = m
    value, derivative = 0.0, 0.0
    for i in range(size):
        if mass_p[i] > 0.0 or mass_q[i] > 0.0:
            fold = math.log1p(math.exp(-abs(score[i])))
            by_p = mass_p[i] * 0.5 * (math.log(2.0) - fold - max(-score[i], 0.0))
            by_q = mass_q[i] * 0.5 * (math.log(2.0) - fold - max(score[i], 0.0))
            value += by_p + by_q
            here, next_ = counts[at], counts[at + 1]
            derivative += by_p * (here * gain_p[0] - next_ * gain_p[1])
            derivative += by_q * (here * gain_q[0] - next_ * gain_q[1])
        _count_on(counts, last)
    return value, derivative, np.sqrt(p * q).sum()


@kernel
def _count_on(counts: IntArray, last: int) -> None:
    """Go to the next counts in the order of `_enumerate`: those of the last letter but one change first."""
    for i in range(last - 1, -1, -1):
        if counts[last] > 0:
            counts[last] -= 1
            counts[i] += 1
            return
        counts[last] += counts[i]
        counts[i] = 0


@kernel
def best_at(
    letters: tuple[FloatArray, FloatArray], at: int, slope: float, m: int, size: int, order: float, kind: int
) -> Best:
    """F and what bounds it nearby: the deviations of the best test, or a derivative and an affinity."""
    if kind == JENSEN_SHANNON:
        return tangent(letters, at, slope, m, size)
    return witness(letters[0], letters[1], log_ratios(letters[0], letters[1]), m, size, order)


@kernel
def _deviation(chance: float) -> float:
    """The standard deviation of an indicator, which rounding cannot make 0 where it counts."""
    return math.sqrt(max(chance * (1.0 - chance), UNCERTAIN))


# -- bounds ----------------------------------------------------------------------------------------


@kernel
def _curvature(
    deviation: float,
    most_deviation: float,
    speed: float,
    here: tuple[float, float],
    there: tuple[float, float],
    m: int,
) -> float:
    """Bound on the second derivative of E_P a between two ends, from the deviation of a at the first.

    `here` and `there` are the masses of the moving letters at the ends. The mean square of a grows at most by
    the power m of the ratio of the letter that gains.
    """
    gain = max(there[0], LEAST_MASS) / max(here[0], LEAST_MASS)
    gain = max(gain, max(there[1], LEAST_MASS) / max(here[1], LEAST_MASS))
    growth = 0.5 * m * math.log(gain)
    spread = most_deviation if growth > MOST_GROWTH else min(deviation * math.exp(growth), most_deviation)
    information = 1.0 / max(min(here[0], there[0]), LEAST_MASS)
    information += 1.0 / max(min(here[1], there[1]), LEAST_MASS)
    return min(speed * speed * spread * math.sqrt(2.0 * m * (m - 1.0)) * information, MOST_CURVED)


@kernel
def _parabola(u: float, v: float, bend: float, t: float) -> float:
    """The parabola through (0, u) and (1, v) that lies bend/4 below their chord at ½."""
    return u + (v - u) * t - bend * t * (1.0 - t)


@kernel
def _lowest(u: float, v: float, bend: float) -> float:
    """Where the parabola is least on the unit interval."""
    if bend <= 0.0:
        return 0.0 if u <= v else 1.0
    return min(max(0.5 - (v - u) / (2.0 * bend), 0.0), 1.0)


@kernel
def valley(first: tuple[float, float, float], second: tuple[float, float, float]) -> tuple[float, float]:
    """A lower bound on the greater of two parabolas over the unit interval, nearly reached, and its place."""
    low, high = _lowest(*first), _lowest(*second)
    at_low = _parabola(*first, low)
    if at_low >= _parabola(*second, low):
        return at_low, low
    at_high = _parabola(*second, high)
    if at_high >= _parabola(*first, high):
        return at_high, high
    # from `low` to `high` the first rises and the second falls: they cross
    for _ in range(CROSSING_STEPS):
        t = 0.5 * (low + high)
        if _parabola(*first, t) < _parabola(*second, t):
            low = t
        else:
            high = t
    return max(_parabola(*first, low), _parabola(*second, high)), low


@kernel
def two_witness_bound(
    first: tuple[FloatArray, FloatArray],
    second: tuple[FloatArray, FloatArray],
    here: Best,
    there: Best,
    at: int,
    slope: float,
    width: float,
    m: int,
    size: int,
    order: float,
) -> tuple[float, float]:
    """A lower bound on F between two ends, by the tests that are best at them, and where it lies.

    `first` and `second` are the letters of (P, Q) at the ends, `here` and `there` what the best tests give.
    """
    most_p, most_q = 0.5, 0.5 * order
    p1, p2 = (first[0][at], first[0][at + 1]), (second[0][at], second[0][at + 1])
    q1, q2 = (first[1][at], first[1][at + 1]), (second[1][at], second[1][at + 1])
    over, _, _ = witness(second[0], second[1], log_ratios(first[0], first[1]), m, size, order)
    back, _, _ = witness(first[0], first[1], log_ratios(second[0], second[1]), m, size, order)
    half = 0.5 * width * width
    first_bend = half * (
        _curvature(here[1], most_p, slope, p1, p2, m) + _curvature(here[2], most_q, 1.0, q1, q2, m)
    )
    second_bend = half * (
        _curvature(there[1], most_p, slope, p2, p1, m) + _curvature(there[2], most_q, 1.0, q2, q1, m)
    )
    return valley((here[0], over, first_bend), (back, there[0], second_bend))


@kernel
def two_tangent_bound(
    first: tuple[FloatArray, FloatArray],
    second: tuple[FloatArray, FloatArray],
    here: Best,
    there: Best,
    at: int,
    slope: float,
    width: float,
    m: int,
) -> tuple[float, float]:
    """A lower bound on the Jensen–Shannon divergence between two ends, by its tangents, and where it lies.

    `here` and `there` are what `tangent` gives. The drift of z is |γ−r| at the slopes r between its edges.
    """
    least_run = min(first[1][at], second[1][at])
    least_climb = min(first[0][at + 1], second[0][at + 1])
    if not (least_run > 0.0 and least_climb > 0.0):
        return -math.inf, 0.5
    high = max(first[0][at] / first[1][at], second[0][at] / second[1][at])
    low = min(first[0][at + 1] / first[1][at + 1], second[0][at + 1] / second[1][at + 1])
    hellinger = Weight(0.25, -1.5)
    _, above, _ = weigh(hellinger, slope, max(high, slope))
    _, _, below = weigh(hellinger, min(low, slope), slope)
    drift = above + below
    rho = min(max(here[2], there[2]) + 0.5 * drift * width, 1.0)
    sag = m * (m - 1.0) * rho ** (m - 2) * drift * drift * width * width  # half of the bound on −F″
    over = here[0] - there[0] + there[1] * width + sag  # first tangent less the second at the first end
    under = here[0] - there[0] + here[1] * width - sag  # and at the second end
    lowest = min(here[0], there[0])
    if not (over > 0.0 and under < 0.0 and sag < math.inf):
        return (lowest if sag < math.inf else -math.inf), 0.5
    share = over / (over - under)
    return min(lowest, here[0] + share * (here[1] * width - sag * share)), share


# -- the search ------------------------------------------------------------------------------------


@kernel
def least_value(
    letters: tuple[FloatArray, FloatArray],
    at: int,
    left: FloatArray,
    right: FloatArray,
    line: tuple[float, float, float],
    low: float,
    high: float,
    m: int,
    size: int,
    order: float,
    kind: int,
    gap: float,
    most: int,
) -> tuple[float, float, float, int]:
    """The least F over low ≤ x ≤ high, an x that has it, a certain lower bound, and the evaluations made.

    The letters `at` and `at`+1 of P and Q are those that move; `line` has γ, h and the x where ℓ meets y = 1.
    An interval is cut until its bound is within `gap` of the best value, relative for values above 1, or
    `most` evaluations are made.
    """
    slope = line[0]
    first, second = (letters[0].copy(), letters[1].copy()), (letters[0].copy(), letters[1].copy())
    between = letters[0].copy(), letters[1].copy()
    room = FIRST_INTERVALS + MOST_CUTS
    ends, bests = np.empty((room, 3)), np.empty((room, 6))  # of the intervals that wait
    best, best_x = math.inf, low
    before = (0.0, 0.0, 0.0)
    for i in range(FIRST_INTERVALS + 1):
        x = low + (high - low) * i / FIRST_INTERVALS if i < FIRST_INTERVALS else high
        move(apex(x, line), left, right, at, first)
        here = best_at(first, at, slope, m, size, order, kind)
        if here[0] < best:
            best, best_x = here[0], x
        if i > 0:
            start = low + (high - low) * (i - 1) / FIRST_INTERVALS
            _store(ends[i - 1], bests[i - 1], start, x, high - low, before, here)
        before = here
    waiting, evaluations, certain = FIRST_INTERVALS, FIRST_INTERVALS + 1, best
    while waiting > 0:
        waiting -= 1
        x1, x2 = ends[waiting, 0], ends[waiting, 1]
        here = (bests[waiting, 0], bests[waiting, 1], bests[waiting, 2])
        there = (bests[waiting, 3], bests[waiting, 4], bests[waiting, 5])
        z1, z2 = apex(x1, line), apex(x2, line)
        threshold = best - gap * max(1.0, best)
        move(z1, left, right, at, first)
        move(z2, left, right, at, second)
        if kind == JENSEN_SHANNON:
            bound, share = two_tangent_bound(first, second, here, there, at, slope, x2 - x1, m)
        else:
            bound, share = two_witness_bound(first, second, here, there, at, slope, x2 - x1, m, size, order)
            evaluations += 2
        if bound < threshold:
            move(meet(z1, z2, left, right), left, right, at, between)
            bound = max(bound, best_at(between, at, slope, m, size, order, kind)[0])
            evaluations += 1
        if not LEAST_PART < share < 1.0 - LEAST_PART or x2 - x1 > MOST_PART * ends[waiting, 2]:
            share = 0.5
        middle = x1 + share * (x2 - x1)
        if bound >= threshold or evaluations > most or not x1 < middle < x2:
            certain = min(certain, bound)
            continue
        move(apex(middle, line), left, right, at, between)
        new = best_at(between, at, slope, m, size, order, kind)
        evaluations += 1
        if new[0] < best:
            best, best_x = new[0], middle
        # the half with the lower end is searched first
        front, back = (waiting + 1, waiting) if here[0] <= there[0] else (waiting, waiting + 1)
        _store(ends[front], bests[front], x1, middle, x2 - x1, here, new)
        _store(ends[back], bests[back], middle, x2, x2 - x1, new, there)
        waiting += 2
    return best, best_x, min(certain, best), evaluations


@kernel
def _store(
    ends: FloatArray, bests: FloatArray, x1: float, x2: float, last: float, here: Best, there: Best
) -> None:
    """Keep an interval, the length of that it is cut from, and what the best witnesses at its ends give."""
    ends[0], ends[1], ends[2] = x1, x2, last
    bests[0], bests[1], bests[2] = here
    bests[3], bests[4], bests[5] = there
