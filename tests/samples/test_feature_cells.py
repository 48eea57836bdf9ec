"""Cells of features: every row has its cell, and no row that chose the cells is counted."""

from __future__ import annotations

import math

import numpy as np
import pytest

from modecollapse.samples import compare, diagnose, from_centres, from_features, from_features_in_common
from modecollapse.samples import feature_cells as module

pytest.importorskip("sklearn")

PLACES = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0], [8.0, 8.0]])


def blobs(rng, size, weights):
    return PLACES[rng.choice(4, size, p=weights)] + rng.normal(size=(size, 2))


@pytest.fixture(scope="module")
def samples():
    rng = np.random.default_rng(0)
    return blobs(rng, 800, [0.25] * 4), blobs(rng, 600, [1 / 3, 1 / 3, 1 / 3, 0])


@pytest.fixture(scope="module")
def counts(samples):
    return from_features(*samples, cells=4, seed=1)


def test_every_row_has_the_cell_of_its_nearest_centre(samples, counts):
    for rows, cells in zip(samples, (counts.real_rows, counts.generated_rows), strict=True):
        distances = np.linalg.norm(rows[:, np.newaxis] - counts.centres, axis=2)
        assert cells.cell.tolist() == distances.argmin(axis=1).tolist()
        assert cells.distance == pytest.approx(distances.min(axis=1))


def test_what_is_counted_is_what_did_not_fit_the_cells(samples, counts):
    for rows, cells, tallied in zip(
        samples, (counts.real_rows, counts.generated_rows), (counts.real, counts.generated), strict=True
    ):
        assert len(rows) - cells.is_counted.sum() == 150  # a quarter of the smaller sample
        assert tallied.tolist() == np.bincount(cells.cell[cells.is_counted], minlength=4).tolist()
    # the counted rows do not move the centres
    moved = [
        np.where(cells.is_counted[:, np.newaxis], rows[::-1], rows)
        for rows, cells in zip(samples, (counts.real_rows, counts.generated_rows), strict=True)
    ]
    assert from_features(*moved, cells=4, seed=1).centres.tolist() == counts.centres.tolist()


def test_the_nearest_rows_are_nearest_and_in_order(samples, counts):
    for rows, cells in zip(samples, (counts.real_rows, counts.generated_rows), strict=True):
        for cell, centre in enumerate(counts.centres):
            own = np.flatnonzero(cells.cell == cell)
            by_distance = own[np.argsort(np.linalg.norm(rows[own] - centre, axis=1), kind="stable")]
            assert cells.nearest(cell).tolist() == by_distance[:8].tolist()
            assert cells.nearest(cell, 10**6).tolist() == by_distance.tolist()
    assert counts.generated_rows.nearest(7).tolist() == []


def test_arrays_of_narrow_floats_on_disk_are_read_in_blocks(samples, tmp_path, monkeypatch):
    narrow = [rows.astype(np.float32) for rows in samples]
    expected = from_features(*narrow, cells=4, seed=1)
    monkeypatch.setattr(module, "BLOCK", 14)
    for i, rows in enumerate(narrow):
        np.save(tmp_path / f"{i}.npy", rows)
    on_disk = [np.load(tmp_path / f"{i}.npy", mmap_mode="r") for i in range(2)]
    assert from_features(*on_disk, cells=4, seed=1) == expected
    assert from_features(*(rows.tolist() for rows in narrow), cells=4, seed=1) == expected


def test_memory_holds_blocks_and_fitted_rows_and_not_a_copy(tmp_path, monkeypatch):
    import tracemalloc

    monkeypatch.setattr(module, "BLOCK", 2**14)
    monkeypatch.setattr(module, "FITTED_NUMBERS", 2**12)
    rows = np.random.default_rng(0).normal(size=(40_000, 16)).astype(np.float32)
    from_features(rows[:100], rows[:100], cells=2, seed=0)  # what is compiled and imported
    tracemalloc.start()
    try:
        from_features(rows, rows, cells=4, seed=0)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert (
        peak < 5e6
    )  # of 10 MB in two float64 copies: 17 bytes a row of each kind are held, and for a while more


def test_cells_of_different_fits_do_not_add(samples, counts):
    other = from_features(*samples, cells=4, seed=2)
    with pytest.raises(ValueError, match="these cells have different centres; fit the centres once"):
        counts + other
    twice = counts + counts
    assert twice.real.tolist() == (2 * counts.real).tolist()


def test_shards_over_centres_that_are_fitted_once_add(samples, counts):
    real, generated = samples
    whole = from_centres(real, generated, counts.centres, math.inf)
    parts = [from_centres(real[i::3], generated[i::3], counts.centres, math.inf) for i in range(3)]
    assert parts[0] + parts[1] + parts[2] == whole


# -- the number of cells --------------------------------------------------------------------------------


def test_the_number_of_cells_is_chosen_to_show_what_is_lost(samples):
    counts = from_features(*samples, seed=0)
    assert len(counts.names) in (4, 8, 16)
    assert diagnose(counts, m=1).tv_interval.lower > 0.15
    two = from_features(*samples, cells=2, seed=0)
    assert diagnose(two, m=1).tv_interval.lower < 0.15


def test_counted_rows_have_no_part_in_the_choice(samples, monkeypatch):
    seen = []
    choose = module.choose_cells
    monkeypatch.setattr(
        module, "choose_cells", lambda fitted, *rest: seen.append(fitted) or choose(fitted, *rest)
    )
    counts = from_features(*samples, seed=0)
    for rows, fitted, cells in zip(samples, seen[0], (counts.real_rows, counts.generated_rows), strict=True):
        assert sorted(map(tuple, fitted)) == sorted(map(tuple, rows[~cells.is_counted]))


@pytest.mark.parametrize(("size", "expected"), [(8, 1), (39, 1), (72, 2)])
def test_few_rows_have_few_cells(size, expected):
    rows = np.linspace(0, 1, size)
    assert len(from_features(rows, rows, seed=0).names) <= expected


def test_rows_that_are_all_the_same_are_one_cell():
    assert from_features([1.0] * 200, [1.0] * 200, seed=0).names == ("cell 0",)


# -- several generators ---------------------------------------------------------------------------------


def test_generators_are_counted_over_the_same_cells(samples):
    rng = np.random.default_rng(5)
    real, bad = samples
    generated = {"bad": bad, "good": blobs(rng, 700, [0.25] * 4)}
    evidence = from_features_in_common(real, generated, cells=4, seed=3)
    assert list(evidence) == ["bad", "good"]
    assert evidence["bad"].real.tolist() == evidence["good"].real.tolist()
    assert np.array_equal(evidence["bad"].centres, evidence["good"].centres)
    assert evidence["good"].generated.sum() == 700 - 150
    assert compare(evidence).difference("bad", "good").lower > 0


def test_one_generator_in_common_is_from_features(samples, counts):
    assert from_features_in_common(samples[0], {"a": samples[1]}, cells=4, seed=1)["a"] == counts


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: from_features_in_common([1.0], {}, seed=0), "at least one generator, got none"),
        (
            lambda: from_features_in_common([[1, 2]] * 9, {"a": [[1, 2]] * 9, "b": [1.0]}, seed=0),
            r"real and generated\['b'\] must have rows of the same length, got 2 and 1",
        ),
        (
            lambda: from_features_in_common([1.0] * 9, {"a": [1.0] * 9, "b": [1.0]}, cells=1, seed=0),
            "of all samples on both sides, got 0.25 of 9 and 9 and 1",
        ),
        (lambda: from_features([1.0] * 9, [1.0] * 9, cells=0, seed=0), "cells must be an integer ≥ 1, got 0"),
        (lambda: from_features(np.zeros((0, 2)), [[1.0, 2.0]], seed=0), "at least one number"),
        (
            lambda: from_features([1.0] * 9, np.array([[1.0], [np.nan]]), seed=0),
            "generated: 1 of 2 rows hold",
        ),
    ],
)
def test_what_does_not_fit_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_nothing_is_fitted_before_all_is_checked(monkeypatch):
    monkeypatch.setattr(module, "fit_centres", lambda *_: pytest.fail("fitted"))
    rows = np.ones((9, 2))
    for options in ({"cells": -1}, {"held_out_share": 2}, {"seed": -1}):
        with pytest.raises(ValueError, match=str(next(iter(options.values())))):
            from_features(rows, rows, **{"cells": 2, "seed": 0, **options})
