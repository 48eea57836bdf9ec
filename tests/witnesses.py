"""A hunt over arbitrary pairs for one that leaves a theorem's band.

Nothing here imports `modecollapse`. Pairs are rows of arrays, letters along the last axis.

Every pair of total variation τ has a tangent point x, where g(x) = x+τ, and four pmfs: letters left of it
have Q-masses x·w and P-masses x·w + τ·v, letters right of it P-masses (1−x−τ)·w′ and Q-masses
(1−x−τ)·w′ + τ·v′. The hunt climbs in x, w, v, w′, v′ alone: it knows nothing of any theorem.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import oracles
from scipy.optimize import OptimizeResult, differential_evolution, minimize

Array = np.ndarray
Pairs = tuple[Array, Array]


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
        height = oracles.boundaries(*self.letters(tau), x)
        extreme = oracles.boundaries(*self._replace(v=np.broadcast_to(v, self.v.shape)).letters(tau), x)
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


def tempered(name: str) -> Callable[[Array, Array, int], Array]:
    """An unbounded divergence, kept finite: letters that one pmf lacks get 1e-9 of the other's mass."""
    measure = oracles.divergences(name)

    def finite(p: Array, q: Array, m: int) -> Array:
        return measure(np.maximum(p, 1e-9 * q), np.maximum(q, 1e-9 * p), m)

    return finite


class Quarry(NamedTuple):
    """What a hunt saw: the least and greatest packed distance of all pairs met, and how many those were."""

    least: float
    greatest: float
    pairs: int


def hunt(
    tau: float,
    m: int,
    condition: Condition = EVERYTHING,
    measure: Callable[[Array, Array, int], Array] = oracles.total_variations,
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
