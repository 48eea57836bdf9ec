"""Mutants of what mutmut passes over, kernels and properties: a random sample, by cosmic-ray.

``nox -s mutation`` runs it; ``python tests/mutation.py packing/enumeration.py`` tries one module. It works
in a copy of the project, and prints the mutants that no test notices.
"""

from __future__ import annotations

import ast
import os
import random
import shutil
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
SEED = 6
TIME_LIMIT = 180  # seconds; kernels are interpreted, and some mutants never end
BITWISE = ("BitAnd", "BitOr", "BitXor", "LShift", "RShift")  # no floats, no mutants


class Subject(NamedTuple):
    """A module, the tests that judge it, and whether what is mutated is compiled."""

    sample: int
    tests: str
    kernels: bool


SUBJECTS = {
    "packing/few_letters.py": Subject(
        40,
        "tests/packing/test_distances.py tests/packing/test_measures.py "
        "-k 'stirling or log1p_minus or determinants or underflowed "
        "or binomial or beta_masses or all_the_mass or rare_letters or 1e_minus_200 or hardly_overlap "
        "or ties_are or switch_from or (two_letters and not million) "
        "or (three_letters and not 314 and not million and not large_m) or (zeros_and_extreme and not 10000) "
        "or (1e_minus_12 and not 2000) or (unimodal and not 316) or subnormal'",
        kernels=True,
    ),
    "packing/enumeration.py": Subject(
        30,
        "tests/packing/test_distances.py tests/packing/test_measures.py "
        "-k 'many_letters or all_sequences or power_of_a_test "
        "or each_row or boundary_of_the_product or (rows_agree and not 200) or hardly_overlap'",
        kernels=True,
    ),
    "packing/fourier/node_sums.py": Subject(
        80,
        "tests/packing/test_fourier.py "
        "-k 'transforms_keep or sines_less or letters_are_added or sums_over_nodes "
        "or what_a_node'",
        kernels=True,
    ),
    "packing/fourier/gridding.py": Subject(30, "tests/packing/test_gridding.py", kernels=True),
    "packing/chernoff.py": Subject(20, "tests/packing/test_chernoff.py", kernels=True),
    "packing/fourier/lattice.py": Subject(
        15, "tests/packing/test_fourier.py -k 'lattice and not 10000'", kernels=True
    ),
    "packing/fourier/tilted_pair.py": Subject(
        25,
        "tests/packing/test_fourier.py tests/packing/test_chernoff.py "
        "tests/packing/test_distance_brackets.py",
        kernels=False,
    ),
    "packing/fourier/hockey_sticks.py": Subject(10, "tests/packing/test_region_brackets.py", kernels=False),
    "packing/fourier/distance.py": Subject(10, "tests/packing/test_fourier.py", kernels=False),
    "packing/letters.py": Subject(10, "tests/packing/test_distances.py -k 'zeros or letters'", kernels=False),
    "packing/measures.py": Subject(
        10, "tests/packing/test_measures.py tests/theorems/test_greatest_search.py", kernels=False
    ),
    "region.py": Subject(30, "tests/test_region.py tests/packing/test_region_brackets.py", kernels=False),
}


def decorated_lines(source: str) -> set[int]:
    """The lines of bodies that mutmut leaves alone: those of all decorated functions but class methods."""
    return {
        line
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef)
        and any(ast.unparse(decorator) != "classmethod" for decorator in node.decorator_list)
        for line in range(node.body[0].lineno, node.body[-1].end_lineno + 1)
    }


def sample_of_mutants(module: Path, size: int) -> list[Any]:
    """The same random mutants each time."""
    from cosmic_ray.commands import init
    from cosmic_ray.work_db import WorkDB, use_db

    lines = decorated_lines(module.read_text())
    with use_db("session.sqlite", WorkDB.Mode.create) as session:
        init([module], session, {})
        mutants = [
            item
            for item in session.work_items
            if item.mutations[0].start_pos[0] in lines
            and not item.mutations[0].operator_name.endswith(BITWISE)
        ]
    mutants.sort(key=lambda item: (item.mutations[0].operator_name, item.mutations[0].occurrence))
    return random.Random(SEED).sample(mutants, min(size, len(mutants)))


def try_module(name: str) -> None:
    """Run the tests of a module on each mutant of the sample."""
    from cosmic_ray.mutating import mutate_and_test
    from cosmic_ray.work_item import TestOutcome

    subject = SUBJECTS[name]
    os.environ |= {"NUMBA_DISABLE_JIT": str(int(subject.kernels)), "HYPOTHESIS_PROFILE": "mutation"}
    command = f"{sys.executable} -m pytest -x -q -p no:cacheprovider {subject.tests}"
    mutants = sample_of_mutants(Path("modecollapse", name), subject.sample)
    killed = 0
    for mutant in mutants:
        result = mutate_and_test(mutant.mutations, command, TIME_LIMIT)
        if result.test_outcome == TestOutcome.SURVIVED:
            print(result.diff, end="\n\n", flush=True)
        else:
            killed += 1
    print(f"{name}: {killed} of {len(mutants)} mutants killed", flush=True)


if __name__ == "__main__":
    with TemporaryDirectory() as copy:
        shutil.copytree(ROOT, copy, ignore=shutil.ignore_patterns(".*", "docs"), dirs_exist_ok=True)
        os.chdir(copy)
        for name in sys.argv[1:] or SUBJECTS:
            try_module(name)
