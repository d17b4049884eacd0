// The supervisor's report: the pin follows the device until a hand or a part moves it; the place is
// located as it moves; parts and open cases nearby come with it.

import { draftOf } from "./draft.js";
import { element, icon, json, tell, uuid } from "./dom.js";
import { mapOf } from "./map.js";
import { COARSE_M } from "./map_places.js";
import { photosOf, placePhotos, setPhotos, setRoles } from "./photos.js";
import { post, showErrors } from "./send.js";
import { metres, t } from "./words.js";

const PAUSE_MS = 350;

const reports = new WeakMap();

export async function start(form) {
  const report = new Report(form);
  reports.set(form, report);
  report.begin();
}

/** After the draft is back: the part whose tag was scanned is what this report is about. */
export async function takeAsked(form) {
  await draftOf(form).back;
  const part = json("report-part");
  if (part && form.elements.part_code.value !== part.code) reports.get(form)?.takePart(part);
}

class Report {
  constructor(form) {
    this.form = form;
    this.fields = form.elements;
    this.mapBox = form.querySelector("[data-gc-map]");
    this.entry = null;
    this.place = null;
    this.asked = 0;
  }

  begin() {
    const { form, mapBox } = this;
    mapBox.addEventListener("gc:position", (event) => this.onPosition(event.detail));
    mapBox.addEventListener("gc:no-position", (event) => this.sayPlace([t("map_no_position", { why: event.detail.why })]));
    mapBox.addEventListener("gc:pin", (event) => this.onPin(event.detail));
    mapBox.addEventListener("gc:part", (event) => {
      event.preventDefault();
      this.takePart(event.detail.part);
    });
    form.addEventListener("gc:class", (event) => this.onClass(event.detail));
    form.addEventListener("gc:photos", () => this.remember());
    this.fields.self_handled.addEventListener("change", () => this.adaptPhotos());
    form.addEventListener("gc:draft", () => this.restore());
    form.addEventListener("gc:sent", (event) => this.onSent(event));
    form.querySelector("[data-gc-pin-here]").addEventListener("click", () => this.pinHere());
    // Before send.js reads the form: where nothing was typed, class and place are the words.
    form.addEventListener("submit", () => { this.fields.description.value ||= this.words(); }, { capture: true });
    for (const chip of form.querySelectorAll("[data-gc-reason]")) {
      chip.addEventListener("click", () => this.takeReason(chip.dataset.gcReason));
    }
    this.fields.no_part_reason.addEventListener("input", () => this.takeReason(this.fields.no_part_reason.value, { typed: true }));
    // The device may have answered before this page was ready to listen.
    const own = mapOf(mapBox)?.own;
    if (own?.place) this.onPosition({ lon: own.place.lng, lat: own.place.lat, accuracy_m: own.accuracy });
  }

  /** The time on site is the time of the first photo; each photo keeps where it was taken. */
  remember() {
    placePhotos(this.form, this.position);
    const [first] = photosOf(this.form);
    this.fields.occurred_at.value = first ? first.taken_at : "";
  }

  /** What was handled on the spot is shown by a photo before and one after; only some classes may. */
  adaptSelfHandled() {
    const may = Boolean(this.entry?.self_handled_allowed);
    this.form.querySelector("[data-gc-self]").hidden = !may;
    if (!may && this.entry) this.fields.self_handled.checked = false;
    this.adaptPhotos();
  }

  adaptPhotos() {
    const isHandled = this.fields.self_handled.checked;
    this.form.querySelector("[data-gc-self-help]").hidden = !isHandled;
    setRoles(this.form, isHandled ? ["before", "after"] : ["near", "far"]);
  }

  /** What an empty description says: nobody types what class and place tell already. */
  words() {
    if (!this.entry) return "";
    return [this.entry.name, this.fields.place_text.value.trim() || this.place?.community?.name].filter(Boolean).join(t("list_mark"));
  }

  suggestWords() {
    this.fields.description.placeholder = this.words();
  }

  // ---------------------------------------------------------------- place

  onPosition({ lon, lat, accuracy_m }) {
    this.position = { lon, lat, accuracy_m };
    const by = this.fields.placed_by.value;
    this.form.querySelector("[data-gc-pin-here]").hidden = !by || by === "gps" || accuracy_m > COARSE_M;
    if (by && by !== "gps") return;
    if (accuracy_m > COARSE_M) {
      this.sayPlace([t("map_coarse", { n: Math.round(accuracy_m) })], true);
      return;
    }
    mapOf(this.mapBox).pin.place(lon, lat, "gps", { accuracy_m });
  }

  pinHere() {
    if (!this.position) return;
    const { lon, lat, accuracy_m } = this.position;
    this.dropPart();
    mapOf(this.mapBox).pin.place(lon, lat, "gps", { accuracy_m });
    mapOf(this.mapBox).leaflet.setView([lat, lon]);
  }

  onPin({ lon, lat, placed_by, accuracy_m }) {
    this.setPlace(lon, lat, placed_by, accuracy_m);
    draftOf(this.form).later();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.locate(), PAUSE_MS);
  }

  setPlace(lon, lat, placedBy, accuracy) {
    this.fields.lon.value = lon.toFixed(7);
    this.fields.lat.value = lat.toFixed(7);
    this.fields.placed_by.value = placedBy;
    this.fields.accuracy_m.value = accuracy === null || accuracy === undefined ? "" : accuracy.toFixed(1);
    if (placedBy !== "gps") this.form.querySelector("[data-gc-pin-here]").hidden = !this.position || this.position.accuracy_m > COARSE_M;
  }

  async locate() {
    const { lon, lat, placed_by: by } = this.fields;
    if (!lon.value) return;
    this.asked += 1;
    const turn = this.asked;
    const query = new URLSearchParams({ lon: lon.value, lat: lat.value });
    if (this.entry) {
      query.set("kind", this.entry.kind);
      query.set("class_code", this.entry.code);
      if (this.entry.scheme) query.set("scheme", this.entry.scheme);
    }
    const answer = await fetch(`${this.form.dataset.nearbyUrl}?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
    if (turn !== this.asked) return;
    const body = answer && (await answer.json().catch(() => ({})));
    if (!answer || !answer.ok) {
      this.sayPlace([answer && answer.status === 400 ? body.detail : t("parts_failed")], true);
      return;
    }
    this.place = body;
    this.suggestWords();
    this.sayPlace([t("map_cell", { code: body.cell }), body.community?.name, t(`placed_${by.value || "manual"}`), this.accuracyWords()]);
    this.drawParts(body.parts || []);
    this.drawNearby(body.cases || []);
  }

  accuracyWords() {
    const value = Number(this.fields.accuracy_m.value);
    return value ? t("map_accuracy", { n: Math.round(value) }) : "";
  }

  sayPlace(words, isBad = false) {
    const line = this.form.querySelector("[data-gc-place]");
    const [first, ...more] = words.filter(Boolean);
    line.replaceChildren(element("strong", { text: first || "" }), more.length ? document.createTextNode(` · ${more.join(" · ")}`) : "");
    line.classList.toggle("gc-fault", isBad);
  }

  // ---------------------------------------------------------------- class and part

  onClass({ entry, quietly }) {
    if (!quietly && this.entry && entry && this.entry.code !== entry.code) this.dropPart();
    this.entry = entry;
    this.adaptSelfHandled();
    this.suggestWords();
    this.form.querySelector("[data-gc-parts]").hidden = entry?.kind !== "part";
    if (entry?.kind !== "part") this.dropPart({ all: true });
    if (!entry) this.drawNearby([]);
    else this.locate();
  }

  drawParts(parts) {
    const box = this.form.querySelector("[data-gc-part-list]");
    if (this.entry?.kind !== "part") {
      box.replaceChildren();
      return;
    }
    const chosen = this.fields.part_code.value;
    box.replaceChildren(...parts.map((part) => {
      const pick = element("button", { type: "button", class: "gc-pick", "aria-pressed": String(part.code === chosen) },
        element("span", {}, document.createTextNode(part.name || part.class_name || part.code), element("small", { class: "gc-code", text: part.code })),
        element("span", { text: metres(part.distance_m) }), icon(part.code === chosen ? "check-circle-fill" : "circle"));
      pick.addEventListener("click", () => this.takePart(part));
      return pick;
    }));
    if (!parts.length) box.append(element("p", { class: "gc-muted", text: t("parts_none") }));
  }

  /** A part from the list or from the map: it names the class, and the pin goes where it stands. */
  takePart(part) {
    const isAgain = this.fields.part_code.value === part.code;
    this.dropPart({ all: true });
    if (isAgain) {
      this.drawParts(this.place?.parts || []);
      draftOf(this.form).later();
      return;
    }
    // What the server says of a part nearby knows the crosswalk; a part on the map has its own class alone.
    const { class_code: code, class_name: name, scheme = "" } = this.place?.parts?.find((each) => each.code === part.code) || part;
    if (this.entry?.code !== code || this.entry?.kind !== "part" || (scheme && this.entry.scheme !== scheme)) {
      this.fields.kind.value = "part";
      this.fields.class_code.value = code;
      tell(this.form, "gc:pick", { entry: { kind: "part", code, name: name || part.name, scheme } });
    }
    this.fields.part_code.value = part.code;
    if (part.lon !== undefined) {
      mapOf(this.mapBox).pin.place(part.lon, part.lat, "part");
      mapOf(this.mapBox).leaflet.panInside([part.lat, part.lon], { padding: [60, 60], animate: false });
    }
    this.drawParts(this.place?.parts || []);
    draftOf(this.form).later();
  }

  dropPart({ all = false } = {}) {
    this.fields.part_code.value = "";
    if (all) this.takeReason("");
    for (const pick of this.form.querySelectorAll(".gc-pick")) pick.setAttribute("aria-pressed", "false");
  }

  takeReason(reason, { typed = false } = {}) {
    if (!typed) this.fields.no_part_reason.value = reason;
    if (reason && this.fields.part_code.value) {
      this.fields.part_code.value = "";
      this.drawParts(this.place?.parts || []);
    }
    for (const chip of this.form.querySelectorAll("[data-gc-reason]")) {
      chip.setAttribute("aria-pressed", String(chip.dataset.gcReason === reason && Boolean(reason)));
    }
    if (reason) draftOf(this.form).later();
  }

  // ---------------------------------------------------------------- the same matter, reported before

  drawNearby(cases) {
    const box = this.form.querySelector("[data-gc-nearby]");
    if (!this.entry || !cases.length) {
      box.replaceChildren();
      return;
    }
    const rows = cases.map((each) => this.nearbyRow(each));
    box.replaceChildren(element("h3", { class: "mt-3 mb-1", text: t("nearby_open") }), ...rows);
  }

  nearbyRow(each) {
    const add = each.supplement_url
      ? element("button", { type: "button", class: "btn btn-default", text: t("nearby_add") })
      : element("span", { class: "d-block small", text: t("nearby_theirs") });
    if (each.supplement_url) add.addEventListener("click", () => this.supplement(each, add));
    const away = each.distance_m === null ? "" : metres(each.distance_m);
    return element("div", { class: "gc-item px-0" },
      each.photo_url ? element("img", { class: "gc-item-photo", src: each.photo_url, alt: "", width: 76, height: 76 }) : element("span", { class: "gc-item-photo" }),
      element("span", { class: "gc-item-body" },
        element("span", { class: "gc-item-title" }, element("span", { text: away }), element("span", { class: "gc-end", text: each.reported })),
        element("span", { class: "d-block small gc-muted", text: [each.state_label, each.number].join(" · ") }), add));
  }

  /** One tap: photos and words go to the case that is there already; no report is made. */
  async supplement(each, button) {
    const photos = photosOf(this.form);
    const words = this.fields.description.value.trim();
    if (!photos.length && !words) {
      showErrors(this.form, { title: t("errors_title"), fields: { photos: [t("photo_required")] } });
      return;
    }
    this.supplementKeys ??= new Map();
    if (!this.supplementKeys.has(each.number)) this.supplementKeys.set(each.number, uuid());
    button.disabled = true;
    const answer = await post(each.supplement_url, words ? { description: words } : {}, { photos, key: this.supplementKeys.get(each.number) });
    button.disabled = false;
    if (answer.status < 200 || answer.status >= 300) {
      showErrors(this.form, { title: answer.body.detail || t(answer.status ? "away" : "not_sent", { status: answer.status }), fields: answer.body.fields || {} });
      return;
    }
    await draftOf(this.form).drop();
    this.finish(t("nearby_added", { number: each.number }), "", "");
  }

  // ---------------------------------------------------------------- draft and end

  restore() {
    const { lon, lat, placed_by: by, accuracy_m: accuracy, no_part_reason: reason } = this.fields;
    if (reason.value) this.takeReason(reason.value, { typed: true });
    this.adaptPhotos();
    if (!lon.value) return;
    const pin = mapOf(this.mapBox).pin;
    pin.place(Number(lon.value), Number(lat.value), by.value, { quietly: true });
    mapOf(this.mapBox).leaflet.setView([Number(lat.value), Number(lon.value)], 18);
    this.setPlace(Number(lon.value), Number(lat.value), by.value, accuracy.value ? Number(accuracy.value) : null);
    this.locate();
  }

  onSent(event) {
    event.preventDefault();
    const { body } = event.detail;
    const cell = typeof body.cell === "object" ? body.cell?.code : body.cell;
    this.finish(t(this.fields.self_handled.checked ? "report_self_done" : "report_done"), body.number, cell ? t("map_cell", { code: cell }) : "");
  }

  finish(title, number, words) {
    const done = document.querySelector("[data-gc-done]");
    setPhotos(this.form, []);
    this.form.hidden = true;
    document.querySelector("[data-gc-send-bar]").hidden = true;
    done.querySelector("h2").textContent = title;
    done.querySelector("[data-gc-done-number]").textContent = number || "";
    done.querySelector("[data-gc-done-words]").textContent = words;
    done.hidden = false;
    done.focus();
    scrollTo(0, 0);
  }
}
