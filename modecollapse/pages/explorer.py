"""The explorer: one HTML page with the regions and bands of Theorems 3–5, moved by sliders, offline.

The page is explorer.html with explorer.css, mathematics.js (the bands, in JavaScript) and explorer.js (the
page) written into it. It refers to nothing outside itself, and tells the browser to load nothing.
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
        Its numbers agree with `modecollapse.tv_band` to 1e-6 (docs/theory.md §§3–5); the page says which
        are exact and which are searched. The parameters are in its address, such as
        ``#tau=0.11&delta=0.1&eps=0.02&eps0=0.06&m=5&last=20``, where ``eps`` is for the pairs with collapse,
        ``eps0`` for the pairs without, and ``last`` the greatest m of the bands, at most 30.

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
