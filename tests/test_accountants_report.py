"""What the benchmark against the privacy accountants does around its calls; none need be installed."""

import json
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


def test_tuned_cases_are_among_the_cases():
    assert set(cases.TUNED_CASES) < set(cases.CASES)
    assert len(set(cases.CASES)) == len(cases.CASES)


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


def test_our_own_contenders_measure_up():
    case = Case(3, "far", 10)
    for name in ("packed_tv", "packed_tv_bracket"):
        contender = BY_NAME[name]
        measurement = measure.measure(name, case, contender.default, LIMITS)
        result = report.judged(contender.default, measurement, truth.truth(case))
        assert 0 < measurement.seconds < 1
        assert len(result.errors) == len(contender.ends)
        assert max(map(abs, result.errors)) <= 1e-8
        assert not any(map(report.is_broken, contender.ends, result.errors, [0.0] * len(result.errors)))


def test_a_refusal_is_a_result():
    failure = measure.measure("packed_tv_bracket", Case(3, "far", 10), -1.0, LIMITS).failure
    assert failure.startswith("refused: ")
    assert "-1.0" in failure


def test_a_call_that_takes_too_long_is_ended(monkeypatch):
    monkeypatch.setattr(measure, "STARTING", 0.0)
    assert measure.measure("packed_tv", Case(2, "far", 2), None, Limits(0.01, 4)).failure == "over 0.01 s"


@pytest.mark.parametrize(
    ("error", "failure"),
    [(MemoryError("no room"), "over 4 GB"), (ValueError("no grid\nso fine"), "refused: no grid so fine")],
)
def test_what_stops_a_call_is_told_in_one_line(monkeypatch, error, failure):
    def evaluate(*_):
        raise error

    monkeypatch.setattr(measure.resource, "setrlimit", lambda *_: None)
    monkeypatch.setitem(BY_NAME, "failing", Contender("failing", "numpy", ("upper",), evaluate))
    assert measure.work("failing", Case(2, "far", 2), None, 4) == Measurement(failure=failure)


def test_an_accountant_that_is_not_there_is_no_crash():
    absent = Contender("absent", "no-such-accountant", ("upper",), BY_NAME["packed_tv"].evaluate)
    assert program.attempt(absent, Case(2, "far", 2), None, LIMITS).failure == "not installed"


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


def test_what_would_take_too_long_is_not_tried(monkeypatch):
    asked = measured_as(monkeypatch, {(10, 0.1): Measurement((0.6,), 19.0)})
    program.tune(LADDER, Case(2, "far", 10), TRUTH, LIMITS)
    assert asked == [(10, 0.1)]


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
    ("m", "text"), [(2, "2"), (100, "100"), (1000, "10³"), (10**12, "10¹²"), (1234, "1234")]
)
def test_powers_of_ten(m, text):
    assert report.power(m) == text


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
        "| letters | pair | m   | d_TV | one (lower / upper)          | two (lower / upper)     |",
        "| ------- | ---- | --- | ---- | ---------------------------- | ----------------------- |",
        "| 3       | near | 10⁵ | 0.5  | 12 ms: −0.1 / −0.01! at 1e-4 | refused: a \\| b at 1e-4 |",
    ]


def test_the_tables_go_between_the_marks():
    document = f"before\n{report.FIRST_MARK}\nold\n{report.LAST_MARK}\nafter\n"
    once = report.between_marks(document, "new")
    assert once == f"before\n{report.FIRST_MARK}\n\nnew\n\n{report.LAST_MARK}\nafter\n"
    assert report.between_marks(once, "new") == once
    with pytest.raises(ValueError, match="the document must hold"):
        report.between_marks("no marks", "new")


def test_the_environment_is_told(tmp_path):
    cpuinfo = tmp_path / "cpuinfo"
    cpuinfo.write_text("processor : 0\nmodel name\t: Abacus 3000\n")
    assert report.processor(cpuinfo) == "Abacus 3000"
    assert report.processor(tmp_path / "absent")
    text = report.environment(["numpy", "no-such-accountant"], 2, Limits(60, 6))
    assert f"numpy {np.__version__}, no-such-accountant not installed" in text
    assert "60 s and 6 GB" in text


def test_every_contender_can_be_asked_for_by_json():
    assert len(BY_NAME) == len(CONTENDERS)
    for contender in CONTENDERS:
        settings = [contender.default, *contender.finer]
        assert json.loads(json.dumps(settings)) == settings
        assert list(contender.finer) == sorted(contender.finer, reverse=True)
