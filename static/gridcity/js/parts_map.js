// List and map of the register are one: hover, focus and choice go both ways, and what is drawn on
// the map is part of the query.

import { element } from "./dom.js";
import { goTo } from "./lists.js";
import { mapOf } from "./map.js";
import { PartsLayer } from "./parts_layer.js";
import { Drawing } from "./parts_draw.js";
import { t } from "./words.js";

const NEAR_PX = 14;

export function start(root) {
  const map = mapOf(root.querySelector("[data-gc-map]"));
  if (map) new PartsMap(root, map).begin();
}

class PartsMap {
  constructor(root, map) {
    this.root = root;
    this.map = map;
    this.says = document.querySelector("[data-gc-parts-says]");
    this.layer = new PartsLayer(map, root.dataset.feed, (words) => { if (!this.drawing) this.says.textContent = words; });
  }

  begin() {
    this.map.tool = (latlng) => this.choose(latlng);
    this.showArea();
    this.followPointer();
    this.listenToButtons();
    this.layer.load();
  }

  /** The drawn area of the query, as it stands in the form. */
  showArea() {
    const corners = (this.field.value || "").split(";").filter(Boolean).map((pair) => pair.split(",").map(Number));
    if (corners.length < 3) return;
    window.L.polygon(corners.map(([lon, lat]) => [lat, lon]), { color: "#0958d9", weight: 2, dashArray: "6 4", fillOpacity: 0.05, interactive: false }).addTo(this.map.leaflet);
  }

  get field() {
    return document.querySelector("form[data-gc-query] [name=area]");
  }

  // ---------------------------------------------------------------- one selection

  row(code) {
    return this.root.querySelector(`[data-gc-row="${CSS.escape(code)}"]`);
  }

  choose(latlng) {
    const found = this.layer.near(latlng, NEAR_PX);
    if (!found) return false;
    const { code, label } = found.properties;
    const row = this.row(code);
    if (row) goTo(row);
    else {
      const lines = element("div", {}, element("div", { text: label }), element("a", { href: this.address(code), text: t("parts_open") }));
      window.L.popup({ autoPanPadding: [30, 30] }).setLatLng(found.at).setContent(lines).openOn(this.map.leaflet);
    }
    this.layer.highlight(code);
    return true;
  }

  address(code) {
    return `${location.pathname}${code}/`;
  }

  followPointer() {
    const { leaflet } = this.map;
    leaflet.on("mousemove", ({ latlng }) => {
      this.frame ||= requestAnimationFrame(() => {
        this.frame = 0;
        if (!this.drawing) this.point(this.layer.near(latlng, NEAR_PX)?.properties.code);
      });
    });
    document.addEventListener("mouseover", ({ target }) => {
      const sign = target.closest?.(".gc-spot");
      if (sign) this.point([...this.map.markers.byId].find(([, marker]) => marker.getElement?.() === sign)?.[0]);
      const row = target.closest?.("#parts [data-gc-row]");
      if (row) this.layer.highlight(row.dataset.gcRow);
    });
    document.addEventListener("gc:row", ({ detail }) => this.layer.highlight(detail.id));
  }

  point(code) {
    if (code === this.pointed) return;
    this.pointed = code;
    for (const row of this.root.querySelectorAll(".gc-hover")) row.classList.remove("gc-hover");
    if (code) this.row(code)?.classList.add("gc-hover");
    this.layer.highlight(code);
  }

  // ---------------------------------------------------------------- a place as query

  listenToButtons() {
    const [draw, undo, done, all] = ["draw", "draw-undo", "draw-done", "window"].map((name) => document.querySelector(`[data-gc-${name}]`));
    this.buttons = { draw, undo, done };
    // Until the map stands a press would be lost: they come disabled.
    draw.disabled = all.disabled = false;
    draw.addEventListener("click", () => (this.drawing ? this.stop() : this.begun()));
    undo.addEventListener("click", () => this.drawing.undo());
    done.addEventListener("click", () => this.search(this.drawing.corners));
    all.addEventListener("click", () => {
      const box = this.map.leaflet.getBounds();
      this.search([[box.getWest(), box.getSouth()], [box.getEast(), box.getSouth()], [box.getEast(), box.getNorth()], [box.getWest(), box.getNorth()]]);
    });
  }

  begun() {
    this.drawing = new Drawing(this.map, "polygon", () => this.show());
    this.map.element.focus();
    this.show();
  }

  stop() {
    this.drawing.remove();
    this.drawing = null;
    this.map.tool = (latlng) => this.choose(latlng);
    this.show();
    this.layer.load();
  }

  show() {
    const { draw, undo, done } = this.buttons;
    draw.setAttribute("aria-pressed", String(Boolean(this.drawing)));
    undo.hidden = !this.drawing?.corners.length;
    done.hidden = !this.drawing?.isWhole;
    if (this.drawing) this.says.textContent = t("draw_corners", { n: this.drawing.corners.length });
  }

  search(corners) {
    this.field.value = corners.map((pair) => pair.map((side) => side.toFixed(6)).join(",")).join(";");
    this.field.form.requestSubmit();
  }
}

