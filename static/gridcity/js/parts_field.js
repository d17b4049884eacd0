// Parts on the phone: what stands around the supervisor, and the form of a field update, whose pin
// follows the device until a hand moves it.

import { draftOf } from "./draft.js";
import { element } from "./dom.js";
import { mapOf } from "./map.js";
import { metres, t } from "./words.js";

const ASK_AFTER_M = 10;

/** The nearest parts, asked for again when the device has moved. */
export function list(box) {
  const mapBox = document.querySelector("[data-gc-map]");
  let last = null;
  const ask = async ({ lon, lat }) => {
    const here = window.L.latLng(lat, lon);
    if (last && last.distanceTo(here) < ASK_AFTER_M) return;
    last = here;
    const answer = await fetch(`${box.dataset.gcFieldParts}?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}`, { headers: { Accept: "application/json" } }).catch(() => null);
    const body = answer ? await answer.json().catch(() => ({})) : {};
    if (!answer?.ok) {
      last = null;
      box.replaceChildren(element("p", { class: "gc-muted p-2 mb-0", text: body.detail || t("parts_failed") }));
      return;
    }
    box.replaceChildren(body.parts.length ? element("ul", { class: "gc-items" }, ...body.parts.map(line)) : element("p", { class: "gc-muted p-2 mb-0", text: t("parts_none_here") }));
  };
  mapBox.addEventListener("gc:position", ({ detail }) => ask(detail));
  mapBox.addEventListener("gc:no-position", ({ detail }) => box.replaceChildren(element("p", { class: "gc-muted p-2 mb-0", text: t("map_no_position", { why: detail.why }) })));
  mapBox.addEventListener("gc:part", (event) => {
    event.preventDefault();
    location.assign(`${location.pathname}${event.detail.part.code}/`);
  });
  const own = mapOf(mapBox)?.own;
  if (own?.place) ask({ lon: own.place.lng, lat: own.place.lat });
}

function line(part) {
  return element("li", {}, element("a", { class: "gc-item", href: part.url }, element("span", { class: "gc-item-body" },
    element("span", { class: "gc-item-title" }, element("span", { class: "gc-clip", text: part.name }), element("span", { class: "gc-end", text: metres(part.distance_m) })),
    element("span", { class: "d-block small gc-muted gc-code", text: `${part.code} ${part.state}` }))));
}

export function start(form) {
  new Proposal(form).begin();
}

class Proposal {
  constructor(form) {
    this.form = form;
    this.fields = form.elements;
    this.mapBox = form.querySelector("[data-gc-map]");
    this.place = form.querySelector("[data-gc-propose-place]");
    this.says = form.querySelector("[data-gc-propose-says]");
    this.here = form.querySelector("[data-gc-propose-here]");
  }

  begin() {
    this.mapBox.addEventListener("gc:position", ({ detail }) => this.onPosition(detail));
    this.mapBox.addEventListener("gc:no-position", ({ detail }) => this.say(t("map_no_position", { why: detail.why })));
    this.mapBox.addEventListener("gc:pin", ({ detail }) => this.onPin(detail));
    this.form.addEventListener("change", ({ target }) => target.name === "kind" && this.adapt());
    this.form.addEventListener("gc:draft", () => this.adapt());
    this.here.addEventListener("click", () => this.pinHere());
    this.adapt();
    const own = mapOf(this.mapBox)?.own;
    if (own?.place) this.onPosition({ lon: own.place.lng, lat: own.place.lat, accuracy_m: own.accuracy });
  }

  get kind() {
    return this.form.querySelector("[name=kind]:checked, [name=kind][type=hidden]")?.value || "";
  }

  /** Only a new or moved part has a new place; each kind has its own states. */
  adapt() {
    const { kind } = this;
    this.place.hidden = kind !== "new" && kind !== "moved";
    this.form.querySelector("[data-gc-propose-values]").hidden = kind === "gone" || kind === "moved";
    for (const box of this.form.querySelectorAll("[data-gc-propose-state]")) {
      const isShown = box.dataset.gcProposeState === kind;
      box.hidden = !isShown;
      box.querySelector("select").disabled = !isShown;
    }
    mapOf(this.mapBox)?.leaflet.invalidateSize({ pan: false });
  }

  onPosition({ lon, lat, accuracy_m: accuracy }) {
    this.position = { lon, lat, accuracy_m: accuracy };
    const by = this.fields.placed_by.value;
    this.here.hidden = by === "gps";
    if (this.kind === "new" && (!by || by === "gps")) this.pinHere();
  }

  pinHere() {
    if (!this.position) return;
    const { lon, lat, accuracy_m: accuracy } = this.position;
    mapOf(this.mapBox).pin.place(lon, lat, "gps", { accuracy_m: accuracy });
    this.here.hidden = true;
  }

  onPin({ lon, lat, placed_by: by, accuracy_m: accuracy }) {
    this.fields.lon.value = lon.toFixed(7);
    this.fields.lat.value = lat.toFixed(7);
    this.fields.placed_by.value = by || "manual";
    this.fields.accuracy_m.value = accuracy === null || accuracy === undefined ? "" : accuracy.toFixed(1);
    if (by !== "gps") this.here.hidden = !this.position;
    this.say([`${lon.toFixed(7)}, ${lat.toFixed(7)}`, t(`placed_${by || "manual"}`), accuracy ? t("map_accuracy", { n: Math.round(accuracy) }) : ""].filter(Boolean).join(" · "));
    draftOf(this.form).later();
  }

  say(words) {
    this.says.textContent = words;
  }
}
