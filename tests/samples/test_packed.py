"""Packed distances from samples: intervals are ranges of classes, positions hold the truth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse import Region, RegionBracket
from modecollapse.samples import from_counts
from modecollapse.samples.packed import packed_reports, packed_value, position_intervals
from modecollapse.strategies import pairs

DEGREES = [1, 2, 5]


def true_position(region, m):
    theory = mc.tv_band(region.total_variation, m)
    return (mc.packed_tv(region, m) - theory.lower) / (theory.upper - theory.lower)


@given(pairs(range(2, 5)), pairs(range(2, 5)), pairs(range(2, 5)), st.floats(0.05, 0.95))
def test_positions_hold_for_every_region_in_the_band(first, second, third, share):
    """The band of two regions, its ends, and a region between them."""
    one, two, three = (Region.from_pmfs(*pair) for pair in (first, second, third))
    band = RegionBracket(one & two, one | two)
    mixture = Region.from_pmfs(
        np.concatenate([share * band.inner.p, (1 - share) * band.outer.p]),
        np.concatenate([share * band.inner.q, (1 - share) * band.outer.q]),
    )
    intervals = position_intervals(band, DEGREES)
    assert intervals[0] is None
    for region in (*band, one, mixture, band.inner | (three & band.outer)):
        if not 1e-6 < region.total_variation < 1 - 1e-6:
            continue
        for m, interval in zip(DEGREES[1:], intervals[1:], strict=True):
            assert interval.lower - 1e-6 <= true_position(region, m) <= interval.upper + 1e-6


def test_positions_close_in_on_the_truth():
    collapsed = np.append(np.zeros(5), np.full(20, 0.05))
    top, bottom = [], []
    rng = np.random.default_rng(0)
    for size in (2000, 20_000, 2_000_000):
        counts = from_counts(rng.multinomial(size, np.full(25, 0.04)), rng.multinomial(size, collapsed))
        top.append(position_intervals(counts.confidence_band(), [4])[0])
        counts = from_counts(rng.multinomial(size, [0.6, 0.4]), rng.multinomial(size, [0.4, 0.6]))
        bottom.append(position_intervals(counts.confidence_band(), [4])[0])
    assert 0.4 < top[0].lower < 0.8 < top[1].lower < 0.97 < top[2].lower
    assert all(interval.upper > 0.999 for interval in top)
    assert bottom[0].upper > bottom[1].upper > bottom[2].upper
    assert bottom[2].upper < 0.05
    assert all(interval.lower == 0 for interval in bottom)


def test_equal_laws_may_have_any_position():
    counts = from_counts([50, 50], [49, 51])
    assert position_intervals(counts.confidence_band(), [1, 3]) == [None, mc.Bracket(0, 1)]
    assert position_intervals(counts.confidence_band(), [1]) == [None]


@pytest.mark.parametrize("modes", [4, 12])
def test_the_interval_is_the_range_of_the_class_that_the_band_allows(modes):
    rng = np.random.default_rng(modes)
    q = np.arange(1, modes + 1) / (modes * (modes + 1) / 2)
    counts = from_counts(rng.multinomial(900, q[::-1]), rng.multinomial(1100, q))
    band = counts.confidence_band()
    allowed = mc.PairClass(tau=tuple(band.divergence("tv")), contains=band.inner, within=band.outer)
    for report in packed_reports(counts.region, band, [2, 3, 6]):
        of_class = mc.band(allowed, report.m)
        assert report.interval == pytest.approx((of_class.lower, of_class.upper), abs=1e-5)


@given(pairs(range(5, 9)), st.integers(1, 12))
def test_packed_values_of_many_letters_are_right_to_their_width(pair, m):
    region = Region.from_pmfs(*pair)
    assert packed_value(region, m) == pytest.approx(mc.packed_tv(region, m), abs=5.1e-6)
