"""Measure what the built pages cut off: `python docs/measure.py docs/_build` opens each one in a browser.

Each page is shown at the width of a phone, of half a screen and of a laptop. Code must fit. Anything else
that is wider than its place must be able to scroll there, and the page itself must not scroll sideways. The
exit code is 1 if anything is cut.
"""

from __future__ import annotations

import html
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")

WIDTHS = (390, 1100, 1280)
"""Widths of the screens of a phone and of a laptop, and one between them, in pixels."""

SECONDS = 300
"""Time that the browser may take for all pages."""

SHOWN = 200
"""Characters of an element that is cut off, as they are printed."""

HARNESS = """<!DOCTYPE html><meta charset="utf-8"><pre id="found"></pre><script>
function cut(frame) {
  const page = frame.contentDocument, wide = page.documentElement, found = [];
  if (wide.scrollWidth > wide.clientWidth + 1) found.push("the page itself: " + wide.scrollWidth);
  for (const one of page.querySelectorAll("article *")) {
    const style = frame.contentWindow.getComputedStyle(one);
    const isBox = style.display !== "inline" && one.clientWidth > 1;
    const mayNotScroll = one.localName === "pre" || ["hidden", "clip"].includes(style.overflowX);
    if (isBox && mayNotScroll && one.scrollWidth > one.clientWidth + 1) found.push(one.outerHTML);
  }
  return found;
}
async function measure() {
  const found = [];
  for (const width of WIDTHS) for (const page of PAGES) {
    const frame = document.createElement("iframe");
    frame.style.cssText = `width: ${width}px; height: 900px; border: 0`;
    frame.src = page;
    await new Promise((loaded) => { frame.onload = loaded; document.body.append(frame); });
    for (const text of cut(frame)) found.push([width, page, text]);
    frame.remove();
  }
  document.getElementById("found").textContent = JSON.stringify(found);
}
document.addEventListener("DOMContentLoaded", measure);
</script>"""


def cuts(folder: Path, browser: str) -> list[tuple[int, str, str]]:
    """Width, page and element of everything that is cut off."""
    pages = [path.resolve().as_uri() for path in sorted(folder.rglob("*.html")) if _is_ours(path, folder)]
    constants = f"const WIDTHS = {json.dumps(WIDTHS)}, PAGES = {json.dumps(pages)};\n"
    with tempfile.TemporaryDirectory() as directory:
        harness = Path(directory) / "harness.html"
        harness.write_text(HARNESS.replace("<script>", f"<script>{constants}"), encoding="utf-8")
        options = ["--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files"]
        options += [f"--user-data-dir={directory}/profile", "--window-size=1400,1000", "--dump-dom"]
        options += [f"--timeout={1000 * SECONDS}", f"--virtual-time-budget={1000 * SECONDS}"]
        done = subprocess.run(
            [browser, *options, harness.as_uri()], capture_output=True, timeout=2 * SECONDS, check=True
        )
    text = done.stdout.decode("utf-8").partition('<pre id="found">')[2].partition("</pre>")[0]
    if not text:
        raise RuntimeError(f"the browser did not finish {len(pages)} pages in {SECONDS} s")
    found = json.loads(html.unescape(text))
    return [
        (width, page.removeprefix(f"{folder.resolve().as_uri()}/"), element) for width, page, element in found
    ]


def _is_ours(path: Path, folder: Path) -> bool:
    """Whether a page is one of the documentation; the explorer has tests of its own."""
    inside = path.relative_to(folder)
    return not inside.parts[0].startswith("_") and inside.name != "explorer.html"


def main() -> int:
    """Print what is cut off."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if browser is None:
        print(f"No browser: none of {', '.join(BROWSERS)} is installed, so nothing is measured.")
        return 0
    found = cuts(Path(sys.argv[1]), browser)
    for width, page, element in found:
        print(f"{page} at {width} px cuts {element[:SHOWN]}")
    print(f"{len(found)} cut off." if found else "Nothing is cut off.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
