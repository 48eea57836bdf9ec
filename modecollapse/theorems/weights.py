"""Weights φ″ by which f-divergences Σ q φ(p/q) count likelihood ratios, and their integrals."""

from __future__ import annotations

import math
from typing import NamedTuple

from modecollapse.packing.kernels import kernel_in_place

NARROW = 0.1
"""Between slopes this close, as a share of the greater, weights are taken for their greatest value."""


class Weight(NamedTuple):
    """φ″(r) = factor·r^exponent."""

    factor: float
    exponent: float


@kernel_in_place
def _integral(weight: Weight, power: float, low: float, high: float) -> float:
    """∫ φ″(r) r^power dr from low ≥ 0 to high."""
    exponent = weight.exponent + power + 1.0
    if exponent == 0.0:
        return weight.factor * math.log(high / low) if low > 0.0 else math.inf
    if low == 0.0:
        return weight.factor * high**exponent / exponent if exponent > 0.0 else math.inf
    return weight.factor * (high**exponent - low**exponent) / exponent


@kernel_in_place
def weigh(weight: Weight, low: float, high: float) -> tuple[float, float, float]:
    """Bounds on ∫ φ″, ∫ (r−low) φ″ and ∫ (high−r) φ″ from low to high, hardly above them."""
    width = high - low
    if width <= NARROW * high:
        most = weight.factor * max(low**weight.exponent, high**weight.exponent)
        return most * width, 0.5 * most * width * width, 0.5 * most * width * width
    plain, first = _integral(weight, 0.0, low, high), _integral(weight, 1.0, low, high)
    if low == 0.0:
        return plain, first, math.inf if plain == math.inf else high * plain - first
    return plain, first - low * plain, high * plain - first


@kernel_in_place
def weigh_beyond(weight: Weight, low: float) -> float:
    """∫ φ″ from low on."""
    exponent = weight.exponent + 1.0
    return -weight.factor * low**exponent / exponent if exponent < 0.0 else math.inf
