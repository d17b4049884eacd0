// One stream of server-sent events that comes back by itself, or asks in intervals instead.
// Runs in the SharedWorker and, where there is none, in the page.

const SILENCE_MS = 16000; // two beats of the server and a little
const LOOK_MS = 2000;
const POLL_MS = 15000;
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 30000;

export class LiveStream {
  /** `hear({kind, key, turns})`: change, messages, resync, beat, lost or refused. */
  constructor(url, hear) {
    this.url = url;
    this.hear = hear;
    this.pause = FIRST_PAUSE_MS;
  }

  open() {
    this.isWanted = true;
    this.watch ||= setInterval(() => this.look(), LOOK_MS);
    if (this.source || this.timer) return;
    this.heardAt = Date.now();
    const source = new EventSource(this.url);
    this.source = source;
    for (const kind of ["change", "messages", "resync", "beat", "degraded"]) {
      source.addEventListener(kind, (event) => this.onEvent(kind, event.data));
    }
    // A stream that the server refused or broke is made anew: the browser gives up after one 502.
    source.onerror = () => source === this.source && this.again();
  }

  close() {
    this.isWanted = false;
    this.drop();
    clearTimeout(this.timer);
    clearInterval(this.watch);
    this.timer = this.watch = null;
  }

  drop() {
    this.source?.close();
    this.source = null;
  }

  onEvent(kind, data) {
    this.heardAt = Date.now();
    this.pause = FIRST_PAUSE_MS;
    if (kind === "degraded") return; // the server lost the database: a resync follows
    this.hear({ kind, ...JSON.parse(data || "{}") });
  }

  look() {
    if (this.source && Date.now() - this.heardAt > SILENCE_MS) {
      this.hear({ kind: "lost" });
      this.again();
    }
  }

  /** Ask why the stream ended, then come back: at once, or in intervals while there is no place. */
  async again() {
    this.drop();
    if (!this.isWanted || this.timer) return;
    this.timer = setTimeout(() => {}, 0);
    const answer = await this.ask();
    if (!this.isWanted) return;
    if (answer === "refused") {
      this.hear({ kind: "refused" });
      return;
    }
    const pause = answer === "full" ? POLL_MS : this.pause;
    if (answer === "full") this.hear({ kind: "resync" });
    if (answer === "away") this.hear({ kind: "lost" });
    this.pause = Math.min(this.pause * 2, LONGEST_PAUSE_MS);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.open();
    }, pause * (0.75 + Math.random() / 2));
  }

  /** full (no thread is free), refused (no login or no role), away (no answer), or ok. */
  async ask() {
    try {
      const answer = await fetch(`${this.url}?ask`, { credentials: "same-origin" });
      if (answer.status === 503) return "full";
      return answer.status === 401 || answer.status === 403 ? "refused" : answer.ok ? "ok" : "away";
    } catch {
      return "away";
    }
  }
}
