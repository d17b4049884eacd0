// The crosswalk by keyboard: C and R decide what is ticked; where nothing is, the pair of the row
// that J and K have reached.

import { goTo } from "./lists.js";

const LAST = "gc-crosswalk-row";

function start(form) {
  const list = form.querySelector("[data-gc-list]");
  form.addEventListener("click", (event) => {
    const button = event.target.closest("button[name=decision]");
    if (!button || button.value.endsWith("-all") || form.querySelector("[data-gc-select]:checked")) return;
    const here = list.querySelector(".gc-here");
    const own = here?.querySelector(`button[name=one][value$="-${button.value}"]`);
    if (!own) return;
    event.preventDefault();
    own.click();
  });
  // After a decision the list is shorter: the focus goes on where it was, not back to the top.
  form.addEventListener("submit", () => {
    const rows = [...list.querySelectorAll("[data-gc-row]")];
    const at = rows.findIndex((row) => row.classList.contains("gc-here"));
    if (at >= 0) sessionStorage.setItem(LAST, String(at));
  });
  const kept = sessionStorage.getItem(LAST);
  sessionStorage.removeItem(LAST);
  if (kept === null) return;
  const rows = [...list.querySelectorAll("[data-gc-row]")];
  const row = rows[Math.min(Number(kept), rows.length - 1)];
  if (row) goTo(row);
}

for (const form of document.querySelectorAll("[data-gc-crosswalk]")) start(form);
