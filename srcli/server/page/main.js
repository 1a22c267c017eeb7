import { Announcer } from "./announce.js";
import { ask, Problem, send } from "./api.js";
import { Intake } from "./intake.js";
import { ACTIVE, BUSY, Items } from "./items.js";
import { limitWords, refusal } from "./limits.js";
import { List } from "./list.js";
import { measureFile } from "./measure_file.js";
import { Panel } from "./panel.js";
import { Settings } from "./settings.js";
import { enter, enterAgain } from "./token.js";
import { Uploads } from "./uploads.js";
import { Watch } from "./watch.js";
import { share } from "./phases.js";
import { count, sentence } from "./words.js";

const at = (id) => document.getElementById(id);
const items = new Items();

async function start() {
  await enter();
  const [models, limits, { jobs }] = await Promise.all([ask("v1/models"), ask("v1/limits"), ask("v1/jobs")]);
  const settings = new Settings(at("settings"), models, limits);
  at("choose").accept = acceptable(limits.reads);
  const app = new App(settings, limits);
  app.restore(jobs);
  document.body.dataset.ready = "true";
}

// Left out, HEIC makes an iPhone hand over JPEG, which every browser and server can read.
function acceptable(reads) {
  return reads.filter(({ name }) => name !== "heic").flatMap((format) => [format.media_type, ...format.extensions]).join(",");
}

class App {
  constructor(settings, limits) {
    Object.assign(this, { settings, limits });
    this.uploads = new Uploads(items, limits);
    this.watch = new Watch(items, {
      onConnection: (connected) => (at("offline").hidden = connected),
      onLost: () => this.tryTo(enterAgain),
    });
    this.announcer = new Announcer(at("live"), items);
    new List(at("pictures"), items, this);
    new Panel(at("panel"), items, this);
    new Intake({
      onPictures: (files) => this.add(files),
      onReference: (file) => this.measure(items.selected, file),
      canMeasure: () => items.selected?.phase === "succeeded",
    });
    settings.form.addEventListener("submit", (event) => this.onSubmit(event));
    settings.addEventListener("change", () => items.selected && items.change(items.selected, {}));
    for (const kind of ["change", "remove", "select"]) items.addEventListener(kind, () => this.onChange());
    window.addEventListener("hashchange", () => this.openAddress());
    this.onChange();
  }

  get limitWords() {
    return limitWords(this.limits);
  }

  get canPhotograph() {
    return matchMedia("(pointer: coarse)").matches;
  }

  targetOf(item) {
    return this.settings.target(item.width, item.height);
  }

  // ---- pictures come

  async add(files) {
    const added = files.map((file) => items.add({ name: file.name, file }));
    if (added.length === 0) return;
    items.select(added[0]);
    this.announcer.say(`${count(added.length, "picture")} added.`);
    // One after the other: each may be large.
    for (const item of added) await this.look(item);
  }

  async look(item) {
    const seen = await measureFile(item.file);
    if (items.list.includes(item)) items.change(item, seen);
    else if (seen.preview) URL.revokeObjectURL(seen.preview);
  }

  onSubmit(event) {
    event.preventDefault();
    for (const item of items.withPhase("staged")) {
      const problem = refusal(item, this.limits, item.width ? this.targetOf(item) : [0, 0]);
      if (problem) items.change(item, { phase: "refused", problem });
      else this.uploads.enqueue(item, this.settings.query());
    }
    // On a phone the button is far below the picture.
    if (at("panel").getBoundingClientRect().top < 0) at("panel").scrollIntoView();
  }

  async again(item) {
    const fresh = items.add({ name: item.name, file: item.file });
    if (item.phase !== "succeeded") this.remove(item);
    items.select(fresh);
    await this.look(fresh);
    at("model").focus();
  }

  async measure(item, file) {
    items.change(item, { reference: { busy: true } });
    try {
      const job = await send("PUT", `${item.job.href}/reference`, file, () => {}).done;
      items.change(item, { reference: null });
      items.follow(item, job);
      this.announcer.say(`${item.name} is measured against its reference.`);
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      items.change(item, { reference: { problem: error.document } });
      this.announcer.say(`The reference was not accepted: ${error.document.detail}.`);
    }
  }

  // ---- pictures go

  // Cancel what is going on, remove what has ended.
  drop(item) {
    if (["waiting", "sending"].includes(item.phase)) this.uploads.cancel(item);
    else if (ACTIVE.includes(item.phase)) this.cancel(item);
    else this.remove(item);
  }

  async cancel(item) {
    await this.tryTo(async () => items.follow(item, (await ask(item.job.href, { method: "DELETE" })) ?? item.job));
  }

  async remove(item) {
    const known = item.job && item.phase !== "lost";
    items.remove(item);
    if (known) await this.tryTo(() => ask(item.job.href, { method: "DELETE" }));
  }

  async clear() {
    const removable = items.list.filter((item) => !BUSY.includes(item.phase));
    for (const item of removable) await this.remove(item);
    at("choose").focus();
  }

  async tryTo(work) {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem)) throw error;
      if (error.document.status !== 404) notice(error.document);
    }
  }

  // ---- the address

  restore(jobs) {
    for (const job of jobs) items.follow(items.add({ name: job.input.name ?? "picture", phase: job.status, job }), job);
    this.watch.arrange();
    this.openAddress();
    if (!items.selected && jobs.length) items.select(items.list.at(-1));
  }

  openAddress() {
    const id = new URLSearchParams(location.hash.slice(1)).get("job");
    if (!id || items.selected?.job?.id === id) return;
    const item = items.ofJob(id);
    if (item) items.select(item);
    else notice({ detail: "the picture of this address is no longer here", hint: "it has expired, was removed, or belongs to another browser" });
  }

  onChange() {
    const staged = items.withPhase("staged").length;
    at("start").textContent = staged > 1 ? `Enlarge ${count(staged, "picture")}` : "Enlarge";
    at("start").disabled = staged === 0;
    const item = items.selected;
    const hash = item?.job ? `#job=${item.job.id}` : "";
    if (this.hash !== hash && (hash || this.hash)) history.replaceState(null, "", hash || location.pathname + location.search);
    this.hash = hash;
    const known = item && share(item);
    document.title = [known ? `${Math.floor(100 * known)} %` : "", item?.name, "srcli"].filter(Boolean).join(" \u00b7 ");
  }
}

function notice({ detail, title: short, hint }) {
  at("notice").hidden = false;
  at("notice-words").textContent = [detail ?? short, hint].filter(Boolean).map(sentence).join(" ");
}

at("notice-close").addEventListener("click", () => (at("notice").hidden = true));
start().catch((error) => {
  notice(error instanceof Problem ? error.document : { detail: "this page met an error and stopped", hint: String(error) });
});
