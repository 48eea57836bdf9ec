"""Samplers of real rows, which run inside compiled code."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jax import Array
from jax.typing import ArrayLike

from modecollapse.gan.rows import merge
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


def bootstrap(rows: ArrayLike, places: int, key: Array) -> Sampler:
    """Sampler of packs of which each place draws from a bootstrap of its own of the rows of a table.

    A bootstrap has as many rows as the table, drawn from it with replacement once, by `key`. The i-th row
    that is drawn is at place i mod `places` of its pack, and is a row of that place's bootstrap, uniformly
    with replacement. So the rows of a pack are independent but not of one law: each place lacks some e⁻¹ of
    the table's rows.

    Parameters
    ----------
    rows : array_like, shape (N, d)
        The table.
    places : int
        Number of places in a pack: the packing degree m ≥ 1.
    key : array
        Random key of the bootstraps.

    Examples
    --------
    >>> bootstrap([[1.0], [1.0]], 3, jax.random.key(0))(jax.random.key(1), 6).tolist()
    [[1.0], [1.0], [1.0], [1.0], [1.0], [1.0]]
    """
    table = jnp.asarray(rows)
    size = len(table)
    chosen = jax.random.randint(key, (places, size), 0, size)

    def sample(key: Array, n: int) -> Array:
        return table[chosen[jnp.arange(n) % places, jax.random.randint(key, (n,), 0, size)]]

    return sample


def merged(sample: Sampler, degree: int) -> Sampler:
    """Sampler of merged points whose parts are independent.

    Parameters
    ----------
    sample : Sampler
        Sampler of single rows.
    degree : int
        The merging degree l ≥ 1: number of rows in a merged point.

    Examples
    --------
    >>> merged(resample([[1.0], [2.0]]), 3)(jax.random.key(0), 5).shape
    (5, 3)
    """
    return lambda key, n: merge(sample(key, degree * n), degree)


def merged_within(sample: Sampler, degree: int) -> Sampler:
    """Sampler of merged points whose parts come from the same minibatch (VirtualGAN's Algorithm 1).

    The first part of the n merged points is a minibatch of n independent rows. The other parts of each are
    rows of the same minibatch, chosen at random, a row itself included. So two parts are one and the same row
    with probability 1/n, and the merged law is the product but for this share.

    Parameters
    ----------
    sample : Sampler
        Sampler of single rows.
    degree : int
        The merging degree l ≥ 1: number of rows in a merged point.

    Examples
    --------
    >>> rows = merged_within(lambda key, n: jnp.arange(float(n))[:, jnp.newaxis], 2)(jax.random.key(0), 4)
    >>> rows[:, 0].tolist(), rows.shape
    ([0.0, 1.0, 2.0, 3.0], (4, 2))
    """

    def draw(key: Array, n: int) -> Array:
        key_rows, key_partners = jax.random.split(key)
        minibatch = sample(key_rows, n)
        partners = jax.random.randint(key_partners, (degree - 1, n), 0, n)
        return jnp.concatenate([minibatch, *minibatch[partners]], axis=1)

    return draw
