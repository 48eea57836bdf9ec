"""The site: what the width check finds, and what the copy button copies."""

from __future__ import annotations

import json
import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
MEASURE = runpy.run_path(str(ROOT / "docs/measure.py"))
BROWSER = next(filter(None, map(shutil.which, MEASURE["BROWSERS"])), None)
NODE = shutil.which("node")


@pytest.mark.slow
@pytest.mark.skipif(BROWSER is None, reason="no Chromium is installed")
def test_what_is_wider_than_its_place_is_found(tmp_path):
    wide = '<div style="width: 900px">wide</div>'
    bodies = {
        "scrolls.html": f'<div style="overflow-x: auto">{wide}</div>',
        "hidden.html": f'<div style="overflow-x: hidden">{wide}</div>',
        "code.html": f'<pre style="overflow-x: auto">{"x" * 120}</pre>',
        "page.html": wide,
        "fits.html": "<p>A page of one line.</p>",
    }
    for name, body in bodies.items():
        (tmp_path / name).write_text(f"<!DOCTYPE html><article>{body}</article>", encoding="utf-8")
    found = MEASURE["cuts"](tmp_path, BROWSER)
    assert sorted(page for _, page, _ in found) == ["code.html", "hidden.html", "page.html"]
    assert {width for width, _, _ in found} == {min(MEASURE["WIDTHS"])}


SESSION = """>>> import modecollapse as mc
>>> for m in (1, 2):
...     print(m)
1
2
"""


@pytest.mark.skipif(NODE is None, reason="node is not installed")
@pytest.mark.parametrize(
    ("shown", "copied"),
    [
        (SESSION, "import modecollapse as mc\nfor m in (1, 2):\n    print(m)\n"),
        ("x = 1\n\n\ny = 2\n", "x = 1\n\n\ny = 2\n"),
        ("modecollapse tv --m 1:3\n\n", "modecollapse tv --m 1:3\n"),
    ],
    ids=["a session without prompts and answers", "code", "a command"],
)
def test_code_is_copied_as_it_would_be_typed(shown, copied):
    script = (ROOT / "docs/_static/pages.js").read_text(encoding="utf-8")
    program = f"{script}\nconsole.log(JSON.stringify(codeOf({json.dumps(shown)})))"
    done = subprocess.run([NODE, "-"], input=program, capture_output=True, text=True, timeout=60, check=True)
    assert json.loads(done.stdout) == copied
