// What lies beneath: district and roads from our own feeds, streets, unit grid cells and parts from
// our own tiles. All is drawn on canvas without events; what was hit is reckoned from the shapes.

import { element } from "./dom.js";
import { Source } from "./map_source.js";
import { placeOf, tileLayer } from "./map_tiles.js";
import { t } from "./words.js";

// A layer is drawn from the zoom that rounds to its own: 14.5 shows what the tiles of 15 hold.
export const PARTS_FROM_ZOOM = 14.5;
const CELLS_FROM_ZOOM = 14.5;
const ROAD_NAMES_FROM_ZOOM = 16;
const COMMUNITIES_FROM_ZOOM = 14;
const COMMUNITY_NAMES_FROM_ZOOM = 15.5;
const NAMES_PAUSE_MS = 120;
const NAME_PX = 13;
const PART_RADIUS = { 15: 2, 16: 2.8, 17: 3.6 };

const AREAS = {
  streets: { stroke: "#7d8aa0", width: 1.3, dash: [6, 4] },
  communities: { stroke: "#a3adbb", width: 1, dash: [2, 4] },
};
const OUTLINE = { stroke: "#9aa6b8", width: 0.8 };

// Roads by class, from the widest to the lane: rank, metres of width where the feed says none.
const ROADS = { expressway: [1, 50], trunk: [1, 45], main: [2, 32], secondary: [3, 20], lane: [4, 8] };
const CASINGS = ["", "#aeb8c6", "#b9c2ce", "#c5ccd6", "#d0d6de"];
const ROADS_FROM_ZOOM = [0, 11, 11.5, 13, 14.5];

const loaded = new Map();

/** A feed as GeoJSON; fetched once a page where its address does not change. */
export function feed(url) {
  if (!loaded.has(url)) {
    const wanted = fetch(url, { credentials: "same-origin" }).then((answer) => {
      if (!answer.ok) throw new Error(`${answer.status} ${url}`);
      return answer.status === 204 ? { features: [] } : answer.json();
    });
    wanted.catch(() => loaded.delete(url));
    loaded.set(url, wanted);
  }
  return loaded.get(url);
}

export class Base {
  constructor(map) {
    this.map = map;
    this.leaflet = map.leaflet;
    this.cells = [];
    this.partStyles = new Map();
    this.mine = new Set(map.settings.cells || []);
    this.renderers = {};
    for (const [name, z] of [["ground", 205], ["base", 210], ["shade", 220], ["roads", 230], ["streets", 235], ["cells", 237], ["lines", 240], ["parts", 250]]) {
      const pane = this.leaflet.createPane(name);
      pane.style.zIndex = z;
      pane.style.pointerEvents = "none";
      this.renderers[name] = window.L.canvas({ pane: name, padding: 0.25 });
    }
    this.names = window.L.layerGroup().addTo(this.leaflet);
  }

  async load() {
    const { feeds } = this.map;
    if (!feeds.base) this.get(feeds.roads).then((roads) => {
      this.drawRoads(roads);
      this.restyle();
      this.later();
    });
    this.drawGround(await this.get(feeds.district));
    // Where the device shows its own place, cells must be known without asking: also offline.
    if (feeds.cells && (this.mine.size || this.map.settings.own)) await this.loadCells();
    this.leaflet.on("zoomend", () => this.restyle());
    this.leaflet.on("moveend", () => this.later());
  }

  /** Begin with the tiles, once the map has a view. */
  begin() {
    const { tiles = {}, versions, base } = this.map.feeds;
    if (base) this.lay(base);
    const version = async (layer) => (versions ? (await feed(versions))[layer] : "");
    this.sources = Object.fromEntries(Object.entries(tiles).map(([layer, url]) => [layer, new Source(url, () => version(layer))]));
    this.streets = this.tiles("streets", "streets", { style: ({ layer }, state, zoom) => (layer === "communities" && zoom < COMMUNITIES_FROM_ZOOM ? null : AREAS[layer] || null) });
    this.grid = this.tiles("cells", "cells", { minZoom: CELLS_FROM_ZOOM + 0.5, style: ({ layer }) => (layer === "cells" ? OUTLINE : null) });
    this.parts = this.tiles("parts", "parts", { minZoom: PARTS_FROM_ZOOM + 0.5, style: (feature, state, zoom) => this.partStyle(feature, state, zoom) });
    this.streets?.on("gc:tile", () => this.later());
  }

  /** The city's own base map, where the settings name one; ours stays beneath its borders. */
  async lay({ kind, url }) {
    const options = { pane: "base", maxZoom: 20, maxNativeZoom: 18 };
    if (kind === "wmts") {
      window.L.tileLayer(url, options).on("tileerror", () => this.failed()).addTo(this.leaflet);
      return;
    }
    const { leafletLayer } = await import("../../vendor/pmtiles/pmtiles.mjs");
    leafletLayer({ ...options, url, flavor: "light", lang: document.documentElement.lang, attribution: "" }).addTo(this.leaflet);
  }

  tiles(name, pane, options) {
    const source = this.sources[name];
    return source ? tileLayer(source, { pane, failed: () => this.failed(), ...options }).addTo(this.leaflet) : null;
  }

  /** Ask for all tiles anew: after a change that this page made, or was told of. */
  refresh() {
    loaded.delete(this.map.feeds.versions);
    for (const source of Object.values(this.sources || {})) source.clear();
    for (const layer of [this.streets, this.grid, this.parts, this.map.shade?.layer]) layer?.redraw();
  }

  /** One object for all that look the same: they are drawn together. */
  partStyle({ kind, properties: { state } }, mark, zoom) {
    const key = `${kind} ${state} ${mark || ""} ${zoom}`;
    if (!this.partStyles.has(key)) this.partStyles.set(key, partLook(kind, state, mark, zoom));
    return this.partStyles.get(key);
  }

  async get(url) {
    if (!url) return null;
    try {
      return await feed(url);
    } catch {
      this.failed();
      return null;
    }
  }

  failed() {
    if (this.map.element.querySelector(".gc-map-failed")) return;
    this.map.element.append(element("p", { class: "gc-note gc-note-warn gc-map-failed", role: "status", text: t("map_failed") }));
  }

  layer(data, pane, style, options = {}) {
    if (!data?.features?.length) return null;
    return window.L.geoJSON(data, { interactive: false, pane, style: (feature) => ({ renderer: this.renderers[pane], interactive: false, ...style(feature) }), ...options }).addTo(this.leaflet);
  }

  drawGround(district) {
    this.ground = this.layer(district, "ground", () => ({ stroke: false, fillColor: "#edf0f4", fillOpacity: 1 }));
    this.border = this.layer(district, "lines", () => ({ color: "#5b6a80", weight: 2.5, fill: false }));
  }

  drawRoads(roads) {
    this.casing = this.layer(roads, "roads", (feature) => ({ color: CASINGS[rank(feature)], lineCap: "round" }));
    this.roads = this.layer(roads, "roads", () => ({ color: "#fff", lineCap: "round" }));
  }

  async loadCells() {
    const data = await this.get(this.map.feeds.cells);
    this.cells = (data?.features || []).map((feature) => ({ ...feature, box: boxOf(feature.geometry) }));
    const own = { features: this.cells.filter((cell) => this.mine.has(cell.properties.code)), type: "FeatureCollection" };
    this.own = this.layer(own, "lines", () => ({ color: "#0958d9", weight: 2, fillColor: "#0958d9", fillOpacity: 0.07 }));
  }

  restyle() {
    const zoom = this.leaflet.getZoom();
    const perMetre = 1 / (156543.03 * Math.cos((39.92 * Math.PI) / 180) / 2 ** zoom);
    const wide = (feature) => Math.max(0.7, Math.min(40, 0.6 * width(feature) * perMetre));
    for (const [layer, extra] of [[this.casing, 1.6], [this.roads, 0]]) {
      layer?.eachLayer((road) => {
        const isShown = zoom >= ROADS_FROM_ZOOM[rank(road.feature)];
        road.setStyle({ weight: wide(road.feature) + extra, opacity: isShown ? 1 : 0 });
      });
    }
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.drawNames(), NAMES_PAUSE_MS);
  }

  // ---------------------------------------------------------------- names

  /** Cells first, then streets, then roads: a later name gives way to those that stand. */
  drawNames() {
    this.names.clearLayers();
    this.written = [];
    const zoom = this.leaflet.getZoom();
    const view = this.leaflet.getBounds();
    if (zoom >= 17 && this.mine.size) {
      for (const cell of this.cells) {
        if (this.mine.has(cell.properties.code)) this.name(cell.properties.code.slice(-6), middle(cell.box), "gc-map-name gc-map-name-cell", view);
      }
    }
    if (zoom >= 12.5 && zoom < 17) this.drawAreaNames("street_names", view);
    if (zoom >= COMMUNITY_NAMES_FROM_ZOOM && zoom < 18) this.drawAreaNames("community_names", view);
    if (zoom >= ROAD_NAMES_FROM_ZOOM) this.drawRoadNames(view, zoom);
  }

  drawAreaNames(layer, view) {
    for (const feature of this.streets?.inView(layer) || []) {
      const { lon, lat } = placeOf(feature);
      this.name(feature.properties.name, window.L.latLng(lat, lon), "gc-map-name", view);
    }
  }

  drawRoadNames(view, zoom) {
    const told = new Set();
    this.roads?.eachLayer((layer) => {
      const { name } = layer.feature.properties;
      if (!name || told.has(name) || (rank(layer.feature) === 4 && zoom < 17)) return;
      const points = layer.getLatLngs().flat(2).filter((point) => view.contains(point));
      if (!points.length) return;
      told.add(name);
      this.name(name, points[Math.floor(points.length / 2)], "gc-map-name gc-map-name-road", view);
    });
  }

  name(text, at, className, view) {
    if (!text || !at || !view.contains(at)) return;
    const { x, y } = this.leaflet.latLngToContainerPoint(at);
    const half = text.length * NAME_PX / 2;
    if (this.written.some((other) => Math.abs(other.x - x) < other.half + half && Math.abs(other.y - y) < 2 * NAME_PX)) return;
    this.written.push({ x, y, half });
    writeName(this.names, text, at, className);
  }

  // ---------------------------------------------------------------- what is here

  /** {code, …} of the cell at a place, as far as its shape is known here. */
  cellAt(lon, lat) {
    const known = this.cells.find(({ box, geometry }) => lon >= box[0] && lon <= box[2] && lat >= box[1] && lat <= box[3] && covers(geometry, lon, lat));
    if (known) return known;
    const place = window.L.latLng(lat, lon);
    return [this.grid, this.map.shade?.layer].map((layer) => layer?.at(place, 0, "cells")[0]).find(Boolean);
  }

  /** The part nearest to a place, within some pixels: {properties, geometry} with its position. */
  partNear(latlng, pixels) {
    const [found] = this.parts?.at(latlng, pixels, "parts") || [];
    return found ? partOf(found) : null;
  }

  /** The parts in view, from the middle outwards. */
  partsAround() {
    const centre = this.leaflet.getCenter();
    const view = this.leaflet.getBounds();
    const found = [...(this.parts?.inView("parts") || [])].map(partOf).filter((part) => view.contains(part.latlng));
    for (const part of found) part.away = centre.distanceTo(part.latlng);
    return found.sort((one, other) => one.away - other.away || one.id - other.id);
  }

  bounds() {
    const bounds = (this.border || this.ground)?.getBounds();
    return bounds?.isValid() ? bounds : null;
  }

  mineBounds() {
    const bounds = this.own?.getBounds();
    return bounds?.isValid() ? bounds : null;
  }
}

const rank = (feature) => (ROADS[feature.properties.klass] || ROADS.lane)[0];
const width = (feature) => feature.properties.width_m || (ROADS[feature.properties.klass] || ROADS.lane)[1];

/** A name on the map: to be seen only, because lists and boxes say it in words. */
export function writeName(group, text, at, className) {
  const label = window.L.tooltip({ permanent: true, direction: "center", className, interactive: false, opacity: 1 });
  group.addLayer(label.setLatLng(at).setContent(element("span", { text })));
  label.getElement()?.removeAttribute("role");
  label.getElement()?.setAttribute("aria-hidden", "true");
}

const middle = (box) => window.L.latLng((box[1] + box[3]) / 2, (box[0] + box[2]) / 2);

function partOf(feature) {
  const { lon, lat } = placeOf(feature);
  return { id: feature.id, properties: { ...feature.properties, lon, lat }, latlng: window.L.latLng(lat, lon) };
}

function partLook(kind, state, mark, zoom) {
  const broken = state === "broken";
  const [ink, soft] = broken ? ["#8a3b00", "#d9822b"] : ["#00605c", "#5fb8b0"];
  if (kind === 1) {
    const radius = (PART_RADIUS[zoom] || 4.6) + (mark ? 3 : 0);
    return { radius, fill: broken ? "#b45309" : "#00706b", stroke: mark ? "#0958d9" : "#fff", width: mark ? 3 : zoom > 15 ? 1 : 0.5 };
  }
  return { stroke: mark ? "#0958d9" : ink, width: mark ? 4 : 1.5, fill: soft, fillOpacity: 0.35 };
}

function rings(geometry) {
  return geometry.type === "Polygon" ? [geometry.coordinates] : geometry.coordinates;
}

export function boxOf(geometry) {
  const box = [180, 90, -180, -90];
  for (const [lon, lat] of rings(geometry).flat(2)) {
    box[0] = Math.min(box[0], lon);
    box[1] = Math.min(box[1], lat);
    box[2] = Math.max(box[2], lon);
    box[3] = Math.max(box[3], lat);
  }
  return box;
}

/** Whether a polygon or multipolygon holds a point: crossings of all rings of a part, even or odd. */
export function covers(geometry, lon, lat) {
  return rings(geometry).some((polygon) => {
    let inside = false;
    for (const ring of polygon) {
      for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
        const [[x, y], [u, v]] = [ring[i], ring[j]];
        if (y > lat !== v > lat && lon < ((u - x) * (lat - y)) / (v - y) + x) inside = !inside;
      }
    }
    return inside;
  });
}
