"""Certificates: the range of a packed total variation as a file that others can check.

The file is JSON and says the class in the words and decimals in which it was given, m, both ends with their
gaps, and for each end a member of the class whose total variation of m samples is within the gap. `verify`
reads nothing else, and proves the ends from it in exact arithmetic (docs/theory.md §10). It finds its bounds
itself: no list of intervals or boxes is needed.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import product
from typing import Any, NamedTuple

from modecollapse.region import Region
from modecollapse.theorems import verify
from modecollapse.theorems.classes import POINTS, PairClass
from modecollapse.theorems.verify import ZERO, Boundary, Point

DECIMALS = 45
"""Decimals of the corners of a witness: enough to tell a corner from one that is a gap of 1e-12 away."""

NEAR = Fraction(1, 10**14)
"""Corners and tangent points of a region of doubles are compared with exact ones within this much."""


class End(NamedTuple):
    """One end of a range: its value, its gap, and a region that has the value."""

    value: float
    gap: float
    region: Region


def certificate(pairs: PairClass, m: int, infimum: End, supremum: End) -> str:
    """The certificate of a range of d_TV(P^m, Q^m), as JSON.

    Parameters
    ----------
    pairs : PairClass
    m : int
    infimum, supremum : End

    Returns
    -------
    str
        What `modecollapse verify` reads.

    Raises
    ------
    ValueError
        If the checker does not treat the class: more than two forbidden points matter, or the decimals of
        the class have no member although their doubles count as equal to a threshold.
    """
    conditions = _conditions(pairs)
    exact = verify.read_class(conditions)
    if len(exact.mattering) > verify.MOST_POINTS:
        raise ValueError(
            f"a certificate is of a class with at most {verify.MOST_POINTS} forbidden points that matter for "
            f"the supremum, got {', '.join(f'({float(u):.6g}, {float(w):.6g})' for u, w in exact.mattering)}"
        )
    contents = {"format": verify.FORMAT, "class": conditions, "m": m}
    for name, end in (("infimum", infimum), ("supremum", supremum)):
        contents[name] = {
            "value": repr(float(end.value)),
            "gap": repr(float(end.gap)),
            "witness": _witness(exact, m, name, end),
        }
    return json.dumps(contents, indent=2) + "\n"


def _conditions(pairs: PairClass) -> dict[str, Any]:
    """The class in the words in which it was given, numbers as the decimals that they print as."""
    words: dict[str, Any] = {}
    for name in ("tau", "hockey_stick"):
        value = getattr(pairs, name)
        if value is not None:
            words[name] = [repr(x) for x in value] if isinstance(value, tuple) else repr(value)
    for name in POINTS:
        if getattr(pairs, name):
            words[name] = [[repr(x) for x in point] for point in getattr(pairs, name)]
    for name in ("contains", "within"):
        region = getattr(pairs, name)
        if region is not None:
            words[name] = [[repr(x) for x in corner] for corner in region.vertices.tolist()]
    return words


# -- witnesses -------------------------------------------------------------------------------------


def _witness(exact: verify.Class, m: int, name: str, end: End) -> dict[str, Any]:
    """A member of the class within the gap of an end, as the checker reads it."""
    value, gap = Fraction(repr(float(end.value))), Fraction(repr(float(end.gap)))
    seek = _least_members if name == "infimum" else _greatest_members
    why = "no tangent point is left"
    for candidate in seek(exact, m, end.region, gap):
        try:
            member = verify.witness(exact, candidate, "region there")
        except verify.Refused as reason:
            why = str(reason)
            continue
        why = "those found have another value"
        try:
            if name == "infimum" and verify.at_most(member, m) <= value + gap:
                return candidate
            if name == "supremum" and verify.at_least(member, m) >= value - gap:
                return candidate
        except verify.Undecided as reason:
            why = str(reason)
    raise ValueError(
        f"no certificate: taken as exact decimals, the class has no member that was found within {end.gap!r} "
        f"of its {name} {end.value!r}: {why}"
    )


def _least_members(exact: verify.Class, m: int, region: Region, gap: Fraction) -> Iterator[dict[str, Any]]:
    """Least regions that touch ℓ close to where the region does."""
    x = max(_corners(region), key=lambda corner: corner[1] - exact.gamma * corner[0])[0]
    for near in _tangents(exact, (x, x), gap / (8 * m)):
        yield {"x": _text(near), "corners": []}


def _greatest_members(exact: verify.Class, m: int, region: Region, gap: Fraction) -> Iterator[dict[str, Any]]:
    """Members close to a greatest region: hulls of a least region and of corners moved a little towards it.

    The greatest region is rebuilt exactly: its lines support the region of doubles and the least region.
    """
    corners = _corners(region)
    touching = _stretch(corners, exact.gamma, exact.h - NEAR)
    for tangent in _tangents(exact, touching, gap / (8 * m)):
        x, inner = {"x": _text(tangent)}, exact.least(tangent)
        yield {**x, "corners": []}
        outer = exact.greatest
        for f in exact.mattering:
            flattest, steepest = verify.supporting_slopes(f, corners)
            low, high = verify.supporting_slopes(f, inner)
            slope = min(max((flattest + steepest) / 2, low), high)
            outer = verify.below(outer, (f, (verify.ONE, slope)))
        yield {**x, "corners": _texts(outer)}
        for share in (gap / (16 * m), gap / (4 * m), gap / (2 * m)):
            for kept in product((True, False), repeat=2):  # first those with as few letters as the region
                yield {**x, "corners": _texts(_moved(corner, inner, share, *kept) for corner in outer)}


def _corners(region: Region) -> Boundary:
    return [(Fraction(repr(x)), Fraction(repr(y))) for x, y in region.vertices.tolist()]


def _stretch(boundary: Boundary, gamma: Fraction, level: Fraction) -> tuple[Fraction, Fraction]:
    """The abscissas between which a boundary rises to y = γx + level, or is highest over γx."""
    heights = [y - gamma * x for x, y in boundary]
    level = min(level, max(heights))
    x = [corner[0] for corner, over in zip(boundary, heights, strict=True) if over >= level]
    for i in range(len(boundary) - 1):
        if (heights[i] - level) * (heights[i + 1] - level) < 0:
            share = (level - heights[i]) / (heights[i + 1] - heights[i])
            x.append(boundary[i][0] + share * (boundary[i + 1][0] - boundary[i][0]))
    return min(x), max(x)


def _tangents(exact: verify.Class, about: tuple[Fraction, Fraction], step: Fraction) -> Iterator[Fraction]:
    """Tangent points of the class in an interval or close to it, the middle first, then a step inwards."""
    pieces = []
    for first, last in exact.tangents:
        low, high = (min(max(x, first), last) for x in about)
        distance = max(low - about[1], about[0] - high, ZERO)
        pieces.append((distance, first, last, (low + high) / 2))
    for _, first, last, x in sorted(pieces):
        yield from (end for end in (first, last) if about[0] - NEAR <= end <= about[1] + NEAR)
        yield x
        for inside in (step / 2**16, step / 2**8, step):
            margin = min(inside, (last - first) / 4)
            yield min(max(x, first + margin), last - margin)


def _moved(corner: Point, inner: Boundary, share: Fraction, on_left: bool, on_top: bool) -> Point:
    """A corner moved to the right and down, each a share of the way to a region below it.

    A corner with x = 0 stays `on_left`, or one with y = 1 `on_top`: else it is a letter more.
    """
    x, y = corner
    right = ZERO if on_left and x == 0 else share * (_reaching(inner, y) - x)
    down = ZERO if on_top and y == 1 else share * (y - verify.height(inner, x))
    return x + right, y - down


def _reaching(boundary: Boundary, y: Fraction) -> Fraction:
    """The least x with g(x) ≥ y."""
    turned = [(1 - b, 1 - a) for a, b in reversed(boundary)]  # the boundary of (Q, P)
    return 1 - verify.height(turned, 1 - y)


def _texts(corners: Iterable[Point]) -> list[list[str]]:
    return [[_text(x), _text(y)] for x, y in corners]


def _text(x: Fraction) -> str:
    """A number as the checker reads it: as a decimal or a short fraction if it is one, else rounded."""
    scaled = round(x * 10**DECIMALS)
    if scaled != x * 10**DECIMALS and max(len(str(x.numerator)), len(str(x.denominator))) <= DECIMALS:
        return str(x)
    digits = f"{scaled // 10**DECIMALS}.{scaled % 10**DECIMALS:0{DECIMALS}d}"
    return digits.rstrip("0").rstrip(".")
