"""The explorer: one HTML page on which one moves the conditions of a class of pairs, offline.

The page is explorer.html with explorer.css, mathematics.js (classes and their ranges, in JavaScript) and
explorer.js (the page) written into it. It refers to nothing outside itself, and tells the browser to load
nothing.
"""

from __future__ import annotations

import os
from pathlib import Path

from modecollapse.pages.templates import render


def page() -> str:
    """The explorer as the text of one self-contained HTML page.

    Returns
    -------
    str
        A class has a distance τ, an interval of distances or neither, at most three points that all pairs
        reach and three that none reaches, a region that all contain, and one that all lie within. The numbers
        agree with `modecollapse.band` to 1e-4, and carry no certificate (docs/theory.md §9).

        The conditions are in the address, such as
        ``#tau=0.2:0.3&collapse=0.02,0.1&no_collapse=0.1,0.3&m=3&last=20``. The words are those of
        `modecollapse.PairClass`, and ``last`` is the greatest m shown, at most 100. A region is given by a
        pair, as in ``within=0.2,0.8;0,1`` with P before the semicolon. A pair of the reader's own is ``own``.
        A second class, kept to compare, has the same words with ``kept_`` before them.

    Examples
    --------
    >>> text = page()
    >>> text.startswith("<!DOCTYPE html>"), "<script src" in text
    (True, False)
    """
    return render("the explorer", "explorer.html")


def write(path: str | os.PathLike[str]) -> Path:
    """Write the explorer to a file, to be opened in any browser.

    Parameters
    ----------
    path : str or path-like
        Where to; a file there is replaced.

    Returns
    -------
    Path
        The file written.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     write(f"{directory}/explorer.html").read_text(encoding="utf-8") == page()
    True
    """
    path = Path(path)
    path.write_text(page(), encoding="utf-8")
    return path
