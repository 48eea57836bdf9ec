"""Options that say of what kind the samples are, for all commands that read samples."""

from __future__ import annotations

import argparse

from modecollapse import validation


def check(options: argparse.Namespace) -> None:
    """Refuse options that do not go together, before files are read."""
    if (options.radius is None) != (options.centres is None):
        raise ValueError(
            "--centres and --radius go together: a sample counts for a centre within the radius, inf for any"
        )
    if options.radius is not None:
        validation.radius(options.radius)
    if options.groups is not None and not (options.labels or options.scores):
        raise ValueError(
            "--groups goes with --labels or --scores; of rows of features keep one of each group before, as "
            "samples.one_per_group chooses them"
        )
    if isinstance(options.cells, int):
        validation.whole("cells", options.cells, 1)
