"""Superscripts and subscripts in plain text: "P^m" and "d_TV" are set as readers of mathematics know them.

Docstrings and captions of figures are read in terminals too, so they spell formulas without markup.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from docutils import nodes
from sphinx import addnodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

GROUP = r"\{(?P<braced>[^{}]*)\}|\((?P<bracketed>[^()]*)\)|(?P<word>−?\w+)"

SCRIPT = re.compile(
    rf"(?<=\S)\^(?:{GROUP})"
    r"|(?:(?<![^\W\d_]{2})(?<=[^\W\d_])|(?<=[ΠΣ][a-z])|(?<=KL|sd)|(?<=χ²|H²))_(?:\{(?P<braces>[^{}]*)\}|(?P<words>[^\W_]+)(?!_))"
)
"""A circumflex with its exponent; an underscore after one letter, as in d_TV, but not as in lower_gap."""

AS_THEY_ARE = (
    nodes.literal,
    nodes.literal_block,
    nodes.doctest_block,
    nodes.math,
    nodes.math_block,
    nodes.raw,
    addnodes.desc_signature,
    addnodes.literal_strong,  # the name of a parameter
)


def pieces(text: str) -> Iterator[nodes.Node]:
    """The text as nodes, with its scripts.

    Examples
    --------
    >>> [(type(node).__name__, node.astext()) for node in pieces("d_TV(P^m, Q)")]
    [('Text', 'd'), ('subscript', 'TV'), ('Text', '(P'), ('superscript', 'm'), ('Text', ', Q)')]
    >>> [node.astext() for node in pieces("e^{−T/2} and lower_gap")]
    ['e', '−T/2', ' and lower_gap']
    >>> [node.astext() for node in list(pieces("Πp_i^{n_i}"))[2].children]
    ['n', 'i']
    """
    end = 0
    for found in SCRIPT.finditer(text):
        if found.start() > end:
            yield nodes.Text(text[end : found.start()])
        kind = nodes.superscript if found[0].startswith("^") else nodes.subscript
        script = next(group for group in found.groups() if group is not None)
        yield kind("", "", *pieces(script))
        end = found.end()
    if end < len(text):
        yield nodes.Text(text[end:])


def set_scripts(app: Sphinx, doctree: nodes.document) -> None:
    """Replace the words of a page that has just been read."""
    for text in list(doctree.findall(nodes.Text)):
        if SCRIPT.search(text) and not _is_kept(text):
            text.parent.replace(text, list(pieces(text)))


def _is_kept(text: nodes.Text) -> bool:
    """Whether a text is code or a formula, or stands inside one."""
    node: nodes.Node | None = text.parent
    while node is not None and not isinstance(node, AS_THEY_ARE):
        node = node.parent
    return node is not None


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("doctree-read", set_scripts)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
