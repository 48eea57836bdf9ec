"""Cross-links in docstrings: sections of the theory, and public names as one writes them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docutils.nodes import Element, reference
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

SECTION = re.compile(r"docs/(?P<page>theory|errata)\.md,?(?P<sections>\s§§?(?P<first>\d+)(–\d+)?)?")

ELSEWHERE = {
    "array_like": "numpy.typing.ArrayLike",
    "ndarray": "numpy.ndarray",
    "Axes": "matplotlib.axes.Axes",
    "Line2D": "matplotlib.lines.Line2D",
    "BarContainer": "matplotlib.container.BarContainer",
    "StepPatch": "matplotlib.patches.StepPatch",
    "Axes.plot": "matplotlib.axes.Axes.plot",
    "Axes.bar": "matplotlib.axes.Axes.bar",
    "Axes.stairs": "matplotlib.axes.Axes.stairs",
    "SearchStrategy": "hypothesis.strategies.SearchStrategy",
}
"""Names of other projects as docstrings write them."""


def link_sections(app: Sphinx, what: str, name: str, subject: object, options: Any, lines: list[str]) -> None:
    """Make "docs/theory.md §7" in a docstring a link to that section."""
    lines[:] = SECTION.sub(_link, "\n".join(lines)).split("\n")


def _link(found: re.Match[str]) -> str:
    if not found["sections"]:
        return f":doc:`/{found['page']}`"
    text = " ".join(f"{found['page']}{found['sections']}".split())
    return f":ref:`{text} <{found['page']}-{found['first']}>`"


def resolve_public_name(
    app: Sphinx, env: BuildEnvironment, node: Element, contnode: Element
) -> reference | None:
    """Find `tv_band` and `mc.tv_band` from anywhere, and leave `ndarray` to the inventories."""
    if node.get("refdomain") != "py":
        return None
    target = node["reftarget"]
    node["reftarget"] = ELSEWHERE.get(target, target)
    name = f"modecollapse.{target.removeprefix('mc.')}"
    domain = env.domains["py"]
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", name, node, contnode)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", link_sections, priority=400)  # before napoleon
    app.connect("missing-reference", resolve_public_name, priority=400)  # before the inventories
    return {"parallel_read_safe": True, "parallel_write_safe": True}
