import { element } from "../viewer/dom.js";
import { BUSY } from "./items.js";
import { share, status } from "./phases.js";
import { count } from "./words.js";

// The list of pictures: where each stands, and what can be done with it.
export class List {
  constructor(node, items, actions) {
    Object.assign(this, { node, items, actions, rows: new Map() });
    this.head = document.getElementById("pictures-head");
    this.all = document.getElementById("download-all");
    document.getElementById("clear").addEventListener("click", () => actions.clear());
    items.addEventListener("change", ({ detail }) => this.onChange(detail.item));
    items.addEventListener("remove", ({ detail }) => this.onRemove(detail.item));
    items.addEventListener("select", () => this.mark());
    this.summarize();
  }

  onChange(item) {
    const row = this.rows.get(item) ?? this.addRow(item);
    row.update();
    this.summarize();
  }

  onRemove(item) {
    this.rows.get(item)?.node.remove();
    this.rows.delete(item);
    this.summarize();
  }

  addRow(item) {
    const row = new Row(item, this.items, this.actions);
    this.rows.set(item, row);
    this.node.append(row.node);
    return row;
  }

  mark() {
    for (const [item, row] of this.rows) row.mark(item === this.items.selected);
  }

  summarize() {
    const finished = this.items.withPhase("succeeded");
    this.head.hidden = this.items.list.length === 0;
    document.getElementById("pictures-count").textContent = count(this.items.list.length, "picture");
    this.all.hidden = finished.length < 2;
    this.all.href = `v1/results.zip?${new URLSearchParams(finished.map((item) => ["id", item.job.id]))}`;
  }
}

class Row {
  constructor(item, items, actions) {
    this.item = item;
    this.name = element("span", { className: "row-name" });
    this.line = element("span", { className: "row-line" });
    this.thumb = element("span", { className: "thumb-box", "aria-hidden": "true" });
    this.bar = element("progress", { max: 1, "aria-label": "Progress" });
    this.choose = element(
      "button",
      { type: "button", className: "row-choose" },
      this.thumb,
      element("span", { className: "row-words" }, this.name, this.line, this.bar),
    );
    this.choose.addEventListener("click", () => items.select(item));
    this.drop = element("button", { type: "button", className: "quiet row-drop", textContent: "\u00d7" });
    this.drop.addEventListener("click", () => actions.drop(item));
    this.node = element("li", { className: "row" }, this.choose, this.drop);
  }

  update() {
    const { item } = this;
    this.node.dataset.phase = item.phase;
    this.name.textContent = this.name.title = item.name;
    this.line.textContent = status(item);
    this.bar.hidden = !["sending", "running"].includes(item.phase);
    const known = share(item);
    if (known === null) this.bar.removeAttribute("value");
    else this.bar.value = known;
    const words = BUSY.includes(item.phase) ? "Cancel" : "Remove";
    this.drop.setAttribute("aria-label", `${words} ${item.name}`);
    this.drop.title = words;
    this.drop.disabled = item.job?.canceling === true && BUSY.includes(item.phase);
    this.showThumb();
  }

  // A picture of the page's own costs nothing to ask for; one of the server's is asked for once it is there.
  showThumb() {
    const { preview, job } = this.item;
    const original = job?.panes.find((pane) => pane.kind === "original" && !pane.tiles);
    const address = preview ?? original?.href;
    if (!address || this.thumb.firstElementChild) return;
    this.thumb.append(element("img", { src: address, alt: "", loading: "lazy", decoding: "async", draggable: false }));
  }

  mark(selected) {
    if (selected) this.choose.setAttribute("aria-current", "true");
    else this.choose.removeAttribute("aria-current");
  }
}
