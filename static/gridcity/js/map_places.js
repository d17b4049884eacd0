// Own position with its accuracy, and the pin that marks the place of a case.

import { tell } from "./dom.js";
import { t } from "./words.js";

export const COARSE_M = 100;
const STEP_M = 1;
const METRES_PER_DEGREE = 111320;
const ASK_AFTER_M = 8;

/** Where the device is; told on the map as gc:position, in words wherever data-gc-here stands. */
export class Own {
  constructor(map) {
    this.map = map;
    this.isFollowing = Boolean(map.settings.own.follow ?? true);
    this.zoom = map.settings.own.zoom || 17;
    this.isFirst = true;
    this.say("", t("map_locating"));
    if (!window.isSecureContext || !navigator.geolocation) this.missing(t("map_insecure"));
    else {
      navigator.geolocation.watchPosition((position) => this.at(position.coords), (fault) => this.fault(fault), {
        enableHighAccuracy: true, maximumAge: 5000, timeout: 20000,
      });
    }
    map.leaflet.on("dragstart", () => {
      this.isFirst = false;
      this.follow(false);
    });
  }

  follow(isFollowing) {
    this.isFollowing = isFollowing;
    this.map.meButton?.setAttribute("aria-pressed", String(isFollowing));
    if (isFollowing && this.place) this.map.leaflet.setView(this.place, Math.max(this.zoom, this.map.leaflet.getZoom()));
  }

  at({ longitude, latitude, accuracy }) {
    const L = window.L;
    this.place = L.latLng(latitude, longitude);
    this.accuracy = accuracy;
    if (!this.dot) this.draw(L);
    this.dot.setLatLng(this.place);
    this.circle.setLatLng(this.place).setRadius(accuracy);
    const label = t("map_me_label", { n: Math.round(accuracy) });
    this.dot.getElement()?.setAttribute("aria-label", label);
    if (this.isFollowing) this.map.leaflet.setView(this.place, Math.max(this.zoom, this.map.leaflet.getZoom()));
    else if (this.isFirst) this.map.fit();
    this.isFirst = false;
    tell(this.map.element, "gc:position", { lon: longitude, lat: latitude, accuracy_m: accuracy });
    this.tellCell(longitude, latitude, accuracy);
  }

  draw(L) {
    this.circle = L.circle(this.place, { radius: 1, color: "#0958d9", weight: 1, fillColor: "#0958d9", fillOpacity: 0.1, interactive: false }).addTo(this.map.leaflet);
    const icon = L.divIcon({ className: "gc-me", iconSize: [18, 18] });
    this.dot = L.marker(this.place, { icon, keyboard: false, interactive: false, zIndexOffset: 500 }).addTo(this.map.leaflet);
    this.dot.getElement().setAttribute("role", "img");
  }

  /** The cell here: from the shapes on the device, so that it shows offline too; else asked. */
  async tellCell(lon, lat, accuracy) {
    const words = accuracy > COARSE_M ? t("map_coarse", { n: Math.round(accuracy) }) : t("map_accuracy", { n: Math.round(accuracy) });
    const known = this.map.base?.cellAt(lon, lat);
    if (known) return this.say(known.properties.code, words, accuracy > COARSE_M);
    if (this.asked && this.asked.distanceTo(this.place) < ASK_AFTER_M) return this.say(this.cell, words, accuracy > COARSE_M);
    this.asked = this.place;
    this.cell = await cellFrom(this.map.feeds.locate, lon, lat);
    return this.say(this.cell, words, accuracy > COARSE_M);
  }

  say(cell, words, isCoarse = false) {
    for (const line of document.querySelectorAll("[data-gc-here]")) {
      const [code, more] = [line.querySelector("[data-gc-here-cell]"), line.querySelector("[data-gc-here-accuracy]")];
      const strong = document.createElement("strong");
      strong.textContent = cell ? t("map_cell", { code: cell }) : "";
      code.replaceChildren(strong);
      more.textContent = words;
      line.classList.toggle("gc-lamp-red", isCoarse);
    }
  }

  fault(fault) {
    const why = { 1: "map_denied", 2: "map_missing", 3: "map_timeout" }[fault.code] || "map_missing";
    if (!this.place || fault.code === 1) this.missing(t(why));
  }

  missing(why) {
    this.say("", t("map_no_position", { why }));
    tell(this.map.element, "gc:no-position", { why });
  }
}

/** The cell's code of a point by the API; the sentence where it lies outside; "" without an answer. */
export async function cellFrom(url, lon, lat) {
  if (!url) return "";
  try {
    const answer = await fetch(`${url}?lon=${lon.toFixed(7)}&lat=${lat.toFixed(7)}`, { headers: { Accept: "application/json" } });
    if (answer.ok) return codeOf((await answer.json()).cell);
    return answer.status === 400 ? t("map_outside") : "";
  } catch {
    return "";
  }
}

const codeOf = (cell) => (cell && typeof cell === "object" ? cell.code : cell) || "";

/** The pin: by tap, by drag, by the middle of the map, by arrow keys. Told as gc:pin. */
export class Pin {
  constructor(map) {
    this.map = map;
    const { lon, lat, movable } = map.settings.pin;
    this.movable = Boolean(movable);
    this.placedBy = "";
    if (lon !== undefined && lon !== null) this.place(Number(lon), Number(lat), "", { quietly: true });
  }

  place(lon, lat, placedBy, { quietly = false, accuracy_m = null } = {}) {
    this.at = window.L.latLng(lat, lon);
    this.placedBy = placedBy;
    if (!this.marker) this.draw();
    this.marker.setLatLng(this.at);
    if (!quietly) tell(this.map.element, "gc:pin", { lon, lat, placed_by: placedBy, accuracy_m });
  }

  placeAtCentre() {
    const centre = this.map.leaflet.getCenter();
    this.place(centre.lng, centre.lat, "manual");
    this.marker.getElement().focus();
  }

  draw() {
    const L = window.L;
    const sign = L.DomUtil.create("i", "bi bi-geo-alt-fill");
    sign.setAttribute("aria-hidden", "true");
    const icon = L.divIcon({ className: "gc-pin", html: sign, iconSize: [40, 40], iconAnchor: [20, 38] });
    this.marker = L.marker(this.at, { icon, draggable: this.movable, keyboard: this.movable, interactive: this.movable, autoPan: true, zIndexOffset: 1000 }).addTo(this.map.leaflet);
    const node = this.marker.getElement();
    node.setAttribute("aria-label", t("map_pin"));
    if (!this.movable) node.setAttribute("role", "img");
    this.marker.on("dragend", () => {
      const { lng, lat } = this.marker.getLatLng();
      this.place(lng, lat, "manual");
    });
    node.addEventListener("keydown", (event) => this.onKey(event));
  }

  onKey(event) {
    const move = { ArrowUp: [0, 1], ArrowDown: [0, -1], ArrowLeft: [-1, 0], ArrowRight: [1, 0] }[event.key];
    if (!move || !this.movable) return;
    event.preventDefault();
    event.stopPropagation();
    const metres = STEP_M * (event.shiftKey ? 10 : 1);
    const perLon = METRES_PER_DEGREE * Math.cos((this.at.lat * Math.PI) / 180);
    this.place(this.at.lng + (move[0] * metres) / perLon, this.at.lat + (move[1] * metres) / METRES_PER_DEGREE, "manual");
    this.map.leaflet.panInside(this.at, { padding: [40, 60], animate: false });
  }
}
