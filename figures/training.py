"""Train generators, read them through their regions, and tell how they fare.

`python -m figures training [groups…] [--trials 10] [--out figures/out/training]`, groups as in `GROUPS`

It takes minutes a group and needs the extra `gan`. Nothing is trained twice: runs lie in the output folder as
npz (see `modecollapse.gan.experiment`), what was read from them as CSV beside each, and a run that was
interrupted goes on from its checkpoint. Written are `results.csv` (a line a group, trial and metric),
`readings.csv` (a line a trial, m and quantity) and the figures; the tables are printed.
"""

from __future__ import annotations

import argparse
import csv
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from modecollapse.validation import FloatArray

from . import style

if TYPE_CHECKING:
    from modecollapse.gan.experiment import Configuration, Run

Row = dict[str, Any]

DEGREES = (1, 2, 4)
"""Packing degrees to read at."""

PUBLISHED_MODES = {("ring", 1): 6.3, ("ring", 2): 7.9, ("grid", 1): 17.3, ("grid", 2): 23.8}
"""Mean modes found, by target and packing degree: PacGAN (arXiv:1712.04086), Table 1."""

CLIPPED: Row = {
    "loss": "wasserstein_clipped",
    "optimiser": "rmsprop",
    "learning_rate": 5e-5,
    "momentum": 0.0,
    "critic_steps": 5,
    "steps": 5000,
}
"""VirtualGAN's Algorithm 1; the number of steps is ours."""

SHOWN = 2500
"""Points drawn of each law."""

SHADES = (style.COLLAPSE, "#8fb3d9", style.SPREAD, style.INK)
"""Of the packing degrees trained with, 1 to 4."""

DIGITS: Row = {"target": "stacked digits", "latent": 32, "learning_rate": 5e-4, "steps": 4000}
"""Images need more than two latent numbers."""

GROUPS: dict[str, list[Row]] = {
    "packing": [{"target": target, "packing": m} for target in ("ring", "grid") for m in (1, 2, 3, 4)],
    "longer": [{"target": "grid", "packing": m, "steps": 45_000} for m in (1, 2)],
    "merging": [{}, {"merging": 2}, {"packing": 2}, CLIPPED, {**CLIPPED, "merging": 2}],
    "penalty": [{}, {"penalty": 3.0}, {"packing": 2}, {"packing": 2, "penalty": 3.0}],
    "digits": [{**DIGITS, "packing": m} for m in (1, 2)],
    "width": [{"hidden": hidden, "packing": m} for hidden in (32, 128) for m in (1, 2)],
}
"""What each group compares: fields of `Configuration` that are not as usual."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is missing, print the tables, write results and figures; returns the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    unknown = [name for name in options.groups if name not in GROUPS]
    if unknown:
        parser.error(f"unknown group {unknown[0]!r}; choose from {', '.join(GROUPS)}")
    if options.trials < 2:
        parser.error(f"--trials must be at least 2, for a standard error, got {options.trials}")
    try:
        from modecollapse.gan.experiment import Configuration, run
    except ModuleNotFoundError as missing:
        print(f"python -m figures training needs the extra gan: {missing}", file=sys.stderr)
        return 2
    seeds = range(options.trials)
    groups = {
        name: [run(Configuration(**fields), seeds, options.out) for fields in GROUPS[name]]
        for name in options.groups
    }
    for name, runs in groups.items():
        print(f"\n{name}, {options.trials} trials: mean ± standard error\n{results_table(runs)}")
    tidy = [{"group": name, **row} for name, runs in groups.items() for done in runs for row in done.tidy()]
    write(options.out / "results.csv", tidy)
    if "packing" in groups:
        _read(groups["packing"], options.out)
    return 0


def _read(runs: list[Run], out: Path) -> None:
    readings = [(done.configuration, readings_of(done, out)) for done in runs]
    print(f"\npacked total variation over the modes\n{readings_table(readings)}")
    write(
        out / "readings.csv",
        [
            {"target": configuration.target, "method": configuration.name, **row}
            for configuration, rows in readings
            for row in rows
        ],
    )
    style.save(draw_samples(runs), out / "samples.png")
    style.save(draw_readings(readings), out / "readings.png")


def readings_of(done: Run, folder: Path) -> list[Row]:
    """`modecollapse.gan.reading.read`, kept as CSV beside the run."""
    from modecollapse.gan.experiment import path_of
    from modecollapse.gan.reading import read

    path = path_of(done.configuration, done.seeds.tolist(), folder).with_suffix(".csv")
    if not path.exists():
        write(path, read(done, DEGREES))
    with path.open(newline="", encoding="utf-8") as file:
        return [
            {
                "seed": int(row["seed"]),
                "m": int(row["m"]),
                "quantity": row["quantity"],
                "value": float(row["value"]),
            }
            for row in csv.DictReader(file)
        ]


def write(path: Path, rows: list[Row]) -> None:
    """A tidy table as CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)


# -- tables --------------------------------------------------------------------------------------------


def results_table(runs: list[Run]) -> str:
    """A line a run: the metrics, the published number of modes, the processor time."""
    lines = [
        f"{'target':<16}{'method':<24}{'units':>6}{'steps':>7}{'modes':>18}{'published':>11}"
        f"{'high quality':>17}{'reverse KL':>17}{'CPU s':>7}"
    ]
    for done in runs:
        about = done.configuration
        cells = {name: _cell(values) for name, values in done.metrics().items()}
        lines.append(
            f"{about.target:<16}{about.name:<24}{about.hidden:>6}{about.steps:>7}{cells['modes']:>18}"
            f"{_published(about):>11}{cells.get('high_quality', ''):>17}{cells['reverse_kl']:>17}"
            f"{done.seconds:>7.0f}"
        )
    return "\n".join(lines)


def _published(about: Configuration) -> str:
    is_papers = about.merging == 1 and not about.penalty and about.loss == "cross_entropy"
    value = PUBLISHED_MODES.get((about.target, about.packing)) if is_papers else None
    return "" if value is None else f"{value:g}"


def readings_table(readings: list[tuple[Configuration, list[Row]]]) -> str:
    """A line a run and m: predicted and judged distances, and positions, as means over trials."""
    lines = [
        f"{'target':<7}{'method':<14}{'m':>2}{'predicted':>16}{'interval':>15}{'judged: modes':>16}"
        f"{'points':>16}{'position':>16}{'Theorem 4':>11}{'position':>16}{'Theorem 5':>11}{'position':>16}"
    ]
    for about, rows in readings:
        for m in DEGREES:
            of = _columns(rows, m)
            interval = "[{:.3f}, {:.3f}]".format(
                *(of(f"predicted_{end}").mean() for end in ("lower", "upper"))
            )
            lines.append(
                f"{about.target:<7}{about.name:<14}{m:>2}{_cell(of('predicted')):>16}{interval:>15}"
                f"{_cell(of('judged_modes')):>16}{_cell(of('judged_points')):>16}{_cell(of('position')):>16}"
                + "".join(
                    f"{np.sum(of('theorem') == theorem):>11}{_cell(of(f'theorem_{theorem}_position')):>16}"
                    for theorem in (4, 5)
                )
            )
    return "\n".join(lines)


def _columns(rows: list[Row], m: int) -> Callable[[str], FloatArray]:
    """The values of a quantity over trials, at one m."""
    return lambda quantity: np.array(
        [row["value"] for row in rows if row["m"] == m and row["quantity"] == quantity]
    )


def _cell(values: FloatArray) -> str:
    from modecollapse.gan.experiment import mean_and_error

    if len(values) < 2:
        return "".join(f"{value:.3f}" for value in values)
    return "{:.3f} ± {:.3f}".format(*mean_and_error(values))


# -- figures -------------------------------------------------------------------------------------------


@style.styled
def draw_samples(runs: list[Run]) -> Figure:
    """The target, GAN and PacGAN2 on ring and grid: the first trial's points, as in PacGAN's Figure 2."""
    figure = Figure(figsize=(style.PAGE, 0.68 * style.PAGE), layout="constrained")
    axes, letters = figure.subplots(2, 3), iter("abcdef")
    for row, target in zip(axes, ("ring", "grid"), strict=True):
        shown = [
            done for done in runs if done.configuration.target == target and done.configuration.packing < 3
        ]
        law = shown[0].configuration.law
        real = law.sample(SHOWN, np.random.default_rng(0))
        lots = [("target", real), *((done.configuration.name, done.samples[0, :SHOWN]) for done in shown)]
        for ax, (name, points) in zip(row, lots, strict=True):
            ax.scatter(*points.T, s=1, color=style.INK if name == "target" else style.SPREAD, linewidths=0)
            style.title(ax, next(letters), f"{target}: {name}")
            ax.set(aspect="equal", xticks=[], yticks=[])
            reach = 1.3 * np.abs(law.means).max()
            ax.set(xlim=(-reach, reach), ylim=(-reach, reach))
    return figure


@style.styled
def draw_readings(readings: list[tuple[Configuration, list[Row]]]) -> Figure:
    """Packed distances over the modes, predicted and judged, and their positions in Theorem 3's range."""
    figure = Figure(figsize=(style.PAGE, 0.8 * style.PAGE), layout="constrained")
    axes, letters = figure.subplots(2, 2, sharex=True), iter("abcd")
    for row, target in zip(axes, ("ring", "grid"), strict=True):
        methods = [(about, rows) for about, rows in readings if about.target == target]
        for about, rows in methods:
            shade = SHADES[about.packing - 1]
            columns = [_columns(rows, m) for m in DEGREES]
            _errorbars(row[0], DEGREES, [of("predicted") for of in columns], color=shade, label=about.name)
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


def _errorbars(ax: Axes, degrees: Sequence[int], values: list[FloatArray], **look: Any) -> None:
    from modecollapse.gan.experiment import mean_and_error

    means, errors = zip(*map(mean_and_error, values), strict=True)
    ax.errorbar(degrees, means, errors, capsize=2, **look)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m figures training", description="Train generators and read them through their regions."
    )
    parser.add_argument(
        "groups", nargs="*", default=list(GROUPS), help=f"of {', '.join(GROUPS)}; default: all"
    )
    parser.add_argument("--trials", type=int, default=10, help="seeds 0, 1, … (default: %(default)s)")
    parser.add_argument(
        "--out",
        type=Path,
        default=Path("figures/out/training"),
        help="folder of runs, tables and figures (default: %(default)s)",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
