"""What a case shows, and what many show together."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from mpmath import mp, mpf
from numpy.random import Generator


class Finding(NamedTuple):
    """What one case shows.

    `relative` and `absolute` are errors; NaN where none is asked for. `broken` is the input of a promise
    that is not kept, empty where it is.
    """

    relative: float = math.nan
    absolute: float = math.nan
    broken: str = ""


class Refusal(NamedTuple):
    """A PrecisionError: no answer, so no error."""


Judge = Callable[[Generator], Iterable[Finding | Refusal]]


class Stratum(NamedTuple):
    """A kind of input: its name, how it is drawn and judged, and which part of all cases it gets."""

    name: str
    judge: Judge
    share: float


class Subject(NamedTuple):
    """What is measured, what it promises, and on what."""

    name: str
    promise: str
    strata: tuple[Stratum, ...]


class Tally(NamedTuple):
    """The findings of many cases."""

    cases: int = 0
    refused: int = 0
    relative: float = 0.0
    absolute: float = 0.0
    broken: tuple[str, ...] = ()
    seconds: float = 0.0

    def with_one(self, finding: Finding | Refusal) -> Tally:
        """Counting one more."""
        if isinstance(finding, Refusal):
            return self._replace(refused=self.refused + 1)
        return self._replace(
            cases=self.cases + 1,
            relative=float(np.fmax(self.relative, finding.relative)),
            absolute=float(np.fmax(self.absolute, finding.absolute)),
            broken=(*self.broken, finding.broken) if finding.broken else self.broken,
        )

    def __add__(self, other: Tally) -> Tally:  # type: ignore[override]
        return Tally(
            self.cases + other.cases,
            self.refused + other.refused,
            max(self.relative, other.relative),
            max(self.absolute, other.absolute),
            self.broken + other.broken,
            self.seconds + other.seconds,
        )


def compared(value: float, truth: mpf, within: float, least: float, inputs: Any) -> Finding:
    """Errors of a value; relative ones from a least truth on, where one beyond `within` is broken.

    Below, the absolute error may be `within` times that least.
    """
    if mp.isinf(truth) or math.isinf(value):
        return Finding(0.0, 0.0, "" if value == truth else f"{inputs}: {value} for {truth}")
    absolute = float(abs(mpf(value) - truth))
    relative = float(abs(mpf(value) - truth) / abs(truth)) if abs(truth) >= least else math.nan
    kept = not math.isnan(value) and absolute <= within * max(least, float(abs(truth)))
    return Finding(relative, absolute, "" if kept else f"{inputs}: {value!r} for {mp.nstr(truth, 20)}")


def compared_absolutely(value: float, truth: mpf, within: float, inputs: Any) -> Finding:
    """The absolute error alone."""
    return compared(value, truth, within, 1.0, inputs)._replace(relative=math.nan)


def compared_logarithms(value: float, truth: mpf, within: float, inputs: Any) -> Finding:
    """A log overlap, whose error is the relative one of the overlap, from overlaps of 1e-250 on."""
    if truth == 0:
        return Finding(0.0, 0.0, "" if value == -math.inf else f"{inputs}: {value!r} for no overlap")
    logarithm = mp.log(truth)
    error = float(abs(mpf(value) - logarithm))
    if truth < mpf("1e-250"):
        kept = error <= 1e-14 * abs(logarithm)
        return Finding(math.nan, 0.0, "" if kept else f"{inputs}: {value!r} for {mp.nstr(logarithm, 20)}")
    said = f"{inputs}: {value!r} for {mp.nstr(logarithm, 20)}"
    return Finding(error, error * float(truth), "" if error <= within else said)


def held(lower: float, truth: mpf, upper: float, inputs: Any) -> Finding:
    """Whether a truth lies in its bracket."""
    kept = mpf(lower) <= truth <= mpf(upper)
    said = f"{inputs}: {mp.nstr(truth, 25)} outside [{lower!r}, {upper!r}]"
    return Finding(absolute=upper - lower, broken="" if kept else said)
