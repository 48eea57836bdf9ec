"""Features counted over k-means cells, whose rows can be looked at.

The cells are fitted on a part of all samples, and the rest is counted. Rows come block by block, from arrays
or from files. So memory holds a block, the rows that cells are fitted on, and a few numbers a row.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import permutations
from typing import Any, Protocol

import numpy as np
from numpy.typing import ArrayLike, NDArray

from modecollapse import alignment, validation
from modecollapse.arrays import BoolArray, FloatArray, IntArray
from modecollapse.samples.clusters import fit_centres, k_means_class
from modecollapse.samples.counts import ModeCounts, from_counts
from modecollapse.samples.nearest import nearest_centres
from modecollapse.values import Value

HELD_OUT_SHARE = 0.25
"""Greatest share of each sample on which cells are fitted: the others certify what the cells show."""

ROWS_PER_CELL = 128
"""Greatest number of rows of each kind a cell on which cells are fitted: more hardly move the centres."""

FITTED_NUMBERS = 2**23
"""Greatest number of numbers of each sample on which cells are fitted: 64 MiB."""

BLOCK = 2**21
"""Numbers of an array that are checked or counted at a time, at most: 16 MiB."""

NEAREST = 8
"""Rows of a cell that are named by default."""

MOST_CELLS = 128
"""Greatest number of cells that is tried where the number is chosen."""

LEAST_ROWS = 4
"""Least number of rows of each kind a cell, for a number of cells to be tried."""


class Rows(Protocol):
    """Rows of features that can be read more than once."""

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of rows, and of numbers in each."""

    def blocks(self) -> Iterator[FloatArray]:
        """The rows in their order, block by block, as float64; all finite."""


class ArrayRows:
    """Rows of an array, checked when it is made. An array on disk, or of narrow floats, is not copied."""

    def __init__(self, name: str, rows: object) -> None:
        self._rows: NDArray[Any] = (
            rows if isinstance(rows, np.ndarray) and _is_table(rows) else validation.table(name, rows)
        )
        self.shape: tuple[int, ...] = self._rows.shape

    def blocks(self) -> Iterator[FloatArray]:
        """The rows in their order, as float64."""
        for block in _in_blocks(self._rows):
            yield block.astype(np.float64)


def _is_table(rows: NDArray[Any]) -> bool:
    """Whether an array may be taken as it is."""
    return (
        rows.ndim == 2
        and rows.dtype.kind in "biuf"
        and rows.size > 0
        and all(np.isfinite(block).all() for block in _in_blocks(rows))
    )


def _in_blocks(rows: NDArray[Any]) -> Iterator[NDArray[Any]]:
    step = max(1, BLOCK // rows.shape[1])
    for start in range(0, len(rows), step):
        yield rows[start : start + step]


@dataclass(frozen=True, eq=False, repr=False)
class RowCells(Value):
    """The cell of every row of a sample.

    Attributes
    ----------
    cell : ndarray of int, shape (n,)
        The cell of each row, by number.
    distance : ndarray, shape (n,)
        Euclidean distance of each row from the centre of its cell.
    is_counted : ndarray of bool, shape (n,)
        Whether the row was counted. The others helped to fit the cells.
    """

    cell: IntArray
    distance: FloatArray
    is_counted: BoolArray

    def nearest(self, cell: int, number: int = NEAREST) -> IntArray:
        """The rows of a cell that are nearest to its centre, at most `number` of them, nearest first."""
        own = np.flatnonzero(self.cell == cell)
        return own[np.argsort(self.distance[own], kind="stable")[:number]]

    def __repr__(self) -> str:
        return f"RowCells({len(self.cell)} rows, {int(self.is_counted.sum())} counted)"


@dataclass(frozen=True, eq=False, repr=False)
class CellCounts(ModeCounts):
    """Counts over k-means cells, with what is needed to look at a cell.

    Make one with `from_features`.

    `modecollapse.plotting.draw_region` draws its `region` and its `confidence_band()`.

    Attributes
    ----------
    centres : ndarray, shape (k, d)
        The centres of the cells.
    real_rows, generated_rows : RowCells
        The cell of every row of each sample.
    """

    centres: FloatArray
    real_rows: RowCells
    generated_rows: RowCells

    def __add__(self, other: ModeCounts) -> ModeCounts:
        """Counts of all samples of both, over the same cells."""
        if isinstance(other, CellCounts) and not np.array_equal(self.centres, other.centres):
            raise ValueError(
                "only counts over the same cells add, but these cells have different centres; fit the "
                "centres once, by fit_centres, and count every part by from_centres with radius=inf"
            )
        return super().__add__(other)


def from_features(
    real: ArrayLike,
    generated: ArrayLike,
    *,
    cells: int | None = None,
    seed: int = 0,
    held_out_share: float = HELD_OUT_SHARE,
) -> CellCounts:
    """Evidence from k-means cells. They are fitted on a part of both samples, and the rest is counted.

    Parameters
    ----------
    real, generated : array_like, shape (n, d) and (N, d)
        Features as rows. Arrays on disk (`numpy.memmap`) and arrays of float32 are read block by block.
    cells : int, optional
        The number of cells. More cells show finer collapse, but need more samples: noise grows as √(cells/n).
        By default the rows that are not counted choose it; see Notes.
    seed : int, default 0
        Seed of the split and of k-means.
    held_out_share : float, default 0.25
        The greatest share of either sample on which the cells are fitted, strictly between 0 and 1. Of both
        samples equally many rows are used, at most 128 a cell and 2²³ numbers.

    Returns
    -------
    CellCounts
        The cells depend on the held-out rows alone, so that the guarantee of `ModeCounts.confidence_band`
        holds. Cells of both kinds see what only one of them has. Its `real_rows` and `generated_rows` have
        the cell of every row, and the rows nearest to each centre.

    Raises
    ------
    ImportError
        If scikit-learn is missing; the message says how to install it.
    ValueError
        If rows are ragged, not finite or of different lengths, or too few for the cells.

    Notes
    -----
    The number of cells is chosen among 2, 4, 8, …, 128. Each half of the held-out rows fits cells and
    proposes the set S of those that stand out. The other half estimates P(S) − Q(S). What a number of cells
    promises is the mean of both estimates, less two standard errors of the rows that will be counted. The
    greatest number wins that promises as much as the best, to within one standard error: bands hardly widen
    with the number of cells. No row that is counted has a part in it.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> real = rng.choice([0.0, 5.0, 9.0], 600) + rng.normal(size=600) / 9
    >>> generated = rng.choice([0.0, 5.0], 600) + rng.normal(size=600) / 9
    >>> counts = from_features(real, generated, cells=3, seed=0)
    >>> lost = int(np.argmin(counts.generated))
    >>> rows = counts.real_rows.nearest(lost, 4)  # look at these
    >>> real[rows].round().tolist()
    [9.0, 9.0, 9.0, 9.0]
    """
    in_order = alignment.in_columns_of(("real", "generated"), real, generated)
    tables = ArrayRows("real", real), ArrayRows("generated", in_order)
    _refuse_other_width("real and generated", *tables)
    return in_common_cells(tables[0], {"": tables[1]}, cells, seed, held_out_share)[""]


def from_features_in_common(
    real: ArrayLike,
    generated: Mapping[str, ArrayLike],
    *,
    cells: int | None = None,
    seed: int = 0,
    held_out_share: float = HELD_OUT_SHARE,
) -> dict[str, CellCounts]:
    """Evidence about several generators over the same k-means cells, for `compare`.

    Parameters
    ----------
    real : array_like, shape (n, d)
        Features as rows.
    generated : mapping of str to array_like, shape (N, d)
        Features of each generator's samples.
    cells, seed, held_out_share
        As for `from_features`. The cells are fitted on a part of all the samples.

    Returns
    -------
    dict of str to CellCounts
        Evidence about each generator, in the order given. All have the same centres.

    Raises
    ------
    ImportError, ValueError
        As for `from_features`, and if there is no generator.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> real, old, new = rng.normal(size=(400, 2)), rng.normal(size=(300, 2)) + 1, rng.normal(size=(300, 2))
    >>> evidence = from_features_in_common(real, {"old": old, "new": new}, cells=4, seed=0)
    >>> bool((evidence["old"].centres == evidence["new"].centres).all())
    True
    """
    if not generated:
        raise ValueError("generated must hold the samples of at least one generator, got none")
    first = ArrayRows("real", real)
    tables: dict[str, ArrayRows] = {}
    for name, rows in generated.items():
        title = f"generated[{name!r}]"
        tables[name] = ArrayRows(title, alignment.in_columns_of(("real", title), real, rows))
    for name, table in tables.items():
        _refuse_other_width(f"real and generated[{name!r}]", first, table)
    return in_common_cells(first, tables, cells, seed, held_out_share)


def _refuse_other_width(names: str, first: Rows, second: Rows) -> None:
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"{names} must have rows of the same length, got {first.shape[1]} and {second.shape[1]} columns"
        )


def in_common_cells(
    real: Rows, generated: Mapping[str, Rows], cells: int | None, seed: int, share: float = HELD_OUT_SHARE
) -> dict[str, CellCounts]:
    """Counts of several generators over cells that are fitted on a part of all samples, block by block.

    Parameters
    ----------
    real, generated
        Rows of one width.
    cells, seed, share
        As for `from_features`.
    """
    k_means_class()
    cells = None if cells is None else validation.whole("cells", cells, 1)
    share = validation.probability("held_out_share", share)
    seed = validation.whole("seed", seed, 0)
    samples = [real, *generated.values()]
    sizes = [rows.shape[0] for rows in samples]
    number = fitting_rows(sizes, real.shape[1], MOST_CELLS if cells is None else cells, share)
    if not 1 <= number < min(sizes):
        raise ValueError(
            f"held_out_share must leave rows of all samples on both sides, got {share!r} of "
            f"{' and '.join(map(str, sizes))}"
        )
    rng = np.random.default_rng(seed)
    held_out = [rng.permutation(size)[:number] for size in sizes]
    fitted = [_rows_at(rows, numbers) for rows, numbers in zip(samples, held_out, strict=True)]
    if cells is None:
        cells = choose_cells(fitted, [size - number for size in sizes], seed)
    centres = fit_centres(np.concatenate(fitted), cells, seed)
    centres.flags.writeable = False
    real_rows, *others = (
        _cells_of(rows, centres, numbers) for rows, numbers in zip(samples, held_out, strict=True)
    )
    return {name: _counted(centres, real_rows, rows) for name, rows in zip(generated, others, strict=True)}


def fitting_rows(sizes: Sequence[int], width: int, cells: int, share: float) -> int:
    """The number of rows of each sample on which cells are fitted.

    Examples
    --------
    >>> fitting_rows([1000, 200], 2, 10, 0.5), fitting_rows([100_000, 100_000], 2, 10, 0.5)
    (100, 1280)
    >>> fitting_rows([50_000, 50_000], 2048, 128, 0.25)
    4096
    """
    return min(math.floor(share * min(sizes)), ROWS_PER_CELL * cells, max(1, FITTED_NUMBERS // width))


def choose_cells(fitted: Sequence[FloatArray], sizes: Sequence[int], seed: int) -> int:
    """The number of cells that promises enough; see the Notes of `from_features`.

    Parameters
    ----------
    fitted : sequence of ndarray, shape (h, d)
        Held-out rows: real ones, then those of each generator.
    sizes : sequence of int
        The numbers of rows that will be counted.
    seed : int
        Seed of k-means.

    Returns
    -------
    int
        2, 4, 8, …, at most 128; 1 where there are too few rows for two cells.
    """
    half = len(fitted[0]) // 2
    halves = [[rows[:half] for rows in fitted], [rows[half : 2 * half] for rows in fitted]]
    most = min(
        MOST_CELLS, half // LEAST_ROWS, *(len(np.unique(np.concatenate(part), axis=0)) for part in halves)
    )
    tried = [2**i for i in range(1, most.bit_length()) if 2**i <= most]

    if not tried:
        return 1
    promises = []
    for cells in tried:
        both = [
            _promise(fitting, judging, cells, sizes, seed) for fitting, judging in permutations(halves, 2)
        ]
        promises.append(tuple(np.mean(both, axis=0).tolist()))
    best, its_error = max(promises)
    return max(cells for cells, (value, _) in zip(tried, promises, strict=True) if value >= best - its_error)


def _promise(
    fitting: Sequence[FloatArray], judging: Sequence[FloatArray], cells: int, sizes: Sequence[int], seed: int
) -> tuple[float, float]:
    """Sum over generators of a cautious estimate of P(S) − Q(S), for sets S that other rows propose.

    Returns
    -------
    value, error : float
        The sum, and its standard error.
    """
    centres = fit_centres(np.concatenate(fitting), cells, seed)

    def counted(part: Sequence[FloatArray]) -> list[IntArray]:
        return [np.bincount(nearest_centres(rows, centres).centre, minlength=cells) for rows in part]

    (x, *ys), (p, *qs) = counted(fitting), counted(judging)
    value = error = 0.0
    for y, q, size in zip(ys, qs, sizes[1:], strict=True):
        chosen = _proposed(x, y)
        in_p, in_q = p[chosen].sum() / p.sum(), q[chosen].sum() / q.sum()
        value += in_p - in_q - 2 * _error(in_p, in_q, sizes[0], size)
        error += _error(in_p, in_q, p.sum(), q.sum())
    return float(value), float(error)


def _proposed(x: IntArray, y: IntArray) -> IntArray:
    """The cells that stand out: the best prefix in the order of their estimated likelihood ratio."""
    order = np.argsort(-(x + 0.5) / (y + 0.5), kind="stable")
    # half a count for each cell, so that empty cells are not thought to be certain
    p, q = ((np.cumsum(counts[order] + 0.5)) / (counts.sum() + len(x) / 2) for counts in (x, y))
    return order[: int(np.argmax(p - q - 2 * _error(p, q, x.sum(), y.sum()))) + 1]


def _error(p: Any, q: Any, n: int, size: int) -> Any:
    """The standard error of the difference of two shares, of n and of `size` samples."""
    return np.sqrt(np.maximum(p * (1 - p) / n + q * (1 - q) / size, 0.0))


def _counted(centres: FloatArray, real: RowCells, generated: RowCells) -> CellCounts:
    cells = len(centres)
    in_real, in_generated = (
        np.bincount(rows.cell[rows.is_counted], minlength=cells) for rows in (real, generated)
    )
    counts = from_counts(in_real, in_generated, [f"cell {i}" for i in range(cells)])
    return CellCounts(counts.names, counts.real, counts.generated, centres, real, generated)


def _cells_of(rows: Rows, centres: FloatArray, held_out: IntArray) -> RowCells:
    nearest = [nearest_centres(block, centres) for block in rows.blocks()]
    is_counted = np.ones(rows.shape[0], dtype=np.bool_)
    is_counted[held_out] = False
    arrays = (
        np.concatenate([block.centre for block in nearest]),
        np.concatenate([block.distance for block in nearest]),
        is_counted,
    )
    for array in arrays:
        array.flags.writeable = False
    return RowCells(*arrays)


def _rows_at(rows: Rows, numbers: IntArray) -> FloatArray:
    """Some of the rows, in the order asked for."""
    order = np.argsort(numbers)
    picked, start = np.empty((len(numbers), rows.shape[1])), 0
    for block in rows.blocks():
        stop = start + len(block)
        low, high = np.searchsorted(numbers, [start, stop], sorter=order)
        places = order[low:high]
        picked[places] = block[numbers[places] - start]
        start = stop
    return picked
