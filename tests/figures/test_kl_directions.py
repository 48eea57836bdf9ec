"""The fits of one Gaussian to two modes: against quadrature, a finer search, and their own caption."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import norm

from figures import kl_directions
from figures.kl_directions import Data, Gaussian
from modecollapse import Region


@cache
def data() -> Data:
    return kl_directions.compute()


def log_normal(x: float, mean: float, std: float) -> float:
    return -(((x - mean) / std) ** 2) / 2 - math.log(std * math.sqrt(2 * math.pi))


def log_target(x: float) -> float:
    terms = [math.log(w) + log_normal(x, c, 0.6) for w, c in ((0.6, -2), (0.4, 2))]
    return float(np.logaddexp(*terms))


def integral(integrand) -> float:
    """By adaptive quadrature."""
    return quad(integrand, -20, 20, points=(-2, 0, 2), limit=400, epsabs=1e-12)[0]


def kl(log_p, log_q) -> float:
    return integral(lambda x: math.exp(log_p(x)) * (log_p(x) - log_q(x)))


def divergences(q: Gaussian) -> dict[str, float]:
    def log_q(x):
        return log_normal(x, q.mean, q.std)

    def middle(x):
        return np.logaddexp(log_target(x), log_q(x)) - math.log(2)

    return {
        "forward_kl": kl(log_target, log_q),
        "jensen_shannon": (kl(log_target, middle) + kl(log_q, middle)) / 2,
        "reverse_kl": kl(log_q, log_target),
    }


def test_divergences_agree_with_adaptive_quadrature():
    for field, name in [
        ("forward_kl", "forward_kl"),
        ("jensen_shannon", "jensen_shannon"),
        ("runner_up", "jensen_shannon"),
        ("reverse_kl", "reverse_kl"),
    ]:
        fit = getattr(data(), field)
        assert fit.divergence == pytest.approx(divergences(fit.q)[name], abs=1e-10)


def test_forward_kl_matches_the_moments():
    def moment(k):
        return integral(lambda x: x**k * math.exp(log_target(x)))

    q = data().forward_kl.q
    assert q.mean == pytest.approx(moment(1), abs=1e-9)
    assert q.std**2 == pytest.approx(moment(2) - moment(1) ** 2, abs=1e-9)


@pytest.mark.parametrize("name", ["forward_kl", "jensen_shannon", "reverse_kl"])
def test_no_other_gaussian_is_nearer(name):
    divergence = {
        "forward_kl": kl_directions.kl,
        "jensen_shannon": kl_directions.jensen_shannon,
        "reverse_kl": kl_directions.reverse_kl,
    }[name]
    fit = getattr(data(), name)
    values = [
        divergence(kl_directions.LOG_TARGET, Gaussian(mean, std).log_density())
        for mean in np.linspace(-4, 4, 41)
        for std in np.geomspace(0.2, 5, 41)
    ]
    assert fit.divergence <= min(values) < fit.divergence + 0.01


def test_each_divergence_likes_its_own_fit_best():
    fits = {name: getattr(data(), name) for name in ("forward_kl", "jensen_shannon", "reverse_kl")}
    table = {name: divergences(fit.q) for name, fit in fits.items()}
    for name in fits:
        assert min(fits, key=lambda other: table[other][name]) == name


@pytest.mark.parametrize("field", Data._fields)
def test_regions_agree_with_the_best_tests(field):
    fit = getattr(data(), field)
    x = np.linspace(-14, 14, 70_001)
    p, q = np.exp(kl_directions.log_density(kl_directions.TARGET, x)), norm.pdf(x, fit.q.mean, fit.q.std)
    fine = Region.from_pmfs(p / p.sum(), q / q.sum())
    at = np.linspace(0.001, 1, 200)
    np.testing.assert_allclose(fit.region.boundary(at), fine.boundary(at), atol=6e-4)
    assert fit.region.total_variation == pytest.approx(fine.total_variation, abs=2e-4)


def test_only_the_fits_that_seek_lose_a_mode():
    for fit in (data().forward_kl, data().jensen_shannon):
        assert not fit.region.has_collapse(0.02, 0.06)
        assert fit.q.std > 2
    for fit in (data().runner_up, data().reverse_kl):
        assert fit.region.has_collapse(0.001, 0.4)
        assert fit.q.mean == pytest.approx(-2, abs=0.01)


def test_the_caption_tells_the_numbers():
    assert f"{data().jensen_shannon.divergence:.3f} nats" in kl_directions.__doc__
    assert f"against {data().runner_up.divergence:.3f}" in kl_directions.__doc__
    assert f"{kl_directions.EPS:.0%} of the mass" in kl_directions.__doc__


def test_the_picture_shows_the_data():
    figure = kl_directions.draw(data())
    above, below = figure.axes[:3], figure.axes[3:]
    for i, fields in enumerate((["forward_kl"], ["jensen_shannon", "runner_up"], ["reverse_kl"])):
        for fit in (getattr(data(), field) for field in fields):
            shown = [line.get_xydata() for line in above[i].lines]
            density = norm.pdf(kl_directions.NODES, fit.q.mean, fit.q.std)
            assert any(np.allclose(line[:, 1], density, atol=1e-14) for line in shown)
            boundaries = [line.get_xydata() for line in below[i].lines]
            assert any(np.array_equal(line, fit.region.vertices) for line in boundaries)
