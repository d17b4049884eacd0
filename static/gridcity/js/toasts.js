// Short messages in the corner, read aloud; errors stay until they are closed.

import { element, icon } from "./dom.js";
import { t } from "./words.js";

const STAYS_MS = 6000;
const FLASH = "gc-flash";

export function toast(text, kind = "info") {
  const box = document.getElementById("gc-toasts");
  if (!box || !text) return;
  const note = element("div", { class: `gc-toast gc-toast-${kind}`, "data-gc-toast": true });
  const close = element("button", { type: "button", class: "gc-x", "aria-label": t("close") });
  close.append(icon("x-lg"));
  note.append(element("div", { text }), close);
  box.append(note);
  startToast(note);
}

/** A message for the page that comes next. */
export function flash(text, kind = "success") {
  try {
    sessionStorage.setItem(FLASH, JSON.stringify([text, kind]));
  } catch {
    // The next page then shows the result without a message.
  }
}

export function showFlash() {
  try {
    const kept = sessionStorage.getItem(FLASH);
    sessionStorage.removeItem(FLASH);
    if (kept) toast(...JSON.parse(kept));
  } catch {
    // As above.
  }
}

export function startToast(note) {
  note.querySelector(".gc-x")?.addEventListener("click", () => note.remove());
  const lasting = /toast-(error|warning)/.test(note.className);
  if (!lasting) setTimeout(() => note.remove(), STAYS_MS);
}
