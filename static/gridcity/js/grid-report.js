// The map of a draft's report: communities as they are to be, and what the checks found. Each
// finding of the list can be shown here; the words stand below the map as well.

import { json } from "./dom.js";

const GROUND = { stroke: false, fillColor: "#edf0f4", fillOpacity: 1, interactive: false };
const AREA = { color: "#7d8aa0", weight: 1, fill: false, interactive: false };
const FAULT = { color: "#cf1322", weight: 2.5, fillColor: "#cf1322", fillOpacity: 0.3 };
const REMARK = { color: "#874d00", weight: 2, dashArray: "5 4", fillColor: "#874d00", fillOpacity: 0.15 };
const CHOSEN = { color: "#0958d9", weight: 5, fillColor: "#0958d9", fillOpacity: 0.35 };

async function feed(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  return answer.ok ? answer.json() : null;
}

const styleOf = (feature) => (feature.properties.is_fault ? FAULT : REMARK);

async function start(place) {
  const { L } = window;
  const settings = json(place.dataset.gcGridReport);
  const feeds = JSON.parse(place.dataset.feeds || "{}");
  const says = document.querySelector("[data-gc-grid-says]");
  const map = L.map(place, { attributionControl: false, zoomSnap: 0.5, maxZoom: 21, center: [39.92, 116.41], zoom: 12 });
  L.control.scale({ imperial: false }).addTo(map);
  if (place.dataset.notice) {
    const notice = L.control.attribution({ prefix: false, position: "bottomleft" });
    notice.addAttribution(place.dataset.notice).addTo(map);
  }
  const asked = [feeds.district, `${settings.draft}?level=community`, settings.findings];
  const [district, areas, found] = await Promise.all(asked.map((url) => feed(url).catch(() => null)));
  const ground = district && L.geoJSON(district, { style: GROUND }).addTo(map);
  const drawn = areas && L.geoJSON(areas, { style: AREA, renderer: L.canvas() }).addTo(map);
  const layers = new Map();
  const tell = (feature) => {
    says.textContent = `${feature.properties.label} · ${feature.properties.codes.join("、")} · ${feature.properties.sentence}`;
  };
  const shown = L.geoJSON(found || { type: "FeatureCollection", features: [] }, {
    style: styleOf,
    pointToLayer: (feature, at) => L.circleMarker(at, { radius: 8, ...styleOf(feature) }),
    onEachFeature: (feature, layer) => {
      layers.set(String(feature.id), layer);
      layer.on("click", () => choose(String(feature.id)));
    },
  }).addTo(map);
  let last = null;
  const choose = (id) => {
    const layer = layers.get(id);
    if (!layer) return;
    if (last) last.setStyle(styleOf(last.feature));
    last = layer;
    layer.setStyle(CHOSEN);
    layer.bringToFront?.();
    const bounds = layer.getBounds ? layer.getBounds() : L.latLngBounds([layer.getLatLng()]);
    map.fitBounds(bounds.pad(0.5), { maxZoom: 19, animate: false });
    tell(layer.feature);
  };
  const whole = [drawn, ground].find((layer) => layer?.getBounds().isValid());
  if (whole) map.fitBounds(whole.getBounds(), { animate: false });
  if (shown.getBounds().isValid() && layers.size < 50) map.fitBounds(shown.getBounds().pad(0.3), { maxZoom: 18, animate: false });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-gc-finding]");
    if (!button) return;
    choose(button.dataset.gcFinding);
    place.scrollIntoView({ block: "nearest" });
  });
}

for (const place of document.querySelectorAll("[data-gc-grid-report]")) start(place);
