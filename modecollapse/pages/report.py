"""The report: a diagnosis as one HTML page that needs no network, with pictures, tables and all numbers.

Nothing in it depends on the time or the place of writing, so that the same samples give the same bytes.
"""

from __future__ import annotations

import json
import os
import platform
from base64 import b64encode
from collections.abc import Iterable, Sequence
from html import escape
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template

import modecollapse as mc
from modecollapse.pages import report_pictures, report_words
from modecollapse.samples.diagnosis import Diagnosis, ModeReport

MODES_SHOWN = 25
"""So many modes are shown at once; the others unfold."""


def page(found: Diagnosis, command: str = "") -> str:
    """A diagnosis as the text of one self-contained HTML page.

    Parameters
    ----------
    found : Diagnosis
    command : str, optional
        The command line that made it, to be shown among the parameters.

    Returns
    -------
    str
        Numbers are rounded as in ``str(found)``, but that sentences round "at least" down and "at most" up.
        ``found.to_dict()`` is in the page too, behind a link.

    Examples
    --------
    >>> from modecollapse.samples import diagnose, from_counts
    >>> text = page(diagnose(from_counts([50, 50], [100, 0], names=["left", "right"])))
    >>> "Mode collapse is certified" in text, "http:" in text
    (True, False)
    """
    return Template(_source("report.html")).substitute(
        css=_source("report.css"),
        headline=escape(report_words.headline(found)),
        summary=escape(report_words.summary(found)),
        certified=_items(report_words.certified(found)),
        uncertified=_items(report_words.uncertified(found)),
        region=report_pictures.region(found),
        collapse=_collapse_table(found),
        packed=report_pictures.packed(found),
        doubling="".join(f'<p class="note">{sentence}</p>' for sentence in report_words.doubling(found)),
        packed_table=_packed_table(found),
        modes=_modes(found),
        parameters=_parameters(found, command),
        data=b64encode(json.dumps(found.to_dict(), indent=2).encode()).decode("ascii"),
    )


def write(found: Diagnosis, path: str | os.PathLike[str], command: str = "") -> Path:
    """Write `page` to a file, to be opened in any browser.

    Parameters
    ----------
    found : Diagnosis
    path : str or path-like
        Where to; a file there is replaced.
    command : str, optional
        See `page`.

    Returns
    -------
    Path
        The file written.

    Examples
    --------
    >>> import tempfile
    >>> from modecollapse.samples import diagnose, from_counts
    >>> found = diagnose(from_counts([50, 50], [100, 0]))
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     write(found, f"{directory}/report.html").read_text(encoding="utf-8") == page(found)
    True
    """
    path = Path(path)
    path.write_text(page(found, command), encoding="utf-8")
    return path


# -- tables ---------------------------------------------------------------------------------------------


def _collapse_table(found: Diagnosis) -> str:
    rows = [(f"{at.eps:g}", f"{at.delta:.3g}", report_words.interval(at.interval)) for at in found.collapse]
    return _table(("ε", "δ", "interval"), [_row(cells) for cells in rows], "collapse")


def _packed_table(found: Diagnosis) -> str:
    rows = [
        (
            str(row.m),
            f"{row.tv:.3g}",
            report_words.interval(row.interval),
            report_words.interval(row.theory),
            "" if row.position is None else f"{row.position:.2f}",
        )
        for row in found.packed
    ]
    header = ("m", "d<sub>TV</sub>", "interval", "range", "position")
    return _table(header, [_row(cells) for cells in rows], "packed")


MODES = Template("""\
<section id="modes">
<h2>Modes</h2>
<p>Worst first. The ratio is generated share over real share: 1 is fair, 0 is missing. A mode is
<em>depleted</em> where the whole interval of its ratio lies below 1.</p>
$table
</section>""")


def _modes(found: Diagnosis) -> str:
    if not found.modes:
        return ""
    tables = _mode_table(found.modes[:MODES_SHOWN])
    rest = found.modes[MODES_SHOWN:]
    if rest:
        tables += f"\n<details><summary>{len(rest)} more</summary>\n{_mode_table(rest)}\n</details>"
    return MODES.substitute(table=tables)


def _mode_table(modes: Sequence[ModeReport]) -> str:
    header = (
        "mode",
        "",
        report_pictures.ratio_axis(),
        "ratio",
        "interval",
        "real",
        "generated",
        "real share",
        "generated share",
    )
    return _table(header, map(_mode_row, modes), "modes")


def _mode_row(mode: ModeReport) -> str:
    verdict = report_words.verdict(mode)
    cells = (
        report_words.number(mode.ratio),
        report_words.interval(mode.ratio_interval),
        str(mode.real_count),
        str(mode.generated_count),
        report_words.interval(mode.real),
        report_words.interval(mode.generated),
    )
    badge = f'<span class="{verdict}">{verdict}</span>' if verdict else ""
    numbers = "".join(f"<td>{cell}</td>" for cell in cells)
    return (
        f'<tr><th scope="row">{escape(mode.name)}</th><td class="verdict">{badge}</td>'
        f'<td class="ratio">{report_pictures.ratio(mode)}</td>{numbers}</tr>'
    )


def _table(header: Iterable[str], rows: Iterable[str], name: str) -> str:
    heads = "".join(f'<th scope="col">{cell}</th>' for cell in header)
    body = "\n".join(rows)
    return (
        f'<div class="scroll" tabindex="0"><table class="{name}">\n<thead><tr>{heads}</tr></thead>\n'
        f"<tbody>\n{body}\n</tbody></table></div>"
    )


def _row(cells: Iterable[str]) -> str:
    first, *others = cells
    return f'<tr><th scope="row">{first}</th>{"".join(f"<td>{cell}</td>" for cell in others)}</tr>'


# -- lists ----------------------------------------------------------------------------------------------


def _items(sentences: Iterable[str]) -> str:
    return "\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)


def _parameters(found: Diagnosis, command: str) -> str:
    n_real, n_generated = found.sizes
    versions = {
        "modecollapse": mc.__version__,
        "Python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy")},
    }
    given = {
        "real samples": str(n_real),
        "generated samples": str(n_generated),
        "level": f"{found.level:g}",
        "seen through": f"counts over {len(found.modes)} bins" if found.modes else "a score",
        "versions": ", ".join(f"{name} {number}" for name, number in versions.items()),
    }
    if command:
        given["command"] = command
    return "\n".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in given.items())


def _source(name: str) -> str:
    return files(__package__).joinpath(name).read_text(encoding="utf-8")
