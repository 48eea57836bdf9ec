"""The commands: each computes columns and knows how to draw them.

Help and usage errors should not wait for compiled code: commands import what they need when they run, and
look at all that is on the command line before.
"""

from __future__ import annotations

import argparse
import json
import math
import textwrap
from collections.abc import Callable, Mapping
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, NamedTuple

import modecollapse as mc
from modecollapse import extras, progress
from modecollapse.cli import conditions, verify
from modecollapse.cli.reading import degrees
from modecollapse.files import destination
from modecollapse.files.address import Source, source
from modecollapse.files.pmfs import pmfs

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from modecollapse import PairClass, Region
    from modecollapse.samples import Diagnosis
    from modecollapse.samples.evidence import Evidence
    from modecollapse.table import Table
    from modecollapse.theorems.band import ArrayBand
    from modecollapse.theorems.paper import Optimum

Columns = dict[str, list[Any]]

PICTURE_SIZE = 4.5, 3.4
"""Width and height of a picture, in inches."""

TITLE_WIDTH = 76
"""Characters in a line of a title, as many as fit the picture."""

CHERNOFF_DEGREES = 40
"""Greatest packing degree in the picture of a Chernoff information."""

Formula = Callable[[int], "Optimum"]
"""An end of a printed range, as a function of m."""


class Answer(NamedTuple):
    """An answer in each of its forms.

    Attributes
    ----------
    columns : dict of str to list
        The columns of a table.
    draw : callable
        Draws the same on an Axes.
    title : str
        The parameters, in words: the title of the picture.
    readable : Table, optional
        The same for readers, where that is another table.
    """

    columns: Columns
    draw: Callable[[Axes], object]
    title: str
    readable: Table | None = None

    @property
    def table(self) -> Table:
        """The columns, all of numbers or truth values."""
        import numpy as np

        from modecollapse.table import Table

        return Table({name: np.array(values) for name, values in self.columns.items()})

    def json(self) -> str:
        return self.table.json()

    def csv(self) -> str:
        return self.table.csv()

    def text(self) -> str:
        return (self.table if self.readable is None else self.readable).text()

    def plot(self, path: str) -> None:
        """Draw in the style of the project's figures and save it; the format is the path's ending."""
        save_picture(path, self.draw, self.title)


def save_picture(path: str, draw: Callable[[Axes], object], title: str) -> None:
    """Draw one panel under a title in the style of the project's figures, and save it."""
    try:
        import matplotlib.style
        from matplotlib.figure import Figure

        from modecollapse.plotting import STYLE
    except ImportError:
        raise extras.missing("--plot", "matplotlib") from None
    with matplotlib.style.context(STYLE, after_reset=True):
        figure = Figure(figsize=PICTURE_SIZE)
        ax = figure.subplots()
        draw(ax)
        ax.set_title("\n".join(textwrap.wrap(title, TITLE_WIDTH)))
        figure.savefig(path)


def tv(options: argparse.Namespace) -> Answer:
    """d_TV(P^m, Q^m) of two pmfs."""
    from modecollapse import validation

    m = degrees(options.m)
    single = _region_of_pair(options)
    validation.degrees(m)
    columns: Columns = {"m": m, "tv": mc.packed_tv(single, m).tolist()}
    if options.log_overlap:
        columns["log_overlap"] = mc.packed_overlap(single, m, log=True).tolist()

    def draw(ax: Axes) -> None:
        from modecollapse.plotting import draw_packed_tv

        draw_packed_tv(ax, single, m, marker="o")
        ax.set_ylim(0, None)

    return Answer(columns, draw, _pair_in_words(options))


def divergence(options: argparse.Namespace) -> Answer:
    """A divergence of P^m from Q^m."""
    from modecollapse.divergence import validate_divergence

    validate_divergence(options.name, options.order)
    single, m = _region_of_pair(options), degrees(options.m)
    values = mc.packed_divergence(single, m, options.name, order=options.order).tolist()
    title = f"{options.name}{'' if options.order == 1 else f' of order {options.order:g}'}"

    def draw(ax: Axes) -> None:
        from modecollapse.plotting import ORDINATES, label_degrees

        if math.inf in values:
            raise ValueError(
                f"--plot draws finite values only, and the divergence {options.name} is infinite"
            )
        ax.plot(m, values, marker="o")
        label_degrees(ax, ORDINATES[options.name])

    return Answer({"m": m, options.name: values}, draw, f"{title}, {_pair_in_words(options)}")


def chernoff(options: argparse.Namespace) -> Answer:
    """The Chernoff information of two pmfs, and the overlaps that it bounds."""
    single = _region_of_pair(options)
    rate = mc.chernoff_information(single)

    def draw(ax: Axes) -> None:
        from modecollapse.plotting import draw_overlap

        if rate == math.inf:
            raise ValueError("--plot draws overlaps above 0, and P and Q have no letter in common")
        draw_overlap(ax, single, range(1, CHERNOFF_DEGREES + 1), label="overlap")
        m = [1, CHERNOFF_DEGREES]
        ax.plot(m, [math.exp(-rate * k) for k in m], linestyle="--", label="exp(−m C)")
        ax.legend()

    return Answer({"chernoff_information": [rate]}, draw, _pair_in_words(options))


def _region_of_pair(options: argparse.Namespace) -> Region:
    return mc.Region.from_pmfs(*pmfs(("--p", options.p), ("--q", options.q)))


def region(options: argparse.Namespace) -> Answer:
    """The corners of the region of (P^m, Q^m)."""
    from modecollapse import validation

    single = _region_of_pair(options)
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

    return Answer(columns, draw, _pair_in_words(options))


def _pair_in_words(options: argparse.Namespace) -> str:
    """The two pmfs as they were given."""
    return f"P: {options.p}, Q: {options.q}"


def bounds(options: argparse.Namespace) -> Answer:
    """The range of a divergence of P^m from Q^m over a class of pairs, or the range that the paper prints."""
    from modecollapse import validation
    from modecollapse.divergence import validate_divergence

    m = degrees(options.m)
    validation.degrees(m)
    validate_divergence(options.divergence, options.order)
    pairs = conditions.pair_class(options)
    return _as_printed(pairs, m, options) if options.as_printed else _as_is(pairs, m, options)


def _as_is(pairs: PairClass, m: list[int], options: argparse.Namespace) -> Answer:
    """The true range, in which a maximum is told from a supremum and a minimum from an infimum."""
    if options.certificate:
        destination.require("--certificate", options.certificate)
        verify.save(pairs, m, options)
    band = mc.band(pairs, m, divergence=options.divergence, order=options.order, gap=options.gap)

    def draw(ax: Axes) -> None:
        draw_bands(ax, {"": band})
        ax.legend(loc="best")

    return Answer(dict(band.to_dict()), draw, ", ".join(conditions.words(pairs)), band.table())


def _as_printed(pairs: PairClass, m: list[int], options: argparse.Namespace) -> Answer:
    """The range as printed in Theorem 3, 4 or 5."""
    if options.divergence != "tv" or options.gap is not None:
        raise ValueError("--as-printed takes no --divergence and no --gap: the paper prints total variation")
    if options.certificate:
        raise ValueError("--as-printed takes no --certificate: what is printed is in places wrong")
    lower, upper = _formulas(pairs, options)
    columns: Columns = {"m": m, "lower": [float(lower(k)) for k in m], "upper": [float(upper(k)) for k in m]}

    def draw(ax: Axes) -> None:
        from modecollapse.plotting import draw_range

        draw_range(ax, m, columns["lower"], columns["upper"], color=COLOURS[0])

    return Answer(columns, draw, ", ".join(["as printed", *conditions.words(pairs)]))


def _formulas(pairs: PairClass, options: argparse.Namespace) -> tuple[Formula, Formula]:
    """The ends of Theorem 3, 4 or 5 as functions of m, with the paper's choice between its formulas."""
    from modecollapse import paper

    tau = pairs.tau
    if pairs.regime is None or not isinstance(tau, float) or options.augmentation:
        raise ValueError(
            "the paper has formulas for one --tau with no other condition, with one --collapse, and with "
            f"--no-collapse and --no-augmentation at one point; got {', '.join(conditions.words(pairs))}"
        )
    for eps, delta in conditions.points(options, "collapse"):
        return partial(paper.L1, eps, delta, tau), partial(paper.U, tau)
    for eps, delta in conditions.points(options, "no_collapse"):
        low, up = (paper.L2, paper.U1) if eps + delta <= 1 else (paper.L3, paper.U2)
        if tau >= delta - eps:
            return partial(low, eps, delta, tau), partial(up, eps, delta, tau)
    return partial(paper.L, tau), partial(paper.U, tau)


COLOURS = ("#1d4f80", "#e08a2c")
"""The colours of the ranges in a picture, in order."""


def draw_bands(ax: Axes, bands: Mapping[str, ArrayBand]) -> None:
    """Draw ranges by name; filled points are ends that a pair attains, hollow points are only approached."""
    from modecollapse.plotting import draw_band

    drawn = [
        draw_band(ax, band, color=colour, label=name or None)
        for (name, band), colour in zip(bands.items(), COLOURS, strict=False)
    ]
    for kind, label in (("attained", "attained: min, max"), ("approached", "approached: inf, sup")):
        points = [getattr(artists, kind) for artists in drawn if getattr(artists, kind) is not None]
        if points:
            points[0].set_label(label)


def diagnose(options: argparse.Namespace) -> None:
    """Diagnose a generator from samples, as text or JSON, and as a page.

    All that can be wrong is looked at before the work: options, files, places to write to, missing packages.
    """
    from modecollapse import validation
    from modecollapse.cli import kinds
    from modecollapse.pages import templates

    level = validation.level(options.level)
    severity = validation.positive("severity", validation.probability("severity", options.severity))
    seed = validation.whole("seed", options.seed, 0)
    m = validation.degrees(degrees(options.m))
    kinds.check(options)
    if options.cells is None and (options.names or options.images or options.rows):
        raise ValueError("--names, --images and --rows are about the rows of cells: they go with --cells")
    files = [options.real] if options.generated is None else [options.real, options.generated]
    real, generated = kinds.two(options, files, "diagnose")
    training = _training(options)
    if options.report:
        templates.require("--report")
        destination.require("--report", options.report)
    if options.rows:
        destination.require("--rows", options.rows)
    if options.plot:
        destination.require_picture("--plot", options.plot)

    from modecollapse import samples
    from modecollapse.cli import evidence, looking

    with progress.clock("modecollapse diagnose"):
        shown = None
        seen: Evidence
        if options.cells is None or not isinstance(real, Source):
            (seen,) = evidence.of(options, real, {"": generated}).values()
        else:
            if options.images:
                from modecollapse.files import images

                images.require("--images")
            rows = evidence.read_features(real, {"": generated})
            looks = looking.read(options, real, (rows.real.shape[0], rows.generated[""].shape[0]))
            counts = evidence.in_cells(rows, options.cells, seed)[""]
            seen, shown = counts, looks.examples(counts)
            if options.rows:
                looking.write_rows(options.rows, counts, looks.names)
        copies = None
        if training is not None and isinstance(real, Source):
            copies = evidence.copies(training, real, generated, level, seed)
        diagnosis = samples.diagnose(seen, level, m, severity=severity, seed=seed, copies=copies)
    # printed first, so that it is not lost if the disk is full
    if options.json:
        more = {} if shown is None else {"nearest": looking.plain(shown)}
        print(json.dumps({**diagnosis.to_dict(), **more}, indent=2))
    elif options.csv:
        print(_curves(diagnosis).csv().removesuffix("\n"))
    else:
        print(diagnosis if shown is None else f"{diagnosis}\n\n{looking.text(diagnosis, shown)}")
    if options.plot:
        beside = options.generated or (f"by {options.by}" if options.by else f"target {options.target}")
        title = f"{options.real}, {beside}; level {level:g}, seed {seed}"
        save_picture(options.plot, partial(_draw_diagnosis, diagnosis), title)
    if options.report:
        from modecollapse.pages import report

        report.write(diagnosis, options.report, options.command_line, shown)


def _curves(diagnosis: Diagnosis) -> Table:
    """The (ε,δ) curves of collapse and of augmentation as one table."""
    from modecollapse.table import Table

    return Table.from_rows(
        [
            {
                "kind": kind,
                "eps": point.eps,
                "delta": point.delta,
                "delta_lower": point.interval.lower,
                "delta_upper": point.interval.upper,
            }
            for kind in ("collapse", "augmentation")
            for point in getattr(diagnosis, kind)
        ]
    )


def _draw_diagnosis(diagnosis: Diagnosis, ax: Axes) -> None:
    from modecollapse.plotting import draw_region

    draw_region(ax, diagnosis.confidence_band, color=COLOURS[1], label="certain; dashed: not excluded")
    draw_region(ax, diagnosis.region, color=COLOURS[0], fill_alpha=0, label="as counted")
    ax.legend(loc="lower right")


def _training(options: argparse.Namespace) -> Source | None:
    """The file of training rows, if there is one."""
    if options.training is None:
        return None
    if options.labels or options.scores:
        raise ValueError("--training compares rows of features: it goes with --centres or --cells")
    return source(options.training)


def explore(options: argparse.Namespace) -> None:
    """Write the explorer, one HTML page."""
    from modecollapse.pages import explorer

    destination.require("--out", options.out)
    print(explorer.write(options.out))


def figures(options: argparse.Namespace) -> None:
    """Draw the figures, as `python -m figures` does."""
    # installed, they are inside the package; in a checkout, beside it
    home = "modecollapse.figures" if find_spec("modecollapse.figures") else "figures"
    try:
        code = import_module(f"{home}.__main__").main(options.rest, "modecollapse figures")
    except ModuleNotFoundError as error:
        if not extras.is_about(error, "matplotlib"):
            raise
        raise extras.missing("drawing figures", "matplotlib") from None
    if code:
        raise SystemExit(code)
