import { bytes, limitBytes, megapixels } from "./words.js";

// What the server would refuse, known before anything is sent: a problem document, or null.
export function refusal(item, limits, [width, height]) {
  if (item.file.size === 0) return problem("Empty file", `${item.name} is empty`, "choose the picture again");
  if (item.file.size > limits.upload_bytes) {
    const words = `${item.name} has ${bytes(item.file.size)}, and an upload may have ${limitBytes(limits.upload_bytes)}`;
    return problem("Too large to send", words, "start srcli serve with a larger --max-upload");
  }
  if (!item.width) return null;
  if (item.width * item.height > limits.input_pixels) {
    const words = `${item.name} has ${megapixels(item.width * item.height)}, and a picture may have ${megapixels(limits.input_pixels)}`;
    return problem("Too many pixels", words, "start srcli serve with a larger --max-input-megapixels");
  }
  if (width * height > limits.output_pixels) {
    const words = `the result would have ${megapixels(width * height)}, and may have ${megapixels(limits.output_pixels)}`;
    return problem("Too many pixels", words, "choose a smaller size, or start srcli serve with a larger --max-megapixels");
  }
  return null;
}

function problem(title, detail, hint) {
  return { title, detail, hint, code: "over-limit" };
}

export function limitWords(limits) {
  const kept = Math.round(limits.keep_seconds / 60);
  return [
    `Up to ${limitBytes(limits.upload_bytes)} and ${megapixels(limits.input_pixels)} each;`,
    `results up to ${megapixels(limits.output_pixels)}, kept for ${kept} min.`,
  ].join(" ");
}
