"""Questions asked beforehand: `certify` and `plan` hold their level, and find what is there."""

from __future__ import annotations

import math

import numpy as np
import pytest
from effort import slow
from hypothesis import given
from hypothesis import strategies as st

from modecollapse import Region
from modecollapse.samples import certify, from_counts, from_scores, plan
from modecollapse.samples.bands import SET_SLOPES, slopes_at


def with_lost_modes(modes, lost, share=0.0):
    """Equal masses, and the same with some modes at a share of theirs."""
    left = np.append(np.full(lost, share), np.ones(modes - lost))
    return np.full(modes, 1 / modes), left / left.sum()


@given(st.floats(0, 1), st.floats(0, 1))
def test_other_slopes_cannot_help_to_reach_a_point(eps, delta):
    """At a slope left out, the line through the point leaves (0, 0) or (1, 1) above it."""
    if eps >= delta:
        return
    kept = slopes_at(eps, delta)
    assert 1.0 in kept
    for slope in set(SET_SLOPES) - set(kept):
        height = delta - slope * eps
        assert height < 0 or slope + height < 1


@pytest.mark.parametrize("size", [40, 400])
def test_a_collapse_that_is_just_missed_is_certain_seldom_enough(size):
    p, q = [0.3, 0.3, 0.4], [0.1, 0.4, 0.5]
    rng, alpha, runs = np.random.default_rng(size), 0.5, 400
    answers = [
        certify(from_counts(rng.multinomial(size, p), rng.multinomial(size, q)), 0.1, 0.3001, 1 - alpha, seed)
        for seed in range(runs)
    ]
    assert 0 < sum(map(bool, answers)) <= runs * (alpha + 3 * math.sqrt(alpha * (1 - alpha) / runs))


def test_the_answer_says_how_much_is_certain():
    counts = from_counts([100, 110, 90, 100, 100], [0, 130, 120, 125, 125])
    answer = certify(counts, 0.05, 0.1)
    assert answer.certain == bool(answer) == (answer.certain_delta >= 0.1)
    assert certify(counts, 0.05, answer.certain_delta + 0.01, seed=0).certain is False
    assert "is certain at level 0.95" in str(answer)
    known = certify(from_counts(target=[0.2] * 5, generated=[0, 130, 120, 125, 125]), 0.05, 0.1)
    assert known.certain_delta > answer.certain_delta


def test_one_question_needs_fewer_samples_than_a_band():
    p, q = with_lost_modes(25, 5)
    rng, alone, banded = np.random.default_rng(1), [], []
    for seed in range(40):
        counts = from_counts(rng.multinomial(700, p), rng.multinomial(700, q))
        alone.append(certify(counts, 0.01, 0.1, seed=seed).certain)
        banded.append(counts.confidence_band(seed=seed).inner.boundary(0.01) >= 0.1)
    assert np.mean(alone) > np.mean(banded) + 0.2


PLANNED = [
    (25, 5, 0.0, 600),
    (25, 5, 0.02, 1400),
    (25, 3, 0.0, 1700),
    (8, 1, 0.0, 1400),
    (100, 20, 0.0, 1200),
    slow(1000, 200, 0.0, 8000),
]
"""Modes, modes at a share of theirs, that share, and the samples that a prototype needed at (.01, .1)."""


@pytest.mark.parametrize(("modes", "lost", "share", "expected"), PLANNED)
def test_plans_need_the_samples_of_the_design(modes, lost, share, expected):
    pair = with_lost_modes(modes, lost, share)
    planned = plan(0.01, 0.1, pair)
    assert planned.power >= 0.8
    assert planned.size <= 1.2 * expected
    rng = np.random.default_rng(5)
    found = [
        certify(from_counts(*(rng.multinomial(planned.size, law) for law in pair)), 0.01, 0.1, seed=seed)
        for seed in range(100)
    ]
    assert np.mean([answer.certain for answer in found]) >= 0.65
    half = [
        certify(from_counts(*(rng.multinomial(planned.size // 2, law) for law in pair)), 0.01, 0.1, seed=seed)
        for seed in range(100)
    ]
    assert np.mean([answer.certain for answer in half]) < 0.75


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: certify(from_counts([1], [1]), 0.2, 0.1), "eps must be smaller than delta"),
        (lambda: certify(from_scores([1], [0]), 0.1, 0.2, level=1), "strictly between 0 and 1, got 1.0"),
        (lambda: certify(from_counts([1], [1]), 0.1, 0.2, seed=-1), "seed must be an integer ≥ 0, got -1"),
        (lambda: plan(0.1, 0.3, ([0.5, 0.5], [0.5, 0.5])), "its greatest δ is 0.1"),
        (lambda: plan(0.1, 0.2, Region.from_pmfs([0.2, 0.8], [0.1, 0.9])), "its greatest δ is 0.2"),
        (lambda: plan(0.1, 0.2, ([0.20001, 0.79999], [0.1, 0.9])), "more than 1e\\+07 samples"),
        (
            lambda: plan(0.1, 0.2, ([0.5, 0.5], [0.0, 1.0]), power=1),
            "power must lie strictly between 0 and 1",
        ),
    ],
)
def test_bad_questions_are_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
