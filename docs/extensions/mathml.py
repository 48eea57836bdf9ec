"""Mathematics as MathML, which browsers draw themselves: no script runs and nothing is fetched."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from docutils.nodes import SkipNode
from latex2mathml.converter import convert

if TYPE_CHECKING:
    from docutils import nodes
    from sphinx.application import Sphinx
    from sphinx.writers.html5 import HTML5Translator

FUNCTION = re.compile(
    r"(<m([io])>(?P<name>arg|coth|cos|inf|log|max|min|Re|sin|sup)</m\2>|<mo>(?P<mean>E)</mo>)(?=(?P<next>.{0,40}))"
)
"""Names of functions, which the converter sets as variables or as relations."""

TIGHT = re.compile(r'<mo(?: stretchy="false")?>(?P<sign>&#x0007C;|&#x0002F;)</mo>')
"""Bars and slashes, which browsers would set apart like relations."""

THIN = "0.167em"


def mathml(formula: str, display: str = "inline") -> str:
    """Convert LaTeX to MathML, with the spaces of TeX around functions, bars and slashes."""
    text = FUNCTION.sub(_function, convert(formula, display=display))
    return TIGHT.sub(r'<mo stretchy="false" lspace="0em" rspace="0em">\g<sign></mo>', text)


def _function(found: re.Match[str]) -> str:
    after = "0em" if re.match("<mo[^>]*>&#x00028;", found["next"]) else THIN  # none before a bracket
    return f'<mo lspace="{THIN}" rspace="{after}">{found["name"] or found["mean"]}</mo>'


def visit_inline(translator: HTML5Translator, node: nodes.math) -> None:
    """Write a formula within a line."""
    translator.body.append(mathml(node.astext()))
    raise SkipNode


def visit_display(translator: HTML5Translator, node: nodes.math_block) -> None:
    """Write a formula on a line of its own, which scrolls where the screen is too narrow."""
    formula = mathml(node.astext(), display="block")
    translator.body.append(f'<div class="display-math" tabindex="0">{formula}</div>\n')
    raise SkipNode


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_display, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}
