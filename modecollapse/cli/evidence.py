"""Evidence from files of samples: what `modecollapse.samples` makes of arrays, counted block by block.

What is held is scores, and for cells the random order of the rows, 8 bytes each. The results are those
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
from modecollapse.samples.clusters import HELD_OUT_SHARE, fitting_rows
from modecollapse.samples.counts import OFF_MODE


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
    """Counts over k-means cells fitted on rows that do not count; see `samples.from_features`."""
    sizes = [sum(map(len, features(rows))) for rows in (real, generated)]
    least = math.ceil(1 / HELD_OUT_SHARE)
    for rows, size in zip((real, generated), sizes, strict=True):
        if size < least:
            raise ValueError(
                f"{rows} must hold at least {least} rows, some to fit the cells on and some to count, "
                f"got {size}"
            )
    number = fitting_rows(sizes[0], sizes[1], cells, HELD_OUT_SHARE)
    rng = np.random.default_rng(seed)
    fitted = [
        _rows_at(rows, rng.permutation(size)[:number])
        for rows, size in zip((real, generated), sizes, strict=True)
    ]
    _refuse_other_width(generated, fitted[1], f"the rows of {real}", fitted[0])
    centres = samples.fit_centres(np.concatenate(fitted), cells, seed)
    counted = (
        _counted(rows, centres, "the cells", math.inf) - samples.count_modes(points, centres, math.inf)
        for rows, points in zip((real, generated), fitted, strict=True)
    )
    real_counts, generated_counts = (counts[:-1] for counts in counted)
    return samples.from_counts(real_counts, generated_counts, [f"cell {i}" for i in range(cells)])


def copies(
    training: Source, held_out: Source, generated: Source, level: float, seed: int
) -> samples.CopyTest:
    """The test for copies of training data; see `samples.copy_test`. It holds all rows in memory."""
    trained_on, unseen, made = (
        np.concatenate(list(features(rows))) for rows in (training, held_out, generated)
    )
    for rows, table in ((held_out, unseen), (generated, made)):
        _refuse_other_width(rows, table, f"the rows of {training}", trained_on)
    return samples.copy_test(trained_on, unseen, made, level, seed)


def _counted(rows: Source, centres: FloatArray, name: str, radius: float) -> IntArray:
    total = np.zeros(len(centres) + 1, dtype=np.int64)
    for block in features(rows):
        _refuse_other_width(rows, block, name, centres)
        total += samples.count_modes(block, centres, radius)
    return total


def _refuse_other_width(rows: Source, block: FloatArray, name: str, others: FloatArray) -> None:
    if block.shape[1] != others.shape[1]:
        raise ValueError(
            f"{rows} has rows of {block.shape[1]} numbers, but {name} are rows of {others.shape[1]}"
        )


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
