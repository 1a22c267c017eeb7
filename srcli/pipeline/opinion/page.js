"use strict";

const data = JSON.parse(document.getElementById("data").textContent);
const GRADES = ["bad", "poor", "fair", "good", "excellent"];
const COLUMNS = ["study", "rater", "trial", "kind", "picture", "left", "right", "answer", "seconds"];
const KEY = `srcli-opinion-${data.study}`;
const at = (id) => document.getElementById(id);

let state = recall();
let shownAt = 0;

function recall() {
  try {
    return JSON.parse(localStorage.getItem(KEY));
  } catch {
    return null;
  }
}

function keep() {
  try {
    localStorage.setItem(KEY, JSON.stringify(state));
  } catch {
    // A browser that keeps nothing still asks; only closing the page then costs the answers.
  }
}

function below(count) {
  return crypto.getRandomValues(new Uint32Array(1))[0] % count;
}

function shuffled(items) {
  const mixed = [...items];
  for (let last = mixed.length - 1; last > 0; last -= 1) {
    const other = below(last + 1);
    [mixed[last], mixed[other]] = [mixed[other], mixed[last]];
  }
  return mixed;
}

function questions() {
  return data.pictures.flatMap((picture, index) => {
    const methods = Object.keys(picture.results);
    if (data.question === "rate") return methods.map((left) => ({ picture: index, left, right: null }));
    return methods.flatMap((first, place) =>
      methods.slice(place + 1).map((second) => {
        const [left, right] = shuffled([first, second]);
        return { picture: index, left, right };
      }),
    );
  });
}

// The same picture twice in a row would be compared with itself rather than judged.
function apart(trials) {
  for (let place = 1; place < trials.length; place += 1) {
    if (trials[place].picture !== trials[place - 1].picture) continue;
    const other = trials.findIndex(
      (trial, index) => index > place && trial.picture !== trials[place].picture,
    );
    if (other > 0) [trials[place], trials[other]] = [trials[other], trials[place]];
  }
  return trials;
}

function begin() {
  const first = apart(shuffled(questions()).map((trial) => ({ ...trial, kind: "new" })));
  const again = shuffled(first).slice(0, Math.round(first.length * data.repeats));
  const turned = again.map((trial) => ({
    ...trial,
    kind: "repeat",
    left: trial.right ?? trial.left,
    right: trial.right === null ? null : trial.left,
  }));
  const trials = apart([...first, ...shuffled(turned)]);
  const number = crypto.getRandomValues(new Uint32Array(1))[0].toString(16).padStart(8, "0");
  const name = at("name").value.trim();
  state = { rater: name ? `${name}-${number}` : number, trials, answers: [] };
  keep();
  show();
}

function show() {
  const asked = state ? state.answers.length : 0;
  const total = state ? state.trials.length : 0;
  const place = !state ? "start" : asked < total ? "trial" : "end";
  for (const id of ["start", "trial", "end"]) at(id).hidden = id !== place;
  at("count").textContent = state ? `${asked} of ${total}` : "";
  at("done").max = Math.max(total, 1);
  at("done").value = asked;
  if (place === "trial") ask(state.trials[asked]);
  if (place === "end") offer();
}

function ask(trial) {
  const results = data.pictures[trial.picture].results;
  const sides = trial.right === null ? [trial.left] : [trial.left, trial.right];
  const pictures = sides.map((method, index) => {
    const image = new Image();
    image.alt = sides.length === 1 ? "The picture to rate" : `Picture ${index + 1}`;
    image.src = results[method];
    image.className = sides.length === 1 ? "one" : "two";
    return image;
  });
  at("pictures").replaceChildren(...pictures);
  at("back").hidden = !state.answers.length;
  shownAt = performance.now();
}

function answer(value) {
  if (at("trial").hidden) return;
  const seconds = Math.round((performance.now() - shownAt) / 10) / 100;
  state.answers.push({ value, seconds });
  keep();
  show();
}

function undo() {
  if (at("trial").hidden || !state.answers.length) return;
  state.answers.pop();
  keep();
  show();
}

function field(value) {
  // Spreadsheets take such a text for a formula, and hide the apostrophe.
  const text = String(value ?? "").replace(/^[=+\-@\t\r]/, "'$&");
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function table() {
  const lines = state.answers.map(({ value, seconds }, index) => {
    const trial = state.trials[index];
    const name = data.pictures[trial.picture].name;
    return [data.study, state.rater, index + 1, trial.kind, name, trial.left, trial.right, value, seconds];
  });
  return [COLUMNS, ...lines].map((line) => line.map(field).join(",")).join("\r\n") + "\r\n";
}

function offer() {
  const link = at("save");
  // Starting again drops the answers: not before they are saved.
  at("again").hidden = true;
  if (link.href) URL.revokeObjectURL(link.href);
  link.href = URL.createObjectURL(new Blob([table()], { type: "text/csv" }));
  link.download = `opinions-${data.study}-${state.rater.replaceAll(/[^\w-]+/g, "_")}.csv`;
}

function choices() {
  if (data.question === "rate") return GRADES.map((grade, index) => [String(index + 1), grade]);
  return [["left", "left is better", "←"], ["right", "right is better", "→"]];
}

const KEYS = data.question === "rate"
  ? { 1: "1", 2: "2", 3: "3", 4: "4", 5: "5" }
  : { ArrowLeft: "left", ArrowRight: "right", 1: "left", 2: "right" };

at("task").textContent = data.question === "rate"
  ? "You will see one picture after another. Say how good each one looks, from 1 (bad) to 5 (excellent)."
  : "You will see two pictures at a time. Choose the one that looks better.";
for (const [value, words, sign] of choices()) {
  const button = document.createElement("button");
  const head = document.createElement("b");
  head.textContent = sign ?? value;
  button.append(head, words);
  button.dataset.answer = value;
  button.addEventListener("click", () => answer(value));
  at("answers").append(button);
}
at("begin").addEventListener("click", begin);
at("name").addEventListener("keydown", (event) => event.key === "Enter" && begin());
at("back").addEventListener("click", undo);
at("save").addEventListener("click", () => {
  at("again").hidden = false;
});
at("again").addEventListener("click", () => {
  state = null;
  try {
    localStorage.removeItem(KEY);
  } catch {
    // Nothing was kept.
  }
  show();
});
document.addEventListener("keydown", (event) => {
  if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || event.target.tagName === "INPUT") return;
  if (event.key === "Backspace") undo();
  else if (event.key in KEYS) answer(KEYS[event.key]);
  else return;
  event.preventDefault();
});
show();
