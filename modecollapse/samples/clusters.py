"""Samples in feature space counted over cells: known modes, or the cells of a k-means clustering."""

from __future__ import annotations

import math
from collections.abc import Iterable
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import extras, validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.samples.counts import OFF_MODE, ModeCounts, from_counts, numbered

if TYPE_CHECKING:
    from sklearn.cluster import KMeans

K_MEANS_STARTS = 2
"""Number of random starts of k-means, of which the best is kept. Each start is already the best of a few."""

K_MEANS_TOLERANCE = 1e-3
"""Relative change of the centres below which k-means stops. Any cells are valid; nearly best ones serve."""

HELD_OUT_SHARE = 0.25
"""Greatest share of each sample on which cells are fitted: the others certify what the cells show."""

ROWS_PER_CELL = 128
"""Greatest number of rows of each kind a cell on which cells are fitted: more hardly move the centres."""


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
    from modecollapse.samples.nearest import nearest_centres

    nearest = nearest_centres(points, places)
    owner = np.where(nearest.distance <= radius, nearest.centre, len(places))
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
    mode_names = numbered(len(real_counts) - 1) if names is None else list(names)
    return from_counts(real_counts, generated_counts, [*mode_names, OFF_MODE])


def fit_centres(held_out: ArrayLike, cells: int, seed: int) -> FloatArray:
    """Centres of k-means cells. This needs scikit-learn, in the extra ``samples``.

    Parameters
    ----------
    held_out : array_like, shape (n, d)
        Rows that will not be counted, of both kinds.
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
    cells = validation.whole("cells", cells, 1)
    distinct: set[bytes] = set()
    for row in points + 0.0:  # −0 becomes 0
        distinct.add(row.tobytes())
        if len(distinct) >= cells:
            break
    if cells > len(distinct):
        raise ValueError(f"cells must be from 1 to the {len(distinct)} different rows, got {cells!r}")
    k_means = _k_means_class()(
        n_clusters=cells, n_init=K_MEANS_STARTS, tol=K_MEANS_TOLERANCE, random_state=seed
    )
    centres: FloatArray = k_means.fit(points).cluster_centers_
    return centres


def from_features(
    real: ArrayLike, generated: ArrayLike, *, cells: int, seed: int, held_out_share: float = HELD_OUT_SHARE
) -> ModeCounts:
    """Evidence from k-means cells. They are fitted on a part of both samples, and the rest is counted.

    Parameters
    ----------
    real, generated : array_like, shape (n, d) and (N, d)
        Features as rows.
    cells : int
        The number of cells. More cells show finer collapse, but need more samples: noise grows as √(cells/n).
    seed : int
        Seed of the split and of k-means.
    held_out_share : float, default 0.25
        The greatest share of either sample on which the cells are fitted, strictly between 0 and 1. Of both
        samples equally many rows are used, at most 128 a cell.

    Returns
    -------
    ModeCounts
        The cells depend on the held-out rows alone, so that the guarantee of `ModeCounts.confidence_band`
        holds. Cells of both kinds see what only one of them has.

    Raises
    ------
    ImportError
        If scikit-learn is missing; the message says how to install it.
    ValueError
        If rows are ragged, not finite or of different lengths, or too few for the cells.
    """
    tables = validation.table("real", real), validation.table("generated", generated)
    validation.same_width("real and generated", *tables)
    cells = validation.whole("cells", cells, 1)
    share = validation.probability("held_out_share", held_out_share)
    number = fitting_rows(len(tables[0]), len(tables[1]), cells, share)
    if not 1 <= number < min(map(len, tables)):
        raise ValueError(
            f"held_out_share must leave rows of both samples on both sides, got {held_out_share!r} of "
            f"{len(tables[0])} and {len(tables[1])}"
        )
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(len(rows)) for rows in tables]
    fitted = [rows[order[:number]] for rows, order in zip(tables, orders, strict=True)]
    centres = fit_centres(np.vstack(fitted), cells, seed)
    real_counts, generated_counts = (
        count_modes(rows[order[number:]], centres, math.inf)[:-1]
        for rows, order in zip(tables, orders, strict=True)
    )
    return from_counts(real_counts, generated_counts, [f"cell {i}" for i in range(cells)])


def fitting_rows(n_real: int, n_generated: int, cells: int, share: float) -> int:
    """The number of rows of each sample on which cells are fitted.

    Examples
    --------
    >>> fitting_rows(1000, 200, 10, 0.5), fitting_rows(100_000, 100_000, 10, 0.5)
    (100, 1280)
    """
    return min(math.floor(share * n_real), math.floor(share * n_generated), ROWS_PER_CELL * cells)


def _k_means_class() -> type[KMeans]:
    try:
        k_means: type[KMeans] = import_module("sklearn.cluster").KMeans
    except ImportError as error:
        raise extras.missing(
            "fitting k-means cells", "scikit-learn", otherwise="give your own centres to from_centres"
        ) from error
    return k_means
