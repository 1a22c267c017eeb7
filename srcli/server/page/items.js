// The pictures of this page, in the order they came.
//
// An item has a name, a file unless it was found again after a reload, its width and height once known, and a phase:
// staged, waiting, sending, then that of its job (queued, running, succeeded, failed, canceled); refused where the
// server or the page will not take it; lost where the server no longer knows it.
export class Items extends EventTarget {
  constructor() {
    super();
    this.list = [];
    this.selected = null;
    this.nextKey = 1;
  }

  add(properties) {
    const item = { key: this.nextKey, phase: "staged", sent: 0, job: null, problem: null, file: null, ...properties };
    this.nextKey += 1;
    this.list.push(item);
    this.tell("change", item);
    return item;
  }

  change(item, properties) {
    if (!this.list.includes(item)) return;
    const before = item.phase;
    Object.assign(item, properties);
    this.tell("change", item, before);
  }

  // Take over what the server says of a job.
  follow(item, job) {
    // An answer may be older than the event that came before it.
    if (item.job?.id === job.id && item.job.ended && !job.ended) return;
    const { width, height, name } = job.input;
    this.change(item, { job, phase: job.status, problem: job.error, width, height, name: name ?? item.name });
  }

  remove(item) {
    const index = this.list.indexOf(item);
    if (index < 0) return;
    this.list.splice(index, 1);
    if (item.preview) URL.revokeObjectURL(item.preview);
    this.tell("remove", item);
    if (this.selected === item) this.select(this.list[Math.min(index, this.list.length - 1)] ?? null);
  }

  select(item) {
    this.selected = item;
    this.tell("select", item);
  }

  withPhase(...phases) {
    return this.list.filter((item) => phases.includes(item.phase));
  }

  ofJob(id) {
    return this.list.find((item) => item.job?.id === id);
  }

  tell(kind, item, before = null) {
    this.dispatchEvent(new CustomEvent(kind, { detail: { item, before } }));
  }
}

export const ACTIVE = ["queued", "running"];
export const BUSY = ["waiting", "sending", ...ACTIVE];
