"""Two and three common letters: every number is the mass of a Beta density on an interval.

A Bernoulli law is a pair of positive weights (w₁, w₂), its success probability x = w₁/(w₁+w₂). The
chance of at least k successes in n trials is the mass that the density Beta(k, n−k+1) puts on [0, x],
so differences between two laws are masses of the interval between them, and nothing ever cancels.

On the arcsine scale, x = sin²φ, that density is proportional to x^κ₁ (1−x)^κ₂ with κ₁ = k−½, κ₂ = n−k+½,
its mode is κ₁/n, and its curvature lies between 2n and 4n wherever it has mass: a few Gauss–Legendre
panels of fixed width suffice for every k and n. Angles between laws come from exact determinants of
their weights, so that relative accuracy survives where two laws nearly agree.

Three letters: condition on the count of the middle one; the rest is binomial with a threshold that
is linear in that count. The counts that carry mass, the rows, number O(√m). For distances, tails and their
differences follow from row to row by recurrence; for overlaps, which may be tiny where tails
are not, each row has Beta masses of its own.
"""

from __future__ import annotations

import math

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.kernels import kernel, kernel_inlined
from modecollapse.packing.letters import CommonLetters

_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(16)
_FEW_NODES, _FEW_WEIGHTS = np.polynomial.legendre.leggauss(8)
_SHORT = 1.0  # e-folds by slope or widths by curvature within which 8 nodes err by 3e-17
_DEPTH = 42.0  # e-folds after which a density counts as spent: e^−42 = 6e-19
_FROZEN = 1e-40  # 13 deviations away: two deviations nearer, a tail still is 0 or 1 to 1e-30
_ANCHOR = 256  # recurrences start afresh after this many rows, before their rounding adds up
_LEAST = 5e-324  # for a ratio that underflows: a branch instead would cost every density a quarter
_NEGLIGIBLE = -46.0  # a row whose log share is below this adds nothing to a sum: 1e-20
_NEGLIGIBLE_SHARE = 1e-20
_LEAST_ODDS = 1e-290  # beyond, a recurrence would divide by subnormal numbers
_UNDERFLOWING = 1e-280  # a mass below this might reach 0 and stay there


# -- two laws: differences without cancellation ---------------------------------------------------------


@kernel
def _product_error(a: float, b: float, product: float) -> float:
    """a·b − product exactly, where product is a·b rounded (Dekker)."""
    t = 134217729.0 * a
    a_high = t - (t - a)
    a_low = a - a_high
    t = 134217729.0 * b
    b_high = t - (t - b)
    b_low = b - b_high
    return a_low * b_low - (((product - a_high * b_high) - a_low * b_high) - a_high * b_low)


@kernel
def _determinant(a: float, b: float, c: float, d: float) -> float:
    """a·d − b·c to a unit of rounding of itself."""
    ad, bc = a * d, b * c
    return (ad - bc) + (_product_error(a, d, ad) - _product_error(b, c, bc))


@kernel
def _angle(a1: float, a2: float, b1: float, b2: float) -> float:
    """The angle from law a to law b on the arcsine scale, in [−π/2, π/2]."""
    return math.atan2(
        _determinant(b1, b2, a1, a2) / (math.sqrt(b1) * math.sqrt(a2) + math.sqrt(a1) * math.sqrt(b2)),
        math.sqrt(a1) * math.sqrt(b1) + math.sqrt(a2) * math.sqrt(b2),
    )


@kernel
def _scaled(w1: float, w2: float) -> tuple[float, float]:
    """The same law with weights near 1, so that no product of two weights underflows."""
    _, exponent = math.frexp(max(w1, w2))
    return math.ldexp(w1, -exponent), math.ldexp(w2, -exponent)


@kernel
def _angle_between(q1: float, q2: float, p1: float, p2: float, log_ratio1: float, log_ratio2: float) -> float:
    """The angle from law q to law p: from log(pᵢ/qᵢ) where these hold more digits than p and q."""
    if abs(log_ratio1) > 0.5 or abs(log_ratio2) > 0.5:
        return _angle(q1, q2, p1, p2)
    root1, root2 = math.exp(0.5 * log_ratio1), math.exp(0.5 * log_ratio2)
    gap = math.expm1(log_ratio1) - math.expm1(log_ratio2)
    return math.atan2(math.sqrt(q1) * math.sqrt(q2) * gap / (root1 + root2), q1 * root1 + q2 * root2)


@kernel
def _log1p_minus(x: float) -> float:
    """log(1+x) − x, accurate relative to itself."""
    if abs(x) > 0.25:
        return math.log1p(x) - x
    r = x / (2.0 + x)
    s = r * r
    tail = 0.0
    for power in range(21, 1, -2):
        tail = s * (1.0 / power + tail)
    return r * (2.0 * tail - x)


@kernel
def _log_ratio_minus(shift: float, ratio: float) -> float:
    """log(ratio) − shift for ratio = 1 + shift, from whichever of the two holds more digits."""
    return _log1p_minus(shift) if shift > -0.5 else math.log(max(ratio, _LEAST)) - shift


# -- binomial probabilities ---------------------------------------------------------------------------


@kernel
def _stirling_error(n: float) -> float:
    """log n! − log(√(2πn) nⁿ e⁻ⁿ) for integers n ≥ 1."""
    if n < 16.0:
        return math.log(math.gamma(n + 1.0) / (math.sqrt(2.0 * math.pi * n) * n**n * math.exp(-n)))
    s = 1.0 / (n * n)
    return (1 / 12 - s * (1 / 360 - s * (1 / 1260 - s * (1 / 1680 - s * (1 / 1188 - s * 691 / 360360))))) / n


@kernel
def _half_stirling_error(kappa: float) -> float:
    """log Γ(κ+½) − log(√(2π) κ^κ e^−κ) for half-integers κ ≥ ½."""
    if kappa < 16.0:
        return math.log(
            math.gamma(kappa + 0.5) / (math.sqrt(2.0 * math.pi) * kappa**kappa * math.exp(-kappa))
        )
    s = 1.0 / (kappa * kappa)
    return (
        -1 / 24
        + s
        * (7 / 2880 - s * (31 / 40320 - s * (127 / 215040 - s * (511 / 608256 - s * 1414477 / 738017280))))
    ) / kappa


@kernel
def _log_binomial(j: int, n: int, w1: float, w2: float, w2_low: float) -> float:
    """log P(Bin(n, w₁/(w₁+w₂)) = j), by Loader's saddle-point form; the second weight is w2 + w2_low."""
    total = w1 + w2
    if j == 0:
        return n * math.log1p(-w1 / total) if w1 < w2 else n * math.log(w2 / total)
    if j == n:
        return n * math.log1p(-w2 / total) if w2 < w1 else n * math.log(w1 / total)
    excess = (_determinant(w1, w2, float(j), float(n - j)) - j * w2_low) / total
    return (
        0.5 * math.log(n / (2.0 * math.pi * j * (n - j)))
        + (_stirling_error(float(n)) - _stirling_error(float(j)) - _stirling_error(float(n - j)))
        + j * _log_ratio_minus(excess / j, n * (w1 / total) / j)
        + (n - j) * _log_ratio_minus(-excess / (n - j), n * (w2 / total) / (n - j))
    )


@kernel
def _log_beta_mass(k: int, n: int, a1: float, a2: float, b1: float, b2: float, width: float) -> float:
    """log of the mass that Beta(k, n−k+1) puts between the laws a < b, `width` apart, 1 ≤ k ≤ n.

    Equals log(P(Bin(n, b) ≥ k) − P(Bin(n, a) ≥ k)).
    """
    if not width > 0.0:
        return -math.inf
    kappa1, kappa2 = k - 0.5, n - k + 0.5
    root = math.sqrt(kappa1 * kappa2)
    tilt = kappa2 - kappa1
    # the highest point of the density on the interval, and how far it goes on to either side
    left, right = -_angle(kappa1, kappa2, a1, a2), _angle(kappa1, kappa2, b1, b2)
    if left < 0.0:
        peak, x1, x2 = -left, a1, a2
        left, right = 0.0, width
    elif right < 0.0:
        peak, x1, x2 = right, b1, b2
        left, right = width, 0.0
    else:
        # the width holds more digits than the angles, and may be far below their rounding
        peak, x1, x2 = 0.0, kappa1, kappa2
        between = left + right
        left = left * (width / between) if between > 0.0 else 0.0
        right = right * (width / between) if between > 0.0 else width
    low, high = math.atan2(math.sqrt(x1), math.sqrt(x2)), math.atan2(math.sqrt(x2), math.sqrt(x1))
    top = _log_density(peak, low, high, kappa1, kappa2, root, tilt)
    slope = 2.0 * abs(_excess(peak, root, tilt)) / (math.sin(low) * math.sin(high))
    curvature = 2.0 * n + 4.0 * root
    reach = 2.0 * _DEPTH / (slope + math.hypot(slope, math.sqrt(2.0 * _DEPTH * curvature)))
    total = 0.0
    for side, end in ((-1.0, left), (1.0, right)):
        length = min(reach, end)
        if not length > 0.0:
            continue
        bends = length * math.sqrt(curvature)
        panels = math.ceil(max(bends / 3.0, slope * length / 12.0))
        half = 0.5 * length / panels
        nodes, weights = _NODES, _WEIGHTS
        if bends + slope * length < _SHORT:
            nodes, weights = _FEW_NODES, _FEW_WEIGHTS
        for panel in range(panels):
            for i in range(len(nodes)):
                offset = side * half * (2 * panel + 1 + nodes[i])
                height = _log_density(peak + offset, low + offset, high - offset, kappa1, kappa2, root, tilt)
                total += weights[i] * half * math.exp(height - top)
    prefactor = 0.5 * math.log(2.0 * n / math.pi) + (
        _stirling_error(float(n)) - _half_stirling_error(kappa1) - _half_stirling_error(kappa2)
    )
    return prefactor + top + math.log(total)


@kernel
def _excess(angle: float, root: float, tilt: float) -> float:
    """n (x − x̂) at an angle from the mode x̂ = κ₁/n; root = √(κ₁κ₂), tilt = κ₂ − κ₁."""
    sine = math.sin(angle)
    return sine * (sine * tilt + 2.0 * math.cos(angle) * root)


@kernel
def _log_density(
    angle: float, low: float, high: float, kappa1: float, kappa2: float, root: float, tilt: float
) -> float:
    """κ₁ log(x/x̂) + κ₂ log((1−x)/(1−x̂)) at an angle from the mode x̂; low, high: angles to x = 0, 1."""
    excess = _excess(angle, root, tilt)
    n = kappa1 + kappa2
    up, down = excess / kappa1, -excess / kappa2
    # as products: a power makes numba compile a general one, .06 s in every process without a cache
    sine, cosine = math.sin(low), math.sin(high)
    first = _log_ratio_minus(up, sine * sine * n / kappa1)
    second = _log_ratio_minus(down, cosine * cosine * n / kappa2)
    return kappa1 * first + kappa2 * second


@kernel_inlined
def _log_upper(k: int, n: int, w1: float, w2: float) -> float:
    """log P(Bin(n, w₁/(w₁+w₂)) ≥ k)."""
    if k <= 0:
        return 0.0
    if k > n:
        return -math.inf
    width = math.atan2(math.sqrt(w1), math.sqrt(w2))
    return min(_log_beta_mass(k, n, 0.0, 1.0, w1, w2, width), 0.0)


@kernel_inlined
def _log_lower(k: int, n: int, w1: float, w2: float) -> float:
    """log P(Bin(n, w₁/(w₁+w₂)) < k)."""
    if k <= 0:
        return -math.inf
    if k > n:
        return 0.0
    width = math.atan2(math.sqrt(w2), math.sqrt(w1))
    return min(_log_beta_mass(k, n, w1, w2, 1.0, 0.0, width), 0.0)


@kernel_inlined
def _log_between(k: int, n: int, a1: float, a2: float, b1: float, b2: float, width: float) -> float:
    """log(P(Bin(n, b) ≥ k) − P(Bin(n, a) ≥ k)) for laws a < b, `width` apart."""
    if k <= 0 or k > n:
        return -math.inf
    return _log_beta_mass(k, n, a1, a2, b1, b2, width)


@kernel
def _least_winning(n: int, first: float, last: float, others: float) -> int:
    """The least count c in 0..n+1 of the first letter with c·first + (n−c)·last + others ≥ 0; first > last.

    Counted from the end where the quotient is small, so that it does not round past an integer.
    """
    short, spare = -(n * last + others), n * first + others
    count = min(short, spare) / (first - last)
    if short < spare:
        return math.ceil(max(count, 0.0))
    return n - math.floor(max(count, -1.0))


# -- two common letters ---------------------------------------------------------------------------------


@kernel
def _binary_log_overlap(
    p1: float,
    p2: float,
    q1: float,
    q2: float,
    ratio1: float,
    ratio2: float,
    log_p: float,
    log_q: float,
    m: int,
) -> float:
    k = _least_winning(m, ratio1, ratio2, 0.0)
    p1, p2 = _scaled(p1, p2)
    q1, q2 = _scaled(q1, q2)
    return _log_add(m * log_p + _log_lower(k, m, p1, p2), m * log_q + _log_upper(k, m, q1, q2))


@kernel
def _binary_tv(
    p1: float,
    p2: float,
    q1: float,
    q2: float,
    ratio1: float,
    ratio2: float,
    log_p: float,
    log_q: float,
    m: int,
) -> float:
    """Σ (P^m − Q^m)⁺, every term of it positive; needs log_p ≥ log_q. The ratios are logarithms."""
    k = _least_winning(m, ratio1, ratio2, 0.0)
    p1, p2 = _scaled(p1, p2)
    q1, q2 = _scaled(q1, q2)
    width = _angle_between(q1, q2, p1, p2, ratio1, ratio2)
    dropped = -math.expm1(m * log_p)
    moved = math.exp(m * log_p + _log_between(k, m, q1, q2, p1, p2, width))
    if log_p == log_q:  # most often 0: no letter was dropped
        return dropped + moved
    surplus = -math.expm1(m * (log_q - log_p)) * math.exp(m * log_p + _log_upper(k, m, q1, q2))
    return dropped + moved + surplus


@kernel
def tail_difference(
    k: int, m: int, p1: float, p2: float, q1: float, q2: float, ratio1: float, ratio2: float
) -> float:
    """P(Bin(m, p) ≥ k) − P(Bin(m, q) ≥ k) for p > q, to rounding of itself; the ratios are log(pᵢ/qᵢ)."""
    p1, p2 = _scaled(p1, p2)
    q1, q2 = _scaled(q1, q2)
    width = _angle_between(q1, q2, p1, p2, ratio1, ratio2)
    return math.exp(_log_between(k, m, q1, q2, p1, p2, width))


@kernel
def _binary_tvs(
    p1: float,
    p2: float,
    q1: float,
    q2: float,
    ratio1: float,
    ratio2: float,
    log_p: float,
    log_q: float,
    degrees: IntArray,
) -> FloatArray:
    """`_binary_tv` of each degree."""
    values = np.empty(len(degrees))
    for i in range(len(degrees)):
        values[i] = _binary_tv(p1, p2, q1, q2, ratio1, ratio2, log_p, log_q, degrees[i])
    return values


@kernel
def _binary_log_overlaps(
    p1: float,
    p2: float,
    q1: float,
    q2: float,
    ratio1: float,
    ratio2: float,
    log_p: float,
    log_q: float,
    degrees: IntArray,
) -> FloatArray:
    """`_binary_log_overlap` of each degree."""
    values = np.empty(len(degrees))
    for i in range(len(degrees)):
        values[i] = _binary_log_overlap(p1, p2, q1, q2, ratio1, ratio2, log_p, log_q, degrees[i])
    return values


@kernel
def _binary_trade_off(
    p1: float,
    p2: float,
    q1: float,
    q2: float,
    log_p: float,
    log_q: float,
    m: int,
    alpha: float,
) -> float:
    """The least P^m(T rejects P) of a randomised test T with Q^m(T accepts P) ≤ α.

    The first letter speaks for P. T accepts P where its count is at least k, and at k − 1 with the chance
    that uses up α.
    """
    p1, p2 = _scaled(p1, p2)
    q1, q2 = _scaled(q1, q2)
    k, above = 0, m + 1  # the least k whose test keeps to α lies between; no count is above m
    while k < above:
        middle = k + (above - k) // 2
        if math.exp(m * log_q + _log_upper(middle, m, q1, q2)) <= alpha:
            above = middle
        else:
            k = middle + 1
    if k == 0:
        return 0.0
    spare = alpha - math.exp(m * log_q + _log_upper(k, m, q1, q2))
    share = spare / math.exp(m * log_q + _log_binomial(k - 1, m, q1, q2, 0.0))
    rejected = math.exp(m * log_p + _log_lower(k - 1, m, p1, p2))
    return rejected + math.exp(m * log_p + _log_binomial(k - 1, m, p1, p2, 0.0)) * max(1.0 - share, 0.0)


@kernel
def _log_add(a: float, b: float) -> float:
    """log(eᵃ + eᵇ)."""
    if a < b:
        a, b = b, a
    return a if b == -math.inf else a + math.log1p(math.exp(b - a))


# -- three common letters -------------------------------------------------------------------------------


@kernel
def _chernoff_tilt(p: FloatArray, log_ratio: FloatArray) -> tuple[float, float, float]:
    """log Σ p^s q^(1−s) where s makes it least, the middle letter's part of that sum, and the others'."""
    low, high = 0.0, 1.0
    tilted = p.copy()
    for _ in range(40):
        s = 0.5 * (low + high)
        tilted = p * np.exp((s - 1.0) * log_ratio)
        if np.sum(tilted * log_ratio) > 0.0:
            high = s
        else:
            low = s
    total = np.sum(tilted)
    return math.log(total), tilted[1] / total, (tilted[0] + tilted[2]) / total


@kernel
def _outer_weight(w: FloatArray) -> tuple[float, float]:
    """w₁ + w₃ as a rounded sum and its error."""
    total = w[0] + w[2]
    part = total - w[0]
    return total, (w[0] - (total - part)) + (w[2] - part)


@kernel
def _ternary_log_overlap(
    p: FloatArray, q: FloatArray, log_ratio: FloatArray, log_p: float, log_q: float, m: int
) -> float:
    """log Σ min(P^m, Q^m), from the likeliest row outwards until none that is left can count.

    A row has at most its part of Σ (P^s Q^(1−s))^m = φ^m, a binomial mass that falls on either side. Its own
    may be far less, and rise again where one sample more of a letter changes a mass by many e-folds.
    """
    p_outer, p_low = _outer_weight(p)
    q_outer, q_low = _outer_weight(q)
    p1, p3 = _scaled(p[0], p[2])
    q1, q3 = _scaled(q[0], q[2])
    log_affinity, middle, outer = _chernoff_tilt(p, log_ratio)
    centre = int(m * middle)
    reference, total = -math.inf, 0.0
    for step in (1, -1):
        row = centre if step > 0 else centre - 1
        while 0 <= row <= m:
            rest = m - row
            k = _least_winning(rest, log_ratio[0], log_ratio[2], row * log_ratio[1])
            value = _log_add(
                m * log_p + _log_binomial(row, m, p[1], p_outer, p_low) + _log_lower(k, rest, p1, p3),
                m * log_q + _log_binomial(row, m, q[1], q_outer, q_low) + _log_upper(k, rest, q1, q3),
            )
            if value > reference + 300.0:
                total = total * math.exp(reference - value) if total > 0.0 else 0.0
                reference = value
            total += math.exp(value - reference)
            least = reference + math.log(total) + _NEGLIGIBLE
            if value < least and m * log_affinity + _log_binomial(row, m, middle, outer, 0.0) < least:
                break
            row += step
    return reference + math.log(total)


@kernel
def _small_expm1(x: float) -> float:
    """e^x − 1, by nine terms of its series where these hold all digits."""
    if abs(x) > 0.0625:
        return math.expm1(x)
    tail = 1.0 + x * (1 / 6) * (1.0 + x * (1 / 7) * (1.0 + x * (1 / 8) * (1.0 + x * (1 / 9))))
    return x * (1.0 + x * (1 / 2) * (1.0 + x * (1 / 3) * (1.0 + x * (1 / 4) * (1.0 + x * (1 / 5) * tail))))


@kernel
def _excess_mass(b_p: float, b_q: float, log_ratio: float) -> float:
    """b_p − b_q for b_p = b_q e^log_ratio, without cancellation."""
    return b_q * _small_expm1(log_ratio) if abs(log_ratio) < 0.5 else b_p - b_q


@kernel
def _tails_at(
    k: int, n: int, p1: float, p3: float, q1: float, q3: float, width: float
) -> tuple[float, float, float, float]:
    """P(Bin(n, q) ≥ k), by how much p has more of it, P(Bin(n, p) = k−1) and P(Bin(n, q) = k−1)."""
    if k <= 0:
        return 1.0, 0.0, 0.0, 0.0
    if k > n:
        return 0.0, 0.0, 0.0, 0.0
    return (
        math.exp(_log_upper(k, n, q1, q3)),
        math.exp(_log_between(k, n, q1, q3, p1, p3, width)),
        math.exp(_log_binomial(k - 1, n, p1, p3, 0.0)),
        math.exp(_log_binomial(k - 1, n, q1, q3, 0.0)),
    )


@kernel
def _outer_ratio(p: FloatArray, q: FloatArray, log_ratio: FloatArray, log_p: float, log_q: float) -> float:
    """log((p₁+p₃)/(q₁+q₃)), from what the shares and the middle letter leave to the outer ones."""
    p_outer, q_outer = p[0] + p[2], q[0] + q[2]
    share_gap = math.exp(log_q) * math.expm1(log_p - log_q)
    gap = (share_gap - q[1] * math.expm1(log_ratio[1])) / q_outer
    return math.log1p(gap) if abs(gap) < 0.5 else math.log(p_outer / q_outer)


@kernel
def _likeliest_row(w: FloatArray, m: int) -> int:
    """The count of the middle letter next to its mean."""
    return int(m * (w[1] / (w[1] + (w[0] + w[2]))) + 0.5)


@kernel
def _row_ratio(
    row: int, m: int, q: FloatArray, middle_ratio: float, outer_ratio: float, share_ratio: float
) -> float:
    """log of P's mass of a row over Q's: row · middle + (m − row) · outer, the ratios of the letters.

    The two parts nearly cancel where P and Q nearly agree. With w₂, w the middle and the outer share of Q,
    w₂ e^middle + w e^outer = e^share, so the sum is (row − m w₂)(middle − outer) +
    m (e^share − 1 + Σ w (1 + ratio − e^ratio)), in which nothing cancels.
    """
    if abs(middle_ratio) > 0.5 or abs(outer_ratio) > 0.5:
        return row * middle_ratio + (m - row) * outer_ratio
    q_outer, q_low = _outer_weight(q)
    total = q[1] + q_outer
    ahead = (row * q_low - _determinant(q[1], q_outer, float(row), float(m - row))) / total
    bend = q[1] * _log1p_minus(math.expm1(middle_ratio)) + q_outer * _log1p_minus(math.expm1(outer_ratio))
    return ahead * (middle_ratio - outer_ratio) + m * (math.expm1(share_ratio) + bend / total)


@kernel
def _ternary_tv(
    p: FloatArray, q: FloatArray, log_ratio: FloatArray, log_p: float, log_q: float, m: int
) -> float:
    """Σ (P^m − Q^m)⁺ by rows of equal middle count; needs log_p ≥ log_q.

    With S(p), S(q) the chances under both laws of at least k among the n samples that are left, a row adds
    P(row) (S(p) − S(q)) + (P(row) − Q(row)) S(q). From one row to the next n changes by 1 and k by at most
    1. Each step changes either tail by one binomial mass b, and S(p) − S(q) by b(q) (e^ratio − 1) with
    ratio = log(b(p)/b(q)): no two tails are ever subtracted.
    """
    p_outer, p_low = _outer_weight(p)
    p1, p3 = _scaled(p[0], p[2])
    q1, q3 = _scaled(q[0], q[2])
    first, middle, last = log_ratio[0], log_ratio[1], log_ratio[2]
    width = _angle_between(q1, q3, p1, p3, first, last)
    outer = _outer_ratio(p, q, log_ratio, log_p, log_q)
    # a sample left is the first letter with chance x, the last with chance y
    p_x, p_y, q_x, q_y = p1 / (p1 + p3), p3 / (p1 + p3), q1 / (q1 + q3), q3 / (q1 + q3)
    p_odds, q_odds, row_odds = p_x / max(p_y, _LEAST), q_x / max(q_y, _LEAST), p[1] / p_outer
    is_regular = min(p_odds, q_odds) > _LEAST_ODDS and max(p_odds, q_odds) < 1.0 / _LEAST_ODDS
    if first - last < 0.5:
        x_ratio = -math.log1p(q_y * math.expm1(last - first))
        y_ratio = -math.log1p(q_x * math.expm1(first - last))
    else:
        x_ratio, y_ratio = first - outer, last - outer
    log_share = m * log_p
    centre, q_centre = _likeliest_row(p, m), _likeliest_row(q, m)
    centre_k = _least_winning(m - centre, first, last, centre * middle)
    q_centre_ratio = _row_ratio(q_centre, m, q, middle, outer, log_p - log_q)
    peak = math.exp(log_share + _log_binomial(centre, m, p[1], p_outer, p_low))
    tails = _tails_at(centre_k, m - centre, p1, p3, q1, q3, width)
    freeze = int(2.0 * math.sqrt((m - centre) * min(p_x * p_y, q_x * q_y))) + 1
    total, lost = -math.expm1(log_share), 0.0
    for step in (1, -1):
        row, k, weight, age = centre, centre_k, peak, 0
        tail, gap, b_p, b_q = tails
        is_frozen = max(b_p, b_q) < _FROZEN
        while weight > _NEGLIGIBLE_SHARE * total:
            if k <= m - row and (step > 0 or row < centre):
                ratio = q_centre_ratio + (row - q_centre) * (middle - outer)
                if ratio > -1.0:
                    term = weight * (gap - tail * _small_expm1(-ratio)) - lost
                else:
                    term = weight * (gap + tail) - math.exp(math.log(weight) - ratio) * tail - lost
                raised = total + term  # compensated: thousands of roundings are to cost no digit
                lost = (raised - total) - term
                total = raised
            if row + step < 0 or row + step > m:
                break
            n = m - row
            # the row's weight, by recurrence and afresh after _ANCHOR rows
            if (row + step - centre) % _ANCHOR == 0:
                weight = math.exp(log_share + _log_binomial(row + step, m, p[1], p_outer, p_low))
            elif step > 0:
                weight *= row_odds * n / (row + 1)
            else:
                weight *= row / (row_odds * (n + 1))
            row += step
            age += 1
            # the tails: unchanged far from the threshold, else by recurrence, or afresh
            next_k = _least_winning(m - row, first, last, row * middle)
            is_known = is_regular and 0 < k <= n and 0 < next_k <= m - row
            if is_frozen and is_known and age < freeze:
                k = next_k
                continue
            if not is_known or age == _ANCHOR or max(b_p, b_q) < _FROZEN or min(b_p, b_q) < _UNDERFLOWING:
                k, age = next_k, 0
                tail, gap, b_p, b_q = _tails_at(k, m - row, p1, p3, q1, q3, width)
                is_frozen = max(b_p, b_q) < _FROZEN
                continue
            # P(Bin(n) ≥ k) = P(Bin(n−1) ≥ k) + x P(Bin(n−1) = k−1)
            if step > 0:
                factor = (n - k + 1) / n
                b_p *= factor / p_y
                b_q *= factor / q_y
                tail -= q_x * b_q
                gap -= _excess_mass(p_x * b_p, q_x * b_q, k * x_ratio + (n - k) * y_ratio)
                n -= 1
            else:
                tail += q_x * b_q
                gap += _excess_mass(p_x * b_p, q_x * b_q, k * x_ratio + (n - k + 1) * y_ratio)
                factor = (n + 1) / (n - k + 2)
                b_p *= factor * p_y
                b_q *= factor * q_y
                n += 1
            # one of the two, once; where a threshold is a tie, rounding may ask for either, and twice
            while k > next_k:
                tail += b_q
                k -= 1
                gap += _excess_mass(b_p, b_q, k * x_ratio + (n - k) * y_ratio)
                factor = k / (n - k + 1)
                b_p *= factor / p_odds
                b_q *= factor / q_odds
            while k < next_k:
                factor = (n - k + 1) / k
                b_p *= factor * p_odds
                b_q *= factor * q_odds
                tail -= b_q
                gap -= _excess_mass(b_p, b_q, k * x_ratio + (n - k) * y_ratio)
                k += 1
    return total


# -- three letters, many times: absolute accuracy at a few operations a row ------------------------------


@kernel
def _tail_at(k: int, n: int, w1: float, w2: float) -> tuple[float, float]:
    """P(Bin(n, w₁/(w₁+w₂)) ≥ k) and P(Bin = k−1)."""
    if k <= 0:
        return 1.0, 0.0
    if k > n or w1 == 0.0:
        return 0.0, 0.0
    if w2 == 0.0:
        return 1.0, 0.0
    return math.exp(_log_upper(k, n, w1, w2)), math.exp(_log_binomial(k - 1, n, w1, w2, 0.0))


@kernel
def _half_plane(w: FloatArray, test: FloatArray, m: int) -> float:
    """Multinomial mass of Σ nᵢ testᵢ ≥ 0 for the law of weights w; 1e-14 absolute, 2e-13 at m = 10⁹.

    The test must fall from letter to letter: then the threshold k falls by 0 or 1 from one row (count of
    the middle letter) to the next, while n, the samples left for the outer letters, falls by 1. With
    b = P(Bin(n, x) = k−1), one step of n changes the tail by x b and one step of k by b.
    """
    outer = w[0] + w[2]
    first, middle, last = test[0], test[1], test[2]
    if not first > last:
        return 1.0 if first >= 0.0 else 0.0
    centre = int(m * (w[1] / (w[1] + outer))) if outer > 0.0 else m
    peak = math.exp(_log_binomial(centre, m, w[1], outer, 0.0)) if w[1] > 0.0 and outer > 0.0 else 1.0
    x = w[0] / outer if outer > 0.0 else 0.0
    y = w[2] / outer if outer > 0.0 else 0.0
    total = 0.0
    for step in (1, -1):
        row, weight = centre, peak
        k = _least_winning(m - row, first, last, row * middle)
        tail, b = _tail_at(k, m - row, w[0], w[2])
        age = 0
        freeze = int(2.0 * math.sqrt((m - row) * x * y)) + 1
        while True:
            if step > 0 or row < centre:
                total += weight * tail
            if row + step < 0 or row + step > m:
                break
            n = m - row
            if step > 0:
                weight *= w[1] * n / (outer * (row + 1)) if outer > 0.0 else 0.0
            else:
                weight *= outer * row / (w[1] * (n + 1)) if w[1] > 0.0 else 0.0
            row += step
            if weight < 1e-20:
                break
            next_k = _least_winning(m - row, first, last, row * middle)
            age += 1
            known = 1 < next_k < m - row and 1 < k < n
            if b < _FROZEN and known and age < freeze:
                k = next_k  # so far from the threshold that the tail stays 0 or 1
                continue
            if b < _FROZEN or age == _ANCHOR or not known:
                k = next_k
                tail, b = _tail_at(k, m - row, w[0], w[2])
                age = 0
                continue
            if step > 0:
                b *= (n - k + 1) / (n * y)
                tail -= x * b
            else:
                tail += x * b
                b *= (n + 1) * y / (n - k + 2)
            n = m - row
            # one of the two, once; where a threshold is a tie, rounding may ask for either, and twice
            while k > next_k:
                tail += b
                k -= 1
                b *= k * y / ((n - k + 1) * x)
            while k < next_k:
                b *= (n - k + 1) * x / (k * y)
                tail -= b
                k += 1
    return total


@kernel
def ternary_powers(
    p: FloatArray, q: FloatArray, log_p: FloatArray, log_q: FloatArray, test: FloatArray, m: int
) -> FloatArray:
    """P^m(T) − Q^m(T) of each row of (N, 3) arrays of common letters and log shares; 1e-14 absolute.

    T accepts P where a letter that Q lacks has come, or none that P lacks and Σ nᵢ testᵢ ≥ 0.
    """
    values = np.empty(len(p))
    for row in range(len(p)):
        inside, outside = math.exp(m * log_p[row]), math.exp(m * log_q[row])
        values[row] = -math.expm1(m * log_p[row])
        if inside > 0.0:
            values[row] += inside * _half_plane(p[row], test[row], m)
        if outside > 0.0:
            values[row] -= outside * _half_plane(q[row], test[row], m)
    return values


def log_overlap(common: CommonLetters, m: int) -> float:
    """log Σ min(P^m, Q^m) for two or three common letters, by Beta masses."""
    if len(common.p) == 2:
        return _binary_log_overlap(*_two_letters(common), m)
    return _ternary_log_overlap(*common, m)


def total_variation(common: CommonLetters, m: int) -> float:
    """d_TV(P^m, Q^m) for two or three common letters, by Beta masses: accurate relative to itself."""
    if common.log_p_share < common.log_q_share:
        common = common.mirror()
    if len(common.p) == 2:
        return _binary_tv(*_two_letters(common), m)
    return _ternary_tv(*common, m)


def log_overlaps(common: CommonLetters, degrees: IntArray) -> FloatArray:
    """`log_overlap` for two common letters at each of many degrees, in one call of a kernel."""
    return np.minimum(_binary_log_overlaps(*_two_letters(common), degrees), 0.0)


def total_variations(common: CommonLetters, degrees: IntArray) -> FloatArray:
    """`total_variation` for two common letters at each of many degrees, in one call of a kernel."""
    if common.log_p_share < common.log_q_share:
        common = common.mirror()
    return np.minimum(_binary_tvs(*_two_letters(common), degrees), 1.0)


def trade_off(common: CommonLetters, m: int, alpha: float) -> float:
    """1 − g(α) of (P^m, Q^m) for two common letters, accurate relative to itself."""
    p1, p2, q1, q2, _, _, log_p, log_q = _two_letters(common)
    return _binary_trade_off(p1, p2, q1, q2, log_p, log_q, m, alpha)


def _two_letters(common: CommonLetters) -> tuple[float, float, float, float, float, float, float, float]:
    """Two common letters as plain numbers: the first array that a process gives to a kernel costs 20 ms."""
    p, q, log_ratio, log_p, log_q = common
    return (*p.tolist(), *q.tolist(), *log_ratio.tolist(), log_p, log_q)
