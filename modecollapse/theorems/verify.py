"""Prove a certificate of a range of packed total variations again, in exact arithmetic.

    python verify.py FILE

This file is for readers who doubt a certificate. It needs Python's standard library alone, and nothing of the
package that wrote the certificate. All geometry is in fractions. Only the letters of a pair are rounded, to
multiples of 2^−K, in the direction that keeps an inequality true. The exit code is 0 if the certificate is
proved. It is 1 if the certificate is refused: its claim is false, its class is empty, or the file is damaged.
It is 2 if the effort that this program spends decides nothing. The proofs are in docs/theory.md §10.

A pair (P, Q) is the concave boundary g of its region. Its corners run from (0, 0) to (1, 1), and its edges
(Δx, Δy) are the letters, of masses Q = Δx and P = Δy. The total variation of m samples is V = 1 − O, with

    O = Σ m!/(n₁!…n_k!) · min(Πp_i^n_i, Πq_i^n_i)    over all counts n₁ + … + n_k = m.

V grows with the region. A class asks that the region contains A and lies in B, that max g(x) − γx lies
between two heights, and that g stays strictly below the forbidden points f. Let h be the least height that
members can have, and ℓ the line y = γx + h.
"""

import functools
import json
import math
import re
import sys
from fractions import Fraction
from itertools import pairwise, product
from typing import NamedTuple

FORMAT = "modecollapse certificate 1"
CELLS = 40_000  # intervals or cells of slopes looked at before a claim is called undecided
MOST_POINTS = 2  # forbidden points whose lines are searched
COARSE = Fraction(1, 1000)  # bends larger than this may lose to a join
TYPES = 2_000_000  # counts n summed for one overlap at most

WORDS = {  # what a class can ask for
    "tau": "d_TV(P, Q) = {}",
    "hockey_stick": "(gamma, max P(T) − gamma Q(T)) = ({})",
    "contains": "g reaching ({})",
    "within": "g within the hull of ({})",
    "collapse": "({})-collapse",
    "augmentation": "({})-augmentation",
    "no_collapse": "no ({})-collapse",
    "no_augmentation": "no ({})-augmentation",
}

Point = tuple[Fraction, Fraction]
Boundary = list[Point]
ZERO, ONE = Fraction(0), Fraction(1)


class Refused(Exception):
    """The certificate is false or damaged."""


class Undecided(Exception):
    """The effort that this program spends decides nothing."""


# -- boundaries ------------------------------------------------------------------------------------


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
    for (x1, y1), (x2, y2) in pairwise(boundary):
        if x1 <= x <= x2 and x1 < x2:
            return y1 + (y2 - y1) * (x - x1) / (x2 - x1)
    raise Refused(f"{x} is no abscissa between 0 and 1")


def below(boundary: Boundary, point: Point, slope: Fraction) -> Boundary:
    """The part of a region below the line of a slope through a point."""
    over = [y - point[1] - slope * (x - point[0]) for x, y in boundary]
    cut = []
    for i, corner in enumerate(boundary):
        if i > 0 and over[i - 1] * over[i] < 0:
            share = over[i - 1] / (over[i - 1] - over[i])
            (x1, y1), (x2, y2) = boundary[i - 1], corner
            cut.append((x1 + share * (x2 - x1), y1 + share * (y2 - y1)))
        if over[i] <= 0:
            cut.append(corner)
    return cut


def steepness(first: Point, second: Point) -> Fraction:
    """Slope of the line through two points."""
    return (second[1] - first[1]) / (second[0] - first[0])


def supporting_slopes(f: Point, boundary: Boundary) -> tuple[Fraction, Fraction]:
    """Least and greatest slope of a line through f that passes above a region."""
    return (
        max(steepness(f, a) for a in boundary if a[0] > f[0]),
        min(steepness(a, f) for a in boundary if a[0] < f[0]),
    )


# -- the total variation of m samples --------------------------------------------------------------


def overlap(boundary: Boundary, m: int, up: bool) -> Fraction:
    """O from above (up) or from below, letters and products rounded to multiples of 2^−K, K = 64 + 2m."""
    bits = 64 + 2 * m
    letters = [(y2 - y1, x2 - x1) for (x1, y1), (x2, y2) in pairwise(boundary)]
    letters = [(p, q) for p, q in letters if p > 0 and q > 0]  # only the common ones count
    if math.comb(m + len(letters) - 1, m) > TYPES:
        raise Undecided(f"{len(letters)} common letters at m = {m} are too many to sum")
    letters += [(ZERO, ZERO)] * (2 - len(letters))

    def cut(value: int) -> int:  # value · 2^−K, rounded
        return -(-value >> bits) if up else value >> bits

    def powers(mass: Fraction) -> list[int]:  # mass^0, …, mass^m
        scaled = mass.numerator << bits
        base = -(-scaled // mass.denominator) if up else scaled // mass.denominator
        row = [1 << bits]
        while len(row) <= m:
            row.append(cut(row[-1] * base))
        return row

    rows = [(powers(p), powers(q)) for p, q in letters]
    (p1, q1), (p2, q2) = rows[-2:]

    @functools.cache
    def last_two(n: int) -> tuple[list[int], list[int]]:  # C(n,j) a^j b^(n−j) of the last two letters
        ways = [math.comb(n, j) for j in range(n + 1)]
        return (
            [cut(w * p1[j] * p2[n - j]) for j, w in enumerate(ways)],
            [cut(w * q1[j] * q2[n - j]) for j, w in enumerate(ways)],
        )

    def total(letter: int, n: int, p: int, q: int) -> int:
        if letter == len(rows) - 2:
            ps, qs = last_two(n)
            return sum(map(min, [p * a for a in ps], [q * a for a in qs]))
        p_powers, q_powers = rows[letter]
        ways = [math.comb(n, j) for j in range(n + 1)]
        return sum(
            total(letter + 1, n - j, cut(w * p * p_powers[j]), cut(w * q * q_powers[j]))
            for j, w in enumerate(ways)
        )

    return Fraction(total(0, m, 1 << bits, 1 << bits), 1 << 2 * bits)


def at_least(boundary: Boundary, m: int) -> Fraction:
    """A lower bound on V."""
    return 1 - overlap(boundary, m, up=True)


def at_most(boundary: Boundary, m: int) -> Fraction:
    """An upper bound on V."""
    return 1 - overlap(boundary, m, up=False)


# -- the class -------------------------------------------------------------------------------------


class Class(NamedTuple):
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

    @property
    def h(self) -> Fraction:
        """The least height of a member: that of ℓ."""
        return max(self.low, self.distance(self.contained))

    def on_line(self, x: Fraction) -> Point:
        """z_x, the point of ℓ at x."""
        return x, self.gamma * x + self.h

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

    @property
    def least_is_contained(self) -> bool:
        """Whether A itself has an allowed distance, so that every member contains the member A."""
        return self.distance(self.contained) >= self.low

    def tangents(self) -> list[tuple[Fraction, Fraction]]:
        """The closure of X, the x at which members of height h touch ℓ, as intervals.

        Such a member contains K_x = hull(A, z_x). So z_x lies in B, and no f lies in K_x. The ray from a
        corner a of A through f meets ℓ at u + (e/D)v_x, where v = f − a, D = v_y − γv_x, e = γu + h − w.
        """
        cut = below(self.within, (ZERO, self.h), self.gamma)
        on = [x for x, y in cut if y == self.gamma * x + self.h]
        intervals = [(min(on), max(on))] if on else []
        for u, w in self.forbidden:
            e = self.gamma * u + self.h - w
            if e < 0:
                continue  # f lies above ℓ
            first, last = [], []
            for x, y in self.contained:
                v, d = u - x, w - y - self.gamma * (u - x)
                first.append(u + e / d * v if d > 0 else ZERO if v <= 0 else ONE)
                last.append(u + e / d * v if d > 0 else ONE if v >= 0 else ZERO)
            a, b = min(first), max(last)
            rest = []
            for low, high in intervals:
                if b < low or high < a:
                    rest.append((low, high))
                else:
                    rest += [(low, a)] * (low < a) + [(b, high)] * (b < high)
            intervals = rest
        return intervals

    def check_not_empty(self) -> None:
        """Refuse a class without members."""
        for x, y in self.contained:
            if height(self.within, x) < y:
                raise Refused(
                    f"the class is empty: ({float(x):.12g}, {float(y):.12g}) is required, not allowed"
                )
        if self.distance(self.contained) > self.high:
            raise Refused(
                f"the class is empty: its distance is at least {float(self.distance(self.contained)):.15g}"
            )
        for u, w in self.forbidden:
            if height(self.contained, u) >= w:
                raise Refused(
                    f"the class is empty: ({float(u):.12g}, {float(w):.12g}) is required and forbidden"
                )
        if not self.least_is_contained and not self.tangents():
            raise Refused("the class is empty: no tangent point is left")


# -- the infimum -----------------------------------------------------------------------------------


def prove_infimum(pairs: Class, m: int, target: Fraction) -> int:
    """V ≥ target for all members; returns the number of intervals of x that it took.

    For x₁ ≤ x ≤ x₂ take corners l and r of A left of x₁ and right of x₂. Every K_x contains the point c where
    the line from z_x₁ to r crosses that from l to z_x₂. So V of hull(A, c) is a lower bound on the interval.
    """
    if m == 1 and pairs.gamma == 1 and target <= pairs.h:
        return 1  # V of one sample is max g(x) − x, the same for all x
    if pairs.least_is_contained:
        intervals = []
        exact = [pairs.contained]
    else:
        intervals = pairs.tangents()
        exact = [hull([*pairs.contained, pairs.on_line(x)]) for interval in intervals for x in interval]
    _refuse_below(exact, m, target)
    boxes = 0
    while intervals:
        x1, x2 = intervals.pop()
        boxes += 1
        if at_least(hull([*pairs.contained, _meet(pairs, x1, x2)]), m) >= target:
            continue
        middle = (x1 + x2) / 2
        _refuse_below([hull([*pairs.contained, pairs.on_line(middle)])], m, target)
        if boxes > CELLS or x1 == x2:
            raise Undecided(f"the infimum is not decided by {boxes} intervals")
        intervals += [(x1, middle), (middle, x2)]
    return boxes


def _refuse_below(limits: list[Boundary], m: int, target: Fraction) -> None:
    """Refuse the target if members, or limits of members, lie below it."""
    for boundary in limits:
        if at_most(boundary, m) < target:
            raise Refused(
                f"the infimum is at most {digits(at_most(boundary, m))}, less than the claim allows"
            )


def _meet(pairs: Class, x1: Fraction, x2: Fraction) -> Point:
    z1, z2 = pairs.on_line(x1), pairs.on_line(x2)
    if x1 == x2:
        return z1
    fall = max(steepness(z1, r) for r in pairs.contained if r[0] >= x2 and r[0] > x1)
    rise = min(steepness(a, z2) for a in pairs.contained if a[0] <= x1)
    x = (z2[1] - z1[1] + fall * x1 - rise * x2) / (fall - rise)
    return x, z1[1] + fall * (x - x1)


# -- the supremum ----------------------------------------------------------------------------------
#
# Every member lies below a line through each forbidden point f. Let M₀ be the part of B below the greatest
# height, and M(s) the part of M₀ below the lines of slopes s. A member that touches ℓ at z_x contains K_x. So
# its slopes lie between the supporting slopes from f to K_x. V(M(s)) is bounded over a cell of slopes by
#
# join   all M(s) of a cell lie in the hull of those with the first j lines at their greatest slopes and the
#        others at their least, j = 0, …, k; or by
# bend   V is the greatest F = P^m(T) − Q^m(T) over tests T, and |F″| ≤ C along the coordinate λ of each line,
#        while it ends on the same two edges. So V is at most its greatest corner value plus Σ C Δλ²/8.


class Edge(NamedTuple):
    """An edge of M₀ seen from f: its slope (None: vertical), its height above f, and its end far from f.

    A vertical edge has its distance from f in place of a height.
    """

    slope: Fraction | None
    above: Fraction
    far: Point

    def reach(self, slope: Fraction) -> Fraction:
        """Horizontal distance from f at which a line through f ends on the edge."""
        return self.above if self.slope is None else abs(self.above / (self.slope - slope))

    def rest(self, x: Fraction, y: Fraction) -> tuple[Fraction, Fraction]:
        """Masses, in Q and in P, of what is left of the edge beyond its point (x, y)."""
        run = abs(x - self.far[0])
        return run, abs(y - self.far[1]) if self.slope is None else run * self.slope


UNKNOWN = Edge(None, ZERO, (ZERO, ZERO))


class Line(NamedTuple):
    """Lines through a forbidden point: its number, their least and greatest slope, the edges they end on."""

    number: int
    low: Fraction
    high: Fraction
    left: Edge
    right: Edge


class Cell(NamedTuple):
    """Slopes of some lines: a box, or a triangle (p, q).

    A triangle is the part of a box where line 0 meets ℓ left of line 1, both between p and q.
    """

    lines: tuple[Line, ...]
    triangle: tuple[Fraction, Fraction] | None = None

    @property
    def corners(self) -> list[tuple[Fraction, ...]]:
        """All corners; in a triangle line 0 is never flattest where line 1 is steepest."""
        ends = [(line.low, line.high) if line.low < line.high else (line.low,) for line in self.lines]
        return [
            c for c in product(*ends) if not self.triangle or c != (self.lines[0].low, self.lines[1].high)
        ]

    @property
    def steps(self) -> list[tuple[Fraction, ...]]:
        """Corners where the first j lines are steepest and the others flattest."""
        k = len(self.lines)
        return [
            tuple(line.high if i < j else line.low for i, line in enumerate(self.lines)) for j in range(k + 1)
        ]

    def split(self, i: int, slope: Fraction) -> list["Cell"]:
        """Two boxes, cut at a slope of line i."""
        parts = self.lines[i]._replace(high=slope), self.lines[i]._replace(low=slope)
        return [Cell((*self.lines[:i], part, *self.lines[i + 1 :])) for part in parts]


class Motion(NamedTuple):
    """How the letters of one law move as λ grows along one line: the line's own and the two beside it.

    The ends of the line's edge move by v and w, and by as much in the second order. Masses are lower bounds.
    """

    v: Fraction
    w: Fraction
    masses: tuple[Fraction, Fraction, Fraction]

    def by_letters(self, m: int, once: Fraction, twice: Fraction) -> Fraction:
        """(m‖p″‖₁ · once + m(m−1)‖p′‖₁² · twice)/2: ‖p′‖₁ ≤ 2max(v,w), and ‖p″‖₁ ≤ 2(v+w)."""
        return m * (self.v + self.w) * once + 2 * m * (m - 1) * max(self.v, self.w) ** 2 * twice

    def squares(self) -> tuple[Fraction, Fraction] | None:
        """I = Σ p′²/p and J = Σ p″²/p; None if a letter that moves may have no mass."""
        sums = []
        for own in (max(self.v, self.w), self.v + self.w):
            moving = [(x, mass) for x, mass in zip((self.v, own, self.w), self.masses, strict=True) if x > 0]
            if any(mass <= 0 for _, mass in moving):
                return None
            sums.append(sum((x * x / mass for x, mass in moving), ZERO))
        return sums[0], sums[1]


def root(x: Fraction) -> Fraction:
    """An upper bound on the square root."""
    return Fraction(math.isqrt((x.numerator << 120) // x.denominator) + 1, 1 << 60)


class Supremum:
    """The search of V over the greatest regions of a class."""

    def __init__(self, pairs: Class, m: int, target: Fraction) -> None:
        self.pairs, self.m, self.target = pairs, m, target
        self.greatest = below(pairs.within, (ZERO, pairs.high), pairs.gamma)  # M₀
        self.points = self._points_that_matter()
        self.excess = [pairs.gamma * u + pairs.h - w for u, w in self.points]  # of ℓ above f
        self.known: dict[tuple[object, ...], Fraction] = {}

    def _points_that_matter(self) -> list[Point]:
        """Points inside M₀ by abscissa, without those that a member reaches only if it reaches another."""
        inside = {(u, w) for u, w in self.pairs.forbidden if u > 0 and w < 1 and w < height(self.greatest, u)}
        kept = sorted(inside)
        for f in sorted(inside):
            reached = hull([*self.pairs.contained, f])
            if any(height(reached, u) >= w for u, w in kept if (u, w) != f):
                kept.remove(f)
        return kept

    def prove(self) -> int:
        """V ≤ target for all members; returns the number of cells that it took."""
        if at_most(self.greatest, self.m) <= self.target:
            return 1
        if len(self.points) > MOST_POINTS:
            raise Undecided(f"{len(self.points)} forbidden points matter, {MOST_POINTS} are searched")
        stack, count = self.first_cells(), 0
        while stack:
            cell, exact = stack.pop()
            count += 1
            if count > CELLS:
                raise Undecided(f"the supremum is not decided by {CELLS} cells")
            stack += [(part, exact) for part in self.what_is_left(cell, exact)]
        return count

    def what_is_left(self, cell: Cell, exact: bool) -> list[Cell]:
        """Nothing if V ≤ target all over a cell, else its parts.

        The corners of an exact cell are limits of members, so one of greater V refutes the claim.
        """
        values = [self.value(cell, corner) for corner in cell.corners]
        if exact and max(values) > self.target:
            reached = at_least(self.region(cell, cell.corners[values.index(max(values))]), self.m)
            if reached > self.target:
                raise Refused(f"the supremum is at least {digits(reached)}, more than the claim allows")
        rises = self.rises(cell)
        if rises is not None and max(values) + sum(rises) <= self.target:
            return []
        if rises is None or sum(rises) > COARSE:
            joined = hull([corner for step in cell.steps for corner in self.region(cell, step)])
            if at_most(joined, self.m) <= self.target:
                return []
        widths = rises or [line.high / line.low for line in cell.lines]
        i = widths.index(max(widths)) if widths else 0
        if not widths or cell.lines[i].low == cell.lines[i].high:
            raise Undecided(
                "the supremum is too close to what the claim allows for the rounding of this program"
            )
        return self.parts(cell, i, self.middle(cell.lines[i]))

    def region(self, cell: Cell, slopes: tuple[Fraction, ...]) -> Boundary:
        """M(s), of the lines of a cell."""
        region = self.greatest
        for line, slope in zip(cell.lines, slopes, strict=True):
            region = below(region, self.points[line.number], slope)
        return region

    def value(self, cell: Cell, slopes: tuple[Fraction, ...]) -> Fraction:
        """An upper bound on V(M(s)), each computed once."""
        key = (len(cell.lines), cell.lines[0].number, *slopes) if slopes else ()
        if key not in self.known:
            self.known[key] = at_most(self.region(cell, slopes), self.m)
        return self.known[key]

    def parts(self, cell: Cell, i: int, slope: Fraction) -> list[Cell]:
        """The parts of a cell, cut at a slope of line i."""
        if not cell.triangle:
            return cell.split(i, slope)
        (p, q), x = cell.triangle, self.meets(i, slope)
        return [self.triangle(cell, p, x), self.triangle(cell, x, q), self.rectangle(cell, (p, x), (x, q))]

    def middle(self, line: Line) -> Fraction:
        """A slope between two, whose distance from γ is about the geometric mean of theirs; any would do."""
        if line.low < self.pairs.gamma < line.high:
            return self.pairs.gamma
        ends = float(line.low - self.pairs.gamma), float(line.high - self.pairs.gamma)
        short = Fraction(round(math.copysign(math.sqrt(ends[0] * ends[1]), sum(ends)) * 2**30), 2**30)
        middle = self.pairs.gamma + short
        return middle if line.low < middle < line.high else (line.low + line.high) / 2

    # -- the cells to begin with

    def first_cells(self) -> list[tuple[Cell, bool]]:
        """Cells that cover all slopes of members, and whether each is exact.

        Within a cell every line ends on the same two edges of M₀, as long as it does not meet the other line.
        """
        cells = self._slopes_of_members() if self.points else [(Cell(()), True)]
        done = []
        while cells:
            cell, exact = cells.pop()
            numbers = [line.number for line in cell.lines]
            if any(line.low > line.high for line in cell.lines):
                continue
            if len(numbers) == 2 and not cell.triangle:
                # a line that passes below the other's point makes the other superfluous
                between = steepness(*self.points)
                if cell.lines[0].high <= between or cell.lines[1].low >= between:
                    kept = cell.lines[0] if cell.lines[0].high <= between else cell.lines[1]
                    cells.append((Cell((kept,)), exact))
                    continue
                kinks = [[between], [between]]
            else:
                kinks = [[] for _ in numbers]
            for i, line in enumerate(cell.lines):
                u, w = self.points[line.number]
                kinks[i] += [(y - w) / (x - u) for x, y in self.greatest if x != u]
                inside = [slope for slope in kinks[i] if line.low < slope < line.high]
                if inside:
                    cells += [(part, exact) for part in self.parts(cell, i, inside[0])]
                    break
            else:
                lines = [
                    line._replace(left=self._edge(line, right=False), right=self._edge(line, right=True))
                    for line in cell.lines
                ]
                done.append((cell._replace(lines=tuple(lines)), exact))
        return done

    def _edge(self, line: Line, right: bool) -> Edge:
        """The edge of M₀ left or right of f on which a line ends at all its slopes."""
        u, w = self.points[line.number]
        for start, stop in pairwise(self.greatest):
            near, far = (start, stop) if right else (stop, start)
            side = 1 if right else -1
            if side * (far[0] - u) <= 0:
                continue  # on the other side of f
            # the line must pass above the far end and, if that is on this side, below the near one
            over = [[y - w - slope * (x - u) for x, y in (near, far)] for slope in (line.low, line.high)]
            if all(b <= 0 and (a >= 0 or side * (near[0] - u) <= 0) for a, b in over):
                slope = None if start[0] == stop[0] else steepness(start, stop)
                above = abs(u - start[0]) if slope is None else start[1] + slope * (u - start[0]) - w
                return Edge(slope, above, far)
        raise AssertionError("a line through a point of a region leaves it")

    def _slopes_of_members(self) -> list[tuple[Cell, bool]]:
        supports = [supporting_slopes(f, self.pairs.contained) for f in self.points]
        if self.pairs.least_is_contained:
            return [(Cell(tuple(Line(i, *s, UNKNOWN, UNKNOWN) for i, s in enumerate(supports))), True)]
        cells = []
        for first, last in self.pairs.tangents():
            lines, places = [], []
            for i, ((u, _), e, (low, high)) in enumerate(
                zip(self.points, self.excess, supports, strict=True)
            ):
                # of the x in the interval, the one that leaves most slopes: f lies e below ℓ
                x = (last if first >= u else first) if e >= 0 else min(max(u, first), last)
                if x > u:
                    low = max(low, self.slope(i, x))
                elif x < u:
                    high = min(high, self.slope(i, x))
                places.append(x)
                lines.append(Line(i, low, high, UNKNOWN, UNKNOWN))
            cell = Cell(tuple(lines))
            if len(lines) == 2 and min(self.excess) > 0 and places == [last, first] and first < last:
                cells += [(part, True) for part in self._left_of_each_other(cell)]
            else:
                cells.append((cell, len(set(places)) == 1))
        return cells

    def meets(self, number: int, slope: Fraction) -> Fraction:
        """The abscissa at which a line meets ℓ."""
        return self.points[number][0] + self.excess[number] / (slope - self.pairs.gamma)

    def slope(self, number: int, x: Fraction) -> Fraction:
        """The slope of the line that meets ℓ at x."""
        return self.pairs.gamma + self.excess[number] / (x - self.points[number][0])

    def _left_of_each_other(self, cell: Cell) -> list[Cell]:
        """The part of a box where line 0 meets ℓ left of line 1: a tangent point lies between."""
        (_, low, high, _, _), (_, flat, steep, _, _) = cell.lines
        a, b, c, d = self.meets(0, high), self.meets(0, low), self.meets(1, steep), self.meets(1, flat)
        if a > b or c > d or b <= c:
            return [cell]
        p, q = max(a, c), min(b, d)
        if p > q:
            return []
        parts = [self.rectangle(cell, (p, q), (q, d))] * (q < d) + [self.rectangle(cell, (a, p), (p, d))] * (
            a < p
        )
        return [*parts, self.triangle(cell, p, q)]

    def rectangle(
        self, cell: Cell, first: tuple[Fraction, Fraction], second: tuple[Fraction, Fraction]
    ) -> Cell:
        """Lines that meet ℓ between two abscissas each; the least slope belongs to the second abscissa."""
        lines = [
            line._replace(low=self.slope(line.number, place[1]), high=self.slope(line.number, place[0]))
            for line, place in zip(cell.lines, (first, second), strict=True)
        ]
        return Cell(tuple(lines))

    def triangle(self, cell: Cell, p: Fraction, q: Fraction) -> Cell:
        """Both lines meet ℓ between p and q."""
        return Cell(self.rectangle(cell, (p, q), (p, q)).lines, (p, q) if p < q else None)

    # -- bends

    def rises(self, cell: Cell) -> list[Fraction] | None:
        """C Δλ²/8 for each line; None where lines cross here and there in the cell."""
        axes = self._axes(cell)
        if axes is None:
            return None
        m, speakers = self.m, self._speakers(cell, axes)
        # the square root of the error of a test that beats the target somewhere, anywhere in the cell
        error = root(max(1 - self.target, ZERO))
        for motions, spread in axes:
            sums = [motion.squares() for motion in motions]
            information = sum((square[0] for square in sums if square), ZERO)
            error += ONE if None in sums else root(m * information * spread) / 2
        rises = []
        for motions, spread in axes:
            bend, scores = ZERO, []
            for motion, mass in zip(motions, speakers, strict=True):
                once, twice = (min(ONE, error**2 / mass**k) if mass > 0 else ONE for k in (1, 2))
                bend += motion.by_letters(m, once, twice)
                square = motion.squares()
                scores += [2 * m * (m - 1) * square[0] ** 2 + m * square[1]] if square else []
            if len(scores) == 2:
                q, p = scores
                bend = min(bend, (root(q) + root(p)) / 2, error * root(q + p))
            rises.append(bend * spread / 8)
        if cell.triangle:
            rises[1] = max(rises[1], self._rise_along_diagonal(cell))
        return rises

    def _axes(self, cell: Cell) -> list[tuple[list[Motion], Fraction]] | None:
        """The motions of Q and P as one line turns, and Δλ² ≤ (ρ−1)²/ρ with ρ = exp Δλ.

        Let the line of slope s end at distances p and r from f, on edges of slopes a > s > b. The coordinate
        is λ = log((s−b)/(a−s)), and λ′ = 1 moves the ends by v = p(s−b)/(a−b) and w = r(a−s)/(a−b) in x, by
        av and bw in y.
        """
        lines, axes = cell.lines, []
        widths = [line.left.reach(line.low) + line.right.reach(line.high) for line in lines]  # at least
        if len(lines) == 2:
            first, second = lines
            d = self.points[1][0] - self.points[0][0]
            # distances from f₀ to the right ends of line 0 and to the left ends of line 1
            nearest, farthest = first.right.reach(first.high), first.right.reach(first.low)
            leftmost, rightmost = d - second.left.reach(second.high), d - second.left.reach(second.low)
            below_line = (
                bool(cell.triangle) and self.pairs.h == self.pairs.high
            )  # the lines cross above ℓ, on M₀
            apart = below_line or farthest <= leftmost
            if not apart:  # then the lines must cross all over the cell
                if nearest < rightmost or first.low <= second.high:
                    return None
                slope = steepness(*self.points)
                near, far = (
                    (slope - t) / (s - t) * d for s, t in ((first.high, second.high), (first.low, second.low))
                )
                widths = [first.left.reach(first.low) + near, d - far + second.right.reach(second.high)]
        for i, line in enumerate(lines):
            (u, w), low, high = self.points[line.number], line.low, line.high
            p, r = line.left.reach(high), line.right.reach(low)
            a_low = a_high = line.left.slope
            b_low = b_high = line.right.slope or ZERO
            beside = [line.left.rest(u - p, w - p * high), line.right.rest(u + r, w + r * low)]
            if len(lines) == 2:
                other = lines[1 - i]
                if not apart:  # the other line is the neighbour, and turns too
                    beside[1 - i] = widths[1 - i], widths[1 - i] * other.low
                    if i == 0:
                        b_low, b_high, r = other.low, other.high, far
                    else:
                        a_low, a_high, p = other.low, other.high, d - near
                elif lines[0].right.slope == lines[1].left.slope:  # both end on one edge of M₀
                    gap = leftmost - farthest
                    beside[1 - i] = gap, gap * (lines[0].right.slope or ZERO)
            if low <= b_high or (a_low is not None and a_low <= high):
                return None
            if a_low is None or a_high is None:
                ends_move = [(ZERO, r), (p * (high - b_low), b_high * r)]
                rho = (high - b_high) / (low - b_high)
            else:
                v, w = p * (high - b_low) / (a_low - b_low), r * (a_high - low) / (a_high - b_high)
                ends_move = [(v, w), (a_high * v, b_high * w)]
                rho = (high - b_high) * (a_low - low) / ((low - b_high) * (a_low - high))
            own = widths[i], widths[i] * low
            motions = [Motion(*ends_move[law], (beside[0][law], own[law], beside[1][law])) for law in (0, 1)]
            axes.append((motions, (rho - 1) ** 2 / rho))
        return axes

    def _speakers(self, cell: Cell, axes: list[tuple[list[Motion], Fraction]]) -> tuple[Fraction, Fraction]:
        """The least mass in Q of the common letter of greatest ratio, and in P of that of least ratio."""
        steps = [(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(self.greatest)]
        first, last = cell.lines[0].left, cell.lines[-1].right
        (beside, own, _), (_, last_own, last_beside) = axes[0][0][0].masses, axes[-1][0][1].masses
        if first.slope is not None:  # the first letter of M₀ with Q-mass is left of the lines
            own = beside if first.far[0] == 0 else next(x for x, _ in steps if x > 0)
        if last.slope != 0:
            last_own = last_beside if last.far[1] == 1 else next(y for _, y in reversed(steps) if y > 0)
        return own, last_own

    def _rise_along_diagonal(self, cell: Cell) -> Fraction:
        """The same for the motion of both lines through one z_x, along x.

        Then dx = w dλ for line 0, and its left end moves by v/w. For line 1 dx = v dλ, and its right end
        moves by w/v. And z_x moves by 1 in x and by γ in y.
        """
        p, q = cell.triangle or (ZERO, ZERO)
        gamma, m = self.pairs.gamma, self.m
        s, t = cell.lines[0].high, cell.lines[1].low
        near, far = p - self.points[0][0], self.points[1][0] - q
        a, b = cell.lines[0].left.slope, cell.lines[1].right.slope or ZERO
        p_0, r_1 = cell.lines[0].left.reach(s), cell.lines[1].right.reach(t)
        if a is None:
            w_0, v_0 = near, (ZERO, p_0 * (s - gamma))
        else:
            v = p_0 * (s - gamma) / (a - gamma)
            w_0, v_0 = near * (a - s) / (a - gamma), (v, a * v)
        v_1, w_1 = far * (t - b) / (gamma - b), r_1 * (gamma - t) / (gamma - b)
        total = ZERO
        for v, w, unit in zip(v_0, (w_1, b * w_1), (ONE, gamma), strict=True):
            first = max(unit, 2 * v / w_0 - unit) + max(unit, 2 * w / v_1 - unit)
            second = 4 * (v / w_0**2 + w / v_1**2)
            total += (m * second + m * (m - 1) * first**2) / 2
        return total * (q - p) ** 2 / 8


# -- the certificate -------------------------------------------------------------------------------


def digits(value: Fraction) -> str:
    """Fifteen decimals, for people."""
    return f"{float(value):.15f}".rstrip("0")


def number(text: object, name: str) -> Fraction:
    """A decimal or a fraction, given as a string so that nothing is rounded on the way."""
    if not isinstance(text, str) or not re.fullmatch(
        r"\d{1,60}(\.\d{1,60})?(e[-+]?\d{1,3})?|\d{1,60}/0*[1-9]\d{0,60}", text, re.ASCII
    ):
        raise Refused(f'{name} must be a decimal such as "0.11" or a fraction such as "1/7", got {text!r}')
    return Fraction(text)


def points(value: object, name: str) -> list[Point]:
    """A list of pairs of numbers between 0 and 1."""
    if not isinstance(value, list) or not all(isinstance(pair, list) and len(pair) == 2 for pair in value):
        raise Refused(f"{name} must be a list of pairs, got {value!r}")
    read = [(number(x, name), number(y, name)) for x, y in value]
    for x, y in read:
        if not (0 <= x <= 1 and 0 <= y <= 1):
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
    given = fields(value, "class", "", " ".join(WORDS))
    at = {name: points(given.get(name, []), name) for name in list(WORDS)[4:]}
    for name, pairs in at.items():
        for eps, delta in pairs:
            if eps >= delta:
                raise Refused(f"{name} must have eps < delta, got ({eps}, {delta})")
    at |= {name: [(1 - y, 1 - x) for x, y in at[name]] for name in ("augmentation", "no_augmentation")}
    gamma, low, high = ONE, ZERO, ONE
    if "hockey_stick" in given:
        if "tau" in given:
            raise Refused("class has both tau and hockey_stick")
        if not isinstance(given["hockey_stick"], list) or len(given["hockey_stick"]) != 2:
            raise Refused(f"hockey_stick must be a pair, got {given['hockey_stick']!r}")
        gamma, low = (number(text, "hockey_stick") for text in given["hockey_stick"])
        high = low
    elif "tau" in given:
        tau = given["tau"] if isinstance(given["tau"], list) else [given["tau"], given["tau"]]
        ((low, high),) = points([tau], "tau")
    if not (gamma > 0 and max(ZERO, 1 - gamma) <= low <= high <= 1):
        raise Refused(f"no pair has a distance between {low} and {high}")
    contained = hull([*points(given.get("contains", []), "contains"), *at["collapse"], *at["augmentation"]])
    within = hull(points(given.get("within", [["0", "1"]]), "within"))
    return Class(contained, within, gamma, low, high, at["no_collapse"] + at["no_augmentation"])


def witness(pairs: Class, value: object, name: str) -> Boundary:
    """The member of a witness: the hull of A, of z_x if x is given, and of further corners."""
    given = fields(value, name, "corners", "x")
    corners = [*pairs.contained, *points(given["corners"], f"corners of the {name}")]
    if "x" in given:
        corners += points([[given["x"], "0"]], f"x of the {name}")
        corners[-1] = pairs.on_line(corners[-1][0])
    if any(y < x or y > 1 for x, y in corners):
        raise Refused(f"the {name} has a corner below the diagonal or above 1")
    member = hull(corners)
    reason = pairs.why_not(member)
    if reason:
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
    proved = [f"Of all pairs (P, Q) with {describe(given['class'])}:"]
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
        proved.append(
            f"the {end} of d_TV(P^{m}, Q^{m}) is {claim['value']}, within {claim['gap']} (bounds: {count})"
        )
    return "\n".join(proved)


def describe(given: object) -> str:
    """A class in words."""
    words = []
    for name, value in fields(given, "class", "", " ".join(WORDS)).items():
        pairs = value if isinstance(value, list) and value and isinstance(value[0], list) else [value]
        words += [WORDS[name].format(", ".join(v) if isinstance(v, list) else v) for v in pairs if v]
    return ", ".join(words) or "any distance"


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
