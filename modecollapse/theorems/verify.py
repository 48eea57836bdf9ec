"""Prove a certificate of a range of packed total variations again, in exact arithmetic.

    python verify.py FILE

This file is for readers who doubt a certificate. It needs Python's standard library alone, and nothing of the
package that wrote the certificate. The exit code is 0 if the certificate is proved, 1 if it is refused (it is
false or damaged), and 2 if the effort that this program spends decides nothing. docs/theory.md §10 has the
proofs of the steps that are marked [Meet], [Cells], [Join], [Places] and [Labels] below.

A pair (P, Q) is the concave boundary g of its region. Its corners run from (0, 0) to (1, 1), and its edges
(Δx, Δy) are the letters, of masses Q = Δx and P = Δy. The total variation of m samples is V = 1 − O, with

    O = Σ m!/(n₁!…n_k!) · min(Πp_i^n_i, Πq_i^n_i)    over all counts n₁ + … + n_k = m.

V grows with the region, and O with every mass. A class asks that the region contains A and lies in B, that
max g(x) − γx lies between two heights, and that g stays strictly below the forbidden points f. Let h be the
least height that members can have, ℓ the line y = γx + h, z_x its point at x, and K_x the hull of A and z_x.
"""

import json
import math
import re
import reprlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, reduce
from itertools import combinations, combinations_with_replacement, pairwise, product
from statistics import mean
from typing import Any, NamedTuple, TypeVar

FORMAT = "modecollapse certificate 1"
CELLS = 40_000  # intervals or cells looked at before a claim is called undecided,
MANY = 100  # at this m and below; beyond, they fall as 1/m²
MOST_POINTS = 2  # forbidden points whose lines are searched
WORK = 2 * 10**8  # the counts n of one overlap, times the bits of its masses
LETTERS = 200  # common letters of one overlap
CORNERS = 1000  # points of one condition or witness
FORBIDDEN = 100  # forbidden points of a class
UNITS = 2**96  # masses in a cell are rounded down to multiples of 1 / UNITS
POINTS = ("collapse", "augmentation", "no_collapse", "no_augmentation")

Point = tuple[Fraction, Fraction]
Boundary = list[Point]
Line = tuple[Point, Point]  # a point and a direction to the right
Lag = tuple[Fraction, Fraction]  # below and above
Part = TypeVar("Part")
ZERO, ONE = Fraction(0), Fraction(1)


class Refused(Exception):
    """The certificate is false or damaged."""


class Undecided(Exception):
    """The effort that this program spends decides nothing."""


# -- boundaries, and the total variation of m samples --------------------------------------------------


def steepness(first: Point, second: Point) -> Fraction:
    """Slope of the line through two points."""
    return (second[1] - first[1]) / (second[0] - first[0])


def through(left: Point, right: Point) -> Line:
    """The line through two points."""
    return left, (right[0] - left[0], right[1] - left[1])


def turned(f: Point, point: Point) -> Line:
    """The line through f and another point."""
    return f, through(*sorted((f, point)))[1]


def above(line: Line, point: Point) -> Fraction:
    """A number that is positive above a line, zero on it and negative below."""
    (x, y), (dx, dy) = line
    return dx * (point[1] - y) - dy * (point[0] - x)


def crossing(first: Line, second: Line) -> tuple[Point, Fraction]:
    """The point where two lines cross, and by how much the second turns to the right, as a cross product."""
    (x, y), (dx, dy) = first
    turn = dy * second[1][0] - dx * second[1][1]
    share = -above(second, first[0]) / turn if turn else ZERO
    return (x + share * dx, y + share * dy), turn


def of_each(function: Callable[[list[Fraction]], Fraction], points: Iterable[Point]) -> Point:
    """A function of the abscissas and of the ordinates of points."""
    x, y = zip(*points, strict=True)
    return function(list(x)), function(list(y))


def hull(points: Iterable[Point]) -> Boundary:
    """The least concave boundary above points, (0, 0) and (1, 1)."""
    corners: Boundary = []
    for point in sorted({*points, (ZERO, ZERO), (ONE, ONE)}):
        while len(corners) > 1 and above(through(*corners[-2:]), point) >= 0:
            corners.pop()
        corners.append(point)
    return corners


def sides(boundary: Boundary) -> list[Line]:
    """The lines along a boundary. Their directions are the letters (Δx, Δy)."""
    return [through(*ends) for ends in pairwise(boundary)]


def below(boundary: Boundary, line: Line) -> Boundary:
    """The part of a region below a line."""
    kept: Boundary = boundary[:1] if above(line, boundary[0]) <= 0 else []
    for start, end in pairwise(boundary):
        if above(line, start) * above(line, end) < 0:
            kept.append(crossing(through(start, end), line)[0])
        if above(line, end) <= 0:
            kept.append(end)
    return kept


def height(boundary: Boundary, x: Fraction) -> Fraction:
    """g(x)."""
    a, b = next((a, b) for a, b in pairwise(boundary) if a[0] <= x <= b[0] and a[0] < b[0])
    return a[1] + steepness(a, b) * (x - a[0])


def supporting_slopes(f: Point, boundary: Boundary) -> tuple[Fraction, Fraction]:
    """Least and greatest slope of a line through f that passes above a region."""
    return (
        max(steepness(f, a) for a in boundary if a[0] > f[0]),
        min(steepness(a, f) for a in boundary if a[0] < f[0]),
    )


def overlap(letters: list[Point], m: int, up: bool) -> Fraction:
    """O from above (up) or below: powers of masses are rounded to multiples of 2^−K, K = 64 + 2m."""
    common = [letter for letter in letters if min(letter) > 0]  # the others add nothing
    bits, rounded = 64 + 2 * m, math.ceil if up else math.floor
    if len(common) > LETTERS or max(math.comb(m + max(len(common) - 1, 0), m), m) * bits > WORK:
        raise Undecided(f"{len(common)} common letters at m = {m} are too many to sum")

    def powers(mass: Fraction) -> list[int]:  # mass^0, …, mass^m in units of 2^−K
        base, row = rounded(mass * 2**bits), [1 << bits]
        while len(row) <= m:
            row.append(-(-row[-1] * base >> bits) if up else row[-1] * base >> bits)
        return row

    rows = [(powers(q), powers(p)) for q, p in common]

    def total(i: int, n: int, q: int, p: int) -> int:  # n samples are left to the letters from i on
        qs, ps = rows[i]
        if i == len(rows) - 1:
            return min(q * qs[n], p * ps[n])
        choices = [math.comb(n, j) for j in range(n + 1)]
        return sum(total(i + 1, n - j, c * q * qs[j], c * p * ps[j]) for j, c in enumerate(choices))

    return Fraction(total(0, m, 1, 1), 1 << bits * len(rows)) if rows else ZERO


def at_least(boundary: Boundary, m: int) -> Fraction:
    """A lower bound on V."""
    return 1 - overlap([letter for _, letter in sides(boundary)], m, up=True)


def at_most(boundary: Boundary, m: int) -> Fraction:
    """An upper bound on V."""
    return 1 - overlap([letter for _, letter in sides(boundary)], m, up=False)


# -- the class, and the infimum ------------------------------------------------------------------------


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

    def why_not(self, boundary: Boundary) -> str:
        """Why a region is no member of the class; nothing if it is."""
        for x, y in self.contained:
            if height(boundary, x) < y:
                return f"does not contain ({float(x):.12g}, {float(y):.12g})"
        for x, y in boundary:
            if height(self.within, x) < y:
                return f"is not within the given region at x = {float(x):.12g}"
        for x, y in self.forbidden:
            if height(boundary, x) >= y:
                return f"reaches the forbidden point ({float(x):.12g}, {float(y):.12g})"
        if not self.low <= self.distance(boundary) <= self.high:
            return f"has the distance {float(self.distance(boundary)):.15g}"
        return ""

    @cached_property
    def h(self) -> Fraction:
        """The least height of a member: that of ℓ."""
        return max(self.low, self.distance(self.contained))

    @cached_property
    def line(self) -> Line:
        """ℓ."""
        return self.on_line(ZERO), (ONE, self.gamma)

    def on_line(self, x: Fraction) -> Point:
        """z_x, the point of ℓ at x."""
        return x, self.gamma * x + self.h

    def least(self, x: Fraction) -> Boundary:
        """K_x, which a member that contains z_x contains."""
        return hull([*self.contained, self.on_line(x)])

    def touching(self, boundary: Boundary) -> list[tuple[Fraction, Fraction]]:
        """The x for which a region contains z_x, as one interval or none."""
        x = [corner[0] for corner in below(boundary, self.line) if above(self.line, corner) == 0]
        return [(min(x), max(x))] if x else []

    @cached_property
    def tangents(self) -> list[tuple[Fraction, Fraction]]:
        """Intervals such that every member contains z_x for an x in one of them.

        If A touches ℓ, one z_x in A will do, and K_x is A. Else all x are held for which z_x lies in B and no
        f in K_x. The line from A through f of the greatest slope meets ℓ right of f, and that of the least
        left of f. Between these two places, K_x contains f. If f lies above ℓ, then no K_x does.
        """
        if touching := self.touching(self.contained):
            return [(touching[0][0], touching[0][0])]
        intervals = self.touching(self.within)
        for u, w in self.forbidden:
            e = self.on_line(u)[1] - w
            if e < 0 or u == 0 or w >= 1:  # the last two exclude one x at most
                continue
            flat, steep = supporting_slopes((u, w), self.contained)
            left = u + e / (flat - self.gamma) if flat < self.gamma else -ONE
            right = u + e / (steep - self.gamma) if steep > self.gamma else 2 * ONE
            intervals = [(a, min(b, left)) for a, b in intervals if a < left] + [
                (max(a, right), b) for a, b in intervals if b > right
            ]
        return intervals

    @cached_property
    def greatest(self) -> Boundary:
        """M₀, the part of B below the greatest height."""
        return below(self.within, ((ZERO, self.high), (ONE, self.gamma)))

    @cached_property
    def mattering(self) -> list[Point]:
        """Forbidden points inside M₀, without those that a member reaches only if it reaches another."""
        kept = sorted({(u, w) for u, w in self.forbidden if u > 0 and w < min(ONE, height(self.greatest, u))})
        for f in list(kept):
            reached = hull([*self.contained, f])
            if any(height(reached, u) >= w for u, w in kept if (u, w) != f):
                kept.remove(f)
        return kept


def settle(parts: list[Part], what_is_left: Callable[[Part], list[Part]], m: int) -> int:
    """Settle parts, and the parts that each leaves; returns their number."""
    count = 0
    while parts:
        count += 1
        if count * max(MANY, m) ** 2 > CELLS * MANY**2:  # three letters have about m²/2 counts
            raise Undecided(f"{count - 1} intervals or cells do not decide the claim")
        parts += what_is_left(parts.pop())
    return count


def prove_infimum(pairs: Class, m: int, target: Fraction) -> int:
    """V ≥ target for all members; returns the number of intervals of x that it took.

    [Meet] For x₁ ≤ x ≤ x₂, K_x contains all that K_x₁ and K_x₂ have in common.
    """

    def what_is_left(interval: tuple[Fraction, Fraction]) -> list[tuple[Fraction, Fraction]]:
        first, last = map(pairs.least, interval)
        if at_least(reduce(below, sides(last), first), m) >= target:
            return []
        x1, x2 = interval
        middle = mean(interval)
        value = at_most(pairs.least(middle), m)
        if value < target and not pairs.why_not(pairs.least(middle)):
            raise Refused(f"the infimum is at most {float(value):.15g}, less than is claimed")
        if x1 == x2:
            raise Undecided("the infimum is too close to the claim for the rounding of this program")
        return [(x1, middle), (middle, x2)]

    if m == 1 and pairs.gamma == 1 and target <= pairs.h:
        return 1  # V of one sample is max g(x) − x
    return settle(list(pairs.tangents), what_is_left, m)


# -- the supremum --------------------------------------------------------------------------------------


class Cell(NamedTuple):
    """Lines: each passes through one of the points and a point of its segment, which starts steep.

    In a triangle, both segments are the same one on ℓ, and line 0 does not meet it right of line 1.
    """

    points: tuple[Point, ...]
    segments: tuple[tuple[Point, Point], ...]
    triangle: bool

    @property
    def corners(self) -> list[tuple[Line, ...]]:
        """Lines to the ends of segments, in all choices. Triangles have (start, start) for (end, start)."""
        lines = ([turned(f, z) for z in ends] for f, ends in zip(self.points, self.segments, strict=True))
        found = list(product(*lines))
        return [found[0], found[1], found[0], found[3]] if self.triangle else found


@dataclass(frozen=True)
class Supremum:
    """The search of V over the greatest regions of a class, for a place where it exceeds a target."""

    pairs: Class
    m: int
    target: Fraction

    def region(self, lines: Iterable[Line]) -> Boundary:
        """M(s), of the slopes of these lines."""
        return reduce(below, lines, self.pairs.greatest)

    def prove(self) -> int:
        """V ≤ target for all members; returns the number of cells that it took."""
        if at_most(self.pairs.greatest, self.m) <= self.target:
            return 1
        if len(self.pairs.mattering) > MOST_POINTS:
            raise Undecided(f"{len(self.pairs.mattering)} forbidden points matter, more than {MOST_POINTS}")
        return settle(self.first_cells(), self.what_is_left, self.m)

    def what_is_left(self, cell: Cell) -> list[Cell]:
        """Nothing if V ≤ target all over a cell, else its parts."""
        if at_most(self.join(cell), self.m) <= self.target:
            return []
        least, losses = self.bound(cell)
        if 1 - least <= self.target:
            return []
        for lines in cell.corners:
            self.refute(self.region(lines))
        if all(start == end for start, end in cell.segments):
            raise Undecided("the supremum is too close to the claim for the rounding of this program")
        return parts(cell, losses)

    def refute(self, region: Boundary) -> None:
        """Refuse the claim if an M(s) of greater V contains a member K_x. Then it is a limit of members."""
        value = at_least(region, self.m)
        for (a, b), (c, d) in product(self.pairs.touching(region), self.pairs.tangents):
            first, last = max(a, c), min(b, d)
            touches = value > self.target and first <= last
            if touches and not self.pairs.why_not(self.pairs.least((first + last) / 2)):
                raise Refused(f"the supremum is at least {float(value):.15g}, more than is claimed")

    def first_cells(self) -> list[Cell]:
        """[Cells] Cells of all lines that members need. In each, the ends of lines stay on edges of M₀.

        A member that contains z_x for an x in [x₁, x₂] needs slopes between the least and the greatest of the
        lines that support K_x₁ or K_x₂. Between two points below ℓ, it also needs line 0 to meet ℓ left of
        line 1. Then the cells are staggered: their segments lie on ℓ, and are the same or apart.
        """
        pairs, points, found = self.pairs, self.pairs.mattering, []
        two_below = len(points) == 2 and all(above(pairs.line, f) < 0 for f in points)
        for piece in pairs.tangents:
            staggered = two_below and points[0][0] < piece[0] and piece[1] < points[1][0]
            grids = []
            for f in points:
                flat, steep = zip(*(supporting_slopes(f, pairs.least(x)) for x in piece), strict=True)
                kinks = {steepness(f, a) for a in (*pairs.greatest, *points) if a[0] != f[0]}
                slopes = [s for s in kinks | {*flat, *steep} if min(flat) <= s <= max(steep)]
                rail = pairs.line if staggered else ((f[0] + 1, ZERO), (ZERO, ONE))
                grids.append([crossing((f, (ONE, s)), rail)[0] for s in sorted(slopes, reverse=True)])
            if staggered:
                common = sorted({*grids[0], *grids[1]})
                grids = [[z for z in common if grid[0] <= z <= grid[-1]] for grid in grids]
            found += cells(tuple(points), grids, staggered)
        return list(dict.fromkeys(found))

    def join(self, cell: Cell) -> Boundary:
        """[Join] A region that contains all M(s) of a cell."""
        return hull(corner for lines in cell.corners for corner in self.region(lines))

    @cached_property
    def standing(self) -> list[Line]:
        """The upright x = 0, the lines along M₀, and y = 1."""
        return [((ZERO, ZERO), (ZERO, ONE)), *sides(self.pairs.greatest), ((ONE, ONE), (ONE, ZERO))]

    def along(self, cell: Cell) -> list[int]:
        """Numbers of the standing lines, and then of those of a cell, that bound M(s) in its middle."""
        corners = zip(cell.points, zip(*cell.corners, strict=True), strict=True)
        turning = [(f, of_each(mean, [direction for _, direction in lines])) for f, lines in corners]
        lines = [*self.standing, *turning]
        inner = [
            next(n for n, line in enumerate(lines) if above(line, start) == above(line, end) == 0)
            for start, end in pairwise(self.region(turning))
            if start[0] < end[0] and start[1] < end[1]
        ]
        return [0, *inner, len(self.standing) - 1]

    def letters(self, cell: Cell) -> list[list[Point]]:
        """[Places] Common letters at the corners of a cell; averages of them are at most those of N(s).

        N(s) is the region below the lines that bound M(s) in the middle of the cell, so it contains M(s).
        Nothing if a letter might be negative.
        """
        along, rows, lags, found = self.along(cell), [], [], []
        for turning in cell.corners:
            lines = [*self.standing, *turning]
            rows.append([crossing(lines[i], lines[j]) for i, j in pairwise(along)])
        for ends, crossings in zip(pairwise(along), zip(*rows, strict=True), strict=True):
            places, turns = zip(*crossings, strict=True)  # one place at all corners of the cell
            if min(turns) <= 0:
                return []
            twice = cell.triangle and min(ends) >= len(self.standing)
            lags.append([lag(list(values), list(turns), twice) for values in zip(*places, strict=True)])
        for row in rows:
            steps = zip(sides([place for place, _ in row]), pairwise(lags), strict=True)
            found.append([shortened(step, *ends) for (_, step), ends in steps])
        return found if all(min(letter) >= 0 for row in found for letter in row) else []

    def bound(self, cell: Cell) -> tuple[Fraction, list[Fraction]]:
        """[Labels] A lower bound on O all over a cell, and what was taken off for each segment."""
        corners, losses = self.letters(cell), []
        if not corners:
            return ZERO, []
        most = [of_each(max, same) for same in zip(*corners, strict=True)]
        weight = overlap(most, max(self.m - 2, 0), up=True) * self.m * (self.m - 1) / 8
        for ends in {1: [], 2: [[(0, 1)]], 4: [[(0, 2), (1, 3)], [(0, 1), (2, 3)]]}[len(corners)]:
            turned = combinations_with_replacement(ends, 2)
            losses.append(weight * max(bend(*(corners[k] for k in s + t)) for s, t in turned))
        return min(overlap(letters, self.m, up=False) for letters in corners) - sum(losses), losses


def cells(points: tuple[Point, ...], grids: list[list[Point]], staggered: bool) -> list[Cell]:
    """The cells between neighbours of each grid, without what no member needs.

    If staggered, line 0 does not meet ℓ right of line 1. Else one line that passes below both points will do.
    """
    found = []
    for segments in product(*(list(pairwise(grid)) or [(grid[0], grid[0])] for grid in grids)):
        whole = Cell(points, segments, staggered and segments[0] == segments[1])
        if staggered:
            found += [whole] if whole.triangle or segments[0][1] <= segments[1][0] else []
            continue
        alone = [Cell((f,), (segment,), False) for f, segment in zip(points, segments, strict=True)]
        enough = [one for one in alone if all(above(line, f) >= 0 for (line,) in one.corners for f in points)]
        found += enough[:1] or [whole]
    return found


def parts(cell: Cell, losses: list[Fraction]) -> list[Cell]:
    """A box cut in halves along the segment that loses most; a triangle, or if none loses, along all."""
    grids = []
    for i, (start, end) in enumerate(cell.segments):
        cut = start != end and (cell.triangle or not any(losses) or losses[i] == max(losses))
        grids.append([start, of_each(mean, [start, end]), end] if cut else [start, end])
    return cells(cell.points, grids, cell.triangle)


def lag(values: list[Fraction], turns: list[Fraction], twice: bool) -> Lag:
    """How far below and above averages of its values at the corners a coordinate of a place can be."""
    most = (max(values) - min(values)) * (max(turns) - min(turns)) / (4 * min(turns))
    if twice:
        return 2 * most, 2 * most
    pairs = combinations(zip(values, turns, strict=True), 2)
    signs = [(v1 - v2) * (w1 - w2) for (v1, w1), (v2, w2) in pairs]
    return most * (min(signs, default=0) < 0), most * (max(signs, default=0) > 0)


def shortened(letter: Point, left: list[Lag], right: list[Lag]) -> Point:
    """A letter less the lags of the places at its ends, rounded down to multiples of 1 / UNITS."""
    q, p = (
        Fraction(math.floor((mass - above - below) * UNITS), UNITS)
        for mass, (_, above), (below, _) in zip(letter, left, right, strict=True)
    )
    return q, p


def bend(*corners: list[Point]) -> Fraction:
    """The greatest W(κ) / min(1, κ). W sums min(κqq', pp') over b×d and a×c, less those over a×d and b×c.

    It is 0, or at κ = 1, or where a term that adds to W has its kink. Letters that stand still add nothing.
    """
    a, b, c, d = ([(int(q * UNITS), int(p * UNITS)) for q, p in letters] for letters in corners)
    turned = [[pair for pair in zip(*ends, strict=True) if pair[0] != pair[1]] for ends in ((a, b), (c, d))]
    terms = [
        (q1 * q2, p1 * p2, 1 if i == j else -1)
        for first, second in product(*turned)
        for (i, (q1, p1)), (j, (q2, p2)) in product(enumerate(first), enumerate(second))
    ]
    kinks = {(q, p) for q, p, sign in terms if sign > 0 and q > 0 and p > 0} | {(1, 1)}  # κ = p/q
    tops = [Fraction(sum(sign * min(q * n, p * d) for q, p, sign in terms), min(n, d)) for d, n in kinks]
    return max(ZERO, *tops) / UNITS**2


# -- the certificate -----------------------------------------------------------------------------------


def shown(value: object) -> str:
    """A value of a file, for a message: short, and in ASCII."""
    return ascii(reprlib.repr(value))[1:-1]


def require(condition: bool, reason: str) -> None:
    """Refuse the certificate unless a condition holds."""
    if not condition:
        raise Refused(reason)


def number(text: Any, name: str) -> Fraction:
    """A decimal or a fraction, given as a string so that nothing is rounded on the way."""
    form = r"\d{1,60}(\.\d{1,60})?(e[-+]?\d{1,3})?|\d{1,60}/0*[1-9]\d{0,60}"
    fits = isinstance(text, str) and re.fullmatch(form, text, re.ASCII) is not None
    require(fits, f'{name} must be a decimal such as "0.11" or a fraction such as "1/7", got {shown(text)}')
    return Fraction(text)


def points(value: Any, name: str) -> list[Point]:
    """A list of pairs of numbers between 0 and 1."""
    paired = isinstance(value, list) and all(isinstance(pair, list) and len(pair) == 2 for pair in value)
    require(paired, f"{name} must be a list of pairs, got {shown(value)}")
    if len(value) > CORNERS:
        raise Undecided(f"{name} has {len(value)} points, more than {CORNERS}")
    read = [(number(x, name), number(y, name)) for x, y in value]
    inside = all(0 <= x <= 1 for point in read for x in point)
    require(inside, f"{name} must have numbers between 0 and 1, got {shown(value)}")
    return read


def fields(value: Any, name: str, needed: str, optional: str = "") -> dict[str, Any]:
    """An object with all of the needed fields, and no others than the optional ones."""
    require(isinstance(value, dict), f"{name} must be an object, got {shown(value)}")
    for key in needed.split():
        require(key in value, f"{name} lacks {key!r}")
    for key in value:
        require(key in f"{needed} {optional}".split(), f"{name} has an unknown field {shown(key)}")
    return dict(value)


def once(items: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object none of whose fields is given twice."""
    again = len(dict(items)) < len(items)
    require(not again, f"a field is given twice among {shown([key for key, _ in items])}")
    return dict(items)


def read_class(value: Any) -> Class:
    """The class: (ε,δ)-collapse is the point (ε, δ) of the boundary, (ε,δ)-augmentation is (1−δ, 1−ε)."""
    given = fields(value, "class", "", "tau hockey_stick contains within " + " ".join(POINTS))
    at = {name: points(given.get(name, []), name) for name in POINTS}
    for name, pairs in at.items():
        rising = all(eps < delta for eps, delta in pairs)
        require(rising, f"{name} must have eps < delta, got {shown(given.get(name))}")
    required, forbidden = (
        at[f"{no}collapse"] + [(1 - y, 1 - x) for x, y in at[f"{no}augmentation"]] for no in ("", "no_")
    )
    if len(forbidden) > FORBIDDEN:
        raise Undecided(f"the class has {len(forbidden)} forbidden points, more than {FORBIDDEN}")
    if "hockey_stick" in given:
        require("tau" not in given, "class has both tau and hockey_stick")
        stick = given["hockey_stick"]
        pair = isinstance(stick, list) and len(stick) == 2
        require(pair, f"hockey_stick must be a pair, got {shown(stick)}")
        gamma, low, high = (number(stick[i], "hockey_stick") for i in (0, 1, 1))
    else:
        tau = given.get("tau", ["0", "1"])
        gamma, ((low, high),) = ONE, points([tau if isinstance(tau, list) else [tau, tau]], "tau")
    possible = gamma > 0 and max(ZERO, 1 - gamma) <= low <= high <= 1
    require(possible, f"no pair has a distance between {shown(low)} and {shown(high)}")
    contained = hull(points(given.get("contains", []), "contains") + required)
    within = hull(points(given.get("within", [["0", "1"]]), "within"))
    return Class(contained, within, gamma, low, high, forbidden)


def witness(pairs: Class, value: Any, name: str) -> Boundary:
    """The member of a witness: the hull of A, of z_x if x is given, and of further corners."""
    given = fields(value, name, "corners", "x")
    corners = points(given["corners"], f"corners of the {name}")
    if "x" in given:
        corners.append(pairs.on_line(points([[given["x"], "0"]], f"x of the {name}")[0][0]))
    inside = all(x <= y <= 1 for x, y in corners)
    require(inside, f"the {name} has a corner below the diagonal or above 1")
    member = hull(pairs.contained + corners)
    reason = pairs.why_not(member)
    require(not reason, f"the {name} is no member of the class: it {reason}")
    return member


def prove(text: str) -> str:
    """What a certificate proves, in words; raises Refused or Undecided."""
    try:
        read = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Refused(f"the file is no JSON: {error}") from None
    given = fields(read, "the certificate", "format class m infimum supremum")
    m = given["m"]
    require(given["format"] == FORMAT, f"the format must be {FORMAT!r}, got {shown(given['format'])}")
    counts = type(m) is int and 1 <= m <= 10**6
    require(counts, f"m must be an integer from 1 to a million, got {shown(m)}")
    pairs = read_class(given["class"])
    proved = "Of all pairs (P, Q) with " + json.dumps(given["class"]).replace('"', "") + ":"
    for end in ("infimum", "supremum"):
        claim = fields(given[end], end, "value gap witness")
        value, gap = number(claim["value"], f"the {end}"), number(claim["gap"], f"the gap of the {end}")
        member = witness(pairs, claim["witness"], f"witness of the {end}")
        if end == "infimum":
            has = at_most(member, m)
            require(has <= value + gap, f"its witness has {float(has):.15g}, more than the infimum claims")
            count = prove_infimum(pairs, m, value - gap)
        else:
            has = at_least(member, m)
            require(has >= value - gap, f"its witness has {float(has):.15g}, less than the supremum claims")
            count = Supremum(pairs, m, value + gap).prove()
        proved += (
            f"\nthe {end} of d_TV(P^{m}, Q^{m}) is {claim['value']}, within {claim['gap']} (bounds: {count})"
        )
    return proved


def main(path: str) -> int:
    """Print what the certificate in a file proves; returns the exit code."""
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            print("proved.", prove(file.read()), sep="\n")
    except Refused as reason:
        print("refused:", reason)
        return 1
    except Undecided as reason:
        print("undecided:", reason)
        return 2
    except OSError as error:
        print(f"undecided: {path!r} cannot be read: {error.strerror}")
        return 2
    return 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python verify.py FILE")
    sys.exit(main(sys.argv[1]))
