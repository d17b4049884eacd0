// A verify or check task: the answer chooses the address, a failed check wants words.

import { photosOf } from "./photos.js";

export function start(form) {
  const { words } = form.elements;
  const adapt = () => {
    const chosen = form.querySelector("input[type=radio]:checked");
    const mustSay = Boolean(chosen?.hasAttribute("data-needs-words"));
    if (chosen?.dataset.action) form.action = chosen.dataset.action;
    words.required = mustSay;
    // A failed check gives a reason, every other answer may carry words.
    words.dataset.as = mustSay ? "reason" : "words";
    form.querySelector("[data-gc-words-must]").hidden = !mustSay;
    form.querySelector("[data-gc-words-may]").hidden = mustSay;
  };
  form.addEventListener("change", adapt);
  form.addEventListener("gc:draft", adapt);
  form.addEventListener("gc:photos", () => {
    const [first] = photosOf(form);
    form.elements.occurred_at.value = first ? first.taken_at : "";
  });
  adapt();
}
