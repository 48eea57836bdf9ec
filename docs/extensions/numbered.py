"""Numbers and links for the theory: its paragraphs with headings are 3.1, 3.2, …, and "§3" is a link.

A paragraph has a heading if it begins with bold words. The numbers are counted when the page is built, so
that a new paragraph needs none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from docutils import nodes

if TYPE_CHECKING:
    from sphinx.application import Sphinx

PAGE = "theory"

SECTION = re.compile(r"theory-(\d+)")

CITED = re.compile(r"§?§(\d+)(–\d+)?")


def number(doctree: nodes.document) -> None:
    """Give each paragraph with a heading its number, and an anchor of this number.

    Examples
    --------
    >>> heading = nodes.strong("", "", nodes.Text("Slopes."))
    >>> paragraph = nodes.paragraph("", "", nodes.Text(""), heading, nodes.Text(" Let γ ≥ 0."))
    >>> section = nodes.section("", nodes.title("", "2. Packing"), paragraph, ids=["packing", "theory-2"])
    >>> page = nodes.document(None, None)
    >>> page += section
    >>> number(page)
    >>> paragraph.astext(), paragraph["ids"]
    ('2.1 Slopes. Let γ ≥ 0.', ['theory-2-1'])
    """
    for section in doctree.findall(nodes.section):
        first = next(filter(None, map(SECTION.fullmatch, section["ids"])), None)
        if first:
            for count, (paragraph, heading) in enumerate(_with_headings(section), 1):
                heading.insert(0, nodes.Text(f"{first[1]}.{count} "))
                paragraph["ids"].append(f"theory-{first[1]}-{count}")


def _with_headings(section: nodes.section) -> Iterator[tuple[nodes.paragraph, nodes.strong]]:
    """Paragraphs of a section or of a part of it, outside lists and tables, that begin with bold words."""
    for paragraph in section.findall(nodes.paragraph):
        first = next((node for node in paragraph.children if node.astext()), None)
        if isinstance(first, nodes.strong) and isinstance(paragraph.parent, nodes.section):
            yield paragraph, first


def link(doctree: nodes.document) -> None:
    """Make each "§3" that is no link yet a link to that section of this page.

    Examples
    --------
    >>> paragraph = nodes.paragraph("", "", nodes.Text("as in §3, by §12 and §§3–12"))
    >>> page = nodes.document(None, None)
    >>> page += [nodes.section("", ids=["theory-3"]), paragraph]
    >>> link(page)
    >>> [(node.astext(), node["refid"]) for node in paragraph.findall(nodes.reference)]
    [('§3', 'theory-3'), ('§§3–12', 'theory-3')]
    """
    known = {name for section in doctree.findall(nodes.section) for name in section["ids"]}
    for text in list(doctree.findall(nodes.Text)):
        if CITED.search(text) and not isinstance(text.parent, nodes.reference | nodes.title | nodes.math):
            text.parent.replace(text, list(_pieces(text, known)))


def _pieces(text: str, known: set[str]) -> Iterator[nodes.Node]:
    """The text as nodes, with links to the sections that are known."""
    end = 0
    for found in CITED.finditer(text):
        target = f"theory-{found[1]}"
        if target in known:
            yield nodes.Text(text[end : found.start()])
            yield nodes.reference("", found[0], internal=True, refid=target)
            end = found.end()
    yield nodes.Text(text[end:])


def number_and_link(app: Sphinx, doctree: nodes.document) -> None:
    """Do both to the theory, when it has been read."""
    if app.env.docname == PAGE:
        number(doctree)
        link(doctree)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("doctree-read", number_and_link)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
