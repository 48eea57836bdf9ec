"""Configurations of training runs in plain words and numbers, and the metrics of the literature."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import Literal, NamedTuple

import jax
import numpy as np
import optax

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.gan import autoencoder, data, digits, losses, networks
from modecollapse.gan.networks import Layer
from modecollapse.gan.penalty import (
    NO_PENALTY,
    Matching,
    Penalty,
    Weighting,
    by_distance,
    equally,
    greedy_match,
    mode_penalty,
    optimal_match,
)
from modecollapse.gan.trainer import Noise, Setup
from modecollapse.metrics import HIGH_QUALITY, divergence_over_modes, entropy
from modecollapse.samples import count_modes
from modecollapse.targets import GaussianMixture, cube, grid, random, ring

AUTOENCODER_STEPS, AUTOENCODER_ROWS, AUTOENCODER_RATE = 2000, 100, 1e-3
"""Steps, rows a step and learning rate (Adam) of the mode penalty's autoencoder."""

MODES_KEY = 0
"""Number of the random key with which the modes of the mode penalty are drawn, the same for all trials."""

Target = Literal["ring", "grid", "cube", "random", "digits", "stacked digits"]
"""Names of targets."""

Architecture = Literal["multilayer", "spectral", "discriminating", "paper", "convolutional"]
"""Names of architectures."""

LossName = Literal["cross_entropy", "cross_entropy_smoothed", "wasserstein_clipped", "wasserstein_penalised"]
"""Names of losses."""

Optimiser = Literal["adam", "rmsprop"]
"""Names of optimisers."""

WeightingName = Literal["by distance", "equal"]
"""Names of weightings of the mode penalty."""

MatchingName = Literal["greedy", "optimal"]
"""Names of matchings of the mode penalty."""

NoiseName = Literal["normal", "uniform"]
"""Names of laws of latent numbers."""

KERNELS = 8
"""Number of kernels of minibatch discrimination, whose cost grows with the square of the rows."""

SMOOTHING = 0.1
"""What label smoothing takes from the label 1 of real rows."""

FIXED_KEY = 1
"""Number of the random key with which fixed data are drawn, the same for all trials."""

BOOTSTRAP_KEY = 2
"""Number of the random key with which fixed data are bootstrapped, the same for all trials."""

Partners = Literal["minibatch", "independent"]
"""Names of choices of the rows that are merged."""


class Task(NamedTuple):
    """A target to learn, with its metrics.

    Attributes
    ----------
    sample : Sampler
        Sampler of real rows.
    width : int
        Length of a row.
    measure : callable (samples of shape (t, n, width)) → dict of str to ndarray of shape (t,)
        Gives the metrics of every trial, by name.
    measured : int
        Number of points of each generator on which the metrics are evaluated.
    kept : int
        Number of points of each generator that are kept.
    code, coder : int
        Length of a code, and hidden units, of the mode penalty's autoencoder.
    """

    sample: data.Sampler
    width: int
    measure: Callable[[FloatArray], dict[str, FloatArray]]
    measured: int
    kept: int
    code: int
    coder: int


def mixture_task(law: GaussianMixture) -> Task:
    """The task of a mixture: metrics on 2500 points, and 20 000 points kept for the region."""
    return Task(
        data.mixture(law), law.dimension, partial(measure, law), measured=2500, kept=20_000, code=2, coder=64
    )


def digits_task(source: str, side: int, channels: int) -> Task:
    """The task of digits, with `channels` digits in a row: metrics on 10 000 points; see `digits.digits`."""
    reference = digits.digits(source, side)
    return Task(
        digits.stack(reference.split.images, channels),
        channels * reference.width,
        partial(digits.measure_stacks, reference, channels=channels),
        measured=10_000,
        kept=10_000,
        code=50,
        coder=256,
    )


DIGITS: Mapping[str, int] = {"digits": 1, "stacked digits": digits.STACKED}
"""Number of digits in a row, by the name of the target."""

LAWS: Mapping[str, Callable[[], GaussianMixture]] = {
    "ring": ring,
    "grid": grid,
    "cube": cube,
    "random": lambda: random(seed=0),
}
"""Targets with a known density, by name."""

LOSSES: Mapping[str, tuple[str, Callable[[], losses.Loss]]] = {
    "cross_entropy": ("GAN", losses.cross_entropy),
    "cross_entropy_smoothed": ("smoothed GAN", partial(losses.cross_entropy, SMOOTHING)),
    "wasserstein_clipped": ("WGAN", losses.wasserstein_clipped),
    "wasserstein_penalised": ("WGAN-GP", losses.wasserstein_penalised),
}

OPTIMISERS: Mapping[str, Callable[[float, float], optax.GradientTransformation]] = {
    "adam": lambda rate, momentum: optax.adam(rate, b1=momentum),
    "rmsprop": lambda rate, momentum: optax.rmsprop(rate, momentum=momentum),
}
"""Optimisers by the rate and the momentum."""

DIFFERENTIABLE: Mapping[str, Callable[[float, float], optax.GradientTransformation]] = {
    **OPTIMISERS,
    "adam": lambda rate, momentum: optax.adam(rate, b1=momentum, eps_root=1e-12),
}
"""The same where a gradient passes through their steps: Adam's root of squares has none at 0."""

ARCHITECTURES: Mapping[str, Callable[[int, Configuration], tuple[Layer, Layer]]] = {
    "multilayer": lambda outputs, of: (
        networks.multilayer(of.hidden, of.depth, outputs),
        networks.multilayer(of.critic_hidden, of.critic_depth, 1),
    ),
    "spectral": lambda outputs, of: (
        networks.multilayer(of.hidden, of.depth, outputs),
        networks.spectral_critic(of.critic_hidden, of.critic_depth),
    ),
    "discriminating": lambda outputs, of: (
        networks.multilayer(of.hidden, of.depth, outputs),
        networks.discriminating_critic(of.critic_hidden, of.critic_depth, KERNELS),
    ),
    "paper": lambda outputs, of: (networks.paper_generator(outputs), networks.paper_critic()),
    "convolutional": lambda outputs, of: _convolutional(outputs, of),
}
"""Generator and discriminator by the name of the architecture."""

NOISES: Mapping[str, Noise] = {
    "normal": jax.random.normal,
    "uniform": partial(jax.random.uniform, minval=-1.0, maxval=1.0),
}

WEIGHTINGS: Mapping[str, Weighting] = {"by distance": by_distance, "equal": equally}

MATCHINGS: Mapping[str, Matching] = {"greedy": greedy_match, "optimal": optimal_match}

MERGERS: Mapping[str, Callable[[data.Sampler, int], data.Sampler]] = {
    "minibatch": data.merged_within,
    "independent": data.merged,
}


@dataclass(frozen=True)
class Configuration:
    """A training run in plain words and numbers: packing × merging × penalty × loss × architecture.

    Attributes
    ----------
    target : str
        "ring", "grid", "cube" or "random", of `modecollapse.targets`; "digits", with ten modes; or "stacked
        digits", with a thousand modes.
    data : str
        For digits only: path of their files, see `modecollapse.gan.idx`. Default: scikit-learn's digits. A
        run is identified by this path, not by the contents of the files.
    side : int
        For digits only: the side of their images, to which larger ones are reduced; 0 for their own.
    latent : int
        Dimension of the latent vector; 2 in PacGAN's synthetic experiments.
    noise : str
        Law of the latent numbers: "normal", or "uniform" on [−1, 1].
    packing : int
        The packing degree m: number of merged points that the discriminator judges together.
    merging : int
        The merging degree l: number of points in a merged point.
    partners : str
        The rows that are merged with a real row: "minibatch", others of the same minibatch (published), or
        "independent" ones.
    architecture : str
        "multilayer", hidden ReLU layers in both networks; "spectral", the same with spectral normalisation of
        the discriminator; "discriminating", the same with minibatch discrimination; "paper", PacGAN's
        networks for 2D-ring and 2D-grid, which have their own widths; or "convolutional", small DCGAN
        networks for digits, whose widths are numbers of channels.
    hidden, critic_hidden : int
        Units of each hidden layer of the generator, and of the discriminator.
    depth, critic_depth : int
        Number of hidden layers of the generator, and of the discriminator.
    members : int
        Number of generators in an ensemble, whose outputs are mixed in equal shares; 1 for a single one. A
        latent number chooses the member.
    loss : str
        "cross_entropy", "cross_entropy_smoothed" with labels .9 of real rows, "wasserstein_clipped" or
        "wasserstein_penalised".
    optimiser : str
        "adam" or "rmsprop".
    learning_rate, momentum : float
        Learning rate > 0 and momentum in [0, 1) of both optimisers. The momentum of Adam is its β₁.
    critic_rate : float
        Learning rate of the discriminator over that of the generator: two time scales if it is not 1.
    critic_steps, generator_steps : int
        Updates of the discriminator, and of the generator, in a step.
    unrolled : int
        Number of updates of the discriminator that the generator looks ahead; 0 for none.
    simultaneous : bool
        Whether both networks take their gradients at the same parameters, on the same generated rows.
    fixed : int
        Number of real rows that are drawn once for all trials, of which those of each step are drawn with
        replacement; 0 for new ones at each step.
    bootstrapped : bool
        Whether each place of a pack draws its rows from a bootstrap of its own of the fixed ones, drawn once
        for all trials (PacGAN's code).
    rows : int
        Number of packed real rows, and of packed generated rows, in a step.
    steps : int
        Number of steps.
    penalty : float
        Factor λ ≥ 0 of `mode_penalty`; 0 for none. Points are matched in the standardised codes of an
        autoencoder that is trained first.
    modes : int
        Number N ≥ 2 of real rows, drawn once for all trials, that are the modes of the penalty.
    weighting : str
        Weights of the modes in the penalty: "by distance", or "equal" with weight 1 each.
    matching : str
        Matching of points to modes in the penalty: "greedy" (published), or "optimal".
    window : int
        Number of last steps that the penalty remembers.

    Raises
    ------
    ValueError
        If a name is unknown or a number out of range.

    Examples
    --------
    >>> Configuration().name, Configuration(packing=2).name, Configuration(packing=3, merging=2).name
    ('GAN', 'Pac(GAN)(2)', 'Pac(Virtual(GAN)(2))(3)')
    >>> Configuration(packing=2, penalty=3.0).name
    'Pac(GAN)(2) + penalty'
    >>> Configuration(penalty=3.0, weighting="equal").name
    'GAN + equal penalty'
    """

    target: Target = "ring"
    data: str = ""
    side: int = 0
    latent: int = 2
    noise: NoiseName = "normal"
    packing: int = 1
    merging: int = 1
    partners: Partners = "minibatch"
    architecture: Architecture = "multilayer"
    hidden: int = 128
    critic_hidden: int = 128
    depth: int = 2
    critic_depth: int = 2
    members: int = 1
    loss: LossName = "cross_entropy"
    optimiser: Optimiser = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.5
    critic_rate: float = 1.0
    critic_steps: int = 1
    generator_steps: int = 1
    unrolled: int = 0
    simultaneous: bool = False
    fixed: int = 0
    bootstrapped: bool = False
    rows: int = 100
    steps: int = 15_000
    penalty: float = 0.0
    modes: int = 500
    weighting: WeightingName = "by distance"
    matching: MatchingName = "greedy"
    window: int = 100

    def __post_init__(self) -> None:
        """Refuse unknown names and numbers out of range."""
        known = {
            "target": (*LAWS, *DIGITS),
            "architecture": ARCHITECTURES,
            "loss": LOSSES,
            "optimiser": OPTIMISERS,
            "weighting": WEIGHTINGS,
            "matching": MATCHINGS,
            "partners": MERGERS,
            "noise": NOISES,
        }
        for field, choices in known.items():
            if getattr(self, field) not in choices:
                raise ValueError(f"{field} must be one of {', '.join(choices)}, got {getattr(self, field)!r}")
        if self.data and self.target not in DIGITS:
            raise ValueError(f"data are for {' and '.join(DIGITS)}, got {self.data!r} for {self.target!r}")
        if self.side and self.target not in DIGITS:
            raise ValueError(f"side is for {' and '.join(DIGITS)}, got {self.side!r} for {self.target!r}")
        least = {
            "side": 0,
            "latent": 1,
            "packing": 1,
            "merging": 1,
            "hidden": 1,
            "critic_hidden": 1,
            "depth": 1,
            "critic_depth": 1,
            "members": 1,
            "critic_steps": 1,
            "generator_steps": 1,
            "unrolled": 0,
            "fixed": 0,
            "rows": 1,
            "steps": 1,
            "modes": 2,
            "window": 1,
        }
        for field, bound in least.items():
            if getattr(self, field) < bound:
                raise ValueError(f"{field} must be at least {bound}, got {getattr(self, field)!r}")
        if not self.learning_rate > 0 or not 0 <= self.momentum < 1:
            raise ValueError(
                "learning_rate must be positive and momentum from 0 to below 1, got "
                f"{self.learning_rate!r} and {self.momentum!r}"
            )
        if not self.critic_rate > 0:
            raise ValueError(f"critic_rate must be positive, got {self.critic_rate!r}")
        if not self.penalty >= 0:
            raise ValueError(f"penalty must be at least 0, got {self.penalty!r}")
        if self.architecture == "convolutional" and self.target not in DIGITS:
            raise ValueError(f"convolutional networks are for {' and '.join(DIGITS)}, got {self.target!r}")
        if self.bootstrapped and (not self.fixed or self.merging > 1):
            raise ValueError(
                "bootstrapped needs fixed rows and single points, since merging mixes the places, got "
                f"fixed {self.fixed!r} and merging {self.merging!r}"
            )
        if self.members > 1 and (self.latent < 2 or self.noise != "normal"):
            raise ValueError(
                "an ensemble needs at least two latent numbers, which are normal, got "
                f"latent {self.latent!r} and noise {self.noise!r}"
            )

    @property
    def name(self) -> str:
        """The name of the method, in PacGAN's notation Pac(X)(m)."""
        name, _ = LOSSES[self.loss]
        if self.merging > 1:
            name = f"Virtual({name})({self.merging})"
        if self.packing > 1:
            name = f"Pac({name})({self.packing})"
        if self.penalty:
            name += " + equal" if self.weighting == "equal" else " +"
            name += " optimal penalty" if self.matching == "optimal" else " penalty"
        for strategy, is_used in (
            ("independent partners", self.merging > 1 and self.partners == "independent"),
            ("spectral normalisation", self.architecture == "spectral"),
            ("minibatch discrimination", self.architecture == "discriminating"),
            ("two time scales", self.critic_rate != 1),
            (f"{self.members} generators", self.members > 1),
            (f"unrolled {self.unrolled}", self.unrolled > 0),
        ):
            name += f" + {strategy}" if is_used else ""
        return name

    @property
    def law(self) -> GaussianMixture:
        """The law of the target, if its density is known; else a ValueError."""
        if self.target not in LAWS:
            raise ValueError(f"the density of {self.target!r} is not known; known are {', '.join(LAWS)}")
        return LAWS[self.target]()

    @property
    def task(self) -> Task:
        """The target as a sampler with metrics."""
        if self.target in DIGITS:
            return digits_task(self.data, self.side, DIGITS[self.target])
        return mixture_task(self.law)

    def to_json(self) -> str:
        """The fields as JSON, in the order of their names."""
        return json.dumps(asdict(self), sort_keys=True)

    def setup(self) -> Setup:
        """The `Setup` that the configuration describes."""
        task = self.task
        generator, critic = ARCHITECTURES[self.architecture](self.merging * task.width, self)
        if self.members > 1:
            generator = networks.ensemble(generator, self.members)
        _, loss = LOSSES[self.loss]
        optimiser = (DIFFERENTIABLE if self.unrolled else OPTIMISERS)[self.optimiser]
        return Setup(
            sample=MERGERS[self.partners](_rows(self, task.sample), self.merging),
            width=task.width,
            latent=self.latent,
            generator=generator,
            critic=critic,
            loss=loss(),
            generator_optimiser=optimiser(self.learning_rate, self.momentum),
            critic_optimiser=optimiser(self.critic_rate * self.learning_rate, self.momentum),
            rows=self.rows,
            packing=self.packing,
            merging=self.merging,
            critic_steps=self.critic_steps,
            penalty=_penalty(self) if self.penalty else NO_PENALTY,
            noise=NOISES[self.noise],
            generator_steps=self.generator_steps,
            unrolled=self.unrolled,
            simultaneous=self.simultaneous,
        )


def _rows(configuration: Configuration, sample: data.Sampler) -> data.Sampler:
    """Sampler of real rows: new ones at each step, or rows of a fixed table."""
    if not configuration.fixed:
        return sample
    table = sample(jax.random.key(FIXED_KEY), configuration.fixed)
    if configuration.bootstrapped:
        return data.bootstrap(table, configuration.packing, jax.random.key(BOOTSTRAP_KEY))
    return data.resample(table)


def _convolutional(outputs: int, configuration: Configuration) -> tuple[Layer, Layer]:
    """Convolutional networks for rows of images, each of the target's channels."""
    channels = configuration.merging * DIGITS[configuration.target]
    side = math.isqrt(outputs // channels)
    return (
        networks.image_generator(channels, side, configuration.hidden),
        networks.image_critic(side, configuration.critic_hidden),
    )


def _penalty(configuration: Configuration) -> Penalty:
    """The mode penalty, in the standardised codes of a newly trained autoencoder."""
    task = configuration.task
    encoder = networks.multilayer(task.coder, 1, task.code)
    trained = autoencoder.fit(
        autoencoder.Training(
            sample=task.sample,
            width=task.width,
            encoder=encoder,
            decoder=networks.multilayer(task.coder, 1, task.width),
            optimiser=optax.adam(AUTOENCODER_RATE),
            rows=AUTOENCODER_ROWS,
            steps=AUTOENCODER_STEPS,
        ),
        seed=0,
    )
    modes = task.sample(jax.random.key(MODES_KEY), configuration.modes)
    return mode_penalty(
        autoencoder.standardised(partial(encoder.apply, trained.encoder), modes),
        modes,
        configuration.penalty,
        configuration.window,
        WEIGHTINGS[configuration.weighting],
        MATCHINGS[configuration.matching],
    )


def measure(target: GaussianMixture, samples: FloatArray) -> dict[str, FloatArray]:
    """The metrics of every trial.

    Parameters
    ----------
    target : GaussianMixture
        The target.
    samples : ndarray, shape (t, n, d)
        Generated points of t trials.

    Returns
    -------
    dict of str to ndarray, shape (t,)
        "modes" and "high_quality"; the divergences over nearest modes "reverse_kl" and "forward_kl", with
        "reverse_kl_high_quality" over the nearest modes of points of high quality alone; "js", the
        Jensen–Shannon divergence over the modes' balls of three standard deviations and the rest of space;
        "entropy" of the shares of nearest modes. All but the first two are in nats; see
        `modecollapse.metrics`.

    Examples
    --------
    >>> metrics = measure(ring(), ring().sample(2500, np.random.default_rng(0))[np.newaxis])
    >>> float(metrics["modes"][0]), bool(metrics["reverse_kl"][0] < 0.01), bool(metrics["js"][0] < 0.01)
    (8.0, True, True)
    """
    trials = [_measure_one(target, points) for points in samples]
    return {metric: np.array([trial[metric] for trial in trials]) for metric in trials[0]}


def _measure_one(target: GaussianMixture, points: FloatArray) -> dict[str, float]:
    """The metrics of one trial's points, shape (n, d)."""
    nearest = nearest_modes(points, target.means)
    near = count_modes(points, target.means, HIGH_QUALITY * target.std)
    balls = target.ball_masses(target.means, HIGH_QUALITY * target.std)
    found = near[:-1].any()
    return {
        "modes": float(np.count_nonzero(near[:-1])),
        "high_quality": float(near[:-1].sum() / near.sum()),
        "reverse_kl": divergence_over_modes(target.weights, nearest, "reverse_kl"),
        "reverse_kl_high_quality": (
            divergence_over_modes(target.weights, near[:-1], "reverse_kl") if found else math.inf
        ),
        "forward_kl": divergence_over_modes(target.weights, nearest, "kl"),
        "js": divergence_over_modes(balls, near, "js"),
        "entropy": entropy(nearest),
    }


def nearest_modes(points: FloatArray, centres: FloatArray) -> IntArray:
    """The numbers of points whose nearest centre is each of the k centres, shape (k,)."""
    return count_modes(points, centres, math.inf)[:-1]
