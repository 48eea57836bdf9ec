"""The benchmark against the privacy accountants: pairs, truths and errors that its tables publish."""

import math

import numpy as np
import oracles
import pytest
from mpmath import mpf

from tests.benchmarks.accountants import __main__ as program
from tests.benchmarks.accountants import cases, measure, report, truth
from tests.benchmarks.accountants.cases import Case
from tests.benchmarks.accountants.contenders import BY_NAME, CONTENDERS, Contender
from tests.benchmarks.accountants.measure import Limits, Measurement
from tests.benchmarks.accountants.report import Result
from tests.benchmarks.accountants.truth import Truth

LIMITS = Limits(seconds=20, gigabytes=4)


# -- cases -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letters", cases.LETTERS)
@pytest.mark.parametrize("distance", cases.DEGREES)
def test_pairs_are_as_far_apart_as_their_name_says(letters, distance):
    p, q = cases.pair(letters, distance)
    assert p.shape == q.shape == (letters,)
    assert min(p.min(), q.min()) > 0
    assert p.sum() == pytest.approx(1, abs=1e-15)
    assert q.sum() == pytest.approx(1, abs=1e-15)
    if distance == "far":
        assert np.maximum(p - q, 0).sum() == pytest.approx(0.1, abs=1e-11)
    else:
        losses = np.log(p / q)
        spread = math.sqrt(p @ (losses - p @ losses) ** 2)
        assert spread == pytest.approx(cases.EFFECTS[distance], rel=1e-9)


# -- truth -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("letters", [2, 3, 5])
def test_the_truth_of_a_small_case_is_that_of_all_sequences(letters):
    p, q = (weights.tolist() for weights in cases.pair(letters, "far"))
    known = truth.truth(Case(letters, "far", 2))
    assert known.uncertainty == 0
    assert abs(float(known.value) - float(1 - oracles.overlap_by_sequences(p, q, 2))) < 1e-16


def test_a_bracket_stands_in_where_a_sum_would_be_long():
    p, q = cases.pair(5, "near")
    summed, bracketed = truth.truth(Case(5, "near", 10)), truth._middle_of_bracket(p, q, 10)
    assert 0 < bracketed.uncertainty < 1e-10
    assert abs(summed.value - bracketed.value) <= bracketed.uncertainty
    assert not truth.is_summed(Case(5, "near", 100))


def test_errors_are_signed_and_keep_digits_below_rounding():
    known = Truth(mpf(1) / 3, 0.0)
    assert known.error(0.5) == pytest.approx(1 / 6)
    assert known.error(1 / 3) == pytest.approx(-(2.0**-54) / 3)


# -- measuring -------------------------------------------------------------------------------------------


def test_our_own_bracket_measures_up():
    case = Case(3, "far", 10)
    contender = BY_NAME["packed_tv_bracket"]
    measurement = measure.measure(contender.name, case, contender.default, LIMITS)
    result = report.judged(contender.default, measurement, truth.truth(case))
    assert 0 < measurement.seconds < 1
    assert len(result.errors) == len(contender.ends)
    assert max(map(abs, result.errors)) <= 1e-8
    assert not any(map(report.is_broken, contender.ends, result.errors, [0.0] * len(result.errors)))


def measured_as(monkeypatch, answers):
    """Let attempts answer by case and setting; returns the list of what was asked for."""
    asked = []

    def attempt(contender, case, setting, limits):
        asked.append((case.m, setting))
        return answers[case.m, setting]

    monkeypatch.setattr(program, "attempt", attempt)
    return asked


LADDER = Contender(
    "ladder", "numpy", ("upper",), BY_NAME["packed_tv"].evaluate, "step", 1e-1, (1e-2, 1e-3, 1e-4)
)
TRUTH = Truth(mpf("0.5"), 0.0)


def test_settings_get_finer_until_the_error_is_small(monkeypatch):
    case = Case(2, "far", 10)
    answers = {(10, 0.1): Measurement((0.6,), 1.0), (10, 0.01): Measurement((0.5 + 1e-9,), 2.0)}
    asked = measured_as(monkeypatch, answers)
    assert program.tune(LADDER, case, TRUTH, LIMITS).setting == 0.01
    assert asked == [(10, 0.1), (10, 0.01)]


@pytest.mark.parametrize(
    "next_answer", [Measurement(failure="over 6 GB"), Measurement(failure="refused: too fine")]
)
def test_the_last_setting_that_worked_is_kept(monkeypatch, next_answer):
    measured_as(monkeypatch, {(10, 0.1): Measurement((0.6,), 1.0), (10, 0.01): next_answer})
    result = program.tune(LADDER, Case(2, "far", 10), TRUTH, LIMITS)
    assert (result.setting, result.errors) == (0.1, (pytest.approx(0.1),))


def test_a_pair_beyond_the_limits_is_not_tried_at_larger_degrees(monkeypatch):
    answers = {
        (10, 0.1): Measurement((0.6,), 1.0),
        (100, 0.1): Measurement(failure="over 20 s"),
    }
    asked = measured_as(monkeypatch, answers)
    three = [Case(2, "far", m) for m in (10, 100, 1000)]
    results = dict(program.at_default(LADDER, three, dict.fromkeys(three, TRUTH), LIMITS))
    assert asked == [(10, 0.1), (100, 0.1)]
    assert results["ladder", three[2]].measurement.failure == "over 20 s"


# -- the report ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (65.2, "65 s"),
        (2.345, "2.3 s"),
        (0.9995, "1 s"),
        (0.0123, "12 ms"),
        (1.5e-4, "150 µs"),
        (5e-7, "0.5 µs"),
    ],
)
def test_durations_have_two_digits(seconds, text):
    assert report.duration(seconds) == text


@pytest.mark.parametrize(
    ("error", "uncertainty", "text"),
    [
        (0.0234, 0, "+0.02"),
        (-3.2e-5, 0, "−3e-5"),
        (-4e-13, 1e-12, "±1e-12"),
        (-4e-12, 1e-12, "−4e-12"),
        (0.0, 0.0, "±0"),
        (0.96, 0, "+1"),
        (math.nan, 0, "NaN"),
    ],
)
def test_errors_have_a_sign_and_one_digit(error, uncertainty, text):
    assert report.signed(error, uncertainty) == text


@pytest.mark.parametrize(
    ("end", "error", "broken"),
    [
        ("lower", 1e-6, True),
        ("lower", -1e-6, False),
        ("upper", -1e-6, True),
        ("upper", 1e-6, False),
        ("estimate", -1e-6, False),
        ("upper", -1e-15, False),
    ],
)
def test_a_bound_is_broken_on_its_own_side_only(end, error, broken):
    assert report.is_broken(end, error, uncertainty=0.0) == broken
    assert not report.is_broken(end, error, uncertainty=1e-5)


def test_the_table_shows_time_errors_settings_and_failures():
    case = Case(3, "near", 10**5)
    worked = Result(1e-4, Measurement((0.4, 0.49), 0.0123), (-0.1, -0.01))
    failed = Result(1e-4, Measurement(failure="refused: a | b"))
    contenders = [
        Contender(name, "numpy", ("lower", "upper"), BY_NAME["packed_tv"].evaluate) for name in ("one", "two")
    ]
    text = report.table(contenders, {case: TRUTH}, {("one", case): worked, ("two", case): failed}, True)
    assert text.splitlines() == [
        "| pair    | m   | d_TV | one (lower / upper)          | two (lower / upper)     |",
        "| ------- | --- | ---- | ---------------------------- | ----------------------- |",
        "| 3, near | 10⁵ | 0.5  | 12 ms: −0.1 / −0.01! at 1e-4 | refused: a \\| b at 1e-4 |",
    ]


def test_a_long_failure_is_cut_between_words():
    failed = Result(
        None, Measurement(failure="refused: PMF mass does not total 1: error=2.31e-15 (tolerance=2.22e-15)")
    )
    text = report.cell(("upper",), failed, 0.0)
    assert text == "refused: PMF mass does not total 1: error=2.31e-15 …"


def test_every_contender_has_a_column_in_one_table_of_all_cases():
    done = [Case(3, "near", 10), Case(2, "far", 10)]
    failed = Result(None, Measurement(failure="over 6 GB"))
    results = {(contender.name, case): failed for contender in CONTENDERS for case in done}
    results["packed_tv", Case(5, "far", 10)] = failed  # not measured with the others
    truths = dict.fromkeys([*done, Case(5, "far", 10)], TRUTH)
    written = [text.splitlines() for text in report.tables(CONTENDERS, truths, results, False)]
    heads = [[cell.strip() for cell in lines[0].strip("|").split("|")] for lines in written]
    names = [name.partition(" (")[0] for head in heads for name in head[3:]]
    assert sorted(names) == sorted(BY_NAME)
    assert max(map(len, heads)) <= 6
    for lines in written:
        assert [line.split("|")[1].strip() for line in lines[2:]] == ["3, near", "2, far"]
