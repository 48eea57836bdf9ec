"""What a process pays before its first answer: the modules it imports, and compiled kernels kept on disk."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numba
import pytest
from effort import slow

import modecollapse as mc
from modecollapse.packing import cache

PACKAGE = Path(mc.__file__).parent
needs_a_compiler = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="without a compiler nothing is cached")

HEAVY = ("numba", "scipy", "matplotlib", "hypothesis")

COMMAND = """
import sys
from modecollapse.cli import main
try:
    code = main(sys.argv[1:])
except SystemExit as leaving:
    code = leaving.code
print(*sorted({name.partition(".")[0] for name in sys.modules}), file=sys.stderr)
sys.exit(code)
"""

DISTANCE = """
import sys
import modecollapse as mc
print(mc.packed_tv(([0.2, 0.8], [0.25, 0.75]), 10).hex(), "scipy.linalg" in sys.modules)
"""


def python(code, *arguments, path=PACKAGE.parent, **environment):
    return subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *arguments],
        env={**os.environ, "PYTHONPATH": str(path), **environment},
        capture_output=True,
        text=True,
        cwd="/",
    )


def answer(code, **place):
    done = python(code, **place)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


# -- the shell tool ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments",
    [
        "--help",
        "--version",
        "tv --help",
        "diagnose --help",
        "tv --p .2,.8 --q 0,1 --nope",
        "tv --p .2,.8",
        "bounds --tau high",
        "nothing",
    ],
)
def test_help_and_bad_usage_load_not_even_numpy(arguments):
    done = python(COMMAND, *arguments.split())
    assert done.returncode == (0 if "--help" in arguments or "--version" in arguments else 2)
    loaded = done.stderr.splitlines()[-1].split()
    assert not {*HEAVY, "numpy"} & set(loaded)


@pytest.mark.parametrize(
    "arguments",
    [
        "tv --p .2,.8 --q 0,1 --m 1:",
        "tv --p .2,.8 --q 0,1 --m 0",
        "tv --p .2,.8 --q 0,.9",
        "tv --p .2,.8 --q missing.csv",
        "region --p .2,.8 --q 0,1 --m 0",
        "region --p .2,.x --q 0,1",
        "bounds --tau 1.1",
        "bounds --tau .1 --as-printed --m 0",
        "bounds --tau .1 --collapse .2,.1",
        "separate --tau .1 --collapse 0,.1 --no-collapse .2",
        "separate --tau -.1 --collapse 0,.1 --no-collapse 0,.2",
        "diagnose real.npy generated.npy --labels --m x",
        "diagnose real.npy generated.npy --labels --level 95",
        "diagnose real.npy generated.npy --labels --radius 1",
        "diagnose real generated --labels",
    ],
)
def test_bad_input_is_refused_without_compiled_code(arguments):
    done = python(COMMAND, *arguments.split())
    assert done.returncode == 2, done.stderr
    assert "error: " in done.stderr
    assert not set(HEAVY) & set(done.stderr.splitlines()[-1].split())


# -- kernels on disk ----------------------------------------------------------------------------------------


@needs_a_compiler
def test_a_cached_kernel_is_loaded_without_the_compiler(tmp_path):
    """Numba imports scipy.linalg as soon as it prepares to compile."""
    first, again = (answer(DISTANCE, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))
    assert first[0] == again[0]
    assert (first[1], again[1]) == ("True", "False")


@pytest.mark.slow
@needs_a_compiler
def test_a_later_numba_than_those_tried_prepares_its_compiler(tmp_path):
    code = "from modecollapse.packing import cache; cache.LAST_TRIED = (0, 1)" + DISTANCE
    first, again = (answer(code, NUMBA_CACHE_DIR=str(tmp_path)) for _ in range(2))
    assert first == again
    assert again[1] == "True"


@needs_a_compiler
@pytest.mark.parametrize("ending", ["nbi", slow("nbc")])
def test_damaged_files_are_compiled_anew(tmp_path, ending):
    good = answer(DISTANCE, NUMBA_CACHE_DIR=str(tmp_path))
    kept = list(tmp_path.rglob(f"*.{ending}"))
    assert kept
    for file in kept:
        file.write_bytes(b"damaged")
    assert answer(DISTANCE, NUMBA_CACHE_DIR=str(tmp_path)) == good
    assert answer(DISTANCE, NUMBA_CACHE_DIR=str(tmp_path)) == [good[0], "False"]


@pytest.mark.slow
@needs_a_compiler
def test_a_cache_that_goes_away_costs_no_answer(tmp_path):
    code = "import modecollapse.packing, shutil; shutil.rmtree(PLACE); open(PLACE, 'w').close()" + DISTANCE
    place = tmp_path / "cache"
    gone = answer(code.replace("PLACE", repr(str(place))), NUMBA_CACHE_DIR=str(place))
    assert gone[0] == answer(DISTANCE, NUMBA_CACHE_DIR=str(tmp_path / "other"))[0]


@pytest.mark.slow
@needs_a_compiler
def test_files_are_apart_for_each_release_of_numba_and_numpy(tmp_path):
    answer(DISTANCE, NUMBA_CACHE_DIR=str(tmp_path))
    names = [file.name for file in tmp_path.rglob("*.nb?")]
    assert names
    assert all(f"numba{numba.__version__}.numpy" in name for name in names)


USER = """from modecollapse.packing.kernels import kernel
from modecollapse.helping import helper

@kernel
def user(x: float) -> float:
    return helper(x) + 1.0
"""

HELPER = """from modecollapse.packing.kernels import kernel

@kernel
def helper(x: float) -> float:
    return 2.0 * x
"""


@needs_a_compiler
def test_a_kernel_sees_a_change_in_a_kernel_of_another_file(tmp_path):
    shutil.copytree(PACKAGE, tmp_path / "modecollapse", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "modecollapse" / "using.py").write_text(USER)
    helper = tmp_path / "modecollapse" / "helping.py"
    place = {"path": tmp_path, "NUMBA_CACHE_DIR": str(tmp_path / "cache")}
    code = "from modecollapse.using import user; print(user(3.0), sum(user.stats.cache_hits.values()))"
    helper.write_text(HELPER)
    assert answer(code, **place) == ["7.0", "0"]
    assert answer(code, **place) == ["7.0", "1"]
    helper.write_text(HELPER.replace("2.0", "5.0"))
    assert answer(code, **place) == ["16.0", "0"]
    assert answer(code, **place) == ["16.0", "1"]


def test_without_sources_nothing_is_cached(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "PACKAGE", tmp_path)
    with pytest.raises(RuntimeError, match="no source files"):
        cache.kernel_sources.__wrapped__()
