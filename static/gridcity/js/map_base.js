// What lies beneath: district, streets, roads, unit grid cells and parts, from our own feeds.
// All is drawn on canvas without events; what was hit is reckoned here from the shapes.

import { element } from "./dom.js";
import { t } from "./words.js";

const CELLS_FROM_ZOOM = 15.5;
const PARTS_FROM_ZOOM = 17.5;
const ROAD_NAMES_FROM_ZOOM = 16;
const LOAD_PAUSE_MS = 250;
const NAME_PX = 13;

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
    this.parts = [];
    this.mine = new Set(map.settings.cells || []);
    this.renderers = {};
    for (const [name, z] of [["ground", 210], ["shade", 220], ["roads", 230], ["lines", 240], ["parts", 250]]) {
      const pane = this.leaflet.createPane(name);
      pane.style.zIndex = z;
      pane.style.pointerEvents = "none";
      this.renderers[name] = window.L.canvas({ pane: name, padding: 0.25 });
    }
    this.names = window.L.layerGroup().addTo(this.leaflet);
  }

  async load() {
    const { feeds } = this.map;
    const [district, streets, roads] = await Promise.all(["district", "streets", "roads"].map((name) => this.get(feeds[name])));
    this.drawGround(district, streets);
    this.drawRoads(roads);
    this.drawStreets(streets);
    const needsCells = feeds.cells && (this.map.settings.shade || this.mine.size || this.map.settings.own);
    if (needsCells) await this.loadCells();
    this.leaflet.on("zoomend", () => this.restyle());
    this.leaflet.on("moveend", () => this.later());
    this.restyle();
    this.later();
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

  drawGround(district, streets) {
    this.ground = this.layer(district || streets, "ground", () => ({ stroke: false, fillColor: "#edf0f4", fillOpacity: 1 }));
    this.border = this.layer(district, "lines", () => ({ color: "#5b6a80", weight: 2.5, fill: false }));
  }

  drawStreets(streets) {
    this.streets = this.layer(streets, "lines", () => ({ color: "#7d8aa0", weight: 1.3, dashArray: "6 4", fill: false }));
  }

  drawRoads(roads) {
    this.casing = this.layer(roads, "roads", (feature) => ({ color: CASINGS[rank(feature)], lineCap: "round" }));
    this.roads = this.layer(roads, "roads", () => ({ color: "#fff", lineCap: "round" }));
  }

  async loadCells() {
    const data = await this.get(this.map.feeds.cells);
    this.cells = (data?.features || []).map((feature) => ({ ...feature, box: boxOf(feature.geometry) }));
    this.outlines = this.layer(data, "lines", (feature) => this.cellStyle(feature));
    if (this.outlines) this.outlines.remove();
    const own = { features: this.cells.filter((cell) => this.mine.has(cell.properties.code)), type: "FeatureCollection" };
    this.own = this.layer(own, "lines", () => ({ color: "#0958d9", weight: 2, fillColor: "#0958d9", fillOpacity: 0.07 }));
  }

  cellStyle() {
    return { color: "#9aa6b8", weight: 0.8, fill: false };
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
    if (this.outlines) {
      if (zoom >= CELLS_FROM_ZOOM || (this.map.shade && zoom >= 14.5)) this.outlines.addTo(this.leaflet);
      else this.outlines.remove();
    }
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.inView(), LOAD_PAUSE_MS);
  }

  async inView() {
    this.drawNames();
    const { cells, parts } = this.map.feeds;
    const zoom = this.leaflet.getZoom();
    if (cells && !this.cells.length && zoom >= CELLS_FROM_ZOOM) {
      await this.loadCells();
      this.restyle();
    }
    if (!parts) return;
    if (zoom < PARTS_FROM_ZOOM) this.drawParts({ features: [] });
    else this.drawParts((await this.get(parts.replace("{bbox}", this.boxInView()))) || { features: [] });
  }

  /** West, south, east, north, widened to hundredths so that small moves ask nothing new. */
  boxInView() {
    const box = this.leaflet.getBounds();
    const down = (value) => (Math.floor(value * 500) / 500).toFixed(3);
    const up = (value) => (Math.ceil(value * 500) / 500).toFixed(3);
    return [down(box.getWest()), down(box.getSouth()), up(box.getEast()), up(box.getNorth())].join(",");
  }

  drawParts(data) {
    this.partLayer?.remove();
    this.parts = data.features;
    this.partLayer = this.layer(data, "parts", () => ({ color: "#00605c", weight: 1.5, fillColor: "#5fb8b0", fillOpacity: 0.35 }), {
      pointToLayer: (feature, latlng) => window.L.circleMarker(latlng, { renderer: this.renderers.parts, interactive: false, radius: 4, color: "#fff", weight: 1, fillColor: "#00706b", fillOpacity: 0.95 }),
    });
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
    if (zoom >= 12.5 && zoom < 17) {
      this.streets?.eachLayer((layer) => this.name(layer.feature.properties.name, innerPoint(layer), "gc-map-name", view));
    }
    if (zoom >= ROAD_NAMES_FROM_ZOOM) this.drawRoadNames(view, zoom);
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

  cellAt(lon, lat) {
    return this.cells.find(({ box, geometry }) => lon >= box[0] && lon <= box[2] && lat >= box[1] && lat <= box[3] && covers(geometry, lon, lat));
  }

  partNear(latlng, pixels) {
    const here = this.leaflet.latLngToContainerPoint(latlng);
    let best = null;
    for (const part of this.parts) {
      if (part.geometry.type !== "Point") continue;
      const [lon, lat] = part.geometry.coordinates;
      const distance = here.distanceTo(this.leaflet.latLngToContainerPoint([lat, lon]));
      if (distance <= pixels && (!best || distance < best.distance)) best = { part, distance };
    }
    return best?.part;
  }

  bounds() {
    const bounds = (this.border || this.ground || this.streets)?.getBounds();
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

function innerPoint(layer) {
  const said = layer.feature.properties.label;
  return said ? window.L.latLng(said[1], said[0]) : layer.getBounds().getCenter();
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
