// The officials' first page: when cases change, the map's shading follows; the numbers wait for
// the reader, who loads them again when he likes (live.js says on the button that they changed).

import { mapOf } from "./map.js";

const PAUSE_MS = 20000;
let waits = null;

async function shadeAnew() {
  waits = null;
  const shade = mapOf(document.querySelector("[data-gc-map]"))?.shade;
  if (!shade?.layer) return;
  try {
    const answer = await fetch(shade.settings.url, { credentials: "same-origin", headers: { Accept: "application/json" } });
    if (answer.ok) shade.show((await answer.json()).counts);
  } catch {
    // The next change, or the banner of a lost connection, takes care of it.
  }
}

document.addEventListener("gc:live", () => {
  waits ||= setTimeout(shadeAnew, PAUSE_MS);
});

// What a figure means opens beside it: one at a time, closed by Escape or a click elsewhere.
const DEFINED = "[data-gc-defined]";

function closeDefined(except) {
  for (const one of document.querySelectorAll(`${DEFINED}[open]`)) {
    if (one !== except) one.open = false;
  }
}

for (const one of document.querySelectorAll(DEFINED)) {
  one.addEventListener("toggle", () => {
    const words = one.querySelector(".gc-defined-words");
    words.classList.remove("gc-defined-left");
    if (!one.open) return;
    closeDefined(one);
    words.classList.toggle("gc-defined-left", words.getBoundingClientRect().right > document.documentElement.clientWidth - 8);
  });
}

document.addEventListener("keydown", (event) => {
  const open = event.key === "Escape" && document.querySelector(`${DEFINED}[open]`);
  if (!open) return;
  open.open = false;
  open.querySelector("summary").focus();
});

document.addEventListener("click", (event) => closeDefined(event.target.closest(DEFINED)));
