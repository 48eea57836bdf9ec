"""What is known of the law of a pair: samples of it over k modes, units of samples, or all of its masses.

All kinds answer the same questions, so that every band is written once. At least one law of a pair is known
from samples or from units.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np

from modecollapse.arrays import FloatArray, IntArray
from modecollapse.samples.confidence import (
    PSEUDOCOUNT,
    MassBox,
    largest_proportion,
    least_proportion,
    mass_box,
)
from modecollapse.samples.units import Units
from modecollapse.values import Value

View: TypeAlias = Literal["modes", "score", "likelihood ratio"]
"""What samples are seen through. Only the last keeps all that tells two laws apart."""

Unit: TypeAlias = Literal["samples", "weighted samples", "groups"]
"""What was drawn independently."""

Law: TypeAlias = "Sampled | Known | Units"
Divided: TypeAlias = "Sequence[tuple[Law, Law]]"


@dataclass(frozen=True, eq=False)
class Sampled(Value):
    """A law known from independent samples.

    Attributes
    ----------
    counts : ndarray of int, shape (k,)
        Samples in each mode.
    """

    counts: IntArray

    is_sampled = True

    @cached_property
    def size(self) -> int:
        """The number of samples."""
        return int(self.counts.sum())

    @property
    def shares(self) -> FloatArray:
        """The share of samples in each mode."""
        return self.counts / self.size

    @property
    def influence(self) -> float:
        """The greatest change of a share when one sample changes, squared and summed over the samples."""
        return 1 / self.size

    @property
    def variances(self) -> FloatArray:
        """Variances of the shares of single modes, estimated."""
        return self.shares * (1 - self.shares) / self.size

    @property
    def weights(self) -> FloatArray:
        """Masses of the modes, smoothed: for an order of the modes."""
        return (self.counts + PSEUDOCOUNT) / self.size

    def prefix_masses(self, order: IntArray) -> FloatArray:
        """Masses of the first 1, …, k−1 modes of an order, smoothed."""
        smoothed = np.cumsum(self.counts[order] + PSEUDOCOUNT)
        return smoothed[:-1] / smoothed[-1]

    def deviations(self, masses: FloatArray) -> FloatArray:
        """Standard deviations of the shares of sets that have these masses."""
        deviations: FloatArray = np.sqrt(masses * (1 - masses) / self.size)
        return deviations

    def divided(self, folds: int, rng: np.random.Generator) -> Divided:
        """Each fold of the samples, and all the others.

        Every sample is given to a fold independently. So the samples of a fold are independent samples of
        the law, given their number.
        """
        dealt = rng.multinomial(self.counts, np.full(folds, 1 / folds))
        return [(Sampled(fold), Sampled(self.counts - fold)) for fold in dealt.T]

    def box(self, alpha: float) -> MassBox:
        """Limits of all masses that hold together with probability 1 − α."""
        return mass_box(self.counts, alpha)

    def least_masses(self, order: IntArray, ends: IntArray, alpha: float) -> FloatArray:
        """Lower limits of the masses of the first `ends` modes of an order, each at α."""
        return least_proportion(np.cumsum(self.counts[order])[ends - 1], self.size, alpha)

    def largest_masses(self, order: IntArray, ends: IntArray, alpha: float) -> FloatArray:
        """Upper limits of the masses of the first `ends` modes of an order, each at α."""
        return largest_proportion(np.cumsum(self.counts[order])[ends - 1], self.size, alpha)


@dataclass(frozen=True, eq=False)
class Known(Value):
    """A law of which all masses are known: its limits have no error.

    Attributes
    ----------
    shares : ndarray, shape (k,)
        The masses.
    """

    shares: FloatArray

    is_sampled = False
    size = math.inf
    influence = 0.0

    @property
    def variances(self) -> FloatArray:
        """Zeros: nothing is drawn."""
        return np.zeros_like(self.shares)

    @property
    def weights(self) -> FloatArray:
        """The masses."""
        return self.shares

    def prefix_masses(self, order: IntArray) -> FloatArray:
        """Masses of the first 1, …, k−1 modes of an order."""
        return np.minimum(np.cumsum(self.shares[order])[:-1], 1.0)

    def deviations(self, masses: FloatArray) -> FloatArray:
        """Zeros: nothing is drawn."""
        return np.zeros_like(masses)

    def divided(self, folds: int, rng: np.random.Generator) -> Divided:
        """The law itself, for each fold."""
        return [(self, self)] * folds

    def box(self, alpha: float) -> MassBox:
        """The masses as their own limits."""
        return MassBox(self.shares, self.shares)

    def least_masses(self, order: IntArray, ends: IntArray, alpha: float) -> FloatArray:
        """Masses of the first `ends` modes of an order: exactly 1 where the others have none."""
        masses = self.shares[order]
        first, others = np.cumsum(masses), np.append(np.cumsum(masses[:0:-1])[::-1], 0.0)
        return np.where(others < first, 1 - others, first)[ends - 1]

    def largest_masses(self, order: IntArray, ends: IntArray, alpha: float) -> FloatArray:
        """The same: nothing is uncertain."""
        return self.least_masses(order, ends, alpha)
