"""Slow twins of the library, exact, in many digits, or of many pairs at once, written to be obviously right.

Nothing here imports `modecollapse`. A pmf means its float weights divided by their exact sum.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from functools import cmp_to_key, lru_cache
from itertools import combinations, product
from math import ceil, comb, factorial, lcm, prod
from typing import NamedTuple

import numpy as np
from mpmath import mp, mpf

Array = np.ndarray

Weights = Sequence[float | Fraction]
Point = tuple[Fraction, Fraction]

GUARD_DIGITS = 60
"""Digits carried: sums of positive terms keep all but a few of them."""

FEW_TYPES = 300
"""Types, times the samples of each, that integers sum sooner than many digits do."""

MOST_DIGITS = 700
"""Digits that show the distance of any two unequal pmfs: two subnormal numbers differ by 5e-324 at least."""


def exact_pmf(weights: Weights) -> list[Fraction]:
    """Weights divided by their exact sum; a float is the number it stores."""
    fractions = [w if isinstance(w, Fraction) else Fraction(float(w)) for w in weights]
    total = sum(fractions)
    return [w / total for w in fractions]


def exact_pair(p: Weights, q: Weights) -> list[tuple[Fraction, Fraction]]:
    """Letters as (P-mass, Q-mass)."""
    return list(zip(exact_pmf(p), exact_pmf(q), strict=True))


# -- regions ----------------------------------------------------------------------------------------------


def subsets(n: int) -> Iterator[tuple[int, ...]]:
    """All subsets of range(n)."""
    for size in range(n + 1):
        yield from combinations(range(n), size)


def subset_points(p: Sequence[Fraction], q: Sequence[Fraction]) -> list[Point]:
    """(Q(S), P(S)) for every set S of letters."""
    return [
        (sum((q[i] for i in s), Fraction(0)), sum((p[i] for i in s), Fraction(0))) for s in subsets(len(p))
    ]


def hull_height(points: Sequence[Point], x: Fraction) -> Fraction:
    """The highest point at x of the convex hull of `points`: the best chord over x."""
    height = max((y for at, y in points if at == x), default=Fraction(-1))
    left = [point for point in points if point[0] < x]
    right = [point for point in points if point[0] > x]
    for (x0, y0), (x1, y1) in product(left, right):
        height = max(height, y0 + (y1 - y0) * (x - x0) / (x1 - x0))
    return height


def boundary(p: Weights, q: Weights, x: float) -> Fraction:
    """g(x), as the hull of the points of all subsets."""
    return hull_height(subset_points(exact_pmf(p), exact_pmf(q)), Fraction(float(x)))


def packed_boundary(p: Weights, q: Weights, m: int, x: float) -> Fraction:
    """g(x) of (P^m, Q^m): Neyman and Pearson's greedy filling, over all types."""
    table, (numerator, denominator) = types(p, q, m), float(x).as_integer_ratio()
    room, height = numerator * table.whole, 0
    letters = [(a, b) for a, b in zip(table.p, table.q, strict=True) if a or b]
    for a, b in sorted(letters, key=_FALLING):
        if b * denominator > room:
            return Fraction(height * b * denominator + a * room, b * denominator * table.whole)
        room, height = room - b * denominator, height + a
    return Fraction(height, table.whole)


_FALLING = cmp_to_key(lambda s, t: t[0] * s[1] - s[0] * t[1])
"""Orders letters by falling ratio."""


# -- packing by enumeration ---------------------------------------------------------------------------------


def sequences(p: Weights, q: Weights, m: int) -> tuple[list[Fraction], list[Fraction]]:
    """P^m and Q^m: the mass of each of the k^m sequences."""
    of_p, of_q = ([prod(s) for s in product(exact_pmf(w), repeat=m)] for w in (p, q))
    return of_p, of_q


def overlap_by_sequences(p: Weights, q: Weights, m: int) -> Fraction:
    """Σ min(P^m, Q^m) over all k^m sequences, exactly."""
    return sum(map(min, *sequences(p, q, m)), Fraction(0))


def distance_of_product(factors: Sequence[tuple[Weights, Weights, int]]) -> Fraction:
    """d_TV of P₁^m₁ ⊗ P₂^m₂ ⊗ … and Q₁^m₁ ⊗ Q₂^m₂ ⊗ … over all sequences, exactly; a factor is (p, q, m)."""
    masses = [(Fraction(1), Fraction(1))]
    for p, q, m in factors:
        letters = list(zip(*sequences(p, q, m), strict=True))
        masses = [(a * x, b * y) for a, b in masses for x, y in letters]
    return sum((max(a - b, Fraction(0)) for a, b in masses), Fraction(0))


class Types(NamedTuple):
    """Masses of all types under P^m and Q^m, integers over the same denominator."""

    p: list[int]
    q: list[int]
    whole: int


def types(p: Weights, q: Weights, m: int) -> Types:
    """By letters, one after the other, from the samples that those before have left."""
    p, q = _integers(p), _integers(q)
    parts = [(m, sum(q) ** m, sum(p) ** m)]
    for a, b in zip(p[:-1], q[:-1], strict=True):
        a_powers, b_powers = ([w**n for n in range(m + 1)] for w in (a, b))
        parts = [
            (rest - n, x * comb(rest, n) * a_powers[n], y * comb(rest, n) * b_powers[n])
            for rest, x, y in parts
            for n in range(rest + 1)
        ]
    masses = [(x * p[-1] ** rest, y * q[-1] ** rest) for rest, x, y in parts]
    return Types([x for x, _ in masses], [y for _, y in masses], sum(p) ** m * sum(q) ** m)


def _integers(weights: Weights) -> list[int]:
    """Weights times the least number that makes all of them integers."""
    ratios = [(w if isinstance(w, Fraction) else float(w)).as_integer_ratio() for w in weights]
    whole = lcm(*(denominator for _, denominator in ratios))
    return [numerator * (whole // denominator) for numerator, denominator in ratios]


def overlap_by_types(p: Weights, q: Weights, m: int) -> Fraction:
    """Σ min(P^m, Q^m) over all types, exactly."""
    table = types(p, q, m)
    return Fraction(sum(map(min, table.p, table.q)), table.whole)


def compositions(total: int, parts: int) -> Iterator[tuple[int, ...]]:
    """All tuples of `parts` counts with the given sum."""
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for rest in compositions(total - first, parts - 1):
            yield (first, *rest)


# -- packing in many digits ----------------------------------------------------------------------


def overlap(p: Weights, q: Weights, m: int, digits: int = GUARD_DIGITS) -> mpf:
    """Σ min(P^m, Q^m) to at least ten digits less than are carried; 1 − overlap to as many places.

    Few types are summed in integers. Beyond, one or two common letters take any m, three go by rows,
    more by types.
    """
    letters = _common_letters(p, q)
    if not letters:
        return mpf(0)
    with mp.workdps(digits):
        if m * comb(m + len(p) - 1, m) <= FEW_TYPES:
            return as_mpf(overlap_by_types(p, q, m))
        return +_evaluator(len(letters))([(as_mpf(a), as_mpf(b)) for a, b in letters], m)


def total_variation(p: Weights, q: Weights, m: int) -> mpf:
    """d_TV(P^m, Q^m) to at least 30 digits: an overlap near 1 is summed again in more digits."""
    if exact_pmf(p) == exact_pmf(q):
        return mpf(0)
    for digits in (GUARD_DIGITS, 2 * GUARD_DIGITS, MOST_DIGITS):
        with mp.workdps(digits):
            value = 1 - overlap(p, q, m, digits)
            if value > mpf(10) ** (40 - digits):
                break
    return value


def overlap_by_types_in_mp(p: Weights, q: Weights, m: int) -> mpf:
    """`overlap`, by types whatever the number of letters."""
    letters = _common_letters(p, q)
    with mp.workdps(GUARD_DIGITS):
        return +_by_types([(as_mpf(a), as_mpf(b)) for a, b in letters], m)


def _common_letters(p: Weights, q: Weights) -> list[tuple[Fraction, Fraction]]:
    """Letters both laws have, by falling ratio, those of exactly equal ratio merged."""
    merged: dict[Fraction, tuple[Fraction, Fraction]] = {}
    for a, b in exact_pair(p, q):
        if a and b:
            c, d = merged.get(a / b, (Fraction(0), Fraction(0)))
            merged[a / b] = a + c, b + d
    return [merged[ratio] for ratio in sorted(merged, reverse=True)]


def as_mpf(value: Fraction) -> mpf:
    """The fraction in the digits carried."""
    return mpf(value.numerator) / value.denominator


def _evaluator(letters: int):
    return {1: _one, 2: _two, 3: _three}.get(letters, _by_types)


def _one(letters, m):
    return min(letters[0]) ** m


def _two(letters, m):
    """The more likely P has it, the more first letters: P is the smaller below a threshold count."""
    first, last = letters
    k = _threshold(first, last, m)
    p, q = (_odds(first, last, side) for side in (0, 1))
    p_share, q_share = (first[side] + last[side] for side in (0, 1))
    return p_share**m * upper_tail(m, p[::-1], m + 1 - k) + q_share**m * upper_tail(m, q, k)


def _odds(first, last, side):
    """Probabilities of success and of failure: both, for 1 − x would lose a tiny one."""
    total = first[side] + last[side]
    return first[side] / total, last[side] / total


def _threshold(first, last, n, offset=0):
    """The least count of the first letter, the rest being the last, at which P's mass is not below Q's."""
    rise, base = mp.log(first[0] / first[1]), mp.log(last[0] / last[1])
    return int(mp.ceil(min(max(-(offset + n * base) / (rise - base), 0), n + 1)))


def upper_tail(n: int, odds: tuple[mpf, mpf], k: int) -> mpf:
    """P(Bin(n, x) ≥ k) for the odds (x, 1 − x), summed from k outwards."""
    x, y = odds
    if k <= n * x:
        return 1 - upper_tail(n, (y, x), n + 1 - k)
    if k > n:
        return mpf(0)
    one = 1 << (mp.prec + 32)  # terms as integers over this, the first being 1
    ratio, term, total, j = int(x / y * one), one, 0, k
    while term:
        total += term
        term = term * ratio * (n - j) // (one * (j + 1))
        j += 1
    return _binomial(n, odds, k) * total / one


def _log_ways(n, k):
    return mp.loggamma(n + 1) - mp.loggamma(k + 1) - mp.loggamma(n - k + 1)


def _binomial(n, odds, k):
    with mp.extradps(20):
        return mp.exp(_log_ways(n, k) + k * mp.log(odds[0]) + (n - k) * mp.log(odds[1]))


class _TailWalker:
    """P(Bin(n, x) ≥ k) along (n, k) with n falling by ones: each from the last, by Pascal's rule."""

    def __init__(self, odds):
        self.odds, self.n, self.k, self.mass, self.tail = odds, -1, 0, None, None

    def at(self, n, k):
        if k <= 0 or k > n:
            self.mass = None
            return mpf(k <= 0)
        if self.mass is None:
            self.n, self.k = n, k
            self.mass, self.tail = _binomial(n, self.odds, k), upper_tail(n, self.odds, k)
        if self.n > n:
            if self.k == self.n:
                self._lower_count()
            self._shorten()
        while self.k > k:
            self._lower_count()
        while self.k < k:
            self._raise_count()
        return self.tail

    def _shorten(self):
        self.tail -= self.mass * self.k / self.n
        self.mass *= (self.n - self.k) / (self.n * self.odds[1])
        self.n -= 1

    def _lower_count(self):
        self.mass *= self.k * self.odds[1] / ((self.n - self.k + 1) * self.odds[0])
        self.k -= 1
        self.tail += self.mass

    def _raise_count(self):
        self.tail -= self.mass
        self.mass *= (self.n - self.k) * self.odds[0] / ((self.k + 1) * self.odds[1])
        self.k += 1


def _three(letters, m):
    """Condition on the count of the middle letter; the rest is a binomial tail.

    The walkers keep an absolute error, so digits are added for the size of the overlap, which is at
    least ρ^2m/2 with ρ = Σ √(pq).
    """
    decades = abs(2 * m * mp.log10(_affinity(letters)))
    digits = mp.dps
    with mp.extradps(10 + ceil(decades)):
        return _by_rows(letters, m, digits)


def _affinity(letters):
    return mp.fsum(mp.sqrt(a * b) for a, b in letters)


def _by_rows(letters, m, digits):
    first, middle, last = letters
    outer = [first[side] + last[side] for side in (0, 1)]
    walkers = [_TailWalker(_odds(first, last, side)) for side in (0, 1)]
    middle_log_ratio = mp.log(middle[0] / middle[1])
    rows = _rows_that_matter(letters, m, digits)
    weights = [
        (middle[side] + outer[side]) ** m * _binomial(m, _odds(middle, outer, side), rows.start)
        for side in (0, 1)
    ]
    total = mpf(0)
    for row in rows:
        rest = m - row
        k = _threshold(first, last, rest, offset=row * middle_log_ratio)
        p_upper, q_upper = (walker.at(rest, k) for walker in walkers)
        total += weights[0] * (1 - p_upper) + weights[1] * q_upper
        weights = [w * middle[side] * rest / ((row + 1) * outer[side]) for side, w in enumerate(weights)]
    return total


def _rows_that_matter(letters, m, digits):
    """All rows but those that together add less than 10^−digits of the overlap.

    A row adds at most the smaller of its two weights; the logarithm of that is concave in the row.
    """
    middle, outer = letters[1], [letters[0][side] + letters[2][side] for side in (0, 1)]
    floor = 2 * m * mp.log(_affinity(letters)) - mp.log(2 * (m + 1)) - digits * mp.log(10)

    def height(row):
        return _log_ways(m, row) + min(row * mp.log(middle[s]) + (m - row) * mp.log(outer[s]) for s in (0, 1))

    with mp.workdps(30):
        top = _first(0, m, lambda row: height(row + 1) <= height(row))
        start = _first(0, top, lambda row: height(row) >= floor)
        stop = _first(top, m + 1, lambda row: height(row) < floor)
    return range(start, stop)


def _first(low: int, high: int, holds) -> int:
    """The least i in low..high with holds(i), which stays true once true; `high` if there is none below."""
    while low < high:
        half = (low + high) // 2
        if holds(half):
            high = half
        else:
            low = half + 1
    return low


def _by_types(letters, m):
    """Sum over all types, by powers over factorials."""
    tables = [[[w**n / mp.factorial(n) for n in range(m + 1)] for w in letter] for letter in letters]
    total = mpf(0)
    for counts in compositions(m, len(letters)):
        total += min(prod(tables[i][side][n] for i, n in enumerate(counts)) for side in (0, 1))
    return total * mp.factorial(m)


# -- divergences ---------------------------------------------------------------------------------


def divergence(name: str, p: Weights, q: Weights, order: float = 1.0, m: int = 1) -> mpf:
    """D(P^m‖Q^m) by the defining sum over all types, in 400 digits (zeros included)."""
    table = types(p, q, m)
    with mp.workdps(400):
        if name in ("tv", "hockey_stick"):
            return _hockey_stick(table, *order.as_integer_ratio())
        if name == "renyi":
            return _renyi(table, order)
        masses = ((mpf(a) / table.whole, mpf(b) / table.whole) for a, b in zip(table.p, table.q, strict=True))
        return mp.fsum(_DIVERGENCE_TERMS[name](a, b) for a, b in masses)


def _hockey_stick(table: Types, above: int, below: int) -> mpf:
    """Σ (P^m − γQ^m)⁺ − (1−γ)⁺ of γ = above/below."""
    gain = sum(max(below * a - above * b, 0) for a, b in zip(table.p, table.q, strict=True))
    return mpf(gain - max(below - above, 0) * table.whole) / (below * table.whole)


def _renyi(table: Types, order: float) -> mpf:
    """log(Σ p^α q^{1−α})/(α − 1) by logarithms of each term, and its limits at 0, 1 and ∞."""
    letters = [
        (mpf(a) / table.whole, mpf(b) / table.whole) for a, b in zip(table.p, table.q, strict=True) if a
    ]
    if order == 1:
        return mp.fsum(_kl_term(a, b) for a, b in letters)
    if order > 1 and any(b == 0 for _, b in letters):
        return mp.inf
    common = [(mp.log(a), mp.log(b)) for a, b in letters if b]
    if order == mp.inf:
        return max(a - b for a, b in common)
    order = mpf(order)
    total = mp.fsum(mp.exp(order * a + (1 - order) * b) for a, b in common)
    return mp.log(total) / (order - 1) if total else mp.inf


def _kl_term(a, b):
    if a == 0:
        return mpf(0)
    return a * mp.log(a / b) if b else mp.inf


_DIVERGENCE_TERMS = {
    "js": lambda a, b: (_kl_term(a, (a + b) / 2) + _kl_term(b, (a + b) / 2)) / 2,
    "kl": _kl_term,
    "reverse_kl": lambda a, b: _kl_term(b, a),
    "hellinger": lambda a, b: (a + b) / 2 - mp.sqrt(a * b),
    "chi2": lambda a, b: (a - b) ** 2 / b if b else (mp.inf if a else mpf(0)),
}
DIVERGENCES = ("tv", *_DIVERGENCE_TERMS, "hockey_stick")


def tensorised(name: str, single: mpf, m: int) -> mpf:
    """D(P^m‖Q^m) from D(P‖Q)."""
    match name:
        case "kl" | "reverse_kl" | "renyi":
            return m * single
        case "hellinger":
            return 1 - (1 - single) ** m
        case "chi2":
            return (1 + single) ** m - 1
    raise ValueError(f"{name} does not tensorise")


# -- many pairs at once, in double precision --------------------------------------------------------------

# A pair is a row of each array, letters along the last axis.


def total_variations(p: Array, q: Array, m: int) -> Array:
    """d_TV(P^m, Q^m) of each row: one less the sum over all types of the smaller mass."""
    p, q = np.atleast_2d(p), np.atleast_2d(q)
    shared = (p > 0).any(axis=0) & (q > 0).any(axis=0)
    p, q = p[:, shared], q[:, shared]
    if not shared.any():
        return np.ones(len(p))
    counts, ways = type_counts(p.shape[1], m)
    return 1 - np.minimum(_masses(p, counts, ways), _masses(q, counts, ways)).sum(axis=-1)


def divergences(name: str, order: float = 1.0) -> Callable[[Array, Array, int], Array]:
    """D(P^m‖Q^m) of each row as a function of P, Q and m: the textbook sum over all types."""

    def terms(p: Array, q: Array) -> Array:
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            if name == "js":
                return 0.5 * (_plogp(p, (p + q) / 2) + _plogp(q, (p + q) / 2))
            if name == "kl":
                return _plogp(p, q)
            if name == "reverse_kl":
                return _plogp(q, p)
            if name == "hellinger":
                return (np.sqrt(p) - np.sqrt(q)) ** 2 / 2
            if name == "chi2":
                return np.where(p == q, 0.0, (p - q) ** 2 / q)
            return np.maximum(p - order * q, 0.0)

    def measure(p: Array, q: Array, m: int) -> Array:
        counts, ways = type_counts(p.shape[1], m)
        value = terms(_masses(p, counts, ways), _masses(q, counts, ways)).sum(axis=-1)
        return value - max(1 - order, 0.0)

    return measure


def _plogp(p: Array, q: Array) -> Array:
    return np.where(p > 0, p * np.log(p / q), 0.0)


def test_powers(p: Array, q: Array, accepted: Array, m: int) -> Array:
    """P^m(T) − Q^m(T) of each row, T given by the share of each type it accepts."""
    counts, ways = type_counts(p.shape[1], m)
    return (_masses(p, counts, ways) - _masses(q, counts, ways)) @ accepted


def type_differences(p: Array, q: Array, m: int) -> Array:
    """P^m − Q^m of every type, for each row."""
    counts, ways = type_counts(p.shape[1], m)
    return _masses(p, counts, ways) - _masses(q, counts, ways)


@lru_cache
def type_counts(letters: int, m: int) -> tuple[Array, Array]:
    """The counts of each type, a row a type, and the number of its sequences."""
    counts = np.array(list(compositions(m, letters)))
    ways = np.array([factorial(m) // prod(map(factorial, row)) for row in counts.tolist()], dtype=float)
    return counts, ways


def _masses(weights: Array, counts: Array, ways: Array) -> Array:
    powers = weights[:, :, None] ** np.arange(counts[0].sum() + 1)
    masses = np.broadcast_to(ways, (len(weights), len(ways)))
    for letter in range(weights.shape[1]):
        masses = masses * powers[:, letter, counts[:, letter]]
    return masses


def boundaries(p: Array, q: Array, x: float) -> Array:
    """g(x) of each row: letters of falling ratio fill the room x, the last one in part."""
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        order = np.argsort(-np.nan_to_num(p / q, posinf=np.inf), axis=-1, kind="stable")
    p, q = np.take_along_axis(p, order, -1), np.take_along_axis(q, order, -1)
    room = x - (np.cumsum(q, axis=-1) - q)
    with np.errstate(over="ignore"):
        share = np.where(q > 0, np.clip(room / np.where(q > 0, q, 1), 0, 1), 1.0)
    return (p * share).sum(axis=-1)
