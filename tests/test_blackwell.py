"""Garblings by cuts, against the linear program that has one as its solution."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import sparse
from scipy.optimize import linprog
from weights import normalised, without_rare_letters

import modecollapse as mc
from modecollapse import Region
from modecollapse.strategies import garblings, pairs

NEAR = pairs(range(2, 7), near=0.1, zeros=False)
# the solver takes coefficients up to 1e-9 for 0
COMMON = pairs(range(1, 7)).map(lambda pair: without_rare_letters(pair, 1e-8))


def deviation_of_linear_program(r, s):
    """The least Σ |r.p W − s.p| + |r.q W − s.q| over all channels W."""
    rows, columns = len(r.p), len(s.p)
    marginals = sparse.kron(np.vstack(r.pair), sparse.eye_array(columns))
    row_sums = sparse.kron(sparse.eye_array(rows), np.ones((1, columns)))
    slack = sparse.eye_array(2 * columns)
    solution = linprog(
        np.concatenate([np.zeros(rows * columns), np.ones(4 * columns)]),
        A_eq=sparse.block_array([[marginals, slack, -slack], [row_sums, None, None]]),
        b_eq=np.concatenate([s.p, s.q, np.ones(rows)]),
        options={"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10},
    )
    return solution.fun


def deviation(channel, r, s):
    assert (channel >= 0).all()
    assert channel.sum(axis=1) == pytest.approx(1, abs=1e-14)
    return abs(r.p @ channel - s.p).sum() + abs(r.q @ channel - s.q).sum()


@given(COMMON | NEAR, st.data())
def test_the_cuts_find_what_the_linear_program_finds(pair, data):
    channel = data.draw(garblings(len(pair[0]), range(1, 7)))
    r, s = Region.from_pmfs(*pair), Region.from_pmfs(np.array(pair[0]) @ channel, np.array(pair[1]) @ channel)
    assert deviation_of_linear_program(r, s) < 1e-9
    assert deviation(mc.garbling(r, s), r, s) < 1e-11


@given(COMMON, COMMON)
def test_a_linear_program_without_solution_has_no_garbling(one, other):
    r, s = Region.from_pmfs(*one), Region.from_pmfs(*other)
    if deviation_of_linear_program(r, s) > 1e-8:
        assert mc.garbling(r, s) is None


@given(NEAR, st.data())
def test_differences_of_near_pairs_keep_their_digits(pair, data):
    """Relative to the distance of the pair, not to 1."""
    channel = data.draw(garblings(len(pair[0]), range(1, 5)))
    r = Region.from_pmfs(*pair)
    # the letters of the garbled pair, with their differences as exact as those of r
    s = Region.from_letters(*(values @ channel[: len(r.p)] for values in (r.p, r.q, r.difference)))
    missed = abs(r.difference @ mc.garbling(r, s) - s.difference).max()
    assert missed <= 1e-12 + 1e-9 * r.total_variation


def test_a_thousand_letters():
    rng = np.random.default_rng(0)
    p, q = rng.dirichlet(np.ones(1000), 2)
    channel = rng.dirichlet(np.full(1000, 0.01), 1000)
    r, s = Region.from_pmfs(p, q), Region.from_pmfs(p @ channel, q @ channel)
    assert len(r.p) == len(s.p) == 1000
    assert deviation(mc.garbling(r, s), r, s) < 1e-9


def test_to_itself_and_to_nothing():
    r = Region.from_pmfs([0.1, 0.4, 0.5, 0], [0, 0.2, 0.3, 0.5])
    assert mc.garbling(r, r) == pytest.approx(np.eye(len(r.p)), abs=1e-15)
    nothing = Region.from_pmfs([1.0], [1.0])
    assert mc.garbling(r, nothing) == pytest.approx(np.ones((len(r.p), 1)))
    assert mc.garbling(nothing, r) is None


def test_a_letter_too_small_to_move_a_corner():
    r = Region.from_pmfs(normalised([1, 1, 0, 1]), normalised([0.25, 0.25, 2.5e-18, 0.5]))
    for s in (r, Region.from_pmfs([1.0], [1.0])):
        assert deviation(mc.garbling(r, s), r, s) < 1e-14
