"""The command `separate`: the m that tell one class of pairs from another."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import modecollapse as mc
from modecollapse.cli.reading import degrees, point

if TYPE_CHECKING:
    from modecollapse.cli.commands import Answer

H1, H0 = ("collapse", "augmentation"), ("no_collapse", "no_augmentation")
"""The conditions of the two classes, by keyword of `PairClass`."""


@dataclass(frozen=True)
class Verdict:
    """The separating degrees as a table, and what is known besides."""

    answer: Answer
    found: mc.Separation

    def text(self) -> str:
        """The degrees, then a sentence."""
        if self.found.why is not None:
            return f"none of these m separates: {self.found.why}"
        return f"{self.csv()}{self.found.verdict}"

    def csv(self) -> str:
        """The degrees; where there are none, the reason stands beside, on standard error."""
        if self.found.why is not None:
            print(f"none of these m separates: {self.found.why}", file=sys.stderr)
        return self.answer.csv()

    def json(self) -> str:
        """All that is known."""
        return json.dumps(self.found.to_dict(), indent=2)

    def plot(self, path: str) -> None:
        """The two ranges, with the separating degrees shaded."""
        self.answer.plot(path)


def add(command: argparse.ArgumentParser) -> None:
    """The options that name the two classes."""
    for names, title in ((H1, "every pair of H1 has"), (H0, "no pair of H0 has")):
        for name in names:
            command.add_argument(
                f"--{name.replace('_', '-')}",
                action="append",
                default=[],
                metavar="EPS,DELTA",
                help=f"a point of {name.removeprefix('no_')} that {title}; can be given again",
            )


def separate(options: argparse.Namespace) -> Verdict:
    """The m at which every pair of H1 is farther apart than every pair of H0."""
    from modecollapse import validation

    m = degrees(options.m)
    validation.degrees(m)
    h1, h0 = (_pair_class(options, names) for names in (H1, H0))
    if not (options.collapse or options.augmentation):
        raise ValueError("give H1 a --collapse or an --augmentation that all of its pairs have")
    if not (options.no_collapse or options.no_augmentation):
        raise ValueError("give H0 a --no-collapse or a --no-augmentation that none of its pairs has")
    found = mc.separating_degrees(h1, h0, m)
    return Verdict(_table(h1, h0, m, found), found)


def _pair_class(options: argparse.Namespace, names: tuple[str, ...]) -> mc.PairClass:
    points: dict[str, Any] = {
        name: [point(f"--{name.replace('_', '-')}", text) for text in getattr(options, name)]
        for name in names
    }
    return mc.PairClass(options.tau, **points)


def _table(h1: mc.PairClass, h0: mc.PairClass, m: list[int], found: mc.Separation) -> Answer:
    from modecollapse.cli import conditions
    from modecollapse.cli.commands import Answer, draw_bands

    def draw(ax: Any) -> None:
        for number, degree in enumerate(found):
            label = "" if number else "told apart"
            ax.axvspan(degree - 0.5, degree + 0.5, color="0.93", linewidth=0, zorder=0, label=label)
        draw_bands(ax, {"H1": mc.band(h1, m), "H0": mc.band(h0, m)})
        ax.legend(loc="best")

    said = (f"{name}: {', '.join(conditions.words(pairs))}" for name, pairs in (("H1", h1), ("H0", h0)))
    return Answer({"separating_m": found.tolist()}, draw, "; ".join(said))
