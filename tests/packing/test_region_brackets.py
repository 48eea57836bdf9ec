"""The region of (P^m, Q^m) between two polygons, against the exact polygon."""

import numpy as np
import oracles
import pytest
from effort import examples
from hypothesis import assume, given
from hypothesis import strategies as st
from mpmath import mp
from test_distance_brackets import large_pair
from weights import normalised, tilted

import modecollapse as mc
from modecollapse import Region, RegionBracket
from modecollapse.packing.fourier import hockey_sticks
from modecollapse.packing.letters import common_letters
from modecollapse.strategies import pairs


def fourier(region: Region, m: int, width: float) -> RegionBracket:
    """The bracket from the curve, also where types are few enough to be enumerated."""
    return hockey_sticks.region_bracket(common_letters(region), m, width)


def assert_holds(bracket: RegionBracket, exact: Region, width: float) -> None:
    assert bracket.width <= width
    assert bracket.inner <= exact <= bracket.outer
    # the promise is 0; Region comparisons touch within 1e-12
    assert RegionBracket(exact, bracket.inner).width < 1e-14
    assert RegionBracket(bracket.outer, exact).width < 1e-14


@pytest.mark.parametrize("width", [1e-3, 1e-6])
@pytest.mark.parametrize("effect", [1e-3, 1.0, 5.0])
@pytest.mark.parametrize(("letters", "m"), [(2, 300), (3, 40), (20, 4), (100, 2)])
def test_the_exact_region_lies_between(letters, m, effect, width):
    region = Region.from_pmfs(*large_pair(letters, m, effect))
    assert_holds(fourier(region, m, width), mc.pack(region, m), width)


@pytest.mark.parametrize("m", [2, 9, 30])
@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([0.1, 0.35, 0.5, 0, 0.05], [0, 0.3, 0.45, 0.2, 0.05]),
        ([0.3, 0.5, 0.2, 0], [0.2, 0.5, 0.2, 0.1]),
        ([0.4, 0.3, 0.3], [0, 0.31, 0.69]),
        ([0.2, 0.3, 0.5], [0.5, 0.3, 0.2]),
        ([0.999, 0.001], [0.001, 0.999]),
    ],
    ids=str,
)
def test_missing_letters_and_lattices(p, q, m):
    region = Region.from_pmfs(p, q)
    assert_holds(fourier(region, m, 1e-4), mc.pack(region, m), 1e-4)


@examples(40)
@given(pairs(3, near=0.1, zeros=False) | pairs(4, near=0.1, zeros=False), st.integers(2, 12))
def test_random_pairs(pair, m):
    region = Region.from_pmfs(*pair)
    assume(not common_letters(region).has_one_ratio)
    assert_holds(fourier(region, m, 1e-3), mc.pack(region, m), 1e-3)


@pytest.mark.parametrize("m", [10**5, 10**9, 10**12])
def test_many_letters_at_any_m_agree_with_the_bracket_of_the_distance(m):
    pair = large_pair(500, m, 1.0)
    bracket = mc.pack_bracket(Region.from_pmfs(*pair), m)
    assert bracket.width <= 1e-6
    distance = mc.packed_tv_bracket(pair, m)
    regions = bracket.divergence("tv")
    assert regions.lower <= distance.upper
    assert distance.lower <= regions.upper
    assert regions.width <= 2e-6


def test_the_divergences_of_both_regions_bracket_the_true_one():
    pair, m = large_pair(5, 40, 1.0), 40
    bracket = fourier(Region.from_pmfs(*pair), m, 1e-5)
    for name in ("tv", "js", "hellinger"):
        exact = mc.packed_divergence(pair, m, name)
        assert bracket.divergence(name).lower <= exact <= bracket.divergence(name).upper
    for order in (0.3, 2.0):
        exact = mc.packed_divergence(pair, m, "hockey_stick", order=order)
        assert bracket.divergence("hockey_stick", order=order).lower <= exact
        assert exact <= bracket.divergence("hockey_stick", order=order).upper


def test_the_boundary_of_exact_fractions_lies_between():
    p, q, m = normalised([3, 4, 5]), normalised([5, 4, 3]), 4
    bracket = fourier(Region.from_pmfs(p, q), m, 1e-4)
    for x in np.linspace(0, 1, 9):
        exact = float(oracles.packed_boundary(p, q, m, x))
        assert bracket.inner.boundary(x) - 1e-14 <= exact <= bracket.outer.boundary(x) + 1e-14


def test_few_types_give_the_exact_region_twice():
    region = Region.from_pmfs([0.2, 0.3, 0.5], [0.1, 0.3, 0.6])
    bracket = mc.pack_bracket(region, 7)
    assert bracket.width == 0
    assert bracket.inner == mc.pack(region, 7)


@pytest.mark.parametrize(
    ("p", "q"), [([1], [1]), ([1, 0], [0, 1]), ([0.2, 0.8], [0, 1]), ([0, 1], [0.2, 0.8])], ids=str
)
def test_one_ratio_is_exact_at_any_m(p, q):
    bracket = mc.pack_bracket(Region.from_pmfs(p, q), 10**15)
    assert bracket.width == 0
    assert bracket.inner.total_variation == mc.packed_tv((p, q), 10**15)


def test_a_curve_gives_back_its_region():
    region = Region.from_pmfs([0.3, 0.4, 0.2, 0.1], [0.1, 0.3, 0.25, 0.35])
    ratios = np.sort(region.p / region.q)
    heights = [region.divergence("hockey_stick", order=r) - min(r - 1, 0) for r in ratios]
    assert hockey_sticks._region_of(np.append(0.0, ratios), np.append(1.0, heights)) == region


def test_a_width_out_of_reach_carries_the_bracket_of_the_distance(monkeypatch):
    monkeypatch.setattr(hockey_sticks, "MAX_NODES", 4096)
    region = Region.from_pmfs(*large_pair(4, 10**6, 1.0))
    with pytest.raises(mc.PrecisionError, match=r"width 1\.0e-07") as refusal:
        mc.pack_bracket(region, 10**6, 1e-7)
    bracket = refusal.value.bracket
    assert bracket.lower <= mc.packed_tv(region, 10**6) <= bracket.upper
    assert bracket.width < 1e-2


@pytest.mark.parametrize(
    ("m", "width", "said"), [(0, 1e-3, "got 0"), (2, 0.0, "0.0"), (2, float("nan"), "nan")]
)
def test_refusals_quote_the_value(m, width, said):
    with pytest.raises(ValueError, match=said):
        mc.pack_bracket(Region.from_pmfs([0.3, 0.7], [0.4, 0.6]), m, width)


# -- the rate ---------------------------------------------------------------------------------------------


def test_chernoff_information_is_the_slope_of_the_log_overlap():
    p, q = tilted([0.2, 0.3, 0.5], [1.0, -0.3, 0.137]), [0.2, 0.3, 0.5]
    m = np.array([10**5, 2 * 10**5])
    log_overlap = mc.packed_overlap((p, q), m, log=True)
    slope = -np.diff(log_overlap)[0] / 10**5
    # O_m ~ c e^{−mC}/√m
    assert slope - 0.5 * np.log(2) / 10**5 == pytest.approx(mc.chernoff_information((p, q)), rel=1e-6)


def test_chernoff_information_of_a_symmetric_pair_is_its_affinity():
    p = [0.7, 0.3]
    assert mc.chernoff_information((p, p[::-1])) == pytest.approx(-np.log(2 * np.sqrt(0.21)), rel=1e-14)
    assert mc.chernoff_information((p, p)) == 0
    assert mc.chernoff_information(([1, 0], [0, 1])) == np.inf


def chernoff_information_to_60_digits(p, q):
    with mp.workdps(60):
        exact = [[mp.mpf(x) / mp.fsum(map(mp.mpf, w)) for x in w] for w in (p, q)]
        terms = list(zip(*exact, strict=True))
        low, high = mp.mpf(0), mp.mpf(1)
        for _ in range(150):
            s = (low + high) / 2
            rising = mp.fsum(a**s * b ** (1 - s) * mp.log(a / b) for a, b in terms) > 0
            low, high = (low, s) if rising else (s, high)
        return float(-mp.log(mp.fsum(a**low * b ** (1 - low) for a, b in terms)))


@pytest.mark.parametrize("size", [1e-12, 1e-9, 1e-6, 1e-3, 1.0, 30.0])
@pytest.mark.parametrize("letters", [2, 3, 5])
def test_chernoff_information_of_near_and_far_pairs_against_60_digits(letters, size):
    rng = np.random.default_rng(letters)
    p = normalised(rng.dirichlet(np.ones(letters)))
    q = tilted(p, size * rng.normal(size=letters))
    exact = chernoff_information_to_60_digits(p, q)
    assert mc.chernoff_information((p, q)) == pytest.approx(exact, rel=1e-14)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        ([3e-211, 1.5e-117, 1.0, 4e-61], [3e-90, 2.4e-54, 1.2e-18, 1.0]),
        ([1.0, 7.9e-97, 3.8e-86, 2.9e-42], [1.8e-136, 6.7e-32, 5.3e-35, 1.0]),
        ([0.5, 0.5 - 1e-9, 1e-9], [0.5 - 1e-9, 0.5, 1e-9]),
    ],
)
def test_chernoff_information_where_almost_nothing_is_shared(p, q):
    exact = chernoff_information_to_60_digits(p, q)
    assert mc.chernoff_information((p, q)) == pytest.approx(exact, rel=1e-14)
