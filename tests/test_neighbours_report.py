"""The comparison with other packages: what needs no other package than scikit-learn is equal here too."""

from __future__ import annotations

import numpy as np
import pytest

from tests.benchmarks import neighbours


@pytest.mark.parametrize(
    "difference",
    [neighbours.precision_and_recall, neighbours.sklearn_precision, neighbours.area_under_roc],
)
def test_what_is_said_to_be_equal_is(difference):
    row = neighbours.compared("", "", "", difference)
    assert max(abs(row.least), abs(row.greatest)) < neighbours.EQUAL


def test_scikit_learns_corners_are_compared():
    sizes = [len(neighbours.sklearn_precision(p, q)) for p, q in neighbours.random_pairs()]
    assert min(sizes) >= 5


def test_points_of_a_curve_miss_its_peak():
    row = neighbours.compared("", "", "", neighbours.f_scores)
    assert -1e-2 < row.least < row.greatest <= neighbours.EQUAL


def test_the_hull_is_above_any_score():
    assert neighbours.compared("", "", "", neighbours.area_of_a_poor_score).greatest <= neighbours.EQUAL


def test_pairs_are_pmfs_and_some_lack_letters():
    pairs = list(neighbours.random_pairs())
    assert np.array(pairs).sum(axis=-1) == pytest.approx(1)
    assert {int((p == 0).sum()) for p, _ in pairs} == {0, 1, 2}
    assert {int((q == 0).sum()) for _, q in pairs} == {0, 1, 2, 3}


@pytest.mark.parametrize(
    ("difference", "text"), [(1e-14, "0"), (-1e-14, "0"), (0.0123, "+0.01"), (-3e-7, "−3e-7")]
)
def test_differences_are_shown_to_one_digit(difference, text):
    assert neighbours.size(difference) == text
