"""Places where a line may break: not within "1e-12", and after the underscores of a long name in a table."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

POWER = re.compile(r"\d(?:\.\d+)?e-\d+")
"""A number whose hyphen is a sign."""

JOINT = re.compile(r"(?<=[_/:.])(?=\w)")
"""A place between two words of a name or of an address."""

LONG = 48
"""A name of fewer characters stays on one line."""


def whole_numbers(text: str) -> Iterator[nodes.Node]:
    """The text as nodes, with each number that has a hyphen in a node of the class ``number``.

    Examples
    --------
    >>> [(type(node).__name__, node.astext()) for node in whole_numbers("below 1e-12.")]
    [('Text', 'below '), ('inline', '1e-12'), ('Text', '.')]
    """
    end = 0
    for found in POWER.finditer(text):
        if found.start() > end:
            yield nodes.Text(text[end : found.start()])
        yield nodes.inline("", found[0], classes=["number"])
        end = found.end()
    if end < len(text):
        yield nodes.Text(text[end:])


def with_joints(name: str) -> Iterator[nodes.Node]:
    """A name as nodes, with a place to break after each underscore, slash, colon and stop.

    Examples
    --------
    >>> "".join(node.astext() for node in with_joints("tests/test_band.py"))
    'tests/<wbr>test_<wbr>band.<wbr>py'
    """
    first, *others = JOINT.split(name)
    yield nodes.Text(first)
    for word in others:
        yield nodes.raw("", "<wbr>", format="html")
        yield nodes.Text(word)


def set_breaks(app: Sphinx, doctree: nodes.document) -> None:
    """Replace the numbers of a page that has just been read, and the long names in its tables."""
    for text in list(doctree.findall(nodes.Text)):
        parent = text.parent
        if isinstance(parent, nodes.literal):
            if len(text) >= LONG and _is_in_table(parent):
                parent.replace(text, list(with_joints(text)))
        elif POWER.search(text) and not isinstance(parent, nodes.FixedTextElement | nodes.math | nodes.raw):
            parent.replace(text, list(whole_numbers(text)))


def _is_in_table(node: nodes.Node) -> bool:
    while node.parent is not None and not isinstance(node, nodes.entry):
        node = node.parent
    return isinstance(node, nodes.entry)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("doctree-read", set_breaks)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
