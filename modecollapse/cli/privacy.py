"""The command `privacy`: how private some uses of a mechanism are, between two certain ends."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from modecollapse.brackets import Bracket
from modecollapse.cli.reading import in_british, real
from modecollapse.errors import PrecisionError
from modecollapse.files.pmfs import numbers

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from modecollapse import RegionBracket
    from modecollapse.cli.commands import Answer

PARAMETERS = {
    "gaussian": ("sigma", "standard deviation of the noise, divided by the sensitivity"),
    "laplace": ("scale", "scale of the noise, divided by the sensitivity"),
    "randomised-response": ("truth", "probability of the true answer"),
}
"""The parameter of each mechanism."""

ANSWERS = 2
"""Possible answers of a randomised response unless others are given."""

STEPS = (1e-2, 1e-3)
"""Variations of the log ratio in a cell, tried in turn until the two ends are as near as asked."""

EPSILON_WIDTH, DELTA_WIDTH = 1e-3, 1e-2
"""Default distances of two ends: of an ε, absolute; of a δ, relative."""

ROUNDING = 1e-6
"""Allowance for the rounding of two ends, relative to the width between them."""


def add(command: argparse.ArgumentParser) -> None:
    """Add the options that name a mechanism, its uses, and what is asked."""
    command.add_argument(
        "--mechanism", required=True, type=in_british, choices=list(PARAMETERS), help="what is used"
    )
    for mechanism, (name, meaning) in PARAMETERS.items():
        command.add_argument(f"--{name}", type=real, help=f"{meaning} ({mechanism})")
    command.add_argument(
        "--answers", type=int, help=f"number of possible answers (randomised-response; default: {ANSWERS})"
    )
    command.add_argument(
        "--sampling",
        type=real,
        default=1.0,
        metavar="SHARE",
        help="probability with which each use takes a record in, independently (default: %(default)s)",
    )
    command.add_argument(
        "--steps", type=int, default=1, metavar="M", help="number of uses (default: %(default)s)"
    )
    asked = command.add_mutually_exclusive_group(required=True)
    asked.add_argument("--delta", metavar="LIST", help="print ε at these δ, such as 1e-6 or 1e-5,1e-6")
    asked.add_argument("--epsilon", metavar="LIST", help="print δ at these ε")
    command.add_argument(
        "--width",
        type=real,
        help=f"greatest distance of the two ends: of an ε (default: {EPSILON_WIDTH}), or of a δ, relative to "
        f"it (default: {DELTA_WIDTH})",
    )


def privacy(options: argparse.Namespace) -> Answer:
    """Both ends of ε at each δ, or of δ at each ε: the worse of the two orders of the data sets."""
    from modecollapse import curves, validation
    from modecollapse.cli.commands import Answer

    steps = validation.degree(validation.whole("steps", options.steps, 1))
    evaluate: Callable[[RegionBracket, float, int, float], Bracket]
    if options.epsilon is None:
        given, wanted, evaluate, width = "delta", "epsilon", curves.privacy_epsilon, EPSILON_WIDTH
    else:
        given, wanted, evaluate, width = "epsilon", "delta", curves.privacy_delta, DELTA_WIDTH
    if options.width is not None:
        width = validation.positive("width", options.width)
    at = numbers(f"--{given}", getattr(options, given))
    regions = _regions(options)
    ends = [
        _ends(regions, partial(_evaluate, evaluate, place, steps, width / 2), width, wanted == "delta")
        for place in at
    ]
    columns = {
        given: at,
        f"{wanted}_lower": [bracket.lower for bracket in ends],
        f"{wanted}_upper": [bracket.upper for bracket in ends],
    }
    name, _ = PARAMETERS[options.mechanism]
    title = (
        f"{options.mechanism}, {name} {getattr(options, name):g}, sampling {options.sampling:g}, m = {steps}"
    )
    return Answer(columns, partial(_draw, columns, wanted), title)


def _regions(options: argparse.Namespace) -> Callable[[float], RegionBracket]:
    """The two regions of one use, by the greatest variation of the log ratio in a cell."""
    from modecollapse import RegionBracket, curves

    given = {"answers": options.answers, **{name: getattr(options, name) for name, _ in PARAMETERS.values()}}
    mechanism = options.mechanism
    name, meaning = PARAMETERS[mechanism]
    parameter, answers = given.pop(name), given["answers"]
    if parameter is None:
        raise ValueError(f"--mechanism {mechanism} needs --{name}, the {meaning}")
    for other, value in given.items():
        if value is not None and not (other == "answers" and mechanism == "randomised-response"):
            raise ValueError(f"--mechanism {mechanism} takes no --{other}, got {value:g}")
    if mechanism == "randomised-response":
        response = curves.randomised_response(parameter, ANSWERS if answers is None else answers)
        sampled = curves.subsampled(response, options.sampling)
        return lambda step: RegionBracket(sampled, sampled)
    make = curves.gaussian_mechanism if mechanism == "gaussian" else curves.laplace_mechanism
    return lambda step: curves.subsampled(make(parameter, step=step), options.sampling)


def _evaluate(
    evaluate: Callable[[RegionBracket, float, int, float], Bracket],
    place: float,
    steps: int,
    width: float,
    regions: RegionBracket,
) -> Bracket:
    return evaluate(regions, place, steps, width)


def _ends(
    regions: Callable[[float], RegionBracket],
    evaluate: Callable[[RegionBracket], Bracket],
    width: float,
    is_relative: bool,
) -> Bracket:
    """The ends, from cells as fine as they need to be."""
    for step in STEPS:
        ends = evaluate(regions(step))
        allowed = width * (ends.upper if is_relative else 1.0) * (1 + ROUNDING)
        if ends.lower == ends.upper or ends.width <= allowed:
            return ends
    raise PrecisionError(
        f"the cells of the noise leave it between {ends.lower!r} and {ends.upper!r}; ask for a wider --width "
        f"than {width:g}",
        ends,
    )


def _draw(columns: dict[str, list[Any]], wanted: str, ax: Axes) -> None:
    """δ against ε, with both ends."""
    from modecollapse.curves.drawing import show_decades

    given, lower, upper = columns.values()
    if not all(map(math.isfinite, upper)):
        raise ValueError("--plot draws finite ends only, and an ε is infinite")
    for end, label in ((lower, "lower end"), (upper, "upper end")):
        eps, delta = (given, end) if wanted == "delta" else (end, given)
        ax.plot(eps, delta, marker="o", markersize=3, label=label)
    ax.set(xlabel="ε", ylabel="δ", yscale="log")
    show_decades(ax, [*lower, *upper] if wanted == "delta" else given)
    ax.legend()
