"""Modules that need an optional package are no examples to run where it is missing; figures are closed."""

import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

NEEDS = {
    "jax": ["modecollapse/gan/*.py", "figures/training/*.py", "docs/data.md"],
    "distributed": ["docs/sharded.md"],
    "pandas": ["docs/data.md"],
    "pyarrow": ["docs/sharded.md"],
    "latex2mathml": ["docs/extensions/*.py"],  # with it comes the dependency group `docs`
}

collect_ignore_glob = [
    pattern for package, patterns in NEEDS.items() if not find_spec(package) for pattern in patterns
]


@pytest.fixture(autouse=True)
def _no_open_figures() -> Iterator[None]:
    """Close the figures of each test and page: pyplot keeps them, and warns of more than twenty."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
