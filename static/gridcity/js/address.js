// A place in words: while it is typed the geocoder's answers stand below, by arrow keys and Enter or
// by a click one of them sets the pin. A pin that was set first brings words, until somebody types.

import { element } from "./dom.js";
import { mapOf } from "./map.js";
import { t } from "./words.js";

const TYPING_MS = 220;
const SHORTEST = 2;
const MOST = 8;
const NEAR_M = 120;
const ZOOM = 17.5;

let count = 0;

export function start(box) {
  new Address(box).begin();
}

class Address {
  constructor(box) {
    this.box = box;
    this.input = box.querySelector("input, textarea");
    this.scope = box.closest("[data-gc-scope]") || document;
    this.found = [];
    this.at = -1;
    this.asked = 0;
    this.ours = "";
  }

  begin() {
    const { box, input } = this;
    count += 1;
    this.list = element("ul", { class: "gc-answers", id: `answers-${count}`, role: "listbox", "aria-label": t("address_answers"), hidden: true });
    this.says = element("p", { class: "visually-hidden", role: "status" });
    box.append(this.list, this.says);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-controls": this.list.id, "aria-expanded": "false", autocomplete: "off" })) input.setAttribute(name, value);
    input.addEventListener("input", () => this.later());
    input.addEventListener("keydown", (event) => this.onKey(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), 150));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.choose([...this.list.children].indexOf(option));
    });
    this.scope.addEventListener("gc:pin", ({ detail }) => this.bringWords(detail));
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), TYPING_MS);
  }

  async ask() {
    const words = this.input.value.trim();
    this.asked += 1;
    const turn = this.asked;
    if (words.length < SHORTEST) {
      this.close();
      return;
    }
    const answer = await get(`${this.box.dataset.gcAddress}?${new URLSearchParams({ q: words, limit: MOST })}`);
    if (turn === this.asked && document.activeElement === this.input) this.show(answer?.results || []);
  }

  show(found) {
    this.found = found;
    this.at = -1;
    this.list.replaceChildren(...found.map((place, index) => element("li", { role: "option", id: `${this.list.id}-${index}`, "aria-selected": "false" },
      element("span", { class: "gc-answers-name", text: place.name }),
      element("span", { class: "gc-tag", text: place.kind_label }),
      element("span", { class: "gc-answers-area", text: [place.street?.name, place.community?.name].filter(Boolean).join(" · ") }))));
    this.list.hidden = !found.length;
    this.input.setAttribute("aria-expanded", String(Boolean(found.length)));
    this.input.removeAttribute("aria-activedescendant");
    this.says.textContent = t(found.length ? "address_n" : "address_none", { n: found.length });
  }

  close() {
    this.asked += 1;
    this.list.hidden = true;
    this.at = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  onKey(event) {
    if (this.list.hidden || event.isComposing || event.ctrlKey) return;
    const act = {
      ArrowDown: () => this.mark(this.at + 1),
      ArrowUp: () => this.mark(this.at - 1),
      Escape: () => this.close(),
      ...(this.at >= 0 && { Enter: () => this.choose(this.at) }),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  mark(at) {
    this.at = (at + this.found.length) % this.found.length;
    [...this.list.children].forEach((option, index) => option.setAttribute("aria-selected", String(index === this.at)));
    this.list.children[this.at].scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
  }

  /** The pin goes there. What was typed stays where it says more than the name, as a house number. */
  choose(at) {
    const place = this.found[at];
    if (!place) return;
    this.close();
    if (place.way !== "within") this.write(place.name);
    const map = mapOf(this.scope.querySelector("[data-gc-map]"));
    if (!map?.pin) return;
    this.isOwn = true;
    map.pin.place(place.lon, place.lat, "manual");
    this.isOwn = false;
    map.leaflet.setView([place.lat, place.lon], Math.max(ZOOM, map.leaflet.getZoom()), { animate: false });
  }

  write(words) {
    this.input.value = words;
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    clearTimeout(this.timer);
  }

  /** Words for a pin that was set by hand, where none were typed. */
  async bringWords({ lon, lat }) {
    const { gcReverse: url } = this.box.dataset;
    if (this.isOwn || !url || (this.input.value && this.input.value !== this.ours)) return;
    this.reversed = (this.reversed || 0) + 1;
    const turn = this.reversed;
    const answer = await get(`${url}?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}`);
    if (!answer || turn !== this.reversed || (this.input.value && this.input.value !== this.ours)) return;
    const near = answer.places.find((place) => place.distance_m <= NEAR_M);
    this.ours = near ? t("address_near", { street: answer.street.name, place: near.name }) : `${answer.street.name}${answer.community.name}`;
    this.write(this.ours);
  }
}

async function get(url) {
  const answer = await fetch(url, { credentials: "same-origin", headers: { Accept: "application/json" } }).catch(() => null);
  return answer?.ok ? answer.json().catch(() => null) : null;
}
