"""What kernels may use and call, read from their sources."""

from __future__ import annotations

import ast
import builtins
import inspect
from importlib import import_module
from pathlib import Path
from textwrap import dedent
from typing import get_args, get_origin, get_type_hints

import numba
import numpy as np
import pytest

import modecollapse as mc
from modecollapse.theorems.greatest import values

PACKAGE = Path(mc.__file__).parent
SCALAR = (abs, max, min, range, len)

pytestmark = pytest.mark.skipif(numba.config.DISABLE_JIT, reason="without a compiler there are no kernels")


@pytest.fixture(scope="module")
def sources():
    """The files of the package that hold kernels, with their text."""
    files = {path: path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    return {path: source for path, source in files.items() if "@kernel" in source}


@pytest.fixture(scope="module")
def kernels(sources):
    names = [".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts) for path in sources]
    found = [
        value
        for module in map(import_module, names)
        for value in vars(module).values()
        if isinstance(value, numba.core.registry.CPUDispatcher)
    ]
    assert len(found) > 100
    return found


def calls(kernel):
    """What a kernel calls, with the words by which it does."""
    function = kernel.py_func
    tree = ast.parse(dedent(inspect.getsource(function)))
    named = {**vars(builtins), **function.__globals__}
    for call in (node.func for node in ast.walk(tree) if isinstance(node, ast.Call)):
        value = None
        if isinstance(call, ast.Name):
            value = named.get(call.id)
        elif isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name):
            value = getattr(named.get(call.value.id), call.attr, None)
        yield ast.unparse(call), value


def holds_arrays(type_):
    """Whether values of an annotated type are arrays, or have some among their items."""
    if get_origin(type_) is np.ndarray:
        return True
    items = get_args(type_) or (get_type_hints(type_).values() if hasattr(type_, "_fields") else ())
    return any(holds_arrays(item) for item in items)


def returned(kernel):
    return get_type_hints(kernel.py_func)["return"]


def test_constants_of_kernels_are_set_in_files_of_kernels(sources, kernels):
    """The compiler copies them into the kernels, so the digest of the cache must see them."""
    lines = [line for source in sources.values() for line in source.splitlines() if "=" in line]
    set_here = {name.strip() for line in lines for name in line.partition("=")[0].split(",")}
    for kernel in kernels:
        function = kernel.py_func
        used = {
            name: function.__globals__[name]
            for name in function.__code__.co_names
            if name in function.__globals__
        }
        constants = {
            name for name, value in used.items() if not callable(value) and not hasattr(value, "__spec__")
        }
        assert constants <= set_here, function


def test_kernels_in_place_make_no_arrays_and_are_given_none(kernels):
    """Without counting references an array that a kernel returns would never be freed.

    What numpy has for arrays may make some inside. Then it depends on what was compiled before whether numba
    compiles it here. So these kernels call scalar functions and kernels alone.
    """
    in_place = [kernel for kernel in kernels if kernel.targetoptions.get("_nrt") is False]
    assert len(in_place) > 50
    counting = 0
    for kernel in in_place:
        assert not holds_arrays(returned(kernel)), kernel
        for words, value in calls(kernel):
            if isinstance(value, numba.core.registry.CPUDispatcher):
                assert not holds_arrays(returned(value)), (kernel, words)
                counting += value.targetoptions["_nrt"]
            else:
                is_plain = value in SCALAR or getattr(value, "__module__", None) == "math"
                assert is_plain or (isinstance(value, type) and not holds_arrays(value)), (kernel, words)
    assert counting > 0  # some measure, and make tables for that
    assert holds_arrays(returned(values.room_for))
