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
    if isinstance(options.cells, int):
        validation.whole("cells", options.cells, 1)
