"""The optional packages: the error that says how to install those which are missing.

The package may run from a checkout or from a wheel, and needs no index of packages to know it. So the
command names the missing packages themselves, with the releases that the package's own metadata ask for.
"""

from __future__ import annotations

import re


def missing(purpose: str, *packages: str, otherwise: str = "") -> ImportError:
    """An error that names missing packages and the command that installs them.

    Parameters
    ----------
    purpose : str
        The subject of the message, such as ``"--plot"``.
    *packages : str
        Names to install by, such as ``"scikit-learn"``, of packages that an extra of ours requires.
    otherwise : str, optional
        A way that does without them.

    Examples
    --------
    >>> raise missing("--plot", "matplotlib")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
        ...
    ImportError: --plot needs matplotlib: python -m pip install "matplotlib..."
    """
    # double quotes, since the shells of Windows know no others
    quoted = " ".join(f'"{requirement(name)}"' for name in packages)
    other_way = f", or {otherwise}" if otherwise else ""
    return ImportError(f"{purpose} needs {_listed(packages)}: python -m pip install {quoted}{other_way}")


def is_about(error: ImportError, *modules: str) -> bool:
    """Whether the error is about one of these modules or of their submodules.

    An error about any other is a defect of ours, and nothing to install mends it.
    """
    return (error.name or "").partition(".")[0] in modules


def requirement(package: str) -> str:
    """The package and the releases of it that an extra requires, such as ``scikit-learn>=1.4``.

    The name alone where the metadata do not know it, as in a checkout that is on the path but not installed.
    """
    from importlib.metadata import PackageNotFoundError, requires  # slow to import

    try:
        declared = requires("modecollapse") or []
    except PackageNotFoundError:
        return package
    wanted = (line.partition(";")[0].strip() for line in declared)
    return next((each for each in wanted if re.split(r"[^\w.-]", each, maxsplit=1)[0] == package), package)


def _listed(names: tuple[str, ...]) -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last
