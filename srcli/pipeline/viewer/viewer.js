import { Camera, ZOOM_STEP } from "./camera.js";
import { Cards } from "./cards.js";
import { element } from "./dom.js";
import { Gestures } from "./gestures.js";
import { Keys } from "./keys.js";
import { Toolbar } from "./toolbar.js";
import { differenceView, paneView, placeSplit, sliderView } from "./views.js";

const START = { mode: "slider", split: 0.5, gain: 5, flipped: false, box: null };

// Versions of a picture, looked at through one camera.
//
// A pane is {label, url or tiles: {href, size, levels} or clip, width, height, psnr, ssim, seconds, identical, note, save}; width
// and height are its own pixels, by default those of the picture. A clip is a video, of which the pane shows what lies at x and y.
export class Viewer {
  constructor({ keysOn = null } = {}) {
    this.panes = [];
    this.views = [];
    this.camera = null;
    this.state = { ...START };
    this.toolbar = new Toolbar(this);
    this.cards = new Cards(this);
    this.stage = element("div", { id: "stage", tabIndex: 0, role: "group", "aria-label": "Picture, with keys: ? lists them" });
    this.keys = new Keys(this, keysOn ?? this.stage);
    new ResizeObserver(() => this.onResize()).observe(this.stage);
  }

  // Show panes of a picture of width x height; left and right are indices, boxes are [x, y, width, height].
  show({ width, height, panes, left, right, boxes = [], mode = null }) {
    this.panes = panes;
    this.boxes = boxes;
    this.camera = new Camera(width, height, () => this.render());
    this.start = { left, right, mode: mode ?? (panes.length > 1 ? "slider" : "grid") };
    this.state = { ...START, ...this.start };
    this.cards.show(panes);
    this.toolbar.offer(boxes, (index) => this.showBox(index));
    this.build();
  }

  clear() {
    Object.assign(this, { panes: [], views: [], camera: null });
    this.stage.replaceChildren();
    this.cards.show([]);
  }

  build() {
    if (!this.camera) return;
    const focused = document.activeElement?.id === "handle";
    this.views = this.makeViews();
    this.stage.replaceChildren(...this.views.map((view) => view.node));
    this.stage.style.gridTemplateColumns = this.state.mode === "grid" ? `repeat(${this.bestColumns()}, 1fr)` : "";
    for (const view of this.views) new Gestures(view.node, this.camera, (split) => this.setSplit(split));
    this.toolbar.mark(this.state);
    this.cards.mark(this.state);
    this.measure();
    if (focused) this.views[0].handle?.focus();
  }

  makeViews() {
    const { mode, left, flipped, split, gain } = this.state;
    const [first, second] = this.shownPair();
    if (mode === "slider") return [sliderView(this.camera, first, second, split)];
    if (mode === "difference") return [differenceView(this.camera, first, second, gain)];
    return this.panes.map((pane) => paneView(this.camera, pane, flipped ? this.panes[left] : pane));
  }

  shownPair() {
    const left = this.panes[this.state.left];
    return [left, this.state.flipped ? left : this.panes[this.state.right]];
  }

  // As many columns as let the whole picture be largest in each cell.
  bestColumns() {
    const { clientWidth, clientHeight } = this.stage;
    const size = (columns) => {
      const rows = Math.ceil(this.panes.length / columns);
      return Math.min(clientWidth / columns / this.camera.width, clientHeight / rows / this.camera.height);
    };
    const choices = this.panes.map((_, index) => index + 1);
    return choices.reduce((best, columns) => (size(columns) > size(best) ? columns : best));
  }

  measure() {
    const view = this.views[0]?.node;
    if (view?.clientWidth) this.camera.setView(view.clientWidth, view.clientHeight);
  }

  onResize() {
    if (!this.camera) return;
    if (this.state.mode === "grid") this.build();
    else this.measure();
  }

  render() {
    for (const view of this.views) view.place(this.camera);
    this.toolbar.tellZoom(this.camera.zoom);
  }

  // The clip that the panes show stands at another frame.
  redraw() {
    for (const view of this.views) for (const layer of view.layers) layer.redraw();
  }

  // ---- what buttons and keys do

  setMode(mode) {
    this.state.mode = mode;
    this.build();
  }

  setGain(gain) {
    this.state.gain = gain;
    this.views[0].pictures.style.filter = `brightness(${gain})`;
    this.toolbar.mark(this.state);
  }

  setSplit(split) {
    this.state.split = Math.min(1, Math.max(0, split));
    placeSplit(this.views[0], this.state.split);
  }

  choose(side, index) {
    if (!this.panes[index]) return;
    this.state[side] = index;
    this.build();
  }

  swap() {
    [this.state.left, this.state.right] = [this.state.right, this.state.left];
    this.build();
  }

  flip(flipped) {
    if (!this.camera || this.state.flipped === flipped) return;
    this.state.flipped = flipped;
    this.build();
  }

  step(direction) {
    this.camera.zoomTo(this.camera.zoom * ZOOM_STEP ** direction);
  }

  reset() {
    this.state = { ...START, ...this.start, mode: this.state.mode };
    this.camera.fitted = true;
    this.build();
  }

  showBox(index) {
    this.state.box = index;
    this.camera.showBox(this.boxes[index]);
  }

  nextBox() {
    if (this.boxes.length) this.showBox(((this.state.box ?? -1) + 1) % this.boxes.length);
  }

  help() {
    if (!this.keys.dialog.isConnected) document.body.append(this.keys.dialog);
    this.keys.dialog.showModal();
  }
}
