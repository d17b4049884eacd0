// What a number means, in one dialog for all numbers of a page, filled when it is asked for.
// A link with data-gc-define leads to the same words as a page of its own.

import { openDialog } from "./dialogs.js";
import { element } from "./dom.js";
import { t } from "./words.js";

let dialog = null;

function made() {
  if (dialog?.isConnected) return dialog;
  const shut = element("button", { type: "button", class: "btn btn-default", "data-gc-first": true, text: t("close") });
  shut.addEventListener("click", () => dialog.close());
  dialog = element("dialog", { class: "gc-dialog gc-defined", "aria-labelledby": "defined-title" },
    element("div", { class: "gc-dialog-body" }), element("div", { class: "gc-dialog-foot" }, shut));
  // A click beside it closes it, as Escape does.
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  document.body.append(dialog);
  return dialog;
}

export async function define(link) {
  try {
    const answer = await fetch(link.href, { credentials: "same-origin", headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) throw new Error(answer.statusText);
    const words = await answer.text();
    const shown = made();
    shown.firstElementChild.innerHTML = words;
    openDialog(shown, link);
    shown.querySelector("[data-gc-first]").focus();
  } catch {
    location.assign(link.href); // the page tells what is wrong
  }
}
