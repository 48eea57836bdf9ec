"""L-GAN: combinations and orthogonality by brute force, and the experiment's parts on digits."""

from __future__ import annotations

import itertools
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")
pytest.importorskip("tqdm")
pytest.importorskip("sklearn")

import optax  # noqa: E402
from jax import numpy as jnp  # noqa: E402
from markdown_tables import cells  # noqa: E402

from figures.training import extra_digits  # noqa: E402
from figures.training import extra_digits_classifier as classifier  # noqa: E402
from figures.training import extra_digits_run as experiment  # noqa: E402
from figures.training.extra_digits import ExtraDigits  # noqa: E402
from figures.training.extra_digits_classifier import Labelled, accuracies, by_class, teach  # noqa: E402
from figures.training.extra_digits_run import ALL, FURTHER, KNOWN, PATH, SHARES, known_digits  # noqa: E402
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

TINY = ExtraDigits(
    generated=60, code=2, latent=2, batch=2, penalty=0.02, hidden=16, rows=32, critic_steps=1, steps=500
)


@pytest.mark.slow
def test_each_class_has_a_generator_that_learns_its_codes():
    """One class is spread along the first coordinate, one along the second; no class knows the other.

    Vectors on a line are parallel, so the penalty is kept small here.
    """
    along = np.random.default_rng(0).normal(size=(2, 14, 1))
    codes = np.stack([along[0] * [1.4, 0.1], along[1] * [0.1, 1.4]])
    maker = jax.vmap(lambda table, seed: extra_digits.trained(extra_digits.l_gan)(TINY, table, seed))
    new_codes = np.asarray(jax.jit(maker)(jnp.asarray(codes), jnp.arange(2)))
    assert new_codes.shape == (2, TINY.generated, 2)
    spread = new_codes.std(axis=1)
    assert spread[0, 0] > 2 * spread[0, 1]
    assert spread[1, 1] > 2 * spread[1, 0]


@pytest.mark.slow
def test_each_class_has_a_space_of_its_own():
    """A class's decoder gives its digits back, and those of another class it cannot."""
    configuration = replace(TINY, code=4, autoencoder_steps=600)
    known = jnp.asarray(known_digits(bundled(), 0.1, 0)[0], dtype=float)
    spaces = extra_digits.encode(configuration, known, jnp.asarray(0))
    assert np.asarray(spaces.codes).mean(axis=1) == pytest.approx(0, abs=1e-5)
    assert np.asarray(spaces.codes).std(axis=(1, 2)) == pytest.approx(1, abs=1e-5)

    def errors(order):
        moved = jax.tree.map(lambda leaf: leaf[order], spaces)
        decoded = extra_digits.decode(configuration, 64, moved, moved.codes)
        return np.asarray(((decoded - known) ** 2).mean(axis=(1, 2)))

    within = np.asarray(known).var(axis=1).mean(axis=1)  # the class's mean alone would leave that
    assert (errors(np.arange(10)) < 0.8 * within).all()
    assert (errors(np.roll(np.arange(10), 1)) > within).all()
    others = extra_digits.encode(configuration, known.at[1:].set(0), jnp.asarray(0))
    assert np.array_equal(others.codes[0], spaces.codes[0])  # no class knows the others


ROWS = np.random.default_rng(0).normal(size=(5, 9)).astype(np.float32)


def test_copies_are_the_rows_themselves():
    copied = np.asarray(extra_digits.copies(TINY, ROWS, 1))
    assert copied.shape == (60, 9)
    assert np.array_equal(np.unique(copied, axis=0), np.unique(ROWS, axis=0))


def test_points_between_two_rows_are_on_their_straight_lines():
    """Each is a convex combination of one pair of rows: no least squares error for the best pair."""
    points = np.asarray(extra_digits.between(TINY, ROWS, 1))
    lines = []
    for point in points:
        errors = []
        for a, b in itertools.combinations_with_replacement(ROWS.astype(float), 2):
            along = b - a
            place = (point - a) @ along / max(along @ along, 1e-9)
            errors.append((abs(point - a - place * along).max(), place))
        lines.append(min(errors))
    distances, places = np.array(lines).T
    assert distances.max() < 1e-5
    assert places.min() > -1e-5
    assert places.max() < 1 + 1e-5
    assert np.histogram(places, 3, (0, 1))[0].min() > 8  # uniform: about 20 each, more at equal ends


def test_noise_has_its_deviation_and_stands_on_the_rows():
    quiet = np.asarray(extra_digits.noisy(replace(TINY, noise=0.0), ROWS, 1))
    assert np.array_equal(np.unique(quiet, axis=0), np.unique(ROWS, axis=0))
    noise = np.asarray(extra_digits.noisy(replace(TINY, noise=0.5), ROWS, 1)) - quiet
    assert noise.std() == pytest.approx(0.5, rel=0.1)  # of 540 numbers
    assert noise.mean() == pytest.approx(0, abs=0.1)


def test_shifted_images_are_moved_by_a_pixel_at_most():
    moved = np.asarray(extra_digits.shifted(TINY, ROWS[:1], 1)).reshape(-1, 3, 3)
    image, shifts = ROWS[0].reshape(3, 3), {}
    for down, right in itertools.product((-1, 0, 1), repeat=2):
        expected = np.zeros((3, 3), np.float32)
        for i, j in itertools.product(range(3), repeat=2):
            if 0 <= i - down < 3 and 0 <= j - right < 3:
                expected[i, j] = image[i - down, j - right]
        shifts[expected.tobytes()] = 0
    for each in moved:
        shifts[each.tobytes()] += 1
    assert len(shifts) == 9
    assert min(shifts.values()) > 0


def test_classes_get_seeds_of_their_own_in_every_trial():
    seeds = [extra_digits.class_seeds(jnp.asarray(trial)).tolist() for trial in range(3)]
    assert np.unique(seeds).size == 30
    made = extra_digits.make(TINY, extra_digits.copies, jnp.asarray(np.stack([ROWS] * 10)), jnp.asarray(0))
    assert np.unique(np.asarray(made).reshape(10, -1), axis=0).shape[0] == 10


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("known_share", 1.0, "known_share must be above 0 and below 1, got 1.0"),
        ("code", 0, "code must be at least 1, got 0"),
        ("generated", 12, "generated must be a positive multiple of the batch of 8, got 12"),
        ("generated", 0, "multiple of the batch of 8, got 0"),
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


# -- classifier ----------------------------------------------------------------------------------------


def test_the_classifier_sees_known_and_extra_digits_in_their_shares():
    """Known images have label 0 and extra ones label 1, so that its answers tell the shares.

    All images are equal. The best answer is the logarithm of the shares of both labels.
    """
    image = jnp.ones((4, 3))
    known, extra = (Labelled(image, jnp.full(4, label)) for label in (0, 1))
    shares = jnp.array([0.0, 0.25, 0.75])
    taught = teach(known, extra, shares, jnp.asarray(0), steps=400)
    for i, share in enumerate(shares.tolist()):
        scores = classifier.NETWORK.apply(jax.tree.map(lambda leaf, i=i: leaf[i], taught), image[:1])[0]
        assert float(jax.nn.softmax(scores)[1]) == pytest.approx(share, abs=0.02)
    tested = Labelled(jnp.ones((4, 3)), jnp.array([0, 0, 0, 1]))
    assert accuracies(taught, tested).tolist() == [0.75, 0.75, 0.25]


def test_the_number_of_extra_digits_has_no_effect_of_its_own():
    """A hundred copies of the known digits, at any share, leave the law of a minibatch as it is."""
    table = Labelled(jnp.ones((4, 3)), jnp.array([0, 0, 0, 1]))
    copied = Labelled(jnp.ones((400, 3)), jnp.tile(table.labels, 100))
    shares = []
    for seed in range(32):  # one classifier follows the last minibatches to within .05
        taught = teach(table, copied, jnp.array([0.0, 0.75]), jnp.asarray(seed), steps=400)
        scores = jax.vmap(classifier.NETWORK.apply, in_axes=(0, None))(taught, table.images[:1])[:, 0]
        shares.append(jax.nn.softmax(scores)[:, 1])
    assert np.mean(shares, axis=0) == pytest.approx(0.25, abs=0.05)


def test_a_table_by_class_names_every_image():
    images = np.arange(10 * 2 * 3).reshape(10, 2, 3)
    table = by_class(jnp.asarray(images))
    for image, label in zip(table.images.tolist(), table.labels.tolist(), strict=True):
        assert image in images[label].tolist()


# -- run -----------------------------------------------------------------------------------------------


def test_known_digits_are_of_their_class_and_the_others_are_further_ones():
    split = bundled()
    known, further = known_digits(split, 0.1, seed=5)
    names = {tuple(image): label for image, label in zip(split.images.tolist(), split.labels, strict=True)}
    seen = set()
    for label, images in enumerate(known.tolist()):
        assert {names[tuple(image)] for image in images} == {label}
        seen |= {tuple(image) for image in images}
    assert len(seen) == 140
    rest = split.images[[tuple(image) not in seen for image in split.images.tolist()]]
    order, expected = (np.lexsort(np.asarray(table).T) for table in (further.images, rest))
    assert np.asarray(further.images)[order] == pytest.approx(rest[expected], abs=1e-6)
    assert np.bincount(further.labels).tolist() == (np.bincount(split.labels) - 14).tolist()
    assert np.array_equal(known, known_digits(split, 0.1, seed=5)[0])
    assert not np.array_equal(known, known_digits(split, 0.1, seed=6)[0])
    with pytest.raises(ValueError, match=r"139 digits of the rarest class, .* got 142 for a share of 0.99"):
        known_digits(split, 0.99, seed=0)


@pytest.mark.slow
def test_a_run_is_kept_read_back_and_told(tmp_path, monkeypatch):
    """With makers that are not trained, and an autoencoder and a classifier of few steps."""
    untrained = {name: extra_digits.CODE_MAKERS[name] for name in ("between two codes", "codes as they are")}
    monkeypatch.setattr(experiment, "CODE_MAKERS", untrained)
    monkeypatch.setattr(experiment, "teach", partial(teach, steps=600))
    configuration = ExtraDigits(generated=40, hidden=32, autoencoder_steps=800)
    finished = experiment.run(configuration, [2, 3], tmp_path)
    again = experiment.run(configuration, [2, 3], tmp_path)
    assert again.configuration == configuration
    assert again.rows == finished.rows
    assert again.seconds == finished.seconds > 0
    assert experiment.run(configuration, [3], tmp_path).rows == again.rows[len(again.rows) // 2 :]
    methods = [*untrained, *extra_digits.IMAGE_MAKERS]
    assert list(again.pictures) == [KNOWN, PATH, *methods]
    for name, pictures in finished.pictures.items():
        assert pictures.shape == (10, experiment.PICTURED, 64)
        assert np.array_equal(pictures, again.pictures[name])
    known = known_digits(bundled(), 0.1, seed=2)[0]
    assert again.pictures[KNOWN] == pytest.approx(known[:, : experiment.PICTURED], abs=1e-6)
    line = again.pictures[PATH]
    assert line[:, [0, -1]] == pytest.approx(known[:, :2], abs=1e-6)
    assert ((line[:, 1] - known[:, 0]) ** 2).mean() < ((line[:, 1] - known[:, 1]) ** 2).mean() / 2
    of = {(row["method"], row["share"], row["seed"], row["quantity"]): row["value"] for row in again.rows}
    assert len(of) == len(again.rows) == 2 * (2 + 3 + len(methods) * 5)
    assert {row["known"] for row in again.rows} == {14}
    for seed in (2, 3):
        assert 0.85 < of[KNOWN, 0.0, seed, "accuracy"] < of[ALL, 0.0, seed, "accuracy"]
        assert of[FURTHER, 0.75, seed, "accuracy"] > of[KNOWN, 0.0, seed, "accuracy"]
        assert of["codes as they are", 1.0, seed, "recognised"] > 0.9
        # a uniform point between two independent rows has two thirds of their variance
        assert of["between two images", 1.0, seed, "spread"] == pytest.approx(2 / 3, abs=0.1)


# -- table and figures ---------------------------------------------------------------------------------


def told():
    """A run of two trials: at share s, method i has the accuracy .5 + .01·i + .1·s + .02·trial."""
    study = pytest.importorskip("figures.training.extra_digits_study")
    rows = []
    for seed in (0, 1):

        def tell(method, share, quantity, value, seed=seed):
            fields = {"known": 80, "method": method, "share": share, "seed": seed}
            return fields | {"quantity": quantity, "value": value + 0.02 * seed}

        rows += [tell(KNOWN, 0.0, "accuracy", 0.4), tell(ALL, 0.0, "accuracy", 0.9)]
        for i, method in enumerate(study.LOOKS):
            rows += [tell(method, share, "accuracy", 0.5 + 0.01 * i + 0.1 * share) for share in SHARES]
            if method != FURTHER:
                rows += [tell(method, 1.0, "recognised", 0.8), tell(method, 1.0, "spread", 0.6)]
    names = [KNOWN, PATH, *extra_digits.CODE_MAKERS, *extra_digits.IMAGE_MAKERS]
    pictures = {
        name: np.full((10, 9, 9), (i + 1) / 10) * np.arange(10)[:, np.newaxis, np.newaxis] / 10
        for i, name in enumerate(names)
    }
    return study, experiment.Run(ExtraDigits(), rows, pictures, 1.0)


def test_every_method_has_a_look():
    study, _ = told()
    assert list(study.LOOKS) == [*extra_digits.CODE_MAKERS, *extra_digits.IMAGE_MAKERS, FURTHER]


def test_the_table_tells_what_is_published_and_means_errors_and_gains():
    study, finished = told()
    lines = cells(study.table(finished))
    assert lines[0] == ["known", "added", "0%", "25%", "50%", "75%", "gain at 50%", "recognised", "spread"]
    assert lines[2:5] == [
        ["published", "nothing", ".940", "", "", "", "", "", ""],
        ["published", "all training digits", ".969", "", "", "", "", "", ""],
        ["published", "L-GAN", "", ".943", ".950", ".926", "", "", ""],
    ]
    assert lines[5] == ["80", "nothing", ".410 ± .010", "", "", "", "", "", ""]
    # every trial gains the same: 50 + 5 − 40 points
    accuracies = [".535 ± .010", ".560 ± .010", ".585 ± .010"]
    assert lines[7] == ["80", "L-GAN", "", *accuracies, "+15.0 ± 0.0", ".81 ± .01", ".61 ± .01"]
    assert lines[-1][:2] == ["80", FURTHER]
    assert lines[-1][-3:] == ["+23.0 ± 0.0", "", ""]
    assert len(lines) == 2 + 3 + 2 + len(study.LOOKS)


def test_the_figure_of_gains_shows_them_in_points_beside_the_published_ones():
    study, finished = told()
    (ax,) = study.draw_gains(finished).axes
    assert len(ax.containers) == len(study.LOOKS)
    for i, bars in enumerate(ax.containers):
        assert bars.lines[0].get_ydata() == pytest.approx([10 + i + 10 * share for share in SHARES])
        assert bars.get_label() == list(study.LOOKS)[i]
    (crosses,) = (line for line in ax.lines if line.get_label() == "L-GAN, published")
    assert crosses.get_ydata() == pytest.approx([0.3, 1.0, -1.4])


def test_the_figure_of_digits_shows_each_class_of_each_method():
    study, finished = told()
    axes = study.draw_digits(finished).axes
    assert [ax.get_title(loc="left") for ax in axes[:2]] == ["known digits", "L-GAN"]
    picture = np.asarray(axes[1].images[0].get_array())
    assert picture.shape == (3, 10 * study.DRAWN * 4)
    classes = np.repeat(np.arange(10), study.DRAWN)
    assert (picture[:, ::4] == 0).all()
    for column in (1, 2, 3):
        assert picture[:, column::4] == pytest.approx(np.tile(3 * classes / 100, (3, 1)))


def test_the_figure_of_lines_has_a_row_a_class():
    study, finished = told()
    picture = np.asarray(study.draw_lines(finished).axes[0].images[0].get_array())
    assert picture.shape == (10 * 3, 9 * 4)
    assert picture[::3, 1] == pytest.approx(2 * np.arange(10) / 100)
