// The server's answers. Addresses are relative, so that the page works below any path of a proxy.

const SILENT = {
  title: "No answer",
  detail: "the server does not answer",
  hint: "see whether srcli serve still runs, then try again",
  code: "no-answer",
};

// What went wrong, as a problem document: {title, detail, hint, code, status, ...}.
export class Problem extends Error {
  constructor(document) {
    super(document.detail ?? document.title);
    this.document = document;
  }
}

export async function ask(address, options = {}) {
  let answer;
  try {
    answer = await fetch(address, { cache: "no-store", ...options });
  } catch {
    throw new Problem(SILENT);
  }
  const text = await answer.text();
  if (!answer.ok) throw new Problem(readProblem(answer.status, text, (name) => answer.headers.get(name)));
  return text ? JSON.parse(text) : null;
}

// Send a file as it is. fetch cannot tell how much has been sent, XMLHttpRequest can.
export function send(method, address, file, onSent) {
  const request = new XMLHttpRequest();
  const done = new Promise((resolve, reject) => {
    request.open(method, address);
    request.setRequestHeader("Content-Type", "application/octet-stream");
    request.upload.addEventListener("progress", (event) => onSent(event.loaded / (event.total || file.size || 1)));
    request.addEventListener("load", () => {
      if (request.status < 300) resolve(JSON.parse(request.responseText));
      else reject(new Problem(readProblem(request.status, request.responseText, (name) => request.getResponseHeader(name))));
    });
    request.addEventListener("error", () => reject(new Problem(SILENT)));
    request.addEventListener("abort", () => reject(new Problem({ title: "Canceled", detail: "canceled", code: "canceled" })));
    request.send(file);
  });
  return { done, stop: () => request.abort() };
}

// A proxy on the way may answer with a page of its own instead of a problem document.
function readProblem(status, text, header) {
  const retry = Number(header("Retry-After")) || null;
  try {
    return { status, retry, ...JSON.parse(text) };
  } catch {
    const words = status === 413 ? "an upload this large is refused on the way to srcli" : `the answer was ${status}`;
    return { status, retry, title: "Unexpected answer", detail: words, code: "unexpected" };
  }
}
