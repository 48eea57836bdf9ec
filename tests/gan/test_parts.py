"""The trainer's parts: layers, losses, merging, the mode penalty, samplers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from effort import examples
from hypothesis import given
from hypothesis import strategies as st

jax = pytest.importorskip("jax")
pytest.importorskip("optax")

from jax import numpy as jnp  # noqa: E402
from jax.flatten_util import ravel_pytree  # noqa: E402

from modecollapse import targets  # noqa: E402
from modecollapse.gan import autoencoder, data, losses, networks, penalty  # noqa: E402
from modecollapse.gan.rows import merge, split  # noqa: E402

KEY = jax.random.key(7)
LOSSES = {
    "cross entropy": losses.cross_entropy(),
    "Wasserstein, clipped": losses.wasserstein_clipped(),
    "Wasserstein, penalised": losses.wasserstein_penalised(),
}
NETWORKS = {
    "multilayer": networks.serial(networks.dense(4), networks.TANH, networks.dense(1)),
    "ReLU": networks.multilayer(4, 2, 1),
    "maxout": networks.serial(networks.maxout(3, 2), networks.dense(1)),
    "batch norm": networks.serial(networks.dense(3), networks.batch_norm(), networks.TANH, networks.dense(1)),
}


def assert_gradient(function, point, step=1e-6):
    """The gradient of a scalar function of a pytree is that of central differences, in double precision."""
    flat, restore = ravel_pytree(point)
    moved = step * jnp.eye(len(flat))
    values = jax.jit(jax.vmap(lambda place: function(restore(place))))
    differences = (values(flat + moved) - values(flat - moved)) / (2 * step)
    gradient, _ = ravel_pytree(jax.jit(jax.grad(function))(point))
    assert np.asarray(gradient) == pytest.approx(np.asarray(differences), rel=1e-5, abs=1e-7)
    assert np.abs(gradient).max() > 1e-3  # two zeros would prove nothing


# -- gradients -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
@pytest.mark.parametrize("network", NETWORKS.values(), ids=NETWORKS)
def test_gradients_are_those_of_finite_differences(network, loss):
    with jax.enable_x64(True):
        parameters, _ = network.initialise(KEY, 2)
        real, generated = jax.random.normal(KEY, (2, 5, 2))
        assert_gradient(
            lambda own: loss.critic(lambda rows: network.apply(own, rows)[:, 0], real, generated, KEY),
            parameters,
        )
        assert_gradient(lambda rows: loss.generator(network.apply(parameters, rows)[:, 0]), generated)


@pytest.mark.parametrize("matching", [penalty.greedy_match, penalty.optimal_match])
def test_gradient_of_the_mode_penalty_with_its_weights_held(matching):
    """Weights and matching are no functions of the points: against differences of the cost at fixed ones."""
    with jax.enable_x64(True):
        modes = jnp.array([[0.0, 0.0], [10.0, 0.0], [0.0, 20.0]])

        def encode(rows):
            return rows + jnp.sin(rows) / 2

        term = penalty.mode_penalty(encode, modes, weight=3.0, window=1, matching=matching)
        points = 30 + jax.random.normal(KEY, (5, 2))
        _, memory = term.cost(term.start(), points)
        owner = matching(encode(modes), encode(points[:3]))

        def held(now):
            lengths = jnp.linalg.norm(encode(modes) - encode(now[owner]), axis=1)
            return 3.0 * jnp.mean(memory.matched[0] * lengths)

        assert memory.covered.sum() == 0
        assert float(term.cost(term.start(), points)[0]) == pytest.approx(float(held(points)))
        gradient = jax.grad(lambda now: term.cost(term.start(), now)[0])(points)
        assert np.asarray(gradient) == pytest.approx(np.asarray(jax.grad(held)(points)))
        assert_gradient(held, points)


# -- networks ------------------------------------------------------------------------------------------


def test_maxout_is_the_greatest_of_its_pieces():
    layer = networks.maxout(3, pieces=4)
    parameters, width = layer.initialise(KEY, 2)
    rows = jax.random.normal(KEY, (6, 2))
    affine = np.asarray(rows @ parameters.weights + parameters.bias)
    expected = [[max(row[4 * unit : 4 * unit + 4]) for unit in range(3)] for row in affine]
    assert width == 3
    assert np.asarray(layer.apply(parameters, rows)) == pytest.approx(np.array(expected))


def test_batch_norm_standardises():
    layer = networks.batch_norm(epsilon=0.0)
    parameters, _ = layer.initialise(KEY, 3)
    rows = np.asarray(layer.apply(parameters, 5 + 2 * jax.random.normal(KEY, (50, 3))))
    assert rows.mean(axis=0) == pytest.approx(np.zeros(3), abs=1e-5)
    assert rows.std(axis=0) == pytest.approx(np.ones(3), rel=1e-5)


def test_the_papers_networks_have_the_papers_sizes():
    """Four batch-normalised layers of 400; three maxout layers of 200 with five pieces."""
    generator, outputs = networks.paper_generator(2).initialise(KEY, 2)
    critic, score = networks.paper_critic().initialise(KEY, 2)
    assert (outputs, score) == (2, 1)
    assert networks.count_parameters(generator) == (2 * 400 + 3 * 400**2 + 4 * 400) + 4 * 2 * 400 + 802
    assert networks.count_parameters(critic) == (2 * 1000 + 1000) + 2 * (200 * 1000 + 1000) + 201


def test_packing_grows_the_input_layer_only():
    critic = networks.multilayer(8, 2, 1)
    single, packed = (critic.initialise(KEY, width)[0] for width in (2, 6))
    shapes = [[leaf.shape for leaf in jax.tree.leaves(parameters)] for parameters in (single, packed)]
    assert shapes[1] == [(6, 8), *shapes[0][1:]]


def test_spectral_normalisation_divides_by_the_greatest_singular_value():
    dense = networks.dense(6)
    layer = networks.spectral(dense, iterations=200)
    parameters, _ = layer.initialise(KEY, 4)
    normed = np.asarray(layer.apply(parameters, jnp.eye(4)))  # the bias is 0
    weights = np.asarray(parameters.weights)
    assert normed == pytest.approx(weights / np.linalg.norm(weights, 2), rel=1e-4, abs=1e-6)
    few = np.asarray(networks.spectral(dense).apply(parameters, jnp.eye(4)))
    assert np.linalg.norm(few, 2) == pytest.approx(1, abs=0.1)


def test_minibatch_discrimination_by_definition():
    layer = networks.minibatch_discrimination(kernels=3, dimension=2)
    rows = np.asarray(jax.random.normal(KEY, (5, 4)))
    weights, width = layer.initialise(KEY, 4)
    points = (rows @ np.asarray(weights)).reshape(5, 3, 2)
    near = [
        [sum(math.exp(-abs(points[i, b] - points[j, b]).sum()) for j in range(5) if j != i) for b in range(3)]
        for i in range(5)
    ]
    found = np.asarray(layer.apply(weights, jnp.asarray(rows)))
    assert width == 7
    assert found == pytest.approx(np.hstack([rows, near]), rel=1e-4)


def test_an_ensemble_mixes_its_members_in_equal_shares():
    layer = networks.ensemble(networks.dense(1, deviation=0.0), 4)
    parameters, _ = layer.initialise(KEY, 2)
    apart = parameters._replace(bias=jnp.arange(4.0)[:, jnp.newaxis])
    emitted = np.asarray(layer.apply(apart, jax.random.normal(KEY, (40_000, 2))))
    assert np.unique(emitted).tolist() == [0, 1, 2, 3]
    assert np.bincount(emitted[:, 0].astype(int)) / 40_000 == pytest.approx(np.full(4, 0.25), abs=0.01)


@pytest.mark.parametrize(("side", "stride", "filter_side"), [(6, 1, 5), (6, 2, 5), (7, 2, 5), (5, 1, 3)])
def test_a_convolution_by_definition(side, stride, filter_side):
    """Sums over windows around each kept pixel, with zeros outside the image."""
    smaller = -(-side // stride)
    layer = networks.convolution(2, side, stride, filter_side)
    parameters, width = layer.initialise(KEY, 3 * side**2)
    parameters = parameters._replace(bias=jnp.array([0.5, -0.5]))
    images = np.asarray(jax.random.normal(KEY, (2, side, side, 3)))
    filters = np.asarray(parameters.weights).reshape(filter_side, filter_side, 3, 2).swapaxes(0, 1)
    before = max((smaller - 1) * stride + filter_side - side, 0) // 2
    padded = np.pad(images, ((0, 0), (before, 9), (before, 9), (0, 0)))
    expected = np.empty((2, smaller, smaller, 2))
    for image, row, column in np.ndindex(2, smaller, smaller):
        top, left = row * stride, column * stride
        window = padded[image, top : top + filter_side, left : left + filter_side, :, np.newaxis]
        expected[image, row, column] = (window * filters).sum(axis=(0, 1, 2)) + np.array([0.5, -0.5])
    assert width == 2 * smaller**2
    rows = images.reshape(2, -1)
    assert np.asarray(layer.apply(parameters, rows)) == pytest.approx(expected.reshape(2, -1), abs=1e-5)


@pytest.mark.parametrize("side", [7, 8])
def test_an_enlarging_convolution_is_a_transposed_one_by_filters_of_six(side):
    """One pixel alone is spread, by the same filter, over 6×6 pixels around its place in twice the side."""
    layer = networks.enlarging_convolution(2, side)
    parameters, width = layer.initialise(KEY, 3 * 16)
    assert width == 2 * side**2
    spread = {}
    for row, column in ((1, 1), (2, 1), (2, 2)):
        images = np.zeros((1, 4, 4, 3))
        images[0, row, column, 1] = 1
        emitted = np.array(layer.apply(parameters, images.reshape(1, -1))).reshape(side, side, 2)
        top, left = 2 * row - 2, 2 * column - 2
        spread[row, column] = emitted[top : top + 6, left : left + 6].copy()
        emitted[top : top + 6, left : left + 6] = 0
        assert not emitted.any()
    assert spread[1, 1].shape == (6, 6, 2)
    assert (spread[1, 1] != 0).all()
    for shown in spread.values():
        kept = shown.shape
        assert shown == pytest.approx(spread[1, 1][: kept[0], : kept[1]], abs=1e-7)


def test_channels_are_exchanged_with_pixels_and_back():
    rows = np.arange(36.0).reshape(2, 18)  # two channels of 3×3
    last = np.asarray(networks.channels_last(3).apply((), rows))
    assert last.reshape(2, 9, 2).tolist() == np.moveaxis(rows.reshape(2, 2, 9), 1, 2).tolist()
    assert networks.channels_first(3).apply((), last).tolist() == rows.tolist()


def test_channel_norm_knows_channels_from_pixels():
    norm = networks.channel_norm(2, epsilon=0.0)
    parameters, width = norm.initialise(KEY, 8)
    assert parameters.scale.shape == (2,)
    images = np.asarray(norm.apply(parameters, jax.random.normal(KEY, (50, 8)))).reshape(50, 4, 2)
    assert width == 8
    assert images.mean(axis=(0, 1)) == pytest.approx([0, 0], abs=1e-5)
    assert images.std(axis=(0, 1)) == pytest.approx([1, 1], rel=1e-4)


@pytest.mark.parametrize("side", [7, 8, 14])
def test_image_networks_fit_and_packing_adds_channels_only(side):
    layer = networks.image_generator(3, side, 4)
    generator, outputs = layer.initialise(KEY, 5)
    assert outputs == 3 * side**2
    critic = networks.image_critic(side, 4)
    shapes = [
        [leaf.shape for leaf in jax.tree.leaves(critic.initialise(KEY, m * outputs)[0])] for m in (1, 2)
    ]
    assert shapes[0][0] == (3 * 25, 4)
    assert shapes[1] == [(6 * 25, 4), *shapes[0][1:]]
    emitted = np.asarray(layer.apply(generator, jax.random.normal(KEY, (6, 5))))
    assert emitted.shape == (6, outputs)
    assert ((emitted > 0) & (emitted < 1)).all()


# -- losses --------------------------------------------------------------------------------------------


def test_cross_entropy_of_the_best_discriminator_is_the_js_divergence():
    """2 log 2 − 2 d_JS, on laws of two letters whose samples have exactly their shares."""
    p, q = np.array([0.25, 0.75]), np.array([0.75, 0.25])
    real, generated = (jnp.array([[0.0]] * int(4 * law[0]) + [[1.0]] * int(4 * law[1])) for law in (p, q))

    def best(rows):
        return jnp.where(rows[:, 0] == 0, math.log(p[0] / q[0]), math.log(p[1] / q[1]))

    middle = (p + q) / 2
    divergence = (np.sum(p * np.log(p / middle)) + np.sum(q * np.log(q / middle))) / 2
    loss_value = losses.cross_entropy().critic(best, real, generated, KEY)
    assert float(loss_value) == pytest.approx(2 * math.log(2) - 2 * divergence)


def test_smoothed_labels_are_those_of_real_rows():
    scores, label = np.array([-3.0, 0.2, 40.0]), 0.9
    judged = 1 / (1 + np.exp(-scores))
    value = losses.cross_entropy(1 - label).critic(
        lambda rows: rows[:, 0], scores[:, None], 0 * scores[:, None], KEY
    )
    opposite = np.logaddexp(0, scores)  # −log(1 − judged), which rounds to infinity at 40
    expected = (label * -np.log(judged) + (1 - label) * opposite).mean() + math.log(2)
    assert float(value) == pytest.approx(expected, rel=1e-5)


def test_a_flat_critic_has_a_finite_penalty_and_gradient():
    """The norm of the slope has no derivative where the slope is 0."""
    loss, rows = losses.wasserstein_penalised(10.0), jnp.ones((3, 2))

    def objective(own):
        return loss.critic(lambda points: own * points.sum(axis=1), rows, 0 * rows, KEY)

    assert float(objective(0.0)) == pytest.approx(10.0)
    assert np.isfinite(float(jax.grad(objective)(0.0)))


# -- packing, merging, splitting -----------------------------------------------------------------------


@given(st.integers(0, 4), st.integers(1, 4), st.integers(1, 3))
def test_split_undoes_merge(groups, degree, width):
    rows = np.arange(groups * degree * width).reshape(groups * degree, width)
    merged = merge(rows, degree)
    assert merged.shape == (groups, degree * width)
    assert [list(row) for row in merged] == [
        list(np.concatenate(rows[i * degree : (i + 1) * degree])) for i in range(groups)
    ]
    assert np.array_equal(split(merged, degree), rows)


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match=r"divisor of the 5 rows.*got 2"):
        merge(np.zeros((5, 2)), 2)
    with pytest.raises(ValueError, match=r"divisor of the width 3.*got 2"):
        split(np.zeros((5, 3)), 2)
    with pytest.raises(ValueError, match="got 0"):
        merge(np.zeros((5, 2)), 0)


# -- the mode penalty ----------------------------------------------------------------------------------


def brute_force_match(modes, points):
    free, owner = set(range(len(modes))), {}
    centroid = [sum(column) / len(modes) for column in zip(*modes, strict=True)]
    for point in sorted(range(len(points)), key=lambda i: -math.dist(points[i], centroid)):
        mode = min(free, key=lambda i: math.dist(points[point], modes[i]))
        free.remove(mode)
        owner[mode] = point
    return [owner[mode] for mode in range(len(modes))]


@examples(30)
@given(st.integers(0, 10**6))
def test_matching_against_brute_force(seed):
    modes, points = np.random.default_rng(seed).normal(size=(2, 6, 2)).astype(np.float32)
    match = penalty.greedy_match(jnp.asarray(modes), jnp.asarray(points))
    assert match.tolist() == brute_force_match(modes.tolist(), points.tolist())


@examples(30)
@given(st.integers(0, 10**6))
def test_the_optimal_matching_has_the_least_sum_of_distances(seed):
    """Against all permutations; and greedy matching is never better."""
    modes, points = np.random.default_rng(seed).normal(size=(2, 5, 2)).astype(np.float32)
    distances = np.linalg.norm(modes[:, np.newaxis] - points, axis=-1)

    def total(match):
        return distances[range(5), match].sum()

    least = min(total(list(match)) for match in itertools.permutations(range(5)))
    optimal, greedy = (
        np.asarray(match(jnp.asarray(modes), jnp.asarray(points)))
        for match in (penalty.optimal_match, penalty.greedy_match)
    )
    assert sorted(optimal) == sorted(greedy) == list(range(5))
    assert total(optimal) == pytest.approx(least)
    assert total(greedy) >= least - 1e-6


@pytest.mark.parametrize("matching", [penalty.greedy_match, penalty.optimal_match])
def test_matchings_work_for_all_trials_at_once(matching):
    modes, points = np.random.default_rng(0).normal(size=(2, 3, 6, 2)).astype(np.float32)
    together = jax.jit(jax.vmap(matching))(modes, points)
    assert together.tolist() == [matching(*pair).tolist() for pair in zip(modes, points, strict=True)]


def test_the_weight_is_the_mean_over_the_last_steps():
    """Of the mode at 0, whose point is far. The other point is on its mode and adds nothing."""
    term = penalty.mode_penalty(lambda rows: rows, [[0.0], [9.0]], weight=2.0, window=3)
    memory, costs = term.start(), []
    for place in (-10.0, -20.0, -30.0, -40.0):
        cost, memory = term.cost(memory, jnp.array([[place], [9.0]]))
        costs.append(float(cost))
    assert costs == pytest.approx([10 * 10, 15 * 20, 20 * 30, 30 * 40])  # λ/N = 1


def test_equal_weights_leave_the_mean_of_the_distances():
    term = penalty.mode_penalty(
        lambda rows: rows, [[0.0], [1.0]], weight=2.0, window=3, weighting=penalty.equally
    )
    memory, costs = term.start(), []
    for points in ([[5.0], [6.5]], [[-3.0], [7.0]]):
        cost, memory = term.cost(memory, jnp.array(points))
        costs.append(float(cost))
    assert costs == pytest.approx([2 * (6.5 + 4) / 2, 2 * (3 + 6) / 2])


def test_distances_are_those_of_codes_and_the_gradient_passes_through_the_encoder():
    term = penalty.mode_penalty(
        lambda rows: 10 * rows, [[0.0], [1.0]], weight=1.0, window=1, weighting=penalty.equally
    )

    def cost(points):
        return term.cost(term.start(), points)[0]

    points = jnp.array([[-2.0], [4.0]])
    assert float(cost(points)) == pytest.approx((20 + 30) / 2)
    assert jax.grad(cost)(points).tolist() == [[-5.0], [5.0]]


def test_the_penalty_is_off_while_almost_all_modes_are_covered_and_comes_back():
    """Of two hundred modes on a circle one may be missed and three may not, in half of the last two steps."""
    angles = 2 * np.pi * np.arange(200) / 200
    modes = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    term = penalty.mode_penalty(lambda rows: rows, modes, weight=1.0, window=2)
    one_missed, three_missed = modes.copy(), modes.copy()
    one_missed[99:102] = modes[0]  # the points at its second neighbours are not nearer than those modes
    three_missed[98:103] = modes[0]
    memory, is_off = term.start(), []
    for points in (one_missed, one_missed, three_missed, three_missed, modes, three_missed):
        cost, memory = term.cost(memory, jnp.asarray(points))
        is_off.append(float(cost) == 0)
    assert is_off == [True, True, True, False, True, True]


def test_a_point_on_its_mode_has_a_finite_gradient():
    term = penalty.mode_penalty(lambda rows: rows, [[0.0], [1.0]], weight=1.0, window=1)
    gradient = jax.grad(lambda points: term.cost(term.start(), points)[0])(jnp.array([[0.0], [5.0]]))
    assert gradient.tolist() == [[0.0], [2.0]]  # half of the weight 4


def test_the_penalty_asks_for_as_many_points_as_modes():
    term = penalty.mode_penalty(lambda rows: rows, [[0.0], [1.0]], weight=1.0, window=1)
    with pytest.raises(ValueError, match="of 2 modes needs as many points, got 1"):
        term.cost(term.start(), jnp.zeros((1, 1)))
    with pytest.raises(ValueError, match="at least two modes, got 1"):
        penalty.mode_penalty(lambda rows: rows, [[0.0]], weight=1.0, window=1)


# -- merged points -------------------------------------------------------------------------------------


def test_independent_parts_never_share_a_row_and_those_of_a_minibatch_do():
    """Rows are numbered by their place, so that a shared row is seen."""

    def numbered(key, n):
        return jnp.arange(float(n))[:, jnp.newaxis]

    apart = np.asarray(data.merged(numbered, 3)(KEY, 50))
    assert np.array_equal(apart, np.arange(150.0).reshape(50, 3))
    within = np.asarray(data.merged_within(numbered, 3)(KEY, 5000))
    assert np.array_equal(within[:, 0], np.arange(5000.0))
    assert within.max() < 5000
    partners = np.histogram(within[:, 1:], bins=10, range=(0, 5000))[0] / 10_000
    assert partners == pytest.approx(np.full(10, 0.1), abs=0.015)
    assert abs(np.corrcoef(within.T)[np.triu_indices(3, 1)]).max() < 0.06


def test_standardised_codes_have_mean_zero_and_variance_one():
    rows = np.random.default_rng(0).normal(3, [1, 5], (200, 2))
    codes = np.asarray(
        autoencoder.standardised(lambda points: points @ jnp.diag(jnp.array([2.0, 3.0])), rows)(rows)
    )
    assert codes.mean(axis=0) == pytest.approx([0, 0], abs=1e-5)
    assert codes.std(axis=0) == pytest.approx([1, 1], rel=1e-5)
    with pytest.raises(ValueError, match="coordinate 1 of the codes is the same for all rows"):
        autoencoder.standardised(lambda points: points * jnp.array([1.0, 0.0]), rows)


# -- data and autoencoders -----------------------------------------------------------------------------


def test_the_mixtures_sampler_has_its_law():
    law = targets.GaussianMixture([0.2, 0.8], [[0.0, 0.0], [3.0, 1.0]], [0.01, 0.04])
    rows = np.asarray(data.mixture(law)(KEY, 40_000))
    second = rows[:, 0] > 1.5
    assert second.mean() == pytest.approx(0.8, abs=0.01)
    assert rows[second].mean(axis=0) == pytest.approx([3, 1], abs=0.01)
    assert rows[second].std(axis=0) == pytest.approx([0.2, 0.2], rel=0.02)
    assert rows[~second].std(axis=0) == pytest.approx([0.1, 0.1], rel=0.04)


def test_resampling_gives_every_row_alike():
    rows = np.asarray(data.resample(np.eye(4))(KEY, 40_000))
    assert rows.mean(axis=0) == pytest.approx(np.full(4, 0.25), abs=0.01)


def test_a_place_draws_from_its_bootstrap_whose_shares_are_whole_counts():
    """Of the shares in 40 000 packs, times the size of the table; a table itself would have all ones."""
    size, places, packs = 8, 3, 40_000
    sample = data.bootstrap(np.eye(size), places, KEY)

    def counts(seed):
        drawn = np.asarray(sample(jax.random.key(seed), places * packs)).reshape(packs, places, size)
        return size * drawn.mean(axis=0), drawn

    first, drawn = counts(1)
    whole = first.round()
    assert first == pytest.approx(whole, abs=0.1)  # five standard errors of the most frequent rows
    assert whole.sum(axis=1).tolist() == [size] * places
    assert len({tuple(row) for row in whole.tolist()} | {(1.0,) * size}) == places + 1
    assert np.array_equal(counts(2)[0].round(), whole)  # the bootstraps are drawn once
    joint = np.einsum("ni,nj->ij", drawn[:, 0], drawn[:, 1]) / packs
    assert joint == pytest.approx(np.outer(first[0], first[1]) / size**2, abs=0.01)  # places are independent


def test_an_autoencoder_of_the_wrong_width_is_refused():
    training = autoencoder.Training(
        data.mixture(targets.ring()), 2, networks.dense(2), networks.dense(3), None, 10, 10
    )
    with pytest.raises(ValueError, match="rows of 2 numbers, got 3"):
        autoencoder.fit(training, 0)
