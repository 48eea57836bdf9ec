"""Second-order bounds over boxes of slopes: how far a divergence can exceed its values at the corners.

For a fixed test T the power P^m(T) − γQ^m(T) is a polynomial in the letters. If its second derivative along
each axis is at least −C in a box, it exceeds its values at the corners by C·width²/8 an axis at most; and a
divergence is a maximum of powers, or an integral of such maxima, or a maximum of sums over letters. The
letters are the edges of the greatest regions, whose ends slide along their neighbours as the lines turn
(docs/theory.md §9).

Over a box the constraints that bound the regions are known: `chain`, from left to right. Edge v of the
boundary lies on constraint chain[v] and begins at an x between xs[0, v] and xs[1, v].
"""

from __future__ import annotations

import math

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.kernels import kernel

FIRST, SECOND, LEAST, MOST = range(4)
"""Rows of a table of one law's letters: bounds on the derivatives of each mass, then on the mass itself.

Column v is edge v; the column after the last edge is what the law has alone.
"""


@kernel
def fill_masses(
    chain: IntArray,
    count: int,
    slopes: FloatArray,
    xs: FloatArray,
    y: tuple[float, float],
    p: FloatArray,
    q: FloatArray,
) -> None:
    """Least and greatest masses of the edges over a box, and of what P (between `y`) and Q have alone."""
    for v in range(count):
        s_low, s_high = slopes[0, chain[v]], slopes[1, chain[v]]
        q[LEAST, v], q[MOST, v] = max(xs[0, v + 1] - xs[1, v], 0.0), max(xs[1, v + 1] - xs[0, v], 0.0)
        p[LEAST, v], p[MOST, v] = s_low * q[LEAST, v], s_high * q[MOST, v]
    p[LEAST, count], p[MOST, count] = y
    q[LEAST, count] = q[MOST, count] = 0.0
    if slopes[1, chain[count - 1]] == 0.0:
        q[LEAST, count], q[MOST, count] = q[LEAST, count - 1], q[MOST, count - 1]
        q[LEAST, count - 1] = q[MOST, count - 1] = p[LEAST, count - 1] = p[MOST, count - 1] = 0.0


@kernel
def fill_motions(
    chain: IntArray,
    count: int,
    pivots: FloatArray,
    gamma: float,
    sigmas: FloatArray,
    xs: FloatArray,
    speeds: FloatArray,
    by_reach: IntArray,
    p: FloatArray,
    q: FloatArray,
) -> tuple[float, float, bool]:
    """Bound the derivatives of the letters along an axis; ‖p′‖₁, ‖q′‖₁, and whether any bound is known.

    `speeds` bounds the first and second derivatives of each constraint's slope γ+σ along the axis; those that
    turn `by_reach` have σ″ = 2σ′²/σ. Constraints a, b meet at X with (s_a − s_b) X′ = −s_a′(X−u_a) +
    s_b′(X−u_b), and once more differentiated. If only a turns, X″ = (X−u_a)(2(s_a′/g)² − s_a″/g) with g = s_a
    − s_b, and by reach that is 2(X−u_a)(s_a′/g)² σ_b/σ_a. Both ends of a line that turns move the same way,
    so its own share of its length's derivative is the greater of the two.
    """
    last = count - 1
    has_top = gamma + sigmas[1, chain[last]] == 0.0
    for v in range(count + 1):
        p[FIRST, v] = p[SECOND, v] = q[FIRST, v] = q[SECOND, v] = 0.0
    # the boundary starts at x = 0 and slides along it
    a = chain[0]
    own_x, own_y = 0.0, pivots[a] * speeds[0, a]
    p[FIRST, count], p[SECOND, count] = own_y, pivots[a] * speeds[1, a]
    p[SECOND, 0] = p[SECOND, count]
    p_speed, q_speed = 0.0, 0.0
    for v in range(1, count):
        a, b = chain[v - 1], chain[v]
        gap = sigmas[0, a] - sigmas[1, b]
        if not gap > 0.0:
            return 0.0, 0.0, False
        reach_a = max(abs(xs[0, v] - pivots[a]), abs(xs[1, v] - pivots[a]))
        reach_b = max(abs(xs[0, v] - pivots[b]), abs(xs[1, v] - pivots[b]))
        by_a, by_b = reach_a * speeds[0, a] / gap, reach_b * speeds[0, b] / gap
        # where a turns, X slides along b, and y with it
        s_a, s_b = gamma + sigmas[1, a], gamma + sigmas[1, b]
        by_a_y, by_b_y = s_b * by_a, s_a * by_b
        if by_b == 0.0:
            turn = _turn(reach_a, gap, sigmas[:, a], sigmas[:, b], speeds[:, a], by_reach[a] != 0)
            turn_y = s_b * turn
        elif by_a == 0.0:
            turn = _turn(reach_b, gap, sigmas[:, b], sigmas[:, a], speeds[:, b], by_reach[b] != 0)
            turn_y = s_a * turn
        else:
            pace = by_a + by_b
            rest_a, rest_b = reach_a * speeds[1, a], reach_b * speeds[1, b]
            turn = (2.0 * (speeds[0, a] + speeds[0, b]) * pace + rest_a + rest_b) / gap
            turn_y = min(
                s_a * turn + 2.0 * speeds[0, a] * pace + rest_a,
                s_b * turn + 2.0 * speeds[0, b] * pace + rest_b,
            )
        own_x, own_y = max(own_x, by_a), max(own_y, by_a_y)
        q[FIRST, v - 1] += own_x + by_b
        p[FIRST, v - 1] += own_y + by_b_y
        q_speed += 2.0 * own_x
        p_speed += 2.0 * own_y
        q[FIRST, v] += by_a
        p[FIRST, v] += by_a_y
        own_x, own_y = by_b, by_b_y
        for edge in (v - 1, v):
            q[SECOND, edge] += turn
            p[SECOND, edge] += turn_y
    if speeds[0, chain[last]] > 0.0:  # the last edge ends in (1, 1)
        return 0.0, 0.0, False
    if has_top:
        q[FIRST, count], q[SECOND, count] = q[FIRST, last], q[SECOND, last]
        q[FIRST, last] = q[SECOND, last] = p[FIRST, last] = p[SECOND, last] = 0.0
    return p_speed, q_speed, True


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


@kernel
def _law_bend(law: FloatArray, count: int, speed: float, speaker: float, m: int, error: float) -> float:
    """Bound on P^m(A)″ for every set A of common letters with P^m(A) ≤ error.

    With X = p′/p of a sample and S the sum of m of them, P^m(A)″ = Σ_A P^m (S² − ΣX² + Σp″/p). Three bounds:

    * ½m‖p″‖₁ and ½m(m−1)‖p′‖₁², times the chances that one or two samples leave A to others: the letter that
      speaks most for A complete all that others do;
    * the sum over everything vanishes, and E(S² − ΣX²)² = 2m(m−1)(EX²)², so half its root bounds it on any A;
    * on common letters, whose share of P is w, S = m·EX + S̃. E[S̃²|A] is at most m·EX²/P(A), and for a sum
      of m centred variables of range R, by the Donsker–Varadhan inequality, at most 2σ²(L +
      ½log(2L+2))(2L+2)/(2L+1) for σ² = mR²/4, L = −log P(A).
    """
    turn, alone, common_turn = 0.0, 0.0, 0.0
    information, greatest, second, bend = 0.0, 0.0, 0.0, 0.0
    for v in range(count):
        first = law[FIRST, v]
        common_turn += law[SECOND, v]
        if first > 0.0:
            ratio = first / law[LEAST, v]
            information += first * ratio
            if ratio > greatest:
                greatest, second = ratio, greatest
            elif ratio > second:
                second = ratio
        if law[SECOND, v] > 0.0:
            bend = max(bend, law[SECOND, v] / law[LEAST, v])
    turn = common_turn + law[SECOND, count]
    alone = law[FIRST, count]
    error = min(error, 1.0)
    once, twice = 1.0, 1.0
    if speaker > 0.0:
        once, twice = min(once, error / speaker), min(twice, error / (speaker * speaker))
    bound = 0.5 * (m * turn * once + m * (m - 1.0) * speed * speed * twice)
    every = information
    if alone > 0.0:
        every += alone * alone / law[LEAST, count]
    if every < math.inf:
        bound = min(bound, math.sqrt(0.5 * m * (m - 1.0)) * every + 0.5 * m * turn)
    share = 1.0 - law[LEAST, count]
    least_share = 1.0 - law[MOST, count]
    if share > 0.0 and least_share > 0.0 and information < math.inf:
        log_share = m * math.log(share)
        chance = min(error, math.exp(log_share))
        if not chance > 0.0:
            return 0.0
        odds = max(log_share - math.log(chance), 0.0)
        spread = m * information / least_share * math.exp(odds)
        reach = greatest + second
        more = 2.0 * odds + 2.0
        spread = min(spread, 0.5 * m * reach * reach * (odds + 0.5 * math.log(more)) * more / (more - 1.0))
        step = m * alone / least_share + math.sqrt(spread)
        once = min(chance * bend, math.exp(log_share) / share * common_turn)
        bound = min(bound, chance * step * step + m * once)
    return bound


@kernel
def _loudest(law: FloatArray, count: int, from_left: bool) -> float:
    """Least mass of the first common letter, which speaks most for P, or of the last."""
    for i in range(count):
        v = i if from_left else count - 1 - i
        if law[MOST, v] > 0.0:
            return law[LEAST, v]
    return 0.0


@kernel
def power_bend(
    p: FloatArray,
    q: FloatArray,
    count: int,
    speeds: tuple[float, float],
    m: int,
    order: float,
    errors: tuple[float, float],
) -> float:
    """Bound on −F″ along an axis, F = P^m(T) − γQ^m(T), if P^m(Tᶜ) and Q^m(T) are at most the errors."""
    return _law_bend(p, count, speeds[0], _loudest(p, count, False), m, errors[0]) + order * _law_bend(
        q, count, speeds[1], _loudest(q, count, True), m, errors[1]
    )


@kernel
def jensen_shannon_bend(
    p: FloatArray,
    q: FloatArray,
    count: int,
    speeds: tuple[float, float],
    m: int,
    bounds: tuple[float, float],
) -> float:
    """Bound on −J″ along an axis where J, the Jensen–Shannon divergence, lies between two bounds.

    J = ∫ (F_γ − (1−γ)⁺) dγ/(2γ(1+γ)), F_γ = P^m(T) − γQ^m(T) by the test T best at γ. Three bounds:

    * P^m(Tᶜ) ≤ γ and Q^m(T) ≤ 1/γ. Errors bend by at most K times themselves and by B: the integral of
      min(B, γK), for P and for Q alike;
    * K times the integral of the errors, which is log 2 − J;
    * J = E_P ψ + E_Q χ with ψ = ½log(2P/(P+Q)), and E_P ψ² ≤ ½J, for with y = 2P/(P+Q) the derivatives of ½J
      and of ψ² differ by a multiple of −log(2−y) − y log y, which has the sign of y − 1. So by Cauchy and
      Schwarz E_P ψ bends by at most the root of ½J times that of E((P^m)″/P^m)².
    """
    total, most, steady = 0.0, 0.0, 0.0
    for i in range(2):
        law = p if i == 0 else q
        speaker = _loudest(law, count, i == 1)
        bend = _law_bend(law, count, speeds[i], speaker, m, 1.0)
        steady += math.sqrt(0.5 * bounds[1]) * _deviation(law, count, m)
        steep, turn, common = 0.0, 0.0, law[SECOND, count]
        for v in range(count):
            common += law[SECOND, v]
            if law[FIRST, v] > 0.0:
                steep = max(steep, law[FIRST, v] / law[LEAST, v])
            if law[SECOND, v] > 0.0:
                turn = max(turn, law[SECOND, v] / law[LEAST, v])
        rate = m * m * steep * steep + m * turn
        if speaker > 0.0:
            pace = speeds[i] / speaker
            rate = min(rate, 0.5 * (m * common / speaker + m * (m - 1.0) * pace * pace))
        most = max(most, rate)
        if bend > 0.0 and rate < math.inf:
            total += 0.5 * (rate * math.log1p(bend / rate) + bend * math.log1p(rate / bend))
        elif bend > 0.0:
            total = math.inf
    return min(total, most * max(math.log(2.0) - bounds[0], 0.0), steady)


@kernel
def _deviation(law: FloatArray, count: int, m: int) -> float:
    """Bound on the root of the mean square of (P^m)″/P^m: of 2m(m−1)(EX²)² + m E(p″/p)², with X = p′/p."""
    information, turns = 0.0, 0.0
    for v in range(count + 1):
        if law[FIRST, v] > 0.0:
            information += law[FIRST, v] * law[FIRST, v] / law[LEAST, v]
        if law[SECOND, v] > 0.0:
            turns += law[SECOND, v] * law[SECOND, v] / law[LEAST, v]
    return math.sqrt(2.0 * m * (m - 1.0) * information * information + m * turns)
