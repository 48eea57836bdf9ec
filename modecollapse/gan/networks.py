"""Networks as pairs of pure functions: `initialise` draws parameters, `apply` evaluates them.

A layer learns the width of its input when it is initialised. Packing and merging change only the input of the
first layer, so that the description of the network stays the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jax import Array

Parameters: TypeAlias = Any
"""A pytree of arrays. Its structure is the layer's own, so that it has no narrower type."""


class Layer(NamedTuple):
    """A function of rows with parameters.

    Attributes
    ----------
    initialise : callable (key, width) → (parameters, width of the output)
        Draws the parameters for rows of this width.
    apply : callable (parameters, rows of shape (n, width)) → rows
        Evaluates the function.
    """

    initialise: Callable[[Array, int], tuple[Parameters, int]]
    apply: Callable[[Parameters, Array], Array]


class Affine(NamedTuple):
    """Weights and bias of x ↦ x·weights + bias."""

    weights: Array
    bias: Array


class Normalisation(NamedTuple):
    """Scale and shift after batch normalisation."""

    scale: Array
    shift: Array


def dense(width: int, deviation: float | None = None) -> Layer:
    """An affine layer with `width` outputs.

    Parameters
    ----------
    width : int
        Number of outputs.
    deviation : float, optional
        Standard deviation of the initial weights. Default: √(2/inputs) (He et al. 2015). Biases start at 0.

    Examples
    --------
    >>> layer = dense(3)
    >>> parameters, width = layer.initialise(jax.random.key(0), 2)
    >>> parameters.weights.shape, width, layer.apply(parameters, jnp.zeros((5, 2))).shape
    ((2, 3), 3, (5, 3))
    """

    def initialise(key: Array, inputs: int) -> tuple[Affine, int]:
        spread = math.sqrt(2 / inputs) if deviation is None else deviation
        return Affine(spread * jax.random.normal(key, (inputs, width)), jnp.zeros(width)), width

    return Layer(initialise, lambda affine, rows: rows @ affine.weights + affine.bias)


def maxout(width: int, pieces: int, deviation: float | None = None) -> Layer:
    """A maxout layer: each output is the greatest of `pieces` affine functions (Goodfellow et al. 2013).

    Parameters
    ----------
    width : int
        Number of outputs.
    pieces : int
        Number of affine functions for each output.
    deviation : float, optional
        Standard deviation of the initial weights, as for `dense`.

    Examples
    --------
    >>> layer = maxout(4, pieces=5)
    >>> parameters, width = layer.initialise(jax.random.key(0), 2)
    >>> width, layer.apply(parameters, jnp.ones((3, 2))).shape
    (4, (3, 4))
    """
    affine = dense(width * pieces, deviation)

    def initialise(key: Array, inputs: int) -> tuple[Affine, int]:
        parameters, _ = affine.initialise(key, inputs)
        return parameters, width

    def apply(parameters: Affine, rows: Array) -> Array:
        return affine.apply(parameters, rows).reshape(len(rows), width, pieces).max(axis=-1)

    return Layer(initialise, apply)


def batch_norm(epsilon: float = 1e-4) -> Layer:
    """Batch normalisation of each column to mean 0 and variance 1 over the rows (Ioffe and Szegedy 2015).

    A scale and a shift follow. The statistics are always those of the same rows, in training and
    afterwards, so that large batches must be drawn.

    Parameters
    ----------
    epsilon : float
        Positive number that is added to the variance.

    Examples
    --------
    >>> layer = batch_norm()
    >>> parameters, _ = layer.initialise(jax.random.key(0), 1)
    >>> layer.apply(parameters, jnp.array([[1.0], [3.0]])).round(3).tolist()
    [[-1.0], [1.0]]
    """

    def initialise(key: Array, width: int) -> tuple[Normalisation, int]:
        return Normalisation(jnp.ones(width), jnp.zeros(width)), width

    def apply(parameters: Normalisation, rows: Array) -> Array:
        centred = rows - rows.mean(axis=0)
        deviation = jnp.sqrt(jnp.mean(centred**2, axis=0) + epsilon)
        return centred / deviation * parameters.scale + parameters.shift

    return Layer(initialise, apply)


def _without_parameters(function: Callable[[Array], Array]) -> Layer:
    """A layer that applies a function to its rows."""
    return Layer(lambda key, width: ((), width), lambda parameters, rows: function(rows))


RELU = _without_parameters(jax.nn.relu)
TANH = _without_parameters(jnp.tanh)


def serial(*layers: Layer) -> Layer:
    """The composition of layers, the first one innermost.

    Examples
    --------
    >>> network = serial(dense(8), RELU, dense(1))
    >>> parameters, width = network.initialise(jax.random.key(0), 2)
    >>> width, network.apply(parameters, jnp.zeros((3, 2))).shape, count_parameters(parameters)
    (1, (3, 1), 33)
    """

    def initialise(key: Array, width: int) -> tuple[tuple[Parameters, ...], int]:
        drawn = []
        for layer, layer_key in zip(layers, jax.random.split(key, len(layers)), strict=True):
            parameters, width = layer.initialise(layer_key, width)
            drawn.append(parameters)
        return tuple(drawn), width

    def apply(parameters: tuple[Parameters, ...], rows: Array) -> Array:
        for layer, own in zip(layers, parameters, strict=True):
            rows = layer.apply(own, rows)
        return rows

    return Layer(initialise, apply)


def count_parameters(parameters: Parameters) -> int:
    """The number of real parameters."""
    return sum(leaf.size for leaf in jax.tree.leaves(parameters))


def size(layer: Layer, width: int) -> int:
    """The number of a layer's parameters for inputs of this width. No parameters are drawn.

    Examples
    --------
    >>> [size(multilayer(128, 2, 1), 2 * m) for m in (1, 2)]  # packing adds 2·128 weights
    [17025, 17281]
    """
    return count_parameters(jax.eval_shape(lambda key: layer.initialise(key, width)[0], jax.random.key(0)))


def multilayer(hidden: int, depth: int, outputs: int) -> Layer:
    """A network of `depth` hidden ReLU layers of width `hidden`. The small architecture has two of 128."""
    return serial(*(layer for _ in range(depth) for layer in (dense(hidden), RELU)), dense(outputs))


def paper_generator(outputs: int, hidden: int = 400, deviation: float = 0.02) -> Layer:
    """PacGAN's generator for 2D-ring and 2D-grid: four hidden layers of 400, batch-normalised, ReLU.

    The layers are those of the paper. The initial deviation is that of its authors' published configuration.
    """
    block = (dense(hidden, deviation), batch_norm(), RELU)
    return serial(*(4 * block), dense(outputs, deviation))


def paper_critic(hidden: int = 200, pieces: int = 5, deviation: float = 0.02) -> Layer:
    """PacGAN's discriminator for 2D-ring and 2D-grid: three maxout layers of 200, one logit."""
    return serial(*(3 * (maxout(hidden, pieces, deviation),)), dense(1, deviation))
