"""Measure how far every evaluator is from the truth, and print, or put into a document, the tables."""

from __future__ import annotations

import argparse
import math
import time
from pathlib import Path

from tests.benchmarks.accountants.report import between_marks

from .report import environment, report
from .running import batches, measured


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.accuracy", description=__doc__)
    parser.add_argument("--cases", type=int, default=100_000, help="for a whole share (%(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="%(default)s")
    parser.add_argument("--jobs", type=int, default=1, help="processes (%(default)s)")
    parser.add_argument(
        "--only", nargs="+", default=[], metavar="WORD", help="subjects with one of the words"
    )
    parser.add_argument("--minutes", type=float, default=math.inf, help="stop with what is done by then")
    parser.add_argument("--out", type=Path, help="a document with two marks to put the tables between")
    return parser


def main() -> None:
    """Measure, and show the tables."""
    options = parser().parse_args()
    start = time.perf_counter()
    todo = batches(options.cases, options.seed, options.only)
    tallies = measured(todo, options.jobs, options.minutes)
    seconds = time.perf_counter() - start
    text = environment(options.seed, tallies.values(), seconds, options.jobs) + "\n\n" + report(tallies)
    if options.out:
        options.out.write_text(between_marks(options.out.read_text(), text))
    else:
        print(text)


if __name__ == "__main__":
    main()
