// Responsibility grids on the map: cells in the colour of their supervisor, chosen by click, by
// rectangle or by keys, and given away from the form beside. Map and list share one choice.
// Names stand in the map and in the list, so that no colour has to be told apart.

import { element, json } from "./dom.js";
import { mapOf } from "./map.js";
import { feed } from "./map_base.js";
import { toast } from "./toasts.js";

const FILLS = ["#8fb8de", "#f2c14e", "#a7c957", "#d8a7d1", "#f4978e", "#7fd1c7", "#c9b79c", "#b8b8e8", "#e0e0e0"];
const CHOSEN = { color: "#0b2a5b", weight: 3, opacity: 1 };
const PLAIN = { color: "#5b6a80", weight: 0.6, opacity: 0.8 };
const NAMES_FROM_ZOOM = 15;
const MOST_NAMES = 250;

const settings = json("patrol-settings");
const form = document.querySelector("[data-gc-patrols]");
const mapElement = document.querySelector("[data-gc-map]");

const fill = (words, values) => words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

class Patrols {
  constructor() {
    this.chosen = new Set();
    this.layers = new Map();
    this.state = { cells: {}, supervisors: {} };
    this.says = form.querySelector("[data-gc-chosen]");
    this.hidden = form.querySelector("input[name=cells]");
    this.boxes = () => [...document.querySelectorAll("[data-gc-cell]")];
    this.listen();
    this.tell();
  }

  // -------------------------------------------------------------- the choice

  choose(codes, isOn = true) {
    for (const code of codes) {
      if (isOn) this.chosen.add(code);
      else this.chosen.delete(code);
      this.style(code);
      const box = document.querySelector(`[data-gc-cell="${code}"]`);
      if (box) box.checked = isOn;
    }
    this.tell();
  }

  toggle(code) {
    if (code) this.choose([code], !this.chosen.has(code));
  }

  tell() {
    this.says.textContent = fill(settings.words.chosen, { n: this.chosen.size });
    for (const button of form.querySelectorAll("button[name=way], [data-gc-none]")) button.disabled = !this.chosen.size;
  }

  listen() {
    for (const box of this.boxes()) {
      if (box.checked) this.chosen.add(box.dataset.gcCell);
      box.addEventListener("change", () => this.choose([box.dataset.gcCell], box.checked));
    }
    document.querySelector("[data-gc-all-cells]")?.addEventListener("click", () => this.choose(this.boxes().map((box) => box.dataset.gcCell)));
    form.querySelector("[data-gc-none]")?.addEventListener("click", () => this.choose([...this.chosen], false));
    form.addEventListener("submit", (event) => this.send(event));
  }

  // -------------------------------------------------------------- to the server

  seen(code) {
    const box = document.querySelector(`[data-gc-cell="${code}"]`);
    const held = this.state.cells[code] ?? (box ? box.value.split(":")[1].split(",").filter(Boolean) : []);
    return `${code}:${held.join(",")}`;
  }

  async send(event) {
    event.preventDefault();
    this.hidden.value = [...this.chosen].sort().map((code) => this.seen(code)).join(" ");
    const data = new FormData(form, event.submitter);
    data.delete("cell");
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body: data, credentials: "same-origin", headers: { Accept: "application/json" } });
      await this.answered(answer.status, await answer.json());
    } catch {
      toast(settings.words.away, "error");
    }
    form.removeAttribute("aria-busy");
  }

  async answered(status, body) {
    const fault = form.querySelector("[data-gc-fault]");
    fault.hidden = status < 400;
    if (status < 400) {
      this.merge(body);
      this.choose([...this.chosen], false);
      toast(body.said, "success");
      return;
    }
    const lines = Object.values(body.fields || {}).flat();
    fault.querySelector("div").textContent = [body.detail, ...lines].filter(Boolean).join(" ");
    // Who has these cells now: the choice is kept, and can be sent again knowing that.
    if (body.kept?.cells) this.merge({ cells: body.kept.cells, supervisors: {} });
    fault.focus();
  }

  /** What has changed is shown in the map, the list and the counts. */
  merge({ cells, supervisors, uncovered, doubled }) {
    Object.assign(this.state.cells, cells);
    Object.assign(this.state.supervisors, supervisors);
    for (const code of Object.keys(cells)) {
      this.style(code);
      const box = document.querySelector(`[data-gc-cell="${code}"]`);
      if (!box) continue;
      box.value = this.seen(code);
      const told = box.closest("tr").querySelector("[data-gc-holders]");
      told.textContent = cells[code].map((id) => this.nameOf(id)).join("、") || settings.words.nobody;
      told.classList.toggle("gc-bad-ink", !cells[code].length);
    }
    for (const [id, walker] of Object.entries(supervisors)) {
      const count = document.querySelector(`[data-gc-walker="${id}"]`);
      if (count) count.textContent = walker.cells;
    }
    for (const [name, count] of Object.entries({ uncovered, doubled })) {
      const place = document.querySelector(`[data-gc-count="${name}"]`);
      if (place && count !== undefined) place.textContent = count;
    }
    this.drawNames();
  }

  nameOf(id) {
    return this.state.supervisors[id]?.name ?? document.querySelector(`[data-gc-walker-name="${id}"]`)?.textContent ?? String(id);
  }

  // -------------------------------------------------------------- the map

  async drawOn(map) {
    this.map = map;
    const L = window.L;
    const [ground, state] = await Promise.all([feed(settings.feeds.cells), feed(settings.feeds.patrols)]);
    this.state = state;
    const pane = map.leaflet.createPane("patrols");
    pane.style.zIndex = 222;
    pane.style.pointerEvents = "none";
    const renderer = L.canvas({ pane: "patrols", padding: 0.25 });
    this.names = L.layerGroup().addTo(map.leaflet);
    this.cells = ground.features.map((feature) => ({ code: feature.properties.code, geometry: feature.geometry, box: boxOf(feature.geometry) }));
    for (const cell of this.cells) {
      const layer = L.geoJSON(cell.geometry, { interactive: false, pane: "patrols", style: { renderer, interactive: false } });
      layer.eachLayer((shape) => this.layers.set(cell.code, shape));
      layer.addTo(map.leaflet);
      this.style(cell.code);
    }
    this.startPointer(L, map);
    const listed = this.boxes().map((box) => this.layers.get(box.dataset.gcCell)).filter(Boolean);
    if (listed.length) map.leaflet.fitBounds(L.featureGroup(listed).getBounds().pad(0.2), { animate: false });
    map.leaflet.on("moveend", () => this.drawNames());
    this.drawNames();
    mapElement.dataset.gcPatrolsReady = "yes";
  }

  style(code) {
    const shape = this.layers.get(code);
    if (!shape) return;
    const held = (this.state.cells[code] || []).filter((id) => this.state.supervisors[id]?.active !== false);
    const colour = held.length ? FILLS[(this.state.supervisors[held[0]]?.colour ?? 8) % FILLS.length] : "#fff";
    const edge = this.chosen.has(code) ? CHOSEN : held.length === 1 ? PLAIN : { color: "#a8071a", weight: 1.6, opacity: 1 };
    shape.setStyle({ ...edge, dashArray: !this.chosen.has(code) && held.length > 1 ? "4 3" : null, fillColor: colour, fillOpacity: this.chosen.has(code) ? 0.9 : 0.6 });
    if (this.chosen.has(code)) shape.bringToFront();
  }

  cellAt({ lng, lat }) {
    const found = this.cells.find(({ box, geometry }) => lng >= box[0] && lng <= box[2] && lat >= box[1] && lat <= box[3] && inside(geometry.coordinates[0], lng, lat));
    return found?.code;
  }

  within(bounds) {
    return this.cells.filter(({ box }) => bounds.contains([(box[1] + box[3]) / 2, (box[0] + box[2]) / 2])).map((cell) => cell.code);
  }

  /** A click chooses; with the shift key, or while the button is down, a rectangle does. */
  startPointer(L, map) {
    const { leaflet } = map;
    const button = document.querySelector("[data-gc-rectangle]");
    leaflet.boxZoom.disable();
    button?.addEventListener("click", () => {
      const isOn = button.getAttribute("aria-pressed") !== "true";
      button.setAttribute("aria-pressed", String(isOn));
      if (isOn) leaflet.dragging.disable();
      else leaflet.dragging.enable();
    });
    let from = null;
    let frame = null;
    leaflet.on("mousedown", (event) => {
      if (!event.originalEvent.shiftKey && button?.getAttribute("aria-pressed") !== "true") return;
      leaflet.dragging.disable();
      event.originalEvent.preventDefault(); // else a text selection begins, and scrolls the page at its edge
      from = event.latlng;
    });
    leaflet.on("mousemove", (event) => {
      if (!from) return;
      frame?.remove();
      frame = L.rectangle(L.latLngBounds(from, event.latlng), { color: "#0b2a5b", weight: 1.5, dashArray: "5 4", fillOpacity: 0.08, interactive: false }).addTo(leaflet);
    });
    leaflet.on("mouseup", (event) => {
      if (!from) return;
      const bounds = L.latLngBounds(from, event.latlng);
      const moved = leaflet.latLngToContainerPoint(from).distanceTo(leaflet.latLngToContainerPoint(event.latlng));
      from = null;
      frame?.remove();
      frame = null;
      if (button?.getAttribute("aria-pressed") !== "true") leaflet.dragging.enable();
      if (moved > 6) {
        this.choose(this.within(bounds), !event.originalEvent.ctrlKey);
        this.wasRectangle = true;
      }
    });
    leaflet.on("click", (event) => {
      if (this.wasRectangle) this.wasRectangle = false;
      else this.toggle(this.cellAt(event.latlng));
    });
    mapElement.addEventListener("keydown", (event) => this.onKey(event, L, leaflet));
  }

  /** Enter chooses the cell in the middle; R sets one corner there, and again the other. */
  onKey(event, L, leaflet) {
    if (event.target !== mapElement) return;
    if (event.key === "Enter") this.toggle(this.cellAt(leaflet.getCenter()));
    else if (event.key === "r" || event.key === "R") {
      if (this.corner) this.choose(this.within(L.latLngBounds(this.corner, leaflet.getCenter())));
      this.corner = this.corner ? null : leaflet.getCenter();
      toast(this.corner ? settings.words.corner : fill(settings.words.chosen, { n: this.chosen.size }));
    }
  }

  /** The supervisor's name once in the middle of what he has in view. */
  drawNames() {
    if (!this.map) return;
    this.names.clearLayers();
    if (this.map.leaflet.getZoom() < NAMES_FROM_ZOOM) return;
    const view = this.map.leaflet.getBounds();
    const places = new Map();
    for (const { code, box } of this.cells) {
      const at = [(box[1] + box[3]) / 2, (box[0] + box[2]) / 2];
      if (!view.contains(at)) continue;
      const held = (this.state.cells[code] || []).join(",");
      if (!places.has(held)) places.set(held, []);
      places.get(held).push(at);
    }
    for (const [held, all] of [...places].slice(0, MOST_NAMES)) {
      const middle = [mean(all.map((at) => at[0])), mean(all.map((at) => at[1]))];
      const nearest = all.reduce((best, at) => (far(at, middle) < far(best, middle) ? at : best));
      const text = held ? held.split(",").map((id) => this.nameOf(id)).join("、") : settings.words.nobody;
      const label = element("span", { text });
      const icon = window.L.divIcon({ className: "gc-map-name gc-map-name-cell", html: label, iconSize: null });
      window.L.marker(nearest, { icon, interactive: false, keyboard: false }).addTo(this.names);
    }
  }
}

const mean = (numbers) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;
const far = (one, other) => Math.hypot(one[0] - other[0], one[1] - other[1]);

function boxOf(geometry) {
  const ring = geometry.coordinates[0];
  const xs = ring.map((point) => point[0]);
  const ys = ring.map((point) => point[1]);
  return [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)];
}

function inside(ring, x, y) {
  let isIn = false;
  for (let i = 0, j = ring.length - 1; i < ring.length; j = i, i += 1) {
    const [[xi, yi], [xj, yj]] = [ring[i], ring[j]];
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) isIn = !isIn;
  }
  return isIn;
}

function whenMap(act) {
  const map = mapOf(mapElement);
  if (map?.leaflet) act(map);
  else setTimeout(() => whenMap(act), 50);
}

if (form) {
  const patrols = new Patrols();
  if (mapElement) whenMap((map) => patrols.drawOn(map).catch(() => toast(settings.words.away, "error")));
}
