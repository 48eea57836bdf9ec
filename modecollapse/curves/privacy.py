"""Differential privacy: δ(ε) and ε(δ) of a pair, certified at any number of samples."""

from __future__ import annotations

import math

from modecollapse.region import Region


def _excess(region: Region, order: float) -> float:
    """H(γ) = Σ (p − γq)⁺ for γ ≥ 0: letters of ratio above γ come first, and only they count."""
    if order == math.inf:
        return math.fsum(region.p[region.q == 0])
    terms = region.difference - (order - 1) * region.q
    return min(math.fsum(terms[terms > 0]), 1.0)
