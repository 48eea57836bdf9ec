"""Images of digits, and stacked digits: three random digits as three channels, with a thousand modes.

The digits are scikit-learn's 8×8 images, or those of files such as MNIST's (`modecollapse.gan.idx`). A mode
of stacked digits is the triple of classes. A classifier determines it channel by channel. The accuracy of
the classifier on held-out digits is part of the results.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import cache, reduce
from pathlib import Path
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.divergence import DivergenceName
from modecollapse.gan import idx
from modecollapse.gan.data import Sampler, resample
from modecollapse.gan.idx import CLASSES
from modecollapse.metrics import divergence_over_modes, entropy

STACKED = 3
"""Number of channels of stacked digits."""

HIDDEN = 128
"""Number of units of the network that classifies digits from files."""

BUNDLED_WHITE, FILE_WHITE = 16, 255
"""Greatest pixel of scikit-learn's digits, and of unsigned bytes."""

HELD_OUT_SHARE = 0.2
"""Share of scikit-learn's digits that are held out."""


class Split(NamedTuple):
    """Digits with their classes, some to train with and some held out.

    Attributes
    ----------
    images, held_out : ndarray, shape (n, width)
        Training images and held-out images, as rows of pixels from 0 to 1.
    labels, held_out_labels : ndarray of int, shape (n,)
        Their classes from 0 to 9.
    """

    images: FloatArray
    labels: IntArray
    held_out: FloatArray
    held_out_labels: IntArray


class Digits(NamedTuple):
    """Digits, and a classifier that was trained on them.

    Attributes
    ----------
    split : Split
        Training digits and held-out digits.
    classify : callable (images) → classes 0, …, 9
        The classifier.
    accuracy : float
        Accuracy of the classifier on the held-out digits, in [0, 1].
    shares : ndarray, shape (10,)
        Shares of the classes among the training images, as the classifier determines them.
    """

    split: Split
    classify: Callable[[FloatArray], IntArray]
    accuracy: float
    shares: FloatArray

    @property
    def width(self) -> int:
        """The number of pixels of an image."""
        return self.split.images.shape[1]


@cache
def bundled() -> Split:
    """scikit-learn's 1797 digits of 8×8 pixels, of which a fifth is held out.

    Examples
    --------
    >>> bundled().images.shape, bundled().held_out.shape
    ((1437, 64), (360, 64))
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    pixels, labels = load_digits(return_X_y=True)
    known, held_out, known_labels, held_out_labels = train_test_split(
        pixels / BUNDLED_WHITE, labels, test_size=HELD_OUT_SHARE, stratify=labels, random_state=0
    )
    return Split(known, known_labels, held_out, held_out_labels)


def from_files(path: Path) -> Split:
    """The digits of files in single precision; see `modecollapse.gan.idx.load`."""
    labelled = idx.load(path)

    def rows(images: idx.Bytes) -> FloatArray:
        return images.reshape(len(images), -1) / np.float32(FILE_WHITE)

    return Split(
        rows(labelled.images),
        labelled.labels.astype(int),
        rows(labelled.held_out),
        labelled.held_out_labels.astype(int),
    )


def reduced(split: Split, side: int) -> Split:
    """The digits with square images of a smaller side, by means of square blocks of pixels.

    Parameters
    ----------
    split : Split
        Digits with square images.
    side : int
        The new side, a divisor of the old one.

    Raises
    ------
    ValueError
        If the side does not divide that of the images.

    Examples
    --------
    >>> reduced(bundled(), 4).images.shape
    (1437, 16)
    """
    old = math.isqrt(split.images.shape[1])
    if old % side:
        raise ValueError(f"side must divide the side {old} of the images, got {side!r}")

    def means(images: FloatArray) -> FloatArray:
        blocks = images.reshape(-1, side, old // side, side, old // side)
        return blocks.mean(axis=(2, 4)).reshape(len(images), -1)

    return split._replace(images=means(split.images), held_out=means(split.held_out))


@cache
def digits(data: str = "", side: int = 0) -> Digits:
    """Digits and their classifier: a support vector machine for scikit-learn's digits, a network for files.

    Parameters
    ----------
    data : str
        Path of a folder of IDX files, or of an npz file. Default: scikit-learn's digits. Files are read once.
    side : int
        Side to which the images are reduced; 0 for their own. See `reduced`.

    Raises
    ------
    ValueError
        If `modecollapse.gan.idx.load` refuses the files, or if the side does not divide that of the images.

    Examples
    --------
    >>> bundled_digits = digits()
    >>> bundled_digits.width, round(bundled_digits.accuracy, 3)
    (64, 0.983)
    """
    from sklearn.neural_network import MLPClassifier
    from sklearn.svm import SVC

    if data:
        # the cost of a support vector machine grows with the square of the number of images
        split, classifier = from_files(Path(data)), MLPClassifier(HIDDEN, early_stopping=True, random_state=0)
    else:
        split, classifier = bundled(), SVC()
    split = reduced(split, side) if side else split
    classifier.fit(split.images, split.labels)
    shares = np.bincount(classifier.predict(split.images), minlength=CLASSES) / len(split.images)
    accuracy = float(classifier.score(split.held_out, split.held_out_labels))
    return Digits(split, classifier.predict, accuracy, shares)


def stack(images: FloatArray, channels: int = STACKED) -> Sampler:
    """Sampler of rows of independent digits.

    Parameters
    ----------
    images : array_like, shape (n, width)
        Images to draw from.
    channels : int
        Number of digits in a row.

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
    """Count the rows that show each tuple of digits.

    Parameters
    ----------
    rows : array_like, shape (n, channels·width)
        Stacked digits.
    classify : callable (images) → classes
        Classifier of single digits.
    channels : int
        Number of digits in a row.

    Returns
    -------
    ndarray of int, shape (10^channels,)
        Counts in the order of decimal numbers.

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
    """The masses of the modes, shape (10^channels,), where the classes have these shares, shape (10,)."""
    return reduce(np.multiply.outer, [shares] * channels).ravel()


def measure_stacks(reference: Digits, samples: FloatArray, channels: int = STACKED) -> dict[str, FloatArray]:
    """The metrics of every trial over the modes, and the classifier's accuracy.

    Parameters
    ----------
    reference : Digits
        The target, with its classifier.
    samples : ndarray, shape (t, n, channels·width)
        Generated rows of t trials.
    channels : int
        Number of digits in a row.

    Returns
    -------
    dict of str to ndarray, shape (t,)
        "modes" is the number of modes with at least one row. "classifier_accuracy" is measured on held-out
        digits. "reverse_kl", "forward_kl", "js" and "entropy" are over the modes, in nats; "reverse_kl" has a
        bias of approximately 10^channels/(2n).
    """
    trials = [count_stacks(rows, reference.classify, channels) for rows in samples]
    target = stack_law(reference.shares, channels)

    def over_modes(name: DivergenceName) -> FloatArray:
        return np.array([divergence_over_modes(target, counts, name) for counts in trials])

    return {
        "modes": np.array([float(np.count_nonzero(counts)) for counts in trials]),
        "classifier_accuracy": np.full(len(trials), reference.accuracy),
        "reverse_kl": over_modes("reverse_kl"),
        "forward_kl": over_modes("kl"),
        "js": over_modes("js"),
        "entropy": np.array([entropy(counts) for counts in trials]),
    }
