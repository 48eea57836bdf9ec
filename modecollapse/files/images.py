"""Images of samples, one a row: an array, or a folder of image files in the order of their names."""

from __future__ import annotations

import io
from base64 import b64encode
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import NDArray

from modecollapse import extras
from modecollapse.files.address import is_address, source
from modecollapse.files.readable import readable
from modecollapse.files.samples import array_of

SIDE = 64
"""Greatest width and height of a thumbnail, in pixels."""

ENDINGS = {".png", ".jpg", ".jpeg", ".gif", ".bmp", ".webp", ".ppm", ".pgm", ".tif", ".tiff"}
"""Endings of image files."""

CHANNELS = {(), (1,), (3,), (4,)}
"""Shapes of a pixel: grey, red-green-blue, and the latter with opacity."""


Image: TypeAlias = "NDArray[Any] | Path"
"""An array of shape (h, w), (h, w, 3) or (h, w, 4), or an image file.

In an array black is 0, and white is 255 for integers and 1 for floats. An image with entries beyond is
scaled: its least entry becomes black and its greatest white. What is not finite becomes black.
"""


def read(address: str) -> Sequence[Image]:
    """The images of a folder, in the order of their names, or those of an array, one a row.

    Parameters
    ----------
    address : str
        A folder, or FILE or FILE:NAME of a .npy or .npz array of shape (n, h, w) or (n, h, w, channels).

    Raises
    ------
    ValueError
        If there is no image, or the array has another shape.
    """
    folder = Path(address)
    if folder.is_dir():
        files = sorted(file for file in folder.iterdir() if file.suffix.lower() in ENDINGS)
        if not files:
            raise ValueError(f"{address} must hold image files, such as .png, got none")
        return files
    if not is_address(address):
        raise ValueError(f"images come as a folder or as an .npy or .npz file, got {address!r}")
    array = array_of(source(address))
    if array.ndim not in (3, 4) or array.shape[3:] not in CHANNELS or array.size == 0:
        raise ValueError(
            f"{address} must be images of shape (n, height, width), or (n, height, width, 3) in colour, got "
            f"shape {array.shape}"
        )
    return cast("Sequence[Image]", array)


def thumbnail(image: Image) -> str:
    """A PNG of at most 64 × 64 pixels, as the text of a data URI. This needs pillow."""
    require("a thumbnail")
    picture = _from_file(image) if isinstance(image, Path) else _from_array(np.asarray(image))
    picture.thumbnail((SIDE, SIDE))
    file = io.BytesIO()
    picture.save(file, "PNG", optimize=True)
    return f"data:image/png;base64,{b64encode(file.getvalue()).decode('ascii')}"


def require(purpose: str) -> None:
    """Say how to install pillow if it is missing, by an ImportError: to be called before long work."""
    try:
        import_module("PIL.Image")
    except ImportError as error:
        if not extras.is_about(error, "PIL"):
            raise
        raise extras.missing(purpose, "pillow") from None


def _from_file(file: Path) -> Any:
    from PIL import Image as Pillow

    with readable(file, "image"), Pillow.open(file) as image:
        return image.convert("RGBA" if "A" in image.getbands() else "RGB")


def _from_array(image: NDArray[Any]) -> Any:
    from PIL import Image as Pillow

    pixels = image[..., 0] if image.shape[2:] == (1,) else image
    return Pillow.fromarray(_as_bytes(pixels))


def _as_bytes(pixels: NDArray[Any]) -> NDArray[np.uint8]:
    """Grey values or colours from 0 to 255; see `Image`.

    Examples
    --------
    >>> _as_bytes(np.array([[0.0, 0.5, 1.0]])).tolist(), _as_bytes(np.array([[-1, 3, 256]])).tolist()
    ([[0, 128, 255]], [[0, 4, 255]])
    """
    if pixels.dtype == np.uint8:
        return pixels
    finite = np.isfinite(pixels)
    values = np.where(finite, pixels, 0).astype(np.float64)
    low, high = 0.0, 1.0 if pixels.dtype.kind == "f" else 255.0
    if values.min() < low or values.max() > high:
        low, high = values.min(), values.max()
    scaled: NDArray[np.uint8] = np.rint(255 * (values - low) / (high - low or 1.0)).astype(np.uint8)
    return scaled
