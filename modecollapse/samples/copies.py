"""Does a generator copy its training data? A test that an honest generator passes however badly it collapses.

Distances of generated rows from training rows do not tell: a generator that makes one mode only is near the
training rows of that mode, and as near to rows that it has never seen. So training rows are compared with
held-out rows of the same law. Put both into one pool. If the generator does not depend on which rows it was
trained on, then every way to call as many rows of the pool "training" is equally likely.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.samples import chance

QUANTILES = (0.01, 0.05, 0.2)
"""Quantiles of the distances within the pool: generated rows farther from it than these are no near copies.

A fourth radius is infinite. It takes in all generated rows.
"""

PARTS, PROBES = 10, 1000
"""The pool is divided into this many parts, and rows are compared with those of other parts.

At least this many rows, if there are so many, decide the radii.
"""

PERMUTED_CELLS = 10**8
"""Labels drawn for a test, a few seconds, unless the least number of permutations needs more."""


class CopyTest(NamedTuple):
    """Result of `copy_test`. It is true, as a condition, where the test rejects.

    Attributes
    ----------
    p_value : float
        Of the hypothesis that the generated rows do not depend on which rows of the pool are training rows.
        It holds exactly, for any generator.
    share : float
        With probability ≥ `level`, at least this share of the generated rows depends on the training rows.
    level : float
        The level of the share, and of the test.
    sizes : (int, int, int)
        Numbers of training rows, of held-out rows and of generated rows.

    Examples
    --------
    >>> bool(CopyTest(p_value=0.001, share=0.1, level=0.95, sizes=(100, 100, 100)))
    True
    """

    p_value: float
    share: float
    level: float
    sizes: tuple[int, int, int]

    def __bool__(self) -> bool:
        return self.p_value <= 1 - self.level


def copy_test(
    training: ArrayLike,
    held_out: ArrayLike,
    generated: ArrayLike,
    level: float = 0.95,
    seed: int = 0,
) -> CopyTest:
    """Test whether a generator copies its training data, and bound the share of copies.

    Parameters
    ----------
    training, held_out : array_like, shape (n, d) and (h, d)
        Real rows that the generator was trained on, and real rows that it has never seen. Both must be
        samples of one law, such as a random division of one data set.
    generated : array_like, shape (N, d)
        Generated rows, in the same space. Euclidean distances in it should mean something: use features of
        images rather than their pixels.
    level : float, default 0.95
        Strictly between 0 and 1.
    seed : int, default 0
        Seed of the permutations, and of the rows that decide the radii.

    Returns
    -------
    CopyTest
        The p-value of the test, and a lower limit of the share of generated rows that depend on the training
        rows. These are copies, exact or blurred. Both hold for any generator, collapsed ones included.

    Raises
    ------
    ValueError
        If rows are ragged, not finite or of different lengths, or the level is out of range.

    Notes
    -----
    Let w_i be the number of generated rows whose nearest row of the pool is the i-th, at a distance of at
    most h. Equal rows of the pool share such rows equally. For four radii h the sum of w_i over training rows
    is standardised by its mean and deviation over all labellings. The statistic is the greatest of the four.

    Let π be the share of training rows in the pool, s the sum of w_i over them, W the sum over all rows, and
    C the number of rows that depend on the training rows. The other rows add at most
    π(W − C) + √(Σ w_i² log(4/α)/2) to s, with probability ≥ 1 − α/4 (Hoeffding, without replacement), and the
    C rows add at most C. So C ≥ (s − πW − √(Σ w_i² log(4/α)/2))/(1 − π), at all four radii together.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> training, held_out = rng.normal(size=(200, 5)), rng.normal(size=(200, 5))
    >>> collapsed = 0.1 * rng.normal(size=(300, 5))
    >>> bool(copy_test(training, held_out, collapsed))
    False
    >>> copies = np.vstack([training, collapsed])
    >>> test = copy_test(training, held_out, copies)
    >>> bool(test), round(test.share, 2)  # the truth is 0.4
    (True, 0.31)
    """
    known, unseen = validation.tables(("training", "held_out"), training, held_out)
    _, made = validation.tables(("training", "generated"), training, generated)
    tables = [rows + 0.0 for rows in (known, unseen, made)]  # −0 becomes 0
    level, seed = validation.level(level), validation.whole("seed", seed, 0)
    n_training, n_held_out, n_generated = map(len, tables)
    rng = np.random.default_rng(seed)
    weights = _weights(np.vstack(tables[:2]), tables[2], rng)
    return CopyTest(
        _p_value(weights, n_training, rng),
        _certain_copies(weights, n_training, 1 - level) / n_generated,
        level,
        (n_training, n_held_out, n_generated),
    )


def _weights(pool: FloatArray, generated: FloatArray, rng: np.random.Generator) -> FloatArray:
    """For each radius and each row of the pool the number of generated rows that are nearest to it.

    Nothing here may depend on the order of the pool, which has the training rows first.
    """
    from modecollapse.samples.nearest import nearest_centres

    places, place_of, times = np.unique(pool, axis=0, return_inverse=True, return_counts=True)
    place_of = place_of.ravel()
    nearest = nearest_centres(generated, places)
    radii = [*np.quantile(_distances_within(places[np.sort(place_of)], rng), QUANTILES), np.inf]
    at_places = [
        np.bincount(nearest.centre[nearest.distance <= radius], minlength=len(places)) / times
        for radius in radii
    ]
    return np.array(at_places)[:, place_of]


def _distances_within(pool: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Distances of some rows of the pool from the nearest of those that are in other parts."""
    from modecollapse.samples.nearest import nearest_centres

    if len(pool) < PARTS:
        parts = list(np.arange(len(pool))[:, np.newaxis])
    else:
        parts = np.array_split(rng.permutation(len(pool)), PARTS)
    distances = np.zeros(0)
    for part in parts:
        if len(distances) < PROBES:
            others = np.delete(pool, part, axis=0)
            distances = np.append(distances, nearest_centres(pool[part], others).distance)
    return distances


def _p_value(weights: FloatArray, n_training: int, rng: np.random.Generator) -> float:
    """The p-value of the permutation test: the first rows have the greater weights by chance."""
    size = weights.shape[1]
    share = n_training / size
    means = share * weights.sum(axis=1)
    spread = (weights - weights.mean(axis=1, keepdims=True)) ** 2
    deviations = np.sqrt(share * (1 - share) * spread.sum(axis=1) * size / (size - 1))
    varies = np.ptp(weights, axis=1) > 0  # rounding may leave a deviation to equal weights
    if not varies.any():
        return 1.0
    scaled = weights[varies] / deviations[varies, np.newaxis]
    centres = means[varies] / deviations[varies]

    def greatest(rows: slice | IntArray) -> float:
        return float((scaled[:, rows].sum(axis=1) - centres).max())

    draws = (
        greatest(rng.permutation(size)[:n_training]) for _ in range(chance.repetitions(size, PERMUTED_CELLS))
    )
    return chance.p_value(greatest(slice(n_training)), draws)


def _certain_copies(weights: FloatArray, n_training: int, alpha: float) -> float:
    """The lower limit of the number of generated rows that depend on the training rows."""
    share = n_training / weights.shape[1]
    near_training, near_any = weights[:, :n_training].sum(axis=1), weights.sum(axis=1)
    deviations = np.sqrt((weights**2).sum(axis=1) * np.log(len(weights) / alpha) / 2)
    limits = (near_training - share * near_any - deviations) / (1 - share)
    return float(max(limits.max(), 0.0))
