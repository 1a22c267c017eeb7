import { element } from "./dom.js";
import { figures } from "./figures.js";
import { Layer } from "./layer.js";
import { ScrollBars } from "./scroll_bars.js";

// A view: an area with layers of pictures, a caption or two, and scroll bars.
export class View {
  constructor(camera, panes, ...captions) {
    this.layers = panes.map((pane) => new Layer(pane, camera));
    this.bars = new ScrollBars(camera);
    const pictures = element("div", { className: "pictures" }, ...this.layers.map((layer) => layer.node));
    this.node = element("div", { className: "view" }, pictures, ...captions, ...this.bars.nodes);
    this.pictures = pictures;
  }

  place(camera) {
    for (const layer of this.layers) layer.place(camera);
    this.bars.place();
  }
}

export function sliderView(camera, left, right, split) {
  const view = new View(camera, [left, right], caption(left, "left"), caption(right, "right"));
  view.layers[1].node.id = "over";
  view.handle = element("div", {
    id: "handle",
    tabIndex: 0,
    role: "slider",
    title: "Drag, or use the arrow keys",
    "aria-label": `${left.label} on the left, ${right.label} on the right`,
    "aria-valuemin": "0",
    "aria-valuemax": "100",
  });
  view.pictures.after(view.handle);
  placeSplit(view, split);
  return view;
}

export function placeSplit(view, split) {
  const percent = 100 * split;
  view.handle.style.left = `${percent}%`;
  view.handle.setAttribute("aria-valuenow", String(Math.round(percent)));
  view.handle.setAttribute("aria-valuetext", `${Math.round(percent)} percent`);
  // Both: neither is to be seen through the transparent parts of the other.
  view.layers[0].node.style.clipPath = `inset(0 ${100 - percent}% 0 0)`;
  view.layers[1].node.style.clipPath = `inset(0 0 0 ${percent}%)`;
}

// The browser subtracts and amplifies while it draws, so the size of the picture does not matter.
export function differenceView(camera, left, right, gain) {
  const words = `${left.label} against ${right.label}`;
  const view = new View(camera, [left, right], captionOf(words, "black where they agree", "left alone"));
  view.pictures.classList.add("difference");
  view.pictures.style.filter = `brightness(${gain})`;
  return view;
}

export function paneView(camera, pane, shown) {
  return new View(camera, [shown], caption(pane, "left alone"));
}

function caption(pane, side) {
  const measured = pane.identical || typeof pane.psnr === "number";
  return captionOf(pane.label, measured ? figures(pane).slice(0, 2).join(", ") : "", side);
}

function captionOf(words, aside, side) {
  return element("div", { className: `caption ${side}` }, words, element("span", { textContent: aside }));
}
