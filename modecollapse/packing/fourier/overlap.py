"""Brackets of log O_m, the overlap of (P^m, Q^m); see `distance` for the formulas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.packing.fourier.contour import contour_estimate
from modecollapse.packing.fourier.node_sums import Power, Wheel, transform_sums
from modecollapse.packing.fourier.refinement import MAX_TERMS, Step, refine
from modecollapse.packing.fourier.rounding import (
    BOUND_MARGIN,
    SHARE_OF_IMAGES,
    SHARE_ROUNDING,
    SUM_ROUNDING,
)
from modecollapse.packing.fourier.tilted_pair import TiltedPair
from modecollapse.packing.letters import CommonLetters

LEAST_LOG_OVERLAP = -40.0
"""Overlaps below e^−40 φ^m are out of reach of sums relative to φ^m, so no target is set below this."""

LEAST_VALUE = 1e-300
"""Keeps a quotient finite where a sum is not positive."""


def log_overlap_bracket(
    common: CommonLetters, m: int, width: float = 1e-6, terms: float = MAX_TERMS
) -> Bracket:
    """Two numbers at most `width` apart with log O_m between them: relative accuracy of the overlap.

    The sums are relative to φ^m. With asymmetric pairs at large m, O_m is much smaller than φ^m, and no
    number of nodes helps. Then the error carries the bracket from affinities: log(1 − √(1 − φ^{2m})) and
    −m times the Chernoff information.

    Raises
    ------
    PrecisionError
        As for `tv_bracket`.
    """
    if common.has_one_ratio:
        value = m * min(common.log_p_share, common.log_q_share)
        slack = SHARE_ROUNDING * abs(value) if math.isfinite(value) else 0.0
        return Bracket(value - slack, min(value + slack, 0.0))
    pair = TiltedPair(common, m)
    return refine(_OverlapSums(pair, width), pair.simple_log_overlap, width, terms).bracket


def certified_log_overlap(
    common: CommonLetters, m: int, width: float = 1e-6, terms: float = MAX_TERMS
) -> tuple[float, Bracket]:
    """An estimate of log O_m, and the bracket of `log_overlap_bracket` with the estimate inside.

    Raises
    ------
    PrecisionError
        As for `log_overlap_bracket`.
    """
    bracket = log_overlap_bracket(common, m, width, terms)
    return min(max(contour_estimate(common, m).value, bracket.lower), bracket.upper), bracket


@dataclass(frozen=True)
class _OverlapSums:
    """Brackets of log O_m by number of nodes."""

    pair: TiltedPair
    width: float

    @cached_property
    def guess(self) -> float:
        """Estimate of log (O_m/φ^m)."""
        log_overlap = contour_estimate(self.pair.common, self.pair.m).value
        return min(log_overlap - self.pair.log_middle[0], 0.0)

    @cached_property
    def target(self) -> float:
        """Budget for the images of S, and for the nodes that count as 0, relative to φ^m."""
        return min(self.width, 1.0) * math.exp(max(self.guess, LEAST_LOG_OVERLAP)) * SHARE_OF_IMAGES

    @cached_property
    def period(self) -> float:
        """The shortest T whose images keep within the target, or the longest tried."""
        scale = self.pair.stray(self.pair.weights)
        candidates = np.geomspace(1, 2000, 100) * max(scale, 8 * math.log(8 / self.target) / 2000)
        within = self._images(candidates) <= self.target
        return float(candidates[np.argmax(within)] if within.any() else candidates[-1])

    @cached_property
    def images(self) -> float:
        """Bound on what the other images of S add."""
        return float(self._images(np.array([self.period]))[0])

    def _images(self, periods: FloatArray) -> FloatArray:
        """Bound on E K(S) − E e^{−|S|/2}: the other images of S."""
        near = 2 * np.exp(-periods / 4) / -np.expm1(-periods / 2)
        return near + np.exp(self.pair.log_tilted_beyond(periods / 2)) / np.tanh(periods / 4)

    @cached_property
    def wheel(self) -> Wheel:
        return self.pair.wheel(self.period)

    def __call__(self, count: int) -> Step:
        pair, period = self.pair, self.period
        decay = period / (2 * count)
        power = Power(float(pair.m), 0.0, 0.0, math.log(self.target / 2))
        sums = transform_sums(self.wheel, count, decay, power)
        # the node 0, where ψ = 1, and twice the sum of the others
        upper = (1 / math.tanh(decay / 2) + 2 * sums.major) / count
        surplus = (math.tanh(decay / 4) + 2 * sums.excess) / count
        # theory §7, "Rounding": errors of the nodes, of the logarithms and of the sums
        error = 2 * (sums.major_error + sums.excess_error) / count + pair.shift_error(period)
        error *= BOUND_MARGIN
        error += SUM_ROUNDING * (abs(upper) + 1 / (math.tanh(decay / 2) * count))
        images = self.images
        middle, middle_error = pair.log_middle
        ends = []
        for value, slack in (
            (upper - surplus - error - images, -middle_error),
            (upper + error, middle_error),
        ):
            ends.append(middle + math.log(value) + slack if value > 0 else -math.inf)
        bracket = Bracket(*ends)
        floor = 2 * middle_error + (2 * error + images) / max(upper, LEAST_VALUE)
        return Step(bracket, bracket.middle, floor, sums.terms)
