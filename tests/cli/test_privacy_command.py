"""`modecollapse privacy`: two certain ends, from the options of a mechanism."""

import json
import math
import re

import pytest
from scipy import stats
from scipy.optimize import brentq

from modecollapse import cli, curves

GAUSSIAN = "--mechanism gaussian --sigma 1"


@pytest.fixture
def run(capsys):
    """Run `modecollapse privacy`; returns (exit code, standard output, standard error)."""

    def run_command(text):
        code = cli.main(["privacy", *text.split()])
        return code, *capsys.readouterr()

    return run_command


@pytest.fixture
def columns(run):
    """Run it where it succeeds, as JSON."""

    def run_command(text):
        code, out, err = run(f"{text} --json")
        assert (code, err) == (0, "")
        return json.loads(out)

    return run_command


def gaussian_delta(mu, eps):
    """δ(ε) of N(μ, 1) against N(0, 1) (Balle and Wang 2018)."""
    return stats.norm.cdf(mu / 2 - eps / mu) - math.exp(eps) * stats.norm.cdf(-mu / 2 - eps / mu)


def test_epsilon_of_gaussians_is_between_the_ends(columns):
    table = columns(f"{GAUSSIAN} --steps 4 --delta 1e-3,1e-5")
    assert table["delta"] == [1e-3, 1e-5]
    for delta, low, high in zip(*table.values(), strict=True):
        exact = brentq(lambda eps, delta=delta: gaussian_delta(2, eps) - delta, 0, 100, xtol=1e-12)
        assert low <= exact <= high <= low + 1.000002e-3


def test_delta_of_gaussians_is_between_the_ends(columns):
    table = columns(f"{GAUSSIAN} --steps 4 --epsilon 0,2,8")
    for eps, low, high in zip(*table.values(), strict=True):
        assert low <= gaussian_delta(2, eps) <= high <= 1.0101 * low


def test_finer_cells_are_taken_where_the_first_are_too_coarse(columns):
    first, finer = (columns(f"{GAUSSIAN} --epsilon 2.9 --width {width}") for width in ("1e-2", "1e-6"))
    (low,), (high,) = finer["delta_lower"], finer["delta_upper"]
    assert high - low <= 1e-6 * high < first["delta_upper"][0] - first["delta_lower"][0]
    assert low <= gaussian_delta(1, 2.9) <= high


def test_a_sample_of_the_records_is_more_private(columns):
    table = columns(f"{GAUSSIAN} --sampling .2 --steps 10 --delta 1e-5 --width 1e-2")
    assert table["epsilon_lower"][0] <= 4.984 <= table["epsilon_upper"][0] + 1e-3


def test_laplace_and_randomised_response_are_pure(columns):
    table = columns("--mechanism laplace --scale 2 --steps 3 --delta 0")
    assert table["epsilon_upper"] == [pytest.approx(1.5, abs=1e-9)]
    table = columns("--mechanism randomised-response --truth .75 --steps 3 --delta 0")
    assert table["epsilon_lower"] == table["epsilon_upper"] == [pytest.approx(3 * math.log(3))]
    table = columns("--mechanism randomised-response --truth .5 --answers 3 --epsilon 0.1")
    exact = curves.privacy_delta(([0.5, 0.25, 0.25], [0.25, 0.5, 0.25]), 0.1)
    assert table["delta_lower"] == table["delta_upper"] == [pytest.approx(exact)]


def test_what_is_never_private_has_an_infinite_epsilon(run):
    code, out, _ = run("--mechanism randomised-response --truth 1 --delta .1 --csv")
    assert code == 0
    assert out.splitlines() == ["delta,epsilon_lower,epsilon_upper", "0.1,inf,inf"]


def test_the_curve_is_drawn(run, tmp_path):
    code, _, err = run(f"{GAUSSIAN} --epsilon 0,1,2 --plot {tmp_path}/curve.svg")
    assert (code, err) == (0, "")
    assert "<svg" in (tmp_path / "curve.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("--mechanism gaussian --delta .1", "--mechanism gaussian needs --sigma, the standard deviation"),
        (f"{GAUSSIAN} --scale 2 --delta .1", "--mechanism gaussian takes no --scale, got 2"),
        (f"{GAUSSIAN} --answers 2 --delta .1", "--mechanism gaussian takes no --answers, got 2"),
        ("--mechanism gaussian --sigma 0 --delta .1", "sigma must be positive, got 0"),
        (f"{GAUSSIAN} --delta 2", r"delta must lie in \[0, 1\], got 2"),
        (f"{GAUSSIAN} --delta x", "--delta takes numbers separated by commas, .* got 'x'"),
        (f"{GAUSSIAN} --epsilon=-1", "eps must be at least 0, got -1"),
        (f"{GAUSSIAN} --delta .1 --steps 0", "steps must be an integer ≥ 1, got 0"),
        (f"{GAUSSIAN} --delta .1 --sampling 2", r"share must lie in \[0, 1\], got 2"),
        (f"{GAUSSIAN} --delta .1 --width 0", "width must be positive, got 0"),
        (
            "--mechanism randomised-response --truth .5 --answers 1 --delta .1",
            "answers must be an integer ≥ 2",
        ),
        (
            "--mechanism randomised-response --truth 1 --delta .1 --plot x.png",
            "--plot draws finite ends only",
        ),
    ],
)
def test_bad_input_is_one_line(run, text, message):
    code, out, err = run(text)
    assert (code, out) == (2, "")
    assert err.startswith("modecollapse: error: ")
    assert err.count("\n") == 1
    assert re.search(message, err)


def test_a_width_out_of_reach_is_its_own_exit_code(run):
    code, out, err = run(f"{GAUSSIAN} --epsilon 2.9 --width 1e-12")
    assert (code, out) == (4, "")
    assert "ask for a wider --width than 1e-12" in err
