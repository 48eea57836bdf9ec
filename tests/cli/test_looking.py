"""`modecollapse diagnose --cells`: cells that can be looked at, and files of which all is checked first."""

from __future__ import annotations

import csv
import json
import re

import numpy as np
import pytest

from modecollapse import cli
from modecollapse.files import images
from modecollapse.samples import feature_cells

pytest.importorskip("sklearn")
pytest.importorskip("PIL")

SIZES = {"real": 300, "generated": 200}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Features of two blobs, with names and images; the rows of both kinds in one file too."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    rows = {
        kind: rng.choice([0.0, 9.0], (size, 1)) + rng.normal(size=(size, 2)) for kind, size in SIZES.items()
    }
    rows["generated"][:, 0] = rng.normal(size=200) + 9
    rows["generated"][:, 1] = rng.normal(size=200) + 9
    for kind, table in rows.items():
        np.save(f"{kind}.npy", table)
        (tmp_path / f"{kind}_names.csv").write_text("".join(f"{kind} {i}\n" for i in range(len(table))))
        np.save(f"{kind}_images.npy", np.full((len(table), 4, 4), 0.5))
    order = rng.permutation(500)
    together, is_real = np.concatenate(list(rows.values()))[order], (order < 300).astype(int)
    np.savez("long.npz", rows=together, is_real=is_real, pictures=np.zeros((500, 2, 2)))
    lines = ["x,is_real,y,id"]
    lines += [
        f"{x!r},{side},{y!r},{i}"
        for i, ((x, y), side) in enumerate(zip(together.tolist(), is_real, strict=True))
    ]
    (tmp_path / "long.csv").write_text("\n".join(lines))
    return rows


@pytest.fixture
def run(capsys):
    def run_command(*arguments):
        code = cli.main(["diagnose", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert (code, err) == (0, "")
        return out

    return run_command


TWO = ["real.npy", "generated.npy", "--cells", 2]


@pytest.mark.usefixtures("folder")
def test_the_nearest_rows_are_printed_by_name(run):
    out = run(*TWO, "--names", "real_names.csv", "generated_names.csv")
    table = out[out.index("Rows nearest") :].splitlines()
    lost = out[out.index("Modes, worst first") :].splitlines()[2][:6]
    assert table[2].startswith(lost)
    assert re.search(r"real \d+, real \d+, real \d+ +none", table[2])
    assert re.search(r"real \d+, .* +generated \d+, generated \d+, generated \d+", table[3])


def test_json_and_csv_have_the_rows(run, folder):
    found = json.loads(run(*TWO, "--json", "--rows", "rows.csv"))["nearest"]
    with open("rows.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 500
    expected = feature_cells.from_features(*folder.values(), cells=2, seed=0)
    own = [row for row in rows if row["sample"] == "real"]
    assert [row["cell"] for row in own] == [f"cell {cell}" for cell in expected.real_rows.cell]
    assert [float(row["distance"]) for row in own] == expected.real_rows.distance.tolist()
    assert [int(row["counted"]) for row in own] == expected.real_rows.is_counted.astype(int).tolist()
    for cell in range(2):
        assert found[f"cell {cell}"]["real"] == [str(row) for row in expected.real_rows.nearest(cell, 6)]


@pytest.mark.usefixtures("folder")
def test_the_report_shows_thumbnails(run, tmp_path):
    from PIL import Image

    (tmp_path / "pictures").mkdir()
    for i in range(200):
        Image.new("RGB", (100, 50), (i, 0, 0)).save(tmp_path / "pictures" / f"{i:03}.png")
    run(*TWO, "--images", "real_images.npy", "pictures", "--report", "report.html")
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert page.count('<img src="data:image/png;base64,') == 6 + 6 + 6  # the lost cell has no generated row
    assert "<em>no row</em>" in page
    assert "http:" not in page


@pytest.mark.usefixtures("folder")
def test_the_number_of_cells_can_be_left_to_the_samples(run):
    assert json.loads(run("real.npy", "generated.npy", "--cells", "auto", "--json"))["modes"]


# -- one file for both kinds ----------------------------------------------------------------------------


@pytest.mark.parametrize("file", ["long.npz:rows", "features.csv"])
def test_one_file_of_features_is_as_good_as_two(run, folder, tmp_path, file):
    lines = [line.rpartition(",")[0] for line in (tmp_path / "long.csv").read_text().splitlines()]
    (tmp_path / "features.csv").write_text("\n".join(lines))
    together = np.load("long.npz")
    for i, kind in enumerate(("generated", "real")):
        np.save(f"{kind}.npy", together["rows"][together["is_real"] == i])
    found, expected = (
        json.loads(run(*files, "--cells", 2, "--json")) for files in ([file, "--by", "is_real"], TWO[:2])
    )
    nearest, own = found.pop("nearest"), expected.pop("nearest")
    assert found == expected
    places = [np.flatnonzero(together["is_real"] == i) for i in (1, 0)]
    for cell, rows in own.items():
        for kind, where in zip(("real", "generated"), places, strict=True):
            assert nearest[cell][kind] == [str(where[int(row)]) for row in rows[kind]]


@pytest.mark.usefixtures("folder")
def test_one_file_has_the_names_and_the_images_of_all_rows(run, tmp_path):
    options = ["long.npz:rows", "--by", "is_real", "--cells", 2, "--names", "long.csv:id"]
    out = json.loads(run(*options, "--images", "long.npz:pictures", "--report", "r.html", "--json"))
    plain = json.loads(run(*options[:-2], "--json"))
    assert out["nearest"] == plain["nearest"]  # ids are the places of rows in the file
    assert "<img" in (tmp_path / "r.html").read_text(encoding="utf-8")


# -- all is checked before the work ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ([*TWO, "--report", "none/report.html"], "--report needs a folder that exists, got none"),
        ([*TWO, "--report", "."], "--report needs the name of a file, got the folder '.'"),
        ([*TWO, "--rows", "none/rows.csv"], "--rows needs a folder that exists"),
        ([*TWO, "--names", "real_names.csv"], "--names takes a file for REAL and one for GENERATED, got 1"),
        ([*TWO, "--names", "real_names.csv", "real_names.csv"], "each of the 200 rows, got 300"),
        ([*TWO, "--names", "real_names.csv", "none.csv"], "none.csv"),
        ([*TWO, "--images", "real_images.npy", "real_images.npy"], "each of the 200 rows, got 300"),
        ([*TWO, "--images", "real_images.npy", "real.npy"], "must be images of shape .* got shape .300, 2."),
        ([*TWO, "--images", "real_images.npy", "empty"], "empty must hold image files"),
        ([*TWO, "--images", "real_images.npy", "nowhere"], "images come as a folder or as .* got 'nowhere'"),
        ([*TWO, "--images", "real_images.npy", "long.csv"], "long.csv must be an .npy or .npz array"),
        ([*TWO, "--level", "2"], "level must lie in .0, 1., got 2.0"),
        ([*TWO, "--seed", "-1"], "got -1"),
        ([*TWO, "--m", "0"], "got 0"),
        (["real.npy", "generated.npy", "--cells", "0"], "cells must be an integer ≥ 1, got 0"),
        (["real.npy", "wide.npy", "--cells", "2"], "wide.npy has rows of 3 numbers, but .* are rows of 2"),
        (["real.npy", "--cells", "2"], "REAL and GENERATED, or one with --by"),
        (["long.csv", "real.npy", "--by", "is_real", "--cells", "2"], "one file .* got real.npy besides"),
        (
            ["long.csv", "--by", "nobody", "--cells", "2"],
            "no column 'nobody', its header is 'x, is_real, y, id'",
        ),
        (["long.npz:rows", "--by", "x", "--cells", "2"], "one of rows, is_real, pictures, got long.npz:x"),
        (["real.npy", "--by", "x", "--cells", "2"], "real.npy holds one array, which has no 'x' beside it"),
        (["long.csv", "--by", "y", "--cells", "2"], "neither real .1, true, real. nor generated"),
        (
            ["short.npz:rows", "--by", "is_real", "--cells", "2"],
            "an entry for each of the 3 rows of rows, got 2",
        ),
        (["real.npy", "generated.npy", "--scores", "--names", "a.csv"], "they go with --cells"),
    ],
)
@pytest.mark.usefixtures("folder")
def test_nothing_is_fitted_where_something_is_wrong(capsys, tmp_path, monkeypatch, options, message):
    monkeypatch.setattr(feature_cells, "fit_centres", lambda *_: pytest.fail("fitted"))
    (tmp_path / "empty").mkdir()
    np.save("wide.npy", np.zeros((50, 3)))
    np.savez("short.npz", rows=np.zeros((3, 1)), is_real=[1, 0])
    assert cli.main(["diagnose", *map(str, options)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert re.search(message, err), err


@pytest.mark.usefixtures("folder")
def test_a_full_disk_does_not_lose_the_result(capsys, monkeypatch):
    from modecollapse.pages import report

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(report, "write", full)
    assert cli.main(["diagnose", *map(str, TWO), "--report", "report.html"]) == 2
    out, err = capsys.readouterr()
    assert "Modes, worst first" in out
    assert "No space left" in err


@pytest.mark.parametrize(
    "line",
    [
        ["tv", "--p", ".2,.8", "--q", "0,1", "--plot", "none/tv.png"],
        ["bounds", "--tau", ".1", "--m", "2", "--plot", "none/tv.png"],
        ["bounds", "--tau", ".1", "--m", "2", "--certificate", "none/c.json"],
        ["separate", "--tau", ".1", "--collapse", "0,.1", "--plot", "none/x.png"],
        ["diagnose", "none.csv", "none.csv", "--labels", "--report", "none/r.html"],
        ["compare", "none.csv", "a=none.csv", "--labels", "--report", "none/r.html"],
    ],
)
def test_every_command_looks_at_the_place_of_its_result_before_it_works(capsys, tmp_path, monkeypatch, line):
    import modecollapse as mc

    monkeypatch.chdir(tmp_path)
    for name in ("packed_tv", "band", "separating_degrees"):
        monkeypatch.setattr(mc, name, lambda *_, **__: pytest.fail("computed"))
    assert cli.main(line) == 2
    assert "needs a folder that exists, got none" in capsys.readouterr().err


# -- images ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pixels", "expected"),
    [
        (np.array([[0, 128], [255, 1]], np.uint8), [[0, 128], [255, 1]]),
        (np.array([[0.0, 0.5], [1.0, np.nan]]), [[0, 128], [255, 0]]),
        (np.array([[0.0, 8.0], [16.0, 4.0]]), [[0, 128], [255, 64]]),
        (np.array([[-1.0, 0.0], [1.0, np.inf]]), [[0, 128], [255, 128]]),
        (np.array([[7.0, 7.0], [7.0, 7.0]]), [[0, 0], [0, 0]]),
        (np.array([[[True], [False]], [[False], [True]]]), [[1, 0], [0, 1]]),
    ],
)
def test_arrays_become_grey_values(pixels, expected):
    import io
    from base64 import b64decode

    from PIL import Image

    data = images.thumbnail(pixels).removeprefix("data:image/png;base64,")
    with Image.open(io.BytesIO(b64decode(data))) as image:
        assert np.asarray(image).tolist() == expected
