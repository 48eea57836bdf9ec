"""Groups and weighted samples: limits hold however the samples of a group depend on each other."""

from __future__ import annotations

import json

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse import Region
from modecollapse.pages import report
from modecollapse.samples import (
    certify,
    diagnose,
    from_groups,
    from_labels,
    from_scores,
    from_weights,
    one_per_group,
    units,
)
from modecollapse.samples.laws import Sampled


def evidence_against(mean, shares, weights, bets):
    """The mean of the products of bets against a mean, in 30 digits."""
    with mpmath.workdps(30):
        products = [
            mpmath.fprod(
                1 + mpmath.mpf(bet) * mpmath.mpf(v) * (mpmath.mpf(x) / mpmath.mpf(mean) - 1)
                for x, v in zip(shares.tolist(), weights.tolist(), strict=True)
            )
            for bet in bets
        ]
        return mpmath.fsum(products) / len(products)


@given(st.integers(0, 10**6), st.sampled_from([0.2, 0.01]))
def test_a_limit_is_where_the_bets_reach_one_over_alpha(seed, alpha):
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 30))
    shares = rng.choice([0.0, 0.25, 1.0], n)
    weights = rng.choice([0.5, 1.0, 0.125], n)
    limit = units.least_mean(shares, weights, alpha)
    if limit == 0:
        assert not (shares * weights).any()
        return
    # 2 bets a doubling from 1 to at most 1/n
    doublings = next(i for i in range(6) if 2**i >= max(n, 2))
    bets = [mpmath.mpf(2) ** (-mpmath.mpf(i) / 2) for i in range(2 * doublings + 1)]
    assert evidence_against(limit, shares, weights, bets) == pytest.approx(1 / alpha, rel=1e-8)
    assert evidence_against(limit, shares, weights, bets) >= 1 / alpha
    assert limit <= (weights @ shares) / weights.sum()


def binary(rng, n):
    return (rng.random(n) < 0.2) * 1.0, np.ones(n), 0.2


def shares_of_groups(rng, n):
    return rng.beta(0.3, 0.7, n), np.ones(n), 0.3


def weighted_samples(rng, n):
    """Half of the samples are in the set, with weights of mean .3 in it and 1 outside, up to a factor."""
    inside = (rng.random(n) < 0.5) * 1.0
    return inside, np.where(inside > 0, 0.3, 1.0) * rng.uniform(0.5, 1, n), 0.3 / 1.3


@pytest.mark.parametrize("draw", [binary, shares_of_groups, weighted_samples])
def test_limits_hold(draw):
    rng, alpha = np.random.default_rng(0), 0.2
    missed = 0
    for _ in range(300):
        shares, weights, truth = draw(rng, 40)
        missed += units.least_mean(shares, weights, alpha) > truth
        missed += 1 - units.least_mean(1 - shares, weights, alpha) < truth
    assert missed <= 600 * alpha / 2  # far below: Markov's inequality is not sharp
    # and are not empty: they close in on the truth
    shares, weights, truth = draw(rng, 4000)
    assert 0.8 * truth < units.least_mean(shares, weights, alpha) < truth + 0.03


def test_limits_adapt_to_shares_that_vary_little():
    rng = np.random.default_rng(1)
    alone, together = (rng.random(400) < 0.2) * 1.0, rng.binomial(10, 0.2, 400) / 10
    width_alone, width_together = (
        1 - units.least_mean(1 - shares, np.ones(400), 0.01) - units.least_mean(shares, np.ones(400), 0.01)
        for shares in (alone, together)
    )
    assert width_together < 0.5 * width_alone


@given(st.integers(0, 10**6))
def test_rounded_weights_make_limits_a_little_lower(seed):
    rng = np.random.default_rng(seed)
    shares, weights = (
        (rng.random(200) < 0.4) * 1.0,
        rng.choice([0.0, 1.0, 1e-6, 0.3, 0.77], 200) * rng.random(200),
    )
    coarse = units._coarse(shares, weights)
    assert (coarse[shares == 1] <= weights[shares == 1]).all()
    assert (coarse[shares == 0] >= weights[shares == 0]).all()
    assert (coarse >= 0).all()
    assert (coarse <= 1).all()
    exact, rounded = (units.least_mean(shares, some, 0.05) for some in (weights, coarse))
    assert 0.97 * exact - 1e-4 <= rounded <= exact * (1 + 1e-9)


def sticky(rng, pmf, groups, size, stick):
    """Samples that repeat the favourite of their group with some probability."""
    favourites = rng.choice(len(pmf), (groups, 1), p=pmf)
    fresh = rng.choice(len(pmf), (groups, size), p=pmf)
    labels = np.where(rng.random((groups, size)) < stick, favourites, fresh)
    return labels.ravel(), np.repeat(np.arange(groups), size)


P, Q = np.full(5, 0.2), np.append(0.0, np.full(4, 0.25))


@pytest.mark.slow
@pytest.mark.parametrize("stick", [0.0, 0.5, 1.0])
def test_bands_of_groups_hold_and_bands_without_groups_do_not(stick):
    rng, truth, runs = np.random.default_rng(0), Region.from_pmfs(P, Q), 60
    held = naive = 0
    for seed in range(runs):
        real, real_groups = sticky(rng, P, 40, 10, stick)
        made, made_groups = sticky(rng, Q, 40, 10, stick)
        band = from_groups(real, made, real_groups, made_groups, range(5)).confidence_band(0.9, seed)
        held += band.inner <= truth <= band.outer
        ungrouped = from_labels(real, made, range(5)).confidence_band(0.9, seed)
        naive += ungrouped.inner <= truth <= ungrouped.outer
    assert held >= 54
    if stick == 1:
        assert naive < 40


def test_one_sample_a_group_is_a_sample():
    labels, others = ["a", "b", "b"], ["b", "b", "c"]
    grouped = from_groups(labels, others, [1, 2, 3], ["x", "y", "z"])
    plain = from_labels(labels, others)
    assert grouped.names == plain.names
    assert grouped.region == plain.region
    assert grouped.sizes == plain.sizes
    weighted = from_weights(labels, others, [2, 2, 2], greatest_weight=2)
    assert weighted.region == plain.region
    assert weighted.p.effective_size == pytest.approx(3)
    assert grouped == from_groups(labels, others, [1, 2, 3], ["x", "y", "z"])
    assert grouped != from_groups(labels, others, [1, 2, 2], ["x", "y", "z"])


def test_groups_count_equally():
    counts = from_groups(["a"] * 9 + ["b"], ["a", "b"], ["long"] * 9 + ["short"], None)
    assert counts.p.shares.tolist() == [0.5, 0.5]
    assert isinstance(counts.q, Sampled)
    assert counts.units == ("groups", "samples")
    assert counts.sizes == (2, 2)
    assert counts.real.tolist() == [9, 1]


def test_labels_that_are_no_modes_are_off_mode():
    target = {"cat": 0.5, "dog": 0.5}
    answers = ["cat", "fog", "dog", "dog"]
    counts = from_groups(target=target, generated=answers, generated_groups=[1, 1, 2, 2])
    assert counts.names == ("cat", "dog", "off mode")
    assert counts.q.shares.tolist() == [0.25, 0.5, 0.25]
    assert counts.p.shares.tolist() == [0.5, 0.5, 0.0]
    assert counts.sizes == (None, 2)


def test_folds_divide_the_units():
    rng = np.random.default_rng(0)
    labels, groups = sticky(rng, P, 30, 4, 0.5)
    law = units.grouped(labels, groups.tolist(), 5)
    parts = law.divided(3, rng)
    assert sum(fold.size for fold, _ in parts) == 30
    for fold, rest in parts:
        assert fold.size + rest.size == 30
        mixed = (fold.size * fold.shares + rest.size * rest.shares) / 30
        np.testing.assert_allclose(mixed, law.shares, atol=1e-12)


def test_variances_are_those_of_the_shares_of_groups():
    rng = np.random.default_rng(0)
    labels, groups = sticky(rng, P, 30, 4, 0.5)
    law = units.grouped(labels, groups.tolist(), 5)
    table = np.array([np.bincount(labels[groups == g], minlength=5) / 4 for g in range(30)])
    np.testing.assert_allclose(law.variances, table.var(axis=0) / 30, atol=1e-15)
    order = np.array([3, 0, 4, 1, 2])
    np.testing.assert_allclose(
        law.least_masses(order, np.array([2]), 0.1),
        units.least_mean(table[:, [3, 0]].sum(axis=1), np.ones(30), 0.1),
        rtol=1e-9,
    )
    box = law.box(0.1)
    for mode in range(5):
        assert box.lower[mode] <= law.shares[mode] <= box.upper[mode]
        assert box.upper[mode] <= 1 - units.least_mean(1 - table[:, mode], np.ones(30), 0.01) + 1e-9


def test_whole_groups_are_exchanged_by_the_test():
    rng = np.random.default_rng(3)
    rejected = plain = 0
    for seed in range(40):
        real, real_groups = sticky(rng, P, 30, 10, 1.0)
        made, made_groups = sticky(rng, P, 30, 10, 1.0)
        rejected += from_groups(real, made, real_groups, made_groups).equality_p_value(seed) <= 0.05
        plain += from_labels(real, made).equality_p_value(seed) <= 0.05
    assert rejected <= 7  # 2 expected
    assert plain >= 30
    real, real_groups = sticky(rng, P, 60, 10, 0.2)
    made, made_groups = sticky(rng, Q, 60, 10, 0.2)
    assert from_groups(real, made, real_groups, made_groups).equality_p_value() == 0.001


def test_the_diagnosis_speaks_of_groups():
    rng = np.random.default_rng(5)
    real, real_groups = sticky(rng, P, 1500, 3, 0.3)
    made, made_groups = sticky(rng, Q, 1500, 3, 0.3)
    counts = from_groups(real, made, real_groups, made_groups)
    diagnosis = diagnose(counts, m=1)
    assert "1500 real, 1500 generated groups." in str(diagnosis)
    assert diagnosis.to_dict()["units"] == {"real": "groups", "generated": "groups"}
    assert "collapse" in diagnosis.verdict.words
    assert certify(counts, 0.05, 0.1)
    assert "1500 real and 1500 generated groups" in report.page(diagnosis)
    json.dumps(diagnosis.to_dict(), allow_nan=False)
    weighted = diagnose(from_weights(real, made, np.ones(4500), greatest_weight=2), m=1)
    assert weighted.verdict.p_value is None
    assert "Permutation" not in str(weighted)
    assert "permutation test" not in report.page(weighted)
    assert "4500 real weighted samples, 4500 generated samples" in str(weighted)
    assert 0 < diagnosis.noise_floor < 0.2


def test_weights_undo_a_law_that_was_sampled_in_place_of_another():
    rng = np.random.default_rng(6)
    proposal = np.array([0.4, 0.4, 0.2])
    target = np.array([0.2, 0.3, 0.5])
    labels = rng.choice(3, 5000, p=proposal)
    made = rng.choice(3, 5000, p=target)
    ratio = target / proposal
    counts = from_weights(labels, made, ratio[labels], greatest_weight=ratio.max())
    np.testing.assert_allclose(counts.p.shares, target, atol=0.03)
    assert counts.confidence_band().inner.total_variation == 0
    assert from_labels(labels, made).confidence_band().inner.total_variation > 0.2


def test_one_row_of_each_group_is_drawn_evenly():
    groups = ["a", "b", "a", "a", "b"]
    drawn = np.array([one_per_group(groups, seed) for seed in range(300)])
    assert set(drawn[:, 0]) == {0, 2, 3}
    assert set(drawn[:, 1]) == {1, 4}
    assert 70 < (drawn[:, 0] == 2).sum() < 130
    scores = np.arange(5.0)
    assert from_scores(scores[one_per_group(groups)], [0.0]).sizes == (2, 1)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: from_groups(["a"], ["a"]), "give real_groups, generated_groups, or both"),
        (
            lambda: from_groups(["a"], ["a"], [1, 2]),
            "real_groups must have one entry for each of the 1 samp",
        ),
        (lambda: from_groups(["a"], ["a"], [[{}]]), "real_groups must be values that can be hashed"),
        (
            lambda: from_groups(target={"a": 1.0}, generated=["a"], real_groups=[1], generated_groups=[1]),
            "real_groups must be left out",
        ),
        (
            lambda: from_weights(["a"], ["a"], greatest_weight=1),
            "give real_weights, generated_weights, or both",
        ),
        (
            lambda: from_weights(["a", "b"], ["a"], [1, 3], greatest_weight=2),
            "real_weights must be from 0 to greatest_weight = 2, got 3.0 at 1",
        ),
        (lambda: from_weights(["a"], ["a"], [-1], greatest_weight=2), "got -1.0 at 0"),
        (lambda: from_weights(["a"], ["a"], [0], greatest_weight=2), "must have a positive entry"),
        (lambda: from_weights(["a"], ["a"], [1], greatest_weight=0), "greatest_weight must be positive"),
        (lambda: from_weights(["a"], ["a"], [[1]], greatest_weight=1), r"one a sample, got shape \(1, 1\)"),
        (lambda: one_per_group([]), "groups must name the group of at least one sample"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
