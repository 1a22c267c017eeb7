// Ways for files to come in: dropped, pasted, chosen, photographed.
export class Intake {
  constructor({ onPictures, onReference, canMeasure }) {
    Object.assign(this, { onPictures, onReference, canMeasure, depth: 0 });
    this.veil = document.getElementById("veil");
    for (const id of ["choose", "photograph"]) this.listenTo(document.getElementById(id));
    document.addEventListener("paste", (event) => this.onPaste(event));
    document.addEventListener("dragenter", (event) => this.onEnter(event));
    document.addEventListener("dragleave", () => this.onLeave());
    document.addEventListener("dragover", (event) => hasFiles(event) && event.preventDefault());
    document.addEventListener("drop", (event) => this.onDrop(event));
  }

  listenTo(input) {
    input.addEventListener("change", () => {
      this.onPictures([...input.files]);
      // The same file can be chosen again.
      input.value = "";
    });
  }

  onPaste(event) {
    const files = [...event.clipboardData.files];
    if (files.length === 0) return;
    event.preventDefault();
    this.onPictures(files);
  }

  onEnter(event) {
    if (!hasFiles(event)) return;
    this.depth += 1;
    document.getElementById("veil-reference").hidden = !this.canMeasure();
    this.veil.hidden = false;
  }

  onLeave() {
    this.depth = Math.max(0, this.depth - 1);
    this.veil.hidden = this.depth === 0;
  }

  onDrop(event) {
    if (!hasFiles(event)) return;
    event.preventDefault();
    this.depth = 0;
    this.veil.hidden = true;
    const files = [...event.dataTransfer.files];
    const beside = event.target.closest?.("#veil-reference, #reference");
    if (beside && this.canMeasure()) this.onReference(files[0]);
    else this.onPictures(files);
  }
}

function hasFiles(event) {
  return [...(event.dataTransfer?.types ?? [])].includes("Files");
}
