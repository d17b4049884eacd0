// Photos for a form: taken or chosen, made small on the device, shown, removable. The form that
// holds the adder sends what photosOf(form) gives. Adders tell gc:photos when anything changes.

import { element, icon, tell } from "./dom.js";
import { takenAt } from "./exif.js";
import { t } from "./words.js";

const LONGEST = 1600;
const QUALITY = 0.85;
const LARGEST_MB = 10;
const JUST_NOW_MS = 60000;

const adders = new WeakMap();

/** All photos of a form: {blob, role, taken_at, name}, in order. */
export function photosOf(form) {
  return [...form.querySelectorAll("[data-gc-adder]")].flatMap((adder) =>
    (adders.get(adder)?.shots || []).map((shot) => ({ ...shot, field: adder.dataset.gcAdder })));
}

export function missingPhotos(form) {
  return [...form.querySelectorAll("[data-gc-adder][data-must]")].filter((adder) => !adders.get(adder)?.shots.length);
}

export function setPhotos(form, photos) {
  for (const adder of form.querySelectorAll("[data-gc-adder]")) {
    const state = adders.get(adder);
    if (!state) continue;
    state.shots = photos.filter((shot) => (shot.field || adder.dataset.gcAdder) === adder.dataset.gcAdder);
    draw(adder, state);
  }
}

/** Photos of another kind are wanted: each gets the role that its turn has among the new ones. */
export function setRoles(form, roles) {
  for (const adder of form.querySelectorAll("[data-gc-adder][data-roles]")) {
    if (adder.dataset.roles === roles.join(",")) continue;
    adder.dataset.roles = roles.join(",");
    [adder.dataset.role] = roles;
    const state = adders.get(adder);
    if (!state) continue;
    state.shots.forEach((shot, index) => { if (!roles.includes(shot.role)) shot.role = roleAt(adder, index); });
    draw(adder, state);
  }
}

/** Note where the photos were taken that came just now; what was taken before was elsewhere. */
export function placePhotos(form, position) {
  if (!position) return;
  for (const adder of form.querySelectorAll("[data-gc-adder]")) {
    for (const shot of adders.get(adder)?.shots || []) {
      if (shot.lon === undefined && Date.now() - Date.parse(shot.taken_at) < JUST_NOW_MS) Object.assign(shot, position);
    }
  }
}

/** A JPEG of at most 1600 px; what this browser cannot read (HEIC) goes as it is. */
export async function shrink(file) {
  const url = URL.createObjectURL(file);
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const share = Math.min(1, LONGEST / Math.max(image.naturalWidth, image.naturalHeight));
    const canvas = document.createElement("canvas");
    canvas.width = Math.round(image.naturalWidth * share);
    canvas.height = Math.round(image.naturalHeight * share);
    const paper = canvas.getContext("2d");
    paper.fillStyle = "#fff";
    paper.fillRect(0, 0, canvas.width, canvas.height);
    paper.drawImage(image, 0, 0, canvas.width, canvas.height);
    const blob = await new Promise((resolve) => canvas.toBlob(resolve, "image/jpeg", QUALITY));
    return blob || file;
  } catch {
    if (/\.(heic|heif)$/i.test(file.name) || /hei[cf]/.test(file.type)) return file;
    return null;
  } finally {
    URL.revokeObjectURL(url);
  }
}

export function start(adder) {
  const state = { shots: [], urls: [] };
  adders.set(adder, state);
  for (const input of adder.querySelectorAll("input[type=file]")) {
    input.addEventListener("change", async () => {
      const files = [...input.files];
      input.value = "";
      await add(adder, state, files, input.hasAttribute("data-gc-shoot"));
    });
    input.addEventListener("focus", () => input.parentElement.classList.add("gc-add-on"));
    input.addEventListener("blur", () => input.parentElement.classList.remove("gc-add-on"));
  }
}

function says(adder, text) {
  const place = adder.parentElement.querySelector("[data-gc-adder-says]");
  if (place) place.textContent = text;
}

async function add(adder, state, files, isFresh) {
  const limit = Number(adder.dataset.limit) || 9;
  const faults = [];
  says(adder, t("photo_work"));
  for (const file of files) {
    if (state.shots.length >= limit) {
      faults.push(t("photo_many", { n: limit }));
      break;
    }
    const blob = await shrink(file);
    if (!blob) faults.push(t("photo_bad", { name: file.name }));
    else if (blob.size > LARGEST_MB * 1048576) faults.push(t("photo_big", { name: file.name, n: LARGEST_MB }));
    else state.shots.push(await described(adder, state, file, blob, isFresh));
  }
  says(adder, faults.join(" "));
  draw(adder, state);
  tell(adder, "gc:photos", { count: state.shots.length });
}

async function described(adder, state, file, blob, isFresh) {
  const taken = isFresh ? new Date() : (await takenAt(file)) || new Date(file.lastModified || Date.now());
  return { blob, role: roleAt(adder, state.shots.length), taken_at: taken.toISOString(), name: file.name || "photo.jpg", field: adder.dataset.gcAdder };
}

/** The second photo of a report is as a rule the one from afar, or the one after handling. */
function roleAt(adder, index) {
  const [, second] = (adder.dataset.roles || "").split(",");
  const isSecond = index === 1 || (index > 1 && second === "after");
  return second && isSecond ? second : adder.dataset.role;
}

function draw(adder, state) {
  for (const url of state.urls) URL.revokeObjectURL(url);
  state.urls = [];
  for (const old of adder.querySelectorAll(".gc-shot")) old.remove();
  const before = adder.querySelector(".gc-add");
  const full = state.shots.length >= (Number(adder.dataset.limit) || 9);
  state.shots.forEach((shot, index) => adder.insertBefore(tile(adder, state, shot, index), before));
  for (const button of adder.querySelectorAll(".gc-add")) button.hidden = full;
}

function tile(adder, state, shot, index) {
  const n = index + 1;
  const url = URL.createObjectURL(shot.blob);
  state.urls.push(url);
  const image = element("img", { src: url, alt: t("photo_n", { n }) });
  const off = element("button", { type: "button", class: "gc-shot-off", "aria-label": t("photo_remove", { n }) }, icon("x-lg"));
  off.addEventListener("click", () => {
    state.shots.splice(index, 1);
    draw(adder, state);
    (adder.querySelectorAll(".gc-shot-off")[Math.max(0, index - 1)] || adder.querySelector("input")).focus();
    tell(adder, "gc:photos", { count: state.shots.length });
  });
  return element("div", { class: "gc-shot" }, image, off, roleSelect(adder, shot, n));
}

function roleSelect(adder, shot, n) {
  const roles = (adder.dataset.roles || "").split(",").filter(Boolean);
  if (!roles.length) return null;
  const select = element("select", { "aria-label": t("photo_shows", { n }) });
  for (const role of roles) {
    const option = element("option", { value: role, text: t(`role_${role}`) });
    option.selected = role === shot.role;
    select.append(option);
  }
  select.addEventListener("change", () => {
    shot.role = select.value;
    tell(adder, "gc:photos", {});
  });
  return select;
}
