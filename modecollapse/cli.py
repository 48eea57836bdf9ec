"""The shell tool: `modecollapse tv | bounds | separate`."""

from __future__ import annotations

import argparse
import csv
import json
import sys
from collections.abc import Sequence
from typing import Any

import numpy as np

import modecollapse as mc
from modecollapse import paper

Columns = dict[str, list[Any]]

USAGE, INFEASIBLE, PRECISION = 2, 3, 4
"""Exit codes: bad usage or input, conditions that exclude each other, precision out of reach."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0, 2 usage or input, 3 infeasible, 4 precision)."""
    options = _parser().parse_args(arguments)
    try:
        columns = options.command(options)
    except mc.InfeasibleError as error:
        return _fail(error, INFEASIBLE)
    except ValueError as error:
        return _fail(error, USAGE)
    except mc.PrecisionError as error:
        return _fail(error, PRECISION)
    options.write(columns)
    return 0


def _fail(error: Exception, code: int) -> int:
    print(f"modecollapse: error: {error}", file=sys.stderr)
    return code


# -- commands ----------------------------------------------------------------------------------------


def _tv(options: argparse.Namespace) -> Columns:
    p, q, m = _numbers("--p", options.p), _numbers("--q", options.q), _degrees(options.m)
    return {
        "m": m,
        "tv": mc.packed_tv(p, q, m).tolist(),
        "log_overlap": mc.packed_overlap(p, q, m, log=True).tolist(),
    }


def _bounds(options: argparse.Namespace) -> Columns:
    m = _degrees(options.m)
    conditions: dict[str, tuple[float, float]] = {}
    if options.collapse:
        conditions["collapse"] = _point("--collapse", options.collapse)
    if options.no_collapse:
        conditions["no_collapse"] = _point("--no-collapse", options.no_collapse)
    ends = _printed_ends if options.as_printed else _true_ends
    columns: Columns = {"m": m}
    columns["lower"], columns["upper"] = ends(options.tau, m, None, None)
    for name, point in conditions.items():
        columns[f"{name}_lower"], columns[f"{name}_upper"] = ends(options.tau, m, name, point)
    return columns


def _true_ends(
    tau: float, m: list[int], name: str | None, point: tuple[float, float] | None
) -> tuple[list[float], list[float]]:
    band = mc.tv_band(tau, m, **({name: point} if name else {}))  # type: ignore[arg-type]
    return band.lower.tolist(), band.upper.tolist()


def _printed_ends(
    tau: float, m: list[int], name: str | None, point: tuple[float, float] | None
) -> tuple[list[float], list[float]]:
    """Theorem 3, 4 or 5 as printed, with the paper's choice between its formulas."""
    if name == "collapse" and point is not None:
        return [float(paper.L1(*point, tau, k)) for k in m], [float(paper.U(tau, k)) for k in m]
    if name == "no_collapse" and point is not None and tau >= point[1] - point[0]:
        low, up = (paper.L2, paper.U1) if sum(point) <= 1 else (paper.L3, paper.U2)
        return [float(low(*point, tau, k)) for k in m], [float(up(*point, tau, k)) for k in m]
    return [float(paper.L(tau, k)) for k in m], [float(paper.U(tau, k)) for k in m]


def _separate(options: argparse.Namespace) -> Columns:
    degrees = mc.separating_degrees(
        options.tau,
        _degrees(options.m),
        collapse=_point("--collapse", options.collapse),
        no_collapse=_point("--no-collapse", options.no_collapse),
    )
    return {"separating_m": degrees.tolist()}


# -- reading the command line ---------------------------------------------------------------------------


def _numbers(option: str, text: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise ValueError(f"{option} takes numbers separated by commas, got {text!r}") from None


def _point(option: str, text: str) -> tuple[float, float]:
    numbers = _numbers(option, text)
    if len(numbers) != 2:
        raise ValueError(f"{option} takes EPS,DELTA, got {text!r}")
    return numbers[0], numbers[1]


def _degrees(text: str) -> list[int]:
    """'5', '1,2,5', '1:10' (both ends included) or '10:100:10'."""
    degrees: list[int] = []
    try:
        for part in text.split(","):
            first, *rest = (int(number) for number in part.split(":"))
            last, *step = rest or [first]
            degrees += range(first, last + 1, *step)
    except (TypeError, ValueError):
        raise ValueError(f"--m takes degrees such as 5, 1,2,5, 1:10 or 10:100:10, got {text!r}") from None
    if not degrees:
        raise ValueError(f"--m names no packing degree, got {text!r}")
    return degrees


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="modecollapse",
        description="Mode-collapse regions and packed total variation bounds (the theory of PacGAN).",
        epilog="Exit codes: 0 done, 2 bad usage or input, 3 infeasible, 4 precision out of reach.",
    )
    parser.add_argument("--version", action="version", version=f"modecollapse {mc.__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    tv = _command(
        commands,
        "tv",
        _tv,
        "d_TV(P^m, Q^m) of two pmfs",
        "modecollapse tv --p .2,.8 --q 0,1 --m 1:10",
    )
    tv.add_argument("--p", required=True, metavar="P1,P2,…", help="target pmf")
    tv.add_argument("--q", required=True, metavar="Q1,Q2,…", help="generator pmf")

    bounds = _command(
        commands,
        "bounds",
        _bounds,
        "range of d_TV(P^m, Q^m) at a given d_TV(P, Q)",
        "modecollapse bounds --tau .11 --m 1:10 --collapse 0,.1 --no-collapse .07,.1",
    )
    bounds.add_argument("--tau", required=True, type=float, help="total variation of one sample")
    bounds.add_argument("--collapse", metavar="EPS,DELTA", help="add the range with (ε,δ)-mode collapse")
    bounds.add_argument(
        "--no-collapse", metavar="EPS,DELTA", help="add the range without (ε,δ)-collapse or augmentation"
    )
    bounds.add_argument(
        "--as-printed", action="store_true", help="the paper's formulas, right or wrong, on their ranges"
    )

    separate = _command(
        commands,
        "separate",
        _separate,
        "the m at which pairs with collapse are told from pairs without",
        "modecollapse separate --tau .11 --m 1:20 --collapse .02,.1 --no-collapse .06,.1",
    )
    separate.add_argument("--tau", required=True, type=float, help="total variation of one sample")
    separate.add_argument("--collapse", required=True, metavar="EPS,DELTA", help="the point of H1")
    separate.add_argument("--no-collapse", required=True, metavar="EPS,DELTA", help="the point of H0")
    return parser


def _command(commands: Any, name: str, run: Any, summary: str, example: str) -> argparse.ArgumentParser:
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        help=summary,
        description=f"Print {summary}.",
        epilog=f"Example: {example}",
        formatter_class=argparse.RawDescriptionHelpFormatter,  # an example broken at a hyphen is no example
    )
    command.add_argument("--m", default="1:10", help="packing degrees: 5, 1,2,5, 1:10, 10:100:10")
    output = command.add_mutually_exclusive_group()
    output.add_argument("--json", dest="write", action="store_const", const=_write_json, help="print JSON")
    output.add_argument("--csv", dest="write", action="store_const", const=_write_csv, help="print CSV")
    command.set_defaults(command=run, write=_write_table)
    return command


# -- writing ----------------------------------------------------------------------------------------------


def _write_json(columns: Columns) -> None:
    # JSON has no infinities: the logarithm of an empty overlap becomes null
    finite = {
        name: [value if np.isfinite(value) else None for value in values] for name, values in columns.items()
    }
    print(json.dumps(finite, indent=2))


def _write_csv(columns: Columns) -> None:
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(zip(*columns.values(), strict=True))


def _write_table(columns: Columns) -> None:
    rows = [list(columns), *([_cell(v) for v in row] for row in zip(*columns.values(), strict=True))]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        print("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)))


def _cell(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:.9g}"
