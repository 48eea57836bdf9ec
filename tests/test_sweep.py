"""Sweeps: the same table however it is computed, interrupted or resumed."""

from __future__ import annotations

import json
import math
import multiprocessing
import pickle
import sys
import threading
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor

import numba
import numpy as np
import pytest

import modecollapse as mc
from modecollapse import journal
from modecollapse import sweep as sweep_module
from modecollapse.packing import enumeration, few_letters, letters
from modecollapse.packing.fourier import distance
from modecollapse.sweep import band_row, grid, sweep
from modecollapse.table import Table

CONDITIONS = [(None, None, None), ("collapse", 0.02, 0.1), ("neither", 0.06, 0.1)]
KEYWORDS = {None: (), "collapse": ("collapse",), "neither": ("no_collapse", "no_augmentation")}
PLANE = [
    point
    for condition, eps, delta in CONDITIONS
    for point in grid(tau=[0.05, 0.11, 0.9], m=[1, 2, 5], condition=condition, eps=eps, delta=delta)
]


# -- functions that processes can import -----------------------------------------------------------------


def square(x, power=2):
    return {"y": x**power, "half": x / 2}


def fragile(x):
    """Feasible below 3; of unknown precision from 5."""
    if x >= 5:
        raise mc.PrecisionError("too hard", mc.Bracket(x / 10, x / 5))
    if x >= 3:
        raise mc.InfeasibleError("x must be below 3")
    return {"y": x, "even": x % 2 == 0, "name": f"n{x}"}


class Unpicklable(Exception):
    """An error that cannot be sent between processes."""

    def __init__(self, first, second):
        super().__init__(first)


def breaking(x):
    if x == 7:
        raise ArithmeticError("seven")
    return {"y": x}


def breaking_the_pool(x):
    if x == 7:
        raise Unpicklable("seven", 7)
    return {"y": x}


def named_differently(x):
    return {"y" if x < 3 else "z": x}


def plain_loop(points):
    """The table of `band_row` over PLANE, written without any of the sweep."""
    columns = {}
    for point in points:
        condition = dict.fromkeys(KEYWORDS[point["condition"]], (point["eps"], point["delta"]))
        row = dict(point, condition=point["condition"] or "")
        try:
            band = mc.tv_band(point["tau"], point["m"], **condition)
        except mc.InfeasibleError:
            row |= {"status": "infeasible", "lower": None, "upper": None}
        else:
            row |= {"status": "ok", "lower": float(band.lower), "upper": float(band.upper)}
        for name, value in row.items():
            columns.setdefault(name, []).append(math.nan if value is None else value)
    return columns


@pytest.fixture(scope="module")
def expected():
    return plain_loop(PLANE)


def assert_is(table, expected):
    for name, values in expected.items():
        assert_cells(table[name], values)
    missing = table["status"] != "ok"
    assert 0 < missing.sum() < len(table)
    for name in ("lower", "upper", "lower_gap", "upper_gap"):
        assert_cells(np.isnan(table[name]), missing)
    for name in ("lower_end", "upper_end", "regime"):
        assert_cells(table[name] == "", missing)
    assert np.isnan(table["bracket_lower"]).all()


def assert_cells(column, values):
    np.testing.assert_array_equal(column, values, strict=False)


# -- the same on every executor ---------------------------------------------------------------------------


def test_in_this_thread(expected):
    assert_is(sweep(band_row, PLANE), expected)


@pytest.mark.parametrize("window", [1, 2, 256])
def test_on_threads(expected, window):
    with ThreadPoolExecutor(2) as executor:
        assert_is(sweep(band_row, PLANE, executor=executor, window=window), expected)


def test_on_processes(expected):
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("spawn")) as executor:
        assert_is(sweep(band_row, PLANE, executor=executor), expected)


@pytest.fixture(scope="class")
def client():
    distributed = pytest.importorskip("distributed")
    # all on the loopback: threads of this process that speak TCP to each other
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=False,
            protocol="tcp://",
            host="127.0.0.1",
            dashboard_address=None,
        ) as cluster,
        distributed.Client(cluster) as client,
    ):
        yield client


class TestDask:
    """The cluster stands for these tests alone: its threads draw random numbers, which Hypothesis forbids."""

    def test_on_a_local_cluster(self, expected, client):
        assert_is(sweep(band_row, PLANE, executor=client.get_executor()), expected)

    def test_a_failure_quotes_its_call(self, client):
        with pytest.raises(ArithmeticError, match="seven") as error:
            sweep(breaking, grid(x=range(20)), executor=client.get_executor())
        assert error.value.__notes__ == ["while computing breaking(x=7)"]

    def test_the_client_itself_is_no_executor(self, client):
        with pytest.raises(ValueError, match=r"take client\.get_executor\(\)"):
            sweep(square, grid(x=range(3)), executor=client)


class Recorder:
    """An executor that computes on demand, last task first, and remembers how much it was given."""

    def __init__(self):
        self.sizes = []

    def submit(self, function, /, *arguments):
        self.sizes.append(len(arguments[-1]))
        future = Future()
        future.set_result(function(*arguments))
        return future


def test_rows_come_back_in_the_order_of_the_points():
    points = grid(x=[3, 1, 2, 1], power=[2, 0])
    with ThreadPoolExecutor(3) as executor:
        table = sweep(square, points, executor=executor, window=2)
    assert table["x"].tolist() == [3, 3, 1, 1, 2, 2, 1, 1]
    assert table["y"].tolist() == [9, 1, 1, 1, 4, 1, 1, 1]


def test_submission_is_bounded_and_chunks_shrink():
    running, most, lock = 0, 0, threading.Lock()

    class Counting(ThreadPoolExecutor):
        def submit(self, function, /, *arguments):
            nonlocal running, most
            with lock:
                running += 1
                most = max(most, running)
            future = super().submit(function, *arguments)
            future.add_done_callback(done)
            return future

    def done(future):
        nonlocal running
        with lock:
            running -= 1

    with Counting(2) as executor:
        table = sweep(square, grid(x=range(5000)), executor=executor, window=8)
    assert table["y"].tolist() == [x * x for x in range(5000)]
    assert 2 <= most <= 8

    recorder = Recorder()
    sweep(square, grid(x=range(5000)), executor=recorder, window=2)
    assert recorder.sizes[0] == sweep_module.LARGEST_CHUNK
    assert recorder.sizes[-1] == 1
    assert len(recorder.sizes) < 50


def test_a_slow_task_hands_back_the_rest_of_its_points(monkeypatch):
    monkeypatch.setattr(sweep_module, "CHUNK_SECONDS", 0.0)
    recorder = Recorder()
    table = sweep(square, grid(x=range(60)), executor=recorder, window=1)
    assert table["y"].tolist() == [x * x for x in range(60)]
    assert len(recorder.sizes) == 60


@pytest.mark.skipif(numba.config.DISABLE_JIT, reason="without a compiler there are no kernels")
def test_kernels_release_the_lock_that_threads_share():
    kernels = [
        value
        for module in (few_letters, letters, distance, enumeration)
        for value in vars(module).values()
        if isinstance(value, numba.core.registry.CPUDispatcher)
    ]
    assert len(kernels) > 5
    assert all(kernel.targetoptions["nogil"] for kernel in kernels)


# -- points -----------------------------------------------------------------------------------------------


def test_the_grid_is_a_product_with_the_last_axis_fastest():
    assert grid(a=[1, 2], b="xy", c=np.arange(2), d=None) == [
        {"a": a, "b": "xy", "c": c, "d": None} for a in (1, 2) for c in (0, 1)
    ]
    assert [type(value) for value in grid(a=np.array([0.5]), b=np.float64(2), c=np.array(3))[0].values()] == [
        float,
        float,
        int,
    ]
    assert grid(m=(m for m in (1, 2))) == [{"m": 1}, {"m": 2}]


@pytest.mark.parametrize(
    ("axes", "message"),
    [
        ({}, "at least one parameter"),
        ({"tau": [0.1], "m": []}, r"m must have at least one value, got \[\]"),
        ({"point": [(0.1, 0.2)]}, r"point must be one number.*got \(0.1, 0.2\)"),
        ({"p": np.ones((2, 2))}, "p must be one number"),
        ({"tau": [0.1, math.nan]}, "tau must not be NaN"),
        ({"m": [2**63]}, "m must fit an integer of 64 bits"),
    ],
)
def test_grids_that_are_refused(axes, message):
    with pytest.raises(ValueError, match=message):
        grid(**axes)


@pytest.mark.parametrize(
    ("points", "message"),
    [
        ([], "at least one point"),
        ([{}], "at least one point and one parameter"),
        ({"x": [1, 2]}, r"write grid\(\*\*"),
        ([{"x": 1}, {"y": 1}], r"every point must have the parameters \['x'\], got {'y': 1}"),
        ([{"status": 1}], r"must not be called \['status'\]"),
        ([{"x": [1]}], r"x must be one number"),
        ([{"x": 1}, 2], "points must be mappings of names to values, as grid makes them, got 2"),
        ("x", "points must be mappings .*, got 'x'"),
    ],
)
def test_points_that_are_refused(points, message):
    with pytest.raises(ValueError, match=message):
        sweep(square, points)


@pytest.mark.parametrize("window", [0, -1, 0.5, 1.5, math.inf, math.nan, "2", None, [2]])
def test_a_window_must_hold_a_task(window):
    with ThreadPoolExecutor(1) as executor, pytest.raises(ValueError, match="window must be") as error:
        sweep(square, grid(x=1), executor=executor, window=window)
    assert repr(window) in str(error.value) or "shape (1,)" in str(error.value)


# -- results ----------------------------------------------------------------------------------------------


def test_infeasible_and_imprecise_points_are_rows_with_a_status(tmp_path):
    table = sweep(fragile, grid(x=[0, 1, 3, 5]))
    assert list(table.columns) == [
        "x",
        "status",
        "y",
        "even",
        "name",
        "bracket_lower",
        "bracket_upper",
    ]
    assert table["status"].tolist() == ["ok", "ok", "infeasible", "precision"]
    assert_cells(table["y"], [0, 1, math.nan, math.nan])
    assert_cells(table["even"], [1, 0, math.nan, math.nan])
    assert table["name"].tolist() == ["n0", "n1", "", ""]
    assert_cells(table["bracket_lower"], [math.nan, math.nan, math.nan, 0.5])
    assert_cells(table["bracket_upper"], [math.nan, math.nan, math.nan, 1.0])
    table.to_csv(tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_text().splitlines()[3:] == [
        "3,infeasible,,,,,",
        "5,precision,,,,0.5,1.0",
    ]


def test_columns_keep_their_types_where_nothing_is_missing():
    table = sweep(fragile, grid(x=[0, 1]))
    assert [table[name].dtype.kind for name in ("x", "y", "even", "name", "bracket_lower")] == list("iibUf")


def test_a_sweep_without_any_value_has_its_statuses():
    table = sweep(fragile, grid(x=[3, 4]))
    assert list(table.columns) == ["x", "status", "bracket_lower", "bracket_upper"]


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (math.nan, "y must not be NaN"),
        ([1, 2], "y must be one number"),
        (1j, "y must be one number"),
        (2**70, "y must fit an integer of 64 bits, got"),
    ],
)
def test_results_that_are_refused(value, message):
    with pytest.raises(ValueError, match=message) as error:
        sweep(lambda x: {"y": value}, grid(x=3))
    assert "(x=3)" in error.value.__notes__[0]


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x: x, "must return a mapping of names to values, got 1"),
        (lambda x: {"x": x}, r"results must not be called \['x'\]"),
        (lambda x: {"status": x}, r"results must not be called \['status'\]"),
        (named_differently, r"must have the columns \['y'\] of the first, got \['z'\] at {'x': 3}"),
        (lambda x: {"y": "text" if x < 2 else 2}, "column y must not mix text and numbers"),
        (lambda x: {"y": 0.5 if x < 2 else 2**53 + 1}, "column y mixes .* integers too large"),
    ],
)
def test_functions_that_are_refused(function, message):
    with pytest.raises(ValueError, match=message):
        sweep(function, grid(x=[1, 3]))


def test_arrays_of_one_value_are_values():
    table = sweep(lambda m: {"tv": mc.packed_tv(([0.2, 0.8], [0, 1]), m)}, grid(m=[1, 2]))
    assert table["tv"].tolist() == mc.packed_tv(([0.2, 0.8], [0, 1]), [1, 2]).tolist()


# -- failures ---------------------------------------------------------------------------------------------


def test_a_failure_quotes_its_call_and_keeps_what_came_before(tmp_path):
    path = tmp_path / "journal.jsonl"
    with pytest.raises(ArithmeticError, match="seven") as error:
        sweep(breaking, grid(x=range(20)), journal=path)
    assert error.value.__notes__ == ["while computing breaking(x=7)"]
    assert [json.loads(line)["x"] for line in path.read_text().splitlines()[1:]] == list(range(7))


def test_a_failure_in_a_task_keeps_the_rows_before_it(tmp_path):
    path = tmp_path / "journal.jsonl"
    with ThreadPoolExecutor(1) as executor, pytest.raises(ArithmeticError, match="seven") as error:
        sweep(breaking, grid(x=range(20)), executor=executor, window=1, journal=path)
    assert error.value.__notes__ == ["while computing breaking(x=7)"]
    assert [json.loads(line)["x"] for line in path.read_text().splitlines()[1:]] == list(range(7))


def test_a_failure_in_a_process_quotes_its_call(tmp_path):
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as executor:
        with pytest.raises(ArithmeticError, match="seven") as error:
            sweep(breaking, grid(x=range(20)), executor=executor)
        assert error.value.__notes__ == ["while computing breaking(x=7)"]
        with pytest.raises(BrokenExecutor) as error:
            sweep(breaking_the_pool, grid(x=range(20)), executor=executor, window=1)
        assert error.value.__notes__ == ["the task was to compute breaking_the_pool(x=0) and 19 points more"]


def test_an_interruption_from_outside_cancels_what_waits(monkeypatch):
    started, release = threading.Event(), threading.Event()
    computed = []

    def blocking(x):
        computed.append(x)
        started.set()
        release.wait(10)
        return {"y": x}

    def interrupt(*_, **__):
        started.wait(10)
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep_module, "wait", interrupt)
    with ThreadPoolExecutor(1) as executor:
        with pytest.raises(KeyboardInterrupt):
            sweep(blocking, grid(x=range(100)), executor=executor)
        release.set()
    assert computed == [0]


# -- journals ---------------------------------------------------------------------------------------------

CALLS = []
LIMIT = math.inf


def counted(x):
    if len(CALLS) >= LIMIT:
        raise ArithmeticError("the lights went out")
    CALLS.append(x)
    return {"y": x / 3, "name": f"é{x}"}


@pytest.fixture
def calls():
    CALLS.clear()
    return CALLS


def test_a_second_run_computes_nothing(tmp_path, calls):
    path = tmp_path / "journal.jsonl"
    points = grid(x=[1, 2.5, True, 1, -0.0, 0, math.inf])
    first = sweep(counted, points, journal=path)
    assert first["name"].tolist() == ["é1", "é2.5", "éTrue", "é1", "é-0.0", "é0", "éinf"]
    assert len(calls) == 6
    before = path.read_bytes()
    assert sweep(counted, points, journal=path) == first
    assert len(calls) == 6
    assert path.read_bytes() == before


def test_an_enlarged_sweep_computes_the_rest(tmp_path, calls):
    path = tmp_path / "journal.jsonl"
    sweep(counted, grid(x=range(5)), journal=path)
    table = sweep(counted, grid(x=range(9, -1, -1)), journal=path)
    assert sorted(calls) == list(range(10))
    assert table == sweep(counted, grid(x=range(9, -1, -1)))


def test_every_torn_end_is_recognised_and_redone(tmp_path, calls):
    whole = tmp_path / "whole.jsonl"
    expected = sweep(counted, grid(x=range(4)), journal=whole)
    content = whole.read_bytes()
    for length in range(len(content)):
        torn = tmp_path / "torn.jsonl"
        torn.write_bytes(content[:length])
        calls.clear()
        assert sweep(counted, grid(x=range(4)), journal=torn) == expected
        assert torn.read_bytes() == content
        assert len(calls) == min(4, 5 - content[:length].count(b"\n"))


@pytest.mark.parametrize("limit", [0, 1, 7, 19])
def test_an_interrupted_sweep_goes_on(tmp_path, monkeypatch, calls, limit):
    path = tmp_path / "journal.jsonl"
    with monkeypatch.context() as patch:
        patch.setattr(sys.modules[__name__], "LIMIT", limit)
        with pytest.raises(ArithmeticError, match="lights"):
            sweep(counted, grid(x=range(20)), journal=path)
    with path.open("ab") as file:
        file.write(f'{{"x": {limit}, "sta'.encode())
    with ThreadPoolExecutor(2) as executor:
        table = sweep(counted, grid(x=range(20)), journal=path, executor=executor)
    assert sorted(calls) == list(range(20))
    assert table == sweep(counted, grid(x=range(20)))


def test_statuses_survive_the_journal(tmp_path):
    path = tmp_path / "journal.jsonl"
    first = sweep(fragile, grid(x=[0, 1, 3, 5]), journal=path)
    assert sweep(fragile, grid(x=[0, 1, 3, 5]), journal=path) == first


def test_the_order_of_the_parameters_does_not_matter_to_a_journal(tmp_path):
    path = tmp_path / "journal.jsonl"
    sweep(square, grid(x=[2, 3], power=[2, 3]), journal=path)
    before = path.read_bytes()
    table = sweep(square, grid(power=[2, 3], x=[2, 3]), journal=path)
    assert path.read_bytes() == before
    assert list(table.columns)[:2] == ["power", "x"]
    assert table["y"].tolist() == [4, 9, 8, 27]


def test_journals_of_other_sweeps_are_refused(tmp_path, monkeypatch):
    path = tmp_path / "journal.jsonl"
    sweep(square, grid(x=[1, 2]), journal=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=r"its function is '.*\.square', not '.*\.fragile'"):
        sweep(fragile, grid(x=[1, 2]), journal=path)
    with pytest.raises(ValueError, match=r"its parameters is \['x'\], not \['power', 'x'\]"):
        sweep(square, grid(x=[1, 2], power=2), journal=path)
    monkeypatch.setattr(journal, "__version__", "99")
    with pytest.raises(ValueError, match=r"its modecollapse is '.*', not '99'"):
        sweep(square, grid(x=[1, 2]), journal=path)
    assert path.read_bytes() == before


def test_a_journal_whose_columns_the_function_no_longer_returns_is_refused(tmp_path):
    path = tmp_path / "journal.jsonl"
    sweep(square, grid(x=[1]), journal=path)
    path.write_text(path.read_text().replace('"half"', '"third"'))
    with pytest.raises(ValueError, match=r"the columns \['y', 'third'\] of the first, got \['y', 'half'\]"):
        sweep(square, grid(x=[1, 2]), journal=path)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("my precious notes", "is not a journal: it begins with b'my precious"),
        ("tau,m\n0.1,2\n", "line 1 of .* is damaged"),
        ("[1]\n", "line 1 of .* is damaged: .*no object"),
        ("{}\n", "its function is None"),
    ],
)
def test_files_that_are_no_journals_are_refused_and_left_alone(tmp_path, content, message):
    path = tmp_path / "file"
    path.write_text(content)
    with pytest.raises(ValueError, match=message):
        sweep(square, grid(x=[1]), journal=path)
    assert path.read_text() == content


@pytest.mark.parametrize(
    ("line", "message"),
    [("{not json}", "line 3 of .* is damaged"), ('{"x": 2}', r"line 3 of .* lacks \['status'\]")],
)
def test_damage_before_the_end_of_a_journal_is_refused(tmp_path, line, message):
    path = tmp_path / "journal.jsonl"
    sweep(square, grid(x=[1, 2, 3]), journal=path)
    lines = path.read_text().splitlines()
    lines[2] = line
    path.write_text("\n".join(lines) + "\n")
    with pytest.raises(ValueError, match=message):
        sweep(square, grid(x=[1, 2, 3]), journal=path)


def test_a_journal_needs_a_function_with_a_name(tmp_path):
    with pytest.raises(ValueError, match="must be defined in a module"):
        sweep(lambda x: {"y": x}, grid(x=1), journal=tmp_path / "journal.jsonl")
    assert not (tmp_path / "journal.jsonl").exists()


# -- progress ---------------------------------------------------------------------------------------------


def test_the_bar_counts_what_is_done_and_what_was(tmp_path, capsys):
    pytest.importorskip("tqdm")
    path = tmp_path / "journal.jsonl"
    sweep(square, grid(x=range(3)), journal=path)
    assert capsys.readouterr().err == ""
    sweep(square, grid(x=range(10)), journal=path, progress=True)
    shown = capsys.readouterr().err
    assert "3/10" in shown
    assert "10/10" in shown


# -- tables -----------------------------------------------------------------------------------------------


def test_the_table_of_a_sweep_reads_back_equal(tmp_path):
    table = sweep(band_row, PLANE)
    table.to_csv(tmp_path / "table.csv")
    table.to_npz(tmp_path / "table.npz")
    assert Table.from_csv(tmp_path / "table.csv") == table
    assert Table.from_npz(tmp_path / "table.npz") == table
    assert pickle.loads(pickle.dumps(table)) == table


# -- bands ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"condition": "both"}, "condition must be one of .* got 'both'"),
        ({"eps": 0.1, "delta": 0.2}, "eps=0.1, delta=0.2 without one"),
        ({"condition": "collapse"}, "eps must be real numbers, got None"),
        ({"condition": "collapse", "eps": 0.2, "delta": 0.1}, "eps must be smaller than delta"),
        ({"m": 0}, "m must be integers"),
        ({"m": [1, 2]}, "m must be a single integer"),
    ],
)
def test_rows_of_bands_that_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        band_row(**{"tau": 0.1, "m": 2, **arguments})


def test_rows_of_bands_take_what_tv_band_takes():
    row = band_row(0.2, 5, "neither", 0.0, 0.1, divergence="hockey_stick", order=1.5, gap=1e-6)
    band = mc.tv_band(
        0.2,
        5,
        no_collapse=(0.0, 0.1),
        no_augmentation=(0.0, 0.1),
        divergence="hockey_stick",
        order=1.5,
        gap=1e-6,
    )
    assert row == {
        "lower": band.lower,
        "upper": band.upper,
        "lower_gap": band.lower_gap,
        "upper_gap": band.upper_gap,
        "lower_end": "attained" if band.lower_attained else "approached",
        "upper_end": "approached",
        "regime": "zero-width collapse",
    }
