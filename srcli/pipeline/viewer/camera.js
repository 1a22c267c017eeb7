export const ZOOM_STEP = 1.25;
const LARGEST_ZOOM = 32;

// What every view looks at: (x, y) is the point of the picture in its middle, zoom is screen pixels per picture pixel.
export class Camera {
  constructor(width, height, onChange) {
    Object.assign(this, { width, height, onChange, zoom: 1, x: width / 2, y: height / 2, fitted: true });
    this.view = { width: 1, height: 1 };
  }

  // All views have one size.
  setView(width, height) {
    this.view = { width: Math.max(1, width), height: Math.max(1, height) };
    if (this.fitted) this.fit();
    else this.onChange();
  }

  get fitZoom() {
    return Math.min(this.view.width / this.width, this.view.height / this.height);
  }

  // Where the picture's top left corner is in a view. At whole zooms it lies on a pixel, so that pixels stay pixels.
  get corner() {
    const corner = [this.view.width / 2 - this.x * this.zoom, this.view.height / 2 - this.y * this.zoom];
    return Number.isInteger(this.zoom) ? corner.map(Math.round) : corner;
  }

  fit() {
    Object.assign(this, { zoom: this.fitZoom, x: this.width / 2, y: this.height / 2, fitted: true });
    this.onChange();
  }

  // The point (x, y) of the picture stays where it is: (atX, atY) from the middle of its view.
  zoomTo(zoom, x = this.x, y = this.y, atX = 0, atY = 0) {
    const wanted = Math.min(LARGEST_ZOOM, Math.max(Math.min(1, this.fitZoom) / 2, zoom));
    this.lookAt(x - atX / wanted, y - atY / wanted, wanted);
  }

  zoomAt(atX, atY, factor) {
    this.zoomTo(this.zoom * factor, this.x + atX / this.zoom, this.y + atY / this.zoom, atX, atY);
  }

  move(acrossPx, downPx) {
    this.lookAt(this.x - acrossPx / this.zoom, this.y - downPx / this.zoom, this.zoom);
  }

  showBox([x, y, width, height]) {
    const zoom = Math.min(this.view.width / width, this.view.height / height);
    this.zoomTo(zoom, x + width / 2, y + height / 2);
  }

  lookAt(x, y, zoom) {
    this.zoom = zoom;
    this.x = Math.min(this.width, Math.max(0, x));
    this.y = Math.min(this.height, Math.max(0, y));
    this.fitted = false;
    this.onChange();
  }
}
