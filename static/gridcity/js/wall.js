// A wall screen: nobody sits at it, so it comes back by itself from everything. The stream says that
// something changed, the whole is then read again as one piece of one data time and replaces what
// stands there: however long it runs, the page holds no more than what it shows.
//
// It also reads anew each minute whatever the stream says, because lamps turn and days end without
// any event; when the page itself was replaced by a newer one it loads that.

import { json } from "./dom.js";
import { LiveStream } from "./live-stream.js";
import { CityMap } from "./map.js";
import { clock } from "./words.js";

// data-pause: so often at most it reads anew, however much happens.
const LONGEST_MS = 60000; // and so often at least
const RETRY_MS = 5000;
const LOOK_MS = 2000;
const ANSWER_MS = 20000;

const frame = document.querySelector("[data-gc-wall]");
const find = (name) => frame.querySelector(`[data-gc-wall-${name}]`);

class Wall {
  constructor() {
    this.silence = Number(frame.dataset.silence) * 1000;
    this.readAt = 0; // when what stands here was read
    this.heardAt = Date.now();
    this.isRefused = false;
  }

  async begin() {
    this.stream = new LiveStream(frame.dataset.live, (message) => this.onMessage(message));
    this.stream.open();
    setInterval(() => this.look(), LOOK_MS);
    addEventListener("offline", () => this.lost());
    this.read();
    await this.beginMap();
  }

  async beginMap() {
    const settings = { ...json("wall-map"), feeds: json("wall-feeds") };
    this.map = new CityMap(document.getElementById("wall-map-place"), settings);
    await this.map.begin();
    this.map.leaflet.on("resize", () => this.map.fit(true));
    this.points = new Points(this.map.leaflet);
    if (this.ground) this.drawMap(this.ground);
  }

  onMessage({ kind }) {
    if (kind === "lost") {
      this.lost();
      return;
    }
    if (kind === "refused") {
      this.refuse();
      return;
    }
    this.heardAt = Date.now();
    if (kind === "beat") this.found();
    else this.plan();
  }

  /** Read soon: at once after a quiet while, else when the pause is over. */
  plan(least = Number(frame.dataset.pause)) {
    if (this.isRefused || this.isReading) {
      this.isWanted = true;
      return;
    }
    const due = this.readAt + least;
    this.timer ||= setTimeout(() => this.read(), Math.max(0, due - Date.now()));
  }

  async read() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.isReading || this.isRefused) return;
    this.isReading = true;
    this.isWanted = false;
    const fresh = await this.asked();
    this.isReading = false;
    if (this.isRefused) return;
    if (fresh) this.show(fresh);
    this.triedAt = Date.now();
    if (!fresh) this.timer ||= setTimeout(() => this.read(), RETRY_MS);
    else if (this.isWanted) this.plan();
  }

  async asked() {
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), ANSWER_MS);
    try {
      const answer = await fetch(frame.dataset.now, { credentials: "same-origin", signal: stop.signal, headers: { "X-Requested-With": "live" } });
      if (answer.status === 403) this.refuse();
      if (!answer.ok || answer.redirected) return null;
      return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-gc-wall-fresh]");
    } catch {
      return null;
    } finally {
      clearTimeout(timer);
    }
  }

  show(fresh) {
    if (fresh.dataset.script !== frame.dataset.script) {
      location.reload();
      return;
    }
    this.readAt = Date.now();
    this.saidAt = fresh.dataset.said;
    for (const place of frame.querySelectorAll("[data-gc-wall-side]")) {
      const part = fresh.querySelector(`[data-gc-wall-part="${place.dataset.gcWallSide}"]`);
      place.replaceChildren(...document.importNode(part, true).childNodes);
    }
    const time = find("time");
    time.dateTime = fresh.dataset.at;
    time.textContent = this.saidAt;
    this.ground = JSON.parse(fresh.querySelector("#wall-fresh-map").textContent);
    if (this.points) this.drawMap(this.ground);
    if (Date.now() - this.heardAt < this.silence) this.found();
  }

  drawMap({ counts, points }) {
    this.map.shade?.show(counts);
    this.points.show(points);
  }

  /** Two beats missed: the figures may be old, and the wall says of when they are. */
  look() {
    if (this.isRefused) return;
    if (Date.now() - this.heardAt > this.silence || (this.readAt && Date.now() - this.readAt > LONGEST_MS + ANSWER_MS)) this.lost();
    if (this.readAt && Date.now() - this.readAt > LONGEST_MS) this.plan(LONGEST_MS);
  }

  lost() {
    if (this.isLost) return;
    this.isLost = true;
    find("lost").hidden = false;
    find("since").textContent = this.saidAt || clock(this.heardAt);
  }

  found() {
    if (!this.isLost) return;
    this.isLost = false;
    find("lost").hidden = true;
    this.plan(0);
  }

  refuse() {
    this.isRefused = true;
    this.stream.close();
    find("lost").hidden = true;
    find("refused").hidden = false;
    for (const place of frame.querySelectorAll("[data-gc-wall-side]")) place.replaceChildren();
    this.points?.show([]);
    this.map?.shade?.show({});
  }
}

// ---------------------------------------------------------------- live cases on the map

const LOOKS = {
  green: { shape: "round", radius: 4, fillColor: "#389e0d" },
  yellow: { shape: "triangle", radius: 5.5, fillColor: "#ffc53d" },
  red: { shape: "square", radius: 4.5, fillColor: "#cf1322" },
  "": { shape: "round", radius: 3.5, fillColor: "#8c96a6" },
};

/** Open cases by lamp, each with a shape of its own, on one canvas without events. */
class Points {
  constructor(leaflet) {
    const { L } = window;
    leaflet.createPane("wall-points").style.zIndex = 450;
    this.renderer = L.canvas({ pane: "wall-points", padding: 0.1 });
    this.group = L.layerGroup().addTo(leaflet);
    this.Mark = L.CircleMarker.extend({
      _updatePath() {
        drawMark(this._renderer, this);
      },
    });
  }

  show(points) {
    this.group.clearLayers();
    for (const [lon, lat, lamp] of points) {
      const look = LOOKS[lamp] || LOOKS[""];
      this.group.addLayer(new this.Mark([lat, lon], { ...look, renderer: this.renderer, interactive: false, color: "#fff", weight: 1, fillOpacity: 1 }));
    }
  }
}

function drawMark(renderer, layer) {
  if (!renderer._drawing || layer._empty()) return;
  const { x, y } = layer._point;
  const { radius: r, shape } = layer.options;
  const pen = renderer._ctx;
  pen.beginPath();
  if (shape === "square") pen.rect(x - r, y - r, 2 * r, 2 * r);
  else if (shape === "triangle") {
    pen.moveTo(x, y - r);
    pen.lineTo(x + r, y + r * 0.8);
    pen.lineTo(x - r, y + r * 0.8);
    pen.closePath();
  } else pen.arc(x, y, r, 0, 2 * Math.PI);
  renderer._fillStroke(pen, layer);
}

const wall = new Wall();
wall.begin();
