"""The figures as one HTML page that needs no network: pictures, captions, parameters, numbers.

A picture is an SVG in an image of its own, so that the ids of one cannot clash with those of another.
"""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path

import modecollapse as mc
from modecollapse.pages.templates import render as filled

from .gallery import Entry, in_order

FOLDER = Path(__file__).parent


def render(entries: list[Entry], bounds: str = "") -> str:
    """The page, figures of the paper first; `bounds` is a table in plain text, left out if empty."""
    return filled(
        "the page of figures",
        "page.html",
        FOLDER,
        version=mc.__version__,
        entries=in_order(entries),
        bounds=bounds,
        data_uri=data_uri,
    )


def data_uri(media_type: str, content: bytes) -> str:
    """An address that holds its own content."""
    return f"data:{media_type};base64,{b64encode(content).decode('ascii')}"
