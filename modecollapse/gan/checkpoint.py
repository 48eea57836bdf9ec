"""Checkpoints: the arrays of a pytree in one npz file, named by their path in the tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

Tree = TypeVar("Tree")

LABEL = "label"
"""Name of the array that holds the label."""


def save(path: Path, tree: object, label: str) -> None:
    """Write a pytree's arrays and a label. The file is replaced atomically.

    Parameters
    ----------
    path : Path
        File to write; its name ends in .npz.
    tree : pytree of arrays
        Arrays to keep.
    label : str
        Identifies the owner of the arrays. `load` compares it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # a run that is killed while writing leaves the former checkpoint intact
    unfinished = path.with_suffix(".unfinished.npz")
    arrays: dict[str, Any] = {LABEL: np.array(label)} | _named(tree)
    np.savez(unfinished, **arrays)
    unfinished.replace(path)


def load(path: Path, like: Tree, label: str) -> Tree:
    """Read the arrays that `save` wrote, as a tree of the same structure.

    Parameters
    ----------
    path : Path
        File to read.
    like : pytree of arrays
        A tree of the same structure, whose values are not used.
    label : str
        The label that was saved.

    Raises
    ------
    ValueError
        If the label differs, or an array's name, shape or type.
    """
    with np.load(path, allow_pickle=False) as file:
        saved_label = str(file[LABEL])
        if saved_label != label:
            raise ValueError(
                f"{path} belongs to {saved_label!r}, not to {label!r}: delete it or choose another path"
            )
        arrays = {name: file[name] for name in file.files if name != LABEL}
    expected = _named(like)
    for name in sorted(expected.keys() | arrays.keys()):
        wanted, actual = (_kind(tree[name]) if name in tree else "absent" for tree in (expected, arrays))
        if wanted != actual:
            raise ValueError(f"{path} does not fit: {name} should be {wanted}, is {actual}")
    leaves = [jnp.asarray(arrays[name]) for name in expected]
    return jax.tree.unflatten(jax.tree.structure(like), leaves)


def _named(tree: object) -> dict[str, np.ndarray]:
    """The arrays of a tree by their paths."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {jax.tree_util.keystr(keys): np.asarray(leaf) for keys, leaf in leaves}


def _kind(array: np.ndarray) -> str:
    """Type and shape of an array, for a message."""
    return f"{array.dtype}{list(array.shape)}"
