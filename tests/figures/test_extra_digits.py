"""L-GAN: combinations and orthogonality by brute force, and the experiment's parts on digits."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")
pytest.importorskip("tqdm")
pytest.importorskip("sklearn")

import optax  # noqa: E402
from jax import numpy as jnp  # noqa: E402

from figures.training import extra_digits  # noqa: E402
from figures.training.extra_digits import SHARES, ExtraDigits, accuracy, choose  # noqa: E402
from modecollapse.gan import networks  # noqa: E402
from modecollapse.gan.digits import bundled  # noqa: E402
from modecollapse.gan.l_gan import batches, combine, orthogonality  # noqa: E402
from modecollapse.gan.losses import Loss  # noqa: E402
from modecollapse.gan.penalty import Penalty  # noqa: E402
from modecollapse.gan.trainer import Setup, advance, draw, start  # noqa: E402

KEY = jax.random.key(3)

# -- combinations --------------------------------------------------------------------------------------


def test_combinations_are_sums_over_the_batch():
    latent, vectors = np.random.default_rng(0).normal(size=(2, 6, 5))
    vectors = vectors[:, :4]
    combinations = np.asarray(combine(3)(jnp.asarray(latent), jnp.asarray(vectors)))
    for row in range(6):
        batch = vectors[:3] if row < 3 else vectors[3:]
        expected = sum(latent[row, 2 + j] * batch[j] for j in range(3)) / np.sqrt(3)
        assert combinations[row] == pytest.approx(expected, abs=1e-6)


def test_combinations_are_centred_with_the_vectors_second_moments():
    vectors = np.array([[3.0, 1.0], [0.0, 2.0]])
    latent = np.random.default_rng(0).normal(size=(200_000, 2))
    combinations = np.asarray(combine(2)(jnp.asarray(latent), jnp.asarray(np.tile(vectors, (100_000, 1)))))
    assert combinations.mean(axis=0) == pytest.approx(0, abs=0.02)
    assert combinations.T @ combinations / len(combinations) == pytest.approx(
        vectors.T @ vectors / 2, abs=0.05
    )


def test_a_batch_is_emitted_at_once_and_without_its_coefficients():
    layer = batches(networks.multilayer(8, 1, 6), 2)
    parameters, width = layer.initialise(KEY, 5)
    assert width == 3
    apply = jax.jit(layer.apply)
    latent, others = np.random.default_rng(0).normal(size=(2, 4, 5))
    emitted = apply(parameters, latent)
    assert emitted.shape == (4, 3)
    assert np.array_equal(emitted, apply(parameters, np.hstack([latent[:, :3], others[:, 3:]])))
    moved = apply(parameters, np.vstack([others[:1], latent[1:]])) != emitted
    assert moved.any(axis=1).tolist() == [True, True, False, False]


def mean_squared_cosine(points, size):
    squared_cosines = []
    for first in range(0, len(points), size):
        for a, b in itertools.permutations(points[first : first + size], 2):
            squared_cosines.append((a @ b) ** 2 / (a @ a) / (b @ b))
    return np.mean(squared_cosines)


@pytest.mark.parametrize("size", [2, 3, 6])
def test_orthogonality_is_the_mean_squared_cosine(size):
    points = np.random.default_rng(size).normal(size=(12, 4))
    penalty = orthogonality(size, 2.0)
    cost, memory = jax.jit(penalty.cost)(penalty.start(), points)
    assert float(cost) == pytest.approx(2 * mean_squared_cosine(points, size), rel=1e-5)
    assert memory == penalty.start()


@pytest.mark.parametrize(("size", "width"), [(3, 5), (4, 4), (3, 2), (6, 4), (4, 1)])
def test_its_least_value_is_welchs_bound(size, width):
    """Descent comes to max(0, (k − d)/(d(k − 1))), and from no start below."""
    penalty, optimiser = orthogonality(size, 1.0), optax.adam(0.05)

    def cost(points):
        return penalty.cost((), points)[0]

    def step(state, _):
        points, memory = state
        updates, memory = optimiser.update(jax.grad(cost)(points), memory)
        return (optax.apply_updates(points, updates), memory), None

    @jax.jit
    def descend(points):
        return cost(jax.lax.scan(step, (points, optimiser.init(points)), length=600)[0][0])

    points = jnp.asarray(np.random.default_rng(0).normal(size=(size, width)))
    assert float(descend(points)) == pytest.approx(max(0, (size - width) / (width * (size - 1))), abs=1e-3)


def test_its_gradient_is_that_of_finite_differences_and_finite_at_zero():
    penalty = orthogonality(3, 1.5)
    points = np.random.default_rng(1).normal(size=(6, 2))
    moved = 1e-6 * np.eye(12).reshape(12, 6, 2)
    with jax.enable_x64(True):
        cost = jax.jit(jax.vmap(lambda place: penalty.cost((), place)[0]))
        gradient = jax.jit(jax.grad(lambda place: penalty.cost((), place)[0]))
        differences = (cost(points + moved) - cost(points - moved)) / 2e-6
        assert gradient(points).ravel() == pytest.approx(np.asarray(differences), rel=1e-5, abs=1e-8)
        assert np.abs(differences).max() > 1e-2
        points[0] = 0
        assert np.isfinite(gradient(points)).all()


@pytest.mark.parametrize("size", [1, 0, 2.5])
def test_batches_have_two_vectors_at_least(size):
    with pytest.raises(ValueError, match=f"size must be an integer ≥ 2, got {size}"):
        orthogonality(size, 1.0)
    with pytest.raises(ValueError, match=f"size must be an integer ≥ 2, got {size}"):
        batches(networks.dense(4), size)


def test_what_is_no_batch_is_refused():
    with pytest.raises(ValueError, match="more than the 4 coefficients, got 4 numbers"):
        batches(networks.dense(8), 4).initialise(KEY, 4)
    with pytest.raises(ValueError, match="a batch of 4 vectors cannot have 9 numbers"):
        batches(networks.dense(9), 4).initialise(KEY, 5)
    with pytest.raises(ValueError, match="divisor of the 5 rows, at least 1, got 2"):
        orthogonality(2, 1.0).cost((), jnp.ones((5, 3)))


def test_the_critic_judges_what_is_combined_and_the_penalty_what_is_emitted():
    """A generator of the constant 2, combined to 2·3: three sides see what they should."""
    two = networks.Layer(
        lambda key, width: (jnp.full(1, 2.0), 1), lambda value, rows: value + 0 * rows[:, :1]
    )
    setup = Setup(
        sample=lambda key, n: jnp.zeros((n, 1)),
        width=1,
        latent=1,
        generator=two,
        critic=networks.Layer(lambda key, width: (jnp.zeros(1), 1), lambda weight, rows: weight * rows),
        loss=Loss(
            lambda score, real, generated, key: -score(generated)[0],
            lambda scores: 0 * scores[0],
            lambda x: x,
        ),
        generator_optimiser=optax.sgd(0.0),
        critic_optimiser=optax.sgd(1.0),
        rows=4,
        packing=1,
        merging=1,
        critic_steps=1,
        penalty=Penalty(0, lambda: jnp.zeros((4, 1)), lambda memory, points: (jnp.sum(points) * 0, points)),
        combine=lambda latent, emitted: 3 * emitted,
    )
    states = advance(setup, start(setup, [0]), 1)
    assert draw(setup, states, 2).tolist() == [[[6.0], [6.0]]]
    assert states.critic.tolist() == [[6.0]]  # its slope was the judged row
    assert states.penalty.tolist() == [[[2.0]] * 4]


# -- extra digits --------------------------------------------------------------------------------------

TINY = ExtraDigits(code=2, latent=2, batch=2, penalty=0.02, hidden=16, rows=32, critic_steps=1, steps=500)


@pytest.mark.slow
def test_each_class_has_a_generator_that_learns_its_codes():
    """One class is spread along the first coordinate, one along the second; no class knows the other.

    Vectors on a line are parallel, so the penalty is kept small here.
    """
    along = np.random.default_rng(0).normal(size=(2, 14, 1))
    codes = np.stack([along[0] * [1.4, 0.1], along[1] * [0.1, 1.4]])
    make = jax.vmap(lambda table, seed: extra_digits.trained(extra_digits.l_gan)(TINY, table, seed))
    new_codes = np.asarray(jax.jit(make)(jnp.asarray(codes), jnp.arange(2)))
    assert new_codes.shape == (2, TINY.generated, 2)
    spread = new_codes.std(axis=1)
    assert spread[0, 0] > 2 * spread[0, 1]
    assert spread[1, 1] > 2 * spread[1, 0]


def test_added_digits_make_up_their_share():
    configuration = ExtraDigits(known=30)
    assert [configuration.added(share) / (30 + configuration.added(share)) for share in SHARES] == list(
        SHARES
    )
    assert ExtraDigits(known=10, batch=4).generated == 32


def test_untrained_codes_come_from_the_real_ones():
    configuration = ExtraDigits(code=3, batch=2, noise=0.0)
    codes = np.random.default_rng(0).normal(size=(5, 3)).astype(np.float32) * [1, 1, 0]
    copied = np.asarray(extra_digits.noisy_codes(configuration, codes, 1))
    assert np.unique(copied, axis=0) == pytest.approx(np.unique(codes, axis=0), abs=1e-6)
    noisy = np.asarray(extra_digits.noisy_codes(replace(configuration, noise=0.5), codes, 1))
    assert (noisy - copied)[:, 2].std() == pytest.approx(0.5, rel=0.4)
    combined = np.asarray(extra_digits.combined_codes(configuration, codes, 1))
    assert combined.shape == (configuration.generated, 3)
    assert (combined[:, 2] == 0).all()
    assert len(np.unique(combined[:, 0])) == configuration.generated


def test_chosen_digits_are_of_their_class_and_all_different():
    split = bundled()
    known, further = choose(split, 14, 48, seed=5)
    names = {tuple(image): label for image, label in zip(split.images.tolist(), split.labels, strict=True)}
    chosen = np.concatenate([known, further], axis=1)
    for label, images in enumerate(chosen.tolist()):
        assert {names[tuple(image)] for image in images} == {label}
        assert len({tuple(image) for image in images}) == 62
    assert np.array_equal(known, choose(split, 14, 0, seed=5)[0])
    assert not np.array_equal(known, choose(split, 14, 0, seed=6)[0])
    with pytest.raises(ValueError, match=r"139 digits of the rarest class, 100 \+ 40 were wanted"):
        choose(split, 100, 40, seed=0)


def test_copies_teach_the_classifier_nothing_and_further_digits_something():
    known, further = choose(bundled(), 14, 42, seed=0)
    alone = accuracy(known, bundled(), 10)
    assert accuracy(np.concatenate([known] * 4, axis=1), bundled(), 10) == alone
    assert accuracy(np.concatenate([known, further], axis=1), bundled(), 10) > alone + 0.01
    # where an error costs little, four copies are as good as four times the cost
    assert accuracy(np.concatenate([known] * 4, axis=1), bundled(), 1) == accuracy(known, bundled(), 4)


@pytest.mark.slow
def test_a_run_is_kept_read_back_and_told(tmp_path, monkeypatch, capsys):
    """With the makers that are not trained, and an autoencoder of few steps."""
    untrained = {name: extra_digits.MAKERS[name] for name in ("combinations of codes", "noise on codes")}
    monkeypatch.setattr(extra_digits, "MAKERS", untrained)
    configuration = ExtraDigits(hidden=32, steps=300)
    finished = extra_digits.run(configuration, [2, 3], tmp_path)
    assert "extra digits" in capsys.readouterr().err
    again = extra_digits.run(configuration, [2, 3], tmp_path)
    assert again.configuration == configuration
    assert list(again.images) == ["combinations of codes", "noise on codes", "copies", "further digits"]
    for method, images in finished.images.items():
        assert images.shape == (2, 10, configuration.generated, 64)
        assert np.array_equal(images, again.images[method])
    assert np.array_equal(finished.known[1], choose(bundled(), 14, 0, seed=3)[0])
    assert np.array_equal(finished.images["copies"][0, :, 14:28], finished.known[0])
    assert (finished.reconstruction < bundled().images.var()).all()  # the mean alone would leave that
    rows = again.tidy()
    assert len(rows) == 2 * (2 + 4 * (1 + 2 * len(SHARES)))
    of = {(row["method"], row["share"], row["seed"], row["quantity"]): row["value"] for row in rows}
    assert of["known digits", 0.0, 3, "accuracy"] == accuracy(finished.known[1], bundled(), 10)
    taught = np.concatenate([finished.known[0], finished.images["noise on codes"][0, :, :14]], axis=1)
    assert of["noise on codes", 0.5, 2, "accuracy"] == accuracy(taught, bundled(), 10)
    assert of["noise on codes", 0.5, 2, "usual_accuracy"] == accuracy(taught, bundled(), 1)
    assert of["further digits", 1.0, 2, "recognised"] > 0.98
    assert 0.5 < of["noise on codes", 1.0, 2, "recognised"] <= 1


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("known", 0, "known must be at least 1, got 0"),
        ("batch", 1, "batch must be at least 2 and divide the 64 rows, got 1"),
        ("batch", 5, "divide the 64 rows, got 5"),
        ("penalty", -1.0, "penalty must be at least 0, got -1.0"),
        ("noise", float("nan"), "noise must be at least 0, got nan"),
        ("momentum", 1.0, "momentum from 0 to below 1, got 0.001 and 1.0"),
    ],
)
def test_configurations_out_of_range_are_refused(field, value, message):
    with pytest.raises(ValueError, match=message):
        ExtraDigits(**{field: value})


# -- table and figures ---------------------------------------------------------------------------------


def told():
    """Two trials; the accuracy of method i at share s is .5 + .01·i + .1·s in one, .02 more in the other.

    At the usual cost all is two fifths of that.
    """
    study = pytest.importorskip("figures.training.extra_digits_study")
    images = {
        name: np.full((2, 10, 8, 9), (i + 1) / 10) * np.arange(10)[:, np.newaxis, np.newaxis] / 10
        for i, name in enumerate(study.METHODS)
    }
    finished = extra_digits.Run(
        ExtraDigits(), np.arange(2), np.zeros((2, 10, 4, 9)), images, np.zeros(2), 1.0
    )
    rows = []
    for seed in (0, 1):
        for quantity, part in {"accuracy": 1, "usual_accuracy": 0.4}.items():
            fields = {"seed": seed, "quantity": quantity}
            alone = part * (0.4 + 0.02 * seed)
            rows.append(fields | {"method": "known digits", "share": 0.0, "value": alone})
            for i, method in enumerate(study.METHODS):
                for share in SHARES:
                    value = part * (0.5 + 0.01 * i + 0.1 * share + 0.02 * seed)
                    rows.append(fields | {"method": method, "share": share, "value": value})
        seen = {"seed": seed, "share": 1.0, "quantity": "recognised", "value": 0.8 + 0.1 * seed}
        rows += [seen | {"method": method} for method in study.METHODS]
    return study, study.Outcome(finished, rows)


def test_the_table_tells_means_errors_and_gains():
    study, outcome = told()
    lines = [[cell.strip() for cell in line.split("|")[1:-1]] for line in study.table(outcome).splitlines()]
    assert lines[0] == ["added", "25%", "50%", "75%", "gain, C = 10", "gain, C = 1", "recognised"]
    assert lines[2] == ["nothing", *(3 * [".410 ± .010"]), "", "", ""]
    # every trial gains the same: 50 + 7.5 − 40 points
    accuracies = [".535 ± .010", ".560 ± .010", ".585 ± .010"]
    assert lines[3] == ["L-GAN", *accuracies, "+17.5 ± 0.0", "+7.0 ± 0.0", ".850 ± .050"]
    assert lines[-1][0] == "further digits"
    assert lines[-1][4] == "+23.5 ± 0.0"


def test_the_figure_of_gains_shows_them_in_points():
    study, outcome = told()
    for ax, part in zip(study.draw_gains(outcome).axes, (1, 0.4), strict=True):
        assert len(ax.containers) == len(study.METHODS)
        for i, bars in enumerate(ax.containers):
            gains = [part * (10 + i + 10 * share) for share in SHARES]
            assert bars.lines[0].get_ydata() == pytest.approx(gains)
            assert bars.get_label() == study.METHODS[i]


def test_the_figure_of_digits_shows_each_class_of_each_method():
    study, outcome = told()
    axes = study.draw_digits(outcome).axes
    assert [ax.get_title(loc="left") for ax in axes[:2]] == ["known digits", "L-GAN"]
    picture = np.asarray(axes[1].images[0].get_array())
    assert picture.shape == (3, 10 * study.DRAWN * 4)
    classes = np.repeat(np.arange(10), study.DRAWN)
    assert (picture[:, ::4] == 0).all()
    for column in (1, 2, 3):
        assert picture[:, column::4] == pytest.approx(np.tile(classes / 100, (3, 1)))
