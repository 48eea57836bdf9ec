"""What is said in several places is the same in all of them: the version, the Pythons, the commands."""

from __future__ import annotations

import re
import runpy
import sys
import tomllib
from pathlib import Path

import pytest

import modecollapse as mc
from modecollapse import version

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def text(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


# -- the version ------------------------------------------------------------------------------------------


def test_the_version_is_written_in_the_package_alone():
    assert "version" in PROJECT["project"]["dynamic"]
    assert ROOT / PROJECT["tool"]["hatch"]["version"]["path"] == Path(version.__file__)


def test_the_citation_has_the_version():
    assert re.findall(r"^version: (.+)$", text("CITATION.cff"), re.MULTILINE) == [mc.__version__]


def test_the_readme_has_the_version_to_cite():
    assert re.findall(r"^  version = {(.+)}$", text("README.md"), re.MULTILINE) == [mc.__version__]


def test_the_documentation_has_the_version(monkeypatch):
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(sys, "path", [*sys.path])  # the configuration adds to it
    assert runpy.run_path(str(ROOT / "docs/conf.py"))["release"] == mc.__version__


def test_the_changelog_begins_with_the_version():
    """While a version is being developed its changes are unreleased."""
    newest = re.findall(r"^## (.+)$", text("CHANGELOG.md"), re.MULTILINE)[0]
    expected = "[Unreleased]" if ".dev" in mc.__version__ else f"[{mc.__version__}]"
    assert newest.split(" ")[0] == expected


def test_the_changelog_keeps_to_its_kinds_of_change():
    kinds = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security"}
    assert set(re.findall(r"^### (.+)$", text("CHANGELOG.md"), re.MULTILINE)) <= kinds


# -- the Pythons ------------------------------------------------------------------------------------------


def pythons() -> list[str]:
    """The Pythons that the package promises to run on."""
    named = (
        re.fullmatch(r"Programming Language :: Python :: (3\.\d+)", c)
        for c in PROJECT["project"]["classifiers"]
    )
    return [match[1] for match in named if match]


def test_the_oldest_python_is_the_one_required():
    assert PROJECT["project"]["requires-python"] == f">={pythons()[0]}"
    assert PROJECT["tool"]["ruff"]["target-version"] == f"py{pythons()[0].replace('.', '')}"


def test_every_python_is_tested_by_hosted_ci():
    tested = re.findall(r"newest-(3\.\d+)", text(".github/workflows/tests.yml"))
    assert set(tested) == set(pythons())


# -- the commands -----------------------------------------------------------------------------------------


def parts() -> set[str]:
    """The parts of `.ci/run`, with those that run only when they are named."""
    listed = re.findall(r"^(parts|on_demand)=\((.*)\)$", text(".ci/run"), re.MULTILINE)
    assert [name for name, _ in listed] == ["parts", "on_demand"]
    return {part for _, names in listed for part in names.split()}


@pytest.mark.parametrize(
    "path", sorted((ROOT / ".github/workflows").glob("*.yml")), ids=lambda path: path.name
)
def test_hosted_ci_runs_what_can_be_run_here(path):
    """Each step is a part of `.ci/run` or a session of nox, so that a failure can be repeated at home."""
    commands = re.findall(r"^ *(?:- )?run: (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    for command in commands:
        assert command.startswith(("bash .ci/run ", "bash .ci/tag ", "pipx run nox ")), command


def test_hosted_ci_runs_every_part():
    workflows = "".join(
        path.read_text(encoding="utf-8") for path in (ROOT / ".github/workflows").glob("*.yml")
    )
    called = re.findall(r"(?:run: bash \.ci/run|parts:) ([a-z ]+)$", workflows, re.MULTILINE)
    assert {part for names in called for part in names.split()} == parts()


def test_dependency_groups_do_not_name_the_package():
    """Where only a group is asked for, it would be looked for on an index, where it is not."""
    groups = PROJECT["dependency-groups"]
    assert {"lint", "docs", "bench", "dev"} <= set(groups)
    assert not [line for lines in groups.values() for line in lines if str(line).startswith("modecollapse")]
