"use strict";

/* The code of an example: a session without its prompts and answers, any other block as it stands. */
function codeOf(text) {
  const lines = text.replace(/\n+$/, "").split("\n");
  const typed = lines.filter((line) => /^(>>>|\.\.\.)( |$)/.test(line));
  return (typed.length ? typed.map((line) => line.slice(4)) : lines).join("\n") + "\n";
}

/* Pages read from a disk may have no clipboard of their own: then the browser copies what is selected. */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand("copy");
    area.remove();
  }
}

function addCopyButton(block) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = "Copy";
  button.setAttribute("aria-label", "Copy this code");
  button.addEventListener("click", async () => {
    await copy(codeOf(block.querySelector("pre").textContent));
    button.textContent = "Copied";
    setTimeout(() => (button.textContent = "Copy"), 1500);
  });
  block.append(button);
}

/* Pictures and tables that are wider than the screen are marked, for phones hide their bars. */
function markScrolling() {
  for (const box of document.querySelectorAll(".plate, figure, .table-wrapper")) {
    box.classList.toggle("scrolls", box.scrollWidth > box.clientWidth + 1);
  }
}

if (typeof document !== "undefined") {
  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("div.highlight").forEach(addCopyButton);
  });
  window.addEventListener("load", markScrolling);
  window.addEventListener("resize", markScrolling);
}
