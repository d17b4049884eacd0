// The parts of a query in the window of the map, drawn one by one on canvas. This is the one place
// that knows how parts come to the map: whatever else draws them offers the same four things,
// `load()`, `near(latlng, pixels)`, `highlight(code)` and `says`.

import { t } from "./words.js";

const PAUSE_MS = 200;
const FILLS = { intact: "#00706b", broken: "#874d00", lost: "#cf1322", abandoned: "#465063", removed: "#465063" };

export class PartsLayer {
  constructor(map, feed, tell) {
    this.map = map;
    this.leaflet = map.leaflet;
    this.feed = feed;
    this.tell = tell;
    this.features = [];
    this.asked = 0;
    this.renderer = map.base.renderers.parts;
    this.ring = window.L.circleMarker([0, 0], { radius: 10, color: "#0958d9", weight: 3, fill: false, interactive: false });
    this.leaflet.on("moveend", () => this.later());
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.load(), PAUSE_MS);
  }

  async load() {
    this.asked += 1;
    const turn = this.asked;
    const box = this.leaflet.getBounds();
    const sides = [box.getWest(), box.getSouth(), box.getEast(), box.getNorth()].map((side) => side.toFixed(5));
    const mark = this.feed.includes("?") ? "&" : "?";
    const answer = await fetch(`${this.feed}${mark}bbox=${sides.join(",")}`, { credentials: "same-origin", headers: { Accept: "application/json" } }).catch(() => null);
    if (turn !== this.asked) return;
    const body = answer?.ok ? await answer.json().catch(() => null) : null;
    if (turn !== this.asked) return;
    this.draw(body?.features || []);
    if (!body) this.tell(t("map_failed"));
    else this.tell(body.more ? t("parts_come_nearer") : t("parts_in_window", { n: body.features.length }));
  }

  draw(features) {
    this.features = features;
    this.layer?.remove();
    const { renderer } = this;
    const fill = (feature) => FILLS[feature.properties.state] || FILLS.removed;
    this.layer = window.L.geoJSON({ type: "FeatureCollection", features }, {
      interactive: false,
      style: (feature) => ({ renderer, interactive: false, color: fill(feature), weight: 2, fillColor: fill(feature), fillOpacity: 0.25 }),
      pointToLayer: (feature, latlng) => window.L.circleMarker(latlng, { renderer, interactive: false, radius: 4.5, color: "#fff", weight: 1, fillColor: fill(feature), fillOpacity: 0.95 }),
    }).addTo(this.leaflet);
    this.drawn = new Map(this.layer.getLayers().map((layer) => [layer.feature.properties.code, layer]));
  }

  /** The part nearest to a place, within so many pixels. */
  near(latlng, pixels) {
    const here = this.leaflet.latLngToContainerPoint(latlng);
    let best = null;
    for (const layer of this.drawn?.values() || []) {
      const at = layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter();
      const away = this.leaflet.latLngToContainerPoint(at).distanceTo(here);
      if (away <= pixels && (!best || away < best.away)) best = { away, at, properties: layer.feature.properties };
    }
    return best;
  }

  /** A ring around a part that is drawn; none for any other. */
  highlight(code) {
    const layer = this.drawn?.get(String(code));
    if (!layer) {
      this.ring.remove();
      return;
    }
    this.ring.setLatLng(layer.getLatLng ? layer.getLatLng() : layer.getBounds().getCenter()).addTo(this.leaflet);
  }
}
