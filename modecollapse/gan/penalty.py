"""Penalties: terms of the generator's objective that depend on the generated points themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from jax.typing import ArrayLike
from scipy.optimize import linear_sum_assignment

from modecollapse.gan.losses import LEAST_SQUARE

NEAR_SHARE = 0.02
"""Share of the other modes of which the farthest is the bound of a mode's near points."""

ALMOST_ALL = 0.99
"""Share of covered modes at which the mode penalty is off."""


class Penalty(NamedTuple):
    """A cost of generated points, with a memory.

    Attributes
    ----------
    points : int
        Least number of generated points that the cost needs. The trainer generates more than it judges where
        a step has fewer.
    start : callable () → state
        Gives the memory before training, a pytree of arrays.
    cost : callable (state, points of shape (n, d)) → (scalar, state)
        Gives the cost, a term of the generator's objective, and the memory after this step.
    """

    points: int
    start: Callable[[], Any]
    cost: Callable[[Any, Array], tuple[Array, Any]]


Weighting = Callable[[Array], Array]
"""Function of the modes' mean matched distances over the last steps that gives their weights, shape (N,)."""

Matching = Callable[[Array, Array], Array]
"""Function of the codes of modes and of as many points, shape (N, c), that gives the point of each mode."""


def by_distance(distances: Array) -> Array:
    """The distances as weights. A mode that is far from its matched points has a large weight."""
    return distances


def equally(distances: Array) -> Array:
    """Weight 1 for every mode.

    Examples
    --------
    >>> equally(jnp.array([0.2, 3.0])).tolist()
    [1.0, 1.0]
    """
    return jnp.ones_like(distances)


NO_PENALTY = Penalty(0, tuple, lambda state, points: (jnp.zeros(()), state))
"""The penalty that is always 0."""


class Memory(NamedTuple):
    """Memory of the mode penalty: two numbers for each mode, at each of the last steps.

    Attributes
    ----------
    steps : int array, shape ()
        Number of steps so far.
    matched : array, shape (window, N)
        Distances from the modes to their matched points, in codes.
    covered : array, shape (window, N)
        1 where a generated point was near the mode, else 0.
    """

    steps: Array
    matched: Array
    covered: Array


def greedy_match(modes: Array, points: Array) -> Array:
    """Match a generated point to each mode.

    The point farthest from the modes' centroid takes its nearest mode first. The next farthest takes its
    nearest mode among the rest, and so on.

    Parameters
    ----------
    modes, points : array, shape (k, c)
        As many points as modes.

    Returns
    -------
    array of int, shape (k,)
        For each mode the index of its point: a permutation.

    Examples
    --------
    >>> greedy_match(jnp.array([[0.0], [1.0], [2.0]]), jnp.array([[1.9], [5.0], [0.4]])).tolist()
    [2, 0, 1]
    """
    distances = jnp.sum((points[:, jnp.newaxis] - modes) ** 2, axis=-1)
    order = jnp.argsort(-jnp.sum((points - modes.mean(axis=0)) ** 2, axis=-1))

    def choose(free: Array, point: Array) -> tuple[Array, Array]:
        mode = jnp.argmin(jnp.where(free, distances[point], jnp.inf))
        return free.at[mode].set(False), mode

    _, chosen = jax.lax.scan(choose, jnp.ones(len(modes), dtype=bool), order)
    return jnp.zeros(len(modes), dtype=int).at[chosen].set(order)


def optimal_match(modes: Array, points: Array) -> Array:
    """Match a generated point to each mode so that the sum of their distances is least.

    The assignment is solved exactly by `scipy.optimize.linear_sum_assignment`, outside compiled code.

    Parameters
    ----------
    modes, points : array, shape (k, c)
        As many points as modes.

    Returns
    -------
    array of int, shape (k,)
        For each mode the index of its point: a permutation.

    Examples
    --------
    >>> optimal_match(jnp.array([[0.0], [1.0], [2.0]]), jnp.array([[1.9], [5.0], [0.4]])).tolist()
    [2, 0, 1]
    """

    def solve(distances: Array) -> np.ndarray:
        return linear_sum_assignment(np.asarray(distances))[1].astype(np.int32)

    shape = jax.ShapeDtypeStruct((len(modes),), jnp.int32)
    distances = _lengths(modes[:, jnp.newaxis] - points)
    return jax.pure_callback(solve, shape, distances, vmap_method="sequential")


def mode_penalty(
    encode: Callable[[Array], Array],
    modes: ArrayLike,
    weight: float,
    window: int,
    weighting: Weighting = by_distance,
    matching: Matching = greedy_match,
) -> Penalty:
    """Mode-penalty GAN's λ·mean w_p ‖E(x_p) − E(g_p)‖, which draws a generated point to every mode.

    The N modes x_p are real points, drawn once. At each step N generated points are matched to them in codes,
    and the cost is the mean over the pairs of their weighted distance in codes. The weights w_p depend on the
    mean matched distances over the last steps, this one included. The gradient passes through the encoder. It
    passes neither through the weights nor through the matching.

    The penalty is exactly 0 while the generator covers almost all modes. A point is near a mode if its code
    is nearer than the nearest fiftieth of the other modes. A mode is covered if points were near it in at
    least half of the last steps. Almost all modes are 99 %. The source leaves open what covering means.

    Parameters
    ----------
    encode : callable (rows) → codes
        Map to the space of the matching, such as an autoencoder's encoder. The modes are encoded once.
    modes : array_like, shape (N, d)
        Real points, at least two.
    weight : float
        The factor λ. The sources take 3 for Gaussian mixtures and 500 for stacked digits.
    window : int
        Number of last steps that the penalty remembers.
    weighting : Weighting
        `by_distance` (published), whose weight grows while a mode is missed, or `equally`.
    matching : Matching
        `greedy_match` (published) or `optimal_match`.

    Raises
    ------
    ValueError
        If there is one mode alone. When applied, if the points are fewer than the modes.

    Examples
    --------
    >>> penalty = mode_penalty(lambda rows: rows, [[0.0], [1.0], [2.0]], weight=3.0, window=10)
    >>> cost, memory = penalty.cost(penalty.start(), jnp.array([[0.0], [5.0], [6.0]]))  # 3·(4·4 + 4·4)/3
    >>> float(cost), memory.matched[0].tolist()
    (32.0, [0.0, 4.0, 4.0])
    >>> cost, memory = penalty.cost(penalty.start(), jnp.array([[0.2], [0.9], [2.3]]))  # all are covered
    >>> float(cost)
    0.0
    """
    real = jnp.asarray(modes, dtype=float)
    n = len(real)
    if n < 2:
        raise ValueError(f"the mode penalty needs at least two modes, got {n}")
    codes = encode(real)
    neighbour = max(1, round(NEAR_SHARE * n))
    radii = jnp.sort(_lengths(codes[:, jnp.newaxis] - codes), axis=1)[:, neighbour]  # the first is the mode

    def start() -> Memory:
        zeros = jnp.zeros((window, n))
        return Memory(jnp.zeros((), dtype=int), zeros, zeros)

    def cost(memory: Memory, points: Array) -> tuple[Array, Memory]:
        if len(points) < n:
            raise ValueError(f"the mode penalty of {n} modes needs as many points, got {len(points)}")
        generated = encode(points[:n])
        match = matching(codes, jax.lax.stop_gradient(generated))
        matched = _lengths(codes - generated[match])
        nearest = _lengths(codes[:, jnp.newaxis] - generated).min(axis=1)
        row = memory.steps % window
        now = jax.lax.stop_gradient(
            Memory(
                memory.steps + 1,
                memory.matched.at[row].set(matched),
                memory.covered.at[row].set(nearest < radii),
            )
        )
        filled = jnp.minimum(now.steps, window)
        covered = jnp.mean(now.covered.sum(axis=0) >= filled / 2)
        weights = weighting(now.matched.sum(axis=0) / filled)
        return jnp.where(covered < ALMOST_ALL, weight * jnp.mean(weights * matched), 0.0), now

    return Penalty(n, start, cost)


def _lengths(differences: Array) -> Array:
    """Euclidean lengths, with derivative 0 at 0, where the root has none."""
    squares = jnp.sum(differences**2, axis=-1)
    return jnp.sqrt(jnp.where(squares > LEAST_SQUARE, squares, 1.0)) * (squares > LEAST_SQUARE)
