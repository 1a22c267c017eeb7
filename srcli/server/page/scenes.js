import { element } from "../viewer/dom.js";
import { share, status } from "./phases.js";
import { count, duration, limitBytes, megapixels, sentence, size } from "./words.js";

export function action(words, onClick, className = "") {
  const made = element("button", { type: "button", className, textContent: words });
  made.addEventListener("click", onClick);
  return made;
}

export function welcomeScene({ limitWords, canPhotograph }) {
  const choose = element("label", { className: "button primary", htmlFor: "choose", textContent: "Choose pictures" });
  const camera = element("label", { className: "button", htmlFor: "photograph", textContent: "Take a photo" });
  camera.hidden = !canPhotograph;
  const words = canPhotograph ? "Choose pictures, or take one." : "Drop pictures here, or paste them.";
  return {
    nodes: [
      element(
        "div",
        { className: "welcome-box" },
        element("h2", { textContent: words }),
        element("p", { textContent: "They are made larger on this machine and go nowhere else." }),
        element("div", { className: "actions" }, choose, camera),
        element("p", { className: "fine", textContent: limitWords }),
      ),
    ],
  };
}

// The picture itself as soon as there is something to show it by.
class Portrait {
  constructor(item) {
    this.item = item;
    this.node = element("div", { className: "portrait" }, element("span", { textContent: "No preview of this picture here" }));
  }

  update() {
    const { preview, name } = this.item;
    if (preview && !this.node.querySelector("img")) this.node.replaceChildren(element("img", { src: preview, alt: name, draggable: false }));
  }
}

export function previewScene(item, actions) {
  const line = element("p", { className: "about" });
  const portrait = new Portrait(item);
  const update = () => {
    portrait.update();
    const [width, height] = item.width ? actions.targetOf(item) : [];
    line.textContent = item.width ? `${size(item.width, item.height)} becomes ${size(width, height)}` : "ready to be sent";
  };
  return { nodes: [title(item), line, portrait.node], update };
}

export function progressScene(item, actions) {
  const line = element("p", { className: "about" });
  const bar = element("progress", { max: 1, "aria-label": `Progress of ${item.name}` });
  const aside = element("p", { className: "fine" });
  const cancel = action("Cancel", () => actions.drop(item));
  const portrait = new Portrait(item);
  const update = () => {
    portrait.update();
    line.textContent = sentence(status(item));
    const known = share(item);
    if (known === null) bar.removeAttribute("value");
    else bar.value = known;
    aside.textContent = progressAside(item);
    cancel.disabled = item.job?.canceling === true;
  };
  const foot = element("div", { className: "progress-foot" }, element("div", { className: "progress-words" }, line, aside), cancel);
  return { nodes: [title(item), portrait.node, bar, foot], update };
}

function progressAside({ job }) {
  if (!job) return "";
  const becomes = `${size(job.input.width, job.input.height)} becomes ${size(job.result.width, job.result.height)}.`;
  return `${becomes} You can close this page: its address leads back here.`;
}

export function failureScene(item, actions) {
  const problem = item.problem ?? FAILURES[item.phase];
  const box = element("div", { className: "failure-box", role: "group", "aria-label": "What went wrong" });
  box.append(element("h3", { textContent: sentence(problem.detail ?? problem.title) }));
  if (problem.hint) box.append(element("p", { className: "hint", textContent: sentence(problem.hint) }));
  const facts = factsOf(problem);
  if (facts) box.append(element("p", { className: "fine", textContent: facts }));
  const buttons = [action("Remove", () => actions.remove(item))];
  if (item.file) buttons.unshift(action("Try again", () => actions.again(item), "primary"));
  box.append(element("div", { className: "actions" }, ...buttons));
  return { nodes: [title(item), box] };
}

const FAILURES = {
  canceled: { detail: "This picture was canceled" },
  lost: {
    detail: "The server no longer has this picture",
    hint: "results are kept for a while only, and not across a restart: send the picture again",
  },
};

function factsOf({ code, limit, seen, option, retry, request_id: request }) {
  const number = (value) => (["too-large", "length"].includes(code) ? limitBytes(value) : megapixels(value));
  const counted = ["too-large", "length", "too-many-pixels"].includes(code);
  const facts = [];
  if (counted && limit && seen) facts.push(`seen ${number(seen)}, limit ${number(limit)}`);
  if (option) facts.push(`option ${option}`);
  if (retry) facts.push(`again in ${duration(retry)}`);
  if (request) facts.push(`request ${request}`);
  return facts.join(" \u00b7 ");
}

export function title(item) {
  return element("h2", { className: "scene-title", textContent: item.name, title: item.name });
}

export function warningsOf(warnings) {
  if (!warnings?.length) return [];
  const list = warnings.map((words) => element("li", { textContent: sentence(words) }));
  const summary = element("summary", { textContent: count(warnings.length, "note") });
  return [element("details", { className: "notes" }, summary, element("ul", {}, ...list))];
}
