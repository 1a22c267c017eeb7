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
    const [left, top] = camera.corner;
    this.node.style.transform = `translate(${left}px, ${top}px) scale(${camera.zoom})`;
  }
}

// One version of the picture in one view.
export class Layer {
  constructor(pane, camera) {
    this.picture = pane.tiles ? new TiledPicture(pane, camera) : new WholePicture(pane, camera);
    this.pixel = camera.width / (pane.width ?? camera.width);
    this.node = element("div", { className: "layer loading" }, this.picture.node);
    // Tiles tell as well: such events don't bubble, but they are captured.
    this.node.addEventListener("load", () => this.node.classList.remove("loading"), { capture: true, once: true });
    this.node.addEventListener("error", () => this.node.classList.replace("loading", "broken"), true);
  }

  place(camera) {
    this.picture.place(camera);
    this.node.classList.toggle("sharp", camera.zoom * this.pixel >= SQUARE_FROM);
  }
}
