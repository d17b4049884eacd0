// The supervisor's lists: distance to each task, and the order of a short walk through them.

import { metres, t } from "./words.js";

const METRES_PER_DEGREE = 111320;

function away(one, other) {
  const x = (one.lon - other.lon) * Math.cos((one.lat * Math.PI) / 180);
  return Math.hypot(x, one.lat - other.lat) * METRES_PER_DEGREE;
}

/** Always on to the nearest that is left: good enough for the handful of tasks of a shift. */
export function walk(from, stops) {
  const left = [...stops];
  const order = [];
  let here = from;
  while (left.length) {
    left.sort((one, other) => away(here, one) - away(here, other));
    here = left.shift();
    order.push(here);
  }
  return order;
}

export function start(root) {
  if (!root.matches("[data-gc-items]")) return;
  const items = [...root.children].map((node, index) => ({
    node, index, lon: Number(node.dataset.lon), lat: Number(node.dataset.lat), placed: Boolean(node.dataset.lon),
  }));
  const buttons = [...document.querySelectorAll("[data-gc-order] button")];
  const says = document.querySelector("[data-gc-order-says]");
  let position = null;
  let order = "due";

  const draw = () => {
    const placed = items.filter((item) => item.placed);
    const rest = items.filter((item) => !item.placed);
    const near = order === "near" && position ? [...walk(position, placed), ...rest] : [...items].sort((a, b) => a.index - b.index);
    near.forEach((item, index) => {
      root.append(item.node);
      const words = position && item.placed ? metres(away(position, item)) : "";
      item.node.querySelector("[data-gc-distance]").textContent = order === "near" && words ? `${index + 1} · ${words}` : words;
    });
    for (const button of buttons) button.setAttribute("aria-pressed", String(button.dataset.order === order));
    says.textContent = order === "near" && !position ? t("map_locating") : "";
  };

  for (const button of buttons) {
    button.addEventListener("click", () => {
      order = button.dataset.order;
      draw();
    });
  }
  if (!window.isSecureContext || !navigator.geolocation) {
    says.textContent = t("map_no_position", { why: t("map_insecure") });
    return;
  }
  navigator.geolocation.watchPosition(({ coords }) => {
    position = { lon: coords.longitude, lat: coords.latitude };
    draw();
  }, (fault) => {
    if (order === "near" && !position) says.textContent = t("map_no_position", { why: t(fault.code === 1 ? "map_denied" : "map_missing") });
  }, { enableHighAccuracy: true, maximumAge: 10000, timeout: 20000 });
}
