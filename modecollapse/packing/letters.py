"""The letters that P and Q share: all that the overlap of (P^m, Q^m) depends on."""

from __future__ import annotations

import math
from typing import NamedTuple

from modecollapse.arrays import FloatArray
from modecollapse.packing.summation import total
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
        ratio = self.log_ratio
        return len(ratio) == 0 or (bool(ratio[0] == ratio[-1]) and bool((ratio == ratio[0]).all()))

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
    # one letter at most lacks in Q, the first, and one in P, the last
    first, end = int(region.q[0] == 0), len(region.p) - int(region.p[-1] == 0)
    # copies, because kernels would be compiled once more for arrays that are read-only
    p, q, log_ratio = (v[first:end].copy() for v in (region.p, region.q, region.log_ratio))
    log_p_share = _log_share(p, float(region.p[0])) if first else 0.0
    log_q_share = _log_share(q, float(region.q[-1])) if end < len(region.q) else 0.0
    return CommonLetters(p, q, log_ratio, log_p_share, log_q_share)


def _log_share(kept: FloatArray, dropped: float) -> float:
    """log(Σ kept / Σ all), through whichever part is the smaller."""
    kept_mass = total(kept)
    if dropped < 0.5:
        return math.log1p(-dropped / (kept_mass + dropped))
    return math.log(kept_mass / (kept_mass + dropped)) if kept_mass > 0 else -math.inf
