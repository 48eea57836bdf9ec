"""L-GAN's digits as extra training data of a classifier: one generator a class, trained on few digits.

A trial knows some digits of each class. An autoencoder is trained on all of them, and a generator on the
centred codes of each class. The classifier is trained on the known digits together with generated ones, and
tested on the held-out digits.

Other explanations of a gain are tested in the same way: L-GAN without its penalty, a plain GAN of the codes,
combinations of real codes without training, noise on the codes, and copies of the known digits. Further real
digits show how much could be gained.

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
"""Shares of extra digits in the classifier's training set."""

COSTS = {"accuracy": 10.0, "usual_accuracy": 1.0}
"""Cost C of the support vector machine, by the name of the resulting accuracy.

At C = 10 copies of the known digits leave the accuracy unchanged, so that a gain is due to new digits. At
C = 1, the default of scikit-learn, copies alone raise the accuracy, as a higher cost does.
"""

AUTOENCODER_RATE = 1e-3
"""Learning rate of the autoencoder (Adam)."""


@dataclass(frozen=True)
class ExtraDigits:
    """Configuration of the experiment.

    Attributes
    ----------
    data : str
        Path of files of digits; see `modecollapse.gan.digits.digits`. Default: scikit-learn's digits.
    known : int
        Number of known digits of each class. 14 are a tenth of scikit-learn's training digits.
    code : int
        Length of the autoencoder's codes.
    latent : int
        Dimension of the generators' latent vectors, without coefficients.
    batch : int
        Number of vectors in a batch of L-GAN. Their random linear combinations are judged and decoded.
    penalty : float
        Factor λ of the penalty on squared cosines.
    noise : float
        Standard deviation of the noise on codes, in units of that of the codes within a class.
    hidden, depth : int
        Width and number of the hidden layers of generators and critics. The encoder and the decoder have one
        hidden layer each, of twice this width.
    learning_rate, momentum : float
        Parameters of Adam, for generators and critics.
    critic_steps, rows, steps : int
        Parameters of the generators' training with the Wasserstein loss and gradient penalty; see
        `modecollapse.gan.trainer.Setup`. The autoencoder is trained for `steps` steps too.

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
        """The number of extra digits of each class that are this share of the training set, rounded.

        Examples
        --------
        >>> [ExtraDigits().added(share) for share in SHARES]
        [5, 14, 42]
        """
        return round(self.known * share / (1 - share))

    @property
    def generated(self) -> int:
        """The number of generated digits of each class: enough for the greatest share, in whole batches."""
        return -(-self.added(max(SHARES)) // self.batch) * self.batch


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


class Codes(NamedTuple):
    """Codes of the known digits, of one trial or of all trials with a leading axis.

    Attributes
    ----------
    centred : array, shape (10, n, code)
        Codes minus the mean of their class, in units of `spread`.
    centres : array, shape (10, 1, code)
        Mean codes of the classes.
    spread : array, shape ()
        Standard deviation of the codes within the classes.
    decoder : parameters
        Parameters of the decoder.
    error : array, shape ()
        Mean squared error of a reconstructed pixel.
    """

    centred: Array
    centres: Array
    spread: Array
    decoder: networks.Parameters
    error: Array


@partial(jax.jit, static_argnames=("configuration",))
def encode(configuration: ExtraDigits, known: Array, seeds: Array) -> Codes:
    """Train an autoencoder on each trial's known digits, shape (t, 10, n, width), and encode them."""

    def trial(images: Array, seed: Array) -> Codes:
        width = images.shape[-1]
        encoder = networks.multilayer(2 * configuration.hidden, 1, configuration.code)
        trained = autoencoder.fit(
            autoencoder.Training(
                sample=resample(images.reshape(-1, width)),
                width=width,
                encoder=encoder,
                decoder=_decoder(configuration, width),
                optimiser=optax.adam(AUTOENCODER_RATE),
                rows=configuration.rows,
                steps=configuration.steps,
            ),
            seed,
        )
        codes = encoder.apply(trained.encoder, images)
        centres = codes.mean(axis=1, keepdims=True)
        spread = jnp.std(codes - centres)
        return Codes((codes - centres) / spread, centres, spread, trained.decoder, trained.error)

    return jax.vmap(trial)(known, seeds)


@partial(jax.jit, static_argnames=("configuration", "width"))
def decode(configuration: ExtraDigits, width: int, codes: Codes, centred: Array) -> Array:
    """Images of centred codes, shape (t, 10, k, code)."""

    def trial(codes: Codes, centred: Array) -> Array:
        return _decoder(configuration, width).apply(codes.decoder, centred * codes.spread + codes.centres)

    return jax.vmap(trial)(codes, centred)


def _decoder(configuration: ExtraDigits, width: int) -> networks.Layer:
    return networks.multilayer(2 * configuration.hidden, 1, width)


Maker = Callable[[ExtraDigits, Array, Array], Array]
"""Function of a configuration, a class's centred codes, shape (n, code), and a seed that gives new codes."""


def trained(setup: Callable[[ExtraDigits, Sampler], Setup]) -> Maker:
    """Maker of codes by a generator that is trained on the codes of the class."""

    def make(configuration: ExtraDigits, codes: Array, seed: Array) -> Array:
        parts = setup(configuration, resample(codes))
        states = advance(parts, start(parts, seed[jnp.newaxis]), configuration.steps)
        return draw(parts, states, configuration.generated)[0]

    return make


def combined_codes(configuration: ExtraDigits, codes: Array, seed: Array) -> Array:
    """New codes as random linear combinations of batches of real codes."""
    key_codes, key_coefficients = jax.random.split(jax.random.key(seed))
    coefficients = jax.random.normal(key_coefficients, (configuration.generated, configuration.batch))
    return combine(configuration.batch)(coefficients, resample(codes)(key_codes, configuration.generated))


def noisy_codes(configuration: ExtraDigits, codes: Array, seed: Array) -> Array:
    """New codes as real codes with normal noise."""
    key_codes, key_noise = jax.random.split(jax.random.key(seed))
    noise = jax.random.normal(key_noise, (configuration.generated, configuration.code))
    return resample(codes)(key_codes, configuration.generated) + configuration.noise * noise


MAKERS: Mapping[str, Maker] = {
    "L-GAN": trained(l_gan),
    "L-GAN without penalty": trained(combining_gan),
    "GAN of codes": trained(plain_gan),
    "combinations of codes": combined_codes,
    "noise on codes": noisy_codes,
}
"""Makers of codes by the name of the method."""


@partial(jax.jit, static_argnames=("configuration", "method"))
def make_codes(configuration: ExtraDigits, method: str, codes: Array, seeds: Array) -> Array:
    """New codes of every trial and class. All generators are trained at once.

    Parameters
    ----------
    configuration : ExtraDigits
        Configuration of the experiment.
    method : str
        A name in `MAKERS`.
    codes : array, shape (t, 10, n, code)
        Centred codes.
    seeds : array of int, shape (t,)
        Seeds of the trials.

    Returns
    -------
    array, shape (t, 10, generated, code)
    """
    make = jax.vmap(jax.vmap(partial(MAKERS[method], configuration)))
    return make(codes, CLASSES * seeds[:, jnp.newaxis] + jnp.arange(CLASSES))


def choose(split: Split, known: int, further: int, seed: int) -> tuple[FloatArray, FloatArray]:
    """Draw random training digits of each class: the known ones, and further ones.

    Returns
    -------
    tuple of ndarray, shape (10, known, width) and (10, further, width)
        Known digits, and further digits.

    Raises
    ------
    ValueError
        If a class has fewer digits.

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
    chosen = split.images[np.stack([indices[: known + further] for indices in order])]
    return chosen[:, :known], chosen[:, known:]


class Run(NamedTuple):
    """Extra digits from every method, and the known digits.

    Attributes
    ----------
    configuration : ExtraDigits
        Configuration of the experiment.
    seeds : ndarray of int, shape (t,)
        Seeds of the trials.
    known : ndarray, shape (t, 10, n, width)
        The known digits of each class.
    images : dict of str to ndarray, shape (t, 10, k, width)
        Extra digits of each class, by method: those of `MAKERS`, "copies" and "further digits".
    reconstruction : ndarray, shape (t,)
        Mean squared error of a pixel of the known digits in reconstruction.
    seconds : float
        Processor time with compilation.
    """

    configuration: ExtraDigits
    seeds: IntArray
    known: FloatArray
    images: dict[str, FloatArray]
    reconstruction: FloatArray
    seconds: float

    def tidy(self) -> list[dict[str, object]]:
        """A tidy table: one row for each method, share, trial and quantity.

        The quantities in `COSTS` are accuracies on the held-out digits, at each share, and for the known
        digits alone (method "known digits", share 0). "recognised" is the share of a method's digits whose
        class a classifier of all training digits recognises.
        """
        reference = digits(self.configuration.data)
        split, classify = reference.split, reference.classify

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
                    extra = images[i, :, : self.configuration.added(share)]
                    taught = np.concatenate([known, extra], axis=1)
                    rows += [
                        row(method, share, seed, name, accuracy(taught, split, cost))
                        for name, cost in COSTS.items()
                    ]
        return rows


def accuracy(taught: FloatArray, split: Split, cost: float) -> float:
    """Accuracy of a support vector machine on the held-out digits.

    Parameters
    ----------
    taught : ndarray, shape (10, k, width)
        Training images by class.
    split : Split
        Digits, of which the held-out ones are used.
    cost : float
        Cost C of an error on a training image.
    """
    from sklearn.svm import SVC

    labels = np.repeat(np.arange(CLASSES), taught.shape[1])
    classifier = SVC(C=cost).fit(taught.reshape(len(labels), -1), labels)
    return float(classifier.score(split.held_out, split.held_out_labels))


def run(configuration: ExtraDigits, seeds: Sequence[int], folder: Path) -> Run:
    """Make extra digits by every method, or read those that a folder has.

    Parameters
    ----------
    configuration : ExtraDigits
        Configuration of the experiment.
    seeds : sequence of int
        Seeds of the trials.
    folder : Path
        Folder of runs. A run of the same configuration and seeds is read from it; a new one is written to it.
    """
    path = path_of(configuration, seeds, folder)
    if path.exists():
        return load(path)
    start_time = time.process_time()
    split = digits(configuration.data).split
    chosen = [choose(split, configuration.known, configuration.generated, seed) for seed in seeds]
    known, further = (np.stack(part) for part in zip(*chosen, strict=True))
    all_seeds = jnp.asarray(seeds)
    codes = encode(configuration, known, all_seeds)
    images = {}
    for method in tqdm(MAKERS, desc="extra digits"):
        new_codes = make_codes(configuration, method, codes.centred, all_seeds)
        images[method] = np.asarray(decode(configuration, known.shape[-1], codes, new_codes))
    images["copies"] = known[:, :, np.arange(configuration.generated) % configuration.known]
    images["further digits"] = further
    seconds = time.process_time() - start_time
    finished = Run(configuration, np.asarray(seeds), known, images, np.asarray(codes.error), seconds)
    save(path, finished)
    return finished


def path_of(configuration: ExtraDigits, seeds: Sequence[int], folder: Path) -> Path:
    """Path of a run in its folder: sixteen hexadecimal digits of a hash of configuration and seeds."""
    label = f"extra digits {configuration.to_json()} {[int(seed) for seed in seeds]}"
    return folder / f"{sha256(label.encode()).hexdigest()[:16]}.npz"


def save(path: Path, finished: Run) -> None:
    """Write a run as npz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        configuration=np.array(finished.configuration.to_json()),
        seeds=finished.seeds,
        known=finished.known,
        reconstruction=finished.reconstruction,
        seconds=np.array(finished.seconds),
        methods=np.array(list(finished.images)),
        images=np.stack(list(finished.images.values())),
    )


def load(path: Path) -> Run:
    """Read a run that `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return Run(
            ExtraDigits(**json.loads(str(file["configuration"]))),
            file["seeds"],
            file["known"],
            dict(zip(file["methods"].tolist(), file["images"], strict=True)),
            file["reconstruction"],
            float(file["seconds"]),
        )
