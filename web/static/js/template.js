// The form of a template: kept, deleted, and tried on a document before it is kept.

import { asTrouble, json } from "./api.js";
import { confirm } from "./dialogs.js";
import { $, given, icon, make, named } from "./dom.js";
import { Scope } from "./scope.js";
import { t } from "./words.js";

const PATH = "/api/v1/summary-templates";
const POLL_MS = 700;
const ENDED = ["done", "failed", "cancelled", "forbidden"];
const { template } = given();
const form = $("template");

const listed = (text, separator) => text.split(separator).map((one) => one.trim()).filter(Boolean);

function told() {
  const fields = new FormData(form);
  return {
    title: fields.get("title").trim(),
    description: fields.get("description").trim(),
    instructions: fields.get("instructions").trim(),
    headings: listed(fields.get("headings"), "\n"),
    words: listed(fields.get("words"), ","),
    figures: fields.has("figures"),
    shared: fields.has("shared"),
  };
}

function fail(error) {
  $("problem").replaceChildren(icon("alert"), make("span", {}, error.message || asTrouble(error).text));
  $("problem").hidden = false;
}

async function tried(act) {
  $("problem").hidden = true;
  try {
    await act();
  } catch (error) {
    fail(error);
  }
}

function show(job) {
  const statements = (job.result?.statements ?? []).map(({ text }) => make("li", { className: "sentence", dir: "auto" }, text));
  const state = statements.length ? "" : make("p", { className: "muted" }, ENDED.includes(job.state) ? t("preview.none") : t("preview.writing"));
  const link = make("a", { href: `/summaries/${job.id}`, target: "_blank" }, t("preview.open"));
  $("previewed").hidden = false;
  $("previewed").replaceChildren(make("h2", {}, t("preview")), make("div", { className: "answer quoted" }, state, make("ul", { className: "statements" }, ...statements)), make("p", { className: "small" }, link));
}

async function preview(document) {
  let job = await json("POST", `${PATH}/preview`, { body: { ...told(), document } });
  show(job);
  while (!ENDED.includes(job.state)) {
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
    job = await json("GET", `/api/v1/jobs/${job.id}`);
  }
  show(job);
}

function setUpPreview() {
  const scope = new Scope();
  scope.onChange = () => {
    const [document] = scope.body.filters?.documents ?? [];
    if (document) tried(() => preview(document));
  };
  $("preview").addEventListener("click", () => form.reportValidity() && scope.choose());
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  tried(async () => {
    await json(template ? "PUT" : "POST", template ? `${PATH}/${template}` : PATH, { body: told() });
    location.assign("/summary-templates");
  });
});

$("remove")?.addEventListener("click", async ({ currentTarget }) => {
  const done = await confirm({
    title: t("template.delete"),
    text: [named(currentTarget.dataset.name), ". ", t("template.delete.text")],
    action: t("delete"),
    act: () => json("DELETE", `${PATH}/${template}`),
  });
  if (done) location.assign("/summary-templates");
});

if ($("preview")) setUpPreview();
