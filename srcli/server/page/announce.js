import { count, duration } from "./words.js";

const WORDS = {
  queued: ({ name }) => `${name} is in line.`,
  running: ({ name }) => `${name} is being enlarged.`,
  succeeded: ({ name }) => `${name} is finished.`,
  failed: ({ name, problem }) => `${name} failed: ${problem?.detail ?? "no reason given"}.`,
  refused: ({ name, problem }) => `${name} is not accepted: ${problem.detail}.`,
  canceled: ({ name }) => `${name} is canceled.`,
  lost: ({ name }) => `${name} is no longer on the server.`,
};

// Tell a screen reader of each new phase, and of each quarter of a long run; a word for every tile would be noise.
export class Announcer {
  constructor(region, items) {
    this.region = region;
    this.quarters = new WeakMap();
    items.addEventListener("change", ({ detail }) => this.onChange(detail.item, detail.before));
  }

  onChange(item, before) {
    if (item.phase !== before && WORDS[item.phase]) this.say(WORDS[item.phase](item));
    else if (item.phase === "running" && item.job.total) this.tellQuarter(item, item.job);
  }

  tellQuarter(item, { done, total, seconds_left: left }) {
    const quarter = Math.floor((4 * done) / total);
    if (quarter <= (this.quarters.get(item) ?? 0) || quarter > 3) return;
    this.quarters.set(item, quarter);
    const rest = typeof left === "number" ? `, ${duration(left)} left` : "";
    this.say(`${item.name}: ${25 * quarter} percent of ${count(total, "tile")}${rest}.`);
  }

  say(words) {
    this.region.textContent = words;
  }
}
