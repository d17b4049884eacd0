// The form of a place: the pin on the map and the two numbers are one.

import { hook, scan } from "./hooks.js";
import { mapOf } from "./map.js";

hook("[data-gc-place-form]", (form) => {
  const { lon, lat } = form.elements;
  const map = document.querySelector("[data-gc-map]");
  map.addEventListener("gc:pin", ({ detail }) => {
    lon.value = detail.lon.toFixed(7);
    lat.value = detail.lat.toFixed(7);
  });
  for (const field of [lon, lat]) {
    field.addEventListener("change", () => {
      const at = [Number(lon.value), Number(lat.value)];
      if (!lon.value || !lat.value || at.some(Number.isNaN)) return;
      const city = mapOf(map);
      city?.pin?.place(at[0], at[1], "manual", { quietly: true });
      city?.leaflet.setView([at[1], at[0]], Math.max(16, city.leaflet.getZoom()));
    });
  }
});

scan(document.body);
