"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const stage = document.getElementById("stage");
const cards = document.getElementById("cards");
const panes = data.panes.map(openPane);
const last = panes.length - 1;

// x, y: the point of the picture in the middle of every view; zoom: screen pixels per picture pixel.
const state = {
  mode: panes.length > 1 ? "slider" : "grid",
  left: 0,
  right: Math.max(0, panes[last].isReference && last > 1 ? last - 1 : last),
  zoom: 1,
  x: data.width / 2,
  y: data.height / 2,
  split: 0.5,
  gain: 5,
  flipped: false,
  fitted: true,
};
const LARGEST_ZOOM = 32;
const ZOOM_STEP = 1.25;

// A blob is decoded by the browser straight from bytes, and can be saved under a name of its own.
function openPane(pane) {
  const text = atob(pane.source.split(",")[1]);
  const bytes = new Uint8Array(text.length);
  for (let index = 0; index < text.length; index += 1) bytes[index] = text.charCodeAt(index);
  pane.url = URL.createObjectURL(new Blob([bytes], { type: "image/png" }));
  pane.source = null;
  return pane;
}

function figures(pane) {
  const words = [];
  if (pane.identical) words.push("identical");
  else if (pane.psnr !== undefined) words.push(`${pane.psnr.toFixed(2)} dB`, pane.ssim.toFixed(4));
  if (pane.seconds !== null) words.push(`${pane.seconds.toFixed(2)} s`);
  return words;
}

function element(tag, properties = {}, ...children) {
  const made = Object.assign(document.createElement(tag), properties);
  made.append(...children);
  return made;
}

function picture(pane) {
  return element("img", { src: pane.url, alt: pane.method, width: data.width, height: data.height, draggable: false });
}

function caption(pane, side) {
  const words = element("span", { textContent: figures(pane).slice(0, 2).join(", ") });
  return element("div", { className: `caption ${side}` }, pane.method, words);
}

function layer(...children) {
  return element("div", { className: "layer" }, ...children);
}

// ---- views

function build() {
  stage.replaceChildren();
  stage.style.gridTemplateColumns = "";
  if (state.mode === "slider") buildSlider();
  else if (state.mode === "grid") buildGrid();
  else buildDifference();
  for (const button of document.querySelectorAll("[data-mode]")) {
    button.setAttribute("aria-pressed", String(button.dataset.mode === state.mode));
  }
  document.getElementById("gain-box").hidden = state.mode !== "difference";
  markCards();
  if (state.fitted) fit();
  else render();
}

function addView(...children) {
  const view = element("div", { className: "view" }, ...children);
  view.addEventListener("wheel", onWheel, { passive: false });
  view.addEventListener("pointerdown", onPointerDown);
  view.addEventListener("dblclick", onDoubleClick);
  stage.append(view);
  return view;
}

function buildSlider() {
  const [left, right] = shownPair();
  const over = layer(picture(right));
  over.id = "over";
  const handle = element("div", { id: "handle", tabIndex: 0, role: "slider", title: "Drag, or use the arrow keys" });
  handle.setAttribute("aria-label", `${left.method} on the left, ${right.method} on the right`);
  handle.setAttribute("aria-valuemin", "0");
  handle.setAttribute("aria-valuemax", "100");
  addView(layer(picture(left)), over, caption(left, "left"), caption(right, "right"), handle);
}

function buildGrid() {
  for (const pane of panes) {
    addView(layer(picture(state.flipped ? panes[state.left] : pane)), caption(pane, "left alone"));
  }
  stage.style.gridTemplateColumns = `repeat(${bestColumns()}, 1fr)`;
}

// As many columns as let the whole picture be largest in each cell.
function bestColumns() {
  const size = (columns) => {
    const rows = Math.ceil(panes.length / columns);
    return Math.min(stage.clientWidth / columns / data.width, stage.clientHeight / rows / data.height);
  };
  const choices = panes.map((_, index) => index + 1);
  return choices.reduce((best, columns) => (size(columns) > size(best) ? columns : best));
}

function buildDifference() {
  const [left, right] = shownPair();
  const canvas = element("canvas", { id: "difference", width: data.width, height: data.height });
  const words = element("span", { textContent: "black where they agree" });
  addView(layer(canvas), element("div", { className: "caption left alone" }, `${left.method} against ${right.method}`, words));
  drawDifference(canvas, left, right);
}

function shownPair() {
  const left = panes[state.left];
  return [left, state.flipped ? left : panes[state.right]];
}

async function pixels(pane) {
  const source = new Image();
  source.src = pane.url;
  await source.decode();
  const canvas = element("canvas", { width: data.width, height: data.height });
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0);
  return context.getImageData(0, 0, data.width, data.height);
}

async function drawDifference(canvas, left, right) {
  const [first, second] = await Promise.all([pixels(left), pixels(right)]);
  const values = first.data;
  for (let index = 0; index < values.length; index += 4) {
    for (let channel = index; channel < index + 3; channel += 1) {
      values[channel] = state.gain * Math.abs(values[channel] - second.data[channel]);
    }
  }
  canvas.getContext("2d").putImageData(first, 0, 0);
  canvas.dataset.ready = `${left.method} ${right.method} ${state.gain}`;
}

// ---- where everything is

function viewSize() {
  const view = stage.firstElementChild;
  return [view.clientWidth, view.clientHeight];
}

function fitZoom() {
  const [width, height] = viewSize();
  return Math.min(width / data.width, height / data.height);
}

function fit() {
  Object.assign(state, { zoom: fitZoom(), x: data.width / 2, y: data.height / 2, fitted: true });
  render();
}

function zoomTo(zoom, x = state.x, y = state.y, atX = 0, atY = 0) {
  const wanted = Math.min(LARGEST_ZOOM, Math.max(Math.min(1, fitZoom()) / 2, zoom));
  // The point (x, y) of the picture stays where it is: (atX, atY) from the middle of its view.
  Object.assign(state, { zoom: wanted, x: x - atX / wanted, y: y - atY / wanted, fitted: false });
  render();
}

function move(acrossPx, downPx) {
  Object.assign(state, { x: state.x - acrossPx / state.zoom, y: state.y - downPx / state.zoom, fitted: false });
  render();
}

function showBox(index) {
  const [x, y, width, height] = data.boxes[index];
  const [viewWidth, viewHeight] = viewSize();
  state.box = index;
  zoomTo(Math.min(viewWidth / width, viewHeight / height), x + width / 2, y + height / 2);
}

function render() {
  state.x = Math.min(data.width, Math.max(0, state.x));
  state.y = Math.min(data.height, Math.max(0, state.y));
  const [width, height] = viewSize();
  const left = width / 2 - state.x * state.zoom;
  const top = height / 2 - state.y * state.zoom;
  for (const shown of stage.querySelectorAll(".layer > *")) {
    shown.style.transform = `translate(${left}px, ${top}px) scale(${state.zoom})`;
    shown.classList.toggle("sharp", state.zoom >= 2);
  }
  document.getElementById("zoom").textContent = `${Math.round(100 * state.zoom)} %`;
  document.getElementById("gain-value").textContent = `${state.gain} times`;
  renderSlider();
}

function renderSlider() {
  const handle = document.getElementById("handle");
  if (!handle) return;
  const percent = 100 * state.split;
  handle.style.left = `${percent}%`;
  handle.setAttribute("aria-valuenow", String(Math.round(percent)));
  document.getElementById("over").style.clipPath = `inset(0 0 0 ${percent}%)`;
}

function setSplit(split) {
  state.split = Math.min(1, Math.max(0, split));
  renderSlider();
}

// ---- pointers: one drags, two pinch

const pointers = new Map();
let draggingHandle = false;

function fromMiddle(view, event) {
  const area = view.getBoundingClientRect();
  return [event.clientX - area.left - area.width / 2, event.clientY - area.top - area.height / 2];
}

function zoomAt(view, event, factor) {
  const [atX, atY] = fromMiddle(view, event);
  zoomTo(state.zoom * factor, state.x + atX / state.zoom, state.y + atY / state.zoom, atX, atY);
}

function onWheel(event) {
  event.preventDefault();
  zoomAt(event.currentTarget, event, Math.exp(-Math.sign(event.deltaY) * Math.min(Math.abs(event.deltaY), 120) / 400));
}

function onDoubleClick(event) {
  if (event.target.id === "handle") return;
  if (state.fitted) zoomAt(event.currentTarget, event, 1 / state.zoom);
  else fit();
}

function onPointerDown(event) {
  draggingHandle = event.target.id === "handle";
  event.currentTarget.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, event);
  event.currentTarget.onpointermove = onPointerMove;
  event.currentTarget.onpointerup = event.currentTarget.onpointercancel = onPointerUp;
}

function onPointerMove(event) {
  const before = pointers.get(event.pointerId);
  if (!before) return;
  if (draggingHandle) {
    const area = event.currentTarget.getBoundingClientRect();
    setSplit((event.clientX - area.left) / area.width);
  } else if (pointers.size === 2) {
    pinch(event.currentTarget, before, event);
  } else {
    move(event.clientX - before.clientX, event.clientY - before.clientY);
  }
  pointers.set(event.pointerId, event);
}

function pinch(view, before, after) {
  const other = [...pointers.values()].find((pointer) => pointer.pointerId !== after.pointerId);
  const distance = (pointer) => Math.hypot(pointer.clientX - other.clientX, pointer.clientY - other.clientY) || 1;
  const middle = { clientX: (after.clientX + other.clientX) / 2, clientY: (after.clientY + other.clientY) / 2 };
  zoomAt(view, middle, distance(after) / distance(before));
  move((after.clientX - before.clientX) / 2, (after.clientY - before.clientY) / 2);
}

function onPointerUp(event) {
  pointers.delete(event.pointerId);
  draggingHandle = false;
}

// ---- keys and buttons

function setMode(mode) {
  state.mode = mode;
  build();
}

function choose(side, index) {
  if (!panes[index]) return;
  state[side] = index;
  build();
}

function swap() {
  [state.left, state.right] = [state.right, state.left];
  build();
}

function flip(flipped) {
  if (state.flipped === flipped) return;
  state.flipped = flipped;
  build();
}

const ARROWS = { ArrowLeft: [1, 0], ArrowRight: [-1, 0], ArrowUp: [0, 1], ArrowDown: [0, -1] };
const KEYS = {
  s: () => setMode("slider"),
  g: () => setMode("grid"),
  d: () => setMode("difference"),
  x: swap,
  z: () => zoomTo(1),
  0: fit,
  "+": () => zoomTo(state.zoom * ZOOM_STEP),
  "=": () => zoomTo(state.zoom * ZOOM_STEP),
  "-": () => zoomTo(state.zoom / ZOOM_STEP),
  c: () => data.boxes.length && showBox(((state.box ?? -1) + 1) % data.boxes.length),
  "?": () => document.getElementById("help").showModal(),
};

function onArrow(event) {
  const [across, down] = ARROWS[event.key];
  if (state.mode === "slider" && across && !event.shiftKey) setSplit(state.split - across * 0.02);
  else move(60 * across, 60 * down);
}

function onKeyDown(event) {
  const taken = event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, dialog *");
  if (taken || document.getElementById("help").open) return;
  const digit = /^Digit([1-9])$/.exec(event.code);
  if (digit) choose(event.shiftKey ? "left" : "right", Number(digit[1]) - 1);
  else if (event.key in ARROWS) onArrow(event);
  else if (event.key === " " && !event.target.matches("button, a")) flip(true);
  else if (event.key.toLowerCase() in KEYS) KEYS[event.key.toLowerCase()]();
  else return;
  event.preventDefault();
}

function onKeyUp(event) {
  if (event.key === " ") flip(false);
}

// ---- the cards below

function best(name) {
  return Math.max(...panes.filter((pane) => typeof pane[name] === "number").map((pane) => pane[name]));
}

function addCard(pane, index) {
  const words = element("div", { className: "words" }, element("b", { textContent: pane.method }));
  const line = element("small", { textContent: figures(pane).join(", ") || "the true picture" });
  line.classList.toggle("best", pane.psnr !== undefined && (pane.identical || pane.psnr === best("psnr")));
  words.append(line);
  const buttons = ["left", "right"].map((side) => {
    const button = element("button", { textContent: side === "left" ? "L" : "R", title: `Show on the ${side}` });
    button.setAttribute("aria-label", `${pane.method} on the ${side}`);
    button.dataset.side = side;
    button.dataset.index = String(index);
    button.addEventListener("click", () => choose(side, index));
    return button;
  });
  const save = element("a", { className: "save", href: pane.url, download: pane.file, textContent: "\u2913" });
  save.title = `Save ${pane.file}`;
  save.setAttribute("aria-label", save.title);
  cards.append(element("div", { className: "card" }, ...buttons, words, save));
}

function markCards() {
  for (const button of cards.querySelectorAll("button")) {
    const { side, index } = button.dataset;
    button.setAttribute("aria-pressed", String(state[side] === Number(index)));
  }
}

function addBox(box, index) {
  const letter = String.fromCharCode(65 + index);
  const button = element("button", { textContent: letter, title: `Close-up ${letter}: ${box.join(", ")} (C)` });
  button.addEventListener("click", () => showBox(index));
  document.getElementById("boxes").append(button);
}

// ---- start

panes.forEach(addCard);
data.boxes.forEach(addBox);
document.getElementById("about").textContent =
  `${data.inputSize} to ${data.width}x${data.height}, x${data.scale}` + (data.protocol ? `. PSNR, SSIM: ${data.protocol}` : "");
for (const button of document.querySelectorAll("[data-mode]")) {
  button.addEventListener("click", () => setMode(button.dataset.mode));
}
document.getElementById("in").addEventListener("click", KEYS["+"]);
document.getElementById("out").addEventListener("click", KEYS["-"]);
document.getElementById("fit").addEventListener("click", fit);
document.getElementById("actual").addEventListener("click", KEYS.z);
document.getElementById("help-button").addEventListener("click", KEYS["?"]);
document.getElementById("gain").addEventListener("input", (event) => {
  state.gain = Number(event.target.value);
  build();
});
document.addEventListener("keydown", onKeyDown);
document.addEventListener("keyup", onKeyUp);
window.addEventListener("resize", () => (state.mode === "grid" ? build() : state.fitted ? fit() : render()));
build();
