"""Progress on a terminal: a pseudo-terminal sees the clock of long work, and nothing else does."""

from __future__ import annotations

import io
import os
import re
import time
from types import SimpleNamespace

import pytest

from modecollapse import cli, progress

pty = pytest.importorskip("pty", reason="pseudo-terminals are those of POSIX")


@pytest.fixture
def terminal(monkeypatch):
    """Standard error is a pseudo-terminal; returns a function that reads what it was sent."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w") as stream:
        # pytest puts its own standard error back before each test
        monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream))

        def read() -> str:
            stream.flush()
            os.set_blocking(ours, False)
            try:
                return os.read(ours, 10_000).decode()
            except BlockingIOError:
                return ""

        yield read
    os.close(ours)


@pytest.fixture
def impatient(monkeypatch):
    monkeypatch.setattr(progress, "PATIENCE", 0.01)
    monkeypatch.setattr(progress, "TICK", 0.01)


def awaited(read) -> str:
    """What a terminal shows once the clock has ticked, however busy the machine is."""
    for _ in range(1000):
        time.sleep(0.01)
        if screen := read():
            return screen
    raise AssertionError("the clock has not ticked in ten seconds")


def shown(screen: str) -> str:
    """What is left on the line of a terminal."""
    line: list[str] = []
    for part in screen.split("\r"):
        line[: len(part)] = part
    return "".join(line).rstrip()


def test_the_clock_tells_the_time_and_leaves_no_trace(terminal, impatient):
    with progress.clock("searching"):
        assert re.fullmatch(r"searching: \d+ s", shown(awaited(terminal)))
    assert re.fullmatch(r"(\rsearching: \d+ s)*\r +\r", terminal())


def test_short_work_shows_nothing(terminal):
    with progress.clock("searching"):
        pass
    assert terminal() == ""


def test_the_clock_ends_with_an_error(terminal, impatient):
    def fail() -> None:
        with progress.clock("searching"):
            awaited(terminal)
            raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        fail()
    assert re.fullmatch(r"(\rsearching: \d+ s)*\r +\r", terminal())


def test_the_clock_waits_for_a_bar(terminal, impatient, monkeypatch):
    monkeypatch.setattr(progress, "find_spec", lambda name: name)
    monkeypatch.setattr(progress, "import_module", lambda name: type("tqdm", (), {"tqdm": Silent}))
    with progress.clock("searching"):
        with progress.bar(10, "reading"):
            terminal()
            time.sleep(0.1)
            assert terminal() == ""
        assert re.fullmatch(r"searching: \d+ s", shown(awaited(terminal)))


class Silent:
    """A bar that draws nothing."""

    def __init__(self, **options) -> None:
        self.n = 0

    def __enter__(self):
        return self

    def __exit__(self, *raised) -> None:
        pass


def test_what_is_no_terminal_sees_nothing(impatient, monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(progress, "sys", SimpleNamespace(stderr=stream))
    with progress.clock("searching"):
        time.sleep(0.05)
    assert stream.getvalue() == ""


def test_a_command_shows_its_clock(terminal, impatient, monkeypatch, capsys):
    seen = []

    def slowly(options):
        seen.append(awaited(terminal))
        return answer(options)

    from modecollapse.cli import commands

    answer = commands.bounds
    monkeypatch.setattr(commands, "bounds", slowly)
    assert cli.main(["bounds", "--tau", ".11", "--m", "1:3"]) == 0
    assert re.fullmatch(r"modecollapse bounds: \d+ s", shown(seen[0]))
    assert terminal().endswith(" \r")
    assert capsys.readouterr().out.startswith("m ")
