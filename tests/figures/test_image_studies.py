"""The studies of images, on runs that are made up or tiny, with a classifier that reads two pixels."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")
pytest.importorskip("tqdm")
pytest.importorskip("sklearn")
pytest.importorskip("matplotlib")

from markdown_tables import cells

from figures.training import image_studies, studies, tables
from figures.training.judges import read_modes
from figures.training.runs import Run
from modecollapse.gan import digits
from modecollapse.gan.configuration import Configuration
from modecollapse.table import Table

NAMES = ["digits", "stacked", "images", "images_whole", "images_wasserstein"]


def probabilities(images):
    """Of the class in the first pixel, in tenths, with the confidence in the second."""
    classes = np.round(10 * images[:, 0]).astype(int)
    return np.where(np.eye(10)[classes] == 1, images[:, 1:2], (1 - images[:, 1:2]) / 9)


def drawn(classes, confidence=1.0):
    """Images of 2×2 pixels of these classes."""
    pixels = np.zeros((*np.shape(classes), 4))
    pixels[..., 0], pixels[..., 1] = np.asarray(classes) / 10, confidence
    return pixels.reshape(len(classes), -1)


@pytest.fixture(autouse=True)
def made_up_digits(monkeypatch):
    """Ten classes of equal shares."""
    images, classes = drawn(np.arange(100) % 10), np.arange(100) % 10
    split = digits.Split(images, classes, images, classes)
    made_up = digits.Digits(split, probabilities, 0.98, 0.9, np.full(10, 0.1))
    monkeypatch.setattr(digits, "digits", lambda data, side: made_up)
    monkeypatch.setattr(digits, "load", lambda data, side: split)


def run_of(classes, trials=2, **fields):
    """A run whose generators emit digits of these classes, shape (n, channels)."""
    target = "digits" if np.shape(classes)[1] == 1 else "stacked digits"
    configuration = Configuration(target=target, steps=10, **fields)
    return Run(configuration, np.arange(trials), np.stack([drawn(classes)] * trials), 3.0)


def test_a_generator_without_one_class_is_at_the_top_of_the_range():
    """(1/10, 9/10) against (0, 1): d_TV is 1 − .9^m."""
    rows = read_modes(run_of(np.arange(1, 10)[:, np.newaxis]), degrees=[1, 3])
    for m in (1, 3):
        of = tables.column(rows, m)
        assert of("predicted") == pytest.approx([1 - 0.9**m] * 2)
        assert len(of("predicted_real")) == 2
    assert len(tables.column(rows, 1)("position")) == 0  # at m = 1 the range is a point
    assert tables.column(rows, 3)("position") == pytest.approx([1, 1])


def test_stacks_are_read_by_their_triples_and_chance_is_stated():
    """All triples once: the modes are those of the target, but equally many draws are not."""
    every = np.stack(np.unravel_index(np.arange(1000), (10, 10, 10)), axis=1)
    of = tables.column(read_modes(run_of(every), degrees=[1]), 1)
    assert of("predicted") == pytest.approx([0, 0], abs=1e-12)
    chance = 0.5 * np.mean([abs(np.random.default_rng(i).poisson(1, 1000) - 1).mean() for i in range(20)])
    assert of("predicted_real") == pytest.approx([chance] * 2, abs=0.04)


def readings(*runs):
    return [tables.Reading(run, read_modes(run, tables.DEGREES)) for run in runs]


def test_the_table_has_the_published_numbers_and_what_real_digits_reach():
    lost = np.arange(1, 10)[:, np.newaxis]
    shown = readings(run_of(lost), run_of(lost, merging=2))
    heads, _, *lines = cells(image_studies.table(shown, ["VirtualGAN"]))
    gan, merged, real = (dict(zip(heads, line, strict=True)) for line in lines)
    assert "reverse KL, published" not in heads  # empty columns are left out
    assert gan["method"] == "GAN"
    assert gan["modes"] == "9.0 ± .0"
    assert gan["modes, published"] == "5.0"
    assert gan["high quality"] == "1.000 ± .000"
    assert gan["high quality, published"] == ".123"
    assert gan["τ"] == ".100 ± .000"
    assert gan["position, m = 4"] == "1.00 ± .00"
    assert merged["modes, published"] == "10.0"
    assert real["method"] == "real digits"
    assert real["high quality"] == ".900"
    assert real["τ"] not in ("", ".000 ± .000")
    assert real["modes"] == ""


def test_the_table_names_the_papers_where_there_are_several():
    stacks = np.arange(60).reshape(20, 3) % 10
    heads, _, line, _ = cells(image_studies.table(readings(run_of(stacks)), ["VirtualGAN", "PacGAN"]))
    shown = dict(zip(heads, line, strict=True))
    assert shown["modes, published"] == "79.2 (VirtualGAN), 78.9 ± 6.5 (PacGAN)"


@pytest.mark.parametrize(("channels", "shape"), [(1, (2, 3 * 5)), (3, (2, 3 * 5, 3))])
def test_images_stand_side_by_side_in_their_colours(channels, shape):
    images = np.arange(5.0 * channels * 4).reshape(5, -1) + 1
    row = image_studies.in_a_row(images, channels).reshape(2, 15, channels)
    assert image_studies.in_a_row(images, channels).shape == shape
    for i in range(5):
        shown = row[:, 3 * i : 3 * i + 2]
        assert np.moveaxis(shown, 2, 0).ravel().tolist() == images[i].tolist()
        assert not row[:, 3 * i + 2].any()


def test_the_picture_has_a_row_a_method_below_the_real_ones():
    stacks = np.arange(60).reshape(20, 3) % 10
    figure = image_studies.draw_images(readings(run_of(stacks), run_of(stacks, packing=2)))
    titles = [ax.get_title(loc="left") for ax in figure.axes]
    assert titles == ["real", "GAN, 10 steps: 10 modes", "Pac(GAN)(2), 10 steps: 10 modes"]
    (shown,) = figure.axes[1].images
    expected = image_studies.in_a_row(drawn(stacks[: image_studies.SHOWN]), 3)
    assert np.asarray(shown.get_array()) == pytest.approx(1 - expected)


@pytest.mark.parametrize("name", NAMES)
def test_the_studies_compare_configurations_that_there_are(name):
    compared, _ = studies.STUDIES[name].run.args
    configurations = {Configuration(**fields) for fields in compared}
    assert len(configurations) == len(compared) > 1
    assert all(configuration.steps % image_studies.CHECKPOINTS == 0 for configuration in configurations)


def test_files_alone_are_reduced(tmp_path, monkeypatch):
    trained = []

    def record(configuration, seeds, folder, chunks):
        trained.append(configuration)
        return run_of(np.arange(10)[:, np.newaxis])

    monkeypatch.setattr(image_studies, "run", record)
    study = image_studies.image_study("picture", [{"target": "digits"}], [], side=14)
    study.run([0], tmp_path, "")
    study.run([0], tmp_path, "mnist.npz")
    assert [(each.data, each.side) for each in trained] == [("", 0), ("mnist.npz", 14)]


def test_the_numbers_of_a_study_are_one_table_of_metrics_and_places():
    told = readings(run_of(np.arange(1, 10)[:, np.newaxis]))
    numbers = Table.from_rows(studies.STUDIES["digits"].rows(told))
    assert {"modes", "high_quality_real", "predicted, m = 4", "position, m = 2"} < set(numbers["metric"])
    of = {(row["metric"], row["seed"]): row["value"] for row in numbers.rows()}
    assert of["modes", 1] == 9
    assert of["predicted, m = 2", 1] == pytest.approx(0.19)


@pytest.mark.slow
def test_a_tiny_study_is_trained_and_told(tmp_path, monkeypatch):
    tiny = {"steps": 2, "rows": 4, "hidden": 4, "critic_hidden": 4}
    fields = [{**image_studies.CONVOLUTIONAL, **tiny, "packing": m} for m in (1, 2)]
    study = image_studies.image_study("picture", fields, ["PacGAN"])
    monkeypatch.setattr("modecollapse.gan.configuration.digits.digits", digits.digits)
    result = study.run([0, 1], tmp_path, "")
    assert [each.run.samples.shape for each in result] == [(2, 10_000, 12)] * 2
    assert len(Table.from_rows(study.rows(result))) > 2 * 2 * 8
    assert len(study.figures["picture"](result).axes) == 3
