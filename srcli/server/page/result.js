import { element } from "../viewer/dom.js";
import { Viewer } from "../viewer/viewer.js";
import { Reference } from "./reference.js";
import { action, title, warningsOf } from "./scenes.js";
import { bytes, clock, duration, formatName, size } from "./words.js";

// A finished picture: original, bicubic and generator beside one another.
export class ResultScene {
  constructor(actions) {
    this.actions = actions;
    this.root = element("div", { className: "result-root" });
    this.viewer = new Viewer({ keysOn: this.root });
    this.reference = new Reference(actions);
    this.item = null;
    this.shown = null;
  }

  open(item) {
    this.item = item;
    const { output } = item.job;
    const save = element("a", { className: "button primary", href: output.href, download: output.name, textContent: "Download" });
    save.id = "download";
    this.buttons = element("div", { className: "actions" }, save);
    if (item.file) this.buttons.append(action("Other settings", () => this.actions.again(item)));
    const words = element("div", { className: "scene-words" }, title(item), element("p", { className: "about", textContent: about(item.job) }));
    const head = element("div", { className: "result-head" }, words, this.buttons);
    const shown = element("div", { className: "stage-box" }, this.viewer.stage);
    const below = element("div", { className: "below" }, this.viewer.cards.node, this.reference.node);
    this.reference.open(item);
    this.root.replaceChildren(head, ...warningsOf(output.warnings), this.viewer.toolbar.node, shown, below);
    return { nodes: [this.root], update: () => this.update(), opened: () => this.update() };
  }

  // Panes change only when a reference comes; until then zoom and place stay.
  update() {
    const { job } = this.item;
    this.reference.update();
    const state = `${job.id} ${job.panes.map((pane) => `${pane.kind} ${pane.psnr}`)}`;
    if (state === this.shown) return;
    this.shown = state;
    const panes = job.panes.map((pane) => asPane(pane, job));
    const at = (kind) => job.panes.findIndex((pane) => pane.kind === kind);
    const left = Math.max(0, at("bicubic"));
    const right = Math.max(0, at("generator"));
    this.viewer.stage.dataset.job = job.id;
    const { width, height } = job.output;
    // A second picture is looked at the way the first was.
    const { mode } = this.viewer.state;
    this.viewer.show({ width, height, panes, left: left === right ? 0 : left, right, mode });
  }

  close() {
    this.shown = null;
    this.item = null;
    this.viewer.clear();
  }
}

function asPane({ kind, label, href, tiles, width, height, psnr, ssim, seconds }, { output, panes }) {
  const saves = { generator: { url: output.href, name: output.name }, bicubic: { url: href, name: plainName(output.name) } };
  const note = { original: size(width, height), reference: "the true picture" }[kind];
  const save = tiles && kind === "bicubic" ? null : saves[kind];
  // Another reference has the same address, and browsers keep pictures by that.
  const url = kind === "reference" ? `${href}?for=${panes.map((pane) => pane.psnr)}` : href;
  return { label, url, tiles, width, height, psnr, ssim, seconds, note, save, identical: psnr === null && ssim === 1 };
}

function plainName(name) {
  return `${name.replace(/\.[^.]*$/, "")}_bicubic.png`;
}

function about({ input, output, expires }) {
  const parts = [
    `${size(input.width, input.height)} to ${size(output.width, output.height)}`,
    output.model_reason ? `${output.model}, as the picture ${output.model_reason}` : output.model,
    duration(output.seconds),
    `${formatName(output.format)}, ${bytes(output.bytes)}`,
  ];
  if (expires) parts.push(`kept until ${clock(expires)}`);
  return parts.join(" \u00b7 ");
}
