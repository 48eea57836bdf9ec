"""Losses: the objectives of discriminator and generator, and the constraint on the discriminator."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jax import Array

from modecollapse.gan.networks import Parameters

Critic = Callable[[Array], Array]
"""Function of rows (n, d) that gives logits or scores (n,)."""

LEAST_SQUARE = 1e-20
"""Lower bound at which squared lengths are clamped: the root has no derivative at 0.

Its root, 1e-10, is far below single precision."""


class Loss(NamedTuple):
    """Two objectives and a constraint.

    Attributes
    ----------
    critic : callable (critic, real rows, generated rows, key) → scalar
        Objective of the discriminator, which minimises it.
    generator : callable (scores of generated rows) → scalar
        Objective of the generator, which minimises it.
    constrain : callable (parameters) → parameters
        Constraint on the discriminator's parameters, applied after each of its updates.
    """

    critic: Callable[[Critic, Array, Array, Array], Array]
    generator: Callable[[Array], Array]
    constrain: Callable[[Parameters], Parameters]


def _unconstrained(parameters: Parameters) -> Parameters:
    return parameters


def cross_entropy(smoothing: float = 0.0) -> Loss:
    """The cross-entropy of logits (Goodfellow et al. 2014). The generator minimises −E log D(G(z)).

    At the best discriminator the critic's objective is 2 log 2 − 2 d_JS(P^m, Q^m) in nats, without smoothing.

    Parameters
    ----------
    smoothing : float
        One-sided label smoothing (Salimans et al. 2016): real rows have the label 1 − smoothing.

    Examples
    --------
    >>> loss = cross_entropy()
    >>> undecided = loss.critic(lambda rows: 0 * rows[:, 0], jnp.ones((2, 1)), jnp.ones((2, 1)), None)
    >>> round(float(undecided), 4)
    1.3863
    """

    def critic(score: Critic, real: Array, generated: Array, key: Array) -> Array:
        scores = score(real)
        # −(1−s) log D − s log(1−D), since softplus(x) − softplus(−x) = x
        labelled = jax.nn.softplus(-scores) + smoothing * scores
        return jnp.mean(labelled) + jnp.mean(jax.nn.softplus(score(generated)))

    return Loss(critic, lambda scores: jnp.mean(jax.nn.softplus(-scores)), _unconstrained)


def wasserstein_clipped(bound: float = 0.01) -> Loss:
    """The dual of the Wasserstein distance, with weights clamped to [−bound, bound] (Arjovsky et al. 2017).

    Examples
    --------
    >>> wasserstein_clipped(0.5).constrain(jnp.array([3.0, -3.0, 0.25])).tolist()
    [0.5, -0.5, 0.25]
    """

    def constrain(parameters: Parameters) -> Parameters:
        return jax.tree.map(lambda leaf: jnp.clip(leaf, -bound, bound), parameters)

    return Loss(_score_gap, lambda scores: -jnp.mean(scores), constrain)


def wasserstein_penalised(weight: float = 10.0) -> Loss:
    """The dual of the Wasserstein distance, with a penalty on gradients (Gulrajani et al. 2017).

    The penalty is weight·E(|∇ critic| − 1)² at points between real and generated rows. One point is drawn
    on each segment from a real row to a generated one.

    Examples
    --------
    >>> loss = wasserstein_penalised(10.0)
    >>> real, generated = jnp.ones((4, 1)), jnp.zeros((4, 1))
    >>> float(loss.critic(lambda rows: rows[:, 0], real, generated, jax.random.key(0)))  # slope 1
    -1.0
    >>> float(loss.critic(lambda rows: 3 * rows[:, 0], real, generated, jax.random.key(0)))  # −3 + 10·2²
    37.0
    """

    def critic(score: Critic, real: Array, generated: Array, key: Array) -> Array:
        share = jax.random.uniform(key, (len(real), 1))
        between = share * real + (1 - share) * generated
        gradients = jax.grad(lambda rows: score(rows).sum())(between)
        # where no unit is active the slope is 0, at which the root has no derivative
        slopes = jnp.sqrt(jnp.maximum(jnp.sum(gradients**2, axis=1), LEAST_SQUARE))
        return _score_gap(score, real, generated, key) + weight * jnp.mean((slopes - 1) ** 2)

    return Loss(critic, lambda scores: -jnp.mean(scores), _unconstrained)


def _score_gap(score: Critic, real: Array, generated: Array, key: Array) -> Array:
    """Mean score of generated rows minus that of real rows."""
    return jnp.mean(score(generated)) - jnp.mean(score(real))
