"""Log likelihood ratios that all lie on a lattice, possibly offset."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.fourier.node_sums import EPS
from modecollapse.packing.fourier.rounding import CENTRE_ROUNDING
from modecollapse.packing.fourier.tilted_pair import TiltedPair
from modecollapse.packing.kernels import kernel

EUCLID_TOLERANCE = 1e-9
"""Remainder that Euclid's algorithm takes for 0, relative to the span of the log ratios.

It lies above the rounding of a remainder, and below the spacing of the finest lattice that is summed on. A
wrong lattice is refused afterwards.
"""

LATTICE_TOLERANCE = 1e-13
"""Distance from a lattice at which a letter is snapped to it, relative to the log ratios.

A choice: what snapping changes is counted in `Lattice.shift_error`.
"""


class Lattice(NamedTuple):
    """Log ratios L₀ + h·steps, so that S lies on offset + h·integers."""

    spacing: float
    """h."""
    steps: IntArray
    """(L − L₀)/h of each letter."""
    offset: float
    """mL₀ modulo h, in [0, h]."""
    steps_of_centre: int
    """(mL₀ − offset)/h."""
    shift_error: float
    """Bound on the change of E K(S) by snapping to the lattice, as in `TiltedPair.shift_error`."""

    def count(self, period: float) -> int:
        """Number of steps that cover a period."""
        return math.ceil(period / self.spacing) + 1


def find_lattice(pair: TiltedPair, longest: int) -> Lattice | None:
    """Find the coarsest lattice that holds all log ratios to rounding.

    Returns None if the log ratios span more than `longest` steps of any lattice.
    """
    log_ratio = pair.common.log_ratio
    centre = float(log_ratio[pair.centre])
    apart = log_ratio - centre
    span = float(log_ratio.max() - log_ratio.min())
    spacing = span
    for value in np.abs(apart):
        rest = float(value)
        while (
            rest > EUCLID_TOLERANCE * span
        ):  # Euclid; a lattice of many steps is refused before this is reached
            spacing, rest = rest, spacing % rest
            if spacing - rest < EUCLID_TOLERANCE * span:
                rest = 0.0
        if spacing * longest < span:
            return None
    steps = np.rint(apart / spacing)
    spacing = float(steps @ apart) / float(steps @ steps)
    missed = np.abs(apart - steps * spacing)
    if missed.max() > LATTICE_TOLERANCE * (span + abs(centre)):
        return None
    missed += CENTRE_ROUNDING * (np.abs(apart) + abs(centre))
    total, grain = Fraction(centre) * pair.m, Fraction(spacing)
    whole = total // grain
    shift = 0.5 * (pair.m * float(pair.weights @ missed) + EPS * spacing)
    return Lattice(spacing, steps.astype(np.int64), float(total - whole * grain), int(whole), shift)


@kernel
def around(weights: FloatArray, steps: IntArray, count: int) -> tuple[FloatArray, FloatArray]:
    """Return Σ w (1 − cos 2πns/N) and Σ w sin 2πns/N for 0 ≤ n ≤ N/2, from one table of sines."""
    # sin πj/N and cos πj/N, with angles in [−π/2, π/2]
    sine, cosine = np.empty(count), np.empty(count)
    for j in range(count):
        turn = j / count if 2 * j <= count else (j - count) / count
        sine[j], cosine[j] = math.sin(math.pi * turn), math.cos(math.pi * turn)
    chord, height = np.zeros(count // 2 + 1), np.zeros(count // 2 + 1)
    # 1 − cos 2πx = 2 sin² πx and sin 2πx = 2 sin πx cos πx at x = ns/N modulo 1
    for i in range(len(weights)):
        at = 0
        for n in range(count // 2 + 1):
            chord[n] += 2.0 * weights[i] * sine[at] * sine[at]
            height[n] += 2.0 * weights[i] * sine[at] * cosine[at]
            at += steps[i]
            if at >= count:
                at -= count
    return chord, height
