"""A training run in plain words and numbers, and what the literature measures on what it generates."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import optax

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.gan import autoencoder, data, digits, losses, networks
from modecollapse.gan.networks import Layer
from modecollapse.gan.penalty import NO_PENALTY, Penalty, Weighting, by_distance, equally, mode_penalty
from modecollapse.gan.trainer import Setup
from modecollapse.metrics import HIGH_QUALITY, divergence_over_modes, high_quality_share, modes_found
from modecollapse.samples import count_modes
from modecollapse.targets import GaussianMixture, cube, grid, random, ring

CODE = 2
"""Length of the autoencoder's codes, in which the mode penalty matches points."""


class Task(NamedTuple):
    """What there is to learn, and how it is measured.

    Attributes
    ----------
    sample : Sampler
    width : int
        Of a row.
    measure : callable (samples of shape (t, n, width)) → dict of str to ndarray of shape (t,)
    measured : int
        Points of each generator on which the metrics are taken.
    kept : int
        Points of each generator that are kept.
    """

    sample: data.Sampler
    width: int
    measure: Callable[[FloatArray], dict[str, FloatArray]]
    measured: int
    kept: int


def mixture_task(law: GaussianMixture) -> Task:
    """To learn a mixture: metrics on 2500 points, 20 000 kept for the region."""
    return Task(data.mixture(law), law.dimension, partial(measure, law), measured=2500, kept=20_000)


def digits_task(source: str, channels: int) -> Task:
    """To learn digits, one or several to a row, see `digits.digits`: metrics on 10 000 points."""
    found = digits.digits(source)
    return Task(
        digits.stack(found.split.images, channels),
        channels * found.width,
        partial(digits.measure_stacks, found, channels=channels),
        measured=10_000,
        kept=10_000,
    )


DIGITS: Mapping[str, int] = {"digits": 1, "stacked digits": digits.STACKED}
"""By the names of targets, how many digits make a row."""

LAWS: Mapping[str, Callable[[], GaussianMixture]] = {
    "ring": ring,
    "grid": grid,
    "cube": cube,
    "random": lambda: random(seed=0),
}

LOSSES: Mapping[str, tuple[str, Callable[[], losses.Loss]]] = {
    "cross_entropy": ("GAN", losses.cross_entropy),
    "wasserstein_clipped": ("WGAN", losses.wasserstein_clipped),
    "wasserstein_penalised": ("WGAN-GP", losses.wasserstein_penalised),
}

OPTIMISERS: Mapping[str, Callable[[float, float], optax.GradientTransformation]] = {
    "adam": lambda rate, momentum: optax.adam(rate, b1=momentum),
    "rmsprop": lambda rate, momentum: optax.rmsprop(rate, momentum=momentum),
}

ARCHITECTURES: Mapping[str, Callable[[int, Configuration], tuple[Layer, Layer]]] = {
    "multilayer": lambda outputs, about: (
        networks.multilayer(about.hidden, about.depth, outputs),
        networks.multilayer(about.critic_hidden, about.depth, 1),
    ),
    "paper": lambda outputs, about: (networks.paper_generator(outputs), networks.paper_critic()),
}

WEIGHTINGS: Mapping[str, Weighting] = {"by distance": by_distance, "equal": equally}


@dataclass(frozen=True)
class Configuration:
    """A training run in plain words and numbers: packing × merging × penalty × loss × architecture.

    Attributes
    ----------
    target : str
        "ring", "grid", "cube" or "random", of `modecollapse.targets`; "digits", with ten modes, or "stacked
        digits", with a thousand.
    data : str
        For digits only: path of the files that hold them, see `modecollapse.gan.idx`; scikit-learn's
        digits without. A run is known by the path as it is written here, not by what the files contain.
    latent : int
        Dimension of the standard normal latent vector; 2 in PacGAN's synthetic experiments.
    packing : int
        m, the packing degree: merged points that the discriminator judges together.
    merging : int
        l, points to a merged point.
    architecture : str
        "multilayer", both networks with `depth` hidden ReLU layers; or "paper", PacGAN's for ring and grid,
        which has its own widths.
    hidden, critic_hidden, depth : int
        Of "multilayer": units of each of the generator's hidden layers and of the discriminator's, and the
        number of hidden layers of both.
    loss : str
        "cross_entropy", "wasserstein_clipped" or "wasserstein_penalised".
    optimiser : str
        "adam" or "rmsprop".
    learning_rate, momentum : float
        Of both networks' optimisers; the momentum of Adam is its β₁.
    critic_steps : int
        Updates of the discriminator to one of the generator.
    rows : int
        Packed rows of each kind to a step.
    steps : int
        Updates of the generator.
    penalty : float
        λ of `mode_penalty` with the target's centres as modes, matched in the code of an autoencoder that is
        trained first; 0 for none. A mode is covered within three of its standard deviations.
    weighting : str
        Of the modes in the penalty: "by distance", or "equal" with weight 1 each.
    window : int
        Last steps that the penalty remembers.

    Examples
    --------
    >>> Configuration().name, Configuration(packing=2).name, Configuration(packing=3, merging=2).name
    ('GAN', 'Pac(GAN)(2)', 'Pac(Virtual(GAN)(2))(3)')
    >>> Configuration(packing=2, penalty=3.0).name
    'Pac(GAN)(2) + penalty'
    >>> Configuration(penalty=3.0, weighting="equal").name
    'GAN + equal penalty'
    """

    target: str = "ring"
    data: str = ""
    latent: int = 2
    packing: int = 1
    merging: int = 1
    architecture: str = "multilayer"
    hidden: int = 128
    critic_hidden: int = 128
    depth: int = 2
    loss: str = "cross_entropy"
    optimiser: str = "adam"
    learning_rate: float = 1e-3
    momentum: float = 0.5
    critic_steps: int = 1
    rows: int = 100
    steps: int = 15_000
    penalty: float = 0.0
    weighting: str = "by distance"
    window: int = 100

    def __post_init__(self) -> None:
        """Refuse unknown names and numbers out of range."""
        known = {
            "target": (*LAWS, *DIGITS),
            "architecture": ARCHITECTURES,
            "loss": LOSSES,
            "optimiser": OPTIMISERS,
            "weighting": WEIGHTINGS,
        }
        for field, choices in known.items():
            if getattr(self, field) not in choices:
                raise ValueError(f"{field} must be one of {', '.join(choices)}, got {getattr(self, field)!r}")
        if self.data and self.target not in DIGITS:
            raise ValueError(f"data are for {' and '.join(DIGITS)}, got {self.data!r} for {self.target!r}")
        for field in (
            "latent",
            "packing",
            "merging",
            "hidden",
            "critic_hidden",
            "depth",
            "critic_steps",
            "rows",
            "steps",
            "window",
        ):
            if getattr(self, field) < 1:
                raise ValueError(f"{field} must be at least 1, got {getattr(self, field)!r}")
        if not self.learning_rate > 0 or not 0 <= self.momentum < 1:
            raise ValueError(
                "learning_rate must be positive and momentum from 0 to below 1, got "
                f"{self.learning_rate!r} and {self.momentum!r}"
            )
        if not self.penalty >= 0:
            raise ValueError(f"penalty must be at least 0, got {self.penalty!r}")

    @property
    def name(self) -> str:
        """The method, in PacGAN's notation Pac(X)(m)."""
        name, _ = LOSSES[self.loss]
        if self.merging > 1:
            name = f"Virtual({name})({self.merging})"
        if self.packing > 1:
            name = f"Pac({name})({self.packing})"
        if self.penalty:
            name += " + penalty" if self.weighting == "by distance" else f" + {self.weighting} penalty"
        return name

    @property
    def law(self) -> GaussianMixture:
        """The target, if its density is known."""
        if self.target not in LAWS:
            raise ValueError(f"the density of {self.target!r} is not known; known are {', '.join(LAWS)}")
        return LAWS[self.target]()

    @property
    def task(self) -> Task:
        """The target as something to sample from and to measure by."""
        if self.target in DIGITS:
            return digits_task(self.data, DIGITS[self.target])
        return mixture_task(self.law)

    def to_json(self) -> str:
        """The fields as JSON, in the order of their names."""
        return json.dumps(asdict(self), sort_keys=True)

    def setup(self) -> Setup:
        """The parts of the trainer that the configuration names."""
        task = self.task
        build = ARCHITECTURES[self.architecture]
        generator, critic = build(self.merging * task.width, self)
        _, loss = LOSSES[self.loss]
        optimiser = OPTIMISERS[self.optimiser](self.learning_rate, self.momentum)
        return Setup(
            sample=task.sample,
            width=task.width,
            latent=self.latent,
            generator=generator,
            critic=critic,
            loss=loss(),
            generator_optimiser=optimiser,
            critic_optimiser=optimiser,
            rows=self.rows,
            packing=self.packing,
            merging=self.merging,
            critic_steps=self.critic_steps,
            penalty=_penalty(self) if self.penalty else NO_PENALTY,
        )


def _penalty(configuration: Configuration) -> Penalty:
    law = configuration.law
    encoder = networks.multilayer(64, 1, CODE)
    trained = autoencoder.fit(
        autoencoder.Training(
            sample=data.mixture(law),
            width=law.dimension,
            encoder=encoder,
            decoder=networks.multilayer(64, 1, law.dimension),
            optimiser=optax.adam(1e-3),
            rows=100,
            steps=2000,
        ),
        seed=0,
    )
    return mode_penalty(
        partial(encoder.apply, trained.encoder),
        law.means,
        configuration.penalty,
        configuration.window,
        HIGH_QUALITY * law.std,
        WEIGHTINGS[configuration.weighting],
    )


def measure(target: GaussianMixture, samples: FloatArray) -> dict[str, FloatArray]:
    """Modes found, share of high quality, and reverse KL over the nearest modes, of every trial.

    Parameters
    ----------
    target : GaussianMixture
    samples : ndarray, shape (t, n, d)

    Returns
    -------
    dict of str to ndarray, shape (t,)
        "modes", "high_quality" and "reverse_kl" (nats); see `modecollapse.metrics`.

    Examples
    --------
    >>> found = measure(ring(), ring().sample(2500, np.random.default_rng(0))[np.newaxis])
    >>> float(found["modes"][0]), bool(found["reverse_kl"][0] < 0.01)
    (8.0, True)
    """
    centres, std = target.means, target.std
    return {
        "modes": np.array([float(modes_found(points, centres, std)) for points in samples]),
        "high_quality": np.array([high_quality_share(points, centres, std) for points in samples]),
        "reverse_kl": np.array(
            [
                divergence_over_modes(target.weights, nearest_modes(points, centres), "reverse_kl")
                for points in samples
            ]
        ),
    }


def nearest_modes(points: FloatArray, centres: FloatArray) -> IntArray:
    """How many points are nearest to each centre, shape (k,)."""
    return count_modes(points, centres, math.inf)[:-1]
