"""A small convolutional classifier of digits, with the confidence of each answer.

It is trained with JAX on shifted copies of the images, in seconds. It is the same for the same seed on a
machine with the same number of cores, which determines the order of sums. Its accuracy on digits that it
has not seen must be measured by the caller, as `modecollapse.gan.digits` does.
"""

from __future__ import annotations

import math
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from jax.typing import ArrayLike

from modecollapse.arrays import FloatArray
from modecollapse.gan.idx import CLASSES
from modecollapse.gan.networks import (
    FILTER,
    RELU,
    Layer,
    Parameters,
    channels_last,
    convolution,
    dense,
    serial,
)

CHANNELS = (32, 64)
"""Channels of the two convolutions."""

UNITS = 128
"""Hidden units after the convolutions."""

STEPS, ROWS = 2500, 64
"""Steps of the training by default, and images in a step."""

RATE = 1.5e-3
"""Learning rate (Adam) at the first step. It falls to 0 as a half cosine."""

SHIFT = 1
"""Greatest shift of a training image, in pixels, in each direction."""

AT_ONCE = 1000
"""Images that are classified at once, a bound on memory."""


class Classifier(NamedTuple):
    """A trained classifier.

    Attributes
    ----------
    network : Layer
        Network from images to ten logits.
    parameters : Parameters
        Its parameters.
    """

    network: Layer
    parameters: Parameters

    def probabilities(self, images: ArrayLike) -> FloatArray:
        """The probabilities of the ten classes, shape (n, 10), for images of shape (n, side²).

        The confidence of an answer is the greatest probability of its row.
        """
        rows = np.asarray(images, dtype=np.float32)
        parts = [
            _probabilities(self.network, self.parameters, rows[first : first + AT_ONCE])
            for first in range(0, len(rows), AT_ONCE)
        ]
        return np.concatenate(parts, dtype=np.float64)


def fit(images: ArrayLike, labels: ArrayLike, steps: int = STEPS, seed: int = 0) -> Classifier:
    """Train a classifier of digits.

    Parameters
    ----------
    images : array_like, shape (n, side²)
        Square images as rows.
    labels : array_like of int, shape (n,)
        Their classes from 0 to 9.
    steps : int
        Number of steps of the training.
    seed : int
        Seed of the initial parameters, and of the images and shifts of each step.

    Returns
    -------
    Classifier

    Examples
    --------
    >>> images = np.kron(np.eye(10), np.ones(10))  # each class lights a row of its own
    >>> classifier = fit(images, np.arange(10), steps=10)
    >>> classifier.probabilities(images).sum(axis=1).round(5).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]
    """
    rows = jnp.asarray(images, dtype=jnp.float32)
    network = _network(math.isqrt(rows.shape[1]))
    return Classifier(network, _train(network, rows, jnp.asarray(labels), steps, seed))


@cache
def _network(side: int) -> Layer:
    """Two convolutions of stride 2, and a hidden layer."""
    first, second = CHANNELS
    return serial(
        channels_last(side),
        convolution(first, side, stride=2, deviation=math.sqrt(2 / FILTER**2)),
        RELU,
        convolution(second, -(-side // 2), stride=2, deviation=math.sqrt(2 / (first * FILTER**2))),
        RELU,
        dense(UNITS),
        RELU,
        dense(CLASSES),
    )


@partial(jax.jit, static_argnames=("network", "steps"))
def _train(network: Layer, images: Array, labels: Array, steps: int, seed: int) -> Parameters:
    side = math.isqrt(images.shape[1])
    optimiser = optax.adam(optax.cosine_decay_schedule(RATE, steps))
    key_start, key_steps = jax.random.split(jax.random.key(seed))
    initial, _ = network.initialise(key_start, images.shape[1])

    def step(state: tuple[Parameters, Any], key: Array) -> tuple[tuple[Parameters, Any], None]:
        now, memory = state
        key_rows, key_shift = jax.random.split(key)
        drawn = jax.random.randint(key_rows, (ROWS,), 0, len(images))
        shown = _shifted(images[drawn].reshape(ROWS, side, side), key_shift).reshape(ROWS, -1)

        def objective(parameters: Parameters) -> Array:
            logits = network.apply(parameters, shown)
            return optax.softmax_cross_entropy_with_integer_labels(logits, labels[drawn]).mean()

        updates, memory = optimiser.update(jax.grad(objective)(now), memory, now)
        return (optax.apply_updates(now, updates), memory), None

    (trained, _), _ = jax.lax.scan(
        step, (initial, optimiser.init(initial)), jax.random.split(key_steps, steps)
    )
    return trained


def _shifted(images: Array, key: Array) -> Array:
    """The images, all shifted by the same random number of pixels in each direction, with black edges."""
    side = images.shape[1]
    padded = jnp.pad(images, ((0, 0), (SHIFT, SHIFT), (SHIFT, SHIFT)))
    down, right = jax.random.randint(key, (2,), 0, 2 * SHIFT + 1)
    return jax.lax.dynamic_slice(padded, (0, down, right), (len(images), side, side))


@partial(jax.jit, static_argnames=("network",))
def _probabilities(network: Layer, parameters: Parameters, rows: Array) -> Array:
    return jax.nn.softmax(network.apply(parameters, rows))
