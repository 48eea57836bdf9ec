"""Published numbers: the digits given say how exact they are."""

from __future__ import annotations

import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

THEOREMS: dict[str, Any] = tomllib.loads(
    (Path(__file__).parent / "reference" / "theorems.toml").read_text(encoding="utf-8")
)


def digits(text: str) -> Any:
    """A published number, equal to what rounds or truncates to it."""
    number = Decimal(text)
    return pytest.approx(float(number), rel=0, abs=float(Decimal(1).scaleb(number.as_tuple().exponent)))
