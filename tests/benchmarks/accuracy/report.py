"""The tables."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable

from modecollapse.layout import markdown
from tests.benchmarks.accountants.report import installed_version, processor, short

from .findings import Tally
from .subjects import SECTIONS


def report(tallies: dict[tuple[str, int, int], Tally]) -> str:
    """A table for each section."""
    tables = []
    for section, heads in {
        "evaluator": [
            "evaluator",
            "promise",
            "cases",
            "refused",
            "worst relative",
            "worst absolute",
            "beyond",
        ],
        "bracket": ["bracket", "input", "cases", "refused", "widest", "violations"],
        "certificate": ["certificate", "input", "pairs tried", "refused", "violations"],
    }.items():
        rows = [row(section, key, tally) for key, tally in tallies.items() if key[0] == section]
        if rows:
            tables.append(markdown(heads, rows))
    return "\n\n".join(tables)


def row(section: str, key: tuple[str, int, int], tally: Tally) -> list[str]:
    """A line of the table of a section."""
    subject = list(SECTIONS[section]())[key[1]]
    stratum = subject.strata[key[2]]
    counts = [f"{tally.cases:,}", f"{tally.refused:,}" if tally.refused else ""]
    broken = str(len(tally.broken))
    if section == "evaluator":
        errors = [short(error) if error else "–" for error in (tally.relative, tally.absolute)]
        return [f"{subject.name}: {stratum.name}", subject.promise, *counts, *errors, broken]
    widest = [short(tally.absolute)] if section == "bracket" else []
    return [subject.name, stratum.name, *counts, *widest, broken]


def environment(seed: int, tallies: Iterable[Tally], seconds: float, jobs: int) -> str:
    """What it ran on, and for how long."""
    versions = ", ".join(f"{package} {installed_version(package)}" for package in PACKAGES)
    all_cases = sum(tally.cases for tally in tallies)
    return (
        f"{all_cases:,} cases, seed {seed}, in {seconds:.0f} s with {jobs} processes on {os.cpu_count()} "
        f"cores of {processor()}; Python {platform.python_version()}, {versions}."
    )


PACKAGES = ("numpy", "scipy", "numba", "mpmath")
