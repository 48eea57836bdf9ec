"""Finite covers of classes: they bound every member, and close in on limits of members."""

from __future__ import annotations

import numpy as np
import pytest
from class_draws import random_class, random_members
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.theorems import boundaries
from modecollapse.theorems.class_covers import CoverAbove, CoverBelow

ROUNDING = 1e-11
COVERS = pytest.mark.parametrize("cover", [CoverBelow, CoverAbove])


def random_case(seed):
    rng = np.random.default_rng(seed)
    return random_class(rng), rng


def levels(cover, count):
    """Cells, halved again and again."""
    cells = cover.start()
    for _ in range(count):
        yield cells
        cells = cover.halves(cells)


@examples(40)
@given(st.integers(0, 10**6))
def test_each_member_contains_a_region_from_below_and_lies_in_one_from_above(seed):
    pairs, rng = random_case(seed)
    members = random_members(pairs, rng, 10)
    below, above = CoverBelow(pairs), CoverAbove(pairs)
    for low, high in zip(levels(below, 5), levels(above, 5), strict=True):
        lower, upper = (
            list(map(boundaries.region, cover.bounds(cells)))
            for cover, cells in ((below, low), (above, high))
        )
        for member in members:
            assert any(lies_in(region, member) for region in lower)
            assert any(lies_in(member, region) for region in upper)


def lies_in(inner: mc.Region, outer: mc.Region) -> bool:
    return bool((outer.boundary(inner.vertices[:, 0]) >= inner.vertices[:, 1] - ROUNDING).all())


@examples(40)
@given(st.integers(0, 10**6))
def test_limits_are_limits_of_members(seed):
    """Mixed a little with what they must contain, they are members of the class with more leeway."""
    pairs, _ = random_case(seed)
    for cover in (CoverBelow(pairs), CoverAbove(pairs)):
        for cells in levels(cover, 4):
            for region in map(boundaries.region, cover.limits(cells)):
                assert lies_in(boundaries.region(pairs.required), region)
                assert lies_in(region, boundaries.region(pairs.ceiling))
                height = np.max(region.vertices[:, 1] - pairs.slope * region.vertices[:, 0])
                assert pairs.heights[0] - ROUNDING <= height <= pairs.heights[1] + ROUNDING
                for point in pairs.forbidden:
                    assert region.boundary(float(point.x)) <= float(point.y) + ROUNDING


@COVERS
def test_bounds_close_in_on_limits(cover):
    pairs = mc.PairClass(tau=0.2, collapse=(0.02, 0.08), no_collapse=(0.2, 0.35), no_augmentation=(0.1, 0.25))
    widths = []
    for cells in levels(cover(pairs), 9):
        values = [
            [mc.packed_tv(boundaries.region(b), 3) for b in regions]
            for regions in (cover(pairs).bounds(cells), cover(pairs).limits(cells))
        ]
        end = min if cover is CoverBelow else max
        widths.append(abs(end(values[0]) - end(values[1])))
    assert widths[-1] < 0.1 * widths[1] + 1e-12


@COVERS
def test_cells_of_a_single_region_stay(cover):
    region = mc.Region.from_pmfs([0.3, 0.7], [0.2, 0.8])
    alone = cover(mc.PairClass(contains=region, within=region))
    cells = alone.start()
    for _ in range(3):
        cells = alone.halves(cells)
        assert len(cells.low) == 1
        np.testing.assert_allclose(alone.bounds(cells), alone.limits(cells))
