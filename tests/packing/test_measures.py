"""Divergences of many packed pairs at once, against the pairs one by one."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import multinomial
from weights import coarse, normalised

import modecollapse as mc
from modecollapse import Region
from modecollapse.packing import few_letters
from modecollapse.packing.measures import PackedDivergence
from modecollapse.strategies import pairs

coarse_pairs = pairs(range(1, 5)).map(coarse)
NAMES = ["tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick", "renyi"]


@pytest.mark.parametrize("name", NAMES)
@given(coarse_pairs, st.integers(1, 12))
def test_each_row_is_the_divergence_of_the_packed_region(name, pair, m):
    parameters = {"order": 1.5} if name in ("hockey_stick", "renyi") else {}
    p, q = np.array([pair, pair[::-1]]).transpose(1, 0, 2)
    packed = mc.pack(Region.from_pmfs(*pair), m)
    expected = [side.divergence(name, **parameters) for side in (packed, packed.mirror())]
    values = PackedDivergence(name, m, **parameters).values(p, q)
    assert values == pytest.approx(expected, rel=1e-11, abs=1e-13)


@pytest.mark.parametrize(
    ("pair", "m"),
    [
        (([1e-30, 1 - 1e-30], [0.3, 0.7]), 40),  # types that P hardly ever shows
        (([1e-200, 0.5, 0.5], [0.2, 0.5, 0.3]), 8),
        (([0.4, 0.6, 0.0], [0.0, 1e-9, 1 - 1e-9]), 40),  # a common letter whose power vanishes
        (([0.7, 0.3], [0.0, 1.0]), 700),
        (([0.9, 0.1], [5e-310, 1.0]), 2),  # a ratio beyond the numbers
    ],
)
def test_jensen_shannon_loses_no_type_that_one_law_shows(pair, m):
    p, q = np.array([pair, pair[::-1]]).transpose(1, 0, 2)
    expected = float(oracles.divergence("js", *pair, m=m))
    assert PackedDivergence("js", m).values(p, q) == pytest.approx([expected, expected], abs=1e-13)


@given(coarse_pairs, st.integers(1, 30))
def test_distances_are_exact_to_1e_minus_14(pair, m):
    (value,) = PackedDivergence("tv", m).values(*np.array(pair)[:, None])
    assert value == pytest.approx(float(oracles.total_variation(*pair, m)), abs=1e-14)


@pytest.mark.parametrize(
    ("p", "q"),
    [
        pytest.param([0.3, 0.7], [0.35, 0.65], id="two letters"),
        pytest.param([0.3, 0.7, 0], [0, 0.7, 0.3], id="one common letter"),
        pytest.param([1, 0], [0, 1], id="none"),
        pytest.param([0.2, 0.3, 0.5], [0.2, 0.3, 0.5], id="equal"),
    ],
)
def test_pairs_of_fewer_letters_than_three(p, q):
    for m in (60, 900):
        (value,) = PackedDivergence("tv", m).values(*np.array([[p], [q]], dtype=float))
        assert value == pytest.approx(float(oracles.total_variation(p, q, m)), abs=1e-14)


def test_more_letters_than_three_are_all_counted():
    p, q = [0.1, 0.2, 0.3, 0.4], [0.15, 0.25, 0.32, 0.28]
    (value,) = PackedDivergence("tv", 44).values(*np.array([[p], [q]]))
    assert value == pytest.approx(float(oracles.total_variation(p, q, 44)), abs=1e-14)


@pytest.mark.parametrize("letter", [0, 1, 2])
@pytest.mark.parametrize("m", [44, 100])
def test_one_letter_may_have_all_the_mass(m, letter):
    """1 in double precision, the others being too small to show."""
    p, q = [1e-20] * 3, [0.002, 0.993, 0.005]
    p[letter] = 1.0
    for pair in ((p, q), (q, p)):
        (value,) = PackedDivergence("tv", m).values(*np.array(pair)[:, None])
        assert value == pytest.approx(float(oracles.total_variation(*pair, m)), abs=1e-14)


@pytest.mark.parametrize("m", [2, 400])
def test_leading_axes_are_kept(m):
    p, q = normalised([2, 3, 5]), normalised([3, 3, 4])
    values = PackedDivergence("tv", m).values(np.broadcast_to(p, (2, 3, 3)), np.array(q))
    assert values == pytest.approx(np.full((2, 3), mc.packed_tv((p, q), m)), abs=1e-14)


@pytest.mark.parametrize("test", [[1, 0, -1], [1, -1, -1], [1, 1, -1], [2, -1, -1]], ids=str)
def test_ties_are_decided_alike_for_both_laws(test):
    """Rounding may put a tie on either side, but not on one for P and on the other for Q."""
    rng = np.random.default_rng(0)
    nothing_lost = np.zeros(1)
    for _ in range(60):
        m, scale = int(rng.integers(44, 120)), float(rng.choice([0.1, 0.3, 1 / 3, 0.7]))
        p, q = rng.dirichlet(np.ones(3), 2)
        power = few_letters.ternary_powers(
            p[None], q[None], nothing_lost, nothing_lost, scale * np.array([test]), m
        )[0]
        counts = np.array([(a, b, m - a - b) for a in range(m + 1) for b in range(m + 1 - a)])
        gain = multinomial.pmf(counts, m, p) - multinomial.pmf(counts, m, q)
        score = counts @ test
        sure, tied = gain[score > 0].sum(), gain[score == 0]
        low, high = sure + np.minimum(tied, 0).sum(), sure + np.maximum(tied, 0).sum()
        assert low - 1e-11 <= power <= high + 1e-11


@pytest.mark.parametrize("m", [1, 3])
def test_bands_of_renyi_are_those_of_hellinger(m):
    """D_½ = −2 log(1 − H²) rises with H², so one search must find what the other finds."""
    pairs = mc.PairClass(0.2, collapse=(0.02, 0.1))
    of_renyi = mc.band(pairs, m, divergence="renyi", order=0.5, gap=1e-7)
    of_hellinger = mc.band(pairs, m, divergence="hellinger", gap=1e-7)
    for end in ("lower", "upper"):
        assert getattr(of_renyi, end) == pytest.approx(-2 * np.log1p(-getattr(of_hellinger, end)), rel=1e-5)
