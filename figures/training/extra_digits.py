"""Extra digits of each class, made from a few known digits of the class: by L-GAN and in other ways.

Every class has an autoencoder of its own, trained on its known digits. Their codes are centred, and makers of
codes get nothing else of the class. L-GAN trains a generator on them. Makers without training are its
baselines: points between two real codes, noise on real codes, and real codes as they are. Two makers of
images go without codes.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax
from jax import Array

from modecollapse.gan import autoencoder, networks
from modecollapse.gan.data import Sampler, resample
from modecollapse.gan.idx import CLASSES
from modecollapse.gan.l_gan import batches, combine, orthogonality
from modecollapse.gan.losses import wasserstein_penalised
from modecollapse.gan.penalty import NO_PENALTY
from modecollapse.gan.trainer import Setup, advance, draw, start

AUTOENCODER_RATE = 1e-3
"""Learning rate of the autoencoders (Adam)."""


@dataclass(frozen=True)
class ExtraDigits:
    """Configuration of the experiment.

    Attributes
    ----------
    data : str
        Path of files of digits; see `modecollapse.gan.idx`. Default: scikit-learn's digits.
    known_share : float
        Share of the training digits that are known, in (0, 1).
    generated : int
        Number of extra digits of each class, in whole batches of L-GAN.
    code : int
        Length of the autoencoders' codes.
    latent : int
        Dimension of the generators' latent vectors, without coefficients.
    batch : int
        Number of vectors in a batch of L-GAN. Their random linear combinations are judged and decoded.
    penalty : float
        Factor λ of the penalty on squared cosines.
    noise : float
        Standard deviation of the noise on codes, in units of that of the codes of the class.
    hidden, depth : int
        Width and number of the hidden layers of generators and critics. Encoders and decoders have one
        hidden layer each, of twice this width.
    learning_rate, momentum : float
        Parameters of Adam, for generators and critics.
    critic_steps, rows, steps : int
        Parameters of the generators' training with the Wasserstein loss and gradient penalty; see
        `modecollapse.gan.trainer.Setup`.
    autoencoder_steps : int
        Number of steps of the autoencoders, with the same number of rows.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    data: str = ""
    known_share: float = 0.1
    generated: int = 5000
    code: int = 16
    latent: int = 8
    batch: int = 8
    penalty: float = 1.0
    noise: float = 0.5
    hidden: int = 64
    depth: int = 2
    learning_rate: float = 1e-3
    momentum: float = 0.5
    critic_steps: int = 3
    rows: int = 64
    steps: int = 1000
    autoencoder_steps: int = 1000

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        if not 0 < self.known_share < 1:
            raise ValueError(f"known_share must be above 0 and below 1, got {self.known_share!r}")
        for field in (
            "code",
            "latent",
            "hidden",
            "depth",
            "critic_steps",
            "rows",
            "steps",
            "autoencoder_steps",
        ):
            if getattr(self, field) < 1:
                raise ValueError(f"{field} must be at least 1, got {getattr(self, field)!r}")
        if self.batch < 2 or self.rows % self.batch:
            raise ValueError(f"batch must be at least 2 and divide the {self.rows} rows, got {self.batch!r}")
        if self.generated < self.batch or self.generated % self.batch:
            raise ValueError(
                f"generated must be a positive multiple of the batch of {self.batch}, got {self.generated!r}"
            )
        for field in ("penalty", "noise"):
            if not getattr(self, field) >= 0:
                raise ValueError(f"{field} must be at least 0, got {getattr(self, field)!r}")
        if not self.learning_rate > 0 or not 0 <= self.momentum < 1:
            raise ValueError(
                "learning_rate must be positive and momentum from 0 to below 1, got "
                f"{self.learning_rate!r} and {self.momentum!r}"
            )

    def to_json(self) -> str:
        """The fields as JSON, in the order of their names."""
        return json.dumps(asdict(self), sort_keys=True)


def plain_gan(configuration: ExtraDigits, codes: Sampler) -> Setup:
    """Setup of a GAN that emits one code for each latent vector."""
    optimiser = optax.adam(configuration.learning_rate, b1=configuration.momentum)
    return Setup(
        sample=codes,
        width=configuration.code,
        latent=configuration.latent,
        generator=networks.multilayer(configuration.hidden, configuration.depth, configuration.code),
        critic=networks.multilayer(configuration.hidden, configuration.depth, 1),
        loss=wasserstein_penalised(),
        generator_optimiser=optimiser,
        critic_optimiser=optimiser,
        rows=configuration.rows,
        packing=1,
        merging=1,
        critic_steps=configuration.critic_steps,
        penalty=NO_PENALTY,
    )


def combining_gan(configuration: ExtraDigits, codes: Sampler) -> Setup:
    """Setup of L-GAN without its penalty: random combinations of batches of vectors are judged."""
    body = networks.multilayer(
        configuration.hidden, configuration.depth, configuration.batch * configuration.code
    )
    return plain_gan(configuration, codes)._replace(
        latent=configuration.latent + configuration.batch,
        generator=batches(body, configuration.batch),
        combine=combine(configuration.batch),
    )


def l_gan(configuration: ExtraDigits, codes: Sampler) -> Setup:
    """Setup of L-GAN, whose penalty makes the vectors of a batch near-orthogonal."""
    return combining_gan(configuration, codes)._replace(
        penalty=orthogonality(configuration.batch, configuration.penalty)
    )


class Spaces(NamedTuple):
    """A space of codes for each class, with the codes of its known digits.

    Attributes
    ----------
    codes : array, shape (10, n, code)
        Codes minus the mean of their class, in units of `spread`.
    centres : array, shape (10, 1, code)
        Mean codes of the classes.
    spread : array, shape (10, 1, 1)
        Standard deviation of the codes within each class.
    decoder : parameters
        Parameters of the decoders, with a leading axis of classes.
    """

    codes: Array
    centres: Array
    spread: Array
    decoder: networks.Parameters


@partial(jax.jit, static_argnames=("configuration",))
def encode(configuration: ExtraDigits, known: Array, seed: Array) -> Spaces:
    """Train an autoencoder on the known digits of each class, shape (10, n, width), and encode them."""
    width = known.shape[-1]
    encoder = networks.multilayer(2 * configuration.hidden, 1, configuration.code)

    def space(class_: tuple[Array, Array]) -> Spaces:
        images, own_seed = class_
        trained = autoencoder.fit(
            autoencoder.Training(
                sample=resample(images),
                width=width,
                encoder=encoder,
                decoder=_decoder(configuration, width),
                optimiser=optax.adam(AUTOENCODER_RATE),
                rows=configuration.rows,
                steps=configuration.autoencoder_steps,
            ),
            own_seed,
        )
        codes = encoder.apply(trained.encoder, images)
        centres = codes.mean(axis=0, keepdims=True)
        spread = jnp.std(codes - centres, keepdims=True)
        return Spaces((codes - centres) / spread, centres, spread, trained.decoder)

    # one class after the other: products of large matrices gain nothing from a batch
    return jax.lax.map(space, (known, class_seeds(seed)))


@partial(jax.jit, static_argnames=("configuration", "width"))
def decode(configuration: ExtraDigits, width: int, spaces: Spaces, codes: Array) -> Array:
    """Images of centred codes, shape (10, k, code)."""
    decoder = _decoder(configuration, width)
    return jax.vmap(decoder.apply)(spaces.decoder, codes * spaces.spread + spaces.centres)


def _decoder(configuration: ExtraDigits, width: int) -> networks.Layer:
    return networks.multilayer(2 * configuration.hidden, 1, width)


Maker = Callable[[ExtraDigits, Array, Array], Array]
"""Function of a configuration, rows of a class, shape (n, d), and a seed that gives new rows."""


def trained(setup: Callable[[ExtraDigits, Sampler], Setup]) -> Maker:
    """Maker of codes by a generator that is trained on the codes of the class."""

    def make(configuration: ExtraDigits, codes: Array, seed: Array) -> Array:
        parts = setup(configuration, resample(codes))
        states = advance(parts, start(parts, seed[jnp.newaxis]), configuration.steps)
        return draw(parts, states, configuration.generated)[0]

    return make


def copies(configuration: ExtraDigits, rows: Array, seed: Array) -> Array:
    """Rows as they are, drawn with replacement."""
    return resample(rows)(jax.random.key(seed), configuration.generated)


def between(configuration: ExtraDigits, rows: Array, seed: Array) -> Array:
    """Points between two rows, uniform on the straight line."""
    *keys, key_places = jax.random.split(jax.random.key(seed), 3)
    one, other = (resample(rows)(key, configuration.generated) for key in keys)
    return one + jax.random.uniform(key_places, (configuration.generated, 1)) * (other - one)


def noisy(configuration: ExtraDigits, rows: Array, seed: Array) -> Array:
    """Rows with normal noise."""
    key_rows, key_noise = jax.random.split(jax.random.key(seed))
    chosen = resample(rows)(key_rows, configuration.generated)
    return chosen + configuration.noise * jax.random.normal(key_noise, chosen.shape)


def shifted(configuration: ExtraDigits, images: Array, seed: Array) -> Array:
    """Square images, moved at random by at most one pixel along each axis. What comes in is black."""
    side = math.isqrt(images.shape[-1])
    key_images, key_shifts = jax.random.split(jax.random.key(seed))
    chosen = resample(images)(key_images, configuration.generated).reshape(-1, side, side)
    corners = jax.random.randint(key_shifts, (configuration.generated, 2), 0, 3)
    padded = jnp.pad(chosen, ((0, 0), (1, 1), (1, 1)))
    moved = jax.vmap(lambda image, corner: jax.lax.dynamic_slice(image, corner, (side, side)))(
        padded, corners
    )
    return moved.reshape(configuration.generated, -1)


CODE_MAKERS: Mapping[str, Maker] = {
    "L-GAN": trained(l_gan),
    "L-GAN without penalty": trained(combining_gan),
    "GAN of codes": trained(plain_gan),
    "between two codes": between,
    "noise on codes": noisy,
    "codes as they are": copies,
}
"""Makers of codes by the name of the method."""

IMAGE_MAKERS: Mapping[str, Maker] = {"between two images": between, "shifted images": shifted}
"""Makers of images by the name of the method."""


@partial(jax.jit, static_argnames=("configuration", "maker"))
def make(configuration: ExtraDigits, maker: Maker, rows: Array, seed: Array) -> Array:
    """New rows of every class from its own, shape (10, n, d). All classes are made at once."""
    return jax.vmap(partial(maker, configuration))(rows, class_seeds(seed))


def class_seeds(seed: Array) -> Array:
    """Ten seeds, one a class, of the seed of a trial."""
    return CLASSES * seed + jnp.arange(CLASSES)
