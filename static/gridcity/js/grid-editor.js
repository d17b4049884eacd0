// The map of the cell editor: the cells of a community over the roads. A click chooses a cell in
// the list and the list shows it on the map; without a pointer the list alone does everything.

const AREA = { color: "#0b2a5c", weight: 2, fill: false, interactive: false };
const ROADS = { color: "#cfd6e0", weight: 3, interactive: false };
const CELL = { color: "#5b6a80", weight: 1.2, fillColor: "#ffffff", fillOpacity: 0.05 };
const CHOSEN = { color: "#0958d9", weight: 2.5, fillColor: "#0958d9", fillOpacity: 0.25 };
const ENDED = { color: "#cf1322", weight: 1, dashArray: "4 4", fill: false, interactive: false };

const form = document.querySelector("[data-gc-editor]");

async function feed(url) {
  const answer = await fetch(url, { credentials: "same-origin" });
  return answer.ok ? answer.json() : null;
}

const boxOf = (code) => form.querySelector(`input[name="codes"][value="${CSS.escape(code)}"]`);

/** The drawing tool speaks the language of the page: its own words are English. */
function speak(map) {
  const { L } = window;
  const words = form.dataset;
  const { draw: drawing, edit } = L.drawLocal;
  drawing.toolbar.buttons.polyline = words.draw;
  drawing.toolbar.finish = { title: words.finish, text: words.finish };
  drawing.toolbar.undo = { title: words.undo, text: words.undo };
  drawing.toolbar.actions = { title: words.cancel, text: words.cancel };
  drawing.handlers.polyline.tooltip = { start: words.start, cont: words.go, end: words.end };
  edit.toolbar.buttons = { edit: words.edit, editDisabled: words.edit, remove: words.remove, removeDisabled: words.remove };
  edit.toolbar.actions = {
    save: { title: words.save, text: words.save }, cancel: { title: words.cancel, text: words.cancel }, clearAll: { title: words.remove, text: words.remove },
  };
  edit.handlers.edit.tooltip = { text: words.edit, subtext: "" };
  edit.handlers.remove.tooltip = { text: words.remove };
  const named = {
    "leaflet-draw-draw-polyline": words.draw, "leaflet-draw-edit-edit": words.edit, "leaflet-draw-edit-remove": words.remove,
    "leaflet-control-zoom-in": words.zoomIn, "leaflet-control-zoom-out": words.zoomOut,
  };
  for (const [name, label] of Object.entries(named)) {
    const link = map.getContainer().querySelector(`.${name}`);
    if (!link) continue;
    link.title = label;
    link.setAttribute("aria-label", label);
    const hidden = link.querySelector(".sr-only");
    if (hidden) hidden.textContent = label;
  }
}

async function draw(map) {
  const { L } = window;
  speak(map);
  const [area, roads, cells] = await Promise.all([form.dataset.area, form.dataset.roads, form.dataset.shapes].map((url) => feed(url).catch(() => null)));
  if (roads) L.geoJSON(roads, { style: ROADS }).addTo(map);
  const layers = new Map();
  const style = (feature) => (feature.properties.ends ? ENDED : boxOf(feature.properties.code)?.checked ? CHOSEN : CELL);
  if (cells) {
    L.geoJSON(cells, {
      style,
      onEachFeature: (feature, layer) => {
        const { code, ends } = feature.properties;
        layers.set(code, layer);
        if (ends) return;
        layer.bindTooltip(code, { sticky: true });
        layer.on("click", () => {
          const box = boxOf(code);
          if (!box || map.isDrawing) return;
          box.checked = !box.checked;
          layer.setStyle(style(feature));
        });
      },
    }).addTo(map);
  }
  const shape = area && L.geoJSON(area, { style: AREA }).addTo(map);
  if (shape?.getBounds().isValid()) map.fitBounds(shape.getBounds().pad(0.05), { animate: false });
  form.addEventListener("change", (event) => {
    const layer = event.target.name === "codes" && layers.get(event.target.value);
    if (!layer) return;
    layer.setStyle(style(layer.feature));
    if (event.target.checked) map.panInside(layer.getBounds().getCenter(), { padding: [60, 60], animate: false });
  });
  map.on("draw:drawstart", () => { map.isDrawing = true; });
  map.on("draw:drawstop", () => { map.isDrawing = false; });
}

if (form) {
  document.querySelector("[data-gc-editor-errors]")?.focus();
  const name = Object.keys(window).find((key) => key.startsWith("leafletmap"));
  if (name) draw(window[name]);
  else window.addEventListener("map:init", (event) => draw(event.detail.map), { once: true });
}
