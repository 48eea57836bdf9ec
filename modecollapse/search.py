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

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from modecollapse import family
from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing.batch import PackedDivergence
from modecollapse.packing.choice import total_variation_of

ROUNDING = 2e-13
"""Allowance for the rounding of the evaluators, relative for values above 1, in every certified gap."""

SMALLEST = 1e-300
"""Tangent points closer to the corner than this are the corner."""

MAX_EVALUATIONS = 2_000_000
"""Branch and bound gives up after this many packed divergences."""


class Extremum(NamedTuple):
    """An extreme value over a family, where it is, and how far the true one can be from it."""

    value: float
    point: tuple[float, ...]
    gap: float


# -- triangles at total variation: exact -----------------------------------------------------------------


def triangle_distance(x: float, tau: float, m: int) -> float:
    """T(x): d_TV(P^m, Q^m) of the triangle with apex (x, x+τ), exact to rounding."""
    if x <= SMALLEST or tau >= 1 - x:
        return float(-np.expm1(m * np.log1p(-tau))) if tau < 1 else 1.0
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
    return Extremum(value, (x,), ROUNDING)


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

    def pairs(x: FloatArray) -> family.Pair:
        return family.hull(x, x + tau, *point)

    def meets(left: FloatArray, right: FloatArray) -> family.Pair:
        return family.hull(*meet_of_triangles((left, left + tau), (right, right + tau)), *point)

    def floor(left: FloatArray, right: FloatArray, f_left: FloatArray, f_right: FloatArray) -> FloatArray:
        tests = _two_test_bound(divergence, pairs(left), pairs(right), f_left, f_right)
        bent = tests - curvature * (right - left) ** 2 / 8
        return np.maximum(divergence.values(*meets(left, right)), bent)

    if not divergence.is_power:
        return line_minimum(divergence, pairs, meets, low, high, gap)
    return _minimise(lambda x: divergence.values(*pairs(x)), floor, low, high, gap)


def line_minimum(
    divergence: PackedDivergence,
    pairs: Callable[[FloatArray], family.Pair],
    meets: Callable[[FloatArray, FloatArray], family.Pair],
    low: float,
    high: float,
    gap: float,
) -> Extremum:
    """The least divergence over low ≤ x ≤ high of a family of pairs with known meets of intervals."""

    def floor(left: FloatArray, right: FloatArray, *_: FloatArray) -> FloatArray:
        return divergence.values(*meets(left, right))

    return _minimise(lambda x: divergence.values(*pairs(x)), floor, low, high, gap)


def _minimise(
    evaluate: Callable[[FloatArray], FloatArray],
    floor: Callable[[FloatArray, FloatArray, FloatArray, FloatArray], FloatArray],
    low: float,
    high: float,
    gap: float,
) -> Extremum:
    """Branch and bound on an interval; `floor` bounds the function below between two points."""
    x = np.linspace(low, high, 9)
    f = evaluate(x)
    left, right, f_left, f_right = x[:-1], x[1:], f[:-1], f[1:]
    best, best_x = float(f.min()), float(x[f.argmin()])
    certain, evaluations = best, len(x)
    while len(left):
        bound = floor(left, right, f_left, f_right)
        keep = bound < best - gap * max(1.0, best)
        certain = float(bound[~keep].min(initial=certain))
        left, right, f_left, f_right = (v[keep] for v in (left, right, f_left, f_right))
        middle = (left + right) / 2
        f_middle = evaluate(middle)
        evaluations += 4 * len(middle)
        if len(middle) and f_middle.min() < best:
            best, best_x = float(f_middle.min()), float(middle[f_middle.argmin()])
        if evaluations > MAX_EVALUATIONS:
            raise _precision_error(Bracket(float(bound.min(initial=certain)), best), gap)
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
        f_left, f_right = np.concatenate([f_left, f_middle]), np.concatenate([f_middle, f_right])
    return Extremum(best, (best_x,), _gap(Bracket(min(certain, best), best)))


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


def _two_test_bound(
    divergence: PackedDivergence,
    left: family.Pair,
    right: family.Pair,
    f_left: FloatArray,
    f_right: FloatArray,
) -> FloatArray:
    """Least value, over each interval, of the better chord of the two tests that are best at its ends."""
    over = f_right - divergence.powers(*right, _log_ratios(*left))
    back = f_left - divergence.powers(*left, _log_ratios(*right))
    # the chords f_left → f_right − over and f_left − back → f_right cross at the share back/(back+over)
    known = np.isfinite(over) & np.isfinite(back)
    over, back = np.where(known, over, 0.0), np.where(known, back, 0.0)
    share = np.divide(back, back + over, out=np.zeros_like(back), where=back + over > 0)
    crossing = f_left + share * (f_right - over - f_left)
    return np.where(known, np.minimum(np.minimum(f_left, f_right), crossing), -np.inf)


def _log_ratios(p: FloatArray, q: FloatArray) -> FloatArray:
    """log(p/q), finite and falling from letter to letter, as the evaluators ask of a test.

    Stand-ins for ±∞ and for empty letters are harmless: any test is valid, only its quality is at stake.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios = np.nan_to_num(np.log(p) - np.log(q), nan=np.inf, posinf=1e6, neginf=-1e6)
    return np.minimum(np.minimum.accumulate(ratios, axis=-1), 1e6)


def line_maximum(
    divergence: PackedDivergence,
    pairs: Callable[[FloatArray], family.Pair],
    joins: Callable[[FloatArray, FloatArray], family.Pair],
    low: float,
    high: float,
    gap: float,
) -> Extremum:
    """The greatest divergence over low ≤ x ≤ high of a family of pairs with known joins of intervals."""
    x = np.linspace(low, high, 9)

    def evaluate(x: FloatArray) -> FloatArray:
        return divergence.values(*pairs(x))

    f = evaluate(x)
    left, right = x[:-1], x[1:]
    best, best_x = float(f.max()), float(x[f.argmax()])
    certain, evaluations = best, len(x)
    while len(left) and best < np.inf:
        bound = divergence.values(*joins(left, right))
        keep = bound > best + gap * max(1.0, best)
        certain = float(bound[~keep].max(initial=certain))
        left, right = left[keep], right[keep]
        middle = (left + right) / 2
        f = evaluate(middle)
        evaluations += 2 * len(middle)
        if len(middle) and f.max() > best:
            best, best_x = float(f.max()), float(middle[f.argmax()])
        if evaluations > MAX_EVALUATIONS:
            raise _precision_error(Bracket(best, float(bound.max(initial=certain))), gap)
        left, right = np.concatenate([left, middle]), np.concatenate([middle, right])
    return Extremum(best, (best_x,), _gap(Bracket(best, max(certain, best))))


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

    def evaluate(points: FloatArray) -> FloatArray:
        return divergence.values(*family.outer1(eps, delta, *alpha_beta(points), tau))

    def join(low: FloatArray, high: FloatArray) -> FloatArray:
        alphas = corner + low[:, 0] * low[:, 1], corner + high[:, 0] * high[:, 1]
        betas = corner + low[:, 0] * (1 - high[:, 1]), corner + high[:, 0] * (1 - low[:, 1])
        return divergence.values(*family.join_of_hexagons(eps, delta, alphas, betas, tau))

    def bend(low: FloatArray, high: FloatArray, best: float) -> FloatArray:
        if not divergence.is_power:
            return np.full_like(low, np.inf)
        error = 1 - best - max(1 - divergence.order, 0.0)
        curvature = hexagon_curvature(divergence, corner, eps, rise, low, high, error)
        return curvature * (high - low) ** 2 / 8

    square = np.array([[span, 0.5 if divergence.is_symmetric else 1.0]])
    found = _maximise(evaluate, bend, join, np.zeros((1, 2)), square, gap)
    alpha, beta = alpha_beta(np.array(found.point))
    return Extremum(found.value, (float(alpha), float(beta)), found.gap)


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


def _maximise(
    evaluate: Callable[[FloatArray], FloatArray],
    bend: Callable[[FloatArray, FloatArray, float], FloatArray],
    join: Callable[[FloatArray, FloatArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
    gap: float,
) -> Extremum:
    """Branch and bound in the plane, on the better of two upper bounds over a box.

    `bend` is how far the function can rise above its corners along either axis, where it exceeds the best
    value: tight on small boxes.
    `join` is the value at a region that holds all of the box's: tight where all values are near 1.
    """
    corners = np.stack([low, _mixed(high, low), _mixed(low, high), high], axis=1)
    values = evaluate(corners)
    best, best_point = float(values.max()), corners.reshape(-1, 2)[values.argmax()]
    certain, evaluations = best, values.size
    while len(low) and best < np.inf:
        rise = bend(low, high, best)
        bound = values.max(axis=1) + rise.sum(axis=1)
        width = gap * max(1.0, best)
        loose = bound > best + width
        bound[loose] = np.minimum(bound[loose], join(low[loose], high[loose]))
        keep = bound > best + width
        certain = float(bound[~keep].max(initial=certain))
        evaluations += int(loose.sum()) + 2 * int(keep.sum())
        if evaluations > MAX_EVALUATIONS:
            raise _precision_error(Bracket(best, float(bound.max(initial=certain))), gap)
        low, high, values, rise = low[keep], high[keep], values[keep], rise[keep]
        low, high, values, new, points = _bisect(evaluate, low, high, values, rise)
        if new.size and new.max() > best:
            best, best_point = float(new.max()), points.reshape(-1, 2)[new.argmax()]
    return Extremum(best, tuple(best_point.tolist()), _gap(Bracket(best, max(certain, best))))


def _bisect(
    evaluate: Callable[[FloatArray], FloatArray],
    low: FloatArray,
    high: FloatArray,
    values: FloatArray,
    rise: FloatArray,
) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray, FloatArray]:
    """Halve each box along the axis that loosens its bound most, or else its longer side.

    Corner values are ordered (low, low), (high, low), (low, high), (high, high). Returns the boxes and
    values of both halves, and the new values with their points.
    """
    rows = np.arange(len(low))
    axis = np.where(np.isfinite(rise), rise, high - low).argmax(axis=1)
    middle_low, middle_high = low.copy(), high.copy()
    middle_low[rows, axis] = middle_high[rows, axis] = (low + high)[rows, axis] / 2
    points = np.stack([middle_low, middle_high], axis=1)
    new = evaluate(points)
    first = axis == 0
    # the cut is the (high, ·) or (·, high) edge of the lower half and the opposite edge of the upper
    lower_half, upper_half = values.copy(), values.copy()
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


def _gap(bracket: Bracket) -> float:
    """The certified distance of the found value from the true one; 0 where both are infinite."""
    if bracket.lower == bracket.upper == np.inf:
        return 0.0
    return bracket.width + ROUNDING * max(1.0, abs(bracket.upper))


def _precision_error(bracket: Bracket, gap: float) -> PrecisionError:
    return PrecisionError(
        f"the extremum is only known to lie in [{bracket.lower:.12g}, {bracket.upper:.12g}] "
        f"(width {bracket.width:.2g}) after {MAX_EVALUATIONS:.0e} evaluations; "
        f"ask for a wider gap than {gap:g}",
        bracket,
    )
