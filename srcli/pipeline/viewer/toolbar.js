import { element } from "./dom.js";

const MODES = [
  ["slider", "Slider", "Slider (S)"],
  ["grid", "Side by side", "Side by side (G)"],
  ["difference", "Difference", "Difference (D)"],
];

// Buttons for what the keys do as well.
export class Toolbar {
  constructor(viewer) {
    this.modes = MODES.map(([mode, words, title]) => {
      const properties = { type: "button", title, textContent: words, "data-mode": mode };
      return button(properties, () => viewer.setMode(mode));
    });
    this.zoom = element("output", { id: "zoom", title: "Pixels of the screen per pixel of the picture" });
    this.gain = element("input", { id: "gain", type: "range", min: 1, max: 20, "aria-label": "Amplification of the difference" });
    this.gain.addEventListener("input", () => viewer.setGain(Number(this.gain.value)));
    this.gainValue = element("output", { id: "gain-value" });
    this.gainBox = element("label", { id: "gain-box", className: "group" }, "amplified", this.gain, this.gainValue);
    this.boxes = group("Close-ups");
    this.node = element(
      "div",
      { className: "tools", role: "toolbar", "aria-label": "Viewer" },
      group("View", ...this.modes),
      group("Zoom", ...this.zoomButtons(viewer)),
      this.boxes,
      this.gainBox,
      button({ id: "help-button", title: "Keys (?)", "aria-label": "Keys", textContent: "?" }, () => viewer.help()),
    );
  }

  zoomButtons(viewer) {
    return [
      button({ id: "out", title: "Smaller (-)", "aria-label": "Zoom out", textContent: "\u2212" }, () => viewer.step(-1)),
      this.zoom,
      button({ id: "in", title: "Larger (+)", "aria-label": "Zoom in", textContent: "+" }, () => viewer.step(1)),
      button({ id: "actual", title: "Pixel for pixel (1:1, Z)", textContent: "1:1" }, () => viewer.camera.zoomTo(1)),
      button({ id: "reset", title: "Whole picture, slider in the middle (R)", textContent: "Reset" }, () => viewer.reset()),
    ];
  }

  offer(boxes, onChoice) {
    const buttons = boxes.map((box, index) => {
      const letter = String.fromCharCode(65 + index);
      return button({ textContent: letter, title: `Close-up ${letter}: ${box.join(", ")} (C)` }, () => onChoice(index));
    });
    this.boxes.replaceChildren(...buttons);
    this.boxes.hidden = buttons.length === 0;
  }

  mark({ mode, gain }) {
    for (const made of this.modes) made.setAttribute("aria-pressed", String(made.dataset.mode === mode));
    this.gainBox.hidden = mode !== "difference";
    this.gain.value = String(gain);
    this.gainValue.textContent = `${gain} times`;
  }

  tellZoom(zoom) {
    const percent = 100 * zoom;
    this.zoom.textContent = `${percent < 10 ? percent.toFixed(1) : Math.round(percent)} %`;
  }
}

function group(label, ...children) {
  return element("div", { className: "group", role: "group", "aria-label": label }, ...children);
}

function button(properties, onClick) {
  const made = element("button", { type: "button", ...properties });
  made.addEventListener("click", onClick);
  return made;
}
