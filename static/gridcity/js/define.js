// What a number means, in one dialog for all numbers of a page, filled when it is asked for.
// A link with data-gc-define leads to the same words as a page of its own.

import { openDialog } from "./dialogs.js";
import { t } from "./words.js";

let dialog = null;

function made() {
  if (dialog?.isConnected) return dialog;
  dialog = document.createElement("dialog");
  dialog.className = "gc-dialog gc-defined";
  dialog.setAttribute("aria-labelledby", "defined-title");
  const body = document.createElement("div");
  body.className = "gc-dialog-body";
  const foot = document.createElement("div");
  foot.className = "gc-dialog-foot";
  const shut = document.createElement("button");
  shut.type = "button";
  shut.className = "btn btn-default";
  shut.textContent = t("close");
  shut.dataset.gcFirst = "";
  shut.addEventListener("click", () => dialog.close());
  foot.append(shut);
  dialog.append(body, foot);
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
