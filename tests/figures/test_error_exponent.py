"""The figure of the error exponent says what its caption says."""

import numpy as np
import pytest

from figures import error_exponent
from modecollapse import packed_tv_bracket


@pytest.fixture(scope="module")
def data():
    return error_exponent.compute()


def test_the_rates_tend_to_the_chernoff_information_from_above(data):
    for curve in data.curves:
        ratio = -curve.log_overlap / (data.m * curve.rate)
        assert (ratio >= 1 - 1e-12).all()
        assert ratio[-1] < 1.06


def test_a_missed_mode_is_all_rate_and_the_rest_loses_a_root_of_m(data):
    missed, *rest = data.curves
    assert missed.log_overlap == pytest.approx(data.m * np.log(0.8), rel=1e-12)
    late = data.m > 2000
    for curve in rest:
        left_over = curve.log_overlap + data.m * curve.rate
        slope = np.polyfit(np.log(data.m[late]), left_over[late], 1)[0]
        assert slope == pytest.approx(-0.5, abs=0.06)


def test_the_toys_of_equal_distance_differ_tenfold_in_rate(data):
    missed, tilted = data.curves[:2]
    assert missed.region.total_variation == pytest.approx(tilted.region.total_variation, rel=1e-12)
    assert 10 < missed.rate / tilted.rate < 11


def test_the_contour_integrals_lie_in_certified_brackets(data):
    twenty = data.curves[-1]
    for m, log_overlap in zip(data.m[::12].tolist(), twenty.log_overlap[::12], strict=True):
        bracket = packed_tv_bracket(twenty.region, m)
        assert bracket.lower - 2e-5 <= -np.expm1(log_overlap) <= bracket.upper + 2e-5
