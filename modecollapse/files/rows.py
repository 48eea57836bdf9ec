"""Files of features, read as often as is needed, block by block."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from modecollapse.arrays import FloatArray
from modecollapse.files import samples
from modecollapse.files.address import Source


class FileRows:
    """Rows of features of a file. All of them are read once, and bad ones refused, when it is made."""

    def __init__(self, source: Source) -> None:
        self.source = source
        size = width = 0
        for block in self.blocks():
            size, width = size + len(block), block.shape[1]
        self.shape: tuple[int, ...] = (size, width)

    def blocks(self) -> Iterator[FloatArray]:
        """The rows in their order, as float64."""
        for block in samples.features(self.source):
            yield block.astype(np.float64, copy=False)
