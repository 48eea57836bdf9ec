"""L-GAN: a generator of batches of near-orthogonal vectors, of which random linear combinations are judged.

A batch is as many consecutive rows. `batches` emits it, `combine` makes as many combinations of it, and the
penalty `orthogonality` keeps its directions apart; the three fit the trainer's `Setup` side by side. The rows
are meant to be codes of an autoencoder, centred, since combinations of independent signs are centred too.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import jax.numpy as jnp
from jax import Array

from modecollapse.gan.losses import LEAST_SQUARE
from modecollapse.gan.networks import Layer, Parameters
from modecollapse.gan.penalty import Penalty
from modecollapse.gan.rows import merge, split
from modecollapse.validation import whole


def batches(body: Layer, size: int) -> Layer:
    """Batches of vectors, each emitted at once by one network from the latent vectors of its rows.

    The last `size` numbers of each latent vector are left to `combine`.

    Parameters
    ----------
    body : Layer
        Its output is the batch, the vectors one after the other.
    size : int
        k, vectors to a batch; at least 2. The number of rows must be a multiple of it.

    Raises
    ------
    ValueError
        If the size is below 2; on initialisation, if a latent vector has no more than `size` numbers or the
        output is no batch.

    Examples
    --------
    >>> import jax
    >>> from modecollapse.gan.networks import dense
    >>> layer = batches(dense(6), 2)
    >>> parameters, width = layer.initialise(jax.random.key(0), 5)
    >>> width, layer.apply(parameters, jnp.ones((4, 5))).shape
    (3, (4, 3))
    """
    whole("size", size, 2)

    def initialise(key: Array, latent: int) -> tuple[Parameters, int]:
        if latent <= size:
            raise ValueError(f"latent vectors need more than the {size} coefficients, got {latent} numbers")
        parameters, outputs = body.initialise(key, size * (latent - size))
        if outputs % size:
            raise ValueError(f"a batch of {size} vectors cannot have {outputs} numbers")
        return parameters, outputs // size

    def apply(parameters: Parameters, latent: Array) -> Array:
        return split(body.apply(parameters, merge(latent[:, :-size], size)), size)

    return Layer(initialise, apply)


def combine(size: int) -> Callable[[Array, Array], Array]:
    """Random linear combinations of each batch, as many as it has vectors: a `Setup.combine`.

    The last `size` numbers of a latent vector, over √size, are the coefficients of its combination. So
    combinations are centred, with the vectors' mean second moments.

    Examples
    --------
    >>> latent = jnp.array([[9.0, 1.0, 0.0], [9.0, 2.0, -1.0]])  # noise, then two coefficients
    >>> vectors = jnp.array([[1.0, 0.0], [0.0, 2.0]])
    >>> (math.sqrt(2) * combine(2)(latent, vectors)).round(4).tolist()
    [[1.0, 0.0], [2.0, -2.0]]
    """

    def combined(latent: Array, vectors: Array) -> Array:
        coefficients = latent[:, -size:].reshape(-1, size, size) / math.sqrt(size)
        return (coefficients @ _in_batches(vectors, size)).reshape(vectors.shape)

    return combined


def orthogonality(size: int, weight: float) -> Penalty:
    """λ times the mean squared cosine of two vectors of a batch; it remembers nothing.

    It is 0 for orthogonal vectors and λ for parallel ones. For k vectors of d numbers it can be made as
    small as λ·max(0, (k − d)/(d(k − 1))) and no smaller (Welch 1974).

    Parameters
    ----------
    size : int
        k, vectors to a batch; at least 2.
    weight : float
        λ.

    Raises
    ------
    ValueError
        If the size is below 2; when applied to rows that are not whole batches.

    Examples
    --------
    >>> penalty = orthogonality(2, 3.0)
    >>> for second in ([0.0, 5.0], [1.0, 1.0], [-7.0, 0.0]):
    ...     print(round(float(penalty.cost(penalty.start(), jnp.array([[2.0, 0.0], second]))[0]), 4))
    0.0
    1.5
    3.0
    """
    whole("size", size, 2)

    def cost(memory: tuple[()], points: Array) -> tuple[Array, tuple[()]]:
        squares = jnp.sum(points**2, axis=-1, keepdims=True)
        directions = _in_batches(points / jnp.sqrt(jnp.maximum(squares, LEAST_SQUARE)), size)
        cosines = directions @ jnp.swapaxes(directions, -1, -2)
        pairs = 1 - jnp.eye(size)
        return weight * jnp.sum(pairs * cosines**2) / (len(cosines) * size * (size - 1)), memory

    return Penalty(tuple, cost)


def _in_batches(rows: Array, size: int) -> Array:
    """Shape (n, d) to (n/size, size, d)."""
    return merge(rows, size).reshape(-1, size, rows.shape[-1])
