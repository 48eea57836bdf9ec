"""What a call may do, whatever it is given: the law of the fuzz tests.

A documented result, finite and in range, or a ValueError or PrecisionError whose message names or quotes what
was wrong.
"""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from typing import Any

import effort
import numpy as np
import pytest
from hypothesis import HealthCheck, given

import modecollapse as mc

SLACK = 1e-12
"""What rounding may add to a value in [0, 1]."""


def law(call: Callable[..., Any], check: Callable[[Any], None], given_: dict[str, Any]) -> None:
    """A result that passes the check, maybe with a UserWarning, or a refusal that says what was wrong."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            result = call(**given_)
    except (mc.PrecisionError, ValueError) as refusal:
        says_what_was_wrong(refusal, given_)
    else:
        check(result)


def says_what_was_wrong(refusal: Exception, given_: dict[str, Any]) -> None:
    """A PrecisionError has a bracket and a number; other refusals name an argument or quote its value."""
    message = str(refusal)
    if isinstance(refusal, mc.PrecisionError):
        assert refusal.bracket.lower <= refusal.bracket.upper
        assert re.search(r"\d", message)
    else:
        assert names(message, given_) or any(token in message for token in tokens(given_)), message


def names(message: str, given_: dict[str, Any]) -> bool:
    """Whether a message has the name of an argument as a word."""
    return any(re.search(rf"\b{re.escape(name)}\b", message) for name in given_)


def tokens(value: Any) -> set[str]:
    """How a message may quote a value: as it is written, by its entries, or by its shape."""
    quoted = {repr(value)}
    if isinstance(value, dict):
        quoted |= set().union(*map(tokens, value.values()))
    elif isinstance(value, list | tuple):
        quoted |= {str(len(value))}.union(*map(tokens, value))
    elif isinstance(value, np.ndarray):
        quoted |= {str(value.shape)} | tokens(value.tolist())
    return quoted


def is_distance(value: Any) -> None:
    """Numbers in [0, 1], a float for a scalar."""
    within(value, 0.0, 1.0)


def within(value: Any, low: float, high: float) -> None:
    assert isinstance(value, float | np.ndarray)
    assert not np.isnan(value).any()
    assert np.all(low <= np.asarray(value))
    assert np.all(np.asarray(value) <= high)


def is_region(value: Any) -> None:
    """Letters that are pmfs by falling ratio, and a boundary from (0, 0) to (1, 1) above the diagonal."""
    assert isinstance(value, mc.Region)
    for pmf in value.pair:
        assert np.isfinite(pmf).all()
        assert (pmf >= 0).all()
        assert math.fsum(pmf) == pytest.approx(1, abs=SLACK)
    corners = value.vertices
    assert (np.diff(corners, axis=0) >= 0).all()
    assert (corners[:, 1] - corners[:, 0] >= -SLACK).all()
    is_distance(value.total_variation)


def is_bracket(value: Any) -> None:
    assert isinstance(value, mc.Bracket)
    assert 0 <= value.lower <= value.upper <= 1


def is_region_bracket(value: Any) -> None:
    assert isinstance(value, mc.RegionBracket)
    is_region(value.inner)
    is_region(value.outer)
    assert value.inner <= value.outer


def is_band(value: Any) -> None:
    assert isinstance(value, mc.Band)
    for ends, gaps in ((value.lower, value.lower_gap), (value.upper, value.upper_gap)):
        assert np.all(np.asarray(ends) >= 0)
        assert np.all(np.asarray(gaps) >= 0)
    assert np.all(value.lower <= value.upper)
    for region in [*np.ravel(value.lower_regions), *np.ravel(value.upper_regions)]:
        is_region(region)


def is_optimum(value: Any) -> None:
    assert isinstance(value, mc.paper.Optimum)
    is_distance(float(value))
    is_region(value.region)


def is_true_or_false(value: Any) -> None:
    assert isinstance(value, bool)


def fuzz(*strategies: Any, examples: int = 100) -> Callable[[Any], Any]:
    """A test on so many examples."""

    def decorate(test: Any) -> Any:
        slow = [HealthCheck.too_slow, HealthCheck.filter_too_much]
        return effort.examples(examples, suppress_health_check=slow)(given(*strategies)(test))

    return decorate
