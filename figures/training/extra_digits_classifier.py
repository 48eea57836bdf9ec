"""A small classifier of digits, whose minibatches are composed of known and extra digits."""

from __future__ import annotations

from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from modecollapse.gan.idx import CLASSES
from modecollapse.gan.networks import Parameters, multilayer

NETWORK = multilayer(128, 1, CLASSES)
"""The classifier: one hidden layer of 128 units."""

OPTIMISER = optax.adam(1e-3)

ROWS = 64
"""Number of digits in a minibatch."""

STEPS = 1000
"""Number of minibatches, whatever the training set."""


class Labelled(NamedTuple):
    """Images, shape (n, width), and their classes, shape (n,)."""

    images: Array
    labels: Array


def by_class(images: Array) -> Labelled:
    """Images of the classes 0, 1, …, shape (10, n, width), as one table."""
    count, each, width = images.shape
    return Labelled(images.reshape(-1, width), jnp.repeat(jnp.arange(count), each))


@partial(jax.jit, static_argnames=("steps",))
def teach(known: Labelled, extra: Labelled, shares: Array, seed: Array, steps: int = STEPS) -> Parameters:
    """Train a classifier for each share of extra digits in its minibatches.

    Digits are drawn with replacement, so that the number of extra digits alone has no effect. All classifiers
    start from the same parameters.

    Parameters
    ----------
    known, extra : Labelled
        Digits to draw from.
    shares : array, shape (s,)
        Shares of each minibatch, in [0, 1], rounded to whole digits.
    seed : array of int, shape ()
        Seed of the initial parameters and of the minibatches.
    steps : int
        Number of minibatches.

    Returns
    -------
    parameters of `NETWORK`, with a leading axis of length s
    """
    key_parameters, key_steps = jax.random.split(jax.random.key(seed))
    parameters, _ = NETWORK.initialise(key_parameters, known.images.shape[1])

    def train(share: Array) -> Parameters:
        is_extra = jnp.arange(ROWS) < jnp.round(share * ROWS)

        def step(
            state: tuple[Parameters, optax.OptState], key: Array
        ) -> tuple[tuple[Parameters, optax.OptState], None]:
            parameters, memory = state
            ours, others = (
                _draw(table, own) for table, own in zip((known, extra), jax.random.split(key), strict=True)
            )
            images = jnp.where(is_extra[:, jnp.newaxis], others.images, ours.images)
            labels = jnp.where(is_extra, others.labels, ours.labels)

            def loss(parameters: Parameters) -> Array:
                scores = NETWORK.apply(parameters, images)
                return optax.softmax_cross_entropy_with_integer_labels(scores, labels).mean()

            updates, memory = OPTIMISER.update(jax.grad(loss)(parameters), memory, parameters)
            return (optax.apply_updates(parameters, updates), memory), None

        state = (parameters, OPTIMISER.init(parameters))
        (final, _), _ = jax.lax.scan(step, state, jax.random.split(key_steps, steps))
        return final

    return jax.lax.map(train, shares)


def _draw(table: Labelled, key: Array) -> Labelled:
    chosen = jax.random.randint(key, (ROWS,), 0, len(table.labels))
    return Labelled(table.images[chosen], table.labels[chosen])


@partial(jax.jit, static_argnames=())
def accuracies(parameters: Parameters, tested: Labelled) -> Array:
    """Accuracy of each classifier that `teach` gives, shape (s,)."""

    def accuracy(parameters: Parameters) -> Array:
        return jnp.mean(NETWORK.apply(parameters, tested.images).argmax(axis=1) == tested.labels)

    return jax.lax.map(accuracy, parameters)
