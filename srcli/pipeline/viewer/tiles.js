import { element } from "./dom.js";

// A picture too large for one <img>: a pyramid of tiles, of which only those in view are in the document.
//
// Level 0 is one tile; each level has twice the width and height of the one before, and the last is the picture itself.
export class TiledPicture {
  constructor(pane, camera) {
    this.pane = pane;
    this.width = pane.width ?? camera.width;
    this.height = pane.height ?? camera.height;
    this.shown = new Map();
    this.ready = false;
    this.node = element("div", { className: "tiles", role: "img", "aria-label": pane.label });
  }

  place(camera) {
    this.camera = camera;
    // Tiles may have to be made first: asking for one alone leaves connections for all else meanwhile.
    const level = this.ready ? this.levelFor(camera) : 0;
    const wanted = new Map([...this.tilesAt(0, camera), ...this.tilesAt(level, camera)]);
    for (const [key, tile] of wanted) {
      if (!this.shown.has(key)) this.add(key, tile);
    }
    this.level = level;
    this.wanted = wanted;
    this.drop();
    for (const { node, tile } of this.shown.values()) this.put(node, tile, camera);
  }

  // The smallest level that has a pixel for each of the screen.
  levelFor(camera) {
    const last = this.pane.tiles.levels - 1;
    const halvings = Math.floor(-Math.log2((camera.zoom * camera.width * devicePixelRatio) / this.width));
    return Math.min(last, Math.max(0, last - Math.max(0, halvings)));
  }

  // Pairs of a key and the tile's place in the picture, for those of a level that a view sees.
  tilesAt(level, camera) {
    const side = this.pane.tiles.size * 2 ** (this.pane.tiles.levels - 1 - level);
    const ratio = this.width / camera.width;
    const [left, top] = camera.corner.map((place) => (-place / camera.zoom) * ratio);
    const right = left + (camera.view.width / camera.zoom) * ratio;
    const bottom = top + (camera.view.height / camera.zoom) * ratio;
    const found = [];
    for (let row = Math.max(0, Math.floor(top / side)); row * side < Math.min(bottom, this.height); row += 1) {
      for (let column = Math.max(0, Math.floor(left / side)); column * side < Math.min(right, this.width); column += 1) {
        found.push([`${level}/${column}_${row}`, { level, x: column * side, y: row * side, side }]);
      }
    }
    return found;
  }

  add(key, tile) {
    const node = element("img", { alt: "", draggable: false, decoding: "async", src: `${this.pane.tiles.href}/${key}` });
    const entry = { node, tile, loaded: false };
    node.addEventListener("load", () => {
      entry.loaded = true;
      if (this.ready) this.drop();
      else this.begin();
    });
    node.style.zIndex = String(tile.level);
    this.shown.set(key, entry);
    this.node.append(node);
  }

  begin() {
    this.ready = true;
    this.place(this.camera);
  }

  // Tiles of another level stay until those that are wanted have come, so that nothing goes blank in between.
  drop() {
    const waiting = [...this.wanted.keys()].some((key) => !this.shown.get(key).loaded);
    for (const [key, { node, tile, loaded }] of this.shown) {
      if (this.wanted.has(key) || (waiting && loaded && tile.level !== this.level)) continue;
      node.remove();
      this.shown.delete(key);
    }
  }

  // Each edge on a pixel of the screen: neighbours then neither overlap nor leave a gap.
  put(node, tile, camera) {
    const ratio = (camera.width / this.width) * camera.zoom;
    const [left, top] = camera.corner;
    const edge = (corner, value) => Math.round((corner + value * ratio) * devicePixelRatio) / devicePixelRatio;
    const [x, y] = [edge(left, tile.x), edge(top, tile.y)];
    const right = edge(left, Math.min(this.width, tile.x + tile.side));
    const bottom = edge(top, Math.min(this.height, tile.y + tile.side));
    Object.assign(node.style, { left: `${x}px`, top: `${y}px`, width: `${right - x}px`, height: `${bottom - y}px` });
  }
}
