// The administration's maps: a shape as it is stored, over our own outlines; nothing is edited here.

const GROUND = { stroke: false, fillColor: "#f7f8fa", fillOpacity: 1, interactive: false };
const ROADS = { color: "#cfd6e0", weight: 4, interactive: false };
const STREETS = { color: "#7d8aa0", weight: 1.3, dashArray: "6 4", fill: false, interactive: false };
const SHAPE = { color: "#0958d9", weight: 2.5, fillColor: "#0958d9", fillOpacity: 0.18, interactive: false };

async function feed(url) {
  if (!url) return null;
  const answer = await fetch(url, { credentials: "same-origin" });
  return answer.ok ? answer.json() : null;
}

async function draw(place) {
  const { L } = window;
  const map = L.map(place, { attributionControl: false, zoomSnap: 0.5, preferCanvas: true });
  const feeds = JSON.parse(place.dataset.feeds || "{}");
  const shape = L.geoJSON(JSON.parse(place.dataset.gcAdminMap), {
    style: SHAPE,
    pointToLayer: (feature, at) => L.circleMarker(at, { ...SHAPE, radius: 8, fillOpacity: 0.7 }),
  });
  map.fitBounds(shape.getBounds().pad(0.6), { maxZoom: 18, animate: false });
  L.control.scale({ imperial: false }).addTo(map);
  const asked = ["district", "roads", "streets"].map((key) => feed(feeds[key]).catch(() => null));
  const [district, roads, streets] = await Promise.all(asked);
  if (district) L.geoJSON(district, { style: GROUND }).addTo(map);
  if (roads) L.geoJSON(roads, { style: ROADS }).addTo(map);
  if (streets) L.geoJSON(streets, { style: STREETS }).addTo(map);
  shape.addTo(map);
}

for (const place of document.querySelectorAll("[data-gc-admin-map]")) draw(place);
