"""The greatest packed divergence over the hexagons of Theorem 5, with a certificate.

Every f-divergence is monotone in the region, so over a box of parameters the join of the regions bounds it
above (docs/theory.md §6). For total variation and hockey sticks there is a second bound. For a fixed test T
the power F_T = P^m(T) − γQ^m(T) is a polynomial in the letters whose second derivatives are at least −B,
say, and the divergence is the maximum of F_T over all tests. A maximum of such functions plus ½Bx² is
convex, so on a box it is at most its greatest corner value plus B h²/8 a side.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.packing.measures import PackedDivergence
from modecollapse.theorems import families
from modecollapse.theorems.branch_and_bound import Extremum, maximise


def hexagon_maximum(
    divergence: PackedDivergence, eps: float, delta: float, tau: float, gap: float
) -> Extremum:
    """The greatest divergence over the hexagons outer1, ε > 0, δ−ε < τ ≤ (δ−ε)/(δ+ε).

    Coordinates (s, t): α = a₀ + s t, β = a₀ + s (1−t), with a₀ = ετ/(δ−ε); symmetric divergences need
    only t ≤ ½.
    """
    corner = eps * tau / (delta - eps)
    rise = tau - (delta - eps)
    span = max(1 - tau - 2 * corner, 0.0)

    def alpha_beta(points: FloatArray) -> tuple[FloatArray, FloatArray]:
        s, t = points[..., 0], points[..., 1]
        alpha = corner + s * t
        return alpha, np.minimum(corner + s * (1 - t), 1 - tau - alpha)

    def pairs(points: FloatArray) -> families.Pair:
        return families.outer1(eps, delta, *alpha_beta(points), tau)

    def join(low: FloatArray, high: FloatArray) -> FloatArray:
        alphas = corner + low[:, 0] * low[:, 1], corner + high[:, 0] * high[:, 1]
        betas = corner + low[:, 0] * (1 - high[:, 1]), corner + high[:, 0] * (1 - low[:, 1])
        return divergence.values(*families.join_of_hexagons(eps, delta, alphas, betas, tau))

    def bend(low: FloatArray, high: FloatArray, best: float) -> FloatArray:
        if not divergence.is_power:
            return np.full_like(low, np.inf)
        error = 1 - best - max(1 - divergence.order, 0.0)
        curvature = hexagon_curvature(divergence, corner, eps, rise, low, high, error)
        return curvature * (high - low) ** 2 / 8

    square = np.array([[span, 0.5 if divergence.is_symmetric else 1.0]])
    maximum = maximise(divergence, pairs, bend, join, np.zeros((1, 2)), square, gap)
    alpha, beta = alpha_beta(np.array(maximum.point))
    return replace(maximum, point=(float(alpha), float(beta)))


def hexagon_curvature(
    divergence: PackedDivergence,
    corner: float,
    eps: float,
    rise: float,
    low: FloatArray,
    high: FloatArray,
    error: float = np.inf,
) -> FloatArray:
    """Bounds on −∂²F_T/∂s² and −∂²F_T/∂t² over boxes of (s, t), shape (N, 2).

    They hold for every test T whose error P^m(Tᶜ) + γQ^m(T) is at most `error` somewhere in the box, as it
    is for any test that beats the best value found.

    For letters p(z), (P^m(Tᶜ))″ ≤ ½m‖p″‖₁ P^(m−1)(Tᶜ₄) + ½m(m−1)‖p′‖₁² P^(m−2)(Tᶜ₄₄), since p′ and p″ sum to
    0; Tᶜ₄ holds the sequences that letter 4, the one that speaks most against P, completes to one in Tᶜ. With
    β = p₄, these chances are at most 1, and P^m(Tᶜ)/β and P^m(Tᶜ)/β². For Q the same with letter 2 and α.
    Along α, P moves as (κ, 1−κ, −1, 0, 0) and Q as (0, 1, −1, 0, 0), with κ = ε(τ−δ+ε)/(α−ε)²; along β
    mirrored.
    """
    m, order = divergence.m, divergence.order
    s, size = high[:, 0], high - low
    alpha, beta = corner + low[:, 0] * low[:, 1], corner + low[:, 0] * (1 - high[:, 1])
    shares = high[:, 1], 1 - low[:, 1]
    kappas = [rise * eps / (least - eps) ** 2 for least in (alpha, beta)]
    speeds = [np.maximum(kappa, 1.0) for kappa in kappas]
    paces = [
        np.stack([1 + share * (speed - 1), s * speed], axis=-1)
        for share, speed in zip(shares, speeds, strict=True)
    ]  # half of ‖p′‖₁, along s and t
    # the error moves by at most m ‖p′‖₁/2 + γ m ‖q′‖₁/2 a unit
    error = error + m * ((paces[0] + order * paces[1]) * size).sum(axis=1)
    curvature = np.zeros_like(low)
    for pace, share, kappa, least, speaker, weight in zip(
        paces, shares, kappas, (alpha, beta), (beta, alpha), (1.0, order), strict=True
    ):
        turn = np.stack([share, s], axis=-1) ** 2 * (2 * kappa / (least - eps))[:, None]
        curvature += 2 * m * (m - 1) * pace**2 * np.minimum(weight, error / speaker**2)[:, None]
        curvature += m * turn * np.minimum(weight, error / speaker)[:, None]
    return curvature
