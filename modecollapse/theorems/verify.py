"""Prove a certificate of a range of packed total variations again, in exact arithmetic.

    python verify.py FILE

This file is for readers who doubt a certificate. It needs Python's standard library alone, and nothing of the
package that wrote the certificate. All geometry is in fractions. Only sums over counts are rounded, in the
direction that keeps an inequality true. The exit code is 0 if the certificate is proved, 1 if it is refused
(it is false or damaged, or its class is empty), and 2 if the effort that this program spends decides nothing.
The proofs are in docs/theory.md §10.

A pair (P, Q) is the concave boundary g of its region. Its corners run from (0, 0) to (1, 1), and its edges
(Δx, Δy) are the letters, of masses Q = Δx and P = Δy. The total variation of m samples is V = 1 − O, with

    O = Σ m!/(n₁!…n_k!) · min(Πp_i^n_i, Πq_i^n_i)    over all counts n₁ + … + n_k = m.

V grows with the region. A class asks that the region contains A and lies in B, that max g(x) − γx lies
between two heights, and that g stays strictly below the forbidden points f. Let h be the least height that
members can have, ℓ the line y = γx + h, and z_x its point at x.
"""

import json
import math
import re
import sys
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, cached_property, reduce
from itertools import pairwise, product
from typing import NamedTuple

FORMAT = "modecollapse certificate 1"
CELLS = 40_000  # intervals or cells of slopes looked at before a claim is called undecided
MOST_POINTS = 2  # forbidden points whose lines are searched
COARSE = Fraction(1, 1000)  # bends larger than this may lose to a join
TYPES = 2_000_000  # counts n summed for one overlap at most

POINTS = ("collapse", "augmentation", "no_collapse", "no_augmentation")

Point = tuple[Fraction, Fraction]
Boundary = list[Point]
Cut = tuple[Point, Fraction]  # a point and the slope of a line through it
ZERO, ONE = Fraction(0), Fraction(1)


class Refused(Exception):
    """The certificate is false or damaged."""


class Undecided(Exception):
    """The effort that this program spends decides nothing."""


# -- boundaries ------------------------------------------------------------------------------------


def steepness(first: Point, second: Point) -> Fraction:
    """Slope of the line through two points."""
    return (second[1] - first[1]) / (second[0] - first[0])


def hull(points: Boundary) -> Boundary:
    """The least concave boundary above points, (0, 0) and (1, 1)."""
    corners: Boundary = []
    for x, y in sorted({*points, (ZERO, ZERO), (ONE, ONE)}):
        while len(corners) > 1:
            (x1, y1), (x2, y2) = corners[-2:]
            if (x2 - x1) * (y - y1) < (y2 - y1) * (x - x1):
                break  # a turn to the right: the last corner stands
            corners.pop()
        corners.append((x, y))
    return corners


def height(boundary: Boundary, x: Fraction) -> Fraction:
    """g(x)."""
    a, b = next((a, b) for a, b in pairwise(boundary) if a[0] <= x <= b[0] and a[0] < b[0])
    return a[1] + steepness(a, b) * (x - a[0])


def below(boundary: Boundary, cut: Cut) -> Boundary:
    """The part of a region below the line of a slope through a point."""
    (u, w), slope = cut
    over = [y - w - slope * (x - u) for x, y in boundary]
    kept = []
    for i, corner in enumerate(boundary):
        if i > 0 and over[i - 1] * over[i] < 0:
            share = over[i - 1] / (over[i - 1] - over[i])
            (x1, y1), (x2, y2) = boundary[i - 1], corner
            kept.append((x1 + share * (x2 - x1), y1 + share * (y2 - y1)))
        if over[i] <= 0:
            kept.append(corner)
    return kept


def supporting_slopes(f: Point, boundary: Boundary) -> tuple[Fraction, Fraction]:
    """Least and greatest slope of a line through f that passes above a region."""
    return (
        max(steepness(f, a) for a in boundary if a[0] > f[0]),
        min(steepness(a, f) for a in boundary if a[0] < f[0]),
    )


# -- the total variation of m samples --------------------------------------------------------------


def overlap(boundary: Boundary, m: int, up: bool) -> Fraction:
    """O from above (up) or below: letters and products are rounded to multiples of 2^−K, K = 64 + 2m."""
    letters = [(y2 - y1, x2 - x1) for (x1, y1), (x2, y2) in pairwise(boundary)]
    letters = [(p, q) for p, q in letters if p > 0 and q > 0]  # only the common ones count
    if math.comb(m + len(letters) - 1, m) > TYPES:
        raise Undecided(f"{len(letters)} common letters at m = {m} are too many to sum")
    letters += [(ZERO, ZERO)] * (2 - len(letters))
    bits = 64 + 2 * m

    def cut(value: int) -> int:  # value · 2^−K, rounded
        return -(-value >> bits) if up else value >> bits

    def powers(mass: Fraction) -> list[int]:  # mass^0, …, mass^m
        base, row = (math.ceil if up else math.floor)(mass * 2**bits), [1 << bits]
        while len(row) <= m:
            row.append(cut(row[-1] * base))
        return row

    rows = [(powers(p), powers(q)) for p, q in letters]

    @cache
    def last_two(n: int) -> list[list[int]]:  # C(n,j) a^j b^(n−j) of the last two letters, in P and in Q
        return [
            [cut(math.comb(n, j) * first[j] * second[n - j]) for j in range(n + 1)]
            for first, second in zip(*rows[-2:], strict=True)
        ]

    def total(letter: int, n: int, p: int, q: int) -> int:  # n samples are left to the letters from this one
        if letter == len(rows) - 2:
            ps, qs = last_two(n)
            return sum(map(min, [p * a for a in ps], [q * a for a in qs]))
        return sum(
            total(letter + 1, n - j, cut(math.comb(n, j) * p * a), cut(math.comb(n, j) * q * b))
            for j, (a, b) in zip(range(n + 1), zip(*rows[letter], strict=True), strict=False)
        )

    return Fraction(total(0, m, 1 << bits, 1 << bits), 1 << 2 * bits)


def at_least(boundary: Boundary, m: int) -> Fraction:
    """A lower bound on V."""
    return 1 - overlap(boundary, m, up=True)


def at_most(boundary: Boundary, m: int) -> Fraction:
    """An upper bound on V."""
    return 1 - overlap(boundary, m, up=False)


# -- the class -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Class:
    """A: contained. B: within. The least and greatest height of a line of slope γ. Forbidden points."""

    contained: Boundary
    within: Boundary
    gamma: Fraction
    low: Fraction
    high: Fraction
    forbidden: list[Point]

    def distance(self, boundary: Boundary) -> Fraction:
        """max g(x) − γx."""
        return max(y - self.gamma * x for x, y in boundary)

    @cached_property
    def h(self) -> Fraction:
        """The least height of a member: that of ℓ."""
        return max(self.low, self.distance(self.contained))

    def on_line(self, x: Fraction) -> Point:
        """z_x, the point of ℓ at x."""
        return x, self.gamma * x + self.h

    def touching(self, boundary: Boundary) -> list[tuple[Fraction, Fraction]]:
        """The x at which a region reaches ℓ: one interval, or none."""
        x = [x for x, y in below(boundary, ((ZERO, self.h), self.gamma)) if (x, y) == self.on_line(x)]
        return [(min(x), max(x))] if x else []

    @cached_property
    def greatest(self) -> Boundary:
        """M₀, the part of B below the greatest height."""
        return below(self.within, ((ZERO, self.high), self.gamma))

    @cached_property
    def mattering(self) -> list[Point]:
        """Forbidden points inside M₀, without those that a member reaches only if it reaches another."""
        inside = {(u, w) for u, w in self.forbidden if u > 0 and w < 1 and w < height(self.greatest, u)}
        kept = sorted(inside)
        for f in sorted(inside):
            reached = hull([*self.contained, f])
            if any(height(reached, u) >= w for u, w in kept if (u, w) != f):
                kept.remove(f)
        return kept

    @property
    def least_is_contained(self) -> bool:
        """Whether A itself has an allowed distance, so that every member contains the member A."""
        return self.distance(self.contained) >= self.low

    @cached_property
    def tangents(self) -> list[tuple[Fraction, Fraction]]:
        """The closure of X, the x at which members of height h touch ℓ, as intervals on one side of each f.

        Such a member contains K_x = hull(A, z_x). So z_x lies in B, and no f lies in K_x. The ray from a
        corner a of A through f meets ℓ at u + (e/D)v_x, where v = f − a, D = v_y − γv_x, e = γu + h − w.
        """
        if self.least_is_contained:
            return [(ZERO, ONE)]  # no member needs to touch ℓ anywhere
        intervals = self.touching(self.within)
        for u, w in self.forbidden:
            e, first, last = self.gamma * u + self.h - w, [u], [u]
            for x, y in self.contained if e >= 0 else []:  # else f lies above ℓ, and excludes nothing
                v, d = u - x, w - y - self.gamma * (u - x)
                first.append(u + e / d * v if d > 0 else ZERO if v <= 0 else ONE)
                last.append(u + e / d * v if d > 0 else ONE if v >= 0 else ZERO)
            a, b, rest = min(first), max(last), []
            for low, high in intervals:
                if b < low or high < a or (e < 0 and low == high):
                    rest.append((low, high))
                else:
                    rest += [(low, a)] * (low < a) + [(b, high)] * (b < high)
            intervals = rest
        return intervals

    def least(self, x: Fraction) -> Boundary:
        """K_x, or A if that has an allowed distance."""
        return hull([*self.contained, *([] if self.least_is_contained else [self.on_line(x)])])

    def is_too_large(self, boundary: Boundary) -> str:
        """Why no member contains a region; nothing if no condition tells."""
        for x, y in boundary:
            if height(self.within, x) < y:
                return f"is not within the given region at x = {float(x):.12g}"
        for x, y in self.forbidden:
            if height(boundary, x) >= y:
                return f"reaches the forbidden point ({float(x):.12g}, {float(y):.12g})"
        if self.distance(boundary) > self.high:
            return f"has a distance of at least {float(self.distance(boundary)):.15g}"
        return ""

    def why_not(self, boundary: Boundary) -> str:
        """Why a region is no member of the class; nothing if it is."""
        for x, y in self.contained:
            if height(boundary, x) < y:
                return f"does not contain ({float(x):.12g}, {float(y):.12g})"
        if self.distance(boundary) < self.low:
            return f"has the distance {float(self.distance(boundary)):.15g}"
        return self.is_too_large(boundary)

    def check_not_empty(self) -> None:
        """Refuse a class without members."""
        if reason := self.is_too_large(self.contained):
            raise Refused(f"the class is empty: what every member contains {reason}")
        if not self.least_is_contained and not self.tangents:
            raise Refused("the class is empty: no tangent point is left")


# -- the infimum -----------------------------------------------------------------------------------


def prove_infimum(pairs: Class, m: int, target: Fraction) -> int:
    """V ≥ target for all members; returns the number of intervals of x that it took.

    For x₁ ≤ x ≤ x₂ take corners l and r of A left of x₁ and right of x₂. Every K_x contains the point c where
    the line from z_x₁ to r crosses that from l to z_x₂. So V of hull(A, c) is a lower bound on the interval.
    """
    if m == 1 and pairs.gamma == 1 and target <= pairs.h:
        return 1  # V of one sample is max g(x) − x, the same for all x
    intervals, count = list(pairs.tangents), 0
    while intervals:
        (x1, x2), count = intervals.pop(), count + 1
        inside = (
            pairs.least(x1) if pairs.least_is_contained else hull([*pairs.contained, meet(pairs, x1, x2)])
        )
        if at_least(inside, m) >= target:
            continue
        middle = (x1 + x2) / 2
        value = min(at_most(pairs.least(x), m) for x in (x1, middle, x2))
        if value < target:  # of a member, or of a limit of members
            raise Refused(f"the infimum is at most {digits(value)}, less than the claim allows")
        if count > CELLS or x1 == x2 or pairs.least_is_contained:
            raise Undecided(f"the infimum is not decided by {count} intervals")
        intervals += [(x1, middle), (middle, x2)]
    return count


def meet(pairs: Class, x1: Fraction, x2: Fraction) -> Point:
    """The point c."""
    z1, z2 = pairs.on_line(x1), pairs.on_line(x2)
    if x1 == x2:
        return z1
    fall = max(steepness(z1, r) for r in pairs.contained if r[0] >= x2 and r[0] > x1)
    rise = min(steepness(a, z2) for a in pairs.contained if a[0] <= x1)
    x = (z2[1] - z1[1] + fall * x1 - rise * x2) / (fall - rise)
    return x, z1[1] + fall * (x - x1)


# -- the supremum ----------------------------------------------------------------------------------
#
# Every member lies below a line through each forbidden point f. Let M(s) be the part of M₀ below the lines of
# slopes s. A member that touches ℓ at z_x contains K_x. So its slopes lie between the supporting slopes from
# f to K_x. V(M(s)) is bounded over a cell of slopes in two ways.
#
# join    All M(s) of a cell lie in the hull of those with the first j lines at their greatest slopes and the
#         others at their least, j = 0, …, k.
# chord   Let one line turn while its ends stay on two lines. The letters are close to those on the chord, the
#         mixture of the letters at its two limits. On the chord, F = P^m(T) − Q^m(T) is a polynomial for each
#         test T. So V exceeds its greatest corner value by at most a sum over the lines, of second order.


class Line(NamedTuple):
    """Lines through a forbidden point, of slopes from low to high."""

    f: Point
    low: Fraction
    high: Fraction

    @property
    def ends(self) -> list[Cut]:
        """The flattest and the steepest line."""
        return [(self.f, slope) for slope in sorted({self.low, self.high})]


class Cell(NamedTuple):
    """Slopes of lines: a box, or the triangle in it where line 0 meets ℓ left of line 1."""

    lines: tuple[Line, ...]
    triangle: bool = False

    @property
    def corners(self) -> list[tuple[Cut, ...]]:
        """All corners; in a triangle line 0 is never flattest where line 1 is steepest."""
        corners = product(*(line.ends for line in self.lines))
        return [
            c for c in corners if not self.triangle or c != (self.lines[0].ends[0], self.lines[1].ends[-1])
        ]


class Move(NamedTuple):
    """How far an end of a line moves at most, in x and in y, and the ratio of its distances from f."""

    run: Fraction
    rise: Fraction
    ratio: Fraction


class Supremum:
    """The search of V over the greatest regions of a class."""

    def __init__(self, pairs: Class, m: int, target: Fraction) -> None:
        self.pairs, self.m, self.target = pairs, m, target
        self.region = cache(lambda cuts: reduce(below, cuts, pairs.greatest))  # M(s)
        self.value = cache(lambda cuts: at_most(self.region(cuts), m))

    def prove(self) -> int:
        """V ≤ target for all members; returns the number of cells that it took."""
        if self.value(()) <= self.target:
            return 1
        if len(self.pairs.mattering) > MOST_POINTS:
            raise Undecided(
                f"{len(self.pairs.mattering)} forbidden points matter, at most {MOST_POINTS} are searched"
            )
        cells, count = self.first_cells(), 0
        while cells:
            count += 1
            if count > CELLS:
                raise Undecided(f"the supremum is not decided by {CELLS} cells")
            cells += self.what_is_left(cells.pop())
        return count

    def what_is_left(self, cell: Cell) -> list[Cell]:
        """Nothing if V ≤ target all over a cell, else its parts."""
        best = max(cell.corners, key=self.value)
        if self.value(best) > self.target:
            self.refute(self.region(best))
        gains = self.gains(cell)
        if gains is not None and self.value(best) + sum(gains) <= self.target:
            return []
        if (gains is None or sum(gains) > COARSE) and at_most(self.join(cell), self.m) <= self.target:
            return []
        if all(line.low == line.high for line in cell.lines):
            raise Undecided("the supremum is too close to the claim for the rounding of this program")
        return self.parts(cell, gains)

    def join(self, cell: Cell) -> Boundary:
        """A region that contains all M(s) of a cell."""
        lines = list(enumerate(cell.lines))
        steps = [tuple(line.ends[-(i < j)] for i, line in lines) for j in range(len(lines) + 1)]
        return hull([corner for step in steps for corner in self.region(step)])

    def parts(self, cell: Cell, gains: list[Fraction] | None) -> list[Cell]:
        """A cell cut in halves along the line of the greatest gain; a triangle is cut along both lines."""
        if cell.triangle:
            first, last = (self.meets(cut) for cut in reversed(cell.lines[0].ends))
            return self.staggered([[(first, (first + last) / 2), ((first + last) / 2, last)]] * 2)
        sizes = gains or [line.high / line.low for line in cell.lines]
        i = sizes.index(max(sizes))
        line, middle = cell.lines[i], (cell.lines[i].low + cell.lines[i].high) / 2
        halves = line._replace(high=middle), line._replace(low=middle)
        return [Cell((*cell.lines[:i], half, *cell.lines[i + 1 :])) for half in halves]

    def refute(self, region: Boundary) -> None:
        """Refuse the claim if a region M(s) of greater V is a limit of members: if it contains some K_x."""
        ((a, b),) = self.pairs.touching(region) or [(ONE, ZERO)]
        is_limit = self.pairs.least_is_contained or any(a <= d and c <= b for c, d in self.pairs.tangents)
        if is_limit and at_least(region, self.m) > self.target:
            value = digits(at_least(region, self.m))
            raise Refused(f"the supremum is at least {value}, more than the claim allows")

    def meets(self, cut: Cut) -> Fraction:
        """The abscissa at which a line meets ℓ."""
        (u, w), slope = cut
        return u + (self.pairs.gamma * u + self.pairs.h - w) / (slope - self.pairs.gamma)

    def staggered(self, places: list[list[tuple[Fraction, Fraction]]]) -> list[Cell]:
        """Cells where the two lines meet ℓ in given intervals, line 0 left of line 1."""
        return [
            Cell(
                tuple(
                    Line(f, steepness(f, self.pairs.on_line(last)), steepness(f, self.pairs.on_line(first)))
                    for f, (first, last) in zip(self.pairs.mattering, both, strict=True)
                ),
                both[0] == both[1] and both[0][0] < both[0][1],
            )
            for both in product(*places)
            if both[0][1] <= both[1][0] or both[0] == both[1]
        ]

    def first_cells(self) -> list[Cell]:
        """Cells that cover all slopes of members. In each the ends of lines stay on the same edges of M₀."""
        pairs, points, cells = self.pairs, self.pairs.mattering, []
        below_line = all(w < pairs.gamma * u + pairs.h for u, w in points)
        across = [steepness(*points)] if len(points) == 2 else []
        for piece in pairs.tangents:
            least, cuts = [pairs.least(x) for x in piece], []
            for f in points:
                low, high = zip(*(supporting_slopes(f, boundary) for boundary in least), strict=True)
                kinks = across + [steepness(f, a) for a in pairs.greatest if a[0] != f[0]]
                cuts.append(sorted({min(low), max(high), *(s for s in kinks if min(low) < s < max(high))}))
            if across and below_line and points[0][0] < piece[0] and piece[1] < points[1][0]:
                # a tangent point lies between the points at which the lines meet ℓ
                places = [
                    [self.meets((f, s)) for s in slopes] for f, slopes in zip(points, cuts, strict=True)
                ]
                common = [
                    [x for x in sorted({*places[0], *places[1]}) if min(p) <= x <= max(p)] for p in places
                ]
                cells += self.staggered([between(p) for p in common])
                continue
            for slopes in product(*map(between, cuts)):
                lines = tuple(Line(f, *ends) for f, ends in zip(points, slopes, strict=True))
                # a line that passes below the other's point makes the other superfluous
                if across and lines[0].high <= across[0]:
                    lines = lines[:1]
                elif across and lines[1].low >= across[0]:
                    lines = lines[1:]
                cells.append(Cell(lines))
        return list(dict.fromkeys(cells))

    def gains(self, cell: Cell) -> list[Fraction] | None:
        """What V exceeds its values at the ends of each line by; None where lines cross here and there."""
        corners = cell.corners
        ends = [[self.own(cuts, i) for i in range(len(cuts))] for cuts in corners]
        crossing = {
            len(own) == 2
            and own[0][1] == own[1][0]
            and own[0][1][1] < height(self.pairs.greatest, own[0][1][0])
            for own in ends
        }
        if len(crossing) > 1:
            return None
        moves = []
        for i, line in enumerate(cell.lines):
            # corners that differ in this line alone
            others = [() if cell.triangle else cuts[:i] + cuts[i + 1 :] for cuts in corners]
            rows = [
                [own[i] for own, o in zip(ends, others, strict=True) if o == other] for other in set(others)
            ]
            moves.append([self.move(line.f, [[own[side] for own in row] for row in rows]) for side in (0, 1)])
        if any(move.ratio == 0 for both in moves for move in both):
            return None
        gains = [self.gain([both]) for both in moves]
        if cell.triangle:  # along the diagonal both lines turn
            skew = [
                [move._replace(ratio=left.ratio * right.ratio) for move in (left, right)]
                for left, right in moves
            ]
            gains[1] = max(gains[1], self.gain(skew))
        return gains

    def own(self, cuts: tuple[Cut, ...], i: int) -> tuple[Point, Point]:
        """The two ends of line i."""
        (u, _), slope = cuts[i]
        return next(
            (a, b)
            for a, b in pairwise(self.region(cuts))
            if a[0] <= u <= b[0] and b[1] - a[1] == slope * (b[0] - a[0])
        )

    def move(self, f: Point, rows: list[list[Point]]) -> Move:
        """The move of an end, from the places in each row; the ratio is 0 if the end can reach f."""
        seen = []
        for row in rows:
            x, y = zip(*row, strict=True)
            far = [abs(a - f[0]) for a in x]
            if min(far) == 0:
                return Move(ZERO, ZERO, ZERO)
            seen.append((max(far), max(far) / min(far), max(x) - min(x), max(y) - min(y)))
        ratio = max(k for _, k, _, _ in seen)
        run = max(far for far, _, _, _ in seen) * (1 - 1 / ratio)
        return Move(run, max(dy * run / dx if dx else dy for _, _, dx, dy in seen), ratio)

    def gain(self, moves: list[list[Move]]) -> Fraction:
        """m/4 · Σ_{P,Q} ((m−1)·(Σ max δ)² + Σ δ(ratio − 1)), δ the moves of both ends of each line."""
        total = ZERO
        for law in (0, 1):
            far = sum(max(left[law], right[law]) for left, right in moves)
            off = sum(move[law] * (move.ratio - 1) for both in moves for move in both)
            total += (self.m - 1) * far**2 + off
        return total * self.m / 4


def between(values: list[Fraction]) -> list[tuple[Fraction, Fraction]]:
    """The intervals between sorted numbers, or the one number itself."""
    return list(pairwise(values)) or [(values[0], values[0])]


# -- the certificate -------------------------------------------------------------------------------


def digits(value: Fraction) -> str:
    """Fifteen decimals, for people."""
    return f"{float(value):.15f}".rstrip("0")


def number(text: object, name: str) -> Fraction:
    """A decimal or a fraction, given as a string so that nothing is rounded on the way."""
    form = r"\d{1,60}(\.\d{1,60})?(e[-+]?\d{1,3})?|\d{1,60}/0*[1-9]\d{0,60}"
    if not isinstance(text, str) or not re.fullmatch(form, text, re.ASCII):
        raise Refused(f'{name} must be a decimal such as "0.11" or a fraction such as "1/7", got {text!r}')
    return Fraction(text)


def points(value: object, name: str) -> list[Point]:
    """A list of pairs of numbers between 0 and 1."""
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise Refused(f"{name} must be a list of pairs, got {value!r}")
    read = [(number(x, name), number(y, name)) for x, y in value]
    if not all(0 <= x <= 1 for point in read for x in point):
        raise Refused(f"{name} must have numbers between 0 and 1, got {value!r}")
    return read


def fields(value: object, name: str, needed: str, optional: str = "") -> dict[str, object]:
    """An object with all of the needed fields, and no others than the optional ones."""
    if not isinstance(value, dict):
        raise Refused(f"{name} must be an object, got {value!r}")
    for key in needed.split():
        if key not in value:
            raise Refused(f"{name} lacks {key!r}")
    for key in value:
        if key not in f"{needed} {optional}".split():
            raise Refused(f"{name} has an unknown field {key!r}")
    return value


def once(items: list[tuple[str, object]]) -> dict[str, object]:
    """An object none of whose fields is given twice."""
    if len(dict(items)) < len(items):
        raise Refused(f"a field is given twice among {[key for key, _ in items]}")
    return dict(items)


def read_class(value: object) -> Class:
    """The class: (ε,δ)-collapse is the point (ε, δ) of the boundary, (ε,δ)-augmentation is (1−δ, 1−ε)."""
    given = fields(value, "class", "", "tau hockey_stick contains within " + " ".join(POINTS))
    at = {name: points(given.get(name, []), name) for name in POINTS}
    for name, pairs in at.items():
        for eps, delta in pairs:
            if eps >= delta:
                raise Refused(f"{name} must have eps < delta, got ({eps}, {delta})")
    required, forbidden = (
        at[f"{no}collapse"] + [(1 - y, 1 - x) for x, y in at[f"{no}augmentation"]] for no in ("", "no_")
    )
    gamma, low, high = ONE, ZERO, ONE
    if "hockey_stick" in given:
        if "tau" in given:
            raise Refused("class has both tau and hockey_stick")
        if not isinstance(given["hockey_stick"], list) or len(given["hockey_stick"]) != 2:
            raise Refused(f"hockey_stick must be a pair, got {given['hockey_stick']!r}")
        gamma, low = (number(text, "hockey_stick") for text in given["hockey_stick"])
        high = low
    elif "tau" in given:
        tau = given["tau"] if isinstance(given["tau"], list) else [given["tau"]] * 2
        ((low, high),) = points([tau], "tau")
    if not (gamma > 0 and max(ZERO, 1 - gamma) <= low <= high <= 1):
        raise Refused(f"no pair has a distance between {low} and {high}")
    contained = hull(points(given.get("contains", []), "contains") + required)
    within = hull(points(given.get("within", [["0", "1"]]), "within"))
    return Class(contained, within, gamma, low, high, forbidden)


def witness(pairs: Class, value: object, name: str) -> Boundary:
    """The member of a witness: the hull of A, of z_x if x is given, and of further corners."""
    given = fields(value, name, "corners", "x")
    corners = points(given["corners"], f"corners of the {name}")
    if "x" in given:
        corners += [pairs.on_line(points([[given["x"], "0"]], f"x of the {name}")[0][0])]
    if any(y < x or y > 1 for x, y in corners):
        raise Refused(f"the {name} has a corner below the diagonal or above 1")
    member = hull(pairs.contained + corners)
    if reason := pairs.why_not(member):
        raise Refused(f"the {name} is no member of the class: it {reason}")
    return member


def prove(text: str) -> str:
    """What a certificate proves, in words; raises Refused or Undecided."""
    try:
        read = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Refused(f"the file is no JSON: {error}") from None
    given = fields(read, "the certificate", "format class m infimum supremum")
    if given["format"] != FORMAT:
        raise Refused(f"the format must be {FORMAT!r}, got {given['format']!r}")
    m = given["m"]
    if type(m) is not int or not 1 <= m <= 10**6:
        raise Refused(f"m must be an integer from 1 to a million, got {m!r}")
    pairs = read_class(given["class"])
    pairs.check_not_empty()
    proved = "Of all pairs (P, Q) with " + json.dumps(given["class"]).replace('"', "") + ":"
    for end in ("infimum", "supremum"):
        claim = fields(given[end], end, "value gap witness")
        value, gap = number(claim["value"], f"the {end}"), number(claim["gap"], f"the gap of the {end}")
        member = witness(pairs, claim["witness"], f"witness of the {end}")
        if end == "infimum":
            if at_most(member, m) > value + gap:
                raise Refused(f"its witness has {digits(at_most(member, m))}, more than the infimum claims")
            count = prove_infimum(pairs, m, value - gap)
        else:
            if at_least(member, m) < value - gap:
                raise Refused(f"its witness has {digits(at_least(member, m))}, less than the supremum claims")
            count = Supremum(pairs, m, value + gap).prove()
        proved += (
            f"\nthe {end} of d_TV(P^{m}, Q^{m}) is {claim['value']}, within {claim['gap']} (bounds: {count})"
        )
    return proved


def main(path: str) -> int:
    """Print what the certificate in a file proves; returns the exit code."""
    try:
        with open(path, encoding="utf-8") as file:
            print("proved.", prove(file.read()), sep="\n")
    except Refused as reason:
        print("refused:", reason)
        return 1
    except (Undecided, OSError, UnicodeDecodeError) as reason:
        print("undecided:", reason)
        return 2
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify.py FILE")
    sys.exit(main(sys.argv[1]))
