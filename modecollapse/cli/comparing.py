"""The command `compare`: several generators, or checkpoints of one, in one table and on one page."""

from __future__ import annotations

import argparse
import json

from modecollapse import progress
from modecollapse.files import destination
from modecollapse.files.address import Source, source


def compare(options: argparse.Namespace) -> None:
    """Compare generators from samples, as text or JSON, and as a page."""
    from modecollapse import validation
    from modecollapse.cli import kinds
    from modecollapse.pages import templates

    level = validation.level(options.level)
    severity = validation.positive("severity", validation.probability("severity", options.severity))
    seed = validation.whole("seed", options.seed, 0)
    kinds.check(options)
    real, generated = source(options.real), _generators(options.generators)
    if options.report:
        templates.require("--report")
        destination.require("--report", options.report)

    from modecollapse import samples
    from modecollapse.cli import evidence

    with progress.clock("modecollapse compare"):
        seen = evidence.of(options, real, generated)
        comparison = samples.compare(seen, level, severity=severity, seed=seed)
    print(json.dumps(comparison.to_dict(), indent=2) if options.json else comparison)
    if options.report:
        from modecollapse.pages.comparison import write

        write(comparison, options.report, options.command_line)


def _generators(texts: list[str]) -> dict[str, Source]:
    """The files of the generators by their names."""
    named: dict[str, Source] = {}
    for text in texts:
        name, equals, address = text.partition("=")
        if not (name and equals):
            raise ValueError(f"a generator comes as NAME=FILE or NAME=FILE:NAME, got {text!r}")
        if name in named:
            raise ValueError(f"generators must have different names, got {name!r} twice")
        named[name] = source(address)
    return named
