"""Sums over nodes for products of different pairs: Π ψᵢ^mᵢ in place of ψ^m; see `node_sums`.

The constants of the kernels are in this file, because a kernel's cache notices changes in its own file only.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.packing.fourier.node_sums import (
    BLOCK,
    CHUNK,
    EPS,
    LARGEST_EXPONENT,
    MODULUS_ROUNDING,
    NODE_ROUNDING,
    NODE_TERMS,
    TO_INTEGER,
    Node,
    NodeSums,
    add_letters,
    add_node,
)
from modecollapse.packing.kernels import kernel

FACTOR_LETTER_ROUNDING = 36.0
"""Error of ψ₀ of a factor relative to √(2a) apart from the sum over its letters, in ε.

`node_sums.LETTER_ROUNDING` allows 31 ε for one pair. The compensated sum of the phases of all factors adds at
most ε |arg ψ₀| ≤ 2.3 ε √(2a)/|ψ₀| for each factor, and the sum of their logarithms as much: 35.6 ε.
"""

FACTOR_TERMS = 25
"""Cost of a factor at a node besides its letters, counted in letters: a logarithm and an arc tangent."""

LOST = 0.5
"""A factor whose ψ₀ is off by more than this part of itself tells no phase, and its node counts as z = 0."""


class FactorWheels(NamedTuple):
    """The letters of all factors as angles, one factor after the other; see `node_sums.Wheel`."""

    weights: FloatArray
    """Tilted masses of the letters, shape (k,); those of one factor sum to 1."""
    turns: FloatArray
    """(L − L₀)/T modulo 1 of each letter, L₀ that of its factor's centre, in two halves, shape (2, k)."""
    starts: IntArray
    """Index of the first letter of each factor, and k, shape (n + 1,)."""
    degrees: FloatArray
    """Number of samples of each factor, shape (n,)."""
    centre: FloatArray
    """Σ mᵢLᵢ₀/T modulo 1 in two halves, shape (2,)."""


class Prefactor(NamedTuple):
    """The factor of Π ψᵢ^mᵢ in z."""

    log_scale: float
    """Its logarithm."""
    log_scale_error: float
    """Bound on the absolute error of `log_scale`."""
    log_negligible: float
    """A node counts as z = 0 with error |z| where log |z| is below this."""


class _Powers(NamedTuple):
    """log |z| and arg z at a block of nodes, collected factor by factor, each of shape (BLOCK,)."""

    exponent: FloatArray
    """log |z| without the prefactor."""
    exponent_lost: FloatArray
    """What the rounding of `exponent` lost."""
    phase: FloatArray
    """arg z without that of the centre."""
    phase_lost: FloatArray
    """What the rounding of `phase` lost."""
    noise: FloatArray
    """Bound on the relative error of z from the letters; infinite where a factor's phase is lost."""
    ceiling: FloatArray
    """Upper bound on the true log |z| without the prefactor."""


@kernel
def _is_negligible(ceiling: float, prefactor: Prefactor) -> bool:
    """Whether |z| is negligible where its logarithm, without the prefactor, is at most `ceiling`."""
    return prefactor.log_scale + ceiling < prefactor.log_negligible


@kernel
def _add_factor(
    m: float, gain: float, chord: FloatArray, height: FloatArray, powers: _Powers, prefactor: Prefactor
) -> bool:
    """Multiply z at each node of a block by ψ^m, given 1 − Re ψ₀ and Im ψ₀.

    Nodes where |z| is negligible stay as they are. Returns whether there are any others.
    """
    goes_on = False
    exponent, exponent_lost, phase, phase_lost, noise, ceiling = powers
    for j in range(len(chord)):
        if _is_negligible(ceiling[j], prefactor):
            continue
        goes_on = True
        a, b = chord[j], height[j]
        # |ψ₀| and log |ψ₀|; near 1 from |ψ₀|² − 1, which holds more digits
        if a < 0.25:
            shrink = a * a + b * b - 2.0 * a
            modulus = math.sqrt(1.0 + shrink)
            log_modulus = 0.5 * math.log1p(shrink)
        else:
            modulus = math.sqrt((1.0 - a) ** 2 + b * b)
            log_modulus = math.log(modulus) if modulus > 0.0 else -np.inf
        # ψ₀ is off by at most g √(2a)
        slip = gain * math.sqrt(2.0 * a)
        if slip >= LOST * modulus:
            noise[j] = np.inf
            ceiling[j] += m * math.log(min(1.0, modulus + slip + MODULUS_ROUNDING * EPS))
            continue
        noise[j] += m * slip / modulus
        ceiling[j] += min(0.0, m * (log_modulus + slip / modulus))
        # Knuth's exact error of a sum: the roundings of thousands of factors do not add up
        term = m * log_modulus
        total = exponent[j] + term
        shift = total - exponent[j]
        exponent_lost[j] += (exponent[j] - (total - shift)) + (term - shift)
        exponent[j] = total
        term = m * math.atan2(b, 1.0 - a)
        total = phase[j] + term
        shift = total - phase[j]
        phase_lost[j] += (phase[j] - (total - shift)) + (term - shift)
        phase[j] = total
    return goes_on


@kernel
def _node(
    node: float, j: int, factors: int, powers: _Powers, centre: FloatArray, prefactor: Prefactor
) -> Node:
    """Return z at a node; 0 with error |z| where |z| is negligible, or its phase lost."""
    exponent = prefactor.log_scale + (powers.exponent[j] + powers.exponent_lost[j])
    noise = NODE_ROUNDING * EPS * (1.0 + abs(exponent)) + prefactor.log_scale_error + powers.noise[j]
    if not noise <= 1.0 or _is_negligible(powers.ceiling[j], prefactor):
        ceiling = prefactor.log_scale + powers.ceiling[j]
        slack = (NODE_ROUNDING + factors) * EPS * (1.0 + abs(ceiling)) + prefactor.log_scale_error
        slack = math.expm1(min(LARGEST_EXPONENT, slack))
        return Node(-np.inf, 0.0, math.exp(ceiling) * (1.0 + slack))
    # arg z = Σ mᵢ arg ψᵢ₀ + 2πn Σ mᵢLᵢ₀/T, the second modulo a turn
    f = node * centre[0]
    f = (f - ((f + TO_INTEGER) - TO_INTEGER)) + node * centre[1]
    turn = 2.0 * math.pi * (f - ((f + TO_INTEGER) - TO_INTEGER))
    phase = powers.phase[j] + (powers.phase_lost[j] + turn)
    return Node(exponent, phase, math.exp(exponent) * math.expm1(noise))


@kernel
def _product_sums(
    first: int, last: int, count: float, decay: float, wheels: FactorWheels, prefactor: Prefactor
) -> tuple[FloatArray, float]:
    """The sums of `NodeSums` over the nodes first ≤ n < last, and the number of letters evaluated.

    They are those of N = `count` with z = e^{log_scale} Π ψᵢ(2πn/T)^mᵢ. Most nodes have |z| below
    e^{log_negligible}, and a few factors show it, because no other one exceeds 1.
    """
    weights, turns, starts, degrees, centre = wheels
    factors = len(degrees)
    nodes, chord, height = np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    part = np.empty((2, BLOCK))
    powers = _Powers(
        np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK), np.empty(BLOCK)
    )
    sums, work = np.zeros((2, 6)), 0
    for start in range(first, last, BLOCK):
        size = min(BLOCK, last - start)
        for j in range(BLOCK):
            nodes[j] = start + j
            powers.exponent[j] = powers.exponent_lost[j] = powers.phase[j] = powers.phase_lost[j] = 0.0
            powers.noise[j] = powers.ceiling[j] = 0.0
        for factor in range(factors):
            letters = starts[factor + 1] - starts[factor]
            chord[:] = 0.0
            height[:] = 0.0
            for chunk in range(starts[factor], starts[factor + 1], CHUNK):
                part[:] = 0.0
                stop = min(chunk + CHUNK, starts[factor + 1])
                add_letters(chunk, stop, nodes, weights, turns, part[0], part[1])
                for j in range(BLOCK):
                    chord[j] += part[0, j]
                    height[j] += part[1, j]
            gain = EPS * (FACTOR_LETTER_ROUNDING + 0.5 * (CHUNK + letters / CHUNK))
            work += (letters + FACTOR_TERMS) * size
            if not _add_factor(degrees[factor], gain, chord, height, powers, prefactor):
                break
        for j in range(size):
            z = _node(nodes[j], j, factors, powers, centre, prefactor)
            add_node(sums, count, decay, nodes[j], z)
    return sums[0] + sums[1], float(work)


def product_sums(wheels: FactorWheels, count: int, decay: float, prefactor: Prefactor) -> NodeSums:
    """Sum over 1 ≤ n < `count`; `terms` includes the cost of the nodes themselves."""
    sums, work = _product_sums(1, count, float(count), decay, wheels, prefactor)
    return NodeSums._make([*sums.tolist(), work + NODE_TERMS * count])
