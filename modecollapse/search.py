"""Least and greatest packed distances over a family, each with a certificate.

Three facts carry the searches. For letters p(x), q(x) and a fixed test T, the power
F_T(x) = P^m(T) − Q^m(T) is a polynomial whose second derivatives are bounded, and d_TV(P^m, Q^m) is the
maximum of F_T over all tests.

* Over triangles every F_T that matters is quasi-concave, so minima lie at finitely many breakpoints
  (THEORY §3): exact.
* A maximum of functions with second derivative ≥ −B plus ½Bx² is convex, so on a box it is at most its
  greatest corner value, plus B h²/8 a side: second order in the box, for maxima.
* Below, two tests bound the maximum from their values at the ends of an interval, less B h²/8: second
  order in the interval, for minima. While intervals are long, the meet of their regions bounds better.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from modecollapse import family, packing
from modecollapse.errors import Bracket, PrecisionError
from modecollapse.packing import types
from modecollapse.packing.common import CommonLetters
from modecollapse.validation import FloatArray

ROUNDING = 2e-13
"""Allowance for the rounding of the evaluators, added to every certified gap."""

MAX_EVALUATIONS = 2_000_000
"""Branch and bound gives up after this many packed distances."""


class Extremum(NamedTuple):
    """An extreme value over a family, where it is, and how far the true one can be from it."""

    value: float
    point: tuple[float, ...]
    gap: float


# -- triangles: exact ------------------------------------------------------------------------------------


def triangle_distance(x: float, tau: float, m: int) -> float:
    """T(x): d_TV(P^m, Q^m) of the triangle with apex (x, x+τ), exact to rounding."""
    if x <= 0 or tau >= 1 - x:
        return float(-np.expm1(m * np.log1p(-tau))) if tau < 1 else 1.0
    p, q = np.array([x + tau, 1 - x - tau]), np.array([x, 1 - x])
    log_ratio = np.log1p([tau / x, -tau / (1 - x)])
    return packing.total_variation(CommonLetters(p, q, log_ratio, 0.0, 0.0), m)


def breakpoints(tau: float, m: int) -> FloatArray:
    """The m−1 tangent points where the best test of a triangle changes, increasing, for 0 < τ < 1.

    x_k solves k log((x+τ)/x) = (m−k) log((1−x)/(1−x−τ)); x_{m−k} = 1−τ−x_k.
    """
    k = np.arange(1, m // 2 + 1)
    centre = (1 - tau) / 2
    low, high = np.full(k.shape, np.log(1e-300)), np.full(k.shape, np.log(centre))
    for _ in range(64):
        middle = (low + high) / 2
        x = np.exp(middle)
        below = k * np.log1p(tau / x) > -(m - k) * np.log1p(-tau / (1 - x))
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    left = np.exp((low + high) / 2)
    return np.concatenate([left, (1 - tau - left)[: (m - 1) // 2][::-1]])


def triangle_minimum(tau: float, m: int, low: float, high: float) -> Extremum:
    """The least T(x) over low ≤ x ≤ high (THEORY §3): at an end, or at a breakpoint inside."""
    ends = [low, high]
    inside: list[float] = []
    if 0 < tau < 1:
        points = breakpoints(tau, m)
        inside = points[(points > low) & (points < high)].tolist()
    value, x = min((triangle_distance(x, tau, m), x) for x in ends + inside)
    return Extremum(value, (x,), ROUNDING)


# -- a collapse point added: one parameter ---------------------------------------------------------------


def hull_minimum(
    eps: float, delta: float, tau: float, m: int, low: float, high: float, gap: float
) -> Extremum:
    """The least packed distance over hulls of (ε,δ) with the triangles of apex x, low ≤ x ≤ high.

    The interval must lie to one side, where the hull has three letters: P and Q move along one pair of
    letters at unit speed, so that |F_T″| ≤ 4m(m−1).
    """
    curvature = 4.0 * m * (m - 1)

    def pairs(x: FloatArray) -> family.Pair:
        return family.hull(x, x + tau, eps, delta)

    def distance(x: FloatArray) -> FloatArray:
        return packing.total_variations(*pairs(x), m)

    x = np.linspace(low, high, 9)
    f = distance(x)
    left, right, f_left, f_right = x[:-1], x[1:], f[:-1], f[1:]
    evaluations = len(x)
    best, best_x = float(f.min()), float(x[f.argmin()])
    floor = best
    while len(left):
        bound = packing.total_variations(*family.hull(*_meet(left, right, tau), eps, delta), m)
        if types.count_types(3, m) <= packing.FEW_TYPES:
            bound = np.maximum(bound, _two_test_bound(pairs, left, right, f_left, f_right, m, curvature))
        keep = bound < best - gap
        floor = min(floor, float(bound[~keep].min(initial=floor)))
        left, right, f_left, f_right = (v[keep] for v in (left, right, f_left, f_right))
        middle = (left + right) / 2
        f_middle = distance(middle)
        evaluations += 4 * len(middle)
        if len(middle) and f_middle.min() < best:
            best, best_x = float(f_middle.min()), float(middle[f_middle.argmin()])
        if evaluations > MAX_EVALUATIONS:
            raise _precision_error(Bracket(min(floor, float(bound[keep].min())), best), gap, m)
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        f_left, f_right = np.concatenate([f_left, f_middle]), np.concatenate([f_middle, f_right])
    return Extremum(best, (best_x,), max(best - floor, 0.0) + ROUNDING)


def _meet(left: FloatArray, right: FloatArray, tau: float) -> tuple[FloatArray, FloatArray]:
    """Apex of the triangle contained in all triangles of apex x, left ≤ x ≤ right (THEORY §6)."""
    fall = (1 - left - tau) / (1 - left)
    x = (1 - fall) * right / (right + tau - fall * right)
    return x, 1 - fall * (1 - x)


def _two_test_bound(
    pairs: Callable[[FloatArray], family.Pair],
    left: FloatArray,
    right: FloatArray,
    f_left: FloatArray,
    f_right: FloatArray,
    m: int,
    curvature: float,
) -> FloatArray:
    """Least value, over each interval, of the better of the two tests that are best at its ends."""
    (p_left, q_left), (p_right, q_right) = pairs(left), pairs(right)
    size = types.count_types(p_left.shape[-1], m)
    over = f_right - types.test_powers(p_right, q_right, _log_ratios(p_left, q_left), m, size)
    back = f_left - types.test_powers(p_left, q_left, _log_ratios(p_right, q_right), m, size)
    # chords f_left → f_right−over and f_left−back → f_right cross at the share back/(back+over)
    total = np.where(back + over > 0, back + over, 1.0)
    crossing = f_left + back / total * (f_right - over - f_left)
    lowest = np.minimum(np.minimum(f_left, f_right), crossing)
    return lowest - curvature * (right - left) ** 2 / 8


def _log_ratios(p: FloatArray, q: FloatArray) -> FloatArray:
    """log(p/q), with finite stand-ins for ±∞ (any test is valid; only its quality is at stake)."""
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.nan_to_num(np.log(p) - np.log(q), posinf=1e6, neginf=-1e6)


# -- hexagons: two parameters ----------------------------------------------------------------------------


def hexagon_maximum(eps: float, delta: float, tau: float, m: int, gap: float) -> Extremum:
    """The greatest packed distance over the hexagons outer1, ε > 0, δ−ε < τ ≤ (δ−ε)/(δ+ε), to `gap`.

    Coordinates (s, t): α = a₀ + s t, β = a₀ + s (1−t), with a₀ = ετ/(δ−ε); mirror symmetry halves t.
    """
    corner = eps * tau / (delta - eps)
    rise = tau - (delta - eps)
    span = max(1 - tau - 2 * corner, 0.0)

    def alpha_beta(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        s, t = points[..., 0], points[..., 1]
        return corner + s * t, corner + s * (1 - t)

    def distance(points: FloatArray) -> FloatArray:
        alpha, beta = alpha_beta(points)
        beta = np.minimum(beta, 1 - tau - alpha)
        return packing.total_variations(*family.outer1(eps, delta, alpha, beta, tau), m)

    def curvature(low: FloatArray, high: FloatArray) -> FloatArray:
        """Bounds on −∂²F_T/∂s² and −∂²F_T/∂t² over boxes, for every test T.

        For P moving as p(z), −(P^m(T))″ ≤ ½m‖p″‖₁ + ½m(m−1)‖p′‖₁²; the same holds for Q.
        """
        near_alpha = corner + low[:, 0] * low[:, 1] - eps
        near_beta = corner + low[:, 0] * (1 - high[:, 1]) - eps
        speeds, bends = [], []
        for near in (near_alpha, near_beta):
            pull = rise * eps / near**2  # −(d/dα) of the first letter's mass
            speeds.append(np.maximum(1.0, pull))
            bends.append(2 * pull / near)
        s_high, t_high, t_far = high[:, 0], high[:, 1], 1 - low[:, 1]
        along_s = 2 * m * (m - 1) * (
            (1 + t_high * (speeds[0] - 1)) ** 2 + (1 + t_far * (speeds[1] - 1)) ** 2
        ) + m * (t_high**2 * bends[0] + t_far**2 * bends[1])
        along_t = s_high**2 * (
            2 * m * (m - 1) * (speeds[0] ** 2 + speeds[1] ** 2) + m * (bends[0] + bends[1])
        )
        return np.stack([along_s, along_t], axis=-1)

    def join(low: FloatArray, high: FloatArray) -> FloatArray:
        """d_TV(P^m, Q^m) of a region that holds every hexagon of the box."""
        alphas = corner + low[:, 0] * low[:, 1], corner + high[:, 0] * high[:, 1]
        betas = corner + low[:, 0] * (1 - high[:, 1]), corner + high[:, 0] * (1 - low[:, 1])
        return packing.total_variations(*family.join_of_hexagons(eps, delta, alphas, betas, tau), m)

    found = _maximise(distance, curvature, join, np.array([[0.0, 0.0]]), np.array([[span, 0.5]]), m, gap)
    alpha, beta = alpha_beta(np.array(found.point))
    return Extremum(found.value, (float(alpha), float(beta)), found.gap)


def _maximise(
    evaluate: Callable[[FloatArray], FloatArray],
    curvature: Callable[[FloatArray, FloatArray], FloatArray],
    join: Callable[[FloatArray, FloatArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
    m: int,
    gap: float,
) -> Extremum:
    """Branch and bound in the plane, on the better of two upper bounds over a box.

    `curvature` makes the function semiconvex: tight on small boxes. `join` is the value at a region that
    holds all of the box's: tight where all values are near 1.
    """
    corners = np.stack([low, _mixed(high, low), _mixed(low, high), high], axis=1)
    values = evaluate(corners)
    best, best_point = float(values.max()), corners.reshape(-1, 2)[values.argmax()]
    ceiling = best
    evaluations = values.size
    while True:
        bend = curvature(low, high) * (high - low) ** 2 / 8
        bound = values.max(axis=1) + bend.sum(axis=1)
        loose = bound > best + gap
        bound[loose] = np.minimum(bound[loose], join(low[loose], high[loose]))
        evaluations += int(loose.sum())
        keep = bound > best + gap
        ceiling = max(ceiling, float(bound[~keep].max(initial=ceiling)))
        if not keep.any():
            break
        low, high, values, bend = low[keep], high[keep], values[keep], bend[keep]
        if evaluations > MAX_EVALUATIONS:
            raise _precision_error(Bracket(best, max(ceiling, float(bound[keep].max()))), gap, m)
        low, high, values, new, points = _bisect(evaluate, low, high, values, bend)
        evaluations += new.size
        if new.max() > best:
            best, best_point = float(new.max()), points.reshape(-1, 2)[new.argmax()]
    return Extremum(best, tuple(best_point.tolist()), max(ceiling - best, 0.0) + ROUNDING)


def _bisect(
    evaluate: Callable[[FloatArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
    values: FloatArray,
    bend: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Halve each box along the axis that loosens its bound most.

    Corner values are ordered (low, low), (high, low), (low, high), (high, high). Returns the boxes and
    values of both halves, and the new values with their points.
    """
    rows = np.arange(len(low))
    axis = bend.argmax(axis=1)
    middle_low, middle_high = low.copy(), high.copy()
    middle_low[rows, axis] = middle_high[rows, axis] = (low + high)[rows, axis] / 2
    points = np.stack([middle_low, middle_high], axis=1)
    new = evaluate(points)
    first = axis == 0
    lower_half, upper_half = values.copy(), values.copy()
    # the cut runs through the corners (high, ·) of the lower half and (low, ·) of the upper, along axis 0
    lower_half[:, 1] = np.where(first, new[:, 0], values[:, 1])
    lower_half[:, 2] = np.where(first, values[:, 2], new[:, 0])
    lower_half[:, 3] = new[:, 1]
    upper_half[:, 0] = new[:, 0]
    upper_half[:, 1] = np.where(first, values[:, 1], new[:, 1])
    upper_half[:, 2] = np.where(first, new[:, 1], values[:, 2])
    return (
        np.concatenate([low, middle_low]),
        np.concatenate([middle_high, high]),
        np.concatenate([lower_half, upper_half]),
        new,
        points,
    )


def _mixed(first: FloatArray, second: FloatArray) -> FloatArray:
    """Points with the first coordinate of one list and the second of another."""
    return np.stack([first[:, 0], second[:, 1]], axis=1)


def _precision_error(bracket: Bracket, gap: float, m: int) -> PrecisionError:
    return PrecisionError(
        f"the extremum at m={m} is only known to lie in [{bracket.lower:.12g}, {bracket.upper:.12g}] "
        f"(width {bracket.width:.2g}) after {MAX_EVALUATIONS:.0e} evaluations; "
        f"ask for a wider gap than {gap:g}",
        bracket,
    )
