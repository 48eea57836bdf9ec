"""Theory §§3 and 5 in exact fractions: what bounds a class, and what no pair attains."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from math import prod

import numpy as np
import pytest
from effort import examples
from hypothesis import assume, given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse.theorems import families, paper

HALF = Fraction(1, 2)
fractions = st.fractions(Fraction(1, 20), Fraction(19, 20), max_denominator=20)
degrees = st.integers(2, 3)


@st.composite
def exact_pairs(draw, least=1, most=4):
    """Two pmfs of small integers over their sum; zeros and ties are likely."""
    letters = draw(st.integers(least, most))
    masses = st.lists(st.integers(0, 6), min_size=letters, max_size=letters).filter(any)
    return tuple([Fraction(mass, sum(row)) for mass in row] for row in (draw(masses), draw(masses)))


def distance(p, q):
    return sum((abs(a - b) for a, b in zip(p, q, strict=True)), Fraction(0)) / 2


def packed(pairs):
    """d_TV of the products of several pairs, by the definition."""
    p, q = ([prod(masses) for masses in product(*rows)] for rows in zip(*pairs, strict=True))
    return distance(p, q)


def hockey_stick(p, q, order):
    return sum((max(a - order * b, Fraction(0)) for a, b in zip(p, q, strict=True)), Fraction(0))


def corners(p, q):
    """The boundary from (0, 0) to (1, 1), steepest letters first."""
    letters = sorted(zip(q, p, strict=True), key=lambda letter: -_slope(*letter))
    points = [(Fraction(0), Fraction(0))]
    for dx, dy in letters:
        points.append((points[-1][0] + dx, points[-1][1] + dy))
    return points


def _slope(dx, dy):
    return float("inf") if dx == 0 and dy > 0 else dy / dx if dx else Fraction(0)


def boundary(points, x):
    """g(x) = sup of P-masses at Q-mass x."""
    heights = [y for at, y in points if at == x]
    for (x1, y1), (x2, y2) in pairwise(points):
        if x1 < x < x2:
            heights.append(y1 + (y2 - y1) * (x - x1) / (x2 - x1))
    return max(heights)


def support_slope(points, x):
    """The slope of a support line of the boundary at x, 0 < x < 1."""
    return next((y2 - y1) / (x2 - x1) for (x1, y1), (x2, y2) in pairwise(points) if x1 < x <= x2)


def tangent_points(points, tau):
    touching = [x for x, y in points if y == x + tau]
    return min(touching), max(touching)


# -- The greatest value at τ -------------------------------------------------------------------------------


@given(exact_pairs(), degrees)
@examples(300)
def test_the_greatest_packed_distance_is_reached_only_where_a_wall_has_the_height_tau(pair, m):
    p, q = pair
    tau, points = distance(p, q), corners(p, q)
    greatest = 1 - (1 - tau) ** m
    value = packed([pair] * m)
    assert value <= greatest
    assert (value == greatest) == (boundary(points, 0) == tau or boundary(points, 1 - tau) == 1)


# -- Middle tangent points: hexagons -----------------------------------------------------------------------


@st.composite
def allowed(draw, side=False):
    """A pair with neither collapse nor augmentation and with tangent points where asked; its τ, d and u."""
    p, q = draw(exact_pairs(3, 5))
    tau, points = distance(p, q), corners(p, q)
    assume(0 < tau < 1)
    first, last = tangent_points(points, tau)
    if side and last >= 1 - tau - last:  # nearer to the other end: mirror the pair
        p, q, first, last = q, p, 1 - tau - last, 1 - tau - first
        points = corners(p, q)
    centre = (1 - tau) / 2
    assume(last < centre if side else first > 0)
    u = last + (centre - last) * draw(fractions) if side else first * draw(fractions)
    excess = boundary(points, u) - u
    d = excess + (tau - excess) * draw(fractions)
    v = 1 - d - u
    assume(u <= v if side else last < v)
    assume(boundary(points, u) < u + d and boundary(points, v) < v + d)
    return (p, q), tau, d, u


def hexagon(alpha, beta, tau, d, u):
    """The hexagon of (16) and (17), in fractions."""
    a, b = ((x * d - u * tau) / (x - u) for x in (alpha, beta))
    middle = 1 - tau - alpha - beta
    return [a, alpha + tau - a, middle, beta, Fraction(0)], [Fraction(0), alpha, middle, beta + tau - b, b]


@given(allowed(), degrees)
@examples(100)
def test_a_hexagon_from_raised_support_lines_is_larger_and_further_apart(case, m):
    pair, tau, d, u = case
    mirrored = pair[1], pair[0]
    slopes = [support_slope(corners(*each), u) for each in (pair, mirrored)]
    alpha, beta = (u + (tau - d) / (slope - 1) for slope in slopes)
    least = u * tau / d
    assert min(slopes) > 1
    assert alpha > least
    assert beta > least
    assert alpha + beta <= 1 - tau
    around = hexagon(alpha, beta, tau, d, u)
    outer = corners(*around)
    assert all(y <= boundary(outer, x) for x, y in corners(*pair))
    for slope, (inside, outside) in zip(
        slopes, ((pair, around), (mirrored, around[::-1])), strict=True
    ):  # strictly lower support lines, from the slope of the first edge on
        for order in (slope, slope + HALF, 3 * slope):
            assert hockey_stick(*inside, order) < hockey_stick(*outside, order)
    assert packed([pair] * m) <= packed([pair] + [around] * (m - 1)) < packed([around] * m)


@given(fractions, fractions, fractions, fractions, fractions)
@examples(200)
def test_every_hexagon_is_a_limit_of_allowed_regions(u, d, tau, alpha, lower):
    u, d = u / 2, d / 2
    tau = d + (d / (2 * u + d) - d) * tau
    lower = d * (1 - lower / 10**4)
    least = u * tau / lower
    assume(u <= 1 - d - u and 2 * least < 1 - tau)
    alpha = least + (1 - tau - 2 * least) * alpha
    for beta in (1 - tau - alpha, least, HALF * (least + 1 - tau - alpha)):
        points = corners(*hexagon(alpha, beta, tau, lower, u))
        assert boundary(points, u) == u + lower < u + d
        assert boundary(points, 1 - d - u) < 1 - u
        assert max(y - x for x, y in points) == tau


@given(fractions, fractions, fractions, fractions, fractions)
@examples(100)
def test_the_formula_for_two_samples(u, d, tau, alpha, beta):
    u, d = u / 2, d / 2
    tau = d + (d / (2 * u + d) - d) * tau
    least = u * tau / d
    assume(tau > d / (1 - u) and 2 * u + d < 1)
    room = 1 - tau - 2 * least
    alpha, beta = least + room * alpha, least + room * (1 - alpha) * beta
    value = packed([hexagon(alpha, beta, tau, d, u)] * 2)
    assert 1 - value == (1 - tau) ** 2 + 2 * alpha * beta * (tau - d) / (max(alpha, beta) - u)
    far = 1 - tau - least
    greatest = 1 - (1 - tau) ** 2 - 2 * (tau - d) * least * far / (far - u)
    assert value < greatest
    assert packed([hexagon(least, far, tau, d, u)] * 2) == greatest


def test_the_formula_for_two_samples_is_the_searched_maximum():
    u, d, tau = 0.05, 0.05, 0.11
    least = u * tau / d
    far = 1 - tau - least
    greatest = 1 - (1 - tau) ** 2 - 2 * (tau - d) * least * far / (far - u)
    assert paper.U1(0.05, 0.1, tau, 2).value == pytest.approx(greatest, abs=2e-9)


# -- Side tangent points -----------------------------------------------------------------------------------


@given(allowed(side=True))
@examples(200)
def test_a_region_with_tangent_points_beside_lies_in_a_member_of_the_family(case):
    (p, q), tau, d, u = case
    points = corners(p, q)
    _, last = tangent_points(points, tau)
    slope = support_slope(points, u)
    x = u - (tau - d) / (1 - slope)
    assert last < x < 1 - tau * (1 - u) / d
    assert slope == 1 - (tau - d) / (u - x)
    assert all(y <= min(at + tau, u + d + slope * (at - u), 1) for at, y in points)
    member = families.region(families.outer_left(float(u), float(u + d), float(x), float(tau)))
    np.testing.assert_allclose(member.boundary(float(u)), float(u + d), rtol=0, atol=1e-12)
    assert mc.Region.from_pmfs([float(a) for a in p], [float(b) for b in q]) <= member
