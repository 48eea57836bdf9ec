"""The letters that P and Q share: all that the overlap of (P^m, Q^m) depends on."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.region import Region


class CommonLetters(NamedTuple):
    """Letters with positive mass under both P and Q, in order of falling likelihood ratio.

    Attributes
    ----------
    p, q : ndarray, shape (k,)
        Masses; their sums are the shares, less than 1 where letters were split off.
    log_ratio : ndarray, shape (k,)
        log(p/q).
    log_p_share, log_q_share : float
        Logarithms of the sums of p and q; exactly 0 where nothing was split off, −inf where k = 0.
    """

    p: FloatArray
    q: FloatArray
    log_ratio: FloatArray
    log_p_share: float
    log_q_share: float

    @property
    def has_one_ratio(self) -> bool:
        """Whether all common letters, if any, have the same ratio: then the overlap is a power."""
        return len(self.p) == 0 or bool((self.log_ratio == self.log_ratio[0]).all())

    def mirror(self) -> CommonLetters:
        """The common letters of (Q, P)."""
        return CommonLetters(
            self.q[::-1].copy(),
            self.p[::-1].copy(),
            -self.log_ratio[::-1],
            self.log_q_share,
            self.log_p_share,
        )


class Factor(NamedTuple):
    """A pair (P^m, Q^m) that is one factor of a product of different pairs."""

    common: CommonLetters
    m: int


def common_letters(region: Region) -> CommonLetters:
    """Split off the letters where P or Q vanishes."""
    common = (region.p > 0) & (region.q > 0)
    return CommonLetters(
        region.p[common],
        region.q[common],
        region.log_ratio[common],
        _log_share(region.p[common], region.p[~common]),
        _log_share(region.q[common], region.q[~common]),
    )


def _log_share(kept: FloatArray, dropped: FloatArray) -> float:
    """log(Σ kept / Σ all), through whichever part is the smaller."""
    kept_mass, dropped_mass = math.fsum(kept), math.fsum(dropped)
    if dropped_mass < 0.5:
        return float(np.log1p(-dropped_mass / (kept_mass + dropped_mass)))
    return math.log(kept_mass / (kept_mass + dropped_mass)) if kept_mass > 0 else -math.inf
