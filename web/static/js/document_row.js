// One document as a row of the list: how far it is read, what went wrong and what can be done about it.

import { icon, iconButton, make, named, pathNamed, plain, button } from "./dom.js";
import { day, number, size, stageName, statusName, t, timeLeft, trouble, warning } from "./words.js";

const LOOKS = {
  ready: ["good", "check"],
  queued: ["quiet", "clock"],
  processing: ["busy", "clock"],
  failed: ["bad", "alert"],
  password_required: ["bad", "lock"],
  quarantined: ["warn", "shield"],
};
const SETTLED = new Set(["ready", "failed", "password_required", "quarantined"]);

// A document that is ready may be read once more meanwhile.
export const isSettled = (item) => SETTLED.has(item.status) && !item.in_progress;
export const needsHelp = (item) => isSettled(item) && item.status !== "ready";

export function row(item, acts) {
  const line = make("tr", { data: { id: item.id } },
    make("td", { className: "name" }, nameLink(item), tags(item), ...item.warnings.map(badge)),
    make("td", { className: "state" }, ...state(item, acts)),
    make("td", { className: "number pages" }, item.pages ? number(item.pages) : ""),
    make("td", { className: "number size" }, size(item.size)),
    make("td", { className: "added" }, make("time", { dateTime: item.created_at }, day(item.created_at))),
    make("td", { className: "actions" }, acts ? iconButton(t("document.delete.named", { name: plain(item.filename) }), "trash", () => acts.remove(item), "quiet danger") : ""));
  return line;
}

function nameLink(item) {
  const versions = item.version > 1 ? make("span", { className: "tag", textContent: t("version.n", { n: item.version }) }) : "";
  return make("span", { className: "document-name" }, icon("file"), make("a", { href: `/documents/${item.id}` }, pathNamed(item.path)), versions);
}

function tags(item) {
  return item.tags.length ? make("span", { className: "tags" }, ...item.tags.map((tag) => named(tag, "tag"))) : "";
}

// A warning: quiet, with its explanation a click away.
export function badge(code) {
  const [title, text] = warning(code);
  return make("details", { className: "badge" }, make("summary", {}, icon("info"), make("span", {}, title)), make("p", {}, text));
}

export function state(item, acts) {
  if (item.status === "processing" || (item.status === "ready" && item.in_progress)) return progress(item);
  const [look, symbol] = LOOKS[item.status] ?? LOOKS.queued;
  const title = item.error ? (trouble(item.error.code)?.[0] ?? statusName(item.status)) : statusName(item.status);
  const parts = [make("span", { className: `status ${look}` }, icon(symbol), make("span", {}, title))];
  if (item.error) parts.push(make("span", { className: "why", textContent: trouble(item.error.code)?.[1] || item.error.message }));
  if (item.status === "failed" && acts) {
    parts.push(button(t("retry"), { iconName: "retry", kind: "small", click: () => acts.retry(item), "aria-label": t("retry.named", { name: plain(item.filename) }) }));
  }
  return parts;
}

export function stageText({ stage, done, total, seconds_left: left }) {
  const name = stageName(stage);
  const far = total > 1 ? t("stage.counted", { stage: name, done: number(done), total: number(total) }) : name;
  return left === null ? far : `${far}, ${timeLeft(left)}`;
}

function progress(item) {
  const { done, total } = item.progress;
  const text = stageText(item.progress);
  const bar = make("progress", { className: "progress", "aria-label": `${plain(item.filename)}: ${text}` });
  if (total > 1) Object.assign(bar, { max: total, value: done });
  return [make("span", { className: "status busy" }, make("span", { className: "pulse" }), make("span", { className: "stage", textContent: text })), bar];
}
