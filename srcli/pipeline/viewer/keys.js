import { element } from "./dom.js";

const MEANINGS = [
  ["S \u00a0G \u00a0D", "slider, side by side, difference"],
  ["1 to 9", "version on the right; with Shift, on the left"],
  ["X", "swap left and right"],
  ["Space", "while held: the left version everywhere"],
  ["\u2190 \u2192", "move the slider; elsewhere and with Shift, the picture"],
  ["\u2191 \u2193", "move the picture"],
  ["+ \u00a0\u2212", "larger, smaller"],
  ["0 \u00a0Z", "whole picture, pixel for pixel"],
  ["R", "reset: whole picture, slider in the middle"],
  ["C", "next close-up, where there are any"],
  ["?", "this list"],
];
const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const ARROW_STEP_PX = 60;

// Keys of a viewer, heard by an element or by the whole document.
export class Keys {
  constructor(viewer, target) {
    this.viewer = viewer;
    this.dialog = helpDialog();
    target.addEventListener("keydown", (event) => this.onDown(event));
    target.addEventListener("keyup", (event) => event.key === " " && viewer.flip(false));
    this.commands = {
      s: () => viewer.setMode("slider"),
      g: () => viewer.setMode("grid"),
      d: () => viewer.setMode("difference"),
      x: () => viewer.swap(),
      z: () => viewer.camera.zoomTo(1),
      0: () => viewer.camera.fit(),
      r: () => viewer.reset(),
      "+": () => viewer.step(1),
      "=": () => viewer.step(1),
      "-": () => viewer.step(-1),
      c: () => viewer.nextBox(),
      "?": () => viewer.help(),
    };
  }

  onDown(event) {
    const taken = event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, dialog *");
    if (taken || this.dialog.open || !this.viewer.camera) return;
    if (this.act(event)) event.preventDefault();
  }

  act(event) {
    const digit = /^Digit([1-9])$/.exec(event.code);
    const command = this.commands[event.key.toLowerCase()];
    if (digit) this.viewer.choose(event.shiftKey ? "left" : "right", Number(digit[1]) - 1);
    else if (event.key in ARROWS) this.onArrow(event);
    else if (event.key === " " && !event.target.matches("button, a")) this.viewer.flip(true);
    else if (command) command();
    else return false;
    return true;
  }

  onArrow(event) {
    const [across, down] = ARROWS[event.key];
    const slides = this.viewer.state.mode === "slider" && across && !event.shiftKey;
    if (slides) this.viewer.setSplit(this.viewer.state.split - across * 0.02);
    else this.viewer.camera.move(ARROW_STEP_PX * across, ARROW_STEP_PX * down);
  }
}

function helpDialog() {
  const list = element("dl");
  for (const [keys, meaning] of MEANINGS) {
    list.append(element("dt", { textContent: keys }), element("dd", { textContent: meaning }));
  }
  const close = element("form", { method: "dialog" }, element("button", { autofocus: true, textContent: "Close" }));
  const words = "Drag to move, turn the wheel or pinch to zoom, double-click for pixel for pixel and back.";
  const title = element("h2", { id: "help-title", textContent: "Keys" });
  return element("dialog", { id: "help", "aria-labelledby": "help-title" }, title, list, element("p", { textContent: words }), close);
}
