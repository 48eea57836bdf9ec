"""Points, intervals and packing degrees of the command line, as numbers."""

from __future__ import annotations

import re
from argparse import ArgumentTypeError
from itertools import islice

from modecollapse.files.pmfs import number, numbers

MOST_DEGREES = 10**6
"""More packing degrees in one command are refused: a slip such as 1:10000000000 must not fill the memory."""


RANGE = re.compile(r"\s*(\d+)\s*[-–:]\s*(\d+)\s*(?::\s*(\d+)\s*)?")
"""First and last degree, and a step: 1:10, 1-10 or 10:100:10."""


def real(text: str) -> float:
    """'.2', '1/5' or '20%' as 0.2, for an option of one number.

    Raises
    ------
    argparse.ArgumentTypeError
    """
    try:
        return number(text)
    except ValueError as error:
        raise ArgumentTypeError(str(error)) from None


def in_british(text: str) -> str:
    """A word in the spelling that the options have: 'randomized' as 'randomised'."""
    return text.replace("randomiz", "randomis")


def point(option: str, text: str) -> tuple[float, float]:
    """'EPS,DELTA' as a pair."""
    pair = numbers(option, text)
    if len(pair) != 2:
        raise ValueError(f"{option} takes EPS,DELTA, got {text!r}")
    return pair[0], pair[1]


def interval(text: str) -> float | tuple[float, float]:
    """'.11' as a number, '.1:.2' as a pair."""
    try:
        ends = [number(part) for part in text.split(":")]
    except ValueError:
        ends = []
    if len(ends) not in (1, 2):
        raise ValueError(f"takes a number such as .11 or an interval such as .1:.2, got {text!r}")
    return ends[0] if len(ends) == 1 else (ends[0], ends[1])


AUTO = "auto"
"""In place of a number of cells: the samples choose it."""


def cells(text: str) -> int | str:
    """'25', or 'auto'.

    Raises
    ------
    argparse.ArgumentTypeError
    """
    if text == AUTO:
        return AUTO
    try:
        return int(text)
    except ValueError:
        raise ArgumentTypeError(f"takes a number of cells or {AUTO}, got {text!r}") from None


def degrees(text: str) -> list[int]:
    """'5', '1,2,5', '1:10' or '1-10' (both ends included), or '10:100:10'."""
    listed: list[int] = []
    try:
        for part in text.split(","):
            span = RANGE.fullmatch(part)
            first, last, step = span.groups(default="1") if span else (part, part, "1")
            every = range(int(first), int(last) + 1, int(step))
            listed += islice(every, MOST_DEGREES + 1 - len(listed))
    except ValueError:
        raise ValueError(
            f"--m takes degrees such as 5, 1,2,5, 1:10, 1-10 or 10:100:10, got {text!r}"
        ) from None
    if not listed:
        raise ValueError(f"--m names no packing degree, got {text!r}")
    if len(listed) > MOST_DEGREES:
        raise ValueError(f"--m takes {MOST_DEGREES} packing degrees at most, got more in {text!r}")
    return listed
