const data = JSON.parse(document.getElementById("data").textContent);
const [clip, play, back, on, frame, time, speed, zoom] =
  ["clip", "play", "back", "on", "frame", "time", "speed", "zoom"].map((id) => document.getElementById(id));

document.getElementById("about").textContent = data.about;
clip.src = data.source;
time.max = data.times.length - 1;

// Halfway into a frame: a time at its very start may be rounded to the frame before.
const middle = (index) => (data.times[index] + (data.times[index + 1] ?? data.end)) / 2;

const current = () => {
  let index = 0;
  while (index + 1 < data.times.length && data.times[index + 1] <= clip.currentTime + 1e-6) index += 1;
  return index;
};

const show = (index) => {
  const wrapped = (index + data.times.length) % data.times.length;
  clip.pause();
  clip.currentTime = middle(wrapped);
};

const tell = () => {
  frame.textContent = `${current() + 1} of ${data.times.length}`;
  time.value = current();
  play.textContent = clip.paused ? "Play" : "Pause";
  if (!clip.paused) requestAnimationFrame(tell);
};

play.onclick = () => (clip.paused ? clip.play() : clip.pause());
back.onclick = () => show(current() - 1);
on.onclick = () => show(current() + 1);
time.oninput = () => show(Number(time.value));
speed.onchange = () => { clip.playbackRate = Number(speed.value); };
zoom.onchange = () => { clip.style.width = `${data.width * Number(zoom.value)}px`; };
for (const event of ["play", "pause", "seeked", "loadeddata"]) clip.addEventListener(event, tell);
addEventListener("keydown", (event) => {
  if (event.target.matches("input, select")) return;
  const act = { ArrowLeft: back.onclick, ArrowRight: on.onclick, " ": play.onclick }[event.key];
  if (act) { event.preventDefault(); act(); }
});
