// The one entry of every page. What a page does not use is not loaded.

import "./dialogs.js";
import "./pages.js";
import { hook, scan } from "./hooks.js";
import { startKeys } from "./lists.js";
import { startPages } from "./pages.js";
import { startTime } from "./time.js";
import { takeFlash, toast } from "./toasts.js";

hook("[data-gc-adder]", async (element) => (await import("./photos.js")).start(element));
hook("[data-gc-picker]", async (element) => (await import("./picker.js")).start(element));
hook("[data-gc-map]", async (element) => (await import("./map.js")).start(element));
hook("[data-gc-address]", async (element) => (await import("./address.js")).start(element));
hook("[data-gc-chart]", async (element) => (await import("./charts.js")).start(element));
hook("form[data-gc-send]", async (element) => (await import("./send.js")).start(element));
// After the parts of a form stand, its draft is put back into them; then the page's own script.
hook("form[data-gc-draft]", async (element) => (await import("./draft.js")).start(element), { late: true });
hook("[data-gc-report]", async (element) => (await import("./report.js")).start(element));
hook("[data-gc-report]", async (element) => (await import("./report.js")).takeAsked(element), { late: true });
hook("[data-gc-task]", async (element) => (await import("./task.js")).start(element));
hook("[data-gc-patrol]", async (element) => (await import("./patrol.js")).start(element));

hook("[data-gc-citizen]", async (element) => (await import("./citizen.js")).start(element), { late: true });
hook("[data-gc-large], [data-gc-hash]", async (element) => (await import("./citizen.js")).startSmall(element));

hook("[data-gc-live-frame]", async (element) => (await import("./live.js")).start(element));

// What a number means: links of this kind come by the hundred, so one listener stands for all.
document.addEventListener("click", async (event) => {
  const link = event.target.closest?.("a[data-gc-define]");
  if (!link || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  (await import("./define.js")).define(link);
});

let looking = 0;

startPages();
startTime();
startKeys();

const flash = takeFlash();
if (flash?.undo) import("./undo.js").then(({ success }) => success(flash.text, flash.undo));
else toast(flash?.text, "success");
look(document.body);
document.addEventListener("htmx:load", (event) => look(event.target));

/** `data-gc-busy` stands at the body until everything that the page asks for has begun. */
async function look(root) {
  looking += 1;
  document.body.setAttribute("data-gc-busy", "");
  await scan(root);
  looking -= 1;
  if (!looking) document.body.removeAttribute("data-gc-busy");
}
