"""Mechanisms of differential privacy as pairs: outputs with one record (P) and without it (Q).

Any pair of pmfs is a mechanism too. A guarantee holds for both orders of the two data sets, and so
`privacy_delta` and `privacy_epsilon` take the worse one.
"""

from __future__ import annotations

import math
from typing import overload

import numpy as np
from scipy import stats

from modecollapse import validation
from modecollapse.brackets import Bracket
from modecollapse.cells import LOG_ROUNDING, MAX_CELLS, Cells
from modecollapse.errors import PrecisionError
from modecollapse.region import PairLike, Region, RegionBracket, as_region

STEP = 1e-2
"""Default greatest variation of the log ratio in a cell: ε of 1000 uses is mostly known to 1e-3 then."""

EPS = float(np.finfo(np.float64).eps)


def gaussian_mechanism(sigma: float, *, step: float = STEP) -> RegionBracket:
    """The Gaussian mechanism: N(1, σ²) with the record and N(0, σ²) without it.

    Parameters
    ----------
    sigma : float
        Standard deviation σ > 0 of the noise, divided by the sensitivity: the noise multiplier.
    step : float, default 1e-2
        Greatest variation of log(p/q) in a cell; see `RegionBracket.from_ratio_cells`.

    Returns
    -------
    RegionBracket
        Two regions with that of the mechanism between them.

    Raises
    ------
    PrecisionError
        If 2²⁰ cells leave steps that are longer.
    ValueError
        If `sigma` or `step` is not positive.

    Examples
    --------
    >>> from modecollapse.curves import privacy_epsilon, subsampled
    >>> private_sgd = subsampled(gaussian_mechanism(1.0), 0.1)  # noise 1, one record in ten
    >>> low, high = privacy_epsilon(private_sgd, 1e-5, m=10)
    >>> bool(2.85 < low < high < 2.86)
    True
    """
    sigma = validation.positive("sigma", sigma)
    return RegionBracket.from_ratio_cells(stats.norm(1, sigma), stats.norm(0, sigma), step)


def laplace_mechanism(scale: float, *, step: float = STEP) -> RegionBracket:
    """The Laplace mechanism: centred at 1 with the record and at 0 without it.

    Parameters
    ----------
    scale : float
        Scale b > 0 of the noise, divided by the sensitivity. One use is (1/b, 0)-differentially private.
    step : float, default 1e-2
        Greatest variation of log(p/q) in a cell.

    Returns
    -------
    RegionBracket
        Two regions with that of the mechanism between them. The greatest ratio of both is e^{1/b}.

    Raises
    ------
    PrecisionError
        If such steps need more than 2²⁰ cells.
    ValueError
        If `scale` or `step` is not positive.

    Examples
    --------
    >>> import math
    >>> from modecollapse.curves import privacy_delta
    >>> low, high = privacy_delta(laplace_mechanism(1.0), 0.5)
    >>> bool(low <= -math.expm1(-0.25) <= high)  # δ(ε) is 1 − e^((ε − 1/b)/2)
    True
    """
    scale, step = validation.positive("scale", scale), validation.positive("step", step)
    count = math.ceil(2 / (scale * step))
    if count > MAX_CELLS:
        distance = -math.expm1(-0.5 / scale)
        raise PrecisionError(
            f"steps of {step:g} need {count} cells, more than {MAX_CELLS}", Bracket(distance, distance)
        )
    # the log ratio is −1/b left of 0, (2x − 1)/b between, and 1/b right of 1
    x = np.linspace(0.0, 1.0, count + 1)
    rising = np.exp((x[1:] - 1) / scale) * -np.expm1(-np.diff(x) / scale) / 2  # P-masses of the cells
    ends, noise = (2 * x - 1) / scale, LOG_ROUNDING * EPS / scale
    cells = Cells(x[:-1], x[1:], rising, rising[::-1], ends[:-1] - noise, ends[1:] + noise)
    far, near = 0.5 * math.exp(-1 / scale), 0.5  # masses of the tails
    inner, outer = (
        Region.from_pmfs(np.append(p, [far, near]), np.append(q, [near, far]))
        for p, q in ((cells.p, cells.q), cells.spread())
    )
    return RegionBracket(inner, outer)


def randomised_response(truth: float, answers: int = 2) -> Region:
    """Randomised response: the true answer with one probability, and each other one equally often.

    Parameters
    ----------
    truth : float
        Probability in [0, 1] of the true answer.
    answers : int, default 2
        Number k ≥ 2 of possible answers.

    Returns
    -------
    Region
        The law of the answers of one person against that of another with another true answer.

    Raises
    ------
    ValueError
        If `truth` lies outside [0, 1], or if there are fewer than two answers.

    Examples
    --------
    >>> import math
    >>> from modecollapse.curves import privacy_epsilon
    >>> round(privacy_epsilon(randomised_response(0.75), 0), 9), round(math.log(3), 9)
    (1.098612289, 1.098612289)
    """
    truth = validation.probability("truth", truth)
    answers = validation.whole("answers", answers, 2)
    other = (1 - truth) / (answers - 1)
    rest = (answers - 2) * other  # answers that neither of the two has as its true one
    return Region.from_pmfs([truth, other, rest], [other, truth, rest])


@overload
def subsampled(region: RegionBracket, share: float) -> RegionBracket: ...
@overload
def subsampled(region: PairLike, share: float) -> Region: ...
def subsampled(region: PairLike | RegionBracket, share: float) -> Region | RegionBracket:
    """The mechanism on a Poisson sample of the records: sP + (1−s)Q with the record, and Q without it.

    Parameters
    ----------
    region : Region, pair (p, q), or RegionBracket
        Outputs with the record (P) and without it (Q).
    share : float
        Probability s in [0, 1] with which each record is in the sample, independently of the others.

    Returns
    -------
    Region, or RegionBracket for two regions
        The pair (sP + (1−s)Q, Q), to the last digit of its difference s(P−Q). If (P, Q) dominates a mechanism
        where one record is removed, this pair dominates the subsampled one (Zhu, Dong and Wang 2022).

    Raises
    ------
    ValueError
        If the share lies outside [0, 1].

    Examples
    --------
    >>> subsampled(([0.75, 0.25], [0.25, 0.75]), 0.5)
    <Region p=[0.5, 0.5] q=[0.25, 0.75]>
    """
    share = validation.probability("share", share)
    if isinstance(region, RegionBracket):
        return RegionBracket(*(_subsampled(side, share) for side in region))
    return _subsampled(as_region(region), share)


def _subsampled(region: Region, share: float) -> Region:
    # dominance is kept: a garbling of (P, Q) garbles the mixture as it garbles its parts
    return Region.from_letters(share * region.p + (1 - share) * region.q, region.q, share * region.difference)
