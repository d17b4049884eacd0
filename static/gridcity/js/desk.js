// What the desks add to the pages: the proposal beside the list, the reason of a limit, forms that
// stand in a list, places and classes of a report.

import { openDialog } from "./dialogs.js";
import { element, tell } from "./dom.js";
import { hook, scan } from "./hooks.js";
import { goTo } from "./lists.js";
import { mapOf } from "./map.js";
import { undoOf } from "./send.js";
import { flash, toast } from "./toasts.js";
import { success } from "./undo.js";
import { t } from "./words.js";

const PAUSE_MS = 180;
const TYPING_MS = 350;

function later(act, pause) {
  let timer = 0;
  return (...values) => {
    clearTimeout(timer);
    timer = setTimeout(() => act(...values), pause);
  };
}

/** Put a part of a page into its place. Only the last one asked for counts: an answer that comes
    after a later question is dropped. False when it could not be had. */
async function part(url, place, options = {}) {
  const turn = (turns.get(place) || 0) + 1;
  turns.set(place, turn);
  const answer = await fetch(url, { credentials: "same-origin", headers: { "HX-Request": "true" }, ...options }).catch(() => null);
  const text = answer?.ok ? await answer.text().catch(() => null) : null;
  if (turns.get(place) !== turn) return true;
  if (text === null) return false;
  const page = new DOMParser().parseFromString(text, "text/html");
  const buttons = [...page.querySelectorAll("form[data-gc-send] button:not([type=button])")];
  for (const button of buttons) button.disabled = true;
  place.replaceChildren(...page.body.childNodes);
  // A form is sent by its script: its buttons wait until that stands.
  await scan(place);
  for (const button of buttons) button.disabled = false;
  return true;
}

const turns = new WeakMap();

// ---------------------------------------------------------------- dialogs that come back open

hook("dialog[data-gc-show]", (dialog) => openDialog(dialog));

// A map in a dialog has had no size until now: show its place anew.
hook("[data-gc-open]", (button) => {
  const dialog = document.getElementById(button.dataset.gcOpen);
  if (!dialog?.querySelector("[data-gc-map]")) return;
  button.addEventListener("click", () => setTimeout(() => {
    const map = mapOf(dialog.querySelector("[data-gc-map]"));
    map?.leaflet.invalidateSize({ pan: false });
    map?.fit();
  }, 60));
});

// On a narrow screen the query stands folded until it is wanted, or is in use.
hook("details[data-gc-fold]", (fold) => {
  fold.open = fold.hasAttribute("data-gc-used") || !matchMedia("(max-width: 767.98px)").matches;
});

// ---------------------------------------------------------------- the list and what stands beside it

const showProposal = later(async (url, place) => {
  const done = await part(url, place);
  if (place.dataset.shown !== url) return;
  place.removeAttribute("aria-busy");
  if (done) return;
  place.dataset.shown = "";
  toast(t("page_failed"), "error");
}, PAUSE_MS);

/** From the moment another row is chosen nothing may be sent for the one before. */
function chooseProposal(url, place) {
  if (place.dataset.shown === url) return;
  place.dataset.shown = url;
  place.setAttribute("aria-busy", "true");
  for (const button of place.querySelectorAll("button")) button.disabled = true;
  showProposal(url, place);
}

document.addEventListener("gc:row", (event) => {
  const row = event.target.closest("[data-gc-row]");
  if (!row) return;
  const place = document.getElementById("proposal");
  if (place && row.dataset.proposal) chooseProposal(row.dataset.proposal, place);
  const why = document.querySelector("[data-gc-why]");
  if (why) {
    why.hidden = !row.dataset.why;
    why.querySelector("span").textContent = row.dataset.why || "";
  }
});

// The first row is chosen by itself, without taking the focus from where the user is.
hook("[data-gc-map-side]", () => {
  const row = document.querySelector("#cases [data-gc-row]");
  if (!row) return;
  row.classList.add("gc-here");
  tell(row, "gc:row", { id: row.dataset.gcRow });
});

/** The figures of the menu follow what was just done. */
function recount() {
  const menu = document.getElementById("gc-side");
  const url = menu?.getAttribute("hx-get");
  if (url) window.htmx.ajax("GET", url, { source: menu, swap: "none" });
}

/** A form that stands beside the list: what was done leaves the list, the next row is chosen. */
document.addEventListener("gc:sent", async (event) => {
  const form = event.target;
  if (!form.matches("[data-gc-in-list]")) return;
  event.preventDefault();
  const undo = undoOf(form, event.detail.body);
  const all = [...document.querySelectorAll("#cases [data-gc-row]")];
  const at = all.findIndex((row) => row.dataset.gcRow === form.dataset.gcInList);
  const wanted = [all[at + 1], all[at - 1]].filter(Boolean).map((row) => row.dataset.gcRow);
  await window.htmx.ajax("GET", location.href, { target: "#cases", select: "#cases", swap: "outerHTML" });
  document.getElementById("proposal").dataset.shown = "";
  recount();
  const rows = [...document.querySelectorAll("#cases [data-gc-row]")];
  const next = rows.find((row) => wanted.includes(row.dataset.gcRow)) || rows[0];
  if (next) {
    success(form.dataset.done, undo);
    goTo(next);
    return;
  }
  flash(form.dataset.done, undo);
  location.reload();
});

// ---------------------------------------------------------------- what is there for seconds only

hook("[data-gc-fleeting]", (button) => {
  setTimeout(() => {
    document.getElementById(button.dataset.gcOpen)?.close?.();
    button.remove();
  }, Number(button.dataset.gcFleeting) * 1000);
});

// ---------------------------------------------------------------- the leading case of a merge

hook("[data-gc-candidate]", (radio) => {
  const { form } = radio;
  radio.addEventListener("change", () => {
    form.elements.leading.value = radio.value;
    form.elements.leading.dispatchEvent(new Event("input", { bubbles: true }));
  });
  // The number may have come back with a draft, or be typed.
  const follow = () => { radio.checked = form.elements.leading.value === radio.value; };
  form.elements.leading.addEventListener("input", follow);
  form.addEventListener("gc:draft", follow);
});

hook("[data-gc-lead]", (button) => {
  button.addEventListener("click", () => {
    document.querySelector(`#do-merge [data-gc-candidate][value="${button.dataset.gcLead}"]`)?.click();
  });
});

// ---------------------------------------------------------------- several boxes as one field

hook("[data-gc-many]", (group) => {
  const name = group.dataset.gcMany;
  const boxes = [...group.querySelectorAll("input[type=checkbox]")];
  const field = element("input", { type: "hidden", name, "data-draft": true });
  const says = group.querySelector("[data-gc-many-says]");
  for (const box of boxes) box.dataset.local = "";
  group.append(field);
  const join = () => {
    const chosen = boxes.filter((box) => box.checked);
    field.value = chosen.map((box) => box.value).join(",");
    if (says) says.textContent = chosen.length ? `：${chosen.map((box) => box.parentElement.textContent.trim()).join("、")}` : "";
  };
  group.addEventListener("change", join);
  group.closest("form")?.addEventListener("gc:draft", () => {
    const kept = field.value.split(",");
    for (const box of boxes) box.checked = kept.includes(box.value);
    join();
  });
  join();
});

// ---------------------------------------------------------------- place and class of a report

hook("[data-gc-place]", (box) => {
  const form = box.closest("form");
  const scope = form.closest("[data-gc-scope]") || form;
  const field = (name) => form.elements[name];
  const partOnly = (kind) => {
    for (const group of form.querySelectorAll("[data-gc-part-only]")) {
      group.hidden = kind !== "part";
      for (const input of group.querySelectorAll("input")) input.disabled = kind !== "part";
    }
  };
  const look = later(() => lookUp(form, scope), PAUSE_MS);
  scope.addEventListener("gc:pin", ({ detail }) => {
    field("lon").value = detail.lon.toFixed(7);
    field("lat").value = detail.lat.toFixed(7);
    field("placed_by").value = detail.placed_by || "manual";
    field("lon").dispatchEvent(new Event("change", { bubbles: true }));
    look();
  });
  form.addEventListener("gc:class", ({ detail }) => {
    partOnly(detail.entry?.kind || "");
    look();
  });
  form.addEventListener("gc:draft", () => {
    const map = scope.querySelector("[data-gc-map]");
    if (field("lon").value && map) mapOf(map)?.pin?.place(Number(field("lon").value), Number(field("lat").value), field("placed_by").value, { quietly: true });
    look();
  });
  scope.addEventListener("gc:part", (event) => {
    const { part: found } = event.detail;
    if (!found?.code || !field("part_code")) return;
    field("part_code").value = found.code;
  });
  partOnly(field("kind")?.value || "");
});

/** Where the pin lies, and the cases there that may be the same. */
async function lookUp(form, scope) {
  const place = scope.querySelector("[data-gc-same]");
  if (!place) return;
  const query = new URLSearchParams();
  for (const name of ["kind", "class_code", "lon", "lat"]) if (form.elements[name].value) query.set(name, form.elements[name].value);
  if (!(await part(`${place.dataset.gcSame}?${query}`, place))) toast(t("page_failed"), "error");
}

// ---------------------------------------------------------------- the caller

hook("[data-gc-caller]", (place) => {
  const form = place.closest("form");
  const phone = form.querySelector("[data-as='reporter.phone']");
  const name = form.querySelector("[data-as='reporter.name']");
  const ask = later(() => part(place.dataset.gcCaller, place, {
    method: "POST",
    body: new URLSearchParams({ phone: phone.value }),
    headers: { "HX-Request": "true", "X-CSRFToken": document.body.dataset.gcCsrf || "" },
  }), TYPING_MS);
  phone.addEventListener("input", ask);
  form.addEventListener("gc:draft", ask);
  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-gc-name]");
    if (!button) return;
    name.value = button.dataset.gcName;
    name.dispatchEvent(new Event("input", { bubbles: true }));
    name.focus();
  });
});

// The page was scanned before these hooks were known.
scan(document.body);
