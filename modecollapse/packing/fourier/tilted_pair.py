"""Common letters under the tilted law √(pq)/φ, with bounds on every rounding error; see `distance`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

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
    TAIL_ROUNDING,
)
from modecollapse.packing.letters import CommonLetters

TAIL_BLOCK = 10**6
"""Exponents × letters held in memory at once."""

LARGEST_TILT = 300.0
"""Largest exponent tL of a tail bound: e^300 and its products with masses stay finite."""


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
        return self.common.p / math.fsum(self.common.p)

    @cached_property
    def q(self) -> FloatArray:
        """Masses of the common letters among themselves, under Q."""
        return self.common.q / math.fsum(self.common.q)

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
        total = math.fsum(p * q)
        if total < 0.5:
            return math.log(total), AFFINITY_ROUNDING - LOG_ROUNDING * math.log(total)
        # Hellinger's form: 1 − Σ√(p̂q̂) = ½ Σ (√p̂ − √q̂)²
        between = self.common.log_ratio - self.share_gap
        logs = abs(self.common.log_p_share) + abs(self.common.log_q_share)
        between_error = self.log_ratio_error + LOG_ROUNDING * np.abs(between) + SHARE_ROUNDING * logs
        close = np.abs(between) < 0.5
        step = np.where(close, -p * np.expm1(-np.where(close, between, 0.0) / 2), p - q)
        step_error = STEP_ROUNDING * np.where(close, np.abs(step), p + q) + np.where(
            close, p * between_error, 0.0
        )
        distance = 0.5 * math.fsum(step * step)
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
        return root / math.fsum(root)

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
        above = self._log_tail(self.p, self.common.log_ratio, periods) + self.log_shares[0]
        below = self._log_tail(self.q, -self.common.log_ratio, periods) + self.log_shares[1]
        return np.logaddexp(above, below) + TAIL_MARGIN

    def log_tilted_beyond(self, periods: FloatArray) -> FloatArray:
        """log of a bound on the tilted probability of |S| > T, for each T."""
        above = self._log_tail(self.weights, self.common.log_ratio, periods)
        below = self._log_tail(self.weights, -self.common.log_ratio, periods)
        return np.logaddexp(above, below) + TAIL_MARGIN

    def _log_tail(self, mass: FloatArray, values: FloatArray, levels: FloatArray) -> FloatArray:
        """Chernoff's bound on log Pr(a sum of m values > level), the best of a grid of exponents."""
        variance = float(mass @ (values - mass @ values) ** 2)
        size = math.sqrt(self.m * variance) + EPS * self.m * float(mass @ np.abs(values))
        exponents = np.exp2(np.arange(-4.0, 8.0, 0.5)) / size
        exponents = np.minimum(exponents, LARGEST_TILT / np.abs(values).max())
        best = np.zeros(len(levels))
        for some in np.array_split(exponents, 1 + len(exponents) * len(values) // TAIL_BLOCK):
            growth = np.expm1(np.outer(some, values))
            # E e^{tL} − 1 from above: masses, functions and the sum, then the error of each L
            error = (TAIL_ROUNDING + len(mass) * EPS) * (np.abs(growth) @ mass)
            error += 2 * some * ((1 + growth) @ (mass * self.log_ratio_error))
            rise = np.maximum(growth @ mass + error, EPS - 1)
            log_moments = self.m * np.log1p(rise) * (1 + np.copysign(LOG_ROUNDING, rise))
            bounds = log_moments[:, None] - np.outer(some, levels)
            best = np.minimum(best, bounds.min(axis=0, initial=0.0))
        return best

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


def image_of_mass_beyond(periods: FloatArray) -> FloatArray:
    """Bound (e^{−T/2} + e^{−T})/(1 − e^{−T/2}) on the effect of a unit of mass beyond a period T."""
    fall = np.exp(-periods / 2)
    return (fall + fall * fall) / -np.expm1(-periods / 2)


def _common_factor(log_share: float, masses: FloatArray) -> float:
    """Bound on |Σ masses/share − 1|, by which all masses are off together."""
    share = math.exp(log_share)
    excess = abs(math.fsum(masses) / share - 1) if share > 0 else 1.0
    return excess + (LOG_ROUNDING + SHARE_ROUNDING * abs(log_share) if log_share < 0 else 0.0)
