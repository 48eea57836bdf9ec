"""Packed divergences of many pairs at once: what searches over a family evaluate.

No merging and no relative accuracy where a value is tiny: 1e-14 absolute for distances at most 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from modecollapse.divergence import DIVERGENCES
from modecollapse.packing import FEW_TYPES, binomial, refuse_many_types, total_variation, types
from modecollapse.packing.common import CommonLetters, common_letters
from modecollapse.region import Region
from modecollapse.validation import FloatArray


@dataclass(frozen=True)
class PackedDivergence:
    """D(P^m‖Q^m) as a function of arrays of letters.

    Attributes
    ----------
    name : str
        As in `modecollapse.divergence`.
    m : int
    order : float
        The order γ of the hockey stick; 1 otherwise.
    """

    name: str
    m: int
    order: float = 1.0

    @property
    def is_symmetric(self) -> bool:
        """Whether swapping P and Q changes nothing."""
        return self.name in ("tv", "js", "hellinger") or self.is_total_variation

    @property
    def is_power(self) -> bool:
        """Whether it is max_T P^m(T) − γQ^m(T) up to a constant: then second-order bounds exist."""
        return self.name in ("tv", "hockey_stick") and self.order > 0

    @property
    def is_total_variation(self) -> bool:
        """Whether it is d_TV, for which triangles have an exact search."""
        return self.is_power and self.order == 1

    def values(self, p: FloatArray, q: FloatArray) -> FloatArray:
        """The divergence of each pair; letters along the last axis."""
        shape = p.shape[:-1]
        p, q = (np.ascontiguousarray(v).reshape(-1, v.shape[-1]) for v in np.broadcast_arrays(p, q))
        return self._of_rows(p, q).reshape(shape)

    def _of_rows(self, p: FloatArray, q: FloatArray) -> FloatArray:
        if self.name in _TENSORISED:
            absent = (p == 0) & (q == 0)
            p, q = np.where(absent, 1.0, p), np.where(absent, 1.0, q)  # equal letters add nothing
            single = DIVERGENCES[self.name](p, q, p - q).sum(axis=1)
            return _TENSORISED[self.name](single, self.m)
        if self.name == "hockey_stick" and self.order == 0:
            return np.zeros(len(p))
        common = int(((p > 0) & (q > 0)).sum(axis=1).max(initial=1))
        if self.is_total_variation and types.count_types(common, self.m) > FEW_TYPES:
            regions = (Region.from_pmfs(*pair) for pair in zip(p, q, strict=True))
            return np.array([total_variation(common_letters(region), self.m) for region in regions])
        refuse_many_types(common, self.m)
        if self.name == "js":
            return types.jensen_shannons(p, q, self.m)
        return types.hockey_sticks(p, q, self.m, self.order)

    def powers(self, p: FloatArray, q: FloatArray, tests: FloatArray) -> FloatArray:
        """P^m(T) − γQ^m(T) − (1−γ)⁺ of each of N pairs of three letters, for a test T each.

        T accepts P where Σ nᵢ testᵢ > log γ, with finite testᵢ that fall from letter to letter. −∞, a
        useless but valid lower bound, where no evaluator applies.
        """
        size = types.count_types(p.shape[-1], self.m)
        if size <= FEW_TYPES:
            return types.test_powers(p, q, tests, self.m, size, self.order)
        values = np.full(len(p), -np.inf)
        if self.is_total_variation:
            for row in np.flatnonzero((p > 0).all(axis=1) & (q > 0).all(axis=1)):
                letters = CommonLetters(p[row], q[row], np.log(p[row] / q[row]), 0.0, 0.0)
                values[row] = binomial.test_power(letters, self.m, tests[row])
        return values


def _kullback_leibler(single: FloatArray, m: int) -> FloatArray:
    return m * single


def _hellinger(single: FloatArray, m: int) -> FloatArray:
    with np.errstate(divide="ignore"):
        return -np.expm1(m * np.log1p(-np.minimum(single, 1.0)))


def _chi_squared(single: FloatArray, m: int) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.expm1(m * np.log1p(single))


_TENSORISED = {
    "kl": _kullback_leibler,
    "reverse_kl": _kullback_leibler,
    "hellinger": _hellinger,
    "chi2": _chi_squared,
}
"""How D(P^m‖Q^m) follows from D(P‖Q) for those divergences where it does."""
