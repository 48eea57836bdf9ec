"""The report: a diagnosis as one HTML page that needs no network, with pictures, tables and all numbers.

Nothing in it depends on the time or the place of writing, so that the same samples give the same bytes.
"""

from __future__ import annotations

import json
import os
import platform
from base64 import b64encode
from collections.abc import Mapping
from importlib.metadata import version
from pathlib import Path

import modecollapse as mc
from modecollapse import validation
from modecollapse.pages import report_pictures, report_words
from modecollapse.pages.examples import Examples
from modecollapse.pages.templates import render
from modecollapse.samples.diagnosis import Diagnosis

MODES_SHOWN = 25
"""Modes shown at once, at most; the others unfold."""

CELLS_SHOWN = 10
"""Cells whose rows are shown at once, at most; the others unfold."""


def page(diagnosis: Diagnosis, command: str = "", examples: Mapping[str, Examples] | None = None) -> str:
    """A diagnosis as the text of one self-contained HTML page.

    Parameters
    ----------
    diagnosis : Diagnosis
    command : str, optional
        The command line that made it, to be shown among the parameters.
    examples : mapping of str to Examples, optional
        Rows to look at, by the names of modes: from `pages.examples.examples`.

    Returns
    -------
    str
        Numbers are rounded as in ``str(diagnosis)``, except that sentences round "at least" down and
        "at most" up. ``diagnosis.to_dict()`` is in the page too, behind a link.

    Examples
    --------
    >>> from modecollapse.samples import diagnose, from_counts
    >>> text = page(diagnose(from_counts([500, 500], [1000, 0], names=["left", "right"])))
    >>> "Collapse is certain" in text, "http:" in text
    (True, False)
    """
    validation.instance("diagnosis", diagnosis, Diagnosis, "diagnose(evidence) makes one")
    return render(
        "a report",
        "report.html",
        diagnosis=diagnosis,
        words=report_words,
        pictures=report_pictures,
        modes_shown=MODES_SHOWN,
        cells_shown=CELLS_SHOWN,
        examples=examples or {},
        parameters=_parameters(diagnosis, command),
        data=b64encode(json.dumps(diagnosis.to_dict(), indent=2).encode()).decode("ascii"),
    )


def write(
    diagnosis: Diagnosis,
    path: str | os.PathLike[str],
    command: str = "",
    examples: Mapping[str, Examples] | None = None,
) -> Path:
    """Write `page` to a file, to be opened in any browser.

    Parameters
    ----------
    diagnosis : Diagnosis
    path : str or path-like
        Where to; a file there is replaced.
    command, examples : optional
        See `page`.

    Returns
    -------
    Path
        The file written.

    Examples
    --------
    >>> import tempfile
    >>> from modecollapse.samples import diagnose, from_counts
    >>> diagnosis = diagnose(from_counts([50, 50], [100, 0]))
    >>> with tempfile.TemporaryDirectory() as directory:
    ...     write(diagnosis, f"{directory}/report.html").read_text(encoding="utf-8") == page(diagnosis)
    True
    """
    path = Path(path)
    path.write_text(page(diagnosis, command, examples), encoding="utf-8")
    return path


def versions() -> str:
    """The versions that the numbers may depend on."""
    named = {
        "modecollapse": mc.__version__,
        "Python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "scipy")},
    }
    return ", ".join(f"{name} {number}" for name, number in named.items())


def _parameters(diagnosis: Diagnosis, command: str) -> dict[str, str]:
    n_real, n_generated = diagnosis.sizes
    (eps, delta), p_value = diagnosis.verdict.point, diagnosis.verdict.p_value
    real, generated = diagnosis.units
    given = {
        f"real {real}": "a known target" if n_real is None else str(n_real),
        f"generated {generated}": str(n_generated),
        "level": f"{diagnosis.level:g}",
        "collapse means": f"(ε, δ) = ({eps:g}, {delta:g})",
        **({} if p_value is None else {"permutation test": f"p = {p_value:.3g}"}),
        **_copies(diagnosis),
        "precision, recall": " and ".join(
            f"{report_words.number(estimate.value)} {report_words.interval(estimate.interval)}"
            for estimate in (diagnosis.precision, diagnosis.recall)
        ),
        "seed": str(diagnosis.seed),
        "seen through": f"{len(diagnosis.modes)} modes" if diagnosis.modes else f"the {diagnosis.view}",
        "versions": versions(),
    }
    if command:
        given["command"] = command
    return given


def _copies(diagnosis: Diagnosis) -> dict[str, str]:
    copies = diagnosis.verdict.copies
    if copies is None:
        return {}
    training, held_out, generated = copies.sizes
    return {
        "test for copies": f"p = {copies.p_value:.3g}; {training} training, {held_out} held-out and "
        f"{generated} generated rows"
    }
