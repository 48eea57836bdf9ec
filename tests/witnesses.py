"""An independent look at the theorems: packed distances by enumeration, and a hunt over arbitrary pairs.

Nothing here imports `modecollapse`. Pairs are rows of arrays, letters along the last axis.

Every pair of total variation τ has a tangent point x, where g(x) = x+τ, and four pmfs: letters left of it
have Q-masses x·w and P-masses x·w + τ·v, letters right of it P-masses (1−x−τ)·w′ and Q-masses
(1−x−τ)·w′ + τ·v′. The hunt climbs in x, w, v, w′, v′ alone: it knows nothing of any theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from math import factorial, prod
from typing import NamedTuple

import numpy as np
import oracles
from scipy.optimize import OptimizeResult, differential_evolution, minimize

Array = np.ndarray
Pairs = tuple[Array, Array]


# -- packed distances -----------------------------------------------------------------------------------


def packed_tv(p: Array, q: Array, m: int) -> Array:
    """d_TV(P^m, Q^m) of each row: one less the sum over all types of the smaller mass."""
    p, q = np.atleast_2d(p), np.atleast_2d(q)
    shared = (p > 0).any(axis=0) & (q > 0).any(axis=0)
    p, q = p[:, shared], q[:, shared]
    if not shared.any():
        return np.ones(len(p))
    counts, ways = _types(p.shape[1], m)
    return 1 - np.minimum(_masses(p, counts, ways), _masses(q, counts, ways)).sum(axis=-1)


def packed_divergence(name: str, order: float = 1.0) -> Callable[[Array, Array, int], Array]:
    """D(P^m‖Q^m) of each row as a function of P, Q and m: the textbook sum over all types."""

    def terms(p: Array, q: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if name == "js":
                return 0.5 * (_plogp(p, (p + q) / 2) + _plogp(q, (p + q) / 2))
            if name == "kl":
                return _plogp(p, q)
            if name == "reverse_kl":
                return _plogp(q, p)
            if name == "hellinger":
                return (np.sqrt(p) - np.sqrt(q)) ** 2 / 2
            if name == "chi2":
                return np.where(p == q, 0.0, (p - q) ** 2 / q)
            return np.maximum(p - order * q, 0.0)

    def measure(p: Array, q: Array, m: int) -> Array:
        counts, ways = _types(p.shape[1], m)
        value = terms(_masses(p, counts, ways), _masses(q, counts, ways)).sum(axis=-1)
        return value - max(1 - order, 0.0)

    return measure


def tempered(name: str) -> Callable[[Array, Array, int], Array]:
    """An unbounded divergence, kept finite: letters that one pmf lacks get 1e-9 of the other's mass."""
    measure = packed_divergence(name)

    def finite(p: Array, q: Array, m: int) -> Array:
        return measure(np.maximum(p, 1e-9 * q), np.maximum(q, 1e-9 * p), m)

    return finite


def _plogp(p: Array, q: Array) -> Array:
    return np.where(p > 0, p * np.log(p / q), 0.0)


def test_power(p: Array, q: Array, accepted: Array, m: int) -> Array:
    """P^m(T) − Q^m(T) of each row, T given by the share of each type it accepts."""
    counts, ways = _types(p.shape[1], m)
    return (_masses(p, counts, ways) - _masses(q, counts, ways)) @ accepted


test_power.__test__ = False  # a function of the theory, not a test


def type_differences(p: Array, q: Array, m: int) -> Array:
    """P^m − Q^m of every type, for each row."""
    counts, ways = _types(p.shape[1], m)
    return _masses(p, counts, ways) - _masses(q, counts, ways)


@lru_cache
def _types(letters: int, m: int) -> Pairs:
    counts = np.array(list(oracles.compositions(m, letters)))
    ways = np.array([factorial(m) // prod(map(factorial, row)) for row in counts.tolist()], dtype=float)
    return counts, ways


def _masses(weights: Array, counts: Array, ways: Array) -> Array:
    powers = weights[:, :, None] ** np.arange(counts[0].sum() + 1)
    masses = np.broadcast_to(ways, (len(weights), len(ways)))
    for letter in range(weights.shape[1]):
        masses = masses * powers[:, letter, counts[:, letter]]
    return masses


# -- extremes of a function of one or two numbers -----------------------------------------------------------


def least_on_interval(f: Callable[[Array], Array], low: float, high: float, points: int = 2001) -> float:
    """Least value of f over [low, high]: a dense grid, then ever denser ones about its five best points."""
    x = np.linspace(low, high, points)
    y = f(x)
    best = float(y.min())
    step = (high - low) / (points - 1)
    for start in x[np.argsort(y)[:5]]:
        centre, width = start, step
        for _ in range(12):
            near = np.clip(centre + width * np.linspace(-1, 1, 17), low, high)
            values = f(near)
            centre, width = near[values.argmin()], width / 4
            best = min(best, float(values.min()))
    return best


def greatest_on_triangle(
    f: Callable[[Array, Array], Array], corner: float, total: float, points: int = 121
) -> float:
    """Greatest value of f(a, b) over a, b ≥ corner, a+b ≤ total: a grid, then denser ones about its best."""
    span = max(total - 2 * corner, 0.0)

    def value(s: Array, t: Array) -> Array:
        s, t = np.clip(s, 0, span), np.clip(t, 0, 1)
        return f(corner + s * t, np.minimum(corner + s * (1 - t), total - corner - s * t))

    s, t = (grid.ravel() for grid in np.meshgrid(np.linspace(0, span, points), np.linspace(0, 1, points)))
    y = value(s, t)
    best = float(y.max())
    for start in np.argsort(-y)[:8]:
        centre, width = np.array([s[start], t[start]]), np.array([span, 1.0]) / (points - 1)
        for _ in range(14):
            offsets = np.stack(np.meshgrid(*[np.linspace(-1, 1, 9)] * 2), axis=-1).reshape(-1, 2)
            near = np.clip(centre + width * offsets, [0, 0], [span, 1])
            values = value(*near.T)
            centre, width = near[values.argmax()], width / 2.5
            best = max(best, float(values.max()))
    return best


# -- the theorems' families, letters as printed -------------------------------------------------------------


def triangle(x: Array, tau: float) -> Pairs:
    """The pair with the one tangent point (x, x+τ)."""
    x = np.asarray(x, dtype=float)
    return _rows(x + tau, 1 - x - tau), _rows(x, 1 - x)


def triangle_with_point(x: Array, tau: float, eps: float, delta: float) -> Pairs:
    """Hull of the triangles of apex (x, x+τ) and a point outside them, all on one side of it."""
    x = np.asarray(x, dtype=float)
    if (x.min() + x.max()) / 2 >= eps:
        return _rows(delta, x + tau - delta, 1 - x - tau), _rows(eps, x - eps, 1 - x)
    return _rows(x + tau, delta - x - tau, 1 - delta), _rows(x, eps - x, 1 - eps)


def hexagon(alpha: Array, beta: Array, eps: float, delta: float, tau: float) -> Pairs:
    """(16) and (17)."""
    rise = tau - (delta - eps)
    s, t = rise / (alpha - eps), rise / (beta - eps)
    middle = np.maximum(1 - tau - alpha - beta, 0)
    first, last = np.maximum(tau - alpha * s, 0), np.maximum(tau - beta * t, 0)
    return (
        _rows(first, alpha * (1 + s), middle, beta, 0),
        _rows(0, alpha, middle, beta * (1 + t), last),
    )


def _rows(*letters: Array | float) -> Array:
    return np.maximum(np.stack(np.broadcast_arrays(*letters), axis=-1), 0.0)


def least_triangle(tau: float, m: int, low: float, high: float) -> float:
    """Least packed distance over triangles with low ≤ x ≤ high."""
    return least_on_interval(lambda x: packed_tv(*triangle(x, tau), m), low, high)


def least_with_point(tau: float, m: int, eps: float, delta: float, low: float, high: float) -> float:
    """Least packed distance over hulls of triangles, low ≤ x ≤ high, with a point outside them."""
    return least_on_interval(
        lambda x: packed_tv(*triangle_with_point(x, tau, eps, delta), m), low, high, points=501
    )


def greatest_hexagon(tau: float, m: int, eps: float, delta: float) -> float:
    """Greatest packed distance over the hexagons, for δ+ε ≤ 1 and δ−ε < τ ≤ (δ−ε)/(δ+ε)."""
    corner = eps * tau / (delta - eps)
    return greatest_on_triangle(
        lambda a, b: packed_tv(*hexagon(a, b, eps, delta, tau), m), corner, 1 - tau, points=81
    )


# -- boundaries ------------------------------------------------------------------------------------------


def boundary(p: Array, q: Array, x: float) -> Array:
    """g(x) of each row: letters of falling ratio fill the room x, the last one in part."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        order = np.argsort(-np.nan_to_num(p / q, posinf=np.inf), axis=-1, kind="stable")
    p, q = np.take_along_axis(p, order, -1), np.take_along_axis(q, order, -1)
    room = x - (np.cumsum(q, axis=-1) - q)
    with np.errstate(over="ignore"):
        share = np.where(q > 0, np.clip(room / np.where(q > 0, q, 1), 0, 1), 1.0)
    return (p * share).sum(axis=-1)


# -- the hunt ----------------------------------------------------------------------------------------------


class Condition(NamedTuple):
    """What the hunted pairs must satisfy: g at or above some points, strictly below others."""

    reached: Sequence[tuple[float, float]] = ()
    forbidden: Sequence[tuple[float, float]] = ()


EVERYTHING = Condition()
NEVER = 1e6
"""The cost of what is no pair of the class: more than any finite divergence met."""

SHY = 1e-9
"""How far below a forbidden point the hunted boundaries stay."""


def collapse(eps: float, delta: float) -> Condition:
    """(ε,δ)-collapse."""
    return Condition(reached=[(eps, delta)])


def augmentation(eps: float, delta: float) -> Condition:
    """(ε,δ)-augmentation."""
    return Condition(reached=[(1 - delta, 1 - eps)])


def neither(eps: float, delta: float) -> Condition:
    """Neither (ε,δ)-collapse nor augmentation."""
    return Condition(forbidden=[(eps, delta), (1 - delta, 1 - eps)])


class Side(NamedTuple):
    """The letters on one side of the tangent point (x, x+τ), seen from the left one.

    The last letter has no Q-mass: it is the vertical start of the boundary.
    """

    x: Array
    w: Array
    v: Array

    def letters(self, tau: float) -> Pairs:
        low = self.x[:, None] * self.w
        return low + tau * self.v, low

    def mended(self, tau: float, condition: Condition) -> tuple[Side, Array]:
        """The same where the condition holds; else mixed with the extreme boundary just as far as need be.

        The extremes are the line y = x+τ upwards, the triangle downwards. Also tells which rows hold it now.
        """
        side, holds = self, np.ones(len(self.x), dtype=bool)
        vertical = np.eye(self.w.shape[1])[-1]
        for point in condition.reached:
            side, good = side._mixed(vertical, tau, point[0], point[1], upwards=True)
            holds &= good
        for point in condition.forbidden:
            side, good = side._mixed(self.w, tau, point[0], point[1] - SHY, upwards=False)
            holds &= good & ~((self.x < point[0]) & (self.x + tau > point[1] - SHY))
        return side, holds

    def _mixed(self, v: Array, tau: float, x: float, goal: float, upwards: bool) -> tuple[Side, Array]:
        height = boundary(*self.letters(tau), x)
        extreme = boundary(*self._replace(v=np.broadcast_to(v, self.v.shape)).letters(tau), x)
        sign = 1 if upwards else -1
        lacking = (x <= self.x) & (sign * (goal - height) > 0)
        possible = sign * (extreme - goal) >= 0
        share = np.divide(
            goal - height, extreme - height, out=np.zeros_like(height), where=lacking & possible
        )
        return self._replace(v=self.v + share[:, None] * (v - self.v)), possible | ~lacking


def _mirrored(condition: Condition) -> Condition:
    return Condition(*([(1 - y, 1 - x) for x, y in points] for points in condition))


LETTERS_A_SIDE = 3
DIMENSIONS = 1 + 4 * LETTERS_A_SIDE - 2
STRATA = {"ascent": 3, "descent": 6}
"""How many parts of the range of tangent points the hunt starts in."""


def members(z: Array, tau: float, condition: Condition) -> tuple[Array, Array, Array]:
    """The pairs that rows z of the unit cube stand for: P, Q, and which rows are pairs of the class.

    Six letters, up to seven vertices. Every pair of so many letters has a z.
    """
    x, rest = (1 - tau) * z[:, 0], z[:, 1:]
    n = LETTERS_A_SIDE
    w, v, w_right, v_right = (_pmfs(part) for part in np.split(rest, [n - 1, 2 * n - 1, 3 * n - 2], axis=1))
    empty = np.zeros((len(z), 1))
    left, left_holds = Side(x, np.hstack([w, empty]), v).mended(tau, condition)
    right, right_holds = Side(1 - tau - x, np.hstack([w_right, empty]), v_right).mended(
        tau, _mirrored(condition)
    )
    p_left, q_left = left.letters(tau)
    q_right, p_right = right.letters(tau)
    return np.hstack([p_left, p_right]), np.hstack([q_left, q_right]), left_holds & right_holds


def _pmfs(z: Array) -> Array:
    """Points of the cube as pmfs; zeros are as likely as not to occur."""
    masses = np.maximum(1.25 * z - 0.25, 0) + 1e-300
    return masses / masses.sum(axis=1, keepdims=True)


class Quarry(NamedTuple):
    """What a hunt saw: the least and greatest packed distance of all pairs met, and how many those were."""

    least: float
    greatest: float
    pairs: int


def hunt(
    tau: float,
    m: int,
    condition: Condition = EVERYTHING,
    measure: Callable[[Array, Array, int], Array] = packed_tv,
    seed: int = 0,
) -> Quarry:
    """Ascend and descend in a packed divergence over arbitrary pairs of total variation τ.

    Differential evolution in ever smaller boxes, then Nelder and Mead. They start in strata of the tangent
    point, for the distance has many local extremes.
    """
    least, greatest, met = np.inf, -np.inf, 0

    def cost(z: Array, sign: float) -> Array:
        nonlocal least, greatest, met
        p, q, holds = members(np.clip(z.reshape(DIMENSIONS, -1).T, 0, 1), tau, condition)
        values = measure(p, q, m)
        if holds.any():
            least, greatest = min(least, values[holds].min()), max(greatest, values[holds].max())
            met += int(holds.sum())
        costs = np.where(holds & np.isfinite(values), sign * values, NEVER)
        return costs if z.ndim == 2 else costs[0]

    def evolved(low: Array, high: Array, sign: float) -> OptimizeResult:
        return differential_evolution(
            cost,
            np.column_stack([low, high]),
            args=(sign,),
            maxiter=50,
            popsize=4,
            tol=0,
            polish=False,
            seed=np.random.default_rng(seed),  # `rng` only since scipy 1.15
            vectorized=True,
            updating="deferred",
        )

    for sign, strata in ((-1.0, STRATA["ascent"]), (1.0, STRATA["descent"])):
        low, high = np.zeros((strata, DIMENSIONS)), np.ones((strata, DIMENSIONS))
        low[:, 0], high[:, 0] = np.arange(strata) / strata, np.arange(1, strata + 1) / strata
        found = [evolved(a, b, sign) for a, b in zip(low, high, strict=True)]
        for width in (0.2, 0.05, 0.01):
            keen = sorted(found, key=lambda result: result.fun)[:3]
            found = [evolved(np.maximum(z.x - width, 0), np.minimum(z.x + width, 1), sign) for z in keen]
        best = min(found, key=lambda result: result.fun)
        minimize(cost, best.x, args=(sign,), method="Nelder-Mead", options={"maxfev": 200})
    return Quarry(float(least), float(greatest), met)
