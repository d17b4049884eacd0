// Lists by keyboard: J and K move the focus from row to row, Enter opens, X selects, / goes to the
// query, M to the map, ? helps. Single keys can be switched off (WCAG 2.1.4) for this user here.

import { openDialog } from "./dialogs.js";
import { remember, remembered, tell } from "./dom.js";
import { hook } from "./hooks.js";
import { t } from "./words.js";

const OFF = "keys-off";

function rows() {
  const list = document.querySelector("[data-gc-list]");
  return list ? [...list.querySelectorAll("[data-gc-row]")] : [];
}

function handle(row) {
  return row.querySelector("a[href], button, input") || row;
}

export function goTo(row) {
  for (const other of rows()) other.classList.toggle("gc-here", other === row);
  handle(row).focus();
  row.scrollIntoView({ block: "nearest" });
  tell(row, "gc:row", { id: row.dataset.gcRow });
}

function step(by) {
  const all = rows();
  if (!all.length) return;
  const here = all.findIndex((row) => row.contains(document.activeElement) || row.classList.contains("gc-here"));
  goTo(all[Math.max(0, Math.min(all.length - 1, here < 0 ? 0 : here + by))]);
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: () => document.querySelector(".gc-here [data-gc-select]")?.click(),
  "/": () => document.querySelector("[data-gc-query] :is(input:not([type=hidden]), select)")?.focus(),
  m: () => document.querySelector("[data-gc-map]")?.focus(),
  "?": () => openDialog(document.getElementById("gc-keys")),
};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing || remembered(OFF, false)) return;
  if (event.target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable], dialog[open]")) return;
  const own = document.querySelector(`[data-gc-key="${CSS.escape(event.key.toLowerCase())}"]:not([disabled])`);
  const act = own ? () => own.click() : KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  act();
}

/** Selected rows: ids of ticked boxes, told on the list as gc:selected. */
function startSelection(list) {
  const all = list.querySelector("[data-gc-select-all]");
  const boxes = () => [...list.querySelectorAll("[data-gc-select]")];
  const say = () => {
    const ids = boxes().filter((box) => box.checked).map((box) => box.value);
    if (all) {
      all.checked = ids.length > 0 && ids.length === boxes().length;
      all.indeterminate = ids.length > 0 && !all.checked;
    }
    for (const place of document.querySelectorAll("[data-gc-selected]")) {
      place.hidden = !ids.length;
      const words = place.querySelector("[data-gc-selected-words]");
      if (words) words.textContent = t("selected_n", { n: ids.length });
    }
    tell(list, "gc:selected", { ids });
  };
  list.addEventListener("change", (event) => {
    if (event.target === all) for (const box of boxes()) box.checked = all.checked;
    if (event.target.matches("[data-gc-select], [data-gc-select-all]")) say();
  });
}

hook("[data-gc-list]", (list) => {
  startSelection(list);
  list.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-gc-row]");
    if (!row || row.classList.contains("gc-here")) return;
    for (const other of rows()) other.classList.toggle("gc-here", other === row);
    tell(row, "gc:row", { id: row.dataset.gcRow });
  });
  // A click anywhere in the row opens it, but not while text is being marked.
  list.addEventListener("click", (event) => {
    const row = event.target.closest("[data-gc-row]");
    if (!row || event.target.closest("a, button, input, label, select, summary")) return;
    if (String(getSelection())) return;
    row.querySelector("a[data-gc-main], a[href]")?.click();
  });
});

hook("[data-gc-keys-on]", (box) => {
  box.checked = !remembered(OFF, false);
  box.addEventListener("change", () => remember(OFF, !box.checked));
});

hook("[data-gc-keys-help]", (button) => {
  button.addEventListener("click", () => openDialog(document.getElementById("gc-keys"), button));
});

export function startKeys() {
  document.addEventListener("keydown", onKey);
}
