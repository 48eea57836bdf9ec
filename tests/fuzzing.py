"""The fuzz tests, guided by the branches that inputs reach (atheris).

    python tests/fuzzing.py [TEST] [OPTION…]

TEST is one of them, without `test_`; without it each has its turn, in a process of its own. Options are
those of libFuzzer, such as `-max_total_time=60` or `-timeout=20` (seconds, in all and for one input), or the
file of an input, to be tried again. Inputs that reach new code are kept for the next time.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from random import Random
from subprocess import run
from typing import Any

HOME = Path(".hypothesis/fuzzing")
"""Where inputs are kept, and those that failed."""

COMPILED = [
    f"modecollapse.packing.{name}"
    for name in (
        *("few_letters", "enumeration", "chernoff", "summation"),
        *("fourier.lattice", "fourier.node_sums", "fourier.gridding", "fourier.tilted_pair"),
    )
]
"""Modules with kernels, which the compiler must see as they are."""

OPTIONS = [
    "-timeout=60",
    "-rss_limit_mb=4096",
    "-max_len=4096",
    "-len_control=0",
    f"-artifact_prefix={HOME}/",
]
"""One input may take 60 seconds and 4 GB; what is given on the command line comes later and wins."""

SEEDS = [16, 64, 256, 1024, 2048]
"""Lengths of the random inputs to begin with: a test needs some hundred bytes to draw its examples from."""


def tests() -> dict[str, Any]:
    """The property tests by name, with the library imported in such a way that atheris sees its branches."""
    import atheris

    with atheris.instrument_imports(include=["modecollapse"], exclude=[*COMPILED, "modecollapse.strategies"]):
        import test_fuzz
        from files import test_fuzz_files
    return {
        name.removeprefix("test_"): test
        for module in (test_fuzz, test_fuzz_files)
        for name, test in vars(module).items()
        if hasattr(test, "hypothesis")
    }


def fuzz(name: str, test: Any, options: list[str]) -> None:
    """Try inputs until one fails or a limit is reached; does not return."""
    import atheris

    warnings.simplefilter("error")  # as in the suite
    inputs = [] if any(not option.startswith("-") for option in options) else [str(corpus(name))]
    atheris.Setup([sys.argv[0], *OPTIONS, *options, *inputs], test.hypothesis.fuzz_one_input)
    atheris.Fuzz()


def corpus(name: str) -> Path:
    """The folder of the inputs of a test, with random ones in it to begin with."""
    folder = HOME / name
    folder.mkdir(parents=True, exist_ok=True)
    for length in SEEDS:
        (folder / f"seed-{length}").write_bytes(Random(length).randbytes(length))
    return folder


def main(arguments: list[str]) -> int:
    """Fuzz one test or all; returns the exit code."""
    found = tests()
    if arguments and arguments[0] in found:
        fuzz(arguments[0], found[arguments[0]], arguments[1:])
    failed = [name for name in found if run([sys.executable, __file__, name, *arguments]).returncode]
    print(f"{len(found) - len(failed)} of {len(found)} tests held", *failed, sep="\n")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
