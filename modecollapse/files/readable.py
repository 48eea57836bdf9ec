"""Files of arrays and tables, read such that whatever is wrong with one is said with its name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def readable(name: object, kind: str) -> Iterator[None]:
    """Read a file; what a damaged one ends in becomes a ValueError that names it.

    numpy, zipfile and csv raise almost anything at bytes that are not theirs. Errors that know their file, as
    of one that does not exist, stay as they are.

    Examples
    --------
    >>> import zipfile
    >>> with readable("a.npz", ".npz file"):
    ...     raise zipfile.BadZipFile("Bad magic number")
    Traceback (most recent call last):
    ValueError: a.npz is no readable .npz file (Bad magic number)
    """
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) and error.filename is not None:
            raise
        fault = in_words(error) if isinstance(error, OSError) else error
        raise ValueError(f"{name} is no readable {kind} ({fault})") from None


def in_words(error: OSError) -> str:
    """The fault of a file and its name, without the number that the system gives the fault.

    Examples
    --------
    >>> in_words(FileNotFoundError(2, "No such file or directory", "no.csv"))
    "No such file or directory: 'no.csv'"
    >>> in_words(OSError(28, "No space left on device"))
    'No space left on device'
    """
    if error.strerror is None:
        return str(error)
    return error.strerror if error.filename is None else f"{error.strerror}: {str(error.filename)!r}"
