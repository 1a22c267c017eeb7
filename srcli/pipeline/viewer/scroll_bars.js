import { element } from "./dom.js";

const SHORTEST = 0.06;

// Two bars at the edges of a view that tell which part of the picture it shows, and move it.
export class ScrollBars {
  constructor(camera) {
    this.camera = camera;
    this.across = this.make("horizontal", 0);
    this.down = this.make("vertical", 1);
    this.nodes = [this.across, this.down];
  }

  make(orientation, axis) {
    const thumb = element("div", { className: "thumb" });
    const bar = element("div", { className: `bar ${orientation}`, "aria-hidden": "true" }, thumb);
    let last = null;
    bar.addEventListener("pointerdown", (event) => {
      bar.setPointerCapture(event.pointerId);
      last = event;
    });
    bar.addEventListener("pointermove", (event) => {
      if (last) this.drag(axis, event, last);
      if (last) last = event;
    });
    for (const kind of ["pointerup", "pointercancel"]) bar.addEventListener(kind, () => (last = null));
    return bar;
  }

  drag(axis, event, last) {
    const { camera } = this;
    const moved = axis ? event.clientY - last.clientY : event.clientX - last.clientX;
    const length = axis ? camera.view.height : camera.view.width;
    const shift = (-moved / length) * (axis ? camera.height : camera.width) * camera.zoom;
    camera.move(axis ? 0 : shift, axis ? shift : 0);
  }

  place() {
    const { camera } = this;
    placeThumb(this.across, camera.x, camera.width, camera.view.width / camera.zoom, "left", "width");
    placeThumb(this.down, camera.y, camera.height, camera.view.height / camera.zoom, "top", "height");
  }
}

function placeThumb(bar, middle, whole, seen, start, extent) {
  bar.hidden = seen >= whole * 0.999;
  const share = Math.max(SHORTEST, Math.min(1, seen / whole));
  const from = Math.min(1 - share, Math.max(0, middle / whole - share / 2));
  Object.assign(bar.firstElementChild.style, { [start]: `${100 * from}%`, [extent]: `${100 * share}%` });
}
