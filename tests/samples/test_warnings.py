"""Input that is likely a mistake raises a warning; rounding moves no point over a radius."""

from __future__ import annotations

import ml_dtypes
import numpy as np
import pytest

from modecollapse.samples import count_modes, from_centres, from_log_ratios, from_scores, weigh


@pytest.mark.parametrize(
    ("real", "generated", "message"),
    [
        ([1.0] * 10, [1.0] * 10, "all scores are 1: they tell nothing apart"),
        ([0] * 5 + [1] * 5, [0] * 10, "the scores are 0 or 1 only, as labels are"),
    ],
)
def test_scores_that_are_labels_raise_a_warning(real, generated, message):
    with pytest.warns(UserWarning, match=message):
        counts = from_scores(real, generated)
    assert counts.sizes == (10, 10)


def test_few_or_different_scores_raise_none():
    assert from_scores([1.0] * 5, [0.0] * 5).sizes == (5, 5)
    assert from_scores(np.arange(3.0).repeat(10), [0.0] * 10).sizes == (30, 10)


def test_equal_centres_raise_a_warning():
    centres = [[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [1.0, 1.0]]
    with pytest.warns(UserWarning, match="centres 1 and 3 are equal"):
        counts = count_modes([[1.0, 1.0], [0.0, 0.0]], centres, 0.1)
    assert counts.tolist() == [1, 1, 0, 0, 0]
    with pytest.warns(UserWarning, match="centres 1 and 3 are equal"):
        from_centres([[1.0, 1.0]], [[0.0, 0.0]], centres, 0.1)


@pytest.mark.parametrize("dtype", [np.float32, np.float16, ml_dtypes.bfloat16])
def test_points_of_narrow_floats_at_the_radius_count(dtype):
    angles = np.linspace(0, 2 * np.pi, 200)
    centre = np.array([[100.0, -3.0]])
    at_radius = (centre + 0.3 * np.column_stack([np.cos(angles), np.sin(angles)])).astype(dtype)
    distances = np.linalg.norm(at_radius.astype(float) - centre, axis=1)
    assert (distances > 0.3).any()  # rounding has moved some outwards
    assert count_modes(at_radius, centre, 0.3).tolist() == [200, 0]
    # the same numbers as float64 are what they are
    assert count_modes(at_radius.astype(float), centre, 0.3)[0] == (distances <= 0.3).sum()
    # and a point that is clearly outside does not count
    assert count_modes(np.array([[101.0, -3.0]], dtype=dtype), centre, 0.3).tolist() == [0, 1]


def test_generated_samples_alone_are_told_to_be_blind():
    rng = np.random.default_rng(0)
    made = np.zeros(1000)  # one of two equal modes, made perfectly: p/q = 1/2 everywhere
    alone = weigh(made)
    assert alone.effective_size == pytest.approx(1000)
    assert "blind to what the generator never makes" in str(alone)
    both = from_log_ratios(np.where(rng.random(1000) < 0.5, 0.0, np.inf), made)
    assert both.confidence_band().inner.total_variation > 0.4  # the truth is 0.5
    ratios = rng.normal(size=50)
    weights = np.exp(ratios)
    assert weigh(ratios).effective_size == pytest.approx(weights.sum() ** 2 / (weights**2).sum())
    assert weigh(ratios + 700).effective_size == pytest.approx(weigh(ratios).effective_size)
    assert weigh(ratios).effective_size == pytest.approx(from_log_ratios([0.0], ratios).effective_sample_size)
    assert weigh([-np.inf, -np.inf]) == (2, 0.0)
    with pytest.raises(ValueError, match="log_ratios: the log ratio inf at row 1 means q = 0"):
        weigh([0.0, np.inf])
