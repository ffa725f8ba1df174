// Our own dialogs: to confirm, to name something. The browser's <dialog> keeps the focus inside and gives it back.

import { asTrouble } from "./api.js";
import { button, icon, iconButton, make } from "./dom.js";
import { t } from "./words.js";

let made = 0;

// A modal dialog with a title; closing it by any way removes it. `act(dialog)` fills the row of buttons.
export function open({ title, content = [], actions = [], wide = false }) {
  made += 1;
  const id = `dialog-${made}`;
  const dialog = make("dialog", { className: wide ? "dialog wide" : "dialog", "aria-labelledby": id });
  const form = make("form", { method: "dialog" },
    make("header", { className: "dialog-head" },
      make("h2", { id, textContent: title }),
      iconButton(t("close"), "close", () => dialog.close("cancel"), "quiet")),
    make("div", { className: "dialog-body" }, ...content),
    make("footer", { className: "dialog-foot" }, ...actions));
  dialog.append(form);
  dialog.addEventListener("close", () => dialog.remove());
  // A click on what lies behind closes it, as Escape does.
  dialog.addEventListener("mousedown", (event) => event.target === dialog && dialog.close("cancel"));
  document.body.append(dialog);
  dialog.showModal();
  return dialog;
}

// Not a submit button: as the first of its form it would be what Enter presses.
export const cancelButton = () => button(t("cancel"), { click: (event) => event.target.closest("dialog").close("cancel") });

// Asks before something that cannot be undone; what fails is said in the dialog, which stays.
export function confirm({ title, text, action, act }) {
  return new Promise((resolve) => {
    const problem = make("p", { className: "notice bad", role: "alert", hidden: true });
    const go = button(action, { kind: "danger solid" });
    const dialog = open({ title, content: [make("p", {}, ...text), problem], actions: [cancelButton(), go] });
    go.addEventListener("click", async () => {
      if (await tried(go, problem, act)) dialog.close("done");
    });
    dialog.addEventListener("close", () => resolve(dialog.returnValue === "done"));
    dialog.querySelector(".dialog-foot .button").focus();
  });
}

// Asks for one line of text.
export function askName({ title, label, value = "", action, act, most = 200, isRequired = true }) {
  const input = make("input", { id: "dialog-name", name: "name", className: "input", value, maxLength: most, required: isRequired, autocomplete: "off" });
  const problem = make("p", { className: "notice bad", role: "alert", hidden: true });
  const go = button(action, { kind: "primary", type: "submit" });
  const dialog = open({
    title,
    content: [make("label", { className: "label", htmlFor: "dialog-name", textContent: label }), input, problem],
    actions: [cancelButton(), go],
  });
  dialog.querySelector("form").addEventListener("submit", async (event) => {
    if (event.submitter !== go) return;
    event.preventDefault();
    if (await tried(go, problem, () => act(input.value))) dialog.close("done");
  });
  input.select();
  input.focus();
}

async function tried(go, problem, act) {
  go.disabled = true;
  problem.hidden = true;
  try {
    await act();
    return true;
  } catch (error) {
    problem.replaceChildren(icon("alert"), make("span", { textContent: asTrouble(error).text }));
    problem.hidden = false;
    return false;
  } finally {
    go.disabled = false;
  }
}

// A short word in the corner that goes by itself.
export function toast(text, bad = false) {
  const place = document.getElementById("toasts");
  const one = make("p", { className: bad ? "toast bad" : "toast" }, icon(bad ? "alert" : "check"), make("span", {}, text));
  place.append(one);
  setTimeout(() => one.remove(), bad ? 9000 : 4000);
}
