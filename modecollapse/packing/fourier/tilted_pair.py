"""Common letters under the tilted law √(pq)/φ, with bounds on every rounding error; see `distance`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.packing.chernoff import chernoff_information
from modecollapse.packing.fourier.node_sums import EPS, Wheel, median, wheel_of
from modecollapse.packing.fourier.rounding import (
    AFFINITY_ROUNDING,
    CENTRE_ROUNDING,
    CHERNOFF_ROUNDING,
    COMMON_FACTOR,
    FAR_LOG_ROUNDING,
    FAR_RATIO,
    LOG_ROUNDING,
    NEAR_LOG_FLOOR,
    NEAR_LOG_ROUNDING,
    RESULT_ROUNDING,
    SHARE_ROUNDING,
    STEP_ROUNDING,
    TAIL_MARGIN,
)
from modecollapse.packing.kernels import kernel
from modecollapse.packing.letters import CommonLetters
from modecollapse.packing.summation import total

TAIL_ROUNDING = 32 * 2.0**-52
"""Relative error of a term of a moment generating function at tL, relative to 1 + |tL|, apart from its sum.

Masses 9 ε, expm1 2 ε, at most 11 doublings of ε, a product: 23 ε. The rounding of tL is in the term of L.
"""

SUM_SHARE = 2.0**-52
"""Relative error of a sum, for each of its terms: ε, twice what a sum one after another has."""

LARGEST_TILT = 300.0
"""Largest exponent tL of a tail bound: e^300 and its products with masses stay finite."""


class _Moments(NamedTuple):
    """Bounds on the logarithms of moments E e^{tS} of a sum S."""

    exponents: FloatArray
    """t, rising."""
    logs: FloatArray
    """Upper bounds on log E e^{tS}."""


@dataclass(frozen=True)
class TiltedPair:
    """Common letters prepared for one m.

    The true law is the normalised one. Masses are within 4 ε relative of it, but for a common factor: a
    `Region` leaves masses alone that sum to 1 within 8 ε. Log ratios are within `log_ratio_error`. Everything
    below follows from that and from the rounding of IEEE arithmetic (theory §7, "Rounding").
    """

    common: CommonLetters
    m: int

    @cached_property
    def share_gap(self) -> float:
        """Log ratio of the shares of the common letters."""
        return self.common.log_p_share - self.common.log_q_share

    @cached_property
    def p(self) -> FloatArray:
        """Masses of the common letters among themselves, under P."""
        return self.common.p / total(self.common.p)

    @cached_property
    def q(self) -> FloatArray:
        """Masses of the common letters among themselves, under Q."""
        return self.common.q / total(self.common.q)

    @cached_property
    def common_factors(self) -> tuple[float, float]:
        """Bounds on the distance from 1 of the factors by which all masses of P, and of Q, are off."""
        return (
            _common_factor(self.common.log_p_share, self.common.p),
            _common_factor(self.common.log_q_share, self.common.q),
        )

    @cached_property
    def log_ratio_error(self) -> FloatArray:
        """Bound on the absolute error of each log ratio.

        A near letter has log1p((p−q)/q), where p − q is free of the common factors. A far letter has
        log p − log q.
        """
        log_ratio = self.common.log_ratio
        p_factor, q_factor = self.common_factors
        near = (NEAR_LOG_ROUNDING + COMMON_FACTOR * q_factor) * np.abs(log_ratio) + NEAR_LOG_FLOOR
        far = np.abs(np.expm1(np.minimum(log_ratio, 1.0))) >= FAR_RATIO
        logs = np.abs(np.log(self.common.p)) + np.abs(np.log(self.common.q))
        return near + np.where(far, FAR_LOG_ROUNDING * logs + (p_factor + q_factor), 0.0)

    @cached_property
    def log_affinity(self) -> tuple[float, float]:
        """log Σ √(p̂q̂) of the common letters among themselves, and a bound on its error."""
        p, q = np.sqrt(self.p), np.sqrt(self.q)
        affinity = total(p * q)
        if affinity < 0.5:
            return math.log(affinity), AFFINITY_ROUNDING - LOG_ROUNDING * math.log(affinity)
        # Hellinger's form: 1 − Σ√(p̂q̂) = ½ Σ (√p̂ − √q̂)²
        between = self.common.log_ratio - self.share_gap
        logs = abs(self.common.log_p_share) + abs(self.common.log_q_share)
        between_error = self.log_ratio_error + LOG_ROUNDING * np.abs(between) + SHARE_ROUNDING * logs
        close = np.abs(between) < 0.5
        step = np.where(close, -p * np.expm1(-np.where(close, between, 0.0) / 2), p - q)
        step_error = STEP_ROUNDING * np.where(close, np.abs(step), p + q) + np.where(
            close, p * between_error, 0.0
        )
        distance = 0.5 * total(step * step)
        distance_error = float(((2 * np.abs(step) + step_error) * step_error).sum()) + LOG_ROUNDING * distance
        value = math.log1p(-distance)
        return value, distance_error / (1 - distance) + LOG_ROUNDING * abs(value)

    @cached_property
    def log_shares(self) -> tuple[float, float]:
        """log P^m and log Q^m of the common letters."""
        return self.m * self.common.log_p_share, self.m * self.common.log_q_share

    @cached_property
    def weights(self) -> FloatArray:
        """Tilted law √(pq)/φ."""
        root = np.sqrt(self.common.p) * np.sqrt(self.common.q)
        return root / total(root)

    @cached_property
    def log_middle(self) -> tuple[float, float]:
        """log φ^m, shares included, and a bound on its error."""
        log_affinity, error = self.log_affinity
        log_p, log_q = self.log_shares
        logs = abs(log_p) + abs(log_q) + self.m * abs(log_affinity)
        return (
            0.5 * (log_p + log_q) + self.m * log_affinity,
            self.m * error + 0.5 * self.share_error + LOG_ROUNDING * logs,
        )

    @cached_property
    def log_scale(self) -> tuple[float, float]:
        """log φ̂^m of the common letters among themselves, and a bound on its error."""
        value, error = self.log_affinity
        return self.m * value, self.m * error

    @cached_property
    def share_error(self) -> float:
        """Bound on the relative error of P^m and Q^m."""
        return SHARE_ROUNDING * (abs(self.log_shares[0]) + abs(self.log_shares[1]))

    @cached_property
    def simple_log_overlap(self) -> Bracket:
        """log O_m from affinities alone: 1 − √(1 − φ^{2m}) ≤ O_m ≤ (min_s Σ p^s q^{1−s})^m."""
        middle, error = self.log_middle
        twice = min(2 * (middle - error), 0.0)
        lower = twice - math.log1p(math.sqrt(-math.expm1(twice))) - RESULT_ROUNDING
        chernoff = chernoff_information(self.common)
        upper = (CHERNOFF_ROUNDING - 1) * self.m * chernoff + 4 * error
        return Bracket(lower, min(middle + error, upper, 0.0))

    @cached_property
    def simple_distance(self) -> Bracket:
        """d_TV(P^m, Q^m) from affinities alone: 1 − O_m, the upper end kept accurate near 0."""
        middle, error = self.log_middle
        upper = math.sqrt(-math.expm1(min(2 * (middle - error), 0.0)))
        return Bracket(
            -math.expm1(self.simple_log_overlap.upper) * (1 - RESULT_ROUNDING),
            min(1.0, upper * (1 + RESULT_ROUNDING)),
        )

    def log_mass_beyond(self, periods: FloatArray) -> FloatArray:
        """log of a bound on P^m(S > T) + Q^m(S < −T), for each T."""
        above = log_tail(*self._p_moments, periods) + self.log_shares[0]
        below = log_tail(*self._q_moments, periods) + self.log_shares[1]
        return np.logaddexp(above, below) + TAIL_MARGIN

    def log_tilted_beyond(self, periods: FloatArray) -> FloatArray:
        """log of a bound on the tilted probability of |S| > T, for each T."""
        above, below = (log_tail(*moments, periods) for moments in self._tilted_moments)
        return np.logaddexp(above, below) + TAIL_MARGIN

    @cached_property
    def _p_moments(self) -> _Moments:
        return self._moments(self.p, self.common.log_ratio)

    @cached_property
    def _q_moments(self) -> _Moments:
        return self._moments(self.q, -self.common.log_ratio)

    @cached_property
    def _tilted_moments(self) -> tuple[_Moments, _Moments]:
        log_ratio = self.common.log_ratio
        return self._moments(self.weights, log_ratio), self._moments(self.weights, -log_ratio)

    def _moments(self, mass: FloatArray, values: FloatArray) -> _Moments:
        """Bounds on log E e^{tS}, for a grid of exponents t, where S is a sum of m values drawn by `mass`."""
        variance = float(mass @ (values - mass @ values) ** 2)
        size = math.sqrt(self.m * variance) + EPS * self.m * float(mass @ np.abs(values))
        exponents = tail_exponents(size, float(np.abs(values).max()))
        rise = rises(exponents, mass, values, self.log_ratio_error)
        return _Moments(exponents, self.m * np.log1p(rise) * (1 + np.copysign(LOG_ROUNDING, rise)))

    def stray(self, mass: FloatArray) -> float:
        """Size of the sum of m log ratios under `mass`: its mean and its standard deviation together."""
        log_ratio = self.common.log_ratio
        return self.m * abs(float(mass @ log_ratio)) + math.sqrt(self.m * float(mass @ log_ratio**2))

    def shift_error(self, period: float) -> float:
        """Bound on |E K(S) − E K(S′)|, where S′ is S with the logarithms that the sums use.

        K has slopes up to ½. Each letter of S′ is off by the error of its logarithm and by the rounding of
        its difference from the centre. The rounding of mL₀/T modulo 1 adds T ε/4, counted fourfold.
        """
        log_ratio = self.common.log_ratio
        each = self.log_ratio_error + CENTRE_ROUNDING * (np.abs(log_ratio) + 2 * abs(log_ratio[self.centre]))
        return 0.5 * (self.m * float(self.weights @ each) + period * EPS)

    @cached_property
    def centre(self) -> int:
        """Index of the letter that all angles are measured from.

        It is the tilted median, which is near the mean however heavy the tails.
        """
        return median(self.weights)

    def wheel(self, period: float) -> Wheel:
        """The letters as turns per node of a sum of the given period."""
        return wheel_of(self.weights, self.common.log_ratio, self.m, period)


def tail_exponents(size: float, largest: float) -> FloatArray:
    """Exponents t of bounds e^{−t level} E e^{tS}, for S of the given size and steps up to `largest`.

    Each is √2 times the one before, as `rises` requires. They begin where t is small beside the size, and
    beside a single step: rare letters far out give a small size.
    """
    exponents = min(2.0**-4 / size, 1 / largest) * np.exp2(np.arange(0.0, 12.0, 0.5))
    return np.asarray(exponents[exponents <= LARGEST_TILT / largest])


def log_tail(exponents: FloatArray, logs: FloatArray, levels: FloatArray) -> FloatArray:
    """Chernoff's bound on log Pr(S > level), the best of a grid of exponents."""
    bounds = logs[:, None] - np.outer(exponents, levels)
    return np.asarray(bounds.min(axis=0, initial=0.0))


def image_of_mass_beyond(periods: FloatArray) -> FloatArray:
    """Bound (e^{−T/2} + e^{−T})/(1 − e^{−T/2}) on the effect of a unit of mass beyond a period T."""
    fall = np.exp(-periods / 2)
    return (fall + fall * fall) / -np.expm1(-periods / 2)


@kernel
def rises(
    exponents: FloatArray, mass: FloatArray, values: FloatArray, value_errors: FloatArray
) -> FloatArray:
    """E e^{tL} − 1 from above, for exponents t each of which is √2 times the one before.

    The growth g = e^{tL} − 1 at twice an exponent is g(2 + g). A relative error of g becomes
    2/(1 + e^{−tL}) times as large, and the product of these factors is at most 1 + |tL| at the last.
    """
    count = len(exponents)
    sums, errors = np.zeros(count), np.zeros(count)
    for i in range(len(mass)):
        growth = before = 0.0
        for j in range(count):
            x = exponents[j] * values[i]
            growth, before = before, growth
            growth = growth * (2.0 + growth) if j >= 2 else math.expm1(x)
            term = mass[i] * growth
            sums[j] += term
            # masses, functions and products, then the error of L
            errors[j] += TAIL_ROUNDING * (1.0 + abs(x)) * abs(term)
            errors[j] += 2.0 * exponents[j] * (mass[i] + term) * value_errors[i]
            errors[j] += SUM_SHARE * abs(term) * len(mass)
    return np.maximum(sums + errors, SUM_SHARE - 1.0)


def _common_factor(log_share: float, masses: FloatArray) -> float:
    """Bound on |Σ masses/share − 1|, by which all masses are off together."""
    share = math.exp(log_share)
    excess = abs(total(masses) / share - 1) if share > 0 else 1.0
    return excess + (LOG_ROUNDING + SHARE_ROUNDING * abs(log_share) if log_share < 0 else 0.0)
