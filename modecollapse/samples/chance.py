"""What chance alone would show: mean distances and p-values of samples of one law.

Two samples of one law are exchangeable: every division of the pooled samples into two groups of these sizes
is equally likely. So permutation tests hold exactly, whatever the law.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from modecollapse.arrays import BoolArray, FloatArray, IntArray
from modecollapse.samples.units import Units

PERMUTATIONS, LEAST_PERMUTATIONS = 999, 99
"""Random divisions of a test, and the least number of them where there are very many modes or scores."""

PERMUTED_CELLS = 5 * 10**5
"""Numbers drawn for a test, about .1 s, unless the least number of permutations needs more."""

PERMUTED_ENTRIES = 10**8
"""The same for groups, whose shares are summed: a few seconds."""

LARGEST_POOL = 10**8
"""Samples that numpy can deal; a test of more is of a random part of about this many."""


def mean_distance_of_deals(pooled: IntArray, n_real: int, n_generated: int) -> float:
    """The mean total variation of the shares of two groups, over all deals of pooled samples.

    Parameters
    ----------
    pooled : ndarray of int, shape (k,)
        Samples in each mode, of both groups.
    n_real, n_generated : int
        The sizes of the groups, which sum to that of the pool.

    Notes
    -----
    The number X of samples of a mode in the first group is hypergeometric. The sum of E|X − EX| telescopes as
    de Moivre's does for the binomial: with ν the least integer above EX,
    E|X − EX| = 2ν(total − marked − drawn + ν)/total · P(X = ν).
    """
    from scipy.stats import binom

    total = n_real + n_generated
    share = n_real / total
    # products of counts may exceed 64 bits
    above = np.array([n_real * count // total + 1 for count in pooled.tolist()])
    rest = total - pooled - n_real + above
    # scipy's hypergeometric mass loses digits here; a ratio of binomial masses does not
    mass = binom.pmf(above, pooled, share) * binom.pmf(n_real - above, total - pooled, share)
    deviations = 2 * above * (rest / total) * mass / binom.pmf(n_real, total, share)
    return float(0.5 * deviations.sum() * (total / n_real) / n_generated)


def mean_distance_of_samples(pmf: FloatArray, size: int) -> float:
    """The mean total variation between a law and the shares of samples of it.

    Notes
    -----
    De Moivre: E|X − np| = 2ν(1 − p) P(X = ν) for X ~ Bin(n, p) and ν the least integer above np.
    """
    from scipy.stats import binom

    above = np.floor(size * pmf) + 1
    deviations = 2 * above * (1 - pmf) * binom.pmf(above, size, pmf)
    return float(0.5 * deviations.sum() / size)


def permutation_p_value(real: IntArray, generated: IntArray, seed: int) -> float:
    """The p-value of the permutation test of two lists of counts, by χ².

    Given the pooled counts c and the size n of the first group, χ² grows with Σ x²/c over its counts x.
    """
    rng = np.random.default_rng(seed)
    real, generated = _within_reach(real, generated, rng)
    pooled = real + generated
    seen = pooled > 0
    weights, drawn = 1 / pooled[seen], int(real.sum())

    def excess(counts: IntArray) -> float:
        return float((counts * counts * weights).sum())

    deals = (
        rng.multivariate_hypergeometric(pooled[seen], drawn) for _ in range(repetitions(int(seen.sum())))
    )
    return p_value(excess(real[seen]), map(excess, deals))


def units_p_value(p: Units, q: Units, seed: int) -> float:
    """The p-value of the permutation test of two laws known from groups, by χ² of their mean shares.

    Given the sum t of the shares of all groups, χ² grows with Σ (x − nt/(n + N))²/t over the sums x of the
    shares of the first n groups.
    """
    rng = np.random.default_rng(seed)
    modes, size = p.modes, p.size + q.size
    owner, mode = np.append(p.owner, p.size + q.owner), np.append(p.mode, q.mode)
    share = np.append(p.share, q.share)
    total = np.bincount(mode, share, minlength=modes)
    seen = total > 0

    def excess(is_first: BoolArray) -> float:
        sums = np.bincount(mode, share * is_first[owner], minlength=modes)
        return float(((sums - p.size / size * total)[seen] ** 2 / total[seen]).sum())

    is_first = np.arange(size) < p.size
    draws = (
        excess(rng.permutation(is_first)) for _ in range(repetitions(size + len(owner), PERMUTED_ENTRIES))
    )
    return p_value(excess(is_first), draws)


def target_p_value(target: FloatArray, generated: IntArray, seed: int) -> float:
    """The p-value of the Monte Carlo test of counts against a known law, by Pearson's χ².

    It is 1/1000 at most where a sample lies in a mode that the law lacks, as it should be.
    """
    rng = np.random.default_rng(seed)
    possible = target > 0
    size, masses = int(generated.sum()), target[possible] / target[possible].sum()

    def excess(counts: IntArray) -> float:
        return float((counts * counts / masses).sum())

    draws = (rng.multinomial(size, masses) for _ in range(repetitions(len(masses))))
    impossible = bool(generated[~possible].any())
    return p_value(np.inf if impossible else excess(generated[possible]), map(excess, draws))


def scores_p_value(is_real: BoolArray, ends: IntArray, seed: int) -> float:
    """The p-value of the permutation test of scores, by the greatest difference of their distributions.

    Parameters
    ----------
    is_real : ndarray of bool, shape (n,)
        Whether each pooled score is of a real sample, in order of the scores.
    ends : ndarray of int, shape (k,)
        The number of scores up to and including each different value.
    seed : int
        Seed of the permutations.
    """
    rng = np.random.default_rng(seed)
    n_real = int(is_real.sum())

    def difference(marks: BoolArray) -> float:
        above = np.cumsum(marks)[ends - 1]
        return float(np.abs(above / n_real - (ends - above) / (len(marks) - n_real)).max())

    draws = (rng.permutation(is_real) for _ in range(repetitions(len(is_real))))
    return p_value(difference(is_real), map(difference, draws))


def _within_reach(real: IntArray, generated: IntArray, rng: np.random.Generator) -> tuple[IntArray, IntArray]:
    """The counts, or those of a random part of the samples where numpy could not deal them all.

    Samples are kept independently, so that the part is exchangeable as the whole is.
    """
    total = int(real.sum()) + int(generated.sum())
    if total <= LARGEST_POOL:
        return real, generated
    share = LARGEST_POOL / total
    return rng.binomial(real, share), rng.binomial(generated, share)


def repetitions(cells: int, permuted_cells: int = PERMUTED_CELLS) -> int:
    """The number of random divisions of a test that each draw this many numbers."""
    return min(PERMUTATIONS, max(LEAST_PERMUTATIONS, permuted_cells // cells))


def p_value(observed: float, drawn: Iterable[float]) -> float:
    """The share of values that are at least the one observed, itself among them; ties up to rounding."""
    values = np.fromiter(drawn, dtype=np.float64)
    return float((1 + np.count_nonzero(values >= observed - 1e-12 * abs(observed))) / (1 + len(values)))
