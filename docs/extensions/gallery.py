"""The gallery: every figure, drawn from the code it shows, with its caption and numbers; and the explorer.

Pages are written to ``docs/gallery`` before the others are read, and again whenever a source has changed.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sphinx.application import Sphinx

    from figures.parts.page import Entry

ROOT = Path(__file__).parents[2]

PAGE = Template("""\
# $title

:::{container} plate
![$title]($name.svg)
:::

$caption

Draw it: `python -m figures $name`. The numbers in the picture: {download}`$name.csv <$name.csv>`.

| parameter | value |
|---|---|
$parameters

```{literalinclude} $source
:caption: $source_name
```
""")

INDEX = Template("""\
# Gallery

The figures of the paper, drawn from what the library computes, and those that it lacks. A page has the
caption, the numbers and the code; `python -m figures --html` puts them all on one page.

$sections

```{toctree}
:hidden:

$names
```
""")

SECTION = Template("""\
## $heading

::::{container} cards
$cards
::::
""")

CARD = Template("""\
:::{container} card
[![]($name.svg)]($name.md)

[$title]($name.md)
:::
""")


def write(app: Sphinx) -> None:
    """Draw all figures and write their pages, unless the last ones are newer than every source."""
    from figures import discover

    folder = Path(app.srcdir) / "gallery"
    index = folder / "index.md"
    if index.exists() and index.stat().st_mtime > max(path.stat().st_mtime for path in _sources()):
        return
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    names = list(discover())
    with ProcessPoolExecutor() as pool:
        entries = list(pool.map(_entry, names))
    for entry in entries:
        (folder / f"{entry.name}.svg").write_bytes(entry.svg)
        (folder / f"{entry.name}.csv").write_text(entry.numbers, encoding="utf-8")
        (folder / f"{entry.name}.md").write_text(_page(entry, folder), encoding="utf-8")
    index.write_text(_index(entries), encoding="utf-8")


def _sources() -> Iterable[Path]:
    yield Path(__file__)
    for package in ("figures", "modecollapse"):
        yield from (path for path in (ROOT / package).rglob("*") if path.suffix in (".py", ".mplstyle"))


def _entry(name: str) -> Entry:
    from figures import discover
    from figures.parts import page

    return page.entry(name, discover()[name])


def _page(entry: Entry, folder: Path) -> str:
    source = _source(entry.name)
    title = f"Figure {entry.number}: {entry.title}" if entry.number else entry.title
    return PAGE.substitute(
        title=_plain(title),
        name=entry.name,
        caption=_plain(entry.caption.partition("\n")[2].strip()),
        parameters="\n".join(f"| `{path}` | {_plain(text)} |" for path, text in entry.parameters),
        source=os.path.relpath(source, folder),
        source_name=source.relative_to(ROOT),
    )


def _source(name: str) -> Path:
    module = ROOT / "figures" / f"{name}.py"
    return module if module.exists() else ROOT / "figures" / name / "__init__.py"


def _index(entries: list[Entry]) -> str:
    paper = [entry for entry in entries if entry.number]
    others = [entry for entry in entries if not entry.number]
    sections = (("The paper's figures", paper), ("What the paper lacks", others))
    return INDEX.substitute(
        sections="\n".join(
            SECTION.substitute(heading=heading, cards="\n".join(map(_card, some)))
            for heading, some in sections
        ),
        names="\n".join(f"{_short(entry)} <{entry.name}>" for entry in [*paper, *others]),
    )


def _card(entry: Entry) -> str:
    title = f"{entry.number}. {entry.title}" if entry.number else entry.title
    return CARD.substitute(name=entry.name, title=_plain(title))


def _short(entry: Entry) -> str:
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
