"""Train generators, read them through their regions, and tell how they fare.

`python -m figures training [studies…] [--trials 10] [--out figures/out/training]`, studies as in
`figures.training.studies`

It takes minutes a study and needs the extra `gan`. Nothing is trained twice: runs lie in the output folder as
npz (see `modecollapse.gan.configuration`), what was read from them as CSV beside each, and a run that was
interrupted goes on from its checkpoint. Every study prints its table and writes `<study>.csv`, a line a trial
and metric, and its figures.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence


def main(arguments: Sequence[str] | None = None) -> int:
    """Train what is missing, print the tables, write numbers and figures; returns the exit code."""
    try:
        from .command import run
    except ModuleNotFoundError as missing:
        print(f"python -m figures training needs the extra gan: {missing}", file=sys.stderr)
        return 2
    return run(arguments)
