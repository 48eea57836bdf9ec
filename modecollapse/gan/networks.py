"""Networks as pairs of pure functions: `initialise` draws parameters, `apply` evaluates them.

A layer learns the width of its input when it is initialised. Packing and merging change only the input of the
first layer, so that the description of the network stays the same.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
from jax import Array

FILTER = 5
"""Side of the filters of convolutions, as in DCGAN."""

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
SIGMOID = _without_parameters(jax.nn.sigmoid)
LEAKY_RELU = _without_parameters(partial(jax.nn.leaky_relu, negative_slope=0.2))


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


def spectral(affine: Layer, iterations: int = 5) -> Layer:
    """An affine layer whose weights are divided by their greatest singular value (Miyato et al. 2018).

    Power iterations from a fixed vector estimate the singular value at each evaluation. The authors make one
    iteration a step and keep the vector.

    Parameters
    ----------
    affine : Layer
        A layer with parameters of type `Affine`, such as `dense`.
    iterations : int
        Number of power iterations.

    Examples
    --------
    >>> layer = spectral(dense(2))
    >>> weights = Affine(jnp.array([[4.0, 0.0], [0.0, 1.0]]), jnp.zeros(2))
    >>> layer.apply(weights, jnp.eye(2)).round(3).tolist()
    [[1.0, 0.0], [0.0, 0.25]]
    """

    def apply(parameters: Affine, rows: Array) -> Array:
        held = jax.lax.stop_gradient(parameters.weights)
        right = jnp.ones(held.shape[1]) / math.sqrt(held.shape[1])
        for _ in range(iterations):
            left = _direction(held @ right)
            right = _direction(held.T @ left)
        greatest = left @ parameters.weights @ right
        return affine.apply(Affine(parameters.weights / greatest, parameters.bias), rows)

    return Layer(affine.initialise, apply)


def _direction(vector: Array) -> Array:
    return vector / jnp.linalg.norm(vector)


def minibatch_discrimination(kernels: int, dimension: int = 5, deviation: float = 0.1) -> Layer:
    """Appends to each row how near the other rows of the batch are (Salimans et al. 2016).

    A linear map takes a row to `kernels` points of length `dimension`. For each of these the output is the
    sum over the other rows of exp(−distance), with the sum of absolute differences as distance.

    Parameters
    ----------
    kernels : int
        Number of numbers that are appended.
    dimension : int
        Length of each point.
    deviation : float
        Standard deviation of the initial weights.

    Examples
    --------
    >>> layer = minibatch_discrimination(3)
    >>> parameters, width = layer.initialise(jax.random.key(0), 2)
    >>> width, layer.apply(parameters, jnp.ones((4, 2))).tolist()[0]  # three equal rows beside it
    (5, [1.0, 1.0, 3.0, 3.0, 3.0])
    """

    def initialise(key: Array, width: int) -> tuple[Array, int]:
        return deviation * jax.random.normal(key, (width, kernels * dimension)), width + kernels

    def apply(weights: Array, rows: Array) -> Array:
        # the rows are the last axis, so that the loops over pairs run through memory in order
        points = (rows @ weights).T.reshape(kernels, dimension, len(rows))
        distances = jnp.abs(points[..., jnp.newaxis] - points[:, :, jnp.newaxis]).sum(axis=1)
        near = jnp.exp(-distances).sum(axis=-1) - 1  # a row's distance from itself is 0
        return jnp.concatenate([rows, near.T], axis=1)

    return Layer(initialise, apply)


def ensemble(member: Layer, members: int) -> Layer:
    """A mixture of generators: the last number of a latent vector chooses the one that emits the row.

    That number is standard normal, and its quantiles are cut into equal parts. So all members have equal
    shares.

    Parameters
    ----------
    member : Layer
        The network of a member.
    members : int
        Number of networks.

    Examples
    --------
    >>> layer = ensemble(dense(1), 2)
    >>> parameters, _ = layer.initialise(jax.random.key(0), 2)
    >>> one, other = (layer.apply(parameters, jnp.array([[1.0, last]])) for last in (-0.1, 0.1))
    >>> bool(one[0, 0] == other[0, 0])
    False
    """

    def initialise(key: Array, width: int) -> tuple[Parameters, int]:
        drawn = [member.initialise(own, width - 1) for own in jax.random.split(key, members)]
        stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves), *(parameters for parameters, _ in drawn))
        return stacked, drawn[0][1]

    def apply(parameters: Parameters, rows: Array) -> Array:
        emitted = jax.vmap(member.apply, in_axes=(0, None))(parameters, rows[:, :-1])
        quantiles = jax.scipy.stats.norm.cdf(rows[:, -1])
        chosen = jnp.minimum((members * quantiles).astype(int), members - 1)
        return emitted[chosen, jnp.arange(len(rows))]

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
    return serial(*_hidden(hidden, depth, dense), dense(outputs))


def spectral_critic(hidden: int, depth: int) -> Layer:
    """The discriminator of `multilayer` with spectral normalisation of all its weights."""
    return serial(*_hidden(hidden, depth, lambda width: spectral(dense(width))), spectral(dense(1)))


def discriminating_critic(hidden: int, depth: int, kernels: int) -> Layer:
    """The discriminator of `multilayer` with minibatch discrimination before its last layer."""
    return serial(*_hidden(hidden, depth, dense), minibatch_discrimination(kernels), dense(1))


def _hidden(hidden: int, depth: int, affine: Callable[[int], Layer]) -> list[Layer]:
    return [layer for _ in range(depth) for layer in (affine(hidden), RELU)]


def paper_generator(outputs: int, hidden: int = 400, deviation: float = 0.02) -> Layer:
    """PacGAN's generator for 2D-ring and 2D-grid: four hidden layers of 400, batch-normalised, ReLU.

    The layers are those of the paper. The initial deviation is that of its authors' published configuration.
    """
    block = (dense(hidden, deviation), batch_norm(), RELU)
    return serial(*(4 * block), dense(outputs, deviation))


def paper_critic(hidden: int = 200, pieces: int = 5, deviation: float = 0.02) -> Layer:
    """PacGAN's discriminator for 2D-ring and 2D-grid: three maxout layers of 200, one logit."""
    return serial(*(3 * (maxout(hidden, pieces, deviation),)), dense(1, deviation))


def channels_last(side: int) -> Layer:
    """Square images as convolutions take them: all channels of a pixel are neighbours.

    Rows of data have their channels one after the other, each of side² numbers. So packed stacks are images
    of more channels, as in PacGAN.

    Examples
    --------
    >>> channels_last(2).apply((), jnp.array([[1, 2, 3, 4, 10, 20, 30, 40]])).tolist()
    [[1, 10, 2, 20, 3, 30, 4, 40]]
    """

    def exchange(rows: Array) -> Array:
        return rows.reshape(len(rows), -1, side**2).swapaxes(1, 2).reshape(len(rows), -1)

    return _without_parameters(exchange)


def channels_first(side: int) -> Layer:
    """The inverse of `channels_last`: images as rows of data have them."""

    def exchange(rows: Array) -> Array:
        return rows.reshape(len(rows), side**2, -1).swapaxes(1, 2).reshape(len(rows), -1)

    return _without_parameters(exchange)


def convolution(
    channels: int, side: int, stride: int = 1, filter_side: int = FILTER, deviation: float = 0.02
) -> Layer:
    """A convolution of square images, padded so that the side shrinks by the stride alone.

    Rows are images with channels last, see `channels_last`. The convolution is one product of matrices, of
    patches and filters. On processors this is several times faster than JAX's own convolution where it is
    compiled into a loop, or has different filters for each trial.

    Parameters
    ----------
    channels : int
        Number of channels of the output.
    side : int
        Side of the input. That of the output is side/stride, rounded up.
    stride : int
        Distance of neighbouring patches in pixels.
    filter_side : int
        Side of the filters, 5 as in DCGAN by default.
    deviation : float
        Standard deviation of the initial weights.

    Examples
    --------
    >>> layer = convolution(4, side=8, stride=2)
    >>> parameters, width = layer.initialise(jax.random.key(0), 3 * 64)
    >>> width, layer.apply(parameters, jnp.zeros((5, 3 * 64))).shape
    (64, (5, 64))
    """
    smaller = -(-side // stride)

    def initialise(key: Array, width: int) -> tuple[Affine, int]:
        inputs = filter_side**2 * (width // side**2)
        weights = deviation * jax.random.normal(key, (inputs, channels))
        return Affine(weights, jnp.zeros(channels)), channels * smaller**2

    def apply(parameters: Affine, rows: Array) -> Array:
        patches = _patches(rows.reshape(len(rows), side, side, -1), filter_side, stride)
        return (patches @ parameters.weights + parameters.bias).reshape(len(rows), -1)

    return Layer(initialise, apply)


def enlarging_convolution(channels: int, side: int, deviation: float = 0.02) -> Layer:
    """A convolution that doubles the side of square images (sub-pixel convolution, Shi et al. 2016).

    Filters of 3×3 give four numbers a channel, which become four pixels. This is a transposed convolution of
    stride 2 by filters of 6×6, where DCGAN has 5×5. Rows are images with channels last, see `channels_last`.

    Parameters
    ----------
    channels : int
        Number of channels of the output.
    side : int
        Side of the output. That of the input is half of it, rounded up: an odd side is cut by one.
    deviation : float
        Standard deviation of the initial weights.

    Examples
    --------
    >>> layer = enlarging_convolution(3, side=7)
    >>> parameters, width = layer.initialise(jax.random.key(0), 4 * 16)
    >>> width, layer.apply(parameters, jnp.zeros((5, 4 * 16))).shape  # 3·49
    (147, (5, 147))
    """
    half = -(-side // 2)
    convolved = convolution(4 * channels, half, filter_side=3, deviation=deviation)

    def initialise(key: Array, width: int) -> tuple[Affine, int]:
        return convolved.initialise(key, width)[0], channels * side**2

    def apply(parameters: Affine, rows: Array) -> Array:
        quarters = convolved.apply(parameters, rows).reshape(len(rows), half, half, 2, 2, channels)
        images = quarters.swapaxes(2, 3).reshape(len(rows), 2 * half, 2 * half, channels)
        return images[:, :side, :side].reshape(len(rows), -1)

    return Layer(initialise, apply)


def _patches(images: Array, filter_side: int, stride: int) -> Array:
    """The patches of f×f pixels, shape (n, side, side, c) to (n, side/stride, side/stride, f²·c)."""
    return _windows(_windows(images, 1, filter_side, stride), 2, filter_side, stride)


def _windows(images: Array, axis: int, length: int, stride: int) -> Array:
    """Windows of pixels along one axis, at distances of the stride, one after the other in the channels."""
    side = images.shape[axis]
    last = (-(-side // stride) - 1) * stride  # place of the last window, in the padded image
    padding = max(last + length - side, 0)
    before = padding // 2
    edges = [(0, 0)] * images.ndim
    edges[axis] = (before, padding - before)
    padded = jnp.pad(images, edges)
    shifted = [jax.lax.slice_in_dim(padded, first, first + last + 1, stride, axis) for first in range(length)]
    return jnp.concatenate(shifted, axis=3)


def channel_norm(side: int, epsilon: float = 1e-5) -> Layer:
    """Batch normalisation of each channel of square images, over rows and pixels.

    Rows are images with channels last, see `channels_last`.
    """
    norm = batch_norm(epsilon)

    def initialise(key: Array, width: int) -> tuple[Normalisation, int]:
        return norm.initialise(key, width // side**2)[0], width

    def apply(parameters: Normalisation, rows: Array) -> Array:
        return norm.apply(parameters, rows.reshape(len(rows) * side**2, -1)).reshape(len(rows), -1)

    return Layer(initialise, apply)


def image_generator(channels: int, side: int, base: int) -> Layer:
    """A small DCGAN generator: two enlarging convolutions from a quarter of the side, pixels from 0 to 1.

    Sides are rounded up where they are halved, as by PacGAN's authors: 4, 7 and 14.

    Parameters
    ----------
    channels : int
        Number of channels of the images.
    side : int
        Side of the images.
    base : int
        Number of channels before the last layer. There are twice as many before.
    """
    half = -(-side // 2)
    quarter = -(-half // 2)
    return serial(
        dense(2 * base * quarter**2, 0.02),
        channel_norm(quarter),
        RELU,
        enlarging_convolution(base, half),
        channel_norm(half),
        RELU,
        enlarging_convolution(channels, side),
        SIGMOID,
        channels_first(side),
    )


def image_critic(side: int, base: int) -> Layer:
    """A small DCGAN discriminator: two convolutions of stride 2 with leaky ReLU, one logit.

    It has no batch normalisation. By its statistics a discriminator would judge the whole batch together,
    whatever the packing degree is.
    """
    return serial(
        channels_last(side),
        convolution(base, side, stride=2),
        LEAKY_RELU,
        convolution(2 * base, -(-side // 2), stride=2),
        LEAKY_RELU,
        dense(1, 0.02),
    )
