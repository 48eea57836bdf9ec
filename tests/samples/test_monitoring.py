"""Sampling until sure: bets are fair exactly, false alarms are rare at all times, collapse is found."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

from modecollapse.samples import from_counts, monitor
from modecollapse.samples.monitoring import log_mixture


@pytest.mark.parametrize("bound", [0.01, 0.3, 0.99])
@pytest.mark.parametrize("size", [1, 4, 30])
def test_bets_are_fair_at_the_bound_and_lose_below(bound, size):
    def mean(proportion):
        return sum(
            math.comb(size, hits)
            * proportion**hits
            * (1 - proportion) ** (size - hits)
            * math.exp(log_mixture(hits, size - hits, bound))
            for hits in range(size + 1)
        )

    assert mean(bound) == pytest.approx(1, rel=1e-12)
    assert mean(0.9 * bound) < 1
    assert mean(bound + 0.1 * (1 - bound)) > 1


def batches_of(p, q, size, number, rng):
    return (from_counts(rng.multinomial(size, p), rng.multinomial(size, q)) for _ in range(number))


def test_no_collapse_is_ever_certain_seldom_enough():
    p, q = [0.3, 0.3, 0.4], [0.1, 0.4, 0.5]  # g(.1) = .3
    rng, alpha, runs = np.random.default_rng(0), 0.5, 150
    alarms = [any(monitor(batches_of(p, q, 20, 60, rng), 0.1, 0.3, level=1 - alpha)) for _ in range(runs)]
    assert np.mean(alarms) <= alpha + 3 * math.sqrt(alpha * (1 - alpha) / runs)


@pytest.mark.parametrize(
    ("modes", "lost", "share", "median"),
    [(25, 5, 0.0, 640), (25, 5, 0.02, 1660), (25, 3, 0.0, 3200), (8, 1, 0.0, 1470), (100, 20, 0.0, 1200)],
)
def test_collapse_is_certain_about_when_the_design_says(modes, lost, share, median):
    """A median of 15 runs is some 20 % off, and the prototype looked after every sample."""
    left = np.append(np.full(lost, share), np.ones(modes - lost))
    p, q = np.full(modes, 1 / modes), left / left.sum()
    rng, sizes = np.random.default_rng(1), []
    for _ in range(15):
        state = next(filter(bool, monitor(batches_of(p, q, 40, 400, rng), 0.01, 0.1)))
        sizes.append(state.sizes[0])
    assert np.median(sizes) <= 1.35 * median


def test_states_go_on_once_it_is_certain():
    p, q = [0.25] * 4, [0.0] + [1 / 3] * 3
    states = list(monitor(batches_of(p, q, 100, 30, np.random.default_rng(2)), 0.05, 0.1))
    assert [state.sizes for state in states] == [(100 * i, 100 * i) for i in range(1, 31)]
    assert states[-1].certain
    assert not states[0].certain
    certain = [state.certain for state in states]
    assert certain == sorted(certain)
    assert states[0].e_value == 0
    # from then on the first set has half of the weight, and never more than all bets together
    assert states[-1].e_value > 1 / 0.05


def test_a_hopeless_question_freezes_nothing():
    same = [0.25] * 4
    states = list(
        itertools.islice(monitor(batches_of(same, same, 1000, 5, np.random.default_rng(3)), 0.1, 0.9), 5)
    )
    assert all(state.e_value == 0 for state in states)


def test_bad_questions_are_refused():
    batches = [from_counts([5, 5], [5, 5])]
    with pytest.raises(ValueError, match="eps must be positive here, got 0"):
        list(monitor(batches, 0, 0.1))
    with pytest.raises(ValueError, match="only counts over the same modes"):
        list(monitor([*batches, from_counts([1], [1])], 0.1, 0.2))
