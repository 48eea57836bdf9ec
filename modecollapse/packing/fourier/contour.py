"""An estimate of the overlap by a contour integral: relative accuracy, not certified.

No proof rests on the constants of this module.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from modecollapse.packing.chernoff import least_affinity, log_affinity_at
from modecollapse.packing.fourier.node_sums import add_letters, wheel_of
from modecollapse.packing.letters import CommonLetters

CONTOUR_BLOCK = 256
"""Nodes evaluated together."""

MIN_CONTOUR_TERMS = 2**18
"""Least letters × nodes. ψ^m of a few letters nearly on a lattice comes back after it has died out."""

MAX_CONTOUR_NODES = 2**18
"""Limit on the nodes."""

MAX_CONTOUR_TERMS = 10**8
"""Limit on letters × nodes. The estimate stops here, and its `truncation` says what is missing."""

NEGLIGIBLE_TERM = 1e-17
"""Part of the sum that the omitted nodes may come to: a tenth of a rounding."""

IMAGE_DEPTH = 40.0
"""Images of S weigh e^−40 = 4e-18 or less, relative to O_m."""

PERIOD_DEVIATIONS = 20.0
"""A period covers this many standard deviations of S: beyond, e^−200 of its mass is left."""

LEAST_SUM = 1e-300
"""Keeps the logarithm finite where the sum is not positive."""


class Estimate(NamedTuple):
    """A number whose truncation was measured, not proved."""

    value: float
    truncation: float


def contour_estimate(common: CommonLetters, m: int) -> Estimate:
    """log O_m by the trapezoid rule on a line in the complex plane: relative accuracy of the overlap.

    O_m = (1/2πi) ∫ (Σ p^z q^{1−z})^m dz / (z(1−z)) over any line 0 < Re z < 1, taken here where the integrand
    is least on the real axis, next to the Chernoff point. The rule adds images of S; the step makes them less
    than 1e-17 of the whole.

    Returns
    -------
    Estimate
        `value` is log O_m. `truncation` is the size of the omitted nodes relative to O_m, if the integrand
        beyond the last nodes is no larger than at them. It is not certified. It is not small where the
        characteristic function does not die out: for m of one digit, and on lattices.
    """
    if common.has_one_ratio:
        return Estimate(m * min(common.log_p_share, common.log_q_share), 0.0)
    s = least_affinity(common, m, 1.0)
    log_ratio = common.log_ratio
    log_weights = s * np.log(common.p) + (1 - s) * np.log(common.q)
    weights = np.exp(log_weights - log_weights.max())
    weights /= weights.sum()
    deviation = math.sqrt(m * float(weights @ (log_ratio - weights @ log_ratio) ** 2))
    edge = min(s, 1 - s)
    period = (IMAGE_DEPTH + math.log1p(deviation)) / edge + PERIOD_DEVIATIONS * deviation
    wheel = wheel_of(weights, log_ratio, m, period)
    most = min(MAX_CONTOUR_NODES, MAX_CONTOUR_TERMS // len(weights))
    least = min(MIN_CONTOUR_TERMS // len(weights), most // 8)
    total, first, truncation = 1 / (s * (1 - s)), 1, math.inf
    while first < most and (truncation > NEGLIGIBLE_TERM or first < least):
        nodes = np.arange(first, first + CONTOUR_BLOCK, dtype=np.float64)
        chord, height = np.zeros(CONTOUR_BLOCK), np.zeros(CONTOUR_BLOCK)
        add_letters(0, len(weights), nodes, wheel.weights, wheel.turns, chord, height)
        shrink = np.maximum(chord * chord + height * height - 2 * chord, -1.0)
        with np.errstate(divide="ignore"):
            power = np.exp(0.5 * m * np.log1p(shrink))
        turned = np.mod(nodes * wheel.centre[0], 1.0) + nodes * wheel.centre[1]
        phase = m * np.arctan2(height, 1 - chord) + 2 * math.pi * turned
        points = s + 2j * math.pi * nodes / period
        total += 2 * float((power * np.exp(1j * phase) / (points * (1 - points))).real.sum())
        first += CONTOUR_BLOCK
        truncation = float(power[-CONTOUR_BLOCK // 2 :].max()) * period * period / (2 * math.pi**2 * first)
        truncation /= abs(total)
    value = m * log_affinity_at(common, s) + math.log(max(total, LEAST_SUM) / period)
    return Estimate(min(value, 0.0), truncation)
