"""Tables of text: lines of cells, laid out for a terminal or in Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence


def aligned(lines: Iterable[Sequence[str]], left: int = 0, gap: str = "  ") -> str:
    """Cells padded to the widest of their column: the first `left` columns to the left, others to the right.

    Examples
    --------
    >>> print(aligned([("mode", "share"), ("a", "0.25"), ("bc", "1")], left=1))
    mode  share
    a      0.25
    bc        1
    """
    listed = [list(line) for line in lines]
    widths = _widths(listed)
    padded = (
        [
            cell.ljust(width) if i < left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]
        for line in listed
    )
    return "\n".join(gap.join(cells).rstrip() for cells in padded)


def markdown(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table in Markdown, its columns of even width.

    Examples
    --------
    >>> print(markdown(("m", "tv"), [("1", "0.2"), ("2", "0.36")]))
    | m | tv   |
    | - | ---- |
    | 1 | 0.2  |
    | 2 | 0.36 |
    """
    lines = [[cell.replace("|", "\\|") for cell in line] for line in (header, *rows)]
    widths = _widths(lines)
    rule = ["-" * width for width in widths]
    return "\n".join(
        f"| {' | '.join(cell.ljust(width) for cell, width in zip(line, widths, strict=True))} |"
        for line in (lines[0], rule, *lines[1:])
    )


LATEX = str.maketrans(
    {
        **{character: f"\\{character}" for character in "&%$#_{}"},
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "∞": r"$\infty$",
        "ε": r"$\varepsilon$",
        "δ": r"$\delta$",
        "τ": r"$\tau$",
        "≤": r"$\leq$",
        "−": "$-$",
    }
)
"""What LaTeX takes for commands or may not have in its fonts, and how to write it."""


def latex(header: Sequence[str], rows: Iterable[Sequence[str]], sides: Sequence[str]) -> str:
    r"""A table in LaTeX with the rules of booktabs.

    Parameters
    ----------
    header, rows
        Cells.
    sides : sequence of {"l", "r"}
        The side of each column.

    Examples
    --------
    >>> print(latex(("m", "share"), [("1", "20 %")], "rl"))
    \begin{tabular}{rl}
    \toprule
    m & share \\
    \midrule
    1 & 20 \% \\
    \bottomrule
    \end{tabular}
    """
    lines = [" & ".join(map(_in_latex, cells)) + r" \\" for cells in (header, *rows)]
    head, *body = lines
    parts = (rf"\begin{{tabular}}{{{''.join(sides)}}}", r"\toprule", head, r"\midrule", *body, r"\bottomrule")
    return "\n".join([*parts, r"\end{tabular}"])


def _in_latex(cell: str) -> str:
    power = re.fullmatch(r"(-?[\d.]+)e([+-])0*(\d+)", cell)
    if power:
        sign = "-" if power[2] == "-" else ""
        return rf"${power[1]} \times 10^{{{sign}{power[3]}}}$"
    if re.fullmatch(r"-[\d.]+", cell):
        return f"${cell}$"
    return cell.translate(LATEX)


def _widths(lines: list[list[str]]) -> list[int]:
    """The length of the longest cell of each column, 1 at least, since a rule needs a dash."""
    return [max(1, *map(len, column)) for column in zip(*lines, strict=True)]
