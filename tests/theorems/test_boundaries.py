"""Boundaries as arrays: raised, cut and hulled many at once, they are what the algebra of Region makes."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.theorems import boundaries

seeds = st.integers(0, 10**6)


def random_region(rng, letters: int = 4) -> mc.Region:
    p, q = rng.dirichlet(np.ones(letters), 2)
    p[rng.random(letters) < 0.15] = 0
    return mc.Region.from_pmfs(p / p.sum() if p.sum() else np.ones(letters) / letters, q)


def row(x: float, y: float):
    return boundaries.corner(Fraction(x), Fraction(y))


@given(seed=seeds)
@examples(60)
def test_a_region_and_its_boundary_are_the_same(seed):
    region = random_region(np.random.default_rng(seed))
    boundary = boundaries.of_region(region)
    assert boundaries.region(boundary) == region
    np.testing.assert_allclose(boundary[:, 0] + boundary[:, 2], 1, atol=1e-15)
    np.testing.assert_allclose(boundary[:, 1] + boundary[:, 3], 1, atol=1e-15)
    assert boundaries.region(boundaries.mirror(boundary)) == region.mirror()


@given(seed=seeds)
@examples(60)
def test_a_boundary_raised_is_the_join_with_a_triangle(seed):
    rng = np.random.default_rng(seed)
    region = random_region(rng)
    x = np.append(rng.random(6), [0.0, 1.0])
    y = x + rng.random(8) * (1 - x)
    raised = boundaries.raised(
        boundaries.of_region(region), np.array([row(*point) for point in zip(x, y, strict=True)])
    )
    for boundary, point in zip(raised, zip(x, y, strict=True), strict=True):
        triangle = mc.Region.from_vertices([(0, 0), point, (1, 1)])
        assert boundaries.region(boundary) == region | triangle


@given(seed=seeds)
@examples(60)
def test_a_boundary_cut_is_the_meet_with_a_half_plane(seed):
    rng = np.random.default_rng(seed)
    region = random_region(rng, 5)
    u, slope = rng.uniform(0.1, 0.9, 2), np.exp(rng.normal(size=(7, 2)))
    w = u + rng.random(2) * (1 - u)
    points = np.array([row(*point) for point in zip(u, w, strict=True)])
    slope = np.clip(slope, (1 - w) / (1 - u), w / u)
    cut = boundaries.below_lines(boundaries.of_region(region), points, slope - 1)
    for boundary, slopes in zip(cut, slope, strict=True):
        expected = region
        for x, y, s in zip(u, w, slopes, strict=True):
            start, end = max(y - s * x, 0.0), min(x + (1 - y) / s, 1.0)
            half_plane = mc.Region.from_pmfs([start, 1 - start, 0], [0, end, 1 - end])
            expected = expected & half_plane
        assert boundaries.region(boundary) == expected


@given(seed=seeds)
@examples(40)
def test_hulls_of_many_boundaries_are_joins(seed):
    rng = np.random.default_rng(seed)
    regions = [[random_region(rng) for _ in range(3)] for _ in range(4)]
    points = []
    for triple in regions:
        rows = np.vstack([boundaries.of_region(region) for region in triple])
        points.append(np.vstack([rows, *[boundaries.ORIGIN[None]] * (15 - len(rows))]))
    for boundary, (a, b, c) in zip(boundaries.hulls(np.array(points)), regions, strict=True):
        assert boundaries.region(boundary) == (a | b) | c


def test_masses_near_a_corner_keep_their_digits():
    boundary = np.stack(
        [boundaries.ORIGIN, boundaries.corner(1 - Fraction(1, 10**17), Fraction(1)), boundaries.END]
    )
    p, q = boundaries.letters(boundary)
    assert q.tolist() == [1.0, 0.0]  # less than rounding: no letter
    boundary[1] = boundaries.corner(1 - Fraction(1, 10**12), Fraction(1))
    p, q = boundaries.letters(boundary)
    assert q[1] == pytest.approx(1e-12, rel=1e-14)
    assert p[1] == 0
