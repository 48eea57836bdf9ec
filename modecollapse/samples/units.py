"""A law known from independent units: groups of samples that depend on each other, or weighted samples.

A *group* is a call of a language model with many answers, a video with many frames, an image with many
patches. The samples of a group may depend on each other in any way. So a group counts as one unit, with the
share of its samples in each mode.

A *weighted* sample is a unit with one mode and a weight, which makes up for a law that was sampled in place
of the one that is meant. The mass of a set S is E[v X(S)]/E[v] for weights v and shares X. Weights need a
known bound: without one no finite number of samples bounds a mass.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.samples.confidence import PSEUDOCOUNT, MassBox, tightened
from modecollapse.values import Value

BETS_PER_DOUBLING = 2
"""Bets that a limit mixes, per doubling from 1/n to 1; see `least_mean`."""

EXACT_UNITS = 4096
"""Units up to which every weight counts as it is. Beyond, weights are rounded, to the worse."""

WEIGHTS_PER_DOUBLING, LEAST_WEIGHT = 64, 2.0**-16
"""Rounded weights are in equal ratios: 1 % apart, down to the least."""

RELATIVE_ERROR = 1e-12
"""Relative error of a root, by which limits are widened."""


@dataclass(frozen=True, eq=False)
class Units(Value):
    """Independent units, each with a weight and with shares in some modes.

    Attributes
    ----------
    modes : int
        The number k of modes.
    owner, mode : ndarray of int, shape (e,)
        Entries: a unit, and a mode in which it has a share.
    share : ndarray, shape (e,)
        The shares; those of each unit sum to 1.
    weight : ndarray, shape (n,)
        Weights of the units divided by the greatest possible weight, in [0, 1].
    """

    modes: int
    owner: IntArray
    mode: IntArray
    share: FloatArray
    weight: FloatArray

    is_sampled = True

    @property
    def size(self) -> int:
        """The number of units."""
        return len(self.weight)

    @cached_property
    def shares(self) -> FloatArray:
        """The weighted mean share of each mode."""
        amounts = np.bincount(self.mode, self.weight[self.owner] * self.share, minlength=self.modes)
        return np.asarray(amounts / amounts.sum())

    @property
    def influence(self) -> float:
        """The greatest change of a share when one unit changes, squared and summed over the units.

        It has no bound where weights differ, since a mean of weights may be small.
        """
        return 1 / self.size if (self.weight == 1).all() else math.inf

    @property
    def variances(self) -> FloatArray:
        """Variances of the shares of single modes, estimated."""
        of_units = self.weight[self.owner]
        deviations = of_units**2 * (self.share**2 - 2 * self.share * self.shares[self.mode])
        of_entries: FloatArray = np.bincount(self.mode, deviations, minlength=self.modes).astype(np.float64)
        squares = of_entries + float((self.weight**2).sum()) * self.shares**2
        return np.asarray(np.maximum(squares, 0.0) / float(self.weight.sum()) ** 2)

    @cached_property
    def effective_size(self) -> float:
        """The number of independent samples that vary as much, on average over the modes."""
        variance, binomial = float(self.variances.sum()), 1 - float((self.shares**2).sum())
        return max(binomial / variance, 1.0) if variance > 0 and binomial > 0 else float(self.size)

    @property
    def weights(self) -> FloatArray:
        """Masses of the modes, smoothed: for an order of the modes."""
        return self.shares + PSEUDOCOUNT / self.effective_size

    def prefix_masses(self, order: IntArray) -> FloatArray:
        """Masses of the first 1, …, k−1 modes of an order, smoothed."""
        smoothed = np.cumsum(self.weights[order])
        return smoothed[:-1] / smoothed[-1]

    def deviations(self, masses: FloatArray) -> FloatArray:
        """Standard deviations of the shares of sets that have these masses, by the effective size."""
        deviations: FloatArray = np.sqrt(masses * (1 - masses) / self.effective_size)
        return deviations

    def divided(self, folds: int, rng: np.random.Generator) -> list[tuple[Units, Units]]:
        """The units of each fold, and all the others. Every unit is given to a fold independently."""
        fold_of = rng.integers(folds, size=self.size)
        return [(self._some(fold_of == fold), self._some(fold_of != fold)) for fold in range(folds)]

    def _some(self, kept: np.ndarray) -> Units:
        entries = kept[self.owner]
        number = np.cumsum(kept) - 1
        return Units(
            self.modes,
            number[self.owner[entries]],
            self.mode[entries],
            self.share[entries],
            self.weight[kept],
        )

    def box(self, alpha: float) -> MassBox:
        """Limits of all masses that hold together with probability 1 − α."""
        each = alpha / (2 * self.modes)
        order = np.argsort(self.mode, kind="stable")
        starts = np.searchsorted(self.mode[order], np.arange(self.modes + 1))
        equal = bool((self.weight == self.weight[0]).all())
        different: dict[bytes, tuple[float, float]] = {}
        lower, upper = np.zeros(self.modes), np.ones(self.modes)
        for mode in range(self.modes):
            entries = order[starts[mode] : starts[mode + 1]]
            masses: FloatArray = np.bincount(
                self.owner[entries], self.share[entries], minlength=self.size
            ).astype(np.float64)
            # modes of the same shares, in whatever units, have the same limits
            key = np.sort(self.share[entries]).tobytes() if equal else entries.tobytes()
            if key not in different:
                different[key] = self._least(masses, each), 1 - self._least(1 - masses, each)
            lower[mode], upper[mode] = different[key]
        return tightened(lower, upper)

    def least_masses(self, order: IntArray, ends: IntArray, alpha: float) -> FloatArray:
        """Lower limits of the masses of the first `ends` modes of an order, each at α."""
        return np.array([self._least(masses, alpha) for masses in self._masses_in(order, ends)])

    def largest_masses(self, order: IntArray, ends: IntArray, alpha: float) -> FloatArray:
        """Upper limits of the masses of the first `ends` modes of an order, each at α."""
        return np.array([1 - self._least(1 - masses, alpha) for masses in self._masses_in(order, ends)])

    def _masses_in(self, order: IntArray, ends: IntArray) -> list[FloatArray]:
        """The share of each unit in each of the sets."""
        place = np.empty(self.modes, dtype=np.int64)
        place[order] = np.arange(self.modes)
        return [
            np.minimum(
                np.bincount(self.owner, self.share * (place[self.mode] < end), minlength=self.size), 1.0
            )
            for end in ends.tolist()
        ]

    def _least(self, masses: FloatArray, alpha: float) -> float:
        return least_mean(np.maximum(masses, 0.0), self.weight, alpha)


def least_mean(shares: FloatArray, weights: FloatArray, alpha: float) -> float:
    """A lower limit of E[vX]/E[v], from independent pairs of weights v and shares X in [0, 1].

    Parameters
    ----------
    shares, weights : ndarray, shape (n,)
        X and v, both in [0, 1].
    alpha : float
        The limit is too large with probability at most this.

    Notes
    -----
    If E[vX] ≤ a E[v], then every bet c in [0, 1] has E[1 + c v (X/a − 1)] ≤ 1. So the product over the
    units has mean at most 1, and so has the mean of such products over several bets. By Markov's inequality
    it reaches 1/α with probability at most α. It falls in a: the limit is the a at which it is 1/α. Shares
    that vary little allow high bets, so that the limit adapts to their variance. See Waudby-Smith and Ramdas,
    "Estimating means of bounded random variables by betting", JRSS B 86, 2024.

    Examples
    --------
    >>> always, never = np.ones(100), np.zeros(100)
    >>> round(least_mean(always, always, 0.05), 3), least_mean(never, always, 0.05)
    (0.948, 0.0)
    """
    from scipy.optimize import brentq

    if not (shares * weights).any():
        return 0.0
    if len(shares) > EXACT_UNITS:
        weights = _coarse(shares, weights)
    cases, times = np.unique(shares + 1j * weights, return_counts=True)  # pairs, sorted as complex numbers
    share, weight = cases.real, cases.imag
    doublings = math.ceil(math.log2(max(len(shares), 2)))
    bets = np.exp2(-np.arange(doublings * BETS_PER_DOUBLING + 1) / BETS_PER_DOUBLING)
    stakes = bets[:, np.newaxis] * weight
    threshold = math.log(len(bets) / alpha)

    def excess(log_mean: float) -> float:
        with np.errstate(divide="ignore"):  # a bet of everything may be lost
            logs = np.log1p(stakes * (share * math.exp(-log_mean) - 1)) @ times
        return float(np.logaddexp.reduce(logs)) - threshold

    highest = 0.0  # at a = 1 no bet can win
    lowest = -1.0
    while excess(lowest) <= 0:
        lowest *= 2
        if lowest < -700:
            return 0.0
    root = brentq(excess, lowest, highest, xtol=RELATIVE_ERROR, rtol=RELATIVE_ERROR)
    return math.exp(root) * (1 - 4 * RELATIVE_ERROR)


def _coarse(shares: FloatArray, weights: FloatArray) -> FloatArray:
    """Weights of few different values that make every bet of `least_mean` a little worse.

    Where X = 1 bets win, and a smaller weight wins less. Where X = 0 they lose, and a greater weight loses
    more.
    """
    levels = np.log2(np.maximum(weights, LEAST_WEIGHT)) * WEIGHTS_PER_DOUBLING
    below = np.where(weights < LEAST_WEIGHT, 0.0, np.exp2(np.floor(levels) / WEIGHTS_PER_DOUBLING))
    above = np.where(weights == 0, 0.0, np.exp2(np.ceil(levels) / WEIGHTS_PER_DOUBLING))
    return np.where(
        shares == 1, np.minimum(below, weights), np.where(shares == 0, np.maximum(above, weights), weights)
    )


def grouped(labels: IntArray, groups: Sequence[Hashable], modes: int) -> Units:
    """Units from samples in groups: each group has the share of its samples in each mode.

    Examples
    --------
    >>> grouped(np.array([0, 1, 1, 1]), ["a", "a", "b", "b"], 2).shares.tolist()
    [0.25, 0.75]
    """
    numbers: dict[Hashable, int] = {}
    owner = np.array([numbers.setdefault(group, len(numbers)) for group in groups])
    cells, times = np.unique(owner * modes + labels, return_counts=True)
    owners, in_modes = np.divmod(cells, modes)
    sizes = np.bincount(owner)
    return Units(modes, owners, in_modes, times / sizes[owners], np.ones(len(numbers)))


def weighted(labels: IntArray, weights: FloatArray, bound: float, modes: int) -> Units:
    """Units from weighted samples, whose weights are at most `bound`.

    Examples
    --------
    >>> weighted(np.array([0, 1]), np.array([1.0, 3.0]), 4.0, 2).shares.tolist()
    [0.25, 0.75]
    """
    one_each = np.arange(len(weights))
    return Units(modes, one_each, labels, np.ones(len(weights)), weights / bound)
