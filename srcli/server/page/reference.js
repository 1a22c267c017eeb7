import { element } from "../viewer/dom.js";
import { sentence } from "./words.js";

// A place for the true picture, against which PSNR and SSIM are measured.
export class Reference {
  constructor(actions) {
    this.input = element("input", { id: "choose-reference", type: "file", className: "visually-hidden" });
    this.input.addEventListener("change", () => {
      if (this.input.files.length) actions.measure(this.item, this.input.files[0]);
      this.input.value = "";
    });
    this.words = element("small", { id: "reference-words" });
    const label = element("label", { className: "button", htmlFor: "choose-reference", textContent: "Choose" });
    this.node = element(
      "div",
      { id: "reference", className: "card", role: "group", "aria-label": "Reference" },
      element("div", { className: "words" }, element("b", { textContent: "True picture" }), this.words),
      this.input,
      label,
    );
  }

  open(item) {
    this.item = item;
    this.update();
  }

  update() {
    const { reference, job } = this.item;
    const measured = job.panes.some((pane) => pane.kind === "reference");
    // Where it stands among the versions, only another drop would replace it.
    this.node.hidden = measured && !reference;
    this.tell(reference);
  }

  // What became of the file that was dropped: {busy} or {problem}.
  tell(state) {
    this.node.classList.toggle("wrong", Boolean(state?.problem));
    if (state?.busy) this.words.textContent = "measuring\u2026";
    else if (state?.problem) this.words.textContent = [state.problem.detail, state.problem.hint].filter(Boolean).map(sentence).join(" ");
    else this.words.textContent = "drop it for PSNR, SSIM";
  }
}
