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
from itertools import combinations_with_replacement, pairwise, product
from typing import NamedTuple, TypeVar

FORMAT = "modecollapse certificate 1"
CELLS = 40_000  # intervals or cells of slopes looked at before a claim is called undecided,
MANY = 100  # at this m and below; beyond, they fall as 1/m²
MOST_POINTS = 2  # forbidden points whose lines are searched
WORK = 2 * 10**8  # the counts n of one overlap, times the bits of its masses
LETTERS = 200  # common letters of one overlap
CORNERS = 1000  # points of one condition or witness
FORBIDDEN = 100  # forbidden points of a class
UNIT = Fraction(1, 2**96)  # masses in a cell of slopes are rounded down to its multiples
POINTS = ("collapse", "augmentation", "no_collapse", "no_augmentation")

Point = tuple[Fraction, Fraction]
Boundary = list[Point]
Line = tuple[Point, Point]  # a point and a direction
Cut = tuple[Point, Fraction]  # a point and the slope of a line through it
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


def supporting_slopes(f: Point, boundary: Boundary) -> tuple[Fraction, Fraction]:
    """Least and greatest slope of a line through f that passes above a region."""
    return (
        max(steepness(f, a) for a in boundary if a[0] > f[0]),
        min(steepness(a, f) for a in boundary if a[0] < f[0]),
    )


def crossing(first: Line, second: Line) -> tuple[Point, Fraction]:
    """The point where two lines cross, and by how much the second turns to the right, as a cross product."""
    ((x1, y1), (dx1, dy1)), ((x2, y2), (dx2, dy2)) = first, second
    turn = dy1 * dx2 - dx1 * dy2
    share = ((x1 - x2) * dy2 - (y1 - y2) * dx2) / turn if turn else ZERO
    return (x1 + share * dx1, y1 + share * dy1), turn


def below(boundary: Boundary, cut: Cut) -> Boundary:
    """The part of a region below the line of a slope through a point."""
    (u, w), slope = cut
    over = [y - w - slope * (x - u) for x, y in boundary]
    kept: Boundary = []
    for i, corner in enumerate(boundary):
        if i > 0 and over[i - 1] * over[i] < 0:
            x, y = boundary[i - 1]
            edge = ((x, y), (corner[0] - x, corner[1] - y))
            kept.append(crossing(edge, ((u, w), (ONE, slope)))[0])
        if over[i] <= 0:
            kept.append(corner)
    return kept


def edges(boundary: Boundary) -> list[Point]:
    """The letters (Δx, Δy) of a region."""
    return [(x2 - x1, y2 - y1) for (x1, y1), (x2, y2) in pairwise(boundary)]


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
    return 1 - overlap(edges(boundary), m, up=True)


def at_most(boundary: Boundary, m: int) -> Fraction:
    """An upper bound on V."""
    return 1 - overlap(edges(boundary), m, up=False)


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

    def on_line(self, x: Fraction) -> Point:
        """z_x, the point of ℓ at x."""
        return x, self.gamma * x + self.h

    @cached_property
    def least_is_contained(self) -> bool:
        """Whether A itself has an allowed distance, so that every member contains the member A."""
        return self.distance(self.contained) >= self.low

    def least(self, x: Fraction) -> Boundary:
        """K_x, which a member that touches ℓ at z_x contains; or A if that has an allowed distance."""
        return hull([*self.contained, *([] if self.least_is_contained else [self.on_line(x)])])

    def touching(self, boundary: Boundary) -> list[tuple[Fraction, Fraction]]:
        """The x at which a region reaches ℓ, as one interval or none; x = 0 if no member needs to touch ℓ."""
        if self.least_is_contained:
            return [(ZERO, ZERO)]
        x = [x for x, y in below(boundary, (self.on_line(ZERO), self.gamma)) if (x, y) == self.on_line(x)]
        return [(min(x), max(x))] if x else []

    @cached_property
    def tangents(self) -> list[tuple[Fraction, Fraction]]:
        """Intervals that hold all x for which z_x lies in B and no f in K_x.

        The line from A through f of the greatest slope meets ℓ right of f, and that of the least left of f.
        Between these two places, K_x contains f. If f lies above ℓ, then no K_x does.
        """
        intervals = self.touching(self.within)
        for u, w in self.forbidden:
            e = self.gamma * u + self.h - w
            if self.least_is_contained or e < 0 or u == 0 or w >= 1:  # the last two exclude one x at most
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
        return below(self.within, ((ZERO, self.high), self.gamma))

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

    [Meet] For x₁ ≤ x ≤ x₂ take corners l and r of A left of x₁ and right of x₂. Every K_x contains the point
    where the line from z_x₁ to r crosses that from l to z_x₂.
    """

    def what_is_left(interval: tuple[Fraction, Fraction]) -> list[tuple[Fraction, Fraction]]:
        x1, x2 = interval
        inside = pairs.least(x1) if x1 == x2 else hull([*pairs.contained, meet(pairs, x1, x2)])
        if at_least(inside, m) >= target:
            return []
        middle = (x1 + x2) / 2
        value = at_most(pairs.least(middle), m)
        if value < target and not pairs.why_not(pairs.least(middle)):
            raise Refused(f"the infimum is at most {float(value):.15g}, less than is claimed")
        if x1 == x2:
            raise Undecided("the infimum is too close to the claim for the rounding of this program")
        return [(x1, middle), (middle, x2)]

    if m == 1 and pairs.gamma == 1 and target <= pairs.h:
        return 1  # V of one sample is max g(x) − x
    return settle(list(pairs.tangents), what_is_left, m)


def meet(pairs: Class, x1: Fraction, x2: Fraction) -> Point:
    """The point that every K_x between has."""
    z1, z2 = pairs.on_line(x1), pairs.on_line(x2)
    fall = max(steepness(z1, r) for r in pairs.contained if r[0] >= x2)
    rise = min(steepness(a, z2) for a in pairs.contained if a[0] <= x1)
    return crossing((z1, (ONE, fall)), (z2, (ONE, rise)))[0]


# -- the supremum --------------------------------------------------------------------------------------


class Turning(NamedTuple):
    """Lines through a forbidden point, of slopes from low to high."""

    f: Point
    low: Fraction
    high: Fraction


class Cell(NamedTuple):
    """Slopes of lines: a box, or the triangle in it where line 0 meets ℓ left of line 1."""

    lines: tuple[Turning, ...]
    triangle: bool

    @property
    def middle(self) -> tuple[Cut, ...]:
        """Slopes inside the cell."""
        return tuple((f, (low + high) / 2) for f, low, high in self.lines)

    @property
    def corners(self) -> list[tuple[Cut, ...]]:
        """Corners in the order of slopes. A triangle has the last one for (flattest, steepest), too."""
        found = list(product(*([(f, low), (f, high)] for f, low, high in self.lines)))
        return [found[0], found[3], found[2], found[3]] if self.triangle else found


@dataclass(frozen=True)
class Supremum:
    """The search of V over the greatest regions of a class, for a place where it exceeds a target."""

    pairs: Class
    m: int
    target: Fraction

    def region(self, cuts: Iterable[Cut]) -> Boundary:
        """M(s)."""
        return reduce(below, cuts, self.pairs.greatest)

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
        for cuts in cell.corners:
            self.refute(self.region(cuts))
        if all(line.low == line.high for line in cell.lines):
            raise Undecided("the supremum is too close to the claim for the rounding of this program")
        return self.parts(cell, losses)

    def refute(self, region: Boundary) -> None:
        """Refuse the claim if an M(s) of greater V contains a member K_x. Then it is a limit of members."""
        value = at_least(region, self.m)
        for (a, b), (c, d) in product(self.pairs.touching(region), self.pairs.tangents):
            first, last = max(a, c), min(b, d)
            touches = value > self.target and first <= last
            if touches and not self.pairs.why_not(self.pairs.least((first + last) / 2)):
                raise Refused(f"the supremum is at least {float(value):.15g}, more than is claimed")

    def meets(self, f: Point, slope: Fraction) -> Fraction:
        """The abscissa at which a line meets ℓ."""
        return f[0] + (self.pairs.on_line(f[0])[1] - f[1]) / (slope - self.pairs.gamma)

    def first_cells(self) -> list[Cell]:
        """[Cells] Cells of all slopes that members need. In each, the ends of lines stay on edges of M₀.

        A member that touches ℓ between x₁ and x₂ needs slopes between the least and the greatest of the lines
        that support K_x₁ or K_x₂. Between two points below ℓ, it also needs line 0 to meet ℓ left of line 1.
        """
        pairs, points, found = self.pairs, self.pairs.mattering, []
        below_line = len(points) == 2 and all(w < pairs.on_line(u)[1] for u, w in points)
        for piece in pairs.tangents:
            grids = []
            for f in points:
                flat, steep = zip(*(supporting_slopes(f, pairs.least(x)) for x in piece), strict=True)
                kinks = {steepness(f, a) for a in (*pairs.greatest, *points) if a[0] != f[0]}
                grids.append(sorted(s for s in kinks | {*flat, *steep} if min(flat) <= s <= max(steep)))
            staggered = below_line and points[0][0] < piece[0] and piece[1] < points[1][0]
            found += self.cells(points, grids, staggered)
        return list(dict.fromkeys(found))

    def parts(self, cell: Cell, sizes: list[Fraction]) -> list[Cell]:
        """A box cut in halves along the line of the greatest size; a triangle is cut along both lines."""
        points, grids = [line.f for line in cell.lines], [[*line[1:]] for line in cell.lines]
        if cell.triangle:
            first, last = (self.meets(points[0], slope) for slope in grids[0])
            middle = self.pairs.on_line((first + last) / 2)
            grids = [sorted([*grid, steepness(f, middle)]) for f, grid in zip(points, grids, strict=True)]
        else:
            longest = grids[sizes.index(max(sizes))]
            longest.insert(1, (longest[0] + longest[1]) / 2)
        return self.cells(points, grids, cell.triangle)

    def cells(self, points: list[Point], grids: list[list[Fraction]], staggered: bool) -> list[Cell]:
        """The cells of a grid of slopes, without those that no member needs."""
        found = []
        for slopes in product(*(list(pairwise(grid)) or [(grid[0], grid[0])] for grid in grids)):
            lines = tuple(Turning(f, *ends) for f, ends in zip(points, slopes, strict=True))
            if staggered:
                (a, b), (c, d) = ((self.meets(f, high), self.meets(f, low)) for f, low, high in lines)
                if b <= c or (a, b) == (c, d):
                    found.append(Cell(lines, c < b))
                elif a < d:  # both turn past some places on ℓ, where they are cut
                    places = [self.pairs.on_line(x) for x in {a, b, c, d}]
                    turned = [
                        sorted(
                            s for s in (steepness(f, z) for z in places if z[0] != f[0]) if low <= s <= high
                        )
                        for f, low, high in lines
                    ]
                    found += self.cells(points, turned, staggered)
            elif len(lines) == 2 and lines[0].high <= steepness(*points):
                found.append(Cell(lines[:1], False))  # line 0 passes below the other point
            elif len(lines) == 2 and lines[1].low >= steepness(*points):
                found.append(Cell(lines[1:], False))
            else:
                found.append(Cell(lines, False))
        return found

    def join(self, cell: Cell) -> Boundary:
        """[Join] A region that contains all M(s) of a cell: the first lines steepest, the others flattest."""
        steps = [
            tuple((line.f, line.high if i < j else line.low) for i, line in enumerate(cell.lines))
            for j in range(len(cell.lines) + 1)
        ]
        return hull([corner for step in steps for corner in self.region(step)])

    def lines(self, cell: Cell) -> list[tuple[int | None, Line]]:
        """The lines along M(s) in the middle, from x = 0 to y = 1: i for line i, and None for lines of M₀."""
        standing = zip(self.pairs.greatest, edges(self.pairs.greatest), strict=False)
        every: list[tuple[int | None, Line]] = [(None, line) for line in standing]
        every += [(i, (f, (ONE, slope))) for i, (f, slope) in enumerate(cell.middle)]
        along = [
            next(line for line in every if passes(line[1], start) and passes(line[1], end))
            for start, end in pairwise(self.region(cell.middle))
            if start[0] < end[0] and start[1] < end[1]
        ]
        return [(None, ((ZERO, ZERO), (ZERO, ONE))), *along, (None, ((ONE, ONE), (ONE, ZERO)))]

    def letters(self, cell: Cell) -> list[list[tuple[int, int]]]:
        """[Places] Letters at the corners of a cell, in units; averages of them are at most those of N(s).

        N(s) is the region below `lines`, which contains M(s). Nothing if a letter might be negative.
        """
        lines = self.lines(cell)
        corners = []
        for cuts in cell.corners:
            there = [line if i is None else (cuts[i][0], (ONE, cuts[i][1])) for i, line in lines]
            corners.append([crossing(*both) for both in pairwise(there)])
        lost = [(ZERO, ZERO) for _ in lines]
        for k, crossings in enumerate(zip(*corners, strict=True)):  # one place at all corners of the cell
            places, turns = zip(*crossings, strict=True)
            if min(turns) <= 0:
                return []
            for i in (i for i, _ in lines[k : k + 2] if i is not None):
                weights = list(turns)
                if cell.triangle:  # there the place on ℓ is the coordinate, and not the slope
                    weights = [
                        turn / abs(cuts[i][1] - self.pairs.gamma)
                        for turn, cuts in zip(turns, cell.corners, strict=True)
                    ]
                x, y = lag(list(places), weights)
                for end in (k, k + 1):  # the letters left and right of the place
                    if cell.triangle or lines[end][0] is not None:
                        lost[end] = (lost[end][0] + x, lost[end][1] + y)
        rows = [edges([(ZERO, ZERO), *(place for place, _ in row), (ONE, ONE)]) for row in corners]
        found = [
            [((q - x) // UNIT, (p - y) // UNIT) for (q, p), (x, y) in zip(row, lost, strict=True)]
            for row in rows
        ]
        return found if all(min(letter) >= 0 for row in found for letter in row) else []

    def bound(self, cell: Cell) -> tuple[Fraction, list[Fraction]]:
        """[Labels] A lower bound on O all over a cell, and sizes of the cell along its lines."""
        corners, widths = self.letters(cell), [line.high / line.low - 1 for line in cell.lines]
        if not corners:
            return ZERO, widths
        sides = {1: [], 2: [[(0, 1)]], 4: [[(0, 2), (1, 3)], [(0, 1), (2, 3)]]}[len(corners)]
        bends = [
            max(bend(*(corners[k] for k in s + t)) for s, t in combinations_with_replacement(along, 2))
            for along in sides
        ]
        most = [(max(q), max(p)) for q, p in (zip(*same, strict=True) for same in zip(*corners, strict=True))]
        weight = overlap(in_units(most), max(self.m - 2, 0), up=True) * self.m * (self.m - 1) / 8
        losses = [weight * by for by in bends]
        least = min(overlap(in_units(row), self.m, up=False) for row in corners)
        return least - sum(losses), losses if any(losses) else widths


def lag(places: Boundary, weights: list[Fraction]) -> Point:
    """How far a place inside a cell can be from averages of its places at the corners, in x and in y."""
    share = (max(weights) - min(weights)) / (4 * min(weights))
    (x1, x2), (y1, y2) = ((min(z), max(z)) for z in zip(*places, strict=True))
    return share * (x2 - x1), share * (y2 - y1)


def passes(line: Line, point: Point) -> bool:
    """Whether a line passes through a point."""
    (x, y), (dx, dy) = line
    return dy * (point[0] - x) == dx * (point[1] - y)


def in_units(letters: list[tuple[int, int]]) -> list[Point]:
    """The masses that whole numbers of units are."""
    return [(q * UNIT, p * UNIT) for q, p in letters]


def bend(*corners: list[tuple[int, int]]) -> Fraction:
    """The greatest W(κ) / min(1, κ). W sums min(κqq', pp') over b×d and a×c, less those over a×d and b×c.

    It is 0, or at κ = 1, or where a term that adds to W has its kink.
    """
    a, b, c, d = corners
    terms = [
        (q1 * q2, p1 * p2, sign)
        for first, second, sign in ((b, d, 1), (a, c, 1), (a, d, -1), (b, c, -1))
        for (q1, p1), (q2, p2) in product(first, second)
    ]
    kinks = {(q, p) for q, p, sign in terms if sign > 0 and q > 0 and p > 0} | {(1, 1)}  # κ = p/q
    tops = [Fraction(sum(sign * min(q * n, p * d) for q, p, sign in terms), min(n, d)) for d, n in kinks]
    return max(ZERO, *tops) * UNIT**2


# -- the certificate -----------------------------------------------------------------------------------


def shown(value: object) -> str:
    """A value of a file, for a message: short, and in ASCII."""
    return ascii(reprlib.repr(value))[1:-1]


def number(text: object, name: str) -> Fraction:
    """A decimal or a fraction, given as a string so that nothing is rounded on the way."""
    form = r"\d{1,60}(\.\d{1,60})?(e[-+]?\d{1,3})?|\d{1,60}/0*[1-9]\d{0,60}"
    if not isinstance(text, str) or not re.fullmatch(form, text, re.ASCII):
        raise Refused(
            f'{name} must be a decimal such as "0.11" or a fraction such as "1/7", got {shown(text)}'
        )
    return Fraction(text)


def points(value: object, name: str) -> list[Point]:
    """A list of pairs of numbers between 0 and 1."""
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise Refused(f"{name} must be a list of pairs, got {shown(value)}")
    if len(value) > CORNERS:
        raise Undecided(f"{name} has {len(value)} points, more than {CORNERS}")
    read = [(number(x, name), number(y, name)) for x, y in value]
    if not all(0 <= x <= 1 for point in read for x in point):
        raise Refused(f"{name} must have numbers between 0 and 1, got {shown(value)}")
    return read


def fields(value: object, name: str, needed: str, optional: str = "") -> dict[str, object]:
    """An object with all of the needed fields, and no others than the optional ones."""
    if not isinstance(value, dict):
        raise Refused(f"{name} must be an object, got {shown(value)}")
    if missing := [key for key in needed.split() if key not in value]:
        raise Refused(f"{name} lacks {missing[0]!r}")
    if unknown := [key for key in value if key not in f"{needed} {optional}".split()]:
        raise Refused(f"{name} has an unknown field {shown(unknown[0])}")
    return value


def once(items: list[tuple[str, object]]) -> dict[str, object]:
    """An object none of whose fields is given twice."""
    if len(dict(items)) < len(items):
        raise Refused(f"a field is given twice among {shown([key for key, _ in items])}")
    return dict(items)


def read_class(value: object) -> Class:
    """The class: (ε,δ)-collapse is the point (ε, δ) of the boundary, (ε,δ)-augmentation is (1−δ, 1−ε)."""
    given = fields(value, "class", "", "tau hockey_stick contains within " + " ".join(POINTS))
    at = {name: points(given.get(name, []), name) for name in POINTS}
    for name, pairs in at.items():
        if any(eps >= delta for eps, delta in pairs):
            raise Refused(f"{name} must have eps < delta, got {shown(given[name])}")
    required, forbidden = (
        at[f"{no}collapse"] + [(1 - y, 1 - x) for x, y in at[f"{no}augmentation"]] for no in ("", "no_")
    )
    if len(forbidden) > FORBIDDEN:
        raise Undecided(f"the class has {len(forbidden)} forbidden points, more than {FORBIDDEN}")
    if "tau" in given and "hockey_stick" in given:
        raise Refused("class has both tau and hockey_stick")
    tau = given.get("tau", ["0", "1"])
    ((low, high),) = points([tau if isinstance(tau, list) else [tau, tau]], "tau")
    gamma = ONE
    if "hockey_stick" in given:
        if not isinstance(given["hockey_stick"], list) or len(given["hockey_stick"]) != 2:
            raise Refused(f"hockey_stick must be a pair, got {shown(given['hockey_stick'])}")
        gamma, low = (number(text, "hockey_stick") for text in given["hockey_stick"])
        high = low
    if not (gamma > 0 and max(ZERO, 1 - gamma) <= low <= high <= 1):
        raise Refused(f"no pair has a distance between {shown(low)} and {shown(high)}")
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
    m = given["m"]
    if given["format"] != FORMAT:
        raise Refused(f"the format must be {FORMAT!r}, got {shown(given['format'])}")
    if type(m) is not int or not 1 <= m <= 10**6:
        raise Refused(f"m must be an integer from 1 to a million, got {shown(m)}")
    pairs = read_class(given["class"])
    proved = "Of all pairs (P, Q) with " + json.dumps(given["class"]).replace('"', "") + ":"
    for end in ("infimum", "supremum"):
        claim = fields(given[end], end, "value gap witness")
        value, gap = number(claim["value"], f"the {end}"), number(claim["gap"], f"the gap of the {end}")
        member = witness(pairs, claim["witness"], f"witness of the {end}")
        if end == "infimum" and at_most(member, m) > value + gap:
            raise Refused(f"its witness has {float(at_most(member, m)):.15g}, more than the infimum claims")
        if end == "supremum" and at_least(member, m) < value - gap:
            raise Refused(f"its witness has {float(at_least(member, m)):.15g}, less than the supremum claims")
        if end == "infimum":
            count = prove_infimum(pairs, m, value - gap)
        else:
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
