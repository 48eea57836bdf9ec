"""Progress of long work, on a terminal alone: a bar where the work is counted, else the time it has taken."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.util import find_spec
from threading import Event, RLock, Thread
from typing import TextIO

PATIENCE, TICK = 2.0, 1.0
"""Seconds until the time of long work is shown first, and between two showings."""

_LINE = RLock()
"""The line of the terminal: a bar holds it, and the clock waits until the bar is gone."""


@contextmanager
def bar(size: int, description: str) -> Iterator[Callable[[int], object]]:
    """A function to be told the bytes read so far; it draws a bar on a terminal where tqdm is installed."""
    if not (sys.stderr.isatty() and find_spec("tqdm")):
        yield lambda position: None
        return
    tqdm = import_module("tqdm").tqdm
    with _LINE, tqdm(total=size, desc=description, unit="B", unit_scale=True, leave=False) as drawn:
        yield lambda position: drawn.update(position - drawn.n)


@contextmanager
def clock(description: str) -> Iterator[None]:
    """Show on a terminal for how long the work within has lasted, after two seconds and until it ends.

    Kernels release the interpreter's lock, so that the clock goes on while one of them runs.
    """
    stream = sys.stderr
    if not stream.isatty():
        yield
        return
    is_done = Event()
    thread = Thread(target=_tell_time, args=(description, stream, is_done), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_done.set()
        thread.join()


def _tell_time(description: str, stream: TextIO, is_done: Event) -> None:
    start, said = time.monotonic(), ""
    while not is_done.wait(TICK if said else PATIENCE):
        if _LINE.acquire(blocking=False):
            try:
                said = f"{description}: {time.monotonic() - start:.0f} s"
                stream.write(f"\r{said}")
                stream.flush()
            finally:
                _LINE.release()
    if said:
        stream.write(f"\r{' ' * len(said)}\r")
        stream.flush()
