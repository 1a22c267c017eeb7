// What was measured of a pane: {psnr, ssim, seconds, identical}, each absent or null where it wasn't.
export function figures(pane) {
  const words = [];
  if (pane.identical) words.push("identical");
  else if (typeof pane.psnr === "number") words.push(`${pane.psnr.toFixed(2)} dB`, pane.ssim.toFixed(4));
  if (typeof pane.seconds === "number") words.push(`${pane.seconds.toFixed(2)} s`);
  return words;
}

export function isBest(pane, panes) {
  const measured = panes.filter((other) => typeof other.psnr === "number").map((other) => other.psnr);
  return pane.identical === true || (typeof pane.psnr === "number" && pane.psnr === Math.max(...measured));
}
