"""The matrix of what the library is to run on: `nox` runs all of it, `nox -s oldest` one part.

Sessions that take hours, `fuzz` and `mutation`, run only when asked for.
"""

import platform
import sys

import nox

nox.options.default_venv_backend = "venv"
nox.options.error_on_missing_interpreters = False

PYTHONS = nox.project.python_versions(nox.project.load_toml("pyproject.toml"))
"""Those that the classifiers name."""

EVERYTHING = ["-n", "auto", "-m", ""]
"""Slow tests as well, on all cores."""

FULL = {"HYPOTHESIS_PROFILE": "full"}

NUMBERS = [
    "tests/test_region.py",
    "tests/test_divergence.py",
    "tests/theorems/test_families.py",
    "tests/theorems/test_paper.py",
    "tests/packing/test_distances.py",
    "-k",
    "not large_m and not million and not tiny_dropped",
]
"""Tests that are quick enough where kernels are interpreted."""


@nox.session(python=PYTHONS)
def newest(session: nox.Session) -> None:
    """Everything, on the newest releases that install."""
    session.install("-e", ".[test]")
    session.run("pytest", "-q", *(session.posargs or EVERYTHING), env=FULL)


@nox.session(python=PYTHONS[0])
def oldest(session: nox.Session) -> None:
    """Everything, on the oldest releases that are promised."""
    session.install("-e", ".[test]", "numpy==1.26.*", "scipy==1.12.*", "numba==0.59.*", "matplotlib==3.10.*")
    session.run("pytest", "-q", *(session.posargs or EVERYTHING), env=FULL)


@nox.session
def interpreted(session: nox.Session) -> None:
    """Kernels as plain Python: what the compiler makes of them is what they say."""
    session.install("-e", ".[test]")
    session.run("pytest", "-q", *(session.posargs or NUMBERS), env={"NUMBA_DISABLE_JIT": "1"})


@nox.session
def optimised(session: nox.Session) -> None:
    """Without assert statements: examples still give what they show."""
    session.install("-e", ".[test]")
    session.run(
        "python", "-O", "-m", "pytest", "-q", "-W", "ignore", "modecollapse", "README.md", *session.posargs
    )


@nox.session
def deep(session: nox.Session) -> None:
    """Property tests with many more examples, fresh ones each time."""
    session.install("-e", ".[test]")
    session.run("pytest", "-q", *(session.posargs or EVERYTHING), env={"HYPOTHESIS_PROFILE": "deep"})


@nox.session
def coverage(session: nox.Session) -> None:
    """Lines and branches that no test takes."""
    session.install("-e", ".[test]", "coverage>=7.10")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", "-q", "-m", "", *session.posargs, env=FULL)
    session.run("coverage", "combine")  # the tests, and the programs and pools they start
    session.run("coverage", "report")


@nox.session(default=False)
def mutation(session: nox.Session) -> None:
    """Mutants that no test notices: hours for all of them, or those named; see docs/development.md."""
    session.install("-e", ".[test]", "mutmut>=3.8", "cosmic-ray>=8.7")
    session.run("mutmut", "run", *session.posargs, env={"HYPOTHESIS_PROFILE": "mutation"})
    session.run("mutmut", "results")
    session.run("python", "tests/mutation.py")


@nox.session(python="3.12", default=False)
def fuzz(session: nox.Session) -> None:
    """The fuzz tests, guided by the branches that inputs reach, each for a minute; takes their options."""
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        session.skip("there are no wheels of atheris for this machine")
    session.install("-e", ".[test]", "atheris>=3")
    session.run("python", "tests/fuzzing.py", *(session.posargs or ["-max_total_time=60"]))
