import { bytes, duration, place, size } from "./words.js";

// One line that says where an item stands.
export function status(item) {
  return (WORDS[item.phase] ?? (() => item.phase))(item, item.job);
}

const WORDS = {
  staged: (item) => (item.width ? size(item.width, item.height) : bytes(item.file.size)),
  waiting: (item) => (item.full ? "waiting for a place on the server" : "waiting to be sent"),
  sending: (item) => `sending, ${Math.floor(100 * item.sent)} %`,
  queued: (item, job) => (job.canceling ? "being canceled" : job.position ? place(job.position) : "in line"),
  running: (item, job) => (job.canceling ? "being canceled" : running(job)),
  succeeded: (item, { output }) => size(output.width, output.height),
  failed: () => "failed",
  refused: () => "not accepted",
  canceled: () => "canceled",
  lost: () => "no longer on the server",
};

function running({ done, total, seconds_left: left }) {
  const tiles = total ? `tile ${Math.min(done + 1, total)} of ${total}` : "being read";
  return left === null || left === undefined ? tiles : `${tiles}, ${duration(left)} left`;
}

// 0..1, or null where nobody knows yet.
export function share(item) {
  if (item.phase === "sending") return item.sent;
  if (item.phase === "running" && item.job.total) return item.job.done / item.job.total;
  return null;
}
