// Lamps go on while a page stands open: the time left ticks, and green turns yellow turns red.

import { duration, t } from "./words.js";

const STEP_MS = 20000;
const ICONS = { green: "check-circle-fill", yellow: "exclamation-triangle-fill", red: "x-octagon-fill" };

function tick() {
  const now = Date.now();
  for (const lamp of document.querySelectorAll("[data-gc-due]")) {
    const due = Date.parse(lamp.dataset.gcDue);
    const green = lamp.dataset.gcGreen ? Date.parse(lamp.dataset.gcGreen) : due;
    const left = lamp.querySelector("[data-gc-left]");
    if (left) left.textContent = now > due ? duration(now - due) : t("left", { time: duration(due - now) });
    turn(lamp, now > due ? "red" : now > green ? "yellow" : "green");
  }
}

function turn(lamp, key) {
  // Without the last green instant only the step to red is known here.
  if (lamp.classList.contains(`gc-lamp-${key}`) || (key === "green" && !lamp.dataset.gcGreen)) return;
  lamp.className = lamp.className.replace(/gc-lamp-(green|yellow|red|none)/, `gc-lamp-${key}`);
  lamp.querySelector(".bi").className = `bi bi-${ICONS[key]}`;
  lamp.querySelector(".gc-lamp-word").textContent = t(`lamp_${key}`);
}

export function startTime() {
  setInterval(() => document.visibilityState === "visible" && tick(), STEP_MS);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && tick());
}
