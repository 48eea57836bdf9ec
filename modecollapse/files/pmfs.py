"""Pmfs as users write them: numbers separated by commas, or the name of a file."""

from __future__ import annotations

from modecollapse.files.address import is_address, source


def numbers(option: str, text: str) -> list[float]:
    """'.2,.8' as [0.2, 0.8]."""
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"{option} takes numbers separated by commas, got {text!r}") from None


def pmf(option: str, text: str) -> list[float]:
    """A pmf: numbers separated by commas, or FILE or FILE:COLUMN of a CSV, NPY or NPZ file."""
    if not is_address(text):
        return numbers(option, text)
    from modecollapse.files.samples import column  # brings numpy, which numbers do without

    try:
        return column(source(text)).tolist()
    except ValueError as error:
        raise ValueError(f"{option}: {error}") from None
