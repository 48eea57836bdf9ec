"""Packed divergences of many pairs at once: what searches over a family evaluate.

No merging and no relative accuracy where a value is tiny: 1e-14 absolute for distances at most 1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.divergence import DIVERGENCES, DivergenceName, renyi
from modecollapse.packing import choice, enumeration, few_letters


@dataclass(frozen=True)
class PackedDivergence:
    """D(P^m‖Q^m) as a function of arrays of letters.

    Attributes
    ----------
    name : str
        As in `modecollapse.divergence`.
    m : int
    order : float
        The order γ of the hockey stick, or α of Rényi's divergence; 1 otherwise.
    """

    name: DivergenceName
    m: int
    order: float = 1.0

    @property
    def is_symmetric(self) -> bool:
        """Whether swapping P and Q changes nothing."""
        if self.name == "renyi":
            return self.order == 0.5
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
        if self.name in TENSORISED:
            return TENSORISED[self.name](self._of_one_sample(p, q), self.m)
        if self.name == "hockey_stick" and self.order == 0:
            return np.zeros(len(p))
        common = int(((p > 0) & (q > 0)).sum(axis=1).max(initial=1))
        if self.is_total_variation and common <= 3 and not choice.are_few(3, self.m):
            kept_p, kept_q, log_p, log_q = _three_common(p, q)
            ratios = _falling_ratios(kept_p, kept_q)
            return few_letters.ternary_powers(kept_p, kept_q, log_p, log_q, ratios, self.m)
        enumeration.refuse_many_types(common, self.m)
        if self.name == "js":
            values = enumeration.jensen_shannons(p, q, self.m)
        else:
            values = enumeration.hockey_sticks(p, q, self.m, self.order)
        return np.maximum(values, 0.0)  # below which terms of both signs may round

    def _of_one_sample(self, p: FloatArray, q: FloatArray) -> FloatArray:
        if self.name == "renyi":
            return renyi(p, q, p - q, self.order)
        absent = (p == 0) & (q == 0)
        p, q = np.where(absent, 1.0, p), np.where(absent, 1.0, q)  # equal letters add nothing
        return DIVERGENCES[self.name](p, q, p - q).sum(axis=1)


def _three_common(p: FloatArray, q: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
    """The at most three common letters of each pair by falling p/q, then empty ones, and log shares."""
    p, q = (np.pad(v, ((0, 0), (0, max(0, 3 - v.shape[1])))) for v in (p, q))
    common = (p > 0) & (q > 0)
    reverse_ratio = np.divide(q, p, out=np.full_like(p, np.inf), where=common)
    first = np.argsort(reverse_ratio, axis=1, kind="stable")[:, :3]
    p_kept, q_kept = (np.take_along_axis(np.where(common, v, 0.0), first, axis=1) for v in (p, q))
    with np.errstate(divide="ignore"):
        log_shares = (np.log1p(-np.where(common, 0.0, v).sum(axis=1) / v.sum(axis=1)) for v in (p, q))
        return p_kept, q_kept, *log_shares


def _falling_ratios(p: FloatArray, q: FloatArray) -> FloatArray:
    """log(p/q) of letters in order of falling ratio; empty ones follow, each one less."""
    present = (p > 0) & (q > 0)
    ratio = np.log(np.where(present, p, 1.0)) - np.log(np.where(present, q, 1.0))
    for letter in (1, 2):
        ratio[:, letter] = np.where(present[:, letter], ratio[:, letter], ratio[:, letter - 1] - 1.0)
    return ratio


def _additive(single: FloatArray, m: int) -> FloatArray:
    return m * single


def _hellinger(single: FloatArray, m: int) -> FloatArray:
    with np.errstate(divide="ignore"):
        return -np.expm1(m * np.log1p(-np.minimum(single, 1.0)))


def _chi_squared(single: FloatArray, m: int) -> FloatArray:
    with np.errstate(over="ignore"):
        return np.expm1(m * np.log1p(single))


TENSORISED = {
    "kl": _additive,
    "reverse_kl": _additive,
    "renyi": _additive,
    "hellinger": _hellinger,
    "chi2": _chi_squared,
}
"""Functions that give D(P^m‖Q^m) from D(P‖Q) and m, for the divergences that have one (docs/theory.md §2)."""
