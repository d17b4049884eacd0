// Dialogs, the one confirmation, and the lightbox for photos.

import { hook } from "./hooks.js";
import { t } from "./words.js";

export function openDialog(dialog, opener = document.activeElement) {
  if (!dialog || dialog.open) return;
  dialog.showModal();
  dialog.addEventListener("close", () => opener?.focus?.(), { once: true });
  const first = dialog.querySelector("[data-gc-first], .gc-dialog-body :is(input:not([type=hidden]), select, textarea, a[href], button)");
  (first || dialog.querySelector("button"))?.focus();
}

/** Ask once; resolves to true or false. */
export function confirm(sentence) {
  const dialog = document.getElementById("gc-confirm");
  dialog.querySelector("#gc-confirm-text").textContent = sentence;
  dialog.returnValue = "";
  openDialog(dialog);
  dialog.querySelector("[data-gc-yes]").focus();
  return new Promise((resolve) => {
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "yes"), { once: true });
  });
}

hook("[data-gc-open]", (button) => {
  button.addEventListener("click", () => openDialog(document.getElementById(button.dataset.gcOpen), button));
});

hook("dialog[data-gc-dialog]", (dialog) => {
  for (const button of dialog.querySelectorAll("[data-gc-close]")) {
    button.addEventListener("click", () => dialog.close());
  }
});

// What was asked about may have been drawn anew while the question stood: the old form is still sent.
function keepInPage(asked) {
  if (asked.isConnected) return;
  asked.hidden = true;
  document.body.append(asked);
}

// A form or button that wants a yes first: data-gc-confirm="sentence".
hook("[data-gc-confirm]", (target) => {
  const isForm = target.tagName === "FORM";
  target.addEventListener(isForm ? "submit" : "click", async (event) => {
    if (target.dataset.confirmed) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (!(await confirm(target.dataset.gcConfirm))) return;
    keepInPage(target.form ?? target);
    target.dataset.confirmed = "1";
    if (isForm) target.requestSubmit(event.submitter);
    else target.click();
    delete target.dataset.confirmed;
  }, { capture: true });
});

// A refused button keeps its place and its focus; its reason shows beside it and is read aloud.
hook("[data-gc-refused]", (button) => {
  button.addEventListener("click", (event) => event.preventDefault());
});

let album = [];
let turn = 0;

function showPhoto(step) {
  const dialog = document.getElementById("gc-light");
  turn = (turn + step + album.length) % album.length;
  const image = dialog.querySelector("img");
  const words = `${t("photo_n", { n: turn + 1 })} / ${album.length} · ${album[turn].dataset.words || ""}`;
  image.hidden = false;
  image.src = album[turn].dataset.gcLight;
  image.alt = words;
  dialog.querySelector("[data-gc-light-words]").textContent = words;
  for (const button of dialog.querySelectorAll("[data-gc-light-step]")) button.hidden = album.length < 2;
}

hook("[data-gc-light]", (button) => {
  button.addEventListener("click", () => {
    const group = button.closest("[data-gc-album], .gc-pair, [data-gc-photos]") || document;
    album = [...group.querySelectorAll("[data-gc-light]")];
    turn = album.indexOf(button);
    showPhoto(0);
    openDialog(document.getElementById("gc-light"), button);
  });
});

hook("#gc-light", (dialog) => {
  for (const button of dialog.querySelectorAll("[data-gc-light-step]")) {
    button.addEventListener("click", () => showPhoto(Number(button.dataset.gcLightStep)));
  }
  dialog.querySelector("[data-gc-light-close]").addEventListener("click", () => dialog.close());
  dialog.querySelector("img").addEventListener("click", () => dialog.close());
  dialog.addEventListener("keydown", (event) => {
    if (event.key === "ArrowLeft") showPhoto(-1);
    if (event.key === "ArrowRight") showPhoto(1);
  });
});
