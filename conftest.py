"""Without JAX nothing that trains can be imported, and there are no examples to run."""

from importlib.util import find_spec

collect_ignore_glob = [] if find_spec("jax") else ["modecollapse/gan/*.py", "figures/training/*.py"]
