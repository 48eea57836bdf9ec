"""Stacked digits: three random digits as three channels, a thousand modes, told by a classifier.

The counterpart of stacked MNIST on scikit-learn's 8×8 digits. A mode is the triple of classes; a classifier
trained on other digits than it is tried on names it, channel by channel.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from modecollapse.gan.data import Sampler, resample
from modecollapse.metrics import divergence_over_modes
from modecollapse.validation import FloatArray, IntArray

CHANNELS = 3
CLASSES = 10
MODES = CLASSES**CHANNELS
WIDTH = CHANNELS * 64


class Digits(NamedTuple):
    """Images for training the generator, and a judge of classes.

    Attributes
    ----------
    images : ndarray, shape (n, 64)
        Pixels from 0 to 1.
    classify : callable (images) → classes 0, …, 9
    accuracy : float
        Of the classifier, on the held-out fifth of the digits.
    """

    images: FloatArray
    classify: Callable[[FloatArray], IntArray]
    accuracy: float


@cache
def digits() -> Digits:
    """scikit-learn's 1797 digits: four fifths for generator and classifier, a fifth to try the latter on.

    Examples
    --------
    >>> found = digits()
    >>> found.images.shape, round(found.accuracy, 3)
    ((1437, 64), 0.983)
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from sklearn.svm import SVC

    pixels, labels = load_digits(return_X_y=True)
    known, held_out, known_labels, held_out_labels = train_test_split(
        pixels / 16, labels, test_size=0.2, stratify=labels, random_state=0
    )
    classifier = SVC().fit(known, known_labels)
    return Digits(known, classifier.predict, float(classifier.score(held_out, held_out_labels)))


def stack() -> Sampler:
    """Three independent digits in a row of 192 numbers.

    Examples
    --------
    >>> stack()(jax.random.key(0), 5).shape
    (5, 192)
    """
    single = resample(jnp.asarray(digits().images, dtype=float))

    def sample(key: jax.Array, n: int) -> jax.Array:
        return single(key, CHANNELS * n).reshape(n, -1)

    return sample


def count_stacks(rows: FloatArray) -> IntArray:
    """How many rows show each triple of digits, shape (1000,); the first channel counts hundreds.

    Parameters
    ----------
    rows : array_like, shape (n, 192)

    Examples
    --------
    >>> counts = count_stacks(np.asarray(stack()(jax.random.key(0), 50)))
    >>> counts.shape, int(counts.sum())
    ((1000,), 50)
    """
    channels = np.asarray(rows, dtype=np.float64).reshape(len(rows) * CHANNELS, -1)
    classes = digits().classify(channels).reshape(len(rows), CHANNELS)
    triples = classes @ CLASSES ** np.arange(CHANNELS - 1, -1, -1)
    return np.bincount(triples, minlength=MODES)


def stack_law() -> FloatArray:
    """The masses of the thousand modes under the classifier, for digits as they are, shape (1000,)."""
    shares = np.bincount(digits().classify(digits().images), minlength=CLASSES) / len(digits().images)
    return np.einsum("i,j,k->ijk", shares, shares, shares).ravel()


def measure_stacks(samples: FloatArray) -> dict[str, FloatArray]:
    """Modes found, and reverse KL over the modes, of every trial.

    Parameters
    ----------
    samples : ndarray, shape (t, n, 192)

    Returns
    -------
    dict of str to ndarray, shape (t,)
        "modes", those with at least one point, and "reverse_kl" (nats), which overstates by about 500/n.
    """
    counts = [count_stacks(points) for points in samples]
    target = stack_law()
    return {
        "modes": np.array([float(np.count_nonzero(lot)) for lot in counts]),
        "reverse_kl": np.array([divergence_over_modes(target, lot, "reverse_kl") for lot in counts]),
    }
