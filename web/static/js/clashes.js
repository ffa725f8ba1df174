// Files whose name is taken: new version, keep both or skip; decided for all of them or for each.

import { button, icon, make, pathNamed, plain } from "./dom.js";
import { cancelButton, open } from "./dialogs.js";
import { count, t } from "./words.js";

const CHOICES = ["version", "keep_both", "skip"];

function choice(label, value, on = {}) {
  const options = CHOICES.map((one) => make("option", { value: one, textContent: t(`clash.${one}`) }));
  const select = make("select", { className: "input", "aria-label": label, on }, ...options);
  select.value = value;
  return [make("span", { className: "select" }, select, icon("down")), select];
}

// The choice for each of the files, by its path; null where the reader thought better of it.
export function decide(files) {
  return new Promise((resolve) => {
    const selects = new Map();
    const rows = files.map(({ path }) => {
      const [box, select] = choice(t("clash.for", { name: plain(path) }), "version");
      selects.set(path, select);
      return make("li", {}, make("span", { className: "clash-name" }, icon("file"), pathNamed(path)), box);
    });
    const everyone = () => {
      const [box, select] = choice(t("clash.all"), "version", {
        change: () => selects.forEach((one) => (one.value = select.value)),
      });
      return make("div", { className: "clash-all" }, make("span", {}, t("clash.all")), box);
    };
    const go = button(t("continue"), { kind: "primary", type: "submit", value: "go" });
    const dialog = open({
      title: t("clash.title"),
      content: [
        make("p", {}, count("clash.text", files.length)),
        ...(files.length > 1 ? [everyone()] : []),
        make("ul", { className: "clashes" }, ...rows),
        make("dl", { className: "legend" }, ...CHOICES.flatMap((one) => [make("dt", {}, t(`clash.${one}`)), make("dd", {}, t(`clash.${one}.text`))])),
      ],
      actions: [cancelButton(), go],
      wide: true,
    });
    dialog.addEventListener("close", () => {
      const made = new Map([...selects].map(([path, select]) => [path, select.value]));
      resolve(dialog.returnValue === "go" ? made : null);
    });
    dialog.querySelector("select").focus();
  });
}
