"""Terms of the generator's objective that look at the generated points themselves: the mode penalty."""

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
        The memory before training, a pytree of arrays.
    cost : callable (state, points of shape (n, d)) → (scalar, state)
        The cost, added to the generator's objective, and the memory after this step.
    """

    start: Callable[[], Any]
    cost: Callable[[Any, Array], tuple[Array, Any]]


Weighting = Callable[[Array], Array]
"""From the modes' mean matched distances over the last steps to their weights, both of shape (k,)."""


def by_distance(distances: Array) -> Array:
    """The distances themselves: a mode weighs the more, the farther it has been from its matched points."""
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


class Memory(NamedTuple):
    """What the mode penalty remembers: of the last steps, for each mode, two distances.

    Attributes
    ----------
    steps : int array, shape ()
        Steps made.
    matched : array, shape (window, k)
        To the generated point matched to the mode.
    nearest : array, shape (window, k)
        To the nearest generated point of all.
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
    """λ Σ_p w_p ‖x_p − g_p‖: draws a generated point to every mode while one is missed.

    As many generated points g as there are modes x are matched to them by `greedy_match` in the encoded
    space. The weights w_p follow from the mean matched distances over the last steps, this one included; no
    gradient goes through them, nor through the matching.

    The penalty is off, exactly 0, while all modes are covered: while over the last steps every mode's mean
    distance to the nearest generated point is at most the radius. The matched distances cannot say so, since
    as many independent points as there are modes rarely fall one to each.

    Parameters
    ----------
    encode : callable (rows) → codes
        Such as an autoencoder's encoder; the modes are encoded once.
    modes : array_like, shape (k, d)
        The modes to be covered: centres, or one real point of each.
    weight : float
        λ; 3 for Gaussian mixtures.
    window : int
        The number of last steps.
    radius : float
        A mode is covered within this distance, in the space of the points.
    weighting : Weighting
        `by_distance`, as published, draws the more to a mode the longer it is missed; or `equally`.

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
    places = jnp.asarray(modes, dtype=float)
    codes = encode(places)

    def start() -> Memory:
        blank = jnp.zeros((window, len(places)))
        return Memory(jnp.zeros((), dtype=int), blank, blank)

    def cost(memory: Memory, points: Array) -> tuple[Array, Memory]:
        k = len(places)
        if len(points) < k:
            raise ValueError(f"the mode penalty of {k} modes needs as many points, got {len(points)}")
        owner = greedy_match(codes, jax.lax.stop_gradient(encode(points[:k])))
        matched = _lengths(places - points[owner])
        nearest = _lengths(places[:, jnp.newaxis] - points).min(axis=1)
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
    """A generated point for every mode: the farthest from the modes' centroid chooses first.

    The point farthest from the centroid takes its nearest mode, the next farthest its nearest of those left,
    and so on.

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
    # the root has no derivative at 0, where a point lies on its mode
    squares = jnp.sum(differences**2, axis=-1)
    return jnp.sqrt(jnp.where(squares > LEAST_SQUARE, squares, 1.0)) * (squares > LEAST_SQUARE)
