import { element } from "./dom.js";
import { figures, isBest } from "./figures.js";

// One card for each version: on which side it is shown, what was measured, and a way to save it.
export class Cards {
  constructor(viewer) {
    this.viewer = viewer;
    this.node = element("div", { id: "cards", role: "group", "aria-label": "Versions" });
  }

  show(panes) {
    this.node.replaceChildren(...panes.map((pane, index) => this.card(pane, index, panes)));
  }

  card(pane, index, panes) {
    const line = element("small", { textContent: figures(pane).join(", ") || pane.note || "" });
    line.classList.toggle("best", isBest(pane, panes));
    const words = element("div", { className: "words" }, element("b", { textContent: pane.label }), line);
    const parts = [this.sideButton(pane, index, "left"), this.sideButton(pane, index, "right"), words];
    if (pane.save) parts.push(saveLink(pane.save));
    return element("div", { className: "card" }, ...parts);
  }

  sideButton(pane, index, side) {
    const made = element("button", {
      type: "button",
      textContent: side === "left" ? "L" : "R",
      title: `Show on the ${side}`,
      "aria-label": `${pane.label} on the ${side}`,
      "data-side": side,
      "data-index": String(index),
    });
    made.addEventListener("click", () => this.viewer.choose(side, index));
    return made;
  }

  mark(state) {
    for (const button of this.node.querySelectorAll("button")) {
      const { side, index } = button.dataset;
      button.setAttribute("aria-pressed", String(state[side] === Number(index)));
    }
  }
}

function saveLink({ url, name }) {
  const title = `Save ${name}`;
  return element("a", { className: "save", href: url, download: name, title, "aria-label": title, textContent: "\u2913" });
}
