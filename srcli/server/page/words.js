// Numbers as people read them.

export function bytes(count) {
  const units = ["B", "kB", "MB", "GB"];
  let value = count;
  let unit = 0;
  while (value >= 1000 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value >= 100 || unit === 0 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

// Limits are whole powers of two, and are named as the command line names them.
export function limitBytes(count) {
  return count >= 2 ** 20 ? `${Math.floor(count / 2 ** 20)} MiB` : `${Math.floor(count / 1024)} KiB`;
}

export function size(width, height) {
  return `${width} \u00d7 ${height}`;
}

export function megapixels(pixels) {
  const millions = pixels / 1e6;
  return `${millions >= 10 ? Math.round(millions) : millions.toFixed(1)} megapixels`;
}

export function duration(seconds) {
  if (seconds < 1) return "less than a second";
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

export function clock(time) {
  return new Date(time).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
}

export function place(position) {
  if (position <= 1) return "next in line";
  const endings = { one: "st", two: "nd", few: "rd", other: "th" };
  return `${position}${endings[new Intl.PluralRules("en", { type: "ordinal" }).select(position)]} in line`;
}

export function sentence(words) {
  const begun = words.startsWith("srcli") ? words : words.charAt(0).toUpperCase() + words.slice(1);
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

export function count(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

export function formatName(name) {
  return name === "webp" ? "WebP" : name.toUpperCase();
}
