"""Loads the Hypothesis profile before any test is collected."""

from __future__ import annotations

import effort  # noqa: F401
