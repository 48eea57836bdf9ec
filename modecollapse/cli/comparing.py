"""The command `compare`: several generators, or checkpoints of one, in one table and on one page."""

from __future__ import annotations

import argparse
import json

from modecollapse import progress
from modecollapse.files import destination


def compare(options: argparse.Namespace) -> None:
    """Compare generators from samples, as text or JSON, and as a page."""
    from modecollapse import validation
    from modecollapse.cli import kinds
    from modecollapse.pages import templates

    level = validation.level(options.level)
    severity = validation.positive("severity", validation.probability("severity", options.severity))
    seed = validation.whole("seed", options.seed, 0)
    kinds.check(options)
    real, generated = kinds.several(options, [options.real, *options.generators])
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
