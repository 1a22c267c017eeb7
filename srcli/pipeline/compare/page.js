import { element } from "../viewer/dom.js";
import { Viewer } from "../viewer/viewer.js";

const data = JSON.parse(document.getElementById("data").textContent);

// A blob is decoded by the browser straight from bytes, and can be saved under a name of its own.
function openPane(pane) {
  const text = atob(pane.source.split(",")[1]);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  const url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  const { method, psnr, ssim, seconds, identical, file, isReference } = pane;
  return { label: method, url, psnr, ssim, seconds, identical, isReference, note: "the true picture", save: { url, name: file } };
}

function about() {
  const sizes = `${data.inputSize} to ${data.width}x${data.height}, x${data.scale}`;
  return data.protocol ? `${sizes}. PSNR, SSIM: ${data.protocol}` : sizes;
}

const panes = data.panes.map(openPane);
const last = panes.length - 1;
const right = Math.max(0, panes[last].isReference && last > 1 ? last - 1 : last);
const viewer = new Viewer({ keysOn: document });
document.getElementById("about").textContent = about();
document.querySelector("header").append(viewer.toolbar.node);
document.body.append(element("main", {}, viewer.stage), element("footer", {}, viewer.cards.node));
viewer.show({ width: data.width, height: data.height, panes, left: 0, right, boxes: data.boxes });
