import { Problem, send } from "./api.js";
import { ACTIVE } from "./items.js";

const FALLBACK_RETRY_S = 3;

// Sends pictures one after the other, never more than the server lets one client have in line.
export class Uploads {
  constructor(items, limits) {
    this.items = items;
    this.limits = limits;
    this.current = null;
    items.addEventListener("change", () => this.next());
    items.addEventListener("remove", () => this.next());
  }

  enqueue(item, settings) {
    this.items.change(item, { phase: "waiting", settings, problem: null, sent: 0, job: null, full: false });
  }

  cancel(item) {
    if (item.phase === "waiting") this.items.change(item, { phase: "canceled" });
    else if (this.current?.item === item) this.current.sending.stop();
  }

  next() {
    if (this.current || this.pause || this.items.withPhase(...ACTIVE).length >= this.limits.per_client) return;
    const [item] = this.items.withPhase("waiting");
    if (item) this.send(item);
  }

  async send(item) {
    const query = new URLSearchParams({ ...item.settings, name: item.name });
    const sending = send("POST", `v1/jobs?${query}`, item.file, (sent) => this.items.change(item, { sent }));
    this.current = { item, sending };
    this.items.change(item, { phase: "sending" });
    try {
      const job = await sending.done;
      this.current = null;
      this.items.follow(item, job);
    } catch (error) {
      this.current = null;
      this.fail(item, error);
    }
  }

  fail(item, error) {
    if (!(error instanceof Problem)) throw error;
    const { code, status, retry } = error.document;
    if (code === "canceled") this.items.change(item, { phase: "canceled" });
    else if (status === 429 || code === "draining") this.wait(item, retry ?? FALLBACK_RETRY_S);
    else this.items.change(item, { phase: "refused", problem: error.document });
  }

  wait(item, seconds) {
    this.pause = setTimeout(() => {
      this.pause = null;
      this.next();
    }, 1000 * seconds);
    this.items.change(item, { phase: "waiting", full: true, sent: 0 });
  }
}
