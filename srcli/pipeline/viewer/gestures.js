// Wheel, mouse and fingers on a view: one pointer drags, two pinch.
export class Gestures {
  constructor(view, camera, onSplit) {
    Object.assign(this, { view, camera, onSplit, pointers: new Map(), splitting: false });
    view.addEventListener("wheel", (event) => this.onWheel(event), { passive: false });
    view.addEventListener("dblclick", (event) => this.onDoubleClick(event));
    view.addEventListener("pointerdown", (event) => this.onDown(event));
    view.addEventListener("pointermove", (event) => this.onMove(event));
    for (const kind of ["pointerup", "pointercancel"]) view.addEventListener(kind, (event) => this.onUp(event));
  }

  fromMiddle({ clientX, clientY }) {
    const area = this.view.getBoundingClientRect();
    return [clientX - area.left - area.width / 2, clientY - area.top - area.height / 2];
  }

  onWheel(event) {
    event.preventDefault();
    const turn = Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 120);
    this.camera.zoomAt(...this.fromMiddle(event), Math.exp(-turn / 400));
  }

  onDoubleClick(event) {
    if (event.target.closest("#handle, .bar")) return;
    if (this.camera.fitted) this.camera.zoomAt(...this.fromMiddle(event), 1 / this.camera.zoom);
    else this.camera.fit();
  }

  onDown(event) {
    if (event.target.closest(".bar")) return;
    this.splitting = event.target.id === "handle";
    this.view.setPointerCapture(event.pointerId);
    this.pointers.set(event.pointerId, event);
  }

  onMove(event) {
    const before = this.pointers.get(event.pointerId);
    if (!before) return;
    if (this.splitting) this.split(event);
    else if (this.pointers.size === 2) this.pinch(before, event);
    else this.camera.move(event.clientX - before.clientX, event.clientY - before.clientY);
    this.pointers.set(event.pointerId, event);
  }

  split(event) {
    const area = this.view.getBoundingClientRect();
    this.onSplit((event.clientX - area.left) / area.width);
  }

  pinch(before, after) {
    const other = [...this.pointers.values()].find((pointer) => pointer.pointerId !== after.pointerId);
    const distance = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY) || 1;
    const middle = { clientX: (after.clientX + other.clientX) / 2, clientY: (after.clientY + other.clientY) / 2 };
    this.camera.zoomAt(...this.fromMiddle(middle), distance(after) / distance(before));
    this.camera.move((after.clientX - before.clientX) / 2, (after.clientY - before.clientY) / 2);
  }

  onUp(event) {
    this.pointers.delete(event.pointerId);
    this.splitting = false;
  }
}
