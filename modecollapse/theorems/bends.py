"""Second-order bounds over boxes of slopes: how far a divergence can exceed its chords along an axis.

The corners of the greatest regions slide along their edges as the lines turn. With H(r) = max y − rx over a
region, H moves by Y′ − rX′ where the corner (X, Y) is the one that gives H(r): call this the *drift* of the
corner at r, and Y″ − rX″ its *bend*. A divergence of one sample is ∫ H(r) φ″(r) dr but for a constant, so
bends weighed by φ″ bound it. Packed divergences bend by products of two drifts besides (docs/theory.md §9).

Over a box the constraints that bound the regions are known: `chain`, from left to right. Edge v of the
boundary lies on constraint chain[v] and begins at an x between xs[0, v] and xs[1, v].
"""

from __future__ import annotations

import math
from typing import NamedTuple

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.kernels import kernel

DRIFT, BEND, MOST_DRIFT, MOST_DRIFT_SHARE, MOST_BEND, MOST_BEND_SHARE, MOST_CLIMB, MOST_RUN = range(8)
"""Entries of a motion, bounds along one axis.

`DRIFT` and `BEND` are ∫|drift| φ″ dr and ∫|bend| φ″ dr, each corner at the r that belong to it. The greatest
drift and drift/r follow, the greatest bend and bend/r, and the greatest r|X′| and |X′|.
"""

ENTRIES = 8
"""The number of entries of a motion."""

NARROW = 0.1
"""Between slopes this close, as a share of the greater, weights are taken for their greatest value."""


class Weight(NamedTuple):
    """φ″(r) = factor·r^exponent."""

    factor: float
    exponent: float


@kernel
def _integral(weight: Weight, power: float, low: float, high: float) -> float:
    """∫ φ″(r) r^power dr from low ≥ 0 to high."""
    exponent = weight.exponent + power + 1.0
    if exponent == 0.0:
        return weight.factor * math.log(high / low) if low > 0.0 else math.inf
    if low == 0.0:
        return weight.factor * high**exponent / exponent if exponent > 0.0 else math.inf
    return weight.factor * (high**exponent - low**exponent) / exponent


@kernel
def weigh(weight: Weight, low: float, high: float) -> tuple[float, float, float]:
    """Bounds on ∫ φ″, ∫ (r−low) φ″ and ∫ (high−r) φ″ from low to high, hardly above them."""
    width = high - low
    if width <= NARROW * high:
        most = weight.factor * max(low**weight.exponent, high**weight.exponent)
        return most * width, 0.5 * most * width * width, 0.5 * most * width * width
    plain, first = _integral(weight, 0.0, low, high), _integral(weight, 1.0, low, high)
    if low == 0.0:
        return plain, first, math.inf if plain == math.inf else high * plain - first
    return plain, first - low * plain, high * plain - first


@kernel
def weigh_beyond(weight: Weight, low: float) -> float:
    """∫ φ″ from low on."""
    exponent = weight.exponent + 1.0
    return -weight.factor * low**exponent / exponent if exponent < 0.0 else math.inf


@kernel
def find_motion(
    chain: IntArray,
    count: int,
    pivots: FloatArray,
    sigmas: FloatArray,
    slopes: FloatArray,
    xs: FloatArray,
    speeds: FloatArray,
    by_reach: IntArray,
    weight: Weight,
    motion: FloatArray,
    climbs: FloatArray,
) -> bool:
    """Bound how the corners move along an axis; False if nothing is known.

    Fills `motion`, and `climbs` with bounds on the derivatives of the P-masses of edges. `speeds` bounds the
    first and second derivatives of each constraint's slope γ+σ along the axis; those that turn `by_reach`
    have σ″ = 2σ′²/σ. Constraints a, b meet at X with (s_a − s_b) X′ = −s_a′(X−u_a) + s_b′(X−u_b), and once
    more differentiated. Where a turns, its corner slides along b, so that its drift is (s_b−r) X′. Both ends
    of a line that turns move the same way, so its own share of its mass's derivative is the greater of the
    two.
    """
    motion[:] = 0.0
    climbs[:count] = 0.0
    a, own = chain[0], 0.0
    if speeds[0, a] > 0.0:  # the boundary starts at x = 0 and slides along it
        least = slopes[0, a]
        if not least > 0.0:
            return False
        beyond = weigh_beyond(weight, least)
        own, turn = pivots[a] * speeds[0, a], pivots[a] * speeds[1, a]
        _add_corner(motion, (own, own / least, own * beyond), (turn, turn / least, turn * beyond))
    for v in range(1, count):
        a, b = chain[v - 1], chain[v]
        by_a_climb, by_b_climb = 0.0, 0.0
        if speeds[0, a] > 0.0 or speeds[0, b] > 0.0:
            gap = sigmas[0, a] - sigmas[1, b]
            low, high = slopes[0, b], slopes[1, a]
            if not gap > 0.0 or (low == 0.0 and slopes[1, b] > 0.0):
                return False
            reach_a = max(abs(xs[0, v] - pivots[a]), abs(xs[1, v] - pivots[a]))
            reach_b = max(abs(xs[0, v] - pivots[b]), abs(xs[1, v] - pivots[b]))
            by_a, by_b = reach_a * speeds[0, a] / gap, reach_b * speeds[0, b] / gap
            pace = by_a + by_b
            along_a, along_b = _distances(weight, low, high, sigmas[:, a], sigmas[:, b])
            if by_b == 0.0:
                turn = _turn(reach_a, gap, sigmas[:, a], sigmas[:, b], speeds[:, a], by_reach[a] != 0)
                _add_corner(motion, _times(by_a, along_b), _times(turn, along_b))
            elif by_a == 0.0:
                turn = _turn(reach_b, gap, sigmas[:, b], sigmas[:, a], speeds[:, b], by_reach[b] != 0)
                _add_corner(motion, _times(by_b, along_a), _times(turn, along_a))
            else:
                # with Y on line b, Y″ − rX″ = (s_b−r) X″ + 2s_b′X′ + s_b″(X−u_b)
                rest_a, rest_b = reach_a * speeds[1, a], reach_b * speeds[1, b]
                turn = (2.0 * (speeds[0, a] + speeds[0, b]) * pace + rest_a + rest_b) / gap
                spin = 2.0 * speeds[0, b] * pace + rest_b
                plain, _, _ = weigh(weight, low, high)
                _add_corner(
                    motion,
                    _plus(_times(by_a, along_b), _times(by_b, along_a)),
                    _plus(_times(turn, along_b), (spin, spin / low, spin * plain)),
                )
            motion[MOST_CLIMB] = max(motion[MOST_CLIMB], high * pace)
            motion[MOST_RUN] = max(motion[MOST_RUN], pace)
            by_a_climb, by_b_climb = slopes[1, b] * by_a, high * by_b
        climbs[v - 1] += max(own, by_a_climb) + by_b_climb
        climbs[v] += by_a_climb
        own = by_b_climb
    return speeds[0, chain[count - 1]] == 0.0  # the last edge ends in (1, 1)


@kernel
def _distances(
    weight: Weight, low: float, high: float, first: FloatArray, second: FloatArray
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """For the line before a corner and for that after it: the greatest |s−r|, |s−r|/r and ∫|s−r| φ″ dr.

    r runs over the slopes from `low` to `high` that belong to the corner somewhere in the box. Each line's
    slope s has a width in the box. |s−r| is at most the width and high − r, or the width and r − low.
    """
    plain, from_low, from_high = weigh(weight, low, high)
    width = first[1] - first[0]
    most = high - low + width
    before = (
        most,
        most / low if low > 0.0 else math.inf,
        from_high + width * plain if width > 0.0 else from_high,
    )
    width = second[1] - second[0]
    most = high - low + width
    if width > 0.0:
        return before, (most, max(most / high, width / low), from_low + width * plain)
    return before, (most, most / high, from_low)


@kernel
def _times(factor: float, sizes: tuple[float, float, float]) -> tuple[float, float, float]:
    if factor == 0.0:
        return 0.0, 0.0, 0.0
    return factor * sizes[0], factor * sizes[1], factor * sizes[2]


@kernel
def _plus(
    first: tuple[float, float, float], second: tuple[float, float, float]
) -> tuple[float, float, float]:
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]


@kernel
def _add_corner(
    motion: FloatArray, drift: tuple[float, float, float], bend: tuple[float, float, float]
) -> None:
    """Take in one corner's greatest drift, drift/r and weighed drift, and the same of its bend."""
    motion[MOST_DRIFT] = max(motion[MOST_DRIFT], drift[0])
    motion[MOST_DRIFT_SHARE] = max(motion[MOST_DRIFT_SHARE], drift[1])
    motion[DRIFT] += drift[2]
    motion[MOST_BEND] = max(motion[MOST_BEND], bend[0])
    motion[MOST_BEND_SHARE] = max(motion[MOST_BEND_SHARE], bend[1])
    motion[BEND] += bend[2]


@kernel
def _turn(
    reach: float, gap: float, own: FloatArray, other: FloatArray, speeds: FloatArray, by_reach: bool
) -> float:
    """Bound on X″ where a line that turns meets a constraint that stands still."""
    pace = speeds[0] / gap
    if not by_reach:
        return reach * (2.0 * pace * pace + speeds[1] / gap)
    far = max(abs(other[0]), abs(other[1]))
    return 2.0 * reach * pace * pace * far / min(abs(own[0]), abs(own[1])) if far > 0.0 else 0.0


# -- packed divergences ----------------------------------------------------------------------------


@kernel
def smooth_bend(motion: FloatArray, m: int, rho: float) -> float:
    """Bound on −J″ along an axis, J the Jensen–Shannon divergence, where Σ√(pq) is at most `rho`."""
    bend = m * rho ** (m - 1) * motion[BEND]
    if m > 1:
        bend += 2.0 * m * (m - 1.0) * rho ** (m - 2) * motion[DRIFT] ** 2
    return bend


@kernel
def power_bend(
    chain: IntArray,
    count: int,
    slopes: FloatArray,
    xs: FloatArray,
    turns: FloatArray,
    motion: FloatArray,
    climbs: FloatArray,
    m: int,
    order: float,
    error: float,
    rho: float,
) -> float:
    """Bound on −F″ along an axis, F = P^m(T) − γQ^m(T), for the tests T that are best somewhere in a box.

    T accepts a last letter of ratio above κ = γQ/P, where P and Q are the masses of the letters before it.
    Then F″ is m times a sum of P times the bends at κ, and m(m−1) times a sum of P times products for each
    letter x, of p_x′ with the drift at r = κ/s_x and of s_x′q_x with rX′ (docs/theory.md §9). Over n letters
    P√κ sums to at most √γ rhoⁿ, and P·min(1, κ) to at most the error over the (m−n)th power of one sample's
    overlap.

    `turns` bounds the derivatives of slopes and `climbs` those of P-masses. The error of T is at most
    `error`, and Σ√(pq) at most `rho`.
    """
    drift_root = math.sqrt(motion[MOST_DRIFT] * motion[MOST_DRIFT_SHARE])
    climb_root = math.sqrt(motion[MOST_CLIMB] * motion[MOST_RUN])
    bend_root = math.sqrt(motion[MOST_BEND] * motion[MOST_BEND_SHARE])
    by_error, by_affinity, overlap = 0.0, 0.0, 0.0
    for v in range(count):
        s = slopes[0, chain[v]]
        if not slopes[1, chain[v]] > 0.0:
            continue
        if not s > 0.0:
            return math.inf
        most_run = max(xs[1, v + 1] - xs[0, v], 0.0)
        overlap += min(s, 1.0) * max(xs[0, v + 1] - xs[1, v], 0.0)
        turned = turns[chain[v]] * most_run
        by_error += climbs[v] * max(motion[MOST_DRIFT], motion[MOST_DRIFT_SHARE] / s)
        by_error += turned * max(motion[MOST_CLIMB], motion[MOST_RUN] / s)
        by_affinity += (climbs[v] * drift_root + turned * climb_root) / math.sqrt(s)
    by_error *= m * (m - 1.0)
    once = m * max(motion[MOST_BEND], motion[MOST_BEND_SHARE])
    bound = error / overlap * (once + by_error / overlap) if overlap > 0.0 else math.inf
    bend = m * rho ** (m - 1) * bend_root
    if m > 1:
        bend += m * (m - 1.0) * rho ** (m - 2) * by_affinity
    return min(bound, math.sqrt(order) * bend)
