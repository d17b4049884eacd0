// A citizen's report: classes by their common names, the pin where he is, the same matter nearby,
// and the receipt in the place of the form. Without this script the page asks its questions itself.

import { element, tell } from "./dom.js";
import { mapOf } from "./map.js";
import { COARSE_M } from "./map_places.js";
import { placePhotos } from "./photos.js";
import { t } from "./words.js";

const PAUSE_MS = 350;
const SHOWN = 12;
const YEAR_S = 366 * 24 * 3600;

export function start(form) {
  new Citizen(form).begin();
}

/** Large type in place, and the code that stands behind the # of a receipt's address. */
export function startSmall(node) {
  if (node.dataset.gcLarge) {
    node.addEventListener("click", (event) => {
      event.preventDefault();
      document.body.classList.toggle("gc-large", node.dataset.gcLarge === "large");
      document.cookie = `gridcity_type=${node.dataset.gcLarge}; path=/; max-age=${YEAR_S}; samesite=lax`;
      [...document.querySelectorAll("[data-gc-large]")].find((each) => each !== node)?.focus();
    });
    return;
  }
  const code = location.hash.slice(1);
  if (!/^[0-9A-Z]{4,16}$/.test(code)) return;
  node.value = code;
  history.replaceState(null, "", location.pathname + location.search);
}

class Citizen {
  constructor(form) {
    this.form = form;
    this.fields = form.elements;
    this.mapBox = form.querySelector("[data-gc-map]");
    this.asked = 0;
  }

  begin() {
    const { form, mapBox } = this;
    this.beginClasses();
    mapBox.addEventListener("gc:position", (event) => this.onPosition(event.detail));
    mapBox.addEventListener("gc:no-position", () => this.sayPlace(t("citizen_tap")));
    mapBox.addEventListener("gc:pin", (event) => this.onPin(event.detail));
    form.addEventListener("gc:photos", () => placePhotos(form, this.position));
    form.addEventListener("gc:refused", (event) => this.showNearby(event.detail.body?.kept?.nearby));
    form.addEventListener("gc:sent", (event) => this.onSent(event));
    // The device may have answered before this page was ready to listen.
    const own = mapOf(mapBox)?.own;
    if (own?.place) this.onPosition({ lon: own.place.lng, lat: own.place.lat, accuracy_m: own.accuracy });
  }

  // ---------------------------------------------------------------- what

  beginClasses() {
    const box = this.form.querySelector("[data-gc-what]");
    this.select = this.fields.what;
    this.search = box.querySelector("input");
    this.list = box.querySelector("[data-gc-what-list]");
    this.says = box.querySelector("[data-gc-what-says]");
    this.chosen = box.querySelector("[data-gc-what-chosen]");
    this.searching = box.querySelector("[data-gc-what-search]");
    const options = [...this.select.querySelectorAll("option[data-find]")];
    this.classes = options.map((option) => ({ value: option.value, name: option.textContent, find: option.dataset.find }));
    box.addEventListener("click", ({ target }) => {
      const button = target.closest("button[data-value]");
      if (button) this.choose(button.dataset.value);
    });
    this.search.addEventListener("input", () => this.find());
    // Enter chooses what stands alone; it does not send an unfinished report.
    this.search.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      const found = this.list.querySelectorAll("button");
      if (found.length === 1) this.choose(found[0].dataset.value);
    });
    this.chosen.querySelector("button").addEventListener("click", () => {
      this.select.value = "";
      this.showChosen();
      this.search.focus();
    });
    this.showChosen();
  }

  find() {
    const words = this.search.value.trim().toLowerCase();
    const found = words ? this.classes.filter((one) => one.name.includes(words) || one.find.split(" ").some((text) => text.startsWith(words))) : [];
    this.list.replaceChildren(...found.slice(0, SHOWN).map((one) => element("li", {}, element("button", { type: "button", class: "btn btn-default", "data-value": one.value, text: one.name }))));
    this.says.textContent = words && !found.length ? t("citizen_none") : "";
  }

  choose(value) {
    this.select.value = value;
    this.showChosen();
    this.chosen.querySelector("button").focus();
    tell(this.select, "change");
    this.later();
  }

  showChosen() {
    const one = this.classes.find(({ value }) => value === this.select.value);
    this.chosen.hidden = !one;
    this.searching.hidden = Boolean(one);
    this.chosen.querySelector("strong").textContent = one?.name || "";
    if (!one) this.showNearby([]);
  }

  // ---------------------------------------------------------------- where

  onPosition({ lon, lat, accuracy_m }) {
    this.position = { lon, lat, accuracy_m };
    if (this.fields.lon.value && this.fields.placed_by.value !== "gps") return;
    if (accuracy_m > COARSE_M) this.sayPlace(t("map_coarse", { n: Math.round(accuracy_m) }));
    else mapOf(this.mapBox).pin.place(lon, lat, "gps", { accuracy_m });
  }

  onPin({ lon, lat, placed_by, accuracy_m }) {
    this.fields.lon.value = lon.toFixed(7);
    this.fields.lat.value = lat.toFixed(7);
    this.fields.placed_by.value = placed_by;
    this.fields.accuracy_m.value = accuracy_m === null || accuracy_m === undefined ? "" : accuracy_m.toFixed(1);
    this.sayPlace(t("citizen_set"));
    this.later();
  }

  sayPlace(text) {
    this.form.querySelector("[data-gc-place-says]").textContent = text;
  }

  // ---------------------------------------------------------------- the same nearby

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.look(), PAUSE_MS);
  }

  async look() {
    const { what, lon, lat } = this.fields;
    if (!what.value || !lon.value) return;
    this.asked += 1;
    const turn = this.asked;
    const query = new URLSearchParams({ what: what.value, lon: lon.value, lat: lat.value });
    const answer = await fetch(`${this.form.dataset.near}?${query}`, { headers: { Accept: "application/json" } }).catch(() => null);
    const body = await answer?.json().catch(() => null);
    if (turn !== this.asked) return;
    if (answer?.ok) this.showNearby(body.nearby);
    else if (answer?.status === 400) this.sayPlace(body?.detail || "");
  }

  /** Class, street, day and state of open cases there; a choice that still stands is kept. */
  showNearby(cases) {
    if (!cases || (!cases.length && !this.shown)) return;
    const box = this.form.querySelector("[data-gc-nearby]");
    const same = JSON.stringify(cases);
    if (same === this.shown) return;
    this.shown = same;
    box.hidden = !cases.length;
    const lines = cases.map((one) => choice(one.mark, t("citizen_nearby", one), t("citizen_add")));
    if (cases.length) lines.push(choice("new", t("citizen_anew")));
    box.querySelector("[data-gc-nearby-list]").replaceChildren(...lines);
  }

  // ---------------------------------------------------------------- sent

  onSent(event) {
    event.preventDefault();
    const page = document.querySelector("[data-gc-receipt]");
    const html = new DOMParser().parseFromString(event.detail.body.html, "text/html");
    page.replaceChildren(...html.body.childNodes);
    page.querySelector("h1").focus();
    window.scrollTo(0, 0);
  }
}

function choice(value, words, more = "") {
  const text = element("span", { text: more ? `${words} ` : words }, more ? element("strong", { text: more }) : null);
  return element("label", { class: "gc-public-choice" }, element("input", { type: "radio", name: "same", value }), " ", text);
}
