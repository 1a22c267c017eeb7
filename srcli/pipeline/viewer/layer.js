import { element } from "./dom.js";
import { TiledPicture } from "./tiles.js";

// From this many screen pixels on, a pixel of the picture is shown as a square.
const SQUARE_FROM = 2;

class WholePicture {
  constructor(pane, camera) {
    const { width, height } = camera;
    this.node = element("img", { src: pane.url, alt: pane.label, width, height, draggable: false });
  }

  place(camera) {
    move(this.node, camera);
  }
}

// A part of a clip, as it is in the frame that the clip stands at.
class ClipPicture {
  constructor(pane, camera) {
    this.pane = pane;
    this.node = element("canvas", { width: camera.width, height: camera.height, role: "img", "aria-label": pane.label });
  }

  draw() {
    const { clip, x, y } = this.pane;
    if (clip.readyState < HTMLMediaElement.HAVE_CURRENT_DATA) return;
    const { width, height } = this.node;
    this.node.getContext("2d").drawImage(clip, x, y, width, height, 0, 0, width, height);
    if (!this.drawn) this.node.dispatchEvent(new Event("load"));
    this.drawn = true;
  }

  place(camera) {
    if (!this.drawn) this.draw();
    move(this.node, camera);
  }
}

function move(node, camera) {
  const [left, top] = camera.corner;
  node.style.transform = `translate(${left}px, ${top}px) scale(${camera.zoom})`;
}

function pictureOf(pane, camera) {
  if (pane.clip) return new ClipPicture(pane, camera);
  return pane.tiles ? new TiledPicture(pane, camera) : new WholePicture(pane, camera);
}

// One version of the picture in one view.
export class Layer {
  constructor(pane, camera) {
    this.picture = pictureOf(pane, camera);
    this.pixel = camera.width / (pane.width ?? camera.width);
    this.node = element("div", { className: "layer loading" }, this.picture.node);
    // Tiles tell as well: such events don't bubble, but they are captured.
    this.node.addEventListener("load", () => this.node.classList.remove("loading"), { capture: true, once: true });
    this.node.addEventListener("error", () => this.node.classList.replace("loading", "broken"), true);
  }

  redraw() {
    this.picture.draw?.();
  }

  place(camera) {
    this.picture.place(camera);
    this.node.classList.toggle("sharp", camera.zoom * this.pixel >= SQUARE_FROM);
  }
}
