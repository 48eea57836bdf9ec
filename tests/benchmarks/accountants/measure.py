"""One measurement in a process of its own, with limits of time and memory.

As a program it reads a request from its standard input and writes an answer, both JSON.
"""

from __future__ import annotations

import json
import math
import resource
import statistics
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from .cases import Case, pair
from .contenders import BY_NAME

STARTING = 5.0
"""Seconds a process may take to import what it needs, before its time counts."""

LONG, ENOUGH = 5.0, 0.5
"""Seconds from which the first call counts, and in which others are repeated."""

REPEATS = 7


class Limits(NamedTuple):
    """What a measurement may take."""

    seconds: float
    gigabytes: float


class Measurement(NamedTuple):
    """What a call returned and the seconds it took, or why it did not."""

    values: tuple[float, ...] = ()
    seconds: float = math.nan
    failure: str = ""


def measure(name: str, case: Case, setting: float | None, limits: Limits) -> Measurement:
    """Let a contender work on a case in a new process."""
    request = json.dumps([name, case, setting, limits.gigabytes])
    try:
        answer = subprocess.run(
            [sys.executable, "-m", __name__],
            input=request,
            capture_output=True,
            text=True,
            timeout=limits.seconds + STARTING,
            cwd=Path(__file__).parents[3],
        )
    except subprocess.TimeoutExpired:
        return Measurement(failure=f"over {limits.seconds:g} s")
    if answer.returncode:
        return Measurement(failure=f"ended with code {answer.returncode}")
    values, seconds, failure = json.loads(answer.stdout.splitlines()[-1])
    return Measurement(tuple(values), seconds, failure)


def work(name: str, case: Case, setting: float | None, gigabytes: float) -> Measurement:
    """A warm call's result and median time, within a limit of memory."""
    _, most = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (int(gigabytes * 2**30), most))
    evaluate = BY_NAME[name].evaluate
    p, q = pair(case.letters, case.distance)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            evaluate(p, q, 2, setting)  # imports
            values, seconds = _timed(lambda: evaluate(p, q, case.m, setting))
    except MemoryError:
        return Measurement(failure=f"over {gigabytes:g} GB")
    except Exception as error:  # whatever stops a contender is a result
        return Measurement(failure="refused: " + " ".join(str(error).split()))
    return Measurement(tuple(float(value) for value in values), seconds)


def _timed(call: Callable[[], tuple[float, ...]]) -> tuple[tuple[float, ...], float]:
    """The result of a call and the median time; the first call, which compiles, counts only if long."""
    values, first = _clocked(call, 1)
    if first > LONG:
        return values, first
    _, again = _clocked(call, 1)
    batch = max(1, round(1e-3 / again))
    repeats = min(REPEATS, math.ceil(ENOUGH / again))
    return values, statistics.median(_clocked(call, batch)[1] for _ in range(repeats))


def _clocked(call: Callable[[], tuple[float, ...]], times: int) -> tuple[tuple[float, ...], float]:
    """The result of a call and the mean time of so many."""
    start = time.perf_counter()
    for _ in range(times):
        values = call()
    return values, (time.perf_counter() - start) / times


def main() -> None:
    """Answer the request on standard input."""
    name, case, setting, gigabytes = json.load(sys.stdin)
    print("\n" + json.dumps(work(name, Case(*case), setting, gigabytes)))


if __name__ == "__main__":
    main()
