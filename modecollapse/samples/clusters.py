"""Samples in feature space counted around known centres, and the centres of a k-means clustering."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import extras, validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.samples.counts import OFF_MODE, ModeCounts, from_counts, numbered
from modecollapse.tensors import as_array, unit_of_rounding

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

K_MEANS_STARTS = 2
"""Number of random starts of k-means, of which the best is kept. Each start is already the best of a few."""

K_MEANS_TOLERANCE = 1e-3
"""Relative change of the centres below which k-means stops. Any cells are valid; nearly best ones serve."""

SAFE_EXPONENT = 400
"""Squares are safe where the greatest number lies between 2⁻⁴⁰⁰ and 2⁴⁰⁰."""


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
        Counts by centre; the last entry counts the samples near none. Counts of batches add up. A point at
        the radius counts, even if rounding to float32, float16 or bfloat16 has moved it outwards.

    Warns
    -----
    UserWarning
        If two centres are equal: all their samples count for the first.

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
    points, places = validation.tables(("samples", "centres"), samples, centres)
    radius = validation.radius(radius)
    from modecollapse.samples.nearest import nearest_centres

    _warn_of_equal(places)
    nearest = nearest_centres(points, places)
    slack = _rounding("samples", samples, points) + _rounding("centres", centres, places)[nearest.centre]
    owner = np.where(nearest.distance <= radius + slack, nearest.centre, len(places))
    return np.bincount(owner, minlength=len(places) + 1).astype(np.int64)


def _rounding(name: str, given: ArrayLike, rows: FloatArray) -> FloatArray:
    """The distances by which rounding to a narrow float type may have moved rows."""
    unit = unit_of_rounding(as_array(name, given).dtype)
    if unit == 0:
        return np.zeros(len(rows))
    lengths: FloatArray = np.sqrt(np.einsum("ij,ij->i", rows, rows))
    return lengths * unit


def _warn_of_equal(centres: FloatArray) -> None:
    first = np.unique(centres, axis=0, return_index=True)[1]
    if len(first) < len(centres):
        again = int(np.setdiff1d(np.arange(len(centres)), first)[0])
        same = int(np.flatnonzero((centres == centres[again]).all(axis=1))[0])
        warnings.warn(
            f"centres {same} and {again} are equal: all their samples count for the first", stacklevel=3
        )


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
    mode_names = numbered(len(real_counts) - 1) if names is None else list(names)
    return from_counts(real_counts, generated_counts, [*mode_names, OFF_MODE])


def fit_centres(held_out: ArrayLike, cells: int, seed: int = 0) -> FloatArray:
    """Centres of k-means cells. This needs scikit-learn, in the extra ``samples``.

    Parameters
    ----------
    held_out : array_like, shape (n, d)
        Rows that will not be counted, of both kinds.
    cells : int
        The number of cells: at least 1, at most the number of different rows.
    seed : int, default 0
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
    cells = validation.whole("cells", cells, 1)
    distinct: set[bytes] = set()
    for row in points:
        distinct.add((row + 0.0).tobytes())  # −0 becomes 0
        if len(distinct) >= cells:
            break
    if cells > len(distinct):
        raise ValueError(f"cells must be from 1 to the {len(distinct)} different rows, got {cells!r}")
    k_means = k_means_class()(
        n_clusters=cells, n_init=K_MEANS_STARTS, tol=K_MEANS_TOLERANCE, random_state=seed
    )
    scale = safe_scale(points)
    centres: FloatArray = k_means.fit(points * scale).cluster_centers_ / scale
    return centres


def safe_scale(points: FloatArray) -> float:
    """A power of two that makes the squares of numbers safe: they neither overflow nor vanish.

    It is 1 wherever the squares are safe already, so that usual numbers stay as they are.
    """
    exponent = math.frexp(float(max(points.max(), -points.min())))[1]
    return 1.0 if abs(exponent) <= SAFE_EXPONENT else 2.0 ** -max(exponent, -1022)


def k_means_class() -> type[KMeans]:
    """The class of k-means, or an ImportError that says how to install it: to be called before long work."""
    try:
        k_means: type[KMeans] = import_module("sklearn.cluster").KMeans
    except ImportError as error:
        raise extras.missing(
            "fitting k-means cells", "scikit-learn", otherwise="give your own centres to from_centres"
        ) from error
    return k_means
