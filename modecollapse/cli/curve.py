"""The command `curve`: the region of a pair of pmfs, or of samples, as the curve that some field draws."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from modecollapse.files.pmfs import numbers, pmfs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from modecollapse import Region, RegionBracket
    from modecollapse.arrays import FloatArray
    from modecollapse.cli.commands import Answer, Columns

    Regions = Region | RegionBracket

RAYS = 19
"""Slopes of a precision–recall curve, at equal angles, besides those of the letters."""

MIXTURES = 21
"""Mixtures of a frontier."""

EPSILONS = 11
"""Evenly spaced ε of a privacy curve, besides those of the letters."""


LEAST_LOSS = 1e-12
"""A log ratio below this is that of two equal masses, rounded."""


class Curve(NamedTuple):
    """A curve by its name on the command line."""

    meaning: str
    place: str
    """The column of the places at which the curve is evaluated."""
    places: Callable[[Region], FloatArray]
    """The places that show the curve of a region: all its corners, and some between where it bends."""
    values: Callable[[Regions, FloatArray], dict[str, Any]]
    """Arrays by column, or brackets of arrays."""
    draw: str
    """The function of `curves.drawing`."""


def add(command: argparse.ArgumentParser) -> None:
    """Add the options that name the curve and the pair."""
    width = max(map(len, CURVES))
    command.description = "\n".join(
        [
            f"{command.description}",
            "",
            *(f"  {name:{width}}  {curve.meaning}" for name, curve in CURVES.items()),
            f"  {NUMBERS:{width}}  areas, F-scores and other single numbers",
            "",
            "Give a pair of pmfs, or samples. A curve of samples has two ends, which hold at the level.",
        ]
    )
    command.add_argument("name", choices=[*CURVES, NUMBERS], metavar="NAME", help="one of those above")
    for option, role in (("--p", "target"), ("--q", "generator")):
        command.add_argument(
            option, metavar="PMF", help=f"{role}: numbers such as .2,.8, or FILE or FILE:COLUMN"
        )
    command.add_argument(
        "--samples",
        nargs="+",
        metavar=("REAL", "GENERATED"),
        help="files of samples, as for `diagnose`: one with --by or --target",
    )
    command.add_argument(
        "--m", type=int, default=1, metavar="M", help="packing degree (default: %(default)s)"
    )
    command.add_argument("--at", metavar="LIST", help="evaluate the curve at these places instead, as .1,.2")


def curve(options: argparse.Namespace) -> Answer:
    """The columns of a curve, with two ends each where the region is known from samples."""
    from modecollapse import validation
    from modecollapse.cli.commands import Answer

    m = validation.degree(options.m)
    if options.name == NUMBERS and options.at is not None:
        raise ValueError("numbers have no places: --at is for curves")
    if options.name == NUMBERS and options.plot:
        raise ValueError("--plot draws curves; numbers have no picture")
    regions = _packed(_of_samples(options) if options.samples else _of_pmfs(options), m)
    if options.name == NUMBERS:
        return Answer(_numbers(regions), _no_picture, NUMBERS)
    asked = CURVES[options.name]
    at = _places(asked, regions, options.at)
    columns: Columns = {asked.place: at.tolist()}
    for name, values in asked.values(regions, at).items():
        columns |= _columns(name, values)
    title = ", ".join([options.name, *_given(options), f"m = {m}"])
    return Answer(columns, partial(_draw, asked, regions, at), title)


def _given(options: argparse.Namespace) -> list[str]:
    """The pair in words, as it was given."""
    if not options.samples:
        return [f"P: {options.p}", f"Q: {options.q}"]
    beside = {"by": options.by, "target": options.target}
    return [*options.samples, *(f"{word} {given}" for word, given in beside.items() if given is not None)]


def _of_pmfs(options: argparse.Namespace) -> Region:
    from modecollapse import Region

    if options.p is None or options.q is None:
        raise ValueError("give a pair of pmfs as --p and --q, or files of samples as --samples")
    if _way(options) or any(given is not None for given in (options.groups, options.by, options.target)):
        raise ValueError(
            "--labels, --scores, --centres, --cells, --groups, --by and --target are for --samples"
        )
    return Region.from_pmfs(*pmfs(("--p", options.p), ("--q", options.q)))


def _of_samples(options: argparse.Namespace) -> RegionBracket:
    from modecollapse import validation

    if options.p is not None or options.q is not None:
        raise ValueError("give either pmfs, as --p and --q, or --samples")
    if not _way(options):
        raise ValueError("say what the --samples are: --labels, --scores, --centres or --cells")
    level, seed = validation.level(options.level), validation.whole("seed", options.seed, 0)

    from modecollapse.cli import kinds

    kinds.check(options)
    real, generated = kinds.two(options, options.samples, "--samples")

    from modecollapse.cli import evidence

    (seen,) = evidence.of(options, real, {"generated": generated}).values()
    return seen.confidence_band(level, seed)


def _way(options: argparse.Namespace) -> bool:
    """Whether a way to see samples is chosen."""
    return options.labels or options.scores or options.centres is not None or options.cells is not None


def _packed(regions: Regions, m: int) -> Regions:
    import modecollapse as mc

    if isinstance(regions, mc.Region):
        return mc.pack(regions, m)
    return mc.RegionBracket(*(mc.pack(side, m) for side in regions))


def _places(asked: Curve, regions: Regions, given: str | None) -> FloatArray:
    import numpy as np

    from modecollapse import Region

    if given is not None:
        return np.array(numbers("--at", given))
    sides = [regions] if isinstance(regions, Region) else regions
    return np.unique(np.concatenate([asked.places(side) for side in sides]))


def _columns(name: str, values: Any) -> Columns:
    """One column, or two for a bracket."""
    if hasattr(values, "lower"):
        return {f"{name}_lower": values.lower.tolist(), f"{name}_upper": values.upper.tolist()}
    return {name: values.tolist()}


def _coordinates(curve: Any, *names: str) -> dict[str, Any]:
    """The coordinates of a curve of several, by name, each an array or a bracket of arrays."""
    from modecollapse.brackets import CurveBracket

    if isinstance(curve, CurveBracket):
        return {
            name: CurveBracket(*ends) for name, *ends in zip(names, curve.lower, curve.upper, strict=True)
        }
    return dict(zip(names, curve, strict=True))


def _draw(asked: Curve, regions: Regions, at: FloatArray, ax: Axes) -> None:
    from modecollapse.curves import drawing

    given = {"eps": at} if asked.place == "epsilon" else {}
    getattr(drawing, asked.draw)(ax, regions, **given)


def _no_picture(ax: Axes) -> None:
    """Numbers have none: `curve` refuses --plot before it computes them."""


# -- the curves ------------------------------------------------------------------------------------------


def _corners(region: Region) -> FloatArray:
    return region.vertices[:, 0]


def _prior_corners(region: Region) -> FloatArray:
    import numpy as np

    return np.concatenate([[0.0, 1.0], region.q / (region.p + region.q)])


def _slopes(region: Region) -> FloatArray:
    import numpy as np

    common = (region.p > 0) & (region.q > 0)
    rays = np.tan(np.linspace(0, math.pi / 2, RAYS + 2)[1:-1])
    return np.concatenate([rays, region.q[common] / region.p[common]])


def _losses(region: Region) -> FloatArray:
    import numpy as np

    common = (region.p > 0) & (region.q > 0)
    losses = np.abs(region.log_ratio[common])
    losses = losses[losses > LEAST_LOSS]
    return np.concatenate([np.linspace(0, losses.max(initial=0.0) or 1.0, EPSILONS), losses])


def _weights(region: Region) -> FloatArray:
    import numpy as np

    return np.linspace(0, 1, MIXTURES)


def _roc(regions: Regions, at: FloatArray) -> dict[str, Any]:
    from modecollapse import Region
    from modecollapse.brackets import CurveBracket

    if isinstance(regions, Region):
        return {"true_positive_rate": regions.boundary(at)}
    return {"true_positive_rate": CurveBracket(*(side.boundary(at) for side in regions))}


def _trade_off(regions: Regions, at: FloatArray) -> dict[str, Any]:
    from modecollapse import curves

    return {"beta": curves.trade_off(regions, at)}


def _bayes_risk(regions: Regions, at: FloatArray) -> dict[str, Any]:
    from modecollapse import curves

    return {"risk": curves.bayes_risk(regions, at)}


def _precision_recall(regions: Regions, at: FloatArray) -> dict[str, Any]:
    from modecollapse import curves

    return _coordinates(curves.precision_recall(regions, at), "precision", "recall")


def _privacy(regions: Regions, at: FloatArray) -> dict[str, Any]:
    import numpy as np

    from modecollapse import curves
    from modecollapse.brackets import Bracket, CurveBracket

    deltas = [curves.privacy_delta(regions, eps) for eps in at.tolist()]
    if isinstance(deltas[0], Bracket):
        return {"delta": CurveBracket(*map(np.array, zip(*deltas, strict=True)))}
    return {"delta": np.array(deltas)}


def _frontier(regions: Regions, at: FloatArray) -> dict[str, Any]:
    from modecollapse import curves

    return _coordinates(curves.frontier(regions, at), "missed", "spurious")


CURVES = {
    "precision-recall": Curve(
        "precision and recall of a generative model, at slopes",
        "slope",
        _slopes,
        _precision_recall,
        "draw_precision_recall",
    ),
    "roc": Curve(
        "the ROC curve of the best score, P positive", "false_positive_rate", _corners, _roc, "draw_roc"
    ),
    "trade-off": Curve(
        "the least type II error at each type I error", "alpha", _corners, _trade_off, "draw_trade_off"
    ),
    "bayes-risk": Curve(
        "the least probability of error at each prior of P",
        "prior",
        _prior_corners,
        _bayes_risk,
        "draw_bayes_risk",
    ),
    "privacy": Curve("δ at each ε, for both orders", "epsilon", _losses, _privacy, "draw_privacy"),
    "frontier": Curve(
        "Kullback–Leibler divergences from mixtures, in nats",
        "weight",
        _weights,
        _frontier,
        "draw_frontier",
    ),
}

NUMBERS = "numbers"


def _numbers(regions: Regions) -> Columns:
    """Single numbers of the region, one a row."""
    from modecollapse import Region, curves

    read: dict[str, Callable[[Any], Any]] = {
        "total variation": lambda side: side.divergence("tv"),
        "support recall": curves.support_recall,
        "support precision": curves.support_precision,
        "F-score, beta 8": lambda side: curves.f_score(side, 8),
        "F-score, beta 1/8": lambda side: curves.f_score(side, 1 / 8),
        "area under the ROC curve": curves.auc,
        "MAUVE": curves.mauve,
        "frontier integral": curves.frontier_integral,
        "effective sample size": curves.effective_sample_size,
    }
    values = [number(regions) for number in read.values()]
    if isinstance(regions, Region):
        return {"number": list(read), "value": values}
    lower, upper = zip(*values, strict=True)
    return {"number": list(read), "lower": list(lower), "upper": list(upper)}
