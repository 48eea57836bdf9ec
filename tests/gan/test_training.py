"""Training as a whole: determinism, resuming, and whether packing helps."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

jax = pytest.importorskip("jax")
optax = pytest.importorskip("optax")
pytest.importorskip("tqdm")

from figures.training import judges  # noqa: E402
from figures.training.runs import history, load, mean_and_error, path_of, run  # noqa: E402
from modecollapse import packed_tv  # noqa: E402
from modecollapse.gan import checkpoint, losses, networks, trainer  # noqa: E402
from modecollapse.gan.configuration import DIFFERENTIABLE, OPTIMISERS, Configuration, measure  # noqa: E402
from modecollapse.gan.penalty import NO_PENALTY, Penalty  # noqa: E402
from modecollapse.gan.rows import merge  # noqa: E402
from modecollapse.region import Region  # noqa: E402

jnp = jax.numpy

TINY = Configuration(hidden=8, critic_hidden=8, depth=1, rows=10, steps=20)
SETUP, CHUNK = TINY.setup(), 10  # what is compiled once serves several tests


def last(states):
    *_, final = states
    return final


def leaves(states):
    return [np.asarray(leaf) for leaf in jax.tree.leaves(states)]


def assert_same(first, second):
    for one, other in zip(leaves(first), leaves(second), strict=True):
        assert np.array_equal(one, other)


@pytest.mark.parametrize(
    "configuration",
    [
        TINY,
        replace(
            TINY, packing=2, merging=3, penalty=3.0, modes=80, loss="wasserstein_clipped", critic_steps=2
        ),
        replace(TINY, packing=2, merging=2, loss="wasserstein_penalised", optimiser="rmsprop"),
        replace(TINY, architecture="spectral", critic_rate=4.0, generator_steps=2, fixed=50, unrolled=2),
        replace(TINY, architecture="discriminating", members=3, loss="cross_entropy_smoothed", packing=2),
    ],
    ids=lambda configuration: configuration.name,
)
def test_combinations_train_and_repeat_themselves(configuration):
    setup = SETUP if configuration is TINY else configuration.setup()
    first, second = (last(trainer.train(setup, [3, 4], 20, CHUNK)) for _ in range(2))
    assert_same(first, second)
    before = trainer.start(setup, [3, 4])
    assert not np.array_equal(leaves(before.generator)[0], leaves(first.generator)[0])
    points = np.asarray(trainer.draw(setup, first, 30))
    assert points.shape == (2, 30, 2)
    assert np.isfinite(points).all()
    assert not np.array_equal(points[0], points[1])


def test_clipped_weights_stay_within_bounds():
    setup = replace(TINY, loss="wasserstein_clipped", learning_rate=0.1).setup()
    final = last(trainer.train(setup, [0], 20, 20))
    assert max(abs(leaf).max() for leaf in leaves(final.critic)) == np.float32(0.01)


def test_a_trial_does_not_depend_on_the_others():
    first, second = (last(trainer.train(SETUP, seeds, 20, CHUNK)) for seeds in ([5, 1], [2, 5]))
    for one, other in zip(leaves(first.generator), leaves(second.generator), strict=True):
        assert one[0] == pytest.approx(other[1], abs=1e-5)


def test_an_interrupted_run_goes_on_as_if_it_had_not_been(tmp_path):
    path = tmp_path / "a.npz"
    whole = last(trainer.train(SETUP, [1, 2], 40, CHUNK))
    interrupted = trainer.train(SETUP, [1, 2], 40, CHUNK, path, "tiny")
    next(interrupted), next(interrupted)
    steps = [int(states.step[0]) for states in trainer.train(SETUP, [1, 2], 40, CHUNK, path, "tiny")]
    assert steps == [20, 30, 40]
    assert_same(checkpoint.load(path, whole, "tiny"), whole)
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


def test_checkpoints_of_something_else_are_refused(tmp_path):
    path = tmp_path / "a.npz"
    last(trainer.train(SETUP, [1, 2], 20, CHUNK, path, "tiny"))
    with pytest.raises(ValueError, match="belongs to 'tiny', not to 'other'"):
        last(trainer.train(SETUP, [1, 2], 20, CHUNK, path, "other"))
    with pytest.raises(ValueError, match=r"should be float32\[3, 8\], is float32\[2, 8\]"):
        last(trainer.train(SETUP, [1, 2, 3], 20, CHUNK, path, "tiny"))
    with pytest.raises(ValueError, match="20 steps already, more than the 10 wanted"):
        last(trainer.train(SETUP, [1, 2], 10, CHUNK, path, "tiny"))


def test_steps_are_whole_chunks():
    with pytest.raises(ValueError, match="steps 20, chunk 7"):
        next(trainer.train(SETUP, [0], 20, 7))


def test_a_generator_of_the_wrong_width_is_refused():
    with pytest.raises(ValueError, match=r"emit 3·2 numbers, merging·width, got 2"):
        trainer.start(SETUP._replace(merging=3), [0])


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("target", "torus", "target must be one of ring, grid.*got 'torus'"),
        ("loss", "hinge", "loss must be one of .*got 'hinge'"),
        ("packing", 0, "packing must be at least 1, got 0"),
        ("learning_rate", -1.0, "learning_rate must be positive.*got -1.0"),
        ("momentum", 1.0, "momentum from 0 to below 1"),
        ("penalty", float("nan"), "penalty must be at least 0, got nan"),
        ("noise", "heavy", "noise must be one of normal, uniform, got 'heavy'"),
        ("critic_rate", 0.0, "critic_rate must be positive, got 0.0"),
        ("unrolled", -1, "unrolled must be at least 0, got -1"),
        ("architecture", "convolutional", "for digits and stacked digits, got 'ring'"),
        ("modes", 1, "modes must be at least 2, got 1"),
        ("matching", "none", "matching must be one of greedy, optimal, got 'none'"),
        ("partners", "none", "partners must be one of minibatch, independent, got 'none'"),
        ("weighting", "none", "weighting must be one of by distance, equal, got 'none'"),
    ],
)
def test_configurations_out_of_range_are_refused(field, value, message):
    with pytest.raises(ValueError, match=message):
        Configuration(**{field: value})


def test_an_ensemble_needs_a_latent_number_of_its_own():
    with pytest.raises(ValueError, match=r"at least two latent numbers, .* got latent 1"):
        Configuration(members=2, latent=1)
    with pytest.raises(ValueError, match="noise 'uniform'"):
        Configuration(members=2, noise="uniform")


@pytest.mark.parametrize(("fixed", "merging"), [(0, 1), (50, 2)])
def test_bootstraps_are_of_fixed_rows_and_single_points(fixed, merging):
    with pytest.raises(
        ValueError, match=f"fixed rows and single points.*fixed {fixed} and merging {merging}"
    ):
        Configuration(bootstrapped=True, fixed=fixed, merging=merging)


def test_each_place_of_a_pack_has_a_bootstrap_of_the_same_fixed_rows():
    """The trainer packs consecutive rows, so that a place is a column of packs."""
    fixed, packing, draws = 30, 3, 6000
    together = Configuration(fixed=fixed, packing=packing).setup().sample
    apart = Configuration(fixed=fixed, packing=packing, bootstrapped=True).setup().sample
    pools = []
    for sample in (together, apart):
        packs = np.asarray(merge(sample(jax.random.key(5), packing * draws), packing))
        pools.append([set(packs[:, 2 * place]) for place in range(packing)])
    (known, *others), bootstraps = pools
    assert len(known) == fixed
    assert others == [known] * (packing - 1)
    assert all(bootstrap < known for bootstrap in bootstraps)
    assert len({frozenset(bootstrap) for bootstrap in bootstraps}) == packing


def one_number(critic_steps=1, **fields):
    """A setup of two numbers: the critic's score is w·x and the generator emits v for any latent number.

    The critic's objective is E score(generated) − E score(real), so that w moves by 1 − v in a step of rate
    1, on real rows of 1. The generator's is −E score, so that v moves by w.
    """
    number = networks.Layer(lambda key, width: (jnp.full(1, 2.0), 1), lambda v, rows: v + 0 * rows[:, :1])
    score = networks.Layer(lambda key, width: (jnp.full(1, 0.5), 1), lambda w, rows: w * rows)
    loss = losses.wasserstein_clipped(100.0)
    return trainer.Setup(
        sample=lambda key, n: jnp.ones((n, 1)),
        width=1,
        latent=1,
        generator=number,
        critic=score,
        loss=loss,
        generator_optimiser=optax.sgd(1.0),
        critic_optimiser=optax.sgd(1.0),
        rows=4,
        packing=1,
        merging=1,
        critic_steps=critic_steps,
        penalty=NO_PENALTY,
        **fields,
    )


@pytest.mark.parametrize(
    ("fields", "critic", "generator"),
    [
        ({}, -0.5, 1.5),  # w = 0.5 + (1 − 2), then v = 2 + w
        ({"simultaneous": True}, -0.5, 2.5),  # v = 2 + 0.5
        ({"generator_steps": 2}, -0.5, 1.0),
        ({"critic_steps": 2}, -1.5, 0.5),
        # ahead, w = −0.5 + (1 − v), and the gradient of −w·v = −(0.5 − v)·v at v = 2 is −0.5 + 4
        ({"unrolled": 1}, -0.5, -1.5),
    ],
)
def test_a_step_by_hand(fields, critic, generator):
    setup = one_number(**fields)
    after = trainer.advance(setup, trainer.start(setup, [0]), 1)
    assert float(after.critic[0, 0]) == pytest.approx(critic)
    assert float(after.generator[0, 0]) == pytest.approx(generator)
    assert int(after.step[0]) == 1


def test_a_simultaneous_step_judges_the_same_generated_rows():
    """The critic remembers the mean of its rows; the generator that of its own."""
    setup = one_number()._replace(
        generator=networks.Layer(lambda key, width: (jnp.zeros(1), 1), lambda v, rows: v + rows[:, :1]),
        critic=networks.Layer(lambda key, width: (jnp.zeros(1), 1), lambda w, rows: w + 0 * rows),
        sample=lambda key, n: jnp.zeros((n, 1)),
        loss=losses.Loss(
            lambda score, real, generated, key: score(generated)[0] * jnp.sum(generated),
            lambda scores: 0 * scores[0],
            lambda parameters: parameters,
        ),
        penalty=Penalty(0, lambda: jnp.zeros(()), lambda memory, points: (0.0, jnp.sum(points))),
    )
    for simultaneous in (True, False):
        own = setup._replace(simultaneous=simultaneous)
        after = trainer.advance(own, trainer.start(own, [0]), 1)
        same = float(-after.critic[0, 0]) == pytest.approx(float(after.penalty[0]))
        assert same == simultaneous


@pytest.mark.slow
def test_runs_are_kept_and_read_back(tmp_path, capsys):
    trained = run(TINY, [0, 1], tmp_path, chunks=2)
    assert "high_quality" in capsys.readouterr().err  # the progress bar tells the metrics so far
    path = path_of(TINY, [0, 1], tmp_path)
    assert {kept.name for kept in tmp_path.iterdir()} == {path.name, f"{path.stem}.history.npz"}
    past = history(TINY, [0, 1], tmp_path)
    assert past["steps"].tolist() == [10, 20]
    assert past["reverse_kl"].shape == (2, 2)
    assert np.array_equal(past["reverse_kl"][-1], trained.metrics["reverse_kl"])
    again, kept = run(TINY, [0, 1], tmp_path), load(path)
    assert again.configuration == kept.configuration == TINY
    assert np.array_equal(trained.samples, kept.samples)
    assert trained.seconds == kept.seconds > 0
    assert kept.metrics is kept.metrics  # computed once, from points that stay as they are
    for array in (kept.samples, kept.metrics["modes"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    rows = trained.tidy()
    assert len(rows) == len(trained.metrics) * 2
    assert rows[1]["seed"] == 1
    assert rows[1]["metric"] == "modes"
    assert rows[1]["value"] == trained.metrics["modes"][1]
    with pytest.raises(ValueError, match="chunks must divide the 20 steps, got 3"):
        run(TINY, [0], tmp_path, chunks=3)


@pytest.mark.slow
def test_packing_lowers_the_reverse_kl():
    """PacGAN's headline, on networks of 32 units: lower for each of four seeds, and fourfold in the mean."""
    distances = []
    for packing in (1, 2):
        configuration = Configuration(packing=packing, hidden=32, critic_hidden=32, steps=4000)
        setup = configuration.setup()
        final = last(trainer.train(setup, range(4), 4000, 4000))
        distances.append(
            measure(configuration.law, np.asarray(trainer.draw(setup, final, 2500)))["reverse_kl"]
        )
    unpacked, packed = distances
    assert (packed < unpacked).all()
    assert mean_and_error(packed)[0] < mean_and_error(unpacked)[0] / 4


# -- reading -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("m", [1, 3])
def test_the_judge_measures_what_the_region_predicts(m):
    """On indicator vectors of letters, where the classifier can be the likelihood ratio test."""
    p, laws = [0.25, 0.25, 0.5], [[0.45, 0.05, 0.5], [0.25, 0.25, 0.5], [0.0, 0.5, 0.5]]
    rng = np.random.default_rng(m)
    real, *generated = (np.eye(3)[rng.choice(3, 20_000, p=law)] for law in (p, *laws))
    measured = judges.judge(real, np.stack(generated), m, seed=0, steps=500)
    predicted = [packed_tv((p, law), m) for law in laws]
    assert (abs(measured.advantage - predicted) < 4 * measured.error + 1e-3).all()


def test_the_judge_needs_a_pack_in_each_half():
    with pytest.raises(ValueError, match="got 3 for 4 real"):
        judges.judge(np.zeros((4, 1)), np.zeros((1, 9, 1)), 3, seed=0)


def test_positions_are_those_of_the_theorems_extremes():
    top, bottom = Region.from_pmfs([0.2, 0.8], [0, 1]), Region.from_pmfs([0.6, 0.4], [0.4, 0.6])
    assert judges.place(top, 2).position == pytest.approx(1)
    assert judges.place(bottom, 2).position == pytest.approx(0, abs=1e-9)
    assert judges.place(top, 1).position is None
    assert judges.place(top, 2, (0.05, 0.1)).theorem == 4
    assert judges.place(bottom, 2, (0.05, 0.5)).theorem == 5
    augmented = top.mirror()
    assert not augmented.has_collapse(0.05, 0.15)
    assert judges.place(augmented, 2, (0.05, 0.15)).theorem == 3


@pytest.mark.parametrize("name", OPTIMISERS)
def test_a_gradient_passes_through_an_optimiser_where_a_dead_unit_has_none(name):
    """So that unrolling does not make NaN of it."""
    optimiser = DIFFERENTIABLE[name](1e-3, 0.5)

    def stepped(gradient):
        updates, _ = optimiser.update(gradient, optimiser.init(gradient))
        return updates.sum()

    dead, alive = jax.grad(stepped)(jnp.array([0.0, 1.0]))
    assert dead == pytest.approx(float(jax.grad(stepped)(jnp.array([1e-30]))[0]), rel=1e-3)
    assert abs(alive) < 1e-6  # the first step of either is the rate, whatever the length
