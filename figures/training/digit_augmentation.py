"""Do L-GAN's digits help a classifier? One generator a class, trained on a tenth of the training digits.

A trial knows some digits of each class, and nothing else. An autoencoder is trained on all of them, and on
the centred codes of each class a generator. The classifier learns from the known digits together with
generated ones, and is tried on the held-out digits.

What else could explain a gain is tried in the same way: L-GAN without its penalty, a plain GAN of the codes,
combinations of real codes without training, noise on the codes, copies of the known digits; and, for what
could be gained, further real digits.

A run is kept in one npz file, named by its configuration and seeds: `configuration` (JSON), `seeds` (t,),
`known` (t, 10, n, width), `methods` (c,), their `images` (c, t, 10, k, width), `reconstruction` (t,) and
`seconds` of processor time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from tqdm import tqdm

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.gan import autoencoder, networks
from modecollapse.gan.data import Sampler, resample
from modecollapse.gan.digits import Split, digits
from modecollapse.gan.idx import CLASSES
from modecollapse.gan.l_gan import batches, combine, orthogonality
from modecollapse.gan.losses import wasserstein_penalised
from modecollapse.gan.penalty import NO_PENALTY
from modecollapse.gan.trainer import Setup, advance, draw, start

SHARES = (0.25, 0.5, 0.75)
"""Generated, of the classifier's training set."""

COSTS = {"accuracy": 10.0, "usual_accuracy": 1.0}
"""By the names of their accuracies, what a classifier's error costs it: C of the support vector machine.

At 10 copies of known digits teach nothing, so that a gain is due to what is new. At 1, scikit-learn's usual,
copies alone raise the accuracy, as a higher cost does.
"""


@dataclass(frozen=True)
class Augmentation:
    """How digits are augmented.

    Attributes
    ----------
    data : str
        Path of the files that hold the digits, scikit-learn's without; see `modecollapse.gan.digits.digits`.
    known : int
        Known digits of each class; 14 are a tenth of scikit-learn's training digits.
    code : int
        Numbers in a code of the autoencoder.
    latent : int
        Dimension of the generators' latent vectors, coefficients not counted.
    batch : int
        Vectors in a batch of L-GAN, of which random linear combinations are judged and decoded.
    penalty : float
        λ of the penalty on squared cosines.
    noise : float
        Standard deviation of the noise on codes, where that of the codes within a class is 1.
    hidden, depth : int
        Of generators and critics. The autoencoder has one hidden layer on either side, twice as wide.
    learning_rate, momentum : float
        Of Adam, for generators and critics.
    critic_steps, rows, steps : int
        Of the generators' training, by the Wasserstein loss with gradient penalty; see
        `modecollapse.gan.trainer.Setup`. The autoencoder is trained for as many steps, with Adam at 10⁻³.

    Raises
    ------
    ValueError
        If a number is out of range.
    """

    data: str = ""
    known: int = 14
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
    steps: int = 2000

    def __post_init__(self) -> None:
        """Refuse numbers out of range."""
        for field in ("known", "code", "latent", "hidden", "depth", "critic_steps", "rows", "steps"):
            if getattr(self, field) < 1:
                raise ValueError(f"{field} must be at least 1, got {getattr(self, field)!r}")
        if self.batch < 2 or self.rows % self.batch:
            raise ValueError(f"batch must be at least 2 and divide the {self.rows} rows, got {self.batch!r}")
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

    def added(self, share: float) -> int:
        """As many digits of each class as make up this share, beside the known ones; to the nearest.

        Examples
        --------
        >>> [Augmentation().added(share) for share in SHARES]
        [5, 14, 42]
        """
        return round(self.known * share / (1 - share))

    @property
    def generated(self) -> int:
        """Digits of each class that are generated: what the greatest share needs, in whole batches."""
        return -(-self.added(max(SHARES)) // self.batch) * self.batch


def plain_gan(about: Augmentation, codes: Sampler) -> Setup:
    """A GAN of codes, one to each latent vector."""
    optimiser = optax.adam(about.learning_rate, b1=about.momentum)
    return Setup(
        sample=codes,
        width=about.code,
        latent=about.latent,
        generator=networks.multilayer(about.hidden, about.depth, about.code),
        critic=networks.multilayer(about.hidden, about.depth, 1),
        loss=wasserstein_penalised(),
        generator_optimiser=optimiser,
        critic_optimiser=optimiser,
        rows=about.rows,
        packing=1,
        merging=1,
        critic_steps=about.critic_steps,
        penalty=NO_PENALTY,
    )


def combining_gan(about: Augmentation, codes: Sampler) -> Setup:
    """L-GAN without its penalty: batches of vectors, whose random combinations are judged."""
    body = networks.multilayer(about.hidden, about.depth, about.batch * about.code)
    return plain_gan(about, codes)._replace(
        latent=about.latent + about.batch,
        generator=batches(body, about.batch),
        combine=combine(about.batch),
    )


def l_gan(about: Augmentation, codes: Sampler) -> Setup:
    """L-GAN: what is combined is near-orthogonal."""
    return combining_gan(about, codes)._replace(penalty=orthogonality(about.batch, about.penalty))


class Codes(NamedTuple):
    """What an autoencoder makes of the known digits; with a leading axis, for all trials.

    Attributes
    ----------
    centred : array, shape (10, n, code)
        The codes of each class without their mean, in units of `spread`.
    centres : array, shape (10, 1, code)
        Their means.
    spread : array, shape ()
        Standard deviation of the codes within the classes.
    decoder : parameters
    error : array, shape ()
        Mean squared error of a pixel in reconstruction.
    """

    centred: Array
    centres: Array
    spread: Array
    decoder: networks.Parameters
    error: Array


@partial(jax.jit, static_argnames=("about",))
def encode(about: Augmentation, known: Array, seeds: Array) -> Codes:
    """Train an autoencoder on each trial's known digits, shape (t, 10, n, width), and encode them."""

    def trial(images: Array, seed: Array) -> Codes:
        width = images.shape[-1]
        encoder = networks.multilayer(2 * about.hidden, 1, about.code)
        trained = autoencoder.fit(
            autoencoder.Training(
                sample=resample(images.reshape(-1, width)),
                width=width,
                encoder=encoder,
                decoder=_decoder(about, width),
                optimiser=optax.adam(1e-3),
                rows=about.rows,
                steps=about.steps,
            ),
            seed,
        )
        codes = encoder.apply(trained.encoder, images)
        centres = codes.mean(axis=1, keepdims=True)
        spread = jnp.std(codes - centres)
        return Codes((codes - centres) / spread, centres, spread, trained.decoder, trained.error)

    return jax.vmap(trial)(known, seeds)


@partial(jax.jit, static_argnames=("about", "width"))
def decode(about: Augmentation, width: int, codes: Codes, made: Array) -> Array:
    """Images of centred codes, shape (t, 10, k, code)."""

    def trial(codes: Codes, made: Array) -> Array:
        return _decoder(about, width).apply(codes.decoder, made * codes.spread + codes.centres)

    return jax.vmap(trial)(codes, made)


def _decoder(about: Augmentation, width: int) -> networks.Layer:
    return networks.multilayer(2 * about.hidden, 1, width)


Maker = Callable[[Augmentation, Array, Array], Array]
"""From a configuration, centred codes of one class, shape (n, code), and a seed to new codes."""


def trained(setup: Callable[[Augmentation, Sampler], Setup]) -> Maker:
    """Codes of a generator that is trained on those of the class."""

    def make(about: Augmentation, codes: Array, seed: Array) -> Array:
        parts = setup(about, resample(codes))
        states = advance(parts, start(parts, seed[jnp.newaxis]), about.steps)
        return draw(parts, states, about.generated)[0]

    return make


def combined_codes(about: Augmentation, codes: Array, seed: Array) -> Array:
    """Random linear combinations of batches of real codes."""
    key_codes, key_coefficients = jax.random.split(jax.random.key(seed))
    coefficients = jax.random.normal(key_coefficients, (about.generated, about.batch))
    return combine(about.batch)(coefficients, resample(codes)(key_codes, about.generated))


def noisy_codes(about: Augmentation, codes: Array, seed: Array) -> Array:
    """Real codes with normal noise."""
    key_codes, key_noise = jax.random.split(jax.random.key(seed))
    noise = jax.random.normal(key_noise, (about.generated, about.code))
    return resample(codes)(key_codes, about.generated) + about.noise * noise


MAKERS: Mapping[str, Maker] = {
    "L-GAN": trained(l_gan),
    "L-GAN without penalty": trained(combining_gan),
    "GAN of codes": trained(plain_gan),
    "combinations of codes": combined_codes,
    "noise on codes": noisy_codes,
}


@partial(jax.jit, static_argnames=("about", "method"))
def make_codes(about: Augmentation, method: str, codes: Array, seeds: Array) -> Array:
    """New codes of every trial and class, all trained at once.

    Parameters
    ----------
    about : Augmentation
    method : str
        Of `MAKERS`.
    codes : array, shape (t, 10, n, code)
        Centred.
    seeds : array of int, shape (t,)

    Returns
    -------
    array, shape (t, 10, generated, code)
    """
    make = jax.vmap(jax.vmap(partial(MAKERS[method], about)))
    return make(codes, CLASSES * seeds[:, jnp.newaxis] + jnp.arange(CLASSES))


def choose(split: Split, known: int, further: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Random training digits of each class: the known ones, and others.

    Returns
    -------
    tuple of ndarray, shape (10, known, width) and (10, further, width)

    Raises
    ------
    ValueError
        If there are not so many of some class.

    Examples
    --------
    >>> from modecollapse.gan.digits import bundled
    >>> [part.shape for part in choose(bundled(), 14, 48, 0)]
    [(10, 14, 64), (10, 48, 64)]
    """
    least = np.bincount(split.labels, minlength=CLASSES).min()
    if known + further > least:
        raise ValueError(f"there are {least} digits of the rarest class, {known} + {further} were wanted")
    rng = np.random.default_rng(seed)
    order = [rng.permutation(np.flatnonzero(split.labels == each)) for each in range(CLASSES)]
    chosen = split.images[np.stack([lot[: known + further] for lot in order])]
    return chosen[:, :known], chosen[:, known:]


class Run(NamedTuple):
    """Digits made by each method, and those they were made from.

    Attributes
    ----------
    configuration : Augmentation
    seeds : ndarray of int, shape (t,)
    known : ndarray, shape (t, 10, n, width)
        The known digits of each class.
    images : dict of str to ndarray, shape (t, 10, k, width)
        Digits to add to each class: by `MAKERS`, "copies" of the known and "further digits".
    reconstruction : ndarray, shape (t,)
        Mean squared error of a pixel, of the autoencoder on the known digits.
    seconds : float
        Processor time, with compilation.
    """

    configuration: Augmentation
    seeds: IntArray
    known: FloatArray
    images: dict[str, FloatArray]
    reconstruction: FloatArray
    seconds: float

    def tidy(self) -> list[dict[str, object]]:
        """One row a method, share, trial and quantity.

        The quantity is one of `COSTS`, a classifier's accuracy on the held-out digits, at each share and for
        the known digits alone (method "known digits", share 0); or "recognised", the share of all a method's
        digits that a classifier of all the training digits takes for those of their class.
        """
        found = digits(self.configuration.data)
        split, classify = found.split, found.classify

        def row(method: str, share: float, seed: int, quantity: str, value: float) -> dict[str, object]:
            return {"method": method, "share": share, "seed": seed, "quantity": quantity, "value": value}

        rows = []
        for i, seed in enumerate(self.seeds.tolist()):
            known = self.known[i]
            rows += [
                row("known digits", 0.0, seed, name, accuracy(known, split, cost))
                for name, cost in COSTS.items()
            ]
            for method, images in self.images.items():
                named = classify(images[i].reshape(-1, images.shape[-1])).reshape(CLASSES, -1)
                right = np.mean(named == np.arange(CLASSES)[:, np.newaxis])
                rows.append(row(method, 1.0, seed, "recognised", float(right)))
                for share in SHARES:
                    more = images[i, :, : self.configuration.added(share)]
                    taught = np.concatenate([known, more], axis=1)
                    rows += [
                        row(method, share, seed, name, accuracy(taught, split, cost))
                        for name, cost in COSTS.items()
                    ]
        return rows


def accuracy(taught: FloatArray, split: Split, cost: float) -> float:
    """Of a support vector machine on the held-out digits.

    Parameters
    ----------
    taught : ndarray, shape (10, k, width)
        The images it learns from, by class.
    split : Split
    cost : float
        C, of an error on what it learns from.
    """
    from sklearn.svm import SVC

    labels = np.repeat(np.arange(CLASSES), taught.shape[1])
    classifier = SVC(C=cost).fit(taught.reshape(len(labels), -1), labels)
    return float(classifier.score(split.held_out, split.held_out_labels))


def run(about: Augmentation, seeds: Sequence[int], folder: Path) -> Run:
    """Make digits by every method, or read those made before.

    Parameters
    ----------
    about : Augmentation
    seeds : sequence of int
        A trial for each.
    folder : Path
        Where the run is kept. A run of the same configuration and seeds that lies there is read.
    """
    path = path_of(about, seeds, folder)
    if path.exists():
        return load(path)
    begun = time.process_time()
    split = digits(about.data).split
    chosen = [choose(split, about.known, about.generated, seed) for seed in seeds]
    known, further = (np.stack(part) for part in zip(*chosen, strict=True))
    all_seeds = jnp.asarray(seeds)
    codes = encode(about, known, all_seeds)
    images = {}
    for method in tqdm(MAKERS, desc="augmentation"):
        made = make_codes(about, method, codes.centred, all_seeds)
        images[method] = np.asarray(decode(about, known.shape[-1], codes, made))
    images["copies"] = known[:, :, np.arange(about.generated) % about.known]
    images["further digits"] = further
    seconds = time.process_time() - begun
    done = Run(about, np.asarray(seeds), known, images, np.asarray(codes.error), seconds)
    save(path, done)
    return done


def path_of(about: Augmentation, seeds: Sequence[int], folder: Path) -> Path:
    """Where `run` keeps what it made: sixteen hexadecimal digits stand for configuration and seeds."""
    label = f"augmentation {about.to_json()} {[int(seed) for seed in seeds]}"
    return folder / f"{sha256(label.encode()).hexdigest()[:16]}.npz"


def save(path: Path, done: Run) -> None:
    """Write a run as npz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        configuration=np.array(done.configuration.to_json()),
        seeds=done.seeds,
        known=done.known,
        reconstruction=done.reconstruction,
        seconds=np.array(done.seconds),
        methods=np.array(list(done.images)),
        images=np.stack(list(done.images.values())),
    )


def load(path: Path) -> Run:
    """Read what `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return Run(
            Augmentation(**json.loads(str(file["configuration"]))),
            file["seeds"],
            file["known"],
            dict(zip(file["methods"].tolist(), file["images"], strict=True)),
            file["reconstruction"],
            float(file["seconds"]),
        )
