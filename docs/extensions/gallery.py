"""The gallery: every figure, drawn from the code it shows, with its caption and numbers; and the explorer.

Pages are written to ``docs/gallery`` before the others are read, and again whenever a source has changed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from figures.parts.gallery import Entry

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


def write(app: Sphinx) -> None:
    """Draw all figures and write their pages, unless the last ones are newer than every source."""
    from figures import discover
    from figures.parts.gallery import in_order

    folder = Path(app.srcdir) / "gallery"
    index = folder / "index.md"
    if index.exists() and index.stat().st_mtime > max(path.stat().st_mtime for path in _sources()):
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    names = list(discover())
    with ProcessPoolExecutor() as pool:
        entries = in_order(list(pool.map(partial(_draw, folder), names)))
    for entry in entries:
        source = _source(entry.name)
        page = _filled(
            "figure.md.jinja",
            entry=entry,
            source=os.path.relpath(source, folder),
            source_name=source.relative_to(ROOT),
        )
        (folder / f"{entry.name}.md").write_text(page, encoding="utf-8")
    (folder / "index.md").write_text(_filled("gallery.md.jinja", entries=entries), encoding="utf-8")


def _sources() -> Iterable[Path]:
    yield Path(__file__)
    for package in ("figures", "modecollapse"):
        yield from (path for path in (ROOT / package).rglob("*") if path.suffix in (".py", ".mplstyle"))
    yield from HERE.glob("*.jinja")


def _draw(folder: Path, name: str) -> Entry:
    """Write the files of a figure: the picture twice, one panel of it for the gallery, and the numbers."""
    from figures import discover
    from figures.parts import gallery

    module = discover()[name]
    data = module.compute()
    figure = module.draw(data)
    entry = gallery.entry_of(name, module, data, figure)
    (folder / f"{name}.svg").write_bytes(entry.svg)
    (folder / f"{name}.png").write_bytes(gallery.picture(figure, "png"))
    (folder / f"{name}_panel.svg").write_bytes(gallery.thumbnail(figure))
    entry.numbers.to_csv(folder / f"{name}.csv")
    return entry


def _filled(template: str, **values: Any) -> str:
    """A page in Markdown."""
    environment = Environment(
        loader=FileSystemLoader(HERE),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(plain=_plain, menu=_menu)
    return environment.get_template(template).render(**values)


def _source(name: str) -> Path:
    module = ROOT / "figures" / f"{name}.py"
    return module if module.exists() else ROOT / "figures" / name / "__init__.py"


def _menu(entry: Entry) -> str:
    """The module's name as words, for the menu."""
    words = entry.name.partition("_")[2] if entry.number else entry.name
    return f"{entry.number} {words}".replace("_", " ").strip()


def _plain(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return re.sub(r"([\\*_<|\[\]`$])", r"\\\1", text)


def add_explorer(app: Sphinx, exception: Exception | None) -> None:
    """Put the explorer beside the pages."""
    from modecollapse.pages import explorer

    if exception is None:
        explorer.write(Path(app.outdir) / "explorer.html")


def setup(app: Sphinx) -> dict[str, bool]:
    """Called by Sphinx."""
    app.connect("builder-inited", write)
    app.connect("build-finished", add_explorer)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
