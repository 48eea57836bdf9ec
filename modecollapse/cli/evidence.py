"""Evidence from files of samples: what `modecollapse.samples` makes of arrays, counted block by block.

What is held is scores, and for cells the random order of the real rows, 8 bytes each. The results are those
of the functions on arrays.
"""

from __future__ import annotations

import math
from collections import Counter

import numpy as np

from modecollapse import samples
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.files.address import Source
from modecollapse.files.samples import features, labels, scores
from modecollapse.samples.counts import OFF_MODE

HELD_OUT_SHARE, MOST_HELD_OUT = 0.5, 100_000
"""K-means cells are fitted on half of the real rows, or on so many where half is more."""


def around_centres(real: Source, generated: Source, centres: Source, radius: float) -> samples.ModeCounts:
    """Counts within a radius of known modes; see `samples.from_centres`."""
    places = np.concatenate(list(features(centres)))
    all_real, all_generated = (_counted(rows, places, str(centres), radius) for rows in (real, generated))
    names = [*(f"mode {i}" for i in range(len(places))), OFF_MODE]
    return samples.from_counts(all_real, all_generated, names)


def by_labels(real: Source, generated: Source) -> samples.ModeCounts:
    """Counts of labels; see `samples.from_labels`."""
    in_real, in_generated = (sum(labels(rows), Counter[str]()) for rows in (real, generated))
    names = samples.from_labels(list(in_real), list(in_generated)).names
    return samples.from_counts(
        [in_real[name] for name in names], [in_generated[name] for name in names], names
    )


def by_scores(real: Source, generated: Source) -> samples.ScoreCounts:
    """The scores themselves; see `samples.from_scores`."""
    return samples.from_scores(*(np.concatenate(list(scores(rows))) for rows in (real, generated)))


def in_cells(real: Source, generated: Source, cells: int, seed: int) -> samples.ModeCounts:
    """Counts over k-means cells fitted on real rows that do not count; see `samples.from_features`."""
    size = sum(map(len, features(real)))
    held_out = min(math.floor(HELD_OUT_SHARE * size), MOST_HELD_OUT)
    if held_out < 1:
        raise ValueError(
            f"{real} must hold at least 2 rows, some to fit the cells on and some to count, got {size}"
        )
    points = _rows_at(real, np.random.default_rng(seed).permutation(size)[:held_out])
    centres = samples.fit_centres(points, cells, seed)
    name = f"the cells of {real}"
    all_real, all_generated = (_counted(rows, centres, name, math.inf) for rows in (real, generated))
    counted_real = all_real - samples.count_modes(points, centres, math.inf)
    names = [f"cell {i}" for i in range(cells)]
    return samples.from_counts(counted_real[:-1], all_generated[:-1], names)


def _counted(rows: Source, centres: FloatArray, name: str, radius: float) -> IntArray:
    total = np.zeros(len(centres) + 1, dtype=np.int64)
    for block in features(rows):
        if block.shape[1] != centres.shape[1]:
            raise ValueError(
                f"{rows} has rows of {block.shape[1]} numbers, but {name} are rows of {centres.shape[1]}"
            )
        total += samples.count_modes(block, centres, radius)
    return total


def _rows_at(rows: Source, numbers: IntArray) -> FloatArray:
    """Some of the rows, in the order asked for."""
    order = np.argsort(numbers)
    picked, start = [], 0
    for block in features(rows):
        stop = start + len(block)
        low, high = np.searchsorted(numbers, [start, stop], sorter=order)
        picked.append(block[numbers[order[low:high]] - start])
        start = stop
    places = np.empty_like(order)
    places[order] = np.arange(len(order))
    return np.concatenate(picked)[places]
