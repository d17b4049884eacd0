// What every page has: drawer, menus, query shortcuts, the way back, errors that take the focus.

import { hook } from "./hooks.js";
import { startToast, toast } from "./toasts.js";
import { t } from "./words.js";

hook("[data-gc-toast]", startToast);
hook("[data-gc-back]", (button) => button.addEventListener("click", () => {
  if (history.length > 1) history.back();
  else location.assign("/");
}));
hook("[data-gc-reload]", (button) => button.addEventListener("click", () => location.reload()));
hook("[data-gc-print]", (button) => button.addEventListener("click", () => print()));

// The first summary of errors takes the focus, so that it is read and seen.
hook("[data-gc-focus]", (target) => target.focus());

hook("[data-gc-side-toggle]", (button) => {
  const show = (shown) => {
    document.body.classList.toggle("gc-side-shown", shown);
    button.setAttribute("aria-expanded", String(shown));
  };
  button.addEventListener("click", () => show(!document.body.classList.contains("gc-side-shown")));
  document.addEventListener("keydown", (event) => event.key === "Escape" && show(false));
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".gc-side, [data-gc-side-toggle]")) show(false);
  });
});

hook("details[data-gc-menu]", (menu) => {
  document.addEventListener("click", (event) => {
    if (!menu.contains(event.target)) menu.open = false;
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
});

// Today, this week … set both dates of the query and send it.
hook("[data-gc-span]", (button) => {
  const form = button.form || button.closest("form");
  const [first, last] = button.dataset.gcSpan.split("/");
  const [from, to] = [form.elements[button.dataset.from], form.elements[button.dataset.to]];
  if (!from || !to) return;
  button.setAttribute("aria-pressed", String(from.value === first && to.value === last));
  button.addEventListener("click", () => {
    from.value = first;
    to.value = last;
    form.requestSubmit();
  });
});

// Empty fields stay out of the address, so that it can be read and shared.
hook("form[data-gc-query]", (form) => {
  form.addEventListener("submit", () => {
    for (const field of form.elements) {
      if (field.name && !field.value && !field.disabled) {
        field.disabled = true;
        setTimeout(() => { field.disabled = false; });
      }
    }
  });
});

function showConnection() {
  for (const line of document.querySelectorAll("[data-gc-offline]")) line.hidden = navigator.onLine;
}

/** The sentence of a refusal that came as a page instead of the part htmx asked for. */
function sentenceIn(markup) {
  const page = new DOMParser().parseFromString(markup || "", "text/html");
  return page.querySelector("[data-gc-refusal]")?.textContent.trim();
}

export function startPages() {
  showConnection();
  addEventListener("offline", showConnection);
  addEventListener("online", () => {
    showConnection();
    toast(t("network_back"), "success");
  });
  document.addEventListener("htmx:responseError", (event) => {
    const { xhr, requestConfig } = event.detail;
    // What the page asks for by itself (counts) fails quietly; the next round mends it.
    if (requestConfig?.triggeringEvent?.type === "load" || requestConfig?.elt?.matches?.("[hx-swap=none]")) return;
    toast(sentenceIn(xhr.responseText) || t("page_failed"), "error");
  });
  document.addEventListener("htmx:sendError", (event) => {
    if (!event.detail.elt?.matches?.("[hx-swap=none]")) toast(t("network_away"), "error");
  });
}
