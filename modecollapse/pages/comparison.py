"""A comparison of generators as one HTML page that needs no network, in the manner of `report`."""

from __future__ import annotations

import json
import os
from base64 import b64encode
from pathlib import Path
from typing import NamedTuple

from modecollapse import validation
from modecollapse.pages import report, report_pictures, report_words
from modecollapse.pages.templates import render
from modecollapse.samples.comparison import Comparison
from modecollapse.samples.diagnosis import ModeReport


class SharedMode(NamedTuple):
    """A mode over which all generators were counted, with a report of each."""

    name: str
    reports: tuple[ModeReport, ...]


def page(comparison: Comparison, command: str = "") -> str:
    """A comparison as the text of one self-contained HTML page.

    Parameters
    ----------
    comparison : Comparison
    command : str, optional
        The command line that made it, to be shown among the parameters.

    Returns
    -------
    str
        ``comparison.to_dict()`` is in the page too, behind a link.

    Examples
    --------
    >>> from modecollapse.samples import compare, from_counts
    >>> evidence = {"old": from_counts([500, 500], [1000, 0]), "new": from_counts([500, 500], [480, 520])}
    >>> "“old” is certainly worse than “new”" in page(compare(evidence))
    True
    """
    validation.instance("comparison", comparison, Comparison, "compare(evidence) makes one")
    return render(
        "a comparison",
        "comparison.html",
        comparison=comparison,
        headline=headline(comparison),
        rows=list(zip(comparison.names, comparison.diagnoses, strict=True)),
        modes=shared_modes(comparison),
        modes_shown=report.MODES_SHOWN,
        words=report_words,
        pictures=report_pictures,
        parameters=_parameters(comparison, command),
        data=b64encode(json.dumps(comparison.to_dict(), indent=2).encode()).decode("ascii"),
    )


def write(comparison: Comparison, path: str | os.PathLike[str], command: str = "") -> Path:
    """Write `page` to a file, to be opened in any browser.

    Parameters
    ----------
    comparison : Comparison
    path : str or path-like
        Where to; a file there is replaced.
    command : str, optional
        See `page`.

    Returns
    -------
    Path
        The file written.
    """
    path = Path(path)
    path.write_text(page(comparison, command), encoding="utf-8")
    return path


def headline(comparison: Comparison) -> str:
    """The certain differences in one line."""
    certain = [one for one in comparison.differences if one.worse is not None]
    pairs = len(comparison.differences)
    if pairs == 0:
        return comparison.diagnoses[0].verdict.headline
    if not certain:
        return "No generator is certainly worse than another"
    if len(certain) == 1:
        one = certain[0]
        better = one.second if one.worse == one.first else one.first
        return f"“{one.worse}” is certainly worse than “{better}”"
    return f"{len(certain)} of {pairs} differences between generators are certain"


def shared_modes(comparison: Comparison) -> list[SharedMode]:
    """The modes that all generators were counted over, worst first; none if they are not the same."""
    by_name = [{mode.name: mode for mode in found.modes} for found in comparison.diagnoses]
    if any(one.keys() != by_name[0].keys() for one in by_name):
        return []
    modes = [SharedMode(name, tuple(one[name] for one in by_name)) for name in by_name[0]]
    return sorted(modes, key=lambda mode: min(one.ratio_interval.upper for one in mode.reports))


def _parameters(comparison: Comparison, command: str) -> dict[str, str]:
    first = comparison.diagnoses[0]
    eps, delta = first.verdict.point
    given = {
        "generators": str(len(comparison.names)),
        "level of all together": f"{comparison.level:g}",
        "level of each": f"{first.level:.6g}",
        "collapse means": f"(ε, δ) = ({eps:g}, {delta:g})",
        "samples": "; ".join(
            f"{name}: {report_words.samples(found)}"
            for name, found in zip(comparison.names, comparison.diagnoses, strict=True)
        ),
        "seed": str(first.seed),
        "versions": report.versions(),
    }
    if command:
        given["command"] = command
    return given
