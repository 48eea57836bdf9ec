"""Pages from templates: text is escaped, and styles and scripts are written into the page."""

from __future__ import annotations

from importlib import import_module
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Any

from modecollapse import extras

if TYPE_CHECKING:
    from jinja2 import Environment

HOME = files(__package__)


def render(purpose: str, name: str, home: Traversable = HOME, **values: Any) -> str:
    """A template, filled in.

    Parameters
    ----------
    purpose : str
        What the page is for, said where jinja2 is missing.
    name : str
        Of the template's file.
    home : Traversable
        The folder of the template, its styles and scripts. ``base.html`` is found from everywhere.
    **values
        What the template calls by these names. Strings are text, and escaped; SVG is passed through ``safe``.

    Raises
    ------
    ImportError
        If jinja2 is missing.
    """
    return _environment(purpose, home).get_template(name).render(**values)


def require(purpose: str) -> None:
    """Say how to install jinja2 if it is missing, by an ImportError: to be called before long work."""
    try:
        import_module("jinja2")
    except ImportError as error:
        if not extras.is_about(error, "jinja2"):
            raise
        raise extras.missing(purpose, "jinja2") from None


def _environment(purpose: str, home: Traversable) -> Environment:
    require(purpose)
    import jinja2

    def source(name: str) -> str | None:
        candidates = (folder.joinpath(name) for folder in (home, HOME))
        return next((file.read_text(encoding="utf-8") for file in candidates if file.is_file()), None)

    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(source),
        autoescape=True,
        undefined=jinja2.StrictUndefined,  # a misspelt name is an error, not an empty text
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.globals["inline"] = source  # for styles and scripts, marked safe where they are written
    return environment
