"""The options that name a class of pairs, and the class that they name."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from modecollapse.cli.reading import interval, point
from modecollapse.files.pmfs import numbers, pmfs

if TYPE_CHECKING:
    from modecollapse import PairClass, Region

POINTS = {
    "collapse": "a point of (ε,δ)-mode collapse that all pairs have",
    "augmentation": "a point of (ε,δ)-mode augmentation that all pairs have",
    "no_collapse": "a point of (ε,δ)-mode collapse that no pair has",
    "no_augmentation": "a point of (ε,δ)-mode augmentation that no pair has",
}

REGIONS = {
    "contains": "two pmfs, numbers or files: all regions contain the region of this pair",
    "within": "two pmfs, numbers or files: all regions lie within the region of this pair",
}


def add(command: argparse.ArgumentParser) -> None:
    """Add the options to a command."""
    group = command.add_argument_group("the class of pairs", "Without any option it has all pairs.")
    group.add_argument(
        "--tau",
        type=_interval,
        metavar="TAU",
        help="total variation of one sample: .11, or .1:.2 for an interval; any by default",
    )
    for name, meaning in POINTS.items():
        group.add_argument(
            _option(name), action="append", metavar="EPS,DELTA", help=f"{meaning}; may be repeated"
        )
    for name, meaning in REGIONS.items():
        group.add_argument(_option(name), nargs=2, metavar=("P", "Q"), help=meaning)
    group.add_argument(
        "--hockey-stick",
        metavar="GAMMA,H",
        help="in place of --tau: the greatest P(S) - γQ(S) over sets S is h",
    )


def pair_class(options: argparse.Namespace) -> PairClass:
    """The class of pairs that the options name."""
    from modecollapse import PairClass

    given: dict[str, Any] = {"tau": options.tau}
    for name in POINTS:
        given[name] = points(options, name)
    for name in REGIONS:
        given[name] = _region(_option(name), getattr(options, name))
    if options.hockey_stick is not None:
        given["hockey_stick"] = tuple(numbers("--hockey-stick", options.hockey_stick))
    return PairClass(**given)


def points(options: argparse.Namespace, name: str) -> list[tuple[float, float]]:
    """The points of one of the options in `POINTS`."""
    return [point(_option(name), text) for text in getattr(options, name) or []]


def words(pairs: PairClass) -> list[str]:
    """The conditions of a class, each in a few words.

    Examples
    --------
    >>> import modecollapse as mc
    >>> words(mc.PairClass(tau=(0.1, 0.2), collapse=(0, 0.1), no_augmentation=[(0.1, 0.2), (0.3, 0.5)]))
    ['0.1 ≤ τ ≤ 0.2', '(0, 0.1)-collapse', 'no (0.1, 0.2)-augmentation', 'no (0.3, 0.5)-augmentation']
    """
    said = []
    if isinstance(pairs.tau, tuple):
        said.append(f"{pairs.tau[0]:g} ≤ τ ≤ {pairs.tau[1]:g}")
    elif pairs.tau is not None:
        said.append(f"τ = {pairs.tau:g}")
    if pairs.hockey_stick is not None:
        said.append("hockey stick {:g} of order {:g}".format(*reversed(pairs.hockey_stick)))
    for name in POINTS:
        prefix, kind = ("no ", name[3:]) if name.startswith("no_") else ("", name)
        said += [f"{prefix}({eps:g}, {delta:g})-{kind}" for eps, delta in getattr(pairs, name)]
    said += [f"{name} a region" for name in REGIONS if getattr(pairs, name) is not None]
    return said or ["all pairs"]


def _option(name: str) -> str:
    return "--" + name.replace("_", "-")


def _interval(text: str) -> float | tuple[float, float]:
    """As `interval`; the parser adds the name of the option to what is wrong."""
    try:
        return interval(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _region(option: str, pair: list[str] | None) -> Region | None:
    from modecollapse import Region

    if pair is None:
        return None
    p, q = pair
    return Region.from_pmfs(*pmfs((option, p), (option, q)))
