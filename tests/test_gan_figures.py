"""The training tables and figures, on runs that are made up or tiny."""

from __future__ import annotations

import csv

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")
pytest.importorskip("tqdm")
pytest.importorskip("matplotlib")

from figures import training  # noqa: E402
from modecollapse import packed_tv  # noqa: E402
from modecollapse.gan.experiment import Configuration, Run, mean_and_error  # noqa: E402
from modecollapse.gan.reading import read  # noqa: E402
from modecollapse.targets import drop_modes  # noqa: E402


def made_up(packing, target="ring", lost=(), points=4000, trials=2):
    """A run whose generators are the target itself without some modes."""
    configuration = Configuration(target=target, packing=packing)
    law = drop_modes(configuration.law, lost)
    samples = [law.sample(points, np.random.default_rng(seed)) for seed in range(trials)]
    return Run(configuration, np.arange(trials), np.stack(samples), 12.0)


def test_what_is_read_from_a_generator_without_one_mode():
    """(1/8, 7/8) against (0, 1): d_TV is 1 − (7/8)^m, the top of every range."""
    rows = read(made_up(1, lost=[3]), degrees=[2])
    of = training._columns(rows, 2)
    tv = packed_tv([1 / 8, 7 / 8], [0, 1], 2)
    assert of("predicted") == pytest.approx([tv, tv], abs=0.03)  # 4000 points
    assert (of("predicted_lower") <= tv).all()
    assert (of("predicted_upper") >= tv).all()
    assert (abs(of("judged_modes") - tv) < 4 * of("judged_modes_error") + 0.02).all()
    assert (of("position") > 0.8).all()
    assert of("theorem").tolist() == [4, 4]
    assert len(of("theorem_4_position")) == 2
    assert len(of("theorem_5_position")) == 0


def test_the_results_table_says_what_was_published():
    lines = training.results_table([made_up(2), made_up(1, lost=[0, 1])]).splitlines()
    assert "8.000 ± 0.000" in lines[1]
    assert " 7.9 " in lines[1]
    assert "6.000 ± 0.000" in lines[2]
    assert " 6.3 " in lines[2]


def readings(method):
    """Rows as `read` gives them, of two trials."""
    values = {"predicted": (0.1, 0.2), "judged_modes": (0.1, 0.3), "position": (0.5, 0.7), "theorem": (4, 5)}
    return made_up(method).configuration, [
        {"seed": seed, "m": m, "quantity": quantity, "value": m * pair[seed]}
        for m in training.DEGREES
        for quantity, pair in values.items()
        for seed in (0, 1)
    ]


def test_the_figure_of_readings_shows_means_and_errors():
    methods = [readings(1), readings(2)]
    grids = [(Configuration(target="grid", packing=about.packing), rows) for about, rows in methods]
    figure = training.draw_readings([*methods, *grids])
    bars = figure.axes[0].containers[0]
    means = [mean_and_error(np.array([0.1, 0.2]) * m)[0] for m in training.DEGREES]
    assert bars.lines[0].get_ydata() == pytest.approx(means)
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["GAN", "Pac(GAN)(2)"]


def test_the_figure_of_samples_shows_the_first_trial():
    runs = [made_up(m, target) for target in ("ring", "grid") for m in (1, 2, 3)]
    figure = training.draw_samples(runs)
    titles = [ax.get_title(loc="left").split("  ")[1] for ax in figure.axes[:3]]
    assert titles == ["ring: target", "ring: GAN", "ring: Pac(GAN)(2)"]
    shown = figure.axes[1].collections[0].get_offsets()
    assert np.asarray(shown) == pytest.approx(runs[0].samples[0, : training.SHOWN])


def test_the_command_trains_prints_and_writes(tmp_path, capsys, monkeypatch):
    tiny = {"hidden": 4, "depth": 1, "rows": 5, "steps": 10}
    monkeypatch.setitem(training.GROUPS, "width", [tiny])
    assert training.main(["width", "--trials", "2", "--out", str(tmp_path)]) == 0
    assert "width, 2 trials" in capsys.readouterr().out
    with (tmp_path / "results.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 3 * 2
    assert {row["metric"] for row in rows} == {"modes", "high_quality", "reverse_kl"}
    assert {(row["group"], row["hidden"]) for row in rows} == {("width", "4")}


@pytest.mark.parametrize(
    ("arguments", "message"), [(["torus"], "unknown group 'torus'"), (["--trials", "1"], "at least 2")]
)
def test_wrong_arguments_are_refused(arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        training.main(arguments)
    assert message in capsys.readouterr().err
