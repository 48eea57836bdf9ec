"""Stacked digits: sampling, counting and measuring, against the digits' own labels and the law of counts."""

from __future__ import annotations

import math

import numpy as np
import pytest

jax = pytest.importorskip("jax")
pytest.importorskip("optax")
pytest.importorskip("tqdm")
datasets = pytest.importorskip("sklearn.datasets")

from modecollapse.gan import digits  # noqa: E402
from modecollapse.gan.experiment import Configuration  # noqa: E402


def test_the_classifier_holds_on_digits_it_has_not_seen():
    """98.3 % measured, on 360 digits; the classes of most of the digits are their labels."""
    found = digits.digits()
    assert found.accuracy == pytest.approx(0.983, abs=0.01)
    pixels, labels = datasets.load_digits(return_X_y=True)
    assert np.mean(found.classify(pixels / 16) == labels) > 0.98


def test_a_stack_of_three_named_digits_is_counted_for_its_triple():
    images, classify = digits.digits().images, digits.digits().classify
    classes = classify(images)
    seven, zero, two = (images[np.argmax(classes == name)] for name in (7, 0, 2))
    counts = digits.count_stacks(np.stack([np.concatenate([seven, zero, two])] * 3))
    assert counts[702] == 3
    assert counts.sum() == 3


def test_real_stacks_show_what_independent_draws_would():
    """n draws of 1000 about equal modes: 1000(1 − e^{−n/1000}) are seen, KL is about 999/(2n)."""
    n = 4000
    rows = np.asarray(digits.stack()(jax.random.key(0), n))
    assert rows.shape == (n, digits.WIDTH)
    found = digits.measure_stacks(rows[np.newaxis])
    assert found["modes"][0] == pytest.approx(1000 * (1 - math.exp(-n / 1000)), abs=20)
    assert found["reverse_kl"][0] == pytest.approx(999 / (2 * n), rel=0.15)
    assert math.fsum(digits.stack_law()) == pytest.approx(1)


def test_a_generator_of_one_digit_has_one_mode():
    image = digits.digits().images[0]
    found = digits.measure_stacks(np.tile(image, (1, 5, digits.CHANNELS)))
    mode = digits.digits().classify(image[np.newaxis])[0] * 111
    assert found["modes"].tolist() == [1]
    assert found["reverse_kl"][0] == pytest.approx(-math.log(digits.stack_law()[mode]))


def test_stacks_have_no_known_density():
    with pytest.raises(ValueError, match="density of 'stacked digits' is not known; known are ring"):
        _ = Configuration(target="stacked digits").law
