"""Several generators side by side: their intervals are corrected, their differences hold."""

from __future__ import annotations

import json

import numpy as np
import pytest

from modecollapse.samples import compare, diagnose, from_counts


def three(rng):
    real, even = rng.multinomial(2000, [0.1] * 10), [0.1] * 10
    lost = [0.0] * 3 + [1 / 7] * 7
    return {
        "good": from_counts(real, rng.multinomial(2000, even)),
        "again": from_counts(real, rng.multinomial(2000, even)),
        "bad": from_counts(real, rng.multinomial(2000, lost)),
    }


def test_each_diagnosis_has_its_share_of_the_error():
    evidence = three(np.random.default_rng(0))
    comparison = compare(evidence, 0.94, severity=0.1, seed=2)
    for name in evidence:
        alone = diagnose(evidence[name], 0.98, severity=0.1, seed=2)
        assert comparison[name].to_dict() == alone.to_dict()
    assert comparison.names == ("good", "again", "bad")
    assert json.loads(json.dumps(comparison.to_dict()))["generators"]["bad"]["level"] == pytest.approx(0.98)


def test_the_bad_one_is_worse_and_equals_are_not_told_apart():
    comparison = compare(three(np.random.default_rng(1)))
    assert comparison.difference("bad", "good").lower > 0
    assert comparison.difference("good", "bad").upper < 0
    alike = comparison.difference("good", "again")
    assert alike.lower <= 0 <= alike.upper
    lines = str(comparison).splitlines()
    assert lines[0] == "All intervals hold together at level 0.95."
    assert "Collapse is certain" in lines[4]
    assert "No difference is certain" in lines[2]
    assert [line.split("]")[1].strip() for line in lines[-3:]] == [
        "not told apart",
        "bad is certainly worse",
        "bad is certainly worse",
    ]
    assert [(one.first, one.second, one.worse) for one in comparison.differences] == [
        ("good", "again", None),
        ("good", "bad", "bad"),
        ("again", "bad", "bad"),
    ]
    plain = json.loads(json.dumps(comparison.to_dict()))["differences"]
    assert [one["worse"] for one in plain] == [None, "bad", "bad"]
    assert plain[1]["interval"] == list(comparison.difference("good", "bad"))


def test_one_generator_has_no_differences():
    alone = compare({"a": from_counts([500, 500], [500, 500])})
    assert alone.differences == ()
    assert "Differences" not in str(alone)


def test_differences_hold_together():
    rng, truth = np.random.default_rng(2), {"good": 0.0, "again": 0.0, "bad": 0.3}
    for _ in range(10):
        comparison = compare(three(rng))
        for first, one in truth.items():
            for second, other in truth.items():
                low, high = comparison.difference(first, second)
                assert low <= one - other <= high


def test_what_is_not_there_is_named():
    with pytest.raises(ValueError, match="at least one generator"):
        compare({})
    with pytest.raises(KeyError, match="the generators are 'a'"):
        compare({"a": from_counts([1], [1])})["b"]
