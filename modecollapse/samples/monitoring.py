"""Sampling until sure: a test of (ε,δ)-mode collapse that may be looked at after every batch.

At growing sizes a set S of modes and a factor c are frozen, from what was seen until then. If P(S) > δ/c and
Q(S) < ε/c, the test that takes samples of S with probability c shows the collapse. Bets on the later samples
measure the evidence against the contrary.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from modecollapse import validation
from modecollapse.arrays import FloatArray, IntArray
from modecollapse.samples.confidence import PSEUDOCOUNT
from modecollapse.samples.counts import ModeCounts
from modecollapse.samples.laws import Sampled

FIRST_SIZE = 80
"""Samples of each law after which the first set is frozen; fewer would freeze chance."""

GROWTH = 1.3
"""Ratio of the sizes at which sets are frozen: a later set is better, an earlier one has more bets."""

FACTORS = np.linspace(0.0, 1.0, 9)[1:]
"""Places of the factors c that are tried between the two ends that a set allows, on a logarithmic scale."""

ODDS_RATIOS = np.array([1.2, 1.4, 2.0, 4.0, 16.0, np.inf])
"""Odds ratios that are bet on: a little more than the bound, or much more, or a mass of 1."""


class MonitorState(NamedTuple):
    """The state of `monitor` after a batch. It is true, as a condition, once the collapse is certain.

    Attributes
    ----------
    certain : bool
        Whether the evidence has reached 1/(1 − level), now or before.
    e_value : float
        The evidence. If there is no (ε,δ)-collapse, it ever reaches 1/α with probability at most α.
    sizes : (int, int)
        The numbers of real and of generated samples so far.
    """

    certain: bool
    e_value: float
    sizes: tuple[int, int]

    def __bool__(self) -> bool:
        return self.certain


def monitor(
    batches: Iterable[ModeCounts], eps: float, delta: float, level: float = 0.95
) -> Iterator[MonitorState]:
    """Sample until an (ε,δ)-mode collapse is certain: a test at every time at once.

    Parameters
    ----------
    batches : iterable of ModeCounts
        Counts of new samples over the same modes, batch after batch. They may stop at any time, for any
        reason that depends on what was seen.
    eps, delta : float
        The question, 0 < ε < δ ≤ 1.
    level : float, default 0.95
        If the pair has no such collapse, any state is ever certain with probability at most 1 − level.

    Yields
    ------
    MonitorState
        The state after each batch.

    Raises
    ------
    ValueError
        If not 0 < ε < δ ≤ 1, since at ε = 0 nothing can be certain; if the level is not strictly between 0
        and 1; or if a batch is over other modes.

    Notes
    -----
    If the pair has no (ε,δ)-collapse, every frozen (S, c) has P(S) ≤ δ/c or Q(S) ≥ ε/c. A mixture of
    likelihood ratios against the one that holds is a supermartingale that starts at 1. The smaller of the two
    mixtures lies below it. The e-value is the sum of these minima with weights 1/((j+1)(j+2)), which sum to
    1. By Ville's inequality it reaches 1/α with probability at most α.

    Examples
    --------
    >>> from modecollapse.samples import from_counts
    >>> rng = np.random.default_rng(0)
    >>> p, q = [0.125] * 8, [0.0, 0.0] + [1 / 6] * 6
    >>> batches = (from_counts(rng.multinomial(50, p), rng.multinomial(50, q)) for _ in range(100))
    >>> state = next(state for state in monitor(batches, 0.05, 0.1) if state.certain)
    >>> state.sizes
    (200, 200)
    """
    eps, delta = validation.collapse_point("(eps, delta)", (eps, delta))
    if eps == 0:
        raise ValueError(
            "eps must be positive here, got 0: no samples prove that a set has no generated mass"
        )
    threshold = 1 / (1 - validation.level(level))
    total: ModeCounts | None = None
    bets: list[_Bet] = []
    next_size, certain = float(FIRST_SIZE), False
    validation.instance("batches", batches, Iterable, "put a single batch into a list")
    for batch in batches:
        validation.instance("a batch", batch, ModeCounts, "from_counts, from_labels and from_centres make it")
        total = batch if total is None else total + batch
        e_value = math.fsum(bet.evidence(total) / ((j + 1) * (j + 2)) for j, bet in enumerate(bets))
        certain = certain or e_value >= threshold
        smaller = min(total.sizes)
        if smaller >= next_size:
            bets += _frozen_bets(total, eps, delta)
            next_size = GROWTH * smaller
        yield MonitorState(certain, e_value, total.sizes)


@dataclass(frozen=True)
class _Bet:
    """A set of modes and two bounds of its masses, frozen at a time.

    Bets are on P(S) > `p_bound` and on Q(S) < `q_bound`, with the samples after that time.
    """

    modes: IntArray
    p_bound: float
    q_bound: float
    real_before: tuple[int, int]
    generated_before: tuple[int, int]

    def evidence(self, total: ModeCounts) -> float:
        """The smaller of the two mixtures of likelihood ratios on the samples since."""
        real = _in_and_out(total.real, self.modes, self.real_before)
        generated = _in_and_out(total.generated, self.modes, self.generated_before)
        least = min(
            log_mixture(*real, self.p_bound),
            log_mixture(*generated[::-1], 1 - self.q_bound),
        )
        return math.exp(min(least, 700.0))


def log_mixture(hits: int, misses: int, bound: float) -> float:
    """The log of a mixture of likelihood ratios of proportions above a bound, against the bound.

    The mixture is over the odds ratios `ODDS_RATIOS`. Against any proportion up to the bound it is a
    supermartingale.

    Examples
    --------
    >>> log_mixture(0, 0, 0.5)
    0.0
    """
    from scipy.special import xlogy

    if bound >= 1:
        return -math.inf
    # θb/(1 − b + θb) over b, and (1 − that)/(1 − b)
    hit = 1 / (bound + (1 - bound) / ODDS_RATIOS)
    miss = 1 / (1 + bound * (ODDS_RATIOS - 1))
    logs = xlogy(hits, hit) + xlogy(misses, miss)
    return float(np.logaddexp.reduce(logs) - math.log(len(logs)))


def _in_and_out(counts: IntArray, modes: IntArray, before: tuple[int, int]) -> tuple[int, int]:
    """New samples in a set, and outside it."""
    inside = int(counts[modes].sum())
    return inside - before[0], int(counts.sum()) - inside - before[1]


def _frozen_bets(total: ModeCounts, eps: float, delta: float) -> list[_Bet]:
    """The bet that is expected to grow fastest, given the samples so far; none where no set looks hopeful."""
    p, q = Sampled(total.real), Sampled(total.generated)
    order = np.argsort(-(p.weights / q.weights), kind="stable")
    p_masses, q_masses = _prefix_masses(p, order), _prefix_masses(q, order)
    # a factor c has P(S) > δ/c and Q(S) < ε/c
    least, largest = delta / p_masses, np.minimum(eps / q_masses, 1.0)
    possible = np.flatnonzero(least < largest)
    if not len(possible):
        return []
    place = FACTORS
    logs = np.log(least[possible, np.newaxis]) * (1 - place) + np.log(largest[possible, np.newaxis]) * place
    factors = np.minimum(np.exp(logs), 1.0)
    growth = np.minimum(
        _relative_entropy(p_masses[possible, np.newaxis], np.minimum(delta / factors, 1.0)),
        _relative_entropy(q_masses[possible, np.newaxis], np.minimum(eps / factors, 1.0)),
    )
    best, at = np.unravel_index(int(np.argmax(growth)), growth.shape)
    modes, factor = order[: possible[best] + 1], float(factors[best, at])
    real, generated = (int(counts[modes].sum()) for counts in (total.real, total.generated))
    n_real, n_generated = total.sizes
    return [
        _Bet(modes, delta / factor, eps / factor, (real, n_real - real), (generated, n_generated - generated))
    ]


def _prefix_masses(law: Sampled, order: IntArray) -> FloatArray:
    """Masses of the first modes of an order, smoothed as one set: bets may hope for more than bounds may."""
    return np.asarray((np.cumsum(law.counts[order])[:-1] + PSEUDOCOUNT) / (law.size + 2 * PSEUDOCOUNT))


def _relative_entropy(mass: FloatArray, bound: FloatArray) -> FloatArray:
    """KL divergence of a coin from another: the rate at which bets against the other grow."""
    from scipy.special import rel_entr

    rate: FloatArray = rel_entr(mass, bound) + rel_entr(1 - mass, 1 - bound)
    return rate
