"""What a process pays before its first answer: `python -m tests.benchmarks.startup [ROUNDS]`.

CPU seconds, user and system together, of fresh processes: the least of so many rounds (9), and its ratio to
importing numpy. Rounds visit all cases in turn, so that a busy machine is unjust to none. The bytecode of the
package is cached, as in an installation.
"""

from __future__ import annotations

import math
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
DISTANCE = ("-c", "import modecollapse as mc; mc.packed_tv(([.2, .8], [.25, .75]), 10)")
CASES = {
    "python": ("-c", "pass"),
    "import numpy": ("-c", "import numpy"),
    "import modecollapse": ("-c", "import modecollapse"),
    "modecollapse --help": ("-m", "modecollapse", "--help"),
    "usage error: an unknown option": ("-m", "modecollapse", "tv", "--nope"),
    "usage error: tau above 1": ("-m", "modecollapse", "bounds", "--tau", "1.5"),
    "import numba": ("-c", "import numba"),
    "first packed_tv, warm cache": DISTANCE,
    "first packed_tv, cold cache": DISTANCE,
}


def cpu_seconds(arguments: tuple[str, ...], kernels: Path) -> float:
    """User and system time of one process, with compiled kernels kept in a folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": str(kernels)}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([sys.executable, *arguments], env=environment, capture_output=True, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def measure(rounds: int) -> dict[str, float]:
    """The least CPU time of each case."""
    least = dict.fromkeys(CASES, math.inf)
    with tempfile.TemporaryDirectory() as folder:
        warm = Path(folder, "warm")
        cpu_seconds(DISTANCE, warm)
        for number in range(rounds):
            for name, arguments in CASES.items():
                kernels = Path(folder, str(number)) if name.endswith("cold cache") else warm
                least[name] = min(least[name], cpu_seconds(arguments, kernels))
    return least


def main() -> None:
    """Print the table."""
    least = measure(int(sys.argv[1]) if len(sys.argv) > 1 else 9)
    print("| of a fresh process | CPU s | of numpy |\n| --- | --- | --- |")
    for name, seconds in least.items():
        print(f"| {name} | {seconds:.3f} | {seconds / least['import numpy']:.2f} |")


if __name__ == "__main__":
    main()
