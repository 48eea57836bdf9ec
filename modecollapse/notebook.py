"""Results as HTML, for notebooks: a small table, and a picture beside it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape


def table(rows: Iterable[Sequence[object]], header: Sequence[str] = ()) -> str:
    """A table in HTML; a table without a header has its row names in the first column.

    Examples
    --------
    >>> table([("m", 2)])
    '<table>\\n<tbody>\\n<tr><th>m</th><td>2</td></tr>\\n</tbody>\\n</table>'
    """
    heading = f"<thead>{_row(header, 'th')}</thead>\n" if header else ""
    body = "\n".join(_row(row, *(("td",) if header else ("th", "td"))) for row in rows)
    return f"<table>\n{heading}<tbody>\n{body}\n</tbody>\n</table>"


def beside(*parts: str) -> str:
    """Parts side by side, or below one another where there is no room.

    Examples
    --------
    >>> beside("<p>a</p>", "<svg/>").count("<div")
    1
    """
    style = "display:flex;flex-wrap:wrap;gap:1.5em;align-items:flex-start"
    return f'<div style="{style}">{"".join(parts)}</div>'


def words(text: str) -> str:
    """A paragraph.

    Examples
    --------
    >>> words("p < q")
    '<p>p &lt; q</p>'
    """
    return f"<p>{escape(text)}</p>"


def _row(cells: Sequence[object], *tags: str) -> str:
    """A row of cells, each in the tag of its place; the last tag also serves the cells after it."""
    padded = [*tags, *[tags[-1]] * (len(cells) - len(tags))]
    inside = (f"<{tag}>{escape(str(cell))}</{tag}>" for tag, cell in zip(padded, cells, strict=False))
    return f"<tr>{''.join(inside)}</tr>"
