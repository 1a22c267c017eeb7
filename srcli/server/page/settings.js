import { element } from "../viewer/dom.js";
import { formatName } from "./words.js";

const KEY = "srcli-settings";
const FACTORS = ["2", "3", "4"];
const PIXELS = { min: 16, max: 65535, step: 1, start: 2048 };

// The form of settings, filled with what the server offers.
export class Settings extends EventTarget {
  constructor(form, models, limits) {
    super();
    this.form = form;
    this.fields = form.elements;
    this.models = models.models;
    this.limits = limits;
    this.fillModels(models.default);
    this.fillFormats();
    this.recall();
    form.addEventListener("input", () => this.onInput());
    this.onInput();
  }

  fillModels(preferred) {
    const options = (kind) => this.models.filter((model) => (model.kind === "interpolation") === kind).map(asOption);
    const plain = element("optgroup", { label: "Interpolations" }, ...options(true));
    this.fields.model.replaceChildren(...options(false), ...(plain.children.length ? [plain] : []));
    this.fields.model.value = preferred;
  }

  fillFormats() {
    const same = element("option", { value: "", textContent: "As the picture" });
    const others = this.limits.writes.map(({ name }) => element("option", { value: name, textContent: formatName(name) }));
    this.fields.format.replaceChildren(same, ...others);
  }

  onInput() {
    const { model, size, kind, amount, format, strength, quality } = this.fields;
    const chosen = this.models.find(({ name }) => name === model.value);
    this.show("model-about", describe(chosen));
    this.form.querySelector("#custom").hidden = size.value !== "custom";
    // A field that nobody sees must not keep the form from being sent.
    amount.disabled = kind.disabled = size.value !== "custom";
    bound(amount, kind.value === "scale" ? { min: 1, max: this.limits.max_scale, step: "any", start: 2.5 } : PIXELS);
    this.show("strength-value", `${strength.value} %`);
    const writes = this.limits.writes.find(({ name }) => name === format.value);
    this.form.querySelector("#quality-row").hidden = !writes?.quality;
    this.show("quality-value", quality.value);
    this.keep();
    this.dispatchEvent(new Event("change"));
  }

  show(id, words) {
    this.form.querySelector(`#${id}`).textContent = words;
  }

  // As the API takes them; what is at its default is left out.
  query() {
    const { model, size, kind, amount, format, strength, quality, strip, seamless } = this.fields;
    const settings = { model: model.value };
    if (FACTORS.includes(size.value)) settings.scale = size.value;
    else settings[kind.value] = amount.value;
    if (format.value) settings.format = format.value;
    if (format.value && !this.form.querySelector("#quality-row").hidden) settings.quality = quality.value;
    if (Number(strength.value) < 100) settings.strength = Number(strength.value) / 100;
    if (strip.checked) settings.strip = "true";
    if (seamless.checked) settings.seamless = "true";
    return settings;
  }

  // Width and height of what a picture becomes.
  target(width, height) {
    const { size, kind, amount } = this.fields;
    const wanted = Number(FACTORS.includes(size.value) ? size.value : amount.value);
    const measure = FACTORS.includes(size.value) ? "scale" : kind.value;
    const side = { scale: 1, width, height, longest: Math.max(width, height), shortest: Math.min(width, height) }[measure];
    return [Math.round((width * wanted) / side), Math.round((height * wanted) / side)];
  }

  recall() {
    let kept = {};
    try {
      kept = JSON.parse(localStorage.getItem(KEY)) ?? {};
    } catch {
      // A browser that keeps nothing starts with the defaults.
    }
    for (const [name, value] of Object.entries(kept)) this.put(name, value);
  }

  put(name, value) {
    const field = this.fields[name];
    if (!field) return;
    if (field.type === "checkbox") field.checked = value;
    else if (!(field instanceof HTMLSelectElement) || [...field.options].some((option) => option.value === value)) field.value = value;
  }

  keep() {
    const names = ["model", "size", "kind", "amount", "format", "strength", "quality", "strip", "seamless"];
    const values = names.map((name) => [name, this.fields[name].type === "checkbox" ? this.fields[name].checked : this.fields[name].value]);
    try {
      localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(values)));
    } catch {
      // Without a memory the settings last as long as the page.
    }
  }
}

// What was meant as a factor makes no sense in pixels, and the other way round.
function bound(field, { min, max, step, start }) {
  Object.assign(field, { min, max, step });
  if (field.value !== "" && (Number(field.value) < min || Number(field.value) > max)) field.value = start;
}

function asOption({ name, title }) {
  return element("option", { value: name, textContent: title ?? name });
}

function describe(model) {
  if (!model) return "";
  const scales = model.scales?.length && model.kind === "generator" ? ` Made for ${model.scales.map((scale) => `\u00d7${scale}`).join(", ")}.` : "";
  const words = model.description ?? "";
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}${words && !words.endsWith(".") ? "." : ""}${scales}`;
}
