"""Divergence frontiers of generative models, MAUVE, and the size that importance weights leave."""

from __future__ import annotations

import math
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import showing, validation
from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket, CurveBracket
from modecollapse.curves.monotone import between, number_of
from modecollapse.divergence import artanh_minus, kullback_leibler
from modecollapse.region import PairLike, Region, RegionBracket, as_region

WEIGHTS = np.linspace(0.0, 1.0, 101)
"""Weights of P in the mixtures of a frontier unless others are given."""

MAUVE_SCALE = 5.0
"""The constant c of MAUVE, by which divergences are multiplied before they become exponents."""

PANEL, NODES = 2.0, 12
"""Width of a panel of the quadrature of `mauve` at c = 5, and its nodes: together an error below 1e-13."""

LAST = 44.0
"""End of the last panel: what lies beyond is below c·e⁻⁴⁴ = c·1e-19."""


class Frontier(NamedTuple):
    """A divergence frontier: one entry a mixture R = λP + (1−λ)Q.

    `modecollapse.curves.drawing.draw_frontier` draws that of a region.

    Attributes
    ----------
    missed : ndarray
        KL(P‖R) in nats: great where the generator misses parts of the target.
    spurious : ndarray
        KL(Q‖R) in nats: great where the generator adds what the target lacks.
    """

    missed: FloatArray
    spurious: FloatArray

    def __repr__(self) -> str:
        return showing.line("Frontier", self._asdict())

    def _repr_html_(self) -> str:
        """Some entries and a picture, for notebooks."""
        return showing.page(self._asdict(), [self], self._fields)


@overload
def frontier(region: RegionBracket, weights: ArrayLike | None = None) -> CurveBracket[Frontier]: ...
@overload
def frontier(region: PairLike, weights: ArrayLike | None = None) -> Frontier: ...
def frontier(
    region: PairLike | RegionBracket, weights: ArrayLike | None = None
) -> Frontier | CurveBracket[Frontier]:
    """The divergence frontier of Djolonga et al. (2020): both Kullback–Leibler divergences from mixtures.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket
    weights : array_like
        Weights λ of P in the mixtures, in [0, 1], any shape. By default 0, 0.01, …, 1.

    Returns
    -------
    Frontier, or CurveBracket of two for two regions
        Arrays of the shape of `weights`, exact to rounding; ``inf`` where a mixture lacks a letter.

    Raises
    ------
    ValueError
        If a weight lies outside [0, 1].

    References
    ----------
    Djolonga, Lucic, Cuturi, Bachem, Bousquet and Gelly, "Precision–recall curves using information
    divergence frontiers", 2020.

    Examples
    --------
    >>> curve = frontier(Region.from_pmfs([0.5, 0.5], [0, 1]), [0, 0.5])
    >>> curve.missed.round(6).tolist(), curve.spurious.round(6).tolist()
    ([inf, 0.143841], [0.0, 0.287682])
    """
    at = WEIGHTS if weights is None else validation.probabilities("weights", weights)
    if isinstance(region, RegionBracket):
        return between(region, lambda end: _frontier(end, at))
    return _frontier(as_region(region), at)


def _frontier(region: Region, weights: FloatArray) -> Frontier:
    pairs = np.array([_divergences_from_mixture(region, weight) for weight in weights.ravel().tolist()])
    missed, spurious = pairs.reshape(-1, 2).T
    return Frontier(missed.reshape(weights.shape), spurious.reshape(weights.shape))


def _divergences_from_mixture(region: Region, weight: float) -> tuple[float, float]:
    """KL(P‖R) and KL(Q‖R) for R = λP + (1−λ)Q."""
    mixture = weight * region.p + (1 - weight) * region.q
    missed = _kullback_leibler(region.p, mixture, (1 - weight) * region.difference)
    return missed, _kullback_leibler(region.q, mixture, -weight * region.difference)


def _kullback_leibler(law: FloatArray, mixture: FloatArray, difference: FloatArray) -> float:
    present = (law > 0) | (mixture > 0)
    return math.fsum(kullback_leibler(law[present], mixture[present], difference[present]))


@overload
def mauve(region: RegionBracket, scale: float = MAUVE_SCALE) -> Bracket: ...
@overload
def mauve(region: PairLike, scale: float = MAUVE_SCALE) -> float: ...
def mauve(region: PairLike | RegionBracket, scale: float = MAUVE_SCALE) -> float | Bracket:
    """MAUVE (Pillutla et al. 2021): the area under the curve (e^{−c·KL(Q‖R)}, e^{−c·KL(P‖R)}) of mixtures R.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket
    scale : float, default 5
        The constant c > 0; 5 is the authors' choice.

    Returns
    -------
    float, or Bracket for two regions
        In (0, 1], and 1 only for P = Q. Disjoint supports have 1/252 at c = 5. By quadrature, with an error
        below 1e-12; the authors' program takes 25 mixtures, whose polygon differs in the third digit.

    Raises
    ------
    ValueError
        If the scale is not positive.

    References
    ----------
    Pillutla, Swayamdipta, Zellers, Thickstun, Welleck, Choi and Harchaoui, "MAUVE: measuring the gap between
    neural text and human text using divergence frontiers", 2021.

    Examples
    --------
    >>> round(mauve(Region.from_pmfs([0.5, 0.5], [0.25, 0.75])), 6)
    0.941138
    """
    scale = validation.positive("scale", scale)
    return number_of(lambda region: _area_under_frontier(region, scale))(region)


def _area_under_frontier(region: Region, scale: float) -> float:
    """The square below the point of equal mixture, and the areas right of it and above it.

    Right of it λ < ½ and the height may fall like a power of λ, but x moves at a bounded speed; above it the
    same holds with P and Q in each other's places.
    """
    missed, spurious = _divergences_from_mixture(region, 0.5)
    corner = math.exp(-scale * (missed + spurious))
    area = corner + _area_beside(region, scale) + _area_beside(region.mirror(), scale)
    return min(max(area, 0.0), 1.0)


def _area_beside(region: Region, scale: float) -> float:
    """∫ e^{−c·KL(P‖R)} |d e^{−c·KL(Q‖R)}| over λ = e^{−u}/2, u > 0, by Gauss and Legendre's rule on panels.

    In u the integrand is analytic for |Im u| < π, as far as R keeps from 0. What lies beyond the last panel
    is at most −c·log(1−λ), for R ≥ (1−λ)Q.
    """
    p, q, difference = region.p, region.q, region.difference
    width = PANEL / math.sqrt(max(1.0, scale / MAUVE_SCALE))
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    area = 0.0
    for panel in range(math.ceil(LAST / width)):
        share = np.exp(-width * (panel + (nodes + 1) / 2)) / 2
        edge = _frontier(region, share)
        mixtures = np.multiply.outer(share, p) + np.multiply.outer(1 - share, q)
        # d KL(Q‖R)/dλ = −Σ q (p − q)/r = λ Σ (p − q)²/r, and dλ = −λ du
        relative = np.divide(difference, mixtures, out=np.zeros_like(mixtures), where=mixtures > 0)
        speed = share**2 * (difference * relative).sum(axis=1)
        heights = np.exp(-scale * (edge.missed + edge.spurious))
        area += width / 2 * float(weights @ (scale * speed * heights))
    return area


@number_of
def frontier_integral(region: Region) -> float:
    """The frontier integral of Liu et al. (2021), Σ (p+q)/2 − pq·log(p/q)/(p−q), an f-divergence.

    It is twice the mean over λ of λ·KL(P‖R) + (1−λ)·KL(Q‖R), R = λP + (1−λ)Q.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket

    Returns
    -------
    float, or Bracket for two regions
        In [0, 1], exact to rounding relative to itself.

    References
    ----------
    Liu, Pillutla, Welleck, Oh, Choi and Harchaoui, "Divergence frontiers for generative models: sample
    complexity, quantization effects, and frontier integrals", 2021.

    Examples
    --------
    >>> frontier_integral(Region.from_pmfs([1, 0], [0, 1]))
    1.0
    """
    total = region.p + region.q
    common = (region.p > 0) & (region.q > 0)
    x = np.divide(region.difference, total, out=np.zeros_like(total), where=common)
    # a term is (p+q)/2·(1 − (1−x²)·artanh(x)/x), where artanh(x) is half the log ratio
    near = np.abs(x) < 0.2
    excess = np.where(
        near, artanh_minus(np.where(near, x, 0.0)), np.where(common, region.log_ratio, 0.0) / 2 - x
    )
    excess = np.divide(excess, x, out=np.zeros_like(x), where=x != 0)
    shares = np.where(common, x * x - 4 * (region.p / total) * (region.q / total) * excess, 1.0)
    return min(math.fsum(total / 2 * shares), 1.0)


@number_of
def effective_sample_size(region: Region) -> float:
    """The effective sample size 1/(1 + χ²(P‖Q)) of importance weights p/q, as a share of the samples of Q.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket

    Returns
    -------
    float, or Bracket for two regions
        In [0, 1], exact to rounding; 0 where Q lacks a letter of P, for then no weights serve.

    Examples
    --------
    >>> effective_sample_size(Region.from_pmfs([0.5, 0.5], [0.25, 0.75]))
    0.75
    """
    return 1 / (1 + region.divergence("chi2"))
