import { element } from "../viewer/dom.js";
import { BUSY } from "./items.js";
import { failureScene, previewScene, progressScene, welcomeScene } from "./scenes.js";
import { ResultScene } from "./result.js";

// The large area: the picture that is selected, in whatever phase it is.
export class Panel {
  constructor(node, items, actions) {
    Object.assign(this, { node, items, actions, key: null, scene: null });
    this.result = new ResultScene(actions);
    items.addEventListener("select", () => this.update());
    items.addEventListener("change", ({ detail }) => detail.item === items.selected && this.update());
    this.update();
  }

  update() {
    const item = this.items.selected;
    const kind = sceneOf(item);
    const key = `${item?.key ?? 0} ${kind} ${item?.job?.id ?? ""}`;
    if (key !== this.key) this.open(key, kind, item);
    this.scene.update?.();
  }

  // Every scene belongs to one item, and a result to one job, so that nothing of another picture is ever shown.
  open(key, kind, item) {
    this.key = key;
    this.result.close();
    this.scene = this.make(kind, item);
    this.node.dataset.scene = kind;
    this.node.replaceChildren(element("div", { className: `scene ${kind}` }, ...this.scene.nodes));
    this.scene.opened?.();
  }

  make(kind, item) {
    if (kind === "welcome") return welcomeScene(this.actions);
    if (kind === "preview") return previewScene(item, this.actions);
    if (kind === "progress") return progressScene(item, this.actions);
    if (kind === "failure") return failureScene(item, this.actions);
    return this.result.open(item);
  }
}

function sceneOf(item) {
  if (!item) return "welcome";
  if (item.phase === "staged") return "preview";
  if (BUSY.includes(item.phase)) return "progress";
  return item.phase === "succeeded" ? "result" : "failure";
}
