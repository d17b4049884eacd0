// The map: Leaflet over our own outlines, roads, cells and parts; no picture from another host.
// Its settings are a json_script (includes/_map.html, docs/interface.md); it needs window.L.
// Everything a pointer can do, keys can do: arrows pan, Enter acts on the middle of the map.

import { element, json, tell } from "./dom.js";
import { Base } from "./map_base.js";
import { Markers } from "./map_markers.js";
import { Own, Pin } from "./map_places.js";
import { Shade } from "./map_shade.js";
import { t } from "./words.js";

const NEAR_PART_PX = 22;
const HOVER_PX = 8;
const BESIDE_BUTTONS = { paddingTopLeft: [24, 24], paddingBottomRight: [72, 40] };
const maps = new WeakMap();

/** The controller of a map element, once the page's hooks have run. */
export const mapOf = (element) => maps.get(element);

export async function start(element) {
  const controller = new CityMap(element, json(element.dataset.gcMap) || {});
  maps.set(element, controller);
  await controller.begin();
  return controller;
}

export class CityMap {
  constructor(element, settings) {
    this.element = element;
    this.settings = settings;
    this.feeds = { ...JSON.parse(element.dataset.feeds || "{}"), ...settings.feeds };
    this.feeds.tiles = { ...this.feeds.tiles };
    this.settings.shade = this.shadeOf(settings.shade);
    const hidden = [...(settings.without || []), ...(settings.shade && !this.settings.shade.until ? ["parts"] : [])];
    for (const name of hidden) {
      delete this.feeds[name];
      delete this.feeds.tiles[name];
    }
  }

  /** "parts" and "open" shade by stored counts as long as parts are not drawn one by one. */
  shadeOf(wanted) {
    const stored = typeof wanted === "string" ? { by: wanted } : wanted?.by ? wanted : null;
    if (!stored) return wanted;
    const isParts = stored.by === "parts";
    const url = this.feeds[isParts ? "counts" : "open"];
    return url ? { until: true, title: t(isParts ? "map_legend_parts" : "map_legend"), unit: isParts ? "parts_n" : "cases_n", ...stored, url } : null;
  }

  async begin() {
    const L = window.L;
    this.leaflet = L.map(this.element, {
      attributionControl: false, zoomControl: false, minZoom: 10, maxZoom: 20, zoomSnap: 0.5,
      wheelPxPerZoomLevel: 90, fadeAnimation: false, markerZoomAnimation: true, tapHold: false,
      ...(this.settings.still && { keyboard: false, dragging: false, scrollWheelZoom: false, doubleClickZoom: false, boxZoom: false, zoomSnap: 0.1 }),
      center: this.settings.centre || [39.92, 116.41], zoom: this.settings.zoom || 13,
    });
    if (!this.settings.still) L.control.zoom({ position: "topright", zoomInTitle: t("map_zoom_in"), zoomOutTitle: t("map_zoom_out") }).addTo(this.leaflet);
    L.control.scale({ position: "bottomright", imperial: false, maxWidth: 90 }).addTo(this.leaflet);
    this.addNotice(L);
    if (!this.settings.still) this.addButtons(L);
    this.says = this.corner(L, "bottomleft", "gc-map-says", { role: "status" });
    this.base = new Base(this);
    this.markers = new Markers(this);
    if (this.settings.shade) this.shade = new Shade(this);
    if (this.settings.own) this.own = new Own(this);
    if (this.settings.pin) this.pin = new Pin(this);
    this.listen();
    await this.base.load();
    this.fit();
    this.base.begin();
    await this.shade?.load();
  }

  addNotice(L) {
    const words = [this.element.dataset.notice, this.feeds.base?.attribution].filter(Boolean);
    if (!words.length) return;
    // No prefix: Leaflet's own would put a flag into the corner.
    const notice = L.control.attribution({ prefix: false, position: "bottomleft" });
    for (const each of words) notice.addAttribution(element("span", { text: each }).innerHTML);
    notice.addTo(this.leaflet);
  }

  /** A small box in a corner; empty ones hide. */
  corner(L, position, className, named = {}) {
    const control = L.control({ position });
    let box;
    control.onAdd = () => {
      box = element("div", { class: className, ...named });
      box.hidden = true;
      return box;
    };
    control.addTo(this.leaflet);
    return (text) => {
      box.hidden = !text;
      if (box.textContent !== text) box.textContent = text || "";
    };
  }

  addButtons(L) {
    const control = L.control({ position: "topright" });
    control.onAdd = () => {
      const bar = L.DomUtil.create("div", "leaflet-bar");
      if (this.settings.own) this.meButton = this.button(L, bar, "crosshair", t("map_me"), () => this.own.follow(true));
      if (this.settings.pin?.movable) this.button(L, bar, "geo-alt", t("map_pin_here"), () => this.pin.placeAtCentre());
      // Around one pin there is nothing to come back to, and a low map has no room.
      if (!this.settings.pin) this.button(L, bar, "fullscreen", t("map_home"), () => this.fit(true));
      L.DomEvent.disableClickPropagation(bar);
      return bar;
    };
    control.addTo(this.leaflet);
  }

  button(L, bar, name, label, act) {
    const button = L.DomUtil.create("button", "gc-map-button", bar);
    button.type = "button";
    button.title = label;
    button.setAttribute("aria-label", label);
    L.DomUtil.create("i", `bi bi-${name}`, button).setAttribute("aria-hidden", "true");
    button.addEventListener("click", act);
    return button;
  }

  listen() {
    this.leaflet.on("click", (event) => this.act(event.latlng));
    this.leaflet.on("mousemove", (event) => {
      this.pointed = event.latlng;
      this.frame ||= requestAnimationFrame(() => {
        this.frame = 0;
        this.point(this.pointed);
      });
    });
    this.leaflet.on("mouseout", () => this.point(null));
    this.leaflet.on("moveend", () => {
      if (this.chosen && !this.leaflet.getBounds().contains(this.chosen.latlng)) this.choose(null);
    });
    this.element.addEventListener("keydown", (event) => this.onKey(event));
    // A map in a dialog, a drawer or a turned phone learns its size late.
    if (window.ResizeObserver) new ResizeObserver(() => this.leaflet.invalidateSize({ pan: false })).observe(this.element);
  }

  /** Enter acts on what N has chosen, else on the middle; Escape lets go of it. */
  onKey(event) {
    if (event.target !== this.element || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = {
      Enter: () => this.act(this.chosen?.latlng || this.leaflet.getCenter()),
      n: () => this.step(1),
      N: () => this.step(-1),
      ...(this.chosen && { Escape: () => this.choose(null) }),
    }[event.key];
    if (!act) return;
    event.preventDefault();
    event.stopPropagation();
    act();
  }

  /** The next part in view, from the middle outwards: what a pointer finds, a key finds too. */
  step(by) {
    if (!this.chosen) this.around = this.base.partsAround();
    const { around } = this;
    if (!around.length) {
      this.says(t("map_no_parts"));
      return;
    }
    const at = around.findIndex((part) => part.id === this.chosen?.id);
    this.choose(around[(at + by + around.length + (at < 0 && by < 0 ? 1 : 0)) % around.length]);
    this.says(partWords(this.chosen, around.indexOf(this.chosen) + 1, around.length));
  }

  choose(part) {
    const before = this.chosen;
    this.chosen = part;
    if (before && before.id !== part?.id) this.base.parts?.setState([before.id], null);
    if (part) this.base.parts?.setState([part.id], "chosen");
  }

  /** What lies under the pointer, in words; a part is marked. */
  point(latlng) {
    const part = latlng && this.base.partNear(latlng, HOVER_PX);
    if (!this.chosen && this.hovered?.id !== part?.id) {
      if (this.hovered) this.base.parts.setState([this.hovered.id], null);
      if (part) this.base.parts.setState([part.id], "hover");
      this.hovered = part;
      this.element.classList.toggle("gc-map-hit", Boolean(part));
    }
    if (part) this.says(partWords(part));
    else this.tellCell(latlng);
  }

  /** A tap, click or Enter at a place: a page's own `tool` takes it, else the pin moves, else a part
      or a cell answers. */
  act(latlng) {
    if (this.tool?.(latlng)) return;
    const part = this.base.partNear(latlng, NEAR_PART_PX);
    if (part && !tell(this.element, "gc:part", { part: part.properties })) return;
    if (part && !this.pin) {
      this.showPart(part);
      return;
    }
    if (this.pin?.movable) {
      this.pin.place(latlng.lng, latlng.lat, "manual");
      return;
    }
    if (this.shade?.isShown) this.shade.open(latlng);
    else this.tellCell(latlng);
  }

  showPart({ properties, latlng }) {
    const lines = element("div", {}, element("strong", { text: properties.name }), element("div", { class: "gc-code", text: properties.code }));
    if (properties.state === "broken") lines.append(element("div", { text: t("part_broken") }));
    if (this.feeds.part) lines.append(element("a", { href: this.feeds.part.replace("{code}", properties.code), text: t("map_open_part") }));
    window.L.popup({ autoPanPadding: [30, 30] }).setLatLng(latlng).setContent(lines).openOn(this.leaflet);
    this.says(partWords({ properties }));
  }

  tellCell(latlng) {
    const cell = latlng && this.base.cellAt(latlng.lng, latlng.lat);
    this.says(cell ? [t("map_cell", { code: cell.properties.code }), this.shade?.isShown && this.shade.words(cell)].filter(Boolean).join(" · ") : "");
  }

  /** My cells, and where I am if that is in the district: one knows which way to go. */
  withMe(bounds) {
    const { place } = this.own || {};
    return place && this.base.bounds()?.contains(place) ? bounds.extend(place) : bounds;
  }

  /** Show what matters here: the pin, the markers, my cells, else the whole district. */
  fit(isWished = false) {
    const { settings } = this;
    if (settings.bounds && !isWished) this.leaflet.fitBounds(settings.bounds);
    else if (this.pin?.at && !isWished) this.leaflet.setView(this.pin.at, Math.max(17, this.leaflet.getZoom()), { animate: false });
    else if (this.markers.bounds() && settings.fit !== "area") this.leaflet.fitBounds(this.markers.bounds().pad(0.15), { maxZoom: 17, animate: false });
    else if (this.base.mineBounds()) this.leaflet.fitBounds(this.withMe(this.base.mineBounds()), { ...BESIDE_BUTTONS, animate: false });
    else if (this.base.bounds()) this.leaflet.fitBounds(this.base.bounds(), { animate: false });
  }
}

const partWords = ({ properties }, at, of) => [properties.name, properties.code, properties.state === "broken" && t("part_broken"), of && t("map_n_of", { n: at, of })].filter(Boolean).join(" · ");
