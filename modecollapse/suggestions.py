"""The nearest known word to one that is not known: the end of an error message."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

SIMILAR = 0.6
"""Share of equal letters from which a word is taken for a slip of another; that of `difflib`."""

SAME_MEANING = {
    "total_variation": "tv",
    "jensen_shannon": "js",
    "kullback_leibler": "kl",
    "chi_squared": "chi2",
}
"""Names in full of what is known by a short name."""


def did_you_mean(given: object, known: Iterable[str]) -> str:
    """The question to end a message with, or nothing where no known word is near.

    Examples
    --------
    >>> did_you_mean("hockey-stick", ["tv", "hockey_stick"])
    "; did you mean 'hockey_stick'?"
    >>> did_you_mean("nonsense", ["tv", "js"])
    ''
    """
    words = {word.lower().replace("-", "_"): word for word in known}
    asked = str(given).lower().replace("-", "_")
    full = {name: words[short] for name, short in SAME_MEANING.items() if short in words}
    near = get_close_matches(asked, [*words, *full], n=1, cutoff=SIMILAR)
    return f"; did you mean {({**words, **full})[near[0]]!r}?" if near else ""
