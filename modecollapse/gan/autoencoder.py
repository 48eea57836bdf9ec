"""Autoencoders: trained on real rows alone, before the generator."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array
from jax.typing import ArrayLike

from modecollapse.gan.data import Sampler
from modecollapse.gan.networks import Layer, Parameters


class Autoencoder(NamedTuple):
    """A trained encoder and decoder, and the mean squared error of reconstruction in the last batch."""

    encoder: Parameters
    decoder: Parameters
    error: Array


class Training(NamedTuple):
    """Setup of an autoencoder's training.

    Attributes
    ----------
    sample : Sampler
        Real rows.
    width : int
        Length of a real row.
    encoder, decoder : Layer
        Networks from rows to codes, and from codes to rows.
    optimiser : optax.GradientTransformation
        Optimiser of both networks.
    rows : int
        Number of rows in one step.
    steps : int
        Number of steps.
    """

    sample: Sampler
    width: int
    encoder: Layer
    decoder: Layer
    optimiser: optax.GradientTransformation
    rows: int
    steps: int


@partial(jax.jit, static_argnames=("training",))
def fit(training: Training, seed: int) -> Autoencoder:
    """Train an autoencoder.

    Parameters
    ----------
    training : Training
        Networks, data and optimiser.
    seed : int
        Seed of the initial parameters and of the rows.

    Raises
    ------
    ValueError
        If the decoder does not return rows of the right width.

    Examples
    --------
    >>> from modecollapse.gan.networks import dense
    >>> training = Training(
    ...     sample=lambda key, n: jax.random.normal(key, (n, 2)),
    ...     width=2, encoder=dense(2), decoder=dense(2), optimiser=optax.adam(0.05), rows=50, steps=400,
    ... )
    >>> bool(fit(training, 0).error < 1e-3)
    True
    """
    key_encoder, key_decoder, key_steps = jax.random.split(jax.random.key(seed), 3)
    encoder, code = training.encoder.initialise(key_encoder, training.width)
    decoder, width = training.decoder.initialise(key_decoder, code)
    if width != training.width:
        raise ValueError(f"the decoder must return rows of {training.width} numbers, got {width}")

    def error(networks: tuple[Parameters, Parameters], rows: Array) -> Array:
        decoded = training.decoder.apply(networks[1], training.encoder.apply(networks[0], rows))
        return jnp.mean((decoded - rows) ** 2)

    def step(state: tuple[Any, Any], key: Array) -> tuple[tuple[Any, Any], Array]:
        networks, optimiser = state
        value, gradient = jax.value_and_grad(error)(networks, training.sample(key, training.rows))
        updates, optimiser = training.optimiser.update(gradient, optimiser, networks)
        return (optax.apply_updates(networks, updates), optimiser), value

    networks = (encoder, decoder)
    keys = jax.random.split(key_steps, training.steps)
    (networks, _), errors = jax.lax.scan(step, (networks, training.optimiser.init(networks)), keys)
    return Autoencoder(networks[0], networks[1], errors[-1])


def standardised(encode: Callable[[Array], Array], rows: ArrayLike) -> Callable[[Array], Array]:
    """The encoder whose codes of these rows have mean 0 and variance 1 in each coordinate.

    Distances in codes are then in the unit of the data's spread, whatever unit the autoencoder found.

    Parameters
    ----------
    encode : callable (rows) → codes
        An encoder.
    rows : array_like, shape (n, d)
        Real rows.

    Raises
    ------
    ValueError
        If all rows agree in a coordinate of their codes.

    Examples
    --------
    >>> encode = standardised(lambda rows: 5 * rows + 7, [[1.0], [3.0]])
    >>> encode(jnp.array([[1.0], [2.0], [3.0]])).tolist()
    [[-1.0], [0.0], [1.0]]
    """
    codes = encode(jnp.asarray(rows))
    centre, deviation = codes.mean(axis=0), codes.std(axis=0)
    if not (deviation > 0).all():
        raise ValueError(f"coordinate {int(jnp.argmin(deviation))} of the codes is the same for all rows")
    return lambda points: (encode(points) - centre) / deviation
