"""Parquet and Arrow files hold what CSV files hold: the same results, and refusals by row."""

from __future__ import annotations

import numpy as np
import pyarrow
import pytest
from pyarrow import feather, parquet

from modecollapse.files import samples
from modecollapse.files.address import Side, source
from modecollapse.files.pmfs import pmf

WRITERS = {
    "parquet": lambda table, path: parquet.write_table(table, path),
    "arrow": lambda table, path: feather.write_feather(table, path, compression="uncompressed"),
    "feather": lambda table, path: feather.write_feather(table, path),
}


@pytest.fixture(params=WRITERS)
def write(request, tmp_path):
    """Write a table of columns; returns the address of its file."""

    def written(columns: dict) -> str:
        path = tmp_path / f"table.{request.param}"
        WRITERS[request.param](pyarrow.table(columns), str(path))
        return str(path)

    return written


ROWS = np.random.default_rng(0).normal(size=(1000, 3))


def test_features_are_read_in_blocks(write):
    path = write({name: ROWS[:, i].astype("f4" if i else "f8") for i, name in enumerate("xyz")})
    for block in (2**18, 30):
        read = np.concatenate(list(samples.features(source(path), block)))
        np.testing.assert_allclose(read, ROWS, rtol=1e-6)
        assert read.dtype == np.float64


def test_columns_are_named(write):
    path = write({"label": ["cat", "dog", "cat"], "score": [1.0, 2.0, 3.0], "p": [0.5, 0.25, 0.25]})
    assert sum(samples.labels(source(f"{path}:label")), start=samples.Counter()) == {"cat": 2, "dog": 1}
    assert np.concatenate(list(samples.scores(source(f"{path}:score")))).tolist() == [1, 2, 3]
    assert pmf("--p", f"{path}:p") == [0.5, 0.25, 0.25]
    with pytest.raises(ValueError, match="no column 'q', its header is 'label, score, p'"):
        list(samples.scores(source(f"{path}:q")))
    with pytest.raises(ValueError, match=r"has 3 columns where one is needed; name one, as .*:COLUMN"):
        list(samples.scores(source(path)))


def test_sides_are_told_apart_by_a_column(write):
    path = write({"score": [1.0, 2.0, 3.0], "is_real": [True, False, True]})
    for is_real, expected in ((True, [1, 3]), (False, [2])):
        meant = source(f"{path}:score")._replace(side=Side("is_real", is_real))
        assert np.concatenate(list(samples.scores(meant))).tolist() == expected


def test_bad_rows_are_told_by_their_number(write):
    path = write({"x": [1.0, None, 3.0], "name": ["a", None, "c"]})
    with pytest.raises(ValueError, match="1 of 3 rows cannot be used: row 2 holds nan"):
        list(samples.features(source(f"{path}:x")))
    with pytest.raises(ValueError, match="1 of 3 rows cannot be used: row 2 holds no label"):
        list(samples.labels(source(f"{path}:name")))
    with pytest.raises(ValueError, match="3 of 3 rows cannot be used: row 1 holds 'a', not a number"):
        list(samples.features(source(f"{path}:name")))


@pytest.mark.parametrize("ending", WRITERS)
def test_what_is_no_such_file_is_refused_by_name(tmp_path, ending):
    path = tmp_path / f"broken.{ending}"
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(ValueError, match=f"broken.{ending} is no readable .{ending} file"):
        list(samples.features(source(str(path))))
    with pytest.raises(OSError, match="absent"):
        list(samples.features(source(str(tmp_path / f"absent.{ending}"))))
