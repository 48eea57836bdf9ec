"""Each optional package that is missing is named, with a command that installs it from where it is."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from modecollapse import extras
from modecollapse.samples import fit_centres
from modecollapse.sweep import grid, sweep

ROOT = Path(__file__).parents[2]
EXTRAS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"][
    "optional-dependencies"
]
REQUIREMENTS = {re.split("[^a-z0-9-]", line)[0]: line for lines in EXTRAS.values() for line in lines}


def command(*packages):
    return "python -m pip install " + " ".join(f'"{REQUIREMENTS[name]}"' for name in packages)


@pytest.mark.parametrize("package", ["matplotlib", "scikit-learn", "tqdm", "jax", "optax", "hypothesis"])
def test_the_releases_are_those_that_the_extras_require(package):
    assert ">=" in REQUIREMENTS[package]
    assert extras.requirement(package) == REQUIREMENTS[package]


def test_a_requirement_is_found_by_its_whole_name(monkeypatch):
    monkeypatch.setattr(
        metadata, "requires", lambda _: ["tqdm-more>=9; extra == 'a'", "tqdm>=1 ; extra == 'b'"]
    )
    assert extras.requirement("tqdm") == "tqdm>=1"
    assert extras.requirement("tq") == "tq"


def test_without_metadata_the_name_is_left(monkeypatch):
    def requires(name):
        raise metadata.PackageNotFoundError(name)

    monkeypatch.setattr(metadata, "requires", requires)
    assert str(extras.missing("progress", "tqdm")) == 'progress needs tqdm: python -m pip install "tqdm"'
    monkeypatch.setattr(metadata, "requires", lambda _: None)
    assert extras.requirement("tqdm") == "tqdm"


def test_several_packages_are_listed():
    assert (
        str(extras.missing("this", "jax", "optax")) == f"this needs jax and optax: {command('jax', 'optax')}"
    )
    assert str(extras.missing("this", "jax", "optax", "tqdm")).startswith("this needs jax, optax and tqdm: ")


def test_progress(monkeypatch):
    monkeypatch.setitem(sys.modules, "tqdm", None)
    with pytest.raises(ImportError) as refusal:
        sweep(lambda x: {"y": x}, grid(x=1), progress=True)
    assert str(refusal.value) == f"progress needs tqdm: {command('tqdm')}"


def test_k_means(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.cluster", None)
    with pytest.raises(ImportError) as refusal:
        fit_centres([[0.0], [1.0]], 1, 0)
    assert str(refusal.value) == (
        f"fitting k-means cells needs scikit-learn: {command('scikit-learn')}, "
        "or give your own centres to from_centres"
    )


@pytest.mark.parametrize(
    ("absent", "module", "arguments", "message"),
    [
        (
            "matplotlib",
            "modecollapse.cli",
            ["tv", "--p", ".2,.8", "--q", "0,1", "--plot", "drawn.png"],
            f"modecollapse: error: --plot needs matplotlib: {command('matplotlib')}",
        ),
        (
            "matplotlib",
            "modecollapse.cli",
            ["figures", "8"],
            f"modecollapse: error: drawing figures needs matplotlib: {command('matplotlib')}",
        ),
        (
            "jinja2",
            "modecollapse.cli",
            ["explore", "--out", "never_written.html"],
            f"modecollapse: error: the explorer needs jinja2: {command('jinja2')}",
        ),
        (
            "jinja2",
            "modecollapse.cli",
            ["diagnose", "none.csv", "none.csv", "--labels", "--report", "no/such/folder/report.html"],
            f"modecollapse: error: --report needs jinja2: {command('jinja2')}",
        ),
        (
            "jinja2",
            "figures.__main__",
            ["8", "--html", "--out", "."],
            f"python -m figures: --html needs jinja2: {command('jinja2')}",
        ),
        (
            "jax",
            "figures.__main__",
            ["training", "packing"],
            "training needs jax, optax, scikit-learn and tqdm: "
            + command("jax", "optax", "scikit-learn", "tqdm"),
        ),
    ],
)
def test_programs(absent, module, arguments, message):
    code = (
        f"import sys; sys.modules[{absent!r}] = None; from {module} import main; sys.exit(main(sys.argv[1:]))"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT)
    assert (done.returncode, done.stdout, done.stderr) == (2, "", message + "\n")


@pytest.mark.parametrize(
    ("module", "arguments"),
    [("modecollapse.cli", ["figures", "8"]), ("figures.__main__", ["training", "packing"])],
)
def test_a_missing_module_of_our_own_is_not_blamed_on_an_optional_package(module, arguments):
    code = f"""
import sys
from {module} import main
sys.modules["figures.__main__"] = sys.modules["figures.training.studies"] = None
sys.exit(main(sys.argv[1:]))
"""
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode != 0
    assert "import of figures." in done.stderr
    assert "pip install" not in done.stderr


def test_no_other_message_tells_how_to_install():
    """Neither in the package nor in the figures: each would have to know whether there is an index to ask."""
    for path in [*(ROOT / "modecollapse").rglob("*.py"), *(ROOT / "figures").rglob("*.py")]:
        texts = [
            node.value
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
            if isinstance(node, ast.Constant) and isinstance(node.value, str)
        ]
        told = [text for text in texts if "pip install" in text]
        assert path.name == "extras.py" or not told, path
