// Picks a class of parts or events: recent ones first, search by code, name, pinyin and initials.
// Markup: includes/_class_picker.html. Tells gc:class {kind, code, name, …} (null when taken back).

import { element, json, remember, remembered, tell } from "./dom.js";
import { t } from "./words.js";

const RECENT = 8;
const SHOWN = 60;

const catalogues = new Map();

/** Classes of one kind; without a network, as last loaded on this device. */
function load(url) {
  if (!catalogues.has(url)) {
    const wanted = fetch(url, { headers: { Accept: "application/json" } })
      .then((answer) => (answer.ok ? answer.json() : Promise.reject(new Error(String(answer.status)))))
      .then((body) => {
        const list = body.results || body.classes || body;
        remember(`catalogue:${url}`, list);
        return { list, isOld: false };
      })
      .catch((fault) => {
        catalogues.delete(url);
        const list = remembered(`catalogue:${url}`, null);
        if (list) return { list, isOld: true };
        throw fault;
      });
    catalogues.set(url, wanted);
  }
  return catalogues.get(url);
}

const folded = (text) => String(text || "").toLowerCase().replace(/\s+/g, "");

/** How well a class fits a query; 0 is best, -1 not at all. */
export function fit(entry, query) {
  const q = folded(query);
  if (!q) return 5;
  const name = folded(entry.name);
  if (entry.code === q) return 0;
  if (entry.code.startsWith(q)) return 1;
  if (name.startsWith(q) || folded(entry.initials).startsWith(q)) return 2;
  if (name.includes(q) || folded(entry.initials).includes(q)) return 3;
  if (folded(entry.pinyin).includes(q) || folded(entry.major_name).includes(q)) return 4;
  return -1;
}

export async function start(root) {
  const picker = new Picker(root);
  await picker.begin();
  return picker;
}

class Picker {
  constructor(root) {
    this.root = root;
    this.input = root.querySelector("[role=combobox]");
    this.list = root.querySelector("[role=listbox]");
    this.says = root.querySelector("[data-gc-picker-says]");
    this.chips = root.querySelector("[data-gc-picker-recent]");
    this.picked = root.querySelector("[data-gc-picked]");
    this.search = root.querySelector("[data-gc-picker-search]");
    this.kindField = root.querySelector("[data-gc-kind]");
    this.codeField = root.querySelector("[data-gc-code]");
    this.classes = [];
    this.shown = [];
    this.at = -1;
  }

  async begin() {
    this.input.addEventListener("input", () => this.draw());
    this.input.addEventListener("focus", () => this.draw());
    this.input.addEventListener("keydown", (event) => this.onKey(event));
    this.input.addEventListener("blur", () => setTimeout(() => this.root.contains(document.activeElement) || this.shut(), 120));
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.pick(this.shown[Number(option.dataset.at)]);
    });
    this.picked.querySelector("button").addEventListener("click", () => this.unpick());
    const form = this.root.closest("form");
    form?.addEventListener("gc:draft", () => this.restore());
    form?.addEventListener("gc:pick", (event) => this.restore(event.detail?.entry));
    this.schemeField = form?.querySelector("[data-gc-scheme]");
    for (const radio of this.root.querySelectorAll("[data-gc-kind-only]")) {
      radio.addEventListener("change", () => this.draw());
    }
    await this.fetch();
    this.drawRecent();
    this.restore();
  }

  async fetch() {
    const urls = this.root.dataset.gcPicker.split(" ").filter(Boolean);
    const kinds = this.root.dataset.kinds.split(",");
    try {
      const loaded = await Promise.all(urls.map(load));
      this.classes = loaded.flatMap(({ list }, index) => list.map((entry) => ({
        ...entry, kind: entry.kind || kinds[index], code: entry.code || entry.class_code,
      })));
      this.say(loaded.some(({ isOld }) => isOld) ? t("class_old") : "");
    } catch {
      this.say(t("class_failed"));
      const again = element("button", { type: "button", class: "btn btn-default btn-small", text: t("retry") });
      again.addEventListener("click", () => this.fetch().then(() => this.drawRecent()));
      this.says.append(" ", again);
    }
  }

  say(text) {
    this.says.textContent = text;
  }

  /** Classes that this user took last, then those the page finds likely (data-likely, JSON id). */
  recent() {
    const likely = this.root.dataset.likely ? json(this.root.dataset.likely) || [] : [];
    const keys = [...new Set([...remembered("recent-classes", []), ...likely])];
    return keys.map((key) => this.classes.find((entry) => `${entry.kind}:${entry.code}` === key))
      .filter(Boolean).slice(0, RECENT);
  }

  drawRecent() {
    this.chips.replaceChildren(...this.recent().map((entry) => {
      const chip = element("button", { type: "button", class: "gc-chip", text: entry.name, "aria-pressed": "false" });
      chip.addEventListener("click", () => this.pick(entry));
      return element("li", {}, chip);
    }));
    this.chips.hidden = !this.chips.children.length;
  }

  draw() {
    const query = this.input.value;
    const only = this.root.querySelector("[data-gc-kind-only]:checked")?.value || "";
    const recent = this.recent();
    const fitting = this.classes.filter((entry) => !only || entry.kind === only)
      .map((entry) => ({ entry, how: fit(entry, query) - (recent.includes(entry) ? 0.5 : 0) }))
      .filter(({ how }) => how >= 0 || (how === -0.5));
    fitting.sort((one, other) => one.how - other.how);
    this.shown = fitting.slice(0, SHOWN).map(({ entry }) => entry);
    this.at = query && this.shown.length ? 0 : -1;
    this.list.replaceChildren(...this.shown.map((entry, index) => this.option(entry, index)));
    this.list.hidden = !this.shown.length;
    this.input.setAttribute("aria-expanded", String(this.shown.length > 0));
    if (this.classes.length) this.say(this.shown.length ? "" : t("class_none", { q: query }));
    this.mark();
  }

  option(entry, index) {
    const kind = element("span", { class: "gc-tag", text: t(`kind_${entry.kind}`) });
    return element("li", { role: "option", id: `${this.list.id}-${index}`, "data-at": index, "aria-selected": "false" },
      element("span", { class: "gc-code", text: entry.code }), element("span", { text: entry.name }),
      element("span", { class: "gc-end", text: entry.major_name || "" }), kind);
  }

  mark() {
    [...this.list.children].forEach((option, index) => {
      option.setAttribute("aria-selected", String(index === this.at));
      if (index === this.at) option.scrollIntoView({ block: "nearest" });
    });
    if (this.at < 0) this.input.removeAttribute("aria-activedescendant");
    else this.input.setAttribute("aria-activedescendant", `${this.list.id}-${this.at}`);
  }

  onKey(event) {
    const { key } = event;
    if (key === "ArrowDown" || key === "ArrowUp") {
      event.preventDefault();
      if (this.list.hidden) this.draw();
      const count = this.shown.length;
      if (count) this.at = (this.at + (key === "ArrowDown" ? 1 : -1) + count) % count;
      this.mark();
    } else if (key === "Enter" && !event.isComposing && !event.ctrlKey) {
      event.preventDefault();
      if (this.at >= 0) this.pick(this.shown[this.at]);
    } else if (key === "Escape" && !this.list.hidden) {
      event.stopPropagation();
      this.shut();
    }
  }

  shut() {
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  pick(entry, { quietly = false } = {}) {
    if (!entry) return;
    if (entry.names_part) entry = this.classes.find((each) => each.kind === "part" && each.code === entry.code) || entry;
    if (this.schemeField) this.schemeField.value = entry.scheme || "";
    this.kindField.value = entry.kind;
    this.codeField.value = entry.code;
    this.picked.querySelector("strong").textContent = entry.name;
    this.picked.querySelector(".gc-code").textContent = entry.code;
    this.picked.querySelector(".gc-tag").textContent = t(`kind_${entry.kind}`);
    this.picked.hidden = false;
    this.search.hidden = true;
    this.shut();
    tell(this.root, "gc:class", { entry, quietly });
    if (quietly) return;
    const key = `${entry.kind}:${entry.code}`;
    remember("recent-classes", [key, ...remembered("recent-classes", []).filter((each) => each !== key)].slice(0, RECENT));
    this.codeField.dispatchEvent(new Event("change", { bubbles: true }));
    this.picked.querySelector("button").focus();
  }

  unpick() {
    this.kindField.value = "";
    this.codeField.value = "";
    if (this.schemeField) this.schemeField.value = "";
    this.picked.hidden = true;
    this.search.hidden = false;
    this.input.value = "";
    this.drawRecent();
    tell(this.root, "gc:class", { entry: null });
    this.codeField.dispatchEvent(new Event("change", { bubbles: true }));
    this.input.focus();
  }

  /** Show what the hidden fields hold: given by the page, come back with a draft, or `given`, of whatever scheme. */
  restore(given = null) {
    const [kind, code] = [this.kindField.value, this.codeField.value];
    if (!code) return;
    const scheme = given?.scheme || this.schemeField?.value || "";
    const found = this.classes.find((entry) => entry.kind === kind && entry.code === code && (!scheme || entry.scheme === scheme));
    this.pick(found || given || (scheme ? { kind, code, scheme, name: scheme } : null), { quietly: true });
  }
}
