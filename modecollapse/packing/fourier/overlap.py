"""Brackets of log O_m, the overlap of (P^m, Q^m); see `distance` for the formulas."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.packing.fourier.contour import contour_estimate
from modecollapse.packing.fourier.node_sums import EPS, Wheel, transform_sums
from modecollapse.packing.fourier.refinement import MAX_TERMS, Step, refine
from modecollapse.packing.fourier.tilted_pair import TiltedPair
from modecollapse.packing.letters import CommonLetters


def log_overlap_bracket(
    common: CommonLetters, m: int, width: float = 1e-6, terms: float = MAX_TERMS
) -> Bracket:
    """Two numbers with log O_m between them, `width` apart: relative accuracy of the overlap.

    The sums are relative to φ^m. Where O_m is much smaller than φ^m, as with asymmetric pairs at large m,
    no number of nodes helps and the bracket in the error is the one from affinities:
    log(1 − √(1 − φ^{2m})) and m times the Chernoff information.

    Raises
    ------
    PrecisionError
        As for `tv_bracket`.
    """
    if common.has_one_ratio:
        value = m * min(common.log_p_share, common.log_q_share)
        slack = 8 * EPS * abs(value) if math.isfinite(value) else 0.0
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
        """log (O_m/φ^m), about."""
        log_overlap = contour_estimate(self.pair.common, self.pair.m).value
        return min(log_overlap - self.pair.log_middle[0], 0.0)

    @cached_property
    def target(self) -> float:
        """What images, and what nodes left out, may cost."""
        return min(self.width, 1.0) * math.exp(max(self.guess, -40.0)) / 32

    @cached_property
    def period(self) -> float:
        """The shortest T whose images keep within the target, or the longest tried."""
        scale = self.pair.stray(self.pair.weights)
        candidates = np.geomspace(1, 2000, 100) * max(scale, 8 * math.log(8 / self.target) / 2000)
        within = self._images(candidates) <= self.target
        return float(candidates[np.argmax(within)] if within.any() else candidates[-1])

    @cached_property
    def images(self) -> float:
        """What the other images of S add, at most."""
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
        sums = transform_sums(self.wheel, pair.m, count, decay, 0.0, 0.0, math.log(self.target / 2))
        upper = (1 / math.tanh(decay / 2) + 2 * sums[1]) / count
        surplus = (math.tanh(decay / 4) + 2 * sums[2]) / count
        error = 1.01 * (2 * (sums[3] + sums[4]) / count + pair.shift_error(period))
        error += 64 * EPS * (abs(upper) + 1 / (math.tanh(decay / 2) * count))
        images = self.images
        middle, middle_error = pair.log_middle
        ends = []
        for value, slack in (
            (upper - surplus - error - images, -middle_error),
            (upper + error, middle_error),
        ):
            ends.append(middle + math.log(value) + slack if value > 0 else -math.inf)
        bracket = Bracket(*ends)
        floor = 2 * middle_error + (2 * error + images) / max(upper, 1e-300)
        return Step(bracket, bracket.middle, floor, sums[6])
