import { element } from "../../viewer/dom.js";
import { Viewer } from "../../viewer/viewer.js";

const data = JSON.parse(document.getElementById("data").textContent);

// One clip with all versions beside one another: they can't get out of step.
const clip = element("video", { src: data.source, loop: true, muted: true, playsInline: true, preload: "auto", hidden: true });
const viewer = new Viewer({ keysOn: document });

// Halfway into a frame: a time at its very start may be rounded to the frame before.
const middle = (index) => (data.times[index] + (data.times[index + 1] ?? data.end)) / 2;

function current() {
  let index = 0;
  while (index + 1 < data.times.length && data.times[index + 1] <= clip.currentTime + 1e-6) index += 1;
  return index;
}

function show(index) {
  clip.pause();
  clip.currentTime = middle((index + data.times.length) % data.times.length);
}

const toggle = () => (clip.paused ? clip.play() : clip.pause());
const step = (by) => show(current() + by);

function timeButton(id, textContent, title, onClick) {
  const made = element("button", { type: "button", id, textContent, title });
  made.addEventListener("click", onClick);
  return made;
}

const play = timeButton("play", "Play", "Play or pause (P)", toggle);
const back = timeButton("back", "\u22121", "One frame back (,)", () => step(-1));
const on = timeButton("on", "+1", "One frame on (.)", () => step(1));
const frame = element("output", { id: "frame" });
const time = element("input", { id: "time", type: "range", min: 0, max: data.times.length - 1, step: 1, "aria-label": "Frame" });
const speeds = [0.1, 0.25, 1].map((speed) => element("option", { textContent: speed, selected: speed === 1 }));
const speed = element("select", { id: "speed", "aria-label": "Speed" }, ...speeds);
time.addEventListener("input", () => show(Number(time.value)));
speed.addEventListener("change", () => { clip.playbackRate = Number(speed.value); });

function tell() {
  frame.textContent = `Frame ${current() + 1} of ${data.times.length}`;
  time.value = current();
  play.textContent = clip.paused ? "Play" : "Pause";
  viewer.redraw();
  if (!clip.paused) requestAnimationFrame(tell);
}

// A frame may come to be shown only after its seeking has ended.
function onFrame() {
  viewer.redraw();
  clip.requestVideoFrameCallback(onFrame);
}

if (clip.requestVideoFrameCallback) clip.requestVideoFrameCallback(onFrame);
for (const event of ["play", "pause", "seeked", "loadeddata"]) clip.addEventListener(event, tell);
addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches("input, select, dialog *")) return;
  const act = { p: toggle, ",": () => step(-1), ".": () => step(1) }[event.key.toLowerCase()];
  if (act) act();
});

document.getElementById("about").textContent = data.about;
document.querySelector("header").append(viewer.toolbar.node);
const bar = element("div", { id: "times", className: "tools", role: "toolbar", "aria-label": "Time" }, play, back, on, frame, time, speed);
document.body.append(element("main", {}, viewer.stage), bar, element("footer", {}, viewer.cards.node), clip);
const { width, height } = data;
const panes = data.panes.map((pane) => ({ ...pane, clip }));
const last = panes.length - 1;
const right = Math.max(0, panes[last].isReference && last > 1 ? last - 1 : last);
viewer.show({ width, height, panes, left: 0, right });
