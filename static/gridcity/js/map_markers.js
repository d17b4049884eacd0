// Markers of cases. They come from the settings, or from the rows of a list on the same page, and
// then list and map are one: hover, focus and choice go both ways.

import { element, icon, tell } from "./dom.js";
import { t } from "./words.js";

const MOST_WITH_SHAPE = 400;
// Signs are 24 px wide; nearer ones are moved apart so that each can be seen and hit.
const APART_PX = 27;
const TURNS = 90;
const ICONS = { green: "check-lg", yellow: "exclamation-lg", red: "x-lg", none: "dot" };
const FILLS = { green: "#237804", yellow: "#874d00", red: "#cf1322", none: "#465063" };

export class Markers {
  constructor(map) {
    this.map = map;
    this.group = window.L.featureGroup().addTo(map.leaflet);
    this.byId = new Map();
    this.show(map.settings.markers || []);
    map.leaflet.on("zoomend", () => this.spread());
    if (map.settings.rows) this.followList(map.settings.rows);
  }

  /** spots: {id, lon, lat, label, lamp, url, letter}. */
  show(spots) {
    this.group.clearLayers();
    this.byId.clear();
    const plain = spots.length > MOST_WITH_SHAPE;
    this.spots = plain ? [] : spots;
    for (const spot of spots) {
      if (spot.lon === null || spot.lon === undefined) continue;
      const marker = plain ? this.dot(spot) : this.sign(spot);
      marker.on("click", () => this.choose(spot, marker));
      marker.on("keydown", ({ originalEvent }) => originalEvent.key === "Enter" && this.choose(spot, marker));
      this.group.addLayer(marker);
      this.byId.set(String(spot.id), marker);
      const node = marker.getElement?.();
      if (node) node.setAttribute("aria-label", labelOf(spot));
    }
    this.spread();
  }

  /** Each sign at its place, or where a spiral around it first finds room. */
  spread() {
    const { leaflet } = this.map;
    const taken = [];
    for (const spot of this.spots || []) {
      const marker = this.byId.get(String(spot.id));
      if (!marker) continue;
      const home = leaflet.latLngToLayerPoint([spot.lat, spot.lon]);
      let at = home;
      for (let turn = 1; turn < TURNS && taken.some((other) => isNear(other, at)); turn += 1) {
        const angle = turn * 2.4;
        at = home.add([Math.cos(angle) * 7 * Math.sqrt(turn) * 1.6, Math.sin(angle) * 7 * Math.sqrt(turn) * 1.6]);
      }
      taken.push(at);
      marker.setLatLng(at === home ? [spot.lat, spot.lon] : leaflet.layerPointToLatLng(at));
    }
  }

  dot(spot) {
    return window.L.circleMarker([spot.lat, spot.lon], { radius: 5, color: "#fff", weight: 1, fillColor: FILLS[spot.lamp] || FILLS.none, fillOpacity: 1 });
  }

  sign(spot) {
    const lamp = FILLS[spot.lamp] ? spot.lamp : "none";
    const face = spot.letter ? element("span", { text: spot.letter }) : icon(ICONS[lamp]);
    const shape = window.L.divIcon({ className: `gc-spot gc-spot-${lamp}`, html: face, iconSize: [24, 24] });
    return window.L.marker([spot.lat, spot.lon], { icon: shape, title: spot.label, riseOnHover: true });
  }

  choose(spot, marker) {
    if (!tell(this.map.element, "gc:marker", { id: spot.id, spot })) return;
    const row = document.querySelector(`[data-gc-row="${CSS.escape(String(spot.id))}"]`);
    if (row) {
      import("./lists.js").then(({ goTo }) => goTo(row));
      return;
    }
    const lines = element("div", {}, element("div", { text: labelOf(spot) }));
    if (spot.url) lines.append(element("a", { href: spot.url, text: t("map_open_list") }));
    marker.bindPopup(lines, { autoPanPadding: [30, 30] }).openPopup();
  }

  highlight(id, { pan = false } = {}) {
    for (const [key, marker] of this.byId) marker.getElement?.()?.classList.toggle("gc-spot-on", key === String(id));
    const marker = this.byId.get(String(id));
    if (marker && pan) this.map.leaflet.panInside(marker.getLatLng(), { padding: [60, 60] });
  }

  bounds() {
    const bounds = this.group.getBounds();
    return bounds.isValid() ? bounds : null;
  }

  followList(selector) {
    const read = () => {
      const spots = [...document.querySelectorAll(`${selector} [data-gc-row][data-lon]`)].map(({ dataset }) => ({
        id: dataset.gcRow, lon: Number(dataset.lon), lat: Number(dataset.lat), label: dataset.label, lamp: dataset.lamp, letter: dataset.letter, url: dataset.url,
      }));
      this.show(spots);
    };
    read();
    document.addEventListener("htmx:afterSettle", (event) => {
      if (event.target.closest?.(selector) || event.target.querySelector?.(selector)) read();
    });
    document.addEventListener("gc:row", (event) => this.highlight(event.detail.id, { pan: true }));
    document.addEventListener("mouseover", (event) => {
      const row = event.target.closest?.(`${selector} [data-gc-row]`);
      if (row) this.highlight(row.dataset.gcRow);
    });
  }
}

const isNear = (one, other) => Math.max(Math.abs(one.x - other.x), Math.abs(one.y - other.y)) < APART_PX;

const labelOf = (spot) => (spot.lamp && spot.lamp !== "none" ? t("map_case", { label: spot.label, lamp: t(`lamp_${spot.lamp}`) }) : spot.label || String(spot.id));
