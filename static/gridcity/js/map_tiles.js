// A layer of vector tiles on plain canvas: no WebGL, no worker. Features keep their shapes, so that
// they can be drawn in another style, and found under the pointer, without asking the server again.

import { degrees, inFrames } from "./map_source.js";

const POINT = 1;
const AREA = 3;
const MOST_RATIO = 2;
const sprites = new Map();

/** A layer of `source`; options: style(feature, state, zoom) → {fill, stroke, width, radius, dash} or
    null, the same object for what looks the same; pane, minZoom, maxZoom, failed. */
export function tileLayer(source, options) {
  Layer ||= define();
  return new Layer(source, options);
}

let Layer = null;

function define() {
  return window.L.GridLayer.extend({
    options: { tileSize: 256, keepBuffer: 1, updateWhenZooming: false, style: () => null, failed: () => {} },

    initialize(source, options) {
      this.source = source;
      this.states = new Map();
      window.L.setOptions(this, options);
    },

    createTile(coords, done) {
      const canvas = window.L.DomUtil.create("canvas", "gc-tile");
      const { x: side } = this.getTileSize();
      canvas.ratio = Math.min(MOST_RATIO, window.devicePixelRatio || 1);
      canvas.width = side * canvas.ratio;
      canvas.height = side * canvas.ratio;
      canvas.side = side;
      canvas.taken = this.source.take(coords.z, coords.x, coords.y);
      canvas.taken.features.then((features) => {
        canvas.features = features;
        if (!features.length) done(null, canvas);
        else inFrames(() => {
          if (canvas.taken) this.paint(canvas);
          done(null, canvas);
          this.fire("gc:tile");
        });
      }, (fault) => {
        if (fault.name !== "AbortError") this.options.failed(fault);
        done(fault, canvas);
      });
      return canvas;
    },

    /** Whether a tile is still to come. Leaflet's own answer stays "yes" where tiles were given up. */
    isLoading() {
      return Object.values(this._tiles || {}).some((tile) => tile.current && !tile.loaded);
    },

    _removeTile(key) {
      const canvas = this._tiles[key]?.el;
      if (canvas?.taken) {
        this.source.drop(canvas.taken);
        canvas.taken = null;
        // Browsers count the memory of canvases that are gone until they are small.
        canvas.width = 0;
      }
      window.L.GridLayer.prototype._removeTile.call(this, key);
    },

    // ------------------------------------------------------------ drawing

    paint(canvas) {
      const context = canvas.getContext("2d");
      context.setTransform(canvas.ratio, 0, 0, canvas.ratio, 0, 0);
      context.clearRect(0, 0, canvas.side, canvas.side);
      const late = [];
      let run = [];
      let style = null;
      for (const feature of canvas.features) {
        const state = this.states.get(feature.id);
        const next = this.options.style(feature, state, this._tileZoom);
        if (!next) continue;
        if (state) {
          late.push([feature, next]);
          continue;
        }
        if (next !== style) {
          this.stroke(context, canvas, run, style);
          run = [];
          style = next;
        }
        run.push(feature);
      }
      this.stroke(context, canvas, run, style);
      for (const [feature, own] of late) this.stroke(context, canvas, [feature], own);
    },

    /** Features of one style in one go. */
    stroke(context, canvas, features, style) {
      if (!features.length) return;
      const share = canvas.side / features[0].extent;
      const shapes = features.filter((feature) => feature.kind !== POINT);
      for (const feature of features) if (feature.kind === POINT) this.stamp(context, canvas, feature, style, share);
      if (!shapes.length) return;
      context.beginPath();
      for (const feature of shapes) trace(context, feature, share);
      if (style.fill && shapes[0].kind === AREA) {
        context.globalAlpha = style.fillOpacity ?? 1;
        context.fillStyle = style.fill;
        context.fill("evenodd");
        context.globalAlpha = 1;
      }
      if (!style.stroke) return;
      context.setLineDash(style.dash || []);
      context.strokeStyle = style.stroke;
      context.lineWidth = style.width || 1;
      context.stroke();
    },

    /** A point is a picture drawn once a style: thousands of them cost a millisecond. */
    stamp(context, canvas, feature, style, share) {
      const picture = sprite(style, canvas.ratio);
      const half = picture.width / canvas.ratio / 2;
      for (const ring of feature.rings) {
        for (let index = 0; index < ring.length; index += 2) {
          context.drawImage(picture, ring[index] * share - half, ring[index + 1] * share - half, 2 * half, 2 * half);
        }
      }
    },

    // ------------------------------------------------------------ restyling

    *shown() {
      for (const tile of Object.values(this._tiles || {})) {
        if (tile.el.features && tile.el.taken && tile.coords.z === this._tileZoom) yield tile;
      }
    },

    /** Draw all anew with the styles of now; nothing is asked for. */
    restyle() {
      for (const { el } of this.shown()) this.paint(el);
      return this;
    },

    /** Give some features a state (null takes it away); only tiles that show them are drawn anew. */
    setState(ids, state) {
      for (const id of ids) {
        if (state) this.states.set(id, state);
        else this.states.delete(id);
      }
      const wanted = new Set(ids);
      for (const { el } of this.shown()) if (el.features.some((feature) => wanted.has(feature.id))) this.paint(el);
    },

    // ------------------------------------------------------------ finding

    /** Every feature in view once; a feature that tiles share comes from the first. */
    *inView(layer) {
      const seen = new Set();
      for (const { el } of this.shown()) {
        for (const feature of el.features) {
          if (feature.layer !== layer || seen.has(feature.id)) continue;
          seen.add(feature.id);
          yield feature;
        }
      }
    },

    /** What lies under a place, the nearest first: points and lines within `pixels`, areas that hold it. */
    at(latlng, pixels, layer) {
      const found = new Map();
      const { x: side } = this.getTileSize();
      const here = this._map.project(latlng, this._tileZoom);
      for (const { el, coords } of this.shown()) {
        const [left, top] = [here.x - coords.x * side, here.y - coords.y * side];
        if (left < -pixels || top < -pixels || left > side + pixels || top > side + pixels) continue;
        for (const feature of el.features) {
          if (layer && feature.layer !== layer) continue;
          const share = side / feature.extent;
          const away = distance(feature, left / share, top / share, pixels / share) * share;
          if (away <= pixels && !(found.get(feature.id)?.away <= away)) found.set(feature.id, { feature, away });
        }
      }
      return [...found.values()].sort((one, other) => one.away - other.away || one.feature.kind - other.feature.kind).map(({ feature }) => feature);
    },
  });
}

function trace(context, feature, share) {
  for (const ring of feature.rings) {
    context.moveTo(ring[0] * share, ring[1] * share);
    for (let index = 2; index < ring.length; index += 2) context.lineTo(ring[index] * share, ring[index + 1] * share);
    if (feature.kind === AREA) context.closePath();
  }
}

function sprite(style, ratio) {
  const key = `${style.fill} ${style.stroke} ${style.width} ${style.radius} ${ratio}`;
  if (!sprites.has(key)) sprites.set(key, drawn(style, ratio));
  return sprites.get(key);
}

function drawn(style, ratio) {
  const canvas = document.createElement("canvas");
  const border = style.stroke ? style.width || 1 : 0;
  const half = Math.ceil((style.radius + border) * ratio);
  canvas.width = 2 * half;
  canvas.height = 2 * half;
  const context = canvas.getContext("2d");
  context.arc(half, half, style.radius * ratio, 0, 2 * Math.PI);
  context.fillStyle = style.fill;
  context.fill();
  if (border) {
    context.strokeStyle = style.stroke;
    context.lineWidth = border * ratio;
    context.stroke();
  }
  return canvas;
}

// ---------------------------------------------------------------- geometry, in units of the extent

/** How far a place is from a feature; 0 inside an area, Infinity where it is farther than `most`. */
export function distance({ kind, rings, box }, x, y, most) {
  if (x < box[0] - most || y < box[1] - most || x > box[2] + most || y > box[3] + most) return Infinity;
  if (kind === AREA) return holds(rings, x, y) ? 0 : Infinity;
  let least = Infinity;
  for (const ring of rings) {
    if (kind === POINT) for (let i = 0; i < ring.length; i += 2) least = Math.min(least, Math.hypot(ring[i] - x, ring[i + 1] - y));
    else for (let i = 2; i < ring.length; i += 2) least = Math.min(least, toLine(ring[i - 2], ring[i - 1], ring[i], ring[i + 1], x, y));
  }
  return least;
}

function toLine(ax, ay, bx, by, x, y) {
  const [dx, dy] = [bx - ax, by - ay];
  const share = dx || dy ? Math.max(0, Math.min(1, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy))) : 0;
  return Math.hypot(ax + share * dx - x, ay + share * dy - y);
}

function holds(rings, x, y) {
  let inside = false;
  for (const ring of rings) {
    for (let i = 0, j = ring.length - 2; i < ring.length; j = i, i += 2) {
      const [ax, ay, bx, by] = [ring[i], ring[i + 1], ring[j], ring[j + 1]];
      if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
    }
  }
  return inside;
}

/** Longitude and latitude of a feature: of a point itself, else of the middle of its box. */
export function placeOf(feature) {
  const { box } = feature;
  const [x, y] = feature.kind === POINT ? feature.rings[0] : [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2];
  return degrees(feature.tile, feature.extent, x, y);
}
