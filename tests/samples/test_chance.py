"""What chance shows: mean distances and p-values against all deals, and their level by simulation."""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse.samples import FoldedScores, from_counts, from_scores
from modecollapse.samples.chance import mean_distance_of_samples


def all_deals(real, generated):
    """The counts of the first group over all divisions of the pooled samples."""
    pooled = np.repeat(np.arange(len(real)), np.add(real, generated))
    for chosen in itertools.combinations(range(len(pooled)), sum(real)):
        yield np.bincount(pooled[list(chosen)], minlength=len(real))


def chi_squared(real, generated):
    pooled, n, total = np.add(real, generated), sum(real), sum(real) + sum(generated)
    return sum(
        Fraction(int(x) * total - int(c) * n, total) ** 2 / Fraction(int(c) * n, total)
        for x, c in zip(real, pooled, strict=True)
        if c
    )


@pytest.mark.parametrize(
    ("real", "generated"),
    [([3, 0, 1], [1, 3, 0]), ([2, 2, 0], [2, 1, 2]), ([4, 0, 0], [0, 2, 2]), ([5, 1], [1, 4])],
)
def test_the_permutation_p_value_is_the_share_of_deals(real, generated):
    observed = chi_squared(real, generated)
    deals = list(all_deals(real, generated))
    exact = np.mean([chi_squared(x, np.add(real, generated) - x) >= observed for x in deals])
    measured = from_counts(real, generated).equality_p_value()
    assert measured == pytest.approx(exact, abs=0.001 + 4 * math.sqrt(exact * (1 - exact) / 999))


def test_the_p_value_of_scores_is_the_share_of_deals():
    real, generated = [5.0, 4.0, 4.0, 3.0], [4.0, 2.0, 1.0, 1.0]
    pooled = np.array(real + generated)
    values = np.unique(pooled)

    def difference(first, second):
        above = [[np.mean(group >= t) for t in values] for group in (first, second)]
        return max(abs(a - b) for a, b in zip(*above, strict=True))

    observed = difference(np.array(real), np.array(generated))
    larger = []
    for chosen in itertools.combinations(range(8), 4):
        held = np.isin(np.arange(8), chosen)
        larger.append(difference(pooled[held], pooled[~held]) >= observed - 1e-12)
    exact = np.mean(larger)
    scores = from_scores(real, generated)
    assert scores.equality_p_value() == pytest.approx(exact, abs=4 * math.sqrt(exact / 999))
    mirrored = from_scores(np.negative(real), np.negative(generated))
    assert mirrored.equality_p_value() == pytest.approx(exact, abs=4 * math.sqrt(exact / 999))
    assert FoldedScores((scores, mirrored)).equality_p_value() == pytest.approx(
        2 * min(scores.equality_p_value(), mirrored.equality_p_value())
    )


def test_the_p_value_against_a_known_target_is_the_share_of_samples():
    target, generated = [0.5, 0.3, 0.2], np.array([1, 4, 1])

    def statistic(counts):
        return sum(n * n / p for n, p in zip(counts, target, strict=True))

    exact = 0.0
    for first in range(7):
        for second in range(7 - first):
            counts = [first, second, 6 - first - second]
            weight = math.factorial(6) / math.prod(math.factorial(n) for n in counts)
            if statistic(counts) >= statistic(generated) - 1e-9:
                exact += weight * math.prod(p**n for p, n in zip(target, counts, strict=True))
    measured = from_counts(target=target, generated=generated).equality_p_value()
    assert measured == pytest.approx(exact, abs=4 * math.sqrt(exact / 999))


def test_a_sample_that_the_target_cannot_give_has_the_least_p_value():
    assert from_counts(target=[0.5, 0.5, 0], generated=[50, 50, 1]).equality_p_value() == 0.001


@pytest.mark.parametrize("kind", ["counts", "target", "scores"])
def test_p_values_of_equal_laws_are_small_seldom_enough(kind):
    rng, law = np.random.default_rng(8), np.full(10, 0.1)
    rejected = []
    for seed in range(200):
        if kind == "target":
            evidence = from_counts(target=law, generated=rng.multinomial(60, law))
        elif kind == "counts":
            evidence = from_counts(rng.multinomial(60, law), rng.multinomial(40, law))
        else:
            evidence = from_scores(rng.normal(size=40), rng.normal(size=50))
        rejected.append(evidence.equality_p_value(seed) <= 0.2)
    assert 0.05 < np.mean(rejected) <= 0.2 + 3 * math.sqrt(0.2 * 0.8 / 200)


def test_a_diffuse_difference_is_found_where_the_band_is_blind():
    p, q = np.full(25, 0.04), np.append(np.full(3, 0.02), np.full(22, 0.94 / 22))
    rng, found, certified = np.random.default_rng(9), [], []
    for seed in range(20):
        counts = from_counts(rng.multinomial(2000, p), rng.multinomial(2000, q))
        found.append(counts.equality_p_value(seed) <= 0.05)
        certified.append(counts.confidence_band(seed=seed).inner.total_variation > 0)
    assert np.mean(found) >= 0.9
    assert np.mean(certified) < 0.6


def test_very_many_samples_are_tested_in_part():
    size = 10**12
    assert from_counts([size, size], [size, 2 * size]).equality_p_value() == 0.001
    assert from_counts([size, size], [3 * size, 3 * size]).equality_p_value() > 0.01


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4).filter(any), st.integers(1, 7))
def test_the_noise_floor_of_a_known_target_is_the_mean_distance(weights, size):
    pmf = np.array(weights) / sum(weights)
    mean = sum(
        abs(x / size - p) / 2 * math.comb(size, x) * p**x * (1 - p) ** (size - x)
        for p in pmf.tolist()
        for x in range(size + 1)
    )
    assert mean_distance_of_samples(pmf, size) == pytest.approx(mean, abs=1e-14)
