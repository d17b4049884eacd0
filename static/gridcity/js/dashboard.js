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
