"""The checks at the public face: what passes unchanged, and what is refused, by its value and place."""

from __future__ import annotations

import math
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from modecollapse import validation

UP, DOWN = math.nextafter(1, 2), math.nextafter(0, -1)


def refused(message: str, check, *arguments) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}"):
        check(*arguments)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (1, 1.0),
        (True, 1.0),
        ([1, 2.5], [1.0, 2.5]),
        ((Fraction(1, 3), 2), [1 / 3, 2.0]),
        ([1, Decimal("0.1")], [1.0, 0.1]),
        (np.array([1, 2], dtype=">i2"), [1.0, 2.0]),
        (np.array([0.5], dtype=np.float32), [0.5]),
        ([[1], [2]], [[1.0], [2.0]]),
        ([], []),
        ([2**64, 10**30], [2.0**64, 1e30]),
    ],
)
def test_real_numbers_become_doubles(given, expected):
    array = validation.real_array("x", given)
    assert array.dtype == np.float64
    assert array.tolist() == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "x must be real numbers, got None (dtype object)"),
        ("0.5", "x must be real numbers, got '0.5' (dtype <U3)"),
        (["0.5"], "x must be real numbers, got ['0.5']"),
        (1j, "x must be real numbers, got 1j (dtype complex128)"),
        (Decimal("sNaN"), "x must be real numbers, got Decimal('sNaN')"),
        (Decimal("NaN"), "x must be finite, got nan"),
        ([1, None], "x must be real numbers, got [1, None]"),
        ([[1], [1, 2]], "x must be real numbers, got [[1], [1, 2]]"),
        (10**400, "x must be real numbers, got 1000"),
        (np.array(["2020-01-01"], dtype="datetime64[D]"), "x must be real numbers, got array(['2020-01-01']"),
        (math.nan, "x must be finite, got nan"),
        ([0, -math.inf], "x must be finite, got -inf at index 1"),
        ([[0, 1], [2, math.inf]], "x must be finite, got inf at index (1, 1)"),
    ],
)
def test_what_is_no_finite_real_number_is_refused(given, message):
    refused(message, validation.real_array, "x", given)


def test_a_single_number_has_no_index():
    for bad in (math.nan, 2.5):
        with pytest.raises(ValueError, match=rf"got {bad}$"):
            validation.degrees(bad)


@pytest.mark.parametrize("off", [0, 9e-10, -9e-10])
def test_pmfs_may_be_off_by_a_little(off):
    assert validation.pmf("p", [0.25, 0.75 + off]).tolist() == [0.25, 0.75 + off]
    assert validation.pmf("p", [1]).tolist() == [1.0]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (1, "p must be a non-empty one-dimensional list of probabilities, got shape ()"),
        ([], "p must be a non-empty one-dimensional list of probabilities, got shape (0,)"),
        ([[0.5], [0.5]], "p must be a non-empty one-dimensional list of probabilities, got shape (2, 1)"),
        ([1.5, 0, -0.5], "p must not be negative, got -0.5 at index 2"),
        ([1, DOWN], "p must not be negative, got -5e-324 at index 1"),
        ([30, 70], "p must sum to 1 within 1e-09, got the sum 100.0 (off by 99); divide by the sum if"),
        ([0.25, 0.75 + 1.1e-9], "p must sum to 1 within 1e-09, got the sum 1.0000000011 (off by 1.1e-09)"),
        ([0.25, 0.75 - 1.1e-9], "p must sum to 1 within 1e-09, got the sum 0.9999999989 (off by -1.1e-09)"),
    ],
)
def test_what_is_no_pmf_is_refused(given, message):
    refused(message, validation.pmf, "p", given)


def test_lengths_are_the_same():
    validation.same_length("p and q", np.zeros(2), np.ones(2))
    refused(
        "p and q must have the same length, got 2 and 3",
        validation.same_length,
        "p and q",
        np.zeros(2),
        np.zeros(3),
    )


@pytest.mark.parametrize("given", [2, 2.0, np.float32(2), np.array(2), Fraction(2), Decimal(2)])
def test_single_numbers_pass(given):
    for check in (validation.number, validation.positive):
        found = check("x", given)
        assert (type(found), found) == (float, 2.0)
    for value in (validation.whole("x", given, 2), validation.degree(given)):
        assert (type(value), value) == (int, 2)
    assert validation.probability("x", given / 4) == 0.5


@pytest.mark.parametrize("narrow", [np.float32, np.float16, lambda value: np.array(value, np.float32)])
@pytest.mark.parametrize("value", [0.1, 0.3, 0.05, 1e-3, 1.0, 0.0])
def test_single_numbers_of_narrow_floats_are_the_decimals_that_they_print_as(narrow, value):
    assert validation.number("x", narrow(value)) == value


def test_a_bfloat16_is_what_it_is():
    """It prints six digits, which are not all that it has."""
    ml_dtypes = pytest.importorskip("ml_dtypes")
    assert validation.number("x", ml_dtypes.bfloat16(0.3)) == 0.30078125


def test_a_double_is_what_it_is():
    assert validation.number("x", np.float64(np.float32(0.1))) == float(np.float32(0.1))


@pytest.mark.parametrize("check", [validation.number, validation.positive, validation.probability])
def test_several_numbers_are_not_one(check):
    refused("x must be a single number, got shape (1,)", check, "x", [0.5])
    refused("x must be a single number, got shape (0,)", check, "x", [])
    refused("x must be finite, got nan", check, "x", math.nan)


@pytest.mark.parametrize("given", [0, -0.0, -1])
def test_what_is_not_positive_is_refused(given):
    refused(f"x must be positive, got {float(given)!r}", validation.positive, "x", given)
    assert validation.positive("x", 5e-324) == 5e-324


def test_probabilities_end_at_0_and_1():
    ends = [0, 5e-324, 1 - 2**-53, 1]
    assert [validation.probability("x", end) for end in ends] == ends
    assert validation.probabilities("x", [ends]).tolist() == [ends]
    for outside in (DOWN, UP):
        refused(f"x must lie in [0, 1], got {outside!r}", validation.probability, "x", outside)
        refused(
            f"x must lie in [0, 1], got {outside!r} at index 2",
            validation.probabilities,
            "x",
            [0, 1, outside],
        )
    refused("x must lie in [0, 1], got 2", validation.probabilities, "x", 2)


def test_degrees_are_integers_of_any_shape_up_to_1e15():
    found = validation.degrees([[1, 2.0], [Fraction(3), 10**15]])
    assert found.dtype == np.int64
    assert found.tolist() == [[1, 2], [3, 10**15]]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (0, "m must be integers from 1 to 1e+15, got 0"),
        ([1, 2, 2.5], "m must be integers from 1 to 1e+15, got 2.5 at index 2"),
        ([[1], [-1]], "m must be integers from 1 to 1e+15, got -1 at index (1, 0)"),
        (10**15 + 1, "m must be integers from 1 to 1e+15, got 1000000000000001"),
        (True, "m must be integers, got booleans True"),
        ([True, False], "m must be integers, got booleans [True, False]"),
        ([], "m must hold at least one packing degree, got an empty array"),
        ("2", "m must be real numbers, got '2'"),
    ],
)
def test_what_is_no_degree_is_refused(given, message):
    refused(message, validation.degrees, given)
    refused(message, validation.degree, given)


def test_several_degrees_are_not_one():
    refused("m must be a single integer here, got shape (1,)", validation.degree, [2])


@pytest.mark.parametrize(("given", "least"), [(1, 2), (-1, 0), (2.5, 2), (0, 1)])
def test_what_is_not_whole_is_refused(given, least):
    refused(f"n must be an integer ≥ {least}, got {given!r}", validation.whole, "n", given, least)


def test_the_point_of_a_condition_is_a_pair_in_order():
    assert validation.collapse_point("collapse", (0.1, 0.2)) == (0.1, 0.2)
    assert validation.collapse_point("collapse", np.array([0, 1])) == (0.0, 1.0)
    above = math.nextafter(1e-100, 1)
    assert validation.collapse_point("collapse", [above, 1]) == (above, 1.0)
    for tiny in (1e-100, 5e-324):  # their products with other masses would underflow
        assert validation.collapse_point("collapse", [tiny, 1]) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (0.1, "collapse must be a pair (eps, delta), got 0.1"),
        ((0.1,), "collapse must be a pair (eps, delta), got (0.1,)"),
        ((0.1, 0.2, 0.3), "collapse must be a pair (eps, delta), got (0.1, 0.2, 0.3)"),
        ((-0.1, 0.2), "eps must lie in [0, 1], got -0.1"),
        ((0.1, 1.2), "delta must lie in [0, 1], got 1.2"),
        ((0.2, 0.2), "eps must be smaller than delta, got eps=0.2, delta=0.2"),
        ((0.3, 0.2), "eps must be smaller than delta, got eps=0.3, delta=0.2"),
        (("a", 0.2), "eps must be real numbers, got 'a'"),
    ],
)
def test_what_is_no_point_of_a_condition_is_refused(given, message):
    refused(message, validation.collapse_point, "collapse", given)
