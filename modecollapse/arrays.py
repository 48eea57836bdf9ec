"""The types of arrays, and of the arguments that may be one number or many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

IntArray = NDArray[np.int64]

BoolArray = NDArray[np.bool_]

RegionArray = NDArray[np.object_]
"""An array of `Region`: numpy has no type for what an object array holds."""

Degree: TypeAlias = int | np.integer[Any]
"""One packing degree. A function of one degree returns one value."""

Degrees: TypeAlias = Sequence[Degree] | Sequence[Sequence[Degree]] | NDArray[np.integer[Any]]
"""Many packing degrees: a list, a range or an array. A function of many returns an array of their shape."""

Number: TypeAlias = float | np.floating[Any] | np.integer[Any]
"""One real number."""

Numbers: TypeAlias = (
    Sequence[Number] | Sequence[Sequence[Number]] | NDArray[np.floating[Any] | np.integer[Any]]
)
"""Many real numbers, in any shape."""

Masses: TypeAlias = ArrayLike | Mapping[Any, float]
"""A pmf or counts: a list or an array, or with labels a Series of pandas or a mapping."""
