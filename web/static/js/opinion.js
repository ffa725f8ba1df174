// What whoever asked thinks of an answer: two buttons, and for a bad one a dialog for the reason.

import { asTrouble, json } from "./api.js";
import { cancelButton, open, toast } from "./dialogs.js";
import { button, icon, iconButton, make } from "./dom.js";
import { t } from "./words.js";

const REASONS = ["wrong", "incomplete", "not_found", "wrong_source", "outdated", "unclear", "harmful", "other"];
const MOST = 1000;

export function opinion(answerId, given) {
  const path = `/api/v1/answers/${answerId}/feedback`;
  let current = given;
  const up = iconButton(t("feedback.up"), "thumb-up", () => rate("up"), "quiet");
  const down = iconButton(t("feedback.down"), "thumb-down", () => rate("down"), "quiet");

  function show() {
    up.setAttribute("aria-pressed", String(current?.rating === "up"));
    down.setAttribute("aria-pressed", String(current?.rating === "down"));
  }

  async function rate(rating) {
    try {
      if (current?.rating === rating) {
        await json("DELETE", path);
        current = null;
        toast(t("feedback.taken"));
      } else if (rating === "up") {
        current = await json("PUT", path, { body: { rating } });
        toast(t("feedback.thanks"));
      } else {
        current = (await askReason(path)) ?? current;
      }
    } catch (error) {
      toast(asTrouble(error).text, true);
    }
    show();
  }

  show();
  return make("span", { className: "opinion", role: "group", "aria-label": t("feedback") }, up, down);
}

// The feedback as it was stored, or null where the reader thought better of it.
function askReason(path) {
  const reasons = REASONS.map((code, place) => make("label", { className: "choice" },
    make("input", { type: "radio", name: "reason", value: code, autofocus: place === 0 }), make("span", {}, t(`feedback.reason.${code}`))));
  const text = make("textarea", { id: "feedback-text", name: "text", className: "input", rows: 3, maxLength: MOST });
  const problem = make("p", { className: "notice bad", role: "alert", hidden: true });
  const go = button(t("feedback.send"), { kind: "primary", type: "submit" });
  const dialog = open({
    title: t("feedback.title"),
    content: [
      make("fieldset", { className: "reasons" }, make("legend", { className: "label" }, t("feedback.reason")), ...reasons),
      make("label", { className: "label", htmlFor: "feedback-text", textContent: t("feedback.text") }), text,
      make("p", { className: "muted small" }, t("feedback.seen")), problem],
    actions: [cancelButton(), go],
  });
  return new Promise((resolve) => {
    let stored = null;
    dialog.querySelector("form").addEventListener("submit", async (event) => {
      if (event.submitter !== go) return;
      event.preventDefault();
      go.disabled = true;
      const reason = dialog.querySelector("input[name=reason]:checked")?.value ?? null;
      try {
        stored = await json("PUT", path, { body: { rating: "down", reason, text: text.value } });
        dialog.close("done");
        toast(t("feedback.thanks"));
      } catch (error) {
        problem.replaceChildren(icon("alert"), make("span", { textContent: asTrouble(error).text }));
        problem.hidden = false;
      }
      go.disabled = false;
    });
    dialog.addEventListener("close", () => resolve(stored));
  });
}
