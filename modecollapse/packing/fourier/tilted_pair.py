"""Common letters under the tilted law √(pq)/φ, with the rounding of everything counted; see `distance`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.packing.chernoff import chernoff_information
from modecollapse.packing.fourier.node_sums import EPS, Wheel, median, wheel_of
from modecollapse.packing.letters import CommonLetters

TAIL_BLOCK = 10**6
"""Exponents × letters held at once."""


@dataclass(frozen=True)
class TiltedPair:
    """Common letters prepared for one m.

    Model of the input: masses are within 4 ε relative of the true ones (ε = 2.2e-16), and log ratios
    within 4 ε |L| + 8 ε², to which far letters (p/q outside ½…3/2) add ε (|log p| + |log q|). Everything
    below follows from that and from the rounding of IEEE arithmetic.
    """

    common: CommonLetters
    m: int

    @cached_property
    def share_gap(self) -> float:
        return self.common.log_p_share - self.common.log_q_share

    @cached_property
    def p(self) -> FloatArray:
        """Masses of the common letters among themselves."""
        return self.common.p / math.fsum(self.common.p)

    @cached_property
    def q(self) -> FloatArray:
        return self.common.q / math.fsum(self.common.q)

    @cached_property
    def log_ratio_error(self) -> FloatArray:
        log_ratio = self.common.log_ratio
        far = np.abs(np.expm1(np.minimum(log_ratio, 1.0))) >= 0.49
        logs = np.abs(np.log(self.common.p)) + np.abs(np.log(self.common.q))
        return 4 * EPS * np.abs(log_ratio) + 8 * EPS**2 + EPS * np.where(far, logs, 0.0)

    @cached_property
    def log_affinity(self) -> tuple[float, float]:
        """log Σ √(p̂q̂) of the common letters among themselves, and a bound on its error."""
        p, q = np.sqrt(self.p), np.sqrt(self.q)
        total = math.fsum(p * q)
        if total < 0.5:
            return math.log(total), 16 * EPS - 4 * EPS * math.log(total)
        between = self.common.log_ratio - self.share_gap
        between_error = self.log_ratio_error + 4 * EPS * (
            np.abs(between) + abs(self.common.log_p_share) + abs(self.common.log_q_share)
        )
        close = np.abs(between) < 0.5
        step = np.where(close, -p * np.expm1(-np.where(close, between, 0.0) / 2), p - q)
        step_error = 8 * EPS * np.where(close, np.abs(step), p + q) + np.where(close, p * between_error, 0.0)
        distance = 0.5 * math.fsum(step * step)
        distance_error = float(((2 * np.abs(step) + step_error) * step_error).sum()) + 2 * EPS * distance
        value = math.log1p(-distance)
        return value, distance_error / (1 - distance) + 4 * EPS * abs(value)

    @cached_property
    def log_shares(self) -> tuple[float, float]:
        """log P^m and log Q^m of the common letters."""
        return self.m * self.common.log_p_share, self.m * self.common.log_q_share

    @cached_property
    def weights(self) -> FloatArray:
        root = np.sqrt(self.common.p) * np.sqrt(self.common.q)
        return root / math.fsum(root)

    @cached_property
    def log_middle(self) -> tuple[float, float]:
        """log φ^m, shares included, and a bound on its error."""
        log_affinity, error = self.log_affinity
        log_p, log_q = self.log_shares
        return (
            0.5 * (log_p + log_q) + self.m * log_affinity,
            self.m * error + 4 * EPS * (abs(log_p) + abs(log_q) + self.m * abs(log_affinity)),
        )

    @cached_property
    def log_scale(self) -> tuple[float, float]:
        """log φ̂^m, and a bound on its error."""
        value, error = self.log_affinity
        return self.m * value, self.m * error

    @cached_property
    def share_error(self) -> float:
        """Bound on the relative error of P^m and Q^m."""
        return 4 * EPS * (abs(self.log_shares[0]) + abs(self.log_shares[1]))

    @cached_property
    def simple_log_overlap(self) -> Bracket:
        """log O_m from affinities alone: 1 − √(1 − φ^{2m}) ≤ O_m ≤ (min_s Σ p^s q^{1−s})^m."""
        middle, error = self.log_middle
        twice = min(2 * (middle - error), 0.0)
        lower = twice - math.log1p(math.sqrt(-math.expm1(twice))) - 4 * EPS
        chernoff = chernoff_information(self.common)
        upper = (1e-11 - 1) * self.m * chernoff + 4 * error
        return Bracket(lower, min(middle + error, upper, 0.0))

    @cached_property
    def simple_distance(self) -> Bracket:
        """d_TV(P^m, Q^m) from affinities alone: 1 − O_m, the upper end kept accurate near 0."""
        middle, error = self.log_middle
        upper = math.sqrt(-math.expm1(min(2 * (middle - error), 0.0)))
        return Bracket(
            -math.expm1(self.simple_log_overlap.upper) * (1 - 4 * EPS), min(1.0, upper * (1 + 4 * EPS))
        )

    def log_mass_beyond(self, periods: FloatArray) -> FloatArray:
        """log of a bound on P^m(S > T) + Q^m(S < −T), for each T."""
        above = self._log_tail(self.p, self.common.log_ratio, periods) + self.log_shares[0]
        below = self._log_tail(self.q, -self.common.log_ratio, periods) + self.log_shares[1]
        return np.logaddexp(above, below) + 1e-9

    def log_tilted_beyond(self, periods: FloatArray) -> FloatArray:
        """log of a bound on the tilted probability of |S| > T, for each T."""
        above = self._log_tail(self.weights, self.common.log_ratio, periods)
        below = self._log_tail(self.weights, -self.common.log_ratio, periods)
        return np.logaddexp(above, below) + 1e-9

    def _log_tail(self, mass: FloatArray, values: FloatArray, levels: FloatArray) -> FloatArray:
        """Chernoff's bound on log Pr(a sum of m values > level), the best of a grid of exponents."""
        variance = float(mass @ (values - mass @ values) ** 2)
        size = math.sqrt(self.m * variance) + EPS * self.m * float(mass @ np.abs(values))
        exponents = np.exp2(np.arange(-4.0, 8.0, 0.5)) / size
        exponents = np.minimum(exponents, 300 / np.abs(values).max())
        best = np.zeros(len(levels))
        for some in np.array_split(exponents, 1 + len(exponents) * len(values) // TAIL_BLOCK):
            growth = np.expm1(np.outer(some, values))
            error = (32 + len(mass)) * EPS * (np.abs(growth) @ mass)
            error += 2 * some * ((1 + growth) @ (mass * self.log_ratio_error))
            rise = np.maximum(growth @ mass + error, EPS - 1)
            log_moments = self.m * np.log1p(rise) * (1 + np.copysign(4 * EPS, rise))
            bounds = log_moments[:, None] - np.outer(some, levels)
            best = np.minimum(best, bounds.min(axis=0, initial=0.0))
        return best

    def stray(self, mass: FloatArray) -> float:
        """How far from 0 the sum of m log ratios strays under `mass`, mean and deviation together."""
        log_ratio = self.common.log_ratio
        return self.m * abs(float(mass @ log_ratio)) + math.sqrt(self.m * float(mass @ log_ratio**2))

    def shift_error(self, period: float) -> float:
        """Bound on |E K(S) − E K(S′)|, S′ being S with the logarithms that the sums really see.

        K has slopes up to ½. Each letter of S′ is off by the error of its own logarithm and by what the
        differences from the centre lose, divided by T; the whole by the rounding of mL₀/T.
        """
        log_ratio = self.common.log_ratio
        each = self.log_ratio_error + 2 * EPS * (np.abs(log_ratio) + 2 * abs(log_ratio[self.centre]))
        return 0.5 * (self.m * float(self.weights @ each) + period * EPS)

    @cached_property
    def centre(self) -> int:
        """The letter that sums are turned to: the tilted median, near the mean whatever the tails."""
        return median(self.weights)

    def wheel(self, period: float) -> Wheel:
        """The letters as turns per node."""
        return wheel_of(self.weights, self.common.log_ratio, self.m, period)


def image_of_mass_beyond(periods: FloatArray) -> FloatArray:
    """(e^{−T/2} + e^{−T})/(1 − e^{−T/2}): what mass beyond a period T adds to a periodic sum, at most."""
    fall = np.exp(-periods / 2)
    return (fall + fall * fall) / -np.expm1(-periods / 2)
