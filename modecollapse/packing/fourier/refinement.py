"""The search for the number of nodes that makes a bracket narrow enough.

Its constants are choices that affect the cost. Brackets hold at any number of nodes, so no proof rests on
these constants.
"""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

from modecollapse.arrays import FloatArray
from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing.fourier.node_sums import work

MAX_TERMS = 2 * 10**9
"""Default limit on letters × nodes (2 to 4 seconds)."""

MAX_NODES = 2**26
"""Node numbers below this have 26 bits, so their products with half a double are exact."""

FIRST_NODES = 1024
"""Nodes of the first attempt."""

LETTERS_A_NODE = 8
"""Letters a node of the first attempt at least: with so many letters the nodes cost little."""

MAX_RESOLUTION = 8.0
"""Largest resolution η = T/N, in units of log likelihood.

Coarser nodes tell nothing, and e^η must not overflow.
"""

SLOWEST_RATE, FASTEST_RATE = 0.5, 2.0
"""Powers of the number of nodes by which a width may fall: 1/N² where S is spread out, 1/N at an atom."""

LEAST_GROWTH, MOST_GROWTH = 1.25, 32
"""Factors between one number of nodes and the next."""

SPARE_NODES = 1.1
"""Width aimed for is less than the width asked for by this factor, lest a step miss by a hair."""

REACHABLE = 0.9
"""A width is refused if rounding alone takes more than this part of it."""

WORTH_A_STEP = 0.7
"""A width is refused if the limit is out of reach and this part of the limit is already spent."""


class Step(NamedTuple):
    """Result of a sum over N nodes."""

    bracket: Bracket
    """Two ends that hold."""
    estimate: float
    """A number inside, usually much nearer to the truth than the ends."""
    floor: float
    """The part of the width that more nodes do not remove."""
    terms: float
    """Cost: letters evaluated, and nodes counted in letters."""


class Angles(Protocol):
    """Letters as angles."""

    @property
    def weights(self) -> FloatArray:
        """Tilted masses, one a letter."""


class Sums(Protocol):
    """A function from the number of nodes to a bracket."""

    @property
    def period(self) -> float:
        """T, the period of the function that is summed."""

    @property
    def wheel(self) -> Angles:
        """The letters as angles."""

    def __call__(self, count: int) -> Step:
        """Sum over `count` nodes."""


def refine(sums: Sums, simple: Bracket, width: float, limit: float) -> Step:
    """Add nodes until the bracket is narrow enough; refuse if that would cost more than the limit.

    Parameters
    ----------
    sums : Sums
        The brackets.
    simple : Bracket
        A bracket known beforehand.
    width : float
        Width that the bracket must reach.
    limit : float
        Limit on the work, in letters × nodes.

    Raises
    ------
    PrecisionError
        With the best bracket.
    """
    best = Step(simple, simple.middle, 0.0, 0.0)
    if simple.width <= width:
        return best
    letters, rate = len(sums.wheel.weights), FASTEST_RATE
    count = max(FIRST_NODES, letters // LETTERS_A_NODE, math.ceil(sums.period / MAX_RESOLUTION))
    least = work(letters, count)
    if least > limit or count >= MAX_NODES:
        raise PrecisionError(
            f"{count:.1e} nodes for {letters} letters are the least that says anything, "
            f"{least:.1e} terms, more than the limit of {limit:.1e} "
            f"terms and {MAX_NODES:.0e} nodes; affinities alone give a bracket {simple.width:.1e} wide",
            simple,
        )
    previous: tuple[int, float] | None = None
    while True:
        step = sums(count)
        best = narrower(best, step)
        if best.bracket.width <= width:
            return best
        goal = width if step.floor <= REACHABLE * width else 2 * step.floor
        if best.bracket.width <= goal:
            raise PrecisionError(
                f"what is set aside for rounding, {step.floor:.1e}, exceeds the width {width:.1e} asked for; "
                f"the bracket is {best.bracket.width:.1e} wide",
                best.bracket,
            )
        removable = step.bracket.width - step.floor
        if previous is not None and 0 < removable < previous[1]:
            rate = math.log(previous[1] / removable) / math.log(count / previous[0])
        rate = min(max(rate, SLOWEST_RATE), FASTEST_RATE)
        needed = count * (SPARE_NODES * removable / (goal - step.floor)) ** (1 / rate)
        each = step.terms / count
        most = int(min(limit / each, MAX_NODES - 1))
        if needed > most and count >= WORTH_A_STEP * most:
            raise PrecisionError(
                f"a width of {width:.1e} needs about {needed:.1e} nodes of {each:.0f} terms, "
                f"{needed * each:.1e} in all, more than the limit of {limit:.1e} terms and "
                f"{MAX_NODES:.0e} nodes; the bracket is {best.bracket.width:.1e} wide",
                best.bracket,
            )
        previous = count, removable
        count = int(min(max(needed, LEAST_GROWTH * count), MOST_GROWTH * count, most))


def narrower(best: Step, step: Step) -> Step:
    """The step with its bracket narrowed to the part inside the best one so far: both brackets hold."""
    lower = max(best.bracket.lower, step.bracket.lower)
    upper = min(best.bracket.upper, step.bracket.upper)
    return step._replace(bracket=Bracket(lower, upper), estimate=min(max(step.estimate, lower), upper))
