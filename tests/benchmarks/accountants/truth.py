"""What the contenders are measured against."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

from mpmath import mp, mpf

from modecollapse import PrecisionError, packed_tv_bracket
from tests import oracles

from .cases import Case, FloatArray, pair

FEW_TYPES = 2_000
THREE_LETTERS_BY_ROWS = 10**6
WIDTHS = (1e-13, 1e-12, 1e-11, 1e-10, 1e-9)


class Truth(NamedTuple):
    """d_TV(P^m, Q^m) within an uncertainty: none when it is known to 40 digits."""

    value: Any
    uncertainty: float

    def error(self, estimate: float) -> float:
        """Estimate − truth."""
        with mp.workdps(60):
            return float(mpf(estimate) - self.value)


def truth(case: Case) -> Truth:
    """To 40 digits by summing what is few, else the middle of the narrowest bracket that can be certified."""
    p, q = pair(case.letters, case.distance)
    if is_summed(case):
        return Truth(oracles.total_variation(p.tolist(), q.tolist(), case.m), 0.0)
    return _middle_of_bracket(p, q, case.m)


def is_summed(case: Case) -> bool:
    """Whether many digits come cheap."""
    if case.letters == 3:
        return case.m <= THREE_LETTERS_BY_ROWS
    return case.letters == 2 or math.comb(case.m + case.letters - 1, case.m) <= FEW_TYPES


def _middle_of_bracket(p: FloatArray, q: FloatArray, m: int) -> Truth:
    for width in WIDTHS:
        try:
            bracket = packed_tv_bracket((p, q), m, width)
        except PrecisionError as error:
            bracket = error.bracket
        else:
            break
    return Truth((mpf(bracket.lower) + mpf(bracket.upper)) / 2, bracket.width / 2)
