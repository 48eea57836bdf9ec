"""Draw the figures and print a table of bounds, or put both on one page.

`python -m figures [names…] [--out DIR] [--format png|pdf|svg|csv | --html]` prints the table where no names
are given. `python -m figures training` trains generators first (`figures.training`).
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

from modecollapse import layout, progress
from modecollapse.files.readable import in_words
from modecollapse.pages.templates import require

from . import discover, fig10_ranges
from .parts import gallery, numbers, page, style, table
from .parts.figure_module import FigureModule

NUMBERS = "csv"
"""The format of a figure's numbers, beside those of its picture."""


PROGRAM = "python -m figures"
"""What the program is called in its messages, unless another calls it."""


def main(arguments: Sequence[str] | None = None, program: str = PROGRAM) -> int:
    """Draw the named figures, or all figures and a table of bounds; return the exit code.

    After the word `training` the arguments are those of `figures.training`, which takes minutes.
    """
    words = sys.argv[1:] if arguments is None else list(arguments)
    try:
        return _train(words[1:]) if words[:1] == ["training"] else _draw(words, program)
    except OSError as error:
        return _fail(in_words(error), program)


def _train(arguments: list[str]) -> int:
    """Run the program of `figures.training`. It is imported by name, as the figures are."""
    code: int = import_module(f"{__package__}.training.__main__").main(arguments)
    return code


def _draw(arguments: list[str], program: str) -> int:
    options = _parser(program).parse_args(arguments)
    try:
        chosen = select(options.names, discover())
        if options.list:
            print(layout.aligned([(name, _title(module)) for name, module in chosen.items()], left=2))
            return 0
        options.out.mkdir(parents=True, exist_ok=True)
        if options.html:
            require("--html")
    except (ValueError, ImportError) as error:
        return _fail(error, program)
    bounds = "" if options.names else table.bounds(fig10_ranges.compute())
    if options.html:
        _write_page(chosen, options.out / "index.html", bounds)
    else:
        _write_files(chosen, options.out, options.format)
        if bounds:
            print(f"\n{bounds}")
    return 0


def _fail(error: Exception | str, program: str) -> int:
    print(f"{program}: {error}", file=sys.stderr)
    return 2


def _write_files(figures: dict[str, FigureModule], folder: Path, ending: str) -> None:
    for name, module in figures.items():
        path = folder / f"{name}.{ending}"
        with _timed(name, path):
            data = module.compute()
            if ending == NUMBERS:
                numbers.table(data).to_csv(path)
            else:
                style.save(module.draw(data), path)


def _write_page(figures: dict[str, FigureModule], path: Path, bounds: str) -> None:
    entries = []
    for name, module in figures.items():
        with _timed(name):
            entries.append(gallery.entry(name, module))
    path.write_text(page.render(entries, bounds), encoding="utf-8")
    print(path)


@contextmanager
def _timed(name: str, outcome: str | Path = "") -> Iterator[None]:
    """Show the time that the work takes on a terminal, and print a line after it."""
    start = time.perf_counter()
    with progress.clock(name):
        yield
    print(f"{name:<28} {time.perf_counter() - start:5.1f} s  {outcome}".rstrip(), flush=True)


def select(names: Sequence[str], figures: dict[str, FigureModule]) -> dict[str, FigureModule]:
    """The figures with these names; all figures where there are no names.

    A name is that of a module, a part of it before or after its first underscore, or the number of the
    figure. An unknown name raises a ValueError.
    """
    if not names:
        return figures
    known = {alias: name for name in figures for alias in _aliases(name)}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise ValueError(f"unknown figure {', '.join(map(repr, unknown))}; choose from {', '.join(figures)}")
    wanted = {known[name] for name in names}
    return {name: module for name, module in figures.items() if name in wanted}


def _title(module: FigureModule) -> str:
    """The first line of what a figure says of itself."""
    return (module.__doc__ or "").strip().partition("\n")[0]


def _aliases(name: str) -> list[str]:
    number, _, title = name.partition("_")
    digits = number.removeprefix("fig")
    if not digits.isdigit():
        return [name]
    return [name, number, title, digits, digits.lstrip("0")]


def _parser(program: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=program, description="Draw the figures of the paper.")
    parser.add_argument(
        "names", nargs="*", help="figures to draw, e.g. fig08_toy_regions, fig08 or 8; default: all"
    )
    parser.add_argument(
        "--out", type=Path, default=Path("figures/out"), help="folder to write to (default: %(default)s)"
    )
    parser.add_argument("--list", action="store_true", help="list the figures, and draw none")
    outcome = parser.add_mutually_exclusive_group()
    outcome.add_argument(
        "--format",
        choices=(*style.FORMATS, NUMBERS),
        default="png",
        help=f"default: %(default)s; {NUMBERS}: the numbers in the pictures",
    )
    outcome.add_argument(
        "--html", action="store_true", help="one page of all, index.html, with captions and numbers"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
