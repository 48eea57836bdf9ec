"""The figures of the training studies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from modecollapse.arrays import FloatArray
from modecollapse.plotting import draw_region

from ..parts import style
from .judges import COLLAPSE, counted
from .runs import Run, mean_and_error
from .study import Watched
from .tables import DEGREES, METRICS, Reading, column, critic_size

SHOWN = 2500
"""Number of points drawn from each law."""

TARGETS = ("ring", "grid")

LEVEL = 0.95
"""Confidence level of the confidence bands."""

FINE = np.linspace(0, 1, 401)

SHADES = (style.COLLAPSE, style.SPREAD, "#8fb3d9", style.INK)
"""Colours of the packing degrees trained with, 1 to 4."""

BASELINE = "#8a8a8a"
"""Colour of minibatch discrimination, beside packing."""

MARKERS = "osD^v<>PX*hd"
"""Markers of methods side by side."""

LOGARITHMIC = ("reverse KL",)
"""Metrics that are compared by ratios."""

WEIGHTINGS = {"by distance": style.DASHED, "equal": ":"}
"""Line styles of runs with the mode penalty, by weighting."""


@style.styled
def draw_samples(runs: list[Run]) -> Figure:
    """The target, GAN and PacGAN2 on ring and grid: the first trial's points, as in PacGAN's Figure 2."""
    figure = Figure(figsize=(style.PAGE, 0.68 * style.PAGE), layout="constrained")
    axes, letters = figure.subplots(2, 3), iter("abcdef")
    for row, target in zip(axes, TARGETS, strict=True):
        shown = _first_two(runs, target)
        law = shown[0].configuration.law
        real = law.sample(SHOWN, np.random.default_rng(0))
        panels = [("target", real), *((run.configuration.name, run.samples[0, :SHOWN]) for run in shown)]
        for ax, (name, points) in zip(row, panels, strict=True):
            ax.scatter(*points.T, s=1, color=style.INK if name == "target" else style.SPREAD, linewidths=0)
            style.title(ax, next(letters), f"{target}: {name}")
            ax.set(aspect="equal", xticks=[], yticks=[])
            reach = 1.3 * np.abs(law.means).max()
            ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    return figure


@style.styled
def draw_regions(runs: list[Run]) -> Figure:
    """GAN and PacGAN2 on ring and grid: the first trial's regions with their confidence bands."""
    figure = Figure(figsize=(style.PAGE, 0.52 * style.PAGE), layout="constrained")
    axes = figure.subplots(1, 2)
    for ax, letter, target in zip(axes, "ab", TARGETS, strict=True):
        for run in _first_two(runs, target):
            configuration, (counts, *_) = run.configuration, counted(run)
            shade = SHADES[configuration.packing - 1]
            draw_region(ax, counts.region, fill_alpha=0, color=shade, label=configuration.name)
            ends = [end.boundary(FINE) for end in counts.confidence_band(LEVEL)]
            ax.fill_between(FINE, *ends, color=shade, alpha=0.25, linewidth=0)
        ax.plot(*COLLAPSE, "o", color=style.INK, markersize=4, clip_on=False, label=f"(ε, δ) = {COLLAPSE}")
        style.title(ax, letter, target)
    axes[0].legend(loc="lower right")
    return figure


@style.styled
def draw_readings(readings: list[Reading]) -> Figure:
    """Packed distances over the modes, predicted and measured, with their positions in Theorem 3's range."""
    figure = Figure(figsize=(style.PAGE, 0.8 * style.PAGE), layout="constrained")
    axes, letters = figure.subplots(2, 2, sharex=True), iter("abcd")
    for row, target in zip(axes, TARGETS, strict=True):
        for reading in (each for each in readings if each.configuration.target == target):
            configuration = reading.configuration
            shade = SHADES[configuration.packing - 1]
            columns = [column(reading.rows, m) for m in DEGREES]
            _errorbars(
                row[0], DEGREES, [of("predicted") for of in columns], color=shade, label=configuration.name
            )
            judged = [of("judged_modes").mean() for of in columns]
            row[0].plot(DEGREES, judged, "x", color=shade)
            _errorbars(row[1], DEGREES[1:], [of("position") for of in columns[1:]], color=shade)
        style.title(row[0], next(letters), f"{target}: predicted (lines), judged (crosses)")
        style.title(row[1], next(letters), f"{target}: place in Theorem 3's range")
        row[0].set(ylabel="total variation of $m$ modes")
        row[1].set(ylabel="position", ylim=(0, 1))
        row[0].legend()
    for ax in axes[1]:
        ax.set(xlabel="$m$", xticks=DEGREES)
    return figure


@style.styled
def draw_places(readings: list[Reading]) -> Figure:
    """Each method's total variation over the modes, and its place in the range at the greatest m.

    The means of trials and their standard errors. Without collapse a generator is low at the left.
    """
    figure = Figure(figsize=(style.PAGE, 0.52 * style.PAGE), layout="constrained")
    axes = figure.subplots(1, 2, sharey=True)
    for ax, letter, target in zip(axes, "ab", TARGETS, strict=True):
        for reading, marker in zip(
            (each for each in readings if each.configuration.target == target), MARKERS, strict=False
        ):
            values = column(reading.rows, 1)("predicted"), column(reading.rows, DEGREES[-1])("position")
            (x, x_error), (y, y_error) = map(mean_and_error, values)
            shade = style.COLLAPSE if reading.configuration.name == "GAN" else style.SPREAD
            look = {"color": shade, "marker": marker, "linestyle": "", "markersize": 5, "elinewidth": 0.7}
            ax.errorbar(x, y, y_error, x_error, label=reading.configuration.name, **look)
        style.title(ax, letter, target)
        ax.set(xlabel="total variation of the modes, $\\tau$", xlim=(0, None), ylim=(0, 1))
    axes[0].set(ylabel=f"position in Theorem 3's range, $m = {DEGREES[-1]}$")
    handles, names = axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=3)
    return figure


@style.styled
def draw_sizes(runs: list[Run]) -> Figure:
    """The metrics against the discriminator's parameters, a line a method, as in PacGAN's Figures 3 to 5."""
    figure = Figure(figsize=(style.PAGE, 0.36 * style.PAGE), layout="constrained")
    axes = figure.subplots(1, 3)
    methods: dict[str, list[Run]] = {}
    for run in sorted(runs, key=lambda run: run.configuration.critic_hidden):
        methods.setdefault(run.configuration.name, []).append(run)
    for name, line in methods.items():
        configuration = line[0].configuration
        look: dict[str, Any] = {"color": SHADES[configuration.packing - 1], "marker": "o"}
        if configuration.architecture == "discriminating":
            look = {"color": BASELINE, "marker": "s", "linestyle": style.DASHED}
        sizes = [critic_size(run.configuration) for run in line]
        for ax, (metric, _) in zip(axes, METRICS.values(), strict=True):
            values = [run.metrics[metric] for run in line]
            _errorbars(ax, sizes, values, label=name, markersize=3.5, elinewidth=0.7, **look)
    _head(axes)
    for ax in axes:
        ax.set(xlabel="parameters of the discriminator")
        _logarithmic(ax, "x")
    return figure


@style.styled
def draw_histories(watched: list[Watched]) -> Figure:
    """The metrics while training, a line a method, as means within their standard errors.

    The weights of the penalty are on and off, as in Mode-penalty GAN's Figure 6.
    """
    figure = Figure(figsize=(style.PAGE, 0.36 * style.PAGE), layout="constrained")
    axes = figure.subplots(1, 3)
    for run, history in watched:
        configuration = run.configuration
        dashes = WEIGHTINGS[configuration.weighting] if configuration.penalty else "-"
        look = {
            "color": SHADES[configuration.packing - 1],
            "linestyle": dashes,
            "label": configuration.name,
        }
        for ax, (metric, _) in zip(axes, METRICS.values(), strict=True):
            means, errors = np.transpose([mean_and_error(values) for values in history[metric]])
            ax.plot(history["steps"], means, **look)
            area = {"color": look["color"], "alpha": 0.15, "linewidth": 0}
            ax.fill_between(history["steps"], means - errors, means + errors, **area)
    _head(axes)
    for ax in axes:
        ax.set(xlabel="steps")
        ax.locator_params("x", nbins=4)
    return figure


def _first_two(runs: list[Run], target: str) -> list[Run]:
    """The runs of GAN and PacGAN2 on a target."""
    names = "GAN", "Pac(GAN)(2)"
    return [run for run in runs if run.configuration.target == target and run.configuration.name in names]


def _head(axes: Sequence[Axes]) -> None:
    """Name the panels by metrics, choose their vertical axes, and put one legend below them."""
    for ax, letter, name in zip(axes, "abc", METRICS, strict=True):
        style.title(ax, letter, name)
        if name in LOGARITHMIC:
            _logarithmic(ax, "y")
        else:
            ax.set(ylim=(0, 1.05 * ax.dataLim.y1))
            ax.locator_params("y", nbins=5)
    handles, names = axes[0].get_legend_handles_labels()
    axes[0].figure.legend(handles, names, loc="outside lower center", ncols=len(names))


def _logarithmic(ax: Axes, which: Literal["x", "y"]) -> None:
    """A logarithmic axis with plain numbers at 1 and 3, for ranges of about two powers of ten."""
    ax.set(**{f"{which}scale": "log"})
    axis = ax.xaxis if which == "x" else ax.yaxis
    axis.set_major_locator(LogLocator(subs=(1, 3)))
    axis.set_major_formatter("{x:g}")
    axis.set_minor_formatter(NullFormatter())


def _errorbars(ax: Axes, x: Sequence[float], values: list[FloatArray], **look: Any) -> None:
    means, errors = zip(*map(mean_and_error, values), strict=True)
    ax.errorbar(x, means, errors, capsize=2, **look)
