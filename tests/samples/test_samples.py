"""From samples to regions: what is counted, what is guaranteed, what is refused; and the diagnosis."""

from __future__ import annotations

import json
import math
from decimal import Decimal
from fractions import Fraction

import mpmath
import numpy as np
import oracles
import pandas
import pytest
from hypothesis import given
from hypothesis import strategies as st

import modecollapse as mc
from modecollapse import Region
from modecollapse.samples import (
    ModeCounts,
    certify,
    count_modes,
    cross_fit,
    diagnose,
    fit_centres,
    from_centres,
    from_counts,
    from_features,
    from_groups,
    from_labels,
    from_log_ratios,
    from_scores,
)
from modecollapse.samples.confidence import largest_proportion
from modecollapse.samples.diagnosis import doubling_degree
from modecollapse.strategies import garblings, pairs

count_lists = st.integers(1, 6).flatmap(
    lambda k: st.tuples(*[st.lists(st.integers(0, 9), min_size=k, max_size=k).filter(any)] * 2)
)
score_lists = st.lists(st.integers(-3, 3) | st.just(math.inf) | st.just(-math.inf), min_size=1, max_size=12)


# -- counts ---------------------------------------------------------------------------------------------


@given(count_lists)
def test_the_region_of_counts_is_that_of_the_shares(lists):
    real, generated = lists
    region = from_counts(real, generated).region
    shares = [[Fraction(n, sum(counts)) for n in counts] for counts in lists]
    points = oracles.subset_points(*shares)
    for x in (0, 0.1, 0.5, 0.9):
        assert region.boundary(x) == pytest.approx(float(oracles.hull_height(points, Fraction(x))), abs=1e-12)


def test_huge_counts_keep_their_difference():
    size = 10**12
    region = from_counts([size, size], [size + 1000, size - 1000]).region
    assert region.total_variation == pytest.approx(0.5e-9, rel=1e-6)


def test_counts_are_read_only_and_their_sizes_exact():
    counts = from_counts([2**52, 1], [3.0, 4.0])
    assert counts.sizes == (2**52 + 1, 7)
    for array in (counts.real, counts.generated):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1


def test_counting_does_not_hold_on_to_the_arrays_given():
    mine = np.array([1, 2])
    counts = from_counts(mine, mine)
    mine[0] = 5
    assert counts.real.tolist() == [1, 2]


def test_labels_of_any_kind_are_the_same_modes():
    counts = from_labels([3, 3, 10, 9], np.array(["10", "3", "11"]))
    assert counts.names == ("3", "9", "10", "11")
    assert counts.real.tolist() == [2, 1, 1, 0]
    assert counts.generated.tolist() == [1, 0, 1, 1]
    floats = from_labels(np.array([3.0, 3.0, 10.0, 9.0]), (np.int8(10), Decimal("3.0"), 11.0))
    assert floats.names == counts.names
    assert floats.generated.tolist() == counts.generated.tolist()


@pytest.mark.parametrize("label", [Decimal("3.5"), Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity")])
def test_decimals_that_are_no_integers_are_no_labels(label):
    with pytest.raises(ValueError, match="1 of 2 rows are neither strings nor integers"):
        from_labels([3, label], [3])


def test_labels_that_are_no_modes_go_off_mode():
    counts = from_labels(["cat", "dog", "gnu"], ["dog", "eel", "emu"], modes=["dog", "cat", "owl"])
    assert counts.names == ("dog", "cat", "owl", "off mode")
    assert counts.real.tolist() == [1, 1, 0, 1]
    assert counts.generated.tolist() == [1, 0, 0, 2]


def test_answers_have_a_known_target():
    """Name one of 24: uniform answers are right. The five names used are all but one answer in a hundred."""
    names = [f"name {i}" for i in range(24)]
    answers = np.repeat([*names[:5], "nobody"], [70, 10, 8, 6, 5, 1])
    counts = from_labels(target=dict.fromkeys(names, 1 / 24), generated=answers)
    assert counts.names == (*names, "off mode")
    assert counts.generated.tolist() == [70, 10, 8, 6, 5, *[0] * 19, 1]
    assert counts.target[-1] == 0
    lower, upper = counts.confidence_band().divergence("tv")
    assert 0.68 < lower < counts.region.total_variation < upper
    with pytest.raises(ValueError, match="target must sum to 1"):
        from_labels(target={"a": 0.5}, generated=["a"])
    with pytest.raises(ValueError, match="give real labels or a target"):
        from_labels(["a"], ["a"], target={"a": 1.0})


def test_a_hundred_answers_name_five_of_24():
    """A language model that was asked to name any one of 24 names used five of them."""
    names, tally = [f"name {i}" for i in range(24)], [70, 10, 8, 6, 6]
    target = dict.fromkeys(names, 1 / 24)
    answers = [name for name, times in zip(names, tally, strict=False) for _ in range(times)]
    counts = from_labels(target=target, generated=answers)
    assert counts.region.total_variation == pytest.approx(float(Fraction(19, 24)), abs=1e-15)

    # of the 19 names that were never used, fixed beforehand: (1 − q)^100 = .05
    share = float(1 - mpmath.mpf("0.05") ** (mpmath.mpf(1) / 100))
    assert share == pytest.approx(0.0295, abs=5e-5)
    assert largest_proportion(0, 100, 0.05) == pytest.approx(share, rel=1e-12)

    # one who knows these names beforehand certifies 19/24 − share
    lower, upper = diagnose(counts).tv_interval
    assert 0.69 < lower < 19 / 24 - share
    assert 19 / 24 < upper < 0.9
    assert certify(counts, 0.1, 0.75).certain
    # even to one who knows them they may get the share: the hull of (share, 19/24) is .27 at ε = .01
    assert not certify(counts, 0.01, 0.75).certain

    # answers of twenty calls that repeat themselves say less
    calls = [i // 5 for i in range(100)]
    by_call = from_groups(target=target, generated=answers, generated_groups=calls)
    wider = diagnose(by_call).tv_interval
    assert by_call.sizes == (None, 20)
    assert wider.lower < lower - 0.3
    assert wider.upper > upper


def test_bands_of_a_hundred_answers_hold_and_are_tight():
    rng, pmf = np.random.default_rng(5), np.append([0.7, 0.1, 0.08, 0.06, 0.06], np.zeros(19))
    target = [1 / 24] * 24
    truth = Region.from_pmfs(target, pmf)
    bands = [
        from_counts(target=target, generated=rng.multinomial(100, pmf)).confidence_band(seed=seed)
        for seed in range(100)
    ]
    assert np.mean([band.inner <= truth <= band.outer for band in bands]) >= 0.95
    lower, upper = np.mean([[*band.divergence("tv")] for band in bands], axis=0)
    assert lower > truth.total_variation - 0.1
    assert upper < truth.total_variation + 0.1


@given(
    st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=20),
    st.lists(st.tuples(st.integers(-4, 4), st.integers(-4, 4)), min_size=1, max_size=6, unique=True),
    st.sampled_from([0, 1, 2.5, math.inf]),
)
def test_modes_are_counted_as_by_hand(samples, centres, radius):
    counted = count_modes(samples, centres, radius)
    hits = dict.fromkeys(range(len(centres)), 0)
    ties = 0
    for point in samples:
        distances = [math.dist(point, centre) for centre in centres]
        nearest = [i for i, d in enumerate(distances) if d == min(distances)]
        if min(distances) <= radius:
            if len(nearest) > 1:
                ties += 1  # any of the nearest may have it
            else:
                hits[nearest[0]] += 1
    assert counted.sum() == len(samples)
    assert all(counted[i] >= hit for i, hit in hits.items())
    assert counted[:-1].sum() == sum(hits.values()) + ties


def test_batches_of_samples_add_up():
    points = np.random.default_rng(0).normal(size=(1000, 2))
    centres = [[0, 0], [1, 1]]
    whole = count_modes(points, centres, 0.5)
    assert (count_modes(points[:300], centres, 0.5) + count_modes(points[300:], centres, 0.5) == whole).all()


def test_points_on_a_line_may_be_plain_numbers():
    counts = from_centres([0, 1, 1, 7], [1.05, 2], centres=[0, 1], radius=0.1, names=["zero", "one"])
    assert counts.names == ("zero", "one", "off mode")
    assert counts.real.tolist() == [1, 2, 1]
    assert counts.generated.tolist() == [0, 1, 1]


# -- scores ---------------------------------------------------------------------------------------------


def all_thresholds(real, generated):
    """(FPR, TPR) at every threshold, exactly."""
    points = [(Fraction(0), Fraction(0)), (Fraction(1), Fraction(1))]
    for t in sorted({*real, *generated}):
        shares = [Fraction(sum(s >= t for s in scores), len(scores)) for scores in (generated, real)]
        points.append((shares[0], shares[1]))
    return points


@given(score_lists, score_lists)
def test_the_region_of_scores_is_the_hull_of_all_thresholds(real, generated):
    region = from_scores(real, generated).region
    points = all_thresholds(real, generated)
    for x in (0, 0.1, 0.25, 0.5, 0.9):
        exact = float(oracles.hull_height(points, Fraction(x)))
        assert region.boundary(x) == pytest.approx(exact, abs=1e-12)


def test_the_region_of_scores_is_the_hull_of_sklearns_curve():
    metrics = pytest.importorskip("sklearn.metrics")
    rng = np.random.default_rng(0)
    real, generated = rng.normal(1, 1, 200).round(1), rng.normal(0, 1, 300).round(1)
    fpr, tpr, _ = metrics.roc_curve(np.repeat([1, 0], [200, 300]), np.concatenate([real, generated]))
    region = from_scores(real, generated).region
    corners = region.vertices
    assert (region.boundary(fpr) >= tpr - 1e-12).all()
    on_curve = {(round(x, 9), round(y, 9)) for x, y in zip(fpr, tpr, strict=True)}
    assert all((round(x, 9), round(y, 9)) in on_curve for x, y in corners.tolist())


def test_only_the_order_of_scores_matters():
    rng = np.random.default_rng(1)
    real, generated = rng.normal(1, 1, 50), rng.normal(0, 1, 50)
    assert from_scores(real, generated).region == from_scores(np.exp(real), np.exp(generated)).region


def grid_of_a_flow(rng, size):
    """Log ratios of a lumpy target and a smooth model on a grid of 25 places, at samples of each."""
    p = np.exp(rng.normal(0, 1, 25))
    p, q = p / p.sum(), np.full(25, 0.04)
    log_ratio = np.log(p / q) + 3.0  # the target lacks its constant
    places = rng.choice(25, size, p=p), rng.choice(25, size, p=q)
    return Region.from_pmfs(p, q), [log_ratio[place] for place in places]


def test_log_ratios_bound_the_pair_itself_on_both_sides():
    covered, widths = [], []
    for seed in range(60):
        truth, ratios = grid_of_a_flow(np.random.default_rng(seed), 2000)
        band = from_log_ratios(*ratios).confidence_band(0.8)
        covered.append(band.inner <= truth <= band.outer)
        widths.append(band.width)
    assert np.mean(covered) >= 0.8 - 3 * math.sqrt(0.8 * 0.2 / 60)
    assert np.mean(widths) < 0.065  # Massart's radius of .043 in each coordinate, on both sides


@pytest.mark.parametrize(
    ("real", "generated", "expected"),
    [
        ([0.0], [-math.inf, -math.inf], 0.0),  # no weight at all
        ([1000.0, 0.0], [0.0, 0.0], 2.0),  # e^1000 belongs to real samples alone
        ([0.0], [1000.0, 1000.0, -1000.0], 2.0),
    ],
)
def test_weights_at_the_ends_of_floats_count(real, generated, expected):
    assert from_log_ratios(real, generated).effective_sample_size == expected


def test_the_effective_sample_size_is_that_of_the_weights():
    ratios = np.array([0.5, -1.0, 2.0, 0.5])
    weights = np.exp(ratios)
    expected = weights.sum() ** 2 / (weights**2).sum()
    for shift in (0.0, 800.0):
        assert from_log_ratios([9.0], ratios + shift).effective_sample_size == pytest.approx(expected)
    assert from_log_ratios([math.inf, 0.0], [0.0, -math.inf]).effective_sample_size == 1
    diagnosis = diagnose(from_log_ratios([0.0, 1.0], [0.0, 1.0]), m=1)
    assert diagnosis.view == "likelihood ratio"
    assert "about the laws themselves" in str(diagnosis)


@pytest.mark.parametrize(
    ("real", "generated", "message"),
    [
        ([0.0, -math.inf], [0.0], "real: the log ratio -inf at row 1 means p = 0"),
        ([0.0], [math.inf], "generated: the log ratio inf at row 0 means q = 0"),
        ([0.0], [math.nan], "generated: 1 of 1 rows are NaN"),
    ],
)
def test_impossible_log_ratios_are_refused(real, generated, message):
    with pytest.raises(ValueError, match=message):
        from_log_ratios(real, generated)


def test_a_score_the_wrong_way_round_certifies_nothing():
    assert from_scores([0.0, 0.1], [0.8, 0.9]).region.total_variation == 0


def test_cross_fitting_never_scores_what_it_was_trained_on():
    real, generated = np.arange(7.0), np.arange(100.0, 111.0)
    seen = []

    def remember(features, labels):
        assert set(features[labels == 1].ravel()) <= set(real)
        assert set(features[labels == 0].ravel()) <= set(generated)
        trained = set(features.ravel())

        def score(rows):
            assert not trained & set(rows.ravel())
            seen.extend(rows.ravel().tolist())
            return rows.ravel()

        return score

    counts = cross_fit(real, generated, remember, folds=3)
    assert counts.sizes == (6, 9)
    assert [fold.sizes for fold in counts.folds] == [(2, 3)] * 3
    assert len(seen) == len(set(seen)) == 15


@pytest.mark.filterwarnings("ignore:the scores are")
def test_cross_fitting_undoes_the_memory_of_a_classifier():
    rng = np.random.default_rng(2)
    real, generated = rng.normal(size=(300, 4)), rng.normal(size=(300, 4))

    def nearest_neighbour(features, labels):
        from scipy.spatial import KDTree

        return lambda rows: labels[KDTree(features).query(rows)[1]]

    pooled = np.vstack([real, generated])
    memory = nearest_neighbour(pooled, np.repeat([1, 0], 300))
    assert from_scores(memory(real), memory(generated)).region.total_variation == 1
    fitted = cross_fit(real, generated, nearest_neighbour)
    assert fitted.region.total_variation < 0.15
    assert fitted.confidence_band().inner.total_variation == 0


# -- the direction of each guarantee --------------------------------------------------------------------


@given(pairs(range(2, 6)).flatmap(lambda pair: st.tuples(st.just(pair), garblings(len(pair[0])))))
def test_what_is_counted_lies_inside_the_region(pair_and_channel):
    (p, q), channel = pair_and_channel
    counted = Region.from_pmfs(np.array(p) @ channel, np.array(q) @ channel)
    assert counted <= Region.from_pmfs(p, q)


@given(pairs(range(2, 7)), st.permutations(range(6)))
def test_the_curve_of_a_score_lies_inside_the_region(pair, ranks):
    scores = [float(ranks[i]) for i in range(len(pair[0]))]
    size = 10**9
    counts = [np.round(np.array(law) * size).astype(int) for law in pair]
    exact = Region.from_pmfs(*[c / c.sum() for c in counts])
    order = np.argsort(scores)[::-1]
    points = np.array([np.cumsum(c[order]) / c.sum() for c in counts[::-1]]).T
    assert all(exact.boundary(x) >= y - 1e-9 for x, y in points.clip(0, 1))


def test_the_likelihood_ratio_is_the_best_score():
    real, generated = np.repeat([0, 1, 2], [5, 3, 2]), np.repeat([0, 1, 2], [1, 4, 5])
    ratio = np.array([5 / 1, 3 / 4, 2 / 5])
    best = from_scores(ratio[real], ratio[generated]).region
    assert best == from_labels(real, generated).region
    assert from_scores(real, generated).region <= best


@pytest.mark.filterwarnings("ignore:the scores are")
def test_modes_can_agree_where_the_laws_differ_wholly():
    centres = np.array([[0.0, 0.0], [5.0, 0.0]])
    real = centres[np.arange(400) % 2] + np.array([0, 0.5])
    generated = centres[np.arange(400) % 2] - np.array([0, 0.5])
    counts = from_centres(real, generated, centres, radius=1)
    assert counts.region.total_variation == 0
    assert (
        counts.confidence_band().outer.total_variation < 0.4
    )  # of the counted pair; the pair itself has distance 1
    by_height = from_scores(real[:, 1], generated[:, 1])
    assert by_height.confidence_band().inner.total_variation > 0.8


# -- cells of features ----------------------------------------------------------------------------------


def test_cells_find_a_dropped_cluster():
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(0)
    centres = np.array([[0, 0], [10, 0], [0, 10], [10, 10]])
    real = centres[rng.integers(4, size=1600)] + rng.normal(size=(1600, 2))
    generated = centres[rng.integers(3, size=1000)] + rng.normal(size=(1000, 2))
    counts = from_features(real, generated, cells=4, seed=1)
    assert counts.sizes == (1350, 750)
    diagnosis = diagnose(counts)
    assert len(diagnosis.missing) == 1
    assert diagnosis.missing[0].is_depleted
    assert diagnosis.tv_interval.lower > 0.1
    again = from_features(real, generated, cells=4, seed=1)
    assert again.real.tolist() == counts.real.tolist()


@pytest.mark.parametrize(
    ("n_real", "n_generated", "share", "fitted"), [(10, 7, 0.3, 2), (7, 10, 0.3, 2), (5000, 900, 0.5, 256)]
)
def test_cells_are_fitted_on_rows_that_are_not_counted(monkeypatch, n_real, n_generated, share, fitted):
    from modecollapse.samples import feature_cells as module

    held_out = []
    monkeypatch.setattr(
        module, "fit_centres", lambda points, cells, seed: held_out.append(points) or points[:cells]
    )
    real, generated = np.arange(n_real), -1.0 - np.arange(n_generated)
    counts = from_features(real, generated, cells=2, seed=0, held_out_share=share)
    assert (held_out[0] >= 0).sum() == (held_out[0] < 0).sum() == fitted
    assert counts.sizes == (n_real - fitted, n_generated - fitted)
    counted = [
        rows[cells.is_counted]
        for rows, cells in ((real, counts.real_rows), (generated, counts.generated_rows))
    ]
    everything = np.concatenate([held_out[0].ravel(), *counted])
    assert sorted(everything) == sorted([*real, *generated])


def test_cells_see_what_only_the_generator_has():
    """Two blobs, and a fifth of the generated samples far from both."""
    pytest.importorskip("sklearn")
    rng = np.random.default_rng(1)
    places = np.array([[0.0, 0.0], [4.0, 0.0], [20.0, 20.0]])
    real = places[rng.choice(2, 4000)] + rng.normal(size=(4000, 2))
    generated = places[rng.choice(3, 4000, p=[0.4, 0.4, 0.2])] + rng.normal(size=(4000, 2))
    for cells in (2, 3):
        diagnosis = diagnose(from_features(real, generated, cells=cells, seed=0), m=1)
        assert "spurious mass" in diagnosis.verdict.words
        assert 0.16 < diagnosis.tv_interval.lower <= 0.2 <= diagnosis.tv_interval.upper
        assert len(diagnosis.verdict.spurious) == 1


def test_centres_are_those_of_clusters():
    pytest.importorskip("sklearn")
    assert sorted(fit_centres([[0.0], [0.2], [5.0], [5.2]], 2, 0).ravel()) == pytest.approx([0.1, 5.1])


# -- what is refused ------------------------------------------------------------------------------------

NAN_ROWS = np.zeros((9, 2))
NAN_ROWS[1:8, 0] = np.nan


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: from_counts([], [1]), "real must be a non-empty list of counts"),
        (lambda: from_counts([1, -2], [1, 1]), "non-negative integers, got -2.0 at index 1"),
        (lambda: from_counts([1, 2.5], [1, 1]), "non-negative integers, got 2.5 at index 1"),
        (lambda: from_counts([0, 0], [1, 1]), "real must count from 1 to"),
        (lambda: from_counts([1, 1], [2**53, 1]), "generated must count from 1 to"),
        (lambda: from_counts([1, math.nan], [1, 1]), "must be finite, got nan"),
        (lambda: from_counts([1, 2], [1, 2, 3]), "the same modes, got 2 and 3"),
        (lambda: from_counts([1, 2], [1, 2], ["a"]), "each of the 2 modes, got 1 names"),
        (lambda: from_counts([1, 2], [1, 2], ["a", "a"]), "'a' more than once"),
        (lambda: from_labels([], ["a"]), "real must be a non-empty list"),
        (lambda: from_labels(["a"], ["b", None, math.nan]), "generated: 2 of 3 rows .*rows 1, 2 "),
        (lambda: from_labels([1.5], [1]), "real: 1 of 1 rows are neither strings nor integers"),
        (
            lambda: from_labels(["a", 1.5], ["a"]),
            r"row 1 \(counted from 0\), the first holds 1.5; write labels as",
        ),
        (lambda: from_labels("abc", ["a"]), "one a sample, got 'abc'"),
        (lambda: from_labels({"a": 1}, ["a"]), "got {'a': 1}; counts go to from_counts"),
        (lambda: from_features(np.zeros((9, 2, 2)), np.zeros((9, 2, 2))), r"real.reshape\(len\(real\), -1\)"),
        (lambda: from_labels([[1], [2]], [1]), "one a sample, got shape"),
        (
            lambda: count_modes([[0, 1], [0]], [[0, 0]], 1),
            "1 of 2 rows do not have 2 entries like the others: row 1 ",
        ),
        (lambda: count_modes([[0, 1], [0, 2], [0]], [[0, 0]], 1), "rows do not have 2 entries.*: row 2 "),
        (lambda: count_modes(NAN_ROWS, [[0, 0]], 1), "7 of 9 rows hold NaN.*rows 1, 2, 3, 4, 5 and 2 more"),
        (lambda: count_modes([["a"]], [[0, 0]], 1), "must be rows of real numbers"),
        (lambda: count_modes(np.empty((0, 2)), [[0, 0]], 1), "at least one number"),
        (lambda: count_modes(np.zeros((1, 1, 1)), [[0, 0]], 1), r"got shape \(1, 1, 1\)"),
        (lambda: count_modes([[0, 0, 0]], [[0, 0]], 1), "got 3 and 2 columns"),
        (lambda: count_modes([[0, 0]], [[0, 0]], -1), "radius must be at least 0, got -1"),
        (lambda: count_modes([[0, 0]], [[0, 0]], math.nan), "radius must be at least 0, got nan"),
        (lambda: count_modes([], [[0, 0]], 1), "at least one number"),
        (lambda: from_scores([], [1]), "real_scores must be a non-empty list"),
        (lambda: from_scores([1], [1, math.nan]), "generated_scores: 1 of 2 rows are NaN: row 1 "),
        (lambda: from_scores(["high"], [1]), "real_scores must be real numbers"),
        (lambda: from_counts([1], [1], ["\ud800"]), r"text that UTF-8 can hold, got '\\ud800'"),
        (lambda: cross_fit([1, 2], [1], None), "folds must be from 2 to 1"),
        (lambda: cross_fit([1, 2], [1, 2], None, folds=1), "folds must be an integer ≥ 2, got 1"),
        (lambda: cross_fit([1, 2], [1, 2], None, folds=3), "from 2 to 2, the smaller sample's size, got 3"),
        (lambda: cross_fit(range(9), range(9), None, folds=2.5), "folds must be an integer ≥ 2, got 2.5"),
        (lambda: cross_fit([1, 2], [1, 2], None, folds=None), "folds must be real numbers, got None"),
        (lambda: cross_fit([1, 2], [1, 2], lambda x, y: lambda rows: [1, 2, 3]), "got 3 for 1 rows"),
        (lambda: cross_fit([1, 2], [1, 2], lambda x, y: lambda rows: [math.nan]), "are NaN"),
        (lambda: fit_centres([[0.0], [0.0]], 2, 0), "cells must be from 1 to the 1 different rows, got 2"),
        (lambda: fit_centres([[0.0], [1.0]], 0, 0), "cells must be an integer ≥ 1, got 0"),
        (lambda: fit_centres([[0.0], [1.0]], 1.5, 0), "cells must be an integer ≥ 1, got 1.5"),
        (lambda: fit_centres([[0.0], [1.0]], "2", 0), "cells must be real numbers, got '2'"),
        (lambda: from_features([[1, 2]] * 4, [1.0], cells=1, seed=0), "real and generated .* got 2 and 1"),
        (lambda: from_features([1.0], [1.0], cells=1, seed=0), "on both sides, got 0.25 of 1 and 1"),
        (
            lambda: diagnose([[0.1], [0.2]]),
            "UnitCounts, ScoreCounts or FoldedScores, got \\[\\[0.1\\], \\[0.2\\]\\]; from_centres",
        ),
        (lambda: diagnose(None), "FoldedScores, got None; from_centres"),
        (lambda: diagnose(from_counts([1], [1]), level=1), "strictly between 0 and 1, got 1.0"),
        (lambda: diagnose(from_counts([1], [1]), m=[0]), "m must be integers"),
        (lambda: diagnose(from_counts([1], [1]), eps=[2]), "eps must lie in"),
        (lambda: from_scores([1], [0]).confidence_band(0), "strictly between 0 and 1, got 0.0"),
    ],
)
def test_bad_input_is_refused_and_quoted(call, message):
    with pytest.raises(ValueError, match=message):
        call()


# -- the diagnosis --------------------------------------------------------------------------------------


def exact_counts(pair, size=10**9):
    """Counts of so many samples that the plug-in is the pair and the band is thin."""
    return from_counts(*[(np.array(law) * size).round().astype(int) for law in pair])


def test_position_tells_collapse_from_none():
    top = diagnose(exact_counts([[0.2, 0.8, 0], [0, 0.8, 0.2]]), m=[2, 3, 5])
    assert [row.position for row in top.packed] == pytest.approx([1, 1, 1], abs=1e-6)
    bottom = diagnose(exact_counts([[0.6, 0.4], [0.4, 0.6]]), m=[2, 4, 6])
    assert [row.position for row in bottom.packed] == pytest.approx([0, 0, 0], abs=1e-6)
    assert all(row.position is None for row in diagnose(exact_counts([[0.6, 0.4], [0.4, 0.6]]), m=1).packed)


@given(count_lists, st.integers(2, 6))
def test_the_diagnosis_agrees_with_the_library(lists, m):
    diagnosis = diagnose(from_counts(*lists), m=m, eps=0.1)
    (row,), (point,), (mirrored,) = diagnosis.packed, diagnosis.collapse, diagnosis.augmentation
    tau = diagnosis.region.total_variation
    assert row.tv == pytest.approx(mc.packed_tv(diagnosis.region, m), abs=5e-6)
    band = mc.tv_band(tau, m)
    assert row.theory == pytest.approx((band.lower, band.upper))
    assert row.theory.lower - 5e-6 <= row.tv <= row.theory.upper + 5e-6
    assert row.interval.lower == pytest.approx(mc.packed_tv(diagnosis.confidence_band.inner, m), abs=1e-5)
    assert row.interval.upper == pytest.approx(mc.packed_tv(diagnosis.confidence_band.outer, m), abs=1e-5)
    assert row.interval.lower <= row.tv + 5e-6
    assert row.tv <= row.interval.upper + 5e-6
    assert (row.position is None) == (row.position_interval is None)
    if row.position is not None:
        assert row.position_interval.lower <= row.position + 1e-4
        assert row.position <= row.position_interval.upper + 1e-4
    # a set with generated mass δ and real mass ε: the complement of a set on the boundary at 1 − δ
    assert diagnosis.region.boundary(max(1 - mirrored.delta, 0.0)) == pytest.approx(0.9, abs=1e-9) or (
        mirrored.delta == 1
    )
    assert mirrored.interval.lower <= mirrored.delta <= mirrored.interval.upper
    assert point.delta == diagnosis.region.boundary(0.1)
    assert point.interval == (
        diagnosis.confidence_band.inner.boundary(0.1),
        diagnosis.confidence_band.outer.boundary(0.1),
    )
    assert str(diagnosis)
    json.dumps(diagnosis.to_dict(), allow_nan=False)


@given(pairs())
def test_the_doubling_degree_is_the_least(pair):
    region = Region.from_pmfs(*pair)
    m, tau = doubling_degree(region), region.total_variation
    if m is None:
        assert tau == 0 or tau >= 0.5
    else:
        assert mc.packed_tv(region, m) >= 2 * tau
        assert m == 2 or mc.packed_tv(region, m - 1) < 2 * tau


def test_modes_are_told_by_name_and_worst_first():
    counts = from_counts([300, 300, 395, 4, 1, 0], [0, 450, 540, 0, 0, 10], ["a", "b", "c", "d", "e", "f"])
    diagnosis = diagnose(counts)
    assert diagnosis.modes[0].name == "a"
    assert [mode.name for mode in diagnosis.missing] == ["a"]  # of “d” and “e” too few are real to tell
    assert [mode.name for mode in diagnosis.modes if mode.is_depleted] == ["a"]
    by_name = {mode.name: mode for mode in diagnosis.modes}
    assert by_name["b"].ratio == pytest.approx(1.5)
    assert by_name["f"].ratio == math.inf
    assert by_name["f"].ratio_interval.upper == math.inf
    real, generated = counts.boxes()
    a = by_name["a"]
    assert a.generated == (0.0, generated.upper[0])
    assert a.ratio_interval == (0.0, generated.upper[0] / real.lower[0])
    assert 0 < a.generated.upper < 0.01
    printed = str(diagnosis)
    assert "missing" in printed
    assert printed.index("\na ") < printed.index("\nb ")
    assert diagnosis.to_dict()["modes"][-1]["ratio_interval"][1] is None


PRINTED = """\
Collapse is certain at (ε, δ) = (0.005, 0.05); mode “ant” is missing.

1000 real, 1000 generated samples. All intervals hold at level 0.95, by the division of seed 0.
The laws may differ by more than upper ends say: those are about the modes only.

d_TV 0.455 [0.37, 0.528]; samples of one law would show 0.0247.
Permutation test of equal laws: p = 0.001.
Precision 0.973 [0.947, 0.987], recall 0.684 [0.614, 0.746] (F-scores 1/8 and 8).
Collapse means a set with real mass 0.05 or more and generated mass 0.005 or less, spurious mass the reverse.

Mode collapse: sets with real mass δ and generated mass ε
ε        δ        interval
0    0.305      [0, 0.367]
0.1  0.505  [0.412, 0.622]

Mode augmentation: sets with generated mass δ and real mass ε
ε        δ        interval
0     0.01     [0, 0.0251]
0.1  0.223  [0.184, 0.285]

Modes, worst first
mode      real  gen.          real share    generated share  ratio        interval
ant        300     0       [0.253, 0.35]       [0, 0.00757]      0     [0, 0.0299]   missing
bee        300   150       [0.253, 0.35]      [0.115, 0.19]    0.5  [0.329, 0.751]  depleted
cat        395   840      [0.345, 0.447]     [0.799, 0.876]   2.13    [1.79, 2.54]
dog          5     0  [0.000634, 0.0173]       [0, 0.00757]      0         [0, 12]
elephant     0    10        [0, 0.00757]  [0.00271, 0.0251]    inf    [0.358, inf]

Packing: the range is that of all pairs with d_TV = 0.455. At position 1 all is collapse
or augmentation, at 0 none is.
m    d_TV        interval           range  position  interval
1   0.455   [0.37, 0.528]  [0.455, 0.455]
2   0.584  [0.492, 0.685]  [0.455, 0.703]      0.52    [0, 1]
10  0.978  [0.903, 0.992]  [0.863, 0.998]      0.86    [0, 1]

The packed distance is twice the unpacked one from m = 7."""


def test_the_diagnosis_as_printed():
    counts = from_counts(
        [300, 300, 395, 5, 0], [0, 150, 840, 0, 10], ["ant", "bee", "cat", "dog", "elephant"]
    )
    assert str(diagnose(counts, m=[1, 2, 10], eps=[0, 0.1])) == PRINTED


def test_the_ten_worst_modes_are_printed():
    printed = str(diagnose(from_counts([3] * 12, [3] * 12), m=1, eps=0))
    assert "\nModes, worst first, 2 more not shown\n" in printed
    assert "\nmode 9 " in printed
    assert "\nmode 10 " not in printed
    assert "twice" not in printed
    assert "more" not in str(diagnose(from_counts([3] * 10, [3] * 10), m=1)).partition("Modes")[2]


def test_the_usual_points_begin_with_sets_never_generated():
    diagnosis = diagnose(from_counts([60, 40], [100, 0]), m=1)
    assert [(at.eps, round(at.delta, 12)) for at in diagnosis.collapse] == [
        (eps, round(0.4 + 0.6 * eps, 12)) for eps in (0, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
    ]


def test_a_mode_seen_in_neither_sample_may_still_be_there():
    diagnosis = diagnose(from_counts([50, 0], [50, 0]))
    unseen = diagnosis.modes[-1]
    assert math.isnan(unseen.ratio)
    assert not unseen.is_missing
    assert unseen.real.upper > 0
    assert diagnosis.to_dict()["modes"][-1]["ratio"] is None


def test_one_sample_of_each_says_nothing():
    diagnosis = diagnose(from_labels(["cat"], ["dog"]))
    assert diagnosis.region.total_variation == 1
    assert diagnosis.tv_interval == (0, 1)
    assert str(diagnosis).startswith("No difference is certain.")


def test_one_mode_is_one_law():
    diagnosis = diagnose(from_counts([7], [3]))
    assert diagnosis.tv_interval == (0, 0)
    assert diagnosis.noise_floor == 0
    assert diagnosis.doubling_degree is None


def test_equal_shares_of_huge_samples_are_told_apart_from_none():
    diagnosis = diagnose(from_counts([10**12, 10**12], [10**12 + 10**8, 10**12 - 10**8]), m=[1, 2])
    assert 0 < diagnosis.tv_interval.lower < 5e-5 < diagnosis.tv_interval.upper
    assert diagnosis.verdict.words == ("uneven", "laws differ")


def test_scores_have_no_modes():
    rng = np.random.default_rng(0)
    diagnosis = diagnose(from_scores(rng.normal(1, 1, 300), rng.normal(0, 1, 300)), m=[1, 2])
    assert diagnosis.modes == ()
    assert "Modes" not in str(diagnosis)
    lower, upper = diagnosis.packed[1].interval
    # of N(1,1)² and N(0,1)²: 2Φ(√2/2) − 1
    assert lower < math.erf(0.5) < upper


def test_the_band_drawn_is_the_band_of_the_evidence():
    counts = from_counts([30, 70], [60, 40])
    diagnosis = diagnose(counts, level=0.8)
    assert isinstance(counts, ModeCounts)
    assert diagnosis.confidence_band.inner == counts.confidence_band(0.8).inner
    assert diagnosis.confidence_band.outer == counts.confidence_band(0.8).outer
    assert (
        diagnosis.to_dict()["confidence_band"]["inner"] == diagnosis.confidence_band.inner.vertices.tolist()
    )


# -- real data ------------------------------------------------------------------------------------------


def test_digits_dropped_by_a_generator_are_found():
    """Ten real modes, labelled by a classifier that never saw the samples counted."""
    datasets = pytest.importorskip("sklearn.datasets")
    from sklearn.neighbors import KNeighborsClassifier

    images, digits = datasets.load_digits(return_X_y=True)
    rng = np.random.default_rng(0)
    order = rng.permutation(len(images))
    training, real, pool = np.split(order, [597, 1197])
    kept = pool[~np.isin(digits[pool], [3, 7])]
    generated = rng.choice(kept, 600)
    classifier = KNeighborsClassifier(3).fit(images[training], digits[training])
    diagnosis = diagnose(from_labels(classifier.predict(images[real]), classifier.predict(images[generated])))
    assert {mode.name for mode in diagnosis.modes if mode.is_depleted} == {"3", "7"}
    assert {mode.name for mode in diagnosis.modes[:2]} == {"3", "7"}
    true = 1 - (digits[pool].size - kept.size) / digits[pool].size
    assert diagnosis.tv_interval.lower > 0.05
    assert diagnosis.tv_interval.lower <= 1 - true <= diagnosis.tv_interval.upper
    assert diagnosis.packed[1].position > 0.75

    fair = diagnose(from_labels(classifier.predict(images[real]), classifier.predict(images[pool])))
    assert fair.missing == ()
    assert not any(mode.is_depleted for mode in fair.modes)
    assert fair.tv_interval.lower == 0
    assert fair.region.total_variation < 2.5 * fair.noise_floor


def test_a_series_is_a_target_as_a_mapping_is():
    masses, answers = {"cat": 0.25, "dog": 0.75}, ["dog", "cat", "dog", "fog"]
    of_mapping = from_labels(target=masses, generated=answers)
    of_series = from_labels(target=pandas.Series(masses), generated=answers)
    assert (of_series.names, of_series.target.tolist()) == (of_mapping.names, of_mapping.target.tolist())
    assert of_series.generated.tolist() == of_mapping.generated.tolist() == [1, 2, 1]


@pytest.mark.parametrize(
    ("evidence", "shown"),
    [
        (from_labels(["a"], ["a"]), "<ModeCounts over 1 mode: 1 real, 1 generated samples>"),
        (
            from_groups(target={"a": 1}, generated=["a", "b"], generated_groups=[1, 1]),
            "<UnitCounts over 2 modes: a known target, 1 generated groups>",
        ),
        (
            from_groups(["a", "b"], ["a", "b"], generated_groups=[1, 1]),
            "<UnitCounts over 2 modes: 2 real samples, 1 generated groups>",
        ),
    ],
)
def test_evidence_is_shown_in_a_line(evidence, shown):
    assert repr(evidence) == shown


@pytest.mark.parametrize("unit", ["s", "us", "ns", "D"])
@pytest.mark.parametrize("kind", ["datetime64", "timedelta64"])
def test_times_are_no_labels_whatever_their_unit(kind, unit):
    """A list that numpy makes of nanoseconds has integers, which would pass for labels."""
    times = np.array([1, 2], dtype=f"{kind}[{unit}]")
    for labels in (times, list(times)):
        with pytest.raises(ValueError, match=rf"2 of 2 rows are neither .*the first holds np.{kind}\("):
            from_labels(labels, ["a"])
