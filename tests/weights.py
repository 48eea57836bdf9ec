"""pmfs made of weights, and of other pmfs. Strategies that draw them are in `modecollapse.strategies`."""

from __future__ import annotations

import numpy as np

Pmf = list[float]
Pair = tuple[Pmf, Pmf]

LEAST = 1e-30
"""Distances are exact to this at least: two pmfs may differ in nothing but how their sums were rounded."""


def normalised(weights) -> Pmf:
    """Weights over their sum, as plain floats."""
    weights = np.asarray(weights, dtype=float)
    return (weights / weights.sum()).tolist()


def tilted(p, exponents) -> Pmf:
    """The pmf with likelihood ratios e^exponent to p."""
    return normalised(np.asarray(p) * np.exp(exponents))


def coarse(pair: Pair) -> Pair:
    """The pair with its masses rounded to twelfths: they tie, vanish, or differ by far more than rounding."""
    return tuple(normalised(np.round(12 * np.array(side))) for side in pair)


def without_rare_letters(pair: Pair, least: float) -> Pair:
    """The pair with masses below `least` set to 0."""
    return tuple(normalised(np.where(np.array(side) < least, 0, side)) for side in pair)
