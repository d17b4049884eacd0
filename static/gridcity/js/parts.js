// The pages of the register: list and map are one, a place is drawn, a shape is shown.

import { hook } from "./hooks.js";

hook("[data-gc-parts-map]", async (element) => (await import("./parts_map.js")).start(element), { late: true });
hook("[data-gc-drawing]", async (element) => (await import("./parts_draw.js")).start(element), { late: true });
hook("[data-gc-shape]", async (element) => (await import("./parts_draw.js")).show(element), { late: true });
hook("[data-gc-field-parts]", async (element) => (await import("./parts_field.js")).list(element), { late: true });
hook("[data-gc-propose]", async (element) => (await import("./parts_field.js")).start(element), { late: true });
