// Sends a form to the API: Idempotency-Key, CSRF, progress of photos, errors at their fields.
// Whatever happens, what was typed stays: the form is only left after the server's 2xx.

import { draftOf } from "./draft.js";
import { element, icon, piece, tell, uuid } from "./dom.js";
import { missingPhotos, photosOf } from "./photos.js";
import { flash } from "./toasts.js";
import { clock, t } from "./words.js";

const TIMEOUT_MS = 120000;
const keys = new WeakMap();

/** Values of the form as the API wants them: "a.b" nests, empty fields are left out, data-as renames. */
export function valuesOf(form) {
  const values = {};
  for (const field of form.elements) {
    const value = valueOf(field);
    if (value === undefined) continue;
    const path = (field.dataset.as || field.name).split(".");
    const last = path.pop();
    path.reduce((place, name) => (place[name] ??= {}), values)[last] = value;
  }
  return values;
}

function valueOf(field) {
  if (!field.name || field.disabled || field.type === "file" || field.hasAttribute("data-local") || field.name === "csrfmiddlewaretoken") return undefined;
  if (field.type === "submit" || field.tagName === "BUTTON") return undefined;
  if (field.type === "checkbox") return field.checked;
  if (field.type === "radio" && !field.checked) return undefined;
  if (field.value === "") return undefined;
  return field.dataset.type === "number" ? Number(field.value) : field.value.trim();
}

function multipart(values, photos) {
  const body = new FormData();
  const put = (value, name) => {
    if (value && typeof value === "object") {
      for (const [key, inner] of Object.entries(value)) put(inner, name ? `${name}.${key}` : key);
    } else body.append(name, String(value));
  };
  put(values, "");
  photos.forEach((photo, index) => {
    body.append("photos", photo.blob, `${index + 1}.${photo.blob.type === "image/jpeg" ? "jpg" : "heic"}`);
  });
  const about = ({ role, taken_at, lon, lat, accuracy_m }) => ({
    role, taken_at, ...(lon === undefined ? {} : { lon, lat, accuracy_m, placed_by: "gps" }),
  });
  body.append("photos_meta", JSON.stringify(photos.map(about)));
  return body;
}

/** POST to the API. Resolves to {status, body}; status 0 when no answer came. */
export function post(url, values, { photos = [], key = uuid(), onProgress } = {}) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", url);
    request.timeout = TIMEOUT_MS;
    request.setRequestHeader("Accept", "application/json");
    request.setRequestHeader("Idempotency-Key", key);
    request.setRequestHeader("Prefer", "return=minimal"); // the page is shown anew anyway
    request.setRequestHeader("X-CSRFToken", document.body.dataset.gcCsrf || "");
    request.onload = () => resolve({ status: request.status, body: parsed(request.responseText) });
    request.onerror = request.ontimeout = request.onabort = () => resolve({ status: 0, body: {} });
    request.upload.onprogress = (event) => event.lengthComputable && onProgress?.(event.loaded / event.total);
    if (photos.length) request.send(multipart(values, photos));
    else {
      request.setRequestHeader("Content-Type", "application/json");
      request.send(JSON.stringify(values));
    }
  });
}

function parsed(text) {
  try {
    return JSON.parse(text) || {};
  } catch {
    return {};
  }
}

// ---------------------------------------------------------------- errors

/** Take the fault from a control; what described it before describes it again. */
function unmark(control) {
  control.removeAttribute("aria-invalid");
  if (control.dataset.describedby) control.setAttribute("aria-describedby", control.dataset.describedby);
  else control.removeAttribute("aria-describedby");
}

export function clearErrors(form) {
  form.querySelector("[data-gc-errors]")?.replaceChildren();
  for (const old of form.querySelectorAll(".gc-fault")) old.remove();
  form.querySelectorAll("[aria-invalid]").forEach(unmark);
}

/** A field that was touched again is no longer at fault; the server looks anew. */
function clearFault(form, target) {
  const box = target.closest?.("[data-gc-field]");
  if (!box) return;
  for (const old of box.querySelectorAll(".gc-fault")) old.remove();
  box.querySelectorAll("[aria-invalid]").forEach(unmark);
  const note = form.querySelector("[data-gc-errors] .gc-errors");
  const lines = [...(note?.querySelectorAll("li") || [])];
  const mended = lines.filter((line) => line.gcBox === box);
  for (const line of mended) line.remove();
  if (mended.length && mended.length === lines.length) note.remove();
}

/** What a field is called where its fault is told apart from it. */
function nameOf(box) {
  const label = box?.querySelector("legend, label:not(.gc-add):not(.gc-choice):not(.gc-standard)")?.cloneNode(true);
  label?.querySelector(".gc-must")?.remove();
  return label?.textContent.trim() || "";
}

function boxOf(form, name) {
  const wanted = [name, name.split(".")[0]];
  for (const each of wanted) {
    const box = form.querySelector(`[data-gc-field~="${CSS.escape(each)}"]`);
    if (box) return box;
  }
  return null;
}

function showAtField(form, name, lines) {
  const box = boxOf(form, name);
  if (!box) return null;
  const id = `fault-${name.replace(/\W+/g, "-")}-${Math.random().toString(36).slice(2, 7)}`;
  box.append(element("div", { class: "gc-fault", id }, icon("exclamation-circle-fill"), element("span", { text: lines.join(" ") })));
  const control = box.querySelector("input:not([type=hidden]), select, textarea, button");
  if (control?.matches("input, select, textarea")) {
    control.setAttribute("aria-invalid", "true");
    const told = control.getAttribute("aria-describedby");
    control.dataset.describedby ??= told || "";
    control.setAttribute("aria-describedby", [id, control.dataset.describedby].filter(Boolean).join(" "));
  }
  return control;
}

/** In the summary a fault that could be any field's says whose it is. */
function namedFault(box, fault) {
  const name = [t("required"), t("choose_one")].includes(fault) && nameOf(box);
  return name ? t("field_fault", { name, fault }) : fault;
}

/** The summary on top with a link to each field; it takes the focus. */
export function showErrors(form, { title, fields = {}, more = [], buttons = [], kind = "bad" }) {
  clearErrors(form);
  const list = element("ul");
  for (const [name, lines] of Object.entries(fields)) {
    const control = showAtField(form, name, lines);
    const item = element("li");
    if (control) {
      control.id ||= `field-${name.replace(/\W+/g, "-")}`;
      item.gcBox = boxOf(form, name);
      const link = element("a", { href: `#${control.id}`, text: namedFault(item.gcBox, lines.join(" ")) });
      link.addEventListener("click", (event) => { event.preventDefault(); control.focus(); });
      item.append(link);
    } else item.textContent = lines.join(" ");
    list.append(item);
  }
  for (const line of more) list.append(element("li", { text: line }));
  const words = element("div", {}, element("strong", { text: title }), list.children.length ? list : null);
  if (buttons.length) words.append(element("div", { class: "gc-row mt-2" }, ...buttons));
  const note = element("div", { class: `gc-note gc-note-${kind} gc-errors`, role: "alert", tabindex: "-1" },
    icon(kind === "bad" ? "x-octagon-fill" : "exclamation-triangle-fill"), words);
  (form.querySelector("[data-gc-errors]") || form).prepend(note);
  note.focus();
  note.scrollIntoView({ block: "nearest" });
}

/** What the browser can see by itself: required fields, photos, choices. True when all is there. */
export function check(form) {
  const fields = {};
  for (const field of form.elements) {
    if (!field.name || field.disabled || !field.required || field.type === "hidden") continue;
    // What lies outside its range the server says in its own words.
    const { valueMissing, badInput } = field.validity;
    if (valueMissing || badInput) fields[field.name] = [t(field.type === "radio" ? "choose_one" : "required")];
  }
  for (const hidden of form.querySelectorAll("input[type=hidden][data-must]")) {
    if (!hidden.value) fields[hidden.name] = [hidden.dataset.must || t("choose_one")];
  }
  for (const adder of missingPhotos(form)) fields[adder.dataset.gcAdder] = [t("photo_required")];
  if (!Object.keys(fields).length) return true;
  showErrors(form, { title: t("errors_title"), fields });
  return false;
}

function button(text, act) {
  const node = element("button", { type: "button", class: "btn btn-default", text });
  node.addEventListener("click", act);
  return node;
}

/** One field that another changed meanwhile: as it was seen, as it is, by whom and when. */
function changeLine({ field, before, after, by, at }) {
  return `${t("changed_field", { field, before: before || "—", after })} (${by} · ${clock(at)})`;
}

function keptLines(kept = {}) {
  const named = [kept.who, kept.at && clock(kept.at), kept.label].filter((each) => typeof each === "string" && each);
  const changes = (Array.isArray(kept.changes) ? kept.changes : []).map(changeLine);
  return [...(named.length ? [named.join(" · ")] : []), ...changes];
}

function showRefusal(form, { status, body }) {
  const again = button(t("retry"), () => form.requestSubmit());
  const more = body.id ? [t("error_id", { id: body.id })] : [];
  if (status === 0) return showErrors(form, { title: t("not_sent"), buttons: [again], kind: "warn" });
  if (status === 401) {
    const login = element("a", { class: "btn btn-primary", href: `/login/?next=${encodeURIComponent(location.pathname + location.search)}`, text: t("retry") });
    return showErrors(form, { title: t("login_over"), buttons: [login] });
  }
  if (status === 413 && !body.detail) return showErrors(form, { title: t("too_large") });
  if (body.code === "stale_version") {
    const reload = button(t("stale_reload"), () => location.reload());
    return showErrors(form, { title: body.detail || t("stale_title"), more: [...keptLines(body.kept), ...more], buttons: [reload] });
  }
  if (body.code === "key_reused") {
    return showErrors(form, { title: body.detail, more, buttons: [button(t("send_as_new"), () => { forgetKey(form); form.requestSubmit(); })] });
  }
  if (status >= 500 || !body.detail) {
    return showErrors(form, { title: body.detail || t("away", { status }), more, buttons: [again], kind: "warn" });
  }
  return showErrors(form, { title: body.detail, fields: body.fields, more });
}

// ---------------------------------------------------------------- sending

async function keyOf(form) {
  if (form.dataset.gcDraft === undefined) {
    if (!keys.has(form)) keys.set(form, uuid());
    return keys.get(form);
  }
  const draft = draftOf(form);
  if (!draft.key) {
    draft.key = uuid();
    await draft.save();
  }
  return draft.key;
}

function forgetKey(form) {
  keys.delete(form);
  if (form.dataset.gcDraft !== undefined) {
    const draft = draftOf(form);
    draft.key = null;
    draft.save();
  }
}

function busy(form, is) {
  form.dataset.sending = is ? "1" : "";
  form.setAttribute("aria-busy", String(is));
  for (const each of form.elements) if (each.type === "submit") each.disabled = is;
  const place = piece(form, "data-gc-progress");
  if (place) place.hidden = !is;
}

function progress(form, share) {
  const place = piece(form, "data-gc-progress");
  if (!place) return;
  const n = Math.round(share * 100);
  const bar = place.querySelector("progress");
  if (bar) bar.value = n;
  const words = place.querySelector("[data-gc-progress-words]");
  if (words) words.textContent = n < 100 ? t("sending_share", { n }) : t("sending");
}

/** Send the form once; true when the server took it. */
export async function send(form) {
  if (form.dataset.sending) return false;
  clearErrors(form);
  if (!check(form)) return false;
  const photos = photosOf(form);
  busy(form, true);
  progress(form, 0);
  // A form that also works without scripts names the API's address in data-gc-send.
  const answer = await post(form.dataset.gcSend || form.action, valuesOf(form), {
    photos, key: await keyOf(form), onProgress: (share) => progress(form, share),
  });
  busy(form, false);
  if (answer.status >= 200 && answer.status < 300) {
    await accepted(form, answer.body);
    return true;
  }
  // A refusal is final: nothing was recorded under this key. No answer and 5xx leave that open.
  if (answer.status >= 400 && answer.status < 500 && answer.body.code !== "key_reused") forgetKey(form);
  tell(form, "gc:refused", answer);
  showRefusal(form, answer);
  return false;
}

/** How what the form did can be taken back, or null: its address, the new version, until when. */
export function undoOf(form, body) {
  if (!form.dataset.gcUndo) return null;
  return { url: form.dataset.gcUndo, version: body.version, until: Date.now() + Number(form.dataset.undoS) * 1000 };
}

async function accepted(form, body) {
  keys.delete(form);
  if (form.dataset.gcDraft !== undefined) await draftOf(form).drop();
  if (!tell(form, "gc:sent", { body })) return;
  flash(form.dataset.done || t("sent"), undoOf(form, body));
  if (form.dataset.next) location.assign(form.dataset.next.replace("{number}", body.number || ""));
  else location.reload();
}

export function start(form) {
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(form);
  });
  for (const kind of ["input", "change", "gc:photos"]) form.addEventListener(kind, (event) => clearFault(form, event.target));
  // Ctrl+Enter sends from any field.
  form.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return;
    event.preventDefault();
    form.requestSubmit();
  });
}
