"""The theorems, one by one, as properties of what the library computes.

Remarks and Theorems are numbered as in arXiv:1712.04086v3; docs/theory.md has them in one notation.
"""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import oracles
import pytest
from effort import examples
from hypothesis import assume, example, given
from hypothesis import strategies as st
from mpmath import mp

import modecollapse as mc
from modecollapse import Region
from modecollapse.region import TOLERANCE
from modecollapse.strategies import garblings, pairs, regions, theorem_parameters
from modecollapse.theorems import families

LIBRARY = 1e-12
"""The relative error that packed distances and overlaps promise, down to distances of 1e-12."""

LEAST = 1e-24
"""What that leaves of nearer pairs, absolutely."""

COORDINATE = 4e-15
"""How far a point of the boundary may be off in each coordinate."""

PACKED_COORDINATE = 1e-13
"""The same after packing."""

TAU_PROMISE = 1e-15
"""How far a distance may be from the one asked of `pairs`."""

DIVERGENCES = ["tv", "js", "kl", "reverse_kl", "hellinger", "chi2"]
SYMMETRIC = ["tv", "js", "hellinger"]
SEARCHED = 40  # examples where each takes a search
units = st.floats(0, 1)
shares = st.sampled_from([0.5, 0.01, 0.99]) | st.floats(0.01, 0.99)


def region(pair):
    return Region.from_pmfs(*pair)


def triangle(x, tau):
    """The region with the one tangent point (x, x+τ)."""
    return region(families.inner(max(1 - tau - x, 0.0), tau))


# -- Remark 6: the region is the testing region ------------------------------------------------------------


def upper_corners(points):
    """Corners of the upper hull from (0, 0) to (1, 1): always on to the steepest, and of those the last."""
    corners = [(Fraction(0), Fraction(0))]
    while corners[-1] != (1, 1):
        x, y = corners[-1]
        steps = [(a - x, b - y) for a, b in points if a >= x and b >= y and (a, b) != (x, y)]
        dx, dy = max(steps, key=lambda step: (step[1] / sum(step), sum(step)))
        corners.append((x + dx, y + dy))
    return corners


@given(pairs())
def test_remark_6_the_region_is_the_hull_of_all_sets(pair):
    corners = upper_corners(oracles.subset_points(*map(oracles.exact_pmf, pair)))
    assert Region.from_vertices([(float(x), float(y)) for x, y in corners]) == region(pair)


@given(pairs().flatmap(lambda pair: st.tuples(st.just(pair), st.tuples(*[units] * len(pair.p)))))
def test_remark_6_no_randomised_test_has_more_power_than_the_boundary(drawn):
    pair, test = drawn
    power, size = (
        sum(Fraction(phi) * mass for phi, mass in zip(test, oracles.exact_pmf(side), strict=True))
        for side in pair
    )
    x = min(float(size) + COORDINATE, 1.0)
    assert float(power) <= region(pair).boundary(x) + COORDINATE


# -- Remark 7: the tangent gives the total variation -------------------------------------------------------


@given(pairs(), units)
def test_remark_7_the_line_of_slope_one_at_height_tau_is_a_tangent(pair, x):
    r = region(pair)
    likelier = [(a, b) for a, b in oracles.exact_pair(*pair) if a > b]
    touch_y, touch_x = (float(sum(side)) for side in zip(*likelier, strict=True)) if likelier else (0.0, 0.0)
    assert r.has_collapse(touch_x, touch_y)
    tau = float(sum(a - b for a, b in likelier))
    assert r.total_variation == pytest.approx(tau, rel=1e-14, abs=1e-30)
    assert r.boundary(x) <= x + tau + 2 * COORDINATE


# -- Remarks 9 and 10: dominance is garbling ---------------------------------------------------------------


@given(pairs(), st.data())
def test_remark_9_a_garbling_shrinks_the_region_and_every_divergence(pair, data):
    channel = data.draw(garblings(len(pair.p)))
    garbled = pair.p @ channel, pair.q @ channel
    for masses, side in zip(garbled, pair, strict=True):
        some = (np.array(side)[:, None] * (channel > 0)).any(axis=0)
        assume((masses[some] > 1e-290).all())  # the products do not underflow
    r, s = region(pair), region(garbled)
    assert s <= r
    for name in DIVERGENCES:
        # a letter of s is rounded by 1e-15 of itself, and |log(p/q)| is below 1500
        assert s.divergence(name) <= r.divergence(name) * (1 + 1e-12) + 3e-12


NEARLY_EQUAL = region(([0.5 + 5e-10, 0.5 - 5e-10], [0.5 - 5e-10, 0.5 + 5e-10]))


@given(regions(), regions())
@example(NEARLY_EQUAL, triangle(0.2, 2 / 15))
def test_remark_10_an_inclusion_yields_a_garbling(r, s):
    for large, small in ((r | s, r), (r | s, s), (r, r & s), (s, r & s)):
        channel = mc.garbling(large, small)
        assert channel is not None
        assert (channel >= 0).all()
        assert channel.sum(axis=1) == pytest.approx(1, abs=1e-12)
        assert large.p @ channel == pytest.approx(small.p, abs=1e-9)
        assert large.q @ channel == pytest.approx(small.q, abs=1e-9)


def excess(s, r):
    """By how much s lies beyond the edges of r, in the measure of `TOLERANCE`: y − γx over (1+γ)."""
    finite = r.q > 0
    orders = np.append(r.p[finite] / r.q[finite], 1.0)
    return max(
        (s.divergence("hockey_stick", order=g) - r.divergence("hockey_stick", order=g)) / (1 + g)
        for g in orders
    )


@given(regions(), regions())
def test_remark_10_without_inclusion_some_hockey_stick_grows_and_no_garbling_exists(r, s):
    """Blackwell, Sherman and Stein: regions are ordered as all their hockey sticks are."""
    beyond = excess(s, r)
    assume(not TOLERANCE / 10 < beyond < 10 * TOLERANCE)
    assert (s <= r) == (beyond < TOLERANCE)
    if beyond > TOLERANCE:
        assert mc.garbling(r, s) is None


# -- Remark 11: packing preserves dominance ----------------------------------------------------------------


@given(regions(range(1, 4)), regions(range(1, 4)), st.integers(1, 4))
def test_remark_11_packing_preserves_dominance(r, s, m):
    meet, join = r & s, r | s
    assert mc.pack(meet, m) <= mc.pack(r, m) <= mc.pack(join, m)
    distances = [mc.packed_tv(each, m) for each in (meet, s, join)]
    assert distances == pytest.approx(sorted(distances), abs=PACKED_COORDINATE)


# -- Theorems 3, 4 and 5: the ranges of the packed distance ------------------------------------------------


def assert_within(band, distance):
    """Within the band, but for rounding: the pair's τ is off by 1e-15, which m samples multiply."""
    slack = LIBRARY + int(band.m) * TAU_PROMISE
    assert band.lower - band.lower_gap - slack <= distance <= band.upper + band.upper_gap + slack


def assert_witnesses(band, parameters):
    """They have total variation τ and the value; where it is attained, they belong to the class."""
    for value, attained, witness in (
        (band.lower, band.lower_attained, band.lower_regions),
        (band.upper, band.upper_attained, band.upper_regions),
    ):
        assert witness.total_variation == pytest.approx(parameters.tau, abs=2 * LIBRARY)
        exact = 1 - oracles.overlap(*witness.pair, parameters.m)
        assert float(value) == pytest.approx(float(exact), abs=10 * LIBRARY)
        if attained:
            assert in_class(witness, parameters)


def in_class(r, parameters, clear=0.0):
    """Touching is collapse, to within `TOLERANCE`; who has none stays clear below the points.

    The points are the decimals that were given: where the boundary is steep, the rounding of 1−δ shows.
    """
    eps, delta = parameters.eps, parameters.delta
    match list(parameters.condition):
        case []:
            return True
        case ["collapse"]:
            return r.has_collapse(eps, delta)
        case ["no_collapse", "no_augmentation"]:
            heights = [(eps, delta), (complement(delta), complement(eps))]
            return all(r.boundary(min(x + clear, 1.0)) < y - clear for x, y in heights)


def complement(value):
    """1 less a decimal, rounded once."""
    return float(1 - Fraction(repr(value)))


@given(theorem_parameters(regime="all pairs"), st.data())
def test_theorem_3(parameters, data):
    """A region lies between the triangle at its tangent point and the full region, and so do distances."""
    tau, m = parameters.tau, parameters.m
    r = data.draw(regions(range(2, 5), tau=tau))
    x, y = max(r.vertices.tolist(), key=lambda vertex: vertex[1] - vertex[0])
    assert y - x == pytest.approx(tau, abs=2 * TAU_PROMISE)
    assert Region.from_vertices([(0, 0), (x, y), (1, 1)]) <= r <= region(families.outer(tau))
    band = mc.tv_band(tau, m)
    assert_within(band, mc.packed_tv(r, m))
    assert_witnesses(band, parameters)


@st.composite
def collapsing(draw, parameters):
    """A region of total variation τ with collapse: a triangle, the point, any region below the tangent."""
    tau, point = parameters.tau, (parameters.eps, parameters.delta)
    apex = (1 - tau) * draw(units)
    below = draw(regions(range(1, 4))) & region(families.outer(tau))
    point_alone = Region.from_vertices([(0, 0), point, (1, 1)])
    return below | point_alone | triangle(apex, tau)


@examples(SEARCHED)
@given(theorem_parameters(regime="collapse", m=range(1, 5)), st.data())
def test_theorem_4(parameters, data):
    r = data.draw(collapsing(parameters))
    assert r.total_variation == pytest.approx(parameters.tau, abs=LIBRARY)
    assert in_class(r, parameters)
    band = mc.tv_band(parameters.tau, parameters.m, gap=1e-6, **parameters.condition)
    assert_within(band, mc.packed_tv(r, parameters.m))
    assert_witnesses(band, parameters)


def tangent_points(parameters):
    """The open intervals of tangent points of the class (docs/theory.md §5)."""
    tau, eps, delta = parameters.tau, parameters.eps, parameters.delta
    d, u = delta - eps, min(eps, 1 - delta)
    if tau < d:
        return [(0.0, 1 - tau)]
    side = 1 - tau * (1 - u) / d
    intervals = [(u * tau / d, 1 - tau - u * tau / d), (0.0, side), (1 - tau - side, 1 - tau)]
    return [(low, high) for low, high in intervals[: 3 if u else 1] if low < high]


@st.composite
def spared(draw, parameters):
    """A region of total variation τ without collapse: any, mixed with a triangle till it is of the class."""
    tau = parameters.tau
    low, high = draw(st.sampled_from(tangent_points(parameters)))
    x = low + draw(shares) * (high - low)
    assume(in_class(triangle(x, tau), parameters, clear=TOLERANCE))
    other, (p, q) = draw(pairs(range(2, 4), tau=tau)), triangle(x, tau).pair
    for halvings in range(60):
        share = 0.5**halvings
        mixed = region(
            [np.append((1 - share) * a, share * np.array(b)) for a, b in zip((p, q), other, strict=True)]
        )
        if in_class(mixed, parameters, clear=TOLERANCE):
            return mixed
    return triangle(x, tau)


@pytest.mark.parametrize(
    "regime", ["too close to collapse", "side tangents", "middle tangents", "zero-width collapse"]
)
@examples(SEARCHED)
@given(data=st.data())
def test_theorem_5(regime, data):
    parameters = data.draw(theorem_parameters(regime=regime, m=range(1, 5)))
    assume(tangent_points(parameters))
    r = data.draw(spared(parameters))
    assert r.total_variation == pytest.approx(parameters.tau, abs=LIBRARY)
    band = mc.tv_band(parameters.tau, parameters.m, gap=1e-6, **parameters.condition)
    assert_within(band, mc.packed_tv(r, parameters.m))
    assert_witnesses(band, parameters)


@pytest.mark.parametrize("m", [2, 4])
def test_theorem_5_an_infimum_at_an_open_end_is_not_attained(m):
    """δ+ε = 1: tangent points lie left or right of ε, and the best would be ε, where the region touches."""
    band = mc.tv_band(0.5, m, no_collapse=(0.25, 0.75), no_augmentation=(0.25, 0.75))
    touching = triangle(0.25, 0.5)
    assert float(band.lower) == pytest.approx(mc.packed_tv(touching, m), abs=LIBRARY)
    assert touching.has_collapse(0.25, 0.75)
    assert not band.lower_attained


@pytest.mark.parametrize("divergence", ["js", "hellinger"])
@given(data=st.data())
def test_theorem_5_holds_for_other_divergences_beside_the_points(divergence, data):
    parameters = data.draw(theorem_parameters(regime="side tangents", m=range(1, 4)))
    r = data.draw(spared(parameters))
    band = mc.tv_band(parameters.tau, parameters.m, gap=1e-3, divergence=divergence, **parameters.condition)
    assert_within(band, mc.packed_divergence(r, parameters.m, divergence))


def test_theorem_5_beside_the_points_when_they_nearly_meet():
    """δ−ε = 1e-7 is known to 1e-9 of itself, and so is where the side tangents end."""
    band = mc.tv_band(
        1.2460810270664015e-07,
        7,
        no_collapse=(0.49999995, 0.50000005),
        no_augmentation=(0.49999995, 0.50000005),
        divergence="hellinger",
    )
    assert band.regime == "side tangents"
    assert 0 < band.lower < band.upper < 1e-6


def test_theorem_5_tangent_points_too_far_right_are_refused():
    with pytest.raises(ValueError, match=r"x must be at most 1−τ\(1−ε\)/\(δ−ε\)"):
        families.outer_left(0.2, 0.3, 0.19, 0.11)


@pytest.mark.parametrize("m", [1, 2, 3])
def test_theorem_5_tends_to_the_full_region_where_the_points_meet(m):
    """τ = δ−ε and δ+ε = 1: P^m and Q^m share (1−τ)^m, and the rest has disjoint supports."""
    band = mc.tv_band(0.5, m, no_collapse=(0.25, 0.75), no_augmentation=(0.25, 0.75), divergence="js")
    assert band.upper == pytest.approx((1 - 0.5**m) * np.log(2), abs=LIBRARY)
    assert not band.upper_attained


# -- the lattice of regions --------------------------------------------------------------------------------


class TestLattice:
    @given(regions(), regions())
    def test_meet_and_join_are_commutative(self, r, s):
        assert r & s == s & r
        assert r | s == s | r

    @given(regions(), regions(), regions())
    def test_meet_and_join_are_associative(self, r, s, t):
        assert (r & s) & t == r & (s & t)
        assert (r | s) | t == r | (s | t)

    @given(regions(), regions())
    def test_meet_and_join_absorb_each_other_and_are_idempotent(self, r, s):
        assert r & (r | s) == r == r | (r & s)
        assert r & r == r == r | r

    @given(regions())
    @example(NEARLY_EQUAL)
    def test_meet_and_join_with_itself_keep_the_digits_of_a_near_pair(self, r):
        for same in (r & r, r | r):
            assert same.total_variation == pytest.approx(r.total_variation, rel=1e-14, abs=LEAST)

    @given(regions(), regions(), regions())
    def test_the_meet_is_the_greatest_lower_bound(self, low, a, b):
        r, s = low | a, low | b
        assert low <= r & s
        assert r & s <= r
        assert r & s <= s

    @given(regions(), regions(), regions())
    def test_the_join_is_the_least_upper_bound(self, high, a, b):
        r, s = high & a, high & b
        assert r | s <= high
        assert r <= r | s
        assert s <= r | s

    @given(regions(), regions())
    def test_order_is_read_off_meet_and_join(self, r, s):
        assume(not TOLERANCE / 10 < excess(s, r) < 10 * TOLERANCE)
        assert (s <= r) == (r & s == s) == (r | s == r)


# -- mirror images -----------------------------------------------------------------------------------------


@given(regions(range(1, 4)), regions(range(1, 4)), st.integers(1, 4))
def test_the_mirror_is_an_automorphism_that_packing_respects(r, s, m):
    assert (r & s).mirror() == r.mirror() & s.mirror()
    assert (r | s).mirror() == r.mirror() | s.mirror()
    assert mc.pack(r, m).mirror() == mc.pack(r.mirror(), m)
    for x, y in mc.pack(r, m).vertices:
        assert mc.pack(r.mirror(), m).has_collapse(1 - y, 1 - x)


@given(pairs(range(1, 4)), st.integers(1, 5))
def test_mirror_images_have_each_others_divergences(pair, m):
    (p, q), mirror = pair, {"kl": "reverse_kl"}
    for name in (*SYMMETRIC, "kl"):
        there = mc.packed_divergence((p, q), m, name)
        back = mc.packed_divergence((q, p), m, mirror.get(name, name))
        assert there == pytest.approx(back, rel=LIBRARY, abs=LEAST)


# -- packing -----------------------------------------------------------------------------------------------


@given(regions(range(1, 4)), st.integers(1, 6))
def test_one_more_sample_enlarges_the_region(r, m):
    """To forget a sample is a garbling."""
    fewer, more = mc.pack(r, m), mc.pack(r, m + 1)
    assert fewer <= more
    for name in SYMMETRIC:
        assert fewer.divergence(name) <= more.divergence(name) + PACKED_COORDINATE


@given(pairs(range(1, 4)), st.integers(1, 50))
def test_hellinger_sandwich(pair, m):
    """1 − ρ^m ≤ TV_m ≤ √(1 − ρ^2m), relatively."""
    with mp.workdps(60):
        affinity = 1 - oracles.divergence("hellinger", *pair)
        low, high = float(1 - affinity**m), float(mp.sqrt(1 - affinity ** (2 * m)))
    distance = mc.packed_tv(pair, m)
    assert low <= distance * (1 + LIBRARY) + LEAST
    assert distance <= high * (1 + LIBRARY) + LEAST


@pytest.mark.parametrize("name", ["kl", "reverse_kl", "hellinger", "chi2"])
@given(pairs(range(1, 4)), st.integers(1, 4))
def test_tensor_identities(name, pair, m):
    """KL_m = m KL, 1−H²_m = (1−H²)^m and 1+χ²_m = (1+χ²)^m, by the letters of the product."""
    r = region(pair)
    assume(min([*r.p[r.p > 0], *r.q[r.q > 0]]) ** m > 1e-290)  # the product's letters do not underflow
    product, promised = mc.pack(r, m).divergence(name), mc.packed_divergence(pair, m, name)
    assert product == pytest.approx(promised, rel=1e-11, abs=1e-11)


@given(regions(range(1, 4)), st.integers(1, 3), st.integers(1, 3))
def test_packing_is_a_semigroup(r, a, b):
    assert mc.pack(r, 1) == r
    assert mc.pack(mc.pack(r, a), b) == mc.pack(r, a * b)


@given(pairs(range(1, 5)), st.integers(1, 5))
def test_every_evaluator_agrees_with_every_other(pair, m):
    overlap = oracles.overlap_by_types(*pair, m)
    exact, exact_overlap = float(1 - overlap), float(overlap)
    assert mc.packed_tv(pair, m) == pytest.approx(exact, rel=LIBRARY, abs=LEAST)
    assert mc.packed_divergence(pair, m, "tv") == mc.packed_tv(pair, m)
    assert mc.packed_divergence(pair, m, "hockey_stick", order=1) == mc.packed_tv(pair, m)
    assert mc.packed_overlap(pair, m) == pytest.approx(exact_overlap, rel=LIBRARY, abs=1e-250)
    packed = mc.pack(region(pair), m)
    assert packed.total_variation == pytest.approx(exact, abs=PACKED_COORDINATE)
    assert packed.divergence("hockey_stick", order=1.0) == pytest.approx(exact, abs=PACKED_COORDINATE)
    bracket = mc.packed_tv_bracket(pair, m, width=1e-3)
    assert bracket.lower <= exact <= bracket.upper
    assert bracket.width <= 1e-3


@examples(150)
@given(
    theorem_parameters(m=range(1, 6)),
    st.sampled_from(["tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick"]),
    st.sampled_from([0.5, 1.0, 2.0]),
)
def test_the_lower_end_never_exceeds_the_upper(parameters, divergence, order):
    order = order if divergence == "hockey_stick" else 1.0
    m = [1, parameters.m]
    band = mc.tv_band(parameters.tau, m, divergence=divergence, order=order, gap=1e-2, **parameters.condition)
    assert (band.lower <= band.upper).all()
    if divergence == "tv":
        assert band.lower[0] == band.upper[0]


@given(st.floats(0, 1))
def test_at_one_sample_both_ends_are_tau(tau):
    band = mc.tv_band(tau, [1])
    assert band.lower == band.upper == tau
    assert float(mc.paper.L(tau, 1)) == float(mc.paper.U(tau, 1)) == tau
