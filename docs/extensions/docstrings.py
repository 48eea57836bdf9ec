"""What makes pages of docstrings: links to the theory and to public names, and signs that mean themselves."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from docutils.nodes import Element, reference
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

SECTION = re.compile(r"docs/(?P<page>theory|errata)\.md,?(?P<sections>\s§§?(?P<first>\d+)(–\d+)?)?")

SIGNS = re.compile(r"\|(?=\S)|(?<=\()\*+(?=\w)|(?<=\S)\|")
"""Absolute values and unpacked arguments, which reStructuredText would take for markup."""

FIELD = re.compile(r":(ivar|vartype) \w+(, \w+)+:")

ELSEWHERE = {
    "array_like": "numpy.typing.ArrayLike",
    "ndarray": "numpy.ndarray",
    "Axes": "matplotlib.axes.Axes",
    "Axes.plot": "matplotlib.axes.Axes.plot",
    "Axes.bar": "matplotlib.axes.Axes.bar",
    "Axes.stairs": "matplotlib.axes.Axes.stairs",
    "BarContainer": "matplotlib.container.BarContainer",
    "Line2D": "matplotlib.lines.Line2D",
    "StepPatch": "matplotlib.patches.StepPatch",
    "SearchStrategy": "hypothesis.strategies.SearchStrategy",
}
"""Names of other projects as docstrings write them."""


def prepare(app: Sphinx, what: str, name: str, subject: object, options: Any, lines: list[str]) -> None:
    """Quote signs, and make "docs/theory.md §7" a link to that section."""
    prose = [line if line.lstrip().startswith((">>>", "...")) else _quoted(line) for line in lines]
    lines[:] = SECTION.sub(_link, "\n".join(prose)).split("\n")


def _quoted(line: str) -> str:
    return SIGNS.sub(lambda sign: "".join(f"\\{character}" for character in sign[0]), line)


def _link(found: re.Match[str]) -> str:
    if not found["sections"]:
        return f":doc:`/{found['page']}`"
    text = " ".join(f"{found['page']}{found['sections']}".split())
    return f":ref:`{text} <{found['page']}-{found['first']}>`"


def join_names(app: Sphinx, what: str, name: str, subject: object, options: Any, lines: list[str]) -> None:
    """Keep "p, q" one name of an attribute: a field takes the words before the last for a type."""
    lines[:] = [FIELD.sub(lambda field: field[0].replace(", ", ","), line) for line in lines]


def skip_inner(app: Sphinx, what: str, name: str, member: object, skip: bool, options: Any) -> bool | None:
    """Leave out fields of named tuples, which their class describes, and constants, which the code does."""
    is_field = type(member).__name__ == "_tuplegetter"
    is_constant = name.isupper() and not callable(member)  # `paper.L1` is a function
    return True if is_field or is_constant else None


def find_public_name(
    app: Sphinx, env: BuildEnvironment, node: Element, contnode: Element
) -> reference | None:
    """Find `tv_band` and `mc.tv_band` from anywhere, and leave `ndarray` to the inventories."""
    target = node["reftarget"]
    node["reftarget"] = ELSEWHERE.get(target, target)
    is_word = node.get("refspecific", False) and target.islower()  # in the type of a parameter
    if node.get("refdomain") != "py" or is_word:
        return None
    name = f"modecollapse.{target.removeprefix('mc.')}"
    domain = env.domains["py"]
    return domain.resolve_xref(env, node["refdoc"], app.builder, "obj", name, node, contnode)


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-docstring", prepare, priority=400)  # before napoleon
    app.connect("autodoc-process-docstring", join_names, priority=600)  # after it
    app.connect("autodoc-skip-member", skip_inner)
    app.connect("missing-reference", find_public_name, priority=400)  # before the inventories
    return {"parallel_read_safe": True, "parallel_write_safe": True}
