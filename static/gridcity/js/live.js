// Live pages: one stream tells that something changed; what it was each page reads for itself.
//
// One SharedWorker holds the stream for all tabs of a browser, because six plain streams block a
// site over HTTP/1.1. Where there is none (Safari before 16), a tab streams while it is visible.
// When the server has no stream to give, the worker asks the site in intervals instead.
//
//   data-gc-live="list"   a list: new rows wait behind "n new cases", rows on the page follow in
//                         place and never jump. Needs an id; rows carry data-gc-row.
//                         data-gc-live-turns="acceptor …": only changes of these roles' queues
//   data-gc-live="case"   a case page (data-gc-live-key): says that the case has moved on
//   data-gc-live="offer"  a reload button that says when there is something new
//
// Every change is also told on the document as `gc:live`, new messages of the user as `gc:messages`.

import { element, icon, tell } from "./dom.js";
import { LiveStream } from "./live-stream.js";
import { clock } from "./words.js";

const SPREAD_MS = 400; // so that all pages of a site do not ask in the same instant
const PAUSE_MS = 1500; // a page asks at most this often
const SLOW_PAUSE_MS = 10000; // and this often where the change is of nobody's queue here
const LOOK_MS = 2000;

let frame = null;
let lastHeard = Date.now();
const lastRead = performance.timeOrigin; // the page shows the state of about then
let isLost = false;
const parts = new Set();

export function start(place) {
  frame = place;
  const hear = (message) => onMessage(message);
  if (window.SharedWorker) listenTogether(hear) || listenAlone(hear);
  else listenAlone(hear);
  for (const part of document.querySelectorAll("[data-gc-live]")) watch(part);
  document.addEventListener("htmx:load", (event) => {
    for (const part of event.target.querySelectorAll?.("[data-gc-live]") || []) watch(part);
    if (event.target.matches?.("[data-gc-live]")) watch(event.target);
  });
  setInterval(look, LOOK_MS);
  addEventListener("offline", () => lost());
}

function listenTogether(hear) {
  try {
    const worker = new SharedWorker(frame.dataset.worker, { type: "module", name: `gridcity-live ${frame.dataset.user}` });
    worker.port.onmessage = (event) => hear(event.data);
    worker.onerror = () => {
      worker.port.close();
      listenAlone(hear);
    };
    const join = () => worker.port.postMessage({ url: frame.dataset.url, since: lastRead });
    join();
    // A tab that is put away must not keep the worker counting on it.
    addEventListener("pagehide", () => worker.port.postMessage({ bye: true }));
    addEventListener("pageshow", (event) => event.persisted && join());
    return true;
  } catch {
    return false;
  }
}

function listenAlone(hear) {
  const stream = new LiveStream(frame.dataset.url, hear);
  const follow = () => (document.visibilityState === "visible" ? stream.open() : stream.close());
  document.addEventListener("visibilitychange", follow);
  addEventListener("pagehide", () => stream.close());
  follow();
}

// ---------------------------------------------------------------- what was heard

function onMessage({ kind, key = "", turns = [] }) {
  if (kind === "lost") {
    lost();
    return;
  }
  if (kind === "refused") return; // logged out, or a role without cases: the next click says so
  heard();
  if (kind === "beat") return;
  if (kind === "messages") {
    tell(document, "gc:messages", {}); // the bell counts anew
    return;
  }
  const detail = { all: kind !== "change", key, turns };
  tell(document, "gc:live", detail);
  for (const part of parts) part.hear(detail);
}

function heard() {
  lastHeard = Date.now();
  if (!isLost) return;
  isLost = false;
  banner().hidden = true;
}

/** The stream beats every 8 s; after two beats missed, within 20 s, the page says that it is old. */
function look() {
  if (document.visibilityState === "visible" && Date.now() - lastHeard > Number(frame.dataset.silence) * 1000) lost();
}

function lost() {
  if (isLost) return;
  isLost = true;
  // This banner says more than the browser's own "offline".
  for (const line of document.querySelectorAll("[data-gc-offline]")) line.hidden = true;
  banner().hidden = false;
  banner().querySelector("[data-gc-live-since]").textContent = clock(lastHeard);
}

const banner = () => frame.querySelector("[data-gc-live-lost]");

// ---------------------------------------------------------------- parts of pages

const KINDS = { list: (part) => new LiveList(part), case: (part) => new LiveCase(part), offer: (part) => new LiveOffer(part) };

function watch(place) {
  if ([...parts].some((part) => part.place === place)) return;
  for (const part of parts) if (!part.place.isConnected) parts.delete(part);
  const make = KINDS[place.dataset.gcLive];
  if (make) parts.add(make(place));
}

class LiveOffer {
  constructor(place) {
    this.place = place;
  }

  hear({ all }) {
    const words = this.place.querySelector("[data-gc-live-words]");
    // The first word after (re)connection is "read all": the page has just been read.
    if (all && !this.hasHeard) {
      this.hasHeard = true;
      return;
    }
    this.hasHeard = true;
    this.place.classList.add("gc-live-new");
    if (words?.dataset.gcLiveWords) words.textContent = words.dataset.gcLiveWords;
  }
}

class LiveCase {
  constructor(place) {
    this.place = place;
  }

  async hear({ all, key }) {
    if (this.isTold || (!all && key !== this.place.dataset.gcLiveKey)) return;
    if (!(await this.hasMoved())) return;
    this.isTold = true;
    const note = element("div", { class: "gc-note gc-note-warn", role: "status" }, icon("arrow-clockwise"),
      element("div", { text: frame.dataset.wordsMoved }));
    const again = element("button", { type: "button", class: "btn btn-default btn-small", text: frame.dataset.wordsReload });
    again.addEventListener("click", () => location.reload());
    note.append(again);
    this.place.prepend(note);
  }

  /** The page carries the version it shows; the same address, read again, carries the newest. */
  async hasMoved() {
    const fresh = await readAgain(location.href);
    const now = fresh?.querySelector("[data-gc-live=case]")?.dataset.gcLiveVersion;
    return now !== undefined && now !== this.place.dataset.gcLiveVersion;
  }
}

class LiveList {
  constructor(place) {
    this.place = place;
    this.turns = (place.dataset.gcLiveTurns || "").split(/\s+/).filter(Boolean);
    this.readAt = Date.now();
    this.next = null;
  }

  hear({ all, turns }) {
    const concerns = all || !this.turns.length || this.turns.some((role) => turns.includes(role));
    this.plan(concerns ? PAUSE_MS : SLOW_PAUSE_MS);
  }

  /** Read soon after the first change, then at most once a pause, however many follow. */
  plan(pause) {
    const due = Math.max(Date.now() + Math.random() * SPREAD_MS, this.readAt + pause);
    if (this.next && this.next.due <= due) return;
    clearTimeout(this.next?.timer);
    this.next = { due, timer: setTimeout(() => this.read(), due - Date.now()) };
  }

  async read() {
    this.next = null;
    if (!this.place.isConnected) {
      parts.delete(this);
      return;
    }
    if (document.visibilityState === "hidden") {
      document.addEventListener("visibilitychange", () => this.plan(0), { once: true });
      return;
    }
    this.readAt = Date.now();
    const fresh = (await readAgain(location.href))?.getElementById(this.place.id);
    if (fresh) this.take(fresh);
  }

  take(fresh) {
    const shown = new Map(rowsOf(this.place).map((row) => [row.dataset.gcRow, row]));
    const coming = rowsOf(fresh).filter((row) => !shown.has(row.dataset.gcRow));
    const kept = new Map(rowsOf(fresh).map((row) => [row.dataset.gcRow, row]));
    for (const [id, row] of shown) {
      const now = kept.get(id);
      row.classList.toggle("gc-row-gone", !now);
      if (now && !isBusy(row) && now.innerHTML !== row.innerHTML) follow(row, now);
    }
    this.fresh = fresh;
    const gone = [...shown.keys()].some((id) => !kept.has(id));
    this.offer(coming.length, gone);
  }

  /** "n new cases" above the list; nothing moves until it is pressed. */
  offer(count, gone) {
    if (!count && !gone && !this.bar) return;
    if (!this.bar) {
      this.bar = element("button", { type: "button", class: "gc-live-bar", "aria-live": "polite" });
      this.bar.addEventListener("click", () => this.show());
      this.place.before(this.bar);
    }
    this.bar.hidden = !count && !gone;
    const words = count ? frame.dataset.wordsNew.replace("{n}", count) : frame.dataset.wordsChanged;
    if (this.bar.textContent !== words) this.bar.replaceChildren(icon("arrow-up-circle"), words);
  }

  show() {
    this.bar.remove();
    this.bar = null;
    const next = document.importNode(this.fresh, true);
    this.place.replaceChildren(...next.childNodes);
    window.htmx?.process(this.place);
    tell(this.place, "htmx:load", { elt: this.place });
    this.place.querySelector("[data-gc-row] a[href], [data-gc-row] button")?.focus();
  }
}

const rowsOf = (place) => [...place.querySelectorAll("[data-gc-row]")];

/** A row in which somebody types, that is chosen, or that holds the focus is left alone. */
const isBusy = (row) => row.contains(document.activeElement) || Boolean(row.querySelector("input:checked"));

function follow(row, now) {
  row.replaceChildren(...document.importNode(now, true).childNodes);
}

/** The page as the server shows it now, through the views that check permissions. */
async function readAgain(url) {
  try {
    const answer = await fetch(url, { credentials: "same-origin", headers: { "X-Requested-With": "live" } });
    if (!answer.ok || answer.redirected) return null;
    heard();
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  } catch {
    return null;
  }
}
