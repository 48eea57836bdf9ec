"""Run the contenders on all cases and print, or put into a document, the tables."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from .cases import CASES, TUNED_CASES, Case
from .contenders import CONTENDERS, Contender
from .measure import Limits, Measurement, measure
from .report import Result, between_marks, environment, installed_version, judged, short, tables
from .truth import Truth, truth

ENOUGH = 1e-8
"""A tuned contender is refined until its errors are at most the width of our bracket."""

STEEP = 4.0
"""A call that takes seconds takes at least so many times as long at a setting ten times finer."""

PACKAGES = ("numpy", "scipy", "numba", *dict.fromkeys(contender.package for contender in CONTENDERS))


def main() -> None:
    """Measure, and show the tables."""
    options = parser().parse_args()
    limits = Limits(options.seconds, options.gigabytes)
    contenders = [c for c in CONTENDERS if not options.only or any(word in c.name for word in options.only)]
    cases, tuned_cases = (quick(CASES), []) if options.quick else (CASES, TUNED_CASES)
    truths = {case: truth(case) for case in dict.fromkeys([*cases, *tuned_cases])}
    text = "\n\n".join(report(contenders, cases, tuned_cases, truths, limits))
    if options.out:
        options.out.write_text(between_marks(options.out.read_text(), text))
    else:
        print(text)


def parser() -> argparse.ArgumentParser:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.accountants", description=__doc__)
    parser.add_argument("--out", type=Path, help="a document with the two marks to put the tables between")
    parser.add_argument("--quick", action="store_true", help="a few cases, nothing tuned")
    parser.add_argument(
        "--only", nargs="+", metavar="WORD", help="contenders with one of the words in their name"
    )
    parser.add_argument("--seconds", type=float, default=60.0, help="what a call may take (%(default)s)")
    parser.add_argument("--gigabytes", type=float, default=6.0, help="what a call may take (%(default)s)")
    return parser


def quick(cases: list[Case]) -> list[Case]:
    """Those that nobody needs long for."""
    return [case for case in cases if case.letters <= 20 and case.m <= 1000]


def report(
    contenders: list[Contender],
    cases: list[Case],
    tuned_cases: list[Case],
    truths: dict[Case, Truth],
    limits: Limits,
) -> Iterator[str]:
    """The paragraphs."""
    yield environment(PACKAGES, os.cpu_count() or 1, limits)
    defaults = "; ".join(
        f"{c.name}: {c.setting} = {short(c.default)}" for c in contenders if c.default is not None
    )
    yield f"**At their defaults** ({defaults}):"
    results: dict[tuple[str, Case], Result] = {}
    for contender in contenders:
        results.update(at_default(contender, cases, truths, limits))
    yield from tables(contenders, truths, results, with_settings=False)
    if tuned_cases:
        yield f"**Tuned**, ten times finer a step until no error exceeds {short(ENOUGH)} or a limit is met:"
        tuned = {
            (c.name, case): tune(c, case, truths[case], limits) for c in contenders for case in tuned_cases
        }
        yield from tables(contenders, truths, tuned, with_settings=True)


def at_default(
    contender: Contender, cases: list[Case], truths: dict[Case, Truth], limits: Limits
) -> Iterator[tuple[tuple[str, Case], Result]]:
    """Results by name and case; a pair whose cost was beyond the limits is not tried at larger m."""
    beyond: dict[tuple[int, str], Measurement] = {}
    for case in cases:
        same_pair = case.letters, case.distance
        measurement = beyond.get(same_pair) or attempt(contender, case, contender.default, limits)
        if measurement.failure.startswith("over"):
            beyond[same_pair] = measurement
        yield (contender.name, case), judged(contender.default, measurement, truths[case])


def tune(contender: Contender, case: Case, truth: Truth, limits: Limits) -> Result:
    """The last result as the setting gets finer: that which is good enough, or before a limit is met."""
    result = judged(contender.default, attempt(contender, case, contender.default, limits), truth)
    for setting in contender.finer:
        if (
            result.measurement.failure
            or max(map(abs, result.errors)) <= ENOUGH
            or result.measurement.seconds * STEEP > limits.seconds
        ):
            break
        finer = judged(setting, attempt(contender, case, setting, limits), truth)
        if finer.measurement.failure:
            break
        result = finer
    return result


def attempt(contender: Contender, case: Case, setting: float | None, limits: Limits) -> Measurement:
    """A measurement, if there is something to measure."""
    if installed_version(contender.package) == "not installed":
        return Measurement(failure="not installed")
    measurement = measure(contender.name, case, setting, limits)
    print(contender.name, *case, setting, measurement, file=sys.stderr, flush=True)
    return measurement


if __name__ == "__main__":
    main()
