"""Copies of training data: the test holds for any honest generator, and the share is never too large."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modecollapse import cli
from modecollapse.pages import report
from modecollapse.samples import CopyTest, copies, copy_test, diagnose, from_counts


def honest(rng):
    return rng.normal(size=(150, 3))


def collapsed(rng):
    return 1 + 0.1 * rng.normal(size=(150, 3))


def on_a_grid(rng):
    """Rows of which many are equal, in the pool and among the generated ones."""
    return np.round(rng.normal(size=(150, 3)))


@pytest.mark.slow
@pytest.mark.parametrize("law", [honest, collapsed, on_a_grid])
def test_an_honest_generator_passes(law):
    rng, runs = np.random.default_rng(0), 200
    source = on_a_grid if law is on_a_grid else honest
    tests = [copy_test(source(rng), source(rng)[:100], law(rng), seed=run) for run in range(runs)]
    # 10 expected, and more than 20 with probability .001
    assert sum(map(bool, tests)) <= 20
    assert sum(test.share > 0 for test in tests) <= 20


@pytest.mark.parametrize(("copied", "blur"), [(150, 0.0), (60, 0.0), (60, 0.05), (150, 0.05)])
def test_copies_are_found_and_not_overstated(copied, blur):
    rng = np.random.default_rng(copied)
    for seed in range(5):
        training, held_out = rng.normal(size=(150, 6)), rng.normal(size=(150, 6))
        made = training[rng.permutation(150)[:copied]] + blur * rng.normal(size=(copied, 6))
        test = copy_test(training, held_out, np.vstack([made, rng.normal(size=(150, 6))]), seed=seed)
        assert test
        assert test.p_value == 0.001
        assert 0 < test.share <= copied / (copied + 150)
        assert test.sizes == (150, 150, copied + 150)


def test_a_collapsed_copier_is_told_from_a_collapsed_generator():
    rng = np.random.default_rng(4)
    training, held_out = rng.normal(size=(200, 4)), rng.normal(size=(200, 4))
    near = np.argsort(np.linalg.norm(training, axis=1))[:20]
    assert copy_test(training, held_out, training[np.tile(near, 10)] + 0.01 * rng.normal(size=(200, 4)))
    assert not copy_test(training, held_out, 0.3 * rng.normal(size=(200, 4)))


def naive_weights(pool, generated, radius):
    """Each generated row gives one, shared by all equal rows of the pool that are nearest."""
    weights = np.zeros(len(pool))
    for row in generated:
        distances = [float(np.sqrt(((row - other) ** 2).sum())) for other in pool]
        least = min(distances)
        if least <= radius:
            nearest = [i for i, distance in enumerate(distances) if distance == least]
            # of different rows at one distance the lexicographically first is taken
            first = min(tuple(pool[i]) for i in nearest)
            nearest = [i for i in nearest if tuple(pool[i]) == first]
            weights[nearest] += 1 / len(nearest)
    return weights


@given(st.integers(0, 10**6))
def test_weights_are_those_counted_by_hand(seed):
    rng = np.random.default_rng(seed)
    pool, generated = rng.integers(0, 4, (12, 2)) * 1.0, rng.integers(0, 4, (9, 2)) * 1.0
    weights = copies._weights(pool, generated, np.random.default_rng(0))
    assert len(weights) == len(copies.QUANTILES) + 1
    np.testing.assert_allclose(weights[-1], naive_weights(pool, generated, np.inf), atol=1e-12)
    assert (np.diff(weights.sum(axis=1)) >= 0).all()
    # which rows of the pool come first must not matter
    order = rng.permutation(12)
    shuffled = copies._weights(pool[order], generated, np.random.default_rng(0))
    np.testing.assert_array_equal(shuffled, weights[:, order])


def test_the_share_is_the_formula():
    weights = np.array([[3.0, 0.0, 1.0, 0.0], [6.0, 2.0, 1.0, 1.0]])
    alpha, share = 0.05, 0.5
    expected = max(
        (sum(row[:2]) - share * sum(row) - np.sqrt(sum(w * w for w in row) * np.log(2 / alpha) / 2))
        / (1 - share)
        for row in weights.tolist()
    )
    assert copies._certain_copies(weights, 2, alpha) == pytest.approx(max(expected, 0.0))
    assert copies._certain_copies(weights * 0, 2, alpha) == 0
    many = np.kron(weights[:, [0, 2]], np.ones(1000))
    assert copies._certain_copies(many, 1000, alpha) > 0


def test_weights_all_equal_say_nothing():
    assert copies._p_value(np.full((2, 7), 0.1), 3, np.random.default_rng(0)) == 1
    assert copy_test([[0.0]], [[1.0]], [[0.5], [0.5]]).p_value > 0.4


def test_the_verdict_names_copies_in_every_face():
    rng = np.random.default_rng(1)
    training = rng.normal(size=(100, 3))
    test = copy_test(training, rng.normal(size=(100, 3)), training)
    counts = from_counts([500, 500], [480, 520])
    diagnosis = diagnose(counts, m=1, copies=test)
    assert diagnosis.verdict.words == ("copies of training data", "no difference certain")
    share = f"at least {np.floor(1000 * test.share) / 10:g}% of the generated samples"
    assert diagnosis.verdict.headline.startswith(f"A{share[1:]} are copies of training data")
    assert "Test for copies of training data: p = 0.001" in str(diagnosis)
    verdict = diagnosis.to_dict()["verdict"]
    assert verdict["copies"]["share"] == test.share
    assert verdict["words"][0] == "copies of training data"
    page = report.page(diagnosis)
    assert "Copies of training data" in page
    assert "test for copies" in page
    # without a test, or with one that does not reject, nothing is said
    silent = CopyTest(0.4, 0.0, 0.95, (100, 100, 100))
    assert diagnose(counts, m=1, copies=silent).verdict.words == ("no difference certain",)
    assert diagnose(counts, m=1).to_dict()["verdict"]["copies"] is None
    weak = CopyTest(0.01, 0.0, 0.95, (100, 100, 100))
    assert "Some generated samples are copies" in diagnose(counts, m=1, copies=weak).verdict.headline
    assert "depend on the training samples" in report.page(diagnose(counts, m=1, copies=weak))


def test_the_command_tests_for_copies(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(2)
    training, held_out = rng.normal(size=(100, 3)), rng.normal(size=(100, 3))
    for name, rows in {
        "training": training,
        "held": held_out,
        "made": training,
        "wide": np.ones((9, 4)),
    }.items():
        np.save(f"{name}.npy", rows)
    np.save("centres.npy", np.eye(3))
    given = ["diagnose", "held.npy", "made.npy", "--centres", "centres.npy", "--radius", "inf", "--m", "1"]
    assert cli.main([*given, "--training", "training.npy", "--json"]) == 0
    verdict = json.loads(capsys.readouterr().out)["verdict"]
    assert verdict["copies"]["share"] == copy_test(training, held_out, training).share > 0
    assert cli.main([*given, "--training", "wide.npy"]) == 2
    assert "held.npy has rows of 3 numbers, but the rows of wide.npy are rows of 4" in capsys.readouterr().err
    assert cli.main(["diagnose", "held.npy:0", "made.npy", "--labels", "--training", "training.npy"]) == 2
    assert "it goes with --centres or --cells" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (([[0, 1]], [[0]], [[0, 1]]), "training and held_out must have rows of the same length, got 2 and 1"),
        (([[0]], [[0]], [[0, 1]]), "training and generated must have rows of the same length, got 1 and 2"),
        (([[np.nan]], [[0]], [[0]]), "training: 1 of 1 rows hold NaN"),
        (([[0]], [], [[0]]), "held_out must be rows"),
        (([[0]], [[0]], [[0]], 1.0), "level must lie strictly between 0 and 1"),
    ],
)
def test_bad_input_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        copy_test(*arguments)
