"""Loads the Hypothesis profile before any test is collected; fixtures of several folders."""

from __future__ import annotations

import io

import effort  # noqa: F401
import pytest

from modecollapse.files import standard_input


@pytest.fixture
def typed(monkeypatch):
    """Give a text on standard input."""

    def give(text: str) -> None:
        standard_input.file.cache_clear()
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(text.encode())))

    yield give
    standard_input.file.cache_clear()
