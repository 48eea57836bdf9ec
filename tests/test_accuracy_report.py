"""The measurements of accuracy: verdicts, tallies and seeds."""

import math
from itertools import combinations

import numpy as np
import pytest
from mpmath import mp, mpf

from tests.benchmarks.accuracy import cases, findings, running
from tests.benchmarks.accuracy.findings import Finding, Refusal, Tally

TINY = mpf("1e-50")


@pytest.mark.parametrize("name", cases.KINDS)
@pytest.mark.parametrize("letters", [1, 2, 4])
def test_kinds_are_pairs_of_pmfs_with_so_many_common_letters(name, letters):
    pair = cases.KINDS[name](np.random.default_rng(0), letters)
    assert [math.fsum(side) for side in pair] == pytest.approx([1, 1], abs=1e-15)
    assert sum(a > 0 and b > 0 for a, b in zip(*pair, strict=True)) == letters


def test_an_error_beyond_the_promise_is_broken():
    truth = mpf(1) / 3
    assert not findings.compared(1 / 3, truth, 1e-15, 1e-12, "input").broken
    assert "input" in findings.compared(1 / 3 + 1e-14, truth, 1e-15, 1e-12, "input").broken
    assert findings.compared(math.nan, truth, 1e-15, 1e-12, "input").broken
    assert findings.compared_logarithms(-1.0, mp.exp(-1) * (1 + mpf("1e-10")), 1e-12, "input").broken


def test_a_truth_outside_its_bracket_is_broken():
    with mp.workdps(60):
        assert not findings.held(0.25, mpf("0.25"), 0.5, "input").broken
        assert findings.held(0.25, mpf("0.25") - TINY, 0.5, "input").broken


def test_tallies_keep_the_worst():
    tally = Tally().with_one(Finding(1e-16, 2e-16)).with_one(Refusal()).with_one(Finding(3e-16, broken="x"))
    assert tally == Tally(cases=2, refused=1, relative=3e-16, absolute=2e-16, broken=("x",))
    assert tally + tally == Tally(4, 2, 3e-16, 2e-16, ("x", "x"))


def test_what_is_drawn_depends_on_the_seed_alone():
    first, *_ = running.batches(100, 7, ["two letters, distance"])
    runs = [running.run(batch)._replace(seconds=0.0) for batch in (first, first, first._replace(seed=8))]
    assert runs[0] == runs[1] != runs[2]
    assert runs[0].cases == first.draws


def test_batches_cover_all_draws_once_and_advance_alike():
    todo = running.batches(1000, 0, ["Region.divergence, tv", "jensen_shannon_band"])
    assert sum(batch.draws for batch in todo if batch.section == "evaluator") == 1010
    assert not any(first == second for first, second in combinations(todo, 2))
    assert {batch.number for batch in todo[:5]} == {0}
