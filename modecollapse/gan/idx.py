"""Digits in files of one's own: MNIST's four IDX files, plain or gzipped, or `mnist.npz`; no downloads.

An IDX file of bytes has a magic number 0x000008, the number of dimensions, their lengths as big-endian
integers of four bytes, and the entries. A file is refused if it is shorter or longer than its header says,
or if its images and labels do not match.
"""

from __future__ import annotations

import gzip
import math
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from modecollapse.files.readable import readable

Bytes = NDArray[np.uint8]

UNSIGNED_BYTES = 0x08
"""Type code of unsigned bytes in the magic number."""

CLASSES = 10
"""Number of classes: the digits 0 to 9."""

FILES = (
    "train-images-idx3-ubyte",
    "train-labels-idx1-ubyte",
    "t10k-images-idx3-ubyte",
    "t10k-labels-idx1-ubyte",
)
"""Names of the IDX files: training images and labels, then held-out images and labels."""

KEYS = ("x_train", "y_train", "x_test", "y_test")
"""Names of the same four arrays in `mnist.npz`."""


class Labelled(NamedTuple):
    """Images with their classes, some to train with and some held out.

    Attributes
    ----------
    images, held_out : ndarray of uint8, shape (n, height, width)
        Training images, and held-out images.
    labels, held_out_labels : ndarray of uint8, shape (n,)
        Their classes from 0 to 9. Every class is among the training labels.
    """

    images: Bytes
    labels: Bytes
    held_out: Bytes
    held_out_labels: Bytes


def load(path: Path) -> Labelled:
    """Read labelled images from a folder of IDX files or from an npz file.

    Parameters
    ----------
    path : Path
        A folder with the files `FILES`, each plain or gzipped (ending .gz), or a file of numpy's npz format
        with the arrays `KEYS`. Where a plain and a gzipped file exist, the plain one is read.

    Raises
    ------
    ValueError
        If a file is missing or not of its format, if sizes differ, or if a label is not from 0 to 9.
    """
    if path.is_dir():
        parts = [
            read_idx(find(path, name), dimensions)
            for name, dimensions in zip(FILES, (3, 1, 3, 1), strict=True)
        ]
    elif path.is_file():
        parts = read_npz(path)
    else:
        raise ValueError(f"{str(path)!r} must be a folder of IDX files or an npz file; there is neither")
    labelled = Labelled(*parts)
    _check(path, labelled)
    return labelled


def find(folder: Path, name: str) -> Path:
    """The path of a file in a folder, or of its gzipped form where there is no plain one."""
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise ValueError(f"the folder {str(folder)!r} must contain {name} or {name}.gz")


def read_idx(path: Path, dimensions: int) -> Bytes:
    """The array in an IDX file of unsigned bytes. A file whose name ends in .gz is decompressed first.

    Raises
    ------
    ValueError
        If the magic number is not that of unsigned bytes with this number of dimensions, or if the file is
        shorter or longer than its header says.
    """
    content = _content(path)
    magic = struct.pack(">HBB", 0, UNSIGNED_BYTES, dimensions)
    if content[:4] != magic:
        raise ValueError(
            f"{str(path)!r} must begin with the magic number 0x{magic.hex()}, unsigned bytes in {dimensions} "
            f"dimensions, got 0x{content[:4].hex()}"
        )
    header = 4 + 4 * dimensions
    if len(content) < header:
        raise ValueError(f"{str(path)!r} must have {header} bytes of header, got {len(content)} bytes in all")
    shape = struct.unpack(f">{dimensions}I", content[4:header])
    if len(content) != header + math.prod(shape):
        raise ValueError(
            f"{str(path)!r} must have {header} + {math.prod(shape)} bytes, for the shape {shape} in its "
            f"header, got {len(content)}"
        )
    return np.frombuffer(content, np.uint8, offset=header).reshape(shape)


def read_npz(path: Path) -> list[Bytes]:
    """The four arrays `KEYS` of an npz file.

    Raises
    ------
    ValueError
        If the file is not an npz file, or if an array is missing or not of unsigned bytes.
    """
    # numpy leaves a file open that it cannot read
    with (
        readable(repr(str(path)), "npz file of plain arrays"),
        path.open("rb") as stream,
        np.load(stream, allow_pickle=False) as file,
    ):
        arrays = {name: file[name] for name in KEYS if name in file}
    for name in KEYS:
        if name not in arrays:
            raise ValueError(
                f"{str(path)!r} must contain the array {name}, has {', '.join(arrays) or 'none'}"
            )
        if arrays[name].dtype != np.uint8:
            raise ValueError(f"{name} in {str(path)!r} must be of uint8, got {arrays[name].dtype}")
    return list(arrays.values())


def _content(path: Path) -> bytes:
    if path.suffix != ".gz":
        return path.read_bytes()
    with readable(repr(str(path)), "gzip file"):
        return gzip.decompress(path.read_bytes())


def _check(path: Path, labelled: Labelled) -> None:
    """Check that shapes match, and that all classes occur."""
    for part, images, labels in (
        ("training", labelled.images, labelled.labels),
        ("held-out", labelled.held_out, labelled.held_out_labels),
    ):
        if images.ndim != 3 or labels.ndim != 1 or len(images) != len(labels) or images.size == 0:
            raise ValueError(
                f"{part} images and labels of {str(path)!r} must have shapes (n, height, width) and (n,), "
                f"without a 0, got {images.shape} and {labels.shape}"
            )
        if labels.max() >= CLASSES:
            raise ValueError(f"{part} labels of {str(path)!r} must be from 0 to 9, got {labels.max()}")
    if labelled.images.shape[1:] != labelled.held_out.shape[1:]:
        raise ValueError(
            f"training and held-out images of {str(path)!r} must be of one size, got "
            f"{labelled.images.shape[1:]} and {labelled.held_out.shape[1:]}"
        )
    missing = sorted(set(range(CLASSES)) - set(labelled.labels.tolist()))
    if missing:
        raise ValueError(f"the training labels of {str(path)!r} must show every class, {missing} are missing")
