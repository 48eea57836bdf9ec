"""The shell tool: `modecollapse COMMAND`, from `tv` and `bounds` to `diagnose` and `compare`."""

from __future__ import annotations

import os
import shlex
import sys
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO

from modecollapse.cli.arguments import parser
from modecollapse.errors import InfeasibleError, PrecisionError
from modecollapse.files.readable import in_words

USAGE, INFEASIBLE, PRECISION = 2, 3, 4
"""Exit codes: bad usage or input, conditions that exclude each other, precision out of reach."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code (0, 2 usage or input, 3 infeasible, 4 precision)."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options, rest = parser().parse_known_args(given)
    if rest and not options.passes_on:
        options.parser.refuse(rest)
    options.rest, options.command_line = rest, shlex.join(["modecollapse", *given])
    try:
        with _plain_warnings():
            options.run(options)
            sys.stdout.flush()
    except BrokenPipeError:  # the reader has had enough, as `head` does
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except InfeasibleError as error:
        return _fail(error, INFEASIBLE)
    except OSError as error:
        return _fail(in_words(error), USAGE)
    except (ValueError, ImportError) as error:
        return _fail(error, USAGE)
    except PrecisionError as error:
        return _fail(error, PRECISION)
    return 0


@contextmanager
def _plain_warnings() -> Iterator[None]:
    """Print warnings about a user's data as one line each; other warnings are left to Python."""
    with warnings.catch_warnings():
        shown_by_python = warnings.showwarning

        def show(
            message: Warning | str,
            category: type[Warning],
            filename: str,
            lineno: int,
            file: TextIO | None = None,
            line: str | None = None,
        ) -> None:
            if issubclass(category, UserWarning):
                print(f"modecollapse: warning: {' '.join(str(message).split())}", file=sys.stderr)
            else:
                shown_by_python(message, category, filename, lineno, file, line)

        warnings.showwarning = show
        yield


def _fail(error: Exception | str, code: int) -> int:
    print(f"modecollapse: error: {error}", file=sys.stderr)
    return code
