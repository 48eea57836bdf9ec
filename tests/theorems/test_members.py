"""Suprema that members attain although the greatest region touches a forbidden point."""

from __future__ import annotations

import numpy as np
import pytest
from effort import examples
from hypothesis import assume, given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.packing import packed_divergence

CEILING = mc.Region.from_pmfs([0.3, 0.5, 0.2, 0.0], [0.0, 0.3, 0.4, 0.3])
"""Corners (0, 0), (0, .3), (.3, .8), (.7, 1) and (1, 1)."""

LOWERED = 1e-4
"""Share of its rise by which a forbidden point moves right and down."""

ON_BORDERS = {
    "the top": mc.PairClass(0.5, within=CEILING, no_collapse=(0.8, 1)),
    "the upright edge": mc.PairClass(0.5, within=CEILING.mirror(), no_collapse=(0, 0.2)),
    "the top beside a required point": mc.PairClass(
        0.5, within=CEILING, collapse=(0.9, 1), no_collapse=(0.8, 1)
    ),
    "the upright edge above a required point": mc.PairClass(
        0.5, within=CEILING.mirror(), collapse=(0, 0.1), no_collapse=(0, 0.2)
    ),
    "a corner of the ceiling": mc.PairClass(0.5, within=CEILING, no_collapse=(0.7, 1)),
    "an edge of the ceiling": mc.PairClass(within=CEILING, collapse=(0.3, 0.8), no_collapse=(0.5, 0.9)),
}


def lowered(pairs: mc.PairClass) -> mc.PairClass:
    """A class of members alone, and limits of its members are members: its forbidden points are harder."""

    def harder(points):
        moves = [(eps, delta, LOWERED * (delta - eps)) for eps, delta in points]
        return [(eps + move, delta - move) for eps, delta, move in moves]

    return mc.PairClass(
        pairs.tau,
        pairs.collapse,
        pairs.augmentation,
        harder(pairs.no_collapse),
        harder(pairs.no_augmentation),
        pairs.contains,
        pairs.within,
    )


def check_attained(pairs, m, name, order):
    band, harder = (mc.band(each, m, divergence=name, order=order) for each in (pairs, lowered(pairs)))
    assert harder.upper <= band.upper + band.upper_gap + 1e-12
    if band.upper_attained:
        assert band.upper_regions in pairs
        value = packed_divergence(band.upper_regions, m, name, order=order)
        assert value == pytest.approx(band.upper, abs=1e-12)
    return band.upper_attained, harder.upper >= band.upper - 1e-13


@pytest.mark.parametrize("place", ON_BORDERS)
@pytest.mark.parametrize("m", [2, 3])
def test_forbidden_points_on_a_border_may_leave_members_of_the_supremum(place, m):
    """Two samples do not notice the corner that a member lacks, and three do."""
    attained, must_be = check_attained(ON_BORDERS[place], m, "tv", 1.0)
    assert attained == must_be == (m == 2)


WIDE = mc.Region.from_pmfs([0.2, 0.25, 0.45, 0.1, 0.0], [0.0, 0.1, 0.2, 0.3, 0.4])


@pytest.mark.parametrize("point", [(0.08, 0.39), (0.11, 0.46), (0.19, 0.65), (0.5, 0.95)])
@pytest.mark.parametrize("m", [2, 3])
def test_a_line_through_a_forbidden_point_may_have_room_below(point, m):
    """A line that is turned far costs something, and one that is turned a little may not."""
    attained, must_be = check_attained(mc.PairClass(within=WIDE, no_collapse=point), m, "tv", 1.0)
    assert attained == must_be == (point[0] < 0.2 or m == 2)


@given(st.integers(0, 10**6))
@examples(20)
def test_what_members_of_a_harder_class_reach_is_attained(seed):
    """A supremum that is approached within a class whose limits are members is attained."""
    rng = np.random.default_rng(seed)
    p, q = np.add(rng.integers(0, 6, (2, 3)), [[1, 0, 0], [0, 0, 1]])
    within = mc.Region.from_counts(p, q)
    tau = round(float(rng.uniform(0.3, 1) * within.total_variation), 3)
    on_border = {
        "top": (round(float(rng.uniform(tau, 1)), 3), 1.0),
        "upright": (0.0, round(float(rng.uniform(0.01, 1 - tau)), 3)),
        "ceiling": ((x := round(float(rng.random()), 3)), within.boundary(x)),
        "inside": (x, x + round(float(rng.uniform(0.8, 1) * (within.boundary(x) - x)), 3)),
    }
    eps, delta = on_border[rng.choice(list(on_border))]
    assume(eps < delta)
    pairs = mc.PairClass(tau, no_collapse=(eps, delta), within=within)
    assume(not pairs.is_empty and not lowered(pairs).is_empty)
    name, order = [("tv", 1.0), ("hockey_stick", 2.0), ("hockey_stick", 0.6)][seed % 3]
    attained, must_be = check_attained(pairs, int(rng.integers(2, 5)), name, order)
    assert attained or not must_be


@pytest.mark.parametrize(
    ("point", "m"), [((0.05, 0.1), 10**3), ((0.05, 0.1), 10**5), ((0, 0.1), 10**4), ((0, 0.1), 10**6)]
)
def test_what_is_never_attained_is_not_attained_where_it_rounds_to_1(point, m):
    """Theorem 5 between the forbidden points, and where they have no width (docs/theory.md §5)."""
    band = mc.tv_band(0.11, m, no_collapse=point, no_augmentation=point)
    assert band.upper == pytest.approx(1, abs=1e-10)
    assert not band.upper_attained


@pytest.mark.parametrize("m", [3, 1000])
def test_an_infimum_at_an_end_that_does_not_belong_is_not_attained_where_it_rounds_to_1(m):
    band = mc.tv_band(0.18, m, no_collapse=(0.5, 0.6))
    assert not band.lower_attained


@pytest.mark.parametrize("name", ["tv", "kl", "hockey_stick"])
def test_a_pivot_on_the_upright_edge_has_no_slope_and_no_warning(name):
    """The least region rises to the forbidden point's abscissa without a slope of its own."""
    for tau in (0.41, 0.5, 0.9):
        band = mc.tv_band(tau, 2, no_collapse=(0, 0.41), no_augmentation=(0, 0.41), divergence=name)
        assert not band.upper_attained or band.upper_regions in band.pairs
