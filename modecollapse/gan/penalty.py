"""Terms of the generator's objective that look at the generated points themselves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import jax.numpy as jnp
from jax import Array


class Penalty(NamedTuple):
    """A cost of generated points, with a memory.

    Attributes
    ----------
    start : callable () → state
        The memory before training, a pytree of arrays.
    cost : callable (state, points of shape (n, d)) → (scalar, state)
        The cost, added to the generator's objective, and the memory after this step.
    """

    start: Callable[[], Any]
    cost: Callable[[Any, Array], tuple[Array, Any]]


NO_PENALTY = Penalty(tuple, lambda state, points: (jnp.zeros(()), state))
