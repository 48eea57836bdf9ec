"""What rises or falls with the region: a function of one region, and its bracket for two."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import wraps
from typing import Protocol, TypeVar, overload

import numpy as np

from modecollapse import validation
from modecollapse.arrays import FloatArray, Number, Numbers
from modecollapse.brackets import Bracket, CurveBracket
from modecollapse.region import PairLike, Region, RegionBracket, as_region

Arrays = TypeVar("Arrays", bound=tuple[FloatArray, ...])
"""A curve of several coordinates: a named tuple of arrays."""


class NumberOf(Protocol):
    """A number of a region, and the bracket of it for two regions."""

    @overload
    def __call__(self, region: RegionBracket, /) -> Bracket: ...
    @overload
    def __call__(self, region: PairLike, /) -> float: ...


class CurveOf(Protocol):
    """A curve of a region at one place or many, and the bracket of it for two regions."""

    @overload
    def __call__(self, region: RegionBracket, at: Number, /) -> Bracket: ...
    @overload
    def __call__(self, region: RegionBracket, at: Numbers, /) -> CurveBracket[FloatArray]: ...
    @overload
    def __call__(self, region: PairLike, at: Number, /) -> float: ...
    @overload
    def __call__(self, region: PairLike, at: Numbers, /) -> FloatArray: ...


def number_of(function: Callable[[Region], float]) -> NumberOf:
    """Let a monotone number of a region take two regions as well."""

    @wraps(function)
    def number(region: PairLike | RegionBracket) -> float | Bracket:
        if isinstance(region, RegionBracket):
            return Bracket(*sorted(function(end) for end in region))
        return function(as_region(region))

    return number  # type: ignore[return-value]


def curve_of(function: Callable[[Region, FloatArray], FloatArray]) -> CurveOf:
    """Let a monotone curve of a region take two regions as well, and one place as well as many."""

    @wraps(function)
    def curve(
        region: PairLike | RegionBracket, at: Number | Numbers
    ) -> float | FloatArray | Bracket | CurveBracket[FloatArray]:
        places = validation.real_array("the second argument", at)
        if isinstance(region, RegionBracket):
            ends = [function(end, places) for end in region]
            lower, upper = np.minimum(*ends), np.maximum(*ends)
            return CurveBracket(lower, upper) if places.ndim else Bracket(float(lower), float(upper))
        values = function(as_region(region), places)
        return values if places.ndim else float(values)

    return curve  # type: ignore[return-value]


def between(regions: RegionBracket, curve: Callable[[Region], Arrays]) -> CurveBracket[Arrays]:
    """The bracket of a curve whose coordinates all are monotone in the region, for two regions."""
    inner, outer = map(curve, regions)
    kind = type(inner)
    return CurveBracket(kind(*map(np.minimum, inner, outer)), kind(*map(np.maximum, inner, outer)))


def smaller(region: Region, weight: float, other: float) -> float:
    """Σ min(w p, v q), which loses nothing where either is small."""
    return math.fsum(np.minimum(weight * region.p, other * region.q))
