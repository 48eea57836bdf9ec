"""Pairs of pmfs to draw from, awkward ones preferred."""

from __future__ import annotations

import numpy as np
from hypothesis import strategies as st

Pmf = list[float]
Pair = tuple[Pmf, Pmf]

LEAST = 1e-30
"""Distances are exact to this at least: two pmfs may differ in nothing but how their sums were rounded."""


def normalised(weights) -> Pmf:
    """Weights over their sum, as plain floats."""
    weights = np.asarray(weights, dtype=float)
    return (weights / weights.sum()).tolist()


def tilted(p, exponents) -> Pmf:
    """The pmf with likelihood ratios e^exponent to p."""
    return normalised(np.asarray(p) * np.exp(exponents))


small_counts = st.integers(0, 6).map(float)  # zeros and ties are likely
spread_masses = st.floats(-9, 0).map(lambda exponent: 10.0**exponent)


def pmfs(letters: int, masses=small_counts | spread_masses):
    """pmfs on a given number of letters."""
    return st.lists(masses, min_size=letters, max_size=letters).filter(any).map(normalised)


@st.composite
def near_pairs(draw, letters: int) -> Pair:
    """Two pmfs without zeros that differ by as little as 1e-12."""
    p = draw(pmfs(letters, st.floats(0.05, 1)))
    size = 10.0 ** draw(st.integers(-12, -1))
    exponents = draw(st.lists(st.floats(-1, 1), min_size=letters, max_size=letters))
    return p, tilted(p, size * np.array(exponents))


@st.composite
def pairs(draw, least: int = 1, most: int = 5) -> Pair:
    """Two pmfs on the same letters: zeros, ties, tiny masses, near pairs."""
    letters = draw(st.integers(least, most))
    return draw(st.tuples(pmfs(letters), pmfs(letters)) | near_pairs(letters))


@st.composite
def channels(draw, rows: int, most: int = 5) -> np.ndarray:
    """A row-stochastic matrix with the given number of rows."""
    columns = draw(st.integers(1, most))
    return np.array([draw(pmfs(columns)) for _ in range(rows)])
