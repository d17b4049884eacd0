// Vector tiles as they come from the server: asked for once, read a few milliseconds at a time, so
// that a map being dragged never waits, and kept while they may be seen again.

import { PbfReader, VectorTile } from "../../vendor/mvt/mvt.mjs";

const KEPT_TILES = 160;
const BUDGET_MS = 6;

const jobs = [];
let frame = 0;

/** Do something in one of the next frames, as far as their time goes. */
export function inFrames(job) {
  jobs.push(job);
  frame ||= requestAnimationFrame(work);
}

function work() {
  frame = 0;
  const end = performance.now() + BUDGET_MS;
  while (jobs.length && performance.now() < end) jobs.shift()();
  if (jobs.length) frame = requestAnimationFrame(work);
}

const framed = (act) => new Promise((done, failed) => {
  inFrames(() => {
    try {
      done(act());
    } catch (fault) {
      failed(fault);
    }
  });
});

/** Features of a tile: {id, layer, kind, properties, rings, box}; rings are x, y, x, y … in extents. */
export function read(buffer, z, x, y) {
  const features = [];
  const { layers } = new VectorTile(new PbfReader(new Uint8Array(buffer)));
  for (const [layer, content] of Object.entries(layers)) {
    for (let index = 0; index < content.length; index += 1) {
      const feature = content.feature(index);
      features.push(shaped({ id: feature.id, layer, kind: feature.type, properties: feature.properties, extent: content.extent, tile: { z, x, y } }, feature.loadGeometry()));
    }
  }
  return features;
}

function shaped(feature, lines) {
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  feature.rings = lines.map((line) => {
    const flat = new Float32Array(line.length * 2);
    line.forEach((point, index) => {
      flat[2 * index] = point.x;
      flat[2 * index + 1] = point.y;
      box[0] = Math.min(box[0], point.x);
      box[1] = Math.min(box[1], point.y);
      box[2] = Math.max(box[2], point.x);
      box[3] = Math.max(box[3], point.y);
    });
    return flat;
  });
  feature.box = box;
  return feature;
}

/** Longitude and latitude of a point of a tile. */
export function degrees({ z, x, y }, extent, px, py) {
  const side = 2 ** z;
  const lat = Math.atan(Math.sinh(Math.PI * (1 - (2 * (y + py / extent)) / side)));
  return { lon: ((x + px / extent) / side) * 360 - 180, lat: (lat * 180) / Math.PI };
}

export class Source {
  /** `url` holds {z}, {x}, {y} and {v}; `version()` promises the word for {v}. */
  constructor(url, version) {
    this.url = url;
    this.version = version;
    this.tiles = new Map();
  }

  /** Take a tile: {features: promise}; who took it gives it back by `drop`. */
  take(z, x, y) {
    const key = `${z}/${x}/${y}`;
    let entry = this.tiles.get(key);
    if (entry) this.tiles.delete(key);
    else entry = this.begin(key, z, x, y);
    entry.users += 1;
    this.tiles.set(key, entry);
    this.forget();
    return entry;
  }

  begin(key, z, x, y) {
    const entry = { key, users: 0, done: false, stop: new AbortController() };
    entry.features = this.fetch(z, x, y, entry.stop.signal);
    entry.features.then(() => { entry.done = true; }, () => this.lose(entry));
    return entry;
  }

  async fetch(z, x, y, signal) {
    const v = encodeURIComponent(await this.version());
    const address = this.url.replace("{z}", z).replace("{x}", x).replace("{y}", y).replace("{v}", v);
    const answer = await fetch(address, { credentials: "same-origin", signal });
    if (answer.status === 204) return [];
    if (!answer.ok || answer.redirected) throw new Error(`${answer.status} ${address}`);
    const buffer = await answer.arrayBuffer();
    return framed(() => (signal.aborted ? [] : read(buffer, z, x, y)));
  }

  lose(entry) {
    if (this.tiles.get(entry.key) === entry) this.tiles.delete(entry.key);
  }

  drop(entry) {
    entry.users -= 1;
    if (entry.users || entry.done) return;
    this.lose(entry);
    entry.stop.abort();
  }

  /** Nothing of before counts any more; layers ask anew. */
  clear() {
    this.tiles.clear();
  }

  forget() {
    for (const [key, entry] of this.tiles) {
      if (this.tiles.size <= KEPT_TILES) return;
      if (!entry.users && entry.done) this.tiles.delete(key);
    }
  }
}
