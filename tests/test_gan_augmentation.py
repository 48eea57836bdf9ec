"""L-GAN: combinations and orthogonality by brute force, and the experiment's parts on digits."""

from __future__ import annotations

import itertools

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")
pytest.importorskip("tqdm")
pytest.importorskip("sklearn")

import optax  # noqa: E402
from jax import numpy as jnp  # noqa: E402

from modecollapse.gan import augmentation, networks  # noqa: E402
from modecollapse.gan.augmentation import SHARES, Augmentation, accuracy, choose  # noqa: E402
from modecollapse.gan.combinations import batches, combine, orthogonality  # noqa: E402
from modecollapse.gan.digits import bundled  # noqa: E402
from modecollapse.gan.losses import Loss  # noqa: E402
from modecollapse.gan.penalty import Penalty  # noqa: E402
from modecollapse.gan.trainer import Setup, advance, draw, start  # noqa: E402

KEY = jax.random.key(3)

# -- combinations --------------------------------------------------------------------------------------


def test_combinations_are_sums_over_the_batch():
    latent, vectors = np.random.default_rng(0).normal(size=(2, 6, 5))
    vectors = vectors[:, :4]
    found = np.asarray(combine(3)(jnp.asarray(latent), jnp.asarray(vectors)))
    for row in range(6):
        batch = vectors[:3] if row < 3 else vectors[3:]
        expected = sum(latent[row, 2 + j] * batch[j] for j in range(3)) / np.sqrt(3)
        assert found[row] == pytest.approx(expected, abs=1e-6)


def test_combinations_are_centred_with_the_vectors_second_moments():
    vectors = np.array([[3.0, 1.0], [0.0, 2.0]])
    latent = jax.random.normal(KEY, (200_000, 2))
    found = np.asarray(combine(2)(latent, jnp.tile(vectors, (100_000, 1))))
    assert found.mean(axis=0) == pytest.approx(0, abs=0.02)
    assert found.T @ found / len(found) == pytest.approx(vectors.T @ vectors / 2, abs=0.05)


def test_a_batch_is_emitted_at_once_and_without_its_coefficients():
    layer = batches(networks.multilayer(8, 1, 6), 2)
    parameters, width = layer.initialise(KEY, 5)
    assert width == 3
    latent = jax.random.normal(KEY, (4, 5))
    emitted = layer.apply(parameters, latent)
    assert emitted.shape == (4, 3)
    assert np.array_equal(emitted, layer.apply(parameters, latent.at[:, -2:].set(9.0)))
    moved = np.any(np.asarray(layer.apply(parameters, latent.at[0, 0].add(1.0)) != emitted), axis=1)
    assert moved.tolist() == [True, True, False, False]


def mean_squared_cosine(points, size):
    found = []
    for first in range(0, len(points), size):
        for a, b in itertools.permutations(points[first : first + size], 2):
            found.append((a @ b) ** 2 / (a @ a) / (b @ b))
    return np.mean(found)


@pytest.mark.parametrize("size", [2, 3, 6])
def test_orthogonality_is_the_mean_squared_cosine(size):
    points = np.random.default_rng(size).normal(size=(12, 4))
    penalty = orthogonality(size, 2.0)
    cost, memory = penalty.cost(penalty.start(), jnp.asarray(points))
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

    points = jax.random.normal(KEY, (size, width))
    (points, _), _ = jax.lax.scan(step, (points, optimiser.init(points)), length=600)
    assert float(cost(points)) == pytest.approx(max(0, (size - width) / (width * (size - 1))), abs=1e-3)


def test_its_gradient_is_that_of_finite_differences_and_finite_at_zero():
    penalty = orthogonality(3, 1.5)
    with jax.enable_x64(True):
        points = jnp.asarray(np.random.default_rng(1).normal(size=(6, 2)))

        def cost(place):
            return penalty.cost((), place)[0]

        gradient = np.asarray(jax.grad(cost)(points))
        for place in np.ndindex(6, 2):
            ends = [float(cost(points.at[place].add(way * 1e-6))) for way in (1, -1)]
            assert gradient[place] == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-5, abs=1e-8)
        assert np.abs(gradient).max() > 1e-2
        assert np.isfinite(jax.grad(cost)(points.at[0].set(0.0))).all()


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
        penalty=Penalty(lambda: jnp.zeros((4, 1)), lambda memory, points: (jnp.sum(points) * 0, points)),
        combine=lambda latent, emitted: 3 * emitted,
    )
    states = advance(setup, start(setup, [0]), 1)
    assert draw(setup, states, 2).tolist() == [[[6.0], [6.0]]]
    assert states.critic.tolist() == [[6.0]]  # its slope was the judged row
    assert states.penalty.tolist() == [[[2.0]] * 4]


# -- augmentation --------------------------------------------------------------------------------------

TINY = Augmentation(code=2, latent=2, batch=2, penalty=0.02, hidden=16, rows=32, critic_steps=1, steps=500)


def test_each_class_has_a_generator_that_learns_its_codes():
    """One class is spread along the first coordinate, one along the second; no class knows the other.

    Vectors on a line are parallel, so the penalty is kept small here.
    """
    along = np.random.default_rng(0).normal(size=(2, 14, 1))
    codes = np.stack([along[0] * [1.4, 0.1], along[1] * [0.1, 1.4]])
    make = jax.vmap(lambda table, seed: augmentation.trained(augmentation.l_gan)(TINY, table, seed))
    found = np.asarray(jax.jit(make)(jnp.asarray(codes), jnp.arange(2)))
    assert found.shape == (2, TINY.generated, 2)
    spread = found.std(axis=1)
    assert spread[0, 0] > 2 * spread[0, 1]
    assert spread[1, 1] > 2 * spread[1, 0]


def test_added_digits_make_up_their_share():
    about = Augmentation(known=30)
    assert [about.added(share) / (30 + about.added(share)) for share in SHARES] == list(SHARES)
    assert Augmentation(known=10, batch=4).generated == 32


def test_untrained_codes_come_from_the_real_ones():
    about = Augmentation(code=3, batch=2, noise=0.0)
    codes = jax.random.normal(KEY, (5, 3)).at[:, 2].set(0.0)
    copied = np.asarray(augmentation.noisy_codes(about, codes, 1))
    assert {tuple(row) for row in copied.tolist()} == {tuple(row) for row in codes.tolist()}
    noisy = np.asarray(augmentation.noisy_codes(Augmentation(code=3, noise=0.5), codes, 1))[:, 2]
    assert noisy.std() == pytest.approx(0.5, rel=0.4)
    combined = np.asarray(augmentation.combined_codes(about, codes, 1))
    assert combined.shape == (about.generated, 3)
    assert (combined[:, 2] == 0).all()
    assert len(np.unique(combined[:, 0])) == about.generated


def test_chosen_digits_are_of_their_class_and_all_different():
    split = bundled()
    known, further = choose(split, 14, 48, seed=5)
    names = {tuple(image): label for image, label in zip(split.images.tolist(), split.labels, strict=True)}
    chosen = np.concatenate([known, further], axis=1)
    for label, lot in enumerate(chosen.tolist()):
        assert {names[tuple(image)] for image in lot} == {label}
        assert len({tuple(image) for image in lot}) == 62
    assert np.array_equal(known, choose(split, 14, 0, seed=5)[0])
    assert not np.array_equal(known, choose(split, 14, 0, seed=6)[0])
    with pytest.raises(ValueError, match=r"139 digits of the rarest class, 100 \+ 40 were wanted"):
        choose(split, 100, 40, seed=0)


def test_copies_teach_the_classifier_nothing_and_further_digits_something():
    known, further = choose(bundled(), 14, 42, seed=0)
    alone = accuracy(known, bundled())
    assert accuracy(np.concatenate([known] * 4, axis=1), bundled()) == alone
    assert accuracy(np.concatenate([known, further], axis=1), bundled()) > alone + 0.01


def test_a_run_is_kept_read_back_and_told(tmp_path, monkeypatch, capsys):
    """With the makers that are not trained, and an autoencoder of few steps."""
    for method in ("L-GAN", "L-GAN without penalty", "GAN of codes"):
        monkeypatch.delitem(augmentation.MAKERS, method)
    about = Augmentation(hidden=32, steps=300)
    done = augmentation.run(about, [2, 3], tmp_path)
    assert "augmentation" in capsys.readouterr().err
    again = augmentation.run(about, [2, 3], tmp_path)
    assert again.configuration == about
    assert list(again.images) == ["combinations of codes", "noise on codes", "copies", "further digits"]
    for method, images in done.images.items():
        assert images.shape == (2, 10, about.generated, 64)
        assert np.array_equal(images, again.images[method])
    assert np.array_equal(done.known[1], choose(bundled(), 14, 0, seed=3)[0])
    assert np.array_equal(done.images["copies"][0, :, 14:28], done.known[0])
    assert (done.reconstruction < bundled().images.var()).all()  # the mean alone would leave that
    rows = again.tidy()
    assert len(rows) == 2 * (1 + 4 * (1 + len(SHARES)))
    of = {(row["method"], row["share"], row["seed"], row["quantity"]): row["value"] for row in rows}
    assert of["known digits", 0.0, 3, "accuracy"] == accuracy(done.known[1], bundled())
    taught = np.concatenate([done.known[0], done.images["noise on codes"][0, :, :14]], axis=1)
    assert of["noise on codes", 0.5, 2, "accuracy"] == accuracy(taught, bundled())
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
        Augmentation(**{field: value})
