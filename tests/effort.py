"""How hard the tests try: examples of a property by Hypothesis profile, and cases left to full runs.

quick
    The default profile: what a newcomer waits for, and the same examples every time.
full
    Four times as many, the same every time; `bash .ci/run full` uses it.
deep
    Fresh examples each time, for hours if need be.
mutation
    Those of full, but content with a failure as it is found.

The environment variable HYPOTHESIS_PROFILE chooses another profile than quick. Tests and cases marked `slow`
are left out unless pytest is called with ``-m ""``.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Hashable, Iterable
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings

FULL = 60
"""Examples of a property in the full profile, unless it asks for another number."""

settings.register_profile("full", max_examples=FULL, derandomize=True, deadline=None)
settings.register_profile("quick", settings.get_profile("full"), max_examples=FULL // 4)
settings.register_profile(
    "deep", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("mutation", settings.get_profile("full"), phases=[Phase.explicit, Phase.generate])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "quick"))


def examples(full: int, **others: Any) -> settings:
    """Settings of a property that takes `full` examples in the full profile, and its share in the others."""
    share = settings().max_examples / FULL
    return settings(max_examples=math.ceil(full * share), **others)


def slow(*case: Any) -> Any:
    """A case of a parametrized test that only full runs take."""
    return pytest.param(*case, marks=pytest.mark.slow)


def first_of_each(cases: Iterable[tuple[Any, ...]], kind: Callable[..., Hashable]) -> list[Any]:
    """All the cases, those slow whose kind has occurred before."""
    seen: set[Hashable] = set()
    marked = []
    for case in cases:
        marked.append(slow(*case) if kind(*case) in seen else case)
        seen.add(kind(*case))
    return marked
