"""Digits with classes, and stacked digits: three random ones as three channels, a thousand modes.

They are scikit-learn's 8×8 digits, or those of files of one's own such as MNIST's (`modecollapse.gan.idx`). A
mode of stacked digits is the triple of classes; a classifier names it, channel by channel, whose accuracy on
digits it has not seen is stated.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, reduce
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.gan import idx
from modecollapse.gan.data import Sampler, resample
from modecollapse.gan.idx import CLASSES
from modecollapse.metrics import divergence_over_modes

STACKED = 3
"""Channels of stacked digits."""

HIDDEN = 128
"""Units of the network that classifies digits from files."""


class Split(NamedTuple):
    """Digits with their classes, some to train with and some held out.

    Attributes
    ----------
    images, held_out : ndarray, shape (n, width)
        Pixels from 0 to 1, an image a row.
    labels, held_out_labels : ndarray of int, shape (n,)
    """

    images: FloatArray
    labels: IntArray
    held_out: FloatArray
    held_out_labels: IntArray


class Digits(NamedTuple):
    """Digits, and a judge of classes that was trained on them.

    Attributes
    ----------
    split : Split
    classify : callable (images) → classes 0, …, 9
    accuracy : float
        Of the classifier, on the held-out digits.
    shares : ndarray, shape (10,)
        Of the classes among the training images, as the classifier names them.
    """

    split: Split
    classify: Callable[[FloatArray], IntArray]
    accuracy: float
    shares: FloatArray

    @property
    def width(self) -> int:
        """Pixels of an image."""
        return self.split.images.shape[1]


@cache
def bundled() -> Split:
    """scikit-learn's 1797 digits of 8×8 pixels, a fifth of them held out.

    Examples
    --------
    >>> bundled().images.shape, bundled().held_out.shape
    ((1437, 64), (360, 64))
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pixels, labels = load_digits(return_X_y=True)
    known, held_out, known_labels, held_out_labels = train_test_split(
        pixels / 16, labels, test_size=0.2, stratify=labels, random_state=0
    )
    return Split(known, known_labels, held_out, held_out_labels)


def from_files(path: Path) -> Split:
    """Digits of files of one's own, in single precision; see `modecollapse.gan.idx.load`."""
    found = idx.load(path)

    def rows(images: idx.Bytes) -> FloatArray:
        return images.reshape(len(images), -1) / np.float32(255)

    return Split(
        rows(found.images), found.labels.astype(int), rows(found.held_out), found.held_out_labels.astype(int)
    )


@cache
def digits(data: str = "") -> Digits:
    """Digits and their judge: a support vector machine for the 1437 bundled ones, a network for files.

    Parameters
    ----------
    data : str
        Path of a folder of IDX files or of an npz file; without, scikit-learn's digits. Files are read once.

    Raises
    ------
    ValueError
        If the files are not as `modecollapse.gan.idx.load` wants them.

    Examples
    --------
    >>> found = digits()
    >>> found.width, round(found.accuracy, 3)
    (64, 0.983)
    """
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import SVC

    if data:
        # the cost of a support vector machine grows with the square of the number of images
        split, classifier = from_files(Path(data)), MLPClassifier(HIDDEN, early_stopping=True, random_state=0)
    else:
        split, classifier = bundled(), SVC()
    classifier.fit(split.images, split.labels)
    shares = np.bincount(classifier.predict(split.images), minlength=CLASSES) / len(split.images)
    accuracy = float(classifier.score(split.held_out, split.held_out_labels))
    return Digits(split, classifier.predict, accuracy, shares)


def stack(images: FloatArray, channels: int = STACKED) -> Sampler:
    """Independent digits in a row.

    Parameters
    ----------
    images : array_like, shape (n, width)
    channels : int
        Digits to a row.

    Examples
    --------
    >>> stack(bundled().images)(jax.random.key(0), 5).shape
    (5, 192)
    """
    single = resample(jnp.asarray(images, dtype=float))

    def sample(key: jax.Array, n: int) -> jax.Array:
        return single(key, channels * n).reshape(n, -1)

    return sample


def count_stacks(
    rows: FloatArray, classify: Callable[[FloatArray], IntArray], channels: int = STACKED
) -> IntArray:
    """How many rows show each tuple of digits, shape (10^channels,), in the order of decimal numbers.

    Parameters
    ----------
    rows : array_like, shape (n, channels·width)
    classify : callable (images) → classes
    channels : int

    Examples
    --------
    >>> rows = np.asarray(stack(bundled().images)(jax.random.key(0), 50))
    >>> counts = count_stacks(rows, digits().classify)
    >>> counts.shape, int(counts.sum())
    ((1000,), 50)
    """
    images = np.asarray(rows, dtype=np.float64).reshape(len(rows) * channels, -1)
    classes = classify(images).reshape(len(rows), channels)
    tuples = classes @ CLASSES ** np.arange(channels - 1, -1, -1)
    return np.bincount(tuples, minlength=CLASSES**channels)


def stack_law(shares: FloatArray, channels: int = STACKED) -> FloatArray:
    """The masses of the modes, shape (10^channels,), for digits of these classes' shares, shape (10,)."""
    return reduce(np.multiply.outer, [shares] * channels).ravel()


def measure_stacks(found: Digits, samples: FloatArray, channels: int = STACKED) -> dict[str, FloatArray]:
    """Modes found, and reverse KL over the modes, of every trial; and how good the judge of modes is.

    Parameters
    ----------
    found : Digits
    samples : ndarray, shape (t, n, channels·width)
    channels : int

    Returns
    -------
    dict of str to ndarray, shape (t,)
        "modes", those with at least one point; "reverse_kl" (nats), which
        overstates by about 10^channels/(2n); and
        "classifier_accuracy" on held-out digits, the same for all.
    """
    counts = [count_stacks(points, found.classify, channels) for points in samples]
    target = stack_law(found.shares, channels)
    return {
        "modes": np.array([float(np.count_nonzero(lot)) for lot in counts]),
        "reverse_kl": np.array([divergence_over_modes(target, lot, "reverse_kl") for lot in counts]),
        "classifier_accuracy": np.full(len(counts), found.accuracy),
    }
