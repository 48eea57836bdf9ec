"""The command line of the training studies."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from .. import style
from .studies import STUDIES
from .tables import write


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the studies named, or all of them; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = [name for name in options.studies if name not in STUDIES]
    if unknown:
        parser.error(f"unknown study {unknown[0]!r}; choose from {', '.join(STUDIES)}")
    if options.trials < 2:
        parser.error(f"--trials must be at least 2, for a standard error, got {options.trials}")
    for name in options.studies:
        study = STUDIES[name]
        found = study.run(range(options.trials), options.out)
        print(f"\n{name}, {options.trials} trials: mean ± standard error\n\n{study.table(found)}", flush=True)
        write(options.out / f"{name}.csv", study.rows(found))
        for title, draw in study.figures.items():
            style.save(draw(found), options.out / f"{title}.png")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m figures training", description="Train generators and read them through their regions."
    )
    parser.add_argument(
        "studies", nargs="*", default=list(STUDIES), help=f"of {', '.join(STUDIES)}; default: all"
    )
    parser.add_argument("--trials", type=int, default=10, help="seeds 0, 1, … (default: %(default)s)")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("figures/out/training"),
        help="folder of runs, tables and figures (default: %(default)s)",
    )
    return parser
