"""Sweeps of a parameter plane: one row a point, on any `concurrent.futures` executor, resumable::

    table = sweep(band_row, grid(tau=[0.1, 0.2], m=range(1, 11)), executor=pool, journal="bands.jsonl")
    table.to_csv("bands.csv")

Threads share one copy of the compiled kernels, which release the GIL; processes also run the Python around
them side by side; a dask or MPI executor spreads the points over a cluster.
"""

from __future__ import annotations

import json
import math
import os
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import closing, contextmanager
from importlib import import_module
from itertools import product
from typing import Any, NamedTuple, Protocol

from modecollapse import extras, validation
from modecollapse.divergence import DivergenceName
from modecollapse.errors import InfeasibleError, PrecisionError
from modecollapse.journal import opened
from modecollapse.table import Cell, Row, Table, column
from modecollapse.tensors import plain

CHUNK_SECONDS = 1.0
"""A task returns what it has after this time; its other points are dealt out again."""

LARGEST_CHUNK = 1000
"""Points in one task at most."""

STATUS, BRACKET_LOWER, BRACKET_UPPER = "status", "bracket_lower", "bracket_upper"
RESERVED = (STATUS, BRACKET_LOWER, BRACKET_UPPER)
OK, INFEASIBLE, PRECISION = "ok", "infeasible", "precision"

CONDITIONS: dict[str | None, tuple[str, ...]] = {
    None: (),
    "collapse": ("collapse",),
    "augmentation": ("augmentation",),
    "no_collapse": ("no_collapse",),
    "no_augmentation": ("no_augmentation",),
    "neither": ("no_collapse", "no_augmentation"),
}
"""The keywords of `tv_band` that take the point, by the condition of a row."""


class Executor(Protocol):
    """An executor that a sweep can use: its `submit` returns a `concurrent.futures.Future`."""

    def submit(self, function: Callable[..., Any], /, *arguments: Any) -> Future[Any]:
        """Start function(*arguments) somewhere."""


# -- points --------------------------------------------------------------------------------------------


def grid(**axes: Any) -> list[Row]:
    """The points of a Cartesian product, the last axis fastest.

    Parameters
    ----------
    **axes
        The values of each parameter: a list, range or one-dimensional array, or one value that all points
        share. Values are numbers, truth values, text or None.

    Returns
    -------
    list of dict
        One a point, for `sweep`. Lists of points may be filtered and joined.

    Raises
    ------
    ValueError
        If there is no axis, an axis has no value, or a value is not a single one.

    Examples
    --------
    >>> grid(tau=0.1, m=[1, 2])
    [{'tau': 0.1, 'm': 1}, {'tau': 0.1, 'm': 2}]
    """
    values = [[_cell(name, value) for value in _values(axis)] for name, axis in axes.items()]
    for name, axis in zip(axes, values, strict=True):
        if not axis:
            raise ValueError(f"{name} must have at least one value, got {axes[name]!r}")
    if not axes:
        raise ValueError("a grid needs at least one parameter, got none")
    return [dict(zip(axes, point, strict=True)) for point in product(*values)]


def _values(axis: Any) -> Iterable[Any]:
    single = isinstance(axis, str) or not isinstance(axis, Iterable) or getattr(axis, "ndim", 1) == 0
    return [axis] if single else axis


def _cell(name: str, value: Any) -> Cell:
    """A value that fits a cell of a table, as a plain Python object."""
    cell = plain(value)
    if cell is not None and not isinstance(cell, bool | int | float | str):
        raise ValueError(f"{name} must be one number, truth value, text or None, got {value!r}")
    if isinstance(cell, float) and math.isnan(cell):
        raise ValueError(f"{name} must not be NaN; None is a value that is missing")
    if isinstance(cell, int) and not -(2**63) <= cell < 2**63:
        raise ValueError(f"{name} must fit an integer of 64 bits, got {value!r}")
    return cell


def _checked(points: Iterable[Mapping[str, Any]]) -> list[Row]:
    if isinstance(points, Mapping):
        raise ValueError(f"points must be a list of them, got one mapping; write grid(**{points!r})")
    listed = list(points)
    for point in listed:
        if not isinstance(point, Mapping):
            raise ValueError(f"points must be mappings of names to values, as grid makes them, got {point!r}")
    rows = [{name: _cell(name, value) for name, value in point.items()} for point in listed]
    if not rows or not rows[0]:
        raise ValueError("a sweep needs at least one point and one parameter, got none")
    for row in rows:
        if row.keys() != rows[0].keys():
            raise ValueError(f"every point must have the parameters {list(rows[0])}, got {row}")
    taken = rows[0].keys() & set(RESERVED)
    if taken:
        raise ValueError(f"parameters must not be called {sorted(taken)}: the table has columns of that name")
    return rows


def _key(row: Row, names: Iterable[str]) -> str:
    """The point of a row as text, which tells 1 from 1.0 and True."""
    return json.dumps([row[name] for name in names])


# -- the sweep -----------------------------------------------------------------------------------------


def sweep(
    function: Callable[..., Mapping[str, Any]],
    points: Iterable[Mapping[str, Any]],
    *,
    executor: Executor | None = None,
    journal: str | os.PathLike[str] | None = None,
    progress: bool = False,
    window: int = 256,
) -> Table:
    """Call function(**point) for every point and tabulate what it returns.

    Parameters
    ----------
    function : callable
        Returns a mapping of column names to single values, the same names at every point. For processes
        and clusters it must be importable by name there.
    points : iterable of mappings
        From `grid`, or any list of points with the same parameters.
    executor : executor, optional
        Anything whose `submit` returns a `concurrent.futures.Future`: a ThreadPoolExecutor, a
        ProcessPoolExecutor, dask's `client.get_executor()`, an MPIPoolExecutor. By default the calls are made
        in this thread.
    journal : path, optional
        A file to which each row is appended as it comes (JSON, one line a row). Where it exists, its rows
        are not computed again: an interrupted sweep goes on, and a finished one can be enlarged.
    progress : bool, default False
        Show a bar (needs tqdm).
    window : int, default 256
        Tasks handed to the executor at a time: at least a few times its workers.

    Returns
    -------
    Table
        A row a point, in the order of the points: the parameters, `status`, the values of the function, and
        `bracket_lower`, `bracket_upper`. The status is

        - "ok";
        - "infeasible" where the function raised InfeasibleError: the values are missing;
        - "precision" where it raised PrecisionError: the values are missing and the bracket is the error's.

        The executor has no influence on it.

    Raises
    ------
    ValueError
        If there is no point; if points or results have differing names, a NaN or no single values; if the
        journal belongs to another function, other parameters or another version, or is damaged.
    ImportError
        If `progress` is asked for without tqdm.
    Exception
        Whatever else the function raises ends the sweep, with a note that quotes the call. The journal keeps
        all rows that have come.

    Notes
    -----
    Points travel in tasks of up to 1000, fewer as the sweep nears its end, and a task returns after one
    second what it has, so that neither overhead nor one slow task dominates. A line that a crash tore off
    in the journal is recognised and computed again. The journal knows a function by its name: after a
    change of what it computes, begin a new one. Two sweeps must not write to one journal at a time. Rows
    are kept in memory.

    Examples
    --------
    >>> table = sweep(band_row, grid(tau=[0.05, 0.11], m=[1, 2], condition="collapse", eps=0.02, delta=0.1))
    >>> table["status"].tolist()
    ['infeasible', 'infeasible', 'ok', 'ok']
    >>> table["lower"].round(5).tolist()
    [nan, nan, 0.11, 0.16249]
    """
    window = validation.whole("window", window, 1)
    ordered = _checked(points)
    names = list(ordered[0])
    wanted = {_key(point, names): point for point in ordered}
    with opened(journal, function, names, STATUS) as (kept, record):
        rows = {_key(row, names): row for row in kept}
        values = _agreed(kept, names, None)
        missing = [point for key, point in wanted.items() if key not in rows]
        rows_to_come = _computed(function, missing, executor, window)
        bar = _bar(progress, len(wanted), len(wanted) - len(missing))
        with closing(rows_to_come), bar as advance:
            for row in rows_to_come:
                values = _agreed([row], names, values)
                rows[_key(row, names)] = row
                record(row)
                advance()
    columns = [*names, STATUS, *(values or []), BRACKET_LOWER, BRACKET_UPPER]
    table = [rows[key] for key in (_key(point, names) for point in ordered)]
    return Table({name: column(name, [row.get(name) for row in table]) for name in columns})


def _agreed(rows: Iterable[Row], names: list[str], values: list[str] | None) -> list[str] | None:
    """The names of the value columns, which every row that has values must share; None while none has."""
    for row in rows:
        if row[STATUS] == OK:
            here = [name for name in row if name not in {*names, *RESERVED}]
            values = here if values is None else values
            if here != values:
                point = {name: row[name] for name in names}
                raise ValueError(
                    f"every result must have the columns {values} of the first, got {here} at {point}"
                )
    return values


# -- computing -----------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """The answer of a task: the rows of its first points, and the error that ended it early, if any."""

    rows: list[Row]
    failure: Exception | None


def _computed(
    function: Callable[..., Mapping[str, Any]], points: list[Row], executor: Executor | None, window: int
) -> Generator[Row, None, None]:
    """The rows of the points, in this thread if there is no executor."""
    if executor is None:
        return (_row(function, point) for point in points)
    return _spread(function, points, executor, window)


def _spread(
    function: Callable[..., Mapping[str, Any]], points: list[Row], executor: Executor, window: int
) -> Generator[Row, None, None]:
    """The rows of the points in the order they come, then the first failure if there is one."""
    waiting = deque(points)
    running: dict[Future[_Part], list[Row]] = {}
    failure: Exception | None = None
    try:
        while running or waiting:
            while waiting and len(running) < window:
                size = min(LARGEST_CHUNK, math.ceil(len(waiting) / window))
                chunk = [waiting.popleft() for _ in range(size)]
                running[_submitted(executor, function, chunk)] = chunk
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                chunk = running.pop(future)
                part = _result(future, function, chunk)
                yield from part.rows
                waiting.extend(chunk[len(part.rows) :])
                failure = failure or part.failure
            if failure is not None:
                waiting.clear()
                running = {future: chunk for future, chunk in running.items() if not future.cancel()}
        if failure is not None:
            raise failure
    finally:
        for future in running:
            future.cancel()


def _submitted(
    executor: Executor, function: Callable[..., Mapping[str, Any]], chunk: list[Row]
) -> Future[_Part]:
    future = executor.submit(_part, function, chunk)
    if not isinstance(future, Future):
        raise ValueError(
            f"executor.submit must return a concurrent.futures.Future, got {type(future).__qualname__}; "
            "of a dask client take client.get_executor()"
        )
    return future


def _result(future: Future[_Part], function: Callable[..., Mapping[str, Any]], chunk: list[Row]) -> _Part:
    """The answer of a task. A task that was itself lost, because its process died, counts as failed."""
    try:
        return future.result()
    except Exception as error:
        error.add_note(
            f"the task was to compute {_call(function, chunk[0])} and {len(chunk) - 1} points more"
        )
        return _Part([], error)


def _part(function: Callable[..., Mapping[str, Any]], points: list[Row]) -> _Part:
    """The rows of the points, as many as a second allows and one at least."""
    start = time.monotonic()
    rows: list[Row] = []
    for point in points:
        try:
            rows.append(_row(function, point))
        except Exception as error:
            return _Part(rows, error)
        if time.monotonic() - start > CHUNK_SECONDS:
            break
    return _Part(rows, None)


def _row(function: Callable[..., Mapping[str, Any]], point: Row) -> Row:
    try:
        return _outcome(function, point)
    except Exception as error:
        error.add_note(f"while computing {_call(function, point)}")
        raise


def _outcome(function: Callable[..., Mapping[str, Any]], point: Row) -> Row:
    values: Mapping[str, Any] = {}
    status, lower, upper = OK, None, None
    try:
        values = function(**point)
    except InfeasibleError:
        status = INFEASIBLE
    except PrecisionError as error:
        status, (lower, upper) = PRECISION, error.bracket
    if not isinstance(values, Mapping):
        raise ValueError(f"the function of a sweep must return a mapping of names to values, got {values!r}")
    taken = values.keys() & {*point, *RESERVED}
    if taken:
        raise ValueError(f"results must not be called {sorted(taken)}: the table has columns of that name")
    cells = {name: _cell(name, value) for name, value in values.items()}
    bracket = {BRACKET_LOWER: _cell(BRACKET_LOWER, lower), BRACKET_UPPER: _cell(BRACKET_UPPER, upper)}
    return {**point, STATUS: status, **cells, **bracket}


def _call(function: Callable[..., Any], point: Row) -> str:
    arguments = ", ".join(f"{name}={value!r}" for name, value in point.items())
    return f"{getattr(function, '__qualname__', repr(function))}({arguments})"


# -- progress ------------------------------------------------------------------------------------------


@contextmanager
def _bar(progress: bool, total: int, done: int) -> Iterator[Callable[[], Any]]:
    """A function that tells of one more point done."""
    if not progress:
        yield lambda: None
        return
    try:
        tqdm = import_module("tqdm").tqdm
    except ImportError:
        raise extras.missing("progress", "tqdm") from None
    with tqdm(total=total, initial=done, unit="point") as bar:
        yield bar.update


# -- a ready-made job ----------------------------------------------------------------------------------


def band_row(
    tau: float,
    m: int,
    condition: str | None = None,
    eps: float | None = None,
    delta: float | None = None,
    divergence: DivergenceName = "tv",
    order: float = 1.0,
    gap: float | None = None,
) -> Row:
    """`modecollapse.tv_band` at one point, as a row.

    Parameters
    ----------
    tau : float
        0 ≤ τ ≤ 1.
    m : int
        Packing degree ≥ 1.
    condition : str, optional
        The condition on the pairs, which has the point: a keyword of `tv_band`, or "neither" for pairs with
        neither collapse nor augmentation (Theorem 5).
    eps, delta : float, optional
        The point of the condition, 0 ≤ ε < δ ≤ 1; absent without one.
    divergence, order, gap
        As for `tv_band`.

    Returns
    -------
    dict
        `lower`, `upper`; `lower_gap`, `upper_gap`; `lower_end`, `upper_end`: "attained", or "approached"
        along pairs of the class; `regime`.

    Raises
    ------
    InfeasibleError, PrecisionError, ValueError
        As `tv_band`; ValueError also for an unknown condition, or a point without one.

    Examples
    --------
    >>> band_row(0.11, 5, "collapse", eps=0.02, delta=0.1)["lower_end"]
    'attained'
    """
    if condition not in CONDITIONS:
        raise ValueError(f"condition must be one of {tuple(CONDITIONS)}, got {condition!r}")
    if condition is None and (eps, delta) != (None, None):
        raise ValueError(f"eps and delta belong to a condition, got eps={eps!r}, delta={delta!r} without one")
    chosen: dict[str, Any] = dict.fromkeys(CONDITIONS[condition], (eps, delta))
    from modecollapse.theorems.band import tv_band  # brings the compiler, which the table does without

    m = validation.degree(m)
    band = tv_band(tau, m, divergence=divergence, order=order, gap=gap, **chosen)
    return {
        "lower": band.lower,
        "upper": band.upper,
        "lower_gap": band.lower_gap,
        "upper_gap": band.upper_gap,
        "lower_end": _end(band.lower_attained),
        "upper_end": _end(band.upper_attained),
        "regime": band.regime,
    }


def _end(attained: bool) -> str:
    return "attained" if attained else "approached"
