"""Checkpoints: the arrays of a pytree in one npz file, named by their place in the tree."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import jax
import jax.numpy as jnp
import numpy as np

Tree = TypeVar("Tree")

LABEL = "label"


def save(path: Path, tree: object, label: str) -> None:
    """Write a pytree's arrays and a label, replacing the file in one go.

    Parameters
    ----------
    path : Path
        Ends in .npz.
    tree : pytree of arrays
    label : str
        Says what the arrays belong to; `load` compares it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # a run killed while it writes leaves the former checkpoint whole
    unfinished = path.with_suffix(".unfinished.npz")
    arrays: dict[str, Any] = {LABEL: np.array(label)} | _named(tree)
    np.savez(unfinished, **arrays)
    unfinished.replace(path)


def load(path: Path, like: Tree, label: str) -> Tree:
    """Read what `save` wrote into a tree of the same shape.

    Parameters
    ----------
    path : Path
    like : pytree of arrays
        Gives the structure; its values are not used.
    label : str
        Must be the one saved.

    Raises
    ------
    ValueError
        If the label, the arrays' names, their shapes or types differ.
    """
    with np.load(path, allow_pickle=False) as file:
        found = str(file[LABEL])
        if found != label:
            raise ValueError(
                f"{path} belongs to {found!r}, not to {label!r}: delete it or choose another path"
            )
        arrays = {name: file[name] for name in file.files if name != LABEL}
    expected = _named(like)
    for name in sorted(expected.keys() | arrays.keys()):
        want, have = (_kind(lot[name]) if name in lot else "absent" for lot in (expected, arrays))
        if want != have:
            raise ValueError(f"{path} does not fit: {name} should be {want}, is {have}")
    leaves = [jnp.asarray(arrays[name]) for name in expected]
    return jax.tree.unflatten(jax.tree.structure(like), leaves)


def _named(tree: object) -> dict[str, np.ndarray]:
    leaves, _ = jax.tree_util.tree_flatten_with_path(tree)
    return {jax.tree_util.keystr(place): np.asarray(leaf) for place, leaf in leaves}


def _kind(array: np.ndarray) -> str:
    return f"{array.dtype}{list(array.shape)}"
