"""Bounds on how a divergence bends as the corners of a region move (docs/theory.md §9)."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from effort import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from scipy.integrate import quad
from scipy.optimize import brentq
from test_classes import random_class
from test_greatest_search import Search, about, ends

import modecollapse as mc
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import boundaries
from modecollapse.theorems.classes import PairClass
from modecollapse.theorems.greatest import bends, charts, letter_measures
from modecollapse.theorems.greatest.slopes import GreatestRegions

seeds = st.integers(0, 10**6)
degrees = st.integers(1, 5)


def random_region(rng: np.random.Generator) -> mc.Region:
    letters = int(rng.integers(2, 5))
    return mc.Region.from_pmfs(*rng.dirichlet(np.full(letters, 0.7), 2))


def affinity(region: mc.Region) -> float:
    return float(np.sqrt(region.p * region.q).sum())


def js(region: mc.Region, m: int) -> float:
    return mc.packed_divergence(region, m, "js")


@given(seeds, degrees)
def test_jensen_shannon_grows_by_less_than_packed_affinities_fall(seed, m):
    rng = np.random.default_rng(seed)
    inner = random_region(rng)
    outer = inner | random_region(rng)
    rise = js(outer, m) - js(inner, m)
    assert -1e-13 <= rise <= affinity(inner) ** m - affinity(outer) ** m + 1e-13


def excess_and_bound(rng: np.random.Generator, m: int) -> tuple[float, float]:
    """The excess over its chord of a mixture with a visible label, and m(m−1) λ(1−λ) ρ^(m−2) A².

    A = ¼∫|ΔH| r^(−3/2) dr follows from the affinities of the two and of their join.
    """
    first, second = random_region(rng), random_region(rng)
    share = rng.random()
    mixture = mc.Region.from_pmfs(
        np.concatenate([(1 - share) * first.p, share * second.p]),
        np.concatenate([(1 - share) * first.q, share * second.q]),
    )
    excess = js(mixture, m) - (1 - share) * js(first, m) - share * js(second, m)
    rho = max(affinity(first), affinity(second))
    moved = affinity(first) + affinity(second) - 2 * affinity(first | second)
    return excess, m * (m - 1) * share * (1 - share) * rho ** max(m - 2, 0) * moved**2


@given(seeds, degrees)
def test_a_mixture_exceeds_its_chord_by_no_more_than_affinities_say(seed, m):
    excess, bound = excess_and_bound(np.random.default_rng(seed), m)
    assert excess <= bound + 1e-13


def test_the_bound_on_mixtures_is_not_idle():
    rng = np.random.default_rng(0)
    pairs = [excess_and_bound(rng, 2) for _ in range(300)]
    assert max(excess / bound for excess, bound in pairs if bound > 1e-6) > 0.3


@pytest.mark.parametrize("exponent", [-2.0, -1.5, -1.0, -0.3, 0.0, 1.0])
@pytest.mark.parametrize(("low", "high"), [(0.3, 0.31), (0.3, 0.9), (1.5, 40.0), (0.0, 2.0)])
def test_weights_are_integrals(exponent, low, high):
    weight = bends.Weight(0.7, exponent)
    found = bends.weigh(weight, low, high)
    parts = (lambda r: 1.0, lambda r: r - low, lambda r: high - r)
    for value, part in zip(found, parts, strict=True):
        finite = low > 0 or exponent > -1 or (exponent > -2 and part(low) == 0)
        if not finite:
            assert value == np.inf
            continue
        integral, _ = quad(lambda r, part=part: 0.7 * r**exponent * part(r), low, high, epsabs=0)
        assert integral * (1 - 1e-9) <= value <= integral * 1.05


def test_the_weight_beyond_an_edge_is_an_integral():
    integral, _ = quad(lambda r: 0.25 * r**-1.5, 2.0, np.inf)
    assert bends.weigh_beyond(bends.Weight(0.25, -1.5), 2.0) == pytest.approx(integral)
    assert bends.weigh_beyond(bends.Weight(1.0, -1.0), 2.0) == np.inf


@pytest.mark.parametrize(
    ("name", "order"),
    [("hellinger", 1.0), ("kl", 1.0), ("reverse_kl", 1.0), ("chi2", 1.0), ("renyi", 0.3), ("renyi", 2.5)],
)
def test_a_divergence_of_one_sample_is_an_integral_of_heights(name, order):
    """D = ∫ (H(r) − (1−r)⁺) φ″(r) dr."""
    region = mc.Region.from_pmfs([0.5, 0.2, 0.3], [0.1, 0.3, 0.6])
    measure = letter_measures.CODES[name]
    weight = letter_measures.weight(measure, order)

    def integrand(r: float) -> float:
        height = np.maximum(region.p - r * region.q, 0).sum()
        return (height - max(1 - r, 0)) * weight.factor * r**weight.exponent

    integral, _ = quad(integrand, 0.3, 6, points=[0.5, 2 / 3, 1, 5])
    value = region.divergence(name, order=order) if name == "renyi" else region.divergence(name)
    assert letter_measures.packed(measure, 1, order, integral) == pytest.approx(value, rel=1e-9)


def halfway(search: Search, piece, first, last, axis: int):
    """The place in the middle of two that differ along an axis, in the coordinate that bounds are about.

    It is linear in the reach e/|σ| of a line along its own axis, if the line's scale is one of reach.
    """
    scale = piece[2 * search.k + 2 + 2 * search.k :][axis - 1]
    if axis == 0 or scale == charts.EITHER:
        return (first + last) / 2

    def reach(share: float) -> float:
        return 1 / abs(search.sigma(piece, first + share * (last - first))[axis - 1])

    mean = (reach(0.0) + reach(1.0)) / 2
    share = brentq(lambda share: reach(share) - mean, 0.0, 1.0, xtol=1e-14) if reach(0) != reach(1) else 0.5
    return first + share * (last - first)


@given(seed=seeds, order=st.sampled_from([1.0, 2.0, 0.4]), m=st.integers(2, 5))
@examples(60)
def test_the_best_test_bends_less_than_its_bound(seed, order, m):
    rng = np.random.default_rng(seed)
    pairs = random_class(rng, forbidden=int(rng.integers(1, 3)))
    assume(pairs.mattering)
    regions = GreatestRegions(pairs)
    search = Search(regions, PackedDivergence("hockey_stick", m, order))
    for piece in regions.boxes:
        low, high = ends(piece, search.k)
        centre = low + (0.1 + 0.8 * rng.random(len(low))) * (high - low)
        first, last = about(low, high, centre, 2e-3)
        node = search.node(piece, first, last)
        listed, summed = search.rises(node), search.summed_rises(node, 0.0)
        for axis in np.flatnonzero(last > first):
            places = np.array([centre, centre, centre])
            places[0, axis], places[2, axis] = first[axis], last[axis]
            places[1] = halfway(search, piece, places[0], places[2], int(axis))
            sigmas = np.array([search.sigma(piece, place) for place in places])
            p, q = boundaries.letters(regions.boundaries(sigmas))
            (best,) = oracles.type_differences(p[1:2], (order ** (1 / m)) * q[1:2], m) > 0
            below, at, above = oracles.test_powers(p, (order ** (1 / m)) * q, best, m)
            assert 2 * at - below - above <= 2 * min(listed[axis], summed[axis]) + 1e-13


def test_the_bounds_on_the_best_test_are_of_the_right_size():
    """At the place where they are needed, the maximum: one with listed types, the other with sums."""
    pairs = PairClass(0.5, no_collapse=(0.04, 0.375), no_augmentation=(0.04, 0.375))
    regions = GreatestRegions(pairs)
    search = Search(regions, PackedDivergence("tv", 6))
    piece = regions.boxes[-1]
    low, high = ends(piece, search.k)
    places = low + np.random.default_rng(0).random((500, len(low))) * (high - low)
    best = max(places, key=lambda place: search.value(piece, place))
    first, last = about(low, high, best, 1e-3)
    node = search.node(piece, first, last)
    bends_there = []
    for axis in np.flatnonzero(last > first):
        places = np.array([best, best, best])
        places[0, axis], places[2, axis] = first[axis], last[axis]
        places[1] = halfway(search, piece, places[0], places[2], int(axis))
        below, at, above = (search.value(piece, place) for place in places)
        bends_there.append((axis, 2 * at - below - above))
    for rises, least in ((search.rises(node), 0.5), (search.summed_rises(node, 0.0), 0.05)):
        shares = [bend / (2 * rises[axis]) for axis, bend in bends_there]
        assert least < max(shares) <= 1
