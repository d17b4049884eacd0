// Taking back what was just done: the message of success carries a button that counts its seconds.
// The key Z presses it. What a form can take back stands in its data-gc-undo and data-undo-s.

import { element, icon } from "./dom.js";
import { post } from "./send.js";
import { flash, show, toast } from "./toasts.js";
import { t } from "./words.js";

/** A message of success; `undo` is null or {url, version, until}, `until` in milliseconds. */
export function success(text, undo) {
  const left = () => Math.ceil((undo.until - Date.now()) / 1000);
  if (!undo || left() <= 0) {
    toast(text, "success");
    return;
  }
  const words = element("span");
  const button = element("button", { type: "button", class: "btn btn-default btn-small", "data-gc-key": "z", title: t("undo_key") },
    icon("arrow-counterclockwise"), words);
  const note = show(element("div", { class: "gc-row" }, element("span", { text }), button), "success", undo.until - Date.now());
  const tick = () => { words.textContent = t("undo_n", { n: Math.max(0, left()) }); };
  const timer = setInterval(() => (note.isConnected ? tick() : clearInterval(timer)), 500);
  tick();
  button.addEventListener("click", async () => {
    button.disabled = true;
    const answer = await post(undo.url, { version: undo.version });
    note.remove();
    if (answer.status < 200 || answer.status >= 300) {
      toast(answer.body.detail || t("not_undone"), "error");
      return;
    }
    flash(t("undone"));
    location.reload();
  });
}
