"""The package as installed: what importing costs, where it can live, and callers in threads."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from weights import normalised, tilted

import modecollapse as mc

PACKAGE = Path(mc.__file__).parent

BIND_ROOT = """
import ctypes, os, sys

PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1
ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0)
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
"""Starts the interpreter anew without root's power to write where permissions forbid it."""

CAN_WRITE = """
try:
    open("modecollapse/packing/written", "w").close()
except OSError:
    print("false")
else:
    print("true")
"""

NUMBERS = """
import json
import modecollapse as mc

values = [
    *mc.packed_tv(([0.2, 0.8], [0.25, 0.75]), [1, 10, 500]).tolist(),
    mc.packed_overlap(([0.2, 0.8], [0.25, 0.75]), 500, log=True),
    mc.packed_tv(([0.2, 0.3, 0.5, 0], [0.25, 0.35, 0.3, 0.1]), 12),
    mc.packed_tv(([0.2, 0.3, 0.5], [0.201, 0.3, 0.499]), 400),
    mc.packed_overlap(([0.2, 0.3, 0.5], [0.21, 0.3, 0.49]), 400, log=True),
    mc.pack(mc.Region.from_pmfs([0.2, 0.8], [0.5, 0.5]), 3).total_variation,
]
print(json.dumps({"values": values, "file": mc.__file__}))
"""


def run(code, *, path=PACKAGE.parent, environment=None, before="", cwd="/"):
    """Run code in a new interpreter, warnings as errors, and return its JSON output."""
    done = subprocess.run(
        [sys.executable, *(["-c", before] if before else []), "-W", "error", "-c", code],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(path), **(environment or {})},
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def expected():
    return run(NUMBERS, environment={"HOME": os.environ.get("HOME", "/")})["values"]


@pytest.mark.parametrize("module", ["matplotlib", "hypothesis", "numba", "scipy", "mpmath", "pytest"])
def test_importing_leaves_heavy_packages_alone(module):
    code = f"import json, sys, modecollapse; print(json.dumps({module!r} in sys.modules))"
    assert run(code) is False


def test_public_names_are_listed_and_found():
    assert set(mc.__all__) <= set(dir(mc))
    for name in ("Region", "pack", "packed_tv", "packed_overlap", "witness_set", "Bracket"):
        assert name in mc.__all__
        assert getattr(mc, name).__name__ == name
    for name in set(mc.__all__) - {"ArrayBand", "ScalarBand"}:  # a Band with its types, of the name Band
        assert getattr(mc, name).__name__.rpartition(".")[2] == name
    with pytest.raises(AttributeError, match="no attribute 'packed_tvs'"):
        mc.packed_tvs  # noqa: B018


@pytest.mark.parametrize(("name", "package"), mc.NEEDED.items())
def test_modules_that_need_a_package_are_attributes_and_not_star_imports(name, package):
    assert getattr(mc, name).__name__ == f"modecollapse.{name}"
    assert name in dir(mc)
    assert name not in mc.__all__
    code = f"""if True:
        import json, sys
        sys.modules[{package!r}] = None
        from modecollapse import *
        import modecollapse as mc
        try:
            mc.{name}
        except ImportError as error:
            print(json.dumps(str(error)))
    """
    assert run(code).startswith(f"modecollapse.{name} needs {package}: python -m pip install")


@pytest.fixture
def read_only_copy():
    """The package where nobody may write, readable for all."""
    root = Path(tempfile.mkdtemp())
    shutil.copytree(PACKAGE, root / "modecollapse", ignore=shutil.ignore_patterns("__pycache__"))
    everything = [root, *root.rglob("*")]
    for entry in everything:
        entry.chmod(0o555 if entry.is_dir() else 0o444)
    yield root
    for entry in everything:
        entry.chmod(entry.stat().st_mode | stat.S_IWUSR)
    shutil.rmtree(root)


@pytest.mark.slow
def test_a_read_only_install_without_a_home_gives_the_same_numbers(read_only_copy, expected):
    place = {"path": read_only_copy, "environment": {"HOME": str(read_only_copy)}, "cwd": read_only_copy}
    before = "" if os.geteuid() else BIND_ROOT
    if run(CAN_WRITE, before=before, **place):
        pytest.skip("permissions do not bind this user")
    result = run(NUMBERS, before=before, **place)
    assert result["file"].startswith(str(read_only_copy))
    assert result["values"] == expected
    assert not list(read_only_copy.rglob("__pycache__"))


def test_interpreted_kernels_give_the_same_numbers(expected):
    result = run(NUMBERS, environment={"NUMBA_DISABLE_JIT": "1"})
    assert result["values"] == pytest.approx(expected, rel=1e-13, abs=0)


def test_threads_agree_with_one_call_after_another():
    p = normalised([2, 3, 5])
    questions = [((p, tilted(p, 0.01 * np.array([i, -i, 1]))), m) for i in range(1, 9) for m in (3, 50, 5000)]
    questions += [(([*p[:1], 1 - p[0]], [0.3, 0.7]), m) for m in range(1, 200)]
    with ThreadPoolExecutor(16) as pool:
        together = list(pool.map(lambda question: mc.packed_tv(*question), questions))
        logs = list(pool.map(lambda question: mc.packed_overlap(*question, log=True), questions))
    assert together == [mc.packed_tv(*question) for question in questions]
    assert logs == [mc.packed_overlap(*question, log=True) for question in questions]


def test_first_calls_from_many_threads_at_once_agree(expected):
    """Compilation itself happens under the threads."""
    body = "\n".join("    " + line for line in NUMBERS.replace("print(", "return (").strip().splitlines())
    code = f"""
import json
from concurrent.futures import ThreadPoolExecutor
def work(_):
{body}
with ThreadPoolExecutor(8) as pool:
    print(json.dumps([json.loads(text)["values"] for text in pool.map(work, range(8))]))
"""
    assert run(code, environment={"HOME": os.environ.get("HOME", "/")}) == [expected] * 8


def test_the_figures_work_inside_the_installed_package(tmp_path):
    """The wheel holds them as modecollapse/figures, where nothing else is called figures."""
    ignored = shutil.ignore_patterns("__pycache__", "out")
    shutil.copytree(PACKAGE, tmp_path / "modecollapse", ignore=ignored)
    shutil.copytree(PACKAGE.parent / "figures", tmp_path / "modecollapse" / "figures", ignore=ignored)
    done = subprocess.run(
        [sys.executable, "-m", "modecollapse", "figures", "16", "--out", "drawn"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "drawn" / "fig16_tangent.png").exists()


def test_no_figure_module_counts_on_where_the_figures_stand():
    for path in (PACKAGE.parent / "figures").rglob("*.py"):
        lines = (line.lstrip() for line in path.read_text(encoding="utf-8").splitlines())
        assert not [line for line in lines if line.startswith(("import figures", "from figures"))], path
