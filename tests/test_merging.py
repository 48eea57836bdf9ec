"""Merging and splitting of discrete laws, against sums of exact fractions."""

from __future__ import annotations

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse import Region
from modecollapse.merging import merge_pmf, split_pmf


@st.composite
def laws(draw):
    """A target and a joint law of l points, as fractions with a common denominator."""
    letters, degree = draw(st.integers(1, 3)), draw(st.integers(1, 3))

    def fractions(size):
        counts = draw(st.lists(st.integers(0, 5), min_size=size, max_size=size).filter(any))
        return [Fraction(count, sum(counts)) for count in counts]

    target = fractions(letters)
    words = list(product(range(letters), repeat=degree))
    return target, degree, dict(zip(words, fractions(len(words)), strict=True))


def total_variation(p, q):
    return sum(abs(a - b) for a, b in zip(p, q, strict=True)) / 2


def exact_split(letters, degree, joint):
    return [
        sum(mass * Fraction(word.count(letter), degree) for word, mass in joint.items())
        for letter in range(letters)
    ]


def exact_power(target, joint):
    masses = []
    for word in joint:
        mass = Fraction(1)
        for letter in word:
            mass *= target[letter]
        masses.append(mass)
    return masses


def as_array(letters, degree, joint):
    return np.array([float(mass) for mass in joint.values()]).reshape((letters,) * degree)


@given(laws())
def test_split_is_the_law_of_a_random_place(drawn):
    target, degree, joint = drawn
    mean = split_pmf(as_array(len(target), degree, joint))
    assert mean == pytest.approx([float(mass) for mass in exact_split(len(target), degree, joint)], abs=1e-15)


@given(laws())
def test_merge_is_the_product(drawn):
    target, degree, joint = drawn
    joint_law = merge_pmf([float(mass) for mass in target], degree)
    assert joint_law.ravel() == pytest.approx([float(mass) for mass in exact_power(target, joint)], abs=1e-15)


@given(laws())
def test_splitting_never_adds_total_variation(drawn):
    """d_TV(P, split Q) ≤ d_TV(P^l, Q), in fractions, without tolerance."""
    target, degree, joint = drawn
    split = exact_split(len(target), degree, joint)
    assert total_variation(target, split) <= total_variation(exact_power(target, joint), joint.values())


@given(laws())
def test_splitting_is_a_garbling(drawn):
    target, degree, joint = drawn
    p = [float(mass) for mass in target]
    q = as_array(len(target), degree, joint)
    whole = Region.from_pmfs(merge_pmf(p, degree).ravel(), q.ravel())
    points = np.linspace(0, 1, 41)
    split = Region.from_pmfs(p, split_pmf(q))
    assert (split.boundary(points) <= whole.boundary(points) + 1e-12).all()


@given(st.integers(2, 5))
def test_every_place_collapses_and_the_split_law_does_not(modes):
    """Place i always shows mode i: each place misses all modes but one, split Q is the target."""
    target = np.full(modes, 1 / modes)
    joint = np.zeros((modes,) * modes)
    joint[tuple(range(modes))] = 1
    for place in range(modes):
        marginal = joint.sum(axis=tuple(axis for axis in range(modes) if axis != place))
        assert Region.from_pmfs(target, marginal).boundary(0) == pytest.approx(1 - 1 / modes)
    assert split_pmf(joint) == pytest.approx(target)
    assert Region.from_pmfs(target, split_pmf(joint)).total_variation == pytest.approx(0, abs=1e-15)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=4).filter(any), st.integers(1, 4))
def test_split_undoes_merge(counts, degree):
    law = np.array(counts) / sum(counts)
    assert split_pmf(merge_pmf(law, degree)) == pytest.approx(law, abs=1e-14)


@pytest.mark.parametrize("joint", [np.full((2, 3), 1 / 6), 0.5, [[0.5, 0.5], [0.5, 0.5]], [[1.5, -0.5]] * 2])
def test_what_is_no_joint_law_is_refused(joint):
    with pytest.raises(ValueError, match="joint"):
        split_pmf(joint)


@pytest.mark.parametrize("degree", [0, 1.5, -1])
def test_degrees_are_whole(degree):
    with pytest.raises(ValueError, match="integer"):
        merge_pmf([0.5, 0.5], degree)


@pytest.mark.parametrize(("letters", "degree"), [(1, 33), (2, 27), (10, 9), (3, 10**6)])
def test_joint_laws_that_are_too_large_are_refused(letters, degree):
    with pytest.raises(
        ValueError, match=rf"100000000 entries and 32 axes .* got {degree} for {letters} letters"
    ):
        merge_pmf(np.full(letters, 1 / letters), degree)


def test_one_letter_is_merged_as_often_as_axes_allow():
    assert merge_pmf([1], 32).shape == (1,) * 32
