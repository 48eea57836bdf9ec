"""Reading the tables in Markdown that the training studies print."""

from __future__ import annotations


def cells(table: str) -> list[list[str]]:
    """The cells line by line, with plain spaces for those that are not broken."""
    plain = table.replace("\N{NO-BREAK SPACE}", " ")
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in plain.splitlines()]
