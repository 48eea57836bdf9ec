"""Certified brackets for products of different pairs; see `distance` for the formulas.

The law of S is that of a sum of independent parts, one of each factor (Pᵢ^mᵢ, Qᵢ^mᵢ). So ψ^m becomes
Π ψᵢ^mᵢ and φ^m becomes Π φᵢ^mᵢ. Shares multiply. Logarithms and bounds on their errors add up. All else is as
for one pair.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import pairwise

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.brackets import Bracket
from modecollapse.packing.fourier.distance import DistanceSums
from modecollapse.packing.fourier.node_sums import EPS, NodeSums, halves
from modecollapse.packing.fourier.product_sums import FACTOR_TERMS, FactorWheels, Prefactor, product_sums
from modecollapse.packing.fourier.refinement import MAX_TERMS, refine
from modecollapse.packing.fourier.rounding import (
    LOG_ROUNDING,
    RESULT_ROUNDING,
    TAIL_MARGIN,
)
from modecollapse.packing.fourier.tilted_pair import TiltedPair, log_tail, rises, tail_exponents
from modecollapse.packing.letters import Factor


def tv_bracket(factors: Sequence[Factor], width: float, terms: float = MAX_TERMS) -> Bracket:
    """Two numbers at most `width` apart with the total variation of the product between them.

    Raises
    ------
    PrecisionError
        With the best bracket, if the width needs more than `terms` letters × nodes, or is below what rounding
        allows.
    """
    return certified_tv(factors, width, terms)[1]


def certified_tv(factors: Sequence[Factor], width: float, terms: float = MAX_TERMS) -> tuple[float, Bracket]:
    """An estimate of the total variation of the product, and the bracket of `tv_bracket` around it.

    Some factor must have letters of two ratios; see `distance.certified_tv` for the estimate.

    Raises
    ------
    PrecisionError
        As for `tv_bracket`.
    """
    product = TiltedProduct.of(factors)
    step = refine(_ProductSums(product, width), product.simple_distance, width, terms)
    return step.estimate, step.bracket


def largest_distance(factors: Sequence[Factor]) -> float:
    """Upper bound √(1 − Π φᵢ^2mᵢ) on the total variation, which has its scale where it is small."""
    return TiltedProduct.of(factors).simple_distance.upper


@dataclass(frozen=True)
class TiltedProduct:
    """The tilted law of a product: that of a sum of independent parts (a `distance.TiltedLaw`).

    Letters of all factors stand one factor after the other. Numbers that `TiltedPair` gives for a factor are
    added up with `math.fsum`, which rounds once.
    """

    parts: tuple[TiltedPair, ...]

    @classmethod
    def of(cls, factors: Sequence[Factor]) -> TiltedProduct:
        """The factors, with those that take |ψ| down soonest first."""
        parts = [TiltedPair(factor.common, factor.m) for factor in factors]
        return cls(tuple(sorted(parts, key=_tilted_variance, reverse=True)))

    @cached_property
    def starts(self) -> IntArray:
        """Index of the first letter of each factor, and their number, shape (n + 1,)."""
        return np.cumsum([0, *(len(part.common.p) for part in self.parts)])

    @cached_property
    def degrees(self) -> FloatArray:
        """Number of samples of each factor."""
        return np.array([float(part.m) for part in self.parts])

    @cached_property
    def samples(self) -> FloatArray:
        """Number of samples of the factor of each letter."""
        return np.repeat(self.degrees, np.diff(self.starts))

    @cached_property
    def p(self) -> FloatArray:
        """Masses of the common letters of each factor among themselves, under P."""
        return np.concatenate([part.p for part in self.parts])

    @cached_property
    def q(self) -> FloatArray:
        """Masses of the common letters of each factor among themselves, under Q."""
        return np.concatenate([part.q for part in self.parts])

    @cached_property
    def log_ratio(self) -> FloatArray:
        """log(p/q) of each letter."""
        return np.concatenate([part.common.log_ratio for part in self.parts])

    @cached_property
    def log_ratio_error(self) -> FloatArray:
        """Bound on the absolute error of each log ratio."""
        return np.concatenate([part.log_ratio_error for part in self.parts])

    @cached_property
    def log_shares(self) -> tuple[float, float]:
        """Logarithms of the masses that the product of the P, and that of the Q, puts on common letters."""
        of_p, of_q = zip(*(part.log_shares for part in self.parts), strict=True)
        return math.fsum(of_p), math.fsum(of_q)

    @cached_property
    def share_error(self) -> float:
        """Bound on the relative error of these masses."""
        return math.fsum(part.share_error for part in self.parts)

    @cached_property
    def log_scale(self) -> tuple[float, float]:
        """Logarithm of the affinity of the common letters among themselves, and a bound on its error."""
        values, errors = zip(*(part.log_scale for part in self.parts), strict=True)
        value = math.fsum(values)
        return value, math.fsum(errors) + LOG_ROUNDING * abs(value)

    @cached_property
    def simple_distance(self) -> Bracket:
        """The total variation from the affinity φ alone: 1 − φ ≤ d_TV ≤ √(1 − φ²), accurate near 0."""
        (log_p, log_q), (log_scale, error) = self.log_shares, self.log_scale
        middle = 0.5 * (log_p + log_q) + log_scale
        error += 0.5 * self.share_error + LOG_ROUNDING * (abs(log_p) + abs(log_q) + abs(log_scale))
        upper = math.sqrt(-math.expm1(min(2 * (middle - error), 0.0)))
        return Bracket(
            -math.expm1(min(middle + error, 0.0)) * (1 - RESULT_ROUNDING),
            min(1.0, upper * (1 + RESULT_ROUNDING)),
        )

    def log_mass_beyond(self, periods: FloatArray) -> FloatArray:
        """log of a bound on P(S > T) + Q(S < −T), for each T."""
        above = self._log_tail(self.p, self.log_ratio, periods) + self.log_shares[0]
        below = self._log_tail(self.q, -self.log_ratio, periods) + self.log_shares[1]
        return np.logaddexp(above, below) + TAIL_MARGIN

    def _log_tail(self, mass: FloatArray, values: FloatArray, levels: FloatArray) -> FloatArray:
        """Chernoff's bound on log Pr(S > level), where the log moments of the factors add up."""
        exponents = tail_exponents(self._deviation(mass, values), float(np.abs(values).max()))
        log_moments = np.zeros((len(self.parts), len(exponents)))
        for i, (first, end) in enumerate(pairwise(self.starts.tolist())):
            rise = rises(exponents, mass[first:end], values[first:end], self.log_ratio_error[first:end])
            log_moments[i] = self.degrees[i] * np.log1p(rise) * (1 + np.copysign(LOG_ROUNDING, rise))
        rounding = len(self.parts) * EPS * np.abs(log_moments).sum(axis=0)
        return log_tail(exponents, log_moments.sum(axis=0) + rounding, levels)

    def _deviation(self, mass: FloatArray, values: FloatArray) -> float:
        """Standard deviation of S under `mass`, and something more, lest it vanish."""
        sizes = np.diff(self.starts)
        means = np.repeat(np.add.reduceat(mass * values, self.starts[:-1]), sizes)
        variance = float((self.samples * mass) @ (values - means) ** 2)
        return math.sqrt(variance) + EPS * float((self.samples * mass) @ np.abs(values))

    def stray(self, mass: FloatArray) -> float:
        """Size of S under `mass`: its mean and its standard deviation together."""
        weighted = self.samples * mass
        return abs(float(weighted @ self.log_ratio)) + math.sqrt(float(weighted @ self.log_ratio**2))

    def shift_error(self, period: float) -> float:
        """Bound on |E K(S) − E K(S′)|, where S′ is S with the logarithms that the sums use."""
        own = math.fsum(part.shift_error(0.0) for part in self.parts)
        return own + 0.5 * period * EPS

    def wheels(self, period: float) -> FactorWheels:
        """The letters as turns per node of a sum of the given period; whole turns are taken off exactly."""
        centres = [float(part.common.log_ratio[part.centre]) for part in self.parts]
        turns = (self.log_ratio - np.repeat(centres, np.diff(self.starts))) / period
        total = sum((part.m * Fraction(c) for part, c in zip(self.parts, centres, strict=True)), Fraction(0))
        offset = total / Fraction(period)
        offset -= round(offset)
        return FactorWheels(
            np.concatenate([part.weights for part in self.parts]),
            halves(turns - np.rint(turns)),
            self.starts,
            self.degrees,
            halves(np.array([float(offset)]))[:, 0].copy(),
        )


def _tilted_variance(part: TiltedPair) -> float:
    """Variance of a factor's part of S, by the cost of a node."""
    log_ratio = part.common.log_ratio
    variance = float(part.weights @ (log_ratio - part.weights @ log_ratio) ** 2)
    return part.m * variance / (len(log_ratio) + FACTOR_TERMS)


@dataclass(frozen=True)
class _ProductSums(DistanceSums):
    """Brackets of the total variation of a product by number of nodes."""

    pair: TiltedProduct

    @cached_property
    def wheel(self) -> FactorWheels:
        return self.pair.wheels(self.period)

    def node_sums(self, count: int, log_negligible: float) -> NodeSums:
        prefactor = Prefactor(*self.pair.log_scale, log_negligible)
        return product_sums(self.wheel, count, self.period / (2 * count), prefactor)
