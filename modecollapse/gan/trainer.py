"""The trainer: one compiled scan over steps, all trials at once, every draw from an explicit seed.

A `Setup` says what is trained; its parts are independent, so packing, merging, losses and penalties combine.
A trial's draws depend on its seed and step alone, so a run resumed from a checkpoint goes on as if it had not
been interrupted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from modecollapse.gan import checkpoint
from modecollapse.gan.data import Sampler
from modecollapse.gan.losses import Loss
from modecollapse.gan.networks import Layer, Parameters
from modecollapse.gan.penalty import Penalty
from modecollapse.gan.rows import merge, split

FOR_DRAWING = 0
"""Number of the key with which trained generators are drawn from; the steps' keys come after it."""


def as_emitted(latent: Array, emitted: Array) -> Array:
    """The generator's rows as they are."""
    return emitted


class Setup(NamedTuple):
    """What is trained.

    Attributes
    ----------
    sample : Sampler
        Real rows, of width `width`.
    width : int
        Length d of a real row.
    latent : int
        Dimension of the standard normal latent vector.
    generator : Layer
        From latent vectors to merged points, rows of length merging·d.
    critic : Layer
        From packed merged points, rows of length packing·merging·d, to one score.
    loss : Loss
    generator_optimiser, critic_optimiser : optax.GradientTransformation
    rows : int
        Rows of each kind that the critic judges in one step.
    packing : int
        m, merged points to a judged row.
    merging : int
        l, points to a merged point.
    critic_steps : int
        Updates of the critic to one of the generator.
    penalty : Penalty
        Added to the generator's objective; sees single points, as the generator emits them.
    combine : callable (latent vectors, emitted rows) → rows
        What is judged and drawn, of the shape of what the generator emits.
    """

    sample: Sampler
    width: int
    latent: int
    generator: Layer
    critic: Layer
    loss: Loss
    generator_optimiser: optax.GradientTransformation
    critic_optimiser: optax.GradientTransformation
    rows: int
    packing: int
    merging: int
    critic_steps: int
    penalty: Penalty
    combine: Callable[[Array, Array], Array] = as_emitted


class State(NamedTuple):
    """Where a trial stands; with a leading axis, where all trials stand."""

    seed: Array
    step: Array
    generator: Parameters
    critic: Parameters
    generator_optimiser: Any
    critic_optimiser: Any
    penalty: Any


def start(setup: Setup, seeds: Sequence[int]) -> State:
    """Initial states, a trial for each seed."""
    return _start(setup, jnp.asarray(seeds))


@partial(jax.jit, static_argnames=("setup",))
def _start(setup: Setup, seeds: Array) -> State:
    def trial(seed: Array) -> State:
        key_generator, key_critic = jax.random.split(jax.random.key(seed))
        generator, outputs = setup.generator.initialise(key_generator, setup.latent)
        if outputs != setup.merging * setup.width:
            raise ValueError(
                f"the generator must emit {setup.merging}·{setup.width} numbers, merging·width, got {outputs}"
            )
        critic, _ = setup.critic.initialise(key_critic, setup.packing * outputs)
        return State(
            seed,
            jnp.zeros((), dtype=int),
            generator,
            setup.loss.constrain(critic),
            setup.generator_optimiser.init(generator),
            setup.critic_optimiser.init(critic),
            setup.penalty.start(),
        )

    return jax.vmap(trial)(seeds)


@partial(jax.jit, static_argnames=("setup", "steps"))
def advance(setup: Setup, states: State, steps: int) -> State:
    """All trials, `steps` steps on."""

    def trial(state: State) -> State:
        return jax.lax.scan(lambda now, _: (_step(setup, now), None), state, length=steps)[0]

    return jax.vmap(trial)(states)


def train(
    setup: Setup, seeds: Sequence[int], steps: int, chunk: int, path: Path | None = None, label: str = ""
) -> Iterator[State]:
    """Train in chunks, and yield the states after each.

    Parameters
    ----------
    setup : Setup
    seeds : sequence of int
        A trial for each.
    steps : int
        Steps of the generator in all; a multiple of `chunk`.
    chunk : int
        Steps between two yields.
    path : Path, optional
        A checkpoint (npz), written after each chunk. If it exists, training goes on from there, and the
        states in it are yielded first.
    label : str
        Says what is trained; a checkpoint with another label is refused.

    Yields
    ------
    State
        Leaves have a leading axis of trials. The last one has made `steps` steps.

    Raises
    ------
    ValueError
        If `chunk` does not divide `steps`, or the checkpoint is of another setup, or further on than `steps`.
    """
    if chunk < 1 or steps < 1 or steps % chunk:
        raise ValueError(f"steps must be a positive multiple of chunk, got steps {steps!r}, chunk {chunk!r}")
    states = start(setup, seeds)
    if path is not None and path.exists():
        states = checkpoint.load(path, states, label)
        yield states
    done = int(states.step[0])
    if done > steps:
        raise ValueError(f"the checkpoint {path} has made {done} steps already, more than the {steps} wanted")
    for _ in range(done, steps, chunk):
        states = advance(setup, states, chunk)
        if path is not None:
            checkpoint.save(path, states, label)
        yield states


@partial(jax.jit, static_argnames=("setup", "points"))
def draw(setup: Setup, states: State, points: int) -> Array:
    """Points of every trial's generator, with keys of their own that training does not use.

    Parameters
    ----------
    setup : Setup
    states : State
        Of t trials.
    points : int
        At least so many; rounded up to a multiple of the merging degree.

    Returns
    -------
    array, shape (t, n, width)
    """
    merged = -(-points // setup.merging)

    def trial(state: State) -> Array:
        key = jax.random.fold_in(jax.random.key(state.seed), FOR_DRAWING)
        return generate(setup, state.generator, key, merged)

    return jax.vmap(trial)(states)


def generate(setup: Setup, generator: Parameters, key: Array, n: int) -> Array:
    """Points of one generator: n merged points combined and split, shape (n·merging, width)."""
    return split(setup.combine(*_emit(setup, generator, key, n)), setup.merging)


def _emit(setup: Setup, generator: Parameters, key: Array, n: int) -> tuple[Array, Array]:
    """Latent vectors, and the merged points that the generator makes of them."""
    latent = jax.random.normal(key, (n, setup.latent))
    return latent, setup.generator.apply(generator, latent)


def _step(setup: Setup, state: State) -> State:
    key = jax.random.fold_in(jax.random.key(state.seed), FOR_DRAWING + 1 + state.step)
    key_generator, *critic_keys = jax.random.split(key, 1 + setup.critic_steps)
    for critic_key in critic_keys:
        state = _update_critic(setup, state, critic_key)
    return _update_generator(setup, state, key_generator)


def _update_critic(setup: Setup, state: State, key: Array) -> State:
    key_real, key_generated, key_loss = jax.random.split(key, 3)
    merged = setup.rows * setup.packing
    degree = setup.packing * setup.merging
    real = merge(setup.sample(key_real, merged * setup.merging), degree)
    generated = merge(generate(setup, state.generator, key_generated, merged), degree)

    def objective(critic: Parameters) -> Array:
        return setup.loss.critic(_scores(setup, critic), real, generated, key_loss)

    gradient = jax.grad(objective)(state.critic)
    updates, optimiser = setup.critic_optimiser.update(gradient, state.critic_optimiser, state.critic)
    critic = setup.loss.constrain(optax.apply_updates(state.critic, updates))
    return state._replace(critic=critic, critic_optimiser=optimiser)


def _update_generator(setup: Setup, state: State, key: Array) -> State:
    def objective(generator: Parameters) -> tuple[Array, Any]:
        latent, emitted = _emit(setup, generator, key, setup.rows * setup.packing)
        judged = merge(setup.combine(latent, emitted), setup.packing)
        scores = _scores(setup, state.critic)(judged)
        cost, penalty = setup.penalty.cost(state.penalty, split(emitted, setup.merging))
        return setup.loss.generator(scores) + cost, penalty

    gradient, penalty = jax.grad(objective, has_aux=True)(state.generator)
    updates, optimiser = setup.generator_optimiser.update(
        gradient, state.generator_optimiser, state.generator
    )
    return state._replace(
        step=state.step + 1,
        generator=optax.apply_updates(state.generator, updates),
        generator_optimiser=optimiser,
        penalty=penalty,
    )


def _scores(setup: Setup, critic: Parameters) -> Callable[[Array], Array]:
    return lambda rows: setup.critic.apply(critic, rows)[:, 0]
