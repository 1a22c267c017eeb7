import { ask, Problem } from "./api.js";
import { ACTIVE } from "./items.js";

// A browser opens six connections to a server; those that wait for events must leave some for the rest.
const STREAMS = 2;
const REFRESH_MS = 4000;

// Follows the jobs that aren't finished: the nearest by events, the others by asking now and then.
export class Watch {
  constructor(items, { onConnection, onLost }) {
    Object.assign(this, { items, onConnection, onLost, streams: new Map() });
    items.addEventListener("change", () => this.arrange());
    items.addEventListener("remove", () => this.arrange());
    // A phone that slept, or a network that was away, may have missed the end.
    document.addEventListener("visibilitychange", () => !document.hidden && this.refresh());
    window.addEventListener("online", () => this.refresh());
    setInterval(() => this.items.withPhase(...ACTIVE).length > this.streams.size && this.refresh(), REFRESH_MS);
  }

  arrange() {
    const active = this.items.withPhase(...ACTIVE).sort((one, other) => rank(one) - rank(other));
    const wanted = new Set(active.slice(0, STREAMS).map((item) => item.job.id));
    for (const [id, stream] of this.streams) {
      if (wanted.has(id)) continue;
      stream.close();
      this.streams.delete(id);
    }
    for (const id of wanted) if (!this.streams.has(id)) this.listen(id);
  }

  listen(id) {
    const stream = new EventSource(this.items.ofJob(id).job.events);
    this.streams.set(id, stream);
    stream.addEventListener("open", () => this.onConnection(true));
    stream.addEventListener("job", (event) => this.take(JSON.parse(event.data)));
    stream.addEventListener("error", () => this.onError(id, stream));
  }

  take(job) {
    const item = this.items.ofJob(job.id);
    if (item) this.items.follow(item, job);
  }

  // The browser connects again by itself, unless it was told that there is nothing.
  onError(id, stream) {
    const item = this.items.ofJob(id);
    if (!item || !ACTIVE.includes(item.phase)) return;
    this.onConnection(false);
    if (stream.readyState !== EventSource.CLOSED) return;
    this.streams.delete(id);
    setTimeout(() => this.refresh(), 1000);
  }

  // Ask for all jobs; those that the server no longer knows are lost.
  async refresh() {
    let jobs;
    try {
      ({ jobs } = await ask("v1/jobs"));
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      this.onConnection(false);
      return;
    }
    this.onConnection(true);
    const known = new Map(jobs.map((job) => [job.id, job]));
    const followed = this.items.list.filter((item) => item.job && item.phase !== "lost");
    const lost = followed.filter((item) => !known.has(item.job.id));
    for (const item of followed) if (known.has(item.job.id)) this.items.follow(item, known.get(item.job.id));
    for (const item of lost) this.items.change(item, { phase: "lost" });
    if (lost.length) this.onLost();
    this.arrange();
  }
}

function rank({ job }) {
  return job.status === "running" ? 0 : job.position ?? 1;
}
