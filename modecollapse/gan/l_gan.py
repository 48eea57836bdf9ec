"""L-GAN: a generator of batches of near-orthogonal vectors, and random linear combinations of each batch.

The discriminator judges the combinations. A batch is k consecutive rows. `batches` emits it, `combine`
makes k combinations of it, and the penalty `orthogonality` keeps its directions apart. The three are fields
of the trainer's `Setup`. Rows should be centred codes of an autoencoder, since the combinations are centred
too.
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
    """A layer that emits whole batches: one network maps the latent vectors of a batch to its vectors.

    The last `size` numbers of each latent vector are reserved for `combine`.

    Parameters
    ----------
    body : Layer
        The network. Its output is the batch: its vectors, one after the other.
    size : int
        Number k ≥ 2 of vectors in a batch, a divisor of the number of rows.

    Raises
    ------
    ValueError
        If the size is below 2. On initialisation, if a latent vector has at most `size` numbers, or if `size`
        does not divide the width of the output.

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
    """Random linear combinations of each batch, as many as it has vectors, for `Setup.combine`.

    The coefficients of a combination are the last `size` numbers of a latent vector, divided by √size. So
    combinations are centred, and their second moments are the mean of those of the vectors.

    Parameters
    ----------
    size : int
        Number k of vectors in a batch.

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
    """The penalty λ·E cos² over pairs of vectors in a batch. It has no memory.

    It is 0 for orthogonal vectors and λ for parallel ones. Its minimum over k vectors of d numbers is
    λ·max(0, (k − d)/(d(k − 1))) (Welch 1974).

    Parameters
    ----------
    size : int
        Number k ≥ 2 of vectors in a batch.
    weight : float
        The factor λ.

    Raises
    ------
    ValueError
        If the size is below 2. When applied, if the rows are not whole batches.

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

    return Penalty(0, tuple, cost)


def _in_batches(rows: Array, size: int) -> Array:
    """The rows divided into batches: shape (n, d) to (n/size, size, d)."""
    return merge(rows, size).reshape(-1, size, rows.shape[-1])
