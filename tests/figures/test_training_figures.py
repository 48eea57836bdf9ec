"""The training tables and figures, on runs that are made up or tiny."""

from __future__ import annotations

import csv
from fractions import Fraction
from itertools import count, product
from math import prod

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")
pytest.importorskip("tqdm")
pytest.importorskip("matplotlib")

from markdown_tables import cells  # noqa: E402
from matplotlib.path import Path  # noqa: E402

from figures.training import drawing, pull, runs, studies, study, tables  # noqa: E402
from figures.training.__main__ import main  # noqa: E402
from figures.training.judges import counted, read  # noqa: E402
from figures.training.runs import Run, mean_and_error  # noqa: E402
from modecollapse import layout, packed_tv  # noqa: E402
from modecollapse.gan.configuration import Configuration  # noqa: E402
from modecollapse.targets import drop_modes  # noqa: E402


def made_up(packing, target="ring", lost=(), points=4000, trials=2, **fields):
    """A run whose generators are the target itself without some modes."""
    configuration = Configuration(target=target, packing=packing, **fields)
    law = drop_modes(configuration.law, lost)
    samples = [law.sample(points, np.random.default_rng(seed)) for seed in range(trials)]
    return Run(configuration, np.arange(trials), np.stack(samples), 12.0)


@pytest.mark.slow
def test_what_is_read_from_a_generator_without_one_mode():
    """(1/8, 7/8) against (0, 1): d_TV is 1 − (7/8)^m, the top of every range."""
    rows = read(made_up(1, lost=[3]), degrees=[2])
    of = tables.column(rows, 2)
    tv = packed_tv(([1 / 8, 7 / 8], [0, 1]), 2)
    assert of("predicted") == pytest.approx([tv, tv], abs=0.03)  # 4000 points
    assert (of("predicted_lower") <= tv).all()
    assert (of("predicted_upper") >= tv).all()
    assert (abs(of("judged_modes") - tv) < 4 * of("judged_modes_error") + 0.02).all()
    assert (of("position") > 0.8).all()
    assert of("theorem").tolist() == [4, 4]
    assert len(of("theorem_4_position")) == 2
    assert len(of("theorem_5_position")) == 0


def test_the_results_table_says_what_was_published():
    runs = [made_up(2), made_up(1, lost=[0, 1]), made_up(1, merging=2)]
    heads, _, *lines = cells(tables.results_table(runs, tables.beside("PacGAN", tables.HIGH_QUALITY_KL)))
    assert heads == [
        "target",
        "method",
        "steps",
        "modes",
        "modes, published",
        "high quality",
        "high quality, published",
        "reverse KL",
        "reverse KL, published",
        "JS",
        "reverse KL, high quality",
        "time",
    ]
    assert [line[:5] for line in lines] == [
        ["ring", "Pac(GAN)(2)", "15 000", "8.0 ± .0", "7.9 ± .1"],
        ["ring", "GAN", "15 000", "6.0 ± .0", "6.3 ± .5"],
        ["ring", "Virtual(GAN)(2)", "15 000", "8.0 ± .0", ""],
    ]
    assert [line[8] for line in lines] == [".070 ± .030", ".450 ± .090", ""]
    assert [line[-1] for line in lines] == 3 * ["12"]
    heads, _, line = cells(tables.results_table([made_up(1, merging=2)], tables.beside("VirtualGAN")))
    assert line[4] == "8.0"
    assert "reverse KL, published" not in heads  # the paper prints it for stacked digits alone


@pytest.mark.parametrize("last", [1, 3])
def test_the_time_of_a_run_has_the_part_before_an_interruption(last, tmp_path, monkeypatch):
    """Of a clock that advances by a second whenever it is read.

    The interruption is between a checkpoint and the note of its metrics, once before there is any history.
    """
    seconds = count()
    monkeypatch.setattr(runs.time, "process_time", lambda: float(next(seconds)))
    configuration, note = Configuration(hidden=4, critic_hidden=4, rows=4, steps=4), runs._note

    def interrupted(path, step, *values):
        if step == last:
            raise KeyboardInterrupt
        note(path, step, *values)

    monkeypatch.setattr(runs, "_note", interrupted)
    with pytest.raises(KeyboardInterrupt):
        runs.run(configuration, [0, 1], tmp_path, chunks=4)
    monkeypatch.setattr(runs, "_note", note)
    finished = runs.run(configuration, [0, 1], tmp_path, chunks=4)
    history = runs.history(configuration, [0, 1], tmp_path)
    assert history["steps"].tolist() == [1, 2, 3, 4]
    assert history["seconds"].tolist() == sorted(history["seconds"])
    assert history["seconds"][0] == 1
    assert finished.seconds > history["seconds"][-1] > history["seconds"][1] > 1


def test_the_time_of_a_run_is_without_that_of_its_target(tmp_path, monkeypatch):
    """Of a clock that stands still but while the task is made for the first time."""
    seconds, task = [0.0], Configuration.task.fget

    def slow(configuration):
        seconds[0] = 1000.0
        return task(configuration)

    monkeypatch.setattr(runs.time, "process_time", lambda: seconds[0])
    monkeypatch.setattr(Configuration, "task", property(slow))
    configuration = Configuration(hidden=4, critic_hidden=4, rows=4, steps=1)
    assert runs.run(configuration, [0, 1], tmp_path, chunks=1).seconds == 0
    assert seconds == [1000.0]


def test_a_table_of_settings_shows_them():
    heads, _, line = cells(
        tables.results_table(
            [made_up(1, rows=500)],
            tables.setting(learning_rate="learning_rate", rows="rows", N="modes", same="simultaneous"),
        )
    )
    assert heads[2:7] == ["learning rate", "rows", "N", "same", "steps"]
    assert line[2:7] == ["0.001", "500", "500", "no", "15 000"]
    with pytest.raises(ValueError, match="'modes' is the heading of a metric"):
        tables.setting(modes="modes")


def test_matching_pulls_a_perfect_generator_less_the_more_points_there_are():
    """Of one letter to the nearest, by brute force over the numbers in each mode."""
    greedy, optimal = (pull.shares("ring", matching, 32, range(4)) for matching in ("greedy", "optimal"))
    law = pull.LAWS["ring"]()
    least = []
    for seed in range(4):
        real, generated = law.sample(64, np.random.default_rng(seed)).reshape(2, 32, -1)
        counts = (np.bincount(law.mode_of(rows), minlength=8) for rows in (real, generated))
        least.append(abs(np.subtract(*counts)).sum() / 64)  # pairs that no matching can avoid
    assert (greedy >= np.array(least) - 1e-9).all()
    assert (optimal >= np.array(least) - 1e-9).all()
    assert optimal.mean() <= greedy.mean()


def test_no_matching_has_fewer_pairs_of_different_modes():
    """The mean over all outcomes of two multinomials, in fractions."""
    n, weights = 3, [Fraction(1, 8)] * 8
    law = {}
    for letters in product(range(8), repeat=n):
        counts = tuple(letters.count(letter) for letter in range(8))
        law[counts] = law.get(counts, 0) + prod(weights[letter] for letter in letters)
    least = sum(
        p * q * Fraction(sum(abs(x - y) for x, y in zip(left, right, strict=True)), 2 * n)
        for left, p in law.items()
        for right, q in law.items()
    )
    assert pull.least_share("ring", n) == pytest.approx(float(least), rel=1e-12)
    assert pull.shares("ring", "optimal", 100, range(40)).mean() == pytest.approx(
        pull.least_share("ring", 100), abs=0.02
    )


def test_tables_are_markdown_of_even_width():
    assert layout.markdown(["a", "bc"], [["def", ""]]).splitlines() == [
        "| a   | bc |",
        "| --- | -- |",
        "| def |    |",
    ]


@pytest.mark.parametrize(
    ("values", "shown"),
    [([0.25, 0.75], ".50 ± .25"), ([7.0, 9.0], "8.00 ± 1.00"), ([-0.25], "-0.25"), ([], "")],
)
def test_cells_are_means_with_errors(values, shown):
    assert tables.cell(np.array(values), 2).replace("\N{NO-BREAK SPACE}", " ") == shown


@pytest.mark.parametrize(("hidden", "packing", "merging"), [(4, 1, 1), (16, 3, 1), (8, 2, 3)])
def test_the_discriminators_size_counts_its_layers(hidden, packing, merging):
    configuration = Configuration(hidden=7, critic_hidden=hidden, packing=packing, merging=merging)
    inputs = 2 * packing * merging
    assert tables.critic_size(configuration) == (inputs + 1) * hidden + (hidden + 1) * hidden + hidden + 1


def readings(method, target="ring"):
    """A made-up run of two trials, and rows as `read` gives them."""
    values = {
        "predicted": (0.1, 0.2),
        "predicted_lower": (0.05, 0.15),
        "predicted_upper": (0.15, 0.3),
        "judged_modes": (0.1, 0.3),
        "position": (0.5, 0.7),
        "theorem": (4, 5),
    }
    rows = [
        {"seed": seed, "m": m, "quantity": quantity, "value": m * pair[seed]}
        for m in tables.DEGREES
        for quantity, pair in values.items()
        for seed in (0, 1)
    ]
    return tables.Reading(made_up(method, target), rows)


def test_the_figure_of_readings_shows_means_and_errors():
    figure = drawing.draw_readings([readings(m, target) for target in ("ring", "grid") for m in (1, 2)])
    bars = figure.axes[0].containers[0]
    means = [mean_and_error(np.array([0.1, 0.2]) * m)[0] for m in tables.DEGREES]
    assert bars.lines[0].get_ydata() == pytest.approx(means)
    assert [text.get_text() for text in figure.axes[0].get_legend().get_texts()] == ["GAN", "Pac(GAN)(2)"]


def test_places_are_means_of_trials_with_their_errors():
    shown = [readings(m, target) for target in ("ring", "grid") for m in (1, 2)]
    heads, _, line, *_ = cells(tables.places_table(shown))
    assert dict(zip(heads, line, strict=True)) == {
        "target": "ring",
        "method": "GAN",
        "modes": "8.0 ± .0",
        "high quality": ".99 ± .00",
        "reverse KL": ".001 ± .000",
        "τ": ".150 ± .050",
        "position, m = 2": "1.20 ± .20",
        "position, m = 4": "2.40 ± .40",
    }
    ring, grid = drawing.draw_places(shown).axes
    for ax in (ring, grid):
        points = [bars.lines[0].get_xydata()[0] for bars in ax.containers]
        assert np.array(points) == pytest.approx(np.array([[0.15, 2.4]] * 2))


def test_the_figure_of_samples_shows_the_first_trial():
    runs = [made_up(m, target) for target in ("ring", "grid") for m in (1, 2, 3)]
    figure = drawing.draw_samples(runs)
    titles = [ax.get_title(loc="left").split("  ")[1] for ax in figure.axes[:3]]
    assert titles == ["ring: target", "ring: GAN", "ring: Pac(GAN)(2)"]
    shown = figure.axes[1].collections[0].get_offsets()
    assert np.asarray(shown) == pytest.approx(runs[0].samples[0, : drawing.SHOWN])


def test_the_figure_of_regions_shows_the_first_trials_and_their_bands():
    runs = [made_up(m, target, lost=[m]) for target in ("ring", "grid") for m in (1, 2, 3)]
    ring, grid = drawing.draw_regions(runs).axes
    for ax, shown in ((ring, runs[:2]), (grid, runs[3:5])):
        _, *boundaries, _ = ax.lines  # between the diagonal and the point asked about
        assert [line.get_label() for line in boundaries] == ["GAN", "Pac(GAN)(2)"]
        for line, shade, run in zip(boundaries, ax.collections, shown, strict=True):
            first, *_ = counted(run)
            assert np.asarray(line.get_xydata()) == pytest.approx(first.region.vertices)
            shaded, band = Path(shade.get_paths()[0].vertices), first.confidence_band(drawing.LEVEL)
            for x in (0.1, 0.5):
                inner, outer = band.inner.boundary(x), band.outer.boundary(x)
                assert shaded.contains_points([(x, inner + 2e-3), (x, outer - 2e-3)]).all()
                assert not shaded.contains_points([(x, inner - 2e-3), (x, outer + 2e-3)]).any()


def test_the_table_of_readings_counts_the_theorems():
    heads, _, *lines = cells(tables.readings_table([readings(2)]))
    assert [line[2] for line in lines] == ["1", "2", "4"]
    of = dict(zip(heads, lines[0], strict=True))
    assert of["method"] == "Pac(GAN)(2)"
    assert of["interval, 0.95"] == "[.100, .225]"
    assert of["judged: modes"] == ".200 ± .100"
    assert of["Theorem 4"] == of["Theorem 5"] == "1"


def errorbars(ax):
    """Of a panel, for each line: places, means, and lower and upper ends."""
    lines = []
    for bars in ax.containers:
        (line, _, (ends,)) = bars.lines
        lines.append((*line.get_data(), *np.array(ends.get_segments())[:, :, 1].T))
    return lines


def test_the_figure_of_sizes_sets_metrics_against_parameters():
    runs = [made_up(m, lost=range(8 - m), critic_hidden=hidden) for hidden in (8, 4) for m in (1, 2)]
    baseline = made_up(1, lost=range(3), critic_hidden=4, architecture="discriminating")
    figure = drawing.draw_sizes([*runs, baseline])
    (places, modes, *_), (packed_places, packed_modes, *_), (others, other_modes, *_) = errorbars(
        figure.axes[0]
    )
    assert list(places) == [12 + 20 + 5, 24 + 72 + 9]
    assert list(packed_places) == [20 + 20 + 5, 40 + 72 + 9]
    assert list(others) == [tables.critic_size(baseline.configuration)]
    assert (list(modes), list(packed_modes), list(other_modes)) == ([1, 1], [2, 2], [5])
    names = ["GAN", "Pac(GAN)(2)", "GAN + minibatch discrimination"]
    assert [text.get_text() for text in figure.legends[0].get_texts()] == names
    assert [ax.get_yscale() for ax in figure.axes] == ["linear", "linear", "log"]
    assert [ax.get_xscale() for ax in figure.axes] == 3 * ["log"]


def test_the_figure_of_histories_shows_means_and_errors_over_steps():
    history = {
        "steps": np.array([5, 10]),
        "modes": np.array([[1.0, 3.0], [8.0, 8.0]]),
        "high_quality": np.array([[0.2, 0.4], [0.9, 0.9]]),
        "reverse_kl": np.array([[1.0, 2.0], [0.1, 0.1]]),
    }
    runs = [made_up(1), made_up(1, penalty=3.0), made_up(1, penalty=3.0, weighting="equal")]
    figure = drawing.draw_histories([study.Watched(run, history) for run in runs])
    for ax, (mean, error) in zip(figure.axes, [(2, 1), (0.3, 0.1), (1.5, 0.5)], strict=True):
        assert len(ax.lines) == len(ax.collections) == 3
        for line, band in zip(ax.lines, ax.collections, strict=True):
            assert list(line.get_xdata()) == [5, 10]
            heights = band.get_paths()[0].vertices
            ends = [np.ptp(heights[heights[:, 0] == step, 1]) for step in (5, 10)]
            assert [line.get_ydata()[0], *ends] == pytest.approx([mean, 2 * error, 0])
    assert len({line.get_linestyle() for line in figure.axes[0].lines}) == 3


def test_digits_are_of_the_given_files_and_mixtures_of_none():
    assert study.configure({"target": "stacked digits"}, "mnist.npz").data == "mnist.npz"
    assert study.configure({"target": "digits"}, "").data == ""
    assert study.configure({"target": "grid"}, "mnist.npz") == Configuration(target="grid")


def test_the_command_gives_studies_the_data(tmp_path, monkeypatch):
    given = []
    told = study.Study(
        lambda seeds, folder, data: given.append(data), lambda result: "", lambda result: [{"a": 1}], {}
    )
    monkeypatch.setitem(studies.STUDIES, "told", told)
    for arguments in ([], ["--data", "mnist.npz"]):
        assert main(["told", "--out", str(tmp_path), *arguments]) == 0
    assert given == ["", "mnist.npz"]


TINY = {"hidden": 4, "critic_hidden": 4, "depth": 1, "rows": 5, "steps": 10}


def test_the_command_trains_prints_writes_and_draws(tmp_path, capsys, monkeypatch):
    tiny = study.watch([TINY], figures={"course": drawing.draw_histories})
    monkeypatch.setitem(studies.STUDIES, "tiny", tiny)
    assert main(["tiny", "--trials", "2", "--out", str(tmp_path)]) == 0
    assert "tiny, 2 trials" in capsys.readouterr().out
    with (tmp_path / "tiny.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 7 * 2
    assert {"modes", "high_quality", "reverse_kl", "js", "entropy"} < {row["metric"] for row in rows}
    assert {row["hidden"] for row in rows} == {"4"}
    assert (tmp_path / "course.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "name",
    [
        "packing",
        "longer",
        "sizes",
        "merging",
        "penalty",
        "penalty_targets",
        "penalty_factors",
        "rates",
        "steps",
        "wasserstein",
        "paper",
    ],
)
def test_studies_compare_configurations_that_there_are(name):
    """No field is misspelt or out of range, and nothing is compared with itself."""
    (compared,) = studies.STUDIES[name].run.args
    assert len({Configuration(**fields) for fields in compared}) == len(compared) > 1


@pytest.mark.parametrize(
    ("arguments", "message"), [(["torus"], "unknown study 'torus'"), (["--trials", "1"], "at least 2")]
)
def test_wrong_arguments_are_refused(arguments, message, capsys):
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert message in capsys.readouterr().err
