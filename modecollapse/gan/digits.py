"""Images of digits, and stacked digits: three random digits as three channels, with a thousand modes.

The digits are scikit-learn's 8×8 images, or those of files such as MNIST's (`modecollapse.gan.idx`). A mode
of stacked digits is the triple of classes. A classifier determines it channel by channel. Its accuracy on
held-out digits is part of the results, and so is the share of them that it is sure of.
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
from modecollapse.gan import classifier, idx
from modecollapse.gan.data import Sampler, resample
from modecollapse.gan.idx import CLASSES
from modecollapse.metrics import divergence_over_modes, entropy

STACKED = 3
"""Number of channels of stacked digits."""

CONFIDENCE = 0.998
"""Confidence of the classifier in a digit of high quality (VirtualGAN, Table II)."""

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
    probabilities : callable (images of shape (n, width)) → array of shape (n, 10)
        The classifier's probabilities of the classes.
    accuracy : float
        Accuracy of the classifier on the held-out digits, in [0, 1].
    sure : float
        Share of the held-out digits that are of high quality: the classifier is sure of them.
    shares : ndarray, shape (10,)
        Shares of the classes among the training images, as the classifier determines them.
    """

    split: Split
    probabilities: Callable[[FloatArray], FloatArray]
    accuracy: float
    sure: float
    shares: FloatArray

    @property
    def width(self) -> int:
        """The number of pixels of an image."""
        return self.split.images.shape[1]

    def classify(self, images: FloatArray) -> IntArray:
        """The most probable class of each image, shape (n,)."""
        return self.probabilities(images).argmax(axis=1)


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


def load(data: str = "", side: int = 0) -> Split:
    """The digits of files, or scikit-learn's, with images of a smaller side if it is not 0.

    The parameters and errors are those of `digits`.

    Examples
    --------
    >>> load(side=4).images.shape
    (1437, 16)
    """
    split = from_files(Path(data)) if data else bundled()
    return reduced(split, side) if side else split


@cache
def digits(data: str = "", side: int = 0) -> Digits:
    """Digits and their classifier, which is trained once a process; see `modecollapse.gan.classifier`.

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
    """
    split = load(data, side)
    trained = classifier.fit(split.images, split.labels)
    known, held_out = (trained.probabilities(images) for images in (split.images, split.held_out))
    return Digits(
        split,
        trained.probabilities,
        accuracy=float(np.mean(held_out.argmax(axis=1) == split.held_out_labels)),
        sure=float(np.mean(held_out.max(axis=1) >= CONFIDENCE)),
        shares=np.bincount(known.argmax(axis=1), minlength=CLASSES) / len(known),
    )


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


def count_stacks(classes: IntArray) -> IntArray:
    """Count the rows that show each tuple of digits.

    Parameters
    ----------
    classes : ndarray of int, shape (n, channels)
        Class of each digit of a row.

    Returns
    -------
    ndarray of int, shape (10^channels,)
        Counts in the order of decimal numbers.

    Examples
    --------
    >>> counts = count_stacks(np.array([[7, 0, 2], [7, 0, 2], [0, 0, 1]]))
    >>> counts.shape, int(counts[702]), int(counts[1])
    ((1000,), 2, 1)
    """
    channels = classes.shape[1]
    tuples = classes @ CLASSES ** np.arange(channels - 1, -1, -1)
    return np.bincount(tuples, minlength=CLASSES**channels)


def stack_law(shares: FloatArray, channels: int = STACKED) -> FloatArray:
    """The masses of the modes, shape (10^channels,), where the classes have these shares, shape (10,)."""
    return reduce(np.multiply.outer, [shares] * channels).ravel()


def measure_stacks(reference: Digits, samples: FloatArray, channels: int = STACKED) -> dict[str, FloatArray]:
    """The metrics of every trial over the modes, and what the classifier achieves on real digits.

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
        "modes" is the number of modes with at least one row. "high_quality" is the share of rows of which the
        classifier is sure: its confidence is at least 99.8 % in every channel. "reverse_kl", "forward_kl",
        "js" and "entropy" are over the modes, in nats; "reverse_kl" has a bias of approximately
        10^channels/(2n). "classifier_accuracy" and "high_quality_real" are measured on held-out digits. The
        second is what "high_quality" would be for a generator of these, with independent channels.
    """
    trials = [_measure_one(reference, rows, channels) for rows in samples]
    return {metric: np.array([trial[metric] for trial in trials]) for metric in trials[0]}


def _measure_one(reference: Digits, rows: FloatArray, channels: int) -> dict[str, float]:
    """The metrics of one trial's rows, shape (n, channels·width)."""
    probabilities = reference.probabilities(rows.reshape(len(rows) * channels, -1))
    sure = (probabilities.max(axis=1) >= CONFIDENCE).reshape(-1, channels).all(axis=1)
    counts = count_stacks(probabilities.argmax(axis=1).reshape(-1, channels))
    target = stack_law(reference.shares, channels)
    return {
        "modes": float(np.count_nonzero(counts)),
        "high_quality": float(sure.mean()),
        "reverse_kl": divergence_over_modes(target, counts, "reverse_kl"),
        "forward_kl": divergence_over_modes(target, counts, "kl"),
        "js": divergence_over_modes(target, counts, "js"),
        "entropy": entropy(counts),
        "classifier_accuracy": reference.accuracy,
        "high_quality_real": reference.sure**channels,
    }
