"""A question asked beforehand: is there (ε,δ)-mode collapse? And how many samples does the answer need?

One point needs fewer samples than a whole band, since all of the error probability is spent on it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from modecollapse import validation
from modecollapse.region import TOLERANCE, PairLike, Region, as_region
from modecollapse.samples import bands
from modecollapse.samples.evidence import Evidence, refuse_others
from modecollapse.samples.laws import Sampled

RUNS = 200
"""Random samples of each size that a plan tries: the power is measured with a standard error below .036."""

FEWEST = 10
"""The least number of samples that a plan tries."""

MOST = 10**7
"""The greatest number of samples that a plan tries."""

STEPS_PER_DOUBLING = 8
"""Sizes that a plan tells apart within a factor of two, in equal ratios: 9 % apart."""


class CollapseTest(NamedTuple):
    """Answer of `certify`. It is true, as a condition, where the collapse is certain.

    Attributes
    ----------
    certain : bool
        Whether (ε,δ)-mode collapse is certain at the level.
    eps, delta : float
        The question.
    certain_delta : float
        The greatest δ that is certain at this ε.
    level : float
        The confidence level.
    seed : int
        Seed of the division into folds.
    """

    certain: bool
    eps: float
    delta: float
    certain_delta: float
    level: float
    seed: int

    def __bool__(self) -> bool:
        return self.certain

    def __str__(self) -> str:
        answer = "is certain" if self.certain else "is not certain"
        return (
            f"({self.eps:g}, {self.delta:g})-mode collapse {answer} at level {self.level:g}; "
            f"at ε = {self.eps:g}, δ is at least {self.certain_delta:.3g}"
        )


def certify(evidence: Evidence, eps: float, delta: float, level: float = 0.95, seed: int = 0) -> CollapseTest:
    """Whether samples make (ε,δ)-mode collapse certain.

    Parameters
    ----------
    evidence : ModeCounts, TargetCounts, UnitCounts, ScoreCounts or FoldedScores
        From `from_counts` or another of the functions that make evidence.
    eps, delta : float
        The point, 0 ≤ ε < δ ≤ 1: a set with at least δ of the real mass and at most ε of the generated mass.
    level : float, default 0.95
        If the pair has no such collapse, the answer is "certain" with probability at most 1 − level.
    seed : int, default 0
        Seed of the division into folds; fix it before you look.

    Returns
    -------
    CollapseTest
        True where the collapse is certain. The level is that of one question. For several questions about
        the same samples divide 1 − level among them, or read them off one `confidence_band`.

    Raises
    ------
    ValueError
        If `evidence` is of another type, not 0 ≤ ε < δ ≤ 1, or the level is not strictly between 0 and 1.

    Examples
    --------
    >>> from modecollapse.samples import from_counts
    >>> counts = from_counts([100, 110, 90, 100, 100], [0, 130, 120, 125, 125])
    >>> print(certify(counts, 0.05, 0.1))
    (0.05, 0.1)-mode collapse is certain at level 0.95; at ε = 0.05, δ is at least 0.198
    >>> bool(certify(counts, 0.05, 0.3))
    False
    """
    refuse_others(evidence)
    eps, delta = validation.collapse_point("(eps, delta)", (eps, delta))
    level, seed = validation.level(level), validation.whole("seed", seed, 0)
    reached = evidence.certain_delta(eps, delta, level, seed)
    return CollapseTest(reached >= delta - TOLERANCE, eps, delta, reached, level, seed)


class Plan(NamedTuple):
    """Answer of `plan`.

    Attributes
    ----------
    size : int
        The number of real samples, and of generated samples.
    power : float
        The share of simulated samples of this size that made the collapse certain.
    """

    size: int
    power: float


def plan(
    eps: float, delta: float, guess: PairLike, power: float = 0.8, level: float = 0.95, seed: int = 0
) -> Plan:
    """The number of samples of each kind with which `certify` is likely to find a collapse.

    Parameters
    ----------
    eps, delta : float
        The question that `certify` will be asked.
    guess : Region or pair (p, q)
        A guess of the truth. Give the masses of all modes as a pair: a Region merges modes of one likelihood
        ratio, and fewer modes need fewer samples.
    power : float, default 0.8
        The probability with which the collapse should be found if the guess is right, strictly between 0
        and 1.
    level : float, default 0.95
        The level of `certify`.
    seed : int, default 0
        Seed of the simulation.

    Returns
    -------
    Plan
        The size, and the power measured by simulation. Sizes are tried 9 % apart, 200 samples of each, so
        that the size is right to some 10 %.

    Raises
    ------
    ValueError
        If the guess has no such collapse, so that no number of samples would show it; if more than 10⁷
        samples would be needed; or if an argument is out of range.

    Examples
    --------
    >>> p, q = [0.125] * 8, [0.0] + [1 / 7] * 7
    >>> plan(0.01, 0.1, (p, q)).size
    1280
    """
    eps, delta = validation.collapse_point("(eps, delta)", (eps, delta))
    power = validation.probability("power", power)
    if not 0 < power < 1:
        raise ValueError(f"power must lie strictly between 0 and 1, got {power!r}")
    alpha = 1 - validation.level(level)
    seed = validation.whole("seed", seed, 0)
    region = as_region(guess, "plan(eps, delta, (p, q))")
    reached = region.boundary(eps)
    if reached <= delta:
        raise ValueError(
            f"the guess must have more than ({eps:g}, {delta:g})-mode collapse, or no number of samples "
            f"shows it; at ε = {eps:g} its greatest δ is {reached:.6g}"
        )
    p, q = guess.pair if isinstance(guess, Region) else validation.pmfs(*guess)
    p, q = p / p.sum(), q / q.sum()
    slopes = bands.slopes_at(eps, delta)

    def measured(step: int) -> Plan:
        size = round(FEWEST * 2 ** (step / STEPS_PER_DOUBLING))
        rng = np.random.default_rng([seed, step])
        reached = (
            bands.cross_fitted(Sampled(x), Sampled(y), alpha, run, slopes).boundary(eps)
            for run, (x, y) in enumerate(
                zip(rng.multinomial(size, p, RUNS), rng.multinomial(size, q, RUNS), strict=True)
            )
        )
        return Plan(size, float(np.mean([height >= delta for height in reached])))

    last = math.ceil(STEPS_PER_DOUBLING * math.log2(MOST / FEWEST))
    enough = next(
        (step for step in range(0, last, STEPS_PER_DOUBLING) if measured(step).power >= power), None
    )
    if enough is None:
        raise ValueError(
            f"more than {MOST:.0e} samples would be needed: at ε = {eps:g} the guess has δ = {reached:.6g}, "
            f"hardly more than {delta:g}"
        )
    too_few = enough - STEPS_PER_DOUBLING
    found = measured(enough)
    while enough - too_few > 1:
        middle = (too_few + enough) // 2
        tried = measured(middle)
        if tried.power >= power:
            enough, found = middle, tried
        else:
            too_few = middle
    return found
