"""Precision and recall of generative models, with the target P as reference."""

from __future__ import annotations

import math
from typing import NamedTuple, overload

import numpy as np
from numpy.typing import ArrayLike

from modecollapse import showing, validation
from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket, CurveBracket
from modecollapse.curves.monotone import between, number_of, smaller
from modecollapse.region import PairLike, Region, RegionBracket, as_region

SLOPES = np.tan(np.linspace(0.0, math.pi / 2, 1003)[1:-1])
"""Slopes of a curve unless others are given: 1001 rays at equal angles."""


class PrecisionRecall(NamedTuple):
    """A precision–recall curve: one entry a slope.

    `modecollapse.curves.drawing.draw_precision_recall` draws that of a region.

    Attributes
    ----------
    precision, recall : ndarray
        In [0, 1]. Precision rises with the slope, and recall falls.
    """

    precision: FloatArray
    recall: FloatArray

    def __repr__(self) -> str:
        return showing.line("PrecisionRecall", self._asdict())

    def _repr_html_(self) -> str:
        """Some entries and a picture, for notebooks."""
        return showing.page(self._asdict(), [self], self._fields)


@overload
def precision_recall(
    region: RegionBracket, slopes: ArrayLike | None = None
) -> CurveBracket[PrecisionRecall]: ...
@overload
def precision_recall(region: PairLike, slopes: ArrayLike | None = None) -> PrecisionRecall: ...
def precision_recall(
    region: PairLike | RegionBracket, slopes: ArrayLike | None = None
) -> PrecisionRecall | CurveBracket[PrecisionRecall]:
    """The precision–recall curve of Sajjadi et al. (2018), with the target P as reference.

    At slope λ the precision is α = Σ min(λp, q) and the recall is β = Σ min(p, q/λ) = α/λ.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket
    slopes : array_like, optional
        Slopes λ > 0, any shape. By default 1001 slopes at equal angles, as in the authors' program.

    Returns
    -------
    PrecisionRecall, or CurveBracket of two for two regions
        Arrays of the shape of `slopes`, exact to rounding.

    Raises
    ------
    ValueError
        If a slope is not positive and finite.

    References
    ----------
    Sajjadi, Bachem, Lucic, Bousquet and Gelly, "Assessing generative models via precision and recall", 2018.

    Examples
    --------
    >>> r = Region.from_pmfs([0.2, 0.8], [0, 1])
    >>> curve = precision_recall(r, [1, 2])
    >>> curve.precision.tolist(), curve.recall.tolist()
    ([0.8, 1.0], [0.8, 0.5])
    """
    at = SLOPES if slopes is None else validation.real_array("slopes", slopes)
    if (at <= 0).any():
        raise ValueError(f"slopes must be positive, got {float(at[at <= 0].ravel()[0])!r}")
    if isinstance(region, RegionBracket):
        return between(region, lambda end: _precision_recall(end, at))
    return _precision_recall(as_region(region), at)


def _precision_recall(region: Region, slopes: FloatArray) -> PrecisionRecall:
    values = [_precision(region, slope) for slope in slopes.ravel().tolist()]
    precision = np.minimum(np.array(values).reshape(slopes.shape), 1.0)
    return PrecisionRecall(precision, np.minimum(precision / slopes, 1.0))


def _precision(region: Region, slope: float) -> float:
    """Σ min(λp, q), with a weight of at most 1 on either law, so that no product overflows."""
    return smaller(region, slope, 1.0) if slope <= 1 else slope * smaller(region, 1.0, 1 / slope)


@number_of
def support_recall(region: Region) -> float:
    """The greatest recall, P(q > 0) = 1 − g(0): the share of the target that the generator covers.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket

    Returns
    -------
    float, or Bracket for two regions
        In [0, 1], exact to rounding.

    Examples
    --------
    >>> support_recall(Region.from_pmfs([0.2, 0.8], [0, 1]))
    0.8
    """
    return min(math.fsum(region.p[region.q > 0]), 1.0)


@number_of
def support_precision(region: Region) -> float:
    """The greatest precision, Q(p > 0): the share of the generator that lies where the target has mass.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket

    Returns
    -------
    float, or Bracket for two regions
        In [0, 1], exact to rounding.

    Examples
    --------
    >>> support_precision(Region.from_pmfs([0.2, 0.8], [0, 1]))
    1.0
    """
    return min(math.fsum(region.q[region.p > 0]), 1.0)


@overload
def f_score(region: RegionBracket, beta: float = 1.0) -> Bracket: ...
@overload
def f_score(region: PairLike, beta: float = 1.0) -> float: ...
def f_score(region: PairLike | RegionBracket, beta: float = 1.0) -> float | Bracket:
    """The greatest F-score on the precision–recall curve, max (1+b²)·α·β/(b²·α + β) over slopes.

    Sajjadi et al. (2018) print F with b = 8, which weighs recall, and with b = 1/8, which weighs precision.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket
    beta : float, default 1
        The weight b > 0 of recall.

    Returns
    -------
    float, or Bracket for two regions
        In [0, 1], exact to rounding: the maximum is at the likelihood ratio q/p of a letter.

    Raises
    ------
    ValueError
        If `beta` is not positive.

    Examples
    --------
    >>> r = Region.from_pmfs([0.2, 0.8], [0, 1])
    >>> round(f_score(r, 8), 6), round(f_score(r, 1 / 8), 6)
    (0.802469, 0.996169)
    """
    weight = validation.positive("beta", beta) ** 2

    def greatest(region: Region) -> float:
        common = (region.p > 0) & (region.q > 0)
        # α is concave in λ and linear between the ratios, so that α/(b²λ + 1) is monotone there
        slopes = region.q[common] / region.p[common]
        scores = [
            (1 + weight) * _precision(region, slope) / (weight * slope + 1) for slope in slopes.tolist()
        ]
        return min(max(scores, default=0.0), 1.0)

    return number_of(greatest)(region)
