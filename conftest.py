"""Modules that need an optional package are no examples to run where it is missing."""

from importlib.util import find_spec

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
