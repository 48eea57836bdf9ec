"""Packed divergences from Poisson tables, against exact sums and the other evaluators."""

from __future__ import annotations

import numpy as np
import oracles
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse.packing import enumeration, poisson_tables


def letters(seed: int, n: int, alone: bool):
    """n common letters by falling ratio, and what P and Q have beside them."""
    rng = np.random.default_rng(seed)
    p, q = np.maximum(rng.dirichlet(np.full(n + 1, rng.choice([0.3, 1.0])), 2), 1e-9)
    if rng.random() < 0.4:
        q = p * np.exp(0.1 * rng.normal(size=n + 1))
    p, q = p / p.sum(), q / q.sum()
    if not alone:
        p, q = p[:n] / p[:n].sum(), q[:n] / q[:n].sum()
    order = np.argsort(-p[:n] / q[:n])
    return p[:n][order], q[:n][order], (p[n] if alone else 0.0, q[n] if alone else 0.0)


def room(n: int, m: int):
    return np.zeros((2 * n + 2, max(m + 1, n))), np.zeros(n + 1, dtype=np.int64)


def whole(p, q, alone):
    return np.append(p, [alone[0], 0.0]), np.append(q, [0.0, alone[1]])


@given(
    seed=st.integers(0, 10**6),
    n=st.integers(0, 4),
    m=st.integers(1, 12),
    order=st.sampled_from([0.3, 1.0, 2.0]),
    alone=st.booleans(),
)
def test_the_overlap_is_the_sum_over_types(seed, n, m, order, alone):
    p, q, beside = letters(seed, n, alone) if n else (np.zeros(0), np.zeros(0), (1.0, 1.0))
    value = poisson_tables.overlap(p, q, n, beside, m, order, *room(n, m))
    hockey = enumeration.hockey_sticks(*(v[None] for v in whole(p, q, beside)), m, order)[0]
    assert 1 - max(1 - order, 0.0) - value == pytest.approx(hockey, abs=1e-14)


@pytest.mark.parametrize("n", [1, 2, 3])
@pytest.mark.parametrize("m", [3, 40, 150, 600])
def test_the_overlap_is_that_of_exact_fractions(n, m):
    if n == 3 and m > 150:
        m = 200
    p, q, beside = letters(m + n, n, True)
    value = 1 - poisson_tables.overlap(p, q, n, beside, m, 1.0, *room(n, m))
    assert value == pytest.approx(float(oracles.total_variation(*whole(p, q, beside), m)), abs=3e-14)


@given(seed=st.integers(0, 10**6), n=st.integers(1, 4), m=st.integers(1, 12), alone=st.booleans())
def test_the_jensen_shannon_divergence_is_the_sum_over_types(seed, n, m, alone):
    p, q, beside = letters(seed, n, alone)
    value = poisson_tables.jensen_shannon(p, q, n, beside, m, *room(n, m))
    expected = enumeration.jensen_shannons(*(v[None] for v in whole(p, q, beside)), m)[0]
    assert value == pytest.approx(expected, abs=1e-14)


@pytest.mark.parametrize(("n", "m"), [(2, 601), (3, 700), (4, 60)])
@pytest.mark.parametrize("order", [0.5, 1.0, 2.0])
def test_many_samples_go_another_way_to_the_same_overlap(n, m, order):
    p, q, beside = letters(7, n, True)
    value = poisson_tables._overlap_of_many_samples(p, q, n, beside, m, order)
    hockey = enumeration.hockey_sticks(*(v[None] for v in whole(p, q, beside)), m, order)[0]
    assert 1 - max(1 - order, 0.0) - value == pytest.approx(hockey, abs=1e-12)
    if m > poisson_tables.MOST_SAMPLES:
        assert poisson_tables.overlap(p, q, n, beside, m, order, *room(n, m)) == value


@pytest.mark.parametrize("n", [2, 3, 4])
def test_the_kernels_are_the_python_that_is_written(n):
    """Compiled and interpreted, the recurrence gives one number."""
    p, q, beside = letters(3, n, True)
    plain = getattr(poisson_tables.overlap, "py_func", poisson_tables.overlap)
    compiled = poisson_tables.overlap(p, q, n, beside, 7, 1.0, *room(n, 7))
    assert plain(p, q, n, beside, 7, 1.0, *room(n, 7)) == pytest.approx(compiled, rel=1e-15, abs=0)
