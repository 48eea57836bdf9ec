"""The compiled search: its regions are those of `boundaries`, bounds hold, and boxes hold all slopes."""

from __future__ import annotations

import numpy as np
import pytest
from effort import examples
from hypothesis import example, given
from hypothesis import strategies as st
from test_classes import random_class

import modecollapse as mc
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.greatest import envelopes, letter_measures
from modecollapse.theorems.greatest.bounds import bound_of, find_edges, find_summed_rises, peak
from modecollapse.theorems.greatest.search import look_at
from modecollapse.theorems.greatest.slopes import GreatestRegions
from modecollapse.theorems.greatest.supremum import problem_of, supremum
from modecollapse.theorems.greatest.values import room_for, turn_lines, value_of_region

MEASURES = [
    ("tv", 1.0),
    ("hockey_stick", 2.0),
    ("hockey_stick", 0.4),
    ("js", 1.0),
    ("hellinger", 1.0),
    ("kl", 1.0),
    ("reverse_kl", 1.0),
    ("chi2", 1.0),
    ("renyi", 0.5),
    ("renyi", 3.0),
]


class Search:
    """The kernels of a search over one class, box by box."""

    def __init__(self, regions: GreatestRegions, divergence: PackedDivergence) -> None:
        self.k = len(regions.points)
        self.record = 6 * self.k + 2
        self.problem = problem_of(regions, divergence)._replace(mirrored=False)
        self.room = room_for(self.problem)

    def box(self, piece, low, high):
        box = piece.copy()
        box[: self.k + 1], box[self.k + 1 : 2 * self.k + 2] = low, high
        return box

    def value(self, piece, place) -> float:
        """Of one sample where that decides."""
        turn_lines(self.problem, self.box(piece, place, place), 0)
        return value_of_region(self.problem, self.room)[0]

    def sigma(self, piece, place):
        turn_lines(self.problem, self.box(piece, place, place), 0)
        return self.problem.constraints[-self.k :, 2].copy()

    def packed(self, value: float) -> float:
        return letter_measures.packed(self.problem.measure, self.problem.m, self.problem.order, value)

    def node(self, piece, low, high):
        node = np.append(self.box(piece, low, high), np.full(2 ** (self.k + 1), np.nan))
        look_at(self.problem, self.room, node, -1, np.full(self.k + 1, -np.inf))
        return node

    def bounds(self, node) -> tuple[float, float]:
        """The bound by bends, if there is one, and that by the join."""
        values = node[self.record :]
        bend, _, _ = bound_of(self.problem, self.room, node, values, np.inf, np.inf)
        either, _, _ = bound_of(self.problem, self.room, node, values, np.inf, -np.inf)
        return bend, either

    def rises(self, node):
        """The bounds on what a box can have above its chords along each axis."""
        bound_of(self.problem, self.room, node, node[self.record :], np.inf, np.inf)
        return self.room.rises.copy()

    def summed_rises(self, node, floor: float):
        """The same where types are too many to be listed, for values of at least a floor."""
        self.rises(node)
        count, _ = find_edges(self.problem, self.room)
        find_summed_rises(self.problem, self.room, node, count, floor)
        return self.room.rises.copy()


def ends(piece, k: int):
    return piece[: k + 1], piece[k + 1 : 2 * k + 2]


def about(low, high, centre, size: float):
    width = (high - low) * size
    return np.clip(centre - width / 2, low, high), np.clip(centre + width / 2, low, high)


def best_place(search: Search, piece, rng):
    """Where a random search finds the greatest value of a piece: there bounds are put to the test."""
    low, high = ends(piece, search.k)
    places = low + rng.random((60, len(low))) * (high - low)
    places[:30] = (
        np.where(rng.random((30, len(low))) < 0.5, np.round(rng.random((30, len(low)))), 0.5) * (high - low)
        + low
    )
    values = [search.value(piece, place) for place in places]
    return places[int(np.argmax(values))], max(values)


@pytest.mark.parametrize("arch", [0.0, 0.5, 4.0])
@pytest.mark.parametrize("first", [0.0, 1.0, np.inf])
@pytest.mark.parametrize("last", [0.0, 1.5, np.inf])
def test_the_peak_of_an_arch(first, last, arch):
    z = np.linspace(0, 1, 10_001)[1:-1]
    highest = max(first, last, ((1 - z) * first + z * last + arch * z * (1 - z)).max())
    assert peak(first, last, arch) == pytest.approx(highest, abs=1e-7)


@given(seed=st.integers(0, 10**6), measure=st.sampled_from(MEASURES), m=st.integers(1, 6))
@example(seed=227, measure=("reverse_kl", 1.0), m=1)  # infinite at two corners of a box
@examples(150)
def test_no_region_of_a_box_exceeds_its_bounds(seed, measure, m):
    rng = np.random.default_rng(seed)
    pairs = random_class(rng, forbidden=int(rng.integers(1, 4)))
    if not pairs.mattering:
        return
    search = Search(GreatestRegions(pairs), PackedDivergence(measure[0], m, measure[1]))
    for piece in GreatestRegions(pairs).boxes:
        place, _ = best_place(search, piece, rng)
        low, high = ends(piece, search.k)
        for size in (0.3, 0.05, 0.01, 1e-3):
            first, last = about(low, high, place, size)
            places = first + rng.random((40, len(first))) * (last - first)
            greatest = max(search.value(piece, place) for place in places)
            if greatest == np.inf:
                continue
            bend, either = search.bounds(search.node(piece, first, last))
            packed = search.packed(greatest)
            assert packed <= bend + 2e-13 * max(1.0, packed)
            assert packed <= either + 2e-13 * max(1.0, packed)


@given(seed=st.integers(0, 10**6), measure=st.sampled_from(MEASURES), m=st.integers(1, 5))
@examples(60)
def test_the_regions_are_those_of_boundaries(seed, measure, m):
    rng = np.random.default_rng(seed)
    pairs = random_class(rng, forbidden=int(rng.integers(1, 4)))
    if not pairs.mattering:
        return
    regions, divergence = GreatestRegions(pairs), PackedDivergence(measure[0], m, measure[1])
    search = Search(regions, divergence)
    for piece in regions.boxes:
        low, high = ends(piece, search.k)
        for place in low + rng.random((5, len(low))) * (high - low):
            expected = divergence.values(*boundaries.letters(regions.boundary(search.sigma(piece, place))))
            assert search.packed(search.value(piece, place)) == pytest.approx(
                float(expected), rel=1e-9, abs=1e-12
            )


@pytest.mark.parametrize(("name", "m"), [("tv", 3), ("tv", 6), ("js", 3), ("hellinger", 3)])
def test_bends_are_of_second_order_where_the_maximum_lies_inside(name, m):
    pairs = PairClass(0.5, no_collapse=(0.04, 0.375), no_augmentation=(0.04, 0.375))
    search = Search(GreatestRegions(pairs), PackedDivergence(name, m))
    piece = GreatestRegions(pairs).boxes[-1]
    low, high = ends(piece, search.k)
    place, _ = best_place(search, piece, np.random.default_rng(0))
    place = np.clip(place, low + 0.01 * (high - low), high - 0.01 * (high - low))
    rises = [search.rises(search.node(piece, *about(low, high, place, size))).sum() for size in (1e-3, 1e-4)]
    assert 0 < rises[1] < 0.02 * rises[0]


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
        cut = [regions.boundary(regions.above(least, share)) for share in np.clip(shares, 0, 1)]
        values = divergence.values(*boundaries.letters(np.array(cut)))
        assert values.max() <= found.value + found.gap + 1e-12


@pytest.mark.parametrize(
    ("conditions", "is_symmetric"),
    [
        ({"no_collapse": (0.04, 0.375), "no_augmentation": (0.04, 0.375)}, True),
        ({"no_collapse": [(0.04, 0.375), (0.625, 0.96)]}, True),
        ({"no_collapse": (0.3, 0.7)}, True),
        ({"no_collapse": (0.04, 0.375)}, False),
        ({"no_collapse": (0.3, 0.7), "collapse": (0.1, 0.2)}, False),
        ({"no_collapse": (0.3, 0.7), "collapse": (0.1, 0.2), "augmentation": (0.1, 0.2)}, True),
    ],
    ids=str,
)
@pytest.mark.parametrize("name", ["tv", "js"])
def test_one_of_two_mirror_images_is_enough(conditions, is_symmetric, name):
    pairs, divergence = PairClass((0.35, 0.5), **conditions), PackedDivergence(name, 4)
    regions = GreatestRegions(pairs)
    assert regions.is_symmetric == pairs.is_symmetric == is_symmetric
    found = supremum(regions, divergence, 1e-7)
    regions.is_symmetric = False
    whole = supremum(regions, divergence, 1e-7)
    assert found.is_exact
    assert found.value == pytest.approx(whole.value, abs=2e-7)


def test_what_the_search_cannot_finish_has_an_honest_gap():
    """However early the search is stopped, the supremum lies in the bracket."""
    pairs = PairClass(0.5, no_collapse=(0.04, 0.375), no_augmentation=(0.04, 0.375))
    regions, divergence = GreatestRegions(pairs), PackedDivergence("tv", 6)
    gaps = []
    for most_steps in (1e4, 1e5, 1e6, 1e8):
        found = supremum(regions, divergence, 1e-9, most_steps)
        assert found.value <= 0.951786037740 <= found.value + found.gap
        gaps.append(found.gap)
    assert gaps == sorted(gaps, reverse=True)
    assert found.is_exact


@pytest.mark.parametrize("order", [0, np.inf])
def test_orders_of_renyi_without_a_search_are_refused(order):
    point = (0.04, 0.375)
    with pytest.raises(ValueError, match="orders above 0 and below ∞, got"):
        mc.tv_band(0.5, 3, no_collapse=point, no_augmentation=point, divergence="renyi", order=order)


def test_upper_ends_of_renyi_are_those_of_the_divergences_that_it_is():
    """D_½ = −2 log(1−H²), D_1 is KL and D_2 is log(1+χ²)."""
    pairs = PairClass(0.5, no_collapse=(0.04, 0.375), no_augmentation=(0.04, 0.375))

    def upper(name, order=1.0):
        return mc.band(pairs, 3, divergence=name, order=order, gap=1e-7).upper

    assert upper("renyi", 0.5) == pytest.approx(-2 * np.log1p(-upper("hellinger")), abs=1e-5)
    assert upper("renyi", 1.0) == upper("kl")
    assert upper("renyi", 2.0) == upper("chi2") == np.inf
    within = [(0, 0), (0.2, 0.75), (1, 1)]
    bounded = PairClass(0.5, no_collapse=(0.04, 0.375), within=mc.Region.from_vertices(within))
    found = [
        mc.band(bounded, 3, divergence=n, order=a, gap=1e-7).upper for n, a in (("renyi", 2), ("chi2", 1))
    ]
    assert found[0] == pytest.approx(np.log1p(found[1]), abs=1e-6)


# -- infinite suprema ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "conditions",
    [
        {"no_collapse": [(0.738, 0.991), (0.936, 0.997)], "no_augmentation": (0.056, 0.468), "tau": 0.6},
        {"no_augmentation": (0.05, 0.44), "tau": (0.54, 0.81)},
        {"no_augmentation": [(0.001, 0.192), (0.001, 0.31), (0.001, 0.366)]},
        {"no_collapse": [(0.78, 0.91), (0.56, 0.79)], "no_augmentation": (0.02, 0.05), "tau": 0.32},
    ],
)
def test_a_line_that_ends_in_the_last_corner_does_not_hide_an_infinite_supremum(conditions):
    """A line of a steeper slope reaches y = 1 before x = 1, and leaves Q a letter of its own."""
    pairs = PairClass(**conditions)
    mirrored = PairClass(pairs.tau, no_collapse=pairs.no_augmentation, no_augmentation=pairs.no_collapse)
    for each, name in ((pairs, "reverse_kl"), (mirrored, "kl")):
        band = mc.band(each, 2, divergence=name)
        assert (band.upper, band.upper_gap, band.upper_attained) == (np.inf, 0.0, True)
        assert mc.packed_divergence(band.upper_regions, 2, name) == np.inf
        assert band.upper_regions in each


@given(st.integers(0, 10**6))
@examples(20)
def test_the_two_directions_of_kullback_and_leibler_are_mirror_images(seed):
    pairs = random_class(np.random.default_rng(seed))
    mirrored = PairClass(
        pairs.tau,
        pairs.augmentation,
        pairs.collapse,
        pairs.no_augmentation,
        pairs.no_collapse,
        within=pairs.within and pairs.within.mirror(),
    )
    if pairs.hockey_stick is None:
        first, second = (
            mc.band(each, 2, divergence=name, gap=1e-2)
            for each, name in ((pairs, "reverse_kl"), (mirrored, "kl"))
        )
        for end in ("lower", "upper"):
            gaps = getattr(first, f"{end}_gap") + getattr(second, f"{end}_gap") + 1e-12
            assert getattr(first, end) == pytest.approx(getattr(second, end), rel=1e-12, abs=gaps)


@pytest.mark.parametrize("slope", [1e-3, 0.05, 0.4, 0.9])
def test_an_edge_that_ends_in_the_last_corner_but_for_rounding_leaves_no_letter_of_q_alone(slope):
    rng = np.random.default_rng(0)
    for x in rng.uniform(0.1, 0.999, 200):
        height = 1 - slope * (1 - x)
        p, q = np.zeros(2), np.zeros(2)
        tau = 1.0  # a line ℓ that nothing touches
        rows = np.array([[x, height - x - tau, slope - 1], [0.0, 0.0, -1.0]])
        starts = np.array([0.0, envelopes.crossing(rows[0], rows[1]), 0.0])
        n, p_alone, q_alone = envelopes.letters(rows, 1.0, tau, np.arange(2), starts, 2, p, q)
        assert (n, q_alone) == (1, 0.0)
        assert p_alone == pytest.approx(1 - slope)
        assert q[0] == pytest.approx(1, abs=1e-15)
