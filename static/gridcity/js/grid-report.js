// The map of a draft's report: communities as they are to be, and what the checks found; and the map
// of two editions beside each other: streets, and the boundaries that differ. What stands in the
// list can be shown here; the words stand below the map as well.

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

const BEFORE = { gone: FAULT, reshaped: REMARK };
const AFTER = {
  new: { color: "#237804", weight: 2.5, fillColor: "#237804", fillOpacity: 0.25 },
  reshaped: { color: "#0958d9", weight: 2, fillColor: "#0958d9", fillOpacity: 0.12 },
  described: { color: "#531dab", weight: 2, dashArray: "2 5", fillColor: "#531dab", fillOpacity: 0.12 },
};

function styleOf({ properties }) {
  if (!properties.side) return properties.is_fault ? FAULT : REMARK;
  return (properties.side === "before" ? BEFORE : AFTER)[properties.kind];
}

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
  const asked = [feeds.district, settings.draft ? `${settings.draft}?level=community` : feeds.streets, settings.findings];
  const [district, areas, found] = await Promise.all(asked.map((url) => feed(url).catch(() => null)));
  // One canvas for what lies beneath: Leaflet puts every canvas below every SVG of a pane.
  const beneath = L.canvas();
  const ground = district && L.geoJSON(district, { style: GROUND, renderer: beneath }).addTo(map);
  const drawn = areas && L.geoJSON(areas, { style: AREA, renderer: beneath }).addTo(map);
  const layers = new Map();
  const tell = ({ properties: { label, code, codes, sentence } }) => {
    says.textContent = [label, code || codes.join("、"), sentence].filter(Boolean).join(" · ");
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
