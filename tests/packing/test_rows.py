"""Three letters, row by row: the recurrence on the difference of two tails against 50 digits."""

from __future__ import annotations

import math

import numpy as np
import oracles
import pytest
from effort import slow
from mpmath import mp, mpf
from weights import normalised, tilted

from modecollapse import Region
from modecollapse.packing import enumeration, few_letters
from modecollapse.packing.letters import common_letters

PROMISE = 1e-13
"""Relative error of a distance of three letters; 9e-15 is the greatest seen in ten thousand cases."""


def relative_error(p, q, m):
    common = common_letters(Region.from_pmfs(p, q))
    assert len(common.p) == 3
    exact = oracles.total_variation(p, q, m)
    with mp.workdps(oracles.GUARD_DIGITS):
        return float(abs(mpf(few_letters.total_variation(common, m)) / exact - 1))


def log_uniform(rng, low, high, size=None):
    return 10 ** rng.uniform(low, high, size)


def near(rng, m):
    """Log ratios from 1e-12 to 1 standard deviations of one count."""
    p = normalised(rng.dirichlet(np.ones(3)) + 1e-4)
    return p, tilted(p, log_uniform(rng, -12, 0) / math.sqrt(m) * rng.normal(size=3))


def lopsided(rng, m):
    """Masses down to 1e-9."""
    p = normalised(log_uniform(rng, -9, 0, 3))
    return p, tilted(p, log_uniform(rng, -9, 0.3) * rng.normal(size=3))


def tied(rng, m):
    """Log ratios (a, 0, −a): each threshold is a tie, which rounding decides."""
    a, b, by = *rng.integers(1, 30, 2), log_uniform(rng, -12, -2)
    p = normalised([a, b, a])
    return p, [p[0] * (1 + by), p[1], p[2] - p[0] * by]


def dropped(rng, m):
    """Letters that one of the two lacks, from 1e-14 of the mass."""
    common, lost = rng.dirichlet(np.ones(3)), log_uniform(rng, -14, -2, 2) * rng.integers(0, 2, 2)
    moved = common * np.exp(log_uniform(rng, -12, -1) * rng.normal(size=3))
    return normalised([lost[0], *common, 0]), normalised([0, *moved, lost[1]])


def tiny(rng, m):
    """Two letters of masses down to 1e-30."""
    order = rng.permutation(3)
    p = np.array(normalised([log_uniform(rng, -30, -3), 1, log_uniform(rng, -30, -1)]))[order]
    return normalised(p), tilted(p, log_uniform(rng, -3, 1) * rng.normal(size=3))


def rare(rng, m):
    """Two letters that come a few times in m samples."""
    order = rng.permutation(3)
    p = np.array(normalised([*rng.uniform(0.1, 5, 2) / m, 1]))[order]
    return normalised(p), tilted(p, log_uniform(rng, -12, 0.5) * rng.normal(size=3))


def far(rng, m):
    """Up to five standard deviations."""
    p = normalised(rng.dirichlet(np.full(3, 0.5)) + 1e-6)
    return p, tilted(p, log_uniform(rng, -3, 0.7) / math.sqrt(m) * rng.normal(size=3))


KINDS = [near, lopsided, tied, dropped, tiny, rare, far]


@pytest.mark.parametrize("most", [30, slow(1500)])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_distances_of_three_letters_keep_their_digits(kind, most):
    rng = np.random.default_rng([most, KINDS.index(kind)])
    for _ in range(60):
        m = int(rng.integers(2, most))
        p, q = kind(rng, m)
        if oracles.total_variation(p, q, m) > 1e-14:
            assert relative_error(p, q, m) < PROMISE


@pytest.mark.parametrize("m", [10**4, slow(10**6)])
@pytest.mark.parametrize("size", [1e-12, 1e-4, 1])
def test_distances_at_large_m_keep_their_digits(m, size):
    for p in ([0.2, 0.5, 0.3], [3 / m, 0.4, 0.6 - 3 / m], [0.3, 1 - 0.3 - 1e-3, 1e-3]):
        p = normalised(p)
        assert relative_error(p, tilted(p, size / math.sqrt(m) * np.array([1, -0.3, 0.1])), m) < PROMISE


@pytest.mark.parametrize("m", [50, 3000])
def test_thresholds_that_rounding_decides_twice(m):
    """Ratios of small integers: every threshold is a tie."""
    for a, b, c in ((3, 1, -2), (2, -1, -2), (1, 0, -2), (5, 0, -1)):
        p = np.array(normalised([2, 3, 4]))
        for by in (1e-9, 1e-3 / 3, 0.7 / math.sqrt(m)):
            assert relative_error(p.tolist(), tilted(p, by * np.array([a, b, c])), m) < PROMISE


def test_tails_far_from_their_threshold_stay_what_they_are():
    """The middle letter decides: in most rows the others are 13 deviations from their threshold."""
    p, q = [0.01, 0.5, 0.49], [0.01 + 1e-12, 0.5 + 0.004, 0.49 - 0.004 - 1e-12]
    for m in (2000, 10**5):
        assert relative_error(p, q, m) < PROMISE


@pytest.mark.parametrize("m", [2, 17, 300])
def test_ratios_beyond_every_exponent(m):
    """Masses of 1e-240: chances and odds leave the range of recurrences."""
    for p, q in (
        ([1.6e-64, 1, 4.5e-242], [1.7e-176, 3.9e-260, 1]),
        ([5e-324, 0.5, 0.5], [0.5, 5e-324, 0.5]),
        ([1, 1e-11, 5e-324], [1e-11, 1, 5e-300]),
        ([1, 5e-324, 1e-11], [0.4, 0.2, 0.4]),
        ([1e-300, 0.25, 0.75], [1e-5, 0.5, 0.49999]),
    ):
        common = common_letters(Region.from_pmfs(p, q))
        value = few_letters.total_variation(common, m)
        assert value == pytest.approx(enumeration.total_variation(common, m), rel=PROMISE)


@pytest.mark.parametrize("x", [*np.logspace(-20, 1, 60), 0.0624999, 0.0625, 0.0625001, 0.5])
def test_the_series_of_expm1(x):
    for value in (x, -x):
        assert few_letters._small_expm1(value) == pytest.approx(math.expm1(value), rel=4e-16, abs=0)
