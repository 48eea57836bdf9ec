"""The trainer: one compiled scan over steps, with all trials at once and explicit seeds.

A `Setup` describes a training. Its parts are independent, so that packing, merging, losses and penalties
combine. The draws of a trial depend on its seed and step alone. So a run that resumes from a checkpoint
gives the same numbers as one without interruption.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

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

DRAWING_KEY = 0
"""Number of the random key with which points are drawn from trained generators.

Steps use the numbers after it.
"""


Noise = Callable[[Array, tuple[int, int]], Array]
"""Function of a random key and a shape that draws latent numbers."""


def as_emitted(latent: Array, emitted: Array) -> Array:
    """The emitted rows, unchanged: the default of `Setup.combine`."""
    return emitted


class Setup(NamedTuple):
    """Description of a training.

    Attributes
    ----------
    sample : Sampler
        Sampler of real merged points, rows of length merging·d; see `modecollapse.gan.data`.
    width : int
        Length d of a real row before merging.
    latent : int
        Dimension of the latent vector, standard normal by default.
    generator : Layer
        Network from latent vectors to merged points, rows of length merging·d.
    critic : Layer
        Network from packed merged points, rows of length packing·merging·d, to one score.
    loss : Loss
        Objectives of both networks.
    generator_optimiser, critic_optimiser : optax.GradientTransformation
        Optimisers of both networks.
    rows : int
        Number of real rows, and of generated rows, that the critic judges in one step.
    packing : int
        The packing degree m: number of merged points in a judged row.
    merging : int
        The merging degree l: number of points in a merged point.
    critic_steps : int
        Updates of the critic for each update of the generator.
    penalty : Penalty
        Term of the generator's objective. It depends on single points, as the generator emits them.
    combine : callable (latent vectors, emitted rows) → rows
        Map from emitted rows to the rows that are judged and drawn, of the same shape.
    noise : callable (key, shape) → array
        Draws latent numbers.
    generator_steps : int
        Updates of the generator after those of the critic.
    unrolled : int
        Number of updates of the critic that the generator looks ahead (Metz et al. 2017). Its gradient passes
        through them.
    simultaneous : bool
        Whether the generator's gradient is that at the critic before its updates, and its first latent
        vectors those of the critic's last update.
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
    noise: Noise = jax.random.normal
    generator_steps: int = 1
    unrolled: int = 0
    simultaneous: bool = False


class State(NamedTuple):
    """State of a trial, or of all trials with a leading axis.

    Attributes
    ----------
    seed : array of int, shape ()
        Seed of the trial.
    step : array of int, shape ()
        Number of steps so far.
    generator, critic : Parameters
        Parameters of the networks.
    generator_optimiser, critic_optimiser : pytree of arrays
        States of the optimisers.
    penalty : pytree of arrays
        Memory of the penalty.
    """

    seed: Array
    step: Array
    generator: Parameters
    critic: Parameters
    generator_optimiser: optax.OptState
    critic_optimiser: optax.OptState
    penalty: Parameters


def start(setup: Setup, seeds: Sequence[int]) -> State:
    """Initial states of the trials, one for each seed."""
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
    """States of all trials after `steps` more steps."""

    def trial(state: State) -> State:
        return jax.lax.scan(lambda now, _: (_step(setup, now), None), state, length=steps)[0]

    return jax.vmap(trial)(states)


def train(
    setup: Setup, seeds: Sequence[int], steps: int, chunk: int, path: Path | None = None, label: str = ""
) -> Iterator[State]:
    """Train in chunks, and yield the states after each chunk.

    Parameters
    ----------
    setup : Setup
        Networks, loss and data.
    seeds : sequence of int
        Seeds of the trials.
    steps : int
        Total number of updates of the generator, a multiple of `chunk`.
    chunk : int
        Number of steps between two yields.
    path : Path, optional
        A checkpoint (npz), written after each chunk. If it exists, training resumes from it, and its states
        are yielded first.
    label : str
        Identifies the training. A checkpoint with another label is refused.

    Yields
    ------
    State
        States of all trials, with a leading axis of trials. The last ones are those after `steps` steps.

    Raises
    ------
    ValueError
        If `chunk` does not divide `steps`, or if the checkpoint is of another setup or has more steps.
    """
    if chunk < 1 or steps < 1 or steps % chunk:
        raise ValueError(f"steps must be a positive multiple of chunk, got steps {steps!r}, chunk {chunk!r}")
    states = start(setup, seeds)
    if path is not None and path.exists():
        states = checkpoint.load(path, states, label)
        yield states
    first_step = int(states.step[0])
    if first_step > steps:
        raise ValueError(
            f"the checkpoint {path} has made {first_step} steps already, more than the {steps} wanted"
        )
    for _ in range(first_step, steps, chunk):
        states = advance(setup, states, chunk)
        if path is not None:
            checkpoint.save(path, states, label)
        yield states


@partial(jax.jit, static_argnames=("setup", "points"))
def draw(setup: Setup, states: State, points: int) -> Array:
    """Draw points of every trial's generator, with random keys that training does not use.

    Parameters
    ----------
    setup : Setup
        Networks and data.
    states : State
        States of t trials.
    points : int
        Least number of points. It is rounded up to a multiple of the merging degree.

    Returns
    -------
    array, shape (t, n, width)
        Points as rows.
    """
    merged_points = -(-points // setup.merging)

    def trial(state: State) -> Array:
        key = jax.random.fold_in(jax.random.key(state.seed), DRAWING_KEY)
        return generate(setup, state.generator, key, merged_points)

    return jax.vmap(trial)(states)


def generate(setup: Setup, generator: Parameters, key: Array, n: int) -> Array:
    """Points of one generator: n merged points, combined and split, shape (n·merging, width)."""
    return split(setup.combine(*_emit(setup, generator, key, n)), setup.merging)


def _emit(setup: Setup, generator: Parameters, key: Array, n: int) -> tuple[Array, Array]:
    """Latent vectors, and the merged points that the generator emits for them."""
    latent = setup.noise(key, (n, setup.latent))
    return latent, setup.generator.apply(generator, latent)


def _step(setup: Setup, state: State) -> State:
    """One step: the updates of the critic, then those of the generator."""
    key = jax.random.fold_in(jax.random.key(state.seed), DRAWING_KEY + 1 + state.step)
    updates = setup.critic_steps + setup.generator_steps
    key_generator, *keys = jax.random.split(key, updates)
    critic_keys, generator_keys = keys[: setup.critic_steps], [key_generator, *keys[setup.critic_steps :]]
    before = state
    for critic_key in critic_keys:
        state = _update_critic(setup, state, critic_key)
    if setup.simultaneous:
        generator_keys[0] = _keys(critic_keys[-1])[1]  # the same latent vectors
    for generator_key in generator_keys:
        judge = before.critic if setup.simultaneous else state.critic
        state = _update_generator(setup, state, generator_key, judge)
    return state._replace(step=state.step + 1)


def _keys(key: Array) -> Array:
    """The keys of an update of the critic: of real rows, of generated rows, and of the loss."""
    return jax.random.split(key, 3)


def _update_critic(setup: Setup, state: State, key: Array) -> State:
    key_real, key_generated, key_loss = _keys(key)
    merged_points = setup.rows * setup.packing
    degree = setup.packing * setup.merging
    real = merge(setup.sample(key_real, merged_points), setup.packing)
    generated = merge(generate(setup, state.generator, key_generated, merged_points), degree)

    def objective(critic: Parameters) -> Array:
        return setup.loss.critic(_scores(setup, critic), real, generated, key_loss)

    gradient = jax.grad(objective)(state.critic)
    updates, optimiser = setup.critic_optimiser.update(gradient, state.critic_optimiser, state.critic)
    critic = setup.loss.constrain(optax.apply_updates(state.critic, updates))
    return state._replace(critic=critic, critic_optimiser=optimiser)


def _update_generator(setup: Setup, state: State, key: Array, critic: Parameters) -> State:
    key_latent, *unrolled_keys = jax.random.split(key, 1 + setup.unrolled) if setup.unrolled else (key,)

    def objective(generator: Parameters) -> tuple[Array, Parameters]:
        ahead = state._replace(generator=generator, critic=critic)
        for unrolled_key in unrolled_keys:  # the gradient passes through these updates of the critic
            ahead = _update_critic(setup, ahead, unrolled_key)
        judged_points = setup.rows * setup.packing
        # the penalty may need more points than are judged
        merged_points = max(judged_points, -(-setup.penalty.points // setup.merging))
        latent, emitted = _emit(setup, generator, key_latent, merged_points)
        judged = merge(setup.combine(latent[:judged_points], emitted[:judged_points]), setup.packing)
        scores = _scores(setup, ahead.critic)(judged)
        cost, penalty = setup.penalty.cost(state.penalty, split(emitted, setup.merging))
        return setup.loss.generator(scores) + cost, penalty

    gradient, penalty = jax.grad(objective, has_aux=True)(state.generator)
    updates, optimiser = setup.generator_optimiser.update(
        gradient, state.generator_optimiser, state.generator
    )
    return state._replace(
        generator=optax.apply_updates(state.generator, updates),
        generator_optimiser=optimiser,
        penalty=penalty,
    )


def _scores(setup: Setup, critic: Parameters) -> Callable[[Array], Array]:
    return lambda rows: setup.critic.apply(critic, rows)[:, 0]
