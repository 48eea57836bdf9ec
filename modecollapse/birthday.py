"""The birthday test: a lower bound of the size of a support, from collisions within batches of samples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import validation
from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.samples.clusters import safe_scale
from modecollapse.samples.confidence import proportion_interval
from modecollapse.tensors import as_array

LARGEST_BATCH = 10**7
"""Greatest batch size of `implied_support`, whose product has a factor for each sample (some 100 MB)."""

LARGEST_SUPPORT = 1e308
"""Supports above this, next to the greatest float, are reported as infinite."""

ROOT_MARGIN = 1e-9
"""Relative widening of the interval of the root, for where both ends are the root up to rounding."""


def collision_probability(pmf: ArrayLike, batch_size: int) -> float:
    """The probability that a batch of independent samples has two equal ones.

    Parameters
    ----------
    pmf : array_like, shape (k,)
        The law of one sample.
    batch_size : int
        The size n ≥ 1 of a batch.

    Returns
    -------
    float
        1 − n! e_n(p), where e_n is the elementary symmetric polynomial. The relative error is below 1e-13
        (measured, up to 10⁴ letters and n = 1000). Among laws on k letters the uniform one has the least
        probability (Schur convexity).

    Raises
    ------
    ValueError
        If `pmf` is not a pmf, or `batch_size` not an integer ≥ 1.

    Notes
    -----
    Let c_j(l) be the probability that j samples all fall on the first l letters, and two of them on the same
    one. Let p be the mass of the l-th letter and S the sum of the first l masses. None, one, or at least two
    of the j samples fall on this letter: c_j(l) = c_j(l−1) + j p c_{j−1}(l−1) + t_j. The probability of at
    least two follows from that of exactly one, o_j = j p (S−p)^(j−1): t_j = S t_{j−1} + p o_{j−1}. All terms
    are positive, so that nothing cancels. The cost is O(k n): a tenth of a second for k n = 10⁷, and some ten
    seconds for 10⁹.

    References
    ----------
    Arora and Zhang, "Do GANs actually learn the distribution? An empirical study", arXiv:1706.08224.

    Examples
    --------
    >>> round(collision_probability([1 / 365] * 365, 23), 6)
    0.507297
    """
    masses, n = validation.pmf("pmf", pmf), validation.whole("batch_size", batch_size, 1)
    masses = masses[masses > 0] / math.fsum(masses)
    if n > len(masses):  # more samples than letters: exactly 1, which means another support than nearly 1
        return 1.0
    sums = np.cumsum(masses, dtype=np.longdouble)  # the n-th power magnifies rounding
    totals, before = sums.astype(float), np.append(0.0, sums[:-1]).astype(float)
    collided, once, twice = np.zeros(len(masses) + 1), masses.copy(), np.zeros(len(masses))
    for j in range(2, n + 1):
        twice = totals * twice + masses * once
        collided[1:] = np.cumsum(j * masses * collided[:-1] + twice)
        once *= j / (j - 1) * before
    return min(float(collided[-1]), 1.0)


def implied_support(batch_size: int, probability: float) -> float:
    """The support size that a probability of collision implies.

    Parameters
    ----------
    batch_size : int
        The size n of a batch, from 2 to 10⁷.
    probability : float
        The probability γ in [0, 1] that a batch has a collision.

    Returns
    -------
    float
        The least real N for which the uniform law on N letters has a collision with probability at most γ.
        It solves Π_{i<n} (1 − i/N) = 1 − γ, to rounding. It is ``inf`` for γ = 0 and where it exceeds
        1e308, and 1 for γ = 1. **It is a lower bound of the support of any law whose probability of
        collision is at most γ**, with equality for the uniform law. There is no upper bound, since letters
        of tiny mass do not collide.

    Raises
    ------
    ValueError
        If `batch_size` is not an integer from 2 to 10⁷, or γ not a probability.

    Notes
    -----
    Since x ≤ −log(1−x) ≤ x/(1−x) and Σ_{i<n} i = n(n−1)/2, N lies between N₀ and N₀ + n − 1 with N₀ =
    n(n−1)/(2 log(1/(1−γ))). At γ = ½ this is n(n−1)/(2 log 2) ≈ 0.72 n². This is the rule of the birthday
    test: a batch that collides half of the time has a size near √N.

    References
    ----------
    Arora and Zhang, "Do GANs actually learn the distribution? An empirical study", arXiv:1706.08224.

    Examples
    --------
    >>> round(implied_support(23, 0.507297), 2)
    365.0
    >>> round(implied_support(2, 0.01), 9)
    100.0
    """
    n, gamma = (
        validation.whole("batch_size", batch_size, 2),
        validation.probability("probability", probability),
    )
    if n > LARGEST_BATCH:
        raise ValueError(f"batch_size must be at most {LARGEST_BATCH} here, got {batch_size!r}")
    if gamma == 1:
        return 1.0
    rate = -2 * math.log1p(-gamma)
    if n * (n - 1) > LARGEST_SUPPORT * rate:
        return math.inf
    from scipy.optimize import brentq

    earlier = np.arange(1, n)  # samples before the i-th, each of which it must avoid

    def excess(size: float) -> float:
        with np.errstate(divide="ignore"):  # for n − 1 letters the product is 0
            return gamma + math.expm1(np.log1p(-earlier / size).sum())

    least = n * (n - 1) / rate
    ends = max(float(n - 1), least * (1 - ROOT_MARGIN)), (least + n - 1) * (1 + ROOT_MARGIN)
    return float(brentq(excess, *ends, rtol=1e-15))


def distinct_support(samples: int, distinct: int) -> float:
    """The support size that a number of distinct samples implies.

    Parameters
    ----------
    samples : int
        The number n ≥ 2 of samples.
    distinct : int
        The number of distinct ones, from 1 to n.

    Returns
    -------
    float
        The N for which n uniform samples of N letters have so many distinct ones on average,
        N(1 − (1 − 1/N)ⁿ). It is ``inf`` if all are distinct. Among laws on N letters the uniform one has the
        most (Schur concavity), so that the support is probably larger. **Compare two numbers of samples**: if
        the implied size grows with n, the law has a heavy head and a long tail, and no small support.

    Raises
    ------
    ValueError
        If `distinct` is not from 1 to n.

    Examples
    --------
    Molecules of which 98.1% are unique among 1000, and 91.75% among 10,000:

    >>> round(distinct_support(1000, 981), -3), round(distinct_support(10_000, 9175), -3)
    (26000.0, 57000.0)
    """
    n, unique = validation.whole("samples", samples, 2), validation.whole("distinct", distinct, 1)
    if unique > n:
        raise ValueError(f"distinct must be at most the number of samples {n}, got {unique}")
    if unique == n:
        return math.inf
    if unique == 1:
        return 1.0
    from scipy.optimize import brentq

    def excess(log_size: float) -> float:
        size = math.exp(log_size)
        return -size * math.expm1(n * math.log1p(-1 / size)) - unique

    if excess(math.log(unique)) >= 0:  # each letter is among so many samples, but for rounding
        return float(unique)
    # the mean is below N, and above n − n(n−1)/(2N)
    most = n * (n - 1) / (2 * (n - unique))
    return math.exp(brentq(excess, math.log(unique), math.log(2 * most), xtol=1e-14, rtol=1e-14))


class BirthdayTest(NamedTuple):
    """Result of `birthday_test`.

    Attributes
    ----------
    batch_size : int
        Number of samples in a batch.
    batches : int
        Number of batches.
    collided : int
        Number of batches with a collision.

    Examples
    --------
    >>> test = BirthdayTest(batch_size=23, batches=100, collided=51)
    >>> test.share, round(test.support)
    (0.51, 362)
    >>> [round(end) for end in test.support_interval(0.95)]
    [275, 490]
    """

    batch_size: int
    batches: int
    collided: int

    @property
    def share(self) -> float:
        """The share of batches with a collision."""
        return self.collided / self.batches

    @property
    def support(self) -> float:
        """The support size that the share implies; see `implied_support`."""
        return implied_support(self.batch_size, self.share)

    def support_interval(self, level: float = 0.95) -> Bracket:
        """The support sizes that Clopper and Pearson's interval of the collision probability implies.

        Parameters
        ----------
        level : float, default 0.95
            Strictly between 0 and 1.

        Returns
        -------
        Bracket
            The support of any law is at least ``lower``, with probability ≥ (1 + level)/2. If the law is
            uniform on its support, the support is also at most ``upper``, with the same probability.

        Raises
        ------
        ValueError
            If `level` is not strictly between 0 and 1.
        """
        limits = proportion_interval(self.collided, self.batches, 1 - validation.level(level))
        ends = [implied_support(self.batch_size, float(limit)) for limit in limits]
        return Bracket(ends[1], ends[0])


def birthday_test(
    samples: ArrayLike | Sequence[object], batch_size: int, radius: float = 0.0
) -> BirthdayTest:
    """Divide samples into batches, and count the batches that have duplicates.

    Parameters
    ----------
    samples : array_like, shape (n, d), or sequence
        Independent samples as rows of numbers; a plain list of numbers is n points on a line. Or n labels of
        any kind that can be hashed, such as strings, or rows that mix numbers and words.
    batch_size : int
        From 2 to n. Rows are taken in their order. A last batch that is not full is omitted.
    radius : float, default 0
        Two rows are duplicates if their Euclidean distance is at most this; at 0 they must be equal. Arora
        and Zhang list near pairs of images by distance, and a person decides which are duplicates.

    Returns
    -------
    BirthdayTest

    Raises
    ------
    ValueError
        If rows are ragged or not finite, if there is no full batch, if the radius is negative, or not 0 for
        labels.

    References
    ----------
    Arora and Zhang, "Do GANs actually learn the distribution? An empirical study", arXiv:1706.08224.

    Examples
    --------
    >>> birthday_test([3, 1, 3, 2, 4, 1, 0], batch_size=3)
    BirthdayTest(batch_size=3, batches=2, collided=1)
    >>> birthday_test(["C=O", "CC", "C=O", "CO"], batch_size=4)
    BirthdayTest(batch_size=4, batches=1, collided=1)
    """
    n, radius = validation.whole("batch_size", batch_size, 2), validation.radius(radius)
    if hasattr(samples, "__array__"):  # a table of pandas, say, whose iterator gives its header
        samples = as_array("samples", samples)
    if _are_labels(samples):
        labels = validation.hashables("samples", samples)
        if radius > 0:
            raise ValueError(f"radius must be 0 for labels, which have no distance, got {radius!r}")
        batches = [labels[start : start + n] for start in range(0, len(labels) - n + 1, n)]
        _refuse_short(len(labels), n)
        return BirthdayTest(n, len(batches), sum(len(set(batch)) < n for batch in batches))
    points = validation.table("samples", cast(ArrayLike, samples))
    _refuse_short(len(points), n)
    blocks = np.split(points[: len(points) // n * n], len(points) // n)
    return BirthdayTest(n, len(blocks), sum(_nearest_pair(block) <= radius for block in blocks))


def _refuse_short(samples: int, batch_size: int) -> None:
    if batch_size > samples:
        raise ValueError(f"batch_size must be at most the number of samples {samples}, got {batch_size}")


def _are_labels(samples: object) -> bool:
    """Whether there is a word among the samples, or in a row of them."""
    if isinstance(samples, np.ndarray):
        return samples.dtype.kind in "US" or (samples.dtype.kind == "O" and _are_labels(samples.tolist()))
    if not isinstance(samples, Sequence) or isinstance(samples, str):
        return False
    return any(
        isinstance(row, str | bytes)
        or (isinstance(row, tuple | list) and any(isinstance(entry, str | bytes) for entry in row))
        for row in samples
    )


def _nearest_pair(points: FloatArray) -> float:
    """The least distance between two of the points."""
    from scipy.spatial import KDTree

    scale = safe_scale(points)
    return float(KDTree(points * scale).query(points * scale, k=2)[0][:, 1].min()) / scale
