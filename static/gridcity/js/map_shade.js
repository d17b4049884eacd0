// Cells, communities or streets shaded by a count or a rate. One blue from light to dark reads for every kind of colour vision;
// letters stand in the legend and, from near, in the cells, so that no colour has to be told apart.

import { element, json } from "./dom.js";
import { feed, PARTS_FROM_ZOOM, writeName } from "./map_base.js";
import { placeOf } from "./map_tiles.js";
import { t } from "./words.js";

const FILLS = ["#fff", "#dbe9f6", "#9ecae1", "#5fa3d0", "#2b6cb0", "#08306b"];
// What has a better and a worse end is marked as grades are: A is the best, in the colours of .gc-grade.
const LETTERS = ["A", "B", "C", "D", "E"];
const GRADES = ["#08306b", "#2b6cb0", "#9ecae1", "#dbe9f6", "#fff"];
const LETTERS_FROM_ZOOM = 15;
const MOST_LETTERS = 250;
const NAMES_PAUSE_MS = 120;

// Where the shapes of a level lie: which tiles, which layer in them, which layer of names.
const LEVELS = {
  cell: ["cells", "cells", "cell_names"],
  community: ["streets", "communities", "community_names"],
  street: ["streets", "streets", "street_names"],
};

/** What has nothing to divide by is hatched: neither 0 nor 100 per cent. */
function hatching() {
  const canvas = document.createElement("canvas");
  canvas.width = canvas.height = 8;
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff";
  context.fillRect(0, 0, 8, 8);
  context.strokeStyle = "#8793a5";
  context.beginPath();
  for (const from of [-8, 0, 8]) {
    context.moveTo(from, 8);
    context.lineTo(from + 8, 0);
  }
  context.stroke();
  return context.createPattern(canvas, "repeat");
}

const FEW_CLASSES = 3;

/** Upper bounds of at most five classes with about equally many cells in each; nought is a class of its own unless it has a meaning. */
export function breaks(counts, withNought = false) {
  const sorted = counts.filter((count) => count > 0 || withNought).sort((one, other) => one - other);
  const found = fifths(sorted);
  // Where most have the same value, such as 100 %, the others would share one class: each value counts once then.
  return found.length < FEW_CLASSES ? fifths([...new Set(sorted)]) : found;
}

function fifths(sorted) {
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
    this.breaks = [];
  }

  async load() {
    const counts = this.settings.counts_id ? json(this.settings.counts_id) : this.settings.counts;
    this.begin();
    this.show(counts || (this.settings.url ? (await this.asked()).counts : {}) || {});
    this.map.leaflet.on("moveend zoomend", () => this.later());
  }

  async asked() {
    try {
      return await feed(this.settings.url);
    } catch {
      this.map.base.failed();
      return {};
    }
  }

  /** Shapes come as tiles, counts apart: another count needs another style and nothing else. */
  begin() {
    const { base } = this.map;
    const style = (fill) => ({ fill, fillOpacity: 0.9 });
    const [styles, grades] = [FILLS.map(style), GRADES.map(style)];
    const hatched = this.settings.rate || this.settings.grades ? style(hatching()) : null;
    const [source, shaded] = this.level;
    const until = this.settings.until ? { maxZoom: Math.floor(PARTS_FROM_ZOOM) } : {};
    this.layer = base.tiles(source, "shade", {
      ...until,
      style: ({ layer, properties: { code } }) => {
        if (layer !== shaded) return null;
        const value = this.value(code);
        if (value === null) return hatched;
        const step = this.step(code);
        if (!step) return null;
        return this.isGraded ? grades[this.grade(step)] : styles[this.ramp(step)];
      },
    });
    this.layer?.on("gc:tile", () => this.later());
  }

  get level() {
    return LEVELS[this.settings.level || "cell"];
  }

  /** Streets have room for their letter at every zoom, cells and communities from near only. */
  get isCoarse() {
    return this.settings.level === "street";
  }

  /** Whether a class of it is better than another: a figure with a better end, or a score. */
  get isGraded() {
    return Boolean(this.settings.better || this.settings.grades);
  }

  /** A count, a rate in per cent or a score; null where there is none, or nothing to divide by. */
  value(code) {
    const [count, whole, percent] = [this.counts?.[code] ?? (this.settings.grades ? null : 0)].flat();
    if (!this.settings.rate) return count;
    return whole ? percent : null;
  }

  /** Whether cells are shaded at this zoom. */
  get isShown() {
    return !this.settings.until || this.map.leaflet.getZoom() < PARTS_FROM_ZOOM;
  }

  /** counts: {code of the cell: number}. */
  show(counts) {
    this.counts = counts;
    const values = Object.keys(counts).map((code) => this.value(code)).filter((value) => value !== null);
    this.breaks = this.settings.grades ? [] : breaks(values, this.isGraded);
    this.layer?.restyle();
    this.drawLegend();
    this.drawLetters();
  }

  /** Which class a place is in, the lowest first; 0: in none. A grade is that of the unrounded score. */
  step(code) {
    const { grades } = this.settings;
    const value = this.value(code);
    if (value === null) return 0;
    if (grades) return grades.length - grades.findIndex(({ letter }) => letter === this.counts[code][1]);
    return value > 0 || this.isGraded ? this.breaks.findIndex((bound) => value <= bound) + 1 : 0;
  }

  /** The place of a class among the grades, the best first. */
  grade(step) {
    if (this.settings.grades) return this.settings.grades.length - step;
    return this.settings.better > 0 ? this.breaks.length - step : step - 1;
  }

  /** How a class is marked: by a letter where one is better than another, else by its number. */
  mark(step) {
    if (!step) return "";
    if (!this.isGraded) return String(step);
    return this.settings.grades?.[this.grade(step)].letter ?? LETTERS[this.grade(step)];
  }

  /** The place of a step on the ramp: few steps take the dark end, so that they can be seen. */
  ramp(step) {
    return step ? Math.round((step / this.breaks.length) * (FILLS.length - 1)) : 0;
  }

  words(cell) {
    const [count, whole] = [this.counts?.[cell.properties.code] ?? 0].flat();
    if (this.settings.grades) {
      const score = this.value(cell.properties.code);
      return score === null ? "–" : `${this.settings.title}: ${score.toFixed(2)} · ${this.mark(this.step(cell.properties.code))}`;
    }
    if (this.settings.rate) return whole ? t("map_share_of", { share: this.value(cell.properties.code).toFixed(2), n: count, whole }) : t("map_nothing");
    if (this.settings.level) return `${this.settings.title}: ${count}`;
    return t(this.settings.unit || "cases_n", { n: this.counts?.[cell.properties.code] || 0 });
  }

  /** The area of the shaded level at a place. */
  under(latlng) {
    if (this.level[1] === "cells") return this.map.base.cellAt(latlng.lng, latlng.lat);
    return this.layer?.at(latlng, 0, this.level[1])[0];
  }

  open(latlng) {
    const cell = this.under(latlng);
    if (!cell) return;
    const { code, name } = cell.properties;
    const isCell = this.level[1] === "cells";
    const lines = element("div", {}, element("strong", { text: isCell ? t("map_cell", { code }) : name }), element("div", { text: this.words(cell) }));
    if (this.settings.list_url && this.counts?.[code]) lines.append(element("a", { href: this.settings.list_url.replace("{cell}", code), text: t("map_open_list") }));
    if (isCell && this.map.feeds.cell) lines.append(element("div", {}, element("a", { href: this.map.feeds.cell.replace("{cell}", code), text: t("map_open_cell") })));
    window.L.popup({ autoPanPadding: [30, 30] }).setLatLng(latlng).setContent(lines).openOn(this.map.leaflet);
  }

  drawLegend() {
    this.legend?.remove();
    if (!this.isShown || !(this.breaks.length || this.settings.rate || this.settings.grades)) return;
    this.legend = window.L.control({ position: "bottomright" });
    this.legend.onAdd = () => {
      const list = element("ul", {});
      const line = (ramp, mark, text) => list.append(element("li", {}, element("span", { class: `gc-ramp gc-ramp-${ramp}`, text: mark }), element("span", { text })));
      if (!this.isGraded) line(0, "", this.settings.rate ? "0 %" : t("map_none"));
      if (this.settings.rate) line("none", "", t("map_nothing"));
      if (this.settings.grades) {
        this.settings.grades.forEach(({ letter, name, least }) => line(letter.toLowerCase(), letter, `${name} ≥ ${least}`));
        line("none", "", "–");
      }
      const steps = this.breaks.map((_bound, index) => index + 1);
      if (this.settings.better > 0) steps.reverse(); // the best on top
      steps.forEach((step) => line(this.isGraded ? this.mark(step).toLowerCase() : this.ramp(step), this.mark(step), this.range(step)));
      return element("div", { class: "gc-map-legend" }, element("strong", { text: this.settings.title || t("map_legend") }), list);
    };
    this.legend.addTo(this.map.leaflet);
  }

  /** From where to where a class goes, in words. */
  range(step) {
    const bound = this.breaks[step - 1];
    const nought = this.isGraded ? 0 : 1;
    if (this.settings.rate) {
      if (step > 1) return `> ${this.breaks[step - 2]} %, ≤ ${bound} %`;
      return this.isGraded ? `≤ ${bound} %` : `> 0 %, ≤ ${bound} %`;
    }
    const from = step > 1 ? this.breaks[step - 2] + 1 : nought;
    return from === bound ? String(bound) : `${from}–${bound}`;
  }

  later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      if (this.settings.until) this.drawLegend();
      this.drawLetters();
    }, NAMES_PAUSE_MS);
  }

  drawLetters() {
    this.names.clearLayers();
    if ((this.map.leaflet.getZoom() < LETTERS_FROM_ZOOM && !this.isCoarse) || !this.counts || !this.isShown) return;
    const view = this.map.leaflet.getBounds();
    let left = MOST_LETTERS;
    for (const feature of this.layer?.inView(this.level[2]) || []) {
      const value = this.value(feature.properties.code);
      const { lon, lat } = placeOf(feature);
      if (value === null || !(value || this.isGraded) || !view.contains([lat, lon])) continue;
      if (!left) break;
      left -= 1;
      writeName(this.names, `${this.mark(this.step(feature.properties.code))} ${value}${this.settings.rate ? " %" : ""}`, [lat, lon], "gc-map-name gc-map-name-cell");
    }
  }
}
