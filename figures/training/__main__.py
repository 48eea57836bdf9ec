"""Train generators, judge them by their regions, and print tables of the results.

`python -m figures training [studies…] [--trials 10] [--data PATH] [--out figures/out/training]`, studies as
in `figures.training.studies`

A study takes minutes and needs the extra `gan`. Nothing is trained twice: the output folder has the runs as
npz (see `figures.training.runs`), and their packed distances as CSV. A run that was interrupted resumes
from its checkpoint. Every study prints its table and writes it as `<study>.md`, with its figures and
`<study>.csv`, which has a line for each trial and metric.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from modecollapse import extras
from modecollapse.table import Table

from ..parts import style


def main(arguments: Sequence[str] | None = None) -> int:
    """Train the runs that are missing, print tables, write numbers and figures; return the exit code."""
    try:
        from .studies import STUDIES
    except ModuleNotFoundError as error:
        if not extras.is_about(error, "jax", "optax", "tqdm"):
            raise
        print(extras.missing("training", "jax", "optax", "scikit-learn", "tqdm"), file=sys.stderr)
        return 2
    parser = _parser(STUDIES)
    options = parser.parse_args(arguments)
    unknown = [name for name in options.studies if name not in STUDIES]
    if unknown:
        parser.error(f"unknown study {unknown[0]!r}; choose from {', '.join(STUDIES)}")
    if options.trials < 2:
        parser.error(f"--trials must be at least 2, for a standard error, got {options.trials}")
    options.out.mkdir(parents=True, exist_ok=True)  # before any training, so that no result is lost
    for name in options.studies:
        study = STUDIES[name]
        result = study.run(range(options.trials), options.out, options.data)
        table = study.table(result)
        print(f"\n{name}, {options.trials} trials: mean ± standard error\n\n{table}", flush=True)
        (options.out / f"{name}.md").write_text(f"{table}\n", encoding="utf-8")
        Table.from_rows(study.rows(result)).to_csv(options.out / f"{name}.csv")
        for title, draw in study.figures.items():
            style.save(draw(result), options.out / f"{title}.png")
    return 0


def _parser(studies: Iterable[str]) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m figures training", description="Train generators and read them through their regions."
    )
    parser.add_argument(
        "studies", nargs="*", default=list(studies), help=f"of {', '.join(studies)}; default: all"
    )
    parser.add_argument("--trials", type=int, default=10, help="seeds 0, 1, … (default: %(default)s)")
    parser.add_argument(
        "--data",
        default="",
        metavar="PATH",
        help="digits for the studies of digits, such as MNIST's files (default: scikit-learn's digits)",
    )
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("figures/out/training"),
        help="folder of runs, tables and figures (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
