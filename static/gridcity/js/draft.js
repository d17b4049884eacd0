// Drafts in IndexedDB: fields, photos and pin of a form survive a killed browser, a lost network
// and a login that ran out. A draft also keeps the idempotency key of its sending, so that an
// answer that got lost cannot make a second case. It goes only after the server's 2xx.

import { openDB } from "../../vendor/idb/idb.mjs";
import { confirm } from "./dialogs.js";
import { element, icon, mine, piece, tell } from "./dom.js";
import { clock, t } from "./words.js";

const PAUSE_MS = 300;
const STORE = "drafts";

let opened = null;

function database() {
  if (!opened) {
    opened = openDB("gridcity", 1, { upgrade: (db) => db.createObjectStore(STORE, { keyPath: "id" }) });
    opened.catch(() => { opened = null; });
  }
  return opened;
}

const idOf = (form) => mine(`draft:${form.dataset.gcDraft}`);
const drafts = new WeakMap();

/** The draft of a form; made on first use. Components may keep values of their own in `extra`. */
export function draftOf(form) {
  if (!drafts.has(form)) drafts.set(form, new Draft(form));
  return drafts.get(form);
}

class Draft {
  constructor(form) {
    this.form = form;
    this.initial = fieldsOf(form);
    this.extra = {};
    this.key = null;
    this.timer = 0;
    // Nothing is written before what was kept is back: the device's position would overwrite it.
    this.chain = new Promise((resolve) => { this.begin = resolve; });
    this.dropped = false;
  }

  later() {
    clearTimeout(this.timer);
    this.dropped = false;
    this.timer = setTimeout(() => this.save(), PAUSE_MS);
  }

  /** Writes follow one another, so that an older state never overwrites a newer one. */
  save() {
    clearTimeout(this.timer);
    this.chain = this.chain.then(() => this.write()).catch(() => this.cannot());
    return this.chain;
  }

  async write() {
    if (this.dropped) return;
    const { photosOf } = await import("./photos.js");
    const photos = await Promise.all(photosOf(this.form).map(async ({ blob, ...about }) => ({
      ...about, type: blob.type, bytes: await blob.arrayBuffer(),
    })));
    const db = await database();
    const fields = fieldsOf(this.form);
    if (!photos.length && !this.key && !Object.keys(this.extra).length && same(fields, this.initial)) {
      await db.delete(STORE, idOf(this.form));
      return;
    }
    await db.put(STORE, { id: idOf(this.form), at: Date.now(), fields, extra: this.extra, key: this.key, photos });
    const place = piece(this.form, "data-gc-draft-says");
    if (place) place.textContent = t("draft_kept", { time: clock(Date.now()) });
  }

  async read() {
    try {
      return await (await database()).get(STORE, idOf(this.form));
    } catch {
      this.cannot();
      return undefined;
    }
  }

  drop() {
    clearTimeout(this.timer);
    this.dropped = true;
    this.key = null;
    this.chain = this.chain.then(async () => (await database()).delete(STORE, idOf(this.form))).catch(() => {});
    return this.chain;
  }

  cannot() {
    const place = piece(this.form, "data-gc-draft-says");
    if (place) place.textContent = t("draft_no");
  }
}

const kept = (field) => field.name && field.type !== "file" && field.type !== "password"
  && (field.type !== "hidden" || field.hasAttribute("data-draft")) && field.name !== "csrfmiddlewaretoken";

function fieldsOf(form) {
  const values = {};
  for (const field of form.elements) {
    if (!kept(field)) continue;
    if (field.type === "checkbox") values[field.name] = field.checked;
    else if (field.type === "radio") { if (field.checked) values[field.name] = field.value; }
    else values[field.name] = field.value;
  }
  return values;
}

function putFields(form, values) {
  for (const field of form.elements) {
    if (!kept(field) || !(field.name in values)) continue;
    if (field.type === "checkbox") field.checked = values[field.name];
    else if (field.type === "radio") field.checked = field.value === values[field.name];
    else field.value = values[field.name];
  }
}

const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);

function notice(form, row, draft) {
  const place = form.querySelector("[data-gc-draft-notice]") || form;
  const drop = element("button", { type: "button", class: "btn btn-default btn-small", text: t("draft_drop") });
  const note = element("div", { class: "gc-note", role: "status" }, icon("arrow-counterclockwise"),
    element("div", { text: t("draft_back", { time: clock(row.at) }) }), drop);
  drop.addEventListener("click", async () => {
    if (!(await confirm(t("draft_drop_sure")))) return;
    await draft.drop();
    location.reload();
  });
  place.prepend(note);
}

export function start(form) {
  const draft = draftOf(form);
  draft.back = restore(form, draft).finally(draft.begin);
  form.addEventListener("input", () => draft.later());
  form.addEventListener("change", () => draft.later());
  form.addEventListener("gc:photos", () => draft.save());
  addEventListener("pagehide", () => draft.timer && draft.save());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && draft.timer && draft.save());
  return draft.back;
}

async function restore(form, draft) {
  const row = await draft.read();
  if (!row) return;
  const { setPhotos } = await import("./photos.js");
  putFields(form, row.fields);
  draft.extra = row.extra;
  draft.key = row.key;
  setPhotos(form, row.photos.map(({ bytes, type, ...about }) => ({ ...about, blob: new Blob([bytes], { type }) })));
  if (!form.closest("dialog")) notice(form, row, draft);
  tell(form, "gc:draft", { fields: row.fields, extra: row.extra });
}
