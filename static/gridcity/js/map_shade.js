// Cells shaded by a count. One blue from light to dark reads for every kind of colour vision;
// letters stand in the legend and, from near, in the cells, so that no colour has to be told apart.

import { element, json } from "./dom.js";
import { feed, writeName } from "./map_base.js";
import { t } from "./words.js";

const FILLS = ["#fff", "#dbe9f6", "#9ecae1", "#5fa3d0", "#2b6cb0", "#08306b"];
const LETTERS = ["", "A", "B", "C", "D", "E"];
const LETTERS_FROM_ZOOM = 15;
const MOST_LETTERS = 400;

/** Upper bounds of at most five classes with about equally many cells in each. */
export function breaks(counts) {
  const sorted = counts.filter((count) => count > 0).sort((one, other) => one - other);
  if (!sorted.length) return [];
  const bounds = [0.2, 0.4, 0.6, 0.8, 1].map((share) => sorted[Math.ceil(share * sorted.length) - 1]);
  return [...new Set(bounds)];
}

export class Shade {
  constructor(map) {
    this.map = map;
    this.settings = map.settings.shade;
    this.names = window.L.layerGroup().addTo(map.leaflet);
    this.legend = null;
  }

  async load() {
    const counts = this.settings.counts_id ? json(this.settings.counts_id) : this.settings.counts;
    this.show(counts || (this.settings.url ? (await feed(this.settings.url)).counts : {}) || {});
    this.map.leaflet.on("moveend zoomend", () => this.drawLetters());
  }

  /** counts: {code of the cell: number}. */
  show(counts) {
    this.counts = counts;
    this.breaks = breaks(Object.values(counts));
    this.layer?.remove();
    const cells = this.map.base.cells.filter((cell) => counts[cell.properties.code] > 0);
    this.layer = this.map.base.layer({ type: "FeatureCollection", features: cells }, "shade", (feature) => ({
      stroke: false, fillColor: FILLS[this.ramp(this.step(counts[feature.properties.code]))], fillOpacity: 0.9,
    }));
    this.drawLegend();
    this.drawLetters();
  }

  step(count) {
    return count > 0 ? this.breaks.findIndex((bound) => count <= bound) + 1 : 0;
  }

  /** The place of a step on the ramp: few steps take the dark end, so that they can be seen. */
  ramp(step) {
    return step ? Math.round((step / this.breaks.length) * (FILLS.length - 1)) : 0;
  }

  words(cell) {
    return t("cases_n", { n: this.counts?.[cell.properties.code] || 0 });
  }

  open(latlng) {
    const cell = this.map.base.cellAt(latlng.lng, latlng.lat);
    if (!cell) return;
    const { code } = cell.properties;
    const lines = element("div", {}, element("strong", { text: t("map_cell", { code }) }), element("div", { text: this.words(cell) }));
    if (this.settings.list_url && this.counts[code]) lines.append(element("a", { href: this.settings.list_url.replace("{cell}", code), text: t("map_open_list") }));
    window.L.popup({ autoPanPadding: [30, 30] }).setLatLng(latlng).setContent(lines).openOn(this.map.leaflet);
  }

  drawLegend() {
    this.legend?.remove();
    if (!this.breaks.length) return;
    this.legend = window.L.control({ position: "bottomright" });
    this.legend.onAdd = () => {
      const list = element("ul", {}, element("li", {}, element("span", { class: "gc-ramp gc-ramp-0" }), element("span", { text: t("map_none") })));
      this.breaks.forEach((bound, index) => {
        const from = index ? this.breaks[index - 1] + 1 : 1;
        list.append(element("li", {}, element("span", { class: `gc-ramp gc-ramp-${this.ramp(index + 1)}`, text: LETTERS[index + 1] }),
          element("span", { text: from === bound ? String(bound) : `${from}–${bound}` })));
      });
      return element("div", { class: "gc-map-legend" }, element("strong", { text: this.settings.title || t("map_legend") }), list);
    };
    this.legend.addTo(this.map.leaflet);
  }

  drawLetters() {
    this.names.clearLayers();
    if (this.map.leaflet.getZoom() < LETTERS_FROM_ZOOM || !this.counts) return;
    const view = this.map.leaflet.getBounds();
    let left = MOST_LETTERS;
    for (const { properties, box } of this.map.base.cells) {
      const count = this.counts[properties.code];
      const at = [(box[1] + box[3]) / 2, (box[0] + box[2]) / 2];
      if (!count || !view.contains(at)) continue;
      if (!left) break;
      left -= 1;
      writeName(this.names, `${LETTERS[this.step(count)]} ${count}`, at, "gc-map-name gc-map-name-cell");
    }
  }
}
