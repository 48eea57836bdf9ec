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
from typing import TypeAlias

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.kernels import kernel_in_place
from modecollapse.theorems.weights import Weight, weigh, weigh_beyond

DRIFT, BEND, MOST_DRIFT, MOST_DRIFT_SHARE, MOST_BEND, MOST_BEND_SHARE, MOST_CLIMB, MOST_RUN = range(8)
"""Entries of a motion, bounds along one axis.

`DRIFT` and `BEND` are ∫|drift| φ″ dr and ∫|bend| φ″ dr, each corner at the r that belong to it. The greatest
drift and drift/r follow, the greatest bend and bend/r, and the greatest r|X′| and |X′|.
"""

ENTRIES = 8
"""The number of entries of a motion."""

AFTER, BEFORE, STILL, TURN_AFTER, TURN_BEFORE, TURN_STILL = range(6)
"""Entries of a slide, bounds on how one corner moves along an axis.

The drift at r is at most AFTER·(r−s_b) + BEFORE·(s_a−r) + STILL, where the corner is between edges of slopes
s_a ≥ r ≥ s_b. The bend has such a bound with the other three entries, and |X′| is at most AFTER + BEFORE.
"""

SLIDE_ENTRIES = 6
"""The number of entries of a slide."""

MOST_LISTED = 200
"""Types of sequences that are listed one by one for `listed_bend`; more are bounded by `power_bend`."""


Sizes: TypeAlias = tuple[float, float, float]
"""The greatest of a function of r, the greatest of it over r, and its integral weighed by φ″."""


@kernel_in_place
def find_slides(
    chain: IntArray,
    count: int,
    pivots: FloatArray,
    sigmas: FloatArray,
    slopes: FloatArray,
    xs: FloatArray,
    speeds: FloatArray,
    by_reach: IntArray,
    slides: FloatArray,
    climbs: FloatArray,
) -> bool:
    """Bound how the corners move along an axis; False if nothing is known.

    Fills `slides` for the corner where each edge begins, and `climbs` with bounds on the derivatives of the
    P-masses of edges. `speeds` bounds the first and second derivatives of each constraint's slope γ+σ along
    the axis; those that turn `by_reach` have σ″ = 2σ′²/σ. Constraints a, b meet at X with
    (s_a − s_b) X′ = −s_a′(X−u_a) + s_b′(X−u_b), and once more differentiated. Where a turns, its corner
    slides along b, so that its drift is (s_b−r) X′. Both ends of a line that turns move the same way, so its
    own share of its mass's derivative is the greater of the two.
    """
    slides[:count] = 0.0
    climbs[:count] = 0.0
    a, own = chain[0], 0.0
    if speeds[0, a] > 0.0:  # the boundary starts at x = 0 and slides along it
        if not slopes[0, a] > 0.0:
            return False
        own = pivots[a] * speeds[0, a]
        slides[0, STILL], slides[0, TURN_STILL] = own, pivots[a] * speeds[1, a]
    for v in range(1, count):
        a, b = chain[v - 1], chain[v]
        by_a_climb, by_b_climb = 0.0, 0.0
        if speeds[0, a] > 0.0 or speeds[0, b] > 0.0:
            gap = sigmas[0, a] - sigmas[1, b]
            if not gap > 0.0 or (slopes[0, b] == 0.0 and slopes[1, b] > 0.0):
                return False
            reach_a = max(abs(xs[0, v] - pivots[a]), abs(xs[1, v] - pivots[a]))
            reach_b = max(abs(xs[0, v] - pivots[b]), abs(xs[1, v] - pivots[b]))
            by_a, by_b = reach_a * speeds[0, a] / gap, reach_b * speeds[0, b] / gap
            slides[v, AFTER], slides[v, BEFORE] = by_a, by_b
            if by_b == 0.0:
                slides[v, TURN_AFTER] = _turn(
                    reach_a, gap, sigmas[:, a], sigmas[:, b], speeds[:, a], by_reach[a] != 0
                )
            elif by_a == 0.0:
                slides[v, TURN_BEFORE] = _turn(
                    reach_b, gap, sigmas[:, b], sigmas[:, a], speeds[:, b], by_reach[b] != 0
                )
            else:
                # with Y on line b, Y″ − rX″ = (s_b−r) X″ + 2s_b′X′ + s_b″(X−u_b)
                pace = by_a + by_b
                rest_a, rest_b = reach_a * speeds[1, a], reach_b * speeds[1, b]
                slides[v, TURN_AFTER] = (2.0 * (speeds[0, a] + speeds[0, b]) * pace + rest_a + rest_b) / gap
                slides[v, TURN_STILL] = 2.0 * speeds[0, b] * pace + rest_b
            by_a_climb, by_b_climb = slopes[1, b] * by_a, slopes[1, a] * by_b
        climbs[v - 1] += max(own, by_a_climb) + by_b_climb
        climbs[v] += by_a_climb
        own = by_b_climb
    return speeds[0, chain[count - 1]] == 0.0  # the last edge ends in (1, 1)


@kernel_in_place
def find_motion(
    chain: IntArray,
    count: int,
    sigmas: FloatArray,
    slopes: FloatArray,
    slides: FloatArray,
    weight: Weight,
    motion: FloatArray,
) -> None:
    """Sum up how all corners move along an axis."""
    motion[:] = 0.0
    if slides[0, STILL] > 0.0 or slides[0, TURN_STILL] > 0.0:
        least = slopes[0, chain[0]]
        still = 1.0, 1.0 / least, weigh_beyond(weight, least)
        _add_corner(motion, _times(slides[0, STILL], still), _times(slides[0, TURN_STILL], still))
    for v in range(1, count):
        slide = slides[v]
        pace = slide[AFTER] + slide[BEFORE]
        if pace > 0.0:
            a, b = chain[v - 1], chain[v]
            low, high = slopes[0, b], slopes[1, a]
            before, after, still = _distances(weight, low, high, sigmas[:, a], sigmas[:, b])
            drift = _plus(_times(slide[AFTER], after), _times(slide[BEFORE], before))
            bend = _plus(_times(slide[TURN_AFTER], after), _times(slide[TURN_BEFORE], before))
            _add_corner(motion, drift, _plus(bend, _times(slide[TURN_STILL], still)))
            motion[MOST_CLIMB] = max(motion[MOST_CLIMB], high * pace)
            motion[MOST_RUN] = max(motion[MOST_RUN], pace)


@kernel_in_place
def _distances(
    weight: Weight, low: float, high: float, first: FloatArray, second: FloatArray
) -> tuple[Sizes, Sizes, Sizes]:
    """For the line before a corner and for that after it: the greatest |s−r|, |s−r|/r and ∫|s−r| φ″ dr.

    The same of 1 follows.

    r runs over the slopes from `low` to `high` that belong to the corner somewhere in the box. Each line's
    slope s has a width in the box. |s−r| is at most the width and high − r, or the width and r − low.
    """
    plain, from_low, from_high = weigh(weight, low, high)
    still = 1.0, 1.0 / low if low > 0.0 else math.inf, plain
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
        return before, (most, max(most / high, width / low), from_low + width * plain), still
    return before, (most, most / high, from_low), still


@kernel_in_place
def _times(factor: float, sizes: Sizes) -> Sizes:
    if factor == 0.0:
        return 0.0, 0.0, 0.0
    return factor * sizes[0], factor * sizes[1], factor * sizes[2]


@kernel_in_place
def _plus(first: Sizes, second: Sizes) -> Sizes:
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]


@kernel_in_place
def _add_corner(motion: FloatArray, drift: Sizes, bend: Sizes) -> None:
    """Take in one corner's greatest drift, drift/r and weighed drift, and the same of its bend."""
    motion[MOST_DRIFT] = max(motion[MOST_DRIFT], drift[0])
    motion[MOST_DRIFT_SHARE] = max(motion[MOST_DRIFT_SHARE], drift[1])
    motion[DRIFT] += drift[2]
    motion[MOST_BEND] = max(motion[MOST_BEND], bend[0])
    motion[MOST_BEND_SHARE] = max(motion[MOST_BEND_SHARE], bend[1])
    motion[BEND] += bend[2]


@kernel_in_place
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


@kernel_in_place
def smooth_bend(motion: FloatArray, m: int, rho: float) -> float:
    """Bound on −J″ along an axis, J the Jensen–Shannon divergence, where Σ√(pq) is at most `rho`."""
    bend = m * rho ** (m - 1) * motion[BEND]
    if m > 1:
        bend += 2.0 * m * (m - 1.0) * rho ** (m - 2) * motion[DRIFT] ** 2
    return bend


@kernel_in_place
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


@kernel_in_place
def list_types(
    chain: IntArray, count: int, slopes: FloatArray, xs: FloatArray, n: int, order: float, types: FloatArray
) -> int:
    """All types of n letters that P and Q have in common; returns their number, −1 if there are too many.

    Fills three rows of `types`: the greatest that P can be over a box, and the least and greatest κ = γQ/P.
    """
    letters, size = 0, 1.0
    for v in range(count):
        if slopes[1, chain[v]] > 0.0:
            if not slopes[0, chain[v]] > 0.0:
                return -1
            if letters > 0:
                size *= (n + letters) / letters
            letters += 1
    if letters == 0 or size > MOST_LISTED:
        return 0 if letters == 0 else -1
    types[0, 0], types[1, 0], types[2, 0], types[3, 0] = 1.0, order, order, n
    made = 1
    for i in range(letters):  # each takes some of the places that are left, and the last takes all
        low, high = slopes[0, chain[i]], slopes[1, chain[i]]
        most = high * max(xs[1, i + 1] - xs[0, i], 0.0)
        for row in range(made):
            mass, least, greatest, left = types[0, row], types[1, row], types[2, row], int(types[3, row])
            if i == letters - 1:
                types[0, row] = mass * most**left
                types[1, row], types[2, row] = least / high**left, greatest / low**left
                continue
            for taken in range(1, left + 1):
                mass *= most * (left - taken + 1.0) / taken
                least, greatest = least / high, greatest / low
                types[0, made], types[1, made] = mass, least
                types[2, made], types[3, made] = greatest, left - taken
                made += 1
    return made


@kernel_in_place
def listed_bend(
    chain: IntArray,
    count: int,
    slopes: FloatArray,
    xs: FloatArray,
    turns: FloatArray,
    slides: FloatArray,
    climbs: FloatArray,
    m: int,
    types: FloatArray,
    sizes: tuple[int, int],
) -> float:
    """The bound of `power_bend` with its sums over sequences taken type by type.

    `types` has those of m−1 letters and those of m−2, as many as `sizes` says.
    """
    once, twice = 0.0, 0.0
    for row in range(sizes[0]):
        once += types[0, 0, row] * _most_bend(
            chain, count, slopes, slides, types[0, 1, row], types[0, 2, row]
        )
    for x in range(count):
        least, greatest = slopes[0, chain[x]], slopes[1, chain[x]]
        turned = turns[chain[x]] * max(xs[1, x + 1] - xs[0, x], 0.0)
        if least > 0.0 and (climbs[x] > 0.0 or turned > 0.0):
            for row in range(sizes[1]):
                low, high = types[1, 1, row] / greatest, types[1, 2, row] / least
                product = _most_product(chain, count, slopes, slides, climbs[x], turned, low, high)
                twice += types[1, 0, row] * product
    return m * (once + (m - 1.0) * twice)


@kernel_in_place
def _most_bend(
    chain: IntArray, count: int, slopes: FloatArray, slides: FloatArray, low: float, high: float
) -> float:
    """The greatest |bend| at r from `low` to `high`, whichever corner r belongs to."""
    most = 0.0
    for v in range(count):
        after, before, _ = _distances_to(chain, slopes, v, low, high)
        bend = slides[v, TURN_AFTER] * after + slides[v, TURN_BEFORE] * before + slides[v, TURN_STILL]
        if after >= 0.0 and before >= 0.0:
            most = max(most, bend)
    return most


@kernel_in_place
def _most_product(
    chain: IntArray,
    count: int,
    slopes: FloatArray,
    slides: FloatArray,
    climb: float,
    turned: float,
    low: float,
    high: float,
) -> float:
    """The greatest climb·|drift| + turned·r|X′| at r from `low` to `high`, whichever corner r belongs to."""
    most = 0.0
    for v in range(count):
        after, before, r = _distances_to(chain, slopes, v, low, high)
        drift = slides[v, AFTER] * after + slides[v, BEFORE] * before + slides[v, STILL]
        if after >= 0.0 and before >= 0.0:
            most = max(most, climb * drift + turned * r * (slides[v, AFTER] + slides[v, BEFORE]))
    return most


@kernel_in_place
def _distances_to(
    chain: IntArray, slopes: FloatArray, v: int, low: float, high: float
) -> tuple[float, float, float]:
    """The greatest r−s_b, s_a−r and r at a corner for r from `low` to `high`.

    One of the first two is negative if no such r belongs to the corner.
    """
    least = slopes[0, chain[v]]
    if v == 0:  # above it is no edge, and its X stands still
        return high - least, 0.0, high
    greatest = slopes[1, chain[v - 1]]
    r = min(high, greatest)
    return r - least, greatest - max(low, least), r
