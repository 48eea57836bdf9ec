"""Evidence from files of samples: what `modecollapse.samples` makes of arrays, counted block by block.

What is held is scores, and for cells a few numbers a row. The results are those of the functions on arrays.
All functions take several generators, by name.
"""

from __future__ import annotations

import argparse
import math
import warnings
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from modecollapse import samples
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.cli.kinds import Real
from modecollapse.files.address import Source, source
from modecollapse.files.rows import FileRows
from modecollapse.files.samples import features, first_label, labels, scores, texts
from modecollapse.samples.clusters import k_means_class
from modecollapse.samples.counts import OFF_MODE
from modecollapse.samples.evidence import Evidence
from modecollapse.samples.feature_cells import HELD_OUT_SHARE, in_common_cells

Sources = Mapping[str, Source]


def of(options: argparse.Namespace, real: Real, generated: Sources) -> dict[str, Evidence]:
    """The evidence that the options ask for, about each generator."""
    if not isinstance(real, Source):
        return {name: by_labels_and_target(real, rows, options.groups) for name, rows in generated.items()}
    if options.centres is not None:
        return {**around_centres(real, generated, source(options.centres), options.radius)}
    if options.cells is not None:
        return {**in_cells(read_features(real, generated), options.cells, options.seed)}
    if options.labels:
        if options.groups is not None:
            return {**by_labels_in_groups(real, generated, options.groups)}
        return {**by_labels(real, generated)}
    if options.groups is not None:
        return {**by_scores_of_groups(real, generated, options.groups, options.seed)}
    return {**by_scores(real, generated)}


def around_centres(
    real: Source, generated: Sources, centres: Source, radius: float
) -> dict[str, samples.ModeCounts]:
    """Counts within a radius of known modes; see `samples.from_centres`."""
    places = np.concatenate(list(features(centres)))
    # the first rows of all files are looked at before one is counted
    for rows in (real, *generated.values()):
        _refuse_other_width(rows, next(features(rows)).shape[1], str(centres), places.shape[1])
    names = [*(f"mode {i}" for i in range(len(places))), OFF_MODE]
    in_real = _counted(real, places, radius)
    return {
        name: samples.from_counts(in_real, _counted(rows, places, radius), names)
        for name, rows in generated.items()
    }


def by_labels(real: Source, generated: Sources) -> dict[str, samples.ModeCounts]:
    """Counts of labels over all labels of all files; see `samples.from_labels`."""
    in_real = sum(labels(real), Counter[str]())
    in_generated = {name: sum(labels(rows), Counter[str]()) for name, rows in generated.items()}
    _warn_of_headers([(real, in_real), *((generated[name], one) for name, one in in_generated.items())])
    names = samples.from_labels(
        list(in_real), [label for one in in_generated.values() for label in one]
    ).names
    return {
        name: samples.from_counts([in_real[label] for label in names], [one[label] for label in names], names)
        for name, one in in_generated.items()
    }


def by_labels_and_target(
    target: Mapping[str, float], generated: Source, groups: str | None
) -> samples.TargetCounts | samples.UnitCounts:
    """Counts of generated labels where the shares of the right ones are known; see `samples.from_labels`."""
    if groups is not None:
        own = list(chain.from_iterable(texts(generated)))
        return samples.from_groups(
            target=dict(target.items()),
            generated=own,
            generated_groups=groups_of(generated, groups, len(own)),
        )
    counted = sum(labels(generated), Counter[str]())
    _warn_of_headers([(generated, counted)])
    among = [counted[label] for label in target]
    return samples.from_counts(
        target=[*target.values(), 0.0],
        generated=[*among, counted.total() - sum(among)],
        names=[*target, OFF_MODE],
    )


def by_scores(real: Source, generated: Sources) -> dict[str, samples.ScoreCounts]:
    """The scores themselves; see `samples.from_scores`."""
    of_real, *others = (np.concatenate(list(scores(rows))) for rows in (real, *generated.values()))
    return {name: samples.from_scores(of_real, one) for name, one in zip(generated, others, strict=True)}


def by_labels_in_groups(real: Source, generated: Sources, column: str) -> dict[str, samples.UnitCounts]:
    """Labels in groups, which a column of each file names; see `samples.from_groups`."""

    def read(rows: Source) -> tuple[list[str], list[str]]:
        own = list(chain.from_iterable(texts(rows)))
        return own, groups_of(rows, column, len(own))

    of_real, real_groups = read(real)
    of_generated = {name: read(rows) for name, rows in generated.items()}
    return {
        name: samples.from_groups(of_real, one, real_groups, groups)
        for name, (one, groups) in of_generated.items()
    }


def by_scores_of_groups(
    real: Source, generated: Sources, column: str, seed: int
) -> dict[str, samples.ScoreCounts]:
    """One random score of each group, which a column of each file names; see `samples.one_per_group`."""

    def read(rows: Source) -> FloatArray:
        own = np.concatenate(list(scores(rows)))
        return own[samples.one_per_group(groups_of(rows, column, len(own)), seed)]

    of_real, of_generated = read(real), {name: read(rows) for name, rows in generated.items()}
    return {name: samples.from_scores(of_real, one) for name, one in of_generated.items()}


def groups_of(rows: Source, column: str, size: int) -> list[str]:
    """The group of each row of a file, as a column of it says, or an array beside the one that is meant."""
    if rows.ending == ".npy":
        raise ValueError(f"{rows.path} holds one array, which has no {column!r} beside it")
    said = rows._replace(name=column)
    groups = list(chain.from_iterable(texts(said)))
    if len(groups) != size:
        raise ValueError(
            f"{said} must have an entry for each of the {size} rows of {rows.name}, got {len(groups)}"
        )
    return groups


class Files(NamedTuple):
    """Files of features that were read once and fit together: the real rows, and those of generators."""

    real: FileRows
    generated: Mapping[str, FileRows]


def read_features(real: Source, generated: Sources) -> Files:
    """Read all files, and refuse them where they do not fit together, before cells are fitted."""
    k_means_class()
    read = Files(FileRows(real), {name: FileRows(rows) for name, rows in generated.items()})
    least = math.ceil(1 / HELD_OUT_SHARE)
    for rows in (read.real, *read.generated.values()):
        size, width = rows.shape
        if size < least:
            raise ValueError(
                f"{rows.source} must hold at least {least} rows, some to fit the cells on and some to count, "
                f"got {size}"
            )
        _refuse_other_width(rows.source, width, f"the rows of {real}", read.real.shape[1])
    return read


def in_cells(files: Files, cells: int | str, seed: int) -> dict[str, samples.CellCounts]:
    """Counts over k-means cells fitted on rows that do not count; see `samples.from_features`."""
    return in_common_cells(*files, None if isinstance(cells, str) else cells, seed)


def copies(
    training: Source, held_out: Source, generated: Source, level: float, seed: int
) -> samples.CopyTest:
    """The test for copies of training data; see `samples.copy_test`. It holds all rows in memory."""
    trained_on, unseen, made = (
        np.concatenate(list(features(rows))) for rows in (training, held_out, generated)
    )
    for rows, table in ((held_out, unseen), (generated, made)):
        _refuse_other_width(rows, table.shape[1], f"the rows of {training}", trained_on.shape[1])
    return samples.copy_test(trained_on, unseen, made, level, seed)


def _warn_of_headers(files: Sequence[tuple[Source, Counter[str]]]) -> None:
    """Warn where the first row of a file counts as a label and looks like the name of its column.

    No other row of the file has it. Besides, either all other labels of the file occur more than once, or
    another file begins in the same way.
    """
    firsts = [first_label(rows) for rows, _ in files]
    for (rows, counted), first in zip(files, firsts, strict=True):
        if first is None or counted[first] > 1 or len(counted) == 1:
            continue
        if firsts.count(first) > 1 or list(counted.values()).count(1) == 1:
            warnings.warn(
                f"the first row of {rows} holds {first!r}, which no other row has, and counts as a label; if "
                f"it is the name of the column, write '{rows.file}:{first}'",
                stacklevel=2,
            )


def _counted(rows: Source, centres: NDArray[Any], radius: float) -> IntArray:
    total = np.zeros(len(centres) + 1, dtype=np.int64)
    for block in features(rows):
        total += samples.count_modes(block, centres, radius)
    return total


def _refuse_other_width(rows: Source, width: int, name: str, expected: int) -> None:
    if width != expected:
        numbers = "number" if width == 1 else "numbers"
        raise ValueError(f"{rows} has rows of {width} {numbers}, but {name} are rows of {expected}")
