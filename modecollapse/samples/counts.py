"""Samples counted over modes: known modes, labels, or the cells of a k-means clustering.

Counting is a garbling. The law of the mode a sample falls into is a function of the sample, so the region of
the counted pair lies inside the region of the pair itself (docs/theory.md §1, dominance). What it shows is
there: a collapse over modes is a collapse. What it does not show may still be there: two laws can agree on
all modes and differ within them. Counts certify collapse, never its absence.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import extras, validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.region import Region, RegionBracket
from modecollapse.samples.confidence import MassBox, counts_boxes, counts_bracket

OFF_MODE = "off mode"
"""The name of the bin of samples that belong to no mode."""


@dataclass(frozen=True, eq=False)
class ModeCounts:
    """How often each mode occurs in real and in generated samples.

    Make one with `from_counts`, `from_labels`, `from_centres` or `from_features`.

    Attributes
    ----------
    names : tuple of str
        The modes.
    real, generated : ndarray of int, shape (k,)
        Counts, read-only.
    """

    names: tuple[str, ...]
    real: IntArray
    generated: IntArray

    @property
    def sizes(self) -> tuple[int, int]:
        """How many samples are real, how many generated."""
        return int(self.real.sum()), int(self.generated.sum())

    @property
    def region(self) -> Region:
        """The plug-in region, of the empirical pair. It overstates collapse on average; see `noise_floor`."""
        n_real, n_generated = self.sizes
        return Region.from_pmfs(self.real / n_real, self.generated / n_generated)

    def boxes(self, level: float = 0.95) -> tuple[MassBox, MassBox]:
        """Limits of all real and all generated masses, as used by `band`: both hold together with it."""
        return counts_boxes(self.real, self.generated, 1 - validation.level(level))

    def band(self, level: float = 0.95) -> RegionBracket:
        """An inner and an outer region with the region of the counted pair between them.

        Parameters
        ----------
        level : float, default 0.95
            The probability, over both samples, that the statement holds is at least this.

        Returns
        -------
        RegionBracket
            ``inner`` ⊆ R(counted pair) ⊆ ``outer``. Since counting is a garbling, ``inner`` lies inside the
            region of the pair itself too; ``outer`` says nothing about that one.

        Notes
        -----
        Clopper–Pearson intervals of all cells and balls of total variation, joined by a union bound; see
        `modecollapse.samples.confidence`. Samples must be independent and the modes fixed beforehand: modes
        that were found in these very samples are not.

        Examples
        --------
        >>> band = from_counts([500, 500], [800, 200]).band()
        >>> [round(end, 3) for end in band.divergence("tv")]
        [0.22, 0.377]
        """
        return counts_bracket(self.real, self.generated, 1 - validation.level(level))

    def noise_floor(self) -> float:
        """The mean total variation of the plug-in region if both samples came from one law.

        The plug-in region overstates: its mean total variation is at least the true one (Jensen), and
        samples of one and the same law show this much.

        Returns
        -------
        float
            The exact mean over all ways to deal the pooled samples into two lots of the given sizes
            (a permutation test's mean, without drawing permutations). Beyond 10⁹ samples scipy before 1.17
            costs it digits: 2e-5 of it at 10¹².

        Examples
        --------
        >>> round(from_counts([10] * 10, [10] * 10).noise_floor(), 3)
        0.167
        """
        n_real, n_generated = self.sizes
        total = n_real + n_generated
        deviations = [
            _mean_deviation(total, count, n_real) for count in (self.real + self.generated).tolist()
        ]
        return 0.5 * math.fsum(deviations) * total / (n_real * n_generated)


def _mean_deviation(total: int, marked: int, drawn: int) -> float:
    """E|X − EX| for the number X of marked balls among `drawn` of `total`.

    The sum telescopes, as de Moivre's does for the binomial: with ν the least integer above EX,
    E|X − EX| = 2 ν (total − marked − drawn + ν)/total · P(X = ν).
    """
    from scipy.stats import binom

    above = drawn * marked // total + 1
    rest = total - marked - drawn + above
    share = drawn / total
    # binomial masses keep their digits where the hypergeometric one of scipy does not
    mass = binom.pmf(above, marked, share) * binom.pmf(drawn - above, total - marked, share)
    return 2 * above * (rest / total) * float(mass / binom.pmf(drawn, total, share))


def from_counts(
    real_counts: ArrayLike, generated_counts: ArrayLike, names: Iterable[object] | None = None
) -> ModeCounts:
    """Counts over the same modes, as they are.

    Parameters
    ----------
    real_counts, generated_counts : array_like of int, shape (k,)
        Non-negative integers, up to 2**53 in sum.
    names : iterable, optional
        k different names; "mode 0", "mode 1", … without.

    Raises
    ------
    ValueError
        If a count is negative, fractional or not finite, a sum is 0, or lengths or names do not fit, or a
        name has a lone surrogate, which no file can hold.

    Examples
    --------
    >>> counts = from_counts([30, 30, 40], [50, 50, 0], names=["cat", "dog", "owl"])
    >>> counts.region.vertices.round(12).tolist()
    [[0.0, 0.0], [0.0, 0.4], [1.0, 1.0]]
    """
    real = validation.counts("real_counts", real_counts)
    generated = validation.counts("generated_counts", generated_counts)
    if len(real) != len(generated):
        raise ValueError(
            "real_counts and generated_counts must count the same modes, got "
            f"{len(real)} and {len(generated)} of them"
        )
    chosen = validation.names((f"mode {i}" for i in range(len(real))) if names is None else names, len(real))
    for array in (real, generated):
        array.flags.writeable = False
    return ModeCounts(chosen, real, generated)


def from_labels(
    real_labels: ArrayLike, generated_labels: ArrayLike, modes: Sequence[object] | None = None
) -> ModeCounts:
    """Counts of labels, such as a classifier's.

    Parameters
    ----------
    real_labels, generated_labels : array_like of str or int, shape (n,) and (N,)
        One label a sample; 3, 3.0 and "3" are the same label.
    modes : sequence, optional
        The labels that count as modes; any other is counted as "off mode". Without it, all labels seen in
        either sample are modes, in their order. The guarantee of `ModeCounts.band` is for modes fixed
        beforehand: name them if some may have been seen in neither sample.

    Raises
    ------
    ValueError
        If labels are empty, or neither strings nor integers; the rows are quoted.

    Examples
    --------
    >>> counts = from_labels(["cat", "dog", "owl"], ["dog", "dog"])
    >>> counts.names, counts.generated.tolist()
    (('cat', 'dog', 'owl'), [0, 2, 0])
    """
    real = Counter(validation.labels("real_labels", real_labels))
    generated = Counter(validation.labels("generated_labels", generated_labels))
    seen = sorted(real.keys() | generated.keys(), key=_natural)
    if modes is None:
        names = seen
    else:
        names = validation.labels("modes", modes)
        for tally in (real, generated):
            tally[OFF_MODE] = sum(count for label, count in tally.items() if label not in names)
        names = [*names, OFF_MODE]
    return from_counts([real[name] for name in names], [generated[name] for name in names], names)


def _natural(label: str) -> tuple[int, int, str]:
    """Integers by value, before words by letter."""
    is_integer = label.removeprefix("-").isdecimal()
    return (0, int(label), label) if is_integer else (1, 0, label)


def count_modes(samples: ArrayLike, centres: ArrayLike, radius: float) -> IntArray:
    """How many samples are within a radius of each centre, and how many of none.

    Parameters
    ----------
    samples : array_like, shape (n, d)
        Points as rows; a plain list of numbers is n points on a line.
    centres : array_like, shape (k, d)
        The modes.
    radius : float
        Points within this distance (Euclidean, touching included) of their nearest centre count for it;
        ``inf`` gives every point to its nearest centre.

    Returns
    -------
    ndarray of int, shape (k+1,)
        Counts by centre; the last entry is the off-mode bin. Counts of batches add up.

    Raises
    ------
    ValueError
        If rows are ragged, not finite or of different lengths, quoting rows; or if the radius is not ≥ 0.

    Examples
    --------
    >>> count_modes([[0.0, 0.1], [1.0, 1.0], [0.5, 0.5]], centres=[[0, 0], [1, 1]], radius=0.2).tolist()
    [1, 1, 1]
    """
    points, places = validation.table("samples", samples), validation.table("centres", centres)
    validation.same_width("samples and centres", points, places)
    radius = validation.radius(radius)
    from scipy.spatial import KDTree

    distance, nearest = KDTree(places).query(points)
    owner = np.where(distance <= radius, nearest, len(places))
    return np.bincount(owner, minlength=len(places) + 1).astype(np.int64)


def from_centres(
    real: ArrayLike,
    generated: ArrayLike,
    centres: ArrayLike,
    radius: float,
    names: Iterable[object] | None = None,
) -> ModeCounts:
    """Counts of samples around known modes, with an off-mode bin.

    Parameters
    ----------
    real, generated : array_like, shape (n, d) and (N, d)
        Points as rows.
    centres, radius
        As for `count_modes`. For Gaussian modes of standard deviation σ a radius of 3σ is usual.
    names : iterable, optional
        A name for each centre; "mode 0", "mode 1", … without.

    Examples
    --------
    >>> from_centres([0.1, 1.1, 0.9], [0.0, 0.2, 5.0], centres=[0, 1], radius=0.3).generated.tolist()
    [2, 0, 1]
    """
    real_counts, generated_counts = (count_modes(rows, centres, radius) for rows in (real, generated))
    chosen = [f"mode {i}" for i in range(len(real_counts) - 1)] if names is None else list(names)
    return from_counts(real_counts, generated_counts, [*chosen, OFF_MODE])


def fit_centres(held_out: ArrayLike, cells: int, seed: int) -> FloatArray:
    """Centres of k-means cells; needs scikit-learn, in the extra ``samples``.

    Parameters
    ----------
    held_out : array_like, shape (n, d)
        Real data that will not be counted.
    cells : int
        1 ≤ cells ≤ the number of different rows.
    seed : int
        Of the random starts.

    Returns
    -------
    ndarray, shape (cells, d)
        To be used with `from_centres` and ``radius=inf``.

    Raises
    ------
    ImportError
        If scikit-learn is missing.
    ValueError
        If there are fewer different rows than cells.
    """
    points = validation.table("held_out", held_out)
    different = len(np.unique(points, axis=0))
    cells = validation.whole("cells", cells, 1)
    if cells > different:
        raise ValueError(f"cells must be from 1 to the {different} different rows, got {cells!r}")
    centres: FloatArray = (
        _k_means()(n_clusters=cells, n_init=4, random_state=seed).fit(points).cluster_centers_
    )
    return centres


def from_features(
    real: ArrayLike, generated: ArrayLike, *, cells: int, seed: int, held_out_share: float = 0.5
) -> ModeCounts:
    """Counts over k-means cells fitted on a part of the real data that is then not counted.

    Parameters
    ----------
    real, generated : array_like, shape (n, d) and (N, d)
        Features as rows.
    cells : int
        How many cells. More show finer collapse, and need more samples: noise grows as √(cells/n).
    seed : int
        Of the split and of k-means.
    held_out_share : float, default 0.5
        The share of real samples on which the cells are fitted, strictly between 0 and 1.

    Returns
    -------
    ModeCounts
        Given the held-out part the cells are fixed, as the guarantee of `ModeCounts.band` asks.

    Raises
    ------
    ImportError
        If scikit-learn is missing; the message says how to install it.
    ValueError
        If rows are ragged, not finite or of different lengths, or too few for the cells.
    """
    points, others = validation.table("real", real), validation.table("generated", generated)
    validation.same_width("real and generated", points, others)
    share = validation.probability("held_out_share", held_out_share)
    held_out = math.floor(share * len(points))
    if not 1 <= held_out < len(points):
        raise ValueError(
            f"held_out_share must leave samples on both sides, got {held_out_share!r} of {len(points)}"
        )
    order = np.random.default_rng(seed).permutation(len(points))
    centres = fit_centres(points[order[:held_out]], cells, seed)
    real_counts, generated_counts = (
        count_modes(rows, centres, math.inf)[:-1] for rows in (points[order[held_out:]], others)
    )
    return from_counts(real_counts, generated_counts, [f"cell {i}" for i in range(len(centres))])


def _k_means() -> Any:
    try:
        return import_module("sklearn.cluster").KMeans
    except ImportError as error:
        raise extras.missing(
            "fitting k-means cells", "scikit-learn", otherwise="give your own centres to from_centres"
        ) from error
