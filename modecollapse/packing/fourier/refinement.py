"""Ever more nodes, until a bracket is narrow enough or the next step would cost too much."""

from __future__ import annotations

import math
from typing import NamedTuple, Protocol

from modecollapse.brackets import Bracket
from modecollapse.errors import PrecisionError
from modecollapse.packing.fourier.node_sums import NODE_TERMS, Wheel

MAX_TERMS = 2 * 10**9
"""Refuse to evaluate more letters × nodes than this unless told to (2 to 4 seconds)."""

MAX_NODES = 2**26
"""Node numbers below this times half a double are exact."""

FIRST_NODES = 1024
MAX_RESOLUTION = 8.0
"""Coarser nodes than this many units of log likelihood each are useless (and e^{η} must not overflow)."""


class Step(NamedTuple):
    """What N nodes give."""

    bracket: Bracket
    estimate: float
    floor: float
    """The part of the width that more nodes do not remove."""
    terms: float
    """Letters evaluated, and nodes in letters."""


class Sums(Protocol):
    """Brackets by number of nodes."""

    @property
    def period(self) -> float:
        """T, the period of what is summed."""

    @property
    def wheel(self) -> Wheel:
        """The letters, as angles."""

    def __call__(self, count: int) -> Step:
        """What `count` nodes give."""


def refine(sums: Sums, simple: Bracket, width: float, limit: float) -> Step:
    """Double and redouble the nodes until the bracket is narrow enough, or the next would cost too much."""
    best = Step(simple, simple.middle, 0.0, 0.0)
    if simple.width <= width:
        return best
    count, rate = max(FIRST_NODES, math.ceil(sums.period / MAX_RESOLUTION)), 2.0
    if count * (len(sums.wheel.weights) + NODE_TERMS) > limit or count >= MAX_NODES:
        raise PrecisionError(
            f"{count:.1e} nodes for {len(sums.wheel.weights)} letters are the least that says anything, "
            f"{count * (len(sums.wheel.weights) + NODE_TERMS):.1e} terms, more than the limit of {limit:.1e} "
            f"terms and {MAX_NODES:.0e} nodes; affinities alone give a bracket {simple.width:.1e} wide",
            simple,
        )
    previous: tuple[int, float] | None = None
    while True:
        step = sums(count)
        best = narrower(best, step)
        if best.bracket.width <= width:
            return best
        goal = width if step.floor <= 0.9 * width else 2 * step.floor
        if best.bracket.width <= goal:
            raise PrecisionError(
                f"what is set aside for rounding, {step.floor:.1e}, exceeds the width {width:.1e} asked for; "
                f"the bracket is {best.bracket.width:.1e} wide",
                best.bracket,
            )
        removable = step.bracket.width - step.floor
        if previous is not None and 0 < removable < previous[1]:
            rate = math.log(previous[1] / removable) / math.log(count / previous[0])
        rate = min(max(rate, 0.5), 2.0)
        needed = count * (1.1 * removable / (goal - step.floor)) ** (1 / rate)
        each = step.terms / count
        most = int(min(limit / each, MAX_NODES - 1))
        if needed > most and count >= 0.7 * most:
            raise PrecisionError(
                f"a width of {width:.1e} needs about {needed:.1e} nodes of {each:.0f} terms, "
                f"{needed * each:.1e} in all, more than the limit of {limit:.1e} terms and "
                f"{MAX_NODES:.0e} nodes; the bracket is {best.bracket.width:.1e} wide",
                best.bracket,
            )
        previous = count, removable
        count = int(min(max(needed, 1.25 * count), 32 * count, most))


def narrower(best: Step, step: Step) -> Step:
    """Both brackets hold, so what they share does."""
    lower = max(best.bracket.lower, step.bracket.lower)
    upper = min(best.bracket.upper, step.bracket.upper)
    return step._replace(bracket=Bracket(lower, upper), estimate=min(max(step.estimate, lower), upper))
