"""The convolutional classifier: probabilities, its seed, and what it learns."""

from __future__ import annotations

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")

from modecollapse.gan import classifier  # noqa: E402

STEPS = 150
"""Steps of the training."""

PATTERNS = np.random.default_rng(5).random((10, 64)) < 0.5
"""Images of 8×8 pixels, one for each class."""


def noisy(n, seed):
    """Patterns with noise, of every class in turn."""
    classes = np.arange(n) % 10
    return PATTERNS[classes] + np.random.default_rng(seed).normal(0, 0.2, (n, 64)), classes


@pytest.fixture(scope="module")
def trained():
    return classifier.fit(*noisy(200, 0), steps=STEPS)


@pytest.mark.slow
def test_it_tells_images_apart_that_it_has_not_seen(trained):
    images, classes = noisy(300, 1)
    assert np.mean(trained.probabilities(images).argmax(axis=1) == classes) > 0.8  # .1 by chance


@pytest.mark.slow
def test_its_probabilities_are_those_of_a_law_however_many_images_there_are(trained):
    images, _ = noisy(classifier.AT_ONCE + 7, 2)
    probabilities = trained.probabilities(images)
    assert probabilities.shape == (len(images), 10)
    assert probabilities.sum(axis=1) == pytest.approx(np.ones(len(images)), abs=1e-5)
    assert (probabilities > 0).all()
    assert trained.probabilities(images[-9:]) == pytest.approx(probabilities[-9:], abs=1e-6)


@pytest.mark.slow
def test_the_same_seed_gives_the_same_classifier(trained):
    images, classes = noisy(200, 0)
    again, other = (classifier.fit(images, classes, steps=STEPS, seed=seed) for seed in (0, 1))
    assert np.array_equal(again.probabilities(images), trained.probabilities(images))
    assert not np.array_equal(other.probabilities(images), trained.probabilities(images))


def test_a_shift_keeps_the_image_but_for_black_edges():
    images = np.arange(1.0, 19.0).reshape(2, 3, 3)
    seen = set()
    for seed in range(40):
        shifted = np.asarray(classifier._shifted(images, jax.random.key(seed)))
        found = [
            (down, right)
            for down in (-1, 0, 1)
            for right in (-1, 0, 1)
            if np.array_equal(shifted, moved(images, down, right))
        ]
        assert len(found) == 1
        seen.update(found)
    assert len(seen) == 9


def moved(images, down, right):
    """By slices, as `np.roll` without the pixels that come in at the other side."""
    rolled = np.roll(images, (down, right), axis=(1, 2))
    if down:
        rolled[:, 0 if down > 0 else -1] = 0
    if right:
        rolled[:, :, 0 if right > 0 else -1] = 0
    return rolled
