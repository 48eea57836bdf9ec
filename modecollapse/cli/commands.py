"""The commands: each computes columns and knows how to draw them.

Help and usage errors should not wait for compiled code: commands import what they need when they run, and
look at all that is on the command line before.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import modecollapse as mc
from modecollapse import extras
from modecollapse.cli.reading import degrees, point
from modecollapse.files.address import Source, source
from modecollapse.files.pmfs import pmf

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from modecollapse.samples import ModeCounts, ScoreCounts
    from modecollapse.table import Table


Columns = dict[str, list[Any]]


class Answer(NamedTuple):
    """The columns of a table, and the same as a picture."""

    columns: Columns
    draw: Callable[[Axes], object]

    @property
    def table(self) -> Table:
        """The columns, all of numbers."""
        import numpy as np

        from modecollapse.table import Table

        return Table({name: np.array(values) for name, values in self.columns.items()})

    def plot(self, path: str) -> None:
        """Draw on an Axes and save it; the format is the path's ending."""
        try:
            from matplotlib.figure import Figure
        except ImportError:
            raise extras.missing("--plot", "matplotlib") from None
        figure = Figure(figsize=(5.0, 4.0), layout="constrained")
        self.draw(figure.subplots())
        figure.savefig(path)


def tv(options: argparse.Namespace) -> Answer:
    """d_TV(P^m, Q^m) of two pmfs."""
    from modecollapse import validation

    p, q, m = pmf("--p", options.p), pmf("--q", options.q), degrees(options.m)
    mc.Region.from_pmfs(p, q)  # refuses what is no pair of pmfs
    validation.degrees(m)
    columns: Columns = {"m": m, "tv": mc.packed_tv((p, q), m).tolist()}
    if options.log_overlap:
        columns["log_overlap"] = mc.packed_overlap((p, q), m, log=True).tolist()

    def draw(ax: Axes) -> None:
        ax.plot(m, columns["tv"], marker="o")
        ax.set(xlabel="packing degree $m$", ylabel="$d_{\\rm TV}(P^m, Q^m)$", ylim=(0, None))

    return Answer(columns, draw)


def region(options: argparse.Namespace) -> Answer:
    """The corners of the region of (P^m, Q^m)."""
    from modecollapse import validation

    single = mc.Region.from_pmfs(pmf("--p", options.p), pmf("--q", options.q))
    m = degrees(options.m)
    validation.degrees(m)
    columns: Columns = {"m": [], "eps": [], "delta": []}
    for degree in m:
        vertices = mc.pack(single, degree).vertices
        columns["m"] += [degree] * len(vertices)
        columns["eps"] += vertices[:, 0].tolist()
        columns["delta"] += vertices[:, 1].tolist()

    def draw(ax: Axes) -> None:
        from modecollapse.plotting import draw_regions

        draw_regions(ax, single, m)
        ax.legend(loc="lower right")

    return Answer(columns, draw)


def bounds(options: argparse.Namespace) -> Answer:
    """The range of d_TV(P^m, Q^m) at a given d_TV(P, Q), with and without collapse."""
    m = degrees(options.m)
    conditions: dict[str, tuple[float, float] | None] = {"": None}
    if options.collapse:
        conditions["collapse"] = point("--collapse", options.collapse)
    if options.no_collapse:
        conditions["no_collapse"] = point("--no-collapse", options.no_collapse)
    _check_conditions(options.tau, m, conditions)
    ends = _printed_ends if options.as_printed else _true_ends
    columns: Columns = {"m": m}
    for name, at in conditions.items():
        prefix = f"{name}_" if name else ""
        columns[f"{prefix}lower"], columns[f"{prefix}upper"] = ends(options.tau, m, name, at)

    def draw(ax: Axes) -> None:
        _draw_bands(ax, columns)

    return Answer(columns, draw)


def _check_conditions(tau: float, m: list[int], conditions: Mapping[str, tuple[float, float] | None]) -> None:
    """Refuse what is no τ, no packing degree or no point."""
    from modecollapse import validation

    validation.probability("tau", tau)
    validation.degrees(m)
    for name, at in conditions.items():
        if at is not None:
            validation.collapse_point(name, at)


LOOKS: dict[str, dict[str, Any]] = {
    "": {"color": "0.45", "label": "all pairs"},
    "collapse_": {"color": "#e08a2c", "label": "with collapse"},
    "no_collapse_": {"color": "#1d4f80", "label": "without"},
}


def _draw_bands(ax: Axes, columns: Columns) -> None:
    from modecollapse.plotting import draw_band

    for prefix, look in LOOKS.items():
        if f"{prefix}lower" in columns:
            draw_band(ax, columns["m"], columns[f"{prefix}lower"], columns[f"{prefix}upper"], **look)
    ax.legend(loc="best")


def _true_ends(
    tau: float, m: list[int], name: str, at: tuple[float, float] | None
) -> tuple[list[float], list[float]]:
    words = ("no_collapse", "no_augmentation") if name == "no_collapse" else (name,)
    condition: dict[str, Any] = dict.fromkeys(words, at) if name else {}
    band = mc.tv_band(tau, m, **condition)
    return band.lower.tolist(), band.upper.tolist()


def _printed_ends(
    tau: float, m: list[int], name: str, at: tuple[float, float] | None
) -> tuple[list[float], list[float]]:
    """Theorem 3, 4 or 5 as printed, with the paper's choice between its formulas."""
    from modecollapse import paper

    if name == "collapse" and at is not None:
        return [float(paper.L1(*at, tau, k)) for k in m], [float(paper.U(tau, k)) for k in m]
    if name == "no_collapse" and at is not None and tau >= at[1] - at[0]:
        low, up = (paper.L2, paper.U1) if sum(at) <= 1 else (paper.L3, paper.U2)
        return [float(low(*at, tau, k)) for k in m], [float(up(*at, tau, k)) for k in m]
    return [float(paper.L(tau, k)) for k in m], [float(paper.U(tau, k)) for k in m]


def separate(options: argparse.Namespace) -> Answer:
    """The m at which every pair with collapse is told from every pair without."""
    m = degrees(options.m)
    collapse = point("--collapse", options.collapse)
    no_collapse = point("--no-collapse", options.no_collapse)
    _check_conditions(options.tau, m, {"collapse": collapse, "no_collapse": no_collapse})
    h1 = mc.PairClass(tau=options.tau, collapse=collapse)
    h0 = mc.PairClass(tau=options.tau, no_collapse=no_collapse, no_augmentation=no_collapse)
    separating = mc.separating_degrees(h1, h0, m).tolist()

    def draw(ax: Axes) -> None:
        columns: Columns = {"m": m}
        for name, at in (("collapse", collapse), ("no_collapse", no_collapse)):
            columns[f"{name}_lower"], columns[f"{name}_upper"] = _true_ends(options.tau, m, name, at)
        for number, degree in enumerate(separating):
            label = "" if number else "told apart"
            ax.axvspan(degree - 0.5, degree + 0.5, color="0.93", linewidth=0, zorder=0, label=label)
        _draw_bands(ax, columns)

    return Answer({"separating_m": separating}, draw)


def diagnose(options: argparse.Namespace) -> None:
    """Diagnose a generator from samples, as text or JSON, and as a page."""
    from modecollapse import validation
    from modecollapse.pages import templates

    # what is wrong with the options is said before files are read, which may take minutes
    validation.probability("level", options.level)
    m = validation.degrees(degrees(options.m))
    sources = _sources(options)
    if options.report:
        templates.require("--report")

    from modecollapse import samples

    level = validation.level(options.level)
    diagnosis = samples.diagnose(_evidence(options, sources), level, m)
    if options.report:
        from modecollapse.pages import report

        report.write(diagnosis, options.report, options.command_line)
    print(json.dumps(diagnosis.to_dict(), indent=2) if options.json else diagnosis)


def _sources(options: argparse.Namespace) -> list[Source]:
    """The files of real and generated samples, and of centres if these are asked for."""
    if (options.radius is None) != (options.centres is None):
        raise ValueError(
            "--centres and --radius go together: a sample counts for a centre within the radius, inf for any"
        )
    given = (options.real, options.generated, options.centres)
    return [source(text) for text in given if text is not None]


def _evidence(options: argparse.Namespace, sources: list[Source]) -> ModeCounts | ScoreCounts:
    from modecollapse.cli import evidence

    real, generated, *centres = sources
    if centres:
        return evidence.around_centres(real, generated, centres[0], options.radius)
    if options.cells is not None:
        return evidence.in_cells(real, generated, options.cells, options.seed)
    if options.labels:
        return evidence.by_labels(real, generated)
    return evidence.by_scores(real, generated)


def explore(options: argparse.Namespace) -> None:
    """Write the explorer, one HTML page."""
    from modecollapse.pages import explorer

    print(explorer.write(options.out))


def figures(options: argparse.Namespace) -> None:
    """Draw the figures, as `python -m figures` does."""
    # installed, they are inside the package; in a checkout, beside it
    home = "modecollapse.figures" if find_spec("modecollapse.figures") else "figures"
    try:
        code = import_module(f"{home}.__main__").main(options.rest)
    except ModuleNotFoundError as error:
        if not extras.is_about(error, "matplotlib"):
            raise
        raise extras.missing("drawing figures", "matplotlib") from None
    if code:
        raise SystemExit(code)
