"""Samples counted over modes: known modes, labels, or the cells of a k-means clustering.

Counting is a garbling: the mode of a sample is a function of the sample. So the region of the counted pair
lies inside the region of the pair itself (docs/theory.md §1, dominance). A collapse over modes is a
collapse of the pair. The converse fails, since two laws can agree on all modes and differ within them.
Counts certify collapse, never its absence.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import extras, validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.region import Region, RegionBracket
from modecollapse.samples.confidence import MassBox, counts_boxes, counts_bracket

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

OFF_MODE = "off mode"
"""Name of the bin for samples that belong to no mode."""

K_MEANS_STARTS = 4
"""Number of random starts of k-means, of which the best is kept."""


@dataclass(frozen=True, eq=False)
class ModeCounts:
    """Counts of real and of generated samples over the same modes.

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
        """The number of real samples, and the number of generated samples."""
        return int(self.real.sum()), int(self.generated.sum())

    @property
    def region(self) -> Region:
        """The plug-in region: that of the empirical pair.

        It overstates collapse on average; see `noise_floor`.
        """
        n_real, n_generated = self.sizes
        return Region.from_pmfs(self.real / n_real, self.generated / n_generated)

    def boxes(self, level: float = 0.95) -> tuple[MassBox, MassBox]:
        """Limits of all real and of all generated masses, which hold together with `confidence_band`."""
        return counts_boxes(self.real, self.generated, 1 - validation.level(level))

    def confidence_band(self, level: float = 0.95) -> RegionBracket:
        """A confidence band of the region of the counted pair: an inner and an outer region around it.

        Parameters
        ----------
        level : float, default 0.95
            Confidence level, strictly between 0 and 1: the least probability, over both samples, that the
            band contains the region.

        Returns
        -------
        RegionBracket
            ``inner`` ⊆ R(counted pair) ⊆ ``outer``. Since counting is a garbling, ``inner`` also lies inside
            the region of the pair itself. ``outer`` says nothing about that region.

        Raises
        ------
        ValueError
            If `level` is not strictly between 0 and 1.

        Notes
        -----
        A union bound joins Clopper–Pearson intervals of all cells with balls of total variation; see
        `modecollapse.samples.confidence`. The samples must be independent. The modes must be fixed without
        looking at these samples.

        Examples
        --------
        >>> band = from_counts([500, 500], [800, 200]).confidence_band()
        >>> [round(end, 3) for end in band.divergence("tv")]
        [0.22, 0.377]
        """
        return counts_bracket(self.real, self.generated, 1 - validation.level(level))

    def noise_floor(self) -> float:
        """The mean total variation of the plug-in region if both samples came from one law.

        The plug-in region overstates: its mean total variation is at least the true one (Jensen). The noise
        floor is that mean for two samples of one law.

        Returns
        -------
        float
            The exact mean of the permutation test: over all ways to divide the pooled samples into two
            groups of these sizes. No permutation is drawn. Beyond 10⁹ samples scipy before 1.17 loses
            digits: the relative error is 2e-5 at 10¹² samples.

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
    """E|X − EX| for the number X of marked balls among `drawn` of `total` balls (hypergeometric).

    The sum telescopes as de Moivre's does for the binomial. With ν the least integer above EX,
    E|X − EX| = 2 ν (total − marked − drawn + ν)/total · P(X = ν).
    """
    from scipy.stats import binom

    above = drawn * marked // total + 1
    rest = total - marked - drawn + above
    share = drawn / total
    # scipy's hypergeometric mass loses digits here; a ratio of binomial masses does not
    mass = binom.pmf(above, marked, share) * binom.pmf(drawn - above, total - marked, share)
    return 2 * above * (rest / total) * float(mass / binom.pmf(drawn, total, share))


def from_counts(
    real_counts: ArrayLike, generated_counts: ArrayLike, names: Iterable[object] | None = None
) -> ModeCounts:
    """Evidence from counts over the same modes.

    Parameters
    ----------
    real_counts, generated_counts : array_like of int, shape (k,)
        Non-negative integers. Their sum is at most 2**53.
    names : iterable, optional
        k different names. Default: "mode 0", "mode 1", …

    Raises
    ------
    ValueError
        If a count is negative, fractional or not finite; if a sum is 0; if lengths differ; if names repeat;
        or if a name has a lone surrogate, which no file can hold.

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
    mode_names = validation.names(_numbered(len(real)) if names is None else names, len(real))
    for array in (real, generated):
        array.flags.writeable = False
    return ModeCounts(mode_names, real, generated)


def _numbered(modes: int) -> list[str]:
    """Default names of modes."""
    return [f"mode {i}" for i in range(modes)]


def from_labels(
    real_labels: ArrayLike, generated_labels: ArrayLike, modes: Sequence[object] | None = None
) -> ModeCounts:
    """Evidence from one label a sample, such as a classifier's.

    Parameters
    ----------
    real_labels, generated_labels : array_like of str or int, shape (n,) and (N,)
        One label a sample; 3, 3.0 and "3" are the same label.
    modes : sequence, optional
        The labels that are modes; every other label is counted as "off mode". By default all labels seen in
        either sample are modes, in their order. The guarantee of `ModeCounts.confidence_band` is for modes
        fixed beforehand: name them if some may have been seen in neither sample.

    Raises
    ------
    ValueError
        If a list is empty, or a label is neither a string nor an integer. The message quotes the rows.

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
    """Sorting key that puts integers first, by value, and words after them, by letter."""
    is_integer = label.removeprefix("-").isdecimal()
    return (0, int(label), label) if is_integer else (1, 0, label)


def count_modes(samples: ArrayLike, centres: ArrayLike, radius: float) -> IntArray:
    """Count the samples within a radius of each centre, and those near none.

    Parameters
    ----------
    samples : array_like, shape (n, d)
        Points as rows; a plain list of numbers is n points on a line.
    centres : array_like, shape (k, d)
        The modes.
    radius : float
        A point counts for its nearest centre if the Euclidean distance is at most this. ``inf`` gives every
        point to its nearest centre.

    Returns
    -------
    ndarray of int, shape (k+1,)
        Counts by centre; the last entry counts the samples near none. Counts of batches add up.

    Raises
    ------
    ValueError
        If rows are ragged, not finite or of different lengths, or if the radius is negative or NaN. The
        message quotes the rows.

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
    """Evidence from samples around known modes, with an off-mode bin.

    Parameters
    ----------
    real, generated : array_like, shape (n, d) and (N, d)
        Points as rows.
    centres, radius
        As for `count_modes`. For Gaussian modes of standard deviation σ a radius of 3σ is usual.
    names : iterable, optional
        A name for each centre. Default: "mode 0", "mode 1", …

    Returns
    -------
    ModeCounts
        Counts over k+1 modes, of which the last is "off mode".

    Raises
    ------
    ValueError
        As for `count_modes`, and if a sample is empty or names do not fit.

    Examples
    --------
    >>> from_centres([0.1, 1.1, 0.9], [0.0, 0.2, 5.0], centres=[0, 1], radius=0.3).generated.tolist()
    [2, 0, 1]
    """
    real_counts, generated_counts = (count_modes(rows, centres, radius) for rows in (real, generated))
    mode_names = _numbered(len(real_counts) - 1) if names is None else list(names)
    return from_counts(real_counts, generated_counts, [*mode_names, OFF_MODE])


def fit_centres(held_out: ArrayLike, cells: int, seed: int) -> FloatArray:
    """Centres of k-means cells. This needs scikit-learn, in the extra ``samples``.

    Parameters
    ----------
    held_out : array_like, shape (n, d)
        Real data that will not be counted.
    cells : int
        The number of cells: at least 1, at most the number of different rows.
    seed : int
        Seed of the random starts.

    Returns
    -------
    ndarray, shape (cells, d)
        Centres, for `from_centres` with ``radius=inf``.

    Raises
    ------
    ImportError
        If scikit-learn is missing.
    ValueError
        If there are fewer different rows than cells.
    """
    points = validation.table("held_out", held_out)
    distinct = len(np.unique(points, axis=0))
    cells = validation.whole("cells", cells, 1)
    if cells > distinct:
        raise ValueError(f"cells must be from 1 to the {distinct} different rows, got {cells!r}")
    k_means = _k_means_class()(n_clusters=cells, n_init=K_MEANS_STARTS, random_state=seed)
    centres: FloatArray = k_means.fit(points).cluster_centers_
    return centres


def from_features(
    real: ArrayLike, generated: ArrayLike, *, cells: int, seed: int, held_out_share: float = 0.5
) -> ModeCounts:
    """Evidence from k-means cells. They are fitted on a part of the real data, and the rest is counted.

    Parameters
    ----------
    real, generated : array_like, shape (n, d) and (N, d)
        Features as rows.
    cells : int
        The number of cells. More cells show finer collapse, but need more samples: noise grows as √(cells/n).
    seed : int
        Seed of the split and of k-means.
    held_out_share : float, default 0.5
        The share of real samples on which the cells are fitted, strictly between 0 and 1.

    Returns
    -------
    ModeCounts
        The cells depend on the held-out part alone, so that the guarantee of `ModeCounts.confidence_band`
        holds.

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


def _k_means_class() -> type[KMeans]:
    try:
        k_means: type[KMeans] = import_module("sklearn.cluster").KMeans
    except ImportError as error:
        raise extras.missing(
            "fitting k-means cells", "scikit-learn", otherwise="give your own centres to from_centres"
        ) from error
    return k_means
