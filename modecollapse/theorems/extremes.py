"""Least and greatest packed divergences over a family, each with a certificate.

Every f-divergence is monotone in the region, so over an interval or a box of parameters the meet of the
regions bounds it below and their join bounds it above (docs/theory.md §6). For total variation and
hockey sticks three more facts hold. For a fixed test T the power F_T = P^m(T) − γQ^m(T) is a polynomial
in the letters whose second derivatives are bounded, and the divergence is the maximum of F_T over all
tests.

* Over triangles, at γ = 1, every F_T that matters is quasi-concave, so minima lie at finitely many
  breakpoints (docs/theory.md §3): exact.
* A maximum of functions with second derivative ≥ −B plus ½Bx² is convex, so on a box it is at most its
  greatest corner value, plus B h²/8 a side: second order in the box, for maxima.
* The two tests that are best at the ends of an interval bound the maximum below by their chords, less B
  h²/8: second order in the interval, for minima.
"""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.choice import total_variation_of
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import families
from modecollapse.theorems.branch_and_bound import ROUNDING, Extremum, line_minimum, maximise, minimise

SMALLEST = 1e-300
"""Tangent points closer to the corner than this are the corner: τ/x would overflow before x is 1e-308."""


# -- triangles at total variation: exact -----------------------------------------------------------------


def greatest_distance(tau: float, m: int) -> float:
    """1 − (1−τ)^m, the greatest d_TV(P^m, Q^m) at total variation τ; at m = 1 it is τ, exactly."""
    if m == 1 or tau == 1:
        return tau
    return -math.expm1(m * math.log1p(-tau))


def triangle_distance(x: float, tau: float, m: int) -> float:
    """T(x): d_TV(P^m, Q^m) of the triangle with apex (x, x+τ), exact to rounding; τ itself at m = 1."""
    if m == 1 or x <= SMALLEST or tau >= 1 - x:
        return greatest_distance(tau, m)
    p, q = np.array([x + tau, 1 - x - tau]), np.array([x, 1 - x])
    log_ratio = np.log1p([tau / x, -tau / (1 - x)])
    return total_variation_of(p, q, log_ratio, m)


def breakpoints(tau: float, m: int) -> FloatArray:
    """The m−1 tangent points where the best test of a triangle changes, increasing, for 0 < τ < 1.

    x_k solves k log((x+τ)/x) = (m−k) log((1−x)/(1−x−τ)); x_{m−k} = 1−τ−x_k.
    """
    k = np.arange(1, m // 2 + 1)
    centre = (1 - tau) / 2
    low, high = np.full(k.shape, np.log(SMALLEST)), np.full(k.shape, np.log(centre))
    for _ in range(64):
        middle = (low + high) / 2
        x = np.exp(middle)
        below = k * np.log1p(tau / x) > -(m - k) * np.log1p(-tau / (1 - x))
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    left = np.exp((low + high) / 2)
    return np.concatenate([left, (1 - tau - left)[: (m - 1) // 2][::-1]])


def triangle_minimum(tau: float, m: int, low: float, high: float) -> Extremum:
    """The least T(x) over low ≤ x ≤ high (docs/theory.md §3): at an end, or at a breakpoint inside."""
    inside: list[float] = []
    if 0 < tau < 1:
        points = breakpoints(tau, m)
        inside = points[(points > low) & (points < high)].tolist()
    value, x = min((triangle_distance(x, tau, m), x) for x in [low, high, *inside])
    return Extremum(value, ROUNDING, families.region(families.inner(1 - tau - x, tau)), (x,))


# -- families of one parameter, the tangent point -----------------------------------------------------------


def hull_minimum(
    divergence: PackedDivergence,
    point: tuple[float, float],
    tau: float,
    low: float,
    high: float,
    gap: float,
) -> Extremum:
    """The least divergence over hulls of a point (ε,δ) with the triangles of apex x, low ≤ x ≤ high.

    The point (0, 0) leaves the triangles as they are. The interval must lie to one side of the point's
    triangle case: then P and Q move along one pair of letters at unit speed, and |F_T″| ≤ 2m(m−1)(1+γ).
    """
    curvature = 2.0 * divergence.m * (divergence.m - 1) * (1 + divergence.order)

    def pairs(x: FloatArray) -> families.Pair:
        return families.hull(x, x + tau, *point)

    def meets(left: FloatArray, right: FloatArray) -> families.Pair:
        return families.hull(*meet_of_triangles((left, left + tau), (right, right + tau)), *point)

    def floor(left: FloatArray, right: FloatArray, f_left: FloatArray, f_right: FloatArray) -> FloatArray:
        tests = two_test_bound(divergence, pairs(left), pairs(right), f_left, f_right)
        bent = tests - curvature * (right - left) ** 2 / 8
        return np.maximum(divergence.values(*meets(left, right)), bent)

    if divergence.is_total_variation and divergence.m == 1:  # the same at every hull
        return Extremum(tau, ROUNDING, families.region(pairs(np.array(low))), (low,))
    if not divergence.is_power:
        return line_minimum(divergence, pairs, meets, low, high, gap)
    return minimise(divergence, pairs, floor, low, high, gap)


def meet_of_triangles(
    left: tuple[FloatArray, FloatArray], right: tuple[FloatArray, FloatArray]
) -> tuple[FloatArray, FloatArray]:
    """Apex of the meet of two triangles with apexes (x₁, y₁), (x₂, y₂), neither inside the other, x₁ ≤ x₂.

    The right edge of the first crosses the left edge of the second (docs/theory.md §6).
    """
    (x1, y1), (x2, y2) = left, right
    fall = (1 - y1) / (1 - x1)
    rise = y2 - fall * x2  # 0 where the triangles are as thin as rounding
    x = np.divide((1 - fall) * x2, rise, out=np.array(x2), where=rise > 0)
    return x, 1 - fall * (1 - x)


def two_test_bound(
    divergence: PackedDivergence,
    left: families.Pair,
    right: families.Pair,
    f_left: FloatArray,
    f_right: FloatArray,
) -> FloatArray:
    """Least value, over each interval, of the better chord of the two tests that are best at its ends."""
    over = f_right - divergence.powers(*right, log_ratios(*left))
    back = f_left - divergence.powers(*left, log_ratios(*right))
    # the chords f_left → f_right − over and f_left − back → f_right cross at the share back/(back+over)
    known = np.isfinite(over) & np.isfinite(back)
    over, back = np.where(known, over, 0.0), np.where(known, back, 0.0)
    share = np.divide(back, back + over, out=np.zeros_like(back), where=back + over > 0)
    crossing = f_left + share * (f_right - over - f_left)
    return np.where(known, np.minimum(np.minimum(f_left, f_right), crossing), -np.inf)


def log_ratios(p: FloatArray, q: FloatArray) -> FloatArray:
    """log(p/q), finite and falling from letter to letter, as the evaluators ask of a test.

    Stand-ins for ±∞ and for empty letters are harmless: any test is valid, only its quality is at stake.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.nan_to_num(np.log(p) - np.log(q), nan=np.inf, posinf=1e6, neginf=-1e6)
    return np.minimum(np.minimum.accumulate(ratios, axis=-1), 1e6)


# -- hexagons: two parameters ---------------------------------------------------------------------------


def hexagon_maximum(
    divergence: PackedDivergence, eps: float, delta: float, tau: float, gap: float
) -> Extremum:
    """The greatest divergence over the hexagons outer1, ε > 0, δ−ε < τ ≤ (δ−ε)/(δ+ε).

    Coordinates (s, t): α = a₀ + s t, β = a₀ + s (1−t), with a₀ = ετ/(δ−ε); symmetric divergences need
    only t ≤ ½.
    """
    corner = eps * tau / (delta - eps)
    rise = tau - (delta - eps)
    span = max(1 - tau - 2 * corner, 0.0)

    def alpha_beta(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        s, t = points[..., 0], points[..., 1]
        alpha = corner + s * t
        return alpha, np.minimum(corner + s * (1 - t), 1 - tau - alpha)

    def pairs(points: FloatArray) -> families.Pair:
        return families.outer1(eps, delta, *alpha_beta(points), tau)

    def join(low: FloatArray, high: FloatArray) -> FloatArray:
        alphas = corner + low[:, 0] * low[:, 1], corner + high[:, 0] * high[:, 1]
        betas = corner + low[:, 0] * (1 - high[:, 1]), corner + high[:, 0] * (1 - low[:, 1])
        return divergence.values(*families.join_of_hexagons(eps, delta, alphas, betas, tau))

    def bend(low: FloatArray, high: FloatArray, best: float) -> FloatArray:
        if not divergence.is_power:
            return np.full_like(low, np.inf)
        error = 1 - best - max(1 - divergence.order, 0.0)
        curvature = hexagon_curvature(divergence, corner, eps, rise, low, high, error)
        return curvature * (high - low) ** 2 / 8

    square = np.array([[span, 0.5 if divergence.is_symmetric else 1.0]])
    maximum = maximise(divergence, pairs, bend, join, np.zeros((1, 2)), square, gap)
    alpha, beta = alpha_beta(np.array(maximum.point))
    return replace(maximum, point=(float(alpha), float(beta)))


def hexagon_curvature(
    divergence: PackedDivergence,
    corner: float,
    eps: float,
    rise: float,
    low: FloatArray,
    high: FloatArray,
    error: float = np.inf,
) -> FloatArray:
    """Bounds on −∂²F_T/∂s² and −∂²F_T/∂t² over boxes of (s, t), shape (N, 2).

    They hold for every test T whose error P^m(Tᶜ) + γQ^m(T) is at most `error` somewhere in the box, as it
    is for any test that beats the best value found.

    For letters p(z), (P^m(Tᶜ))″ ≤ ½m‖p″‖₁ P^(m−1)(Tᶜ₄) + ½m(m−1)‖p′‖₁² P^(m−2)(Tᶜ₄₄), since p′ and p″ sum to
    0; Tᶜ₄ holds the sequences that letter 4, the one that speaks most against P, completes to one in Tᶜ. With
    β = p₄, these chances are at most 1, and P^m(Tᶜ)/β and P^m(Tᶜ)/β². For Q the same with letter 2 and α.
    Along α, P moves as (κ, 1−κ, −1, 0, 0) and Q as (0, 1, −1, 0, 0), with κ = ε(τ−δ+ε)/(α−ε)²; along β
    mirrored.
    """
    m, order = divergence.m, divergence.order
    s, size = high[:, 0], high - low
    alpha, beta = corner + low[:, 0] * low[:, 1], corner + low[:, 0] * (1 - high[:, 1])
    shares = high[:, 1], 1 - low[:, 1]
    kappas = [rise * eps / (least - eps) ** 2 for least in (alpha, beta)]
    speeds = [np.maximum(kappa, 1.0) for kappa in kappas]
    paces = [
        np.stack([1 + share * (speed - 1), s * speed], axis=-1)
        for share, speed in zip(shares, speeds, strict=True)
    ]  # half of ‖p′‖₁, along s and t
    # the error moves by at most m ‖p′‖₁/2 + γ m ‖q′‖₁/2 a unit
    error = error + m * ((paces[0] + order * paces[1]) * size).sum(axis=1)
    curvature = np.zeros_like(low)
    for pace, share, kappa, least, speaker, weight in zip(
        paces, shares, kappas, (alpha, beta), (beta, alpha), (1.0, order), strict=True
    ):
        turn = np.stack([share, s], axis=-1) ** 2 * (2 * kappa / (least - eps))[:, None]
        curvature += 2 * m * (m - 1) * pace**2 * np.minimum(weight, error / speaker**2)[:, None]
        curvature += m * turn * np.minimum(weight, error / speaker)[:, None]
    return curvature
