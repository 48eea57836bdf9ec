"""Penalties: terms of the generator's objective that depend on the generated points themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from modecollapse.gan.losses import LEAST_SQUARE


class Penalty(NamedTuple):
    """A cost of generated points, with a memory.

    Attributes
    ----------
    start : callable () → state
        Gives the memory before training, a pytree of arrays.
    cost : callable (state, points of shape (n, d)) → (scalar, state)
        Gives the cost, a term of the generator's objective, and the memory after this step.
    """

    start: Callable[[], Any]
    cost: Callable[[Any, Array], tuple[Array, Any]]


Weighting = Callable[[Array], Array]
"""Function of the modes' mean matched distances over the last steps that gives their weights, shape (k,)."""


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


NO_PENALTY = Penalty(tuple, lambda state, points: (jnp.zeros(()), state))
"""The penalty that is always 0."""


class Memory(NamedTuple):
    """Memory of the mode penalty: two distances for each mode, at each of the last steps.

    Attributes
    ----------
    steps : int array, shape ()
        Number of steps so far.
    matched : array, shape (window, k)
        Distances from the modes to their matched points.
    nearest : array, shape (window, k)
        Distances from the modes to their nearest generated points.
    """

    steps: Array
    matched: Array
    nearest: Array


def mode_penalty(
    encode: Callable[[Array], Array],
    modes: ArrayLike,
    weight: float,
    window: int,
    radius: float,
    weighting: Weighting = by_distance,
) -> Penalty:
    """The penalty λ Σ_p w_p ‖x_p − g_p‖, which draws a generated point to every mode while one is missed.

    `greedy_match` matches a generated point g_p to each mode x_p in the space of codes. The weights w_p
    depend on the mean matched distances over the last steps, this one included. No gradient passes through
    the weights or the matching.

    The penalty is exactly 0 while all modes are covered: the mean distance of every mode from its nearest
    generated point, over the last steps, is at most `radius`. Matched distances do not show coverage, since k
    independent points are rarely one at each of k modes.

    Parameters
    ----------
    encode : callable (rows) → codes
        Map to the space of the matching, such as an autoencoder's encoder. The modes are encoded once.
    modes : array_like, shape (k, d)
        The modes to be covered: centres, or one real point of each.
    weight : float
        The factor λ; 3 for Gaussian mixtures in the literature.
    window : int
        Number of last steps that the penalty remembers.
    radius : float
        Greatest mean distance of a covered mode from its nearest point, in the space of the points.
    weighting : Weighting
        `by_distance` (published), whose weight grows while a mode is missed, or `equally`.

    Raises
    ------
    ValueError
        When applied to fewer points than there are modes.

    Examples
    --------
    >>> penalty = mode_penalty(lambda rows: rows, [[0.0], [1.0]], weight=3.0, window=10, radius=0.1)
    >>> cost, memory = penalty.cost(penalty.start(), jnp.array([[0.0], [0.5]]))  # 3·½·½
    >>> float(cost), memory.matched[0].tolist()
    (0.75, [0.0, 0.5])
    >>> cost, memory = penalty.cost(penalty.start(), jnp.array([[0.05], [0.95]]))
    >>> float(cost)
    0.0
    """
    centres = jnp.asarray(modes, dtype=float)
    codes = encode(centres)

    def start() -> Memory:
        zeros = jnp.zeros((window, len(centres)))
        return Memory(jnp.zeros((), dtype=int), zeros, zeros)

    def cost(memory: Memory, points: Array) -> tuple[Array, Memory]:
        k = len(centres)
        if len(points) < k:
            raise ValueError(f"the mode penalty of {k} modes needs as many points, got {len(points)}")
        match = greedy_match(codes, jax.lax.stop_gradient(encode(points[:k])))
        matched = _lengths(centres - points[match])
        nearest = _lengths(centres[:, jnp.newaxis] - points).min(axis=1)
        row = memory.steps % window
        now = jax.lax.stop_gradient(
            Memory(
                memory.steps + 1,
                memory.matched.at[row].set(matched),
                memory.nearest.at[row].set(nearest),
            )
        )
        filled = jnp.minimum(now.steps, window)
        missed = jnp.any(now.nearest.sum(axis=0) / filled > radius)
        weights = weighting(now.matched.sum(axis=0) / filled)
        return jnp.where(missed, weight * jnp.sum(weights * matched), 0.0), now

    return Penalty(start, cost)


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


def _lengths(differences: Array) -> Array:
    """Euclidean lengths, with derivative 0 at 0, where the root has none."""
    squares = jnp.sum(differences**2, axis=-1)
    return jnp.sqrt(jnp.where(squares > LEAST_SQUARE, squares, 1.0)) * (squares > LEAST_SQUARE)
