import { element } from "../viewer/dom.js";
import { ask, Problem } from "./api.js";

// See to it that there is a session: with the token of the address (#token=...), or one that is asked for.
export async function enter() {
  const parameters = new URLSearchParams(location.hash.slice(1));
  const token = parameters.get("token");
  if (token !== null) {
    // A token does not stay in the address, where it would be copied and kept.
    parameters.delete("token");
    const rest = parameters.toString();
    history.replaceState(null, "", rest ? `#${rest}` : location.pathname + location.search);
    if (await trade(token)) return;
  } else if (await isKnown()) {
    return;
  }
  await askForToken();
}

// A server that was started again knows no session of before.
export async function enterAgain() {
  if (!(await trade(null))) await askForToken();
}

async function isKnown() {
  try {
    await ask("v1/limits");
    return true;
  } catch (error) {
    if (error instanceof Problem && error.document.status === 401) return false;
    throw error;
  }
}

async function trade(token) {
  try {
    const headers = token === null ? {} : { Authorization: `Bearer ${token}` };
    await ask("v1/session", { method: "POST", headers });
    return true;
  } catch (error) {
    if (error instanceof Problem && error.document.status === 401) return false;
    throw error;
  }
}

// Made only where it is needed: browsers offer to fill any password field that they see.
function tokenDialog() {
  const field = element("input", { id: "token", name: "token", type: "password", autocomplete: "current-password", required: true });
  const wrong = element("p", { id: "token-wrong", role: "alert", hidden: true, textContent: "This is not the token." });
  const form = element(
    "form",
    { method: "dialog" },
    element("h2", { id: "token-title", textContent: "A token, please" }),
    element("p", { className: "fine", textContent: "This server was started with one. Ask for it where the server runs." }),
    element("input", { type: "text", name: "username", autocomplete: "username", value: "srcli", hidden: true }),
    element("label", { className: "field", htmlFor: "token" }, "Token", field),
    wrong,
    element("button", { type: "submit", className: "primary", textContent: "Enter" }),
  );
  const dialog = element("dialog", { id: "token-dialog", "aria-labelledby": "token-title" }, form);
  dialog.addEventListener("cancel", (event) => event.preventDefault());
  document.body.append(dialog);
  return { dialog, form, field, wrong };
}

function askForToken() {
  const { dialog, form, field, wrong } = tokenDialog();
  dialog.showModal();
  return new Promise((resolve) => {
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (await trade(field.value)) {
        dialog.remove();
        resolve();
      } else {
        wrong.hidden = false;
        field.select();
      }
    });
  });
}
