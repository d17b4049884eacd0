// Small builders, so that no markup is ever put together from text.

/** element("button", {class: "btn", type: "button", text: "…"}, children…) */
export function element(name, values = {}, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === "text") node.textContent = value;
    else node.setAttribute(key, value === true ? "" : value);
  }
  node.append(...children.filter(Boolean));
  return node;
}

/** A piece of a form that may stand outside it, as a bar at the foot does: data-for="form id". */
export function piece(form, name) {
  return form.querySelector(`[${name}]`) || (form.id && document.querySelector(`[${name}][data-for="${form.id}"]`)) || null;
}

export function icon(name) {
  return element("i", { class: `bi bi-${name}`, "aria-hidden": "true" });
}

export function json(id) {
  const script = document.getElementById(id);
  return script ? JSON.parse(script.textContent) : null;
}

/** Tell interested parts of the page; false when one of them prevented what comes next. */
export function tell(target, name, detail = {}) {
  return target.dispatchEvent(new CustomEvent(name, { bubbles: true, cancelable: true, detail }));
}

/** What is remembered for this user on this device; private windows may refuse. */
export function remembered(key, fallback) {
  try {
    return JSON.parse(localStorage.getItem(mine(key))) ?? fallback;
  } catch {
    return fallback;
  }
}

export function remember(key, value) {
  try {
    localStorage.setItem(mine(key), JSON.stringify(value));
  } catch {
    // Full or refused: the page works without.
  }
}

/** Keys carry the user's name: a phone or a desk may be shared. */
export function mine(key) {
  return `gc:${document.body.dataset.gcUser || "-"}:${key}`;
}

/** A random version-4 UUID; `crypto.randomUUID` exists on https and localhost alone. */
export function uuid() {
  if (crypto.randomUUID) return crypto.randomUUID();
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})(.{12})/, "$1-$2-$3-$4-$5");
}
