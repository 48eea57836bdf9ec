"""Sums of exact integers over all types: what is true while types are few."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import cmp_to_key
from typing import NamedTuple

from mpmath import mp, mpf

DIGITS = 60
"""Of all arithmetic that is not of integers."""

DIVERGENCES = ("tv", "js", "kl", "reverse_kl", "hellinger", "chi2", "hockey_stick")


def integers(weights: Sequence[float]) -> list[int]:
    """Weights times the power of two that makes all of them integers."""
    ratios = [float(weight).as_integer_ratio() for weight in weights]
    whole = max(denominator for _, denominator in ratios)
    return [numerator * (whole // denominator) for numerator, denominator in ratios]


class Types(NamedTuple):
    """Masses of all types under P^m and Q^m, integers over the same denominator."""

    p: list[int]
    q: list[int]
    whole: int


def exact_types(p: Sequence[float], q: Sequence[float], m: int) -> Types:
    """By letters, one after the other, from the samples that those before have left."""
    p, q = integers(p), integers(q)
    parts = [(m, sum(q) ** m, sum(p) ** m)]
    for a, b in zip(p[:-1], q[:-1], strict=True):
        a_powers, b_powers = ([w**n for n in range(m + 1)] for w in (a, b))
        parts = [
            (rest - n, x * math.comb(rest, n) * a_powers[n], y * math.comb(rest, n) * b_powers[n])
            for rest, x, y in parts
            for n in range(rest + 1)
        ]
    masses = [(x * p[-1] ** rest, y * q[-1] ** rest) for rest, x, y in parts]
    return Types([x for x, _ in masses], [y for _, y in masses], sum(p) ** m * sum(q) ** m)


def exact_overlap(p: Sequence[float], q: Sequence[float], m: int) -> mpf:
    """Σ min(P^m, Q^m)."""
    table = exact_types(p, q, m)
    return mpf(sum(map(min, table.p, table.q))) / table.whole


def exact_hockey_stick(p: Sequence[float], q: Sequence[float], m: int, order: float = 1.0) -> mpf:
    """Σ (P^m − γQ^m)⁺ − (1−γ)⁺."""
    table = exact_types(p, q, m)
    above, below = order.as_integer_ratio()
    gain = sum(max(below * x - above * y, 0) for x, y in zip(table.p, table.q, strict=True))
    return mpf(gain - max(below - above, 0) * table.whole) / (below * table.whole)


def exact_boundary(p: Sequence[float], q: Sequence[float], m: int, at: Sequence[float]) -> list[mpf]:
    """g(x) of (P^m, Q^m): types by falling ratio till their Q-mass is x."""
    table = exact_types(p, q, m)
    falling = cmp_to_key(lambda s, t: t[0] * s[1] - s[0] * t[1])
    letters = sorted(((x, y) for x, y in zip(table.p, table.q, strict=True) if x or y), key=falling)
    heights = []
    for x in at:
        numerator, denominator = float(x).as_integer_ratio()
        room, height = numerator * table.whole, mpf(0)
        for a, b in letters:
            share = mpf(1) if b * denominator <= room else mpf(room) / (b * denominator)
            room, height = max(room - b * denominator, 0), height + share * a
        heights.append(height / table.whole)
    return heights


def _plogp(a: mpf, b: mpf) -> mpf:
    if a == 0:
        return mpf(0)
    return a * mp.log(a / b) if b else mp.inf


TERMS: dict[str, Callable[[mpf, mpf], mpf]] = {
    "js": lambda a, b: (_plogp(a, (a + b) / 2) + _plogp(b, (a + b) / 2)) / 2,
    "kl": _plogp,
    "reverse_kl": lambda a, b: _plogp(b, a),
    "hellinger": lambda a, b: (a + b) / 2 - mp.sqrt(a * b),
    "chi2": lambda a, b: (a - b) ** 2 / b if b else (mp.inf if a else mpf(0)),
}


def exact_divergence(name: str, p: Sequence[float], q: Sequence[float], m: int, order: float = 1.0) -> mpf:
    """The defining sum over types."""
    if name in ("tv", "hockey_stick"):
        return exact_hockey_stick(p, q, m, order)
    table = exact_types(p, q, m)
    letters = ((mpf(x) / table.whole, mpf(y) / table.whole) for x, y in zip(table.p, table.q, strict=True))
    return mp.fsum(TERMS[name](x, y) for x, y in letters)


def tensorised(name: str, single: mpf, m: int) -> mpf:
    """D(P^m‖Q^m) from D(P‖Q)."""
    match name:
        case "kl" | "reverse_kl":
            return m * single
        case "hellinger":
            return 1 - (1 - single) ** m
        case "chi2":
            return (1 + single) ** m - 1
    raise ValueError(f"{name} does not tensorise")
