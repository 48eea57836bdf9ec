"""What the pages promise: commands run, names and tests exist. pytest itself runs their Python examples."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path
from pkgutil import resolve_name
from types import ModuleType

import numpy as np
import pytest

import modecollapse as mc
from modecollapse import cli, targets

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "README.md",
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs/reference").glob("*.md")),
]
BLOCK = re.compile(r"^```(?P<kind>.*)\n(?P<body>(?:.*\n)*?)```$", re.MULTILINE)
CAPTION = re.compile(r":caption: (?P<name>\S+)\n\n(?P<text>(?:.*\n)*)")

NOT_HERE = (
    "python3 -m venv",
    "python -m pip",
    ".venv/bin/python",
    "python -m sphinx",
    "python docs/measure.py",
    "python -m tests.benchmarks",
    "python -m figures",
    "python -m pytest",
    "pip install",
    "shtab",
)
"""Commands that install, build or measure: run by hand, or by `.ci/run`."""


def blocks(page: Path, kind: str) -> list[str]:
    """The bodies of a page's blocks of one kind."""
    text = page.read_text(encoding="utf-8")
    return [found["body"] for found in BLOCK.finditer(text) if found["kind"].strip() == kind]


def commands(page: Path) -> list[str]:
    return [line for body in blocks(page, "sh") for line in body.splitlines() if line.strip()]


def files(page: Path) -> dict[str, str]:
    """The files a page shows: blocks with a caption."""
    bodies = [body for kind in ("text", "python") for body in blocks(page, f"{{code-block}} {kind}")]
    shown = [found for body in bodies if (found := CAPTION.match(body))]
    return {found["name"]: found["text"] for found in shown}


def is_run(command: str) -> bool:
    return command.startswith("modecollapse ") or re.match(r"python \w+\.py\b", command) is not None


def save_samples(folder: Path) -> None:
    """What a reader who has samples has."""
    target, rng = targets.ring(), np.random.default_rng(0)
    np.save(folder / "real.npy", target.sample(200, rng))
    np.save(folder / "generated.npy", targets.drop_modes(target, [0]).sample(200, rng))
    np.savetxt(folder / "centres.csv", target.means, delimiter=",")
    for kind in ("real", "generated"):
        (folder / kind).mkdir()
        for i in range(200):
            (folder / kind / f"{i:03}.ppm").write_text("P2 1 1 255 7")


NEEDED = {"data.md": ("pandas", "pyarrow")}
"""Optional packages that the commands of a page need."""

WITH_COMMANDS = [page for page in PAGES if any(map(is_run, commands(page)))]


def test_pages_with_commands_are_found():
    assert {page.name for page in WITH_COMMANDS} >= {"README.md", "shell.md", "sweeps.md"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_command_is_run_or_known_not_to_be(page):
    assert [c for c in commands(page) if not is_run(c) and not c.startswith(NOT_HERE)] == []


@pytest.mark.parametrize("page", WITH_COMMANDS, ids=lambda page: page.name)
def test_commands_run_in_order(page, tmp_path, monkeypatch, capsys):
    for package in NEEDED.get(page.name, ()):
        pytest.importorskip(package)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    save_samples(tmp_path)
    for name, text in files(page).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command in filter(is_run, commands(page)):
        program, *arguments = shlex.split(command)
        if program == "modecollapse":
            assert cli.main(arguments) == 0, f"{command}\n{capsys.readouterr().err}"
        else:
            done = subprocess.run([sys.executable, *arguments], capture_output=True, text=True, timeout=300)
            assert done.returncode == 0, f"{command}\n{done.stderr}"


def test_the_sweep_of_the_page_is_enlarged_from_its_journal(tmp_path, monkeypatch):
    page = ROOT / "docs/sweeps.md"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    Path("bands.py").write_text(files(page)["bands.py"], encoding="utf-8")
    rows = []
    for steps in ("2", "3"):
        subprocess.run([sys.executable, "bands.py", steps], check=True, capture_output=True, timeout=300)
        rows.append(len(Path("bands.csv").read_text(encoding="utf-8").splitlines()) - 1)
    assert rows == [2 * 2 * 3, 3 * 3 * 3]


def test_every_public_name_is_in_the_reference():
    text = "".join(page.read_text(encoding="utf-8") for page in (ROOT / "docs/reference").glob("*.md"))
    documented = set(re.findall(r":: modecollapse\.([\w.]+)", text))
    modules = {name for name in mc.__all__ if isinstance(getattr(mc, name), ModuleType)}
    homes = {getattr(mc, name).__name__.removeprefix("modecollapse.") for name in modules}
    assert ({*mc.__all__} - modules | homes) - documented == set()
    assert {
        f"samples.{name}" for name in vars(mc.samples) if name[0].isupper() or name.startswith("from_")
    } <= documented


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page):
    """Figures and other generated pages are drawn when the documentation is built."""
    text = BLOCK.sub("", page.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)", text):
        if "://" not in target and not target.startswith(("gallery/", "mailto:")):
            assert (page.parent / target).exists(), target


def test_every_public_name_is_on_the_first_page_of_the_reference():
    text = (ROOT / "docs/api.md").read_text(encoding="utf-8")
    assert [
        name for name in mc.__all__ if not re.search(rf"^   modecollapse\.(\w+\.)*{name}\b", text, re.M)
    ] == []


def test_statements_name_tests_that_exist():
    named = re.findall(
        r"`(tests/[\w/]+\.py)(?:::(\w+))?`", (ROOT / "docs/statements.md").read_text(encoding="utf-8")
    )
    assert len(named) > 30
    for file, name in named:
        assert f"def {name}" in (ROOT / file).read_text(encoding="utf-8"), f"{file}::{name}"


def test_statements_name_functions_that_exist():
    text = (ROOT / "docs/statements.md").read_text(encoding="utf-8")
    for path in re.findall(r"{py:\w+}`~modecollapse\.([\w.]+)`", text):
        resolve_name(f"modecollapse.{path}")
