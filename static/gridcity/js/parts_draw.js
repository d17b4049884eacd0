// Drawing on the map by pointer or keys: a tap, or Enter for the middle of the map, sets a corner.
// A point is the map's own pin; lines and areas are rows of corners, told as GeoJSON.

import { json } from "./dom.js";
import { mapOf } from "./map.js";
import { Pin } from "./map_places.js";
import { t } from "./words.js";

const LEAST = { line: 2, polygon: 3 };
const STYLE = { color: "#0958d9", weight: 3, fillOpacity: 0.12, interactive: false };

/** Corners of a line or an area; `corners` are [lon, lat]. The map's clicks are its own meanwhile. */
export class Drawing {
  constructor(map, kind, changed, corners = []) {
    Object.assign(this, { map, kind, changed, corners });
    map.tool = (latlng) => {
      this.corners.push([latlng.lng, latlng.lat]);
      this.draw();
      this.changed();
      return true;
    };
    map.element.dataset.drawing = kind;
    this.draw();
  }

  get isWhole() {
    return this.corners.length >= LEAST[this.kind];
  }

  draw() {
    this.layer?.remove();
    const places = this.corners.map(([lon, lat]) => [lat, lon]);
    const shape = this.kind === "polygon" && this.isWhole ? window.L.polygon(places, STYLE) : window.L.polyline(places, STYLE);
    const dots = places.map((place) => window.L.circleMarker(place, { ...STYLE, radius: 4, fillOpacity: 1, fillColor: "#fff" }));
    this.layer = window.L.layerGroup([shape, ...dots]).addTo(this.map.leaflet);
  }

  undo() {
    this.corners.pop();
    this.draw();
    this.changed();
  }

  clear() {
    this.corners = [];
    this.draw();
    this.changed();
  }

  remove() {
    this.layer?.remove();
    delete this.map.element.dataset.drawing;
    this.map.tool = null;
  }

  geometry() {
    if (!this.isWhole) return null;
    return this.kind === "line" ? { type: "LineString", coordinates: this.corners } : { type: "Polygon", coordinates: [[...this.corners, this.corners[0]]] };
  }
}

/** A form's place: by pin for points, by corners for all else; the class decides which. */
export function start(root) {
  const map = mapOf(root.querySelector("[data-gc-map]"));
  if (map) new Place(root, map).begin();
}

class Place {
  constructor(root, map) {
    this.root = root;
    this.map = map;
    this.field = document.getElementById(root.dataset.into);
    this.says = root.querySelector("[data-gc-draw-says]");
    this.kinds = json("part-kinds") || {};
  }

  begin() {
    const choice = this.field.form.elements.class_code;
    if (choice && !this.root.dataset.kind) choice.addEventListener("change", () => this.become(this.kinds[choice.value] || "point"));
    this.map.element.addEventListener("gc:pin", ({ detail }) => {
      if (this.kind === "point") this.set({ type: "Point", coordinates: [detail.lon, detail.lat] });
    });
    this.root.querySelector("[data-gc-draw-undo]").addEventListener("click", () => this.drawing?.undo());
    this.root.querySelector("[data-gc-draw-clear]").addEventListener("click", () => this.drawing?.clear());
    this.become(this.root.dataset.kind || this.kinds[choice?.value] || "point", this.field.value ? JSON.parse(this.field.value) : null);
  }

  become(kind, geometry = null) {
    if (kind === this.kind) return;
    this.kind = kind;
    this.drawing?.remove();
    this.drawing = null;
    for (const button of this.root.querySelectorAll("[data-gc-draw-undo], [data-gc-draw-clear]")) button.hidden = kind === "point";
    this.map.pin?.marker?.remove();
    this.map.pin = null;
    if (kind === "point") this.pin(geometry);
    else {
      this.drawing = new Drawing(this.map, kind, () => this.set(this.drawing.geometry()), cornersOf(geometry));
      this.fit();
    }
    this.set(geometry);
  }

  pin(geometry) {
    const [lon, lat] = geometry?.type === "Point" ? geometry.coordinates : [];
    this.map.settings.pin = { lon, lat, movable: true };
    this.map.pin = new Pin(this.map);
  }

  fit() {
    const bounds = window.L.latLngBounds(this.drawing.corners.map(([lon, lat]) => [lat, lon]));
    if (bounds.isValid()) this.map.leaflet.fitBounds(bounds.pad(0.4), { animate: false, maxZoom: 19 });
  }

  set(geometry) {
    this.field.value = geometry ? JSON.stringify(geometry) : "";
    if (this.kind !== "point") this.says.textContent = t("draw_corners", { n: this.drawing.corners.length });
    else this.says.textContent = geometry ? geometry.coordinates.map((side) => side.toFixed(7)).join(", ") : t("draw_point");
  }
}

/** The corners of a simple line or area; of one with several pieces, none: it is drawn anew. */
function cornersOf(geometry) {
  if (geometry?.type === "LineString") return [...geometry.coordinates];
  if (geometry?.type === "Polygon" && geometry.coordinates.length === 1) return geometry.coordinates[0].slice(0, -1);
  return [];
}

/** The shape of a part that is no point. */
export function show(root) {
  const map = mapOf(root.querySelector("[data-gc-map]"));
  const shape = json(root.dataset.gcShape);
  if (!map || !shape) return;
  const layer = window.L.geoJSON(shape, { interactive: false, style: STYLE }).addTo(map.leaflet);
  map.leaflet.fitBounds(layer.getBounds().pad(0.4), { animate: false, maxZoom: 19 });
}
