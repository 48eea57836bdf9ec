"""Samplers of real rows, which run inside compiled code."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from modecollapse.targets import GaussianMixture

Sampler = Callable[[Array, int], Array]
"""Function of a random key and a number n that draws n independent rows, shape (n, d)."""


def mixture(target: GaussianMixture) -> Sampler:
    """Sampler of a mixture of Gaussians.

    Examples
    --------
    >>> from modecollapse.targets import ring
    >>> mixture(ring())(jax.random.key(0), 3).shape
    (3, 2)
    """
    weights, means = jnp.asarray(target.weights), jnp.asarray(target.means)
    deviations = jnp.sqrt(jnp.asarray(target.variances))

    def sample(key: Array, n: int) -> Array:
        key_mode, key_noise = jax.random.split(key)
        mode = jax.random.choice(key_mode, len(weights), (n,), p=weights)
        noise = jax.random.normal(key_noise, (n, target.dimension))
        return means[mode] + deviations[mode, jnp.newaxis] * noise

    return sample


def resample(rows: ArrayLike) -> Sampler:
    """Sampler of the rows of a table, uniformly with replacement.

    Parameters
    ----------
    rows : array_like, shape (N, d)
        The table.

    Examples
    --------
    >>> resample([[1.0], [1.0]])(jax.random.key(0), 3).tolist()
    [[1.0], [1.0], [1.0]]
    """
    table = jnp.asarray(rows)
    return lambda key, n: table[jax.random.randint(key, (n,), 0, len(table))]
