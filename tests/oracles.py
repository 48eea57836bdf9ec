"""Slow twins of the library, in exact fractions or many digits, written to be obviously right.

Nothing here imports `modecollapse`. A pmf means its float weights divided by their exact sum.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction
from itertools import combinations, product
from math import ceil, factorial, prod

from mpmath import mp, mpf

Weights = Sequence[float | Fraction]
Point = tuple[Fraction, Fraction]

GUARD_DIGITS = 60
"""Digits carried: sums of positive terms keep all but a few of them."""

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
    """g(x) of (P^m, Q^m): Neyman and Pearson's greedy filling, over all sequences."""
    letters = [(prod(a for a, _ in s), prod(b for _, b in s)) for s in product(exact_pair(p, q), repeat=m)]
    room, height = Fraction(float(x)), Fraction(0)
    for a, b in sorted((pair for pair in letters if any(pair)), key=_falling_ratio):
        share = min(Fraction(1), room / b) if b else Fraction(1)
        room, height = room - share * b, height + share * a
    return height


def _falling_ratio(letter: tuple[Fraction, Fraction]) -> Fraction:
    a, b = letter
    return -a / (a + b)


# -- packing by enumeration ---------------------------------------------------------------------------------


def overlap_by_sequences(p: Weights, q: Weights, m: int) -> Fraction:
    """Σ min(P^m, Q^m) over all k^m sequences, exactly."""
    return sum(
        (min(prod(a for a, _ in s), prod(b for _, b in s)) for s in product(exact_pair(p, q), repeat=m)),
        Fraction(0),
    )


def overlap_by_types(p: Weights, q: Weights, m: int) -> Fraction:
    """Σ min(P^m, Q^m) over all types, exactly."""
    letters = exact_pair(p, q)
    total = Fraction(0)
    for counts in compositions(m, len(letters)):
        sequences = factorial(m) // prod(factorial(n) for n in counts)
        total += sequences * min(prod(letters[i][side] ** n for i, n in enumerate(counts)) for side in (0, 1))
    return total


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

    One or two common letters at any m, three by rows, more by types.
    """
    letters = _common_letters(p, q)
    if not letters:
        return mpf(0)
    with mp.workdps(digits):
        return +_evaluator(len(letters))([(_mpf(a), _mpf(b)) for a, b in letters], m)


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
        return +_by_types([(_mpf(a), _mpf(b)) for a, b in letters], m)


def _common_letters(p: Weights, q: Weights) -> list[tuple[Fraction, Fraction]]:
    """Letters both laws have, by falling ratio, those of exactly equal ratio merged."""
    merged: dict[Fraction, tuple[Fraction, Fraction]] = {}
    for a, b in exact_pair(p, q):
        if a and b:
            c, d = merged.get(a / b, (Fraction(0), Fraction(0)))
            merged[a / b] = a + c, b + d
    return [merged[ratio] for ratio in sorted(merged, reverse=True)]


def _mpf(value: Fraction) -> mpf:
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


def divergence(name: str, p: Weights, q: Weights, order: float = 1.0) -> mpf:
    """The defining sum of each divergence, in 400 digits (zeros included)."""
    with mp.workdps(400):
        letters = [(_mpf(a), _mpf(b)) for a, b in exact_pair(p, q) if a or b]
        return (
            mp.fsum(_DIVERGENCE_TERMS[name](a, b) for a, b in letters)
            if name != "hockey_stick"
            else (mp.fsum(max(a - mpf(order) * b, 0) for a, b in letters) - max(1 - mpf(order), 0))
        )


def _kl_term(a, b):
    return mp.inf if b == 0 and a else (a * mp.log(a / b) if a else mpf(0))


_DIVERGENCE_TERMS = {
    "tv": lambda a, b: abs(a - b) / 2,
    "js": lambda a, b: (_kl_term(a, (a + b) / 2) + _kl_term(b, (a + b) / 2)) / 2,
    "kl": _kl_term,
    "reverse_kl": lambda a, b: _kl_term(b, a),
    "hellinger": lambda a, b: (a + b) / 2 - mp.sqrt(a * b),
    "chi2": lambda a, b: mp.inf if b == 0 and a else ((a - b) ** 2 / b if b else mpf(0)),
}
