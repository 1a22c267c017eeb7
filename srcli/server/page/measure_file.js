// A browser that shows a picture at once may still need a gigabyte to do so.
const LARGEST_PREVIEW_PIXELS = 40e6;

// Find width and height of a local picture, and an address to show it by; nothing where the browser can't read it.
export async function measureFile(file) {
  const address = URL.createObjectURL(file);
  const image = new Image();
  const loaded = new Promise((resolve) => {
    image.addEventListener("load", () => resolve(true));
    image.addEventListener("error", () => resolve(false));
  });
  image.src = address;
  if (!(await loaded)) {
    URL.revokeObjectURL(address);
    return {};
  }
  const { naturalWidth: width, naturalHeight: height } = image;
  if (width * height <= LARGEST_PREVIEW_PIXELS) return { width, height, preview: address };
  URL.revokeObjectURL(address);
  return { width, height };
}
