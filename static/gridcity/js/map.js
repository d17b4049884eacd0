// The map: Leaflet over our own outlines, roads, cells and parts; no picture from another host.
// Its settings are a json_script (includes/_map.html, docs/interface.md); it needs window.L.
// Everything a pointer can do, keys can do: arrows pan, Enter acts on the middle of the map.

import { json, tell } from "./dom.js";
import { Base } from "./map_base.js";
import { Markers } from "./map_markers.js";
import { Own, Pin } from "./map_places.js";
import { Shade } from "./map_shade.js";
import { t } from "./words.js";

const NEAR_PART_PX = 22;
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

class CityMap {
  constructor(element, settings) {
    this.element = element;
    this.settings = settings;
    this.feeds = { ...JSON.parse(element.dataset.feeds || "{}"), ...settings.feeds };
    for (const name of settings.without || []) delete this.feeds[name];
    if (settings.shade) delete this.feeds.parts;
  }

  async begin() {
    const L = window.L;
    this.leaflet = L.map(this.element, {
      attributionControl: false, zoomControl: false, minZoom: 10, maxZoom: 20, zoomSnap: 0.5,
      wheelPxPerZoomLevel: 90, fadeAnimation: false, markerZoomAnimation: true, tapHold: false,
      center: this.settings.centre || [39.92, 116.41], zoom: this.settings.zoom || 13,
    });
    L.control.zoom({ position: "topright", zoomInTitle: t("map_zoom_in"), zoomOutTitle: t("map_zoom_out") }).addTo(this.leaflet);
    L.control.scale({ position: "bottomright", imperial: false, maxWidth: 90 }).addTo(this.leaflet);
    this.addNotice(L);
    this.addButtons(L);
    this.says = this.corner(L, "bottomleft", "gc-map-says");
    this.base = new Base(this);
    this.markers = new Markers(this);
    if (this.settings.shade) this.shade = new Shade(this);
    if (this.settings.own) this.own = new Own(this);
    if (this.settings.pin) this.pin = new Pin(this);
    this.listen();
    await this.base.load();
    if (this.shade) await this.shade.load();
    this.fit();
  }

  addNotice(L) {
    if (!this.element.dataset.notice) return;
    const notice = L.control.attribution({ prefix: false, position: "bottomleft" });
    notice.addAttribution(document.createTextNode(this.element.dataset.notice).textContent).addTo(this.leaflet);
  }

  /** A small box in a corner; empty ones hide. */
  corner(L, position, className) {
    const control = L.control({ position });
    let box;
    control.onAdd = () => {
      box = L.DomUtil.create("div", className);
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
        this.tellCell(this.pointed);
      });
    });
    this.leaflet.on("mouseout", () => this.says(""));
    this.element.addEventListener("keydown", (event) => {
      if (event.target !== this.element || event.key !== "Enter") return;
      event.preventDefault();
      this.act(this.leaflet.getCenter());
    });
    // A map in a dialog, a drawer or a turned phone learns its size late.
    if (window.ResizeObserver) new ResizeObserver(() => this.leaflet.invalidateSize({ pan: false })).observe(this.element);
  }

  /** A tap, click or Enter at a place: the pin moves, else a part or a cell answers. */
  act(latlng) {
    const part = this.base.partNear(latlng, NEAR_PART_PX);
    if (part && !tell(this.element, "gc:part", { part: part.properties })) return;
    if (this.pin?.movable) {
      this.pin.place(latlng.lng, latlng.lat, "manual");
      return;
    }
    if (this.shade) this.shade.open(latlng);
    else this.tellCell(latlng);
  }

  tellCell(latlng) {
    const cell = latlng && this.base.cellAt(latlng.lng, latlng.lat);
    this.says(cell ? [t("map_cell", { code: cell.properties.code }), this.shade?.words(cell)].filter(Boolean).join(" · ") : "");
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
