// Short messages in the corner, read aloud; errors stay until they are closed.

import { element, icon } from "./dom.js";
import { t } from "./words.js";

const STAYS_MS = 6000;
const FLASH = "gc-flash";

export function toast(text, kind = "info") {
  if (text) show(element("div", { text }), kind);
}

/** Put a message into the corner; gives it back. */
export function show(words, kind, staysMs = STAYS_MS) {
  const note = element("div", { class: `gc-toast gc-toast-${kind}`, "data-gc-toast": true });
  const close = element("button", { type: "button", class: "gc-x", "aria-label": t("close") });
  close.append(icon("x-lg"));
  note.append(words, close);
  document.getElementById("gc-toasts")?.append(note);
  startToast(note, staysMs);
  return note;
}

/** A message of success for the page that comes next, and how it can be undone (undo.js). */
export function flash(text, undo = null) {
  try {
    sessionStorage.setItem(FLASH, JSON.stringify({ text, undo }));
  } catch {
    // The next page then shows the result without a message.
  }
}

/** The message that the page before left: {text, undo}, or null. */
export function takeFlash() {
  try {
    const kept = sessionStorage.getItem(FLASH);
    sessionStorage.removeItem(FLASH);
    return JSON.parse(kept);
  } catch {
    return null; // As above.
  }
}

export function startToast(note, staysMs = STAYS_MS) {
  note.querySelector(".gc-x")?.addEventListener("click", () => note.remove());
  const lasting = /toast-(error|warning)/.test(note.className);
  if (!lasting) setTimeout(() => note.remove(), staysMs);
}
