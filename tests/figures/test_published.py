"""What the papers print: every row is beside one of a study, or is marked as printed only."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

pytest.importorskip("jax")
pytest.importorskip("optax")
pytest.importorskip("tqdm")
pytest.importorskip("matplotlib")

from figures.training import tables
from figures.training.extra_digits_run import ALL, KNOWN, SHARES
from figures.training.studies import STUDIES
from modecollapse.gan.configuration import LAWS, Configuration

PAPERS = tomllib.loads((Path(tables.__file__).parent / "published.toml").read_text(encoding="utf-8"))

PRINTED_ONLY = PAPERS["printed only"]["rows"]

KEYS = {"modes", "high_quality", "reverse_kl", "js", *(f"accuracy_{share}" for share in (0, 25, 50, 75))}

MODES = {"digits": 10, "stacked digits": 1000} | {name: len(law().weights) for name, law in LAWS.items()}


def trained():
    """Targets and methods of all studies that compare configurations."""
    compared = [study.run.args[0] for study in STUDIES.values() if hasattr(study.run, "args")]
    configurations = [Configuration(**fields) for each in compared for fields in each]
    return {(configuration.target, configuration.name) for configuration in configurations}


@pytest.mark.parametrize("paper", ["PacGAN", "VirtualGAN", "Mode-penalty GAN"])
def test_rows_are_beside_those_of_a_study(paper):
    printed = set(tables.published(paper))
    assert printed
    assert printed <= trained()


def test_what_is_printed_only_is_beside_nothing():
    """PacGAN's Table 3 has methods of studies, with networks of none."""
    keys = [
        (row["paper"], row["table"], row.get("size"), row["target"], row["method"]) for row in PRINTED_ONLY
    ]
    assert len(set(keys)) == len(keys) > 0
    for row in PRINTED_ONLY:
        beside = tables.published(row["paper"])
        assert ("size" in row) == ((row["paper"], row["table"]) == ("PacGAN", 3))
        assert "size" in row or (row["target"], row["method"]) not in beside


def test_printed_numbers_are_in_range_and_errors_are_second():
    most = {"high_quality": 1, "js": 0.694, "reverse_kl": 7, "accuracy_0": 1}
    for paper, part in PAPERS.items():
        assert part.keys() <= {"source", "rows"}, paper
        for row in part["rows"]:
            numbers = {key: value for key, value in row.items() if isinstance(value, list)}
            assert numbers.keys() <= KEYS
            assert numbers
            for key, (value, *error) in numbers.items():
                top = MODES[row["target"]] if key == "modes" else most.get(key, 1)
                assert 0 < value <= top, row
                assert len(error) <= 1, row
                assert all(0 <= each < top / 4 for each in error), row


def test_the_rows_of_l_gan_are_those_of_its_study():
    rows = tables.published("L-GAN")
    assert set(rows) == {("digits", KNOWN), ("digits", ALL), ("digits", "L-GAN")}
    shares = {f"accuracy_{round(100 * share)}" for share in SHARES}
    assert rows["digits", "L-GAN"].keys() - {"target", "method"} == shares
    best = rows["digits", "L-GAN"]["accuracy_50"][0] - rows["digits", KNOWN]["accuracy_0"][0]
    assert best / (1 - rows["digits", KNOWN]["accuracy_0"][0]) == pytest.approx(0.17, abs=0.005)  # as printed
