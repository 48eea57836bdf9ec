"""Batches of cases, and the processes that work them off."""

from __future__ import annotations

import math
import sys
import time
import zlib
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from typing import NamedTuple

import numpy as np
from mpmath import mp

from tests.oracles import GUARD_DIGITS

from .findings import Tally
from .subjects import SECTIONS

BATCH = 500


class Batch(NamedTuple):
    """Some cases of one stratum."""

    section: str
    subject: int
    stratum: int
    number: int
    draws: int
    seed: int


def run(batch: Batch) -> Tally:
    """The tally of a batch."""
    start = time.perf_counter()
    subject = list(SECTIONS[batch.section]())[batch.subject]
    stratum = subject.strata[batch.stratum]
    name = zlib.crc32(f"{subject.name}/{stratum.name}".encode())
    rng = np.random.default_rng([batch.seed, name, batch.number])
    tally = Tally()
    with mp.workdps(GUARD_DIGITS):
        for _ in range(batch.draws):
            for finding in stratum.judge(rng):
                tally = tally.with_one(finding)
    return tally._replace(seconds=time.perf_counter() - start)


def batches(cases: int, seed: int, words: Sequence[str]) -> list[Batch]:
    """All that is to be done, in turns: all strata advance alike."""
    ordered = []
    for section, subjects in SECTIONS.items():
        for i, subject in enumerate(subjects()):
            if words and not any(word in f"{section} {subject.name}" for word in words):
                continue
            for j, stratum in enumerate(subject.strata):
                draws = max(1, round(cases * stratum.share))
                size = max(1, min(BATCH, draws // 20))
                for number, first in enumerate(range(0, draws, size)):
                    batch = Batch(section, i, j, number, min(size, draws - first), seed)
                    ordered.append((first / draws, batch))
    return [batch for _, batch in sorted(ordered, key=lambda pair: pair[0])]


def measured(
    todo: Sequence[Batch], jobs: int, minutes: float = math.inf
) -> dict[tuple[str, int, int], Tally]:
    """Tallies by section, subject and stratum of what is done in time, with lines of progress."""
    tallies: dict[tuple[str, int, int], Tally] = {}
    start = time.monotonic()
    pool = ProcessPoolExecutor(jobs)
    for done, (batch, tally) in enumerate(zip(todo, pool.map(run, todo), strict=True), 1):
        key = batch.section, batch.subject, batch.stratum
        tallies[key] = tallies.get(key, Tally()) + tally
        for broken in tally.broken[:3]:
            print("broken:", key, broken, file=sys.stderr, flush=True)
        elapsed = (time.monotonic() - start) / 60
        if done % max(1, len(todo) // 50) == 0:
            print(f"{done} of {len(todo)} batches in {elapsed:.1f} minutes", file=sys.stderr, flush=True)
        if elapsed > minutes:
            break
    pool.shutdown(cancel_futures=True)
    return tallies
