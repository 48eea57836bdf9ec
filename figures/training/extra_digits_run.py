"""The experiment with extra digits: a classifier is trained on few known digits together with extra ones.

A trial knows a share of the training digits, the same number of each class. Each method makes extra digits
from these alone, once. A share of each minibatch of the classifier is extra digits, and the rest known ones.
The classifier is tested on the held-out digits. Two further training sets show what could be gained: all
training digits, and further real digits in place of made ones.

A trial is kept in one npz file, named by its configuration and seed: `configuration` and `rows` (JSON), the
names `pictured` (c,) of its pictures, `pictures` (c, 10, k, width), and `seconds` of processor time.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

import jax.numpy as jnp
import numpy as np
from jax import Array
from tqdm import tqdm

from modecollapse.arrays import FloatArray
from modecollapse.gan.digits import Split, bundled, from_files
from modecollapse.gan.idx import CLASSES

from .extra_digits import CODE_MAKERS, IMAGE_MAKERS, ExtraDigits, Spaces, decode, encode, make
from .extra_digits_classifier import Labelled, accuracies, by_class, teach
from .tables import Row

SHARES = (0.25, 0.5, 0.75)
"""Shares of extra digits in the classifier's minibatches."""

PICTURED = 9
"""Number of digits of each class in a picture."""

KNOWN, ALL, FURTHER = "nothing", "all training digits", "further digits"
"""Names of the training sets without made digits."""

PATH = "straight line of codes"
"""Name of the picture of a straight line between the codes of two known digits."""


class Run(NamedTuple):
    """Results of all trials.

    Attributes
    ----------
    configuration : ExtraDigits
        Configuration of the experiment.
    rows : list of rows
        A tidy table with the columns "known", the number of known digits of a class, "method", "share",
        "seed", "quantity" and "value". The quantity "accuracy" is that on the held-out digits. For share 1
        there are "recognised", the share of a method's digits whose class the classifier of all training
        digits finds, and "spread", the variance of their pixels within a class over that of the known
        digits.
    pictures : dict of str to ndarray, shape (10, PICTURED, width)
        Digits of each class in the first trial: known ones, those of each method, and `PATH`.
    seconds : float
        Processor time with compilation.
    """

    configuration: ExtraDigits
    rows: list[Row]
    pictures: dict[str, FloatArray]
    seconds: float


def known_digits(split: Split, share: float, seed: int) -> tuple[FloatArray, Labelled]:
    """Draw known digits, the same number of each class, and give all the others too.

    Parameters
    ----------
    split : Split
        Digits, of which the training digits are used.
    share : float
        Share of the training digits that is drawn, rounded to whole digits of a class.
    seed : int
        Seed of the choice.

    Returns
    -------
    tuple of ndarray, shape (10, n, width), and Labelled
        Known digits, and further digits.

    Raises
    ------
    ValueError
        If a class would have no known digit or no further one.

    Examples
    --------
    >>> known, further = known_digits(bundled(), 0.1, 0)
    >>> known.shape, further.images.shape
    ((10, 14, 64), (1297, 64))
    """
    count = round(share * len(split.labels) / CLASSES)
    least = np.bincount(split.labels, minlength=CLASSES).min()
    if not 0 < count < least:
        raise ValueError(
            f"there are {least} digits of the rarest class, so that 1 to {least - 1} of each can be known, "
            f"got {count} for a share of {share!r}"
        )
    rng = np.random.default_rng(seed)
    order = [rng.permutation(np.flatnonzero(split.labels == each)) for each in range(CLASSES)]
    known = np.stack([split.images[indices[:count]] for indices in order])
    rest = np.concatenate([indices[count:] for indices in order])
    return known, Labelled(jnp.asarray(split.images[rest]), jnp.asarray(split.labels[rest]))


def run(configuration: ExtraDigits, seeds: Sequence[int], folder: Path) -> Run:
    """Make the experiment for every seed. Trials that a folder has are read from it, and new ones written.

    Parameters
    ----------
    configuration : ExtraDigits
        Configuration of the experiment.
    seeds : sequence of int
        Seeds of the trials.
    folder : Path
        Folder of trials.
    """
    trials = [
        _kept(configuration, int(seed), folder)
        for seed in tqdm(seeds, desc=f"extra digits, {configuration.known_share:.0%} known")
    ]
    return Run(
        configuration,
        [row for each in trials for row in each.rows],
        trials[0].pictures,
        sum(each.seconds for each in trials),
    )


def _kept(configuration: ExtraDigits, seed: int, folder: Path) -> Run:
    """The run of one trial, read from the folder or written to it."""
    path = path_of(configuration, seed, folder)
    if not path.exists():
        start_time = time.process_time()
        split = from_files(Path(configuration.data)) if configuration.data else bundled()
        rows, pictures = trial(configuration, split, seed)
        save(path, Run(configuration, rows, pictures, time.process_time() - start_time))
    return load(path)


def trial(configuration: ExtraDigits, split: Split, seed: int) -> tuple[list[Row], dict[str, FloatArray]]:
    """The rows and the pictures of one trial; see `Run`."""
    numbers, further = known_digits(split, configuration.known_share, seed)
    images, key = jnp.asarray(numbers, dtype=float), jnp.asarray(seed)
    known = by_class(images)
    everything = Labelled(jnp.asarray(split.images), jnp.asarray(split.labels))
    tested = Labelled(jnp.asarray(split.held_out), jnp.asarray(split.held_out_labels))

    def row(method: str, share: float, quantity: str, value: Array) -> Row:
        fields = {"known": images.shape[1], "method": method, "share": share, "seed": seed}
        return fields | {"quantity": quantity, "value": float(value)}

    def tell(method: str, shares: Sequence[float], known: Labelled, extra: Labelled) -> list[Row]:
        scores = accuracies(teach(known, extra, jnp.array(shares), key), tested)
        return [row(method, share, "accuracy", score) for share, score in zip(shares, scores, strict=True)]

    spaces = encode(configuration, images, key)
    recognise = teach(everything, everything, jnp.zeros(1), key)
    rows = [
        *tell(KNOWN, [0.0], known, known),
        *tell(ALL, [0.0], everything, everything),
        *tell(FURTHER, SHARES, known, further),
    ]
    pictures = {KNOWN: images[:, :PICTURED], PATH: path(configuration, images, spaces)}
    for method, extra in made(configuration, images, spaces, key):
        table = by_class(extra)
        rows += [
            *tell(method, SHARES, known, table),
            row(method, 1.0, "recognised", accuracies(recognise, table)[0]),
            row(method, 1.0, "spread", extra.var(axis=1).sum() / images.var(axis=1).sum()),
        ]
        pictures[method] = extra[:, :PICTURED]
    return rows, {name: np.asarray(picture) for name, picture in pictures.items()}


def made(
    configuration: ExtraDigits, images: Array, spaces: Spaces, seed: Array
) -> Iterator[tuple[str, Array]]:
    """The digits that each method makes of the known ones, shape (10, k, width), one method after another."""
    for method, maker in CODE_MAKERS.items():
        codes = make(configuration, maker, spaces.codes, seed)
        yield method, decode(configuration, images.shape[-1], spaces, codes)
    for method, maker in IMAGE_MAKERS.items():
        yield method, make(configuration, maker, images, seed)


def path(configuration: ExtraDigits, images: Array, spaces: Spaces) -> Array:
    """Decoded codes on the straight line between the first two known digits of each class.

    The ends are the digits themselves, shape (10, PICTURED, width) in all.
    """
    start, end = spaces.codes[:, :1], spaces.codes[:, 1:2]
    places = jnp.linspace(0, 1, PICTURED - 2)[:, jnp.newaxis]
    decoded = decode(configuration, images.shape[-1], spaces, start + places * (end - start))
    return jnp.concatenate([images[:, :1], decoded, images[:, 1:2]], axis=1)


def path_of(configuration: ExtraDigits, seed: int, folder: Path) -> Path:
    """Path of a trial in its folder: sixteen hexadecimal digits of a hash of configuration and seed."""
    label = f"extra digits {configuration.to_json()} {seed}"
    return folder / f"{sha256(label.encode()).hexdigest()[:16]}.npz"


def save(path: Path, finished: Run) -> None:
    """Write the run of a trial as npz."""
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(
        path,
        configuration=np.array(finished.configuration.to_json()),
        rows=np.array(json.dumps(finished.rows)),
        pictured=np.array(list(finished.pictures)),
        pictures=np.stack(list(finished.pictures.values())),
        seconds=np.array(finished.seconds),
    )


def load(path: Path) -> Run:
    """Read a run that `save` wrote."""
    with np.load(path, allow_pickle=False) as file:
        return Run(
            ExtraDigits(**json.loads(str(file["configuration"]))),
            json.loads(str(file["rows"])),
            dict(zip(file["pictured"].tolist(), file["pictures"], strict=True)),
            float(file["seconds"]),
        )
