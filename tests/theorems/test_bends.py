"""Bounds over boxes of slopes: no greatest region of a box exceeds them, and they are not idle."""

from __future__ import annotations

import numpy as np
import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st
from test_classes import random_class

from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems.bends import curvatures
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.greatest import supremum
from modecollapse.theorems.slopes import Boxes, GreatestRegions

MEASURES = [("tv", 1.0), ("hockey_stick", 2.0), ("hockey_stick", 0.4), ("js", 1.0)]


def boxes_about(piece: Boxes, centre, sizes) -> Boxes:
    """Boxes of several sizes inside a piece, all of them about one place."""
    width = (piece.high - piece.low) * np.asarray(sizes)[:, None]
    low = np.clip(centre - width / 2, piece.low, piece.high)
    high = np.clip(centre + width / 2, piece.low, piece.high)
    return Boxes(low, high, *(np.repeat(values, len(sizes), axis=0) for values in piece[2:]))


def best_place(regions: GreatestRegions, divergence: PackedDivergence, piece: Boxes, rng):
    """Where a random search finds the greatest value of a piece: there bounds are put to the test."""
    places = piece.low[:, None] + rng.random((1, 200, piece.low.shape[1])) * (piece.high - piece.low)[:, None]
    values = regions.values(divergence, regions.slopes_at(piece, places))
    return places[0, values[0].argmax()]


@given(seed=st.integers(0, 10**6), measure=st.sampled_from(MEASURES), m=st.integers(1, 6))
@examples(100)
def test_no_region_of_a_box_exceeds_its_bounds(seed, measure, m):
    rng = np.random.default_rng(seed)
    pairs = random_class(rng, forbidden=int(rng.integers(1, 4)))
    if not pairs.mattering:
        return
    regions, divergence = GreatestRegions(pairs), PackedDivergence(measure[0], m, measure[1])
    for piece in regions.boxes():
        boxes = boxes_about(piece, best_place(regions, divergence, piece, rng), (0.3, 0.05, 0.01, 1e-3))
        corners = regions.values(divergence, regions.slopes(boxes))
        width = boxes.high - boxes.low
        places = boxes.low[:, None] + rng.random((4, 60, width.shape[1])) * width[:, None]
        greatest = regions.values(divergence, regions.slopes_at(boxes, places)).max(axis=1)
        slopes = regions.slopes(boxes)
        joins = regions.joins(divergence, slopes.min(axis=1), slopes.max(axis=1))
        assert (greatest <= joins + 1e-12).all()
        for index in range(4):
            box = boxes.kept(np.array([index]))
            bend = curvatures(regions, divergence, box, float(greatest[index]) - 1e-12)[0]
            rise = np.where(
                width[index] > 0, np.where(width[index] > 0, bend, 0.0) * width[index] ** 2 / 8, 0.0
            )
            assert greatest[index] <= corners[index].max() + rise.sum() + 1e-13


@pytest.mark.parametrize(("name", "m"), [("tv", 3), ("tv", 6), ("js", 3)])
def test_bends_are_of_second_order_where_the_maximum_lies_inside(name, m):
    pairs = PairClass(0.5, no_collapse=(0.04, 0.375), no_augmentation=(0.04, 0.375))
    regions, divergence = GreatestRegions(pairs), PackedDivergence(name, m)
    piece = list(regions.boxes())[-1]
    place = best_place(regions, divergence, piece, np.random.default_rng(0))
    bends = curvatures(regions, divergence, boxes_about(piece, place, (1e-4, 1e-6)), 0.0)
    assert np.isfinite(bends).all()
    np.testing.assert_allclose(bends[0], bends[1], rtol=0.2)


@given(seed=st.integers(0, 10**6))
@examples(30)
def test_the_boxes_hold_all_slopes_above_the_least_regions(seed):
    """No greatest region above a random least region has a greater value than the search finds."""
    rng = np.random.default_rng(seed)
    pairs = random_class(rng, forbidden=int(rng.integers(1, 4)))
    if not pairs.mattering:
        return
    regions, divergence = GreatestRegions(pairs), PackedDivergence("tv", 3)
    found = supremum(regions, divergence, 1e-5)
    for _ in range(40):
        least = pairs.required
        if not pairs.required_touches:
            interval = pairs.tangents[rng.integers(len(pairs.tangents))]
            x = interval.low + rng.random() * (interval.high - interval.low)
            least = pairs.least_regions(np.array([x]))[0]
        shares = np.round(rng.random((20, len(pairs.mattering))) * 1.2 - 0.1, int(rng.integers(0, 3)))
        slopes = regions.above(least, np.clip(shares, 0, 1))
        assert regions.values(divergence, slopes).max() <= found.value + found.gap + 1e-12
