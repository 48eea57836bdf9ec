"""f-divergences against their defining sums in many digits."""

from __future__ import annotations

import math
import tomllib
from itertools import pairwise
from pathlib import Path

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp
from weights import LEAST, coarse, normalised

from modecollapse import Region
from modecollapse.divergence import DIVERGENCES, NAMES, jensen_shannon, validate_divergence
from modecollapse.strategies import pairs

PUBLISHED = tomllib.loads((Path(__file__).parent / "reference" / "published.toml").read_text())
SMOOTH = ["tv", "js", "kl", "reverse_kl", "hellinger", "chi2"]

orders = st.sampled_from([0, 0.25, 0.9, 1, 1.1, math.e, 10, 1000])
coarse_pairs = pairs(4).map(coarse)


def assert_accurate(name, p, q, *, rel=1e-12, **parameters):
    value, exact = (
        Region.from_pmfs(p, q).divergence(name, **parameters),
        oracles.divergence(name, p, q, **parameters),
    )
    if mp.isinf(exact) or exact > 1e308:
        assert value == math.inf
    else:
        assert value == pytest.approx(float(exact), rel=rel, abs=LEAST)


def test_every_divergence_is_tested():
    assert set(DIVERGENCES) == {*SMOOTH, "hockey_stick"}
    assert set(NAMES) == {*DIVERGENCES, "renyi"}


@pytest.mark.parametrize("name", SMOOTH)
@given(pair=pairs())
def test_divergence_is_its_defining_sum(name, pair):
    assert_accurate(name, *pair)


@pytest.mark.parametrize("name", SMOOTH)
@given(pair=pairs(range(2, 7), near=0.1, zeros=False))
def test_near_pairs_keep_their_relative_accuracy(name, pair):
    assert_accurate(name, *pair)


@pytest.mark.parametrize("name", SMOOTH)
@pytest.mark.parametrize(
    ("p", "q"),
    [
        pytest.param([1], [1], id="equal"),
        pytest.param([0.5, 0.5, 0], [0, 0.5, 0.5], id="zeros on both sides"),
        pytest.param([1, 0], [0, 1], id="disjoint"),
        pytest.param([0.25, 0.75], [0, 1], id="Q lacks a letter"),
        pytest.param([0, 1], [0.25, 0.75], id="P lacks a letter"),
        pytest.param([1e-300, 1], [1e-3, 1 - 1e-3], id="tiny under P"),
        pytest.param([1e-3, 1 - 1e-3], [1e-300, 1], id="tiny under Q"),
        pytest.param([1e-300, 1], [3e-300, 1], id="tiny under both"),
        pytest.param([1e-16, 1 - 1e-16], [2e-16, 1 - 2e-16], id="next to one"),
        pytest.param([0.6, 0.4], [0.4, 0.6], id="at r = .2"),
        pytest.param([0.75, 0.25], [0.25, 0.75], id="at x = .5"),
    ],
)
def test_divergence_of_awkward_pairs(name, p, q):
    assert_accurate(name, p, q)


def test_a_letter_absent_from_both_adds_nothing_to_jensen_shannon():
    p, q = np.array([[0.5, 0.0, 0.5]]), np.array([[0.25, 0.0, 0.75]])
    terms = jensen_shannon(p, q, p - q)
    assert terms[0, 1] == 0
    exact = oracles.divergence("js", [0.5, 0.5], [0.25, 0.75])
    assert terms.sum() == pytest.approx(float(exact), rel=1e-14)


def test_chi_squared_beyond_double_precision_is_infinite():
    assert_accurate("chi2", [0.5, 0.5], [1e-320, 1])


@given(coarse_pairs, orders)
def test_hockey_stick_is_its_defining_sum(pair, order):
    p, q = pair
    value = Region.from_pmfs(p, q).divergence("hockey_stick", order=order)
    exact = oracles.divergence("hockey_stick", p, q, order)
    assert value == pytest.approx(float(exact), rel=1e-12, abs=1e-15)


@given(pairs(range(2, 7), near=0.1, zeros=False))
def test_hockey_stick_of_order_one_is_total_variation(pair):
    r = Region.from_pmfs(*pair)
    assert r.divergence("hockey_stick") == r.divergence("tv") == r.total_variation
    assert_accurate("hockey_stick", *pair)


@pytest.mark.parametrize(
    ("p", "q", "order"),
    [
        ([0.001, 0.999], [0.999, 0.001], 1000),
        ([1e-3, 1 - 1e-3], [1e-9, 1 - 1e-9], 1e5),
        ([0.3, 0.7], [0.1, 0.9], 0.5),
    ],
)
def test_hockey_stick_is_accurate_relative_to_itself(p, q, order):
    assert_accurate("hockey_stick", p, q, order=order)


@pytest.mark.parametrize("tiny", [0.002 - 1e-6, 0.002 - 1e-9])
def test_hockey_stick_that_nearly_cancels_is_accurate_absolutely(tiny):
    p, q = [tiny, 1 - tiny], [0.02, 0.98]
    exact = float(oracles.divergence("hockey_stick", p, q, order=0.1))
    assert Region.from_pmfs(p, q).divergence("hockey_stick", order=0.1) == pytest.approx(exact, abs=1.1e-16)


@given(coarse_pairs, st.sampled_from([0.25, 0.5, 1, 2, 4]))
def test_hockey_stick_is_the_gap_to_a_line_of_that_slope(pair, order):
    r = Region.from_pmfs(*pair)
    highest = max(y - order * x for x, y in r.vertices)
    assert r.divergence("hockey_stick", order=order) == pytest.approx(highest - max(1 - order, 0), abs=1e-14)


@given(pairs())
def test_divergences_of_the_mirror_are_reversed(pair):
    r = Region.from_pmfs(*pair)
    for name, reverse in [("tv", "tv"), ("js", "js"), ("hellinger", "hellinger"), ("kl", "reverse_kl")]:
        assert r.mirror().divergence(reverse) == pytest.approx(r.divergence(name), rel=1e-14, abs=LEAST)


@given(pairs())
def test_pinskers_inequality(pair):
    r = Region.from_pmfs(*pair)
    assert 2 * r.total_variation**2 <= r.divergence("kl") * (1 + 1e-12)


# total variations below 1e-16 are exact absolutely alone
@given(pairs().filter(lambda pair: not 0 < oracles.total_variation(*pair, 1) < 1e-16))
def test_le_cams_inequalities(pair):
    r = Region.from_pmfs(*pair)
    half_square = r.divergence("hellinger")
    assert half_square <= r.total_variation * (1 + 1e-12)
    assert r.total_variation <= math.sqrt(half_square * (2 - half_square)) * (1 + 1e-12)


def test_jensen_shannon_of_figure_14():
    figure = PUBLISHED["figure_14"]
    edges, first = figure["edges"], figure["first_height"]
    second = (1 - first * edges[1]) / (1 - edges[1])
    assert second == pytest.approx(figure["mended_second_height"], abs=5e-5)
    r = Region.from_densities(edges, [1, 1], [first, second])
    assert r.divergence("js") == pytest.approx(figure["jensen_shannon"], abs=5e-6)


@pytest.mark.parametrize(
    ("name", "parameters", "message"),
    [
        ("wasserstein", {}, "divergence must be one of 'tv', 'js', 'kl', .* got 'wasserstein'$"),
        ("TV", {}, "divergence must be one of .* got 'TV'; did you mean 'tv'"),
        ("", {}, "divergence must be one of .* got ''$"),
        (None, {}, "divergence must be one of .* got None$"),
        ("kl", {"order": 2}, "'kl' takes no order, got 2"),
        ("kl", {"order": 0}, "'kl' takes no order, got 0"),
        ("hockey_stick", {"order": -1}, "order must be a finite number ≥ 0, got -1"),
        ("hockey_stick", {"order": math.nan}, "order must be finite, got nan"),
        ("hockey_stick", {"order": math.inf}, "order must be finite, got inf"),
        *[pytest.param("hockey_stick", {"order": bad}, "order must") for bad in ("2", None, [1, 2])],
    ],
)
def test_bad_names_and_parameters_are_refused_and_quoted(name, parameters, message):
    with pytest.raises(ValueError, match=message):
        Region.from_pmfs([0.5, 0.5], [0.25, 0.75]).divergence(name, **parameters)


@pytest.mark.parametrize("order", [0, 1.5, 2])
def test_an_order_is_only_for_hockey_sticks(order):
    validate_divergence("hockey_stick", order)
    validate_divergence("kl", 1)
    with pytest.raises(ValueError, match=f"^divergence 'kl' takes no order, got {order}$"):
        validate_divergence("kl", order)


def test_terms_do_not_depend_on_the_order_of_letters():
    p, q = normalised([1, 2, 3, 4]), normalised([4, 1, 1, 2])
    for name in SMOOTH:
        forward, backward = Region.from_pmfs(p, q), Region.from_pmfs(p[::-1], q[::-1])
        assert forward.divergence(name) == backward.divergence(name)


@pytest.mark.parametrize(
    ("name", "greatest"), [("tv", 1.0), ("js", math.log(2)), ("hellinger", 1.0), ("hockey_stick", 1.0)]
)
def test_rounding_shows_no_divergence_above_its_greatest(name, greatest):
    above = np.nextafter(1, 2)
    p, q = np.array([above, 0.0]), np.array([0.0, above])
    assert Region.from_letters(p, q, p - q).divergence(name) == greatest


# -- Rényi's divergence -----------------------------------------------------------------------------------

ORDERS = [0, 1e-9, 0.25, 0.5, 0.75, 1 - 1e-9, 1, 1 + 1e-9, 1.5, 2, 3, 50, 1e6, math.inf]

renyi_orders = st.sampled_from(ORDERS) | st.floats(0, 10)


@given(pairs(), renyi_orders)
def test_renyi_is_its_defining_sum(pair, order):
    assert_accurate("renyi", *pair, order=order)


@given(pairs(range(2, 7), near=0.1, zeros=False), renyi_orders)
def test_renyi_of_near_pairs_keeps_its_relative_accuracy(pair, order):
    assert_accurate("renyi", *pair, order=order)


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(
    ("p", "q"),
    [
        pytest.param([1], [1], id="equal"),
        pytest.param([0.5, 0.5, 0], [0, 0.5, 0.5], id="zeros on both sides"),
        pytest.param([1, 0], [0, 1], id="disjoint"),
        pytest.param([0.25, 0.75], [0, 1], id="Q lacks a letter"),
        pytest.param([0, 1], [0.25, 0.75], id="P lacks a letter"),
        pytest.param([1e-300, 1], [1e-3, 1 - 1e-3], id="tiny under P"),
        pytest.param([1e-3, 1 - 1e-3], [1e-300, 1], id="tiny under Q"),
        pytest.param([1e-16, 1 - 1e-16], [2e-16, 1 - 2e-16], id="next to one"),
        pytest.param([0.5, 0.5], [0.5 * math.exp(-1), 1 - 0.5 * math.exp(-1)], id="at x = 1"),
    ],
)
def test_renyi_of_awkward_pairs(p, q, order):
    assert_accurate("renyi", p, q, order=order)


@given(pairs())
def test_renyi_of_special_orders(pair):
    region = Region.from_pmfs(*pair)

    def renyi(order):
        return region.divergence("renyi", order=order)

    assert renyi(1) == pytest.approx(region.divergence("kl"), rel=1e-13)
    affinity = 1 - region.divergence("hellinger")
    assert math.exp(-renyi(0.5) / 2) == pytest.approx(affinity, abs=1e-14)
    chi2 = region.divergence("chi2")
    assert math.expm1(min(renyi(2), 700)) == pytest.approx(min(chi2, math.expm1(700)), rel=1e-11)
    lost, kept = (math.fsum(region.q[side]) for side in (region.p == 0, region.p > 0))
    expected = -math.log1p(-lost) if lost < 0.5 else -math.log(kept) if kept else math.inf
    assert renyi(0) == pytest.approx(expected, rel=1e-12, abs=1e-15)


@given(pairs(), st.lists(renyi_orders, min_size=2, max_size=5).map(sorted))
def test_renyi_rises_with_its_order(pair, orders):
    region = Region.from_pmfs(*pair)
    values = [region.divergence("renyi", order=order) for order in orders]
    assert all(first <= second * (1 + 1e-12) + LEAST for first, second in pairwise(values))


@given(pairs(), st.floats(0.01, 0.99))
def test_renyi_of_the_swapped_pair(pair, order):
    """(1 − α) D_α(P‖Q) = α D_{1−α}(Q‖P)."""
    region = Region.from_pmfs(*pair)
    here = (1 - order) * region.divergence("renyi", order=order)
    there = order * region.mirror().divergence("renyi", order=1 - order)
    assert here == pytest.approx(there, rel=1e-11, abs=LEAST)


@pytest.mark.parametrize("order", [-0.1, math.nan, -math.inf, "two"])
def test_orders_that_renyi_refuses(order):
    with pytest.raises(ValueError, match="order"):
        Region.from_pmfs([0.2, 0.8], [0.3, 0.7]).divergence("renyi", order=order)
